/* Markup to text. What is expected follows what MediaWiki shows of the same markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corpus/wikitext.h"

static char *convert_with(const struct wikitext_cfg *cfg, const char *s, size_t n,
                          struct wikitext_removed *removed)
{
    struct wikitext_work *work = wikitext_work_new();
    struct wikitext_removed unused = {0};
    struct namespaces ns = {0};
    struct wikitext *w = NULL;
    struct buf to = {0};

    namespaces_add(&ns, NS_FILE, "Mynd", 4);
    namespaces_add(&ns, NS_CATEGORY, "Категория", strlen("Категория"));
    assert_non_null(work);
    assert_int_equal(wikitext_new(&w, cfg, NULL), RF_OK);
    assert_int_equal(buf_put(&to, "", 0), RF_OK);
    assert_int_equal(
        wikitext_convert(w, work, &ns, "제목", s, n, &to, removed ? removed : &unused), RF_OK);
    wikitext_work_free(work);
    wikitext_free(w);
    return to.data;
}

struct pair {
    const char *markup, *text;
};

static void check_with(const struct wikitext_cfg *cfg, const struct pair *p)
{
    for (; p->markup; p++) {
        char *got = convert_with(cfg, p->markup, strlen(p->markup), NULL);

        if (strcmp(got, p->text) != 0)
            fail_msg("of:\n%s\nwanted:\n%s\ngot:\n%s", p->markup, p->text, got);
        free(got);
    }
}

static void check(const struct pair *p)
{
    check_with(&(struct wikitext_cfg){0}, p);
}

static void quotes_are_read_as_mediawiki_reads_them(void **state)
{
    (void)state;
    check((const struct pair[]){{"''a'' '''b''' '''''c'''''", "a b c\n"},
                                {"''Britannica'''s", "Britannica's\n"},
                                {"''''four''''", "'four'\n"},
                                {"''''''six''''''", "'six'\n"},
                                {"don't ''stop''", "don't stop\n"},
                                {"L'''arbre'' et l'''eau'''", "Larbre et l'eau\n"},
                                {"l'''État'' a '''b'''", "l'État a b\n"},
                                {"''open\nnext", "open next\n"},
                                {"L''<nowiki/>'x", "L'x\n"},
                                {NULL, NULL}});
}

static void links_leave_their_text(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"[[a]]", "a\n"},
        {"[[a|b]]s", "bs\n"},
        {"[[a|b|c]]", "b|c\n"},
        {"[[개]]를", "개를\n"},
        {"[[a (b)|]] [[x:a, b|]]", "a a\n"},
        {"[[:분류:x]] [[:File:x.jpg]] [[:en:x]]", "분류:x File:x.jpg en:x\n"},
        {"x [[분류:y]] [[Category:y| ]] [[en:y]] [[zh-min-nan:y]] z", "x z\n"},
        {"[[категория:y]][[s:a|b]]", "b\n"},
        {"[[a {{!}} b]]", "b\n"}, /* the space before it is the line's first */
        {"[[a\nb]] c", "[[a b]] c\n"},
        {"[[a [[b]] c]]", "a b c\n"},
        {"[[]] [[|a]] [[a<b]]", "[[]] [[|a]] [[a<b]]\n"},
        {"[[[a]]]", "[a]\n"},
        {"[[a|b\nc]]", "b c\n"},
        {"[http://a.b/c d e] [http://a.b] f", "d e f\n"},
        {"[//a.b c] [mailto:x@y z] [x y]", "c z [x y]\n"},
        {"[[a|[http://b c]]]", "c\n"},
        {"[[http://a b]]", "[b]\n"},
        {"http://a.b/c_d is kept", "http://a.b/c_d is kept\n"},
        {NULL, NULL}});
}

