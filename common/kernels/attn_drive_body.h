/* attn_drive_body.h: which queries meet which keys, in what order; part of attn_body.h. */

static void prepare(const struct attn_head *h, size_t t0, size_t t1)
{
    size_t D = h->s->D;

    for (size_t t = t0; t < t1; t++) {
        const float *x = h->qk + t * D;
        float sum = 0, length;

#pragma omp simd reduction(+ : sum)
        for (size_t d = 0; d < D; d++)
            sum += x[d] * x[d];
        length = sqrtf(sum);
        h->inv[t] = 1.0f / ((length < LENGTH_MIN ? LENGTH_MIN : length) * h->root);
    }
    if (!h->grad_o)
        return;
    for (size_t t = t0; t < t1; t++) {
        const float *go = h->grad_o + t * D, *o = h->o + t * D;
        float sum = 0;

#pragma omp simd reduction(+ : sum)
        for (size_t d = 0; d < D; d++)
            sum += go[d] * o[d];
        h->go_o[t] = sum;
    }
    memset(h->dqk + t0 * D, 0, (t1 - t0) * D * sizeof(float));
    memset(h->dv + t0 * D, 0, (t1 - t0) * D * sizeof(float));
}

/* --- LSH */

static void load_chunk(struct work *w, size_t chunk, size_t at)
{
    const struct attn_head *h = w->h;
    const struct attend_dims *s = w->s;
    const int32_t *pos = h->order + chunk * s->C;
    size_t round = chunk * s->C / s->T;

    load_keys(w, pos, s->C, at);
    load_values(w, pos, s->C, at);
    for (size_t j = 0; j < s->C && !s->across; j++) /* rounds do not share buckets */
        w->bucket[at + j] =
            h->bucket[round * s->T + (size_t)pos[j]] * (int32_t)s->R + (int32_t)round;
    for (size_t r = 0; r < s->R && !s->duplicates; r++)
        for (size_t j = 0; j < s->C; j++) {
            size_t from = r * s->T + (size_t)pos[j], to = r * w->Wp + at + j;

            w->chunk[to] = h->chunk[from];
            w->alike[to] = s->across ? 0 : h->bucket[from];
        }
}

/* Queries qpos[n], which are not among the keys as they are. */
static void gather_queries(struct work *w, struct queries *q, size_t n)
{
    q->n = n;
    q->rows = round_up(n, w->Q % ROWS ? 2 : ROWS);
    q->pos = w->qpos;
    q->a = w->qa;
    q->pan = (struct right){w->q_pan, w->Q / PACK * NP};
    gather(w, w->q, w->h->qk, w->qpos, n, q->rows, w->s->T);
    as_elements(w, w->qa, w->q, q->rows);
    if (w->h->grad_o)
        put_panels(w->q_pan, w->q, w->Dp, q->rows, 0, w->Q);
}

/* Of a chunk's queries those that are asked, side by side. */
static void choose_asked(struct work *w, struct queries *q)
{
    size_t n = 0;

    for (size_t k = 0; k < q->n; k++)
        if (is_asked(w->h, (size_t)q->pos[k])) {
            w->qpos[n] = q->pos[k];
            w->qrow[n++] = w->qrow[k];
        }
    gather_queries(w, q, n);
}

/* The chunk's queries from number i on, in the half at `at`. */
static struct queries chunk_queries(struct work *w, size_t chunk, size_t i, size_t at,
                                    size_t end)
{
    const struct attend_dims *s = w->s;
    const int32_t *pos = w->h->order + chunk * s->C + i;
    size_t rows = w->half - i < w->Q ? w->half - i : w->Q, round = chunk * s->C / s->T;
    bool seam = chunk * s->C % s->T == 0; /* the chunk before may hold the same positions */

    for (size_t k = 0; k < rows; k++)
        w->qrow[k] = (int32_t)(at + i + k);
    return (struct queries){.n = s->C - i < rows ? s->C - i : rows,
                            .rows = rows,
                            .pos = pos,
                            .a = w->xa + (at + i) * w->La,
                            .pan = {w->x_pan + (at + i) / PACK * NP, w->W / PACK * NP},
                            .how = seam ? GENERAL : w->least,
                            .round = round,
                            .at = at,
                            .first = round == 0,
                            .last = round + 1 == s->R,
                            .next = chunk + 1 < end ? pos + s->C : NULL};
}

