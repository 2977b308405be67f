/*
 * attn_body.h: attention of one head, fused: nothing larger than the logits of a block of
 * queries is ever stored. See kernels.h; ATTN names the table, VL is the vector's length, MR
 * the rows of a register tile.
 *
 * A block of queries looks at a window of keys. LSH: the queries are a chunk's, the window has
 * two halves: a chunk takes the half that its number's parity says, and finds its predecessor
 * in the other one. ALIGNED does the same, with chunks numbered by bucket. The other kinds: a
 * window of keys is packed once, and all blocks of queries that see it come by.
 *
 * With lengths n (clamped from below) the logit is x_i . x_j / (n_j sqrt(D)), so rows are
 * gathered as they are, and one gradient g of x_i . x_j serves queries and keys: x_i gets
 * g x_j, x_j gets the part of g x_i that is at right angles to x_j.
 */
#include "kernels/kernels.h"

#include "kernels/attn_tile_body.h"

#include "kernels/attn_rows_body.h"

enum {
    SKEW = 16,    /* keeps rows of logits off the same cache sets */
    QUERIES = 64, /* of a block, at most */
    KEYS = 128,   /* of a window, at most; LSH: of a chunk, any number */
    HIDDEN = INT32_MAX
};

static const float LENGTH_MIN = 1e-12f; /* as in torch.nn.functional.normalize */

/* --- a thread's memory */

struct work {
    const struct attn_head *h;
    const struct attend_dims *s;
    enum how least; /* that every block takes */
    size_t D, Dp;   /* D rounded up to whole panels */
    /* Elements of a row of x: `La` lie from one row to the next in xa, `depth` in a panel of
     * x', which is padded to what products take at a time, and `K` of them are not padding. */
    size_t La, depth, K;
    size_t half, Q;       /* rows of half a window and of a block of queries, padded to 8 */
    size_t W, Wp, ld;     /* rows of a window; in whole panels; between rows of logits */
    size_t fill, live;    /* rows of half a window, and of a window, that are looked at: half
                             and W but where one position is the only query */
    float *x, *xa, *x_tr; /* the window's rows [W,Dp]; as elements [W,La]; panels of x' */
    float *v_pan, *v_tr;  /* panels of v: forward, of v': backward */
    float *inv;           /* [Wp] 1 / (length sqrt(D)) */
    int32_t *pos, *limit; /* [Wp] positions; what `seen` must reach */
    int32_t *bucket;      /* [Wp] bucket R + round */
    float *q, *qa;        /* [Q,Dp], [Q,La] queries, where they are not among the keys */
    int32_t *qpos, *qrow; /* [Q] their positions; LSH: their rows of the window */
    float *s_, *ds;       /* [Q,ld] logits, then probabilities; their gradients */
    float *pa, *pt;       /* elements of either, in turn: [Q,lp], [Q / PACK,ld] or [W,lt] */
    size_t lp, lt;
    float *out, *fade;        /* [Q,Dp], [Q] what older sums are multiplied by */
    float *x_pan, *q_pan;     /* backward: panels of the window's rows and of q */
    float *go, *goa, *go_pan; /* backward: gradients of the output, rows and panels */
    float *dx, *dv;           /* backward: [W,Dp] of the window's keys and values */
    float *less, *keep;       /* [Wp], see struct row */
    uint32_t *draws;
    int32_t *line;              /* ALIGNED: [W] positions of the window's chunks */
    int32_t *met;               /* [Wp] how often a query meets each key */
    int32_t *chunk, *alike;     /* [R,Wp] of keys: chunk and bucket in each round */
    size_t first_key;           /* of the window, where it is in order of positions */
    bool in_place;              /* one query: keys and values are read where they lie, */
    const float **x_at, **v_at; /* [Wp] which is here */
    float *nothing;             /* [D] zeros, of keys that there are not */
    size_t bytes;
};

/* The next n floats of the work memory, in whole cache lines; base NULL only counts. */
static void *take(struct work *w, char *base, size_t n)
{
    char *p = base ? base + w->bytes : NULL;

    w->bytes += round_up(n * sizeof(float), 64);
    return p;
}

