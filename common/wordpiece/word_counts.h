/* word_counts.h: how often each word stands in a text, after normalising. */
#ifndef WORDPIECE_WORD_COUNTS_H
#define WORDPIECE_WORD_COUNTS_H

#include <stdio.h>

#include "base/io.h"
#include "base/progress.h"
#include "base/strtab.h"
#include "wordpiece/word_runs.h"

/** {0} is empty, and {.memory, .longest, .near} is too. Words are UTF-8. */
struct word_counts {
    uint64_t memory;  /* bytes the table may take, about; past it words go to a temporary file;
                         0: no limit */
    size_t longest;   /* a word of so many bytes is RF_EFORMAT; 0: LINE_MAX_BYTES */
    const char *near; /* beside this file (NULL: in $TMPDIR or /tmp) */
    struct strtab words;
    uint64_t *count; /* of each word */
    size_t cap;
    uint64_t total; /* sum of the counts, of those in the file too */
    struct word_runs *runs;
    uint32_t *order; /* of the words, while they are read sorted */
    size_t at;       /* the next one to read */
};

/** Count a word `by` times more, in memory. RF_OK, RF_ENOMEM, RF_ERANGE (2^64 words). */
MUST_CHECK int word_counts_add(struct word_counts *wc, const char *word, size_t len,
                               uint64_t by);

/**
 * Count the words of all lines, added to wc, on `threads` threads; `flags` are normalize()'s.
 * p (may be NULL) shows the bytes. RF_OK, lines_next()'s errors, RF_EIO (a temporary file),
 * RF_ENOMEM, RF_ERANGE.
 */
MUST_CHECK int word_counts_lines(struct word_counts *wc, struct lines *l, unsigned flags,
                                 int threads, struct progress *p, struct errbuf *eb);

/** Add counts that word_counts_write() wrote: "word TAB count" lines, in any order, a word as
 * often as it likes. RF_EFORMAT where a line is none; else as word_counts_lines(). */
MUST_CHECK int word_counts_read(struct word_counts *wc, struct lines *l, struct progress *p,
                                struct errbuf *eb);

/** Write "word TAB count" lines, in the order of the words' bytes. RF_OK, RF_EIO, RF_ENOMEM;
 * write errors stay in the file. */
MUST_CHECK int word_counts_write(struct word_counts *wc, FILE *to, struct errbuf *eb);

/** What the words in memory take, in bytes, about. */
uint64_t word_counts_bytes(const struct word_counts *wc);

/** Move all words to the temporary file. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_counts_spill(struct word_counts *wc, struct errbuf *eb);

/** Begin to read the words, in the order of their bytes or in any. Nothing may be added after
 * it. RF_OK, RF_EIO, RF_ENOMEM. */
enum word_order { WORDS_ANY_ORDER, WORDS_SORTED };
MUST_CHECK int word_counts_rewind(struct word_counts *wc, enum word_order order,
                                  struct errbuf *eb);

/** The next word, NUL-terminated, which lives until the next call. Returns 1, 0 after the last,
 * RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_counts_next(struct word_counts *wc, const char **word, size_t *len,
                                uint64_t *count, struct errbuf *eb);

/** Free; wc is empty again and keeps its limit. */
void word_counts_free(struct word_counts *wc);

#endif
