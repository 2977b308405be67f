/*
 * pairs.h: neighbouring symbols, how often each pair stands in a text, in which words, and
 * which is the most frequent. For wptrain.c.
 */
#ifndef DATA_PAIRS_H
#define DATA_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct pairs;

/** A pair and how often it stands. Pairs rank by that, then by a, then by b, smaller ones
 * first. */
struct pair_rank {
    uint64_t count;
    uint32_t a, b;
};

static inline bool pair_is_above(const struct pair_rank *x, const struct pair_rank *y)
{
    if (x->count != y->count)
        return x->count > y->count;
    return x->a != y->a ? x->a < y->a : x->b < y->b;
}

/** RF_OK or RF_ENOMEM. */
MUST_CHECK int pairs_new(struct pairs **p);

/** The pair (a, b) stands `by` times more in word number `word` (below 2^32 - 1). */
void pairs_add(struct pairs *p, uint32_t a, uint32_t b, uint64_t by, uint32_t word);

/** It stands `by` times less somewhere. */
void pairs_sub(struct pairs *p, uint32_t a, uint32_t b, uint64_t by);

/**
 * Some pairs of a text only, in some of its words: a pair that stands so often in all of it,
 * and is not there yet; a word that holds it, if it is one of those (true). Words come in
 * order.
 */
void pairs_know(struct pairs *p, const struct pair_rank *pair);
bool pairs_found(struct pairs *p, uint32_t a, uint32_t b, uint32_t word);

/** From now on forget what does not rank above this, when a round ends: the caller knows that
 * it will not rise again. */
void pairs_floor(struct pairs *p, const struct pair_rank *floor);

/** End a round: pairs_best() sees what was added in it, and the pair taken off counts nothing
 * any more. RF_OK, or RF_ENOMEM if any call so far had no memory. */
MUST_CHECK int pairs_settle(struct pairs *p);

/** Take the pair of the highest rank off; false if none stands anywhere. Once a round. */
bool pairs_best(struct pairs *p, uint32_t *a, uint32_t *b, uint64_t *count);

/** A word where the pair last taken off may stand, each at most a few times; false after the
 * last. */
bool pairs_word(struct pairs *p, uint32_t *word);

/** Free; NULL is fine. */
void pairs_free(struct pairs *p);

#endif
