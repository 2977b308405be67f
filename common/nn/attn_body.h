/*
 * attn_body.h: LSH attention of one head, fused: nothing larger than a chunk's logits is ever
 * stored. See kernels.h; ATTN names the table, VL is the vector's length, MR the rows of a
 * register tile.
 *
 * A chunk's C queries look at a window of W = 2 C keys: its own and those of the chunk before.
 * The window has two halves; a chunk takes the half that its number's parity says, and finds
 * its predecessor in the other one. All large work is done by block products c (+)= A B, where
 * B lies in panels [n / NP][k][NP] of two vectors' width: gathering rows packs them.
 *
 * With unit keys u and lengths n (clamped from below), the logit is n_i / sqrt(D) u_i . u_j, so
 * only u is gathered.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "nn/kernels.h"
#include "nn/vmath.h"

enum {
    NP = 2 * VL, /* width of a panel */
    SKEW = 16,   /* keeps rows of logits off the same cache sets */
    HIDDEN = INT32_MAX
};

static const float LENGTH_MIN = 1e-12f, SELF = -5e4f;

typedef float vec __attribute__((vector_size(4 * VL), aligned(4), may_alias));

/* --- block products */

INLINE void tile(size_t rows, size_t K, const float *a, size_t ai, size_t ak, const float *b,
                 float *c, size_t ldc, bool add)
{
    vec s[MR][2];

#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        s[i][0] = add ? *(const vec *)(c + i * ldc) : (vec){0};
        s[i][1] = add ? *(const vec *)(c + i * ldc + VL) : (vec){0};
    }
#pragma GCC unroll 4
    for (size_t k = 0; k < K; k++, a += ak, b += NP) {
        vec b0 = *(const vec *)b, b1 = *(const vec *)(b + VL);

#pragma GCC unroll 16
        for (size_t i = 0; i < rows; i++) {
            s[i][0] += a[i * ai] * b0;
            s[i][1] += a[i * ai] * b1;
        }
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        *(vec *)(c + i * ldc) = s[i][0];
        *(vec *)(c + i * ldc + VL) = s[i][1];
    }
}

/* A(i,k) = p[i * i_step + k * k_step]; B's panels lie `panel` floats apart. */
struct left {
    const float *p;
    size_t i_step, k_step;
};
struct right {
    const float *p;
    size_t panel;
};

/* c[M,N] = A B, or added to; M is even, N a multiple of NP. */
static void multiply(float *c, size_t ldc, size_t M, size_t N, size_t K, struct left a,
                     struct right b, bool add)
{
    for (size_t n = 0; n < N; n += NP, b.p += b.panel) {
        size_t i = 0;

        for (; i + MR <= M; i += MR)
            tile(MR, K, a.p + i * a.i_step, a.i_step, a.k_step, b.p, c + i * ldc + n, ldc, add);
        for (; i < M; i += 2)
            tile(2, K, a.p + i * a.i_step, a.i_step, a.k_step, b.p, c + i * ldc + n, ldc, add);
    }
}

/* --- a thread's memory */

struct work {
    const struct attn_head *h;
    size_t C, D, T, W;
    size_t Wp, Dp, ld;       /* W and D rounded up to whole panels; between rows of logits */
    float scale;             /* 1 / sqrt(D) */
    float *u, *u_pan, *u_tr; /* unit keys of the window: rows [W,Dp], panels of u and of u' */
    float *length;           /* [W] of the queries */
    int32_t *pos, *limit;    /* [Wp] position of a key; the same, or HIDDEN if it is padding */
    float *s;                /* [C,ld] logits, then probabilities */
    float *out;              /* [C,Dp] */
    float *v_pan;            /* forward: values of the window in panels */
    float *fade;             /* [C] forward: what older sums are multiplied by */
    float *v_tr;             /* backward: panels of v' */
    float *go, *go_pan;      /* backward: gradients of the output, rows [C,Dp] and panels */
    float *ds;               /* backward: [C,ld] gradients of the logits */
    float *dk, *dv;          /* backward: [W,Dp] of the window's unit keys and values */
    float *go_o;             /* backward: [T] grad_o . o */
    size_t bytes;
};

