/* masked_set.h: a whole shard in memory, as masked sequences. */
#ifndef DATA_MASKED_SET_H
#define DATA_MASKED_SET_H

#include "data/mask.h"

/** {0} is none. A shard of kind sequences is masked when a record is taken, as mask-tokens
 * would have done it in that epoch; one of kind masked is as it is. */
struct masked_set {
    struct shard_set *set;
    struct mask_cfg mask;
};

/** Load a shard; cfg's epoch does not matter. shard_load()'s errors. */
MUST_CHECK int masked_set_load(struct masked_set *s, const char *name,
                               const struct mask_cfg *cfg, struct errbuf *eb);
void masked_set_free(struct masked_set *s);

/** Record i of a struct masked_set in this epoch; room for max_len ids, positions and labels.
 * RF_OK or mask_apply()'s errors. */
MUST_CHECK int masked_set_get(void *masked_set, uint64_t i, uint64_t epoch, int32_t *ids,
                              size_t *n, uint32_t *positions, int32_t *labels, size_t *n_labels,
                              struct errbuf *eb);

#endif