static struct work plan(char *base, const struct attend_dims *s)
{
    bool hashed = attend_hashes(s);
    struct work w = {.s = s, .D = s->D};
    size_t rounds = s->kind == ATTEND_LSH && !s->duplicates ? s->R : 0;

    w.half = hashed ? round_up(s->C, 8) : KEYS;
    w.W = hashed ? 2 * w.half : KEYS;
    w.Q = hashed && w.half < QUERIES ? w.half : QUERIES;
    w.Wp = round_up(w.W, NP);
    w.fill = w.half;
    w.live = w.W;
    w.Dp = round_up(w.D, NP);
    w.La = w.Dp / PACK;
    w.depth = round_up(w.D, (size_t)8 * PACK) / PACK;
    w.K = round_up(w.D, PACK) / PACK;
    w.ld = w.Wp + SKEW;
    w.x = take(&w, base, w.W * w.Dp);
    w.x_tr = take(&w, base, w.depth * w.Wp);
    w.x_pan = take(&w, base, w.W * w.Dp);
    w.v_pan = take(&w, base, w.W * w.Dp);
    w.v_tr = take(&w, base, w.depth * w.Wp);
    w.dx = take(&w, base, w.W * w.Dp);
    w.dv = take(&w, base, w.W * w.Dp);
    w.q = take(&w, base, w.Q * w.Dp);
    w.q_pan = take(&w, base, w.Q * w.Dp);
    w.go = take(&w, base, w.Q * w.Dp);
    w.go_pan = take(&w, base, w.Q * w.Dp);
    w.out = take(&w, base, w.Q * w.Dp);
    w.s_ = take(&w, base, w.Q * w.ld);
    w.ds = take(&w, base, w.Q * w.ld);
    w.xa = PACK == 1 ? w.x : take(&w, base, w.W * w.La);
    w.qa = PACK == 1 ? w.q : take(&w, base, w.Q * w.La);
    w.goa = PACK == 1 ? w.go : take(&w, base, w.Q * w.La);
    w.lp = w.Wp / PACK + SKEW;
    w.lt = w.Q / PACK + SKEW;
    w.pa = PACK == 1 ? NULL : take(&w, base, w.Q * w.lp);
    w.pt = PACK == 1 ? NULL : take(&w, base, w.Wp * w.lt); /* the larger one */
    w.fade = take(&w, base, w.Q);
    w.qpos = take(&w, base, w.Q);
    w.qrow = take(&w, base, w.Q);
    w.inv = take(&w, base, w.Wp);
    w.pos = take(&w, base, w.Wp);
    w.limit = take(&w, base, w.Wp);
    w.bucket = take(&w, base, w.Wp);
    w.less = take(&w, base, w.Wp);
    w.keep = take(&w, base, w.Wp);
    w.line = take(&w, base, s->kind == ATTEND_ALIGNED ? w.W : 0);
    w.met = take(&w, base, w.Wp);
    w.x_at = take(&w, base, w.Wp * sizeof *w.x_at / sizeof(float));
    w.v_at = take(&w, base, w.Wp * sizeof *w.v_at / sizeof(float));
    w.nothing = take(&w, base, w.D);
    w.draws = take(&w, base, w.Wp + 4 + (size_t)4 * RNG_LANES);
    w.chunk = take(&w, base, rounds * w.Wp);
    w.alike = take(&w, base, rounds * w.Wp);
    return w;
}

static size_t work_bytes(const struct attend_dims *s)
{
    return plan(NULL, s).bytes;
}

static struct work begin(void *memory, const struct attn_head *h)
{
    struct work w = plan(memory, h->s);

    w.h = h;
    begin_tiles();
    if (h->s->dropout > 0 || (h->chunk || (h->s->kind == ATTEND_LSH && !h->s->across)))
        w.least = GENERAL;
    else
        w.least = h->real || (attend_hashes(h->s) && (h->s->causal || w.Wp != 2 * h->s->C))
                      ? MASKED
                      : PLAIN;
    if (w.Wp != w.W || w.Dp != w.D) /* columns past W and D: zero from here on */
        memset(memory, 0, w.bytes);
    for (size_t j = 0; j < w.Wp; j++) {
        w.pos[j] = -1;
        w.limit[j] = HIDDEN;
        w.inv[j] = 0;
        w.bucket[j] = 0;
        w.less[j] = 0;
        w.keep[j] = 1;
    }
    return w;
}

