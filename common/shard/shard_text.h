/* shard_text.h: records as lines of text. */
#ifndef SHARD_SHARD_TEXT_H
#define SHARD_SHARD_TEXT_H

#include "shard/shard.h"
#include "wordpiece/vocab.h"

/** The head of a shard whose ids are of a vocabulary; as plain as can be. */
struct shard_info shard_vocab_info(enum shard_kind kind, const struct vocab *v);

/**
 * Read the vocabulary that a shard's ids were made with: another one is refused. vocab_read()'s
 * errors or RF_EFORMAT; *v is NULL then.
 */
MUST_CHECK int shard_vocab_read(struct vocab **v, const char *name,
                                const struct shard_info *info, struct errbuf *eb);

/**
 * Append a record: of kind tokens a line for each sentence and an empty one after the document,
 * else one line; of kind masked, labels stand behind a tab as position:label. `v` NULL prints
 * ids, else tokens. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_text_put(struct buf *to, const struct shard_info *info,
                              const struct shard_record *r, const struct vocab *v);

/**
 * Append a record as a JSON object in a line: "doc", then "sentences" (kind tokens, an array of
 * arrays) or "ids", and of kind masked "positions" and "labels". `v` NULL prints ids, else
 * tokens, as strings. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_text_json(struct buf *to, const struct shard_info *info,
                               const struct shard_record *r, const struct vocab *v);

/** Append what the header and the totals say, as lines "name: value". RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_text_info(struct buf *to, const struct shard_info *info,
                               const struct shard_totals *totals);

/** Append the totals of a shard that was read to its end and is right, in one line. RF_OK or
 * RF_ENOMEM. */
MUST_CHECK int shard_text_totals(struct buf *to, const struct shard_totals *totals);

#endif