static void files_go_with_their_captions(void **state)
{
    static const struct pair kept[] = {
        {"a\n[[파일:x.jpg|섬네일|250px|[[b]] c]]\nd", "a\nb c\nd\n"},
        {"[[File:x.jpg|thumb]] [[File:y.jpg|135px]] a", "a\n"},
        {"[[File:x.jpg]] a", "a\n"},
        {NULL, NULL}};
    (void)state;
    check(
        (const struct pair[]){{"a [[파일:x.jpg|섬네일|250px|[[b]] {{lang|de|c}}]] d", "a d\n"},
                              {"[[File:x.jpg|thumb|one\n\ntwo [http://x y]]] a", "a\n"},
                              {"[[image:x]][[그림:x]][[Mynd:x]][[mynd:x|y]]a", "a\n"},
                              {"[[File:x|alt=a [[b|c]] d]] e", "e\n"},
                              {NULL, NULL}});
    check_with(&(struct wikitext_cfg){.captions = true}, kept);
}

/* The siteinfo names neither the aliases of a wiki nor the words of another, from which a page
 * may have been copied. */
static void files_and_categories_have_names_in_all_languages(void **state)
{
    static const struct pair kept[] = {
        {"[[画像:x.jpg|サムネイル|300px|右|家の写真]]a", "家の写真\na\n"},
        {"[[Файл:x.jpg|300пкс|дом|мини|справа]]a", "дом\na\n"},
        {"[[Bild:x.jpg|miniatur|hochkant=1.5|alternativtext=b|rechts]]a", "a\n"},
        {"[[File:x.pdf|page 3|x200px|page of a book]]a", "page of a book\na\n"},
        {NULL, NULL}};
    (void)state;
    check((const struct pair[]){
        {"本文[[画像:Ie.jpg|thumb|家の写真]]である。\n\n[[カテゴリ:家]]", "本文である。\n"},
        {"[[Bild:x.jpg|mini|b]][[Изображение:x.jpg|мини|b]][[檔案:x.jpg|縮圖|b]]a", "a\n"},
        {"[[ファイル:x.png|b]][[ไฟล์:x.jpg]][[ملف:x|thumb]][[קובץ:x.SVG]][[चित्र:x.gif|b]]a",
         "a\n"},
        {"[[Imagine: John Lennon]] [[Class: a life|b]] [[Figure:x]] [[Guru:x]]a",
         "Imagine: John Lennon b Figure:x a\n"},
        {"[[Kategorie:x]][[Категория: x]][[分类:x]][[カテゴリ:x]][[تصنيف:x]][[Luokka:x]]a",
         "a\n"},
        {"{{Vorlage:lang|de|x}} {{Шаблон:lang|de|y}} {{テンプレート:lang|de|z}}", "x y z\n"},
        {"[[:画像:x.jpg]] [[:Kategorie:x|b]]", "画像:x.jpg b\n"},
        {"[[Nosuch:x.jpg|thumb|b]][[nosuch:y.SVG|b|300px]]a", "a\n"},
        {"[[nosuch:x.jpg|b]] [[nosuch:x|thumb|b]] [[x.jpg|thumb]]", "b thumb|b thumb\n"},
        {NULL, NULL}});
    check_with(&(struct wikitext_cfg){.captions = true}, kept);
}

