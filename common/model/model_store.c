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

/* Whether parameter i is a matrix of the model's own that products multiply with. */
static bool is_stored(const struct model *m, size_t i)
{
    return i < m->params.own && m->params.p[i].dims && multiplies(i);
}

static bool is_tied_head(const struct model *m, size_t i)
{
    return i == PARAM_HEAD && m->cfg.tied_embedding && !m->cfg.headless;
}

/* Bytes that matrix i takes in memory of its own; 0: none. */
static size_t bytes_of(const struct model *m, size_t i)
{
    enum { LINE = 64 };
    const struct param *p = &m->params.p[i];
    size_t bytes = 0;

    if (is_tied_head(m, i))
        bytes = m->op->stored_bytes(m->nn, m->store, m->shape.vocab, m->shape.emb);
    else if (is_stored(m, i) && p->count)
        bytes = m->op->stored_bytes(m->nn, m->store, rows_of(m, i), p->shape[1]);
    return (bytes + LINE - 1) / LINE * LINE;
}

/* Take one piece of memory for all, whose pages are large then, which is faster to take and to
 * read, and give each its place. */
static bool take(struct model *m)
{
    char *at;

    for (size_t i = 0; i < m->params.n; i++)
        m->store_bytes += bytes_of(m, i);
    if (!(at = m->store_memory = m->op->mem_new(m->nn, m->store_bytes)))
        return false;
    for (size_t i = 0; i < m->params.n; i++)
        if (bytes_of(m, i)) {
            m->stored[i] = at;
            at += bytes_of(m, i);
        }
    return true;
}

/* The weights of another layer, which are parameter i's too. */
static void *of_owner(const struct model *m, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (m->stored[k] && m->at[k] == m->at[i])
            return m->stored[k];
    return NULL;
}

/* The tied head: rows of the embedding, each brought to length 1. */
static void store_tied(struct model *m)
{
    size_t V = m->shape.vocab, W = m->shape.emb, mark = arena_mark(&m->step);
    float *head = model_floats(m, V * W), *stat = model_floats(m, V);

    m->op->scale_norm_fwd(m->nn, head, stat, weight(m, PARAM_TOKEN), m->one, V, W);
    m->op->store(m->nn, m->stored[PARAM_HEAD], m->store, head, V, W);
    arena_rewind(&m->step, mark);
}

int model_store(struct model *m, enum nn_store how, void (*let_go)(void *self), void *self,
                struct errbuf *eb)
{
    assert(!m->stored && !m->train && m->shape.group == m->shape.heads);
    if (!(m->stored = calloc(m->params.n, sizeof *m->stored)))
        return err_nomem(eb);
    m->store = how;
    if (!take(m))
        return err_set(eb, RF_ENOMEM, "no memory for weights in fewer bits");
    for (size_t i = 0; i < m->params.own; i++) {
        const struct param *p = &m->params.p[i];

        if (!is_stored(m, i))
            continue;
        if (p->count)
            m->op->store(m->nn, m->stored[i], how, m->at[i], rows_of(m, i), p->shape[1]);
        else /* tied layers */
            m->stored[i] = of_owner(m, i);
        if (let_go)
            let_go(self);
    }
    if (is_tied_head(m, PARAM_HEAD))
        store_tied(m);
    return nn_status(m->nn, eb);
}

void model_drop_stored(struct model *m)
{
    if (m->store_memory)
        m->op->mem_free(m->nn, m->store_memory, m->store_bytes);
    free(m->stored);
}