/* --- gathering */

/* The row that a position has in qk, v and inv. */
static size_t row_at(const struct work *w, int32_t pos)
{
    size_t p = (size_t)pos, row = w->h->ring ? p % w->h->ring : p;

    return p < w->h->common ? row : row + w->h->shift;
}

/* Ask for rows pos[n] of x while other work is done: they lie scattered; pos may be NULL. */
static void prefetch(const struct work *w, const float *x, const int32_t *pos, size_t n)
{
    for (size_t j = 0; pos && j < n; j++)
        for (size_t d = 0; d < w->D; d += 16)
            __builtin_prefetch(x + row_at(w, pos[j]) * w->D + d, 0, 2);
}

/* Rows x[pos[n],D] into to[rows,Dp], zero from n on; a row at or past `end` is zero too. */
static void gather(const struct work *w, float *to, const float *x, const int32_t *pos,
                   size_t n, size_t rows, size_t end)
{
    for (size_t j = 0; j < rows; j++, to += w->Dp)
        if (j < n && (size_t)pos[j] < end)
            memcpy(to, x + row_at(w, pos[j]) * w->D, w->D * sizeof *to);
        else
            memset(to, 0, w->D * sizeof *to);
}

/* Turn rows x[rows,Dp] into elements. Where elements are floats, both are the same array. */
static void as_elements(const struct work *w, float *to, const float *x, size_t rows)
{
#ifdef BF16
    narrow(to, x, rows * w->Dp);
#else
    (void)w, (void)to, (void)x, (void)rows;
#endif
}

/* What logits need to know of n keys, at positions pos[], from row `at` of the window on. */
static void mark_keys(struct work *w, const int32_t *pos, size_t n, size_t at)
{
    const struct attn_head *h = w->h;
    bool hashed = attend_hashes(w->s);

    for (size_t j = 0; j < w->fill; j++) {
        size_t p = j < n ? (size_t)pos[j] : 0;
        bool none = j >= n, padding = !none && h->real && !h->real[p];

        w->pos[at + j] = none || (padding && !hashed) ? -1 : (int32_t)p; /* -1: no self here */
        w->limit[at + j] = none || padding                     ? HIDDEN
                           : w->s->causal && p < w->s->queries ? (int32_t)p
                                                               : 0;
        w->inv[at + j] = none ? 0 : h->inv[row_at(w, (int32_t)p)];
    }
}

/* Those n keys into the window's rows, `fill` in number. */
static void load_keys(struct work *w, const int32_t *pos, size_t n, size_t at)
{
    gather(w, w->x + at * w->Dp, w->h->qk, pos, n, w->fill, w->s->T);
    as_elements(w, w->xa + at * w->La, w->x + at * w->Dp, w->fill);
    put_transposed(w->x_tr, w->xa + at * w->La, w->La, w->fill, w->depth, at);
    mark_keys(w, pos, n, at);
}

/* The values of those n keys go into panels. Blocks of them pass through `out`, which holds
 * nothing yet. */
static void load_values(struct work *w, const int32_t *pos, size_t n, size_t at)
{
    for (size_t j = 0; j < w->fill; j += w->Q) {
        size_t rows = w->fill - j < w->Q ? w->fill - j : w->Q;

        gather(w, w->out, w->h->v, pos + j, n < j ? 0 : n - j, rows, w->s->T);
        if (!w->h->grad_o) {
            put_panels(w->v_pan, w->out, w->Dp, rows, at + j, w->W);
            continue;
        }
        as_elements(w, w->goa, w->out, rows);
        put_transposed(w->v_tr, PACK == 1 ? w->out : w->goa, w->La, rows, w->depth, at + j);
    }
    if (!w->h->grad_o)
        return;
    put_panels(w->x_pan, w->x + at * w->Dp, w->Dp, w->half, at, w->W);
    memset(w->dx + at * w->Dp, 0, w->half * w->Dp * sizeof *w->dx);
    memset(w->dv + at * w->Dp, 0, w->half * w->Dp * sizeof *w->dv);
}

