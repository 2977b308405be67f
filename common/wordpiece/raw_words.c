#include "wordpiece/raw_words.h"

#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { BLOCK_BYTES = 64 };

/* A bit for each of the 64 bytes, the lowest for the first: whether it is a space. */
static uint64_t spaces(const char *s)
{
    uint64_t mask = 0;
#if defined(__SSE2__)
    const __m128i space = _mm_set1_epi8(' ');

    for (int i = 0; i < BLOCK_BYTES / 16; i++) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(s + 16 * i));

        mask |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, space)) << 16 * i;
    }
#else
    for (int i = 0; i < BLOCK_BYTES; i++)
        mask |= (uint64_t)(s[i] == ' ') << i;
#endif
    return mask;
}

/* The same of the first n < 64 bytes; those behind them count as spaces. */
static uint64_t last_spaces(const char *s, size_t n, const char *limit)
{
    char copy[BLOCK_BYTES] = {0};
    uint64_t behind = ~(uint64_t)0 << n;

    if (limit - s >= BLOCK_BYTES)
        return spaces(s) | behind;
    memcpy(copy, s, n);
    return spaces(copy) | behind;
}

/* Find the edges in the n bytes from `base` on. A word that goes on behind them has no end. */
static void find_edges(struct raw_words *r, size_t n)
{
    uint64_t before = 1; /* what is before the segment is a space */
    uint32_t *edge = r->edge;

    for (size_t i = 0; i < n; i += BLOCK_BYTES) {
        uint64_t mask = n - i < BLOCK_BYTES ? last_spaces(r->base + i, n - i, r->limit)
                                            : spaces(r->base + i);
        uint64_t change = mask ^ (mask << 1 | before);

        before = mask >> 63;
        for (; change; change &= change - 1)
            *edge++ = (uint32_t)i + (uint32_t)__builtin_ctzll(change);
    }
    r->edges = (unsigned)(edge - r->edge);
    r->next = 0;
}

/* Go on to the next segment: all its words are whole. */
static void next_segment(struct raw_words *r)
{
    size_t left = (size_t)(r->end - r->at);
    size_t n = left < RAW_SEGMENT_BYTES ? left : RAW_SEGMENT_BYTES;

    r->base = r->at;
    find_edges(r, n);
    r->at += n;
    if (r->edges % 2 == 0)
        return;
    if (r->at == r->end) {
        r->edge[r->edges++] = (uint32_t)n;
    } else if (r->edges > 1 || r->edge[0] > 0) { /* the next segment begins with this word */
        r->at = r->base + r->edge[--r->edges];
    } else {
        const char *space = memchr(r->at, ' ', (size_t)(r->end - r->at));

        r->at = space ? space : r->end;
        r->edge[r->edges++] = (uint32_t)(r->at - r->base);
    }
}

/* Load n <= 16 bytes and zeros. If `whole`, there are 16 bytes to read. */
static inline void load_key(uint64_t key[2], const char *s, size_t n, bool whole)
{
    static const uint8_t keep[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                     255, 255, 255, 255, 255, 255, 255, 255};
    uint64_t mask[2];

    if (!whole) {
        key[0] = key[1] = 0;
        memcpy(key, s, n);
        return;
    }
    memcpy(key, s, 16);
    memcpy(mask, keep + 16 - n, 16);
    key[0] &= mask[0];
    key[1] &= mask[1];
}

static inline void set_word(struct raw_word *w, const char *s, size_t len, const char *limit)
{
    static const uint8_t mark[8] = {[7] = RAW_SHORT_MARK};
    bool whole = limit - s >= RAW_KEY_BYTES;
    uint64_t high;

    w->text = s;
    w->len = len;
    if (len <= RAW_SHORT_BYTES) {
        memcpy(&high, mark, sizeof high);
        w->key[2] = w->key[3] = 0;
        load_key(w->key, s, len, whole);
        w->key[1] |= high;
        w->hash = raw_key_hash_short(w->key);
    } else if (len <= RAW_KEY_BYTES) {
        load_key(w->key, s, 16, whole);
        load_key(w->key + 2, s + 16, len - 16, whole);
        w->hash = raw_key_hash_long(w->key);
    } else {
        memset(w->key, 0xFF, sizeof w->key);
        w->hash = 0;
    }
}

void raw_words_begin(struct raw_words *r, const char *text, size_t len, size_t slack)
{
    r->at = text;
    r->end = text + len;
    r->limit = r->end + slack;
    r->edges = r->next = 0;
}

unsigned raw_words_next(struct raw_words *r, struct raw_word *word)
{
    unsigned n = 0;

    while (r->next == r->edges) {
        if (r->at == r->end)
            return 0;
        next_segment(r);
    }
    for (; n < RAW_WORDS && r->next < r->edges; n++, r->next += 2) {
        const uint32_t *edge = r->edge + r->next;

        set_word(&word[n], r->base + edge[0], edge[1] - edge[0], r->limit);
    }
    return n;
}
