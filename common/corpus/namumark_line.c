/* namumark_line.c: the inside of a line: links, styles, macros, braces. */
#include <string.h>
#include <strings.h>

#include "corpus/namumark_parts.h"

enum { NAME_BYTES = 64 };

/* The bytes that may begin markup; all others are text. */
static const bool special[256] = {
    ['\\'] = true, ['{'] = true,  ['['] = true, [']'] = true, ['|'] = true,
    ['#'] = true,  ['\''] = true, ['~'] = true, ['-'] = true, ['_'] = true,
    ['^'] = true,  [','] = true,  ['@'] = true, ['<'] = true, ['a'] = true};

/* Append bytes to the line. The caller of namumark_inline() has made room, because no more is
 * written than is read. */
static void put_bytes(struct namumark *m, const char *s, size_t n)
{
    memcpy(m->line.data + m->line.len, s, n);
    m->line.len += n;
}

/* Write n bytes of the page as they stand. Returns the place behind them. */
static size_t literal(struct namumark *m, size_t i, size_t n)
{
    put_bytes(m, m->s + i, n);
    return i + n;
}

static bool starts(const char *s, size_t n, const char *with)
{
    return n >= strlen(with) && memcmp(s, with, strlen(with)) == 0;
}

static bool starts_as(const char *s, size_t n, const char *with)
{
    return n >= strlen(with) && strncasecmp(s, with, strlen(with)) == 0;
}

static void wipe(struct namumark *m, size_t at, size_t n)
{
    memset(m->line.data + at, 0, n);
}

/* Remove everything that was written from `at` on. */
static void cut_back(struct namumark *m, size_t at)
{
    m->line.len = at;
    while (m->n_open && m->open[m->n_open - 1].at >= at)
        m->n_open--;
    for (size_t i = 0; i < m->n_open; i++) {
        struct opened *o = &m->open[i];

        o->bar = o->bar >= at ? 0 : o->bar;
        o->hash = o->hash >= at ? 0 : o->hash;
    }
    for (int k = 0; k < STYLES; k++)
        if (m->style[k] > at)
            m->style[k] = 0;
}

/* --- brackets */

static struct opened *top(struct namumark *m)
{
    return m->n_open ? &m->open[m->n_open - 1] : NULL;
}

static void push(struct namumark *m, enum bracket kind)
{
    if (m->n_open < OPEN_MAX)
        m->open[m->n_open++] = (struct opened){.kind = kind, .at = m->line.len};
}

/* True where markup has no meaning: in the target of a link and in a macro. */
static bool is_inert(struct namumark *m)
{
    struct opened *o = top(m);

    return o && (o->kind == MACRO || (o->kind == LINK && !o->bar));
}

/* Returns the length of the name if a macro's name stands at s, else 0. */
static size_t macro_name(const char *s, size_t n)
{
    static const char *const names[] = {
        "br",      "include",   "anchor",   "목차",  "tableofcontents",
        "각주",    "footnote",  "clearfix", "ruby",  "youtube",
        "kakaotv", "nicovideo", "navertv",  "vimeo", "math",
        "date",    "datetime",  "age",      "dday",  "pagecount"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len = strlen(names[i]);

        if (len < n && (s[len] == ']' || s[len] == '(') && strncasecmp(s, names[i], len) == 0)
            return len;
    }
    return 0;
}

/* Handle the [ at i. */
static size_t open_bracket(struct namumark *m, size_t i, size_t end)
{
    const char *name = m->s + i + 1;
    size_t n = end - i - 1, len;

    if (n && *name == '[') {
        push(m, LINK);
        return literal(m, i, 2);
    }
    if (n && *name == '*') {
        push(m, NOTE);
        return literal(m, i, 2);
    }
    if (!(len = macro_name(name, n))) {
        if (m->n_open && top(m)->kind != MACRO)
            push(m, PLAIN);
        return literal(m, i, 1);
    }
    if (name[len] == '(') {
        push(m, starts_as(name, n, "ruby") ? RUBY : MACRO);
        return literal(m, i, len + 2);
    }
    if (starts_as(name, n, "br"))
        put_bytes(m, "\n", 1);
    else
        m->counts.macros++;
    return i + len + 2;
}

