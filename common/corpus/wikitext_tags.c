/* wikitext_tags.c: comments, and tags that look like HTML. */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "corpus/wikitext_parts.h"

enum action {
    TAG_STRIP,   /* the tag is removed, its content stays */
    TAG_BREAK,   /* the same, and the content stands on lines of its own */
    TAG_DROP,    /* the tag and its content are removed */
    TAG_NESTED,  /* the same, and such elements may be nested */
    TAG_LITERAL, /* nowiki: the content has no markup */
    TAG_PRE,     /* the same, and its lines stay */
    TAG_POEM     /* the content has markup, and its lines stay */
};

/* Sorted by name. The < of any other name is text. */
static const struct tag {
    const char *name;
    enum action action;
} tags[] = {
    {"abbr", TAG_STRIP},
    {"b", TAG_STRIP},
    {"bdi", TAG_STRIP},
    {"bdo", TAG_STRIP},
    {"big", TAG_STRIP},
    {"blockquote", TAG_BREAK},
    {"br", TAG_BREAK},
    {"caption", TAG_BREAK},
    {"categorytree", TAG_DROP},
    {"ce", TAG_DROP},
    {"center", TAG_BREAK},
    {"charinsert", TAG_DROP},
    {"chem", TAG_DROP},
    {"cite", TAG_STRIP},
    {"code", TAG_STRIP},
    {"data", TAG_STRIP},
    {"dd", TAG_BREAK},
    {"del", TAG_STRIP},
    {"dfn", TAG_STRIP},
    {"div", TAG_BREAK},
    {"dl", TAG_BREAK},
    {"dt", TAG_BREAK},
    {"em", TAG_STRIP},
    {"font", TAG_STRIP},
    {"gallery", TAG_DROP},
    {"graph", TAG_DROP},
    {"h1", TAG_BREAK},
    {"h2", TAG_BREAK},
    {"h3", TAG_BREAK},
    {"h4", TAG_BREAK},
    {"h5", TAG_BREAK},
    {"h6", TAG_BREAK},
    {"hiero", TAG_DROP},
    {"hr", TAG_BREAK},
    {"i", TAG_STRIP},
    {"imagemap", TAG_DROP},
    {"includeonly", TAG_DROP},
    {"indicator", TAG_DROP},
    {"inputbox", TAG_DROP},
    {"ins", TAG_STRIP},
    {"kbd", TAG_STRIP},
    {"langconvert", TAG_STRIP},
    {"li", TAG_BREAK},
    {"mapframe", TAG_DROP},
    {"maplink", TAG_DROP},
    {"mark", TAG_STRIP},
    {"math", TAG_DROP},
    {"noinclude", TAG_STRIP},
    {"nowiki", TAG_LITERAL},
    {"ol", TAG_BREAK},
    {"onlyinclude", TAG_STRIP},
    {"p", TAG_BREAK},
    {"poem", TAG_POEM},
    {"pre", TAG_PRE},
    {"q", TAG_STRIP},
    {"rb", TAG_STRIP},
    {"ref", TAG_DROP},
    {"references", TAG_DROP},
    {"rp", TAG_DROP},
    {"rt", TAG_DROP},
    {"rtc", TAG_DROP},
    {"ruby", TAG_STRIP},
    {"s", TAG_STRIP},
    {"samp", TAG_STRIP},
    {"score", TAG_DROP},
    {"section", TAG_STRIP},
    {"small", TAG_STRIP},
    {"source", TAG_DROP},
    {"span", TAG_STRIP},
    {"strike", TAG_STRIP},
    {"strong", TAG_STRIP},
    {"sub", TAG_STRIP},
    {"sup", TAG_STRIP},
    {"syntaxhighlight", TAG_DROP},
    {"table", TAG_NESTED},
    {"tbody", TAG_BREAK},
    {"td", TAG_BREAK},
    {"templatedata", TAG_DROP},
    {"templatestyles", TAG_DROP},
    {"th", TAG_BREAK},
    {"time", TAG_STRIP},
    {"timeline", TAG_DROP},
    {"tr", TAG_BREAK},
    {"tt", TAG_STRIP},
    {"u", TAG_STRIP},
    {"ul", TAG_BREAK},
    {"var", TAG_STRIP},
    {"wbr", TAG_STRIP},
};
enum { N_TAGS = sizeof tags / sizeof *tags, TAG_NAME_MAX = 16 };

/* A tag of the page, s[start..end). */
struct found {
    const struct tag *tag;
    size_t start, end;
    bool closes, empty; /* </x>, <x/> */
};

static int by_tag_name(const void *name, const void *row)
{
    return strcmp(name, ((const struct tag *)row)->name);
}

static const struct tag *find_tag(const char *s, size_t n)
{
    char name[TAG_NAME_MAX + 1];
    size_t len = 0;

    while (len < n && len < TAG_NAME_MAX && ((s[len] | 32) >= 'a' && (s[len] | 32) <= 'z')) {
        name[len] = (char)(s[len] | 32);
        len++;
    }
    if (len == 1 && n > 1 && name[0] == 'h' && s[1] >= '1' && s[1] <= '6')
        name[len++] = s[1];
    if (len == n || (s[len] != '>' && s[len] != '/' && !is_blank(s[len])))
        return NULL;
    name[len] = '\0';
    return bsearch(name, tags, N_TAGS, sizeof *tags, by_tag_name);
}

