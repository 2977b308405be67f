/* model_branch.c: what all branches of a layer share: panels, norms, dropouts, the way onto a
 * stream and off it again. */
#include "model/model_parts.h"

/* Rows whose dropout comes from one stream of random numbers. Panels are whole multiples of it,
 * so that the numbers do not depend on the panels. */
enum { DROP_ROWS = 64 };

static bool draws(const struct model *m)
{
    return m->cfg.ff_dropout > 0 || m->cfg.post_attn_dropout > 0;
}

size_t model_panel_rows(const struct model *m)
{
    size_t rows = m->cfg.ff_rows ? m->cfg.ff_rows : m->nn->about.rows;
    size_t P = rows < m->work.n ? rows : m->work.n;

    return draws(m) ? (P + DROP_ROWS - 1) / DROP_ROWS * DROP_ROWS : P;
}

bool model_next_panel(const struct model *m, struct panel *p, bool keys)
{
    const struct work *w = &m->work;
    size_t P = model_panel_rows(m);
    bool one = !keys || w->T == w->K; /* one run holds all rows */
    size_t len = one ? w->n : w->T, runs = one ? 1 : w->B;

    p->at += p->rows;
    if (p->at == len) {
        p->run++;
        p->at = 0;
    }
    if (p->run == runs)
        return false;
    p->rows = len - p->at < P ? len - p->at : P;
    p->x = p->run * len + p->at;
    p->t = p->run * (one ? len : w->K) + p->at;
    return true;
}

/* --- norms */

void model_norm(struct model *m, float *h, float *stat, const int32_t *x, size_t b, size_t rows)
{
    size_t E = m->shape.dim, g = param_of(b, BRANCH_NORM);

    m->op->stream_read(m->nn, h, x, rows * E);
    switch (m->cfg.norm) {
    case NORM_LAYER:
        m->op->norm_fwd(m->nn, h, stat, h, weight(m, g),
                        weight(m, param_of(b, BRANCH_NORM_BIAS)), rows, E);
        break;
    case NORM_SCALE: m->op->scale_norm_fwd(m->nn, h, stat, h, weight(m, g), rows, E); break;
    default: break;
    }
}

void model_norm_bwd(struct model *m, float *dx, const float *dh, float *h, const int32_t *x,
                    const float *stat, size_t b, size_t rows)
{
    size_t E = m->shape.dim, g = param_of(b, BRANCH_NORM);

    if (m->cfg.norm == NORM_REZERO) { /* no norm: the gradient needs no x */
        m->op->add_rows(m->nn, dx, 1, dh, NULL, rows, E);
        return;
    }
    m->op->stream_read(m->nn, h, x, rows * E);
    if (m->cfg.norm == NORM_LAYER)
        m->op->norm_bwd(m->nn, dx, gradient(m, g), gradient(m, param_of(b, BRANCH_NORM_BIAS)),
                        dh, h, stat, weight(m, g), rows, E);
    else
        m->op->scale_norm_bwd(m->nn, dx, gradient(m, g), dh, h, stat, weight(m, g), rows, E);
}

/* --- dropouts */

float model_drop_rate(const struct model *m, enum drop_site site)
{
    const struct model_cfg *c = &m->cfg;

    if (!m->draw->train)
        return 0;
    return (float)(site == DROP_ATTN ? c->lsh_dropout
                   : site == DROP_FF ? c->ff_dropout
                                     : c->post_attn_dropout);
}

/* Derive from r the stream of its i-th part: a slot, a run of rows, a piece of DROP_ROWS. */
static struct rng apart(struct rng r, uint64_t i)
{
    r.seed = rng_u64(r, i);
    return r;
}

struct rng model_drop(const struct model *m, size_t b, enum drop_site site)
{
    uint32_t layer = (uint32_t)(b * DROP_SITES + site);

    return apart(rng_stream(m->draw->seed, m->draw->step, layer, RNG_DROPOUT), m->draw->slot);
}

void model_dropout(struct model *m, float *y, const float *x, const float *bias, size_t b,
                   enum drop_site site, const struct panel *p, size_t n)
{
    float rate = model_drop_rate(m, site);
    struct rng r;

    if (rate == 0) {
        if (bias || y != x)
            m->op->add_bias(m->nn, y, x, bias, p->rows, n);
        return;
    }
    r = apart(model_drop(m, b, site), p->run);
    for (size_t i = 0; i < p->rows; i += DROP_ROWS) {
        size_t rows = p->rows - i < DROP_ROWS ? p->rows - i : DROP_ROWS;

        m->op->dropout(m->nn, y + i * n, x + i * n, bias, rate,
                       apart(r, (p->at + i) / DROP_ROWS), rows, n);
    }
}

/* --- the way onto a stream */

static bool gated(const struct model *m)
{
    return m->cfg.norm == NORM_REZERO;
}

/* A branch ends with a dropout if it is attention and the rate is not 0. */
static bool drops_end(const struct model *m, size_t b)
{
    return model_branch(m, b) == BRANCH_ATTN && model_drop_rate(m, DROP_BRANCH) > 0;
}

static const float *bias_of(const struct model *m, size_t i)
{
    return i == SIZE_MAX ? NULL : weight(m, i);
}

/* Turn the product y into the branch's output before the gate. Where a dropout or a gate
 * follows, the bias comes before it and is added here; else it is returned, and add_to_stream()
 * adds it. */
static const float *finish_output(struct model *m, const struct flow *f, const struct panel *p,
                                  float *y, size_t i)
{
    size_t E = m->shape.dim;

    if (drops_end(m, f->b))
        model_dropout(m, y, y, bias_of(m, i), f->b, DROP_BRANCH, p, E);
    else if (gated(m) && i != SIZE_MAX)
        m->op->add_bias(m->nn, y, y, bias_of(m, i), p->rows, E);
    else
        return bias_of(m, i);
    return NULL;
}

static void add_to_stream(struct model *m, const struct flow *f, const struct panel *p,
                          float *y, const float *bias, int sign)
{
    size_t E = m->shape.dim;

    if (gated(m))
        m->op->gate_fwd(m->nn, y, y, weight(m, param_of(f->b, BRANCH_GATE)), p->rows * E);
    m->op->stream_add(m->nn, f->out + p->x * E, sign, y, bias, p->rows, E);
}

void model_put_on(struct model *m, const struct flow *f, const struct panel *p, float *y,
                  size_t i)
{
    const float *bias = finish_output(m, f, p, y, i);

    add_to_stream(m, f, p, y, bias, 1);
}

const float *model_take_off(struct model *m, const struct flow *f, const struct panel *p,
                            float *y, size_t i, float *d)
{
    size_t E = m->shape.dim, gate = param_of(f->b, BRANCH_GATE);
    const float *dy = f->dout + p->x * E;

    if (!f->kept->stream) {
        const float *bias = finish_output(m, f, p, y, i);

        if (gated(m)) {
            m->op->gate_bwd(m->nn, d, gradient(m, gate), dy, y, weight(m, gate), p->rows * E);
            dy = d;
        }
        add_to_stream(m, f, p, y, bias, -1);
    }
    if (drops_end(m, f->b)) {
        model_dropout(m, d, dy, NULL, f->b, DROP_BRANCH, p, E);
        dy = d;
    }
    if (i != SIZE_MAX)
        m->op->bias_bwd(m->nn, gradient(m, i), dy, p->rows, E);
    return dy;
}
