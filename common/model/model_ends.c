/* model_ends.c: from ids to the streams, and from the streams to a loss. */
#include <math.h>
#include <stdlib.h>

#include "model/model_parts.h"

enum { LOGIT_ROWS = 64, TABLE_FLOATS = 1 << 20 };

/* --- embedding */

/* Sequences that lie together in ids and in the streams alike: all, or, where T is padded, one.
 */
static size_t together(const struct work *w)
{
    return w->embedded == w->T ? w->B : 1;
}

static bool narrow(const struct model *m)
{
    return m->shape.emb != m->shape.dim;
}

/* e = tokens + positions of `group` sequences, ids of the first at `ids`. */
static void look_up(struct model *m, float *e, const int32_t *ids, size_t group)
{
    const struct work *w = &m->work;
    size_t W = m->shape.emb, T = w->embedded;

    m->op->gather_rows(m->nn, e, weight(m, PARAM_TOKEN), ids, group * T, W);
    switch (m->shape.position) {
    case POSITION_AXIAL:
        m->op->axial_fwd(m->nn, e, weight(m, PARAM_AXIAL0), weight(m, PARAM_AXIAL1), group, T,
                         m->shape.axial1, W);
        break;
    case POSITION_ABSOLUTE:
        m->op->axial_fwd(m->nn, e, weight(m, PARAM_POSITION), NULL, group, T, 1, W);
        break;
    case POSITION_FIXED: m->op->axial_fwd(m->nn, e, m->table, NULL, group, T, 1, W); break;
    default: break;
    }
}

static void look_up_bwd(struct model *m, const float *de, const int32_t *ids, size_t group)
{
    const struct work *w = &m->work;
    size_t W = m->shape.emb, T = w->embedded;

    m->op->scatter_rows(m->nn, gradient(m, PARAM_TOKEN), de, ids, group * T, W);
    if (m->shape.position == POSITION_AXIAL)
        m->op->axial_bwd(m->nn, gradient(m, PARAM_AXIAL0), gradient(m, PARAM_AXIAL1), de, group,
                         T, m->shape.axial1, W);
    else if (m->shape.position == POSITION_ABSOLUTE)
        m->op->axial_bwd(m->nn, gradient(m, PARAM_POSITION), NULL, de, group, T, 1, W);
}

/* The embedding has a width of its own: e is a whole batch of it. */
static float *carve_embedding(struct model *m)
{
    const struct work *w = &m->work;

    return narrow(m) ? model_floats(m, model_times(w->B * w->embedded, m->shape.emb)) : NULL;
}

/* Both streams = tokens + positions, rounded as what comes later is; what has no ids is zero.
 */
void model_embed(struct model *m)
{
    const struct work *w = &m->work;
    size_t E = m->shape.dim, group = together(w), rows = group * w->embedded;
    size_t mark = arena_mark(&m->step);
    float *e = carve_embedding(m);

    m->op->fill(m->nn, as_rows(w->x1), 0, w->n * E);
    for (size_t b = 0; b < w->B; b += group) {
        float *x = as_rows(w->x2) + b * w->T * E; /* not yet a stream */

        look_up(m, e ? e : x, w->given.ids + b * w->embedded, group);
        if (e)
            linear(m, x, e, PARAM_EMBED, rows);
        m->op->stream_add(m->nn, w->x1 + b * w->T * E, 1, x,
                          e ? weight(m, PARAM_EMBED_BIAS) : NULL, rows, E);
    }
    m->op->stream_copy(m->nn, w->x2, w->x1, w->n * E);
    arena_rewind(&m->step, mark);
}

