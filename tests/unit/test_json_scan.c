/* test_json_scan: what is looked at in blocks is what a plain loop over the bytes finds, and a
 * string that is skipped is judged as one that is read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"
#include "base/rng.h"

enum { LONGEST = 200 };

static uint32_t any(uint64_t *count)
{
    uint32_t w[4];

    rng_block(w, rng_stream(1, 0, 0, RNG_RESAMPLE), (*count)++);
    return w[0];
}

static size_t plain_special(const char *p, size_t n, bool *ascii)
{
    size_t i;

    *ascii = true;
    for (i = 0; i < n && p[i] != '"' && p[i] != '\\' && (unsigned char)p[i] >= 32; i++)
        *ascii = *ascii && !(p[i] & 0x80);
    return i;
}

/* One odd byte, of each kind, at each place of texts of all lengths, and one that is not ASCII
 * before or behind it. */
static void a_special_byte_is_found_wherever_it_stands(void **state)
{
    static const char odd[] = "\"\\\x1F\n\0 !#[]\x7F\x80\xFF";
    (void)state;

    for (size_t n = 0; n < 100; n++)
        for (size_t at = 0; at < n; at++)
            for (size_t k = 0; k < sizeof odd; k++) {
                char text[LONGEST];
                bool ascii, want;
                size_t place;

                memset(text, 'x', sizeof text);
                text[at] = odd[k];
                if (k % 2)
                    text[(at * 7 + n) % n] = '\xC0';
                place = plain_special(text, n, &want);
                assert_ptr_equal(json_special(text, text + n, &ascii), text + place);
                assert_int_equal(ascii, want);
            }
}

/* What comes of a text as JSON: the last code, its message, the lone surrogates, and where the
 * first string ends. */
struct verdict {
    int rc;
    struct errbuf eb;
    uint64_t lone, end;
};

static struct verdict judge(const char *text, size_t n, bool skip)
{
    static const struct json_cfg strict = {.invalid = INVALID_REFUSE};
    struct verdict v = {.rc = RF_OK};
    struct json_token t = {0};
    struct json *j = NULL;

    assert_int_equal(json_open_text(&j, text, n, "text", &strict, &v.eb), RF_OK);
    assert_int_equal(json_next(j, &t, &v.eb), JSON_OBJECT);
    assert_int_equal(json_next(j, &t, &v.eb), JSON_KEY);
    v.rc = skip ? json_skip(j, &v.eb) : json_next(j, &t, &v.eb);
    if (v.rc >= 0 && (v.rc = json_next(j, &t, &v.eb)) > 0)
        v.end = t.offset;
    v.lone = json_lone_surrogates(j);
    json_close(j);
    return v;
}

static void assert_same_verdict(const char *text, size_t n)
{
    struct verdict read = judge(text, n, false), skipped = judge(text, n, true);

    assert_int_equal(skipped.rc, read.rc);
    assert_string_equal(skipped.eb.text, read.eb.text);
    assert_int_equal(skipped.lone, read.lone);
    assert_int_equal(skipped.end, read.end);
}

/* A long text of escapes with one byte changed: to each value, at each place. */
static void every_change_of_a_byte_is_judged_alike(void **state)
{
    char text[LONGEST] = "{\"k\":\"";
    size_t n = strlen(text), body = n;
    (void)state;

    while (n < 150) {
        memcpy(text + n, "\\uc138\\uc885 ", 14);
        n += 13;
    }
    memcpy(text + n, "\"}", 3);
    n += 2;
    assert_int_equal(judge(text, n, true).rc, JSON_OBJECT_END);
    for (size_t i = body; i < n - 2; i++) {
        char was = text[i];

        for (int c = 0; c < 256; c++) {
            text[i] = (char)c;
            assert_same_verdict(text, n);
        }
        text[i] = was;
    }
}

/* Pieces of all kinds in any order, whole or cut off. */
static void what_is_skipped_is_judged_as_what_is_read(void **state)
{
    static const char *const pieces[] = {"\\uc138\\uc885\\uc740 \\uae00\\uc790",
                                         "\\u0041\\ud7a3",
                                         "\\ud83c\\udf31",
                                         "\\ud800",
                                         "\\uDFFF\\uABCD",
                                         "plain text of some length, ",
                                         "\\n",
                                         "\\\\u12",
                                         "\\\\",
                                         "\\\"",
                                         "가나다",
                                         "🌱",
                                         "\xFF",
                                         "\\u12g4",
                                         "\\x",
                                         "\n",
                                         "\x7F"};
    uint64_t count = 0, bad = 0;
    (void)state;

    for (int round = 0; round < 20000; round++) {
        char text[LONGEST + 64] = "{\"k\":\"";
        size_t n = strlen(text);
        uint32_t usual = any(&count) % 2; /* half of the texts have no errors but the cut */

        while (n < LONGEST && any(&count) % 16) {
            uint32_t k = any(&count) % (usual ? 12 : sizeof pieces / sizeof *pieces);

            memcpy(text + n, pieces[k], strlen(pieces[k]));
            n += strlen(pieces[k]);
        }
        memcpy(text + n, "\"}", 2);
        n += 2;
        if (any(&count) % 8 == 0)
            n = 6 + any(&count) % (n - 5);
        assert_same_verdict(text, n);
        bad += judge(text, n, true).rc < 0;
    }
    assert_in_range(bad, 2000, 18000); /* both kinds were there */
}

/* Many units are passed at once: else the time they take would be the only sign. */
static void whole_blocks_of_units_are_passed(void **state)
{
    char text[LONGEST], *p = text;
    (void)state;

    for (int i = 0; i < 20; i++, p += 6)
        memcpy(p, "\\uac00", 6);
    assert_true(json_pass_units(text, p) >= text + 64);
    memcpy(text + 6, "\\ud800", 6);
    assert_ptr_equal(json_pass_units(text, p), text);
    memcpy(text + 6, "\\ud7ff", 6);
    assert_true(json_pass_units(text, p) >= text + 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_special_byte_is_found_wherever_it_stands),
        cmocka_unit_test(every_change_of_a_byte_is_judged_alike),
        cmocka_unit_test(what_is_skipped_is_judged_as_what_is_read),
        cmocka_unit_test(whole_blocks_of_units_are_passed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
