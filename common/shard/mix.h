/*
 * mix.h: an endless mix of the records of several shards, by weight.
 *
 * The source of record i is drawn with a probability proportional to its weight; it depends
 * only on the seed and on i. Each source gives its records in a random order, all of them once
 * in a pass, and in another order in each pass.
 */
#ifndef SHARD_MIX_H
#define SHARD_MIX_H

#include "shard/shard.h"

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

/**
 * Load the sources into memory. They may be shards of any kind but tokens. RF_OK,
 * shard_load()'s errors, RF_EFORMAT (kinds, vocabularies or classes differ, or a source has no
 * record).
 */
MUST_CHECK int mix_open(struct mix **m, const struct mix_source *sources, size_t n,
                        uint64_t seed, struct errbuf *eb);

/** Returns the info of the mix. It has the largest maximum length, and the chains of all
 * sources; equal chains stand there once. */
const struct shard_info *mix_info(const struct mix *m);

/** Returns the number of records of all sources together. */
uint64_t mix_count(const struct mix *m);

/** Go to a record. All choices before it are drawn again, about 10^8 in a second. */
void mix_seek(struct mix *m, uint64_t record);

/** Where the next record lies: in which source, and in which of its passes. mix_draw() also
 * moves on to the record after it. */
struct mix_place {
    size_t source;
    uint64_t record, pass;
};
struct mix_place mix_draw(struct mix *m);

/** Returns the records of a source. */
const struct shard_set *mix_set(const struct mix *m, size_t source);

/** Give the next record; its arrays live until the next call. */
void mix_next(struct mix *m, struct shard_record *r);

/** Free; NULL is fine. */
void mix_free(struct mix *m);

#endif
