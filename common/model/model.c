#include "model/model.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/model_parts.h"

/* Bytes of the table of fixed positions. */
static size_t table_bytes(const struct model *m)
{
    return m->shape.position == POSITION_FIXED
               ? model_times(model_times(m->shape.max_len, m->shape.emb), sizeof(float))
               : 0;
}

/* Set up what follows from the parameters' table, and plan; nothing of the device is taken. */
static int plan_model(struct model *m, size_t budget, struct errbuf *eb)
{
    m->shape = m->params.shape;
    /* the shape has what they say */
    m->cfg.axial_shape = m->cfg.pkm_layers = m->cfg.layers = NULL;
    m->cfg.tied_embedding = m->cfg.tied_embedding && !m->cfg.headless;
    m->plan = calloc(m->params.branches, sizeof *m->plan);
    m->work.kept = calloc(m->params.branches, sizeof *m->work.kept);
    m->work.dropped = calloc(m->shape.depth, sizeof *m->work.dropped);
    if (!m->plan || !m->work.kept || !m->work.dropped)
        return err_nomem(eb);
    return model_make_plan(m, budget > table_bytes(m) ? budget - table_bytes(m) : 0, eb);
}

/* Set up what needs no memory of the device: shape, parameters' table, plan. */
static int prepare_model(struct model *m, struct nn *nn, const struct model_cfg *cfg,
                         size_t batch, size_t max_len, size_t vocab_size, enum model_use use,
                         size_t budget, struct errbuf *eb)
{
    int rc;

    *m = (struct model){.nn = nn,
                        .op = nn->ops,
                        .cfg = *cfg,
                        .batch = batch,
                        .train = use == MODEL_BACKWARD || use == MODEL_SPANS,
                        .mapped = use == MODEL_MAPPED,
                        .spans = use == MODEL_SPANS};
    if (!batch || !max_len || !vocab_size || vocab_size > INT32_MAX)
        return err_set(eb, RF_EINVAL, "no such model: a size is 0 or too large");
    if ((rc = params_new(&m->params, cfg, max_len, vocab_size, eb)) != RF_OK)
        return rc;
    if (!(m->at = calloc(m->params.n, sizeof *m->at)))
        return err_nomem(eb);
    return plan_model(m, budget, eb);
}

/* Set up a model's generator, whose parameters are in the model's table. It never works while
 * the model does, so that each may use the whole budget. */
static int prepare_generator(struct model *m, const struct model_cfg *cfg, size_t budget,
                             struct errbuf *eb)
{
    struct model *g = m->generator = calloc(1, sizeof *g);

    if (!g)
        return err_nomem(eb);
    *g = (struct model){.nn = m->nn,
                        .op = m->op,
                        .batch = m->batch,
                        .train = m->train,
                        .mapped = m->mapped,
                        .draws = true,
                        .params = params_generator(&m->params),
                        .at = m->at + m->params.own};
    model_cfg_generator(&g->cfg, cfg);
    return plan_model(g, budget, eb);
}

static void free_plan(struct model *m)
{
    free(m->plan);
    free(m->work.kept);
    free(m->work.dropped);
}

static void clear_model(struct model *m)
{
    if (m->generator)
        free_plan(m->generator);
    free(m->generator);
    params_free(&m->params);
    free_plan(m);
    free(m->at);
}

/* m->one and m->sum are one piece of ONE_FLOATS floats; the sum begins at float SUM_AT. */
enum { ONE_FLOATS = 16, SUM_AT = 8 };

/* Take the device's memory, and write into it what stays as long as the model. */
static int move_in(struct model *m, struct errbuf *eb)
{
    int rc = model_take_memory(m, eb);

    if (rc != RF_OK)
        return rc;
    m->one = m->op->mem_new(m->nn, ONE_FLOATS * sizeof(float));
    m->table = table_bytes(m) ? m->op->mem_new(m->nn, table_bytes(m)) : NULL;
    if (!m->one || (table_bytes(m) && !m->table))
        return err_set(eb, RF_ENOMEM, "no memory for the positions");
    if (m->table)
        m->op->fill_positions(m->nn, m->table, m->shape.max_len, m->shape.emb);
    m->op->fill(m->nn, m->one, 1, 1);
    m->sum = (struct nn_sum *)(void *)(m->one + SUM_AT);
    if (m->generator) {
        m->generator->one = m->one;
        m->generator->table = m->table;
        m->generator->sum = m->sum;
    }
    return nn_status(m->nn, eb);
}

