/* test_utf8: well-formed is what table 3-7 of the Unicode standard lists, no more and no less.
 */
#include "golden.h"

#include <string.h>
#include <zlib.h>

#include "base/utf8.h"

/* Table 3-7, written down as it stands there. */
static const struct row {
    size_t bytes;
    uint8_t lo[4], hi[4];
} table[] = {
    {1, {0x00}, {0x7F}},
    {2, {0xC2, 0x80}, {0xDF, 0xBF}},
    {3, {0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}},
    {3, {0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}},
    {3, {0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}},
    {3, {0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}},
    {4, {0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}},
    {4, {0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}},
    {4, {0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}},
};

/* How many of the row's ranges the first bytes lie in, at most n. */
static size_t agreeing(const struct row *r, const uint8_t *s, size_t n)
{
    size_t i = 0;

    while (i < n && i < r->bytes && s[i] >= r->lo[i] && s[i] <= r->hi[i])
        i++;
    return i;
}

/* Length of the sequence at s, 0 if it is ill-formed; *part is its maximal subpart then. */
static size_t by_table(const uint8_t *s, size_t n, size_t *part)
{
    *part = 1;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        size_t same = agreeing(&table[i], s, n);

        if (same == table[i].bytes)
            return same;
        if (same > *part)
            *part = same;
    }
    return 0;
}

static void check_bytes(const uint8_t *bytes, size_t n)
{
    char s[4];
    uint32_t cp;
    struct buf fixed = {0};
    uint64_t replaced = 0;
    size_t part, want = by_table(bytes, n, &part);

    memcpy(s, bytes, n); /* of its own size: reading past it is seen by the sanitizers */
    if (utf8_decode(&cp, s, n) != want || (want == 0 && cp != 0xFFFD))
        fail_msg("decode of %02x %02x.. (%zu bytes)", bytes[0], n > 1 ? bytes[1] : 0, n);
    if (want) {
        char again[4];

        assert_int_equal(utf8_encode(again, cp), want);
        assert_memory_equal(again, s, want);
        assert_int_equal(utf8_next(&cp, s), want);
        return;
    }
    assert_int_equal(utf8_check(s, n), 0);
    assert_int_equal(utf8_repair(&fixed, s, part, &replaced), RF_OK);
    if (replaced != 1 || fixed.len != 3 || memcmp(fixed.data, "\xEF\xBF\xBD", 3) != 0)
        fail_msg("repair of %02x %02x.. (%zu bytes)", bytes[0], n > 1 ? bytes[1] : 0, part);
    buf_free(&fixed);
}

static void all_short_sequences(void **state)
{
    uint8_t b[3];
    (void)state;

    for (unsigned i = 0; i < 1 << 8; i++) {
        b[0] = (uint8_t)i;
        check_bytes(b, 1);
    }
    for (unsigned i = 0; i < 1 << 16; i++) {
        b[0] = (uint8_t)(i >> 8);
        b[1] = (uint8_t)i;
        check_bytes(b, 2);
    }
    for (unsigned i = 0xE0 << 16; i < 0xF5 << 16; i++) {
        b[0] = (uint8_t)(i >> 16);
        b[1] = (uint8_t)(i >> 8);
        b[2] = (uint8_t)i;
        check_bytes(b, 3);
    }
}

static void edges_of_long_sequences(void **state)
{
    static const uint8_t edge[] = {0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    enum { N = sizeof edge };
    (void)state;

    for (unsigned lead = 0xE0; lead <= 0xFF; lead++)
        for (unsigned i = 0; i < N * N * N; i++) {
            uint8_t b[4] = {(uint8_t)lead, edge[i % N], edge[i / N % N], edge[i / N / N]};

            check_bytes(b, 4);
        }
}

static void every_scalar_value_comes_back(void **state)
{
    (void)state;

    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        char s[4];
        uint32_t back;
        size_t n;

        if (cp >= 0xD800 && cp <= 0xDFFF)
            continue;
        n = utf8_encode(s, cp);
        if (utf8_decode(&back, s, n) != n || back != cp || utf8_check(s, n) != n)
            fail_msg("U+%04X", cp);
    }
}

