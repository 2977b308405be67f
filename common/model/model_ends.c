/* model_ends.c: from ids to the streams, and from the streams to a loss. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "model/model_parts.h"

enum { LOGIT_ROWS = 64 };

/* --- embedding */

/* Sequences whose rows lie together both in ids and in the streams: all of them or, where T is
 * padded, one. */
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
    size_t W = m->shape.emb, T = w->embedded, n1 = m->shape.axial1, first = model_first(m);

    assert(T == 1 || first == 0);
    m->op->gather_rows(m->nn, e, weight(m, PARAM_TOKEN), ids, group * T, W);
    switch (m->shape.position) {
    case POSITION_AXIAL:
        m->op->axial_fwd(m->nn, e, weight(m, PARAM_AXIAL0) + first / n1 * W,
                         weight(m, PARAM_AXIAL1) + first % n1 * W, group, T, n1, W);
        break;
    case POSITION_ABSOLUTE:
        m->op->axial_fwd(m->nn, e, weight(m, PARAM_POSITION) + first * W, NULL, group, T, 1, W);
        break;
    case POSITION_FIXED:
        m->op->axial_fwd(m->nn, e, m->table + first * W, NULL, group, T, 1, W);
        break;
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

/* Room for a batch of embeddings where these have a width of their own; else NULL. */
static float *carve_embedding(struct model *m)
{
    const struct work *w = &m->work;

    return narrow(m) ? model_floats(m, model_times(w->B * w->embedded, m->shape.emb)) : NULL;
}

/* Both streams become tokens + positions, added by stream_add() to be rounded as all that comes
 * later is; rows without ids become zero. */
void model_embed(struct model *m)
{
    const struct work *w = &m->work;
    size_t E = m->shape.dim, group = together(w), rows = group * w->embedded;
    size_t mark = arena_mark(&m->step);
    float *e = carve_embedding(m);

    m->op->fill(m->nn, as_rows(w->x1), 0, w->n * E);
    for (size_t b = 0; b < w->B; b += group) {
        float *x =
            as_rows(w->x2) + b * w->T * E; /* room for floats: x2 becomes a stream at the end */

        look_up(m, e ? e : x, w->given.ids + b * w->embedded, group);
        if (e)
            linear(m, x, e, PARAM_EMBED, rows);
        m->op->stream_add(m->nn, w->x1 + b * w->T * E, 1, x,
                          e ? weight(m, PARAM_EMBED_BIAS) : NULL, rows, E);
        if (!w->marks)
            continue;
        m->op->gather_rows(m->nn, x, weight(m, w->marks), w->given.marks + b * w->embedded,
                           rows, E);
        m->op->stream_add(m->nn, w->x1 + b * w->T * E, 1, x, NULL, rows, E);
    }
    m->op->copy(m->nn, w->x2, w->x1, w->n * E * sizeof *w->x1);
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

        if (w->marks)
            m->op->scatter_rows(m->nn, gradient(m, w->marks), dx,
                                w->given.marks + b * w->embedded, rows, E);
        if (e) {
            look_up(m, e, ids, group);
            m->op->bias_bwd(m->nn, gradient(m, PARAM_EMBED_BIAS), dx, rows, E);
            linear_bwd(m, de, dx, e, PARAM_EMBED, rows);
        }
        look_up_bwd(m, e ? de : dx, ids, group);
    }
    arena_rewind(&m->step, mark);
}

/* --- head: rows of interest, a panel at a time */

/* The head's arrays for a panel of up to P rows. */
struct head {
    size_t P;
    float *x, *y, *stat; /* [P,E]: the mean of both streams, what the norm makes of it; [P,2] */
    float *d, *e;        /* [P,E] gradients: of what the head sees; of x */
    float *z, *dz;       /* [P,emb]: what the head sees in the embedding's width, where that is
                            another, and its gradient */
    float *tied, *dtied; /* [V,emb]: the tied head and its gradient */
    float *tied_stat;    /* [V] */
    float *loss;         /* [n] of each row of interest */
    float *raw, *logits; /* [LOGIT_ROWS,V] without bias and with it, where logits are wanted */
    float *two;     /* [2,E] replaced or not: a row of zeros and the output's; then [2,E] their
                       gradients, the biases [2] and theirs [2] */
    int32_t *s;     /* [P,E]: rows of a stream */
    int32_t *hit;   /* [n] */
    int32_t *drawn; /* [n] words, of a generator */
};

static size_t two_floats(const struct model *m)
{
    return model_times(4, m->shape.dim) + 4;
}

static struct head carve_head(struct model *m)
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
    f.two = m->cfg.headless ? model_floats(m, two_floats(m)) : NULL;
    f.drawn = m->draws ? model_ints(m, n) : NULL;
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
    struct head f = carve_head(m);

    if (logits)
        carve_logits(m, &f);
    arena_rewind(&m->step, mark);
    carve_embedding(m);
    carve_embedding(m);
    arena_rewind(&m->step, mark);
}

