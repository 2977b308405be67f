/* wpmerge.h: merges symbols in words that are in memory. For wptrain.c and wprounds.c. */
#ifndef WORDPIECE_WPMERGE_H
#define WORDPIECE_WPMERGE_H

#include "base/buf.h"
#include "base/progress.h"
#include "base/strtab.h"
#include "wordpiece/symbol_pairs.h"

/** Where a word's symbols, which are token ids, begin, and how often the word stands in the
 * text. */
struct wpmerge_word {
    uint64_t start, count;
};

/*
 * {.tokens} is empty. Words are numbered in the order in which they came; one more entry says
 * where the symbols of the last one end. If merging left fewer symbols than there is room for
 * up to the next word, NONE ends them.
 */
struct wpmerge {
    struct strtab *tokens; /* borrowed */
    uint64_t size, min_frequency;
    struct progress *progress; /* may be NULL */
    struct buf words, symbols; /* struct wpmerge_word, uint32_t */
    struct symbol_pairs *pairs;
};

/** Append a word of n symbols, uint32_t, which need not be aligned. RF_OK or RF_ENOMEM. */
MUST_CHECK int wpmerge_add(struct wpmerge *m, const void *symbols, size_t n, uint64_t count);

/** Returns the number of words. */
size_t wpmerge_words(const struct wpmerge *m);

/** Append tokens until there are m->size, or no pair with min_frequency is left. Call it once.
 * RF_OK or RF_ENOMEM. */
MUST_CHECK int wpmerge_all(struct wpmerge *m);

/** A pair and the token that it became. */
struct wpmerge_step {
    uint32_t a, b, id;
};

/**
 * Do the same for words of which only those parts are in memory that hold pairs above `floor`.
 * It ends when no pair is above it, or when it cannot be told from these parts which is next:
 * a token became of a second pair of tokens. *used says for each token id whether the token has
 * been in a word, as a byte, and is brought up to date. The steps are appended to `steps`.
 */
MUST_CHECK int wpmerge_parts(struct wpmerge *m, const struct pair_rank *floor, struct buf *used,
                             struct buf *steps);

/** Note in `used` that a token is in a word. RF_OK or RF_ENOMEM. */
MUST_CHECK int wpmerge_use(struct buf *used, uint32_t id);

/** Set *id to the token of two tokens side by side, and add the token if it is new. RF_OK or
 * RF_ENOMEM. */
MUST_CHECK int wpmerge_join(struct strtab *tokens, uint32_t a, uint32_t b, uint32_t *id);

/** Show how many tokens there are, if it is time. */
void wpmerge_show(const struct wpmerge *m);

/** Free the words; m is {.tokens} again. */
void wpmerge_free(struct wpmerge *m);

#endif