/* --- a block of queries */

struct queries {
    size_t n, rows;     /* of them; padded to what is multiplied at once */
    const int32_t *pos; /* [n] */
    const float *a;     /* [rows,La] */
    struct right pan;   /* backward */
    enum how how;
    size_t round, at;    /* LSH, ALIGNED: of the chunk; its half of the window */
    bool first, last;    /* that these positions are queries */
    const int32_t *next; /* [n] whose rows will be needed; or NULL */
};

/* Numbers of the window's keys, as dropout counts them; LSH: of the half from `at` on. */
static uint64_t place(const struct work *w, const struct queries *q, size_t i, size_t at)
{
    const struct attend_dims *s = w->s;
    uint64_t row = w->h->sequence * s->T + i;

    if (attend_hashes(s))
        return (row * (s->R + (s->kind == ATTEND_ALIGNED)) + q->round) * (2 * s->C) +
               (at == q->at ? s->C : 0);
    if (s->kind == ATTEND_FULL)
        return row * s->T + w->first_key;
    return row * (attend_before(s) + 4 * s->C) + w->first_key + attend_before(s) -
           i / (2 * s->C) * (2 * s->C);
}

/* In how many rounds query i meets each key in the chunk's window. */
static void count_meetings(struct work *w, size_t i)
{
    const struct attn_head *h = w->h;
    size_t T = w->s->T, chunks = w->s->R * T / w->s->C;
    int32_t *restrict met = w->met;

    memset(met, 0, w->Wp * sizeof *met);
    for (size_t r = 0; r < w->s->R; r++) {
        const int32_t *restrict chunk = w->chunk + r * w->Wp, *restrict b =
                                                                  w->alike + r * w->Wp;
        int32_t own = h->chunk[r * T + i], bucket = w->s->across ? 0 : h->bucket[r * T + i];
        int32_t before = own ? own - 1 : (int32_t)chunks - 1;

#pragma omp simd
        for (size_t j = 0; j < w->Wp; j++)
            met[j] += ((chunk[j] == own) | (chunk[j] == before)) & (b[j] == bucket);
    }
    for (size_t j = 0; j < w->Wp; j++)
        w->less[j] = h->log_met[met[j]];
}

/* The window's columns that are looked at, in whole panels. */
static size_t columns_of(const struct work *w)
{
    return round_up(w->live, NP);
}

static struct row row_of(struct work *w, const struct queries *q, size_t k)
{
    const struct attend_dims *s = w->s;
    size_t i = (size_t)q->pos[k];
    bool hashed = attend_hashes(s), lsh = s->kind == ATTEND_LSH;
    bool padding = w->h->real && !w->h->real[i];
    struct row r = {.pos = q->pos[k],
                    .seen = padding && s->kind != ATTEND_LOCAL ? -1
                            : s->causal                        ? q->pos[k]
                                                               : HIDDEN - 1,
                    .self = hashed ? (size_t)w->qrow[k] : i - w->first_key,
                    .stat = w->h->stat + 2 * (i - w->h->first),
                    .key = w->pos,
                    .limit = w->limit,
                    .inv = w->inv,
                    .buckets = w->bucket,
                    .less = w->less,
                    .keep = w->keep,
                    .n = columns_of(w)};

    if (!hashed &&
        (r.self >= r.n || w->pos[r.self] != r.pos)) /* padding, or not of these keys */
        r.self = r.n;
    if (lsh && !s->across)
        r.bucket = w->bucket[w->qrow[k]];
    if (lsh && !s->duplicates)
        count_meetings(w, i);
    for (size_t at = 0; s->dropout > 0 && at < w->W; at += w->half)
        draw_keep(w->keep + at, w->draws, w->h, place(w, q, i, at), hashed ? s->C : w->W);
    return r;
}

static bool is_asked(const struct attn_head *h, size_t i)
{
    return !h->asked || h->asked[i];
}

