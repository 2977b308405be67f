/*
 * sentence_quotes.c: pairs of quotation marks and brackets.
 *
 * Opening marks wait on a small stack. A closing mark takes the nearest opening mark of its
 * sort, and marks that were opened after that one are given up. So a stray mark (3",
 * C.H.Firth', :-) ) does no harm to others.
 */
#include "text/sentence_quotes.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum {
    STACK = 16,
    LOW = 0x110000, /* no character: see find_low() */
};

/* The opening and the closing mark may be the same, as in "so". What opens low closes in one of
 * two ways, of which the first may open too: „so“ “so” „so”. */
static const struct sort {
    uint32_t open, close;
    enum pair_kind kind;
} sorts[] = {
    {'"', '"', PAIR_QUOTE},         {'\'', '\'', PAIR_QUOTE},
    {'`', '`', PAIR_QUOTE},         {0x201C, 0x201D, PAIR_QUOTE},
    {0x2018, 0x2019, PAIR_QUOTE},   {0x201E, LOW, PAIR_QUOTE},
    {0x201A, LOW, PAIR_QUOTE},      {0x300C, 0x300D, PAIR_QUOTE},
    {0x300E, 0x300F, PAIR_QUOTE},   {0xAB, 0xBB, PAIR_QUOTE},
    {'<', '>', PAIR_QUOTE},         {0x300A, 0x300B, PAIR_TITLE},
    {0x3008, 0x3009, PAIR_TITLE},   {0xFF1C, 0xFF1E, PAIR_QUOTE},
    {'(', ')', PAIR_BRACKET},       {'[', ']', PAIR_BRACKET},
    {'{', '}', PAIR_BRACKET},       {0x3010, 0x3011, PAIR_BRACKET},
    {0x3014, 0x3015, PAIR_BRACKET}, {0xFF08, 0xFF09, PAIR_BRACKET},
    {0xFF3B, 0xFF3D, PAIR_BRACKET},
};

struct opened {
    const struct sort *sort;
    const char *at;
    uint64_t chars; /* number of characters before it */
};

struct finder {
    struct sentence_quotes *pairs;
    const char *text, *end;
    struct opened stack[STACK];
    int depth;
    uint64_t max;
};

static const struct sort *sort_of(uint32_t cp, bool *closes)
{
    for (size_t i = 0; i < sizeof sorts / sizeof *sorts; i++)
        if (sorts[i].open == cp || sorts[i].close == cp) {
            *closes = sorts[i].close == cp;
            return &sorts[i];
        }
    return NULL;
}

/* Add a pair, and remove the pairs inside it. */
static int add_pair(struct finder *f, const struct opened *o, const char *end)
{
    struct sentence_quotes *p = f->pairs;

    while (p->n && p->at[p->n - 1].start > o->at)
        p->n--;
    if (p->n == PAIRS_MAX)
        return RF_OK;
    if (p->n == p->cap) {
        size_t cap = p->cap ? 2 * p->cap : 64;
        struct quote_pair *at = realloc(p->at, cap * sizeof *at);

        if (!at)
            return RF_ENOMEM;
        p->at = at;
        p->cap = cap;
    }
    p->at[p->n++] = (struct quote_pair){o->at, end, o->sort->kind};
    return RF_OK;
}

static void open_mark(struct finder *f, const struct sort *sort, const char *at, uint64_t chars)
{
    if (f->depth == STACK) /* the oldest one is the least likely to be closed */
        memmove(f->stack, f->stack + 1, sizeof *f->stack * (size_t)--f->depth);
    f->stack[f->depth++] = (struct opened){sort, at, chars};
}

/* Returns the index of the nearest open mark of a sort, -1 if none is near enough. */
static int find_open(const struct finder *f, const struct sort *sort, uint64_t chars)
{
    for (int i = f->depth; i-- > 0;) {
        if (chars - f->stack[i].chars > f->max)
            return -1;
        if (f->stack[i].sort == sort)
            return i;
    }
    return -1;
}

static bool is_among(char c, const char *signs)
{
    return c && strchr(signs, c);
}

static bool is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool is_gap(const char *p, const char *end)
{
    return p == end || *p == ' ' || *p == '\t' || *p == '\xC2' || is_among(*p, ",.!?");
}

/* True if a mark that opens and closes alike opens here. Its neighbours tell: it opens if a
 * space stands before it and none behind. 1'1" and don't are no quotations. */
static bool opens(const struct finder *f, const char *p, bool waiting, bool *stray)
{
    const char *next = p + 1;
    unsigned char before = p > f->text ? (unsigned char)p[-1] : ' ';
    bool digit = before >= '0' && before <= '9';

    *stray = false;
    if (*p == '\'' && is_alnum(before) && next < f->end && is_alnum((unsigned char)*next)) {
        *stray = true;
        return false;
    }
    if ((before == ' ' || before == '\t' || is_among((char)before, "([{<'\"`")) &&
        !is_gap(next, f->end))
        return true;
    if (waiting)
        return false;
    *stray = digit || (before != ' ' && is_gap(next, f->end));
    return true;
}

/* Returns the index of an open „ or ‚ that the mark closes, -1 if there is none. */
static int find_low(const struct finder *f, uint32_t cp, uint64_t chars)
{
    uint32_t low = cp == 0x201C || cp == 0x201D   ? 0x201E
                   : cp == 0x2018 || cp == 0x2019 ? 0x201A
                                                  : 0;

    for (size_t i = 0; low && i < sizeof sorts / sizeof *sorts; i++)
        if (sorts[i].open == low)
            return find_open(f, &sorts[i], chars);
    return -1;
}

/* Close what was opened at the index `open` of the stack, and give up what was opened after it.
 */
static int close_mark(struct finder *f, int open, const char *end)
{
    assert(f->stack[open].sort);
    f->depth = open;
    return add_pair(f, &f->stack[open], end);
}

static int take_mark(struct finder *f, const char *p, size_t n, uint32_t cp, uint64_t chars)
{
    bool closes, stray = false;
    const struct sort *sort = sort_of(cp, &closes);
    int open;

    if (!sort)
        return RF_OK;
    open = find_open(f, sort, chars);
    if (sort->open == sort->close) {
        closes = !opens(f, p, open >= 0, &stray);
        if (stray)
            return RF_OK;
    } else if (!closes || open < 0) {
        int low = find_low(f, cp, chars);

        if (low >= 0)
            return close_mark(f, low, p + n);
    }
    if (!closes)
        open_mark(f, sort, p, chars);
    return closes && open >= 0 ? close_mark(f, open, p + n) : RF_OK;
}

int sentence_quotes_find(struct sentence_quotes *pairs, const char *text, size_t len,
                         uint64_t max)
{
    struct finder f = {.pairs = pairs, .text = text, .end = text + len, .max = max};
    uint64_t chars = 0;

    pairs->n = 0;
    for (const char *p = text; p < f.end; chars++) {
        uint32_t cp;
        size_t n;

        if (*p >= '\xEA' && *p <= '\xED') { /* Hangul */
            p += 3;
            continue;
        }
        n = utf8_next(&cp, p);
        if (cp < 0x80 ? is_among(*p, "\"'`<>()[]{}") : cp < 0x3100 || cp > 0xFF00)
            if (take_mark(&f, p, n, cp, chars) != RF_OK)
                return RF_ENOMEM;
        p += n;
    }
    return RF_OK;
}

void sentence_quotes_free(struct sentence_quotes *p)
{
    free(p->at);
    *p = (struct sentence_quotes){0};
}
