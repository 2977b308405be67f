/* test_json_put: what is put is JSON, byte for byte what it always was, and reads back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "base/json_put.h"
#include "base/utf8.h"

static void assert_puts(const char *s, size_t n, enum json_controls how, const char *want)
{
    struct buf got = {0};

    assert_int_equal(json_put_string(&got, s, n, how), RF_OK);
    assert_string_equal(got.data, want);
    assert_int_equal(got.len, strlen(want));
    buf_free(&got);
}

static void strings_are_quoted_and_escaped(void **state)
{
    static const char odd[] = "\"\\/\b\f\n\r\t\0\x1F\x7F가🌱\xEF\xBF\xBF";
    (void)state;

    assert_puts("", 0, JSON_LETTERS, "\"\"");
    assert_puts("a\"b", 1, JSON_LETTERS, "\"a\"");
    assert_puts(odd, sizeof odd - 1, JSON_LETTERS,
                "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001F\x7F가🌱\xEF\xBF\xBF\"");
    assert_puts(odd, sizeof odd - 1, JSON_CODES,
                "\"\\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009\\u0000\\u001f\x7F가🌱"
                "\xEF\xBF\xBF\"");
}

/* Wherever it stands in the eight bytes that are looked at together. */
static void what_is_put_reads_back(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp < 0x10000; cp += cp < 0x200 ? 1 : 0x101) {
        char text[24] = "aaaaaaaaaaaaaaaaaaaaaaa";
        size_t at = cp % 17, n = at + 3;

        if (cp >= 0xD800 && cp < 0xE000)
            continue;
        n += utf8_encode(text + at, cp) - 1;
        for (int how = JSON_LETTERS; how <= JSON_CODES; how++) {
            const struct json_cfg one = {0};
            struct json *j = NULL;
            struct buf put = {0};
            struct json_token t;

            assert_int_equal(json_put_string(&put, text, n, (enum json_controls)how), RF_OK);
            assert_int_equal(json_open_text(&j, put.data, put.len, "x", &one, NULL), RF_OK);
            assert_int_equal(json_next(j, &t, NULL), JSON_STRING);
            assert_int_equal(t.len, n);
            assert_memory_equal(t.text, text, n);
            assert_int_equal(json_next(j, &t, NULL), JSON_END);
            json_close(j);
            buf_free(&put);
        }
    }
}

static void what_is_not_utf8_is_refused(void **state)
{
    static const char *const bad[] = {"\xFF", "a\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                      "\xEA\xB0"};
    struct buf to = {0};
    (void)state;

    assert_int_equal(buf_put(&to, "x", 1), RF_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(json_put_string(&to, bad[i], strlen(bad[i]), JSON_LETTERS), RF_EINVAL);
        assert_string_equal(to.data, "x");
    }
    buf_free(&to);
}

static void pieces_make_the_same_string(void **state)
{
    static const char text[] = "가\n\"나\"\t다";
    struct buf whole = {0};
    (void)state;

    assert_int_equal(json_put_escaped(&whole, text, sizeof text - 1, JSON_LETTERS), RF_OK);
    for (size_t cut = 0; cut < sizeof text; cut++) {
        struct buf got = {0};

        assert_int_equal(json_put_escaped(&got, text, cut, JSON_LETTERS), RF_OK);
        assert_int_equal(
            json_put_escaped(&got, text + cut, sizeof text - 1 - cut, JSON_LETTERS), RF_OK);
        assert_string_equal(got.data, whole.data);
        buf_free(&got);
    }
    buf_free(&whole);
}

static void real_numbers_are_short_and_look_real(void **state)
{
    static const struct {
        double x;
        int digits;
        const char *want;
    } of[] = {
        {0, 6, "0.0"},
        {1, 6, "1.0"},
        {-2, 6, "-2.0"},
        {0.5, 6, "0.5"},
        {0.123456789, 6, "0.123457"},
        {0.0001, 6, "0.0001"},
        {1e-5, 6, "1e-5"},
        {1.25e-6, 6, "1.25e-6"},
        {-1e-10, 6, "-1e-10"},
        {123456, 6, "123456.0"},
        {1234567, 6, "1.23457e6"},
        {1e20, 6, "1e20"},
        {1e300, 17, "1.0000000000000001e300"},
        {0.1, 17, "0.10000000000000001"},
        {-1.7976931348623157e308, 17, "-1.7976931348623157e308"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct buf got = {0};

        assert_int_equal(json_put_real(&got, of[i].x, of[i].digits), RF_OK);
        assert_string_equal(got.data, of[i].want);
        buf_free(&got);
    }
}

static void whole_numbers_are_in_decimal(void **state)
{
    static const uint64_t of[] = {0, 1, 9, 10, 4294967296, UINT64_MAX / 10, UINT64_MAX};
    (void)state;

    for (size_t i = 0; i < sizeof of / sizeof *of; i++) {
        struct buf want = {0}, got = {0};

        assert_int_equal(buf_printf(&want, "x%llu", (unsigned long long)of[i]), RF_OK);
        assert_int_equal(buf_put(&got, "x", 1), RF_OK);
        assert_int_equal(buf_put_uint(&got, of[i]), RF_OK);
        assert_string_equal(got.data, want.data);
        buf_free(&want);
        buf_free(&got);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_quoted_and_escaped),
        cmocka_unit_test(what_is_put_reads_back),
        cmocka_unit_test(what_is_not_utf8_is_refused),
        cmocka_unit_test(pieces_make_the_same_string),
        cmocka_unit_test(real_numbers_are_short_and_look_real),
        cmocka_unit_test(whole_numbers_are_in_decimal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
