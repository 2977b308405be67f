/* test_namumark: each construct of Namuwiki's markup, closed, nested, broken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/rng.h"
#include "base/utf8.h"
#include "corpus/namumark.h"

static char *plain(const char *text, size_t n, int tables, int strike)
{
    struct namumark_cfg cfg = {.tables = tables, .strike = strike};
    struct namumark *m = NULL;
    struct buf to = {0};

    assert_int_equal(namumark_new(&m, &cfg), RF_OK);
    assert_int_equal(buf_reserve(&to, 1), RF_OK);
    assert_int_equal(namumark_plain(m, &to, text, n), RF_OK);
    namumark_free(m);
    return to.data;
}

struct row {
    const char *in, *out; /* out: without the last LF */
};

static void assert_rows(const struct row *rows, size_t n, int tables, int strike)
{
    for (size_t i = 0; i < n; i++) {
        char *got = plain(rows[i].in, strlen(rows[i].in), tables, strike);
        size_t len = strlen(got);

        if (len)
            got[len - 1] = '\0'; /* its LF */
        if (strcmp(got, rows[i].out) != 0)
            fail_msg("in:   %s\ngot:  %s\nwant: %s", rows[i].in, got, rows[i].out);
        free(got);
    }
}

#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof *(rows), 0, 0)

