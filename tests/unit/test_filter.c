/* test_filter: what is left of a text, beside a plain search through all that was written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/filter.h"

/* A configuration that leaves everything in. */
static struct filter_cfg nothing(void)
{
    struct filter_cfg cfg = FILTER_CFG_DEFAULT;

    cfg.dup_docs = false;
    cfg.near = 0;
    return cfg;
}

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
    assert_int_equal(fclose(f), 0);
}

/* lines_open() borrows the names. */
static char not_in_name[] = "not-in", text_name[] = "text";
static char *const not_in_names[] = {not_in_name}, *const text_names[] = {text_name};

static struct lines *open_text(char *const *names, const char *text)
{
    const struct text_cfg plain = {0};
    struct lines *l = NULL;

    write_file(names[0], text);
    assert_int_equal(lines_open(&l, names, 1, &plain, NULL), RF_OK);
    return l;
}

/* The text that is left, to be freed. not_in may be NULL. */
static char *run(const struct filter_cfg *cfg, const char *text, const char *not_in,
                 struct filter_totals *totals)
{
    struct progress silent = {0};
    struct filter_totals t;
    struct text_out *out = NULL;
    struct filter *f = NULL;
    struct lines *l = NULL;
    char *got = NULL;
    size_t n;
    FILE *file = open_memstream(&got, &n);

    assert_int_equal(filter_new(&f, cfg, NULL), RF_OK);
    if (not_in) {
        l = open_text(not_in_names, not_in);
        assert_int_equal(filter_not_in(f, l, NULL), RF_OK);
        lines_close(l);
    }
    l = open_text(text_names, text);
    assert_int_equal(text_out_open(&out, file, NULL, NULL), RF_OK);
    assert_int_equal(filter_text(f, l, out, totals ? totals : &t, &silent, NULL), RF_OK);
    assert_int_equal(text_out_end(out, RF_OK, NULL), RF_OK);
    lines_close(l);
    filter_free(f);
    fclose(file);
    return got;
}

static void assert_left(const struct filter_cfg *cfg, const char *text, const char *not_in,
                        const char *want)
{
    char *got = run(cfg, text, not_in, NULL);

    assert_string_equal(got, want);
    free(got);
}

/* --- repeated documents and lines, against a search */

enum { DOCS = 60, LINES = 6, WORDS = 4 };

struct text {
    char lines[DOCS][LINES][16];
    size_t n[DOCS];
};

/* Few different lines, some of them with white space that must not count. */
static void make_text(struct text *t, uint64_t number)
{
    struct rng r = rng_stream(1, number, 0, RNG_TEST);
    uint64_t at = 0;

    for (size_t d = 0; d < DOCS; d++) {
        t->n[d] = 1 + rng_below(r, at++, LINES);
        for (size_t i = 0; i < t->n[d]; i++) {
            const char *before = rng_below(r, at, 4) ? "" : " ";
            const char *between = rng_below(r, at + 1, 4) ? "" : " \t";

            snprintf(t->lines[d][i], sizeof t->lines[d][i], "%s%c%s%c", before,
                     'a' + (char)rng_below(r, at + 2, WORDS), between,
                     'a' + (char)rng_below(r, at + 3, WORDS));
            at += 4;
        }
    }
}

static void bare(char *out, const char *line)
{
    for (; *line; line++)
        if (*line != ' ' && *line != '\t')
            *out++ = *line;
    *out = '\0';
}

static bool same_line(const char *a, const char *b)
{
    char x[16], y[16];

    bare(x, a);
    bare(y, b);
    return strcmp(x, y) == 0;
}

/* Whether two documents have the same characters behind so many titles. */
static bool same_document(const struct text *t, size_t a, size_t b, size_t title_a,
                          size_t title_b)
{
    char x[LINES * 16] = "", y[LINES * 16] = "";

    for (size_t i = title_a; i < t->n[a]; i++)
        bare(x + strlen(x), t->lines[a][i]);
    for (size_t i = title_b; i < t->n[b]; i++)
        bare(y + strlen(y), t->lines[b][i]);
    return *x && strcmp(x, y) == 0;
}

