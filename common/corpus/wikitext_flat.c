/*
 * wikitext_flat.c: the walk over a page that resolves everything with brackets.
 *
 * Text is appended to `flat` as it stands, with its brackets, and a stack remembers where each
 * bracket opened. When one closes, it is replaced at once. So inner brackets are done before
 * outer ones, a bracket that never closes stays, and the walk never looks ahead or goes back.
 */
#include <stdlib.h>

#include "corpus/bytes16.h"
#include "corpus/wikitext_parts.h"

/* The length of the run of equal characters at s[i]. */
static size_t run_of(const char *s, size_t n, size_t i)
{
    size_t from = i;

    while (i < n && s[i] == s[from])
        i++;
    return i - from;
}

/* Take the outer half of the open brackets as text. */
static void forget_outer(struct wikitext_work *k)
{
    size_t args = k->open[OPEN_MAX / 2].args;

    k->n_open = OPEN_MAX / 2;
    memmove(k->open, k->open + OPEN_MAX / 2, k->n_open * sizeof *k->open);
    if (!args)
        return;
    k->n_arg -= args;
    memmove(k->arg, k->arg + args, k->n_arg * sizeof *k->arg);
    for (size_t i = 0; i < k->n_open; i++)
        k->open[i].args -= args;
}

static void push(struct wikitext_work *k, enum open_kind kind, size_t start, size_t count)
{
    if (k->n_open == OPEN_MAX)
        forget_outer(k);
    k->open[k->n_open++] = (struct open){kind, start, count, k->n_arg};
}

/* Forget the innermost open bracket and its arguments. */
static void pop(struct wikitext_work *k)
{
    k->n_arg = k->open[--k->n_open].args;
}

static void note_pipe(struct wikitext_work *k)
{
    const struct open *top = k->n_open ? &k->open[k->n_open - 1] : NULL;

    if (!top || top->kind != OPEN_BRACE)
        return;
    if (k->n_arg == k->cap_arg) {
        size_t cap = k->cap_arg ? 2 * k->cap_arg : 64;
        struct arg *grown = realloc(k->arg, cap * sizeof *grown);

        if (!grown) {
            k->no_memory = true;
            return;
        }
        k->arg = grown;
        k->cap_arg = cap;
    }
    /* The newest argument replaces the one before it, so that $L still is the last. */
    if (k->n_arg - top->args == ARGS_MAX)
        k->n_arg--;
    k->arg[k->n_arg++] = (struct arg){k->flat.len, 0};
}

static void note_equal(struct wikitext_work *k)
{
    const struct open *top = k->n_open ? &k->open[k->n_open - 1] : NULL;

    if (top && top->kind == OPEN_BRACE && k->n_arg > top->args && !k->arg[k->n_arg - 1].equal)
        k->arg[k->n_arg - 1].equal = k->flat.len;
}

/* Handle a run of { or [. Two open something. A third { counts too; how many belong together is
 * known when they close. -{ opens a variant. */
static size_t open_run(struct wikitext_work *k, const char *s, size_t n, size_t i)
{
    size_t count = run_of(s, n, i), extra = s[i] == '[' && count > 2 ? count - 2 : 0;

    if (count >= 2)
        push(k, s[i] == '[' ? OPEN_LINK : OPEN_BRACE, k->flat.len + extra, count - extra);
    else if (s[i] == '{' && i > k->variant_end && s[i - 1] == '-')
        push(k, OPEN_VARIANT, k->flat.len - 1, 2);
    wt_put(k, &k->flat, s + i, count);
    return i + count;
}

/* Replace {{{name|default}}}, an argument of the page itself, which has no value, by
 * its default. */
static void close_argument(struct wikitext_work *k, const struct open *open)
{
    size_t start = open->start + open->count - 3, from;

    if (k->n_arg == open->args) {
        k->flat.len = start;
        wt_mark(k, &k->flat, MARK_NOTHING);
        return;
    }
    from = k->arg[open->args].pipe + 1;
    memmove(k->flat.data + start, k->flat.data + from, k->flat.len - from);
    k->flat.len = start + (k->flat.len - from);
}

/* Go down to the innermost open {{. Links that are still open in it are no links. */
static bool find_brace(struct wikitext_work *k)
{
    size_t i = k->n_open;

    while (i && k->open[i - 1].kind != OPEN_BRACE)
        i--;
    while (i && k->n_open > i)
        pop(k);
    return i > 0;
}

