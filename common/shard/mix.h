/*
 * mix.h: an endless mix of the records of several shards, by weight.
 *
 * Shards are held whole in memory, or read by blocks.
 *
 * Whole: the source of record i is drawn with a probability proportional to its weight; it
 * depends only on the seed and on i. Each source gives its records in a random order, all of
 * them once in a pass, and in another order in each pass.
 *
 * By blocks: sources take turns as turns.h says, and each gives its records in the order of
 * block_order.h. No record needs what comes before it.
 */
#ifndef SHARD_MIX_H
#define SHARD_MIX_H

#include <stdbool.h>

#include "shard/shard_blocks.h"
#include "shard/shard_set.h"

struct mix_source {
    const char *name;
    double weight;
};

struct mix;

/**
 * Read "NAME=WEIGHT", or "NAME", which has weight 1. `text` is cut at the sign, and the name
 * stays in it. A weight must be above 0. RF_OK or RF_EUSAGE.
 */
MUST_CHECK int mix_source_read(struct mix_source *s, char *text, struct errbuf *eb);

struct mix_cfg {
    uint64_t seed;
    uint64_t memory; /* sources read whole: bytes that they may take; 0: any number */
    bool by_blocks;
    bool in_order;   /* by blocks: records are asked for as they lie */
    uint64_t window; /* by blocks, in bytes: about so much of the sources, by weight, is mixed
                        at a time, but at least a block of each */
};

/**
 * Open the sources, or load them into memory. They may be shards of any kind but tokens. RF_OK;
 * the errors of shard_load() or shard_blocks_open(); RF_EFORMAT (kinds, vocabularies or classes
 * differ, or a source has no record); RF_ERANGE (more memory than allowed).
 */
MUST_CHECK int mix_open(struct mix **m, const struct mix_source *sources, size_t n,
                        const struct mix_cfg *cfg, struct errbuf *eb);

/** Returns the info of the mix. It has the largest maximum length, and the chains of all
 * sources; equal chains stand there once. */
const struct shard_info *mix_info(const struct mix *m);

/** Returns the number of records of all sources together. */
uint64_t mix_count(const struct mix *m);

/** Returns the number of records of a source. */
uint64_t mix_source_count(const struct mix *m, size_t source);

/** Returns the bytes of memory that the records take: of blocks, at most. */
uint64_t mix_bytes(const struct mix *m);

/** Sources read by blocks: hold so many bytes more of them, up to all, and return how many of
 * these were of use. */
uint64_t mix_hold_more(struct mix *m, uint64_t bytes);

/** Go to a record. By blocks, or where there is one source, this takes no time; else the
 * choices up to it are drawn where they were not before, about 10^8 in a second. */
void mix_seek(struct mix *m, uint64_t record);

/** Where the next record lies: in which source, and in which of its passes. mix_draw() also
 * moves on to the record after it. */
struct mix_place {
    size_t source;
    uint64_t record, pass;
};
struct mix_place mix_draw(struct mix *m);

/** Give a record as shard_set_get() does; the arrays have room for the maximum length of the
 * mix. RF_OK; by blocks also the errors of shard_blocks_get(). */
MUST_CHECK int mix_get(struct mix *m, const struct mix_place *at, int32_t *ids,
                       uint32_t *positions, int32_t *labels, struct shard_record *r,
                       struct errbuf *eb);

/** These return the records of a source: the one if it was read whole, the other if it is read
 * by blocks. */
const struct shard_set *mix_set(const struct mix *m, size_t source);
struct shard_blocks *mix_blocks(const struct mix *m, size_t source);

/** Give the next record; its arrays live until the next call. RF_OK or mix_get()'s errors. */
MUST_CHECK int mix_next(struct mix *m, struct shard_record *r, struct errbuf *eb);

/** Free; NULL is fine. */
void mix_free(struct mix *m);

#endif