static bool is_query(const struct work *w, const struct queries *q, size_t k)
{
    return k < q->n && (size_t)q->pos[k] < w->s->queries;
}

static void find_logits(struct work *w, const struct queries *q)
{
    for (size_t k = 0; k < q->n; k++) {
        __builtin_prefetch(w->h->stat + 2 * ((size_t)q->pos[k] - w->h->first), 0, 2);
        if (w->h->grad_o)
            __builtin_prefetch(w->h->go_o + q->pos[k], 0, 2);
    }
    multiply(w->s_, w->ld, q->rows, columns_of(w), w->K, (struct left){q->a, w->La, 1},
             (struct right){w->x_tr, w->depth * NP}, false);
}

/* Add the block's part `from` to o of one query; what o held before is multiplied by f. */
static void merge(const struct work *w, const struct queries *q, size_t k)
{
    size_t i = (size_t)q->pos[k] - w->h->first;
    float *restrict to = w->h->o + i * w->D, f = w->fade[k], *stat = w->h->stat + 2 * i;
    const float *restrict from = w->out + k * w->Dp;

    if (q->first)
        memcpy(to, from, w->D * sizeof *to);
    else
#pragma omp simd
        for (size_t d = 0; d < w->D; d++)
            to[d] = to[d] * f + from[d];
    if (!q->last)
        return;
    stat[1] = stat[1] == 0 ? 0 : 1.0f / stat[1]; /* 0: it sees nothing */
    f = stat[1];
#pragma omp simd
    for (size_t d = 0; d < w->D; d++)
        to[d] *= f;
}

/* s[rows,ld] with elements along the keys. */
static struct left along_keys(const struct work *w, const float *s, size_t rows)
{
#ifdef BF16
    for (size_t k = 0; k < rows; k++)
        narrow(w->pa + k * w->lp, s + k * w->ld, columns_of(w));
    return (struct left){w->pa, w->lp, 1};
#else
    (void)rows;
    return (struct left){s, w->ld, 1};
#endif
}

/* s' with elements along the queries. */
static struct left along_queries(const struct work *w, const float *s, size_t rows)
{
#ifdef AMX
    if (rows % NP == 0) {
        for (size_t k = 0; k < rows; k += NP)
            turn_pairs(w->pt + k / PACK, w->lt, s + k * w->ld, w->ld, w->Wp);
        return (struct left){w->pt, w->lt, 1};
    }
#endif
#ifdef BF16
    for (size_t k = 0; k < rows; k += PACK)
        pair_rows(w->pt + k / PACK * w->ld, s + k * w->ld, w->ld, w->Wp);
    return (struct left){w->pt, 1, w->ld};
#else
    (void)rows;
    return (struct left){s, 1, w->ld};
#endif
}

static void block_fwd(struct work *w, const struct queries *q)
{
    prefetch(w, w->h->qk, q->next, q->n);
    find_logits(w, q);
    if (w->h->first == 0)
        prefetch(w, w->h->o, q->pos, q->n);
    for (size_t k = 0; k < q->rows; k++) {
        float *s = w->s_ + k * w->ld;

        if (is_query(w, q, k)) {
            struct row r = row_of(w, q, k);

            w->fade[k] = q->how == PLAIN    ? soften(s, &r, q->first, PLAIN)
                         : q->how == MASKED ? soften(s, &r, q->first, MASKED)
                                            : soften(s, &r, q->first, GENERAL);
        } else {
            memset(s, 0, columns_of(w) * sizeof *s);
        }
    }
    prefetch(w, w->h->v, q->next, q->n);
    multiply(w->out, w->Dp, q->rows, w->Dp, w->live / PACK, along_keys(w, w->s_, q->rows),
             (struct right){w->v_pan, w->W / PACK * NP}, false);
    for (size_t k = 0; k < q->n; k++)
        if (is_query(w, q, k))
            merge(w, q, k);
}

static void load_grad(struct work *w, const struct queries *q)
{
    gather(w, w->go, w->h->grad_o, q->pos, q->n, q->rows, w->s->queries);
    as_elements(w, w->goa, w->go, q->rows);
    put_panels(w->go_pan, w->go, w->Dp, q->rows, 0, w->Q);
}

