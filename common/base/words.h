/* words.h: lists of names and settings in one text, spaces between them. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

#include "base/err.h"

/** {0} is no words. They lie in a copy of the text and may be changed in place. */
struct words {
    char *text, **w;
    size_t n;
};

/** Split at spaces; "" has no words. RF_OK or RF_ENOMEM; words_free() in either case. */
MUST_CHECK int words_split(struct words *words, const char *text, struct errbuf *eb);
void words_free(struct words *words);

#endif
