/* wordcount.h: how often each word stands in a text, after normalising. */
#ifndef DATA_WORDCOUNT_H
#define DATA_WORDCOUNT_H

#include "base/io.h"
#include "base/progress.h"
#include "base/strtab.h"

/** {0} is empty. Words are UTF-8; their order has no meaning. */
struct word_counts {
    struct strtab words;
    uint64_t *count; /* of each word */
    size_t cap;
    uint64_t total; /* sum of the counts */
};

/** Count a word `by` times more. RF_OK or RF_ENOMEM. */
MUST_CHECK int word_counts_add(struct word_counts *wc, const char *word, size_t len,
                               uint64_t by);

/**
 * Count the words of all lines, added to wc, on `threads` threads; `flags` are normalize()'s.
 * p (may be NULL) shows the bytes. RF_OK, lines_next()'s errors, RF_ENOMEM.
 */
MUST_CHECK int word_counts_lines(struct word_counts *wc, struct lines *l, unsigned flags,
                                 int threads, struct progress *p, struct errbuf *eb);

void word_counts_free(struct word_counts *wc);

#endif
