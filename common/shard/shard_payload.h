/* shard_payload.h: the payload of a data frame. Columns are laid over its bytes, and records
 * taken from them. */
#ifndef SHARD_SHARD_PAYLOAD_H
#define SHARD_SHARD_PAYLOAD_H

#include "shard/shard_format.h"

/** {0} before the first cut. It holds the arrays of the last record handed out. */
struct shard_payload {
    const struct shard_info *info; /* borrowed */
    /* The rest of each column; these point into the bytes of the payload. */
    const uint8_t *docs, *n_lens, *lens, *n_labels, *gaps, *labels, *ids;
    uint32_t records; /* how many are left */
    uint32_t label_limit;
    uint64_t doc, total_labels;
    struct buf record_ids, record_labels, record_lens, record_positions;
};

/**
 * Lay columns over bytes[n], which must live until the last record is taken. All sums are
 * checked here. False if they do not fit.
 */
MUST_CHECK int shard_payload_cut(struct shard_payload *p, const struct shard_info *info,
                                 const struct shard_lead *lead, const void *bytes, size_t n);

/** Take the next record; `records` must be above 0. RF_OK, RF_EFORMAT (the record is not
 * allowed), RF_ENOMEM. */
MUST_CHECK int shard_payload_next(struct shard_payload *p, struct shard_record *r);

/** Free the arrays; p is {0} again. */
void shard_payload_free(struct shard_payload *p);

#endif
