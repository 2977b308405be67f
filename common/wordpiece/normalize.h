/*
 * normalize.h: turns text into words as Hugging Face's BertNormalizer and BertPreTokenizer do:
 * clean it, put spaces around ideographs, strip accents, lower case, split at white space,
 * isolate punctuation.
 */
#ifndef WORDPIECE_NORMALIZE_H
#define WORDPIECE_NORMALIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "text/unicode.h"

enum normal_flag {
    NORMAL_LOWER = 1, /* lower-case each character by the full mapping */
    NORMAL_STRIP = 2, /* decompose (NFD), then drop category Mn */
};

/** Returns the classes of code points (uni_class) that matter under these flags; one that has
 * none of them stays as it is. */
static inline unsigned normal_classes(unsigned flags)
{
    return UNI_DROP | UNI_SPACE | UNI_CJK | UNI_PUNCT | (flags & NORMAL_LOWER ? UNI_LOWER : 0) |
           (flags & NORMAL_STRIP ? UNI_STRIP | UNI_MARK : 0);
}

enum { NORMAL_ORDERS = 256 }; /* more than there are places in canonical order */

/** Normal text: code points, with spaces between words. {0} is empty; normal_free() frees. */
struct normal {
    bool track;     /* set before normalize(): note where each code point comes from */
    uint32_t *from; /* if track: the number of its character in the text, from 0 */
    uint32_t *cp;
    size_t n, cap;
    /* Inside normalize(): */
    uint32_t here;              /* the number of the current character */
    size_t run;                 /* combining marks from here on are not yet in order */
    uint32_t base;              /* if track: the character before these marks, */
    size_t marks;               /* how many characters of the text are among them, dropped ones
                                   too (their numbers stand at the end of `from`, backwards), */
    uint32_t at[NORMAL_ORDERS]; /* and how many of those by their place in canonical order */
};

/**
 * Normalise `text` (valid UTF-8, len bytes) and put the result in `to` in place of the old one.
 * If a line is cut at its spaces, the pieces give the same words as the whole line. Takes 12
 * bytes of memory for each byte of text. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int normalize(struct normal *to, const char *text, size_t len, unsigned flags);

/** Give the next word from *at on (0 at first): its place and its length, at least 1.
 * False at the end. */
static inline bool normal_word(const struct normal *t, size_t *at, const uint32_t **word,
                               size_t *len)
{
    size_t i = *at, start;

    while (i < t->n && t->cp[i] == ' ')
        i++;
    if (i == t->n)
        return false;
    for (start = i; i < t->n && t->cp[i] != ' ';)
        i++;
    *at = i;
    *word = t->cp + start;
    *len = i - start;
    return true;
}

void normal_free(struct normal *t);

#endif
