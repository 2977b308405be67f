/* word_counts.h: counts how often each word stands in a text, after normalising. */
#ifndef WORDPIECE_WORD_COUNTS_H
#define WORDPIECE_WORD_COUNTS_H

#include <stdbool.h>

#include "base/io.h"
#include "base/progress.h"
#include "base/strtab.h"
#include "wordpiece/word_runs.h"

/** {0} is empty, and so is {.memory, .longest, .near}. Words are UTF-8. */
struct word_counts {
    uint64_t memory; /* about how many bytes the table may take; further words go to a temporary
                        file. 0: no limit */
    size_t longest;  /* a word of this many bytes is RF_EFORMAT; 0: LINE_MAX_BYTES */
    const char *near; /* the temporary file lies beside this file (NULL: in $TMPDIR or /tmp) */
    struct strtab words;
    uint64_t *count; /* the count of each word */
    size_t cap;
    uint64_t total; /* the sum of all counts, also of the words in the file */
    struct word_runs *runs;
    bool in_run;     /* a sorted list is being added, and past the limit of memory */
    uint32_t *order; /* the order of the words, while they are read sorted */
    size_t at;       /* the next word to read */
};

/** Add `by` to the count of a word, in memory. RF_OK, RF_ENOMEM, RF_ERANGE (2^64 words). */
MUST_CHECK int word_counts_add(struct word_counts *wc, const char *word, size_t len,
                               uint64_t by);

/** A word to be added, and what adding it needs to know. */
struct word_to_add {
    const char *word;
    size_t len;
    uint64_t by;
    size_t likely; /* the last two are for word_counts_add_block() */
    uint32_t hash;
};

/** Add n words as word_counts_add() does. With some dozens of words at a time, this is faster:
 * they are looked up in memory all at once. */
MUST_CHECK int word_counts_add_block(struct word_counts *wc, struct word_to_add *words,
                                     size_t n);

/**
 * (count_lines.c) Count the words of all lines on `threads` threads and add them to wc; `flags`
 * are those of normalize(). p (may be NULL) shows the bytes. RF_OK, lines_next()'s errors,
 * RF_EIO (a temporary file), RF_ENOMEM, RF_ERANGE.
 */
MUST_CHECK int word_counts_lines(struct word_counts *wc, struct lines *l, unsigned flags,
                                 int threads, struct progress *p, struct errbuf *eb);

/** Add `by` to the count of a word, within wc's limit of memory. RF_OK, RF_ENOMEM, RF_ERANGE,
 * RF_EIO. */
MUST_CHECK int word_counts_put(struct word_counts *wc, const char *word, size_t len,
                               uint64_t by, struct errbuf *eb);

/** Do the same for words that ascend by their bytes, each once, and then end this list. However
 * many they are, those past the limit of memory are written in one go. Nothing else may be
 * added before the list ends. */
MUST_CHECK int word_counts_put_sorted(struct word_counts *wc, const char *word, size_t len,
                                      uint64_t by, struct errbuf *eb);
MUST_CHECK int word_counts_end_sorted(struct word_counts *wc, struct errbuf *eb);

/** Returns about how many bytes the words in memory take. */
uint64_t word_counts_bytes(const struct word_counts *wc);

/** Move the words in memory of `from`, which may be wc itself, to wc's temporary file. The
 * totals stay as they are. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_counts_spill(struct word_counts *wc, struct word_counts *from,
                                 struct errbuf *eb);

/** Add all words of `from`, which may be emptied. Those that `from` has spilled must have gone
 * to wc's file. RF_OK, RF_EIO, RF_ENOMEM, RF_ERANGE. */
MUST_CHECK int word_counts_join(struct word_counts *wc, struct word_counts *from,
                                struct errbuf *eb);

/** Returns rc, which word_counts_add() gave, and writes its line. */
int word_counts_error(int rc, struct errbuf *eb);

/** Begin to read the words, in any order or sorted by their bytes. Nothing may be added
 * afterwards. RF_OK, RF_EIO, RF_ENOMEM. */
enum word_order { WORDS_ANY_ORDER, WORDS_SORTED };
MUST_CHECK int word_counts_rewind(struct word_counts *wc, enum word_order order,
                                  struct errbuf *eb);

/** Give the next word, with a NUL behind it, which lives until the next call. Returns 1, 0
 * after the last word, RF_EIO, RF_ENOMEM. */
MUST_CHECK int word_counts_next(struct word_counts *wc, const char **word, size_t *len,
                                uint64_t *count, struct errbuf *eb);

/** Free the words; wc is empty then and keeps its limits. */
void word_counts_free(struct word_counts *wc);

#endif
