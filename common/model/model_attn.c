/*
 * model_attn.c: attention, a group of heads at a time.
 *
 * Arrays [N,...], N = B K, lie token by token, arrays [B,H,K,D] head by head. Projections and
 * the product behind attention go by panels of rows, so that the only large arrays are those of
 * the heads in hand.
 */
#include "model/layers.h"
#include "model/model_parts.h"

/* The group and its arrays; h, u, d [P,E] and norm [P,2] are of a panel. */
struct attn {
    size_t first, heads; /* which heads of the model */
    size_t values;       /* heads that have values of their own */
    float *h, *norm, *u, *d;
    float *t;                 /* [N, heads D + values D] */
    float *qk, *v, *o, *stat; /* [B,heads,K,D]; stat [B,heads,K,2] */
    float *grad_o, *dqk, *dv; /* [B,heads,K,D] */
    float *out, *dout;        /* [E, heads D]: the group's columns of ATTN_OUT, their gradient;
                                 NULL: the group is all heads, and the matrix is used itself */
    float *few, *few_d; /* a panel of rows of interest: [P, heads D] of t, [P,E] of dout */
    int32_t *few_out;   /* [P,E] of the stream */
    int32_t *bucket;
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool whole(const struct model *m, const struct attn *a)
{
    return a->heads == m->shape.heads;
}

/* Take room for a group, as much as the largest needs. */
static struct attn carve_attn(struct model *m, const struct kept *k, bool backward)
{
    const struct work *w = &m->work;
    size_t g = m->shape.group, P = model_panel_rows(m), E = m->shape.dim;
    size_t gD = g * m->shape.D, each = model_times(w->N, gD), PE = model_times(P, E);
    struct attn a = {.heads = g, .values = m->cfg.one_value_head ? 1 : g};

    a.h = model_floats(m, PE);
    a.norm = model_floats(m, model_times(P, 2));
    a.u = model_floats(m, PE);
    a.t = model_floats(m, model_times(w->N, gD + a.values * m->shape.D));
    if (k->qk) {
        a.qk = k->qk;
        a.v = k->v;
        a.o = k->o;
        a.stat = k->stat;
    } else {
        a.qk = model_floats(m, each);
        a.v = model_floats(m, each);
        a.o = model_floats(m, each);
        a.stat = model_floats(m, model_times(model_times(w->N, g), 2));
    }
    a.out = g < m->shape.heads ? model_floats(m, E * gD) : NULL;
    a.few = model_floats(m, model_times(P, gD));
    a.few_out = model_ints(m, PE);
    if (!backward) {
        a.bucket = model_ints(m, model_times(model_times(w->N, g), m->cfg.rounds));
        return a;
    }
    a.d = model_floats(m, PE);
    a.few_d = model_floats(m, PE);
    a.grad_o = model_floats(m, each);
    a.dqk = model_floats(m, each);
    a.dv = model_floats(m, each);
    a.dout = a.out ? model_floats(m, E * gD) : NULL;
    return a;
}

void model_carve_attn(struct model *m, bool backward)
{
    const struct kept none = {0};
    size_t mark = arena_mark(&m->step);

    carve_attn(m, &none, backward);
    arena_rewind(&m->step, mark);
}

/* Turn to the group that begins at head `first`. */
static void turn_to(struct model *m, struct attn *a, size_t first)
{
    a->first = first;
    a->heads = least(m->shape.group, m->shape.heads - first);
    a->values = m->cfg.one_value_head ? 1 : a->heads;
}

/* --- heads and tokens */

static void split(struct model *m, float *y, const float *x, size_t ld, const struct attn *a,
                  size_t repeat)
{
    m->op->split_heads(m->nn, y, x, ld, m->work.B, m->work.K, a->heads, m->shape.D, repeat);
}

static void merge(struct model *m, float *y, size_t ld, const float *x, const struct attn *a,
                  size_t repeat)
{
    m->op->merge_heads(m->nn, y, ld, x, m->work.B, m->work.K, a->heads, m->shape.D, repeat);
}

/* --- projections: t holds the queries and the values of the group. If it is all heads they lie
 * side by side, and one product makes both; else the values lie behind all queries. */

struct places {
    size_t qk, v;       /* widths */
    size_t ld_qk, ld_v; /* from row to row */
    float *at_qk, *at_v;
    size_t i;                /* their first parameter, ATTN_QK */
    const float *w_qk, *w_v; /* their weights */
    size_t to_qk, to_v;      /* offsets of the gradients of these in a block, in floats */
};

static struct places places_of(const struct model *m, const struct attn *a, size_t b)
{
    size_t D = m->shape.D, E = m->shape.dim;
    struct places s = {.qk = a->heads * D, .v = a->values * D};
    size_t qk = param_of(b, ATTN_QK), v = param_of(b, ATTN_V), before = a->first * D * E;
    size_t before_v = m->cfg.one_value_head ? 0 : before;

