/*
 * symbol_pairs.h: pairs of symbols that stand side by side: how often each pair stands in a
 * text, in which words, and which pair is the most frequent. For wptrain.c.
 */
#ifndef WORDPIECE_SYMBOL_PAIRS_H
#define WORDPIECE_SYMBOL_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct symbol_pairs;

/** A pair and how often it stands in the text. A pair ranks higher if its count is higher, then
 * if a is smaller, then if b is smaller. */
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

/** Say that the pair (a, b) stands `by` times more, in word number `word` (below 2^32 - 1).
 * Words must come in order. */
void symbol_pairs_add(struct symbol_pairs *p, uint32_t a, uint32_t b, uint64_t by,
                      uint32_t word);

/** Say that the pair stands `by` times less somewhere. */
void symbol_pairs_sub(struct symbol_pairs *p, uint32_t a, uint32_t b, uint64_t by);

/** From now on forget, at the end of each round, the pairs that do not rank above `floor`, and
 * do not take them off. The caller knows that these will not rise above it again. */
void symbol_pairs_floor(struct symbol_pairs *p, const struct pair_rank *floor);

/** End a round: symbol_pairs_best() then sees the pairs that were added in it, and the pair
 * that was taken off has count 0. RF_OK, or RF_ENOMEM if any call so far had no memory. */
MUST_CHECK int symbol_pairs_settle(struct symbol_pairs *p);

/** Take off the pair with the highest rank. False if no pair stands anywhere. Call it
 * once a round. */
bool symbol_pairs_best(struct symbol_pairs *p, uint32_t *a, uint32_t *b, uint64_t *count);

/** Give a word in which the pair last taken off may stand; a word may come a few times. False
 * after the last one. */
bool symbol_pairs_word(struct symbol_pairs *p, uint32_t *word);

/** Free; NULL is fine. */
void symbol_pairs_free(struct symbol_pairs *p);

#endif