static void templates_leave_what_the_table_says(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"{{formatnum:3}} {{convert|93|m|ft}} {{unité|2000|m}} {{w|a|b}}", "3 93 m 2000 m b\n"},
        {"{{convert|5|to|10|km|mi}} {{cvt|5|-|10|by|3|km}}", "5 to 10 km 5–10 by 3 km\n"},
        {"{{nihongo|도쿄|東京|Tōkyō}} {{Lang|de| Berlin }} {{틀:lang-fr|Paris}}",
         "도쿄 Berlin Paris\n"},
        {"{{lang|2=x|1=de}} {{lang|de|a=b|x}} {{sortname|A|B}}", "x x A B\n"},
        {"{{lang|de|a{{=}}b}} {{lang|de|2=a=b}}", "a=b a=b\n"},
        {"{{LANG|de|x}} {{ lang\n|de\n|x\n}} {{lang_|de|x}}", "x x x\n"},
        {"{{small|{{lang|de|{{nowrap|deep}}}}}}", "deep\n"},
        {"{{unknown|{{lang|de|x}}}} a", "a\n"},
        {"{{{1|default}}} {{{2}}} {{{3|}}} a", "default a\n"},
        {"{{PAGENAME}} {{!}} {{'}}", "제목 | '\n"},
        {"a{{인용문|첫째\n둘째|누구}}b", "a 첫째 둘째 b\n"},
        {"{{blockquote|text=x}}", "x\n"},
        {"{{plainlist|\n* a\n* b\n}}", "a\nb\n"},
        {"{{hlist|a|b||c}}", "a, b, c\n"},
        {"{{us$|5}} {{₩|1000}}", "US$5 ₩1000\n"},
        {"{{lang|de}} a {{nosuch}}", "a\n"},
        {"{{a|b", "{{a|b\n"},
        {"a}} b {{lang|de|c}}", "a}} b c\n"},
        {"{{lang|de|[[a|b]]}} {{lang|de|[[a}} c", "b [[a c\n"},
        {"{{subst:lang|de|x}} {{#if:a|b|c}} {{DEFAULTSORT:x}} y", "x y\n"},
        {NULL, NULL}});
}

static void the_user_adds_templates(void **state)
{
    static const struct pair pairs[] = {
        {"{{foo|a|b}} {{Foo bar|a|b}} {{lang|de|x}} {{lang-de|y}}", "b a-b! y\n"},
        {NULL, NULL}};
    struct errbuf eb = {0};
    struct wikitext *w = NULL;
    (void)state;

    check_with(&(struct wikitext_cfg){.keep = "foo=2,foo_bar=$1-$2!,lang=0"}, pairs);
    for (const char *const *bad =
             (const char *const[]){"foo", "=", "foo=", "foo=x", "foo=12", "foo=$1$1",
                                   "foo=$1$*", "foo=$L$2", "a=1,,b=2", "foo=$x", NULL};
         *bad; bad++)
        if (wikitext_new(&w, &(struct wikitext_cfg){.keep = *bad}, &eb) != RF_EUSAGE)
            fail_msg("'%s' was taken", *bad);
}

static void what_dropping_leaves_is_mended(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"'''베를린'''({{llang|de|Berlin}} {{IPA-all|bɛɐˈliːn}} {{소리|x.ogg}})은",
         "베를린(Berlin)은\n"},
        {"a ({{x}}, {{y}}) b", "a b\n"},
        {"가 ({{x}})는", "가는\n"},
        {"a ({{x}}, b) c", "a (b) c\n"},
        {"a (b, {{x}}) c", "a (b) c\n"},
        {"a (b, {{x}}, c) d", "a (b, c) d\n"},
        {"a (b; {{x}}, {{y}}; c) d", "a (b; c) d\n"},
        {"a, ({{x}}), b; ({{x}}). c, {{x}}. d ({{x}}) {{x}}, e", "a, b. c. d, e\n"},
        {"a ({{x}}: b) (({{x}})) c", "a (b) c\n"},
        {"a（{{x}}、b）c", "a（b）c\n"},
        {"a {{x}}, b {{x}}. c{{x}} d", "a, b. c d\n"},
        {"main() is kept, ( , ) too", "main() is kept, ( , ) too\n"},
        {"a<ref>b</ref>. c", "a. c\n"},
        {"* {{x}}\n* {{x}} [http://a b]\n* ({{x}})", "b\n"},
        {NULL, NULL}});
}