int model_new(struct model **out, struct nn *nn, const struct model_cfg *cfg, size_t batch,
              size_t max_len, size_t vocab_size, enum model_use use, size_t budget_bytes,
              struct errbuf *eb)
{
    struct model *m = malloc(sizeof *m);
    int rc;

    if (!m)
        return err_nomem(eb);
    rc = prepare_model(m, nn, cfg, batch, max_len, vocab_size, use, budget_bytes, eb);
    if (rc == RF_OK && cfg->has_generator)
        rc = prepare_generator(m, cfg, budget_bytes, eb);
    if (rc == RF_OK)
        rc = move_in(m, eb);
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
    if (m->one)
        m->op->mem_free(m->nn, m->one, ONE_FLOATS * sizeof(float));
    if (m->table)
        m->op->mem_free(m->nn, m->table, table_bytes(m));
    if (m->host_memory) {
        size_t bytes = m->host.size;

        if (m->generator)
            arena_free(&m->generator->host);
        arena_free(&m->host);
        m->op->host_free(m->nn, m->host_memory, bytes);
    }
    model_drop_stored(m);
    clear_model(m);
    free(m);
}

void model_map(struct model *m, const float *const *at)
{
    const struct param *p = m->params.p;

    for (size_t i = 0; i < m->params.n; i++)
        if (p[i].count)
            m->at[i] = *at++;
    for (size_t i = 0; i < m->params.n; i++) /* of tied layers: those of the owner, before it */
        for (size_t k = i; !m->at[i] && p[i].dims && k-- > 0;)
            if (p[k].count && p[k].offset == p[i].offset)
                m->at[i] = m->at[k];
    model_share(m);
}

struct model *model_generator(struct model *m)
{
    return m->generator;
}

const struct params *model_params(const struct model *m)
{
    return &m->params;
}

float *model_weights(struct model *m)
{
    return m->w;
}

const float *model_weight(const struct model *m, size_t i)
{
    return m->at[i];
}

float *model_spare(const struct model *m, size_t *floats)
{
    *floats = m->step.size / sizeof(float);
    return m->memory;
}

size_t model_step_bytes(const struct model *m)
{
    return model_counted_bytes(m, m->step.size, m->host.size) + table_bytes(m);
}

/* --- a batch */

/* Fill w->host.real: 1 for tokens and for the memory's keys, 0 for padding. w->host is laid out
 * as w->given on the device, so that one upload takes all of it. */
static void fill_real(struct model *m, const struct model_batch *b)
{
    struct work *w = &m->work;

    w->real = b->real || w->T != b->T ? w->given.real : NULL;
    if (!w->real)
        return;
    for (size_t i = 0; i < b->B; i++) {
        uint8_t *row = w->host.real + i * w->K;

        memset(row, 0, w->T);
        memset(row + w->T, 1, w->K - w->T);
        if (b->real)
            memcpy(row, b->real + i * b->T, b->T);
        else
            memset(row, 1, b->T);
    }
}

/* Mark the rows of interest by place: attention asks of each query whether it is one. */
static void fill_asked(struct model *m)
{
    struct work *w = &m->work;

    memset(w->host.asked, 0, w->n);
    for (size_t i = 0; i < w->few; i++)
        w->host.asked[w->host.rows[i]] = 1;
}

static bool ascend(const int32_t *rows, size_t n)
{
    size_t i = 1;

    while (i < n && rows[i - 1] < rows[i])
        i++;
    return i >= n;
}

/* Whether memory was counted for so many sequences. */
static bool fits(const struct model *m, const struct model_batch *b)
{
    size_t i = 0;

    if (b->B <= m->batch)
        return true;
    while (i < MODEL_PIECES_MAX && m->cfg.pieces[i] &&
           (b->T > m->cfg.pieces[i] || b->B > model_rows(m, m->cfg.pieces[i])))
        i++;
    return i < MODEL_PIECES_MAX && m->cfg.pieces[i];
}

