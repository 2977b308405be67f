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

/** RF_OK or RF_ENOMEM. */
MUST_CHECK int pairs_new(struct pairs **p);

/** The pair (a, b) stands `by` times more in word number `word` (below 2^32 - 1). */
void pairs_add(struct pairs *p, uint32_t a, uint32_t b, uint64_t by, uint32_t word);

/** It stands `by` times less somewhere. */
void pairs_sub(struct pairs *p, uint32_t a, uint32_t b, uint64_t by);

/** End a round: pairs_best() sees what was added in it, and the pair taken off counts nothing
 * any more. RF_OK, or RF_ENOMEM if any call so far had no memory. */
MUST_CHECK int pairs_settle(struct pairs *p);

/** Take the most frequent pair off, among equals the smallest by (a, b); false if none stands
 * anywhere. Once a round. */
bool pairs_best(struct pairs *p, uint32_t *a, uint32_t *b, uint64_t *count);

/** A word where the pair last taken off may stand, each at most a few times; false after the
 * last. */
bool pairs_word(struct pairs *p, uint32_t *word);

/** Free; NULL is fine. */
void pairs_free(struct pairs *p);

#endif