static void tags(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"a<ref>b</ref><ref name=\"a/b\">c</ref><ref name=x />d", "ad\n"},
        {"a<ref>b\nc", "a c\n"},
        {"a<ref name=x>[[b]] {{c|\n<br>}}</ref>d", "ad\n"},
        {"1<small>2</small><b>3</b><SPAN style=\"x\">4</SPAN>", "1234\n"},
        {"a<br>b<br/>c<br clear=all>d", "a\nb\nc\nd\n"},
        {"<div>a</div>b<p>c", "a\nb\nc\n"},
        {"<math>x^2</math> a <chem>H2O</chem> b", "a b\n"},
        {"a < b > c <김철수> <int>", "a < b > c <김철수> <int>\n"},
        {"<nowiki>''[[a]] {{b}}''</nowiki> <nowiki>* c</nowiki>", "''[[a]] {{b}}'' * c\n"},
        {"<nowiki>== a ==</nowiki>", "== a ==\n"},
        {"<pre>\n[[a]]\n b\n</pre>", "[[a]]\nb\n"},
        {"<poem>a\nb\n\nc</poem>", "a\nb\nc\n"},
        {"<gallery>\nx.jpg|y\n</gallery>a<syntaxhighlight lang=c>int x;</syntaxhighlight>",
         "a\n"},
        {"<table><tr><td>a<table>b</table></td></tr></table>c", "c\n"},
        {"<noinclude>a</noinclude><includeonly>b</includeonly><onlyinclude>c</onlyinclude>",
         "ac\n"},
        {"a<!-- b -->c<!-- d", "ac\n"},
        {"a\n<!-- b -->\nc", "a c\n"},
        {"<ruby>漢<rp>(</rp><rt>한</rt><rp>)</rp></ruby>", "漢\n"},
        {"<references /> <references><ref>a</ref></references> b", "b\n"},
        {NULL, NULL}});
}

static void footnotes_end_where_they_should(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"a<ref>b\nc", "a c\n"},
        {"a<ref>b <ref>c</ref> d</ref> e", "a e\n"},
        {"a<ref>b <ref>c</ref> d <ref>e</ref> f</ref> g", "a d f g\n"},
        {"a<ref>b<ref>c<ref>d</ref>e</ref>f</ref> g", "a g\n"},
        {"a<ref>b <ref>c</ref> d\ne</ref>", "a d e\n"},
        {"a<ref>b\n\nc<ref>d</ref> e", "a\nc e\n"},
        {"* a<ref>b\n* c<ref name=x/> d<ref>e</ref>", "a\nc d\n"},
        {"a<ref>b<ref name=x/>\nc</ref> d", "a d\n"},
        {"a<ref>b</ref name=x> c</REF > d", "a d\n"},
        {"a<ref name=\"b<c\">d</ref> e", "a e\n"},
        {"a<ref name=b<c>d</ref> e", "a e\n"},
        {"a<ref name=\"b>c\">d</ref> e", "a e\n"},
        {"a<ref name=\"b<c\"/> e<ref name='b/c'>d</ref>", "a e\n"},
        {"a<ref name=\"b>c\" /> d", "a\n"}, /* the tag ends at its first >, so this opens */
        {"a<ref name=b c", "a<ref name=b c\n"},
        {"<ref name=\"a\nb\">c</ref> d", "d\n"},
        {NULL, NULL}});
}

static void what_is_not_closed_is_text(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"a <math>x+1 b. C.", "a <math>x+1 b. C.\n"},
        {"a <nowiki>''b'' [[c]]", "a <nowiki>b c\n"},
        {"<pre>a\nb", "<pre>a b\n"},
        {"a <poem>b\nc", "a <poem>b c\n"},
        {"a <gallery mode=\"b\"> c\n\nd", "a <gallery mode=\"b\"> c\nd\n"},
        {"a <math>b</chem> <chem>c</math> d</chem> e", "a d e\n"},
        {"{{lang|de|a <math b=c> d}}", "a <math b=c> d\n"},
        {"a <includeonly>b", "a <includeonly>b\n"},
        {"a <syntaxhighlight lang=\"c\">b <math>c</math> d", /* the next one is found */
         "a <syntaxhighlight lang=\"c\">b d\n"},
        {"a <b>b <div>c <span title=\"x<y\">d", "a b\nc <span title=\"x<y\">d\n"},
        {"a <references> b\nc", "a b c\n"},
        {"<table>a\n<tr>b\n\nc", "c\n"},
        {"<table>a\n== b ==\nc <table>d</table> e", "b\nc e\n"},
        {"<ruby>漢<rt>か<rb>字<rt>じ</ruby>を <rt>a", "漢字を a\n"},
        {NULL, NULL}});
}

