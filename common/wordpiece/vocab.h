/* vocab.h: rf-vocab(5), a WordPiece vocabulary. It is a file with a token in each line; ids are
 * line numbers from 0. */
#ifndef WORDPIECE_VOCAB_H
#define WORDPIECE_VOCAB_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/special.h"

struct vocab;

/**
 * Read a vocabulary. Unicode white space at the end of a line is removed, a repeated token
 * keeps its last id, and a blank line is the token "". *odd (may be NULL) counts such lines,
 * for a warning. RF_OK, RF_EIO, RF_EFORMAT (not UTF-8, empty), RF_ERANGE, RF_ENOMEM.
 */
MUST_CHECK int vocab_read(struct vocab **v, const char *name, uint64_t *odd, struct errbuf *eb);

/** Read a vocabulary from the bytes of a file in memory; `name` is for messages. RF_OK,
 * RF_EFORMAT, RF_ENOMEM. */
MUST_CHECK int vocab_parse(struct vocab **v, const char *text, size_t len, const char *name,
                           uint64_t *odd, struct errbuf *eb);

/** Returns the number of lines, which is the number of ids. */
size_t vocab_size(const struct vocab *v);

/** Returns the text of an id as it stands in the file (with "##"), with a NUL behind it; *len
 * is its length (len may be NULL). It lives as long as v. */
const char *vocab_token(const struct vocab *v, int32_t id, size_t *len);

/** Returns the id of a token, -1 if it has none. */
int32_t vocab_find(const struct vocab *v, const char *token, size_t len);

/** Returns the ids of [PAD] [UNK] [CLS] [SEP] [MASK]; -1 for those that the
 * vocabulary lacks. */
struct special_ids vocab_special(const struct vocab *v);

/** Returns the XXH3-128 of the file's bytes, big-endian. */
const uint8_t *vocab_digest(const struct vocab *v);

/** Free; NULL is fine. */
void vocab_free(struct vocab *v);

#endif
