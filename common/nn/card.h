/*
 * card.h: what is known of the device "cuda" without one: for planning a run, and for the
 * plugin itself, so that a plan and a card agree.
 */
#ifndef NN_CARD_H
#define NN_CARD_H

#include "nn/nn.h"

/** Of `bytes` that are free on a card, or that a card has in all: what a run may take. The rest
 * is for the driver's context and the kernels' code, cuBLAS' and the uploads' room, and because
 * memory is given in pieces of 2 MiB. */
static inline size_t card_memory(size_t bytes)
{
    const size_t fixed = (size_t)512 << 20, share = bytes / 32;

    return bytes > fixed + share ? bytes - fixed - share : 0;
}

/** The facts of a device that may take so much memory. */
static inline struct nn_about card_about(size_t memory_bytes, enum nn_dtype dtype)
{
    struct nn_about a = {0};

    a.isa = "cuda";
    a.gemm = "cuBLAS";
    a.dtype = dtype;
    a.memory_bytes = memory_bytes;
    a.rows = 1 << 16;
    a.head_rows = 1 << 13;
    a.peak_n = 4096;
    return a;
}

/*
 * Scratch: an op has all of it while it runs, so that it is as large as the greediest op's. The
 * plugin cuts it in its own files; this is what they come to.
 */

/** What a panel of logits may take; and, of attention where a position meets keys in several
 * rounds, what these give it, but a head's at least. */
enum { CARD_LOGITS_BYTES = 256 << 20, CARD_ROUNDS_BYTES = 256 << 20 };

/** Bytes of an array there. */
static inline size_t card_part(size_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

/** Attention for so many heads at a time: two numbers of each position; where it stands in each
 * round, and where its bucket begins there; and, where there are several, what each round gives
 * it: a vector, and two numbers forward or a second vector backward. */
static inline size_t card_attend_bytes(const struct attend_dims *s, size_t heads)
{
    size_t T = heads * s->T, R = attend_hashes(s) ? s->R : 0;
    size_t times = s->kind == ATTEND_ALIGNED ? R + 1 : R;
    size_t n = times > 1 ? times * T : 0, more = n * (s->D > 2 ? s->D : 2);

    return 2 * card_part(T * sizeof(float)) + 2 * card_part(R * T * sizeof(float)) +
           card_part(n * s->D * sizeof(float)) + card_part(more * sizeof(float));
}

/** Heads that are computed at a time. */
static inline size_t card_attend_heads(const struct attend_dims *s)
{
    size_t all = s->B * s->H, some = CARD_ROUNDS_BYTES / card_attend_bytes(s, 1);

    if (!attend_hashes(s) || (s->kind == ATTEND_LSH && s->R == 1) || some > all)
        return all;
    return some ? some : 1;
}

/** Cross entropy: a panel of logits, rows a multiple of 8 numbers apart, and for NN_BF16 what
 * is rounded: w, and of the panel x and the gradients. */
static inline size_t card_head_bytes(const struct nn_about *a, size_t rows, size_t E, size_t V)
{
    size_t ld = (V + 7) / 8 * 8, fit = CARD_LOGITS_BYTES / (ld * sizeof(float)), panels, bytes;

    fit = fit < 16 ? 16 : fit;
    panels = (rows + fit - 1) / fit;
    rows = (rows + panels - 1) / panels;
    bytes = card_part(rows * ld * sizeof(float));
    if (a->dtype == NN_BF16)
        bytes += card_part(V * E * 2) + card_part(rows * E * 2) + rows * ld * 2;
    return bytes;
}

static inline size_t card_larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/** The device's scratch_bytes(): the head, attention, and for NN_BF16 the operands of the
 * largest product, of a feed-forward layer four times as wide as its input. */
static inline size_t card_scratch_bytes(const struct nn_about *about,
                                        const struct attend_dims *attention, double rows,
                                        size_t V)
{
    size_t E = attention->heads * attention->D, some = attention->B * attention->T;
    size_t head = card_head_bytes(about, rows < 1 ? 1 : (size_t)rows, E, V);
    size_t attend = card_attend_bytes(attention, card_attend_heads(attention));

    some = some < about->rows ? some : about->rows;
    if (about->dtype == NN_BF16)
        head = card_larger(head, (some + E) * 5 * E * 2);
    return card_larger(head, attend);
}

#endif
