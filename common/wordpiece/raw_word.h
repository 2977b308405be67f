/*
 * raw_word.h: text cut at its spaces (U+0020), with what a cache of such words needs.
 *
 * A raw word is normalised, split and encoded in the same way wherever it stands.
 */
#ifndef WORDPIECE_RAW_WORD_H
#define WORDPIECE_RAW_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { RAW_WORD_KEY_WORDS = 4, RAW_WORD_KEY_BYTES = 8 * RAW_WORD_KEY_WORDS };

struct raw_word {
    const char *text;
    size_t len;                       /* at least 1 */
    uint64_t key[RAW_WORD_KEY_WORDS]; /* its first bytes, then zeros */
    uint64_t hash;                    /* the hash of the key; its high bits are good */
};

/* Load eight bytes as a number, the first byte lowest. Bytes from `end` on count as spaces. */
static inline uint64_t raw_word_load(const char *s, const char *end)
{
    uint64_t x = 0x2020202020202020u;

    if (end - s >= 8)
        memcpy(&x, s, 8);
    else if (s < end)
        memcpy(&x, s, (size_t)(end - s));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return x;
}

/* The lowest bit set in the result is the high bit of the first byte that is a space. Bits
 * above it may be wrong. */
static inline uint64_t raw_word_spaces(uint64_t x)
{
    x ^= 0x2020202020202020u;
    return (x - 0x0101010101010101u) & ~x & 0x8080808080808080u;
}

/** Give the next raw word from *at on and move *at behind it. False if only spaces are left. */
static inline bool raw_word_next(struct raw_word *c, const char **at, const char *end)
{
    const char *s = *at;

    while (s < end && *s == ' ')
        s++;
    if (s == end)
        return false;
    c->text = s;
    c->hash = 0;
    for (int i = 0; i < RAW_WORD_KEY_WORDS; i++)
        c->key[i] = 0;
    for (int i = 0; i < RAW_WORD_KEY_WORDS; i++, s += 8) {
        uint64_t x = raw_word_load(s, end), spaces = raw_word_spaces(x);
        unsigned n = spaces ? (unsigned)__builtin_ctzll(spaces) / 8 : 8;

        if (n < 8)
            x &= ((uint64_t)1 << 8 * n) - 1;
        c->key[i] = x;
        c->hash = (c->hash ^ x ^ x >> 32) * 0x9E3779B97F4A7C15u;
        c->hash ^= c->hash >> 32;
        if (n < 8) {
            s += n;
            goto found;
        }
    }
    if (s < end && !(s = memchr(s, ' ', (size_t)(end - s))))
        s = end;
found:
    c->len = (size_t)(s - c->text);
    *at = s;
    return true;
}

/** True if the key is the whole word. */
static inline bool raw_word_is_short(const struct raw_word *c)
{
    return c->len <= RAW_WORD_KEY_BYTES;
}

static inline bool raw_word_key_equal(const struct raw_word *c, const uint64_t *key)
{
    return ((c->key[0] ^ key[0]) | (c->key[1] ^ key[1]) | (c->key[2] ^ key[2]) |
            (c->key[3] ^ key[3])) == 0;
}

/** Write the bytes of a key as they stood in the text. */
static inline void raw_word_key_text(const uint64_t *key, char text[RAW_WORD_KEY_BYTES])
{
    for (int i = 0; i < RAW_WORD_KEY_WORDS; i++) {
        uint64_t x = key[i];

#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        x = __builtin_bswap64(x);
#endif
        memcpy(text + 8 * i, &x, 8);
    }
}

#endif
