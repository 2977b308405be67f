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

/* --- scratch: an op has all of it while it runs, so that it is as large as the greediest op's
 */

/** What a panel of logits may take; and, of attention where a position meets keys in several
 * rounds, what these give it, but a head's at least. */
enum { CARD_LOGITS_BYTES = 256 << 20, CARD_ROUNDS_BYTES = 256 << 20 };

/** Times that a position takes part in attention. */
static inline size_t card_attend_times(const struct attend_dims *s)
{
    return s->kind == ATTEND_LSH ? s->R : s->kind == ATTEND_ALIGNED ? s->R + 1 : 1;
}

/** Scratch of attention for so many heads at a time: two numbers of each position, where it
 * stands in each round and where its bucket begins there; and what each round gives it, two
 * vectors backward, if there are several. */
static inline size_t card_attend_bytes(const struct attend_dims *s, size_t heads)
{
    size_t times = card_attend_times(s), numbers = 2 + (attend_hashes(s) ? 2 * s->R : 0);

    if (times > 1)
        numbers += 2 * times * s->D;
    return heads * s->T * numbers * sizeof(float);
}

/** Heads that are computed at a time. */
static inline size_t card_attend_heads(const struct attend_dims *s)
{
    size_t all = s->B * s->H, some = CARD_ROUNDS_BYTES / card_attend_bytes(s, 1);

    if (card_attend_times(s) == 1 || some > all)
        return all;
    return some ? some : 1;
}

/** The device's scratch_bytes(). */
static inline size_t card_scratch_bytes(const struct attend_dims *attention, double rows,
                                        size_t V)
{
    size_t attend = card_attend_bytes(attention, card_attend_heads(attention)), logits;
    double panel = rows * sizeof(float) * (double)V;

    logits = panel < CARD_LOGITS_BYTES ? (size_t)panel : (size_t)CARD_LOGITS_BYTES;
    return attend > logits ? attend : logits;
}

#endif
