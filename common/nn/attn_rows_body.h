/* attn_rows_body.h: logits to probabilities, a row at a time; part of attn_body.h. */
#include <float.h>
#include <math.h>

static const float SELF = -5e4f, LOWEST = -1e30f; /* below any logit but hidden ones */

/* --- dropout */

enum { LANES = 32 }; /* blocks of four numbers that are drawn together */

/* Numbers of `LANES` blocks of r from `block` on. */
static void draw_blocks(uint32_t *to, struct rng r, uint64_t block)
{
    uint32_t c[4][LANES], k0 = (uint32_t)r.seed, k1 = (uint32_t)(r.seed >> 32);

    for (size_t i = 0; i < LANES; i++) {
        c[0][i] = (uint32_t)(block + i);
        c[1][i] = (uint32_t)((block + i) >> 32);
        c[2][i] = (uint32_t)r.stream;
        c[3][i] = (uint32_t)(r.stream >> 32);
    }
    for (int round = 0; round < 10; round++) { /* as rng_block() */
#pragma omp simd
        for (size_t i = 0; i < LANES; i++) {
            uint64_t a = (uint64_t)0xD2511F53 * c[0][i], b = (uint64_t)0xCD9E8D57 * c[2][i];

            c[0][i] = (uint32_t)(b >> 32) ^ c[1][i] ^ k0;
            c[2][i] = (uint32_t)(a >> 32) ^ c[3][i] ^ k1;
            c[1][i] = (uint32_t)b;
            c[3][i] = (uint32_t)a;
        }
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
#pragma omp simd
    for (size_t i = 0; i < LANES; i++)
        for (size_t k = 0; k < 4; k++)
            to[4 * i + k] = c[k][i];
}

/* keep[n]: what probabilities are multiplied by, from number `first` on; draws[] is scratch for
 * n + 4 + 4 LANES numbers. */
static void draw_keep(float *restrict keep, uint32_t *restrict draws,
                      const struct attend_dims *s, uint64_t first, size_t n)
{
    const uint32_t *restrict from = draws + first % 4;
    float limit = s->dropout * 0x1p24f, share = 1 / (1 - s->dropout);

    for (size_t i = 0; i < first % 4 + n; i += (size_t)4 * LANES)
        draw_blocks(draws + i, s->draw, (first + i) / 4);
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        keep[i] = (float)(int32_t)(from[i] >> 8) < limit ? 0.0f : share;
}

/* --- what a row of logits meets */

/* One row: a query, and what is done to its logits; arrays are by key of the window. */
struct row {
    int32_t pos, seen;           /* limits up to this are seen */
    int32_t bucket;              /* within: other keys are hidden */
    float *stat;                 /* largest logit, sum of exponentials or 1 / sum */
    const int32_t *restrict key; /* position; -1 where there is none */
    const int32_t *restrict limit;
    const float *restrict inv; /* 1 / (length of the key * root of D) */
    const int32_t *restrict buckets;
    const float *restrict less; /* subtracted */
    const float *restrict keep; /* multiplies probabilities */
    size_t n;
};

INLINE float logit(float x, const struct row *r, size_t j, bool general)
{
    x *= r->inv[j];
    x = r->limit[j] > r->seen ? -FLT_MAX : x;
    x = r->key[j] == r->pos ? SELF : x;
    if (general) {
        x = r->buckets[j] == r->bucket ? x : -FLT_MAX;
        x -= r->less[j];
    }
    return x;
}

/*
 * Logits become exp(logit - largest so far), less what dropout takes; stat is brought up to
 * date; returns what older sums are worth now.
 */
INLINE float soften(float *restrict s, const struct row *r, bool first, bool general)
{
    float had = first ? LOWEST : r->stat[0], max = -FLT_MAX, sum = 0, fade;

#pragma omp simd reduction(max : max)
    for (size_t j = 0; j < r->n; j++) {
        s[j] = logit(s[j], r, j, general);
        max = s[j] > max ? s[j] : max;
    }
    max = max > had ? max : had;
#pragma omp simd reduction(+ : sum)
    for (size_t j = 0; j < r->n; j++) {
        float e = exp_fast(s[j] - max);

        sum += e;
        s[j] = general ? e * r->keep[j] : e;
    }
    fade = exp_fast(had - max);
    r->stat[0] = max;
    r->stat[1] = first ? sum : r->stat[1] * fade + sum;
    return fade;
}

/*
 * Logits become probabilities P, and grad_o . v becomes the gradient of the products of
 * queries and keys: P (grad_o . v - grad_o . o), times 1 / (length * root of D).
 */
INLINE void soften_bwd(float *restrict s, float *restrict ds, const struct row *r, float base,
                       bool general)
{
    float largest = r->stat[0], inverse = r->stat[1];

#pragma omp simd
    for (size_t j = 0; j < r->n; j++) {
        float x = logit(s[j], r, j, general), p = exp_fast(x - largest) * inverse;
        float keep = general ? r->keep[j] : 1.0f, g = p * (ds[j] * keep - base) * r->inv[j];
        bool fixed = r->key[j] == r->pos || r->limit[j] > r->seen;

        s[j] = p * keep;
        ds[j] = fixed ? 0.0f : g;
    }
}
