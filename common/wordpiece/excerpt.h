/* excerpt.h: a short piece of a masked sequence as text, to look at. */
#ifndef WORDPIECE_EXCERPT_H
#define WORDPIECE_EXCERPT_H

#include "wordpiece/vocab.h"

enum { EXCERPT_TOKENS = 32 };

/**
 * Append the text of the piece of ids[n] that the first of the positions stands in: up to
 * EXCERPT_TOKENS tokens, without [PAD], [CLS] and [SEP]. Where `put` is not NULL, put[i] stands
 * at positions[i] (ascending, n_labels of them). RF_OK, RF_EINVAL (an id the vocabulary has
 * not), RF_ENOMEM.
 */
MUST_CHECK int excerpt_text(const struct vocab *v, struct buf *to, const int32_t *ids, size_t n,
                            const uint32_t *positions, const int32_t *put, size_t n_labels,
                            struct errbuf *eb);

#endif
