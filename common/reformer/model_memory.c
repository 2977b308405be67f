/* model_memory.c: every array of a step comes from one arena: first from one that only counts,
 * for the largest batch, then from the real one. So the memory is known beforehand, by the same
 * code. */
#include "reformer/model_parts.h"

static size_t times(size_t a, size_t b)
{
    size_t c;

    return __builtin_mul_overflow(a, b, &c) ? SIZE_MAX : c;
}

static void *take(struct model *m, struct arena *a, size_t n, size_t size)
{
    void *p = arena_alloc(a, times(n, size));

    m->full = m->full || !p;
    return p;
}

static float *floats(struct model *m, size_t n)
{
    return take(m, &m->step, n, sizeof(float));
}

static int32_t *ints(struct model *m, size_t n)
{
    return take(m, &m->step, n, sizeof(int32_t));
}

size_t model_order_count(const struct attend_dims *s)
{
    return times(times(times(s->B, s->H), s->R), s->T);
}

void model_carve(struct model *m, size_t B, size_t T)
{
    const struct model_cfg *c = &m->cfg;
    struct work *w = &m->work;
    size_t pair = 2 * c->chunk, nE;

    arena_rewind(&m->step, 0);
    arena_rewind(&m->host, 0);
    *w = (struct work){.B = B, .given_T = T, .T = (T + pair - 1) / pair * pair};
    w->n = times(B, w->T);
    w->dims = (struct attend_dims){.kind = ATTEND_LSH,
                                   .B = B,
                                   .H = c->heads,
                                   .T = w->T,
                                   .D = c->dim / c->heads,
                                   .heads = c->heads,
                                   .queries = w->T,
                                   .R = c->rounds,
                                   .C = c->chunk,
                                   .causal = c->causal,
                                   .across = true,
                                   .duplicates = true};
    w->hash = (struct hash_dims){.B = B,
                                 .H = c->heads,
                                 .T = w->T,
                                 .D = c->dim / c->heads,
                                 .heads = c->heads,
                                 .R = c->rounds,
                                 .n1 = w->T / c->chunk,
                                 .rots = 1};
    nE = times(w->n, c->dim);
    w->ids = ints(m, w->n);
    w->rows = ints(m, w->n);
    w->labels = ints(m, w->n);
    w->real_room = take(m, &m->step, w->n, 1);
    w->rot = floats(m, hash_rotation(&w->hash));
    w->order = ints(m, times(model_order_count(&w->dims), c->depth));
    w->x1 = floats(m, nE);
    w->x2 = floats(m, nE);
    if (m->train) {
        w->dx1 = floats(m, nE);
        w->dx2 = floats(m, nE);
    }
    w->host_rows = take(m, &m->host, w->n, sizeof(int32_t));
    w->host_hit = take(m, &m->host, w->n, sizeof(int32_t));
    w->host_loss = take(m, &m->host, w->n, sizeof(float));
    w->host_real = take(m, &m->host, w->n, 1);
}

struct attn model_carve_attn(struct model *m)
{
    const struct work *w = &m->work;
    size_t nE = times(w->n, m->cfg.dim);
    struct attn a = {.h = floats(m, nE), .stat = floats(m, times(w->n, 2))};

    a.t = floats(m, nE);
    a.u = floats(m, nE);
    a.qk = floats(m, nE);
    a.v = floats(m, nE);
    a.o = floats(m, nE);
    a.o_stat = floats(m, times(times(w->n, m->cfg.heads), 2));
    a.bucket = ints(m, model_order_count(&w->dims));
    if (m->train) {
        a.grad_o = floats(m, nE);
        a.dqk = floats(m, nE);
        a.dv = floats(m, nE);
    }
    return a;
}

struct ff model_carve_ff(struct model *m)
{
    size_t P = m->cfg.ff_rows < m->work.n ? m->cfg.ff_rows : m->work.n;
    size_t PE = times(P, m->cfg.dim), PM = times(PE, m->cfg.ff_mult);
    struct ff f = {.P = P, .h = floats(m, PE), .stat = floats(m, times(P, 2))};

    f.u = floats(m, PM);
    f.a = floats(m, PM);
    f.y = floats(m, PE);
    if (m->train)
        f.da = floats(m, PM);
    return f;
}

struct head model_carve_head(struct model *m, size_t n)
{
    size_t nE = times(n, m->cfg.dim);
    struct head f = {.x1 = floats(m, nE), .x2 = floats(m, nE), .stat = floats(m, times(n, 2))};

    f.y = m->cfg.final_norm ? f.x2 : f.x1;
    f.loss = floats(m, n);
    f.hit = ints(m, n);
    f.raw = floats(m, times(LOGIT_ROWS, m->V));
    f.logits = floats(m, times(LOGIT_ROWS, m->V));
    if (m->train) {
        f.d = floats(m, nE);
        f.e = floats(m, nE);
    }
    return f;
}

int model_take_memory(struct model *m, struct errbuf *eb)
{
    size_t mark, device_bytes, host_bytes;

    arena_wrap(&m->step, (char *)64, SIZE_MAX / 4); /* addresses that nobody touches */
    arena_wrap(&m->host, (char *)64, SIZE_MAX / 4);
    model_carve(m, m->batch, m->max_len);
    mark = arena_mark(&m->step);
    model_carve_attn(m);
    arena_rewind(&m->step, mark);
    model_carve_ff(m);
    arena_rewind(&m->step, mark);
    model_carve_head(m, m->work.n);
    device_bytes = m->step.peak;
    host_bytes = m->host.peak;
    if (m->full || m->work.n > INT32_MAX)
        return err_set(eb, RF_ENOMEM, "a batch of %zu x %zu tokens is too large", m->batch,
                       m->max_len);
    m->w = m->op->mem_new(m->nn, m->params.floats * sizeof(float));
    m->memory = m->op->mem_new(m->nn, device_bytes);
    if (!m->w || !m->memory || arena_init(&m->host, host_bytes) != RF_OK)
        return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for weights, %.0f MB for a batch",
                       (double)m->params.floats * sizeof(float) / 1e6,
                       (double)(device_bytes + host_bytes) / 1e6);
    arena_wrap(&m->step, m->memory, device_bytes);
    return RF_OK;
}