/* Lay out from[B,T] as the embedding takes it, with 0 for what is padded inside. */
static void put_tokens(const struct work *w, int32_t *to, const int32_t *from,
                       const struct model_batch *b)
{
    memset(to, 0, w->n * sizeof *to);
    for (size_t i = 0; i < b->B; i++)
        memcpy(to + i * w->embedded, from + i * b->T, b->T * sizeof *to);
}

static void upload(struct model *m, const struct model_batch *b)
{
    struct work *w = &m->work;
    size_t size = sizeof(int32_t);

    assert(b->B && b->T && b->T <= m->shape.max_len && b->n <= w->n);
    assert(m->past ? b->B * b->T <= m->batch * m->shape.max_len : fits(m, b));
    assert(!m->too_large && (!b->marks || m->cfg.marks));
    w->n_rows = b->n;
    w->marks = b->marks ? PARAM_OUTPUT + b->marks_of : 0;
    put_tokens(w, w->host.ids, b->ids, b);
    if (b->marks)
        put_tokens(w, w->host.marks, b->marks, b);
    fill_real(m, b);
    for (size_t i = 0; i < b->n; i++) {
        size_t row = (size_t)b->rows[i];

        w->host.rows[i] = (int32_t)(row / b->T * w->T + row % b->T);
    }
    w->few = b->n < w->n - w->n / 4 && ascend(w->host.rows, b->n) ? b->n : 0;
    if (w->few)
        fill_asked(m);
    if (b->labels)
        memcpy(w->host.labels, b->labels, b->n * size);
    m->op->upload(m->nn, w->given.ids, w->host.ids, w->given_bytes);
}

/* Draw which layers are left out: each with the probability layer_dropout, but never all. */
static void drop_layers(struct model *m)
{
    const struct model_draw *d = m->draw;
    struct rng r = rng_stream(d->seed, d->step, UINT16_MAX, RNG_DROPOUT);
    bool left = false;

    r.seed = rng_u64(r, d->slot);
    for (size_t k = 0; k < m->shape.depth; k++) {
        bool drop = d->train && (double)rng_uniform(r, k) < m->cfg.layer_dropout;

        m->work.dropped[k] = drop;
        left = left || !drop;
    }
    if (!left)
        m->work.dropped[0] = false;
}

static void forward(struct model *m, const struct model_batch *b, const struct model_draw *draw)
{
    m->last = *draw;
    m->draw = &m->last;
    model_carve(m, b->B, b->T);
    upload(m, b);
    drop_layers(m);
    model_embed(m);
    for (size_t k = 0; k < m->params.branches; k++)
        if (!m->work.dropped[k / 2])
            model_branch_fwd(m, k);
}

/* Make room for the gradients of span i and clear it. Those in m->held are not cleared here:
 * two spans add to them. */
static void begin_span(struct model *m, size_t i)
{
    if (!m->sink)
        return;
    model_open_span(m, i);
    if (m->part)
        m->op->fill(m->nn, m->part, 0, m->span.floats);
}

static void end_span(struct model *m, size_t i)
{
    if (m->watch && m->grad)
        m->watch->did(m->watch->self, i);
    if (!m->sink)
        return;
    if (m->span.floats)
        m->sink->take(m->sink->self, &m->span, gradient_at(m, m->span.offset));
    arena_rewind(&m->step, m->mark);
}

static void backward(struct model *m)
{
    for (size_t b = m->params.branches; b-- > 0;) {
        begin_span(m, m->params.branches - b);
        if (!m->work.dropped[b / 2])
            model_branch_bwd(m, b);
        end_span(m, m->params.branches - b);
    }
    begin_span(m, m->params.branches + 1);
    model_embed_bwd(m);
    end_span(m, m->params.branches + 1);
}

int model_add_loss_drawing(struct model *m, const struct model_batch *b,
                           const struct model_draw *draw, float *grad, float scale,
                           const struct model_words *words, struct nn_sum *sum,
                           struct errbuf *eb)
{
    assert((!grad || m->train) && (!words || m->draws));
    if (!b->n)
        return RF_OK; /* nothing to learn from, nothing to add */
    m->grad = grad;
    forward(m, b, draw);
    model_head_loss(m, scale, words, sum);
    if (grad)
        backward(m);
    return nn_status(m->nn, eb);
}

