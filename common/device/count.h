/*
 * count.h: a device that computes nothing and counts what it is asked for.
 *
 * Its memory has addresses and nothing behind them: who touches it ends the program, and a
 * model of any size fits. What comes back from it is 0. So what a model takes and does is known
 * from the calls that the model makes.
 */
#ifndef DEVICE_COUNT_H
#define DEVICE_COUNT_H

#include "nn/nn.h"

/** Operations are floating-point ones: 2 m n k of a product. Attention counts 4 D for each pair
 * of a query that is asked and a key that it meets, half of them where causality hides half,
 * and twice as many backward; a weighted sum of n numbers 2 n. What goes by elements counts
 * none. */
struct counts {
    double products; /* operations of ops that have a backward, or are one */
    double hashing;  /* those of lsh_hash() and draw_rows(), which have none */
    double bytes;    /* read and written: each array of a call, what is added to twice */
    uint64_t launches, uploads; /* calls that compute; upload()s */
    uint64_t waits;             /* calls that return when all before them is done */
};

/** What was asked of one op: "gemm_batch" (gemm() is one of it), "norm_fwd"; no uploads, no
 * waits. */
struct op_counts {
    const char *op;
    struct counts counts;
};

/** Such a device, with the facts of another; it has no peak. If it has memory of its own its
 * scratch is a card's, nn/card.h, else none. RF_OK or RF_ENOMEM. */
MUST_CHECK int count_open(struct nn **nn, const struct nn_about *like, struct errbuf *eb);

/** Whether a device is such a one, so that no step can be made on it. */
bool count_is(const struct nn *nn);

/** Of a device of count_open(), since then. */
struct counts count_so_far(const struct nn *nn);

/** The same by op, in the order in which each was first called; *ops is the device's, good
 * until its next call. Returns how many there are. */
size_t count_by_op(const struct nn *nn, const struct op_counts **ops);

#endif
