/* shard_cat.h: whole shards: what they hold in numbers, or record by record in a form of text
 * or bytes. */
#ifndef SHARD_SHARD_CAT_H
#define SHARD_SHARD_CAT_H

#include "base/progress.h"
#include "shard/shard_print.h"

/**
 * What files hold in all, that `from` was opened on and nothing was read of yet. Unless all is
 * to be checked, their end frames are asked where they can be, and nothing else is read. p
 * shows the bytes. RF_OK or the errors of shard_files_totals() and shard_next().
 */
MUST_CHECK int shard_cat_totals(struct shard_totals *t, struct shard_reader *from,
                                char *const *names, int n, bool check, struct progress *p,
                                struct errbuf *eb);

struct shard_cat_cfg {
    int format;        /* a print_format */
    const char *vocab; /* a file: tokens of it are printed, not ids; NULL: ids */
    uint64_t first;    /* record to begin with */
    uint64_t count;    /* how many records at most; UINT64_MAX: all */
};

/**
 * Print records of files that `from` was opened on; a shard that is made of them is signed by
 * `by`. p shows the bytes. RF_OK or the errors of shard_vocab_read(), shard_files_totals(),
 * shard_reader_seek(), shard_next() and shard_print_open() to shard_print_close().
 */
MUST_CHECK int shard_cat(struct shard_reader *from, char *const *names, int n, FILE *to,
                         const struct shard_cat_cfg *cfg, const struct shard_maker *by,
                         struct progress *p, struct errbuf *eb);

#endif
