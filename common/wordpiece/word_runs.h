/*
 * word_runs.h: counted words that do not fit into memory. They lie in a temporary file as
 * sorted runs and are read back as one sorted list. This takes a few MiB of memory for any
 * number of words.
 */
#ifndef WORDPIECE_WORD_RUNS_H
#define WORDPIECE_WORD_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct word_runs;

/** Make a temporary file beside `near` (NULL: in $TMPDIR or /tmp), which is borrowed. RF_OK,
 * RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_runs_new(struct word_runs **r, const char *near, struct errbuf *eb);

/** Write a run: put words in ascending order of their bytes, each once, then end the run.
 * RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_runs_put(struct word_runs *r, const char *word, size_t len, uint64_t count,
                             struct errbuf *eb);
MUST_CHECK int word_runs_end(struct word_runs *r, struct errbuf *eb);

/** Begin to read all runs from the start. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_runs_rewind(struct word_runs *r, struct errbuf *eb);

/** Give the next word in order, with a NUL behind it, and the sum of its counts. It lives until
 * the next call. Returns 1, 0 after the last word, RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_runs_next(struct word_runs *r, const char **word, size_t *len,
                              uint64_t *count, struct errbuf *eb);

/** Free; NULL is fine. */
void word_runs_free(struct word_runs *r);

#endif
