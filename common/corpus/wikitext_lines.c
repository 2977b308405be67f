/* wikitext_lines.c: the lines of a page: tables, headings, lists, paragraphs. */
#include "corpus/wikitext_parts.h"

/* The end of a table is searched for until this many were found to have none. A further
 * table is taken for one without an end at once, so that the searches read the page at most
 * this many times. */
enum { UNCLOSED_MAX = 8 };

static struct wt_span line_at(struct wt_span page, size_t at)
{
    const char *lf = memchr(page.s + at, '\n', page.n - at);

    return (struct wt_span){page.s + at, lf ? (size_t)(lf - page.s) - at : page.n - at};
}

/* Skip white space and marks. *breaks: there is a MARK_BREAK among them. */
static struct wt_span skip_marks(struct wt_span t, bool *breaks)
{
    while (t.n && (is_blank(*t.s) || (is_mark(*t.s) && *t.s < MARK_LITERAL))) {
        *breaks |= *t.s == MARK_BREAK;
        t.s++;
        t.n--;
    }
    return t;
}

/* Returns 1 if the line begins a table (perhaps in a list), -1 if it ends one, else 0. */
static int table_step(struct wt_span line)
{
    bool breaks = false;

    line = skip_marks(line, &breaks);
    if (line.n > 1 && line.s[0] == '|' && line.s[1] == '}')
        return -1;
    while (line.n && strchr(":*#;", *line.s)) {
        line.s++;
        line.n--;
    }
    line = skip_marks(line, &breaks);
    return line.n > 1 && line.s[0] == '{' && line.s[1] == '|';
}

/* Returns the place behind the table that begins at `at`: behind its |} or, if it has none, the
 * first empty line or heading. */
static size_t behind_table(struct wikitext_work *k, struct wt_span page, size_t at)
{
    size_t end = at, depth = 0;
    struct wt_span line;

    while (k->unclosed_tables < UNCLOSED_MAX && end < page.n) {
        int step;

        line = line_at(page, end);
        step = table_step(line);
        if (step < 0 && depth == 1)
            return (size_t)((const char *)memchr(line.s, '}', line.n) - page.s) + 1;
        depth += (size_t)step;
        end += line.n + 1;
    }
    k->unclosed_tables++;
    for (end = at; end < page.n; end += line.n + 1) {
        line = line_at(page, end);
        if (wt_span_trim(line).n == 0 || *line.s == '=')
            return end;
    }
    return page.n;
}

static void put_headings(struct wikitext_work *k, struct buf *to)
{
    wt_put(k, to, k->headings.data, k->headings.len);
    buf_clear(&k->headings);
    k->n_levels = 0;
}

/* The paragraph is complete: write it, with the headings above it. */
static void flush(struct wikitext_work *k, struct buf *to)
{
    if (k->para.len == 0)
        return;
    wt_clean(k);
    if (k->tmp.len == 0)
        return;
    if (k->headings.len)
        put_headings(k, to);
    wt_put(k, to, k->tmp.data, k->tmp.len);
}

/* Forget the headings of this level and below, because they have no text below them. */
static void drop_headings(struct wikitext_work *k, size_t level)
{
    while (k->n_levels && k->level[k->n_levels - 1] >= level) {
        k->headings.len = k->level_start[--k->n_levels];
        wt_count(k, WIKITEXT_HEADING, "", 0);
    }
}

/* Take a heading == x ==. False if the line is none. */
static bool take_heading(struct wikitext_work *k, struct buf *to, struct wt_span line)
{
    size_t left = 0, right = 0, level;

    while (line.n && (is_blank(line.s[line.n - 1]) || is_mark(line.s[line.n - 1])))
        line.n--;
    while (left < line.n && line.s[left] == '=')
        left++;
    while (right < line.n - left && line.s[line.n - 1 - right] == '=')
        right++;
    level = left < right ? left : right;
    level = level < 6 ? level : 6;
    if (level == 0 && left < line.n)
        return false;
    flush(k, to);
    if (level == 0) { /* a line of nothing but = */
        wt_count(k, WIKITEXT_LINE, "", 0);
        return true;
    }
    drop_headings(k, level);
    wt_inline(k, (struct wt_span){line.s + level, line.n - 2 * level});
    for (size_t i = 0; i < k->para.len; i++)
        if (k->para.data[i] == MARK_BREAK)
            k->para.data[i] = ' ';
    wt_clean(k);
    if (k->tmp.len == 0)
        return true;
    k->level[k->n_levels] = level;
    k->level_start[k->n_levels++] = k->headings.len;
    wt_put(k, &k->headings, k->tmp.data, k->tmp.len);
    return true;
}

/* Take one line outside of tables. */
static void take_line(struct wikitext_work *k, struct buf *to, struct wt_span line)
{
    bool breaks = false, own = line.n && (*line.s == ' ' || *line.s == '\t');

    line = skip_marks(line, &breaks);
    if (breaks || own || line.n == 0)
        flush(k, to);
    if (line.n == 0)
        return;
    if (*line.s == '=' && take_heading(k, to, line))
        return;
    if (*line.s == '|') { /* remains of a table */
        flush(k, to);
        wt_count(k, WIKITEXT_LINE, "", 0);
        return;
    }
    if (strchr("*#:;", *line.s)) {
        own = true;
        flush(k, to);
        while (line.n && (strchr("*#:;", *line.s) || is_blank(*line.s)))
            line.s++, line.n--;
    } else if (line.n >= 4 && memcmp(line.s, "----", 4) == 0) {
        flush(k, to);
        while (line.n && *line.s == '-')
            line.s++, line.n--;
    }
    if (k->para.len)
        wt_put(k, &k->para, " ", 1);
    wt_inline(k, line);
    if (own)
        flush(k, to);
}

void wt_lines(struct wikitext_work *k, struct buf *to)
{
    struct wt_span page = {k->flat.data, k->flat.len}, line;

    buf_clear(&k->para);
    buf_clear(&k->headings);
    k->n_levels = k->unclosed_tables = 0;
    for (size_t at = 0; at < page.n; at += line.n + 1) {
        while (at < page.n && table_step(line_at(page, at)) > 0) {
            wt_count(k, WIKITEXT_TABLE, "", 0);
            flush(k, to);
            at = behind_table(k, page, at);
        }
        if (at >= page.n)
            break;
        line = line_at(page, at);
        take_line(k, to, line);
    }
    flush(k, to);
    drop_headings(k, 0);
}
