/* pair_set.h: pairs of symbols by their key: upper bounds of their counts, and a small set of
 * them in which looking up what is not there is quick. For wprounds.c. */
#ifndef WORDPIECE_PAIR_SET_H
#define WORDPIECE_PAIR_SET_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** Returns the key of a pair, which is never 0. Keys are ordered as pairs are, by a and then by
 * b. */
static inline uint64_t pair_key(uint32_t a, uint32_t b)
{
    return ((uint64_t)a << 32 | b) + 1;
}

static inline uint64_t pair_hash(uint64_t key)
{
    return key * 0x9E3779B97F4A7C15u;
}

/**
 * How often pairs stand in a text, in bounded memory: each pair belongs to a cell by its hash,
 * and the cell holds the sum of its pairs, which no pair of it exceeds.
 */
struct pair_bounds {
    uint64_t *cell;
    unsigned bits; /* there are 2^bits cells */
};

/** Make cells of up to `memory` bytes, all 0. RF_OK or RF_ENOMEM. */
MUST_CHECK int pair_bounds_new(struct pair_bounds *b, uint64_t memory);

static inline void pair_bounds_add(struct pair_bounds *b, uint64_t key, uint64_t count)
{
    b->cell[pair_hash(key) >> (64 - b->bits)] += count;
}

/** Returns the smallest count, at least `least`, that at most n cells reach. */
uint64_t pair_bounds_reach(const struct pair_bounds *b, size_t n, uint64_t least);

/** Set bit i % 64 of reach[i / 64] if cell i reaches the count, and else clear it. */
void pair_bounds_that_reach(const struct pair_bounds *b, uint64_t *reach, uint64_t count);

void pair_bounds_free(struct pair_bounds *b);

/** A set of pairs, each with a number. */
struct pair_slot {
    uint64_t key; /* 0: free */
    uint32_t value;
};

struct pair_set {
    uint64_t *filter; /* a bit that is 0 says that no pair of this hash is in the set */
    struct pair_slot *slot;
    unsigned bits, filter_bits; /* there are 2^bits slots */
};

enum { PAIR_SET_BYTES = 48 }; /* the memory that a pair takes at most, if there are many */

/** Make an empty set for up to n pairs. RF_OK or RF_ENOMEM. */
MUST_CHECK int pair_set_new(struct pair_set *s, size_t n);

/** Put a pair that is not there. */
void pair_set_put(struct pair_set *s, uint64_t key, uint32_t value);

/** Returns the pair's number; UINT32_MAX if it is not there. */
static inline uint32_t pair_set_get(const struct pair_set *s, uint64_t key)
{
    uint64_t hash = pair_hash(key), bit = hash >> (64 - s->filter_bits);
    size_t mask = ((size_t)1 << s->bits) - 1, i = hash >> (64 - s->bits);

    if (!(s->filter[bit / 64] >> bit % 64 & 1))
        return UINT32_MAX;
    while (s->slot[i].key && s->slot[i].key != key)
        i = (i + 1) & mask;
    return s->slot[i].key ? s->slot[i].value : UINT32_MAX;
}

void pair_set_free(struct pair_set *s);

#endif
