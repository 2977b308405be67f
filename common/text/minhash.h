/*
 * minhash.h: finds documents that are nearly the same.
 *
 * A shingle is a window of so many characters. The similarity of two texts is the Jaccard
 * similarity of their sets of shingles: how many they share, divided by how many they have
 * together. A signature of 128 numbers estimates it (Broder 1997). It is made in one pass (Li,
 * Owen, Zhang 2012: one permutation hashing), and empty bins are filled from others
 * (Shrivastava 2017: optimal densification). An index finds earlier signatures that share a
 * band of numbers and compares the whole signatures of these.
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

/** Make the signature of n code points from shingles of `width` (> 0) characters. False if the
 * text is shorter than a shingle: m is untouched then. */
MUST_CHECK bool minhash_of(struct minhash *m, const uint32_t *cps, size_t n, size_t width);

struct near_index;

/**
 * Make an index for similarities of at least `threshold`, which is above 0 and at most 1. The
 * budget is borrowed and shared. RF_OK with *x, which near_free() takes back; RF_ENOMEM.
 */
MUST_CHECK int near_new(struct near_index **x, double threshold, struct budget *budget);

/** True if a signature in the index is similar by the threshold or more. A pair at the
 * threshold is missed, because it shares no band, less than once in 200. */
bool near_has(const struct near_index *x, const struct minhash *m);

/** Add a signature. False if it does not fit into the budget: then nothing is
 * added any more. */
bool near_add(struct near_index *x, const struct minhash *m);

void near_free(struct near_index *x);

#endif