/* Close [ruby(text, ruby=reading)]; the text stays. */
static void close_ruby(struct namumark *m)
{
    struct opened o = *top(m);

    if (o.bar)
        cut_back(m, o.bar);
    else
        m->line.len--; /* the ) */
    wipe(m, o.at, strlen("[ruby("));
    m->n_open--;
    m->counts.macros++;
}

/* Remove the link if its target names something that is not text: a file, a category,
 * an old macro. */
static bool drop_link(struct namumark *m, const struct opened *o, const char *target, size_t n)
{
    static const char *const words[] = {
        "파일:", "이미지:", "file:", "image:", "분류:", "category:"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (starts_as(target, n, words[i])) {
            m->counts.files++;
            cut_back(m, o->at);
            return true;
        }
    }
    if (!o->bar && n && (target[n - 1] == ')' || n == 2)) { /* [[br]], [[include(x)]] */
        size_t len = n == 2 ? 2 * (size_t)starts_as(target, n, "br") : macro_name(target, n);

        if (len) {
            cut_back(m, o->at);
            if (n == 2)
                put_bytes(m, "\n", 1);
            else
                m->counts.macros++;
            return true;
        }
    }
    return false;
}

/* Handle the ]] of the innermost link. */
static void close_link(struct namumark *m)
{
    struct opened o = *top(m);
    size_t from = o.at + 2, n = (o.bar ? o.bar : m->line.len) - from;
    char *target = m->line.data + from, *space;

    if (drop_link(m, &o, target, n))
        return;
    m->n_open--;
    if (o.bar) {
        wipe(m, o.at, o.bar + 1 - o.at);
    } else if (starts(target, n, "http://") || starts(target, n, "https://")) {
        space = memchr(target, ' ', n); /* the old form: [[http://x text]] */
        wipe(m, o.at, 2 + (space ? (size_t)(space - target) : 0));
    } else {
        if (o.hash)
            cut_back(m, o.hash);
        wipe(m, o.at, 2 + (size_t)(n && *target == ':'));
    }
}

/* Handle the ] at i. If a ]] could end a bracket inside a link and not the link, it
 * ends the link. */
static size_t close_bracket(struct namumark *m, size_t i, size_t end)
{
    bool two = i + 1 < end && m->s[i + 1] == ']',
         three = two && i + 2 < end && m->s[i + 2] == ']';
    struct opened *o = top(m);

    if (!o)
        return literal(m, i, 1);
    if (o->kind == PLAIN) {
        m->n_open--;
        if (!two || three || !m->n_open || top(m)->kind != LINK)
            return literal(m, i, 1);
        o = top(m);
    }
    if (o->kind == LINK && two) {
        close_link(m);
        return i + 2;
    }
    if (o->kind == NOTE) {
        m->counts.notes++;
        cut_back(m, o->at);
        return i + 1;
    }
    /* Of )])] only the second half ends the macro: [math(f[g(x)])]. */
    if (o->kind == LINK || m->line.data[m->line.len - 1] != ')' ||
        (end - i > 2 && m->s[i + 1] == ')' && m->s[i + 2] == ']'))
        return literal(m, i, 1);
    if (o->kind == RUBY) {
        close_ruby(m);
    } else {
        m->counts.macros++;
        cut_back(m, o->at);
    }
    return i + 1;
}

/* --- styles */

/* Handle a mark of n bytes at i that opens or closes a style. */
static size_t toggle(struct namumark *m, enum style k, size_t i, size_t n)
{
    size_t at = m->style[k];

    if (!at) {
        m->style[k] = m->line.len + 1;
        return literal(m, i, n);
    }
    if (k == TILDES || k == DASHES)
        m->counts.struck++;
    if ((k == TILDES || k == DASHES) && m->cfg.strike == NAMUMARK_DROP_STRIKE)
        cut_back(m, at - 1);
    else
        wipe(m, at - 1, n);
    m->style[k] = 0;
    return i + n;
}

