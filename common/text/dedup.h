/*
 * dedup.h: sets of hashes with a common limit of memory, and hashes of windows of text.
 *
 * A set holds 64-bit hashes and no text. Two texts count as equal if their hashes are equal;
 * for two different texts this happens by chance once in 2^64 pairs.
 */
#ifndef TEXT_DEDUP_H
#define TEXT_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** The memory that several sets may take together. {.limit = bytes} is the state
 * at the start. */
struct budget {
    uint64_t limit, used;
};

/** Count n more bytes. False if they do not fit: then nothing is counted. */
static inline bool budget_take(struct budget *b, uint64_t n_bytes)
{
    if (n_bytes > b->limit - b->used)
        return false;
    b->used += n_bytes;
    return true;
}

/** {0} is empty. A set that is full keeps its hashes and takes no more. */
struct hashset {
    uint64_t *slots; /* 0: the slot is free */
    size_t n, size;  /* size: a power of two, or 0 */
    bool full;
};

bool hashset_has(const struct hashset *s, uint64_t hash);

/** Add a hash; nothing changes if it is there already. False if it does not fit into the budget
 * or the system has no memory: the set is then unchanged, and full from now on. */
bool hashset_add(struct hashset *s, uint64_t hash, struct budget *b);

/** Make the set empty but keep its memory. */
void hashset_clear(struct hashset *s);

void hashset_free(struct hashset *s);

/** The last step of splitmix64: each bit of x changes half of the bits of the result. */
static inline uint64_t mix64(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

/** A hash of the last `width` code points, which moves on by one code point at a time (Rabin
 * and Karp, modulo 2^64). */
struct roll {
    uint64_t sum, leaving; /* leaving: the base to the power of width */
    size_t width;
};

/** width must be above 0. */
static inline struct roll roll_start(size_t width)
{
    struct roll r = {0, 1, width};

    for (size_t i = 0; i < width; i++)
        r.leaving *= 0x9E3779B97F4A7C15u;
    return r;
}

/** Take cps[i], which must follow the code point taken before. Returns the hash of cps[i + 1 -
 * width .. i]; it is meaningless while i + 1 < width. */
static inline uint64_t roll_on(struct roll *r, const uint32_t *cps, size_t i)
{
    r->sum = r->sum * 0x9E3779B97F4A7C15u + mix64(cps[i] + 1);
    if (i >= r->width)
        r->sum -= r->leaving * mix64(cps[i - r->width] + 1);
    return mix64(r->sum);
}

#endif
