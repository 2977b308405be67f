/* words.h: words and lines for people: splits a text at its spaces, finds the name that a
 * mistyped one was meant to be and the numbers nearest to one that cannot be, chooses between
 * one and many, measures text on a terminal. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** The words lie in a copy of the text and may be changed there. {0} has no words. */
struct words {
    char *text, **w;
    size_t n;
};

/** Split `text` at spaces; "" has no words. RF_OK or RF_ENOMEM; call
 * words_free() in both cases. */
MUST_CHECK int words_split(struct words *words, const char *text, struct errbuf *eb);
void words_free(struct words *words);

/** Returns how many lines a text has, each ended by LF; NULL has none. */
size_t lines_in(const char *text);

/** Returns line i of such a text, from 0, which must be there and is not ended by NUL, and its
 * length in *len. */
const char *line_of(const char *text, size_t i, size_t *len);

enum { NEAREST_MAX_BYTES = 64, NEAREST_HINT_BYTES = 96 };

/** The search for the name that a mistyped one was meant to be. {.typed = text} has found none.
 */
struct nearest {
    const char *typed;
    char name[NEAREST_MAX_BYTES]; /* the nearest candidate so far; "": none is near */
    size_t edits;                 /* how many edits it is away */
};

/**
 * Offer a candidate. It is taken if it is nearer than those before it, and near at all: at most
 * one edit away if the longer of the two texts has 3 or 4 bytes, two if it has up to 8, else
 * three. An edit leaves out, puts in or replaces one byte, or swaps two that stand side by
 * side. If both have the same section, as "optim.", only what is behind it is compared. If the
 * text has no section, it may be meant for the last part of the candidate, as "lr" for
 * "optim.lr".
 */
void nearest_offer(struct nearest *n, const char *candidate);

/** Write ", did you mean 'NAME'?" into hint, or "" if none is near. `dashes` stands before the
 * name. Returns hint. */
const char *nearest_hint(char hint[NEAREST_HINT_BYTES], const struct nearest *n,
                         const char *dashes);

/** Whether a number can be; `of` is what that depends on. */
typedef bool number_can_be(uint64_t n, const void *of);

enum { NEAREST_NUMBERS_BYTES = 48 };

/** Write "4 or 8": the nearest numbers on both sides of n, from `least` to `most`, that can be.
 * "8" if there is only one, "" if there is none. Returns text. */
const char *nearest_numbers(char text[NEAREST_NUMBERS_BYTES], uint64_t n, uint64_t least,
                            uint64_t most, number_can_be *can_be, const void *of);

/** Returns how many columns of a terminal the text takes; Hangul and Han characters take two.
 */
size_t text_columns(const char *text);

/** Returns how many bytes at the start of the text fit into so many columns. */
size_t text_fit(const char *text, size_t columns);

/** Returns `one` if n is 1, else `many`: "1 line", "2 lines". */
static inline const char *plural(uint64_t n, const char *one, const char *many)
{
    return n == 1 ? one : many;
}

#endif
