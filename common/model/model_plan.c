/*
 * model_plan.c: the memory of a step, and what of it is spent on not computing again.
 *
 * Every array comes from one arena: first from one that only counts, for the largest batch,
 * then from the real one. So the memory is known beforehand, by the same code.
 */
#include <string.h>

#include "model/model_parts.h"

size_t model_times(size_t a, size_t b)
{
    size_t c;

    return __builtin_mul_overflow(a, b, &c) ? SIZE_MAX : c;
}

static void *take(struct model *m, struct arena *a, size_t n, size_t size)
{
    void *p = arena_alloc(a, model_times(n, size));

    m->full = m->full || !p;
    return p;
}

float *model_floats(struct model *m, size_t n)
{
    return take(m, &m->step, n, sizeof(float));
}

int32_t *model_ints(struct model *m, size_t n)
{
    return take(m, &m->step, n, sizeof(int32_t));
}

enum branch_kind model_branch(const struct model *m, size_t b)
{
    return params_branch(&m->cfg, &m->shape, b);
}

bool model_may_keep_stream(const struct model *m)
{
    return m->cfg.norm != NORM_REZERO; /* the gate's gradient needs the output itself */
}

/* --- a batch */

/* Heads of a sequence that hash. */
static size_t hashed(const struct model *m)
{
    return m->work.full ? 0 : m->shape.heads - m->cfg.local_heads;
}

/* How many positions there are. */
static size_t positions(const struct model *m)
{
    switch (m->shape.position) {
    case POSITION_AXIAL: return m->shape.axial0 * m->shape.axial1;
    case POSITION_ABSOLUTE:
    case POSITION_FIXED: return m->shape.max_len;
    default: return SIZE_MAX;
    }
}

/* Lengths inside: hashing needs whole pairs of chunks, memory included. What fills them up is
 * zero; but reformer-pytorch's Autopadder takes tokens 0, which are masked, but hashed with the
 * others. */
static void measure(struct model *m, size_t B, size_t T)
{
    struct work *w = &m->work;
    const struct model_cfg *c = &m->cfg;
    size_t pair = 2 * c->chunk, mem = c->mem_kv;

    *w = (struct work){.B = B, .embedded = T, .T = T, .kept = w->kept, .dropped = w->dropped};
    w->full = c->full_attn || T + mem <= c->full_attn_thres;
    w->keep_all = m->train && T <= c->reverse_thres;
    if (hashed(m))
        w->T = (T + mem + pair - 1) / pair * pair - mem;
    if (m->shape.compat && w->T <= positions(m))
        w->embedded = w->T;
    w->K = w->T + mem;
    w->n = model_times(B, w->T);
    w->N = model_times(B, w->K);
    w->hash = (struct hash_dims){.B = B,
                                 .H = hashed(m),
                                 .T = w->K,
                                 .D = m->shape.D,
                                 .heads = m->shape.heads,
                                 .all_heads = hashed(m),
                                 .R = c->rounds,
                                 .n1 = w->K / c->chunk,
                                 .rots = c->rotations_per_head ? hashed(m) : 1};
    if (!m->shape.compat && c->hash_factor && w->hash.n1 > c->hash_factor)
        model_factor(w->hash.n1, &w->hash.n1, &w->hash.n2);
}

/* Numbers of a set of rotations, as room for every shorter sequence too: of those the one that
 * is just not hashed in factors has the most. */
static size_t rotation_room(const struct model *m)
{
    struct hash_dims h = m->work.hash;
    size_t here = hash_rotation(&h), shorter = here;

    if (!h.H)
        return 0;
    if (h.n2) { /* more buckets than hash_factor */
        h.n1 = m->cfg.hash_factor;
        h.n2 = 0;
        shorter = hash_rotation(&h);
    }
    return shorter > here ? shorter : here;
}

static void carve_order(struct model *m, struct kept *k)
{
    const struct work *w = &m->work;
    size_t n = model_times(model_times(w->N, hashed(m)), m->cfg.rounds);

    k->order = model_ints(m, n);
    k->bucket = m->cfg.across_buckets ? NULL : model_ints(m, n);
}

