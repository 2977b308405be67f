#include "corpus/wikitext.h"

#include <stdlib.h>

#include "corpus/wikitext_parts.h"

const char *const wikitext_kind_names[WIKITEXT_KINDS] = {
    [WIKITEXT_KEPT] = "template kept",
    [WIKITEXT_TEMPLATE] = "template",
    [WIKITEXT_VALUE] = "value",
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
    struct wt_span t = wt_span_trim((struct wt_span){s, n});
    size_t look = t.n < 128 ? t.n : 128, len;
    const char *link;

    if (t.n == 0 || (*t.s != '#' && !wt_span_starts(t, "＃")) ||
        !(link = memmem(t.s, look, "[[", 2)))
        return false;
    len = (size_t)(link - t.s);
    while (len && (is_blank(t.s[len - 1]) || t.s[len - 1] == ':'))
        len--;
    return wiki_is_redirect_word(t.s, len);
}