static void clear_rest(const struct work *w, const struct queries *q)
{
    for (size_t k = 0; k < q->n; k++)
        if (!is_query(w, q, k) || !is_asked(w->h, (size_t)q->pos[k])) {
            size_t i = (size_t)q->pos[k] - w->h->first;

            memset(w->h->o + i * w->D, 0, w->D * sizeof(float));
            w->h->stat[2 * i] = LOWEST;
            w->h->stat[2 * i + 1] = 0;
        }
}

static void lsh_fwd(void *memory, const struct attn_head *h, size_t c0, size_t c1)
{
    struct work w = begin(memory, h);
    size_t C = h->s->C, chunks = h->s->R * h->s->T / C; /* even */

    load_chunk(&w, (c0 + chunks - 1) % chunks, (c0 + 1) % 2 * w.half); /* a ring */
    for (size_t c = c0; c < c1; c++) {
        size_t at = c % 2 * w.half;

        load_chunk(&w, c, at);
        for (size_t i = 0; i < C; i += w.Q) {
            struct queries q = chunk_queries(&w, c, i, at, c1);

            if (q.first)
                clear_rest(&w, &q);
            if (h->asked)
                choose_asked(&w, &q);
            block_fwd(&w, &q);
        }
    }
    end_tiles();
}

static void lsh_bwd(void *memory, const struct attn_head *h, float *edge, size_t c0, size_t c1)
{
    struct work w = begin(memory, h);
    size_t C = h->s->C, chunks = h->s->R * h->s->T / C, before = (c0 + chunks - 1) % chunks;

    load_chunk(&w, before, (c0 + 1) % 2 * w.half);
    for (size_t c = c0; c < c1; before = c++) {
        size_t at = c % 2 * w.half;

        load_chunk(&w, c, at);
        prefetch(&w, h->dv, h->order + before * C, C);
        for (size_t i = 0; i < C; i += w.Q) {
            struct queries q = chunk_queries(&w, c, i, at, c1);

            if (h->asked)
                choose_asked(&w, &q);
            block_bwd(&w, &q);
        }
        add_keys(&w, h->order + before * C, C, w.half - at, c == c0 ? edge : NULL);
    }
    add_keys(&w, h->order + before * C, C, before % 2 * w.half, NULL);
    end_tiles();
}

/* --- ALIGNED: chunks of buckets */

/* A chunk: n slots of a round's order from `at` on; which one of its bucket it is. */
struct cell {
    size_t at, n, number;
};

/* The position in a slot of a round. */
static int32_t slot(const struct attn_head *h, size_t round, size_t i)
{
    return round < h->s->R ? h->order[round * h->s->T + i] : (int32_t)i;
}

/* The bucket that a slot of a round is of. */
static int32_t bucket_of(const struct attn_head *h, size_t round, size_t i)
{
    return round < h->s->R ? h->bucket[round * h->s->T + (size_t)slot(h, round, i)] : 0;
}

/* Move *c to the next chunk; one that ends at the first slot, of no bucket, stands before the
 * first. False: there is none before `end`. */
static bool next_cell(const struct attn_head *h, size_t round, size_t end, struct cell *c)
{
    size_t at = c->at + c->n, C = h->s->C;
    int32_t bucket;

    if (at >= end)
        return false;
    bucket = bucket_of(h, round, at);
    c->number = c->n && bucket_of(h, round, at - 1) == bucket ? c->number + 1 : 0;
    c->at = at;
    c->n = 1;
    while (c->n < C && at + c->n < end && bucket_of(h, round, at + c->n) == bucket)
        c->n++;
    return true;
}

/* The half of the window that a chunk takes: what bucket comes before must not matter. */
static size_t half_of(const struct work *w, const struct cell *c)
{
    return c->number % 2 * w->half;
}

