/* sentence_words.h: the words and endings that show where a sentence ends. Private
 * to sentence.c. */
#ifndef TEXT_SENTENCE_WORDS_H
#define TEXT_SENTENCE_WORDS_H

#include <stdbool.h>

#include "base/utf8.h"

/** What the ending of a Korean word says about the sentence. */
enum ending {
    ENDING_NONE,      /* nothing */
    ENDING_OPEN,      /* a connective or particle: more must come */
    ENDING_LOOSE,     /* connective, but in a line of talk it may be final (먹어) */
    ENDING_MAYBE,     /* may be final: it is if a face, a tilde or dots follow */
    ENDING_TALK,      /* final in a line of talk, connective in others (있어, 하지) */
    ENDING_NOUN,      /* the noun form of a verb (-ㅁ), or a noun: final in a line of notes */
    ENDING_FINAL,     /* final even if nothing follows */
    ENDING_SAID,      /* final, and said to somebody, which shows that the line is talk */
    ENDING_NOTED,     /* final, and a noun form that shows that the line is written in notes */
    ENDING_ADJECTIVE, /* of -하다: final behind an adjective. It stands only in the tables */
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
    BEHIND_STOP = 1,    /* a full stop */
    BEHIND_CALL = 2,    /* a question or exclamation mark */
    BEHIND_QUOTE = 4,   /* a closing quotation mark */
    BEHIND_BARE = 8,    /* no mark that ends a sentence */
    BEHIND_POLITE = 16, /* no mark either, and the ending is polite: 했어요 */
    BEHIND_ASK = 32,    /* nor here, and the ending asks: 할까 */
    BEHIND_TALK = 64,   /* nor here, and the ending is ENDING_TALK */
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

/** True for -요, -죠, -ㅂ시오, -ㅂ니다, -ㅂ시다: the word is start..end, and so in the next
 * one. */
bool ending_words_is_polite(const char *start, const char *end);

/** True for endings that words of asking and thinking may follow: -까, -나, -냐, -게. */
bool ending_words_asks(const char *start, const char *end);

/** How a line is written. In notes, sentences end in nouns made from verbs (-ㅁ); in talk, in
 * endings that connect clauses in prose (-어, -지). */
enum style {
    STYLE_NOTES = 1,
    STYLE_TALK = 2,
};

/** Returns the enum style bits of a line. An ending that can be nothing else tells; in talk
 * there also may be at most twice as many other final endings. */
unsigned ending_words_style(const struct ending_words *w, const char *text, const char *end);

/**
 * True if the words at p say who spoke the quotation before them: '"누구세요?" 문 안에서
 * 물었다.' They end in a verb of saying that has no object of its own. It looks at eight words.
 */
bool ending_words_tells(const struct ending_words *w, const char *p, const char *end);

#endif
