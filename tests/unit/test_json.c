/*
 * test_json: what RFC 8259 allows is read, what it does not is refused, wherever the blocks of
 * a file happen to end.
 *
 * The cases of accepts() and refuses() follow the rules of Nicolas Seriot's JSON test suite.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"

#define SIZED(text)  text, sizeof(text) - 1
#define BLOCK        (256 << 10) /* what json.c reads at once */
#define STRICT       ((struct json_cfg){.invalid = INVALID_REFUSE})
#define COUNT(array) (sizeof(array) / sizeof *(array))
#define CASE(text)                                                                             \
    {                                                                                          \
        text, sizeof(text) - 1                                                                 \
    }

struct text {
    const char *s;
    size_t n;
};

/* Every token as text: "{ k:a 1 }" for {"a":1}. */
static int trace(struct json *j, struct buf *to, struct errbuf *eb)
{
    static const char *const marks[] = {
        [JSON_OBJECT] = "{ ",    [JSON_OBJECT_END] = "} ", [JSON_ARRAY] = "[ ",
        [JSON_ARRAY_END] = "] ", [JSON_KEY] = "k:",        [JSON_STRING] = "s:",
        [JSON_NUMBER] = "",      [JSON_TRUE] = "true ",    [JSON_FALSE] = "false ",
        [JSON_NULL] = "null "};
    struct json_token t;
    int rc;

    while ((rc = json_next(j, &t, eb)) > 0) {
        assert_int_equal(rc, t.type);
        assert_int_equal(buf_put(to, marks[rc], strlen(marks[rc])), RF_OK);
        if (rc == JSON_KEY || rc == JSON_STRING || rc == JSON_NUMBER) {
            assert_int_equal(buf_put(to, t.text, t.len), RF_OK);
            assert_int_equal(buf_put(to, " ", 1), RF_OK);
        }
    }
    return rc;
}

static int read_text(const char *text, size_t n, struct json_cfg cfg, struct buf *to,
                     struct errbuf *eb)
{
    struct json *j = NULL;
    int rc = json_open_text(&j, text, n, "text", &cfg, eb);

    assert_int_equal(rc, RF_OK);
    rc = trace(j, to, eb);
    json_close(j);
    return rc;
}

static void assert_reads(const char *text, size_t n, struct json_cfg cfg, const char *want)
{
    struct errbuf eb = {0};
    struct buf got = {0};
    int rc = read_text(text, n, cfg, &got, &eb);

    if (rc != RF_OK)
        fail_msg("%s: %s", text, eb.text);
    if (want)
        assert_string_equal(got.data ? got.data : "", want);
    buf_free(&got);
}

static void assert_refuses(const char *text, size_t n, struct json_cfg cfg, int want,
                           const char *message)
{
    struct errbuf eb = {0};
    struct buf got = {0};
    int rc = read_text(text, n, cfg, &got, &eb);

    buf_free(&got);
    if (rc >= 0 || !*eb.text)
        fail_msg("taken: %s", text);
    if (want)
        assert_int_equal(rc, want);
    if (message)
        assert_string_equal(eb.text, message);
}

