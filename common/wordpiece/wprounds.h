/* wprounds.h: merges symbols in words that lie in a file. For wptrain.c. */
#ifndef WORDPIECE_WPROUNDS_H
#define WORDPIECE_WPROUNDS_H

#include "wordpiece/spelled.h"
#include "wordpiece/wpmerge.h"

/**
 * Do what wpmerge_all() does, for the words of a file, with at most `memory` bytes and a second
 * file beside `near`; *words is used up. The tokens are the same. RF_OK, RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int wprounds(struct wpmerge *m, struct spelled **words, uint64_t memory,
                        const char *near, struct errbuf *eb);

#endif
