#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

/*
 * Returns the length of the sequence at s. If it is well-formed, *whole = 1. If not,
 * the length is that of its maximal subpart (at least 1) and *whole = 0. Table 3-7
 * of the Unicode standard.
 */
static size_t sequence(const unsigned char *s, size_t n, int *whole)
{
    unsigned lo = 0x80, hi = 0xBF, c = s[0];
    size_t need;

    *whole = c < 0x80;
    if (c < 0x80)
        return 1;
    if (c < 0xC2 || c > 0xF4)
        return 1;
    need = c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
    if (c == 0xE0)
        lo = 0xA0;
    else if (c == 0xED)
        hi = 0x9F;
    else if (c == 0xF0)
        lo = 0x90;
    else if (c == 0xF4)
        hi = 0x8F;
    for (size_t i = 1; i < need; i++) {
        if (i == n || s[i] < lo || s[i] > hi)
            return i;
        lo = 0x80;
        hi = 0xBF;
    }
    *whole = 1;
    return need;
}

size_t utf8_decode(uint32_t *cp, const char *s, size_t n)
{
    int whole;

    sequence((const unsigned char *)s, n, &whole);
    if (!whole) {
        *cp = 0xFFFD;
        return 0;
    }
    return utf8_next(cp, s);
}

size_t utf8_encode(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

enum { BLOCK_BYTES = 32, BACK_BYTES = 3 };

/* True if a block may follow the bytes before it. This is Table 3-7 as comparisons of each byte
 * with those before it, in a form for vectors. The last character may be incomplete. */
static inline __attribute__((always_inline)) bool fits(const unsigned char *s)
{
    unsigned char bad = 0;

    for (int i = 0; i < BLOCK_BYTES; i++) {
        unsigned char c = s[i], b = s[i - 1];
        unsigned char inside = (b >= 0xC0) | (s[i - 2] >= 0xE0) | (s[i - 3] >= 0xF0);

        bad |= inside ^ ((c & 0xC0) == 0x80);
        bad |= ((c & 0xFE) == 0xC0) | (c > 0xF4);
        bad |= ((b == 0xE0) & (c < 0xA0)) | ((b == 0xED) & (c > 0x9F));
        bad |= ((b == 0xF0) & (c < 0x90)) | ((b == 0xF4) & (c > 0x8F));
    }
    return bad == 0;
}

/* Skip all blocks from i on that are well-formed. i and the value returned are
 * both starts of characters. */
static inline __attribute__((always_inline)) size_t pass_blocks(const unsigned char *s,
                                                                size_t n, size_t i)
{
    size_t start = i;

    while (n - i >= BLOCK_BYTES && fits(s + i))
        i += BLOCK_BYTES;
    if (n - i < BLOCK_BYTES && n >= BACK_BYTES + BLOCK_BYTES && fits(s + n - BLOCK_BYTES))
        i = n;
    for (size_t back = 1; i > start && back <= BACK_BYTES; back++) {
        unsigned c = s[i - back];
        size_t need = c < 0x80 ? 1 : c < 0xC0 ? 0 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;

        if (need > back)
            return i - back;
        if (need)
            break;
    }
    return i;
}

static size_t pass_plain(const unsigned char *s, size_t n, size_t i)
{
    return pass_blocks(s, n, i);
}

#if defined(__x86_64__)
/* The same, with a block in one register. */
__attribute__((target("avx2"))) static size_t pass_avx2(const unsigned char *s, size_t n,
                                                        size_t i)
{
    return pass_blocks(s, n, i);
}
#endif

static size_t pass(const unsigned char *s, size_t n, size_t i)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2"))
        return pass_avx2(s, n, i);
#endif
    return pass_plain(s, n, i);
}

size_t utf8_check(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;

    while (i < n) {
        size_t next = i < BACK_BYTES ? i : pass(s, n, i);
        int whole;

        if (next == i) {
            next += sequence(s + i, n - i, &whole);
            if (!whole)
                return i;
        }
        i = next;
    }
    return n;
}

int utf8_repair(struct buf *to, const char *s, size_t n, uint64_t *replaced)
{
    while (n) {
        size_t good = utf8_check(s, n);
        int whole;

        if (buf_put(to, s, good) != RF_OK)
            return RF_ENOMEM;
        s += good;
        n -= good;
        if (n) {
            size_t bad = sequence((const unsigned char *)s, n, &whole);

            if (buf_put(to, "\xEF\xBF\xBD", 3) != RF_OK)
                return RF_ENOMEM;
            ++*replaced;
            s += bad;
            n -= bad;
        }
    }
    return RF_OK;
}

size_t utf8_mark(const char *s, size_t n)
{
    return n >= 3 && memcmp(s, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

bool utf8_is_utf16(const char *s, size_t n)
{
    if (n >= 2 && (memcmp(s, "\xFF\xFE", 2) == 0 || memcmp(s, "\xFE\xFF", 2) == 0))
        return true;
    if (n < 4 || !s[0] != !s[2] || !s[1] != !s[3])
        return false;
    return s[0] ? s[0] > 0 && s[2] > 0 && !s[1] : s[1] > 0 && s[3] > 0;
}
