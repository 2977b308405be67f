/* wikitext_template.c: templates and parser functions. */
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
            namespaces_find(k->ns, head.s, head.n) != NS_TEMPLATE) {
            take_next(c, rest);
            c->name.n = (size_t)(colon - c->name.s) + 1;
            return;
        }
        c->name = rest;
    }
}

static void read_call(const struct wikitext_work *k, struct call *c, const struct open *open,
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

static void put_all(struct wikitext_work *k, const struct call *c)
{
    const char *comma = "";

    for (size_t i = c->first; i < c->end; i++) {
        struct wt_span name, value = wt_argument(k, i, &name);

        if (name.s || value.n == 0)
            continue;
        wt_put(k, &k->tmp, comma, strlen(comma));
        wt_put_span(k, value);
        comma = ", ";
    }
}

/* All arguments by number, with nothing between them. */
static void put_joined(struct wikitext_work *k, const struct call *c)
{
    for (size_t i = 1; i <= POSITIONS; i++)
        wt_put_span(k, c->at[i]);
}

static void put_what(struct wikitext_work *k, const struct call *c, char what)
{
    switch (what) {
    case 'L': wt_put_span(k, c->last); break;
    case 'T': wt_put_span(k, c->at[1].s ? c->at[1] : c->text); break;
    case '+': put_joined(k, c); break;
    case 'P': wt_put_text(k, k->title); break;
    case '*': put_all(k, c); break;
    case '$': wt_put_text(k, "$"); break;
    default: wt_put_span(k, c->at[what - '0']);
    }
}

/* Write the text that the rule leaves of the call to k->tmp. Returns what it is counted as:
 * kept; a template that goes, as none of the arguments that the rule names was given; or a
 * value that goes, as it was not understood. */
static enum wikitext_kind fill_template(struct wikitext_work *k, const struct call *c,
                                        const char *what)
{
    bool asked = false, got = false;

    buf_clear(&k->tmp);
    for (; *what; what += 2) {
        size_t n = strcspn(what, "$"), before;

        wt_put(k, &k->tmp, what, n);
        what += n;
        if (!*what)
            break;
        if (wt_is_value(what[1])) {
            if (!wt_value(k, c, what[1]))
                return WIKITEXT_VALUE;
            continue;
        }
        before = k->tmp.len;
        put_what(k, c, what[1]);
        asked |= what[1] != '$';
        got |= what[1] != '$' && k->tmp.len > before;
    }
    return got || !asked ? WIKITEXT_KEPT : WIKITEXT_TEMPLATE;
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
    enum wikitext_kind kind = WIKITEXT_TEMPLATE;
    const struct keep_rule *rule;
    char name[WIKI_NAME_BYTES];
    struct call c;

    read_call(k, &c, open, start);
    if (!wiki_fold(name, c.name.s, c.name.n))
        memcpy(name, "(no name)", 10);
    rule = keep_find(k->w, name);
    if (rule && *rule->what)
        kind = fill_template(k, &c, rule->what);
    wt_count(k, kind, name, strlen(name));
    k->flat.len = start;
    if (kind != WIKITEXT_KEPT) {
        wt_mark(k, &k->flat, MARK_DROP);
        return;
    }
    if (begins_line(&k->tmp) && start && c.before != '\n')
        wt_put(k, &k->flat, "\n", 1);
    wt_put(k, &k->flat, k->tmp.data, k->tmp.len);
}
