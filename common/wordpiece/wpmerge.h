/* wpmerge.h: merge symbols in words, in memory or from a file. For wptrain.c. */
#ifndef WORDPIECE_WPMERGE_H
#define WORDPIECE_WPMERGE_H

#include "base/buf.h"
#include "base/progress.h"
#include "base/strtab.h"
#include "wordpiece/symbol_pairs.h"
#include "wordpiece/spelled.h"

/*
 * {.tokens} is empty. Words are numbered as they came. The symbols of one, which are token ids,
 * lie from start[i] on; where merging left fewer than start[i + 1] makes room for, NONE ends
 * them.
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

/** How many words there are. */
size_t wpmerge_words(const struct wpmerge *m);

/** Append tokens until there are m->size, or no pair of min_frequency is left. Once. RF_OK or
 * RF_ENOMEM. */
MUST_CHECK int wpmerge_all(struct wpmerge *m);

/**
 * The same for the words of a file, with so much memory at most and a second file beside
 * `near`; *words is used up. Each time the words of as many pairs as fit are taken into memory
 * and merged there: the pairs that stand most often, so that none that is left behind can
 * interfere. The tokens are the same.
 */
MUST_CHECK int wpmerge_file(struct wpmerge *m, struct spelled **words, uint64_t memory,
                            const char *near, struct errbuf *eb);

/** Free; m is as after {.tokens}. */
void wpmerge_free(struct wpmerge *m);

#endif
