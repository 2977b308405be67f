/* spelled.h: words as rows of token ids with their counts, in a temporary file that is written
 * from one end to the other, then read so. For wptrain.c. */
#ifndef WORDPIECE_SPELLED_H
#define WORDPIECE_SPELLED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct spelled;

/** An empty one, beside `near` (NULL: in $TMPDIR or /tmp). RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int spelled_new(struct spelled **s, const char *near, struct errbuf *eb);

/** Append a word of n ids. RF_OK, RF_EIO. */
MUST_CHECK int spelled_put(struct spelled *s, const uint32_t *ids, size_t n, uint64_t count,
                           struct errbuf *eb);

/** Begin to read. RF_OK, RF_EIO. */
MUST_CHECK int spelled_rewind(struct spelled *s, struct errbuf *eb);

/** The next word: *n ids that may be written over and live until the next call. Returns 1, 0
 * after the last, RF_EIO, RF_ENOMEM. */
MUST_CHECK int spelled_next(struct spelled *s, uint32_t **ids, size_t *n, uint64_t *count,
                            struct errbuf *eb);

/** Empty it, to be written anew. RF_OK, RF_EIO. */
MUST_CHECK int spelled_clear(struct spelled *s, struct errbuf *eb);

/** Free; NULL is fine. */
void spelled_free(struct spelled *s);

#endif
