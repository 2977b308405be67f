/* test_unicode: normalising, code point by code point, against Hugging Face. */
#include "golden.h"

#include <string.h>
#include <zlib.h>

#include "base/utf8.h"
#include "wordpiece/normalize.h"
#include "text/unicode.h"

/* The order of the golden files' columns. */
static const unsigned settings[] = {0, NORMAL_LOWER, NORMAL_STRIP, NORMAL_LOWER | NORMAL_STRIP};

/* Append the words of text, parted by single spaces. */
static void put_words(struct buf *to, struct normal *n, const char *text, size_t len,
                      unsigned flags)
{
    const uint32_t *word;
    size_t at = 0, size, before = to->len;

    assert_int_equal(normalize(n, text, len, flags), RF_OK);
    while (normal_word(n, &at, &word, &size)) {
        if (to->len > before)
            assert_int_equal(buf_put(to, " ", 1), RF_OK);
        for (size_t i = 0; i < size; i++) {
            char s[UTF8_MAX_BYTES];

            assert_int_equal(buf_put(to, s, utf8_encode(s, word[i])), RF_OK);
        }
    }
}

static void assert_words(const char *text, unsigned flags, const char *want)
{
    struct normal n = {0};
    struct buf got = {0};

    put_words(&got, &n, text, strlen(text), flags);
    assert_string_equal(got.data ? got.data : "", want);
    buf_free(&got);
    normal_free(&n);
}

static void every_code_point_is_as_theirs(void **state)
{
    struct golden g;
    struct normal n = {0};
    struct buf lines = {0};
    uint32_t first = 0;

    (void)state;
    golden_open(&g, "wordpiece/codepoints.crc");
    for (; golden_next(&g); first += 4096) {
        for (int s = 0; s < 4; s++) {
            char want[9], got[9];

            buf_clear(&lines);
            for (uint32_t cp = first; cp < first + 4096; cp++) {
                char text[8] = "a";
                size_t len = 1;

                if (cp >= 0xD800 && cp < 0xE000)
                    continue;
                len += utf8_encode(text + 1, cp);
                text[len++] = 'b';
                put_words(&lines, &n, text, len, settings[s]);
                assert_int_equal(buf_put(&lines, "\n", 1), RF_OK);
            }
            snprintf(got, sizeof got, "%08lx",
                     crc32(0, (const Bytef *)(lines.data ? lines.data : ""), (uInt)lines.len));
            snprintf(want, sizeof want, "%.8s", g.text + 9 * s);
            if (strcmp(got, want) != 0)
                fail_msg("U+%04X to U+%04X, setting %d: %s, not %s", first, first + 4095, s,
                         got, want);
        }
    }
    assert_int_equal(first, 0x110000);
    buf_free(&lines);
    normal_free(&n);
}

static void rows_are_found(void **state)
{
    (void)state;
    for (unsigned i = 0; i < uni_lower_n; i++)
        assert_ptr_equal(uni_find(uni_lower, uni_lower_n, uni_lower[i].from), &uni_lower[i]);
    for (unsigned i = 0; i < uni_strip_n; i++)
        assert_ptr_equal(uni_find(uni_strip, uni_strip_n, uni_strip[i].from), &uni_strip[i]);
    assert_null(uni_find(uni_lower, uni_lower_n, 0));
    assert_null(uni_find(uni_lower, uni_lower_n, 'a'));
    assert_null(uni_find(uni_lower, uni_lower_n, 0x10FFFF));
    assert_null(uni_find(uni_lower, 0, 'A'));
}

static void words_are_split(void **state)
{
    (void)state;
    assert_words("", 0, "");
    assert_words(" \t ", 0, "");
    assert_words("a.b", 0, "a . b");
    assert_words("한국어를 써요.", 0, "한국어를 써요 .");
    assert_words("訓民", 0, "訓 民");
    assert_words("a\u200Bb\u3000c", 0, "ab c");
    assert_words("\u2000\u2001a", NORMAL_STRIP, "a");
    assert_words("Été", NORMAL_LOWER, "été");
    assert_words("Été", NORMAL_LOWER | NORMAL_STRIP, "ete");
    assert_words("각", NORMAL_STRIP, "\u1100\u1161\u11A8");
    assert_words("\u0130", NORMAL_LOWER, "i\u0307");
}

/* Marks that are kept are put in order; what vanishes as a control does not part them, what
 * vanishes as a mark without order does. */
static void marks_are_ordered(void **state)
{
    (void)state;
    assert_words("\u302E\U0001D165", 0, "\u302E\U0001D165");
    assert_words("\u302E\U0001D165", NORMAL_STRIP, "\U0001D165\u302E");
    assert_words("\u302E\u200B\u0301\U0001D165", NORMAL_STRIP, "\U0001D165\u302E");
    assert_words("\u302E\u0941\U0001D165", NORMAL_STRIP, "\u302E\U0001D165");
    assert_words("\u302Ea\U0001D165", NORMAL_STRIP, "\u302Ea\U0001D165");
    assert_words("\u302E 漢\U0001D165", NORMAL_STRIP, "\u302E 漢 \U0001D165");
}

/* A hundred thousand marks, each second of them out of order. */
static void a_long_run_of_marks_is_ordered(void **state)
{
    enum { HALF = 50000 };
    struct buf text = {0};
    struct normal n = {0};

    (void)state;
    for (int i = 0; i < HALF; i++)
        assert_int_equal(buf_put(&text, "\u302E\U0001D165", 7), RF_OK);
    assert_int_equal(normalize(&n, text.data, text.len, NORMAL_STRIP), RF_OK);
    assert_int_equal(n.n, 2 * HALF);
    for (size_t i = 0; i < n.n; i++)
        assert_int_equal(n.cp[i], i < HALF ? 0x1D165 : 0x302E);
    normal_free(&n);
    buf_free(&text);
}

/* Memory is three code points a byte: the texts that come nearest to it. */
static void the_room_suffices(void **state)
{
    static const char *const dense[] = {".",      "漢", "\uF900",     "\u0130", "\u0390",
                                        "\u1FEF", "각", "\U0001D160", "\u037E"};
    struct normal n = {0};

    (void)state;
    for (size_t i = 0; i < sizeof dense / sizeof *dense; i++) {
        for (int s = 0; s < 4; s++) {
            struct buf text = {0};

            for (int k = 0; k < 100; k++)
                assert_int_equal(buf_put(&text, dense[i], strlen(dense[i])), RF_OK);
            assert_int_equal(normalize(&n, text.data, text.len, settings[s]), RF_OK);
            assert_true(n.n <= n.cap);
            normal_free(&n); /* so that the next has no more room than it asks for */
            buf_free(&text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_as_theirs),
        cmocka_unit_test(rows_are_found),
        cmocka_unit_test(words_are_split),
        cmocka_unit_test(marks_are_ordered),
        cmocka_unit_test(a_long_run_of_marks_is_ordered),
        cmocka_unit_test(the_room_suffices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
