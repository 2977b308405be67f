/* sentence_words.h: the words and endings that show where a sentence ends. Private
 * to sentence.c. */
#ifndef TEXT_SENTENCE_WORDS_H
#define TEXT_SENTENCE_WORDS_H

#include <stdbool.h>

#include "base/utf8.h"

/** What the ending of a Korean word says about the sentence. */
enum ending {
    ENDING_NONE,  /* nothing */
    ENDING_OPEN,  /* a connective or particle: more must come */
    ENDING_MAYBE, /* may be final: it is if a face, a tilde or dots follow */
    ENDING_NOUN,  /* the noun form of a verb (-ㅁ), or a noun: final in a line of notes */
    ENDING_FINAL, /* final even if nothing follows */
    ENDING_NOTED, /* final, and a noun form that shows that the line is written in notes */
};

/** What a character means behind a word. */
enum end_mark {
    MARK_STOP = 1,
    MARK_CALL = 2,   /* ? ! */
    MARK_DOTS = 4,   /* an ellipsis, or two full stops or more */
    MARK_FACE = 8,   /* ~ ^^ :) an emoji */
    MARK_LAUGH = 16, /* ㅋㅋ ㅎㅎ ㅠㅠ ㅇㅇ */
    MARK_COMMA = 32, /* the sentence goes on */
    MARK_QUOTE =
        64, /* a closing quotation mark; known by its pair, not by ending_words_mark() */
    MARK_CLOSE = 128, /* a closing mark of any sort */
};

/** What stands between a word and the next one. With some of these the next word may go on with
 * the sentence. */
enum behind {
    BEHIND_STOP = 1,  /* a full stop */
    BEHIND_CALL = 2,  /* a question or exclamation mark */
    BEHIND_QUOTE = 4, /* a closing quotation mark */
    BEHIND_BARE = 8,  /* no mark that ends a sentence */
};

/** The tables, compiled so that looking up is fast. */
struct ending_words;

/** RF_OK with *w, or RF_ENOMEM. */
MUST_CHECK int ending_words_new(struct ending_words **w);
void ending_words_free(struct ending_words *w);

/** Returns the enum end_mark of a character, 0 for letters and the like. */
unsigned ending_words_mark(const struct ending_words *w, uint32_t cp);

/** Returns the ending of the word that ends at `end`. It may look at the word before, but not
 * before `start`. */
enum ending ending_words_ending(const struct ending_words *w, const char *start,
                                const char *end);

/** True if the word at s goes on with a sentence after `behind`. The line has n
 * bytes from s on. */
bool ending_words_goes_on(const struct ending_words *w, const char *s, size_t n,
                          unsigned behind);

/** True if the word is a verb of saying that ends its sentence, as 물었다 does. */
bool ending_words_says(const struct ending_words *w, const char *start, const char *end);

/** True if the word is the object of a verb, or tells indirectly what was said (간다고). */
bool ending_words_is_object(const char *start, const char *end);

#endif
