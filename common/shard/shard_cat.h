/* shard_cat.h: whole shards, as totals or record by record, as text or bytes. */
#ifndef SHARD_SHARD_CAT_H
#define SHARD_SHARD_CAT_H

#include "base/progress.h"
#include "shard/shard_print.h"

/**
 * Find the totals of the files on which `from` was opened; nothing may have been read yet. If
 * `check` is false and it is possible, only the end frames are read. p shows the bytes. RF_OK
 * or the errors of shard_files_totals() and shard_next().
 */
MUST_CHECK int shard_cat_totals(struct shard_totals *t, struct shard_reader *from,
                                char *const *names, int n, bool check, struct progress *p,
                                struct errbuf *eb);

struct shard_cat_cfg {
    int format;        /* a print_format */
    const char *vocab; /* a vocabulary file: its tokens are printed; NULL: ids are */
    uint64_t first;    /* the first record to print */
    uint64_t count;    /* how many records to print at most; UINT64_MAX: all */
};

/**
 * Print records of the files on which `from` was opened. If a shard is made of them, `by` signs
 * it. p shows the bytes. RF_OK or the errors of shard_vocab_read(), shard_files_totals(),
 * shard_reader_seek(), shard_next() and shard_print_open() to shard_print_close().
 */
MUST_CHECK int shard_cat(struct shard_reader *from, char *const *names, int n, FILE *to,
                         const struct shard_cat_cfg *cfg, const struct shard_maker *by,
                         struct progress *p, struct errbuf *eb);

#endif
