/*
 * model_ff.c: the feed-forward layer, panel by panel of rows.
 *
 * Only the head reads what the last one adds, and only the rows of interest, so that it is
 * computed for these alone: where one token in seven has a label, that saves most of it.
 */
#include "model/model_parts.h"

/* Arrays of a panel of up to P rows: h, y, d [P,E]; u [P,ff_in]; a, da [P,ff]. Rows of interest
 * do not lie together: in, out, din, dout [P,E] hold them side by side. */
struct ff {
    float *h, *stat, *u, *a, *y, *da, *d;
    int32_t *in, *out;
    float *din, *dout;
};

static struct ff carve_ff(struct model *m)
{
    size_t P = model_panel_rows(m), PE = model_times(P, m->shape.dim);
    size_t PM = model_times(P, m->shape.ff);
    struct ff f = {.h = model_floats(m, PE), .stat = model_floats(m, model_times(P, 2))};

    f.u = model_floats(m, model_times(P, m->shape.ff_in));
    f.a = model_floats(m, PM);
    f.y = model_floats(m, PE);
    f.in = model_ints(m, PE);
    f.out = model_ints(m, PE);
    if (m->train) {
        f.da = model_floats(m, PM);
        f.d = model_floats(m, PE);
        f.din = model_floats(m, PE);
        f.dout = model_floats(m, PE);
    }
    return f;
}

void model_carve_ff(struct model *m)
{
    size_t mark = arena_mark(&m->step);

    carve_ff(m);
    arena_rewind(&m->step, mark);
}

/* a = dropout(act(u + bias)). Where `slope` is not NULL the activation's slope is written
 * there: it may be u itself. */
static void activate(struct model *m, struct ff *s, float *slope, const float *u, size_t b,
                     const struct panel *p)
{
    m->op->act_fwd(m->nn, s->a, slope, u, weight(m, param_of(b, FF_IN_BIAS)),
                   (enum act)m->cfg.ff_act, m->cfg.ff_glu, p->rows, m->shape.ff);
    model_dropout(m, s->a, s->a, NULL, b, DROP_FF, p, m->shape.ff);
}

/* Where u of a panel lies: where it is kept, else in room for one panel. */
static float *inside(struct model *m, const struct flow *f, struct ff *s, const struct panel *p)
{
    return f->kept->u ? f->kept->u + p->x * m->shape.ff_in : s->u;
}

static void panel_fwd(struct model *m, const struct flow *f, struct ff *s,
                      const struct panel *p)
{
    float *u = inside(m, f, s, p);

    model_norm(m, s->h, s->stat, f->in + p->x * m->shape.dim, f->b, p->rows);
    linear(m, u, s->h, param_of(f->b, FF_IN), p->rows);
    activate(m, s, NULL, u, f->b, p);
    linear(m, s->y, s->a, param_of(f->b, FF_OUT), p->rows);
    model_put_on(m, f, p, s->y, param_of(f->b, FF_OUT_BIAS));
}

static void panel_bwd(struct model *m, const struct flow *f, struct ff *s,
                      const struct panel *p)
{
    const int32_t *x = f->in + p->x * m->shape.dim;
    float *u = inside(m, f, s, p);
    const float *dy;

    model_norm(m, s->h, s->stat, x, f->b, p->rows);
    if (!f->kept->u)
        linear(m, u, s->h, param_of(f->b, FF_IN), p->rows);
    activate(m, s, u, u, f->b, p);
    if (!f->kept->stream)
        linear(m, s->y, s->a, param_of(f->b, FF_OUT), p->rows);
    dy = model_take_off(m, f, p, s->y, param_of(f->b, FF_OUT_BIAS), s->d);
    linear_bwd(m, s->da, dy, s->a, param_of(f->b, FF_OUT), p->rows);
    model_dropout(m, s->da, s->da, NULL, f->b, DROP_FF, p, m->shape.ff);
    m->op->act_bwd(m->nn, u, gradient(m, param_of(f->b, FF_IN_BIAS)), s->da, u, m->cfg.ff_glu,
                   p->rows, m->shape.ff);
    linear_bwd(m, s->y, u, s->h, param_of(f->b, FF_IN), p->rows);
    model_norm_bwd(m, f->din + p->x * m->shape.dim, s->y, s->h, x, s->stat, f->b, p->rows);
}

/* The layer for the rows of interest alone: each panel of them is gathered from the streams,
 * stands for the streams while it is computed, and is put back. */
static void few_rows(struct model *m, const struct flow *f, struct ff *s, bool backward)
{
    const struct nn_ops *op = m->op;
    size_t E = m->shape.dim, P = model_panel_rows(m), n = m->work.few;
    struct kept kept = *f->kept;
    const struct flow g = {f->b, s->in, s->out, s->din, s->dout, &kept};

    for (size_t at = 0; at < n; at += P) {
        const struct panel p = {.rows = n - at < P ? n - at : P};
        const int32_t *rows = m->work.given.rows + at;

        kept.u = f->kept->u ? f->kept->u + at * m->shape.ff_in : NULL;
        op->gather_rows(m->nn, as_rows(s->in), as_const_rows(f->in), rows, p.rows, E);
        op->gather_rows(m->nn, as_rows(s->out), as_rows(f->out), rows, p.rows, E);
        if (backward) {
            op->gather_rows(m->nn, s->dout, f->dout, rows, p.rows, E);
            op->fill(m->nn, s->din, 0, p.rows * E);
            panel_bwd(m, &g, s, &p);
            op->scatter_rows(m->nn, f->din, s->din, rows, p.rows, E);
        } else {
            panel_fwd(m, &g, s, &p);
        }
        op->put_rows(m->nn, as_rows(f->out), as_rows(s->out), rows, p.rows, E);
    }
}

void model_ff(struct model *m, const struct flow *f, bool backward)
{
    size_t mark = arena_mark(&m->step);
    struct ff s = carve_ff(m);
    struct panel p = {0};

    if (model_for_few(m, f->b))
        few_rows(m, f, &s, backward);
    else
        while (model_next_panel(m, &p, false)) {
            if (backward)
                panel_bwd(m, f, &s, &p);
            else
                panel_fwd(m, f, &s, &p);
        }
    arena_rewind(&m->step, mark);
}
