/* shard_payload.h: a data frame's payload: columns laid over bytes, records taken from them. */
#ifndef SHARD_SHARD_PAYLOAD_H
#define SHARD_SHARD_PAYLOAD_H

#include "shard/shard_format.h"

/** {0} before the first cut; holds the arrays of the record handed out last. */
struct shard_payload {
    const struct shard_info *info; /* borrowed */
    /* What is left of each column; the pointers lie in the payload's bytes. */
    const uint8_t *docs, *n_lens, *lens, *n_labels, *gaps, *labels, *ids;
    uint32_t records; /* left */
    uint64_t doc, total_labels;
    struct buf record_ids, record_labels, record_lens, record_positions;
};

/**
 * Lay columns over bytes[n], which must live until the last record is taken. All sums are
 * checked here. False if they do not fit.
 */
MUST_CHECK int shard_payload_cut(struct shard_payload *p, const struct shard_info *info,
                                 const struct shard_lead *lead, const void *bytes, size_t n);

/** The next record, where records > 0. RF_OK, RF_EFORMAT (it cannot be), RF_ENOMEM. */
MUST_CHECK int shard_payload_next(struct shard_payload *p, struct shard_record *r);

/** Free the arrays; p is {0} again. */
void shard_payload_free(struct shard_payload *p);

#endif
