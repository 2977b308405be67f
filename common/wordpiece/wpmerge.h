/* wpmerge.h: merges symbols in words, in memory or from a file. For wptrain.c. */
#ifndef WORDPIECE_WPMERGE_H
#define WORDPIECE_WPMERGE_H

#include "base/buf.h"
#include "base/progress.h"
#include "base/strtab.h"
#include "wordpiece/symbol_pairs.h"
#include "wordpiece/spelled.h"

/*
 * {.tokens} is empty. Words are numbered in the order in which they came. The symbols of word
 * i, which are token ids, lie from start[i] on. If merging left fewer of them than there is
 * room for up to start[i + 1], NONE ends them.
 */
struct wpmerge {
    struct strtab *tokens; /* borrowed */
    uint64_t size, min_frequency;
    struct progress *progress;        /* may be NULL */
    struct buf count, start, symbols; /* uint64_t, uint64_t, uint32_t */
    struct symbol_pairs *pairs;
};

/** Append a word of n symbols. RF_OK or RF_ENOMEM. */
MUST_CHECK int wpmerge_add(struct wpmerge *m, const uint32_t *symbols, size_t n,
                           uint64_t count);

/** Returns the number of words. */
size_t wpmerge_words(const struct wpmerge *m);

/** Append tokens until there are m->size, or no pair with min_frequency is left. Call it once.
 * RF_OK or RF_ENOMEM. */
MUST_CHECK int wpmerge_all(struct wpmerge *m);

/**
 * Do the same for the words of a file, with at most `memory` bytes and a second file beside
 * `near`; *words is used up. In each pass as many of the most frequent pairs as fit are chosen,
 * and all words that hold one of them are merged in memory. A pair that is left out is less
 * frequent, so it cannot come before them: the tokens are the same as wpmerge_all()'s.
 */
MUST_CHECK int wpmerge_file(struct wpmerge *m, struct spelled **words, uint64_t memory,
                            const char *near, struct errbuf *eb);

/** Free the words; m is {.tokens} again. */
void wpmerge_free(struct wpmerge *m);

#endif
