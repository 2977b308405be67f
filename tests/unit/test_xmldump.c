/* The scanner of MediaWiki's XML, and reading whole dumps with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "corpus/dump.h"
#include "corpus/xmldump.h"

static const char dump[] =
    "<mediawiki xmlns=\"http://www.mediawiki.org/xml/export-0.10/\" xml:lang=\"ko\">\n"
    "  <siteinfo><namespaces><namespace key=\"0\" /><namespace key=\"6\" case=\"x\">Mynd"
    "</namespace></namespaces></siteinfo>\n"
    "  <page><title>A &amp; B</title><ns>0</ns><id>1</id><revision><id>2</id>"
    "<model>wikitext</model><text xml:space=\"preserve\" bytes=\"9\">first "
    "&lt;b&gt;page&lt;/b&gt; "
    "[[Mynd:x]]</text></revision></page>\n"
    "  <page><title>Talk:A</title><ns>1</ns><revision><text>talk</text></revision></page>\n"
    "  <page><title>R</title><ns>0</ns><redirect title=\"A\" /><revision><text>#REDIRECT [[A]]"
    "</text></revision></page>\n"
    "  <page><title>둘째</title><ns>0</ns><revision><text>old</text></revision><revision>"
    "<text>둘째 글</text></revision></page>\n"
    "  <page><title>M</title><ns>0</ns><revision><model>css</model><text>a{}</text></revision>"
    "</page>\n"
    "  <page><title>E</title><ns>0</ns><revision><text deleted=\"deleted\" "
    "/></revision></page>\n"
    "</mediawiki>\n";
static const char first[] = "A & B\nfirst page\n\n",
                  both[] = "A & B\nfirst page\n\n둘째\n둘째 글\n\n";

static void write_file(const char *name, const char *s, size_t n)
{
    FILE *f = fopen(name, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(s, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Convert s[n]; the text is to be freed. */
static char *convert(const char *s, size_t n, struct dump_cfg *cfg, int *rc,
                     struct dump_stats *st, struct errbuf *eb)
{
    static char name[] = "in.xml";
    char *names[] = {name}, *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    write_file(name, s, n);
    *st = (struct dump_stats){0};
    *eb = (struct errbuf){0};
    *rc = dump_to_text(cfg, names, 1, out, NULL, st, eb);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void a_dump_becomes_text(void **state)
{
    struct dump_cfg cfg = DUMP_CFG_DEFAULT;
    struct dump_stats st;
    struct errbuf eb;
    (void)state;

    for (cfg.threads = 1; cfg.threads <= 3; cfg.threads++) {
        int rc;
        char *text = convert(dump, sizeof dump - 1, &cfg, &rc, &st, &eb);

        assert_int_equal(rc, RF_OK);
        assert_string_equal(text, both);
        assert_int_equal(st.pages, 6);
        assert_int_equal(st.written, 2);
        assert_int_equal(st.other_space, 1);
        assert_int_equal(st.redirects, 1);
        assert_int_equal(st.other_model, 1);
        assert_int_equal(st.empty, 1);
        assert_int_equal(st.removed[WIKITEXT_FILE], 1);
        free(text);
    }
}

static size_t behind(const char *what)
{
    return (size_t)(strstr(dump, what) - dump) + strlen(what);
}

/* A dump that stops early is an error wherever it stops, and what was whole before is there. */
static void every_cut_is_noticed(void **state)
{
    size_t end = behind("</mediawiki>"), one = behind("</page>"),
           two = behind("글</text></revision></page>");
    struct dump_cfg cfg = DUMP_CFG_DEFAULT;
    struct dump_stats st;
    struct errbuf eb;
    (void)state;

    cfg.threads = 1;
    for (size_t n = 0; n < end; n++) {
        int rc;
        char *text = convert(dump, n, &cfg, &rc, &st, &eb);
        const char *want = n < one ? "" : n < two ? first : both;

        if (rc != RF_ETRUNC && !(n == 0 && rc == RF_EFORMAT))
            fail_msg("cut at %zu of %zu: %s (%s)", n, end, rf_strerror(rc), eb.text);
        if (strcmp(text, want) != 0)
            fail_msg("cut at %zu of %zu: text is\n%s", n, end, text);
        assert_non_null(strstr(eb.text, "in.xml"));
        free(text);
    }
}

static void bad_input_is_refused_with_its_byte(void **state)
{
    static const struct {
        const char *xml, *message;
    } bad[] = {
        {"", "not a MediaWiki export in 'in.xml', byte 0"},
        {"  \n", "not a MediaWiki export in 'in.xml', byte 0"},
        {"hello world", "not a MediaWiki export in 'in.xml', byte 0"},
        {"<!DOCTYPE x [<!ENTITY a \"b\">]><mediawiki></mediawiki>",
         "a declaration (DOCTYPE) in 'in.xml', byte 0"},
        {"<mediawiki>\n<!DOCTYPE lolz></mediawiki>",
         "a declaration (DOCTYPE) in 'in.xml', byte 12"},
        {"<mediawiki><page><title>a</title></revision></page></mediawiki>",
         "a closing tag that nothing opened in 'in.xml', byte 33"},
        {"<mediawiki><page></page></mediawiki>", "a page without a title in 'in.xml', byte 11"},
        {"<mediawiki><mediawiki>", "<mediawiki> in <mediawiki> in 'in.xml', byte 11"},
        {"<mediawiki>x</mediawiki>", "text between the pages in 'in.xml', byte 11"},
        {"<mediawiki>< x></mediawiki>", "a tag without a name in 'in.xml', byte 11"},
        {"<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
         "elements nested too deep in 'in.xml', byte 48"},
        {"<page><title>a</title><revision><text>b\xFF</text></revision></page>",
         "not UTF-8 in 'in.xml', byte 39"},
    };
    struct dump_cfg cfg = DUMP_CFG_DEFAULT;
    struct dump_stats st;
    struct errbuf eb;
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int rc;

        free(convert(bad[i].xml, strlen(bad[i].xml), &cfg, &rc, &st, &eb));
        if (rc != RF_EFORMAT || strcmp(eb.text, bad[i].message) != 0)
            fail_msg("%s\ngave %s: %s", bad[i].xml, rf_strerror(rc), eb.text);
    }
}

