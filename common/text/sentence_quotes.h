/* sentence_quotes.h: pairs of quotation marks and brackets. Private to sentence.c. */
#ifndef TEXT_SENTENCE_QUOTES_H
#define TEXT_SENTENCE_QUOTES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum pair_kind {
    PAIR_QUOTE,   /* “ ” " ' and the like */
    PAIR_TITLE,   /* 《 》 〈 〉: names of works */
    PAIR_BRACKET, /* ( ) [ ] { } */
};

struct quote_pair {
    const char *start, *end; /* start of the opening mark, end of the closing one */
    enum pair_kind kind;
};

/** {0} has no pairs. */
struct sentence_quotes {
    struct quote_pair *at;
    size_t n, cap;
};

enum { PAIRS_MAX = 1 << 20 }; /* limit for one line, so that memory is bounded */

/**
 * Find the outermost pairs of a line, in order, and put them into *p in place of the old ones.
 * A mark is not in a pair if its partner is not on the line or more than `max` characters away.
 * After PAIRS_MAX pairs no more are taken. Takes time linear in len. RF_OK, RF_ENOMEM.
 */
MUST_CHECK int sentence_quotes_find(struct sentence_quotes *p, const char *text, size_t len,
                                    uint64_t max);

void sentence_quotes_free(struct sentence_quotes *p);

#endif
