#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reformer/model_parts.h"

int model_new(struct model **out, struct nn *nn, const struct model_cfg *cfg, size_t batch,
              size_t max_len, size_t vocab_size, bool train, struct errbuf *eb)
{
    struct model *m;
    int rc;

    if (!batch || !max_len || !vocab_size || vocab_size > INT32_MAX || !cfg->heads ||
        cfg->dim % cfg->heads)
        return err_set(eb, RF_EINVAL, "no such model: a size is 0 or does not divide");
    if (!(m = calloc(1, sizeof *m)))
        return err_nomem(eb);
    *m = (struct model){.nn = nn,
                        .op = nn->ops,
                        .cfg = *cfg,
                        .batch = batch,
                        .max_len = max_len,
                        .V = vocab_size,
                        .train = train};
    if (params_new(&m->params, cfg, max_len, vocab_size) != RF_OK)
        rc = err_set(eb, RF_ENOMEM, "no memory for the parameters");
    else
        rc = model_take_memory(m, eb);
    if (rc != RF_OK) {
        model_free(m);
        return rc;
    }
    *out = m;
    return RF_OK;
}

void model_free(struct model *m)
{
    if (!m)
        return;
    if (m->memory)
        m->op->mem_free(m->nn, m->memory, m->step.size);
    if (m->w)
        m->op->mem_free(m->nn, m->w, m->params.floats * sizeof(float));
    arena_free(&m->host);
    params_free(&m->params);
    free(m);
}

const struct params *model_params(const struct model *m)
{
    return &m->params;
}

float *model_weights(struct model *m)
{
    return m->w;
}

size_t model_step_bytes(const struct model *m)
{
    return m->step.size + m->host.size;
}

/* --- ends of the stack */

/* Sequences that lie together in ids and in the streams alike: all, or, where T is padded, one.
 */
static size_t together(const struct work *w)
{
    return w->given_T == w->T ? w->B : 1;
}

/* Both streams = tokens + positions; what was added to reach whole chunks is zero, as
 * reformer-pytorch's Autopadder has it. */
static void embed(struct model *m)
{
    const struct work *w = &m->work;
    size_t E = m->cfg.dim, group = together(w), rows = group * w->given_T;

    if (group < w->B)
        m->op->fill(m->nn, w->x1, 0, w->n * E);
    for (size_t b = 0; b < w->B; b += group) {
        float *x = w->x1 + b * w->T * E;

        m->op->gather_rows(m->nn, x, weight(m, PARAM_TOKEN), w->ids + b * w->given_T, rows, E);
        m->op->axial_fwd(m->nn, x, weight(m, PARAM_AXIAL0), weight(m, PARAM_AXIAL1), group,
                         w->given_T, m->params.axial1, E);
    }
    m->op->combine(m->nn, w->x2, 1, w->x1, 0, NULL, w->n * E);
}

static void embed_bwd(struct model *m)
{
    const struct work *w = &m->work;
    size_t E = m->cfg.dim, group = together(w), rows = group * w->given_T;

    m->op->add_rows(m->nn, w->dx1, 1, w->dx2, NULL, w->n, E);
    for (size_t b = 0; b < w->B; b += group) {
        const float *dx = w->dx1 + b * w->T * E;

        m->op->scatter_rows(m->nn, gradient(m, PARAM_TOKEN), dx, w->ids + b * w->given_T, rows,
                            E);
        m->op->axial_bwd(m->nn, gradient(m, PARAM_AXIAL0), gradient(m, PARAM_AXIAL1), dx, group,
                         w->given_T, m->params.axial1, E);
    }
}

/* What the head sees: the mean of both streams at the rows of interest, normed or not. */
static void head_input(struct model *m, struct head *f)
{
    const struct work *w = &m->work;
    size_t E = m->cfg.dim;

    m->op->gather_rows(m->nn, f->x1, w->x1, w->rows, w->n_rows, E);
    m->op->gather_rows(m->nn, f->x2, w->x2, w->rows, w->n_rows, E);
    m->op->combine(m->nn, f->x1, 0.5F, f->x1, 0.5F, f->x2, w->n_rows * E);
    if (m->cfg.final_norm)
        m->op->norm_fwd(m->nn, f->y, f->stat, f->x1, weight(m, PARAM_NORM),
                        weight(m, PARAM_NORM_BIAS), w->n_rows, E);
}

/* dx1, dx2 from the gradient d of what the head saw. */
static void head_input_bwd(struct model *m, struct head *f)
{
    const struct work *w = &m->work;
    size_t E = m->cfg.dim;
    float *d = f->d;

    if (m->cfg.final_norm) {
        m->op->fill(m->nn, f->e, 0, w->n_rows * E);
        m->op->norm_bwd(m->nn, f->e, gradient(m, PARAM_NORM), gradient(m, PARAM_NORM_BIAS), d,
                        f->x1, f->stat, weight(m, PARAM_NORM), w->n_rows, E);
        d = f->e;
    }
    m->op->combine(m->nn, d, 0.5F, d, 0, NULL, w->n_rows * E);
    m->op->fill(m->nn, w->dx1, 0, w->n * E);
    m->op->scatter_rows(m->nn, w->dx1, d, w->rows, w->n_rows, E);
    m->op->combine(m->nn, w->dx2, 1, w->dx1, 0, NULL, w->n * E);
}

