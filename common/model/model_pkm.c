/*
 * model_pkm.c: product-key memory (Lample et al. 2019) in place of feed-forward: each head's
 * query meets two sets of keys; the best pairs of both name the rows whose weighted sum is the
 * output. Queries go through a layer norm, as in product-key-memory 0.3.
 */
#include "model/model_parts.h"

/* Arrays of a panel of up to P rows; G = 2 heads, K keys a set, k pairs that a head takes, D
 * numbers of a query. */
struct pkm {
    float *h, *stat, *y, *d;       /* [P,E] */
    float *raw, *q, *qstat;        /* [P,2,heads,D], before the norm and behind it */
    float *by_set;                 /* [2,heads][P,D]: q, then its gradient */
    float *keys, *dkeys, *dkeys_t; /* [heads,2][K,D]; dkeys_t as the parameter lies */
    float *score, *score_t;        /* [heads,2][P,K]; [P,heads,2,K] */
    float *weight, *dweight;       /* [P,heads,k] */
    int32_t *index;
};

struct pkm_dims {
    size_t E, H, G, K, k, D;
};

static struct pkm_dims dims_of(const struct model *m)
{
    const struct model_cfg *c = &m->cfg;

    return (struct pkm_dims){m->shape.dim, c->pkm_heads, 2 * c->pkm_heads,
                             c->pkm_keys,  c->pkm_topk,  c->pkm_dim};
}

static struct pkm carve_pkm(struct model *m, bool backward)
{
    struct pkm_dims z = dims_of(m);
    size_t P = model_panel_rows(m), PE = model_times(P, z.E), PQ = model_times(P, z.G * z.D);
    struct pkm s = {.h = model_floats(m, PE), .stat = model_floats(m, model_times(P, 2))};

    s.y = model_floats(m, PE);
    s.raw = model_floats(m, PQ);
    s.q = model_floats(m, PQ);
    s.qstat = model_floats(m, model_times(P, z.G * 2));
    s.by_set = model_floats(m, PQ);
    s.keys = model_floats(m, z.G * z.K * z.D);
    s.score = model_floats(m, model_times(P, z.G * z.K));
    s.score_t = model_floats(m, model_times(P, z.G * z.K));
    s.weight = model_floats(m, model_times(P, z.H * z.k));
    s.index = model_ints(m, model_times(P, z.H * z.k));
    if (backward) {
        s.d = model_floats(m, PE);
        s.dweight = model_floats(m, model_times(P, z.H * z.k));
        s.dkeys = model_floats(m, z.G * z.K * z.D);
        s.dkeys_t = model_floats(m, z.G * z.K * z.D);
    }
    return s;
}

void model_carve_pkm(struct model *m, bool backward)
{
    size_t mark = arena_mark(&m->step);

    for (size_t b = 1; b < m->params.branches; b += 2)
        if (model_branch(m, b) == BRANCH_PKM) {
            carve_pkm(m, backward);
            break;
        }
    arena_rewind(&m->step, mark);
}

/* The queries for half p of the keys: those of all heads lie together. The keys themselves, and
 * the scores, lie otherwise: half p of head h is set number 2 h + p. */
static float *queries(const struct pkm *s, const struct pkm_dims *z, size_t p, size_t rows)
{
    return s->by_set + p * z->H * rows * z->D;
}

/* Find s->index and s->weight of a panel: the rows of values, and how much of each. */
static void look_up(struct model *m, const struct flow *f, struct pkm *s, const float *h,
                    size_t rows)
{
    const struct nn_ops *op = m->op;
    struct pkm_dims z = dims_of(m);

    linear(m, s->raw, h, param_of(f->b, PKM_QUERY), rows);
    op->norm_fwd(m->nn, s->q, s->qstat, s->raw, weight(m, param_of(f->b, PKM_NORM)),
                 weight(m, param_of(f->b, PKM_NORM_BIAS)), rows * z.G, z.D);
    op->split_heads(m->nn, s->by_set, s->q, z.G * z.D, 1, rows, z.G, z.D, 1);
    for (size_t p = 0; p < 2; p++)
        op->gemm_batch(m->nn, z.H, rows, z.K, z.D, queries(s, &z, p, rows), rows * z.D, false,
                       s->keys + p * z.K * z.D, 2 * z.K * z.D, true, 0,
                       s->score + p * rows * z.K, 2 * rows * z.K);
    op->merge_heads(m->nn, s->score_t, z.G * z.K, s->score, 1, rows, z.G, z.K, 1);
    op->pkm_select(m->nn, s->index, s->weight, s->score_t, rows * z.H, z.K, z.k);
}

