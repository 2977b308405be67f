/* sentence_quotes.h: quotation marks and brackets that belong together; private to sentence.c.
 */
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
    const char *start, *end; /* its opening mark, and what stands behind the closing one */
    enum pair_kind kind;
};

/** {0} is none. */
struct sentence_quotes {
    struct quote_pair *at;
    size_t n, cap;
};

enum { PAIRS_MAX = 1 << 20 }; /* of one line, so that memory has a bound */

/**
 * The outermost pairs of a line, in order, into *p; what was there goes. A mark without its
 * partner on the line, or with more than `max` characters between, is no pair; nor are those
 * after the first PAIRS_MAX. Linear in len. RF_OK, RF_ENOMEM.
 */
MUST_CHECK int sentence_quotes_find(struct sentence_quotes *p, const char *text, size_t len,
                                    uint64_t max);

void sentence_quotes_free(struct sentence_quotes *p);

#endif
