/* test_yaml: rf-config(5) as an option table reads it, hostile files, and what is written back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/opt.h"

/* --- libyaml's own allocations: these stand in front of the library's and fail at a count */

static int yaml_calls, yaml_fails_at; /* 0: none fails */

void *yaml_malloc(size_t n);
void *yaml_realloc(void *p, size_t n);

void *yaml_malloc(size_t n)
{
    return ++yaml_calls == yaml_fails_at ? NULL : malloc(n ? n : 1);
}

void *yaml_realloc(void *p, size_t n)
{
    return ++yaml_calls == yaml_fails_at ? NULL : realloc(p, n ? n : 1);
}

struct cfg {
    bool flag;
    uint64_t dim, depth;
    double lr;
    const char *text, *note;
};

static const struct opt rows[] = {
    OPT_FLAG(0, "flag", struct cfg, flag, ""),
    OPT_COUNT(0, "model.dim", struct cfg, dim, 1, 1e6, "n", ""),
    OPT_COUNT(0, "model.depth", struct cfg, depth, 0, 100, "n", ""),
    OPT_REAL(0, "optim.lr", struct cfg, lr, 0, 1, "x", ""),
    OPT_TEXT(0, "optim.text", struct cfg, text, "text", ""),
    OPT_TEXT(0, "note", struct cfg, note, "text", ""),
    OPT_END};

static struct opt_strings strings;

static int read_text(struct cfg *c, const char *text, size_t n, struct errbuf *eb)
{
    opt_strings_free(&strings);
    *c = (struct cfg){0};
    return opt_read_yaml(rows, c, text, n, "f.yaml", &strings, eb);
}

static int free_strings(void **state)
{
    (void)state;
    opt_strings_free(&strings);
    return 0;
}