/* Return what the head sees of rows[n]: the mean of both streams, through the norm if there is
 * one. */
static float *head_input(struct model *m, struct head *f, const int32_t *rows, size_t n)
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

/* Add to dx1 from d, the gradient of what the head saw; d is overwritten. dx2 is the same, so
 * that end_bwd() copies it. */
static void head_input_bwd(struct model *m, struct head *f, float *d, const int32_t *rows,
                           size_t n)
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

/* The head's matrix: a parameter or, tied, the embedding's rows, each brought to length 1. */
static const float *head_matrix(struct model *m, struct head *f)
{
    if (!m->cfg.tied_embedding)
        return weight(m, PARAM_HEAD);
    if (m->past)
        return model_past_head(m);
    m->op->scale_norm_fwd(m->nn, f->tied, f->tied_stat, weight(m, PARAM_TOKEN), m->one,
                          m->shape.vocab, m->shape.emb);
    return f->tied;
}

/* Bring y to the embedding's width, where that is another. */
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

/* The matrix that says one of V things of what the head sees, its bias, their gradients. */
struct last {
    const float *w, *bias; /* [V,width]; [V] or NULL */
    float *dw, *dbias;     /* NULL: no gradients are wanted */
    size_t width, V;
    float z_loss, smoothing;
};

/* What says a token; with `dw` there is room for gradients. */
static struct last of_words(struct model *m, struct head *f, bool grad)
{
    bool tied = m->cfg.tied_embedding;
    struct last last = {.w = head_matrix(m, f),
                        .width = m->shape.emb,
                        .V = m->shape.vocab,
                        .z_loss = (float)m->cfg.z_loss,
                        .smoothing = (float)m->cfg.label_smoothing};

    if (!tied)
        last.bias = weight(m, PARAM_HEAD_BIAS);
    if (grad)
        last.dw = tied ? f->dtied : gradient(m, PARAM_HEAD);
    if (grad && !tied)
        last.dbias = gradient(m, PARAM_HEAD_BIAS);
    return last;
}

/* Draw a word for each row of a panel, z[n,emb]. The random numbers are the rows' own. */
static void draw_words(struct model *m, struct head *f, const struct last *last, const float *z,
                       size_t at, size_t n, double temperature)
{
    struct rng r = rng_stream(m->draw->seed, m->draw->step, 0, RNG_REPLACE);

    r.seed = rng_u64(r, m->draw->slot);
    m->op->draw_rows(m->nn, f->drawn + at, z, last->w, last->bias, (float)temperature, r, at, n,
                     last->width, last->V);
}

/* Find the losses of a panel, the rows from `at` on; with gradients add to dx1 too. */
static void panel_loss(struct model *m, struct head *f, const struct last *last, size_t at,
                       float scale, const struct model_words *words)
{
    const int32_t *rows = m->work.given.rows + at;
    bool grad = model_learns(m), narrows = narrow(m) && !m->cfg.headless;
    size_t n = panel_of(f, at, m->work.n_rows);
    const float *y = head_input(m, f, rows, n), *z = narrows ? narrowed(m, f, y, n) : y;

    if (words)
        draw_words(m, f, last, z, at, n, words->temperature);
    m->op->cross_entropy(m->nn, f->loss + at, f->hit + at,
                         !grad     ? NULL
                         : narrows ? f->dz
                                   : f->d,
                         last->dw, last->dbias, z, last->w, last->bias,
                         m->work.given.labels + at, scale, last->z_loss, last->smoothing, n,
                         last->width, last->V);
    if (!grad)
        return;
    if (narrows)
        narrowed_bwd(m, f, y, n);
    head_input_bwd(m, f, f->d, rows, n);
}

void model_head_loss(struct model *m, float scale, const struct model_words *words,
                     struct nn_sum *sum)
{
    size_t mark = arena_mark(&m->step), VW = m->shape.vocab * m->shape.emb;
    struct head f = carve_head(m);
    bool tied = m->cfg.tied_embedding, grad = model_learns(m);
    const struct last last = of_words(m, &f, grad);

    if (grad && tied)
        m->op->fill(m->nn, f.dtied, 0, VW);
    if (grad)
        begin_bwd(m);
    for (size_t i = 0; i < m->work.n_rows; i += f.P)
        panel_loss(m, &f, &last, i, scale, words);
    m->op->add_losses(m->nn, sum, f.loss, f.hit, m->work.n_rows);
    if (words)
        m->op->download(m->nn, words->ids, f.drawn, m->work.n_rows * sizeof *words->ids);
    if (grad && tied)
        m->op->scale_norm_bwd(m->nn, gradient(m, PARAM_TOKEN), m->one + 1, f.dtied,
                              weight(m, PARAM_TOKEN), f.tied_stat, m->one, m->shape.vocab,
                              m->shape.emb);
    if (grad)
        end_bwd(m);
    arena_rewind(&m->step, mark);
}