static void accepts(void **state)
{
    static const struct text y[] = {
        CASE("[[]   ]"),
        CASE("[\"\"]"),
        CASE("[]"),
        CASE("[\"a\"]"),
        CASE("[false]"),
        CASE("[null, 1, \"1\", {}]"),
        CASE("[null]"),
        CASE("[1\n]"),
        CASE(" [1]"),
        CASE("[1,null,null,null,2]"),
        CASE("[2] "),
        CASE("[123e65]"),
        CASE("[0e+1]"),
        CASE("[0e1]"),
        CASE("[ 4]"),
        CASE("[-0."
             "0000000000000000000000000000000000000000000000000000000000000000000000000001]"),
        CASE("[20e1]"),
        CASE("[-0]"),
        CASE("[-123]"),
        CASE("[-1]"),
        CASE("[1E22]"),
        CASE("[1E-2]"),
        CASE("[1E+2]"),
        CASE("[123.456e78]"),
        CASE("[1e-2]"),
        CASE("[1e+2]"),
        CASE("[123]"),
        CASE("[123.456789]"),
        CASE("[123123e100000]"),
        CASE("[-1e9999]"),
        CASE("{\"asd\":\"sdf\", \"dfg\":\"fgh\"}"),
        CASE("{\"asd\":\"sdf\"}"),
        CASE("{\"a\":\"b\",\"a\":\"c\"}"),
        CASE("{\"a\":\"b\",\"a\":\"b\"}"),
        CASE("{}"),
        CASE("{\"\":0}"),
        CASE("{\"foo\\u0000bar\": 42}"),
        CASE("{ \"min\": -1.0e+28 }"),
        CASE("{\"x\":[{\"id\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}], \"id\": \"x\"}"),
        CASE("{\"a\":[]}"),
        CASE("{\"title\":\"\\u041f\\u043e\" }"),
        CASE("{\n\"a\": \"b\"\n}"),
        CASE("[\"\\u0060\\u012a\\u12AB\"]"),
        CASE("[\"\\uD801\\udc37\"]"),
        CASE("[\"\\ud83d\\ude39\\ud83d\\udc8d\"]"),
        CASE("[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]"),
        CASE("[\"\\\\u0000\"]"),
        CASE("[\"\\\"\"]"),
        CASE("[\"a/*b*/c/*d//e\"]"),
        CASE("[\"\\\\a\"]"),
        CASE("[\"\\\\n\"]"),
        CASE("[\"\\u0012\"]"),
        CASE("[\"\\uFFFF\"]"),
        CASE("[\"asd\"]"),
        CASE("[ \"asd\"]"),
        CASE("[\"\\uDBFF\\uDFFF\"]"),
        CASE("[\"new\\u00A0line\"]"),
        CASE("[\"\xF4\x8F\xBF\xBF\"]"),
        CASE("[\"\xEF\xBF\xBF\"]"),
        CASE("[\"\\u0000\"]"),
        CASE("[\"\\u002c\"]"),
        CASE("[\"\xCF\x80\"]"),
        CASE("[\"\xF0\x9B\xBF\xBF\"]"),
        CASE("[\"asd \"]"),
        CASE("\" \""),
        CASE("[\"\\uD834\\uDd1e\"]"),
        CASE("[\"\\u0821\"]"),
        CASE("[\"\xE2\x80\xA8\"]"),
        CASE("[\"\xE2\x80\xA9\"]"),
        CASE("[\"\\u0061\\u30af\\u30EA\\u30b9\"]"),
        CASE("[\"new\\u000Aline\"]"),
        CASE("[\"\x7F\"]"),
        CASE("[\"\\uA66D\"]"),
        CASE("[\"\\u005C\"]"),
        CASE("[\"\xE2\x8D\x82\xE3\x88\xB4\"]"),
        CASE("[\"\\uDBFF\\uDFFE\"]"),
        CASE("[\"\\u200B\"]"),
        CASE("[\"\\uFDD0\"]"),
        CASE("[\"\\u0022\"]"),
        CASE("[\"\xE2\x82\xAC\xF0\x9D\x84\x9E\"]"),
        CASE("[\"a\x7F"
             "a\"]"),
        CASE("false"),
        CASE("42"),
        CASE("-0.1"),
        CASE("null"),
        CASE("\"asd\""),
        CASE("true"),
        CASE("\"\""),
        CASE("[\"a\"]\n"),
        CASE("[true]"),
        CASE(" [] "),
        CASE("\t\r\n [] "),
        CASE("\xEF\xBB\xBF{}")};

    (void)state;
    for (size_t i = 0; i < COUNT(y); i++)
        assert_reads(y[i].s, y[i].n, STRICT, NULL);
}

