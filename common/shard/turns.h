/*
 * turns.h: whose turn it is, of sources that take turns by weight.
 *
 * Turn i goes to the source in whose part of [0, 1) the number i phi + c lies, modulo 1, where
 * phi is the golden ratio: each source's turns are spread as evenly as they can be. So how many
 * turns each had before any turn is known without going through them.
 */
#ifndef SHARD_TURNS_H
#define SHARD_TURNS_H

#include <stddef.h>
#include <stdint.h>

struct turns {
    uint64_t *limit; /* [n] where the part of each source ends, in 2^-32; borrowed */
    size_t n;
    uint32_t start; /* c, likewise */
};

/** Fill in t->limit from weights above 0: weight(self, i) is that of source i. */
void turns_begin(struct turns *t, double (*weight)(const void *self, size_t i),
                 const void *self);

/** Returns the source of turn i. */
size_t turns_whose(const struct turns *t, uint64_t i);

/** Returns how many of the turns before turn i are a source's. */
uint64_t turns_before(const struct turns *t, size_t source, uint64_t i);

#endif
