/* model_layers.c: a layer onto the streams and off again. */
#include "reformer/model_parts.h"

/* dW added to from dy[rows,out] and x[rows,in]; dx[rows,in] = dy W + beta dx. */
static void linear_bwd(const struct model *m, float *dx, float beta, const float *dy,
                       const float *x, size_t i, size_t rows)
{
    size_t out = m->params.p[i].shape[0], in = m->params.p[i].shape[1];

    m->op->gemm(m->nn, out, in, rows, dy, true, x, false, 1, gradient(m, i));
    m->op->gemm(m->nn, rows, in, out, dy, false, weight(m, i), false, beta, dx);
}

/* --- the layers; sign 1 puts a branch onto its stream, -1 takes it off again */

/* h, qk, v from x2. */
static void attn_project(struct model *m, struct attn *a, size_t k)
{
    const struct nn_ops *op = m->op;
    const struct attend_dims *s = &m->work.dims;
    size_t n = m->work.n, E = m->cfg.dim;

    op->norm_fwd(m->nn, a->h, a->stat, m->work.x2, weight(m, param_of(k, LAYER_ATTN_NORM)),
                 weight(m, param_of(k, LAYER_ATTN_NORM_BIAS)), n, E);
    linear(m, a->t, a->h, param_of(k, LAYER_QK), n);
    op->split_heads(m->nn, a->qk, a->t, E, s->B, s->T, s->H, s->D, 1);
    linear(m, a->t, a->h, param_of(k, LAYER_V), n);
    op->split_heads(m->nn, a->v, a->t, E, s->B, s->T, s->H, s->D, 1);
}

static int32_t *order_of(const struct model *m, size_t k)
{
    return m->work.order + k * model_order_count(&m->work.dims);
}

/* o, and t = o as [n,E], from qk, v; x1 += sign * out(t). */
static void attn_apply(struct model *m, struct attn *a, size_t k, float sign)
{
    const struct attend_dims *s = &m->work.dims;
    size_t n = m->work.n;

    m->op->attend_fwd(m->nn, a->o, a->o_stat, a->qk, a->v, order_of(m, k), NULL, m->work.real,
                      s);
    m->op->merge_heads(m->nn, a->t, m->cfg.dim, a->o, s->B, s->T, s->H, s->D, 1);
    linear(m, a->u, a->t, param_of(k, LAYER_ATTN_OUT), n);
    m->op->add_rows(m->nn, m->work.x1, sign, a->u, weight(m, param_of(k, LAYER_ATTN_OUT_BIAS)),
                    n, m->cfg.dim);
}

static void attn_order(struct model *m, struct attn *a, size_t k, const struct model_draw *draw)
{
    const struct attend_dims *s = &m->work.dims;
    const struct hash_dims *hash = &m->work.hash;
    size_t n = hash_rotation(hash);
    float *rot = m->work.rot;

    if (draw->given)
        m->op->upload(m->nn, rot, draw->given[k], n * sizeof *rot);
    else
        m->op->fill_normal(m->nn, rot, 1,
                           rng_stream(draw->seed, draw->step, (uint32_t)k, RNG_ROTATE), n);
    m->op->lsh_hash(m->nn, a->bucket, a->qk, rot, hash);
    m->op->lsh_sort(m->nn, order_of(m, k), a->bucket, s->B * s->H * s->R, s->T,
                    hash_buckets(hash));
}

static void attn_fwd(struct model *m, size_t k, const struct model_draw *draw)
{
    size_t mark = arena_mark(&m->step);
    struct attn a = model_carve_attn(m);

    attn_project(m, &a, k);
    attn_order(m, &a, k, draw);
    attn_apply(m, &a, k, 1);
    arena_rewind(&m->step, mark);
}