/* The number of titles in a document: an only line is none. */
static size_t titles_in(const struct text *t, size_t d, bool titles)
{
    return titles && t->n[d] > 1;
}

struct left {
    bool document[DOCS], line[DOCS][LINES];
};

static void search_documents(struct left *l, const struct text *t, bool titles)
{
    for (size_t d = 0; d < DOCS; d++) {
        l->document[d] = true;
        for (size_t e = 0; e < d; e++)
            l->document[d] &=
                !(l->document[e] &&
                  same_document(t, d, e, titles_in(t, d, titles), titles_in(t, e, titles)));
    }
}

/* A line goes if it stands in a document written before, or before it in its own. */
static void search_lines(struct left *l, const struct text *t, bool titles)
{
    for (size_t d = 0; d < DOCS; d++) {
        bool any = false;

        for (size_t i = titles_in(t, d, titles); i < t->n[d]; i++) {
            l->line[d][i] = true;
            for (size_t e = 0; e <= d; e++)
                for (size_t k = titles_in(t, e, titles); k < (e == d ? i : t->n[e]); k++)
                    if ((e == d || l->document[e]) && l->line[e][k] &&
                        same_line(t->lines[d][i], t->lines[e][k]))
                        l->line[d][i] = false;
            any |= l->line[d][i];
        }
        l->document[d] = any;
    }
}

static void repeated_ones_go(void **state)
{
    (void)state;
    for (uint64_t number = 0; number < 400; number++) {
        struct filter_cfg cfg = nothing();
        struct buf in = {0}, want = {0};
        struct left left;
        struct text t;

        cfg.titles = number & 1;
        cfg.dup_lines = number & 2;
        cfg.dup_docs = !cfg.dup_lines;
        make_text(&t, number);
        memset(&left, true, sizeof left);
        if (cfg.dup_lines)
            search_lines(&left, &t, cfg.titles);
        else
            search_documents(&left, &t, cfg.titles);
        for (size_t d = 0; d < DOCS; d++) {
            for (size_t i = 0; i < t.n[d]; i++) {
                assert_int_equal(buf_printf(&in, "%s\n", t.lines[d][i]), RF_OK);
                if (left.document[d] && (left.line[d][i] || i < titles_in(&t, d, cfg.titles)))
                    assert_int_equal(buf_printf(&want, "%s\n", t.lines[d][i]), RF_OK);
            }
            assert_int_equal(buf_put(&in, "\n", 1), RF_OK);
            if (left.document[d])
                assert_int_equal(buf_put(&want, "\n", 1), RF_OK);
        }
        assert_left(&cfg, in.data, NULL, want.data);
        buf_free(&in);
        buf_free(&want);
    }
}

/* --- the rest, case by case */

static void what_is_not_left_out_stays_as_it_is(void **state)
{
    const struct filter_cfg cfg = nothing();
    static const char text[] = "\n\n제목\n 가 나\t\n다\n\n \n\nb\nb\n\nb\nb\n";
    static const char want[] = "\n\n제목\n 가 나\t\n다\n\n\n\nb\nb\n\nb\nb\n";

    (void)state;
    assert_left(&cfg, text, NULL, want); /* a line of white space is a blank one */
}

static void limits_are_inclusive(void **state)
{
    struct filter_cfg cfg = nothing();

    (void)state;
    cfg.min_line = 2;
    cfg.max_line = 3;
    assert_left(&cfg, "t\n가\n가나\n 가 나 다 \n가나다라\n", NULL, "t\n가나\n 가 나 다 \n");
    assert_left(&cfg, "t\n가\n\nt\n나나\n", NULL, "t\n나나\n");
    cfg = nothing();
    cfg.min_doc = 3;
    cfg.max_doc = 4;
    assert_left(&cfg, "title\n가나\n\nt\n가\n나 다\n\nt\n가나\n다라\n\nt\n가나다\n라마\n", NULL,
                "t\n가\n나 다\n\nt\n가나\n다라\n\n");
    cfg.titles = false;
    assert_left(&cfg, "가나다\n\n가나\n", NULL, "가나다\n\n");
}