static size_t round_up(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

/* The next n floats of the work memory, in whole cache lines; base NULL only counts. */
static float *take(struct work *w, char *base, size_t n)
{
    char *p = base ? base + w->bytes : NULL;

    w->bytes += round_up(n * sizeof(float), 64);
    return (float *)p;
}

static struct work plan(char *base, const struct attend_dims *s)
{
    struct work w = {.C = s->C, .D = s->D, .T = s->T, .W = 2 * s->C};

    w.Wp = round_up(w.W, NP);
    w.Dp = round_up(w.D, NP);
    w.ld = w.Wp + SKEW;
    w.scale = 1.0f / sqrtf((float)w.D);
    w.u = take(&w, base, w.W * w.Dp);
    w.u_pan = take(&w, base, w.W * w.Dp);
    w.u_tr = take(&w, base, w.D * w.Wp);
    w.v_pan = take(&w, base, w.W * w.Dp);
    w.v_tr = take(&w, base, w.D * w.Wp);
    w.go = take(&w, base, w.C * w.Dp);
    w.go_pan = take(&w, base, w.C * w.Dp);
    w.s = take(&w, base, w.C * w.ld);
    w.ds = take(&w, base, w.C * w.ld);
    w.out = take(&w, base, w.C * w.Dp);
    w.dk = take(&w, base, w.W * w.Dp);
    w.dv = take(&w, base, w.W * w.Dp);
    w.length = take(&w, base, w.W);
    w.fade = take(&w, base, w.C);
    w.pos = (int32_t *)take(&w, base, w.Wp);
    w.limit = (int32_t *)take(&w, base, w.Wp);
    w.go_o = take(&w, base, w.T);
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
    if (w.Wp != w.W || w.Dp != w.D) /* columns past W and D: zero and hidden from here on */
        memset(memory, 0, w.bytes);
    for (size_t j = w.W; j < w.Wp; j++) {
        w.pos[j] = -1;
        w.limit[j] = HIDDEN;
    }
    return w;
}

/* --- gathering */

static const int32_t *chunk_order(const struct work *w, size_t chunk)
{
    return w->h->order + chunk * w->C;
}

/* Row `row` of a matrix in panels of `rows` rows. */
static void put_panels(float *pan, const float *x, size_t row, size_t rows, size_t D)
{
    for (size_t d = 0; d < D; d += NP) {
        float *to = pan + d * rows + row * NP;

        if (D - d >= NP)
            memcpy(to, x + d, NP * sizeof *x);
        else
            memcpy(to, x + d, (D - d) * sizeof *x);
    }
}

typedef float vec8 __attribute__((vector_size(32), aligned(4), may_alias));
#define PICK __builtin_shufflevector

INLINE void transpose_8x8(float *to, size_t ldt, const float *from, size_t ldf)
{
    vec8 r[8], t[8];

    for (size_t i = 0; i < 8; i++)
        r[i] = *(const vec8 *)(from + i * ldf);
    for (size_t i = 0; i < 8; i += 2) {
        t[i] = PICK(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[i + 1] = PICK(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (size_t i = 0; i < 8; i += 4)
        for (size_t k = 0; k < 2; k++) {
            r[i + 2 * k] = PICK(t[i + k], t[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            r[i + 2 * k + 1] = PICK(t[i + k], t[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (size_t k = 0; k < 4; k++) {
        *(vec8 *)(to + k * ldt) = PICK(r[k], r[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(vec8 *)(to + (k + 4) * ldt) = PICK(r[k], r[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/* Rows x[C,ldx] become columns col to col + C of x' in panels [Wp/NP][D][NP]. */
static void put_transposed(const struct work *w, float *to, const float *x, size_t ldx,
                           size_t col)
{
    for (size_t j = 0; j < w->C; j += 8)
        for (size_t d = 0; d < w->D; d += 8) {
            size_t at = col + j;

            transpose_8x8(to + (at / NP * w->D + d) * NP + at % NP, NP, x + j * ldx + d, ldx);
        }
}

/* Unit keys of a chunk into the window from `at` on, with their lengths and positions. */
static void gather_keys(struct work *w, const int32_t *order, size_t at)
{
    for (size_t j = at; j < at + w->C; j++) {
        int32_t pos = *order++;
        const float *x = w->h->qk + (size_t)pos * w->D;
        float *u = w->u + j * w->Dp, sum = 0, length, f;

#pragma omp simd reduction(+ : sum)
        for (size_t d = 0; d < w->D; d++)
            sum += x[d] * x[d];
        length = sqrtf(sum);
        length = length < LENGTH_MIN ? LENGTH_MIN : length;
        f = 1.0f / length;
#pragma omp simd
        for (size_t d = 0; d < w->D; d++)
            u[d] = x[d] * f;
        put_panels(w->u_pan, u, j, w->W, w->D);
        w->length[j] = length;
        w->pos[j] = pos;
        w->limit[j] = w->h->real && !w->h->real[pos] ? HIDDEN : pos;
    }
    put_transposed(w, w->u_tr, w->u + at * w->Dp, w->Dp, at);
}

/* Ask for a chunk's rows of x while other work is done: they lie scattered. */
static void prefetch(const struct work *w, const float *x, const int32_t *order)
{
    for (size_t j = 0; j < w->C; j++)
        for (size_t d = 0; d < w->D; d += 16)
            __builtin_prefetch(x + (size_t)order[j] * w->D + d, 0, 2);
}

/* --- logits */

/* The query at window place i sees keys whose `limit` is at most this. */
static int32_t sight(const struct work *w, size_t i)
{
    if (w->limit[i] == HIDDEN)
        return -1;
    return w->h->s->causal ? w->pos[i] : HIDDEN - 1;
}

INLINE float mask(float x, int32_t key, int32_t limit, int32_t query, int32_t seen)
{
    x = limit > seen ? -FLT_MAX : x;
    return key == query ? SELF : x;
}

static void find_logits(struct work *w, size_t at)
{
    multiply(w->s, w->ld, w->C, w->Wp, w->D, (struct left){w->u + at * w->Dp, w->Dp, 1},
             (struct right){w->u_tr, w->D * NP}, false);
}

/* --- forward */

/*
 * Logits of query i become exp(logit - largest so far); its stat, largest and sum so far, is
 * brought up to date, and fade[i] is what its sums so far are worth now.
 */
static void soften(struct work *w, size_t i, size_t at, float *stat)
{
    float *restrict s = w->s + i * w->ld;
    const int32_t *restrict key = w->pos, *restrict limit = w->limit;
    int32_t query = w->pos[at + i], seen = sight(w, at + i);
    float f = w->length[at + i] * w->scale, max = -FLT_MAX, sum = 0;

#pragma omp simd reduction(max : max)
    for (size_t j = 0; j < w->Wp; j++) {
        s[j] = mask(s[j] * f, key[j], limit[j], query, seen);
        max = s[j] > max ? s[j] : max;
    }
    max = max > stat[0] ? max : stat[0];
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < w->Wp; j++) {
        s[j] = exp_fast(s[j] - max);
        sum += s[j];
    }
    w->fade[i] = exp_fast(stat[0] - max);
    stat[0] = max;
    stat[1] = stat[1] * w->fade[i] + sum;
}

static void load_fwd(struct work *w, size_t chunk, size_t at)
{
    const int32_t *order = chunk_order(w, chunk);

    gather_keys(w, order, at);
    for (size_t j = 0; j < w->C; j++)
        put_panels(w->v_pan, w->h->v + (size_t)order[j] * w->D, at + j, w->W, w->D);
}

static void chunk_fwd(struct work *w, float *o, float *stat, size_t at, const int32_t *next)
{
    prefetch(w, w->h->qk, next);
    find_logits(w, at);
    prefetch(w, o, w->pos + at);
    for (size_t i = 0; i < w->C; i++)
        soften(w, i, at, stat + 2 * (size_t)w->pos[at + i]);
    prefetch(w, w->h->v, next);
    multiply(w->out, w->Dp, w->C, w->Dp, w->W, (struct left){w->s, w->ld, 1},
             (struct right){w->v_pan, w->W * NP}, false);
    for (size_t i = 0; i < w->C; i++) {
        float *restrict to = o + (size_t)w->pos[at + i] * w->D, f = w->fade[i];
        const float *restrict from = w->out + i * w->Dp;

#pragma omp simd
        for (size_t d = 0; d < w->D; d++)
            to[d] = to[d] * f + from[d];
    }
}

static void attn_fwd(void *memory, float *o, float *stat, const struct attn_head *h)
{
    struct work w = begin(memory, h);
    size_t chunks = h->s->R * w.T / w.C; /* even */

    memset(o, 0, w.T * w.D * sizeof *o);
    for (size_t t = 0; t < w.T; t++) {
        stat[2 * t] = -FLT_MAX;
        stat[2 * t + 1] = 0;
    }
    load_fwd(&w, chunks - 1, w.C); /* before chunk 0 comes the last one: a ring */
    for (size_t c = 0; c < chunks; c++) {
        size_t at = c % 2 * w.C;

        load_fwd(&w, c, at);
        chunk_fwd(&w, o, stat, at, chunk_order(&w, c + 1 < chunks ? c + 1 : c));
    }
    for (size_t t = 0; t < w.T; t++, o += w.D) {
        float f = 1.0f / stat[2 * t + 1];

        for (size_t d = 0; d < w.D; d++)
            o[d] *= f;
        stat[2 * t + 1] = f;
    }
}

/* --- backward */

/*
 * Of query i: logits become probabilities P, and grad_o . v becomes
 * P (grad_o . v - grad_o . o) times what a logit has before u_i . u_j.
 */
static void soften_bwd(struct work *w, size_t i, size_t at, const float *stat)
{
    float *restrict s = w->s + i * w->ld, *restrict ds = w->ds + i * w->ld;
    const int32_t *restrict key = w->pos, *restrict limit = w->limit;
    int32_t query = w->pos[at + i], seen = sight(w, at + i);
    float f = w->length[at + i] * w->scale, base = w->go_o[query];
    float largest = stat[0], inverse = stat[1];

#pragma omp simd
    for (size_t j = 0; j < w->Wp; j++) {
        float x = mask(s[j] * f, key[j], limit[j], query, seen);
        float p = exp_fast(x - largest) * inverse, g = p * (ds[j] - base) * f;

        s[j] = p;
        ds[j] = key[j] == query || limit[j] > seen ? 0.0f : g;
    }
}

static void load_bwd(struct work *w, size_t chunk, size_t at)
{
    const int32_t *order = chunk_order(w, chunk);

    gather_keys(w, order, at);
    for (size_t j = 0; j < w->C; j++) /* out: a chunk's values in rows, for a moment */
        memcpy(w->out + j * w->Dp, w->h->v + (size_t)order[j] * w->D, w->D * sizeof(float));
    put_transposed(w, w->v_tr, w->out, w->Dp, at);
}

static void load_grad(struct work *w, const float *grad_o, size_t at)
{
    for (size_t i = 0; i < w->C; i++) {
        const float *from = grad_o + (size_t)w->pos[at + i] * w->D;

        memcpy(w->go + i * w->Dp, from, w->D * sizeof *from);
        put_panels(w->go_pan, from, i, w->C, w->D);
    }
}

/* dqk of the chunk's queries: out holds sums of (gradient of a logit) * length_i * u_j. */
static void add_queries(struct work *w, float *dqk, size_t at)
{
    for (size_t i = 0; i < w->C; i++) {
        float *restrict to = dqk + (size_t)w->pos[at + i] * w->D;
        const float *restrict from = w->out + i * w->Dp;
        float f = 1.0f / w->length[at + i];

#pragma omp simd
        for (size_t d = 0; d < w->D; d++)
            to[d] += from[d] * f;
    }
}

/* Gradients of the half from `at` on leave for their positions; those of the unit keys through
 * the norm: (dk - u (u . dk)) / length. */
static void add_keys(struct work *w, float *dqk, float *dv, size_t at)
{
    for (size_t j = at; j < at + w->C; j++) {
        size_t pos = (size_t)w->pos[j] * w->D;
        float *restrict to_k = dqk + pos, *restrict to_v = dv + pos;
        const float *restrict dk = w->dk + j * w->Dp, *restrict from = w->dv + j * w->Dp;
        const float *restrict u = w->u + j * w->Dp;
        float along = 0, f = 1.0f / w->length[j];

#pragma omp simd reduction(+ : along)
        for (size_t d = 0; d < w->D; d++)
            along += u[d] * dk[d];
        along = w->length[j] > LENGTH_MIN ? along : 0;
#pragma omp simd
        for (size_t d = 0; d < w->D; d++) {
            to_k[d] += (dk[d] - u[d] * along) * f;
            to_v[d] += from[d];
        }
    }
}

/* The gradients of one chunk: `at` is its half of the window, `before` the other one. */
static void chunk_bwd(struct work *w, float *dqk, float *dv, const float *grad_o,
                      const float *stat, size_t at, size_t before, const int32_t *next)
{
    size_t half[2] = {at, before};
    struct right own_u = {w->u_pan + at * NP, w->W * NP}, own_go = {w->go_pan, w->C * NP};

    load_grad(w, grad_o, at);
    find_logits(w, at);
    prefetch(w, w->h->qk, next);
    multiply(w->ds, w->ld, w->C, w->Wp, w->D, (struct left){w->go, w->Dp, 1},
             (struct right){w->v_tr, w->D * NP}, false);
    for (size_t i = 0; i < w->C; i++)
        soften_bwd(w, i, at, stat + 2 * (size_t)w->pos[at + i]);
    prefetch(w, w->h->v, next);
    for (int k = 0; k < 2; k++) /* the chunk's own half begins anew */
        multiply(w->dv + half[k] * w->Dp, w->Dp, w->C, w->Dp, w->C,
                 (struct left){w->s + half[k], 1, w->ld}, own_go, k == 1);
    prefetch(w, grad_o, next);
    multiply(w->out, w->Dp, w->C, w->Dp, w->W, (struct left){w->ds, w->ld, 1},
             (struct right){w->u_pan, w->W * NP}, false);
    prefetch(w, dqk, w->pos + at);
    for (int k = 0; k < 2; k++)
        multiply(w->dk + half[k] * w->Dp, w->Dp, w->C, w->Dp, w->C,
                 (struct left){w->ds + half[k], 1, w->ld}, own_u, k == 1);
    prefetch(w, dv, w->pos + before);
    add_queries(w, dqk, at);
    add_keys(w, dqk, dv, before); /* nobody else looks at them, but at the ring's seam */
}

static void attn_bwd(void *memory, float *dqk, float *dv, const float *grad_o, const float *o,
                     const float *stat, const struct attn_head *h)
{
    struct work w = begin(memory, h);
    size_t chunks = h->s->R * w.T / w.C;

    memset(dqk, 0, w.T * w.D * sizeof *dqk);
    memset(dv, 0, w.T * w.D * sizeof *dv);
    memset(w.dk, 0, w.W * w.Dp * sizeof *dqk);
    memset(w.dv, 0, w.W * w.Dp * sizeof *dv);
    for (size_t t = 0; t < w.T; t++) {
        float sum = 0;

#pragma omp simd reduction(+ : sum)
        for (size_t d = 0; d < w.D; d++)
            sum += grad_o[t * w.D + d] * o[t * w.D + d];
        w.go_o[t] = sum;
    }
    load_bwd(&w, chunks - 1, w.C);
    for (size_t c = 0; c < chunks; c++) {
        size_t at = c % 2 * w.C;

        load_bwd(&w, c, at);
        chunk_bwd(&w, dqk, dv, grad_o, stat, at, w.C - at,
                  chunk_order(&w, c + 1 < chunks ? c + 1 : c));
    }
    add_keys(&w, dqk, dv, w.C); /* the last chunk's own part */
}

const struct attn_kernels ATTN = {
    .work_bytes = work_bytes,
    .fwd = attn_fwd,
    .bwd = attn_bwd,
};
