/*
 * card.h: what is known of the device "cuda" without one: for planning a run, and for the
 * plugin itself, so that a plan and a card agree.
 */
#ifndef NN_CARD_H
#define NN_CARD_H

#include "nn/nn.h"

/** Of `bytes` that are free on a card, or that a card has in all: what a run may take. The rest
 * is for the driver's context and the kernels' code, cuBLAS' and the uploads' room, with other
 * ranks NCCL's, and because memory is given in pieces of 2 MiB. */
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
    a.dtype = dtype == NN_BF16X3 ? NN_FP32 : dtype;
    a.memory_bytes = memory_bytes;
    a.rows = 1 << 16;
    a.head_rows = 1 << 13;
    a.peak_n = 4096;
    return a;
}

/*
 * Scratch: an op has all of it while it runs, so that it is as large as the greediest op's. The
 * plugin asks for what is told here, and cuts it in this order.
 */

/** What a panel of logits may take; and, of attention where a position has several slots, what
 * these take. */
#ifndef CARD_LOGITS_BYTES /* tests want several panels of a few logits */
#define CARD_LOGITS_BYTES (256 << 20)
#endif
enum { CARD_SLOTS_BYTES = 256 << 20 };

/** Rows of a panel of logits, at least. */
enum { CARD_PANEL_LEAST = 16 };

/** Bytes of an array there, so that the next one is aligned too. */
static inline size_t card_part(size_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

/** Slots of a head's positions: one for each round that hashes, and ALIGNED one more. */
static inline size_t card_slots(const struct attend_dims *s)
{
    if (!attend_hashes(s))
        return s->T;
    return (s->kind == ATTEND_ALIGNED ? s->R + 1 : s->R) * s->T;
}

/** Whether a position has several, so that what is found is kept by slot. */
static inline bool card_by_slot(const struct attend_dims *s)
{
    return card_slots(s) > s->T;
}

/** Attention of so many heads at a time, forward or backward: two numbers of each position;
 * where it stands in each round, and where its bucket begins there; and what is kept by slot: a
 * vector, and two numbers forward or a second vector backward. */
static inline size_t card_pass_bytes(const struct attend_dims *s, size_t heads, bool backward)
{
    size_t T = heads * s->T, ints = attend_hashes(s) ? T * s->R : 0;
    size_t n = card_by_slot(s) ? heads * card_slots(s) : 0, more = backward ? n * s->D : 2 * n;

    return 2 * card_part(T * sizeof(float)) + 2 * card_part(ints * sizeof(int32_t)) +
           card_part(n * s->D * sizeof(float)) + card_part(more * sizeof(float));
}

/** Heads that are computed at a time, of B H; at least one. */
static inline size_t card_attend_heads(const struct attend_dims *s)
{
    size_t n = CARD_SLOTS_BYTES / card_pass_bytes(s, 1, true), heads = s->B * s->H;

    n = card_by_slot(s) && n < heads ? n : heads;
    return n ? n : 1;
}

/** Numbers that rows of logits lie apart: V, or more, so that each row is aligned as cuBLAS's
 * fastest kernels want it. */
static inline size_t card_logits_ld(size_t V)
{
    return (V + 7) / 8 * 8;
}

/** Rows of a panel of logits; all panels are about as large. */
static inline size_t card_panel_rows(size_t rows, size_t V)
{
    size_t fit = CARD_LOGITS_BYTES / (card_logits_ld(V) * sizeof(float)), panels;

    fit = fit < CARD_PANEL_LEAST ? CARD_PANEL_LEAST : fit;
    panels = (rows + fit - 1) / fit;
    return rows > fit ? (rows + panels - 1) / panels : rows;
}

/** Cross entropy: a panel of logits, and for NN_BF16 what is rounded: w, and of the panel x and
 * the gradients. */
static inline size_t card_head_bytes(enum nn_dtype dtype, size_t rows, size_t E, size_t V)
{
    size_t n = card_panel_rows(rows, V), z = n * card_logits_ld(V);

    if (dtype != NN_BF16)
        return card_part(z * sizeof(float));
    return card_part(z * sizeof(float)) + card_part(V * E * 2) + card_part(n * E * 2) + z * 2;
}

static inline size_t card_larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

/** The device's scratch_bytes(): the head, attention, and for NN_BF16 the operands of the
 * widest products, whose width is not known here, so that the usual four times the model's is
 * taken. */
static inline size_t card_scratch_bytes(const struct nn_about *about,
                                        const struct attend_dims *attention, double rows,
                                        size_t V)
{
    const struct attend_dims *s = attention;
    size_t E = s->heads * s->D, some = s->B * s->T, heads = card_attend_heads(s);
    size_t head = card_head_bytes(about->dtype, rows < 1 ? 1 : (size_t)rows, E, V);

    some = some < about->rows ? some : about->rows;
    if (about->dtype == NN_BF16)
        head = card_larger(head, (some + E) * 5 * E * 2);
    return card_larger(
        head, card_larger(card_pass_bytes(s, heads, false), card_pass_bytes(s, heads, true)));
}

#endif
