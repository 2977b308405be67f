/* model_store.c: weights in fewer bits, for a model that reads all of them for every token. */
#include <assert.h>
#include <stdlib.h>

#include "model/model_parts.h"

/* Rows of the matrix that parameter i begins: values lie behind queries, and both are
 * multiplied as one. */
static size_t rows_of(const struct model *m, size_t i)
{
    size_t rows = m->params.p[i].shape[0];

    return i >= PARAM_BRANCHES && (i - PARAM_BRANCHES) % BRANCH_PARAMS == ATTN_QK
               ? rows + m->params.p[i + ATTN_V - ATTN_QK].shape[0]
               : rows;
}

/* Whether a product multiplies with parameter i. */
static bool multiplies(size_t i)
{
    if (i < PARAM_BRANCHES)
        return i == PARAM_EMBED || i == PARAM_HEAD_IN || i == PARAM_HEAD;
    switch ((i - PARAM_BRANCHES) % BRANCH_PARAMS) {
    case ATTN_QK:
    case ATTN_OUT:
    case FF_IN:
    case FF_OUT:
    case PKM_QUERY: return true;
    default: return false;
    }
}

static bool take(struct model *m, size_t i, size_t n, size_t k)
{
    struct model_stored *s = &m->stored[i];

    s->bytes = m->op->stored_bytes(m->nn, m->store, n, k);
    s->w = m->op->mem_new(m->nn, s->bytes);
    return s->w;
}

/* The weights of another layer, which are parameter i's too. */
static const struct model_stored *of_owner(const struct model *m, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (m->stored[k].w && m->at[k] == m->at[i])
            return &m->stored[k];
    return NULL;
}

static bool store_one(struct model *m, size_t i)
{
    const struct param *p = &m->params.p[i];
    size_t n = rows_of(m, i), k = p->shape[1];

    if (!p->count) { /* tied layers */
        m->stored[i].w = of_owner(m, i)->w;
        return true;
    }
    if (!take(m, i, n, k))
        return false;
    m->op->store(m->nn, m->stored[i].w, m->store, m->at[i], n, k);
    return true;
}

/* The tied head: rows of the embedding, each brought to length 1. */
static bool store_tied(struct model *m)
{
    size_t V = m->shape.vocab, W = m->shape.emb, mark = arena_mark(&m->step);
    float *head = model_floats(m, V * W), *stat = model_floats(m, V);

    if (!take(m, PARAM_HEAD, V, W))
        return false;
    m->op->scale_norm_fwd(m->nn, head, stat, weight(m, PARAM_TOKEN), m->one, V, W);
    m->op->store(m->nn, m->stored[PARAM_HEAD].w, m->store, head, V, W);
    arena_rewind(&m->step, mark);
    return true;
}

int model_store(struct model *m, enum nn_store how, void (*let_go)(void *self), void *self,
                struct errbuf *eb)
{
    bool fits = true;

    assert(!m->stored && !m->train && m->shape.group == m->shape.heads);
    if (!(m->stored = calloc(m->params.n, sizeof *m->stored)))
        return err_nomem(eb);
    m->store = how;
    for (size_t i = 0; i < m->params.own && fits; i++)
        if (m->params.p[i].dims && multiplies(i)) {
            fits = store_one(m, i);
            if (let_go)
                let_go(self);
        }
    if (fits && m->cfg.tied_embedding && !m->cfg.headless)
        fits = store_tied(m);
    if (!fits)
        return err_set(eb, RF_ENOMEM, "no memory for weights in fewer bits");
    return nn_status(m->nn, eb);
}

void model_drop_stored(struct model *m)
{
    for (size_t i = 0; m->stored && i < m->params.n; i++)
        if (m->stored[i].bytes && m->stored[i].w)
            m->op->mem_free(m->nn, m->stored[i].w, m->stored[i].bytes);
    free(m->stored);
}