    s.i = qk;
    s.w_qk = weight(m, qk) + before;
    s.w_v = weight(m, v) + before_v;
    s.to_qk = m->params.p[qk].offset + before;
    s.to_v = m->params.p[v].offset + before_v;
    s.at_qk = a->t;
    s.at_v = whole(m, a) ? a->t + s.qk : a->t + m->work.N * s.qk;
    s.ld_qk = whole(m, a) ? s.qk + s.v : s.qk;
    s.ld_v = whole(m, a) ? s.ld_qk : s.v;
    return s;
}

/* Rows of t from row `at` on = h W'. */
static void product(struct model *m, const struct attn *a, const struct places *s,
                    const float *h, size_t at, size_t rows)
{
    size_t E = m->shape.dim;
    float *qk = s->at_qk + at * s->ld_qk;

    if (whole(m, a)) {
        times_weights(m, qk, h, s->w_qk, s->i, s->ld_qk, E, rows);
        return;
    }
    m->op->gemm(m->nn, rows, s->qk, E, h, false, s->w_qk, true, 0, qk);
    m->op->gemm(m->nn, rows, s->v, E, h, false, s->w_v, true, 0, s->at_v + at * s->v);
}

/* Add to the gradients of those weights from rows of t, which holds gradients by now; dh = t W
 * + beta dh. */
static void product_bwd(struct model *m, const struct attn *a, const struct places *s,
                        const float *h, size_t at, size_t rows, float beta, float *dh)
{
    const struct nn_ops *op = m->op;
    size_t E = m->shape.dim, both = s->ld_qk;
    const float *qk = s->at_qk + at * s->ld_qk, *v = s->at_v + at * s->v;

    if (whole(m, a)) {
        op->gemm(m->nn, both, E, rows, qk, true, h, false, 1, gradient_at(m, s->to_qk));
        op->gemm(m->nn, rows, E, both, qk, false, s->w_qk, false, beta, dh);
        return;
    }
    op->gemm(m->nn, s->qk, E, rows, qk, true, h, false, 1, gradient_at(m, s->to_qk));
    op->gemm(m->nn, rows, E, s->qk, qk, false, s->w_qk, false, beta, dh);
    op->gemm(m->nn, s->v, E, rows, v, true, h, false, 1, gradient_at(m, s->to_v));
    op->gemm(m->nn, rows, E, s->v, v, false, s->w_v, false, 1, dh);
}

/* Whether an attention has keys besides the tokens': where all its heads are local it has none,
 * and their rows in [B,K] arrays are not looked at. */
static bool has_memory(const struct model *m, size_t b)
{
    return m->params.p[param_of(b, ATTN_MEM)].dims > 0;
}

/* Copy the memory's rows of the first sequence, in an array [N,ld], to all the others. */
static void spread_memory(struct model *m, float *x, size_t ld)
{
    const struct work *w = &m->work;
    size_t first = w->T * ld, next = w->K * ld;

    if (w->B > 1)
        m->op->copy_rows(m->nn, x + first + next, next, x + first, 0, w->B - 1,
                         m->cfg.mem_kv * ld);
}

/* Make the memory's rows of t once, and copy them to every sequence. */
static void project_memory(struct model *m, const struct attn *a, const struct places *s,
                           size_t b)
{
    product(m, a, s, weight(m, param_of(b, ATTN_MEM)), m->work.T, m->cfg.mem_kv);
    spread_memory(m, s->at_qk, s->ld_qk);
    if (!whole(m, a))
        spread_memory(m, s->at_v, s->v);
}

static void project(struct model *m, const struct flow *f, const struct attn *a)
{
    struct places s = places_of(m, a, f->b);
    struct panel p = {0};

    while (model_next_panel(m, &p, true)) {
        model_norm(m, a->h, a->norm, f->in + p.x * m->shape.dim, f->b, p.rows);
        product(m, a, &s, a->h, p.t, p.rows);
    }
    if (has_memory(m, f->b))
        project_memory(m, a, &s, f->b);
    split(m, a->qk, s.at_qk, s.ld_qk, a, 1);
    split(m, a->v, s.at_v, s.ld_v, a, a->heads / a->values);
}

static void project_bwd(struct model *m, const struct flow *f, const struct attn *a)
{
    struct places s = places_of(m, a, f->b);
    size_t E = m->shape.dim, mem = param_of(f->b, ATTN_MEM);
    struct panel p = {0};

    merge(m, s.at_qk, s.ld_qk, a->dqk, a, 1);
    merge(m, s.at_v, s.ld_v, a->dv, a, a->heads / a->values);
    while (model_next_panel(m, &p, true)) {
        const int32_t *x = f->in + p.x * E;

        model_norm(m, a->h, a->norm, x, f->b, p.rows);
        product_bwd(m, a, &s, a->h, p.t, p.rows, 0, a->u);
        model_norm_bwd(m, f->din + p.x * E, a->u, a->h, x, a->norm, f->b, p.rows);
    }
    for (size_t b = 0; has_memory(m, f->b) && b < m->work.B; b++)
        product_bwd(m, a, &s, weight(m, mem), b * m->work.K + m->work.T, m->cfg.mem_kv, 1,
                    gradient(m, mem));
}

/* --- attention itself, by spans of heads of one kind */

struct span {
    size_t head, heads; /* the first one, as the model counts them; how many */
    struct attend_dims dims;
    float *qk, *v, *o, *stat;
    float *grad_o, *dqk, *dv;
    int32_t *order, *bucket;
};

/* Padding is read by nobody, but hashed heads of later layers sort it among the real tokens:
 * to be a version's model, number for number, it has to be that version's padding. */
static enum attend_padding padding_of(const struct model *m)
{
    switch (m->cfg.compat) {
    case COMPAT_1_1_3: return PADDING_MEAN;
    case COMPAT_1_4_4: return PADDING_MEAN_IF_ALONE;
    default: return PADDING_SEES;
    }
}

static void span_dims(const struct model *m, struct span *s, size_t b, size_t stride)
{
    const struct work *w = &m->work;
    bool local = s->head < model_local(m, b);
    bool aligned = m->cfg.lsh_layout == LAYOUT_ALIGNED;
    float rate = model_drop_rate(m, DROP_ATTN);

    s->dims = (struct attend_dims){.kind = local                  ? ATTEND_LOCAL
                                           : model_sees_all(m, b) ? ATTEND_FULL
                                           : aligned              ? ATTEND_ALIGNED
                                                                  : ATTEND_LSH,
                                   .padding = padding_of(m),
                                   .B = w->B,
                                   .H = s->heads,
                                   .T = w->K,
                                   .D = m->shape.D,
                                   .heads = stride,
                                   .queries = w->T,
                                   .R = m->cfg.rounds,
                                   .C = local ? local_chunk(&m->cfg) : m->cfg.chunk,
                                   .back = m->cfg.local_back,
                                   .causal = m->cfg.causal,
                                   .across = m->cfg.across_buckets,
                                   .duplicates = m->cfg.duplicates,
                                   .asked = model_for_few(m, b) ? w->given.asked : NULL,
                                   .n_asked = w->few,
                                   .dropout = rate,
                                   .first_head = s->head};
    if (rate > 0)
        s->dims.draw = model_drop(m, b, DROP_ATTN);
}

/* Move *s to the next span of the group; {0} stands before the first. False: there is none. */
static bool next_span(const struct model *m, const struct attn *a, const struct flow *f,
                      struct span *s)
{
    const struct work *w = &m->work;
    size_t end = a->first + a->heads, KD = w->K * m->shape.D, in;
    size_t head = s->heads ? s->head + s->heads : a->first, hashed,
           local = model_local(m, f->b);