static void refuses(void **state)
{
    static const struct text n[] = {CASE("[1 true]"),
                                    CASE("[a\xE5]"),
                                    CASE("[\"\": 1]"),
                                    CASE("[\"\"],"),
                                    CASE("[,1]"),
                                    CASE("[1,,2]"),
                                    CASE("[\"x\",,]"),
                                    CASE("[\"x\"]]"),
                                    CASE("[\"\",]"),
                                    CASE("[\"x\""),
                                    CASE("[x"),
                                    CASE("[3[4]]"),
                                    CASE("[\xFF]"),
                                    CASE("[1:2]"),
                                    CASE("[,]"),
                                    CASE("[-]"),
                                    CASE("[   , \"\"]"),
                                    CASE("[\"a\",\n4\n,1,"),
                                    CASE("[1,]"),
                                    CASE("[1,,]"),
                                    CASE("[\"\va\"\\f]"),
                                    CASE("[*]"),
                                    CASE("[\"\""),
                                    CASE("[1,"),
                                    CASE("[1,\n1\n,1"),
                                    CASE("[{}"),
                                    CASE("[fals]"),
                                    CASE("[nul]"),
                                    CASE("[tru]"),
                                    CASE("123\0"),
                                    CASE("[++1234]"),
                                    CASE("[+1]"),
                                    CASE("[+Inf]"),
                                    CASE("[-01]"),
                                    CASE("[-1.0.]"),
                                    CASE("[-2.]"),
                                    CASE("[-NaN]"),
                                    CASE("[.-1]"),
                                    CASE("[.2e-3]"),
                                    CASE("[0.1.2]"),
                                    CASE("[0.3e+]"),
                                    CASE("[0.3e]"),
                                    CASE("[0.e1]"),
                                    CASE("[0E+]"),
                                    CASE("[0E]"),
                                    CASE("[0e+]"),
                                    CASE("[0e]"),
                                    CASE("[1.0e+]"),
                                    CASE("[1.0e-]"),
                                    CASE("[1.0e]"),
                                    CASE("[1 000.0]"),
                                    CASE("[1eE2]"),
                                    CASE("[2.e+3]"),
                                    CASE("[2.e-3]"),
                                    CASE("[2.e3]"),
                                    CASE("[9.e+]"),
                                    CASE("[Inf]"),
                                    CASE("[NaN]"),
                                    CASE("[\xEF\xBC\x91]"),
                                    CASE("[1+2]"),
                                    CASE("[0x1]"),
                                    CASE("[0x42]"),
                                    CASE("[Infinity]"),
                                    CASE("[0e+-1]"),
                                    CASE("[-123.123foo]"),
                                    CASE("[123\xE5]"),
                                    CASE("[1e1\xE5]"),
                                    CASE("[0\xE5]"),
                                    CASE("[-Infinity]"),
                                    CASE("[-foo]"),
                                    CASE("[- 1]"),
                                    CASE("[-012]"),
                                    CASE("[-.123]"),
                                    CASE("[-1x]"),
                                    CASE("[1ea]"),
                                    CASE("[1e\xE5]"),
                                    CASE("[1.]"),
                                    CASE("[.123]"),
                                    CASE("[1.2a-3]"),
                                    CASE("[1.8011670033376514H-308]"),
                                    CASE("[012]"),
                                    CASE("[\"x\", truth]"),
                                    CASE("{[: \"x\"}\n"),
                                    CASE("{\"x\", null}"),
                                    CASE("{\"x\"::\"b\"}"),
                                    CASE("{\xF0\x9F\x87\xA8}"),
                                    CASE("{\"a\":\"a\" 123}"),
                                    CASE("{key: 'value'}"),
                                    CASE("{\"\xB9\":\"0\",}"),
                                    CASE("{\"a\" b}"),
                                    CASE("{:\"b\"}"),
                                    CASE("{\"a\" \"b\"}"),
                                    CASE("{\"a\":"),
                                    CASE("{\"a\""),
                                    CASE("{1:1}"),
                                    CASE("{9999E9999:1}"),
                                    CASE("{null:null,null:null}"),
                                    CASE("{\"id\":0,,,,,}"),
                                    CASE("{'a':0}"),
                                    CASE("{\"id\":0,}"),
                                    CASE("{\"a\":\"b\"}/**/"),
                                    CASE("{\"a\":\"b\"}/**//"),
                                    CASE("{\"a\":\"b\"}//"),
                                    CASE("{\"a\":\"b\"}/"),
                                    CASE("{\"a\":\"b\",,\"c\":\"d\"}"),
                                    CASE("{a: \"b\"}"),
                                    CASE("{\"a\":\"a"),
                                    CASE("{ \"foo\" : \"bar\", \"a\" }"),
                                    CASE("{\"a\":\"b\"}#"),
                                    CASE(" "),
                                    CASE(""),
                                    CASE("[\"\\uD800\\\"]"),
                                    CASE("[\"\\uD800\\u\"]"),
                                    CASE("[\"\\uD800\\u1\"]"),
                                    CASE("[\"\\uD800\\u1x\"]"),
                                    CASE("[\xC3\xA9]"),
                                    CASE("[\"\\\0\"]"),
                                    CASE("[\"\\\\\\\"]"),
                                    CASE("[\"\\x00\"]"),
                                    CASE("[\"\\\t\"]"),
                                    CASE("[\"\\\xF0\x9F\x8C\x80\"]"),
                                    CASE("[\"\\\"]"),
                                    CASE("[\"\\u00A\"]"),
                                    CASE("[\"\\uD834\\uDd\"]"),
                                    CASE("[\"\\uD800\\uD800\\x\"]"),
                                    CASE("[\"\\u\xE5\"]"),
                                    CASE("[\"\\a\"]"),
                                    CASE("[\"\\uqqqq\"]"),
                                    CASE("[\"\\\xE5\"]"),
                                    CASE("[\\u0020\"asd\"]"),
                                    CASE("[\\n]"),
                                    CASE("\""),
                                    CASE("['single quote']"),
                                    CASE("abc"),
                                    CASE("[\"\\"),
                                    CASE("[\"a\0a\"]"),
                                    CASE("[\"new\nline\"]"),
                                    CASE("[\"\t\"]"),
                                    CASE("\"\\UA66D\""),
                                    CASE("\"\"x"),
                                    CASE("[\xE2\x81\xA0]"),
                                    CASE("\xEF\xBB\xBF"),
                                    CASE("<.>"),
                                    CASE("[<null>]"),
                                    CASE("[1]x"),
                                    CASE("[1]]"),
                                    CASE("[\"asd]"),
                                    CASE("a\xC3\xA5"),
                                    CASE("[True]"),
                                    CASE("1]"),
                                    CASE("{\"x\": true,"),
                                    CASE("[][]"),
                                    CASE("]"),
                                    CASE("\xEF\xBB{}"),
                                    CASE("\xE5"),
                                    CASE("["),
                                    CASE("2@"),
                                    CASE("{}}"),
                                    CASE("{\"\":"),
                                    CASE("{\"a\":/*comment*/\"b\"}"),
                                    CASE("{\"a\": true} \"x\""),
                                    CASE("['"),
                                    CASE("[,"),
                                    CASE("[{"),
                                    CASE("[\"a"),
                                    CASE("[\"a\""),
                                    CASE("{"),
                                    CASE("{]"),
                                    CASE("{,"),
                                    CASE("{["),
                                    CASE("{\"a"),
                                    CASE("{'a'"),
                                    CASE("[\"\\{[\"\\{[\"\\{[\"\\{"),
                                    CASE("\xE9"),
                                    CASE("*"),
                                    CASE("{\"a\":\"b\"}#{}"),
                                    CASE("[\\u000A\"\"]"),
                                    CASE("[1"),
                                    CASE("[ false, nul"),
                                    CASE("[ true, fals"),
                                    CASE("[ false, tru"),
                                    CASE("{\"asd\":\"asd\""),
                                    CASE("\xC3\xA5"),
                                    CASE("[\f]"),
                                    CASE("[\xE2\x81\xA0]"),
                                    CASE("[\"\xFF\"]"),
                                    CASE("[\"\xC0\xAF\"]"),
                                    CASE("[\"\xED\xA0\x80\"]"),
                                    CASE("[\"\xF4\xBF\xBF\xBF\"]"),
                                    CASE("[\"\xE6\x97\xA5\xD1\x88\xFA\"]"),
                                    CASE("[\"\x81\"]"),
                                    CASE("\xFF\xFE[\0\"\0"),
                                    CASE("\0[\0\"\0\xE9\0\"\0]"),
                                    CASE("\xEF\xBB\xBF\xEF\xBB\xBF{}"),
                                    CASE("-"),
                                    CASE("[1}"),
                                    CASE("{\"a\":1]")};

    (void)state;
    for (size_t i = 0; i < COUNT(n); i++)
        assert_refuses(n[i].s, n[i].n, STRICT, 0, NULL);
}

