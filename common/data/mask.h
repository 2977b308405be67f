/*
 * mask.h: the masked-LM choice (Devlin et al. 2019, section 3.1).
 *
 * A pure function of (seed, epoch, record number): mask-tokens and rf-train draw the same
 * positions.
 */
#ifndef DATA_MASK_H
#define DATA_MASK_H

#include "data/shard.h"

struct mask_cfg {
    double rate;        /* share of the ordinary tokens that get a label */
    double mask_part;   /* of those: share that becomes [MASK] */
    double random_part; /* of those: share that becomes a random one; the rest stays */
    uint64_t seed, epoch;
};
#define MASK_CFG_DEFAULT                                                                       \
    (struct mask_cfg)                                                                          \
    {                                                                                          \
        .rate = 0.15, .mask_part = 0.8, .random_part = 0.1, .seed = 1                          \
    }

/**
 * Choose positions in ids[n] and change them in place.
 *
 *   positions, labels  out, room for n each; *n_labels of them, positions ascending
 *   info               vocabulary size and special ids; special tokens are never chosen or
 *                      drawn
 *   record             the sequence's number in its shard, below 2^38
 *
 * round(rate * ordinary tokens) positions are chosen, at least one where there is an ordinary
 * token and rate > 0. RF_OK, or RF_EINVAL where the vocabulary has no [MASK].
 */
MUST_CHECK int mask_apply(const struct mask_cfg *cfg, const struct shard_info *info,
                          uint64_t record, int32_t *ids, size_t n, uint32_t *positions,
                          int32_t *labels, size_t *n_labels, struct errbuf *eb);

#endif
