/*
 * model_work.c: a batch laid out: its lengths inside, and where each of its arrays lies in the
 * arenas.
 */
#include "model/model_parts.h"

size_t model_times(size_t a, size_t b)
{
    size_t c;

    return __builtin_mul_overflow(a, b, &c) ? SIZE_MAX : c;
}

static void *take_array(struct model *m, struct arena *a, size_t n, size_t size)
{
    void *p = arena_alloc(a, model_times(n, size));

    m->too_large = m->too_large || !p;
    return p;
}

float *model_floats(struct model *m, size_t n)
{
    return take_array(m, &m->step, n, sizeof(float));
}

int32_t *model_ints(struct model *m, size_t n)
{
    return take_array(m, &m->step, n, sizeof(int32_t));
}

enum branch_kind model_branch(const struct model *m, size_t b)
{
    return params_branch(&m->cfg, &m->shape, b);
}

bool model_may_keep_stream(const struct model *m)
{
    return m->cfg.norm !=
           NORM_REZERO; /* a gate's gradient needs y, so that storing saves nothing */
}

/* Whether the end of branch b can be computed for some rows alone; model_ends_in_rows(). */
static bool goes_by_rows(const struct model *m, size_t b)
{
    switch (model_branch(m, b)) {
    case BRANCH_ATTN: return m->cfg.post_attn_dropout == 0 && m->cfg.mem_kv == 0;
    case BRANCH_FF: return m->cfg.ff_dropout == 0;
    default: return false;
    }
}

bool model_ends_in_rows(const struct model *m, size_t b)
{
    size_t last = m->params.branches - 1;

    if (b + 1 < last || !goes_by_rows(m, b))
        return false;
    return b == last || (model_branch(m, last) == BRANCH_FF && goes_by_rows(m, last));
}

/* --- a batch */

bool model_sees_all(const struct model *m, size_t b)
{
    return m->work.full || m->shape.full[b / 2];
}

size_t model_hashed(const struct model *m, size_t b)
{
    if (model_branch(m, b) != BRANCH_ATTN || model_sees_all(m, b))
        return 0;
    return m->shape.heads - m->shape.local[b / 2];
}

/* The first branch that hashes; as many as there are: none. All that do hash as many heads. */
static size_t first_hashed(const struct model *m)
{
    size_t b = 0;

    while (b < m->params.branches && !model_hashed(m, b))
        b++;
    return b;
}

/* Heads of a sequence that hash, in branches that do. */
static size_t hashed(const struct model *m)
{
    size_t b = first_hashed(m);

    return b < m->params.branches ? model_hashed(m, b) : 0;
}

/* Positions that the model has; SIZE_MAX: as many as it is asked for. */
static size_t positions(const struct model *m)
{
    switch (m->shape.position) {
    case POSITION_AXIAL: return m->shape.axial0 * m->shape.axial1;
    case POSITION_ABSOLUTE:
    case POSITION_FIXED: return m->shape.max_len;
    default: return SIZE_MAX;
    }
}

static bool is_aligned(const struct model *m)
{
    return m->cfg.lsh_layout == LAYOUT_ALIGNED;
}

/* Buckets of each round. Aligned or token by token, they must not follow from the batch: a
 * position's bucket would depend on what comes later. */
static size_t buckets(const struct model *m)
{
    size_t pair = 2 * m->cfg.chunk;

    return is_aligned(m) || m->past ? (m->shape.max_len + pair - 1) / pair * 2
                                    : m->work.K / m->cfg.chunk;
}

/* Hashing needs whole pairs of chunks, memory included, so w->T is the length of the sequences
 * rounded up to that. The rows added are zero; those of reformer-pytorch's Autopadder are
 * tokens 0, which are masked, but hashed with the others: with compat they have ids too. */
