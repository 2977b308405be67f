/* wikitext_inline.c: the inside of a line: quotes, external links, magic words, entities. */
#include <stdlib.h>
#include <strings.h>

#include "base/utf8.h"
#include "corpus/bytes16.h"
#include "corpus/mediawiki_tables.h"
#include "corpus/wikitext_parts.h"

/* A run of apostrophes, line[start..start + n). The first `text` of them are text, the others
 * mean ''italic'', '''bold''' or both. */
struct run {
    size_t start, n, text;
};

static struct run run_at(struct wt_span line, size_t start)
{
    struct run r = {start, 1, 0};

    while (start + r.n < line.n && line.s[start + r.n] == '\'')
        r.n++;
    r.text = r.n == 1 || r.n == 4 ? 1 : r.n > 5 ? r.n - 5 : 0;
    return r;
}

static bool next_run(struct run *r, struct wt_span line, size_t from)
{
    const char *at = from < line.n ? memchr(line.s + from, '\'', line.n - from) : NULL;

    if (at)
        *r = run_at(line, (size_t)(at - line.s));
    return at != NULL;
}

/* MediaWiki's doQuotes(): if the numbers of bold and of italic runs are both odd, one bold run
 * is an apostrophe and an italic run. It is the first one behind a one-letter word, else behind
 * a longer word, else behind a space. Returns where it starts; SIZE_MAX: there is none. */
static size_t odd_run(struct wt_span line)
{
    size_t italic = 0, bold = 0, single = SIZE_MAX, multi = SIZE_MAX, space = SIZE_MAX;
    struct run r = {0};

    while (next_run(&r, line, r.start + r.n)) {
        size_t at = r.start + r.text, n = r.n - r.text;

        italic += n == 2 || n == 5;
        bold += n == 3 || n == 5;
        if (n != 3)
            continue;
        if (at && line.s[at - 1] == ' ')
            space = space == SIZE_MAX ? r.start : space;
        else if (at > 1 && line.s[at - 2] == ' ')
            single = single == SIZE_MAX ? r.start : single;
        else
            multi = multi == SIZE_MAX ? r.start : multi;
    }
    if (italic % 2 == 0 || bold % 2 == 0)
        return SIZE_MAX;
    return single != SIZE_MAX ? single : multi != SIZE_MAX ? multi : space;
}

static size_t take_quotes(struct wikitext_work *k, struct wt_span line, size_t i, size_t odd)
{
    struct run r = run_at(line, i);

    for (size_t left = r.text + (i == odd); left; left--)
        wt_put(k, &k->para, "'", 1);
    return i + r.n;
}

bool wt_is_url(struct wt_span t)
{
    static const char *const heads[] = {
        "http://", "https://", "//",   "ftp://",  "ftps://", "mailto:", "news:",
        "irc://",  "ircs://",  "tel:", "gopher:", "nntp:",   "git://",  "svn://",
        "ssh:",    "magnet:",  "urn:", "geo:",    "sip:",    "xmpp:",   "telnet:"};

    if (t.n < 4 || (*t.s != '/' && !memchr(t.s, ':', t.n < 8 ? t.n : 8)))
        return false;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (t.n > strlen(heads[i]) && strncasecmp(t.s, heads[i], strlen(heads[i])) == 0)
            return true;
    return false;
}

/* Of [url text] skip to the text and set *close to its ]. `line` must end behind its last ]. */
static size_t take_url(struct wikitext_work *k, struct wt_span line, size_t i, size_t *close)
{
    struct wt_span rest = {line.s + i + 1, line.n > i ? line.n - i - 1 : 0};
    const char *end = wt_is_url(rest) ? memchr(rest.s, ']', rest.n) : NULL;
    size_t at = i + 1;

    if (!end) {
        wt_put(k, &k->para, "[", 1);
        return i + 1;
    }
    while (!strchr(" \t]\"<>[", line.s[at]) && !is_mark(line.s[at]))
        at++;
    while (is_blank(line.s[at]))
        at++;
    if (line.s[at] != ']') {
        *close = (size_t)(end - line.s);
        return at;
    }
    wt_count(k, WIKITEXT_URL, "", 0);
    wt_mark(k, &k->para, MARK_DROP);
    return at + 1;
}

