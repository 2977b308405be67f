/*
 * word_runs.h: counted words that do not fit into memory: sorted runs in a temporary file, read
 * back as one sorted list. At most a few MiB of memory, however many words there are.
 */
#ifndef WORDPIECE_WORD_RUNS_H
#define WORDPIECE_WORD_RUNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct word_runs;

/** The temporary file lies beside `near` (NULL: in $TMPDIR or /tmp), which is borrowed. RF_OK,
 * RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_runs_new(struct word_runs **r, const char *near, struct errbuf *eb);

/** Write a run: words in ascending order of their bytes, each once, then its end. RF_OK,
 * RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_runs_put(struct word_runs *r, const char *word, size_t len, uint64_t count,
                             struct errbuf *eb);
MUST_CHECK int word_runs_end(struct word_runs *r, struct errbuf *eb);

/** Begin to read all runs from the start. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_runs_rewind(struct word_runs *r, struct errbuf *eb);

/** The next word in order, NUL-terminated, with the sum of its counts; lives until the next
 * call. Returns 1, 0 after the last, RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_runs_next(struct word_runs *r, const char **word, size_t *len,
                              uint64_t *count, struct errbuf *eb);

/** Free; NULL is fine. */
void word_runs_free(struct word_runs *r);

#endif