static void block_bwd(struct work *w, const struct queries *q)
{
    load_grad(w, q);
    find_logits(w, q);
    prefetch(w, w->h->qk, q->next, q->n);
    multiply(w->ds, w->ld, q->rows, w->Wp, w->K, (struct left){w->goa, w->La, 1},
             (struct right){w->v_tr, w->depth * NP}, false);
    for (size_t k = 0; k < q->rows; k++) {
        float *s = w->s_ + k * w->ld, *ds = w->ds + k * w->ld;

        if (is_query(w, q, k)) {
            struct row r = row_of(w, q, k);
            float base = w->h->go_o[q->pos[k]];

            if (q->how == PLAIN)
                soften_bwd(s, ds, &r, base, PLAIN);
            else if (q->how == MASKED)
                soften_bwd(s, ds, &r, base, MASKED);
            else
                soften_bwd(s, ds, &r, base, GENERAL);
        } else {
            memset(s, 0, w->Wp * sizeof *s);
            memset(ds, 0, w->Wp * sizeof *ds);
        }
    }
    prefetch(w, w->h->v, q->next, q->n);
    multiply(w->dv, w->Dp, w->W, w->Dp, q->rows / PACK, along_queries(w, w->s_, q->rows),
             (struct right){w->go_pan, w->Q / PACK * NP}, true);
    prefetch(w, w->h->grad_o, q->next, q->n);
    multiply(w->out, w->Dp, q->rows, w->Dp, w->W / PACK, along_keys(w, w->ds, q->rows),
             (struct right){w->x_pan, w->W / PACK * NP}, false);
    prefetch(w, w->h->dqk, q->pos, q->n);
    multiply(w->dx, w->Dp, w->W, w->Dp, q->rows / PACK, along_queries(w, w->ds, q->rows),
             q->pan, true);
    for (size_t k = 0; k < q->n; k++) {
        float *restrict to = w->h->dqk + (size_t)q->pos[k] * w->D;
        const float *restrict from = w->out + k * w->Dp;

        if (is_query(w, q, k))
#pragma omp simd
            for (size_t d = 0; d < w->D; d++)
                to[d] += from[d];
    }
}

/* Gradients of n keys from row `at` on leave for their positions or, where there is an edge
 * [2,n,D], into it. */
static void add_keys(struct work *w, const int32_t *pos, size_t n, size_t at, float *edge)
{
    for (size_t j = 0; j < n; j++) {
        size_t p = (size_t)pos[j];
        float *restrict to_x = edge ? edge + j * w->D : w->h->dqk + p * w->D;
        float *restrict to_v = edge ? edge + (n + j) * w->D : w->h->dv + p * w->D;
        const float *restrict dx = w->dx + (at + j) * w->Dp, *restrict dv =
                                                                 w->dv + (at + j) * w->Dp;
        const float *restrict x = w->x + (at + j) * w->Dp;
        float inv = w->inv[at + j] * w->h->root, along = dot(x, dx, w->Dp);

        along = inv < 0.999f / LENGTH_MIN ? along * inv * inv : 0;
#pragma omp simd
        for (size_t d = 0; d < w->D; d++) {
            to_x[d] += dx[d] - x[d] * along;
            to_v[d] += dv[d];
        }
    }
}

#include "kernels/attn_drive_body.h"

#include "kernels/attn_step_body.h"

#include "kernels/attn_span_body.h"

#include "kernels/attn_hash_body.h"

const struct attn_kernels ATTN = {
    .work_bytes = work_bytes,
    .prepare = prepare,
    .lsh_fwd = lsh_fwd,
    .lsh_bwd = lsh_bwd,
    .aligned_fwd = aligned_fwd,
    .aligned_bwd = aligned_bwd,
    .aligned_step = aligned_step,
    .chosen_step = chosen_step,
    .span_fwd = span_fwd,
    .span_bwd = span_bwd,
    .hash_floats = hash_floats,
    .hash_work = hash_work,
    .hash_pack = hash_pack,
    .hash = hash,
};