/* Takes f off x1; dx2 += what reaches f's input from dx1. */
static void attn_bwd(struct model *m, size_t k)
{
    const struct nn_ops *op = m->op;
    const struct work *w = &m->work;
    const struct attend_dims *s = &w->dims;
    size_t n = w->n, E = m->cfg.dim, mark = arena_mark(&m->step);
    struct attn a = model_carve_attn(m);

    attn_project(m, &a, k);
    attn_apply(m, &a, k, -1);
    op->bias_bwd(m->nn, gradient(m, param_of(k, LAYER_ATTN_OUT_BIAS)), w->dx1, n, E);
    linear_bwd(m, a.u, 0, w->dx1, a.t, param_of(k, LAYER_ATTN_OUT), n);
    op->split_heads(m->nn, a.grad_o, a.u, E, s->B, s->T, s->H, s->D, 1);
    op->attend_bwd(m->nn, a.dqk, a.dv, a.grad_o, a.o, a.o_stat, a.qk, a.v, order_of(m, k), NULL,
                   w->real, s);
    op->merge_heads(m->nn, a.t, E, a.dqk, s->B, s->T, s->H, s->D, 1);
    linear_bwd(m, a.u, 0, a.t, a.h, param_of(k, LAYER_QK), n);
    op->merge_heads(m->nn, a.t, E, a.dv, s->B, s->T, s->H, s->D, 1);
    linear_bwd(m, a.u, 1, a.t, a.h, param_of(k, LAYER_V), n);
    op->norm_bwd(m->nn, w->dx2, gradient(m, param_of(k, LAYER_ATTN_NORM)),
                 gradient(m, param_of(k, LAYER_ATTN_NORM_BIAS)), a.u, w->x2, a.stat,
                 weight(m, param_of(k, LAYER_ATTN_NORM)), n, E);
    arena_rewind(&m->step, mark);
}

/* h, u, a, y of a panel of x1; x2 += sign * y. */
static void ff_apply(struct model *m, struct ff *f, size_t k, const float *x1, float *x2,
                     size_t rows, float sign)
{
    const struct nn_ops *op = m->op;
    size_t E = m->cfg.dim, M = E * m->cfg.ff_mult;

    op->norm_fwd(m->nn, f->h, f->stat, x1, weight(m, param_of(k, LAYER_FF_NORM)),
                 weight(m, param_of(k, LAYER_FF_NORM_BIAS)), rows, E);
    linear(m, f->u, f->h, param_of(k, LAYER_FF_IN), rows);
    op->gelu_fwd(m->nn, f->a, f->u, weight(m, param_of(k, LAYER_FF_IN_BIAS)), rows, M);
    linear(m, f->y, f->a, param_of(k, LAYER_FF_OUT), rows);
    op->add_rows(m->nn, x2, sign, f->y, weight(m, param_of(k, LAYER_FF_OUT_BIAS)), rows, E);
}

/* dx1 += what reaches the panel's input from dx2. */
static void ff_panel_bwd(struct model *m, struct ff *f, size_t k, const float *x1, float *dx1,
                         const float *dx2, size_t rows)
{
    const struct nn_ops *op = m->op;
    size_t E = m->cfg.dim, M = E * m->cfg.ff_mult;

    op->bias_bwd(m->nn, gradient(m, param_of(k, LAYER_FF_OUT_BIAS)), dx2, rows, E);
    linear_bwd(m, f->da, 0, dx2, f->a, param_of(k, LAYER_FF_OUT), rows);
    op->gelu_bwd(m->nn, f->da, gradient(m, param_of(k, LAYER_FF_IN_BIAS)), f->da, f->u,
                 weight(m, param_of(k, LAYER_FF_IN_BIAS)), rows, M);
    linear_bwd(m, f->y, 0, f->da, f->h, param_of(k, LAYER_FF_IN), rows);
    op->norm_bwd(m->nn, dx1, gradient(m, param_of(k, LAYER_FF_NORM)),
                 gradient(m, param_of(k, LAYER_FF_NORM_BIAS)), f->y, x1, f->stat,
                 weight(m, param_of(k, LAYER_FF_NORM)), rows, E);
}

/* Both ways through the feed-forward layer, panel by panel. */
static void ff_run(struct model *m, size_t k, bool backward)
{
    const struct work *w = &m->work;
    size_t E = m->cfg.dim, mark = arena_mark(&m->step);
    struct ff f = model_carve_ff(m);

    for (size_t i = 0; i < w->n; i += f.P) {
        size_t rows = w->n - i < f.P ? w->n - i : f.P, at = i * E;

        ff_apply(m, &f, k, w->x1 + at, w->x2 + at, rows, backward ? -1 : 1);
        if (backward)
            ff_panel_bwd(m, &f, k, w->x1 + at, w->dx1 + at, w->dx2 + at, rows);
    }
    arena_rewind(&m->step, mark);
}

void model_layer_fwd(struct model *m, size_t k, const struct model_draw *draw)
{
    attn_fwd(m, k, draw);
    ff_run(m, k, false);
}

void model_layer_bwd(struct model *m, size_t k)
{
    ff_run(m, k, true);
    attn_bwd(m, k);
}
