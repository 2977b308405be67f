/* counts_read.h: several files of word counts, rf-counts(5), added up as they are read. */
#ifndef WORDPIECE_COUNTS_READ_H
#define WORDPIECE_COUNTS_READ_H

#include "base/progress.h"
#include "wordpiece/counts_file.h"
#include "wordpiece/word_counts.h"

struct counts_read;

/**
 * Open n files (0: standard input). `names` is borrowed. As many as `memory` bytes (0: no
 * limit) allow are open at once, for about 1 MiB each; if there are more, all but the last of
 * them are merged into a temporary file beside `near` at once, and so are plain ones, whose
 * words may have any order. p (may be NULL) shows the bytes. RF_OK, inputs_try()'s errors,
 * counts_file_open()'s and those of its next(), RF_EIO (a temporary file).
 */
MUST_CHECK int counts_read_open(struct counts_read **r, char *const *names, int n,
                                const struct counts_cfg *cfg, uint64_t memory, const char *near,
                                struct progress *p, struct errbuf *eb);

/** Give the words of all files by ascending bytes, as word_merge_next() does. */
MUST_CHECK int counts_read_next(struct counts_read *r, const char **word, size_t *len,
                                uint64_t *count, struct errbuf *eb);

/** Add all words that counts_read_next() gives to `words`, which is empty, within its limits.
 * Errors are those of counts_read_next(), RF_EIO, RF_ENOMEM, RF_ERANGE. */
MUST_CHECK int counts_read_all(struct counts_read *r, struct word_counts *words,
                               struct errbuf *eb);

/** Returns the bytes read so far, after decompression. */
uint64_t counts_read_bytes(const struct counts_read *r);

/** Close and free; NULL is fine. */
void counts_read_close(struct counts_read *r);

#endif
