/* namumark.c: pages, blocks and tables. namumark_line.c handles the inside of a line. */
#include "corpus/namumark.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "corpus/namumark_parts.h"
#include "corpus/plain.h"

enum { CELL_OPTION_BYTES = 128, HEADING_MAX = 6, RULE_MIN = 4, RULE_MAX = 9 };

const char *const namumark_tables_names[] = {"drop", "cells", NULL};
const char *const namumark_strike_names[] = {"drop", "keep", NULL};

int namumark_new(struct namumark **out, const struct namumark_cfg *cfg)
{
    struct namumark *m = calloc(1, sizeof *m);

    if (!m)
        return RF_ENOMEM;
    m->cfg = *cfg;
    *out = m;
    return RF_OK;
}

void namumark_free(struct namumark *m)
{
    if (!m)
        return;
    buf_free(&m->line);
    free(m->braces);
    free(m);
}

const struct namumark_counts *namumark_counts(const struct namumark *m)
{
    return &m->counts;
}

bool namumark_is_redirect(const char *text, size_t n)
{
    static const char *const words[] = {"#redirect ", "#넘겨주기 "};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (n >= strlen(words[i]) && strncasecmp(text, words[i], strlen(words[i])) == 0)
            return true;
    return false;
}

static bool is_at(const struct namumark *m, size_t i, size_t end, const char *what)
{
    size_t n = strlen(what);

    return end - i >= n && memcmp(m->s + i, what, n) == 0;
}

/* --- braces */

static bool add_braces(struct namumark *m, size_t at, size_t outer)
{
    if (m->n_braces == m->cap_braces) {
        size_t cap = m->cap_braces ? 2 * m->cap_braces : 64;
        struct braces *grown = realloc(m->braces, cap * sizeof *grown);

        if (!grown)
            return false;
        m->braces = grown;
        m->cap_braces = cap;
    }
    m->braces[m->n_braces++] = (struct braces){(uint32_t)at, (uint32_t)outer};
    return true;
}

/* Find the braces of the page that are closed. While a pair is open, its `close` is the index +
 * 1 of the pair around it that is open too. */
static bool match_braces(struct namumark *m, size_t n)
{
    size_t top = 0, i = 0;

    m->n_braces = 0;
    while (i < n) {
        if (m->s[i] == '\\') {
            i += 2;
        } else if (m->s[i] == '{' && is_at(m, i, n, "{{{")) {
            if (!add_braces(m, i, top))
                return false;
            top = m->n_braces;
            i += 3;
        } else if (m->s[i] == '}' && top && is_at(m, i, n, "}}}")) {
            struct braces *b = &m->braces[top - 1];

            top = b->close;
            b->close = (uint32_t)i;
            i += 3;
        } else {
            i++;
        }
    }
    while (top) {
        struct braces *b = &m->braces[top - 1];

        top = b->close;
        b->close = 0;
    }
    for (i = 0; i < m->n_braces; i++)
        if (m->braces[i].close)
            m->braces[top++] = m->braces[i];
    m->n_braces = top;
    return true;
}

size_t namumark_closing(const struct namumark *m, size_t i, size_t end)
{
    size_t low = 0, high = m->n_braces;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (m->braces[mid].open < i)
            low = mid + 1;
        else
            high = mid;
    }
    if (low == m->n_braces || m->braces[low].open != i || m->braces[low].close + 3 > end)
        return 0;
    return m->braces[low].close;
}

/* Returns the first LF in i..end that is outside of braces, or end. */
static size_t line_end(const struct namumark *m, size_t i, size_t end)
{
    while (i < end && m->s[i] != '\n') {
        size_t close = m->s[i] == '{' ? namumark_closing(m, i, end) : 0;

        i = close ? close + 3 : i + 1;
    }
    return i;
}

/* --- tables */

static size_t skip_blanks(const struct namumark *m, size_t i, size_t end)
{
    while (i < end && (m->s[i] == ' ' || m->s[i] == '\t' || m->s[i] == '\r'))
        i++;
    return i;
}

static bool at_line_end(const struct namumark *m, size_t i, size_t end)
{
    i = skip_blanks(m, i, end);
    return i == end || m->s[i] == '\n';
}

/*
 * Returns the end of the cell that begins at i; 0 if an empty line or `end` comes before its
 * bars. *next is the place behind the bars (|||| is one border over two columns).
 */