/* Digits that stand above or below the line are no further digits of the number before. */
static void raised_numbers_stay_apart(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"10<sup>6</sup> 10<sup>−3</sup> 10<sup class=\"a\">-3</sup> 10<sup>&minus;3</sup>",
         "10^6 10^−3 10^-3 10^−3\n"},
        {"10<sup>''n''</sup> 1<sup>''er''</sup>", "10^n 1er\n"},
        {"2<sup>1</sup>/<sub>2</sub> 2<sup>1</sup>&frasl;<sub>2</sub>", "2 1/2 2 1⁄2\n"},
        {"1<sup>st</sup> m<sup>2</sup> <sup>14</sup>C CO<sub>2</sub>", "1st m2 14C CO2\n"},
        {"1010<sub>2</sub> log<sub>2</sub>8 <sup>14</sup><sub>6</sub>C 2<sup>3</sup>4",
         "1010_2 log2 8 14_6C 2^3 4\n"},
        {NULL, NULL}});
}

static void tables_go(void **state)
{
    (void)state;
    check(
        (const struct pair[]){{"a\n{| class=x\n! b\n|-\n| colspan=2 | c || d\n|}\ne", "a\ne\n"},
                              {"{|\n| a\n{|\n| b\n|}\n| c\n|}\nd", "d\n"},
                              {":{|\n| a\n|}\nb", "b\n"},
                              {"{|\n|a\n|}b", "b\n"},
                              {"{|\n| a\n\n== h ==\nb", "h\nb\n"},
                              {"{|\n| a\n\nb\n{|\n| c\n|}\nd", "b\nd\n"},
                              {"{{{!}}\n{{!}} a\n{{!-}}\n{{!}} b\n{{!}}}\nc", "c\n"},
                              {"a\n| b || c\nd", "a\nd\n"},
                              {NULL, NULL}});
}

static void lines(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"a\nb\n\nc", "a b\nc\n"},
        {"== 역사 ==\na\n=== b ===\n== 각주 ==\n{{각주}}\n== c ==\nd", "역사\na\nc\nd\n"},
        {"== a ==\n=== b ===\nc", "a\nb\nc\n"},
        {"=== a ==\nb", "= a\nb\n"},
        {"= = =\n==\na", "a\n"},
        {"* a\n** b\n# c\n: d\n; e : f\n*#: g\nh", "a\nb\nc\nd\ne : f\ng\nh\n"},
        {"a\n----\nb\n----c", "a\nb\nc\n"},
        {" a\n b\nc", "a\nb\nc\n"},
        {"a\n{{x}}\nb", "a\nb\n"},
        {"__NOTOC__\na __목차숨김__ b __init__", "a b __init__\n"},
        {"__KEIN_INHALTSVERZEICHNIS__ a __БЕЗ_ОГЛ__ b __index__", "a b __index__\n"},
        {"a \t b&nbsp; c", "a b c\n"},
        {"...\n\n* —\n\na", "a\n"},
        {"", ""},
        {"{{x}}", ""},
        {NULL, NULL}});
}

static void entities_are_decoded_once_and_last(void **state)
{
    (void)state;
    check((const struct pair[]){
        {"&lt;b&gt; &amp;lt;b&amp;gt; &#91;&#x5B;a]]", "<b> &lt;b&gt; [[a]]\n"},
        {"&eacute;&alpha;&apos;&hellip;", "éα'…\n"},
        {"&nosuch; & &#; &#xD800; &#1; &#1114112; &amp",
         "&nosuch; & &#; &#xD800; &#1; &#1114112; &amp\n"},
        {"AT&amp;T &#39;&#39;x&#39;&#39;", "AT&T ''x''\n"},
        {"a <nowiki>&lt;</nowiki>", "a <\n"},
        {NULL, NULL}});
}

