/*
 * normalize.h: text to words, as Hugging Face's BertNormalizer and BertPreTokenizer do it:
 * clean, part ideographs, strip accents, lower case, split at white space, isolate punctuation.
 */
#ifndef WORDPIECE_NORMALIZE_H
#define WORDPIECE_NORMALIZE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

enum normal_flag {
    NORMAL_LOWER = 1, /* full lower-casing, character by character */
    NORMAL_STRIP = 2, /* NFD, then category Mn dropped */
};

/** Normal text: code points, words parted by spaces. {0} is empty; normal_free() frees. */
struct normal {
    bool track;     /* set before normalize(): note where each code point comes from */
    uint32_t *from; /* then: the number of its character in the text, from 0 */
    uint32_t here;  /* inside normalize(): the character that is being put */
    uint32_t *cp;
    size_t n, cap;
    size_t run; /* inside normalize(): combining marks from here on are not yet in order */
};

/**
 * Normalise text (valid UTF-8, len bytes) into `to`, overwritten. Pieces of a line cut at its
 * spaces give the same words as the whole line. Memory: 12 bytes a byte of text.
 * RF_OK or RF_ENOMEM.
 */
MUST_CHECK int normalize(struct normal *to, const char *text, size_t len, unsigned flags);

/** The next word from *at (0 at first): its place and length, at least 1; false at the end. */
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