static void links(void **state)
{
    static const struct row rows[] = {
        {"[[나루시]]의 [[마을|작은 마을]]", "나루시의 작은 마을"},
        {"[[문서#s-2]]와 [[C\\#]]와 [[문서#a|글]]", "문서와 C#와 글"},
        {"[[#s-3]]앞", "앞"},
        {"[[파일:a.png|width=200]]뒤 [[File:b.jpg]]", "뒤"},
        {"[[분류:마을]][[Category:x]]", ""},
        {"[[:분류:나루시]] [[:파일:a.png]]", "분류:나루시 파일:a.png"},
        {"[[https://a.example|밖의 글]] [[http://b.example 옛 글]]", "밖의 글 옛 글"},
        {"[[https://a.example/b#c--d--e]]", "https://a.example/b#c--d--e"},
        {"[[가|[[파일:a.png]]나]]", "나"},
        {"[[가\\|나|다]]", "다"},
        {"[[가|나|다]]", "나|다"},
        {"[[파일:a[1]]]뒤", "뒤"},
        {"[[가|'''나''']]", "나"},
        {"[[a[1]]] [[a [b]] [[x|y[3]]]", "a[1] a [b y[3]"},
        {"[[가", "[[가"},
        {"[[가]", "[[가]"},
        {"[[가|나", "[[가|나"},
        {"[[가\n나]]", "[[가\n나]]"},
        {"가]] 나]", "가]] 나]"},
        {"[1] [주의] [[]]", "[1] [주의]"},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void footnotes(void **state)
{
    static const struct row rows[] = {
        {"끝이다.[* 주석.]", "끝이다."},
        {"이다.[* [[나루시]] 조례[* 고침.] 참조.] 다음", "이다. 다음"},
        {"이다.[*가 이름 있는 주석] [*가]", "이다."},
        {"이다.[* 가[1]나 [[a|b]]]뒤", "이다.뒤"},
        {"이다.[* 닫히지 않음", "이다.[* 닫히지 않음"},
        {"이다.[* '''굵게]나''' 끝", "이다.나''' 끝"},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void macros(void **state)
{
    static const struct row rows[] = {
        {"[목차]\n[tableofcontents]\n[각주][footnote][clearfix]", ""},
        {"[include(틀:다른 뜻1, other1=[[섬]], rd1=가온섬)]\n글", "글"},
        {"[Include(틀:넘겨주기1, n1=아앗)]글", "글"},
        {"[anchor(가)]글[pagecount][pagecount(가)]", "글"},
        {"[date] [datetime] [age(2000-01-01)] [dday(2020-01-01)]살", "살"},
        {"첫째[br]둘째[BR]셋째", "첫째\n둘째\n셋째"},
        {"[ruby(字, ruby=자)]와 [ruby(글)]", "字와 글"},
        {"[ruby('''字''', ruby=자)]", "字"},
        {"값은 [math(E[g(X)])]이다 [math([0,1))]", "값은 이다"},
        {"<math>x^2</math>은 <math>y", "은 <math>y"},
        {"[youtube(abc)][nicovideo(sm1)][kakaotv(1)]", ""},
        {"[include(틀:가", "[include(틀:가"},
        {"[anchor(가]", "[anchor(가]"},
        {"[brr] [include] [date(", "[brr] [date("},
        {"[[br]]글 [[include(틀:x)]] attachment:a.jpg?w=3 뒤", "글 뒤"},
        {"attachment:\"a b.jpg\" 뒤 xattachment:가", "뒤 xattachment:가"},
        {"{{|상자|}} {{|열림", "상자 {{|열림"},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void styles(void **state)
{
    static const struct row rows[] = {
        {"'''굵게''' ''기울임'' '''''둘 다''''' __밑줄__ ^^위^^ ,,아래,,",
         "굵게 기울임 둘 다 밑줄 위 아래"},
        {"'''가''나'''다''", "가나다"},
        {"it's '''열림", "it's '''열림"},
        {"'''가\n나'''", "'''가\n나'''"},
        {"''''네 개''''", "'네 개'"},
        {"~~지운 글~~ 남은 글이다.--또 지운 글--", "남은 글이다."},
        {"PEP 20 -- The Zen", "PEP 20 -- The Zen"},
        {"가 -- 나 -- 다", "가 -- 나 -- 다"},
        {"~~가~~나~~다", "나~~다"},
        {"그래요~~~ 네~~~", "그래요~~~ 네~~~"},
        {"~~[[가|나]] '''다~~ 라'''", "라'''"},
        {"[[가[~~나]|다~~라]]나머지", "가[라나머지"}, /* the bar was struck out too */
        {"가 ---- 나 ___ 다", "가 ---- 나 ___ 다"},
        {"\\[\\[그대로\\]\\] \\'\\'가\\'\\' \\\\", "[[그대로]] ''가'' \\"},
    };
    static const struct row kept[] = {{"~~지운 글~~ 남은 --글--", "지운 글 남은 글"}};

    (void)state;
    ASSERT_ROWS(rows);
    assert_rows(kept, 1, NAMUMARK_DROP_TABLES, NAMUMARK_KEEP_STRIKE);
}

static void lines(void **state)
{
    static const struct row rows[] = {
        {"== 개요 ==\n=== '''역사''' ===\n==# 접힌 것 #==", "개요\n역사\n접힌 것"},
        {"= 가 =\n====== 나 ======\n======= 다 =======", "가\n나\n======= 다 ======="},
        {"== 다름 ===\n==붙음==\n== ==\n== 열림", "== 다름 ===\n==붙음==\n== ==\n== 열림"},
        {"## 주석\n글\n ## 아님", "글\n## 아님"},
        {" == 가 ==\n> == 나 ==\n=", "== 가 ==\n== 나 ==\n="},
        {" * 첫째\n  1. 둘째\n 1.#3 셋째\n a. 넷째\n i. 다섯째",
         "첫째\n둘째\n셋째\n넷째\n다섯째"},
        {" 1.5배 늘었다\n a.m. 열 시\n* 별\n1. 하나",
         "1.5배 늘었다\na.m. 열 시\n* 별\n1. 하나"},
        {"> 따온 글\n>> 두 번\n> * 항목", "따온 글\n두 번\n항목"},
        {"가\n----\n나\n---\n다\n----------", "가\n나\n---\n다\n----------"},
        {"  들여  쓴\t글 \r\n\n\n끝", "들여 쓴 글\n끝"},
        {"@이름=기본값@ @other1@ a@b.example @가 나@", "기본값 a@b.example @가 나@"},
        {"", ""},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void braces(void **state)
{
    static const struct row rows[] = {
        {"{{{#!folding [ 펼치기 ]\n{{{#!wiki style=\"margin:0\"\n접힌 글이다. {{{+2 큰 "
         "글}}}이다.}}}}}}\n뒤",
         "접힌 글이다. 큰 글이다.\n뒤"},
        {"앞{{{#!wiki a\n안}}}뒤", "앞\n안\n뒤"},
        {"{{{#!syntax python\nprint(\"[[a]] ||b||\")\n}}}글", "글"},
        {"{{{#!html <b>x</b>}}}글", "글"},
        {"{{{#red 붉은 글}}} {{{#fff,#000 둘}}} {{{-1 작은}}} {{{#!if a\n안}}}",
         "붉은 글 둘 작은\n안"},
        {"{{{#red 두\n줄}}}이다", "두\n줄\n이다"},
        {"{{{[[날것]] '''그대로''' {{{안}}}}}}", "[[날것]] '''그대로''' {{{안}}}"},
        {"{{{\n여러\n줄\n}}}", "여러\n줄"},
        {"{{{ 열림 '''가'''\n나", "{{{ 열림 가\n나"},
        {"{{{#!wiki\n열림", "{{{#!wiki\n열림"},
        {"가}}} 나", "가}}} 나"},
        {"[[가|{{{#red 나}}}]] {{{+1 '''다'''}}}", "나 다"},
        {"'''{{{+1 가}}}'''", "가"},
        {"\\{{{가}}}", "{{{가}}}"},
        {"\\{{{{가}}}", "{가"},
        {"{{{#!wiki a}}}글", "글"},
        {"{{{+1}}} {{{#태그}}}", "+1 #태그"},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static const struct row table_rows[] = {
    {"앞\n||<tablewidth=300px> 인구 || 120명 ||\n|| 여러 줄\n칸 || {{{#red 글}}} ||\n뒤",
     "앞\n인구\t120명\n여러 줄 칸\t글\n뒤"},
    {"||<-2> 제목 ||\n## 주석\n|| 가 || 나 ||", "제목\n가\t나"},
    {"|표 이름|가||나||\n||||다||", "표 이름\n가\t나\n다"},
    {"|| 가[br]나 || || [[a|b]] ||", "가 나\tb"},
    {"||{{{#!wiki s\n||안||쪽||\n}}}|| 밖 ||", "안 쪽\t밖"},
    {"||[[파일:a.png]]||[[파일:b.png]]||\n글", "글"},
};

static void tables_by_cells(void **state)
{
    (void)state;
    assert_rows(table_rows, sizeof table_rows / sizeof *table_rows, NAMUMARK_KEEP_CELLS, 0);
}

static void tables_dropped(void **state)
{
    static const struct row rows[] = {
        {"앞\n||<tablewidth=300px> 인구 || 120명 ||\n|| 여러 줄\n칸 || {{{#red 글}}} ||\n뒤",
         "앞\n뒤"},
        {"||<-2> 제목 ||\n## 주석\n|| 가 || 나 ||\n뒤", "뒤"},
        {"||<tablealign=center><:> '''상자''' ||\n||둘째[br]셋째||\n뒤",
         "상자\n둘째\n셋째\n뒤"},
        {"|| <오름세> ||\n||<오름세> 글||", "<오름세>\n<오름세> 글"},
        {"||{{{#!folding [펼치기]\n * 하나\n * 둘\n||가||나||\n}}}||", "하나\n둘"},
        {"|| 열림 || 칸\n\n글", "|| 열림 || 칸\n글"},
        {"|| 열림 {{{#!wiki a\n||가||나||\n}}}\n\n||다||라||\n끝", "|| 열림\n끝"},
        {"> ||가||나||\n ||다||라||\n끝", "끝"},
        {"|| 가 \\|| 나 ||", "가 || 나"},
        {"글 || 아님 ||", "글 || 아님 ||"},
        {"||", "||"},
        {"||||", "||||"},
        {"|가|", "|가|"},
    };

    (void)state;
    ASSERT_ROWS(rows);
}

static void what_goes_is_counted(void **state)
{
    static const char text[] = "## a\n||a||b||\n||c||d||\nx[* n[* m]][[파일:a]]~~s~~--t--\n"
                               "{{{#!html x}}}[anchor(a)][date]\n";
    struct namumark_cfg cfg = {0};
    struct namumark *m = NULL;
    struct buf to = {0};
    const struct namumark_counts *n;

    (void)state;
    assert_int_equal(namumark_new(&m, &cfg), RF_OK);
    assert_int_equal(namumark_plain(m, &to, text, strlen(text)), RF_OK);
    n = namumark_counts(m);
    assert_string_equal(to.data, "x\n");
    assert_int_equal(n->comments, 1);
    assert_int_equal(n->rows, 2);
    assert_int_equal(n->notes, 2);
    assert_int_equal(n->files, 1);
    assert_int_equal(n->struck, 2);
    assert_int_equal(n->code, 1);
    assert_int_equal(n->macros, 2);
    namumark_free(m);
    buf_free(&to);
}

static void pages_do_not_touch_each_other(void **state)
{
    static const char first[] = "가{{{#!wiki\n나}}} {{{다}}} '''라[[마",
                      second[] = "{{{'''바'''}}}]]'''";
    struct namumark_cfg cfg = {0};
    struct namumark *m = NULL;
    struct buf to = {0};

    (void)state;
    assert_int_equal(namumark_new(&m, &cfg), RF_OK);
    assert_int_equal(namumark_plain(m, &to, first, strlen(first)), RF_OK);
    assert_int_equal(namumark_plain(m, &to, second, strlen(second)), RF_OK);
    assert_string_equal(to.data, "가\n나\n다 '''라[[마\n'''바''']]'''\n");
    namumark_free(m);
    buf_free(&to);
}

static void redirects(void **state)
{
    (void)state;
    assert_true(namumark_is_redirect("#redirect 가", strlen("#redirect 가")));
    assert_true(namumark_is_redirect("#REDIRECT 가", strlen("#REDIRECT 가")));
    assert_true(namumark_is_redirect("#넘겨주기 가", strlen("#넘겨주기 가")));
    assert_false(namumark_is_redirect("#redirect", strlen("#redirect")));
    assert_false(namumark_is_redirect("글 #redirect 가", strlen("글 #redirect 가")));
    assert_false(namumark_is_redirect("", 0));
}

/* Blocks deeper than the limit are text, and nothing is lost or endless. */
static void deep_nesting_is_text(void **state)
{
    struct buf text = {0};
    char *got;
    (void)state;

    for (int i = 0; i < 10000; i++)
        assert_int_equal(buf_put(&text, "{{{#!wiki\n", 10), RF_OK);
    assert_int_equal(buf_put(&text, "가", 3), RF_OK);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(buf_put(&text, "}}}", 3), RF_OK);
    got = plain(text.data, text.len, 0, 0);
    assert_non_null(strstr(got, "가"));
    assert_non_null(strstr(got, "{{{#!wiki"));
    free(got);
    buf_free(&text);
}

/* Random heaps of marks: valid UTF-8 comes out, no longer than what went in, and no empty line.
 */
static void random_marks(void **state)
{
    static const char *const parts[] = {
        "[[",          "]]",       "[",          "]",       "[*",          "{{{",    "}}}",
        "{{{#!wiki\n", "{{{#red ", "||",         "|",       "\n",          " ",      "'''",
        "''",          "~~",       "--",         "__",      ",,",          "^^",     "\\",
        "가",          "나",       "a",          "#",       "@",           "=",      "== ",
        " ==",         "\n||",     "||\n",       "\n##",    "[br]",        "[math(", ")]",
        "[ruby(",      "파일:",    "<math>",     "</math>", "<-2>",        "{{|",    "|}}",
        ">",           "\n *",     "{{{#!html ", "http://", "attachment:", "\n\n",   "----"};
    struct rng rng = rng_stream(1, 0, 0, RNG_TEST);
    struct buf text = {0};
    uint64_t draw = 0;

    (void)state;
    for (int k = 0; k < 20000; k++) {
        size_t n = rng_below(rng, draw++, 40);
        char *got;

        buf_clear(&text);
        for (size_t i = 0; i < n; i++) {
            const char *p = parts[rng_below(rng, draw++, sizeof parts / sizeof *parts)];

            assert_int_equal(buf_put(&text, p, strlen(p)), RF_OK);
        }
        got = plain(text.data ? text.data : "", text.len, k & 1, k >> 1 & 1);
        if (strlen(got) > text.len + 1 || strstr(got, "\n\n") || *got == '\n' ||
            utf8_check(got, strlen(got)) != strlen(got))
            fail_msg("in:  %s\ngot: %s", text.data, got);
        free(got);
    }
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links),
        cmocka_unit_test(footnotes),
        cmocka_unit_test(macros),
        cmocka_unit_test(styles),
        cmocka_unit_test(lines),
        cmocka_unit_test(braces),
        cmocka_unit_test(tables_by_cells),
        cmocka_unit_test(tables_dropped),
        cmocka_unit_test(what_goes_is_counted),
        cmocka_unit_test(pages_do_not_touch_each_other),
        cmocka_unit_test(redirects),
        cmocka_unit_test(deep_nesting_is_text),
        cmocka_unit_test(random_marks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
