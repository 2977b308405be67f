/* pack_shard.h: packs shards of tokens into shards of sequences: one shard, or one for
 * training and one for evaluation; each whole or in numbered parts, in its own order or in
 * a random one. */
#ifndef DATA_PACK_SHARD_H
#define DATA_PACK_SHARD_H

#include "base/progress.h"
#include "data/pack.h"

enum { PACK_SHARDS_MAX = 256 };

struct pack_shard_cfg {
    struct pack_cfg pack;
    const char *output; /* the file for all sequences; NULL or "-": standard output */
    const char *train;  /* or, with `eval`, the file for those for training; NULL: none */
    const char *eval;   /* the file for those for evaluation */
    uint64_t shards;    /* numbered files of each, shard_name(); 1: the name itself */
    bool shuffle;
    bool renumber; /* documents are counted over all input, whatever numbers they have in it */
    uint64_t memory; /* in bytes, to hold sequences for shuffle and shards; at least
                        SHUFFLE_MIN_BYTES */
};

struct pack_shard_totals {
    struct pack_totals all;
    uint64_t documents[2]; /* all of them and none, or those for training and for evaluation */
};

/**
 * Pack all documents of `from`, which must be of kind tokens. All files appear together when
 * everything is written, or none does. `by` signs each file; its `more` is ignored. `p` must
 * have label and `on` set; it shows bytes, then sequences. *t is set if RF_OK is returned. Else
 * RF_ERANGE: there are fewer sequences for a file than shards to part it into; or the errors of
 * pack_new(), shard_next(), shuffle_add(), shard_write() and shard_file_make().
 */
MUST_CHECK int pack_shard(struct shard_reader *from, const struct pack_shard_cfg *cfg,
                          const struct shard_maker *by, struct pack_shard_totals *t,
                          struct progress *p, struct errbuf *eb);

#endif