static void variants_are_chosen(void **state)
{
    static const struct pair hant[] = {{"-{zh-hans:甲;zh-hant:乙}-", "乙\n"}, {NULL, NULL}};
    (void)state;
    check((const struct pair[]){{"-{zh-hans:甲;zh-hant:乙}-丙", "甲丙\n"},
                                {"-{甲}- -{H|zh-cn:a;zh-tw:b}--{T|x}-乙", "甲 乙\n"},
                                {"-{A|zh-hans:甲;zh-hant:乙}- -{R|a:b}-", "甲 a:b\n"},
                                {"a-{b", "a-{b\n"},
                                {"1990-{{x}} -{{{y}}}-", "1990- --\n"},
                                {NULL, NULL}});
    check_with(&(struct wikitext_cfg){.variant = "zh-hant"}, hant);
}

static void redirects_are_seen_in_all_languages(void **state)
{
    static const char *const yes[] = {
        "#REDIRECT [[a]]",        "\n#redirect:[[a]]",   "#redirect : [[a]]",
        "#넘겨주기 [[a]]",        "#WEITERLEITUNG[[a]]", "#перенаправление [[a]]",
        "#ПЕРЕНАПРАВЛЕНИЕ [[a]]", "#転送 [[a]]",         "＃転送[[a]]",
        "#重定向 [[a]]",          "#REDIRECTION [[a]]",  "#تحويل [[a]]",
        "#RINVIA [[a]]",          "#YÖNLENDİRME [[a]]",  "#yönlendirme [[a]]"};
    static const char *const no[] = {
        "#REDIRECT", "# REDIRECT [[a]]",  "#x [[a]]",        "REDIRECT [[a]]",
        "",          "#REDIRECT a [[b]]", "#REDIRECTS [[a]]"};
    (void)state;

    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (!wikitext_is_redirect(yes[i], strlen(yes[i])))
            fail_msg("no redirect: %s", yes[i]);
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        if (wikitext_is_redirect(no[i], strlen(no[i])))
            fail_msg("a redirect: %s", no[i]);
}

static void removals_are_counted(void **state)
{
    static const char markup[] = "{{x}}{{x|y}}{{frac|1|2|3|4}}{{lang|de|a}}<ref>b</ref><!-- c "
                                 "-->\n{|\n|}\n[[파일:x]][[분류:y]][[en:z]]"
                                 "[http://x]\n== h ==\n";
    struct wikitext_removed r = {.want_names = true};
    char *text = convert_with(&(struct wikitext_cfg){0}, markup, sizeof markup - 1, &r);
    (void)state;

    assert_string_equal(text, "a\n");
    assert_int_equal(r.count[WIKITEXT_TEMPLATE], 2);
    for (int i = 0; i < WIKITEXT_KINDS; i++)
        if (i != WIKITEXT_TEMPLATE && i != WIKITEXT_LINE && r.count[i] != 1)
            fail_msg("%s: %d", wikitext_kind_names[i], (int)r.count[i]);
    assert_int_equal(r.names.data[0], WIKITEXT_TEMPLATE + 1);
    assert_string_equal(r.names.data + 1, "x");
    free(text);
    buf_free(&r.names);
}

