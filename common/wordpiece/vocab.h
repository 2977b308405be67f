/* vocab.h: rf-vocab(5), a WordPiece vocabulary as a file of one token a line; ids are line
 * numbers from 0. */
#ifndef WORDPIECE_VOCAB_H
#define WORDPIECE_VOCAB_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/special.h"

struct vocab;

/**
 * Read a vocabulary. Lines are right-trimmed (Unicode white space), a repeated token keeps its
 * last id, blank lines are a token ""; *odd (may be NULL) counts such lines, for a warning.
 * RF_OK, RF_EIO, RF_EFORMAT (not UTF-8, empty), RF_ERANGE, RF_ENOMEM.
 */
MUST_CHECK int vocab_read(struct vocab **v, const char *name, uint64_t *odd, struct errbuf *eb);

/** The same of a file's bytes in memory; `name` is for messages. RF_OK, RF_EFORMAT, RF_ENOMEM.
 */
MUST_CHECK int vocab_parse(struct vocab **v, const char *text, size_t len, const char *name,
                           uint64_t *odd, struct errbuf *eb);

/** Number of lines, so of ids. */
size_t vocab_size(const struct vocab *v);

/** The text of an id as it stands in the file (with "##"), NUL-terminated; *len may be NULL.
 * Lives as long as v. */
const char *vocab_token(const struct vocab *v, int32_t id, size_t *len);

/** The id of a token, -1 if it has none. */
int32_t vocab_find(const struct vocab *v, const char *token, size_t len);

/** [PAD] [UNK] [CLS] [SEP] [MASK]; -1 for those it lacks. */
struct special_ids vocab_special(const struct vocab *v);

/** XXH3-128 of the file's bytes, big-endian. */
const uint8_t *vocab_digest(const struct vocab *v);

/** Free; NULL is fine. */
void vocab_free(struct vocab *v);

#endif
