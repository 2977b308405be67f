/*
 * wikitext_tags.c: comments, and tags that look like HTML.
 *
 * There are two kinds. MediaWiki takes the elements of its extensions (ref, math, nowiki) out
 * of the page before it looks at anything else: their tag ends at its first >, even in quotes,
 * their content goes on to the first tag that closes them, and a tag without one is text. The
 * tags of HTML (b, div) are only removed.
 */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

#include "corpus/wikitext_parts.h"

enum action {
    /* HTML */
    TAG_STRIP,  /* the tag is removed, its content stays */
    TAG_SCRIPT, /* sup, sub: the same, but 10<sup>6</sup> becomes 10^6 */
    TAG_BREAK,  /* the content stands on lines of its own */
    TAG_TABLE,  /* the element is removed; tables may be nested */
    TAG_RUBY,   /* the element is removed; the next one of the same ruby can end it */
    /* extensions */
    TAG_DROP,    /* the element is removed */
    TAG_NOTE,    /* the same; see footnote_end() */
    TAG_NOTES,   /* the same; without an end only the tag is */
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
    {"ref", TAG_NOTE},
    {"references", TAG_NOTES},
    {"rp", TAG_RUBY},
    {"rt", TAG_RUBY},
    {"rtc", TAG_RUBY},
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
    {"sub", TAG_SCRIPT},
    {"sup", TAG_SCRIPT},
    {"syntaxhighlight", TAG_DROP},
    {"table", TAG_TABLE},
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

/* Elements of HTML that were not closed are searched for an end this many times. */
enum { SEARCHES_MAX = 8 };

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

/* Read a tag. As in MediaWiki it ends at its first >, even in quotes. One of HTML contains no
 * <, which would begin another one. */
static bool read_tag(struct wikitext_work *k, struct found *f, const char *s, size_t n,
                     size_t i)
{
    size_t at = i + 1;

    *f = (struct found){.start = i};
    if (at < n && s[at] == '/') {
        f->closes = true;
        at++;
    }
    if (at >= k->no_gt || at == n || !(f->tag = find_tag(s + at, n - at)))
        return false;
    if (f->closes || f->tag->action < TAG_DROP) {
        while (at < n && s[at] != '>' && s[at] != '<')
            at++;
        if (at == n || s[at] == '<')
            return false;
    } else {
        const char *gt = memchr(s + at, '>', n - at);

        if (!gt) {
            k->no_gt = at;
            return false;
        }
        at = (size_t)(gt - s);
    }
    f->empty = s[at - 1] == '/';
    f->end = at + 1;
    return true;
}

/* The name of the tag that the < at s[i] begins or ends; NULL: it is none. */
static const struct tag *tag_at(const char *s, size_t n, size_t i)
{
    i += i + 1 < n && s[i + 1] == '/' ? 2 : 1;
    return i < n ? find_tag(s + i, n - i) : NULL;
}

/* Find the first </name> from s[from] on, with nothing but spaces in it. */
static bool find_first_end(struct found *close, const struct tag *tag, const char *s, size_t n,
                           size_t from)
{
    size_t len = strlen(tag->name);
    const char *lt;

    while ((lt = memchr(s + from, '<', n - from))) {
        size_t start = (size_t)(lt - s), at = start + 2;

        from = start + 1;
        if (n - start <= len + 2 || s[from] != '/' || strncasecmp(s + at, tag->name, len) != 0)
            continue;
        for (at += len; at < n && is_blank(s[at]);)
            at++;
        if (at < n && s[at] == '>') {
            *close = (struct found){tag, start, at + 1, true, false};
            return true;
        }
    }
    return false;
}

/* Find the next tag that is one of `tag` in s[from..to). */
static bool find_next(struct wikitext_work *k, struct found *f, const struct tag *tag,
                      const char *s, size_t n, size_t from, size_t to)
{
    const char *lt;

    while (from < to && (lt = memchr(s + from, '<', to - from))) {
        from = (size_t)(lt - s);
        if (tag_at(s, n, from) != tag || !read_tag(k, f, s, n, from)) {
            from++;
        } else if (f->empty) {
            from = f->end;
        } else {
            return true;
        }
    }
    return false;
}

/* Returns where the line ends that holds s[at]. It is looked for once a line. */
static size_t line_end(struct wikitext_work *k, const char *s, size_t n, size_t at)
{
    if (k->line_end < at) {
        const char *lf = memchr(s + at, '\n', n - at);

        k->line_end = lf ? (size_t)(lf - s) : n;
    }
    return k->line_end;
}

/* Find where a footnote ends. MediaWiki ends it at the first </ref>. Two things are done
 * better. Of <ref>a <ref>b</ref> c</ref> it shows " c</ref>"; here the outer footnote ends at
 * its own end, if that follows on the line before any further footnote. And if another footnote
 * begins before the first </ref>, which stands on a later line, then this one has no end. */
static bool footnote_end(struct wikitext_work *k, struct found *close, const struct found *open,
                         const char *s, size_t n)
{
    size_t line = line_end(k, s, n, open->end), from = open->end, inner = 0;
    struct found next;

    if (k->note_end.end <= open->end) {
        if (!find_first_end(close, open->tag, s, n, from))
            return false;
        k->note_end.start = close->start;
        k->note_end.end = close->end;
    }
    *close = (struct found){open->tag, k->note_end.start, k->note_end.end, true, false};
    while (find_next(k, &next, open->tag, s, n, from, close->start)) {
        if (close->start > line)
            return false;
        from = next.end;
        inner++;
    }
    for (next = *close; inner; inner--)
        if (!find_next(k, &next, open->tag, s, n, next.end, line) || !next.closes)
            return true;
    *close = next;
    return true;
}

/* Find the end of an HTML table, in which there may be others. */
static bool table_end(struct wikitext_work *k, struct found *close, const struct found *open,
                      const char *s, size_t n)
{
    size_t depth = 1, from = open->end;

    while (depth && find_next(k, close, open->tag, s, n, from, n)) {
        depth = close->closes ? depth - 1 : depth + 1;
        from = close->end;
    }
    return depth == 0;
}

static bool is_ruby(const struct tag *tag)
{
    return tag && (tag->action == TAG_RUBY || strcmp(tag->name, "ruby") == 0 ||
                   strcmp(tag->name, "rb") == 0);
}

/* Find the end of a reading: its own closing tag, or in front of the next tag of the ruby, as
 * HTML allows. */
static bool reading_end(struct wikitext_work *k, struct found *close, const struct found *open,
                        const char *s, size_t n)
{
    const char *lt;

    for (size_t from = open->end; (lt = memchr(s + from, '<', n - from)); from++) {
        from = (size_t)(lt - s);
        if (!is_ruby(tag_at(s, n, from)) || !read_tag(k, close, s, n, from))
            continue;
        if (close->tag != open->tag || !close->closes)
            close->end = close->start;
        return true;
    }
    return false;
}

static bool find_close(struct wikitext_work *k, struct found *close, const struct found *open,
                       const char *s, size_t n)
{
    switch (open->tag->action) {
    case TAG_NOTE: return footnote_end(k, close, open, s, n);
    case TAG_TABLE: return table_end(k, close, open, s, n);
    case TAG_RUBY: return reading_end(k, close, open, s, n);
    default: return find_first_end(close, open->tag, s, n, open->end);
    }
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

/* Handle an element that is not closed. Returns where to go on. */
static size_t take_unclosed(struct wikitext_work *k, const char *s, size_t n,
                            const struct found *open)
{
    size_t at = open->end;
    const char *lf;

    if (open->tag->action >= TAG_DROP && open->tag->action != TAG_NOTE &&
        open->tag->action != TAG_NOTES) {
        wt_put(k, &k->flat, s + open->start, open->end - open->start);
        return open->end;
    }
    wt_count(k, WIKITEXT_TAG, open->tag->name, strlen(open->tag->name));
    wt_mark(k, &k->flat, MARK_DROP);
    if (open->tag->action != TAG_NOTE && open->tag->action != TAG_TABLE)
        return open->end;
    while ((lf = memchr(s + at, '\n', n - at))) {
        at = (size_t)(lf - s);
        if (open->tag->action == TAG_NOTE || at + 1 == n || s[at + 1] == '\n' ||
            s[at + 1] == '=')
            return at;
        at++;
    }
    return n;
}

/* The element has no end. True if then no further one of its name can have one. */
static bool was_last_search(struct wikitext_work *k, const struct found *open)
{
    switch (open->tag->action) {
    case TAG_NOTE: return k->note_end.end <= open->end;
    case TAG_TABLE: return ++k->unclosed_html == SEARCHES_MAX;
    default: return true;
    }
}

/* True if the element is closed. Where none can be, there is no search for an end, so that all
 * searches together take linear time. */
static bool is_closed(struct wikitext_work *k, struct found *close, const struct found *open,
                      const char *s, size_t n)
{
    static const uint64_t one = 1;
    size_t row = (size_t)(open->tag - tags);
    uint64_t bit = one << row % 64, *unclosed = &k->unclosed[row / 64];

    if (*unclosed & bit)
        return false;
    if (find_close(k, close, open, s, n))
        return true;
    if (was_last_search(k, open))
        *unclosed |= bit;
    return false;
}

/* Take an element as a whole. Returns where to go on. */
static size_t whole(struct wikitext_work *k, const char *s, size_t n, const struct found *open)
{
    const char *text = s + open->end;
    struct found close;

    if (!is_closed(k, &close, open, s, n))
        return take_unclosed(k, s, n, open);
    switch (open->tag->action) {
    case TAG_LITERAL:
        put_literal(k, text, close.start - open->end);
        wt_mark(k, &k->flat, MARK_NOTHING);
        return close.end;
    case TAG_PRE: put_pre(k, text, close.start - open->end); return close.end;
    case TAG_POEM:
        k->lines_apart = close.start;
        wt_mark(k, &k->flat, MARK_BREAK);
        return open->end;
    default:
        wt_count(k, WIKITEXT_TAG, open->tag->name, strlen(open->tag->name));
        wt_mark(k, &k->flat, MARK_DROP);
        return close.end;
    }
}

/* Raised text behind a digit would read as more digits: 10<sup>6</sup> becomes "10^6", and
 * 2<sup>1</sup>/<sub>2</sub> becomes "2 1/2". */
const char *wt_power(char before, struct wt_span raised)
{
    static const char *const signs[] = {"-", "+", "\xE2\x88\x92", "\xE2\x80\x93", "&minus;"};
    struct wt_span rest = raised;
    const char *end;

    if (!is_digit(before))
        return "";
    if (raised.n > 4 && memcmp(raised.s, "''", 2) == 0 && memcmp(raised.s + 3, "''", 2) == 0)
        return "^"; /* 10<sup>''n''</sup> */
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (wt_span_starts(raised, signs[i])) {
            rest.s += strlen(signs[i]);
            rest.n -= strlen(signs[i]);
            break;
        }
    }
    if (!rest.n || !is_digit(*rest.s))
        return "";
    if (!(end = memmem(raised.s, raised.n < 16 ? raised.n : 16, "</sup>", 6)))
        return "^";
    rest = (struct wt_span){end + 6, raised.n - (size_t)(end + 6 - raised.s)};
    return wt_span_starts(rest, "/") || wt_span_starts(rest, "&frasl;") ||
                   wt_span_starts(rest, "\xE2\x81\x84")
               ? " "
               : "^";
}

/* Keep the digits before and behind a <sup>, <sub> or their end apart: a^2, 1010_2, log2 8. */
static void put_script_mark(struct wikitext_work *k, const struct found *f, struct wt_span rest)
{
    char before = k->flat.data[k->flat.len - 1];
    const char *mark = "";

    if (strcmp(f->tag->name, "sup") == 0 && !f->closes)
        mark = wt_power(before, rest);
    else if (is_digit(before) && rest.n && is_digit(*rest.s))
        mark = f->closes ? " " : "_";
    wt_put(k, &k->flat, mark, strlen(mark));
}

size_t wt_tag(struct wikitext_work *k, const char *s, size_t n, size_t i)
{
    struct found f;

    if (n - i >= 4 && memcmp(s + i, "<!--", 4) == 0)
        return drop_comment(k, s, n, i);
    if (!read_tag(k, &f, s, n, i)) {
        wt_put(k, &k->flat, "<", 1);
        return i + 1;
    }
    if (f.tag->action == TAG_SCRIPT && k->flat.len)
        put_script_mark(k, &f, (struct wt_span){s + f.end, n - f.end});
    if (f.tag->action <= TAG_SCRIPT)
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
