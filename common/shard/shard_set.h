/*
 * shard_set.h: records in memory, for reading in any order: a whole shard, or a block of one.
 *
 * Numbers take as few bytes as they need: an id two if the vocabulary allows it.
 */
#ifndef SHARD_SHARD_SET_H
#define SHARD_SHARD_SET_H

#include "shard/shard.h"

struct shard_set;

/** Load a whole shard of any kind but tokens. RF_OK; RF_EFORMAT (a shard of tokens); RF_ERANGE
 * (rf-shard(5), Limits); or the errors of input_open() and shard_next(). */
MUST_CHECK int shard_load(struct shard_set **set, const char *name, struct errbuf *eb);

/** Whoever trains takes memory for the longest sequence that a header allows, so that it must
 * not allow far more than there is: RF_OK, or RF_ERANGE. `longest` is the longest that was
 * seen. */
MUST_CHECK int shard_max_len_check(const struct shard_info *info, size_t longest,
                                   const char *name, struct errbuf *eb);

/** Make an empty set for records of this kind and vocabulary; the info is copied without its
 * texts. RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_set_new(struct shard_set **set, const struct shard_info *info,
                             struct errbuf *eb);

/** Append a record that a reader gave. RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_set_add(struct shard_set *set, const struct shard_record *r);

/** Drop all records and keep the memory. */
void shard_set_clear(struct shard_set *set);

const struct shard_info *shard_set_info(const struct shard_set *set);
size_t shard_set_count(const struct shard_set *set);

/** Returns the bytes that the records of a set take, and those that so many would take. */
uint64_t shard_set_bytes(const struct shard_set *set);
uint64_t shard_set_bytes_of(const struct shard_info *info, const struct shard_totals *t);

/**
 * Give record i, which must be below the count: write its ids to ids[max_len] and, unless the
 * shard is of kind sequences, its positions to positions[max_len] and its labels to
 * labels[max_len]. *r then points to these arrays, which belong to the caller.
 */
void shard_set_get(const struct shard_set *set, size_t i, int32_t *ids, uint32_t *positions,
                   int32_t *labels, struct shard_record *r);

/** Returns the number of ids of record i. */
size_t shard_set_length(const struct shard_set *set, size_t i);

void shard_set_free(struct shard_set *set); /* NULL is fine */

#endif