static void settings_are_read(void **state)
{
    static const char text[] = "# a comment\n"
                               "flag: true   # another\n"
                               "model:\n"
                               "  dim: 64K\n"
                               "  depth: '3'\n"
                               "optim: {lr: 1e-3, text: \"two\\nlines, \\uac00\"}\n"
                               "note: plain text, with: no trouble\n";
    struct errbuf eb = {0};
    struct cfg c;
    (void)state;

    if (read_text(&c, text, strlen(text), &eb) == RF_OK)
        fail_msg("a colon in plain text is no YAML");
    assert_string_equal(eb.text, "bad YAML in 'f.yaml', line 7: mapping values are not allowed "
                                 "in this context");
    if (read_text(&c, text, strlen(text) - 13, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_true(c.flag);
    assert_int_equal(c.dim, 64000);
    assert_int_equal(c.depth, 3);
    assert_true(c.lr == 1e-3);
    assert_string_equal(c.text, "two\nlines, 가");
    assert_string_equal(c.note, "plain text, with");
}

static void nothing_is_a_file_too(void **state)
{
    static const char *const empty[] = {"", "\n", "# only\n# comments\n", "---\n",
                                        "\xEF\xBB\xBF"};
    struct cfg c;
    (void)state;

    for (size_t i = 0; i < sizeof empty / sizeof *empty; i++) {
        struct errbuf eb = {0};

        if (read_text(&c, empty[i], strlen(empty[i]), &eb) != RF_OK)
            fail_msg("case %zu: %s", i, eb.text);
    }
}

static void other_files_are_refused(void **state)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        {"dim: 3\n", "unknown key 'dim' in 'f.yaml', line 1"},
        {"model:\n  width: 3\n", "unknown key 'model.width' in 'f.yaml', line 2"},
        {"model:\n  dmi: 3\n",
         "unknown key 'model.dmi' in 'f.yaml', line 2, did you mean 'model.dim'?"},
        {"mdoel:\n  dim: 3\n",
         "unknown section 'mdoel' in 'f.yaml', line 2, did you mean 'model'?"},
        {"model: 3\n", "unknown key 'model'"},
        {"model.dim: 3\n", "unknown key 'model.dim' in 'f.yaml', line 1"},
        {"mod:\n  dim: 3\n", "unknown section 'mod' in 'f.yaml', line 2"},
        {"flag:\n  dim: 3\n", "unknown section 'flag'"},
        {"model:\n  dim:\n    x: 3\n", "unknown section 'dim'"},
        {"flag: true\nflag: true\n", "repeated key 'flag' in 'f.yaml', line 2"},
        {"model:\n  dim: 1\n  dim: 1\n", "repeated key 'model.dim' in 'f.yaml', line 3"},
        {"model:\n  dim: 1\nmodel:\n  depth: 1\n",
         "repeated section 'model' in 'f.yaml', line 4"},
        {"flag: yes\n",
         "bad value 'yes' for 'flag': must be true or false in 'f.yaml', line 1"},
        {"model:\n  dim: 0\n", "must be 1 to 1000000 in 'f.yaml', line 2"},
        {"model:\n  dim: 12x\n", "bad value '12x' for 'model.dim'"},
        {"flag: [true]\n", "a list in 'f.yaml', line 1"},
        {"- flag\n", "a list"},
        {"? [a]\n: b\n", "a list"},
        {"? {a: b}\n: c\n", "a mapping as a key"},
        {"just text\n", "no keys but a bare value 'just text'"},
        {"note: &a x\n", "an anchor"},
        {"model: &a\n  dim: 1\n", "an anchor"},
        {"note: *a\n", "an alias"},
        {"<<: *a\n", "an alias"},
        {"note: \"a\\0b\"\n", "a NUL byte"},
        {"note: a\n---\nnote: b\n", "a second document in 'f.yaml', line 2"},
        {"note: 'a\n", "bad YAML in 'f.yaml', line 2"},
        {"\tnote: a\n", "bad YAML in 'f.yaml', line 1"},
        {"note: a\n  note: b\n", "bad YAML"},
        {"%YAML 9.9\n---\nnote: a\n", "bad YAML"},
        {"note: @a\n", "bad YAML"},
        {"note: \xFF\n", "bad YAML"},
        {"note: a\x01\n", "bad YAML"},
    };
    struct cfg c;
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct errbuf eb = {0};

        if (read_text(&c, bad[i].text, strlen(bad[i].text), &eb) != RF_EUSAGE ||
            !strstr(eb.text, bad[i].says) || strchr(eb.text, '\n'))
            fail_msg("'%s': '%s'", bad[i].text, eb.text);
    }
}

static void raw_nul_bytes_are_refused(void **state)
{
    static const char text[] = "note: a\0b\n";
    struct cfg c;
    (void)state;

    assert_int_equal(read_text(&c, text, sizeof text - 1, NULL), RF_EUSAGE);
}

static void put_many(struct buf *b, const char *text, int n)
{
    for (int i = 0; i < n; i++)
        assert_int_equal(buf_put(b, text, strlen(text)), RF_OK);
}

/* Files that grow in other readers: here none gets past its first odd event. */
static void bombs_do_not_go_off(void **state)
{
    static const struct {
        const char *start, *again;
        int n;
    } bombs[] = {
        {"a: &a [x,x]\n", "b: &b [*a,*a,*a,*a,*a,*a,*a,*a]\n", 1},
        {"note: ", "[", 1000000},
        {"note: ", "{", 1000000},
        {"", "{x: ", 100000},
        {"", "- ", 100000},
        {"", "? ", 100000},
        {"", "&a ", 1000},
        {"note: ", "x", 1 << 20},
        {"", "flag: true\n", 100000},
        {"model: {", "dim: 1, ", 100000},
        {"note: \"", "\\n", 100000},
    };
    (void)state;

    for (size_t i = 0; i < sizeof bombs / sizeof *bombs; i++) {
        struct buf b = {0};
        struct errbuf eb = {0};
        struct cfg c;
        int rc;

        put_many(&b, bombs[i].start, 1);
        put_many(&b, bombs[i].again, bombs[i].n);
        rc = read_text(&c, b.data, b.len, &eb);
        if (*bombs[i].again == 'x') /* long, but only long */
            assert_int_equal(rc, RF_OK);
        else
            assert_int_equal(rc, RF_EUSAGE);
        assert_null(strchr(eb.text, '\n'));
        buf_free(&b);
    }
}