static void tokens_come_in_order(void **state)
{
    (void)state;
    assert_reads(SIZED("{\"a\":[1,-2.5e+7,{}],\"b\\n\":\"c\\u0064\",\"\":[true,false,null]}"),
                 STRICT, "{ k:a [ 1 -2.5e+7 { } ] k:b\n s:cd k: [ true false null ] } ");
    assert_reads(SIZED("[\"\\ud83c\\udf31\\uac00\\b\\f\\r\\t\\/\\\"\\\\\"]"), STRICT,
                 "[ s:\xF0\x9F\x8C\xB1\xEA\xB0\x80\b\f\r\t/\"\\ ] ");
    assert_reads(SIZED("[\"\\ud800\\udc00\\udbff\\udfff\"]"), STRICT,
                 "[ s:\xF0\x90\x80\x80\xF4\x8F\xBF\xBF ] ");
}

static void lone_surrogates_are_counted(void **state)
{
    const char text[] =
        "[\"a\\udef0b\", \"\\ud83c\", \"\\ud83c\\u0041\", \"\\ud800\\ud83c\\udf31\"]";
    struct json *j = NULL;
    struct buf got = {0};
    (void)state;

    assert_int_equal(json_open_text(&j, text, strlen(text), "text", &STRICT, NULL), RF_OK);
    assert_int_equal(trace(j, &got, NULL), RF_OK);
    assert_string_equal(got.data, "[ s:a\xEF\xBF\xBD"
                                  "b s:\xEF\xBF\xBD s:\xEF\xBF\xBD"
                                  "A "
                                  "s:\xEF\xBF\xBD\xF0\x9F\x8C\xB1 ] ");
    assert_int_equal(json_lone_surrogates(j), 4);
    json_close(j);
    buf_free(&got);
}