static void carve_kept(struct model *m, size_t b)
{
    const struct work *w = &m->work;
    struct plan plan = w->keep_all ? (struct plan){true, true} : m->plan[b];
    struct kept *k = &w->kept[b];
    enum branch_kind kind = model_branch(m, b);
    size_t each = model_times(w->N, m->shape.QK);

    *k = (struct kept){0};
    if (kind == BRANCH_ATTN && hashed(m) && (m->train || b == 0))
        carve_order(m, k);
    else if (kind == BRANCH_ATTN && hashed(m))
        *k = w->kept[0]; /* nothing comes back to it */
    if (plan.stream && model_may_keep_stream(m))
        k->stream = model_ints(m, model_times(w->n, m->shape.dim));
    if (plan.inner && kind == BRANCH_ATTN && m->shape.group == m->shape.heads) {
        k->qk = model_floats(m, each);
        k->v = model_floats(m, each);
        k->o = model_floats(m, each);
        k->stat = model_floats(m, model_times(model_times(w->N, m->shape.heads), 2));
    }
    if (plan.inner && kind == BRANCH_FF)
        k->u = model_floats(m, model_times(w->n, m->shape.ff_in));
}

void model_carve(struct model *m, size_t B, size_t T)
{
    struct work *w = &m->work;
    size_t nE, sets;

    arena_rewind(&m->step, 0);
    arena_rewind(&m->host, 0);
    measure(m, B, T);
    nE = model_times(w->n, m->shape.dim);
    sets = m->cfg.rotations_per_head ? model_times(B, hashed(m)) : 1;
    w->ids = model_ints(m, w->n);
    w->rows = model_ints(m, w->n);
    w->labels = model_ints(m, w->n);
    w->real_room = take(m, &m->step, w->N, 1);
    w->asked = take(m, &m->step, w->n, 1);
    w->rot = model_floats(m, model_times(rotation_room(m), sets));
    w->x1 = model_ints(m, nE);
    w->x2 = model_ints(m, nE);
    if (m->train) {
        w->dx1 = model_floats(m, nE);
        w->dx2 = model_floats(m, nE);
    }
    m->held =
        m->spans && params_held(&m->params) ? model_floats(m, params_held(&m->params)) : NULL;
    for (size_t b = 0; b < m->params.branches; b++)
        carve_kept(m, b);
    w->host_rows = take(m, &m->host, w->n, sizeof(int32_t));
    w->host_ids = take(m, &m->host, w->n, sizeof(int32_t));
    w->host_hit = take(m, &m->host, w->n, sizeof(int32_t));
    w->host_loss = take(m, &m->host, w->n, sizeof(float));
    w->host_real = take(m, &m->host, w->N, 1);
    w->host_asked = take(m, &m->host, w->n, 1);
}

/* --- counting */

void model_open_span(struct model *m, size_t i)
{
    m->mark = arena_mark(&m->step);
    m->span = params_span(&m->params, i);
    m->part = NULL;
    if (m->spans && m->span.floats && !model_is_held(m, m->span.offset))
        m->part = model_floats(m, m->span.floats);
}

static void carve_branch(struct model *m, size_t b)
{
    switch (model_branch(m, b)) {
    case BRANCH_ATTN:
        model_carve_attn(m, false);
        if (m->train)
            model_carve_attn(m, true);
        break;
    case BRANCH_FF: model_carve_ff(m); break;
    default: model_carve_pkm(m, m->train);
    }
}

/* The largest that a step of this size takes, into the arenas' peaks: what is stored and, in
 * turn, what each part of the model needs. */
static void count_batch(struct model *m, size_t T)
{
    size_t spans = params_spans(&m->params);

    model_carve(m, m->batch, T);
    model_carve_ends(m, true);
    for (size_t i = 0; i < spans; i++) {
        model_open_span(m, i);
        if (i == 0 || i + 1 == spans)
            model_carve_ends(m, false);
        else
            carve_branch(m, m->params.branches - i);
        arena_rewind(&m->step, m->mark);
    }
}

static size_t count(struct model *m)
{
    size_t few =
        m->cfg.reverse_thres < m->shape.max_len ? m->cfg.reverse_thres : m->shape.max_len;

    arena_wrap(&m->step, (char *)64, SIZE_MAX / 4); /* addresses that nobody touches */
    arena_wrap(&m->host, (char *)64, SIZE_MAX / 4);
    m->full = false;
    count_batch(m, m->shape.max_len);
    m->full = m->full || m->work.N > INT32_MAX;
    if (few)
        count_batch(m, few);
    return m->full ? SIZE_MAX : m->step.peak + m->host.peak;
}

/* What is worth most for its memory comes first: operations saved a byte are M / 2 for the
 * stream that feed-forward is added to, about (E + 2 C R) / 3 for what attention made, E / 2
 * for the feed-forward layer's inside, Q / 2 for the stream of attention. Late layers are as
 * good as early ones. */
