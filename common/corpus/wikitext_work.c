/* wikitext_work.c: the buffers with which a thread converts pages, and the counts of what
 * it left out. */
#include <stdlib.h>

#include "corpus/wikitext_parts.h"

struct wikitext_work *wikitext_work_new(void)
{
    return calloc(1, sizeof(struct wikitext_work));
}

void wikitext_work_free(struct wikitext_work *k)
{
    if (!k)
        return;
    buf_free(&k->flat);
    buf_free(&k->para);
    buf_free(&k->tmp);
    buf_free(&k->headings);
    free(k->arg);
    free(k);
}

void wt_put(struct wikitext_work *k, struct buf *b, const char *s, size_t n)
{
    k->no_memory |= buf_put(b, s, n) != RF_OK;
}

void wt_mark(struct wikitext_work *k, struct buf *b, char mark)
{
    wt_put(k, b, &mark, 1);
}

void wt_empty(struct buf *b)
{
    if (b->cap > 1 << 20)
        buf_free(b);
    buf_clear(b);
}

void wt_count(struct wikitext_work *k, enum wikitext_kind kind, const char *name, size_t n)
{
    struct wikitext_removed *r = k->removed;

    r->count[kind]++;
    if (!r->want_names || n == 0)
        return;
    wt_mark(k, &r->names, (char)(kind + 1));
    wt_put(k, &r->names, name, n);
    wt_put(k, &r->names, "", 1);
}