/* Each of the 32, wherever in the eight bytes that are looked at together. */
static void control_characters_are_refused(void **state)
{
    (void)state;
    for (int c = 0; c <= ' '; c++) {
        for (size_t at = 1; at < 20; at++) {
            char text[] = "\"aaaaaaaaaaaaaaaaaaa\"";

            text[at] = (char)c;
            if (c < ' ')
                assert_refuses(text, sizeof text - 1, STRICT, RF_EFORMAT, NULL);
            else
                assert_reads(text, sizeof text - 1, STRICT, NULL);
        }
    }
}

static void messages_name_the_byte(void **state)
{
    (void)state;
    assert_refuses(SIZED("{\"a\": 01}"), STRICT, RF_EFORMAT,
                   "bad JSON in 'text', byte 6: not a number");
    assert_refuses(SIZED("[1,2,]"), STRICT, RF_EFORMAT,
                   "bad JSON in 'text', byte 5: a value was expected");
    assert_refuses(SIZED("[\"ab\xFF\"]"), STRICT, RF_EFORMAT, "not UTF-8 in 'text', byte 4");
    assert_refuses(SIZED("[\"ab\\x\"]"), STRICT, RF_EFORMAT,
                   "bad JSON in 'text', byte 4: unknown escape in a string");
    assert_refuses(SIZED("[\"ab\n\"]"), STRICT, RF_EFORMAT,
                   "bad JSON in 'text', byte 4: control character in a string");
    assert_refuses(SIZED("[\"ab"), STRICT, RF_ETRUNC,
                   "JSON in 'text' ends too early, at byte 4");
    assert_refuses(SIZED("  "), STRICT, RF_ETRUNC,
                   "no JSON value in 'text': it ends at byte 2");
    assert_refuses(SIZED("{} {}"), STRICT, RF_EFORMAT,
                   "bad JSON in 'text', byte 3: something follows the value");
    assert_refuses(SIZED("\xFF\xFE{"), STRICT, RF_EFORMAT,
                   "bad JSON in 'text', byte 0: it is UTF-16, not UTF-8");
}