static size_t close_braces(struct wikitext_work *k, const char *s, size_t n, size_t i)
{
    size_t count = run_of(s, n, i);

    while (count >= 2 && find_brace(k)) {
        struct open *top = &k->open[k->n_open - 1];
        size_t braces = count >= 3 && top->count >= 3 ? 3 : 2;

        if (braces == 3)
            close_argument(k, top);
        else
            wt_template(k, top, braces);
        k->n_arg = top->args;
        top->count -= braces;
        if (top->count < 2)
            k->n_open--;
        count -= braces;
        i += braces;
    }
    if (count == 1 && i + 1 < n && s[i + 1] == '-' && k->n_open &&
        k->open[k->n_open - 1].kind == OPEN_VARIANT) {
        wt_variant(k, k->open[k->n_open - 1].start);
        pop(k);
        return k->variant_end = i + 2;
    }
    wt_put(k, &k->flat, s + i, count);
    return i + count;
}

static size_t close_link(struct wikitext_work *k, const char *s, size_t n, size_t i)
{
    size_t count = run_of(s, n, i), start;

    if (count < 2 || !k->n_open || k->open[k->n_open - 1].kind != OPEN_LINK) {
        wt_put(k, &k->flat, s + i, count);
        return i + count;
    }
    start = k->open[k->n_open - 1].start;
    if (count > 2 && memchr(k->flat.data + start + 2, '[', k->flat.len - start - 2)) {
        wt_put(k, &k->flat, "]", 1); /* [[a|[http://b c]]] */
        i++;
    }
    pop(k);
    if (!wt_link(k, start))
        wt_put(k, &k->flat, "]]", 2);
    return i + 2;
}

/* Append s[n] with an empty line behind each line, so that each becomes a paragraph. */
static void put_lines(struct wikitext_work *k, const char *s, size_t n)
{
    while (n) {
        const char *lf = memchr(s, '\n', n);
        size_t len = lf ? (size_t)(lf - s) + 1 : n;

        wt_put(k, &k->flat, s, len);
        if (lf)
            wt_put(k, &k->flat, "\n", 1);
        s += len;
        n -= len;
    }
}

/* Returns how many bytes neither open nor close nor separate anything. */
static size_t plain_run(const char *s, size_t n)
{
    static const char special[256] = {
        ['{'] = 1, ['}'] = 1, ['['] = 1, [']'] = 1, ['|'] = 1, ['='] = 1, ['<'] = 1};
    size_t i = 0;

    for (; n - i >= 16; i += 16) {
        bytes16 x = bytes16_load(s + i);
        /* { differs from [ and } from ] in one bit, = from < in another. */
        unsigned first = bytes16_first((bytes16)(((x & 0xDF) == '[') | ((x & 0xDF) == ']') |
                                                 (x == '|') | ((x & 0xFE) == '<')));

        if (first < 16)
            return i + first;
    }
    while (i < n && !special[(unsigned char)s[i]])
        i++;
    return i;
}

void wt_flatten(struct wikitext_work *k, const char *s, size_t n)
{
    buf_clear(&k->flat);
    k->n_open = k->n_arg = 0;
    k->unclosed[0] = k->unclosed[1] = k->unclosed_html = 0;
    k->no_gt = SIZE_MAX;
    k->line_end = 0;
    k->note_end.start = k->note_end.end = 0;
    k->lines_apart = k->variant_end = 0;
    /* Without memory `flat` lacks what the places noted so far point to. */
    for (size_t i = 0; i < n && !k->no_memory;) {
        size_t from = i;

        i += plain_run(s + i, n - i);
        if (from < k->lines_apart)
            put_lines(k, s + from, i - from);
        else
            wt_put(k, &k->flat, s + from, i - from);
        if (i == n)
            break;
        switch (s[i]) {
        case '{':
        case '[': i = open_run(k, s, n, i); break;
        case '}': i = close_braces(k, s, n, i); break;
        case ']': i = close_link(k, s, n, i); break;
        case '<': i = wt_tag(k, s, n, i); break;
        default:
            if (s[i] == '|')
                note_pipe(k);
            else
                note_equal(k);
            wt_put(k, &k->flat, s + i++, 1);
        }
    }
}
