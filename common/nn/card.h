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

/** What a panel of logits may take. */
enum { CARD_LOGITS_BYTES = 256 << 20 };

/** The device's scratch_bytes(): an op has all of it while it runs, so that it is as large as
 * the greediest op's. A panel of logits, or what each round of hashing gives each position:
 * a vector, the largest logit and the sum. */
static inline size_t card_scratch_bytes(const struct attend_dims *attention, double rows,
                                        size_t V)
{
    const struct attend_dims *a = attention;
    double logits = rows * sizeof(float) * (double)V;
    size_t rounds = a->B * a->H * a->T * (a->R + 1) * (a->D + 2) * sizeof(float);

    logits = logits < CARD_LOGITS_BYTES ? logits : CARD_LOGITS_BYTES;
    return rounds > (size_t)logits ? rounds : (size_t)logits;
}

#endif
