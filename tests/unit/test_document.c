/* test_document: what each line of a text is in its document. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "text/document.h"

/* lines_open() borrows the names. */
static char text_name[] = "text";
static char *const text_names[] = {text_name};

static void write_text(const char *text)
{
    FILE *f = fopen(text_name, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* Append the lines to `got`: "T " a title, "t " text, "o " an only line, "u " a first line that
 * an empty one says is no title; then the text, and | behind it. A blank line is "|" alone. */
static int read_kinds(struct buf *got, const char *text, const char *member, bool titles,
                      struct errbuf *eb)
{
    const struct text_cfg cfg = {.jsonl = member};
    struct document_lines d = {.titles = titles};
    struct document_line line;
    int rc;

    buf_clear(got);
    write_text(text);
    assert_int_equal(lines_open(&d.lines, text_names, 1, &cfg, NULL), RF_OK);
    while ((rc = document_lines_next(&d, &line, eb)) > 0) {
        const char *kind = line.kind == LINE_BLANK   ? ""
                           : line.kind == LINE_TITLE ? "T "
                           : line.only               ? "o "
                           : line.untitled           ? "u "
                                                     : "t ";

        assert_int_equal(buf_printf(got, "%s%.*s|", kind,
                                    line.kind == LINE_BLANK ? 0 : (int)line.len, line.text),
                         RF_OK);
    }
    lines_close(d.lines);
    document_lines_free(&d);
    return rc;
}

struct row {
    const char *text, *want;
};

static void assert_rows(const struct row *rows, size_t n, const char *member, bool titles)
{
    struct buf got = {0};

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(read_kinds(&got, rows[i].text, member, titles, NULL), RF_OK);
        assert_string_equal(got.data ? got.data : "", rows[i].want);
    }
    buf_free(&got);
}

static void plain_text(void **state)
{
    static const struct row rows[] = {
        {"", ""},
        {"\n \n", "||"},
        {"a", "o a|"},
        {"a\nb\n", "T a|t b|"},
        {"a\nb\nc\n", "T a|t b|t c|"},
        {"a\n\n", "o a||"},
        {"a\n\nb\nc\n", "o a||T b|t c|"},
        {"a\nb\n\nc\nd\n", "T a|t b||T c|t d|"},
        {"a\nb\n\n\nc\nd\n", "T a|t b|||t c|t d|"},
        {"a\nb\n \n\t\n\nc\nd\n\ne\nf\n", "T a|t b||||t c|t d||T e|t f|"},
        {"\na\nb\n\nc\nd\n", "|t a|t b||T c|t d|"},
        {"\n\na\nb\n", "||t a|t b|"},
        {"a\nb\n\n\nc\n\nd\ne\n", "T a|t b|||t c||T d|t e|"},
    };
    static const struct row untitled[] = {
        {"a\nb\n\nc\n", "t a|t b||t c|"},
        {"\na\nb\n", "|t a|t b|"},
    };

    (void)state;
    assert_rows(rows, sizeof rows / sizeof *rows, NULL, true);
    assert_rows(untitled, sizeof untitled / sizeof *untitled, NULL, false);
}

#define DOC(text) "{\"x\":\"" text "\"}\n"

static void json_lines(void **state)
{
    static const struct row rows[] = {
        {DOC(""), "|"},
        {DOC("\\n"), "|"},
        {DOC("a"), "o a||"},
        {DOC("a\\n"), "o a||"},
        {DOC("a\\n \\n"), "o a||"},
        {DOC("a\\n\\n\\nb"), "T a|t b||"},
        {DOC("\\na\\nb"), "u a|t b||"},
        {DOC("\\r\\na\\r\\nb"), "u a|t b||"},
        {DOC(" \\na\\nb"), "u a|t b||"},
        {DOC("\\na"), "u a||"},
        {DOC("a\\nb") DOC("") DOC("c\\nd"), "T a|t b|||T c|t d||"},
    };
    static const struct row untitled[] = {
        {DOC("a\\nb") DOC("\\nc\\nd"), "t a|t b||u c|t d||"},
    };

    (void)state;
    assert_rows(rows, sizeof rows / sizeof *rows, "x", true);
    assert_rows(untitled, sizeof untitled / sizeof *untitled, "x", false);
}

/* An error in the line that is looked at is not lost, nor is it the end. */
static void errors_behind_the_first_line(void **state)
{
    struct errbuf eb = {0};
    struct buf got = {0};

    (void)state;
    assert_int_equal(read_kinds(&got, "a\nb\n\nc\n\xFF\n", NULL, true, &eb), RF_EFORMAT);
    assert_string_equal(eb.text, "not UTF-8 in 'text', line 5, byte 7 of the text");
    assert_string_equal(got.data, "T a|t b||");
    buf_free(&got);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_text),
        cmocka_unit_test(json_lines),
        cmocka_unit_test(errors_behind_the_first_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