/* --- a batch */

static void upload_real(struct model *m, const struct model_batch *b)
{
    struct work *w = &m->work;

    if (!b->real && w->T == b->T)
        return;
    for (size_t i = 0; i < b->B; i++) {
        uint8_t *row = w->host_real + i * w->T;

        memset(row, 0, w->T);
        if (b->real)
            memcpy(row, b->real + i * b->T, b->T);
        else
            memset(row, 1, b->T);
    }
    m->op->upload(m->nn, w->real_room, w->host_real, w->n);
    w->real = w->real_room;
}

static void upload(struct model *m, const struct model_batch *b)
{
    struct work *w = &m->work;
    size_t size = sizeof(int32_t);

    assert(b->B && b->B <= m->batch && b->T && b->T <= m->max_len && b->n <= w->n);
    w->n_rows = b->n;
    m->op->upload(m->nn, w->ids, b->ids, b->B * b->T * size);
    upload_real(m, b);
    for (size_t i = 0; i < b->n; i++) {
        size_t row = (size_t)b->rows[i];

        w->host_rows[i] = (int32_t)(row / b->T * w->T + row % b->T);
    }
    m->op->upload(m->nn, w->rows, w->host_rows, b->n * size);
    if (b->labels)
        m->op->upload(m->nn, w->labels, b->labels, b->n * size);
}

static void forward(struct model *m, const struct model_batch *b, const struct model_draw *draw)
{
    model_carve(m, b->B, b->T);
    upload(m, b);
    embed(m);
    for (size_t k = 0; k < m->cfg.depth; k++)
        model_layer_fwd(m, k, draw);
}

static void backward(struct model *m)
{
    for (size_t k = m->cfg.depth; k-- > 0;)
        model_layer_bwd(m, k);
    embed_bwd(m);
}

static void add_sum(struct model *m, const struct head *f, struct model_sum *sum)
{
    struct work *w = &m->work;

    m->op->download(m->nn, w->host_loss, f->loss, w->n_rows * sizeof *f->loss);
    m->op->download(m->nn, w->host_hit, f->hit, w->n_rows * sizeof *f->hit);
    for (size_t i = 0; i < w->n_rows; i++) {
        sum->loss += (double)w->host_loss[i];
        sum->hits += (uint64_t)w->host_hit[i];
    }
    sum->labels += w->n_rows;
}

int model_loss(struct model *m, const struct model_batch *b, const struct model_draw *draw,
               float *grad, float scale, struct model_sum *sum, struct errbuf *eb)
{
    size_t mark;
    struct head f;

    assert(!grad || m->train);
    if (!b->n)
        return RF_OK; /* nothing to learn from, nothing to add */
    m->grad = grad;
    forward(m, b, draw);
    mark = arena_mark(&m->step);
    f = model_carve_head(m, b->n);
    head_input(m, &f);
    m->op->cross_entropy(
        m->nn, f.loss, f.hit, grad ? f.d : NULL, grad ? gradient(m, PARAM_HEAD) : NULL,
        grad ? gradient(m, PARAM_HEAD_BIAS) : NULL, f.y, weight(m, PARAM_HEAD),
        weight(m, PARAM_HEAD_BIAS), m->work.labels, scale, b->n, m->cfg.dim, m->V);
    add_sum(m, &f, sum);
    if (grad)
        head_input_bwd(m, &f);
    arena_rewind(&m->step, mark);
    if (grad)
        backward(m);
    return nn_status(m->nn, eb);
}

int model_logits(struct model *m, const struct model_batch *b, const struct model_draw *draw,
                 float *hidden, float *logits, struct errbuf *eb)
{
    size_t E = m->cfg.dim;
    struct head f;

    forward(m, b, draw);
    f = model_carve_head(m, b->n);
    head_input(m, &f);
    if (hidden)
        m->op->download(m->nn, hidden, f.y, b->n * E * sizeof *hidden);
    for (size_t i = 0; logits && i < b->n; i += LOGIT_ROWS) {
        size_t rows = b->n - i < LOGIT_ROWS ? b->n - i : LOGIT_ROWS;

        linear(m, f.raw, f.y + i * E, PARAM_HEAD, rows);
        m->op->fill(m->nn, f.logits, 0, rows * m->V);
        m->op->add_rows(m->nn, f.logits, 1, f.raw, weight(m, PARAM_HEAD_BIAS), rows, m->V);
        m->op->download(m->nn, logits + i * m->V, f.logits, rows * m->V * sizeof *logits);
    }
    return nn_status(m->nn, eb);
}

double model_drift(struct model *m)
{
    const struct work *w = &m->work;
    size_t n = w->n * m->cfg.dim;
    double size = m->op->sum_squares(m->nn, w->x1, n);

    m->op->combine(m->nn, w->dx1, 1, w->x1, -1, w->x2, n);
    return sqrt(m->op->sum_squares(m->nn, w->dx1, n) / size);
}
