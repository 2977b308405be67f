/*
 * wikitext_clean.c: the last step, from a paragraph with marks to lines of text.
 *
 * Where text was dropped there is a mark, and the text around it may have lost its
 * sense: spaces, separators, an empty pair of parentheses. These are mended, but only
 * around such marks.
 */
#include "base/utf8.h"
#include "corpus/bytes16.h"
#include "text/unicode.h"
#include "corpus/wikitext_parts.h"

enum { PARENS_MAX = 16 };

struct clean {
    struct wikitext_work *k;
    const char *s, *end; /* the rest of the paragraph */
    char *line, *out;    /* start and end so far of the line that is being written */
    struct {
        char *open, *inside; /* in the line: the parenthesis, the text in it */
        bool dropped;
    } paren[PARENS_MAX];
    size_t depth, deeper; /* number of open parentheses, and of those past PARENS_MAX */
};

static const char *const separators[] = {",", ";", ":", "/", "·", "、", "，", "；", "：", NULL};
static const char *const closers[] = {".", "!", "?", ")", "。", "）", NULL};

/* Returns the length of the list's word that s begins with, 0 if there is none. */
static size_t begins(const char *s, const char *end, const char *const *list)
{
    for (; *list; list++)
        if ((size_t)(end - s) >= strlen(*list) && memcmp(s, *list, strlen(*list)) == 0)
            return strlen(*list);
    return 0;
}

/* Returns the length of the separator that from..to ends with, 0 if there is none. The caller
 * has trimmed the spaces behind it. */
static size_t ends_in_separator(const char *from, const char *to)
{
    for (const char *const *sep = separators; *sep; sep++)
        if ((size_t)(to - from) >= strlen(*sep) &&
            memcmp(to - strlen(*sep), *sep, strlen(*sep)) == 0)
            return strlen(*sep);
    return 0;
}

static char *trim_spaces(const char *from, char *to)
{
    while (to > from && to[-1] == ' ')
        to--;
    return to;
}

static char *trim_separators(const char *from, char *to)
{
    size_t n;

    to = trim_spaces(from, to);
    while ((n = ends_in_separator(from, to)))
        to = trim_spaces(from, to - n);
    return to;
}

static void put_space(struct clean *c)
{
    if (c->out > c->line && c->out[-1] != ' ')
        *c->out++ = ' ';
}

static void put_bytes(struct clean *c, size_t n)
{
    memmove(c->out, c->s, n);
    c->out += n;
    c->s += n;
}

/* Skip spaces and marks. *gap: there was a space among them. */
static const char *skip(const char *s, const char *end, bool *gap)
{
    while (s < end && (is_blank(*s) || *s == MARK_DROP || *s == MARK_NOTHING))
        *gap |= is_blank(*s++);
    return s;
}

/* Mend the text around a place where something was left out. */
static void mend(struct clean *c)
{
    bool gap = false;
    const char *next = skip(c->s, c->end, &gap);
    char *last = trim_spaces(c->line, c->out);
    size_t separator = begins(next, c->end, separators);
    bool first = last == (c->depth ? c->paren[c->depth - 1].inside : c->line);

    if (c->depth)
        c->paren[c->depth - 1].dropped = true;
    if (separator && (first || ends_in_separator(c->line, last)))
        next += separator; /* "(, b" becomes "(b", and "a, , b" becomes "a, b" */
    else if (separator)
        c->out = last; /* "a , b" becomes "a, b" */
    else if (begins(next, c->end, closers))
        c->out = trim_separators(c->line, last); /* "a ." and "a, ." become "a." */
    else if (!first && gap)
        put_space(c);
    if (first) {
        c->out = last;
        next = skip(next, c->end, &gap);
    }
    c->s = next;
}

static void open_paren(struct clean *c, size_t n)
{
    char *at = c->out;

    put_bytes(c, n);
    if (c->depth == PARENS_MAX) {
        c->deeper++;
        return;
    }
    c->paren[c->depth].open = at;
    c->paren[c->depth].inside = c->out;
    c->paren[c->depth++].dropped = false;
}

static bool is_word(const char *s, const char *end)
{
    return s < end && ((*s | 32) >= 'a' && (*s | 32) <= 'z');
}

/* Close a parenthesis, whose ) has n bytes. If something was dropped inside it, "(a; )" becomes
 * "(a)" and "()" is removed. */
