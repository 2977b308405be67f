/* attn_rows_body.h: logits to probabilities, a row at a time; part of attn_body.h. */
#include <float.h>
#include <math.h>

#include "kernels/rng_body.h"

static const float SELF = -5e4f, LOWEST = -1e30f; /* below any logit but hidden ones */

/* --- dropout */

/* keep[n]: what probabilities are multiplied by, from number `first` on; draws[] is scratch for
 * n + 4 + 4 RNG_LANES numbers. */
static void draw_keep(float *restrict keep, uint32_t *restrict draws, const struct attn_head *h,
                      uint64_t first, size_t n)
{
    const uint32_t *restrict from = draws + first % 4;
    float limit = h->s->dropout * 0x1p24f, share = 1 / (1 - h->s->dropout);

    rng_words(draws, h->draw, first / 4, (first % 4 + n + 3) / 4);
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        keep[i] = (float)(int32_t)(from[i] >> 8) < limit ? 0.0f : share;
}

/* --- what a row of logits meets */

/* What it takes to find a row's logits. */
enum how {
    PLAIN,  /* lengths alone: no key is hidden but the query itself, once */
    MASKED, /* and `limit` */
    GENERAL /* everything */
};

/* One row: a query, and what is done to its logits; arrays are by key of the window. */
struct row {
    int32_t pos, seen;           /* limits up to this are seen */
    int32_t bucket;              /* other keys are hidden */
    size_t self;                 /* its own place among the keys; n: it is not there */
    float *stat;                 /* largest logit, sum of exponentials or 1 / sum */
    const int32_t *restrict key; /* position; -1 where there is none */
    const int32_t *restrict limit;
    const float *restrict inv; /* 1 / (length of the key * root of D) */
    const int32_t *restrict buckets;
    const float *restrict less; /* subtracted */
    const float *restrict keep; /* multiplies probabilities */
    size_t n;
};

/* Of another key than the query itself, or GENERAL. */
INLINE float logit(float x, const struct row *r, size_t j, enum how how)
{
    x *= r->inv[j];
    if (how != PLAIN)
        x = r->limit[j] > r->seen ? -FLT_MAX : x;
    if (how == GENERAL) {
        x = r->key[j] == r->pos ? SELF : x;
        x = r->buckets[j] == r->bucket ? x : -FLT_MAX;
        x -= r->less[j];
    }
    return x;
}

/*
 * Logits become exp(logit - largest so far), less what dropout takes; stat is brought up to
 * date; returns what older sums are worth now.
 */
INLINE float soften(float *restrict s, const struct row *r, bool first, enum how how)
{
    bool apart = how != GENERAL && r->self < r->n;
    float had = first ? LOWEST : r->stat[0], max, sum, fade;

    if (apart)
        s[r->self] = -FLT_MAX;
#pragma omp simd
    for (size_t j = 0; j < r->n; j++)
        s[j] = logit(s[j], r, j, how);
    max = largest(s, r->n, apart ? SELF : -FLT_MAX);
    if (apart)
        s[r->self] = SELF;
    max = max > had ? max : had;
#pragma omp simd
    for (size_t j = 0; j < r->n; j++)
        s[j] = exp_fast(s[j] - max);
    sum = add_up(s, r->n);
#pragma omp simd
    for (size_t j = 0; j < (how == GENERAL ? r->n : 0); j++)
        s[j] *= r->keep[j];
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
                       enum how how)
{
    float largest = r->stat[0], inverse = r->stat[1];

#pragma omp simd
    for (size_t j = 0; j < r->n; j++) {
        float p = exp_fast(logit(s[j], r, j, how) - largest) * inverse;
        float keep = how == GENERAL ? r->keep[j] : 1.0f,
              g = p * (ds[j] * keep - base) * r->inv[j];

        s[j] = p * keep;
        if (how != PLAIN)
            g = r->limit[j] > r->seen ? 0.0f : g;
        if (how == GENERAL)
            g = r->key[j] == r->pos ? 0.0f : g;
        ds[j] = g;
    }
    if (how != GENERAL && r->self < r->n) {
        s[r->self] = exp_fast(SELF - largest) * inverse;
        ds[r->self] = 0;
    }
}