static void measure(struct model *m, size_t B, size_t T)
{
    struct work *w = &m->work;
    const struct model_cfg *c = &m->cfg;
    size_t pair = 2 * c->chunk, mem = c->mem_kv, H;

    *w = (struct work){
        .B = B, .given_T = T, .embedded = T, .T = T, .kept = w->kept, .dropped = w->dropped};
    w->full = T + mem <= c->full_attn_thres;
    w->keep_all = m->train && T <= c->reverse_thres;
    H = hashed(m);
    if (H && !is_aligned(m) && !model_steps(m))
        w->T = (T + mem + pair - 1) / pair * pair - mem;
    if (m->shape.compat && w->T <= positions(m))
        w->embedded = w->T;
    w->K = w->T + mem;
    w->n = model_times(B, w->T);
    w->N = model_times(B, w->K);
    w->hash = (struct hash_dims){.B = B,
                                 .H = H,
                                 .T = w->K,
                                 .D = m->shape.D,
                                 .heads = m->shape.heads,
                                 .all_heads = H,
                                 .R = c->rounds,
                                 .n1 = buckets(m),
                                 .rots = c->rotations_per_head ? H : 1};
    if (!m->shape.compat && c->hash_factor && w->hash.n1 > c->hash_factor)
        model_factor(w->hash.n1, &w->hash.n1, &w->hash.n2);
}

/* Floats that a set of rotations takes for this length or any shorter one. Of the shorter ones
 * the longest that is not hashed in factors takes the most. */
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
    size_t n = model_times(model_times(w->N, w->hash.H), m->cfg.rounds);

    k->order = model_ints(m, n);
    k->bucket = m->cfg.across_buckets && !is_aligned(m) ? NULL : model_ints(m, n);
}

static void carve_kept(struct model *m, size_t b)
{
    const struct work *w = &m->work;
    struct plan plan = w->keep_all ? (struct plan){true, true} : m->plan[b];
    struct kept *k = &w->kept[b];
    enum branch_kind kind = model_branch(m, b);
    size_t each = model_times(w->N, m->shape.QK);

    *k = (struct kept){0};
    if (model_hashed(m, b) && (m->train || b == first_hashed(m)))
        carve_order(m, k);
    else if (model_hashed(m, b)) /* without backward nobody reads it again: all share one */
        *k = w->kept[first_hashed(m)];
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

/* How many arrays of a struct given are int32_t[n]. */
static size_t given_ints(const struct model *m)
{
    return m->cfg.marks ? 4 : 3;
}

/* The arrays of a struct given, one behind the other from `base` on. Nothing is read: while
 * memory is counted `base` is no address. */
static struct given lay_out(const struct model *m, char *base)
{
    const struct work *w = &m->work;
    size_t ints = w->n * sizeof(int32_t), bytes = given_ints(m) * ints;

    return (struct given){.ids = (int32_t *)(void *)base,
                          .rows = (int32_t *)(void *)(base + ints),
                          .labels = (int32_t *)(void *)(base + 2 * ints),
                          .marks = m->cfg.marks ? (int32_t *)(void *)(base + 3 * ints) : NULL,
                          .real = (uint8_t *)base + bytes,
                          .asked = (uint8_t *)base + bytes + w->N};
}

static void carve_given(struct model *m)
{
    struct work *w = &m->work;
    char *device, *host;

    w->given_bytes = model_times(w->n, given_ints(m) * sizeof(int32_t) + 1) + w->N;
    device = take_array(m, &m->step, w->given_bytes, 1);
    host = take_array(m, &m->host, w->given_bytes, 1);
    if (m->too_large)
        return; /* nobody uses a batch that is too large */
    w->given = lay_out(m, device);
    w->host = lay_out(m, host);
}

void model_carve(struct model *m, size_t B, size_t T)
{
    struct work *w = &m->work;
    size_t nE, sets;

    arena_rewind(&m->step, 0);
    arena_rewind(&m->host, 0);
    measure(m, B, T);
    nE = model_times(w->n, m->shape.dim);
    sets = m->cfg.rotations_per_head ? model_times(B, m->work.hash.H) : 1;
    carve_given(m);
    w->rot = m->past ? NULL : model_floats(m, model_times(rotation_room(m), sets));
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
}

void model_open_span(struct model *m, size_t i)
{
    m->mark = arena_mark(&m->step);
    m->span = params_span(&m->params, i);
    m->part = NULL;
    if (m->spans && m->span.floats && !model_is_held(m, m->span.offset))
        m->part = model_floats(m, m->span.floats);
}
