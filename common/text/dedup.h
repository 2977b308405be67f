/*
 * dedup.h: sets of hashes under a common limit of memory, and hashes of windows of text.
 *
 * A set holds 64-bit hashes and no text: two texts are taken for equal where their hashes are,
 * by chance for one pair in 2^64.
 */
#ifndef TEXT_DEDUP_H
#define TEXT_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** What sets may take together; {.limit = bytes} is unused. */
struct budget {
    uint64_t limit, used;
};

/** Count n more bytes; false, and nothing is counted, where they do not fit. */
static inline bool budget_take(struct budget *b, uint64_t n_bytes)
{
    if (n_bytes > b->limit - b->used)
        return false;
    b->used += n_bytes;
    return true;
}

/** {0} is empty. A set that is full keeps what it has and takes no more. */
struct hashset {
    uint64_t *slots; /* 0: free */
    size_t n, size;  /* size: a power of two, or 0 */
    bool full;
};

bool hashset_has(const struct hashset *s, uint64_t hash);

/** Add a hash; one that is there changes nothing. False: it does not fit into the budget, or
 * the system has no memory; the set is full from then on, and as it was. */
bool hashset_add(struct hashset *s, uint64_t hash, struct budget *b);

/** Empty it, keep the memory. */
void hashset_clear(struct hashset *s);

void hashset_free(struct hashset *s);

/** splitmix64's finish: each bit of x changes half of the result's. */
static inline uint64_t mix64(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/** A hash of the last `width` code points, moved on one by one (Rabin and Karp, modulo 2^64).
 */
struct roll {
    uint64_t sum, leaving; /* leaving: the base to the power of width */
    size_t width;
};

/** width > 0. */
static inline struct roll roll_start(size_t width)
{
    struct roll r = {0, 1, width};

    for (size_t i = 0; i < width; i++)
        r.leaving *= 0x9E3779B97F4A7C15u;
    return r;
}

/** Take cps[i], the code point after the one before; the hash of cps[i + 1 - width .. i], which
 * is one only where i + 1 >= width. */
static inline uint64_t roll_on(struct roll *r, const uint32_t *cps, size_t i)
{
    r->sum = r->sum * 0x9E3779B97F4A7C15u + mix64(cps[i] + 1);
    if (i >= r->width)
        r->sum -= r->leaving * mix64(cps[i - r->width] + 1);
    return mix64(r->sum);
}

#endif
