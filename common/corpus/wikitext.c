#include "corpus/wikitext.h"

#include <stdlib.h>
#include <strings.h>

#include "corpus/wikitext_parts.h"

const char *const wikitext_kind_names[WIKITEXT_KINDS] = {
    [WIKITEXT_KEPT] = "template kept",
    [WIKITEXT_TEMPLATE] = "template",
    [WIKITEXT_TAG] = "tag",
    [WIKITEXT_TABLE] = "table",
    [WIKITEXT_FILE] = "file",
    [WIKITEXT_CATEGORY] = "category",
    [WIKITEXT_LANGUAGE] = "language",
    [WIKITEXT_URL] = "url",
    [WIKITEXT_COMMENT] = "comment",
    [WIKITEXT_HEADING] = "heading",
    [WIKITEXT_LINE] = "line",
};

int wikitext_new(struct wikitext **out, const struct wikitext_cfg *cfg, struct errbuf *eb)
{
    struct wikitext *w = calloc(1, sizeof *w);
    int rc;

    if (!w)
        return err_nomem(eb);
    w->cfg = *cfg;
    if ((rc = keep_rules(w, cfg->keep, eb)) != RF_OK) {
        wikitext_free(w);
        return rc;
    }
    *out = w;
    return RF_OK;
}

void wikitext_free(struct wikitext *w)
{
    if (!w)
        return;
    for (size_t i = 0; i < w->n_keep; i++)
        free(w->keep[i].own);
    free(w->keep);
    free(w->names);
    free(w);
}

int wikitext_convert(const struct wikitext *w, struct wikitext_work *k,
                     const struct namespaces *ns, const char *title, const char *s, size_t n,
                     struct buf *to, struct wikitext_removed *removed)
{
    k->w = w;
    k->ns = ns;
    k->title = title;
    k->removed = removed;
    k->no_memory = false;
    wt_flatten(k, s, n);
    if (!k->no_memory)
        wt_lines(k, to);
    return k->no_memory ? RF_ENOMEM : RF_OK;
}

bool wikitext_is_redirect(const char *s, size_t n)
{
    static const char *const words[] = {"#redirect", "#넘겨주기", "#転送", "#重定向"};
    struct wt_span t = wt_span_trim((struct wt_span){s, n});

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]), at = len;

        if (t.n <= len || strncasecmp(t.s, words[i], len) != 0)
            continue;
        while (at < t.n && (is_blank(t.s[at]) || t.s[at] == ':'))
            at++;
        if (at + 1 < t.n && t.s[at] == '[' && t.s[at + 1] == '[')
            return true;
    }
    return false;
}
