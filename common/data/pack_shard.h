/* pack_shard.h: shards of tokens to shards of sequences: one, or one for training and one for
 * evaluation, each whole or in numbered parts, in its own or in random order. */
#ifndef DATA_PACK_SHARD_H
#define DATA_PACK_SHARD_H

#include "base/progress.h"
#include "data/pack.h"

enum { PACK_SHARDS_MAX = 256 };

struct pack_shard_cfg {
    struct pack_cfg pack;
    const char *output; /* where all sequences go; NULL or "-": standard output */
    const char *train;  /* or, with `eval`, where those for training go; NULL: none */
    const char *eval;   /* and those for evaluation */
    uint64_t shards;    /* numbered files of each, shard_name(); 1: the name itself */
    bool shuffle;
    uint64_t memory; /* bytes to hold sequences in, for shuffle and shards; at least
                        SHUFFLE_MIN_BYTES */
};

struct pack_shard_totals {
    struct pack_totals all;
    uint64_t documents[2]; /* all of them and none; or for training, for evaluation */
};

/**
 * Pack all documents of `from`, which is of kind tokens. The files appear together once all is
 * written, or none does. Each is signed by `by`, whose `more` is not looked at. `p` has label
 * and `on` set, and shows bytes, then sequences. *t is set where it returns RF_OK. Else the
 * errors of pack_new(), shard_next(), shuffle_add(), shard_write() and shard_file_make().
 */
MUST_CHECK int pack_shard(struct shard_reader *from, const struct pack_shard_cfg *cfg,
                          const struct shard_maker *by, struct pack_shard_totals *t,
                          struct progress *p, struct errbuf *eb);

#endif