void model_embed_bwd(struct model *m)
{
    const struct work *w = &m->work;
    size_t E = m->shape.dim, group = together(w), rows = group * w->embedded;
    size_t mark = arena_mark(&m->step);
    float *e = carve_embedding(m), *de = carve_embedding(m);

    m->op->add_rows(m->nn, w->dx1, 1, w->dx2, NULL, w->n, E);
    for (size_t b = 0; b < w->B; b += group) {
        const float *dx = w->dx1 + b * w->T * E;
        const int32_t *ids = w->given.ids + b * w->embedded;

        if (e) {
            look_up(m, e, ids, group);
            m->op->bias_bwd(m->nn, gradient(m, PARAM_EMBED_BIAS), dx, rows, E);
            linear_bwd(m, de, dx, e, PARAM_EMBED, rows);
        }
        look_up_bwd(m, e ? de : dx, ids, group);
    }
    arena_rewind(&m->step, mark);
}

/* Row t of the table of fixed positions (Vaswani et al. 2017, section 3.5; sines first). */
static void fixed_position(float *row, size_t t, const double *rate, size_t W)
{
    for (size_t i = 0; i < W / 2; i++) {
        double angle = (double)t * rate[i];

        row[i] = (float)sin(angle);
        row[W / 2 + i] = (float)cos(angle);
    }
}

/* In pieces of some MB: the longest tables are larger than what a host has to spare. */
int model_fill_table(struct model *m)
{
    size_t W = m->shape.emb, T = m->shape.max_len, some = TABLE_FLOATS / W + 1;
    double *rate;
    float *piece;
    int rc;

    if (m->shape.position != POSITION_FIXED)
        return RF_OK;
    some = T < some ? T : some;
    piece = calloc(some, W * sizeof *piece);
    rate = calloc(W, sizeof *rate);
    for (size_t i = 0; rate && i < W / 2; i++)
        rate[i] = pow(10000, -2 * (double)i / (double)W);
    for (size_t t = 0; piece && rate && t < T; t += some) {
        size_t rows = T - t < some ? T - t : some;

        for (size_t r = 0; r < rows; r++)
            fixed_position(piece + r * W, t + r, rate, W);
        m->op->upload(m->nn, m->table + t * W, piece, rows * W * sizeof *piece);
    }
    rc = piece && rate ? RF_OK : RF_ENOMEM;
    free(piece);
    free(rate);
    return rc;
}

/* --- head: rows of interest, a panel at a time */

/* A panel [P,E]: a stream, the mean of both, what the norm makes of it, gradients; [P,emb]
 * where the embedding is narrower; the tied head [V,emb]; some rows of logits, where those are
 * wanted. */
struct head {
    size_t P;
    float *x, *y, *stat, *d, *e;
    float *z, *dz;
    float *tied, *tied_stat, *dtied;
    float *loss, *raw, *logits;
    int32_t *s, *hit;
};

static struct head carve(struct model *m)
{
    size_t n = m->work.n, rows = m->nn->about.head_rows, P = n < rows ? n : rows;
    size_t V = m->shape.vocab;
    size_t PE = model_times(P, m->shape.dim), PW = model_times(P, m->shape.emb);
    size_t VW = model_times(V, m->shape.emb);
    struct head f = {.P = P, .x = model_floats(m, PE), .y = model_floats(m, PE)};

    f.s = model_ints(m, PE);
    f.stat = model_floats(m, model_times(P, 2));
    f.loss = model_floats(m, n);
    f.hit = model_ints(m, n);
    f.d = model_floats(m, PE);
    f.e = model_floats(m, PE);
    f.z = narrow(m) ? model_floats(m, PW) : NULL;
    f.dz = narrow(m) ? model_floats(m, PW) : NULL;
    if (m->cfg.tied_embedding) {
        f.tied = model_floats(m, VW);
        f.tied_stat = model_floats(m, V);
        f.dtied = m->train ? model_floats(m, VW) : NULL;
    }
    return f;
}

static void carve_logits(struct model *m, struct head *f)
{
    f->raw = model_floats(m, model_times(LOGIT_ROWS, m->shape.vocab));
    f->logits = model_floats(m, model_times(LOGIT_ROWS, m->shape.vocab));
}

void model_carve_ends(struct model *m, bool logits)
{
    size_t mark = arena_mark(&m->step);
    struct head f = carve(m);

    if (logits)
        carve_logits(m, &f);
    arena_rewind(&m->step, mark);
    carve_embedding(m);
    carve_embedding(m);
    arena_rewind(&m->step, mark);
}

