/* wikitext_call.c: the arguments of a template, and the numbers in them. */
#include "base/utf8.h"
#include "corpus/wikitext_parts.h"

static struct wt_span span_of(const struct wikitext_work *k, size_t from, size_t to)
{
    return (struct wt_span){k->flat.data + from, to - from};
}

static bool is_text_name(struct wt_span name)
{
    static const char *const names[] = {"text",   "quote", "content", "내용",
                                        "인용문", "본문",  "글"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (wt_span_is(name, names[i]))
            return true;
    return false;
}

static void take_named(struct call *c, struct wt_span name, struct wt_span value)
{
    size_t number = name.n && is_digit(*name.s) ? (size_t)(*name.s - '0') : 0;

    if (name.n == 2 && number && is_digit(name.s[1]))
        number = 10 * number + (size_t)(name.s[1] - '0');
    else if (name.n != 1)
        number = 0;
    if (number && number <= POSITIONS) {
        c->at[number] = value;
        c->top = number > c->top ? number : c->top;
        if (!c->last.s || c->n < number)
            c->last = value;
    } else if (is_text_name(name) && !c->text.s) {
        c->text = value;
    }
}

static void take_next(struct call *c, struct wt_span value)
{
    if (++c->n <= POSITIONS)
        c->at[c->n] = value;
    c->top = c->n > c->top ? c->n : c->top;
    c->last = value;
}

struct wt_span wt_argument(const struct wikitext_work *k, size_t i, struct wt_span *name)
{
    size_t end = i + 1 < k->n_arg ? k->arg[i + 1].pipe : k->flat.len;
    size_t from = k->arg[i].pipe + 1, equal = k->arg[i].equal;

    *name = (struct wt_span){0};
    if (equal) {
        *name = wt_span_trim(span_of(k, from, equal));
        from = equal + 1;
    }
    return wt_span_trim(span_of(k, from, end));
}

/* Remove "subst:", "틀:" and the like from the name. The text before any other colon is the
 * name of a function, and the text behind it is its first argument. */
static void split_name(const struct wikitext_work *k, struct call *c)
{
    const char *colon;

    while ((colon = memchr(c->name.s, ':', c->name.n))) {
        struct wt_span head =
            wt_span_trim((struct wt_span){c->name.s, (size_t)(colon - c->name.s)});
        struct wt_span rest = {colon + 1, c->name.n - (size_t)(colon + 1 - c->name.s)};

        rest = wt_span_trim(rest);
        if (!wt_span_is(head, "subst") && !wt_span_is(head, "safesubst") &&
            namespaces_find(k->ns, head.s, head.n) != NS_TEMPLATE &&
            namespaces_guess(head.s, head.n) != NS_TEMPLATE) {
            take_next(c, rest);
            c->name.n = (size_t)(colon - c->name.s) + 1;
            return;
        }
        c->name = rest;
    }
}

void wt_read_call(const struct wikitext_work *k, struct call *c, const struct open *open,
                  size_t start)
{
    size_t from = open->start + open->count;
    size_t to = k->n_arg > open->args ? k->arg[open->args].pipe : k->flat.len;

    *c = (struct call){.name = wt_span_trim(span_of(k, from, to)),
                       .first = open->args,
                       .end = k->n_arg,
                       .start = start,
                       .before = start ? k->flat.data[start - 1] : '\0'};
    split_name(k, c);
    for (size_t i = open->args; i < k->n_arg; i++) {
        struct wt_span name, value = wt_argument(k, i, &name);

        if (name.s)
            take_named(c, name, value);
        else
            take_next(c, value);
    }
}

void wt_put_text(struct wikitext_work *k, const char *s)
{
    wt_put(k, &k->tmp, s, strlen(s));
}

void wt_put_span(struct wikitext_work *k, struct wt_span t)
{
    wt_put(k, &k->tmp, t.s, t.n);
}

void wt_put_front(struct wikitext_work *k, struct wt_span t)
{
    size_t n = k->tmp.len;

    wt_put_span(k, t);
    if (k->no_memory || t.n == 0)
        return;
    memmove(k->tmp.data + t.n, k->tmp.data, n);
    memcpy(k->tmp.data, t.s, t.n);
}

bool wt_has_drop(struct wt_span t)
{
    return t.s && t.n && memchr(t.s, MARK_DROP, t.n);
}

/* True for the digits of several scripts, and for ½ and its like. */
static bool is_digit_of_any_script(uint32_t cp)
{
    static const uint32_t zeros[] = {'0', 0x660, 0x6F0, 0x966, 0x9E6, 0xFF10};

    for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
        if (cp >= zeros[i] && cp < zeros[i] + 10)
            return true;
    return (cp >= 0xBC && cp <= 0xBE) || (cp >= 0x2150 && cp <= 0x215E);
}

bool wt_is_number(struct wt_span t)
{
    static const char *const before[] = {"+", "-", "−", "–", "±",
                                         "~", "<", ">", "≈", "&minus;"};
    uint32_t cp;

    if (wt_has_drop(t))
        return false;
    for (size_t i = 0; i < sizeof before / sizeof *before; i++) {
        if (wt_span_starts(t, before[i])) {
            t.s += strlen(before[i]);
            t.n -= strlen(before[i]);
            break;
        }
    }
    if (t.n > 1 && (*t.s == '.' || *t.s == ',')) {
        t.s++;
        t.n--;
    }
    if (!t.n)
        return false;
    utf8_next(&cp, t.s);
    return is_digit_of_any_script(cp);
}

/* Write 2+1/2 as "2 1/2", 1//2 as "1/2" and 5e6 as "5×10^6", as the templates show them. */
void wt_put_number(struct wikitext_work *k, struct wt_span t)
{
    bool fraction = memchr(t.s, '/', t.n) != NULL;

    for (size_t i = 0; i < t.n; i++) {
        bool inside = i && i + 1 < t.n && is_digit(t.s[i - 1]);
        char c = t.s[i], next = i + 1 < t.n ? t.s[i + 1] : '\0';

        if (fraction && inside && (c == '+' || c == '-') && is_digit(next))
            wt_put_text(k, " ");
        else if (c == '/' && next == '/')
            continue;
        else if (inside && (c == 'e' || c == 'E') &&
                 (is_digit(next) ||
                  ((next == '-' || next == '+') && i + 2 < t.n && is_digit(t.s[i + 2]))))
            wt_put_text(k, "×10^");
        else
            wt_put(k, &k->tmp, &c, 1);
    }
}

struct wt_span wt_named(const struct wikitext_work *k, const struct call *c, const char *name)
{
    for (size_t i = c->end; i > c->first; i--) {
        struct wt_span is, value = wt_argument(k, i - 1, &is);

        if (is.s && wt_span_is(is, name))
            return value;
    }
    return (struct wt_span){0};
}

bool wt_only_named(const struct wikitext_work *k, const struct call *c, const char *list)
{
    for (size_t i = c->first; i < c->end; i++) {
        struct wt_span is, value = wt_argument(k, i, &is);
        const char *word = list;

        if (!is.s || value.n == 0 || (is.n && is_digit(*is.s)))
            continue;
        while (*word && !(strcspn(word, " ") == is.n && memcmp(word, is.s, is.n) == 0))
            word += strcspn(word, " ") + 1;
        if (!*word)
            return false;
    }
    return true;
}

const char *wt_range_text(struct wt_span t)
{
    static const char *const rows[][2] = {
        {"-", "–"},          {"–", "–"},        {"−", "–"},
        {"to", " to "},      {"to-", " to "},   {"to(-)", " to "},
        {"and", " and "},    {"&", " and "},    {"and(-)", " and "},
        {"or", " or "},      {"or(-)", " or "}, {"by", " by "},
        {"by(x)", " by "},   {"x", " × "},      {"xx", " × "},
        {"×", " × "},        {"*", " × "},      {"+/-", " ± "},
        {"±", " ± "},        {"+", " + "},      {",", ", "},
        {", and", ", and "}, {", or", ", or "}, {"to about", " to about "},
        {"/", "/"},          {"&ndash;", "–"},  {"&times;", " × "},
        {"à", " à "},        {"et", " et "},    {"ou", " ou "},
        {"par", " par "},    {"bis", " bis "},  {"und", " und "},
        {"a", " a "},        {"y", " y "},      {"e", " e "},
        {"до", " до "},      {"и", " и "},      {"から", "から"},
        {"至", "至"},        {"到", "到"},      {"에서", "에서 "},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (wt_span_is(t, rows[i][0]))
            return rows[i][1];
    return NULL;
}

bool wt_put_range(struct wikitext_work *k, const struct call *c, size_t *i)
{
    const char *between;

    if (!wt_is_number(c->at[*i]))
        return false;
    wt_put_number(k, c->at[*i]);
    while (*i + 2 <= POSITIONS && (between = wt_range_text(c->at[*i + 1])) &&
           wt_is_number(c->at[*i + 2])) {
        wt_put_text(k, between);
        wt_put_number(k, c->at[*i + 2]);
        *i += 2;
    }
    return true;
}
