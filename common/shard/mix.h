/*
 * mix.h: the records of several shards, mixed by weight without end.
 *
 * Record i comes from a source that is drawn by seed and i alone, in proportion to the weights;
 * each source gives its records in random order, all of them once a pass, each pass in another.
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
 * Read "NAME=WEIGHT", or "NAME" with weight 1; `text` is cut at the sign, and the name lies in
 * it. A weight is above 0. RF_OK or RF_EUSAGE.
 */
MUST_CHECK int mix_source_read(struct mix_source *s, char *text, struct errbuf *eb);

/**
 * Load the sources, shards of kind sequences or masked, into memory. RF_OK, shard_load()'s
 * errors, RF_EFORMAT (kinds or vocabularies differ, no record in one).
 */
MUST_CHECK int mix_open(struct mix **m, const struct mix_source *sources, size_t n,
                        uint64_t seed, struct errbuf *eb);

/** Of the mix: the largest maximum length, and the chains of all sources, equal ones once. */
const struct shard_info *mix_info(const struct mix *m);

/** Records of all sources together. */
uint64_t mix_count(const struct mix *m);

/** Go to a record. The choices up to it are drawn again: some 10^8 a second. */
void mix_seek(struct mix *m, uint64_t record);

/** Which record is next: of which source, in which of its passes. The mix goes on behind it. */
struct mix_place {
    size_t source;
    uint64_t record, pass;
};
struct mix_place mix_draw(struct mix *m);

/** The records of a source. */
const struct shard_set *mix_set(const struct mix *m, size_t source);

/** The next record; its arrays live until the next call. */
void mix_next(struct mix *m, struct shard_record *r);

/** Free; NULL is fine. */
void mix_free(struct mix *m);

#endif