/* A megabyte of anything takes a blink. What is quadratic takes minutes: the alarm ends it. */
static void nothing_takes_more_than_linear_time(void **state)
{
    static const char *const hostile[] = {"{{",
                                          "{{a|",
                                          "{{{",
                                          "[[",
                                          "[[a|",
                                          "[[File:",
                                          "-{",
                                          "<ref>",
                                          "<ref name=",
                                          "<!--",
                                          "<math>",
                                          "<table>",
                                          "<nowiki>",
                                          "{|\n",
                                          "{|\n\n",
                                          "'",
                                          "''",
                                          "'a",
                                          "[http://a ",
                                          "&",
                                          "&a",
                                          "__",
                                          "__A",
                                          "(",
                                          "({{x}}",
                                          "{{x}}",
                                          "{{x}} ",
                                          "{{x}},",
                                          "== a ==\n",
                                          "= ",
                                          "}}",
                                          "]]",
                                          "}-",
                                          "{{lang|de|",
                                          "{{a}}|",
                                          "|",
                                          "=",
                                          "<",
                                          "</ref>",
                                          "\n",
                                          " ",
                                          "\n|}",
                                          "<ref ",
                                          "<rt ",
                                          "<b ",
                                          "<ref><ref></ref>",
                                          "<ref></ref>",
                                          "<ref>a</ref><ref>b<ref></ref>",
                                          "<ref>\n",
                                          "<ref><ref>\n</ref>",
                                          "<rt><ref ",
                                          "<ref>a<math ",
                                          "<table></table",
                                          "<table><b ",
                                          "</ref ",
                                          "<math></math",
                                          "<nowiki>a<ref name=\"",
                                          "[[a:b.jpg|c|",
                                          "{{convert|1|to|",
                                          "{{gaps|1|2|",
                                          "*",
                                          ":{|\n",
                                          "<br>"};
    enum { SIZE = 1 << 20 };
    char *s = malloc(SIZE);
    (void)state;

    assert_non_null(s);
    alarm(120);
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        size_t n = strlen(hostile[i]), len = SIZE / n * n;

        for (size_t at = 0; at < len; at += n)
            memcpy(s + at, hostile[i], n);
        free(convert_with(&(struct wikitext_cfg){0}, s, len, NULL));
    }
    alarm(0);
    free(s);
}

/* Cut anywhere, between code points, the text converts; with its brackets closed it never
 * grows. */
static void every_cut_converts(void **state)
{
    static const char markup[] =
        "{{a|b=c|[[d|e]]}} ''x''' [[파일:x|y [[z]]]]<ref name=\"x\">{{b}}</ref> ({{c}}, d)\n"
        "{| class=x\n| a {{{1|b}}} || c\n|}\n== h ==\n* i &amp; [http://j "
        "k]<nowiki>[[l]]</nowiki>\n"
        "-{zh-hans:m;zh-hant:n}-<!-- o --><poem>p\nq</poem>{{lang|de|r}}";
    (void)state;

    for (size_t n = 0; n < sizeof markup; n++) {
        char *text;

        if (n < sizeof markup - 1 && (markup[n] & 0xC0) == 0x80)
            continue;
        text = convert_with(&(struct wikitext_cfg){.captions = true}, markup, n, NULL);
        if (strlen(text) > n + 2)
            fail_msg("%zu bytes became %zu: %s", n, strlen(text), text);
        for (const char *t = text; *t; t++)
            if ((unsigned char)*t < ' ' && *t != '\n')
                fail_msg("a mark is left of %zu bytes: %s", n, text);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quotes_are_read_as_mediawiki_reads_them),
        cmocka_unit_test(links_leave_their_text),
        cmocka_unit_test(files_go_with_their_captions),
        cmocka_unit_test(files_and_categories_have_names_in_all_languages),
        cmocka_unit_test(templates_leave_what_the_table_says),
        cmocka_unit_test(the_user_adds_templates),
        cmocka_unit_test(what_dropping_leaves_is_mended),
        cmocka_unit_test(tags),
        cmocka_unit_test(footnotes_end_where_they_should),
        cmocka_unit_test(what_is_not_closed_is_text),
        cmocka_unit_test(raised_numbers_stay_apart),
        cmocka_unit_test(tables_go),
        cmocka_unit_test(lines),
        cmocka_unit_test(entities_are_decoded_once_and_last),
        cmocka_unit_test(variants_are_chosen),
        cmocka_unit_test(redirects_are_seen_in_all_languages),
        cmocka_unit_test(removals_are_counted),
        cmocka_unit_test(nothing_takes_more_than_linear_time),
        cmocka_unit_test(every_cut_converts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