static void a_long_key_is_refused(void **state)
{
    struct buf b = {0};
    struct errbuf eb;
    struct cfg c;
    (void)state;

    put_many(&b, "k", 300);
    put_many(&b, ": 1\n", 1);
    assert_int_equal(read_text(&c, b.data, b.len, &eb), RF_EUSAGE);
    assert_string_equal(eb.text, "a key that is too long in 'f.yaml', line 1");
    buf_free(&b);
}

/* Whatever text a value has: what is written reads back as the same. */
static void settings_come_back(void **state)
{
    static const char *const texts[] = {
        "plain",     "",           "-",     "--x",      "it's",   "a: b",  "#no comment",
        " spaces ",  "two\nlines", "\ttab", "\x01\x1F", "\x7F",   "\"q\"", "back\\slash",
        "null",      "~",          "true",  "[x]",      "{a: b}", "&a",    "*a",
        "!tag",      "%x",         "@",     "`",        "'",      "''",    "가나다",
        "a\r\nb",    "|",          ">",     "? x",      "1e3",    "0x1F",  "\n",
        "a\n\n\nb ", "\"\n\\",     "...",   "---",      "a,b",    "/etc",  "<<",
    };
    (void)state;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct cfg c = {true, 123456, 3, 0.1, texts[i], texts[i]}, back;
        struct errbuf eb = {0};
        struct buf b = {0};

        assert_int_equal(opt_write_yaml(rows, &c, &b), RF_OK);
        if (read_text(&back, b.data, b.len, &eb) != RF_OK)
            fail_msg("'%s': %s", texts[i], eb.text);
        assert_string_equal(back.text, texts[i]);
        assert_string_equal(back.note, texts[i]);
        assert_true(back.flag && back.lr == 0.1);
        assert_int_equal(back.depth, 3);
        buf_free(&b);
    }
}

static void the_written_form_is_this(void **state)
{
    struct cfg c = {.dim = 64, .lr = 1e-3, .note = "a b"};
    struct buf b = {0};
    (void)state;

    assert_int_equal(opt_write_yaml(rows, &c, &b), RF_OK);
    assert_string_equal(b.data, "flag: false\n"
                                "model:\n"
                                "  dim: 64\n"
                                "  depth: 0\n"
                                "optim:\n"
                                "  lr: 0.001\n"
                                "note: 'a b'\n");
    buf_free(&b);
}

/* The library's lack of memory is not a fault of the text. */
static void no_memory_is_no_bad_yaml(void **state)
{
    static const char text[] = "model: {dim: 64, depth: 3}\noptim:\n  text: \"\\uac00\"\n";
    struct errbuf eb = {0};
    struct cfg c;
    int rc = RF_ENOMEM;
    (void)state;

    for (yaml_fails_at = 1; rc != RF_OK; yaml_fails_at++) {
        yaml_calls = 0;
        rc = read_text(&c, text, strlen(text), &eb);
        if (rc != RF_OK) {
            assert_string_equal(eb.text, "out of memory");
            assert_int_equal(rc, RF_ENOMEM);
        }
    }
    assert_true(yaml_fails_at > 10); /* or the library does not call them */
    yaml_fails_at = 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_are_read),        cmocka_unit_test(nothing_is_a_file_too),
        cmocka_unit_test(other_files_are_refused),  cmocka_unit_test(raw_nul_bytes_are_refused),
        cmocka_unit_test(bombs_do_not_go_off),      cmocka_unit_test(a_long_key_is_refused),
        cmocka_unit_test(settings_come_back),       cmocka_unit_test(the_written_form_is_this),
        cmocka_unit_test(no_memory_is_no_bad_yaml),
    };

    return cmocka_run_group_tests(tests, NULL, free_strings);
}
