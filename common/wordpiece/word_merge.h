/* word_merge.h: several sorted lists of counted words read as one: each word comes once, with
 * the sum of its counts. */
#ifndef WORDPIECE_WORD_MERGE_H
#define WORDPIECE_WORD_MERGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/**
 * A list whose words come in ascending order of their bytes. next() sets the three members to
 * the next word, which lives until the call after; it returns 1, 0 after the last word, or an
 * error.
 */
struct word_source {
    const char *word;
    size_t len;
    uint64_t count;
    int (*next)(struct word_source *s, struct errbuf *eb);
};

/** {0} has no lists. */
struct word_merge {
    struct word_first *heap; /* the lists that still have words, the first word on top */
    size_t n, cap;
    struct buf word; /* the word that was handed out */
};

/** Read the first word of a list, which is borrowed, and take it in. RF_OK, RF_ENOMEM, next()'s
 * errors. */
MUST_CHECK int word_merge_add(struct word_merge *m, struct word_source *s, struct errbuf *eb);

/** Give the next word, with a NUL behind it, which lives until the next call, and the sum of
 * its counts in all lists. Returns 1, 0 after the last word, RF_ENOMEM, RF_ERANGE (2^64),
 * next()'s errors. */
MUST_CHECK int word_merge_next(struct word_merge *m, const char **word, size_t *len,
                               uint64_t *count, struct errbuf *eb);

/** Forget all lists; m is {0} again. */
void word_merge_free(struct word_merge *m);

#endif
