/* words.h: splits a text with names or settings at its spaces. */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include <stddef.h>

#include "base/err.h"

/** The words lie in a copy of the text and may be changed there. {0} has no words. */
struct words {
    char *text, **w;
    size_t n;
};

/** Split `text` at spaces; "" has no words. RF_OK or RF_ENOMEM; call
 * words_free() in both cases. */
MUST_CHECK int words_split(struct words *words, const char *text, struct errbuf *eb);
void words_free(struct words *words);

#endif
