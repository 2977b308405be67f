/*
 * raw_words.h: text cut at its spaces (U+0020), with what a cache of such words needs.
 *
 * A raw word is normalised, split and encoded in the same way wherever it stands. Raw words
 * come some at a time, so that the places of the next ones in a large table can be fetched
 * while the first ones are looked up.
 */
#ifndef WORDPIECE_RAW_WORDS_H
#define WORDPIECE_RAW_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RAW_SHORT_MARK = 0xF8,
    RAW_KEY_WORDS = 4,
    RAW_KEY_BYTES = 8 * RAW_KEY_WORDS,
    RAW_SHORT_BYTES = 15,     /* a word of at most these has a key of two numbers */
    RAW_SEGMENT_BYTES = 1024, /* text whose spaces are found at once */
    RAW_WORDS = 32,           /* at most so many words come at a time */
};

/* A key is a word's bytes as they lie, and zeros. A short word is told by two numbers, and the
 * last byte of these is a mark that no UTF-8 has; so they are neither all zeros nor the
 * beginning of another key. Words of over 32 bytes have no key: what stands there is not UTF-8.
 */
struct raw_word {
    const char *text;
    size_t len; /* at least 1 */
    uint64_t key[RAW_KEY_WORDS];
    uint64_t hash; /* of the key; its high bits are good; 0 if there is no key */
};

/** Where the cutting of a text stands. */
struct raw_words {
    const char *at, *end;                 /* the text that is still to be cut */
    const char *limit;                    /* bytes before it may be read */
    const char *base;                     /* the segment whose edges these are: */
    uint32_t edge[RAW_SEGMENT_BYTES + 2]; /* where words begin and end in it, by turns */
    unsigned edges, next;
};

/** Begin with text[len], behind which `slack` bytes may be read. */
void raw_words_begin(struct raw_words *r, const char *text, size_t len, size_t slack);

/** Put the next words into word[RAW_WORDS] and return their number, 0 at the end. */
unsigned raw_words_next(struct raw_words *r, struct raw_word *word);

/** True if there is a key. */
static inline bool raw_word_has_key(const struct raw_word *w)
{
    return w->len <= RAW_KEY_BYTES;
}

static inline bool raw_key_equal(const uint64_t *a, const uint64_t *b)
{
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3])) == 0;
}

/** The hashes of a short word's key and of a longer one's. */
static inline uint64_t raw_key_hash_short(const uint64_t key[2])
{
    uint64_t x = key[0] * 0x9E3779B97F4A7C15u ^ key[1] * 0xC2B2AE3D27D4EB4Fu;

    return (x ^ x >> 32) * 0x9FB21C651E98DF25u;
}

static inline uint64_t raw_key_hash_long(const uint64_t key[RAW_KEY_WORDS])
{
    return raw_key_hash_short(key) + raw_key_hash_short(key + 2) * 0x165667B19E3779F9u;
}

/** True if key[0] and key[1] are the key of a short word. */
static inline bool raw_key_is_short(const uint64_t *key)
{
    return ((const uint8_t *)key)[RAW_SHORT_BYTES] == RAW_SHORT_MARK;
}

#endif
