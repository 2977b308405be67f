/* wikitext_template.c: templates and parser functions. */
#include "corpus/wikitext_parts.h"

enum { POSITIONS = 9 };

/* The parts of a closed template, which lie in flat. */
struct call {
    struct wt_span name;
    struct wt_span at[POSITIONS + 1]; /* arguments by number, from 1; s NULL: not given */
    struct wt_span last, text;        /* the last argument without a name; text= or the like */
    size_t n;                         /* how many have no name */
    const struct open *open;
};

static struct wt_span span_of(const struct wikitext_work *k, size_t from, size_t to)
{
    return (struct wt_span){k->flat.data + from, to - from};
}

static bool span_is(struct wt_span t, const char *s)
{
    return t.n == strlen(s) && memcmp(t.s, s, t.n) == 0;
}

static bool is_text_name(struct wt_span name)
{
    static const char *const names[] = {"text",   "quote", "content", "내용",
                                        "인용문", "본문",  "글"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (span_is(name, names[i]))
            return true;
    return false;
}

static void take_named(struct call *c, struct wt_span name, struct wt_span value)
{
    if (name.n == 1 && *name.s >= '1' && *name.s <= '9') {
        c->at[*name.s - '0'] = value;
        if (!c->last.s || c->n < (size_t)(*name.s - '0'))
            c->last = value;
    } else if (is_text_name(name) && !c->text.s) {
        c->text = value;
    }
}

static void take_next(struct call *c, struct wt_span value)
{
    if (++c->n <= POSITIONS)
        c->at[c->n] = value;
    c->last = value;
}

/* Argument i of the call, which is k->arg[i]. *name is its name, if it has one. */
static struct wt_span argument(const struct wikitext_work *k, size_t i, struct wt_span *name)
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
        if (!span_is(head, "subst") && !span_is(head, "safesubst") &&
            namespaces_find(k->ns, head.s, head.n) != NS_TEMPLATE) {
            take_next(c, rest);
            c->name.n = (size_t)(colon - c->name.s) + 1;
            return;
        }
        c->name = rest;
    }
}

static void read_call(const struct wikitext_work *k, struct call *c, const struct open *open)
{
    size_t from = open->start + open->count;
    size_t to = k->n_arg > open->args ? k->arg[open->args].pipe : k->flat.len;

    *c = (struct call){.open = open, .name = wt_span_trim(span_of(k, from, to))};
    split_name(k, c);
    for (size_t i = open->args; i < k->n_arg; i++) {
        struct wt_span name, value = argument(k, i, &name);

        if (name.s)
            take_named(c, name, value);
        else
            take_next(c, value);
    }
}

static void put_span(struct wikitext_work *k, struct wt_span t)
{
    wt_put(k, &k->tmp, t.s, t.n);
}

static void put_all(struct wikitext_work *k, const struct call *c)
{
    const char *comma = "";

    for (size_t i = c->open->args; i < k->n_arg; i++) {
        struct wt_span name, value = argument(k, i, &name);

        if (name.s || value.n == 0)
            continue;
        wt_put(k, &k->tmp, comma, strlen(comma));
        put_span(k, value);
        comma = ", ";
    }
}

/* Write a measure: 93|m|ft is "93 m", 5|to|10|km is "5 to 10 km". */
static void put_measure(struct wikitext_work *k, const struct call *c)
{
    static const char *const ranges[] = {"to", "and", "or", "by",  "x",
                                         "×",  "-",   "–",  "+/-", "±"};
    size_t i = 1;

    put_span(k, c->at[i]);
    for (size_t r = 0;
         i + 2 <= POSITIONS && c->at[i + 1].s && r < sizeof ranges / sizeof *ranges; r++) {
        if (!span_is(c->at[i + 1], ranges[r]))
            continue;
        wt_put(k, &k->tmp, " ", 1);
        put_span(k, c->at[i + 1]);
        wt_put(k, &k->tmp, " ", 1);
        put_span(k, c->at[i + 2]);
        i += 2;
        r = (size_t)-1;
    }
    wt_put(k, &k->tmp, " ", 1);
    if (i < POSITIONS)
        put_span(k, c->at[i + 1]);
}

static void put_what(struct wikitext_work *k, const struct call *c, char what)
{
    switch (what) {
    case 'L': put_span(k, c->last); break;
    case 'T': put_span(k, c->at[1].s ? c->at[1] : c->text); break;
    case 'P': wt_put(k, &k->tmp, k->title, strlen(k->title)); break;
    case 'C': put_measure(k, c); break;
    case '*': put_all(k, c); break;
    case '$': wt_put(k, &k->tmp, "$", 1); break;
    default: put_span(k, c->at[what - '0']);
    }
}

/* Write the text that the rule leaves of the call to k->tmp. False if none of the arguments it
 * names was given. */
static bool fill_template(struct wikitext_work *k, const struct call *c, const char *what)
{
    bool asked = false, got = false;

    buf_clear(&k->tmp);
    while (*what) {
        size_t n = strcspn(what, "$"), before;

        wt_put(k, &k->tmp, what, n);
        what += n;
        if (!*what)
            break;
        before = k->tmp.len;
        put_what(k, c, what[1]);
        asked |= what[1] != '$';
        got |= what[1] != '$' && k->tmp.len > before;
        what += 2;
    }
    return got || !asked;
}

/* True if the text begins with a list or table, which must stand at the start of a line, as
 * in MediaWiki. */
static bool begins_line(const struct buf *b)
{
    return b->len && (strchr("*#:;", b->data[0]) ||
                      (b->len > 1 && b->data[0] == '{' && b->data[1] == '|'));
}

void wt_template(struct wikitext_work *k, const struct open *open, size_t braces)
{
    size_t start = open->start + open->count - braces;
    const struct keep_rule *rule;
    char name[WIKI_NAME_BYTES];
    struct call c;
    bool kept;

    read_call(k, &c, open);
    if (!wiki_fold(name, c.name.s, c.name.n))
        memcpy(name, "(no name)", 10);
    rule = keep_find(k->w, name);
    kept = rule && *rule->what && fill_template(k, &c, rule->what);
    wt_count(k, kept ? WIKITEXT_KEPT : WIKITEXT_TEMPLATE, name, strlen(name));
    k->flat.len = start;
    if (!kept) {
        wt_mark(k, &k->flat, MARK_DROP);
        return;
    }
    if (begins_line(&k->tmp) && start && k->flat.data[start - 1] != '\n')
        wt_put(k, &k->flat, "\n", 1);
    wt_put(k, &k->flat, k->tmp.data, k->tmp.len);
}