static uint32_t number(const char *s, size_t n)
{
    uint32_t base = n && (*s | 32) == 'x' ? 16 : 10, cp = 0;

    if (n < 1 + (base == 16) || n > 9)
        return 0;
    for (size_t i = base == 16; i < n; i++) {
        uint32_t c = (unsigned char)s[i] | 32, digit = c >= 'a' ? c - 'a' + 10 : c - ('0' | 32);

        if (digit >= base || cp > 0x110000)
            return 0;
        cp = cp * base + digit;
    }
    return cp;
}

/* Decode &name; &#1234; or &#xABCD; at line[i]. Other entities stay as they are, and so do
 * controls and surrogates. */
static size_t take_entity(struct wikitext_work *k, struct wt_span line, size_t i)
{
    const char *s = line.s + i + 1;
    size_t left = line.n - i - 1;
    const char *end = memchr(s, ';', left < 12 ? left : 12);
    char out[UTF8_MAX_BYTES];
    uint32_t cp = 0;

    if (end && s < end)
        cp = *s == '#' ? number(s + 1, (size_t)(end - s) - 1) : wt_entity(s, (size_t)(end - s));
    if (cp == '\t' || cp == '\n' || cp == '\r')
        cp = ' ';
    if (cp < ' ' || (cp >= 0xD800 && cp < 0xE000) || cp > 0x10FFFF) {
        wt_put(k, &k->para, "&", 1);
        return i + 1;
    }
    wt_put(k, &k->para, out, utf8_encode(out, cp));
    return i + 1 + (size_t)(end + 1 - s);
}

enum { MAGIC_BYTES = 128 };

/* True for __NOTOC__, __목차숨김__, __KEININHALTSVERZEICHNIS__. */
static bool is_magic(struct wt_span t)
{
    static const char *const words[] = {"NOCONTENTCONVERT",
                                        "NOCC",
                                        "NOTITLECONVERT",
                                        "NOTC",
                                        "DISAMBIG",
                                        "NOGLOBAL",
                                        "START",
                                        "END",
                                        "ARCHIVEDTALK",
                                        "NOTALK",
                                        "EXPECTED_UNCONNECTED_PAGE"};
    size_t high = 0;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (wt_span_is(t, words[i]))
            return true;
    while (high < t.n && (unsigned char)t.s[high] >= 0x80)
        high++;
    return (high == t.n && t.n) ||
           bsearch(&t, mediawiki_switches, mediawiki_switches_n, sizeof(char *), wt_by_word);
}

static size_t take_magic(struct wikitext_work *k, struct wt_span line, size_t i)
{
    size_t left = line.n - i, look = left < MAGIC_BYTES ? left : MAGIC_BYTES;
    const char *s = line.s + i, *end;

    if (look > 4 && s[1] == '_' && (end = memmem(s + 2, look - 2, "__", 2)) &&
        is_magic((struct wt_span){s + 2, (size_t)(end - s) - 2}))
        return i + (size_t)(end - s) + 2;
    wt_put(k, &k->para, "_", 1);
    return i + 1;
}

static size_t plain_run(const char *s, size_t n)
{
    size_t i = 0;

    for (; n - i >= 16; i += 16) {
        bytes16 x = bytes16_load(s + i);
        unsigned first =
            bytes16_first((bytes16)((x == '\'') | (x == '&') | (x == '[') | (x == '_')));

        if (first < 16)
            return i + first;
    }
    while (i < n && s[i] != '\'' && s[i] != '&' && s[i] != '[' && s[i] != '_')
        i++;
    return i;
}

void wt_inline(struct wikitext_work *k, struct wt_span line)
{
    size_t odd = memmem(line.s, line.n, "''", 2) ? odd_run(line) : SIZE_MAX;
    size_t close = SIZE_MAX; /* the ] of the external link that is open */
    const char *last = memrchr(line.s, ']', line.n);
    struct wt_span links = {line.s, last ? (size_t)(last - line.s) + 1 : 0};

    for (size_t i = 0; i < line.n;) {
        size_t stop = close < line.n ? close : line.n;
        size_t run = plain_run(line.s + i, stop - i);

        wt_put(k, &k->para, line.s + i, run);
        i += run;
        if (i == line.n)
            break;
        if (i == close) {
            close = SIZE_MAX;
            i++;
        } else if (line.s[i] == '\'') {
            i = take_quotes(k, line, i, odd);
        } else if (line.s[i] == '&') {
            i = take_entity(k, line, i);
        } else if (line.s[i] == '_') {
            i = take_magic(k, line, i);
        } else if (close != SIZE_MAX) {
            wt_put(k, &k->para, line.s + i++, 1);
        } else {
            i = take_url(k, links, i, &close);
        }
    }
}
