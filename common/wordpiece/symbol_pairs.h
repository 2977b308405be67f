/*
 * symbol_pairs.h: neighbouring symbols, how often each pair stands in a text, in which words,
 * and which is the most frequent. For wptrain.c.
 */
#ifndef WORDPIECE_SYMBOL_PAIRS_H
#define WORDPIECE_SYMBOL_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct symbol_pairs;

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
MUST_CHECK int symbol_pairs_new(struct symbol_pairs **p);

/** The pair (a, b) stands `by` times more in word number `word` (below 2^32 - 1). */
void symbol_pairs_add(struct symbol_pairs *p, uint32_t a, uint32_t b, uint64_t by,
                      uint32_t word);

/** It stands `by` times less somewhere. */
void symbol_pairs_sub(struct symbol_pairs *p, uint32_t a, uint32_t b, uint64_t by);

/**
 * Some pairs of a text only, in some of its words: a pair that stands so often in all of it,
 * and is not there yet; a word that holds it, if it is one of those (true). Words come in
 * order.
 */
void symbol_pairs_know(struct symbol_pairs *p, const struct pair_rank *pair);
bool symbol_pairs_found(struct symbol_pairs *p, uint32_t a, uint32_t b, uint32_t word);

/** From now on forget what does not rank above this, when a round ends: the caller knows that
 * it will not rise again. */
void symbol_pairs_floor(struct symbol_pairs *p, const struct pair_rank *floor);

/** End a round: symbol_pairs_best() sees what was added in it, and the pair taken off counts
 * nothing any more. RF_OK, or RF_ENOMEM if any call so far had no memory. */
MUST_CHECK int symbol_pairs_settle(struct symbol_pairs *p);

/** Take the pair of the highest rank off; false if none stands anywhere. Once a round. */
bool symbol_pairs_best(struct symbol_pairs *p, uint32_t *a, uint32_t *b, uint64_t *count);

/** A word where the pair last taken off may stand, each at most a few times; false after the
 * last. */
bool symbol_pairs_word(struct symbol_pairs *p, uint32_t *word);

/** Free; NULL is fine. */
void symbol_pairs_free(struct symbol_pairs *p);

#endif
