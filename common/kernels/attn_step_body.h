/*
 * attn_step_body.h: one query at a time, where a model goes on token by token; part of
 * attn_body.h.
 *
 * A key meets one query, so packing it would cost more than its product: where `in_place` is
 * set, keys and values are read where they lie. They have the columns of the window that they
 * would have if they were packed, and all sums run in that order, so that the bits are those of
 * whole sequences.
 */

static bool in_panels(const struct attend_dims *s)
{
    return round_up(s->C, 8) % NP == 0;
}

/* Begin one query: its window looks at no more rows than its keys take, if halves are panels.
 */
static struct work begin_step(void *memory, const struct attn_head *h)
{
    bool panels = !attend_hashes(h->s) || in_panels(h->s);
    struct work w = panels ? begin(memory, h) : begin_window(memory, h);

    w.in_place = PACK == 1 && panels && w.Dp == w.D && w.least != GENERAL;
    if (w.in_place)
        memset(w.nothing, 0, w.D * sizeof *w.nothing);
    return w;
}

/* The last keys that come are n, in the half at `at`; those before it are there. What is left
 * out would have weights of 0. */
static void end_window(struct work *w, size_t at, size_t n)
{
    w->fill = in_panels(w->s) ? round_up(n, NP) : w->half;
    w->live = in_panels(w->s) ? at + w->fill : w->W;
}

static void whole_window(struct work *w)
{
    w->fill = w->half;
    w->live = w->W;
}

/* n keys and their values, at positions pos[], into the window's rows from `at` on. */
static void take_keys(struct work *w, const int32_t *pos, size_t n, size_t at)
{
    if (!w->in_place) {
        load_keys(w, pos, n, at);
        load_values(w, pos, n, at);
        return;
    }
    for (size_t j = 0; j < w->fill; j++) {
        size_t row = j < n ? row_at(w, pos[j]) * w->D : 0;

        w->x_at[at + j] = j < n ? w->h->qk + row : w->nothing;
        w->v_at[at + j] = j < n ? w->h->v + row : w->nothing;
    }
    mark_keys(w, pos, n, at);
}

/* Lane i of r[k] is lane k of x_at[i] from number d on. */
INLINE void load_turned(vec r[VL], const float *const *x_at, size_t d)
{
#pragma GCC unroll 16
    for (size_t i = 0; i < VL; i++)
        r[i] = *(const vec *)(x_at[i] + d);
#if VL == 8
    turn_8x8(r);
#else
    transpose(r);
#endif
}

/* s[n]: products of the query with the window's first n keys, whole vectors. */
static void find_in_place(const struct work *w, float *s, const float *query, size_t n)
{
    for (size_t j = 0; j < n; j += VL) {
        vec sum = {0};

        for (size_t d = 0; d < w->D; d += VL) {
            vec r[VL];

            load_turned(r, w->x_at + j, d);
#pragma GCC unroll 16
            for (size_t k = 0; k < VL; k++)
                sum = add_product(sum, query[d + k], r[k], false);
        }
        *(vec *)(s + j) = sum;
    }
}

/* to[vectors * VL]: the sum of the window's first n values from number d on, times p[n]. */
INLINE void add_values(const struct work *w, float *to, const float *p, size_t n, size_t d,
                       size_t vectors)
{
    vec sum[8];

#pragma GCC unroll 8
    for (size_t v = 0; v < vectors; v++)
        sum[v] = (vec){0};
    for (size_t j = 0; j < n; j++)
#pragma GCC unroll 8
        for (size_t v = 0; v < vectors; v++)
            sum[v] = add_product(sum[v], p[j], *(const vec *)(w->v_at[j] + d + v * VL), false);
#pragma GCC unroll 8
    for (size_t v = 0; v < vectors; v++)
        *(vec *)(to + d + v * VL) = sum[v];
}

static void mix_in_place(const struct work *w, float *to, const float *p, size_t n)
{
    size_t d = 0;

    for (; d + 8 * VL <= w->D; d += 8 * VL)
        add_values(w, to, p, n, d, 8);
    for (; d + 4 * VL <= w->D; d += 4 * VL)
        add_values(w, to, p, n, d, 4);
    for (; d < w->D; d += NP)
        add_values(w, to, p, n, d, 2);
}

/* The queries at positions qpos[n] meet the window's keys; where it is `in_place`, at most one.
 */
