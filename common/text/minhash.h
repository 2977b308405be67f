/*
 * minhash.h: which documents are nearly the same.
 *
 * How alike two texts are is the share that the sets of their shingles (all windows of so many
 * characters) have in common: the Jaccard similarity. A signature estimates it in 128 numbers
 * (Broder 1997), made in one pass (Li, Owen, Zhang 2012: one permutation hashing) with empty
 * bins filled from others (Shrivastava 2017: optimal densification). An index finds earlier
 * signatures that share a band of numbers, and compares those whole.
 */
#ifndef TEXT_MINHASH_H
#define TEXT_MINHASH_H

#include "text/dedup.h"

enum { MINHASH_N = 128 };

/** The share of numbers that two have in common is the estimate; its standard error is at most
 * 0.045. */
struct minhash {
    uint32_t least[MINHASH_N];
};

/** The signature of n code points with shingles of `width` (> 0). False: the text is shorter
 * than a shingle, and m is untouched. */
MUST_CHECK bool minhash_of(struct minhash *m, const uint32_t *cps, size_t n, size_t width);

struct near_index;

/**
 * An index for similarities of `threshold` (0 to 1, above 0) or more. The budget is borrowed
 * and shared. RF_OK with *x, to be given to near_free(); RF_ENOMEM.
 */
MUST_CHECK int near_new(struct near_index **x, double threshold, struct budget *budget);

/** Whether a signature in the index is alike by the threshold or more. A pair at the threshold
 * shares no band, and is missed, less than once in 200. */
bool near_has(const struct near_index *x, const struct minhash *m);

/** Add a signature. False: it does not fit into the budget; nothing is added any more. */
bool near_add(struct near_index *x, const struct minhash *m);

void near_free(struct near_index *x);

#endif
