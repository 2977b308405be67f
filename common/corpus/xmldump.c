#include "corpus/xmldump.h"

#include <string.h>

#include "base/utf8.h"
#include "corpus/bytes16.h"

enum token_kind { TOKEN_MORE, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_EMPTY, TOKEN_ASIDE, TOKEN_BAD };

/* A piece of markup, s[start..end): a tag, or an aside: a comment, CDATA, <?...?>. */
struct token {
    enum token_kind kind;
    size_t start, end;
    const char *name;
    size_t name_len;
};

struct scan {
    const char *s;
    size_t n, at;
    struct {
        const char *name;
        size_t len;
    } path[XMLDUMP_DEPTH_MAX];
    size_t depth;
    size_t content; /* where the content of the element opened last begins */
    const char *why;
};

static bool is(const struct token *t, const char *name)
{
    return t->name_len == strlen(name) && memcmp(t->name, name, t->name_len) == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool starts(const char *s, size_t n, const char *head)
{
    return n >= strlen(head) && memcmp(s, head, strlen(head)) == 0;
}

/* Returns the offset behind the next `tail` from `at` on, 0 if there is none. */
static size_t behind(const struct scan *x, size_t at, const char *tail)
{
    const char *p = at < x->n ? memmem(x->s + at, x->n - at, tail, strlen(tail)) : NULL;

    return p ? (size_t)(p - x->s) + strlen(tail) : 0;
}

/* Returns the offset behind the > of a tag, 0 if it is not there. A > in quotes
 * does not count. */
static size_t behind_tag(const struct scan *x, size_t at)
{
    while (at < x->n) {
        char c = x->s[at++];
        const char *quote;

        if (c == '>')
            return at;
        if (c != '"' && c != '\'')
            continue;
        if (!(quote = memchr(x->s + at, c, x->n - at)))
            return 0;
        at = (size_t)(quote - x->s) + 1;
    }
    return 0;
}

static enum token_kind bad(struct scan *x, size_t at, const char *why)
{
    x->at = at;
    x->why = why;
    return TOKEN_BAD;
}

/* Take <!-- -->, <![CDATA[ ]]> or <? ?>. */
static enum token_kind take_aside(struct scan *x, struct token *t)
{
    const char *p = x->s + t->start;
    size_t n = x->n - t->start;

    if (p[1] == '?')
        t->end = behind(x, t->start + 2, "?>");
    else if (starts(p, n, "<!--"))
        t->end = behind(x, t->start + 4, "-->");
    else if (starts(p, n, "<![CDATA["))
        t->end = behind(x, t->start + 9, "]]>");
    else if (n >= 9)
        return bad(x, t->start, "a declaration (DOCTYPE)");
    else
        t->end = 0;
    return t->end ? TOKEN_ASIDE : TOKEN_MORE;
}

static enum token_kind take_tag(struct scan *x, struct token *t)
{
    const char *p = x->s + t->start + 1;
    size_t len;

    if (!(t->end = behind_tag(x, t->start + 1)))
        return TOKEN_MORE;
    t->kind = *p == '/' ? TOKEN_CLOSE : x->s[t->end - 2] == '/' ? TOKEN_EMPTY : TOKEN_OPEN;
    p += *p == '/';
    for (len = 0; !is_space(p[len]) && p[len] != '/' && p[len] != '>'; len++)
        ;
    if (len == 0)
        return bad(x, t->start, "a tag without a name");
    t->name = p;
    t->name_len = len;
    return t->kind;
}

/* Read the next piece of markup from x->at on, and check the nesting. */
static enum token_kind next_token(struct scan *x, struct token *t)
{
    const char *lt = memchr(x->s + x->at, '<', x->n - x->at);
    enum token_kind kind;

    if (!lt || lt + 1 == x->s + x->n)
        return TOKEN_MORE;
    *t = (struct token){.start = (size_t)(lt - x->s)};
    kind = lt[1] == '!' || lt[1] == '?' ? take_aside(x, t) : take_tag(x, t);
    if (kind == TOKEN_MORE || kind == TOKEN_BAD)
        return kind;
    x->at = t->end;
    if (kind == TOKEN_OPEN) {
        if (x->depth == XMLDUMP_DEPTH_MAX)
            return bad(x, t->start, "elements nested too deep");
        x->path[x->depth].name = t->name;
        x->path[x->depth++].len = t->name_len;
        x->content = t->end;
    } else if (kind == TOKEN_CLOSE) {
        if (x->depth == 0 || x->path[x->depth - 1].len != t->name_len ||
            memcmp(x->path[x->depth - 1].name, t->name, t->name_len) != 0)
            return bad(x, t->start, "a closing tag that nothing opened");
        x->depth--;
    }
    return kind;
}

static bool parent_is(const struct scan *x, const char *name)
{
    size_t last = x->depth - 1;

    return x->path[last].len == strlen(name) &&
           memcmp(x->path[last].name, name, x->path[last].len) == 0;
}

static int parse_int(const char *s, size_t n)
{
    int sign = n && *s == '-' ? -1 : 1, x = 0;

    for (size_t i = sign < 0; i < n && s[i] >= '0' && s[i] <= '9' && x < 1000000; i++)
        x = 10 * x + (s[i] - '0');
    return sign * x;
}

/* Keep the content of an element inside <page> that was closed, if it is of use. */
static void page_field(const struct scan *x, const struct token *t, struct xmldump_page *page)
{
    const char *text = x->s + x->content;
    size_t len = t->start - x->content;

    if (x->depth == 1 && is(t, "title")) {
        page->title = text;
        page->title_len = len;
    } else if (x->depth == 1 && is(t, "ns")) {
        page->has_ns = true;
        page->ns = parse_int(text, len);
    } else if (x->depth == 2 && parent_is(x, "revision") && is(t, "text")) {
        page->text = text;
        page->text_len = len;
    } else if (x->depth == 2 && parent_is(x, "revision") && is(t, "model")) {
        page->foreign = len != 8 || memcmp(text, "wikitext", 8) != 0;
    }
}

static void page_token(const struct scan *x, const struct token *t, struct xmldump_page *page)
{
    if (t->kind == TOKEN_CLOSE)
        page_field(x, t, page);
    else if (is(t, "redirect"))
        page->redirect = true;
    else if (is(t, "revision")) {
        page->text = NULL;
        page->text_len = 0;
        page->foreign = false;
    }
}

/* Returns 6 for <namespace key="6" case="first-letter">. */
static int namespace_key(const struct scan *x, const struct token *t)
{
    const char *tag = x->s + t->start, *key = memmem(tag, t->end - t->start, " key=", 5);

    return key ? parse_int(key + 6, (size_t)(x->s + t->end - key) - 6) : NS_ARTICLE;
}

/* Walk over the element that begins at s[0]. */
static enum xmldump_found element(struct xmldump *d, struct scan *x, const struct token *first,
                                  struct xmldump_page *page)
{
    bool is_page = is(first, "page"), is_site = is(first, "siteinfo");
    struct namespaces *ns = &d->ns;
    struct token t = *first;
    int key = NS_ARTICLE;

    /* The same bytes may be read again when more have come, so start anew. */
    if (is_site)
        *ns = (struct namespaces){0};
    while (x->depth) {
        enum token_kind kind = next_token(x, &t);

        if (kind == TOKEN_MORE)
            return XMLDUMP_MORE;
        if (kind == TOKEN_BAD)
            return XMLDUMP_BAD;
        if (kind == TOKEN_ASIDE)
            continue;
        if (is_page)
            page_token(x, &t, page);
        else if (is_site && kind == TOKEN_OPEN && is(&t, "namespace"))
            key = namespace_key(x, &t);
        else if (is_site && kind == TOKEN_CLOSE && is(&t, "namespace") && key != NS_ARTICLE)
            namespaces_add(ns, key, x->s + x->content, t.start - x->content);
    }
    if (is_page && page->title_len == 0) {
        bad(x, first->start, "a page without a title");
        return XMLDUMP_BAD;
    }
    return is_page ? XMLDUMP_PAGE : is_site ? XMLDUMP_SITE : XMLDUMP_OTHER;
}

/* <mediawiki> and its end are taken alone, because what is between them is taken piece by
 * piece. An end without a start comes from a dump that was cut into parts. */
static enum xmldump_found root(struct xmldump *d, struct scan *x, const struct token *t)
{
    if (t->kind == TOKEN_OPEN && d->open) {
        bad(x, t->start, "<mediawiki> in <mediawiki>");
        return XMLDUMP_BAD;
    }
    d->open = t->kind == TOKEN_OPEN;
    return XMLDUMP_OTHER;
}

static enum xmldump_found piece(struct xmldump *d, struct scan *x, struct xmldump_page *page)
{
    static const char end[] = "</mediawiki";
    struct token t;

    if (starts(x->s + x->at, x->n - x->at, end)) {
        x->path[x->depth].name = end + 2;
        x->path[x->depth++].len = sizeof end - 3;
    }
    switch (next_token(x, &t)) {
    case TOKEN_MORE: return XMLDUMP_MORE;
    case TOKEN_BAD: return XMLDUMP_BAD;
    case TOKEN_ASIDE: return XMLDUMP_OTHER;
    default: return is(&t, "mediawiki") ? root(d, x, &t) : element(d, x, &t, page);
    }
}

enum xmldump_found xmldump_next(struct xmldump *d, const char *s, size_t n,
                                struct xmldump_page *page, size_t *used, const char **why)
{
    struct scan x = {.s = s, .n = n};
    enum xmldump_found found;

    *page = (struct xmldump_page){0};
    *used = 0;
    *why = NULL;
    if (n == 0)
        return XMLDUMP_MORE;
    if (!d->begun)
        x.at = utf8_mark(s, n);
    while (x.at < n && is_space(s[x.at]))
        x.at++;
    if (!d->begun && utf8_is_utf16(s, n)) {
        x.why = "UTF-16 and not UTF-8";
        found = XMLDUMP_BAD;
    } else if (x.at == n) {
        found = XMLDUMP_OTHER;
    } else if (x.at < n && s[x.at] != '<' && (d->begun || n >= 3)) {
        x.why = d->begun ? "text between the pages" : "not a MediaWiki export";
        found = XMLDUMP_BAD;
    } else {
        found = piece(d, &x, page);
        d->begun |= found != XMLDUMP_MORE;
    }
    *used = x.at;
    *why = x.why;
    return found;
}

/* The code point of a reference, whose digits s[n] stand between &# and ;. U+FFFD if it is
 * not allowed. */
static uint32_t number(const char *s, size_t n)
{
    uint32_t cp = 0, base = n && (*s == 'x' || *s == 'X') ? 16 : 10;

    for (size_t i = base == 16; i < n; i++) {
        uint32_t c = (unsigned char)s[i], digit = c - '0';

        if (digit > 9)
            digit = base == 16 && (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 99;
        if (digit >= base)
            return 0xFFFD;
        cp = cp < 0x110000 ? cp * base + digit : cp;
    }
    if ((cp < ' ' && cp != '\t' && cp != '\n') || (cp >= 0xD800 && cp < 0xE000) ||
        cp > 0x10FFFF)
        return 0xFFFD;
    return cp;
}

/* Decode the reference at s[n] into *cp. Returns its length, 0 if there is none. */
static size_t reference(uint32_t *cp, const char *s, size_t n)
{
    static const struct {
        const char *name;
        uint32_t cp;
    } five[] = {
        {"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}};
    const char *end;

    for (size_t i = 0; i < sizeof five / sizeof *five; i++) {
        if (starts(s, n, five[i].name)) {
            *cp = five[i].cp;
            return strlen(five[i].name);
        }
    }
    if (n < 4 || s[1] != '#' || !(end = memchr(s, ';', n < 12 ? n : 12)))
        return 0;
    *cp = number(s + 2, (size_t)(end - s) - 2);
    return (size_t)(end - s) + 1;
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' && c != '\t' && c != '\n';
}

/* Write CR LF and CR as LF, and any other control as U+FFFD. Returns the length of
 * what was read. */
static size_t decode_control(char **to, const char *s, size_t n, uint64_t *replaced)
{
    if (*s == '\r') {
        *(*to)++ = '\n';
        return n > 1 && s[1] == '\n' ? 2 : 1;
    }
    *to += utf8_encode(*to, 0xFFFD);
    ++*replaced;
    return 1;
}

/* Write the content of <![CDATA[ ]]>, and nothing for a comment. Returns the length of
 * what was read. */
static size_t decode_aside(char **to, const char *s, size_t n, uint64_t *replaced)
{
    struct scan x = {.s = s, .n = n};
    struct token t = {0};

    if (n < 2 || (s[1] != '!' && s[1] != '?') || take_aside(&x, &t) != TOKEN_ASIDE) {
        *(*to)++ = '<';
        return 1;
    }
    for (size_t i = 9; s[2] == '[' && i < t.end - 3;) {
        if (is_control(s[i]))
            i += decode_control(to, s + i, t.end - 3 - i, replaced);
        else
            *(*to)++ = s[i++];
    }
    return t.end;
}

static size_t decode_reference(char **to, const char *s, size_t n, uint64_t *replaced)
{
    uint32_t cp = '&';
    size_t len = reference(&cp, s, n);

    *replaced += cp == 0xFFFD;
    *to += utf8_encode(*to, cp);
    return len ? len : 1;
}

/* Returns how many bytes stand for themselves. */
static size_t unescaped_run(const char *s, size_t n)
{
    size_t i = 0;

    for (; n - i >= 16; i += 16) {
        bytes16 x = bytes16_load(s + i);
        unsigned first = bytes16_first(
            (bytes16)((x == '&') | (x == '<') | ((x < ' ') & (x != '\n') & (x != '\t'))));

        if (first < 16)
            return i + first;
    }
    while (i < n && s[i] != '&' && s[i] != '<' && !is_control(s[i]))
        i++;
    return i;
}

int xmldump_decode(struct buf *to, const char *s, size_t n, uint64_t *replaced)
{
    char *out;

    /* A control byte becomes three bytes; nothing else becomes longer. */
    if (buf_reserve(to, 3 * n) != RF_OK)
        return RF_ENOMEM;
    out = to->data + to->len;
    for (size_t i = 0; i < n;) {
        size_t run = unescaped_run(s + i, n - i);

        memcpy(out, s + i, run);
        out += run;
        i += run;
        if (i == n)
            break;
        if (s[i] == '&')
            i += decode_reference(&out, s + i, n - i, replaced);
        else if (s[i] == '<')
            i += decode_aside(&out, s + i, n - i, replaced);
        else
            i += decode_control(&out, s + i, n - i, replaced);
    }
    *out = '\0';
    to->len = (size_t)(out - to->data);
    return RF_OK;
}
