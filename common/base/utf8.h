/* utf8.h: UTF-8, strictly as Unicode chapter 3 defines it (no overlong forms, no surrogates).
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

enum { UTF8_MAX_BYTES = 4 };

/**
 * Decode the code point at s, which has n > 0 bytes. Writes it to *cp and returns its length, 1
 * to 4; if no well-formed sequence starts at s, *cp is U+FFFD and 0 is returned.
 */
size_t utf8_decode(uint32_t *cp, const char *s, size_t n);

/** Decode the code point at s and return its length. The caller has checked
 * the text by utf8_check(). */
static inline size_t utf8_next(uint32_t *cp, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    uint32_t c = s[0];

    if (c < 0x80) {
        *cp = c;
        return 1;
    }
    if (c < 0xE0) {
        *cp = (c & 0x1F) << 6 | (s[1] & 0x3Fu);
        return 2;
    }
    if (c < 0xF0) {
        *cp = (c & 0x0F) << 12 | (s[1] & 0x3Fu) << 6 | (s[2] & 0x3Fu);
        return 3;
    }
    *cp = (c & 0x07) << 18 | (s[1] & 0x3Fu) << 12 | (s[2] & 0x3Fu) << 6 | (s[3] & 0x3Fu);
    return 4;
}

/** Write cp, a valid scalar value, to out[4] and return its length. */
size_t utf8_encode(char *out, uint32_t cp);

/** Returns the offset of the first byte that does not belong to a
 * well-formed sequence, or n. */
size_t utf8_check(const char *s, size_t n);

/**
 * Append s to `to` and replace each maximal ill-formed part by one U+FFFD (Unicode
 * 3.9; WHATWG and Python do the same). RF_OK or RF_ENOMEM; *replaced is increased by
 * the number of replacements.
 */
MUST_CHECK int utf8_repair(struct buf *to, const char *s, size_t n, uint64_t *replaced);

/** Returns the length of the byte order mark that begins a text, 0 if there is none. The mark
 * is not text. */
size_t utf8_mark(const char *s, size_t n);

/** True if a text that is not UTF-8 begins as UTF-16 does: with its byte order mark, or with
 * two ASCII characters of two bytes each. */
bool utf8_is_utf16(const char *s, size_t n);

/** Returns the number of code points of s[n], which is valid. */
static inline size_t utf8_count(const char *s, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += (s[i] & 0xC0) != 0x80;
    return count;
}

/** True if cp is a whole Hangul syllable, as U+AC00 is. */
static inline bool utf8_is_hangul(uint32_t cp)
{
    return cp >= 0xAC00 && cp <= 0xD7A3;
}

/** Returns the code point that ends at *end and moves *end to its first
 * byte; 0 if *end is `start`. */
static inline uint32_t utf8_prev(const char *start, const char **end)
{
    uint32_t cp;

    if (*end == start)
        return 0;
    do
        --*end;
    while ((**end & 0xC0) == 0x80);
    utf8_next(&cp, *end);
    return cp;
}

#endif