int model_add_loss(struct model *m, const struct model_batch *b, const struct model_draw *draw,
                   float *grad, float scale, struct nn_sum *sum, struct errbuf *eb)
{
    return model_add_loss_drawing(m, b, draw, grad, scale, NULL, sum, eb);
}

int model_add_replaced_loss(struct model *m, const struct model_batch *b, size_t replaced,
                            const struct model_draw *draw, float *grad, float scale,
                            struct nn_sum *sum, struct errbuf *eb)
{
    assert((!grad || m->train) && m->cfg.headless);
    m->grad = grad;
    forward(m, b, draw);
    model_replaced_loss(m, scale, replaced, sum);
    if (grad)
        backward(m);
    return nn_status(m->nn, eb);
}

int model_loss(struct model *m, const struct model_batch *b, const struct model_draw *draw,
               float *grad, float scale, struct model_sum *sum, struct errbuf *eb)
{
    struct nn_sum got;
    int rc;

    m->op->fill(m->nn, (float *)(void *)m->sum, 0, sizeof *m->sum / sizeof(float));
    if ((rc = model_add_loss(m, b, draw, grad, scale, m->sum, eb)) != RF_OK)
        return rc;
    m->op->download(m->nn, &got, m->sum, sizeof got);
    if ((rc = nn_status(m->nn, eb)) != RF_OK)
        return rc;
    sum->loss += got.loss;
    sum->hits += (uint64_t)got.hits;
    sum->labels += b->n;
    return RF_OK;
}

void model_watch(struct model *m, const struct model_watch *w)
{
    m->watch = w;
}

int model_add_loss_to(struct model *m, const struct model_batch *b,
                      const struct model_draw *draw, const struct model_sink *to,
                      struct nn_sum *sum, struct errbuf *eb)
{
    assert(m->spans && !m->cfg.tied_layers);
    if (!b->n)
        return RF_OK;
    m->grad = NULL;
    forward(m, b, draw);
    m->sink = to;
    if (m->held)
        m->op->fill(m->nn, m->held, 0, params_held(&m->params));
    begin_span(m, 0);
    model_head_loss(m, 1, NULL, sum);
    end_span(m, 0);
    backward(m);
    m->sink = NULL;
    return nn_status(m->nn, eb);
}

int model_row_losses(struct model *m, const struct model_batch *b,
                     const struct model_draw *draw, float *loss, struct errbuf *eb)
{
    m->grad = NULL;
    forward(m, b, draw);
    model_head_losses(m, loss);
    return nn_status(m->nn, eb);
}

int model_logits(struct model *m, const struct model_batch *b, const struct model_draw *draw,
                 float *hidden, float *logits, struct errbuf *eb)
{
    forward(m, b, draw);
    model_head_rows(m, NULL, hidden, logits);
    return nn_status(m->nn, eb);
}

int model_hidden(struct model *m, const struct model_batch *b, const struct model_draw *draw,
                 float *hidden, struct errbuf *eb)
{
    forward(m, b, draw);
    model_head_rows(m, hidden, NULL, NULL);
    return nn_status(m->nn, eb);
}

int model_hidden_bwd(struct model *m, const float *dhidden, float *grad, struct errbuf *eb)
{
    assert(m->train);
    m->grad = grad;
    model_head_bwd(m, dhidden);
    backward(m);
    return nn_status(m->nn, eb);
}

double model_drift(struct model *m)
{
    const struct work *w = &m->work;
    size_t n = w->n * m->shape.dim;
    double squares[2]; /* of a stream, of the difference of both; m->sum has room for these */
    double *on_device = (double *)(void *)m->sum;

    m->op->stream_read(m->nn, w->dx1, w->x1, n);
    m->op->stream_read(m->nn, w->dx2, w->x2, n);
    m->op->fill(m->nn, (float *)(void *)m->sum, 0, sizeof *m->sum / sizeof(float));
    m->op->add_squares(m->nn, on_device, w->dx1, n);
    m->op->combine(m->nn, w->dx1, 1, w->dx1, -1, w->dx2, n);
    m->op->add_squares(m->nn, on_device + 1, w->dx1, n);
    m->op->download(m->nn, squares, on_device, sizeof squares);
    return sqrt(squares[1] / squares[0]);
}

size_t model_likeliest(const float *x, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (x[i] > x[at])
            at = i;
    return at;
}
