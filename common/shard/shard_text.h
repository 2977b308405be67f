/* shard_text.h: records as lines of text. */
#ifndef SHARD_SHARD_TEXT_H
#define SHARD_SHARD_TEXT_H

#include "shard/shard.h"
#include "wordpiece/vocab.h"

/** Returns the info of a plain shard with the ids of a vocabulary. */
struct shard_info shard_vocab_info(enum shard_kind kind, const struct vocab *v);

/**
 * Read the vocabulary with which a shard's ids were made. Another vocabulary is refused. RF_OK,
 * vocab_read()'s errors or RF_EFORMAT; after an error *v is NULL.
 */
MUST_CHECK int shard_vocab_read(struct vocab **v, const char *name,
                                const struct shard_info *info, struct errbuf *eb);

/**
 * Append a record. For kind tokens each sentence is a line, and an empty line ends the
 * document; other kinds take one line. For kind masked the labels follow a tab as
 * position:label. `v` NULL prints ids, else tokens. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_text_put(struct buf *to, const struct shard_info *info,
                              const struct shard_record *r, const struct vocab *v);

/**
 * Append a record as a JSON object in one line: "doc", then "sentences" (kind tokens, an array
 * of arrays) or "ids", and for kind masked "positions" and "labels". `v` NULL prints ids, else
 * tokens as strings. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_text_json(struct buf *to, const struct shard_info *info,
                               const struct shard_record *r, const struct vocab *v);

/** Append the contents of the header and the totals as lines "name: value". RF_OK
 * or RF_ENOMEM. */
MUST_CHECK int shard_text_info(struct buf *to, const struct shard_info *info,
                               const struct shard_totals *totals);

/** Append the totals of a shard that was read to its end without error, in one line. RF_OK
 * or RF_ENOMEM. */
MUST_CHECK int shard_text_totals(struct buf *to, const struct shard_totals *totals);

#endif