static void choose(struct model *m, size_t budget)
{
    static const struct {
        bool second, inner;
    } items[] = {{true, false}, {false, true}, {true, true}, {false, false}};

    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        for (size_t b = items[i].second; b < m->params.branches; b += 2) {
            struct plan was = m->plan[b];

            if (items[i].inner)
                m->plan[b].inner = true;
            else
                m->plan[b].stream = true;
            if (count(m) > budget) {
                m->plan[b] = was;
                break;
            }
        }
}

int model_make_plan(struct model *m, size_t budget, struct errbuf *eb)
{
    if (count(m) == SIZE_MAX)
        return err_set(eb, RF_ENOMEM, "a batch of %zu x %zu tokens is too large", m->batch,
                       m->shape.max_len);
    if (m->train)
        choose(m, budget);
    count(m); /* leaves the arenas' peaks as they will be */
    return RF_OK;
}

int model_take_memory(struct model *m, struct errbuf *eb)
{
    size_t device_bytes = m->step.peak, host_bytes = m->host.peak;

    m->w = m->op->mem_new(m->nn, m->params.floats * sizeof(float));
    m->memory = m->op->mem_new(m->nn, device_bytes);
    arena_wrap(&m->step, m->memory, device_bytes);
    if (!m->w || !m->memory || arena_init(&m->host, host_bytes) != RF_OK)
        return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for weights, %.0f MB for a batch",
                       (double)m->params.floats * sizeof(float) / 1e6,
                       (double)(device_bytes + host_bytes) / 1e6);
    return RF_OK;
}

/* --- operations of a batch */

/* Of an attention for one token: the products around it, and itself. */
static double attn_products(const struct model *m)
{
    return 2.0 * (double)(m->shape.dim * (m->shape.QK + m->shape.VD));
}

static double attn_out(const struct model *m)
{
    return 2.0 * (double)(m->shape.dim * m->shape.QK);
}

static double attn_itself(const struct model *m)
{
    const struct model_cfg *c = &m->cfg;
    double half = c->causal ? 0.5 : 1, D = (double)m->shape.D, C = (double)c->chunk;
    double local = (c->causal ? 4 : 6) * C, keys = (double)m->work.K * half;
    size_t others = m->shape.heads - c->local_heads;

    if (!m->work.full)
        keys = 2 * C * (double)c->rounds;
    return 4 * D * ((double)c->local_heads * local + (double)others * keys);
}

static double hashing(const struct model *m)
{
    return 2.0 * (double)(hashed(m) * hash_rotation(&m->work.hash));
}

static double pkm_work(const struct model *m)
{
    const struct model_cfg *c = &m->cfg;
    double heads = (double)c->pkm_heads, dim = (double)c->pkm_dim, E = (double)m->shape.dim;

    return 4 * heads * dim * (E + (double)c->pkm_keys) + 2 * heads * (double)c->pkm_topk * E;
}

/* Operations forward, and those of backward to compute it anew. */
struct ops {
    double once, again;
};

/* Of branch b for a token, and for a row of interest, where it ends in those. */
static void branch_work(const struct model *m, size_t b, struct ops *token, struct ops *row)
{
    const struct plan *plan = &m->plan[b];
    struct ops *end = model_ends_in_rows(m, b) ? row : token;
    double inner = plan->inner ? 0 : 1, stream = plan->stream ? 0 : 1, in, out;

    switch (model_branch(m, b)) {
    case BRANCH_ATTN:
        token->once += attn_products(m) + hashing(m);
        token->again += inner * attn_products(m);
        in = attn_itself(m);
        out = attn_out(m);
        break;
    case BRANCH_FF:
        in = 2.0 * (double)(m->shape.dim * m->shape.ff_in);
        out = 2.0 * (double)(m->shape.dim * m->shape.ff);
        break;
    default:
        in = pkm_work(m);
        inner = 1;
        out = 0;
    }
    end->once += in + out;
    end->again += inner * in + stream * out;
}

void model_count_work(struct model *m, struct model_cost *c)
{
    double tokens = (double)m->batch * (double)m->shape.max_len, again;
    struct ops token = {0}, row = {0};

    measure(m, m->batch, m->shape.max_len);
    again = m->work.keep_all ? 0 : 1;
    for (size_t b = 0; b < m->params.branches; b++)
        branch_work(m, b, &token, &row);
    row.once += 2.0 * (double)m->shape.emb * (double)m->shape.vocab;
    if (m->shape.emb != m->shape.dim)
        row.once += 2.0 * (double)(m->shape.emb * m->shape.dim);
    c->blocks = tokens * token.once;
    c->blocks_executed = tokens * (3 * token.once + again * token.again);
    c->head = row.once;
    c->head_executed = 3 * row.once + again * row.again;
}
