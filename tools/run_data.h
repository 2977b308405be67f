/* run_data.h: what a run's settings and its vocabulary mean for shards; only tools join data
 * and model. And what its tools say alike. */
#ifndef TOOLS_RUN_DATA_H
#define TOOLS_RUN_DATA_H

#include <string.h>

#include "base/tool.h"
#include "data/train_set.h"
#include "train/task.h"

/** A word about what ckpt_open() passed over. */
static inline void run_data_note_broken(const struct tool_run *run, uint64_t broken)
{
    if (broken)
        tool_note(run, "broken checkpoints passed over: %llu", (unsigned long long)broken);
}

/** How the run reads shards. Names are borrowed from its configuration. */
static inline struct train_set_cfg run_data_cfg(const struct rf_config *c)
{
    const struct data_cfg *d = &c->data;

    return (struct train_set_cfg){.mask = {.rate = d->mask_rate,
                                           .mask_part = d->mask_part,
                                           .random_part = d->random_part,
                                           .span = d->span,
                                           .seed = c->train.seed},
                                  .words_of = d->whole_word ? d->vocab : NULL,
                                  .next_token = task_of(c)->data == TASK_DATA_NEXT,
                                  .label_from = d->label_from,
                                  .in_order = d->in_order};
}

/**
 * Was the set called `name` encoded with the vocabulary of `of`, of that size and digest? The
 * size besides the digest: the ids of a set that lies about it would be outside of the model's
 * tables. RF_OK or RF_EINVAL.
 */
MUST_CHECK static inline int run_data_check_vocab(const struct train_set *s, const char *name,
                                                  uint64_t size,
                                                  const uint8_t digest[SHARD_DIGEST_BYTES],
                                                  const char *of, struct errbuf *eb)
{
    const struct shard_info *info = train_set_info(s);

    if (memcmp(info->vocab_digest, digest, SHARD_DIGEST_BYTES) != 0)
        return err_set(eb, RF_EINVAL, "'%s' was encoded with another vocabulary than '%s'",
                       name, of);
    if (info->vocab_size != size)
        return err_set(eb, RF_EINVAL, "'%s' has a vocabulary of %u tokens, '%s' one of %llu",
                       name, info->vocab_size, of, (unsigned long long)size);
    return RF_OK;
}

#endif
