/* spelled.h: words as rows of token ids with their counts, in a temporary file. It is written
 * from start to end and then read from start to end. For wptrain.c. */
#ifndef WORDPIECE_SPELLED_H
#define WORDPIECE_SPELLED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct spelled;

/** Make an empty file beside `near` (NULL: in $TMPDIR or /tmp). RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int spelled_new(struct spelled **s, const char *near, struct errbuf *eb);

/** Append a word of n ids. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int spelled_put(struct spelled *s, const uint32_t *ids, size_t n, uint64_t count,
                           struct errbuf *eb);

/** Append the word that was read last from another file. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int spelled_copy(struct spelled *s, const struct spelled *from, struct errbuf *eb);

/** Begin to read at the start. RF_OK, RF_EIO. */
MUST_CHECK int spelled_rewind(struct spelled *s, struct errbuf *eb);

/** Read the next word: *n ids, which may be written over and live until the next call. Returns
 * 1, 0 after the last word, RF_EIO, RF_ENOMEM. */
MUST_CHECK int spelled_next(struct spelled *s, uint32_t **ids, size_t *n, uint64_t *count,
                            struct errbuf *eb);

/** Make the file empty, to be written again. RF_OK, RF_EIO. */
MUST_CHECK int spelled_clear(struct spelled *s, struct errbuf *eb);

/** Free; NULL is fine. */
void spelled_free(struct spelled *s);

#endif
