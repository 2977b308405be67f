#include "base/json_scan.h"

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 32, WORD_BYTES = 8, UNIT_BYTES = 6 };

#define TOP_BITS 0x8080808080808080u

/* Whether no byte of a block must be escaped. Their bits are added to *all. */
static bool is_plain(const unsigned char *s, unsigned char *all)
{
    unsigned char special = 0, bits = 0;

    for (int i = 0; i < BLOCK_BYTES; i++) {
        special |= (s[i] < ' ') | (s[i] == '"') | (s[i] == '\\');
        bits |= s[i];
    }
    *all |= bits;
    return !special;
}

/* The top bit of each byte that must be escaped, and maybe of bytes behind the first of them.
 */
static uint64_t find_special(uint64_t x)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\';

    /* The top bit of a byte is set if that byte is 0 (in x: below 32). A borrow of the
     * subtraction reaches only higher bytes, which stand behind a byte that was found. */
    return (((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((x - ones * ' ') & ~x)) &
           TOP_BITS;
}

/* Look at eight bytes. Returns how many stand before the first that must be escaped, up to 8;
 * their bits are added to *all. */
static size_t pass_word(const char *p, uint64_t *all)
{
    uint64_t x, found;
    size_t n;

    memcpy(&x, p, sizeof x);
    x = le64toh(x);
    found = find_special(x);
    n = found ? (size_t)__builtin_ctzll(found) / 8 : sizeof x;
    *all |= found ? x & (((uint64_t)1 << 8 * n) - 1) : x;
    return n;
}

const char *json_special(const char *p, const char *end, bool *ascii)
{
    unsigned char in_blocks = 0, with_block = 0;
    uint64_t all = 0;
    size_t n = WORD_BYTES;

    if (end - p >= WORD_BYTES) /* most keys and names end here */
        p += n = pass_word(p, &all);
    if (n == WORD_BYTES)
        for (; end - p >= BLOCK_BYTES && is_plain((const unsigned char *)p, &with_block);
             p += BLOCK_BYTES)
            in_blocks = with_block;
    while (n == WORD_BYTES && end - p >= WORD_BYTES)
        p += n = pass_word(p, &all);
    for (; p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= ' '; p++)
        all |= (unsigned char)*p;
    *ascii = !((all | in_blocks) & TOP_BITS);
    return p;
}

/* 0xFF: true, 0: false. Comparisons of vectors give these. */
static signed char mask(bool x)
{
    return (signed char)-x;
}

/* Digits of an escape as most programs write them; those in capitals are left to the usual way.
 */
static signed char is_digit(signed char c)
{
    return mask((unsigned char)(c - '0') < 10) | mask((unsigned char)(c - 'a') < 6);
}

/* Whether a block has but ASCII without quotes and controls, and such escapes, of which the
 * last may reach into the bytes behind it. As every backslash must have a u behind it, none is
 * itself escaped. */
static bool has_units(const signed char *s)
{
    signed char good = -1;

    for (int i = 0; i < BLOCK_BYTES; i++) {
        signed char c = s[i]; /* below 0 if it is no ASCII */
        signed char unit = mask(s[i + 1] == 'u') & is_digit(s[i + 2]) & is_digit(s[i + 3]) &
                           is_digit(s[i + 4]) & is_digit(s[i + 5]);
        signed char surrogate = mask(s[i + 2] == 'd') & mask(s[i + 3] > '7');

        good &= mask(c >= ' ') & mask(c != '"') & (mask(c != '\\') | (unit & ~surrogate));
    }
    return good;
}

const char *json_pass_units(const char *p, const char *end)
{
    while (end - p >= BLOCK_BYTES + UNIT_BYTES && has_units((const signed char *)p))
        p += BLOCK_BYTES;
    return p;
}