/* '' is italic, ''' bold, ''''' both. Of four, or of more than five, the first
 * ones are text. */
static size_t quotes(struct namumark *m, size_t i, size_t n)
{
    size_t extra = n == 4 ? 1 : n > 5 ? n - 5 : 0;

    i = literal(m, i, n == 1 ? 1 : extra);
    n -= n == 1 ? 1 : extra;
    if (n == 3 || n == 5)
        i = toggle(m, BOLD, i, 3);
    if (n == 2 || n == 5)
        i = toggle(m, ITALIC, i, 2);
    return i;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Handle a run of one of the characters ' ~ - _ ^ , at i. */
static size_t style_mark(struct namumark *m, size_t i, size_t end)
{
    static const enum style styles[128] = {
        ['~'] = TILDES, ['-'] = DASHES, ['_'] = UNDER, ['^'] = SUPER, [','] = SUB};
    char c = m->s[i];
    struct opened *o = top(m);
    size_t n = 1;

    while (i + n < end && m->s[i + n] == c)
        n++;
    if (o && o->kind == RUBY && c == ',' && !o->bar)
        o->bar = m->line.len;
    if (is_inert(m))
        return literal(m, i, n);
    if (c == '\'')
        return quotes(m, i, n);
    if (n != 2)
        return literal(m, i, n);
    /* A dash with spaces around it strikes nothing out. */
    if (c == '-' &&
        (m->style[DASHES] ? is_space(m->s[i - 1]) : i + 2 >= end || is_space(m->s[i + 2])))
        return literal(m, i, n);
    return toggle(m, styles[(unsigned char)c], i, 2);
}

/* --- braces */

/* The length of "+1 ", "-1 ", "#red " or "#fff,#000 " at the start of braces, else 0. */
static size_t style_tag(const char *s, size_t n)
{
    size_t i = 0;

    if (n && (*s == '+' || *s == '-')) {
        i = n > 1 && s[1] >= '1' && s[1] <= '5' ? 2 : 0;
    } else if (n && *s == '#') {
        for (i = 1; i < n && i < NAME_BYTES &&
                    ((s[i] >= '0' && s[i] <= '9') ||
                     ((s[i] | 32) >= 'a' && (s[i] | 32) <= 'z') || s[i] == '#' || s[i] == ',');)
            i++;
    }
    return i > 1 && i < n && is_space(s[i]) ? i + 1 : 0;
}

/* Write the body of {{{#!folding title or {{{#!wiki style as lines of its own. Other braces
 * hold programs, which are counted. */
static void put_block(struct namumark *m, size_t i, size_t close)
{
    const char *body = m->s + i + 2, *lf = memchr(body, '\n', close - i - 2);
    size_t n = close - i - 2;

    if (!lf ||
        (!starts(body, n, "folding") && !starts(body, n, "wiki") && !starts(body, n, "if"))) {
        m->counts.code++;
    } else {
        namumark_flush(m);
        namumark_blocks(m, (size_t)(lf - m->s) + 1, close);
    }
}

/* Handle the { at i. */
static size_t braces(struct namumark *m, size_t i, size_t end)
{
    size_t close = namumark_closing(m, i, end), body = i + 3, tag;

    if (!close) {
        if (!is_inert(m) && !m->style[BOX] && starts(m->s + i, end - i, "{{|"))
            return toggle(m, BOX, i, 3);
        return literal(m, i, 1);
    }
    if (starts(m->s + body, close - body, "#!")) {
        put_block(m, body, close);
    } else if ((tag = style_tag(m->s + body, close - body)) > 0) {
        body += tag;
        if (m->nest == NAMUMARK_MAX_NEST) {
            literal(m, body, close - body);
        } else if (memchr(m->s + body, '\n', close - body)) {
            namumark_flush(m);
            namumark_blocks(m, body, close);
        } else {
            m->nest++;
            namumark_inline(m, body, close);
            m->nest--;
        }
    } else {
        literal(m, body, close - body);
    }
    return close + 3;
}

/* --- the rest */

/* Handle @name@ or @name=default@ at i: an argument of a template. */
static size_t argument(struct namumark *m, size_t i, size_t end)
{
    size_t far = end - i > NAME_BYTES ? i + NAME_BYTES : end, name = i + 1, k = name;
    const char *at;

    while (k < far &&
           ((m->s[k] & 0x80) || m->s[k] == '_' || (m->s[k] >= '0' && m->s[k] <= '9') ||
            ((m->s[k] | 32) >= 'a' && (m->s[k] | 32) <= 'z')))
        k++;
    if (k == name || k == far || (m->s[k] != '@' && m->s[k] != '='))
        return literal(m, i, 1);
    if (m->s[k] == '@')
        return k + 1;
    if (!(at = memchr(m->s + k, '@', end - k)))
        return literal(m, i, 1);
    return literal(m, k + 1, (size_t)(at - m->s) - k - 1) + 1;
}

/* Handle the < at i. <math>x</math> is removed. */
static size_t angle(struct namumark *m, size_t i, size_t end)
{
    const char *s = m->s + i;

    if (!m->style[MATH] && starts(s, end - i, "<math>"))
        return toggle(m, MATH, i, 6);
    if (!m->style[MATH] || !starts(s, end - i, "</math>"))
        return literal(m, i, 1);
    m->counts.macros++;
    cut_back(m, m->style[MATH] - 1);
    return i + 7;
}

/* Handle the a at i. attachment:x.jpg, found in old pages, is removed like a file. */
static size_t attachment(struct namumark *m, size_t i, size_t end)
{
    static const char word[] = "attachment:";

    if (!starts(m->s + i, end - i, word) ||
        (i && (m->s[i - 1] | 32) >= 'a' && (m->s[i - 1] | 32) <= 'z'))
        return literal(m, i, 1);
    m->counts.files++;
    i += strlen(word);
    if (i < end && m->s[i] == '"') {
        const char *quote = memchr(m->s + i + 1, '"', end - i - 1);

        if (quote)
            i = (size_t)(quote - m->s) + 1;
    }
    while (i < end && !is_space(m->s[i]) && m->s[i] != ']' && m->s[i] != '|')
        i++;
    return i;
}

/* Handle the | at i. The text of a link begins, or a {{|box|}} ends. */
static size_t bar(struct namumark *m, size_t i, size_t end)
{
    struct opened *o = top(m);

    if (m->style[BOX] && starts(m->s + i, end - i, "|}}"))
        return toggle(m, BOX, i, 3);
    if (o && o->kind == LINK && !o->bar)
        o->bar = m->line.len;
    return literal(m, i, 1);
}

static size_t hash(struct namumark *m, size_t i)
{
    struct opened *o = top(m);

    if (o && o->kind == LINK && !o->bar && !o->hash)
        o->hash = m->line.len;
    return literal(m, i, 1);
}

static size_t mark(struct namumark *m, size_t i, size_t end)
{
    switch (m->s[i]) {
    case '\\': i += end - i > 1 && m->s[i + 1] != '\n'; return literal(m, i, 1);
    case '{': return braces(m, i, end);
    case '[': return open_bracket(m, i, end);
    case ']': return close_bracket(m, i, end);
    case '|': return bar(m, i, end);
    case '#': return hash(m, i);
    case '@': return argument(m, i, end);
    case '<': return angle(m, i, end);
    case 'a': return attachment(m, i, end);
    default: return style_mark(m, i, end);
    }
}

void namumark_inline(struct namumark *m, size_t i, size_t end)
{
    while (i < end && !m->no_memory) {
        size_t run = i;

        /* Make room again after each mark, because a block in braces has emptied the line. */
        if (buf_reserve(&m->line, end - i) != RF_OK) {
            m->no_memory = true;
            return;
        }
        while (run < end && !special[(unsigned char)m->s[run]])
            run++;
        literal(m, i, run - i);
        if (run < end)
            run = mark(m, run, end);
        i = run;
    }
}