static void close_paren(struct clean *c, size_t n)
{
    char *open, *inside;

    if (c->depth == 0 || c->deeper) {
        c->deeper -= c->deeper > 0;
        put_bytes(c, n);
        return;
    }
    open = c->paren[--c->depth].open;
    inside = c->paren[c->depth].inside;
    if (!c->paren[c->depth].dropped) {
        put_bytes(c, n);
        return;
    }
    c->out = trim_separators(inside, c->out);
    if (c->out > inside) {
        put_bytes(c, n);
        return;
    }
    c->s += n;
    c->out = trim_spaces(c->line, open);
    if (c->out < open && is_word(c->s, c->end))
        *c->out++ = ' ';
    mend(c);
}

static bool has_text(const char *s, const char *end)
{
    while (s < end) {
        uint32_t cp;

        s += utf8_next(&cp, s);
        if (cp < 0x80 ? (cp >= '0' && cp <= '9') || ((cp | 32) >= 'a' && (cp | 32) <= 'z')
                      : !(uni_class(cp) & (UNI_DROP | UNI_SPACE | UNI_PUNCT)))
            return true;
    }
    return false;
}

static void end_line(struct clean *c)
{
    c->out = trim_spaces(c->line, c->out);
    if (has_text(c->line, c->out)) {
        *c->out++ = '\n';
    } else {
        if (c->out > c->line)
            wt_count(c->k, WIKITEXT_LINE, "", 0);
        c->out = c->line;
    }
    c->line = c->out;
    c->depth = c->deeper = 0;
}

static bool is_plain(unsigned char c)
{
    return c > ' ' && c != '(' && c != ')' && c != 0xC2 && c != 0xEF;
}

/* Returns how many bytes can be copied as they are: words with single spaces between them. */
static size_t plain_run(const char *s, size_t n)
{
    size_t i = 0;

    for (; *s != ' ' && n - i > 16; i += 16) {
        bytes16 x = bytes16_load(s + i), next = bytes16_load(s + i + 1);
        unsigned first =
            bytes16_first((bytes16)((x < ' ') | (x == '(') | (x == ')') | (x == 0xC2) |
                                    (x == 0xEF) | ((x == ' ') & (next <= ' '))));

        if (first < 16)
            return i + first;
    }
    while (i < n && is_plain((unsigned char)s[i]))
        i++;
    return i;
}

/* Handle the byte at c->s, which is not plain. */
static void take_special(struct clean *c)
{
    unsigned char byte = (unsigned char)*c->s, second = (unsigned char)c->s[1];

    if (byte == '(') {
        open_paren(c, 1);
    } else if (byte == ')') {
        close_paren(c, 1);
    } else if (byte == 0xC2) {
        if (second == 0xA0) { /* the no-break space */
            put_space(c);
            c->s += 2;
        } else {
            put_bytes(c, 2);
        }
    } else if (byte == 0xEF) { /* U+FF08 and U+FF09 are full-width parentheses */
        if (second == 0xBC && (unsigned char)c->s[2] == 0x88)
            open_paren(c, 3);
        else if (second == 0xBC && (unsigned char)c->s[2] == 0x89)
            close_paren(c, 3);
        else
            put_bytes(c, 3);
    } else {
        c->s++;
        if (is_blank((char)byte) || byte == MARK_LITERAL + sizeof LITERALS - 2)
            put_space(c);
        else if (byte >= MARK_LITERAL)
            *c->out++ = LITERALS[byte - MARK_LITERAL];
        else if (byte == MARK_BREAK)
            end_line(c);
        else if (byte == MARK_DROP)
            mend(c);
    }
}

void wt_clean(struct wikitext_work *k)
{
    struct clean c = {.k = k, .s = k->para.data};

    buf_clear(&k->tmp);
    /* No text grows here; only the LF of the last line is added. */
    if (k->para.len == 0 || buf_reserve(&k->tmp, k->para.len + 1) != RF_OK) {
        k->no_memory |= k->para.len > 0;
        return;
    }
    c.end = c.s + k->para.len;
    c.line = c.out = k->tmp.data;
    while (c.s < c.end) {
        put_bytes(&c, plain_run(c.s, (size_t)(c.end - c.s)));
        if (c.s < c.end)
            take_special(&c);
    }
    end_line(&c);
    k->tmp.len = (size_t)(c.out - k->tmp.data);
    k->tmp.data[k->tmp.len] = '\0';
    wt_empty(&k->para);
}
