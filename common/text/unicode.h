/*
 * unicode.h: what the BERT normaliser must know about a code point.
 *
 * unicode_tables.py has written the tables from what tokenizers 0.23.3 does with each of the
 * 1,112,064 code points. The head of that script names the Unicode versions.
 */
#ifndef TEXT_UNICODE_H
#define TEXT_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum uni_class {
    UNI_DROP = 1,   /* vanishes: control and format characters, private use, U+FFFD */
    UNI_SPACE = 2,  /* white space that does not vanish */
    UNI_CJK = 4,    /* an ideograph: it gets a space on both sides */
    UNI_PUNCT = 8,  /* a word of its own */
    UNI_LOWER = 16, /* has a row in uni_lower */
    UNI_STRIP = 32, /* changes when accents are stripped: a Hangul syllable, or a code point
                       with a row in uni_strip; without a row it vanishes */
    UNI_MARK = 64,  /* a combining mark: canonical order may move it */
};

extern const uint16_t uni_index[];
extern const uint8_t uni_blocks[][128];

/** Returns the classes of a code point (below 0x110000), or-ed. */
static inline unsigned uni_class(uint32_t cp)
{
    return uni_blocks[uni_index[cp >> 7]][cp & 127];
}

/** True for the code points that have the property White_Space. */
static inline bool uni_is_white_space(uint32_t cp)
{
    return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x85 || cp == 0xA0 ||
           cp == 0x1680 || (cp >= 0x2000 && cp <= 0x200A) || cp == 0x2028 || cp == 0x2029 ||
           cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

/** What a code point becomes: one to three others, then 0. Sorted by `from`. */
struct uni_map {
    uint32_t from, to[3];
};
extern const struct uni_map uni_lower[]; /* lower case */
extern const struct uni_map uni_strip[]; /* the canonical decomposition without accents */
extern const struct uni_map uni_order[]; /* to[0] is the place in canonical order of a mark, or
                                            of the first one that it decomposes to */
extern const unsigned uni_lower_n, uni_strip_n, uni_order_n;

/** Returns the row of cp, NULL if there is none. */
static inline const struct uni_map *uni_find(const struct uni_map *map, unsigned n, uint32_t cp)
{
    unsigned lo = 0;

    while (n) { /* if there is a row, it is among the n from lo on */
        unsigned half = n / 2;

        if (map[lo + half].from < cp) {
            lo += half + 1;
            n -= half + 1;
        } else if (map[lo + half].from > cp) {
            n = half;
        } else {
            return &map[lo + half];
        }
    }
    return NULL;
}

#endif
