/*
 * simple_word.h: raw words that need no normalising, as nearly all are: they have only letters
 * that stay as they are, and characters that are a word each.
 */
#ifndef WORDPIECE_SIMPLE_WORD_H
#define WORDPIECE_SIMPLE_WORD_H

#include "wordpiece/raw_words.h"

struct simple_word {
    unsigned n; /* code points; 0: the word is not simple */
    uint32_t cp[RAW_KEY_BYTES];
    uint64_t alone; /* bit i is set: cp[i] is a word */
};

/** Read a raw word of at most RAW_KEY_BYTES, valid UTF-8. `classes` are those of
 * normal_classes(); `compose` says that the text is to be composed first. True if it is simple.
 */
bool simple_word_read(struct simple_word *s, const char *text, size_t len, unsigned classes,
                      bool compose);

/** Returns where the word ends that begins with cp[start]. */
static inline unsigned simple_word_end(const struct simple_word *s, unsigned start)
{
    uint64_t alone = s->alone >> start;

    if (alone & 1)
        return start + 1;
    return alone ? start + (unsigned)__builtin_ctzll(alone) : s->n;
}

#endif