static void meet_queries(struct work *w, struct queries *q, size_t n)
{
    struct row r;

    if (!w->in_place) {
        gather_queries(w, q, n);
        block_fwd(w, q);
        return;
    }
    if (n == 0)
        return;
    q->pos = w->qpos;
    r = row_of(w, q, 0);
    find_in_place(w, w->s_, w->h->qk + row_at(w, w->qpos[0]) * w->D, r.n);
    w->fade[0] = q->how == PLAIN ? soften(w->s_, &r, q->first, PLAIN)
                                 : soften(w->s_, &r, q->first, MASKED);
    mix_in_place(w, w->out, w->s_, w->live);
    merge(w, q, 0);
}

/* --- ALIGNED */

/* Number i of the positions that position t's bucket has in a round. */
static int32_t member(const struct attn_head *h, size_t round, size_t i)
{
    size_t C = h->s->C;

    if (round == h->s->R)
        return (int32_t)i;
    return h->past
        ->recent[(round * h->past->N + (size_t)h->bucket[round]) * 2 * C + i % (2 * C)];
}

/* Ask for a chunk's keys and values while others are met: they lie scattered. */
static void expect_members(const struct work *w, size_t round, const struct cell *c)
{
    for (size_t i = 0; i < c->n; i++) {
        int32_t p = member(w->h, round, c->at + i);

        prefetch(w, w->h->qk, &p, 1);
        prefetch(w, w->h->v, &p, 1);
    }
}

static void take_members(struct work *w, size_t round, const struct cell *c)
{
    size_t at = half_of(w, c);

    for (size_t i = 0; i < c->n; i++)
        w->line[at + i] = member(w->h, round, c->at + i);
    take_keys(w, w->line + at, c->n, at);
    hide_before(w, c);
}

/* The chunk of a round that position t ends. */
static struct cell cell_of(const struct attn_head *h, size_t round, size_t t)
{
    const struct attend_past *past = h->past;
    size_t C = h->s->C, i = t;

    if (round < h->s->R)
        i = (size_t)past->count[round * past->N + (size_t)h->bucket[round]] - 1;
    return (struct cell){.at = i / C * C, .n = i % C + 1, .number = i / C};
}

/* The chunk before it in its bucket; n is 0 where there is none. */
static struct cell cell_before(const struct attn_head *h, const struct cell *c)
{
    size_t C = c->number ? h->s->C : 0;

    return (struct cell){.at = c->at - C, .n = C, .number = c->number - 1};
}

/* The chunks are those that aligned_fwd() would make of all positions up to t: their keys come
 * to the same places, so that all sums have the same order. */
static void aligned_step(void *memory, const struct attn_head *h, size_t t)
{
    struct work w = begin_step(memory, h);
    size_t R = h->s->R;
    struct cell own = cell_of(h, 0, t), before = cell_before(h, &own), next;

    for (size_t round = 0; round <= R; round++, own = next, before = cell_before(h, &own)) {
        struct queries q = {.how = w.least,
                            .round = round,
                            .at = half_of(&w, &own),
                            .first = round == 0,
                            .last = round == R};

        next = cell_of(h, round < R ? round + 1 : R, t);
        if (round < R) {
            struct cell last = cell_before(h, &next);

            expect_members(&w, round + 1, &last);
            expect_members(&w, round + 1, &next);
        }
        whole_window(&w);
        if (before.n)
            take_members(&w, round, &before);
        if (q.at || !before.n) /* else the chunk before lies behind */
            end_window(&w, q.at, own.n);
        take_members(&w, round, &own);
        w.qpos[0] = (int32_t)t;
        w.qrow[0] = (int32_t)(q.at + own.n - 1);
        meet_queries(&w, &q, 1);
    }
    end_tiles();
}

static void chosen_step(void *memory, const struct attn_head *h, size_t t, const int32_t *keys,
                        const size_t *n)
{
    struct work w = begin_step(memory, h);
    size_t C = h->s->C, R = h->s->R;

    for (size_t round = 0; round < R; round++, keys += 2 * C) {
        size_t self = n[round] - 1, first = n[round] < C ? n[round] : C;
        struct queries q = {
            .how = w.least, .round = round, .first = round == 0, .last = round + 1 == R};

        whole_window(&w);
        if (n[round] == first)
            end_window(&w, 0, first);
        take_keys(&w, keys, first, 0);
        if (n[round] > first || !in_panels(h->s)) {
            end_window(&w, w.half, n[round] - first);
            take_keys(&w, keys + first, n[round] - first, w.half);
        }
        w.qpos[0] = (int32_t)t;
        w.qrow[0] = (int32_t)(self < C ? self : w.half + self - C);
        meet_queries(&w, &q, 1);
    }
    end_tiles();
}