static void every_cut_is_noticed(void **state)
{
    const char text[] =
        "{\"a\\u00e9\": [\"\xEA\xB0\x80\", -1.5e3, true, null], \"b\": {\"c\": false}}";
    (void)state;

    for (size_t n = 0; n + 1 < sizeof text; n++)
        assert_refuses(text, n, STRICT, RF_ETRUNC, NULL);
    assert_reads(text, sizeof text - 1, STRICT, NULL);
}

static void several_values_if_asked(void **state)
{
    struct json_cfg many = {.many = true};
    (void)state;

    assert_reads(SIZED("{} [1]\n2 \"a\"null"), many, "{ } [ 1 ] 2 s:a null ");
    assert_reads(SIZED("\xEF\xBB\xBF{}\xEF\xBB\xBF{}\n\xEF\xBB\xBF[]"), many, "{ } { } [ ] ");
    assert_refuses(SIZED("{} {"), many, RF_ETRUNC, NULL);
    assert_refuses(SIZED(""), many, RF_ETRUNC, NULL);
}

static void ill_formed_bytes_are_replaced_if_asked(void **state)
{
    struct json_cfg cfg = {.invalid = INVALID_REPLACE};
    (void)state;

    assert_reads(SIZED("[\"a\xFF"
                       "b\xE0\xA0\", \"\xC0\\n\"]"),
                 cfg,
                 "[ s:a\xEF\xBF\xBD"
                 "b\xEF\xBF\xBD s:\xEF\xBF\xBD\n ] ");
    assert_refuses(SIZED("[\"a\", \xFF]"), cfg, RF_EFORMAT, NULL);
}

static void depth_has_a_limit(void **state)
{
    char text[2 * JSON_MAX_DEPTH + 2];
    (void)state;

    memset(text, '[', JSON_MAX_DEPTH);
    memset(text + JSON_MAX_DEPTH, ']', JSON_MAX_DEPTH);
    assert_reads(text, 2 * (size_t)JSON_MAX_DEPTH, STRICT, NULL);
    memset(text, '[', JSON_MAX_DEPTH + 1);
    memset(text + JSON_MAX_DEPTH + 1, ']', JSON_MAX_DEPTH + 1);
    assert_refuses(text, sizeof text, STRICT, RF_ERANGE,
                   "JSON in 'text' is nested deeper than 64, byte 64");
}