static void scripts_are_shares_of_characters(void **state)
{
    struct filter_cfg cfg = nothing();

    (void)state;
    cfg.min_hangul = 0.5;
    assert_left(&cfg, "t\n가나 ab\n\nt\n가 abc\n\nt\nㅋᄀ12\n", NULL,
                "t\n가나 ab\n\nt\nㅋᄀ12\n");
    cfg.min_latin = 0.5;
    assert_left(&cfg, "t\n가나 Zé\n\nt\n가나 a×\n", NULL, "t\n가나 Zé\n\n");
}

static void overlap_is_a_window_or_a_line(void **state)
{
    struct filter_cfg cfg = nothing();
    static const char eval[] = "제목\n일이삼사 오육칠팔\n\n제목\n구십백\n천\n";

    (void)state;
    cfg.window = 6;
    assert_left(&cfg, "t\n가이삼사오육칠나\n\nt\n가이삼사오육나\n", eval,
                "t\n가이삼사오육나\n");
    assert_left(&cfg, "t\n가이삼사\n오육칠나\n\nt\n구십백\n\nt\n구십\n\nt\n천\n\nt\n제목\n",
                eval, "t\n구십\n\nt\n천\n\nt\n제목\n");
    cfg.overlap = OVERLAP_LINE;
    assert_left(&cfg, "t\n가이삼사오육칠나\n하\n구십백\n\nt\n가이삼사\n오육칠나\n", eval,
                "t\n하\n\nt\n가이삼사\n오육칠나\n");
}

static void alike_documents_go(void **state)
{
    struct filter_cfg cfg = nothing();
    struct buf text = {0};
    struct filter_totals t;

    (void)state;
    cfg.near = 0.8;
    for (int d = 0; d < 3; d++) { /* the second differs in its last line, the third in all */
        assert_int_equal(buf_printf(&text, "t\n"), RF_OK);
        for (int i = 0; i < 60; i++)
            assert_int_equal(buf_printf(&text, "%d번째 줄의 값 %d\n", i * (d == 2 ? 977 : 1),
                                        i * i * 7919 + (d == 1 && i == 59)),
                             RF_OK);
        assert_int_equal(buf_printf(&text, "\n"), RF_OK);
    }
    free(run(&cfg, text.data, NULL, &t));
    assert_int_equal(t.documents[FATE_WRITTEN], 2);
    assert_int_equal(t.documents[FATE_NEAR], 1);
    assert_int_equal(t.lines[FATE_WRITTEN], 120);
    assert_int_equal(t.lines[FATE_EMPTY], 60);
    buf_free(&text);
}

/* With no room at all, everything is written and counted as not remembered. */
static void a_full_memory_forgets(void **state)
{
    struct filter_cfg cfg = FILTER_CFG_DEFAULT;
    struct filter_totals t;
    struct filter *f = NULL;
    struct lines *l;

    (void)state;
    cfg.memory = 0;
    cfg.dup_lines = true;
    free(run(&cfg, "t\n가나다라마바사아자차\n\nt\n가나다라마바사아자차\n", NULL, &t));
    assert_int_equal(t.documents[FATE_WRITTEN], 2);
    assert_int_equal(t.forgotten_documents, 2);
    assert_int_equal(t.forgotten_lines, 2);

    cfg.window = 2; /* a text that must not be shared is remembered whole, or it is an error */
    assert_int_equal(filter_new(&f, &cfg, NULL), RF_OK);
    l = open_text(not_in_names, "t\n가나다\n");
    assert_int_equal(filter_not_in(f, l, NULL), RF_ENOMEM);
    lines_close(l);
    filter_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repeated_ones_go),
        cmocka_unit_test(what_is_not_left_out_stays_as_it_is),
        cmocka_unit_test(limits_are_inclusive),
        cmocka_unit_test(scripts_are_shares_of_characters),
        cmocka_unit_test(overlap_is_a_window_or_a_line),
        cmocka_unit_test(alike_documents_go),
        cmocka_unit_test(a_full_memory_forgets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
