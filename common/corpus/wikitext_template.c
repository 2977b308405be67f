/* wikitext_template.c: templates and parser functions. */
#include "corpus/wikitext_parts.h"

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

    wt_read_call(k, &c, open, start);
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
