#include "data/masked_set.h"

int masked_set_load(struct masked_set *s, const char *name, const struct mask_cfg *cfg,
                    struct errbuf *eb)
{
    *s = (struct masked_set){.mask = *cfg};
    return shard_load(&s->set, name, eb);
}

void masked_set_free(struct masked_set *s)
{
    shard_set_free(s->set);
    s->set = NULL;
}

int masked_set_get(void *self, uint64_t i, uint64_t epoch, int32_t *ids, size_t *n,
                   uint32_t *positions, int32_t *labels, size_t *n_labels, struct errbuf *eb)
{
    const struct masked_set *s = self;
    const struct shard_info *info = shard_set_info(s->set);
    struct mask_cfg cfg = s->mask;
    struct shard_record r;

    shard_set_get(s->set, i, ids, positions, labels, &r);
    *n = r.n_ids;
    *n_labels = r.n_labels;
    cfg.epoch = epoch;
    if (info->kind != SHARD_SEQUENCES)
        return RF_OK;
    return mask_apply(&cfg, info, i, ids, r.n_ids, positions, labels, n_labels, eb);
}