/* Read a tag. As in MediaWiki it ends at its first >, even in quotes, and contains no <. */
static bool read_tag(struct found *f, const char *s, size_t n, size_t i)
{
    size_t at = i + 1;

    *f = (struct found){.start = i};
    if (at < n && s[at] == '/') {
        f->closes = true;
        at++;
    }
    if (at == n || !(f->tag = find_tag(s + at, n - at)))
        return false;
    while (at < n && s[at] != '>' && s[at] != '<')
        at++;
    if (at == n || s[at] == '<')
        return false;
    f->empty = s[at - 1] == '/';
    f->end = at + 1;
    return true;
}

/* Find the tag that closes `open`. If another footnote starts inside a footnote, the first one
 * is not closed. */
static bool find_close(struct found *close, const struct found *open, const char *s, size_t n)
{
    size_t depth = 1, i = open->end;
    const char *lt;

    while ((lt = memchr(s + i, '<', n - i))) {
        i = (size_t)(lt - s);
        if (!read_tag(close, s, n, i) || close->tag != open->tag || close->empty) {
            i++;
            continue;
        }
        i = close->end;
        if (close->closes && --depth == 0)
            return true;
        if (!close->closes && open->tag->action == TAG_NESTED)
            depth++;
        else if (!close->closes && strcmp(open->tag->name, "ref") == 0)
            return false;
    }
    return false;
}

static size_t drop_comment(struct wikitext_work *k, const char *s, size_t n, size_t i)
{
    const char *close = memmem(s + i + 4, n - i - 4, "-->", 3);
    size_t end = close ? (size_t)(close - s) + 3 : n, before = i, after = end;

    wt_count(k, WIKITEXT_COMMENT, "", 0);
    while (before && (s[before - 1] == ' ' || s[before - 1] == '\t'))
        before--;
    while (after < n && (s[after] == ' ' || s[after] == '\t'))
        after++;
    if (before && s[before - 1] == '\n' && after < n && s[after] == '\n')
        return after + 1; /* the comment is alone on its line: leave no empty line */
    return end;
}

/* The length of the entity at s[n], 0 if there is none. Entities count in nowiki too. */
static size_t entity(const char *s, size_t n)
{
    size_t i = 1;

    while (i < n && i < 12 && (s[i] == '#' || isalnum((unsigned char)s[i])))
        i++;
    return *s == '&' && i < n && s[i] == ';' ? i + 1 : 0;
}

static void put_literal(struct wikitext_work *k, const char *s, size_t n)
{
    for (size_t i = 0; i < n;) {
        const char *at = memchr(LITERALS, s[i], sizeof LITERALS - 1);
        size_t len = entity(s + i, n - i);

        if (at)
            wt_mark(k, &k->flat, (char)(MARK_LITERAL + (at - LITERALS)));
        else
            wt_put(k, &k->flat, s + i, len ? len : 1);
        i += len ? len : 1;
    }
}

static void put_pre(struct wikitext_work *k, const char *s, size_t n)
{
    while (n) {
        const char *lf = memchr(s, '\n', n);
        size_t len = lf ? (size_t)(lf - s) : n;

        wt_mark(k, &k->flat, MARK_BREAK);
        put_literal(k, s, len);
        wt_mark(k, &k->flat, MARK_BREAK);
        s += len + (lf != NULL);
        n -= len + (lf != NULL);
    }
}

/* Take an element as a whole. Returns where to go on. */
static size_t whole(struct wikitext_work *k, const char *s, size_t n, const struct found *open)
{
    static const uint64_t one = 1;
    size_t row = (size_t)(open->tag - tags);
    uint64_t bit = one << row % 64, *unclosed = &k->unclosed[row / 64];
    const char *text = s + open->end, *lf;
    struct found close;
    bool closed = !(*unclosed & bit) && find_close(&close, open, s, n);

    if (!closed && strcmp(open->tag->name, "ref") != 0)
        *unclosed |= bit; /* no need to search for the end of another one */
    switch (open->tag->action) {
    case TAG_LITERAL:
        if (closed)
            put_literal(k, text, close.start - open->end);
        wt_mark(k, &k->flat, MARK_NOTHING);
        return closed ? close.end : open->end;
    case TAG_PRE:
        if (closed)
            put_pre(k, text, close.start - open->end);
        return closed ? close.end : open->end;
    case TAG_POEM:
        if (closed)
            k->lines_apart = close.start;
        wt_mark(k, &k->flat, MARK_BREAK);
        return open->end;
    default:
        wt_count(k, WIKITEXT_TAG, open->tag->name, strlen(open->tag->name));
        wt_mark(k, &k->flat, MARK_DROP);
        if (closed)
            return close.end;
        lf = memchr(text, '\n', n - open->end); /* up to the end of its line */
        return lf ? (size_t)(lf - s) : n;
    }
}

size_t wt_tag(struct wikitext_work *k, const char *s, size_t n, size_t i)
{
    struct found f;

    if (n - i >= 4 && memcmp(s + i, "<!--", 4) == 0)
        return drop_comment(k, s, n, i);
    if (!read_tag(&f, s, n, i)) {
        wt_put(k, &k->flat, "<", 1);
        return i + 1;
    }
    if (f.tag->action == TAG_STRIP)
        return f.end;
    if (f.tag->action == TAG_BREAK) {
        wt_mark(k, &k->flat, MARK_BREAK);
        return f.end;
    }
    if (!f.closes && !f.empty)
        return whole(k, s, n, &f);
    wt_mark(k, &k->flat, f.closes || f.tag->action >= TAG_LITERAL ? MARK_NOTHING : MARK_DROP);
    return f.end;
}