/* Tables 3-8 to 3-11 of the standard: one U+FFFD for each maximal subpart. */
static void repairs_of_the_standard(void **state)
{
    static const struct {
        const char *bad, *good;
    } cases[] = {
        {"\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41", "????????A"}, /* not the shortest form */
        {"\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41", "????????A"}, /* surrogates */
        {"\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42", "?????A??B"}, /* others */
        {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41", "????A"},     /* cut */
        {"\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", "a???b?c??d"},
        {"", ""},
        {"all well, 모두", "all well, 모두"},
        {"\xEB\xAA", "?"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buf got = {0}, want = {0};
        uint64_t replaced = 0, marks = 0;

        for (const char *p = cases[i].good; *p; p++) {
            marks += *p == '?';
            assert_int_equal(
                *p == '?' ? buf_put(&want, "\xEF\xBF\xBD", 3) : buf_put(&want, p, 1), RF_OK);
        }
        assert_int_equal(utf8_repair(&got, cases[i].bad, strlen(cases[i].bad), &replaced),
                         RF_OK);
        if (replaced != marks || got.len != want.len ||
            (got.len && memcmp(got.data, want.data, got.len) != 0))
            fail_msg("case %zu: '%s'", i, got.data);
        buf_free(&got);
        buf_free(&want);
    }
}

/* Eight ASCII bytes are looked at together: an error must be found at each place of them. */
static void the_first_bad_byte_is_found_anywhere(void **state)
{
    static const char *const bad[] = {"\x80", "\xC2", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                      "\xE2\x82"};
    (void)state;

    for (size_t len = 1; len < 40; len++)
        for (size_t at = 0; at < len; at++)
            for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
                char s[64];
                size_t n = strlen(bad[k]);

                memset(s, 'a', len + n);
                memcpy(s + at, bad[k], n);
                assert_int_equal(utf8_check(s, len + n), at);
                assert_int_equal(utf8_check(s, at), at);
            }
}

/* Add what golden/utf8/make.py says of one string. */
static void add_verdict(uLong *crc, struct buf *fixed, const uint8_t *bytes, size_t n)
{
    const char *s = (const char *)bytes;
    size_t stop = utf8_check(s, n);
    uint64_t replaced = 0;
    uint8_t head[2];

    buf_clear(fixed);
    assert_int_equal(utf8_repair(fixed, s, n, &replaced), RF_OK);
    head[0] = (uint8_t)stop;
    head[1] = (uint8_t)fixed->len;
    *crc = crc32(*crc, head, sizeof head);
    *crc = crc32(*crc, (const Bytef *)fixed->data, (uInt)fixed->len);
}

/* The CRC over `first` with all of n - 1 bytes from `bytes` behind it. */
static uLong digest(uint8_t first, size_t n, const uint8_t *bytes, size_t choices)
{
    uint8_t s[4] = {first};
    uLong crc = crc32(0, NULL, 0);
    struct buf fixed = {0};
    size_t all = 1;

    for (size_t i = 1; i < n; i++)
        all *= choices;
    for (size_t k = 0; k < all; k++) {
        for (size_t i = n - 1, rest = k; i > 0; i--, rest /= choices)
            s[i] = bytes[rest % choices];
        add_verdict(&crc, &fixed, s, n);
    }
    buf_free(&fixed);
    return crc;
}

static void all_verdicts_are_those_of_python(void **state)
{
    static const uint8_t edges[] = {0x00, 0x41, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F,
                                    0xA0, 0xBF, 0xC0, 0xC2, 0xED, 0xF4, 0xFF};
    uint8_t every[256];
    struct golden g;
    unsigned first = 0;
    (void)state;

    for (unsigned i = 0; i < sizeof every; i++)
        every[i] = (uint8_t)i;
    golden_open(&g, "utf8/digests");
    for (; golden_next(&g); first++) {
        char got[64];

        snprintf(got, sizeof got, "%02x %08lx %08lx %08lx %08lx", first,
                 digest((uint8_t)first, 1, every, sizeof every),
                 digest((uint8_t)first, 2, every, sizeof every),
                 digest((uint8_t)first, 3, every, sizeof every),
                 digest((uint8_t)first, 4, edges, sizeof edges));
        assert_string_equal(got, g.text);
    }
    assert_int_equal(first, 256);
}

/* The quick looks at eight bytes say what the slow ones say, which strings at the end get. */
static void same_in_front_of_others(void **state)
{
    static const char rest[] = "\xEA\xB0\x80 abcdefghij";
    (void)state;

    for (uint32_t n = 0; n < 1 << 24; n += 1 + n % 3) { /* all lead bytes, most pairs */
        char s[3 + sizeof rest] = {(char)(n >> 16), (char)(n >> 8), (char)n};
        size_t alone = utf8_check(s, 3);

        memcpy(s + 3, rest, sizeof rest);
        assert_int_equal(utf8_check(s, 3 + strlen(rest)),
                         alone == 3 ? 3 + strlen(rest) : alone);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_in_front_of_others),
        cmocka_unit_test(all_short_sequences),
        cmocka_unit_test(edges_of_long_sequences),
        cmocka_unit_test(every_scalar_value_comes_back),
        cmocka_unit_test(repairs_of_the_standard),
        cmocka_unit_test(the_first_bad_byte_is_found_anywhere),
        cmocka_unit_test(all_verdicts_are_those_of_python),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