/* A logit for one of two things, as cross_entropy() takes it: the other's is always 0. */
static struct last of_replaced(struct model *m, struct head *f, bool grad)
{
    size_t E = m->shape.dim;
    float *bias = f->two + 4 * E;

    m->op->fill(m->nn, f->two, 0, two_floats(m));
    m->op->copy(m->nn, f->two + E, weight(m, PARAM_OUTPUT), E * sizeof(float));
    m->op->copy(m->nn, bias + 1, weight(m, PARAM_OUTPUT + 1), sizeof(float));
    return (struct last){.w = f->two,
                         .bias = bias,
                         .dw = grad ? f->two + 2 * E : NULL,
                         .dbias = grad ? bias + 2 : NULL,
                         .width = E,
                         .V = 2};
}

static void add_to(struct model *m, size_t i, const float *from, size_t n)
{
    m->op->add_rows(m->nn, gradient(m, i), 1, from, NULL, 1, n);
}

void model_replaced_loss(struct model *m, float scale, size_t replaced, struct nn_sum *sum)
{
    size_t mark = arena_mark(&m->step), n = m->work.n_rows, E = m->shape.dim;
    struct head f = carve_head(m);
    bool grad = model_learns(m);
    const struct last last = of_replaced(m, &f, grad);

    if (grad)
        begin_bwd(m);
    for (size_t i = 0; i < n; i += f.P)
        panel_loss(m, &f, &last, i, scale, NULL);
    m->op->add_losses(m->nn, &sum[0], f.loss, f.hit, n);
    m->op->add_losses(m->nn, &sum[1], f.loss, f.hit, replaced);
    m->op->add_losses(m->nn, &sum[2], f.loss, m->work.given.labels, n);
    if (grad) {
        add_to(m, PARAM_OUTPUT, last.dw + E, E);
        add_to(m, PARAM_OUTPUT + 1, last.dbias + 1, 1);
        end_bwd(m);
    }
    arena_rewind(&m->step, mark);
}

void model_head_losses(struct model *m, float *loss)
{
    size_t mark = arena_mark(&m->step);
    struct head f = carve_head(m);
    const struct last last = of_words(m, &f, false);

    for (size_t i = 0; i < m->work.n_rows; i += f.P)
        panel_loss(m, &f, &last, i, 0, NULL);
    m->op->download(m->nn, loss, f.loss, m->work.n_rows * sizeof *loss);
    arena_rewind(&m->step, mark);
}

void model_head_bwd(struct model *m, const float *dhidden)
{
    size_t mark = arena_mark(&m->step), E = m->shape.dim;
    struct head f = carve_head(m);

    begin_bwd(m);
    for (size_t i = 0; i < m->work.n_rows; i += f.P) {
        size_t n = panel_of(&f, i, m->work.n_rows);

        head_input(m, &f, m->work.given.rows + i, n);
        m->op->copy(m->nn, f.d, dhidden + i * E, n * E * sizeof *f.d);
        head_input_bwd(m, &f, f.d, m->work.given.rows + i, n);
    }
    end_bwd(m);
    arena_rewind(&m->step, mark);
}

/* Bring the logits of z[n,emb] to host memory. */
static void logits_of(struct model *m, struct head *f, const float *w, const float *z, size_t n,
                      float *logits)
{
    size_t V = m->shape.vocab, W = m->shape.emb;

    for (size_t i = 0; i < n; i += LOGIT_ROWS) {
        size_t rows = n - i < LOGIT_ROWS ? n - i : LOGIT_ROWS;
        const float *from = f->raw;

        times_weights(m, f->raw, z + i * W, w, PARAM_HEAD, V, W, rows);
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
    struct head f = carve_head(m);
    const float *w = logits ? head_matrix(m, &f) : NULL;

    if (logits)
        carve_logits(m, &f);
    for (size_t i = 0; i < m->work.n_rows; i += f.P) {
        size_t n = panel_of(&f, i, m->work.n_rows);
        const float *y = head_input(m, &f, m->work.given.rows + i, n);

        if (hidden)
            m->op->copy(m->nn, hidden + i * E, y, n * E * sizeof *y);
        if (hidden_host)
            m->op->download(m->nn, hidden_host + i * E, y, n * E * sizeof *y);
        if (logits)
            logits_of(m, &f, w, narrowed(m, &f, y, n), n, logits + i * m->shape.vocab);
    }
    arena_rewind(&m->step, mark);
}
