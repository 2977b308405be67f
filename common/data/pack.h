/*
 * pack.h: documents to sequences of at most a length: [CLS] line [SEP] line [SEP] ..., never
 * across the end of a document.
 */
#ifndef DATA_PACK_H
#define DATA_PACK_H

#include <stdbool.h>

#include "shard/shard.h"

struct pack_cfg {
    uint64_t max_len;  /* tokens of a sequence, specials included; at least 3 */
    double eval_share; /* of the documents */
    uint64_t seed;     /* of the choice of these */
};
#define PACK_CFG_DEFAULT                                                                       \
    (struct pack_cfg)                                                                          \
    {                                                                                          \
        .max_len = 512, .eval_share = 0.1, .seed = 1                                           \
    }

/** What was read and made; tokens count specials. */
struct pack_totals {
    uint64_t documents, lines, empty_lines, cut_lines, sequences, tokens;
};

struct pack;

/** `info` is that of the tokens. RF_OK, RF_EINVAL (no [CLS] or [SEP], a length that cannot be),
 * RF_ENOMEM. */
MUST_CHECK int pack_new(struct pack **p, const struct pack_cfg *cfg,
                        const struct shard_info *info, struct errbuf *eb);

/** Takes a sequence; what is not RF_OK ends the packing. */
typedef int pack_put(void *ctx, const struct shard_record *r, struct errbuf *eb);

/**
 * Give the sequences of a document (a record of kind tokens) to put(ctx, ...). A line that does
 * not fit behind the ones before starts a new sequence; one that does not fit into any is cut
 * into pieces, the last of which lines may follow; one without ids is counted and left out.
 * RF_OK or put's errors.
 */
MUST_CHECK int pack_document(struct pack *p, const struct shard_record *doc, pack_put *put,
                             void *ctx, struct errbuf *eb);

struct pack_totals pack_totals(const struct pack *p);

/** Is this document for evaluation? A function of seed and number alone. */
bool pack_is_eval(const struct pack_cfg *cfg, uint64_t doc);

/** Free; NULL is fine. */
void pack_free(struct pack *p);

#endif
