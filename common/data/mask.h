/*
 * mask.h: chooses what a masked LM must predict (Devlin et al. 2019, section 3.1): tokens,
 * words or spans.
 *
 * The choice depends only on (seed, epoch, record number), so mask-tokens and rf-train choose
 * the same positions.
 */
#ifndef DATA_MASK_H
#define DATA_MASK_H

#include <stdbool.h>

#include "base/progress.h"
#include "shard/shard.h"

struct mask_cfg {
    double rate;        /* the share of the ordinary tokens that get a label */
    double mask_part;   /* the share of those that becomes [MASK] */
    double random_part; /* the share of those that becomes a random token; the rest stays */
    uint64_t span;      /* how many words are chosen together at most; 0 means 1 */
    const bool *piece;  /* by id: it goes on with a word ("##"); NULL: each token is a word */
    uint64_t seed, epoch;
};
#define MASK_CFG_DEFAULT                                                                       \
    (struct mask_cfg)                                                                          \
    {                                                                                          \
        .rate = 0.15, .mask_part = 0.8, .random_part = 0.1, .span = 1, .seed = 1               \
    }

enum { MASK_SPAN_MAX = 64 };

/**
 * Choose positions in ids[n] and change the ids there.
 *
 *   positions, labels  out, room for n each; *n_labels are written, positions ascending
 *   info               vocabulary size and special ids; special tokens are never chosen or
 *                      drawn
 *   record             the sequence's number in its shard, below 2^38
 *
 * The budget is round(rate * ordinary tokens), but at least one if there is an ordinary token
 * and rate > 0. Words are drawn without replacement. At each a span of k words starts, where k
 * <= span has the probability (1 / k) / (1 + 1/2 + ... + 1/span) (Lan et al. 2020, "ALBERT",
 * section 3.1). A span ends early before a special or a chosen token, and where it would exceed
 * the budget. So the budget is met exactly, except for words that do not fit; if none fits, one
 * is chosen all the same. RF_OK, or RF_EINVAL if the vocabulary has no [MASK].
 */
MUST_CHECK int mask_apply(const struct mask_cfg *cfg, const struct shard_info *info,
                          uint64_t record, int32_t *ids, size_t n, uint32_t *positions,
                          int32_t *labels, size_t *n_labels, struct errbuf *eb);

/** What was read and masked. */
struct mask_totals {
    uint64_t sequences, tokens, labels;
};

/** Mask all sequences of a shard into a shard of kind masked. *t is added to, also on failure;
 * p shows the bytes. RF_OK or the errors of shard_next(), mask_apply() and shard_write(). */
MUST_CHECK int mask_shard(struct shard_reader *from, struct shard_writer *to,
                          const struct mask_cfg *cfg, struct mask_totals *t, struct progress *p,
                          struct errbuf *eb);

/**
 * For mask_cfg.piece: find which ids of the vocabulary file `name` are "##" pieces. The caller
 * frees *piece with free(). The file must be the vocabulary of `info`. RF_OK or
 * shard_vocab_read()'s errors.
 */
MUST_CHECK int mask_pieces_read(bool **piece, const char *name, const struct shard_info *info,
                                struct errbuf *eb);

#endif
