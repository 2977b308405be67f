/* sentence_stops.h: full stops that do not end a sentence: numbers, initials, abbreviations.
 * Private to sentence.c. */
#ifndef TEXT_SENTENCE_STOPS_H
#define TEXT_SENTENCE_STOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a word is that a single full stop follows. Some of these stand in rows: "2010. 1. 1.",
 * "전. 부. 다.", "z. B.". */
enum stop_sort {
    STOP_WORD, /* none of the others */
    STOP_NUMBER,
    STOP_ITEM,     /* a syllable that can number the items of a list: 가 나 다 */
    STOP_SYLLABLE, /* another syllable of Hangul */
    STOP_LETTER,   /* one letter of another script */
};

/** The abbreviations, found by their first letter. */
enum { STOP_WORDS_MAX = 512 };
struct stop_words {
    struct stop_word {
        const char *form;
        uint8_t len, is; /* is: an enum abbreviation */
        uint16_t next;   /* the next word with this first letter, + 1; 0: none */
    } words[STOP_WORDS_MAX];
    uint16_t first[256];
};

void stop_words_init(struct stop_words *w);

/** A full stop and its surroundings. The word is start..word, and the stop stands at `word`. */
struct stop {
    const struct stop_words *words;
    const char *line, *end; /* the sentence so far begins at `line`; the line ends at `end` */
    const char *start, *word;
    const char *next; /* the token that follows, before `end` */
    bool first;       /* the word is the first one of its sentence */
    bool row;         /* a word of its sort stands before it */
};

enum stop_sort stop_sort(const char *start, const char *word);

/** True if the stop ends a sentence, false if it belongs to a number or an abbreviation. */
bool stop_ends(const struct stop *s);

/** True if a question or exclamation mark belongs to a name, as in "Yahoo! Mail". */
bool stop_is_name(const struct stop *s);

/** True if the sentence goes on behind the stop with a small letter, as in "in Acme Inc. and".
 */
bool stop_before_small(const struct stop *s);

/** True if a word of several letters stands before the dots, and a capital letter behind them.
 */
bool stop_before_capital(const struct stop *s);

/** True for digits and the signs between and around them in lists and dates: '24. (3) [1]. */
bool stop_is_number(const char *p, const char *end);

#endif
