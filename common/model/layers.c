#include "model/layers.h"

#include <string.h>

const char *const layer_names[] = {"lsh", "local", "full", NULL};

static bool is_pattern(const struct model_cfg *c)
{
    return c->layers && *c->layers;
}

/* The kind that the first n bytes of a text name; LAYER_KINDS: none. */
static enum layer_kind kind_of(const char *text, size_t n)
{
    for (int k = 0; k < LAYER_KINDS; k++)
        if (strlen(layer_names[k]) == n && memcmp(layer_names[k], text, n) == 0)
            return (enum layer_kind)k;
    return LAYER_KINDS;
}

/* Read an item of a pattern at *text, and move *text behind it and its comma; NULL: it was the
 * last one. */
static enum layer_kind next_kind(const char **text)
{
    size_t n = strcspn(*text, ",");
    enum layer_kind kind = kind_of(*text, n);

    *text = (*text)[n] ? *text + n + 1 : NULL;
    return kind;
}

unsigned layers_kinds(const struct model_cfg *c)
{
    const char *at = is_pattern(c) ? c->layers : NULL;
    unsigned kinds = 0;

    if (!at) {
        kinds = c->local_heads ? 1U << LAYER_LOCAL : 0;
        if (c->local_heads < c->heads)
            kinds |= 1U << (c->full_attn ? LAYER_FULL : LAYER_LSH);
    }
    while (at)
        kinds |= 1U << next_kind(&at);
    return kinds;
}

bool layers_differ(const struct model_cfg *c)
{
    unsigned kinds = layers_kinds(c);

    return is_pattern(c) && (kinds & (kinds - 1));
}

/* --- patterns that cannot be */

static int refuse_item(const struct model_cfg *c, const char *item, size_t number,
                       struct errbuf *eb)
{
    int n = (int)strcspn(item, ",");

    if (n == 0)
        return err_set(eb, RF_EUSAGE, "model.layers '%s': layer %zu has no name", c->layers,
                       number);
    return err_set(eb, RF_EUSAGE, "model.layers '%s': '%.*s' is not lsh, local or full",
                   c->layers, n, item);
}

/* Whether each item has a name, and the pattern a place for each; *n becomes their number. */
static int check_items(size_t *n, const struct model_cfg *c, struct errbuf *eb)
{
    const char *at = c->layers;

    for (*n = 0; at;) {
        const char *item = at;

        ++*n;
        if (next_kind(&at) == LAYER_KINDS)
            return refuse_item(c, item, *n, eb);
    }
    if (*n > c->depth)
        return err_set(eb, RF_EUSAGE,
                       "model.layers '%s' names %zu layers, and model.depth is %llu", c->layers,
                       *n, (unsigned long long)c->depth);
    return RF_OK;
}

static int check_others(const struct model_cfg *c, struct errbuf *eb)
{
    unsigned kinds = layers_kinds(c);
    const struct {
        bool is;
        const char *what;
    } bars[] = {
        {c->full_attn, "it says which layers are full: model.full_attn must be false"},
        {c->local_heads, "it says which layers are local: model.local_heads must be 0"},
        {c->full_attn_thres && !layers_hash(c),
         "no layer hashes, so model.full_attn_thres says nothing"},
        {c->mem_kv && kinds == 1U << LAYER_LOCAL,
         "local layers see no memory, and there are no others: model.mem_kv must be 0"},
    };

    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++)
        if (bars[i].is)
            return err_set(eb, RF_EUSAGE, "model.layers '%s': %s", c->layers, bars[i].what);
    return RF_OK;
}

int layers_read(struct model_shape *s, const struct model_cfg *c, struct errbuf *eb)
{
    const char *at = NULL;
    size_t n = 0;
    int rc = is_pattern(c) ? check_items(&n, c, eb) : RF_OK;

    if (rc == RF_OK && n)
        rc = check_others(c, eb);
    for (size_t k = 0; rc == RF_OK && k < c->depth; k++) {
        enum layer_kind kind = c->full_attn ? LAYER_FULL : LAYER_LSH;

        at = n && !at ? c->layers : at; /* from the front again */
        if (n)
            kind = next_kind(&at);
        s->local[k] = (uint16_t)(kind == LAYER_LOCAL ? c->heads : n ? 0 : c->local_heads);
        s->full[k] = kind == LAYER_FULL;
        s->hashes = s->hashes || (kind == LAYER_LSH && s->local[k] < c->heads);
    }
    return rc;
}