static size_t cell_end(struct namumark *m, size_t i, size_t end, size_t *next)
{
    while (i < end) {
        size_t close = m->s[i] == '{' ? namumark_closing(m, i, end) : 0;

        if (close) {
            i = close + 3;
        } else if (m->s[i] == '\\') {
            i += 2;
        } else if (m->s[i] == '|' && is_at(m, i, end, "||")) {
            *next = i;
            while (is_at(m, *next, end, "||"))
                *next += 2;
            return i;
        } else if (m->s[i] == '\n' && at_line_end(m, i + 1, end)) {
            break;
        } else {
            i++;
        }
    }
    m->no_row_before = i < end ? i : end;
    return 0;
}

/* Returns where the first cell of the row at i begins, 0 if there is no row. *caption is the
 * second bar of |caption|cell||, else 0. */
static size_t row_start(const struct namumark *m, size_t i, size_t end, size_t *caption)
{
    const char *bar, *lf;

    *caption = 0;
    if (i >= end || m->s[i] != '|' || i < m->no_row_before)
        return 0;
    if (is_at(m, i, end, "||")) {
        while (is_at(m, i, end, "||"))
            i += 2;
        return i;
    }
    lf = memchr(m->s + i, '\n', end - i);
    bar = memchr(m->s + i + 1, '|', (lf ? (size_t)(lf - m->s) : end) - i - 1);
    *caption = bar ? (size_t)(bar - m->s) : 0;
    return bar ? *caption + 1 : 0;
}

/* Returns how many cells the row at i has, 0 if there is no row. *after is the place
 * behind its line. */
static size_t count_cells(struct namumark *m, size_t i, size_t end, size_t *after)
{
    size_t n = 0, next = 0, caption;

    for (i = row_start(m, i, end, &caption); i; i = next) {
        if (!cell_end(m, i, end, &next))
            return 0;
        n++;
        if (at_line_end(m, next, end)) {
            next = skip_blanks(m, next, end);
            *after = next < end ? next + 1 : end;
            return n;
        }
    }
    return 0;
}

/* Skip <-2> <|3> <(> <width=10%> <#fff> and the like at the start of a cell. */
static size_t skip_options(const struct namumark *m, size_t i, size_t end)
{
    for (;;) {
        size_t far = end - i > CELL_OPTION_BYTES ? CELL_OPTION_BYTES : end - i;
        const char *p = m->s + i, *gt = i < end && *p == '<' ? memchr(p, '>', far) : NULL;
        size_t n = gt ? (size_t)(gt - p) - 1 : 0;

        if (!n || !(strchr("-|:()^#", p[1]) || (p[1] == 'v' && p[2] == '|') ||
                    memchr(p, '=', n) || (n == 5 && memcmp(p + 1, "nopad", 5) == 0) ||
                    (n == 7 && memcmp(p + 1, "keepall", 7) == 0)))
            return i;
        i += n + 2;
    }
}

/* Join the lines from `from` on, also the rows of an inner table, into one that
 * ends in a tab. */
static void join_lines(struct buf *to, size_t from)
{
    for (size_t i = from; i < to->len; i++)
        if (to->data[i] == '\n' || to->data[i] == '\t')
            to->data[i] = i + 1 < to->len ? ' ' : '\t';
}

static void put_row(struct namumark *m, size_t i, size_t end, size_t n_cells)
{
    size_t caption, next = 0, from = m->to->len, start = row_start(m, i, end, &caption);

    if (caption) {
        namumark_blocks(m, i + 1, caption);
        from = m->to->len;
    }
    for (size_t k = 0; k < n_cells && !m->no_memory; k++, start = next) {
        size_t cell = m->to->len, stop = cell_end(m, start, end, &next);

        namumark_blocks(m, skip_options(m, start, stop), stop);
        if (n_cells > 1)
            join_lines(m->to, cell);
    }
    if (m->to->len > from)
        m->to->data[m->to->len - 1] = '\n';
}

static size_t comment_end(const struct namumark *m, size_t i, size_t end)
{
    const char *lf = memchr(m->s + i, '\n', end - i);

    return lf ? (size_t)(lf - m->s) + 1 : end;
}

/* Returns the next row of a table, which must begin at i after any comments; `end` if
 * there is none. */
static size_t next_row(struct namumark *m, size_t i, size_t end)
{
    uint64_t comments = 0;

    for (; is_at(m, i, end, "##"); comments++)
        i = comment_end(m, i, end);
    i = skip_blanks(m, i, end);
    if (!is_at(m, i, end, "||"))
        return end;
    m->counts.comments += comments;
    return i;
}

