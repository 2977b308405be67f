/*
 * word_class.h: what a code point is in and around words, as Python's str and re see it. The
 * official evaluators of question answering are Python, and their scores depend on it.
 *
 * word_tables.py has written the table from what Python 3.11 does with each code point.
 */
#ifndef TEXT_WORD_CLASS_H
#define TEXT_WORD_CLASS_H

#include <stdbool.h>
#include <stdint.h>

#include "text/unicode.h"

enum word_class {
    WORD_CASED = 1,     /* has case: a sigma behind it may be final */
    WORD_IGNORABLE = 2, /* does not count where a sigma looks for such a neighbour */
    WORD_LETTER = 4,    /* part of a word: \w of re, letters, digits and the underscore */
};

/** All from first to last have this class. Sorted; what lies between two ranges has none. */
struct word_range {
    uint32_t first, last, class;
};
extern const struct word_range word_ranges[];
extern const unsigned word_ranges_n;

/** Returns the classes of a code point, or-ed. */
static inline unsigned word_class(uint32_t cp)
{
    unsigned lo = 0, n = word_ranges_n;

    while (n) { /* if a range holds cp, it is among the n from lo on */
        unsigned half = n / 2;

        if (word_ranges[lo + half].last < cp) {
            lo += half + 1;
            n -= half + 1;
        } else if (word_ranges[lo + half].first > cp) {
            n = half;
        } else {
            return word_ranges[lo + half].class;
        }
    }
    return 0;
}

/** True for what str.split() splits at: white space and the separators U+001C to U+001F. */
static inline bool word_is_space(uint32_t cp)
{
    return (cp >= 0x1C && cp <= 0x1F) || uni_is_white_space(cp);
}

#endif