    if (head == end)
        return false;
    *s = (struct span){.head = head, .heads = end - head};
    if (head < local)
        s->heads = least(s->heads, local - head);
    in = head - a->first;
    span_dims(m, s, f->b, a->heads);
    s->qk = a->qk + in * KD;
    s->v = a->v + in * KD;
    s->o = a->o + in * KD;
    s->stat = a->stat + in * w->B * w->K * 2;
    if (a->grad_o) {
        s->grad_o = a->grad_o + in * KD;
        s->dqk = a->dqk + in * KD;
        s->dv = a->dv + in * KD;
    }
    if (!attend_hashes(&s->dims))
        return true;
    hashed = (head - local) * w->B * m->cfg.rounds * w->K;
    s->order = f->kept->order + hashed;
    s->bucket = f->kept->bucket ? f->kept->bucket + hashed : NULL;
    return true;
}

/* Sets of rotations that an attention has: only given ones may differ by sequence. */
static size_t rotation_sets(const struct model *m)
{
    const struct work *w = &m->work;

    return m->cfg.rotations_per_head && m->draw->given ? w->B * w->hash.rots : w->hash.rots;
}

/* Bring the rotations of all heads of an attention into w->rot. */
static void draw_rotations(struct model *m, size_t b)
{
    const struct model_draw *draw = m->draw;
    struct work *w = &m->work;
    size_t n = hash_rotation(&w->hash) * rotation_sets(m);
    size_t k = b / 2 + b % 2 * m->shape.depth;

    if (!model_hashed(m, b))
        return;
    if (m->past) {
        bool drawn;

        w->rot = model_past_rotations(m, b, &drawn);
        if (drawn)
            return;
    }
    if (draw->given)
        m->op->upload(m->nn, w->rot, draw->given[k], n * sizeof *w->rot);
    else
        m->op->fill_normal(m->nn, w->rot, 1,
                           rng_stream(draw->seed, draw->step, (uint32_t)k, RNG_ROTATE), n);
}

/* Hash the queries of a span, and sort them by bucket into s->order. What goes on token by
 * token finds its bucket's keys in the past. */
static void sort_span(struct model *m, const struct attn *a, const struct span *s, size_t b)
{
    const struct work *w = &m->work;
    struct hash_dims h = w->hash;
    int32_t *bucket = s->bucket ? s->bucket : a->bucket;

    h.H = s->heads;
    h.heads = a->heads;
    h.first_head = s->head - model_local(m, b);
    h.rots = rotation_sets(m);
    m->op->lsh_hash(m->nn, bucket, s->qk, w->rot, &h);
    if (model_steps(m))
        return;
    m->op->lsh_sort(m->nn, s->order, bucket, w->B * h.H * h.R, w->K, hash_buckets(&h));
}

/* Turn queries by their positions (sign 1), or their gradients back (sign -1). reformer-pytorch
 * does it for heads that hash alone. */
static void rotate(struct model *m, const struct span *s, float *x, size_t stride, float sign)
{
    const struct work *w = &m->work;

    if (m->shape.position == POSITION_ROTARY &&
        (!m->shape.compat || s->dims.kind == ATTEND_LSH))
        m->op->rotary(m->nn, x, sign, w->B, stride, s->heads, model_first(m), w->K, m->shape.D,
                      model_first(m) + w->T);
}

/* Padding is no past. */
static void put_span(struct model *m, const struct attend_past *past, const struct span *s,
                     const int32_t *bucket)
{
    struct attend_dims dims = s->dims;

    dims.queries = m->work.given_T;
    m->op->attend_put(m->nn, past, s->qk, s->v, bucket, model_first(m), &dims);
}

/* Make o from qk and v. With `sort` heads that hash get a new order; backward takes the one
 * that forward kept. */
static void attend(struct model *m, const struct flow *f, const struct attn *a, bool sort)
{
    struct attend_past past;
    struct span s = {0};

    while (next_span(m, a, f, &s)) {
        if (sort && attend_hashes(&s.dims))
            sort_span(m, a, &s, f->b);
        rotate(m, &s, s.qk, a->heads, 1);
        if (m->past)
            past = model_past_of(m, f->b, s.head);
        if (m->past)
            put_span(m, &past, &s, s.bucket ? s.bucket : a->bucket);
        if (model_steps(m))
            m->op->attend_step(m->nn, s.o, &past, s.bucket ? s.bucket : a->bucket,
                               model_first(m), &s.dims);
        else
            m->op->attend_fwd(m->nn, s.o, s.stat, s.qk, s.v, s.order, s.bucket, m->work.real,
                              &s.dims);
    }
}

static void attend_bwd(struct model *m, const struct flow *f, const struct attn *a)
{
    struct span s = {0};

    while (next_span(m, a, f, &s)) {
        m->op->attend_bwd(m->nn, s.dqk, s.dv, s.grad_o, s.o, s.stat, s.qk, s.v, s.order,
                          s.bucket, m->work.real, &s.dims);
        rotate(m, &s, s.dqk, a->heads, -1);
    }
}

/* --- the product behind it */

static void take_columns(struct model *m, float *to, const float *from, const struct attn *a)
{
    size_t gD = a->heads * m->shape.D;

    m->op->copy_rows(m->nn, to, gD, from + a->first * m->shape.D, m->shape.QK, m->shape.dim,
                     gD);
}

/* Add the product of a panel of t to the stream. The bias comes once: with the first group. */
static void panel_on(struct model *m, const struct flow *f, const struct attn *a,
                     const struct panel *p, const float *t)
{
    size_t i = param_of(f->b, ATTN_OUT), gD = a->heads * m->shape.D;
    size_t bias = a->first ? SIZE_MAX : param_of(f->b, ATTN_OUT_BIAS);
    const float *w = a->out ? a->out : weight(m, i);

    times_weights(m, a->u, t, w, i, m->shape.dim, gD, p->rows);
    model_put_on(m, f, p, a->u, bias);
}

/* Take the same off the stream; the panel of t becomes its own gradient. */
static void panel_off(struct model *m, const struct flow *f, const struct attn *a,
                      const struct panel *p, float *t)
{
    size_t i = param_of(f->b, ATTN_OUT), E = m->shape.dim, gD = a->heads * m->shape.D;
    size_t bias = a->first ? SIZE_MAX : param_of(f->b, ATTN_OUT_BIAS);
    const float *w = a->out ? a->out : weight(m, i), *dy;
    float *dw = a->out ? a->dout : gradient(m, i);

    if (!f->kept->stream)
        m->op->gemm(m->nn, p->rows, E, gD, t, false, w, true, 0, a->u);
    dy = model_take_off(m, f, p, a->u, bias, a->d);
    m->op->gemm(m->nn, E, gD, p->rows, dy, true, t, false, 1, dw);
    m->op->gemm(m->nn, p->rows, gD, E, dy, false, w, false, 0, t);
}

/* Both for the rows of interest alone: each panel of them is gathered from the stream and from
 * t, and put back. The other rows of t are 0, and stay so. */
static void few(struct model *m, const struct flow *f, const struct attn *a, bool backward)
{
    const struct nn_ops *op = m->op;
    size_t E = m->shape.dim, gD = a->heads * m->shape.D, P = model_panel_rows(m);
    struct kept kept = *f->kept;
    const struct flow g = {f->b, NULL, a->few_out, NULL, a->few_d, &kept};

    for (size_t at = 0; at < m->work.few; at += P) {
        const struct panel p = {.rows = least(P, m->work.few - at)};
        const int32_t *rows = m->work.given.rows + at;

        op->gather_rows(m->nn, a->few, a->t, rows, p.rows, gD);
        op->gather_rows(m->nn, as_rows(a->few_out), as_rows(f->out), rows, p.rows, E);
        if (backward) {
            op->gather_rows(m->nn, a->few_d, f->dout, rows, p.rows, E);
            panel_off(m, &g, a, &p, a->few);
            op->put_rows(m->nn, a->t, a->few, rows, p.rows, gD);
        } else {
            panel_on(m, &g, a, &p, a->few);
        }
        op->put_rows(m->nn, as_rows(f->out), as_rows(a->few_out), rows, p.rows, E);
    }
}

/* Lay o out token by token in t, and add its product to the stream. */
static void put_on(struct model *m, const struct flow *f, const struct attn *a)
{
    size_t gD = a->heads * m->shape.D;
    struct panel p = {0};

    merge(m, a->t, gD, a->o, a, 1);
    if (a->out)
        take_columns(m, a->out, weight(m, param_of(f->b, ATTN_OUT)), a);
    if (model_for_few(m, f->b))
        few(m, f, a, false);
    else
        while (model_next_panel(m, &p, true))
            panel_on(m, f, a, &p, a->t + p.t * gD);
}

/* Take it off the stream again, and make grad_o. */
static void take_off(struct model *m, const struct flow *f, const struct attn *a)
{
    size_t i = param_of(f->b, ATTN_OUT), E = m->shape.dim, gD = a->heads * m->shape.D;
    struct panel p = {0};

    merge(m, a->t, gD, a->o, a, 1);
    if (a->out) {
        take_columns(m, a->out, weight(m, i), a);
        take_columns(m, a->dout, gradient(m, i), a);
    }
    if (model_for_few(m, f->b))
        few(m, f, a, true);
    else
        while (model_next_panel(m, &p, true))
            panel_off(m, f, a, &p, a->t + p.t * gD);
    if (a->out)
        m->op->copy_rows(m->nn, gradient(m, i) + a->first * m->shape.D, m->shape.QK, a->dout,
                         gD, E, gD);
    split(m, a->grad_o, a->t, gD, a, 1);
}

static void group_bwd(struct model *m, const struct flow *f, const struct attn *a)
{
    if (!f->kept->qk) {
        project(m, f, a);
        attend(m, f, a, false);
    }
    take_off(m, f, a);
    attend_bwd(m, f, a);
    project_bwd(m, f, a);
}

void model_attn(struct model *m, const struct flow *f, bool backward)
{
    size_t mark = arena_mark(&m->step);
    struct attn a = carve_attn(m, f->kept, backward);

    if (!backward)
        draw_rotations(m, f->b);
    for (size_t h = 0; h < m->shape.heads; h += m->shape.group) {
        turn_to(m, &a, h);
        if (backward) {
            group_bwd(m, f, &a);
            continue;
        }
        project(m, f, &a);
        attend(m, f, &a, true);
        put_on(m, f, &a);
    }
    arena_rewind(&m->step, mark);
}