/* Write the table at i. Returns the place behind it, or i if there is no table. */
static size_t table(struct namumark *m, size_t i, size_t end)
{
    size_t from = m->to->len, rows = 0, after = i, n;
    bool grid = false;

    for (; (n = count_cells(m, i, end, &after)) > 0; i = next_row(m, after, end)) {
        rows++;
        grid |= n > 1;
        if (!grid || m->cfg.tables == NAMUMARK_KEEP_CELLS)
            put_row(m, i, after, n);
    }
    if (grid && m->cfg.tables == NAMUMARK_DROP_TABLES) {
        m->to->len = from;
        m->counts.rows += rows;
    }
    return after;
}

/* --- lines */

/* Returns the place behind the quote marks, the indent and the list mark of the line i..end. */
static size_t skip_prefix(const struct namumark *m, size_t i, size_t end)
{
    size_t line = i;

    for (;;) {
        i = skip_blanks(m, i, end);
        if (i == end || m->s[i] != '>')
            break;
        line = ++i;
    }
    if (i == line || i == end)
        return i;
    if (m->s[i] == '*')
        return i + 1;
    if (end - i < 3 || m->s[i + 1] != '.' || !strchr("1aAiI", m->s[i]))
        return i;
    if (m->s[i + 2] == '#') { /* 1.#3 counts from 3 */
        for (i += 3; i < end && m->s[i] >= '0' && m->s[i] <= '9';)
            i++;
        return i;
    }
    /* " 1.5배" is no list, and a letter with a full stop may be an abbreviation. */
    if (m->s[i] == '1' ? m->s[i + 2] < '0' || m->s[i + 2] > '9' : m->s[i + 2] == ' ')
        return i + 2;
    return i;
}

/* Of "== x ==" or "==# x #==", set *i..*end to x. */
static void strip_heading(const struct namumark *m, size_t *i, size_t *end)
{
    size_t n = 0, a = *i, b = *end;

    while (b > a && (m->s[b - 1] == ' ' || m->s[b - 1] == '\t' || m->s[b - 1] == '\r'))
        b--;
    while (a + n < b && m->s[a + n] == '=')
        n++;
    if (n == 0 || n > HEADING_MAX || b - a < 2 * n + 3)
        return;
    for (size_t k = 0; k < n; k++)
        if (m->s[b - 1 - k] != '=')
            return;
    a += n;
    b -= n;
    if (m->s[a] == '#' && m->s[b - 1] == '#') {
        a++;
        b--;
    }
    if (b - a < 3 || m->s[a] != ' ' || m->s[b - 1] != ' ')
        return;
    *i = a;
    *end = b;
}

static bool is_rule(const struct namumark *m, size_t i, size_t end)
{
    size_t n = 0;

    while (i + n < end && m->s[i + n] == '-')
        n++;
    return n >= RULE_MIN && n <= RULE_MAX && at_line_end(m, i + n, end);
}

/* Write the line or table at i. Returns the place behind it. */
static size_t block(struct namumark *m, size_t i, size_t end)
{
    size_t stop, after, start = i;

    if (is_at(m, i, end, "##")) {
        m->counts.comments++;
        return comment_end(m, i, end);
    }
    i = skip_prefix(m, i, end);
    if (i < end && m->s[i] == '|' && (after = table(m, i, end)) > i)
        return after;
    stop = line_end(m, i, end);
    after = stop < end ? stop + 1 : end;
    if (is_rule(m, i, stop))
        return after;
    if (i == start)
        strip_heading(m, &i, &stop);
    namumark_inline(m, i, stop);
    namumark_flush(m);
    return after;
}

void namumark_blocks(struct namumark *m, size_t i, size_t end)
{
    size_t outer = m->no_row_before; /* it holds for one level of braces only */

    if (m->nest == NAMUMARK_MAX_NEST) {
        m->no_memory |= plain_put(m->to, m->s + i, end - i, true) != RF_OK;
        return;
    }
    m->nest++;
    m->no_row_before = 0;
    while (i < end && !m->no_memory)
        i = block(m, i, end);
    m->no_row_before = outer;
    m->nest--;
}

void namumark_flush(struct namumark *m)
{
    if (m->line.len && plain_put(m->to, m->line.data, m->line.len, true) != RF_OK)
        m->no_memory = true;
    buf_clear(&m->line);
    m->n_open = 0;
    memset(m->style, 0, sizeof m->style);
}

int namumark_plain(struct namumark *m, struct buf *to, const char *text, size_t n)
{
    m->s = text;
    m->to = to;
    m->no_row_before = 0;
    m->nest = 0;
    m->no_memory = !match_braces(m, n);
    if (!m->no_memory)
        namumark_blocks(m, 0, n);
    namumark_flush(m);
    return m->no_memory ? RF_ENOMEM : RF_OK;
}
