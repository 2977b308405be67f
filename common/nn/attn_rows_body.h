/* attn_rows_body.h: logits to probabilities, a row at a time; part of attn_body.h. */
#include <float.h>
#include <math.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

static const float SELF = -5e4f, LOWEST = -1e30f; /* below any logit but hidden ones */

/* --- dropout */

enum { GROUP = 4, LANES = GROUP * VL / 2 }; /* blocks of four numbers that are drawn together */

/* Words of 32 bits, each in the lower half of a lane; what is in the upper one is of no
 * account. */
typedef uint64_t wide __attribute__((vector_size(4 * VL), aligned(8), may_alias));

INLINE wide times(wide a, uint32_t m)
{
#if VL == 16 && defined(__AVX512F__)
    return (wide)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(m));
#elif VL == 8 && defined(__AVX2__)
    return (wide)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(m));
#elif VL == 4 && defined(__SSE2__)
    return (wide)_mm_mul_epu32((__m128i)a, _mm_set1_epi64x(m));
#else
    return (a & 0xffffffff) * m;
#endif
}

/* Numbers of LANES blocks of r from `block` on: rng_block(), some side by side. */
static void draw_blocks(uint64_t *to, struct rng r, uint64_t block)
{
    wide c[4][GROUP];
    uint64_t words[4][LANES];
    uint32_t k0 = (uint32_t)r.seed, k1 = (uint32_t)(r.seed >> 32);

    for (size_t i = 0; i < LANES; i++) {
        words[0][i] = block + i;
        words[1][i] = (block + i) >> 32;
        words[2][i] = r.stream;
        words[3][i] = r.stream >> 32;
    }
    memcpy(c, words, sizeof c);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9, k1 += 0xBB67AE85)
#pragma GCC unroll 4
        for (size_t g = 0; g < GROUP; g++) {
            wide a = times(c[0][g], 0xD2511F53), b = times(c[2][g], 0xCD9E8D57);

            c[0][g] = (b >> 32) ^ c[1][g] ^ (uint64_t)k0;
            c[2][g] = (a >> 32) ^ c[3][g] ^ (uint64_t)k1;
            c[1][g] = b;
            c[3][g] = a;
        }
    memcpy(words, c, sizeof c);
    for (size_t i = 0; i < LANES; i++) {
        to[2 * i] = (words[0][i] & 0xffffffff) | words[1][i] << 32;
        to[2 * i + 1] = (words[2][i] & 0xffffffff) | words[3][i] << 32;
    }
}

/* keep[n]: what probabilities are multiplied by, from number `first` on; draws[] is scratch for
 * n + 4 + 4 LANES numbers. */
static void draw_keep(float *restrict keep, uint32_t *restrict draws,
                      const struct attend_dims *s, uint64_t first, size_t n)
{
    const uint32_t *restrict from = draws + first % 4;
    float limit = s->dropout * 0x1p24f, share = 1 / (1 - s->dropout);

    for (size_t i = 0; i < first % 4 + n; i += (size_t)4 * LANES)
        draw_blocks((uint64_t *)(void *)(draws + i), s->draw, (first + i) / 4);
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
    float had = first ? LOWEST : r->stat[0], max = apart ? SELF : -FLT_MAX, sum, fade;

    if (apart)
        s[r->self] = -FLT_MAX;
#pragma omp simd reduction(max : max)
    for (size_t j = 0; j < r->n; j++) {
        s[j] = logit(s[j], r, j, how);
        max = s[j] > max ? s[j] : max;
    }
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
