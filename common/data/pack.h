/*
 * pack.h: packs documents into sequences of at most a given length: [CLS] line [SEP] line [SEP]
 * ... A sequence never crosses the end of a document, unless documents are joined: then they
 * stand one behind the other, and are cut wherever a sequence is full.
 */
#ifndef DATA_PACK_H
#define DATA_PACK_H

#include <stdbool.h>

#include "shard/shard.h"

struct pack_cfg {
    uint64_t max_len;  /* of a sequence in tokens, with the special ones; at least 3 */
    double eval_share; /* the share of the documents that is for evaluation */
    uint64_t seed;     /* the seed for choosing these */
    bool join;         /* documents are joined */
};
#define PACK_CFG_DEFAULT                                                                       \
    (struct pack_cfg)                                                                          \
    {                                                                                          \
        .max_len = 512, .eval_share = 0.1, .seed = 1                                           \
    }

/** What was read and made. `tokens` counts special tokens too. */
struct pack_totals {
    uint64_t documents, lines, empty_lines, cut_lines, sequences, tokens;
};

struct pack;

/** `info` is that of the tokens. RF_OK, RF_EINVAL (no [CLS] or [SEP], or a length that is not
 * allowed), RF_ENOMEM. */
MUST_CHECK int pack_new(struct pack **p, const struct pack_cfg *cfg,
                        const struct shard_info *info, struct errbuf *eb);

/** Takes a sequence. Any result but RF_OK ends the packing. */
typedef int pack_put(void *ctx, const struct shard_record *r, struct errbuf *eb);

/**
 * Give the sequences of a document (a record of kind tokens) to put(ctx, ...). A line that does
 * not fit behind the lines before it starts a new sequence. A line too long for any sequence is
 * cut into pieces, and further lines may follow its last piece. A line without ids is counted
 * and left out. Joined, a sequence has the number of the first document in it. RF_OK or put's
 * errors.
 */
MUST_CHECK int pack_document(struct pack *p, const struct shard_record *doc, pack_put *put,
                             void *ctx, struct errbuf *eb);

/** Give the last sequence, where documents are joined. RF_OK or put's errors. */
MUST_CHECK int pack_end(struct pack *p, pack_put *put, void *ctx, struct errbuf *eb);

struct pack_totals pack_totals(const struct pack *p);

/** True if this document is for evaluation. This depends only on the seed and the number. */
bool pack_is_eval(const struct pack_cfg *cfg, uint64_t doc);

/** Free; NULL is fine. */
void pack_free(struct pack *p);

#endif