/* What the head sees of rows[n]: the mean of both streams, normed or not. */
static float *see(struct model *m, struct head *f, const int32_t *rows, size_t n)
{
    const struct work *w = &m->work;
    size_t E = m->shape.dim;

    m->op->gather_rows(m->nn, as_rows(f->s), as_const_rows(w->x1), rows, n, E);
    m->op->stream_read(m->nn, f->x, f->s, n * E);
    m->op->gather_rows(m->nn, as_rows(f->s), as_const_rows(w->x2), rows, n, E);
    m->op->stream_read(m->nn, f->y, f->s, n * E);
    m->op->combine(m->nn, f->x, 0.5F, f->x, 0.5F, f->y, n * E);
    if (!m->shape.final_norm)
        return f->x;
    m->op->norm_fwd(m->nn, f->y, f->stat, f->x, weight(m, PARAM_NORM),
                    weight(m, PARAM_NORM_BIAS), n, E);
    return f->y;
}

/* dx1 from the gradient d of what the head saw, which is overwritten; dx2 is the same. */
static void see_bwd(struct model *m, struct head *f, float *d, const int32_t *rows, size_t n)
{
    size_t E = m->shape.dim;

    if (m->shape.final_norm) {
        m->op->fill(m->nn, f->e, 0, n * E);
        m->op->norm_bwd(m->nn, f->e, gradient(m, PARAM_NORM), gradient(m, PARAM_NORM_BIAS), d,
                        f->x, f->stat, weight(m, PARAM_NORM), n, E);
        d = f->e;
    }
    m->op->combine(m->nn, d, 0.5F, d, 0, NULL, n * E);
    m->op->scatter_rows(m->nn, m->work.dx1, d, rows, n, E);
}

static void begin_bwd(struct model *m)
{
    m->op->fill(m->nn, m->work.dx1, 0, m->work.n * m->shape.dim);
}

static void end_bwd(struct model *m)
{
    m->op->copy(m->nn, m->work.dx2, m->work.dx1,
                m->work.n * m->shape.dim * sizeof *m->work.dx1);
}

/* The head's matrix; tied: the embedding's rows, each of length 1. */
static const float *matrix(struct model *m, struct head *f)
{
    if (!m->cfg.tied_embedding)
        return weight(m, PARAM_HEAD);
    m->op->scale_norm_fwd(m->nn, f->tied, f->tied_stat, weight(m, PARAM_TOKEN), m->one,
                          m->shape.vocab, m->shape.emb);
    return f->tied;
}

/* Into the embedding's width, where that is another. */
static const float *narrowed(struct model *m, struct head *f, const float *y, size_t n)
{
    size_t W = m->shape.emb;

    if (!narrow(m))
        return y;
    linear(m, f->z, y, PARAM_HEAD_IN, n);
    m->op->add_bias(m->nn, f->z, f->z, weight(m, PARAM_HEAD_IN_BIAS), n, W);
    return f->z;
}

static void narrowed_bwd(struct model *m, struct head *f, const float *y, size_t n)
{
    if (!narrow(m))
        return;
    m->op->bias_bwd(m->nn, gradient(m, PARAM_HEAD_IN_BIAS), f->dz, n, m->shape.emb);
    linear_bwd(m, f->d, f->dz, y, PARAM_HEAD_IN, n);
}

static size_t panel_of(const struct head *f, size_t at, size_t n)
{
    return n - at < f->P ? n - at : f->P;
}

/* Loss of the rows from `at` on and, with gradients, dx1. */
static void panel_loss(struct model *m, struct head *f, const float *w, float *dw, size_t at,
                       float scale)
{
    bool tied = m->cfg.tied_embedding, grad = model_learns(m);
    size_t n = panel_of(f, at, m->work.n_rows);
    const float *y = see(m, f, m->work.given.rows + at, n), *z = narrowed(m, f, y, n);
    float *dz = narrow(m) ? f->dz : f->d;

    m->op->cross_entropy(m->nn, f->loss + at, f->hit + at, grad ? dz : NULL, dw,
                         grad && !tied ? gradient(m, PARAM_HEAD_BIAS) : NULL, z, w,
                         tied ? NULL : weight(m, PARAM_HEAD_BIAS), m->work.given.labels + at,
                         scale, n, m->shape.emb, m->shape.vocab);
    if (!grad)
        return;
    narrowed_bwd(m, f, y, n);
    see_bwd(m, f, f->d, m->work.given.rows + at, n);
}

