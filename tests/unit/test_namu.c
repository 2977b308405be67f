/* test_namu: the shapes of Namuwiki's dumps, which pages are kept, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "corpus/namu.h"

static char *read_as(const char *json, size_t len, const char *member, struct namu_counts *n,
                     struct errbuf *eb)
{
    static char name[] = "x.json";
    static char *const names[] = {name};
    struct namu_cfg cfg = {0};
    struct text_out *to = NULL;
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size), *f = fopen(name, "wb");
    int rc;

    assert_non_null(f);
    assert_int_equal(fwrite(json, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(text_out_open(&to, out, member, eb), RF_OK);
    rc = namu_text(to, names, 1, &cfg, n, NULL, eb);
    assert_int_equal(text_out_end(to, RF_OK, NULL), RF_OK);
    fclose(out);
    if (rc == RF_OK)
        return text;
    free(text);
    return NULL;
}

static void assert_text(const char *json, const char *want)
{
    struct namu_counts n = {0};
    struct errbuf eb = {0};
    char *got = read_as(json, strlen(json), NULL, &n, &eb);

    if (!got)
        fail_msg("%s: %s", json, eb.text);
    assert_string_equal(got, want);
    free(got);
}

static void assert_refused(const char *json, const char *message)
{
    struct namu_counts n = {0};
    struct errbuf eb = {0};
    char *got = read_as(json, strlen(json), NULL, &n, &eb);

    if (got)
        fail_msg("taken: %s", json);
    assert_string_equal(eb.text, message);
}

static void shapes(void **state)
{
    (void)state;
    assert_text("[{\"namespace\":\"0\",\"title\":\"가\",\"text\":\"'''나'''\\n다\","
                "\"contributors\":[\"R:a\"]}]",
                "가\n나\n다\n\n");
    assert_text("[{\"text\":\"나\",\"title\":\"가\",\"contributors\":null,\"namespace\":0}]",
                "가\n나\n\n");
    assert_text(
        "[{\"namespace\":\"\",\"title\":\"가\",\"text\":\"나\",\"contributors\":\"a,b\"}]",
        "가\n나\n\n");
    assert_text("[{\"title\":\"가\",\"text\":\"나\"},{\"text\":\"이름 없음\"}]",
                "가\n나\n\n\n이름 없음\n\n");
    assert_text("{\"title\":\"가\",\"text\":\"나\"}\n{\"title\":\"다\",\"text\":\"라\"}\n",
                "가\n나\n\n다\n라\n\n");
    assert_text("[]", "");
}

static void pages_left_out(void **state)
{
    static const char json[] =
        "[{\"namespace\":1,\"title\":\"틀:가\",\"text\":\"나\"},{\"namespace\":\"2\",\"title\":"
        "\"가\",\"text\":\"나\"},"
        "{\"namespace\":true,\"text\":\"나\"},{\"title\":\"가\",\"text\":\"#redirect 나\"},"
        "{\"title\":\"가\",\"text\":\"#넘겨주기 "
        "나\"},{\"title\":\"가\",\"text\":\"[목차]\"},{\"title\":\"가\"},"
        "{\"title\":\"가\",\"text\":null},{\"namespace\":null,\"title\":\"다\",\"text\":\"라\"}"
        "]";
    struct namu_counts n = {0};
    char *got = read_as(json, sizeof json - 1, NULL, &n, NULL);
    (void)state;

    assert_string_equal(got, "다\n라\n\n");
    assert_int_equal(n.pages, 9);
    assert_int_equal(n.others, 3);
    assert_int_equal(n.redirects, 2);
    assert_int_equal(n.empty, 3);
    assert_int_equal(n.bytes, sizeof json - 1);
    assert_int_equal(n.consumed, n.bytes);
    free(got);
}

static void odd_characters(void **state)
{
    static const char json[] =
        "[{\"title\":\"가\\u0000\\n나\",\"text\":\"앞\\udef0뒤\\u0000 \\ud83c\\udf31\"}]";
    struct namu_counts n = {0};
    char *got = read_as(json, sizeof json - 1, NULL, &n, NULL);
    (void)state;

    assert_string_equal(got, "가 나\n앞\xEF\xBF\xBD뒤 🌱\n\n");
    assert_int_equal(n.nul, 2);
    assert_int_equal(n.surrogates, 1);
    free(got);
}

static void json_lines(void **state)
{
    static const char json[] =
        "[{\"title\":\"가\",\"text\":\"나\\n다\"},{\"title\":\"라\",\"text\":\"마\"}]";
    struct namu_counts n = {0};
    char *got = read_as(json, sizeof json - 1, "t", &n, NULL);
    (void)state;

    assert_string_equal(got, "{\"t\":\"가\\n나\\n다\"}\n{\"t\":\"라\\n마\"}\n");
    free(got);
}

static void what_is_no_page_is_refused(void **state)
{
    (void)state;
    assert_refused("[{\"id\":1}]", "no Namuwiki page in 'x.json', byte 1: no title and text");
    assert_refused("[1]", "no Namuwiki page in 'x.json', byte 1: no title and text");
    assert_refused("[[{}]]", "no Namuwiki page in 'x.json', byte 1: no title and text");
    assert_refused("\"x\"", "no Namuwiki page in 'x.json', byte 0: no title and text");
    assert_refused("[{\"title\":\"가\"},]",
                   "bad JSON in 'x.json', byte 17: a value was expected");
    assert_refused("[{\"title\":\"가\"}", "JSON in 'x.json' ends too early, at byte 16");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes),
        cmocka_unit_test(pages_left_out),
        cmocka_unit_test(odd_characters),
        cmocka_unit_test(json_lines),
        cmocka_unit_test(what_is_no_page_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
