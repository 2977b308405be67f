/* json_put.h: JSON text (RFC 8259) appended to a buffer. */
#ifndef BASE_JSON_PUT_H
#define BASE_JSON_PUT_H

#include <stddef.h>

#include "base/buf.h"

/**
 * How control characters are written. Both forms mean the same, but what a tool has written
 * once it writes for ever, byte for byte.
 */
enum json_controls {
    JSON_LETTERS, /* \b \f \n \r \t, and the others as \u001F: texts, names, words */
    JSON_CODES,   /* all as \u001f: tokens in the JSON lines of wp-encode and shard-cat */
};

/**
 * Append s[n] in quotes; beside control characters only quotes and backslashes are escaped.
 * RF_OK; RF_EINVAL (s is not UTF-8: nothing was appended), RF_ENOMEM.
 */
MUST_CHECK int json_put_string(struct buf *to, const char *s, size_t n, enum json_controls how);

/**
 * Append s[n] as the inside of such a string, for text that comes in pieces: they may end
 * between the bytes of a character, but the caller knows that all of it is UTF-8.
 */
MUST_CHECK int json_put_escaped(struct buf *to, const char *s, size_t n,
                                enum json_controls how);

/**
 * Append a finite x with up to so many significant digits, at most 17: 0.5, 2.0, 1e-6. Readers
 * that tell real numbers from whole ones see a point or an exponent.
 */
MUST_CHECK int json_put_real(struct buf *to, double x, int digits);

/** The first quote, backslash or control character in p..end, or end: what is escaped. */
const char *json_special(const char *p, const char *end);

#endif