void model_head_loss(struct model *m, float scale, struct nn_sum *sum)
{
    size_t mark = arena_mark(&m->step), VW = m->shape.vocab * m->shape.emb;
    struct head f = carve(m);
    bool tied = m->cfg.tied_embedding, grad = model_learns(m);
    const float *w = matrix(m, &f);
    float *dw = !grad ? NULL : tied ? f.dtied : gradient(m, PARAM_HEAD);

    if (grad && tied)
        m->op->fill(m->nn, f.dtied, 0, VW);
    if (grad)
        begin_bwd(m);
    for (size_t i = 0; i < m->work.n_rows; i += f.P)
        panel_loss(m, &f, w, dw, i, scale);
    m->op->add_losses(m->nn, sum, f.loss, f.hit, m->work.n_rows);
    if (grad && tied)
        m->op->scale_norm_bwd(m->nn, gradient(m, PARAM_TOKEN), m->one + 1, f.dtied,
                              weight(m, PARAM_TOKEN), f.tied_stat, m->one, m->shape.vocab,
                              m->shape.emb);
    if (grad)
        end_bwd(m);
    arena_rewind(&m->step, mark);
}

void model_head_bwd(struct model *m, const float *dhidden)
{
    size_t mark = arena_mark(&m->step), E = m->shape.dim;
    struct head f = carve(m);

    begin_bwd(m);
    for (size_t i = 0; i < m->work.n_rows; i += f.P) {
        size_t n = panel_of(&f, i, m->work.n_rows);

        see(m, &f, m->work.given.rows + i, n);
        m->op->copy(m->nn, f.d, dhidden + i * E, n * E * sizeof *f.d);
        see_bwd(m, &f, f.d, m->work.given.rows + i, n);
    }
    end_bwd(m);
    arena_rewind(&m->step, mark);
}

/* Logits of z[n,emb] to the host. */
static void logits_of(struct model *m, struct head *f, const float *w, const float *z, size_t n,
                      float *logits)
{
    size_t V = m->shape.vocab, W = m->shape.emb;

    for (size_t i = 0; i < n; i += LOGIT_ROWS) {
        size_t rows = n - i < LOGIT_ROWS ? n - i : LOGIT_ROWS;
        const float *from = f->raw;

        m->op->gemm(m->nn, rows, V, W, z + i * W, false, w, true, 0, f->raw);
        if (!m->cfg.tied_embedding) {
            m->op->add_bias(m->nn, f->logits, f->raw, weight(m, PARAM_HEAD_BIAS), rows, V);
            from = f->logits;
        }
        m->op->download(m->nn, logits + i * V, from, rows * V * sizeof *logits);
    }
}

void model_head_rows(struct model *m, float *hidden, float *hidden_host, float *logits)
{
    size_t mark = arena_mark(&m->step), E = m->shape.dim;
    struct head f = carve(m);
    const float *w = logits ? matrix(m, &f) : NULL;

    if (logits)
        carve_logits(m, &f);
    for (size_t i = 0; i < m->work.n_rows; i += f.P) {
        size_t n = panel_of(&f, i, m->work.n_rows);
        const float *y = see(m, &f, m->work.given.rows + i, n);

        if (hidden)
            m->op->copy(m->nn, hidden + i * E, y, n * E * sizeof *y);
        if (hidden_host)
            m->op->download(m->nn, hidden_host + i * E, y, n * E * sizeof *y);
        if (logits)
            logits_of(m, &f, w, narrowed(m, &f, y, n), n, logits + i * m->shape.vocab);
    }
    arena_rewind(&m->step, mark);
}