static struct json *open_file(struct input **in, const char *text, size_t n)
{
    struct json *j = NULL;
    FILE *f = fopen("x.json", "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(input_open(in, "x.json", INPUT_RAW, NULL), RF_OK);
    assert_int_equal(json_open(&j, *in, &STRICT, NULL), RF_OK);
    return j;
}

/* The sample, read from a file in which the first block ends at each of its bytes. */
static void blocks_end_anywhere(void **state)
{
    const char text[] =
        "{\"k\\n\":\"\xEA\xB0\x80\xF0\x9F\x8C\xB1\\ud83c\\udf31\\\\\",\"n\":[-12.5e+3,true],"
        "\"o\":null}";
    size_t n = sizeof text - 1;
    struct buf want = {0};
    char *padded = malloc(BLOCK + n);
    (void)state;

    assert_int_equal(read_text(text, n, STRICT, &want, NULL), RF_OK);
    for (size_t before = 0; before <= n; before++) {
        struct errbuf eb = {0};
        struct input *in = NULL;
        struct buf got = {0};
        struct json *j;

        memset(padded, ' ', BLOCK - before);
        memcpy(padded + BLOCK - before, text, n);
        j = open_file(&in, padded, BLOCK - before + n);
        if (trace(j, &got, &eb) != RF_OK)
            fail_msg("%zu bytes in the first block: %s", before, eb.text);
        assert_string_equal(got.data, want.data);
        json_close(j);
        input_close(in);
        buf_free(&got);
    }
    free(padded);
    buf_free(&want);
}

/* A string of several blocks: read, skipped, and refused past the limit unless skipped. */
static void long_strings(void **state)
{
    size_t n = (size_t)JSON_MAX_BYTES + 100;
    char *text = malloc(n);
    struct errbuf eb = {0};
    struct json_token t;
    struct input *in = NULL;
    struct json *j;
    (void)state;

    memset(text, 'x', n);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + n - 8, "\",\"b\":1}", 8);
    for (int skip = 0; skip < 2; skip++) {
        j = open_file(&in, text, n);
        assert_int_equal(json_next(j, &t, &eb), JSON_OBJECT);
        assert_int_equal(json_next(j, &t, &eb), JSON_KEY);
        if (skip) {
            assert_int_equal(json_skip(j, &eb), RF_OK);
            assert_int_equal(json_next(j, &t, &eb), JSON_KEY);
            assert_int_equal(t.offset, n - 6);
        } else {
            assert_int_equal(json_next(j, &t, &eb), RF_ERANGE);
        }
        json_close(j);
        input_close(in);
    }
    memcpy(text + BLOCK, "\"}", 2);
    j = open_file(&in, text, BLOCK + 2);
    for (int i = 0; i < 2; i++)
        assert_true(json_next(j, &t, &eb) > 0);
    assert_int_equal(json_next(j, &t, &eb), JSON_STRING);
    assert_int_equal(t.len, BLOCK - 6);
    assert_int_equal(t.text[t.len - 1], 'x');
    assert_int_equal(json_next(j, &t, &eb), JSON_OBJECT_END);
    json_close(j);
    input_close(in);
    free(text);
}

static void skipping_passes_over_all_of_it(void **state)
{
    const char text[] =
        "{\"a\":{\"x\":[1,{\"y\":\"}]\"}]},\"b\":2,\"c\":[[1],[2]],\"d\":\"e\"}";
    struct json *j = NULL;
    struct json_token t;
    (void)state;

    assert_int_equal(json_open_text(&j, text, strlen(text), "text", &STRICT, NULL), RF_OK);
    assert_int_equal(json_next(j, &t, NULL), JSON_OBJECT);
    assert_int_equal(json_next(j, &t, NULL), JSON_KEY);
    assert_int_equal(json_skip(j, NULL), RF_OK);
    assert_int_equal(json_next(j, &t, NULL), JSON_KEY);
    assert_true(json_is(&t, "b"));
    assert_false(json_is(&t, "bb"));
    assert_int_equal(json_next(j, &t, NULL), JSON_NUMBER);
    assert_int_equal(json_skip(j, NULL), RF_OK); /* nothing: it has been read */
    assert_int_equal(json_next(j, &t, NULL), JSON_KEY);
    assert_int_equal(json_next(j, &t, NULL), JSON_ARRAY);
    assert_int_equal(json_skip(j, NULL), RF_OK);
    assert_int_equal(json_next(j, &t, NULL), JSON_KEY);
    assert_true(json_is(&t, "d"));
    assert_int_equal(json_skip(j, NULL), RF_OK);
    assert_int_equal(json_next(j, &t, NULL), JSON_OBJECT_END);
    assert_int_equal(json_skip(j, NULL), RF_OK);
    assert_int_equal(json_next(j, &t, NULL), JSON_END);
    json_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts),
        cmocka_unit_test(refuses),
        cmocka_unit_test(tokens_come_in_order),
        cmocka_unit_test(lone_surrogates_are_counted),
        cmocka_unit_test(control_characters_are_refused),
        cmocka_unit_test(messages_name_the_byte),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(several_values_if_asked),
        cmocka_unit_test(ill_formed_bytes_are_replaced_if_asked),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(blocks_end_anywhere),
        cmocka_unit_test(long_strings),
        cmocka_unit_test(skipping_passes_over_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