static void parts_old_and_new_exports_are_read(void **state)
{
    static const struct {
        const char *xml, *text;
    } good[] = {
        /* a part of a multistream dump, and its end */
        {"<page><title>a</title><ns>0</ns><revision><text>b</text></revision></page></"
         "mediawiki>",
         "a\nb\n\n"},
        /* 0.3: no <ns> */
        {"<mediawiki><page><title>토론:a</title><revision><text>b</text></revision></"
         "page><page>"
         "<title>a: b</title><revision><text>c</text></revision></page></mediawiki>",
         "a: b\nc\n\n"},
        /* 0.11: other slots are not the page's text */
        {"\xEF\xBB\xBF<?xml "
         "version='1.0'?><mediawiki><page><title>a</title><ns>0</ns><revision>"
         "<text>b</text><content><role>x</role><model>json</model><text>{}</text></content>"
         "</revision></page></mediawiki>",
         "a\nb\n\n"},
        /* two in a row */
        {"<mediawiki></mediawiki>\n<mediawiki x='>'><page><title>a</title><revision><text>b"
         "</text></revision></page></mediawiki>",
         "a\nb\n\n"},
        {"<mediawiki><!-- <page> "
         "--><logitem><id>1</id></logitem><page><title>a</title><revision>"
         "<text><![CDATA[b <i>c</i> &amp; d]]></text></revision></page></mediawiki>",
         "a\nb c & d\n\n"},
        {"<mediawiki/>", ""},
    };
    struct dump_cfg cfg = DUMP_CFG_DEFAULT;
    struct dump_stats st;
    struct errbuf eb;
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int rc;
        char *text = convert(good[i].xml, strlen(good[i].xml), &cfg, &rc, &st, &eb);

        if (rc != RF_OK || strcmp(text, good[i].text) != 0)
            fail_msg("%s\ngave %s: %s\n%s", good[i].xml, rf_strerror(rc), eb.text, text);
        free(text);
    }
}

static void a_page_too_large_is_refused(void **state)
{
    struct dump_cfg cfg = DUMP_CFG_DEFAULT;
    enum { SIZE = 3 << 20 };
    static const char head[] = "<mediawiki><page><title>a</title><revision><text>";
    char *s = malloc(SIZE);
    struct dump_stats st;
    struct errbuf eb;
    int rc;
    (void)state;

    assert_non_null(s);
    memset(s, 'x', SIZE);
    memcpy(s, head, sizeof head - 1);
    cfg.max_page_bytes = 1 << 20;
    free(convert(s, SIZE, &cfg, &rc, &st, &eb));
    assert_int_equal(rc, RF_ERANGE);
    assert_string_equal(eb.text, "a page in 'in.xml', byte 11, is larger than 1048576 bytes");
    cfg.max_page_bytes = 16 << 20;
    free(convert(s, SIZE, &cfg, &rc, &st, &eb));
    assert_int_equal(rc, RF_ETRUNC);
    free(s);
}

static void check_decoded(const char *s, size_t n, const char *want, uint64_t want_replaced)
{
    struct buf to = {0};
    uint64_t replaced = 0;

    assert_int_equal(xmldump_decode(&to, s, n, &replaced), RF_OK);
    if (strcmp(to.data, want) != 0 || replaced != want_replaced)
        fail_msg("'%s' gave '%s', %d replaced", s, to.data, (int)replaced);
    buf_free(&to);
}

static void references_are_resolved_once(void **state)
{
    (void)state;
    check_decoded("&lt;&gt;&amp;&quot;&apos;", 25, "<>&\"'", 0);
    check_decoded("&amp;lt; &amp;amp;", 18, "&lt; &amp;", 0);
    check_decoded("&#65;&#x42;&#xAC00;&#10;", 24, "AB가\n", 0);
    check_decoded("&nbsp; & &; &#65 &a", 19, "&nbsp; & &; &#65 &a", 0);
    check_decoded("&#0;&#xD800;&#x110000;&#x;&#z;", 30, "�����", 5);
    check_decoded("a\r\nb\rc\td\x01", 9, "a\nb\nc\td�", 1);
    check_decoded("a<!-- b -->c<![CDATA[<d>&amp;\x02]]>e", 34, "ac<d>&amp;�e", 1);
    check_decoded("", 0, "", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dump_becomes_text),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(bad_input_is_refused_with_its_byte),
        cmocka_unit_test(parts_old_and_new_exports_are_read),
        cmocka_unit_test(a_page_too_large_is_refused),
        cmocka_unit_test(references_are_resolved_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
