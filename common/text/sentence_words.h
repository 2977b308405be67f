/* sentence_words.h: the words and endings by which a sentence's end is told; private to
 * sentence.c. */
#ifndef TEXT_SENTENCE_WORDS_H
#define TEXT_SENTENCE_WORDS_H

#include <stdbool.h>

#include "base/utf8.h"

/** What the ending of a Korean word says about the sentence. */
enum ending {
    ENDING_NONE,  /* nothing */
    ENDING_OPEN,  /* connective or particle: more must come */
    ENDING_MAYBE, /* can be final: a face, a tilde or dots behind it settle it */
    ENDING_NOUN,  /* the noun form of a verb (-ㅁ), or a noun: final in a line of notes */
    ENDING_FINAL, /* final even where nothing follows */
    ENDING_NOTED, /* the same, by a noun form: the line is written in notes */
};

/** What a character says behind a word. */
enum end_mark {
    MARK_STOP = 1,
    MARK_CALL = 2,   /* ? ! */
    MARK_DOTS = 4,   /* an ellipsis; two full stops or more */
    MARK_FACE = 8,   /* ~ ^^ :) an emoji */
    MARK_LAUGH = 16, /* ㅋㅋ ㅎㅎ ㅠㅠ ㅇㅇ */
    MARK_COMMA = 32, /* the sentence goes on */
    MARK_QUOTE =
        64, /* a closing quotation mark; told by its pair, never by ending_words_mark() */
    MARK_CLOSE = 128, /* a closing mark of any sort */
};

/** What stands between a word and the next one; the next word may then go on the sentence. */
enum behind {
    BEHIND_STOP = 1,  /* a full stop */
    BEHIND_CALL = 2,  /* a question or exclamation mark */
    BEHIND_QUOTE = 4, /* a closing quotation mark */
    BEHIND_BARE = 8,  /* no mark that ends a sentence */
};

/** The tables, compiled for look-up. */
struct ending_words;

/** RF_OK with *w, or RF_ENOMEM. */
MUST_CHECK int ending_words_new(struct ending_words **w);
void ending_words_free(struct ending_words *w);

/** The enum end_mark of a character, 0 for letters and the like. */
unsigned ending_words_mark(const struct ending_words *w, uint32_t cp);

/** The ending of the word that ends at `end`; it may look at the word before, not before
 * `start`. */
enum ending ending_words_ending(const struct ending_words *w, const char *start,
                                const char *end);

/** Whether the word at s (n bytes to the line's end) goes on a sentence after `behind`. */
bool ending_words_goes_on(const struct ending_words *w, const char *s, size_t n,
                          unsigned behind);

/** An abbreviation that takes a full stop, the n bytes at s without it. */
enum abbreviation {
    ABBR_NONE,
    ABBR_TITLE,  /* Dr, vs: something always follows */
    ABBR_NUMBER, /* vol, no: before a number */
    ABBR_CLOSING /* etc, a.m, Inc: may end a sentence */
};
enum abbreviation ending_words_abbreviation(const char *s, size_t n);

#endif