/* Hide what the other half holds if nothing of a chunk's bucket lies before it. */
static void hide_before(struct work *w, const struct cell *c)
{
    for (size_t j = 0; j < w->half && c->number == 0; j++)
        w->limit[w->half - half_of(w, c) + j] = HIDDEN;
}

/* Take a chunk's keys into the window. */
static void load_cell(struct work *w, size_t round, const struct cell *c)
{
    size_t at = half_of(w, c);

    for (size_t i = 0; i < c->n; i++)
        w->line[at + i] = slot(w->h, round, c->at + i);
    load_keys(w, w->line + at, c->n, at);
    load_values(w, w->line + at, c->n, at);
    hide_before(w, c);
}

/* A window without keys. */
static struct work begin_window(void *memory, const struct attn_head *h)
{
    struct work w = begin(memory, h);

    for (size_t at = 0; at < w.W; at += w.half) {
        load_keys(&w, w.line, 0, at);
        load_values(&w, w.line, 0, at);
    }
    return w;
}

/* Begin with slot i0 of a round: no key is there yet, or those of the chunk before. */
static struct work begin_cells(void *memory, const struct attn_head *h, size_t round, size_t i0,
                               struct cell *c)
{
    struct work w = begin_window(memory, h);
    size_t C = h->s->C;

    *c = (struct cell){.at = i0};
    if (round == h->s->R && i0) {
        *c = (struct cell){.at = i0 - C, .n = C, .number = i0 / C - 1};
        load_cell(&w, round, c);
    }
    return w;
}

/* A chunk's queries from number i on. */
static struct queries cell_queries(struct work *w, size_t round, const struct cell *c, size_t i)
{
    size_t at = half_of(w, c) + i, n = c->n - i < w->Q ? c->n - i : w->Q;
    size_t rows = round_up(n, w->Q % ROWS ? 2 : ROWS);

    for (size_t k = 0; k < n; k++)
        w->qrow[k] = (int32_t)(at + k);
    return (struct queries){.n = n,
                            .rows = rows < w->half - i ? rows : w->half - i,
                            .pos = w->line + at,
                            .a = w->xa + at * w->La,
                            .pan = {w->x_pan + at / PACK * NP, w->W / PACK * NP},
                            .how = w->least,
                            .round = round,
                            .at = half_of(w, c),
                            .first = round == 0,
                            .last = round == w->s->R};
}

static void aligned_fwd(void *memory, const struct attn_head *h, size_t round, size_t i0,
                        size_t i1)
{
    struct cell c;
    struct work w = begin_cells(memory, h, round, i0, &c);

    while (next_cell(h, round, i1, &c)) {
        load_cell(&w, round, &c);
        for (size_t i = 0; i < c.n; i += w.Q) {
            struct queries q = cell_queries(&w, round, &c, i);

            if (q.first)
                clear_rest(&w, &q);
            if (h->asked)
                choose_asked(&w, &q);
            block_fwd(&w, &q);
        }
    }
    end_tiles();
}

/* A chunk's keys have met all their queries. */
static void leave_cell(struct work *w, const struct cell *c)
{
    add_keys(w, w->line + half_of(w, c), c->n, half_of(w, c), NULL);
}

static void aligned_bwd(void *memory, const struct attn_head *h, size_t round, size_t i0,
                        size_t i1)
{
    struct cell c, before;
    struct work w = begin_cells(memory, h, round, i0, &c);

    for (before = c; next_cell(h, round, i1, &c); before = c) {
        if (c.number == 0 && before.n)
            leave_cell(&w, &before);
        load_cell(&w, round, &c);
        for (size_t i = 0; i < c.n; i += w.Q) {
            struct queries q = cell_queries(&w, round, &c, i);

            if (h->asked)
                choose_asked(&w, &q);
            block_bwd(&w, &q);
        }
        if (c.number > 0)
            leave_cell(&w, &before);
    }
    if (before.n)
        leave_cell(&w, &before);
    end_tiles();
}
