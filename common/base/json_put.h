/* json_put.h: JSON text (RFC 8259) appended to a buffer. */
#ifndef BASE_JSON_PUT_H
#define BASE_JSON_PUT_H

#include <stddef.h>

#include "base/buf.h"

/**
 * How control characters are written. Both forms mean the same to a reader, but each tool must
 * write the same bytes for ever, so each keeps its form.
 */
enum json_controls {
    JSON_LETTERS, /* \b \f \n \r \t, the others as \u001F: for texts, names and words */
    JSON_CODES,   /* all as \u001f: for tokens in the JSON lines of wp-encode and shard-cat */
};

/**
 * Append s[n] in quotes. Only control characters, quotes and backslashes are escaped. RF_OK;
 * RF_EINVAL (s is not UTF-8: nothing was appended), RF_ENOMEM.
 */
MUST_CHECK int json_put_string(struct buf *to, const char *s, size_t n, enum json_controls how);

/**
 * Append s[n] as the inside of such a string. This is for text that comes in pieces: a piece
 * may end inside a character, but the caller knows that the whole text is UTF-8.
 */
MUST_CHECK int json_put_escaped(struct buf *to, const char *s, size_t n,
                                enum json_controls how);

/**
 * Append x, which is finite, with up to `digits` significant digits, at most 17: 0.5,
 * 2.0, 1e-6. It always has a point or an exponent, for readers that tell real numbers
 * from whole ones by them.
 */
MUST_CHECK int json_put_real(struct buf *to, double x, int digits);

#endif
