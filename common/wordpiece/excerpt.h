/* excerpt.h: a short piece of a masked sequence as text, for people to read. */
#ifndef WORDPIECE_EXCERPT_H
#define WORDPIECE_EXCERPT_H

#include "wordpiece/vocab.h"

enum { EXCERPT_TOKENS = 32 };

/**
 * Append a piece of ids[n] as text: up to EXCERPT_TOKENS tokens around the first of the
 * positions, without [PAD], [CLS] and [SEP]. If `put` is not NULL, put[i] replaces the token at
 * positions[i]; there are n_labels positions, in ascending order. RF_OK, RF_EINVAL (the
 * vocabulary lacks an id), RF_ENOMEM.
 */
MUST_CHECK int excerpt_text(const struct vocab *v, struct buf *to, const int32_t *ids, size_t n,
                            const uint32_t *positions, const int32_t *put, size_t n_labels,
                            struct errbuf *eb);

#endif