/* Make dh, in s->y, from dy, the gradient of the output; add to the weights' gradients. */
static void look_up_bwd(struct model *m, const struct flow *f, struct pkm *s, const float *h,
                        const float *dy, size_t rows)
{
    const struct nn_ops *op = m->op;
    struct pkm_dims z = dims_of(m);
    size_t values = param_of(f->b, PKM_VALUES), norm = param_of(f->b, PKM_NORM);

    op->bag_bwd(m->nn, gradient(m, values), s->dweight, dy, weight(m, values), s->index,
                s->weight, rows, z.H * z.k, z.E);
    op->pkm_select_bwd(m->nn, s->score_t, s->dweight, s->index, s->weight, rows * z.H, z.K,
                       z.k);
    op->split_heads(m->nn, s->score, s->score_t, z.G * z.K, 1, rows, z.G, z.K, 1);
    for (size_t p = 0; p < 2; p++) {
        size_t set = z.K * z.D, next = 2 * rows * z.K;
        const float *ds = s->score + p * rows * z.K;
        float *q = queries(s, &z, p, rows);

        op->gemm_batch(m->nn, z.H, z.K, z.D, rows, ds, next, true, q, rows * z.D, false, 1,
                       s->dkeys + p * set, 2 * set);
        op->gemm_batch(m->nn, z.H, rows, z.D, z.K, ds, next, false, s->keys + p * set, 2 * set,
                       false, 0, q, rows * z.D);
    }
    op->merge_heads(m->nn, s->q, z.G * z.D, s->by_set, 1, rows, z.G, z.D, 1);
    op->fill(m->nn, s->by_set, 0, rows * z.G * z.D);
    op->norm_bwd(m->nn, s->by_set, gradient(m, norm),
                 gradient(m, param_of(f->b, PKM_NORM_BIAS)), s->q, s->raw, s->qstat,
                 weight(m, norm), rows * z.G, z.D);
    linear_bwd(m, s->y, s->by_set, h, param_of(f->b, PKM_QUERY), rows);
}

static void panel_run(struct model *m, const struct flow *f, struct pkm *s,
                      const struct panel *p, bool backward)
{
    struct pkm_dims z = dims_of(m);
    const int32_t *x = f->in + p->x * z.E;
    const float *dy;

    model_norm(m, s->h, s->stat, x, f->b, p->rows);
    look_up(m, f, s, s->h, p->rows);
    if (!backward || !f->kept->stream)
        m->op->bag_fwd(m->nn, s->y, weight(m, param_of(f->b, PKM_VALUES)), s->index, s->weight,
                       p->rows, z.H * z.k, z.E);
    if (!backward) {
        model_put_on(m, f, p, s->y, SIZE_MAX);
        return;
    }
    dy = model_take_off(m, f, p, s->y, SIZE_MAX, s->d);
    look_up_bwd(m, f, s, s->h, dy, p->rows);
    model_norm_bwd(m, f->din + p->x * z.E, s->y, s->h, x, s->stat, f->b, p->rows);
}

void model_pkm(struct model *m, const struct flow *f, bool backward)
{
    size_t mark = arena_mark(&m->step), keys = param_of(f->b, PKM_KEYS);
    struct pkm_dims z = dims_of(m);
    struct pkm s = carve_pkm(m, backward);
    struct panel p = {0};

    m->op->split_heads(m->nn, s.keys, weight(m, keys), 2 * z.D, z.H, z.K, 2, z.D, 1);
    if (backward)
        m->op->fill(m->nn, s.dkeys, 0, z.G * z.K * z.D);
    while (model_next_panel(m, &p, false))
        panel_run(m, f, &s, &p, backward);
    if (backward) {
        m->op->merge_heads(m->nn, s.dkeys_t, 2 * z.D, s.dkeys, z.H, z.K, 2, z.D, 1);
        m->op->combine(m->nn, gradient(m, keys), 1, gradient(m, keys), 1, s.dkeys_t,
                       z.G * z.K * z.D);
    }
    arena_rewind(&m->step, mark);
}
