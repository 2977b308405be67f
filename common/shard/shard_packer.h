/* shard_packer.h: what a packer keeps, for shard_pack.c and the loops that learn and predict.
 */
#ifndef SHARD_SHARD_PACKER_H
#define SHARD_SHARD_PACKER_H

#include <stdbool.h>

#include "shard/shard_pack.h"

enum {
    ROW1 = 128,
    ROW2 = 3,
    ROW2_BITS = 20,
    PLACE_BITS = 21,
    GUESS_BITS = 17,
    HISTORY = 1 << 23, /* in symbols */
    TAG_SHIFT = 23,
    LENGTH_MAX = 255,
    CODE_MISS = 255,
};

/* The symbols that last followed the one before, the last one first. */
struct row1 {
    uint16_t next[ROW1];
};

struct pack_loops;

struct shard_packer {
    uint32_t symbols;
    struct row1 *row1; /* found by the symbol before */
    uint8_t *known1;   /* how many symbols each row1 was given */
    uint64_t *row2;    /* found by a hash of the two symbols before: a tag of 16 bits, lowest,
                          and ROW2 symbols, the last one first */
    uint32_t *place; /* found by a hash of the three symbols before: the place behind them, and
                        a tag */
    uint16_t *history; /* a ring */
    uint8_t *guess;    /* of unpacking alone: what a row2 will likely be, in less memory */
    uint64_t at;       /* number of symbols so far */
    uint64_t before;   /* the last four symbols, the last one lowest */
    unsigned trust;    /* higher if the last matches were long */
    const struct pack_loops *loops;
};

/* The output of packing, as pairs: a key in the high byte and a byte to write. The key is the
 * stream of a code, or the high byte of a miss. There is room for a pair more than is told. */
struct pairs {
    uint16_t *pair;
    size_t n;
};

/* The rest of each stream, and of the misses. */
struct unpacking {
    const uint8_t *at[PACK_STREAMS], *end[PACK_STREAMS];
    const uint16_t *miss, *end_miss; /* behind the end there is one that may be read */
};

/* The same for each instruction set; see shard_pack_body.h. */
struct pack_loops {
    const char *name;
    void (*pack)(struct shard_packer *p, const uint16_t *s, size_t n, struct pairs *codes,
                 struct pairs *misses);
    /* RF_OK or RF_EFORMAT. What is left of the streams is not looked at. */
    int (*unpack)(struct shard_packer *p, struct unpacking *u, uint16_t *s, size_t n);
};

extern const struct pack_loops pack_plain, pack_avx2, pack_avx512;

/** Returns the i-th loops that this machine can run, the best one first; NULL: it has no more.
 * A packer has the best ones, unless others are put into it. */
const struct pack_loops *shard_packer_loops(size_t i);

#endif
