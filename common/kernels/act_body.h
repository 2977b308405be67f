/* act_body.h: loops of activations, dropout and residual streams; part of loops_body.h. */
#ifndef KERNELS_ACT_BODY_H
#define KERNELS_ACT_BODY_H

#include "kernels/kernels.h"
#include "kernels/rng_body.h"
#include "kernels/vmath.h"

/* y[count] from elements `first` on of r, a multiple of 4. */
static void dropout(float *y, const float *x, const float *bias, float rate, struct rng r,
                    size_t first, size_t count, size_t n)
{
    enum { WORDS = 1024 };
    uint32_t word[WORDS];                           /* a multiple of every RNG_LANES */
    int32_t least = (int32_t)ceilf(rate * 0x1p24F); /* 24 bits, as of rng_uniform() */
    float scale = 1.0f / (1.0f - rate);

    for (size_t at = 0; at < count; at += WORDS) {
        size_t end = count - at < WORDS ? count : at + WORDS;

        rng_words(word, r, (first + at) / 4, (end - at + 3) / 4);
        for (size_t i = at, len; i < end; i += len) { /* to the end of a row */
            size_t column = bias ? (first + i) % n : 0;
            const uint32_t *u = word + (i - at);

            len = bias && n - column < end - i ? n - column : end - i;
            if (bias) {
#pragma omp simd
                for (size_t j = 0; j < len; j++)
                    y[i + j] = (int32_t)(u[j] >> 8) >= least
                                   ? (x[i + j] + bias[column + j]) * scale
                                   : 0.0f;
            } else {
#pragma omp simd
                for (size_t j = 0; j < len; j++)
                    y[i + j] = (int32_t)(u[j] >> 8) >= least ? x[i + j] * scale : 0.0f;
            }
        }
    }
}

INLINE int32_t stream_sum(int32_t s, int sign, float x)
{
    const float one = 1 << NN_STREAM_BITS;
    float scaled = rintf(x * one);
    bool fits = fabsf(scaled) < 0x1p31f; /* no NaN does */
    int32_t more = sign * (int32_t)(fits ? scaled : 0);
    int32_t sum = (int32_t)((uint32_t)s + (uint32_t)more);
    bool over = ((s ^ sum) & (more ^ sum)) < 0;

    return !fits || over || s == NN_STREAM_NAN ? NN_STREAM_NAN : sum;
}

static void stream_add(int32_t *s, int sign, const float *x, const float *bias, size_t rows,
                       size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, s += n)
        if (bias) {
#pragma omp simd
            for (size_t i = 0; i < n; i++)
                s[i] = stream_sum(s[i], sign, x[i] + bias[i]);
        } else {
#pragma omp simd
            for (size_t i = 0; i < n; i++)
                s[i] = stream_sum(s[i], sign, x[i]);
        }
}

static void stream_read(float *y, const int32_t *s, size_t n)
{
    const float unit = 1.0f / (1 << NN_STREAM_BITS);

#pragma omp simd
    for (size_t i = 0; i < n; i++)
        y[i] = s[i] == NN_STREAM_NAN ? NAN : (float)s[i] * unit;
}

/* act(z) and its derivative; `act` is a constant where this is inlined. */
INLINE float activate(enum act act, float z, float *slope)
{
    float a, b;

    switch (act) {
    case ACT_GELU:
        a = normal_cdf(z, &b);
        *slope = a + z * b;
        return z * a;
    case ACT_RELU: *slope = z <= 0 ? 0.0f : 1.0f; return z <= 0 ? 0.0f : z;
    case ACT_RELU2:
        a = z <= 0 ? 0.0f : z;
        *slope = a + a;
        return a * a;
    case ACT_SILU:
        a = sigmoid_fast(z, &b);
        *slope = a * (1.0f + z * b);
        return z * a;
    case ACT_LEAKY_RELU: *slope = z <= 0 ? 0.01f : 1.0f; return z <= 0 ? 0.01f * z : z;
    case ACT_ELU:
        a = expm1_fast(z > 0 ? 0.0f : z, &b);
        *slope = z > 0 ? 1.0f : b;
        return z > 0 ? z : a;
    case ACT_TANH: return tanh_fast(z, slope);
    case ACT_SIGMOID:
        a = sigmoid_fast(z, &b);
        *slope = a * b;
        return a;
    }
    return 0;
}

INLINE void act_rows(enum act act, float *y, float *slope, const float *x, const float *bias,
                     size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, y += n) {
        if (slope) {
#pragma omp simd
            for (size_t i = 0; i < n; i++)
                y[i] = activate(act, x[i] + bias[i], &slope[i]);
            slope += n;
        } else {
#pragma omp simd
            for (size_t i = 0; i < n; i++) {
                float d;

                y[i] = activate(act, x[i] + bias[i], &d);
            }
        }
    }
}

INLINE void glu_rows(enum act act, float *y, float *slope, const float *x, const float *bias,
                     size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += 2 * n, y += n) {
        if (slope) {
#pragma omp simd
            for (size_t i = 0; i < n; i++) {
                float gate = x[i + n] + bias[i + n], d;
                float a = activate(act, x[i] + bias[i], &d);

                y[i] = a * gate;
                slope[i] = d * gate;
                slope[i + n] = a;
            }
            slope += 2 * n;
        } else {
#pragma omp simd
            for (size_t i = 0; i < n; i++) {
                float gate = x[i + n] + bias[i + n], d;

                y[i] = activate(act, x[i] + bias[i], &d) * gate;
            }
        }
    }
}

#define ACT_CASE(act)                                                                          \
    case act:                                                                                  \
        if (glu)                                                                               \
            glu_rows(act, y, slope, x, bias, rows, n);                                         \
        else                                                                                   \
            act_rows(act, y, slope, x, bias, rows, n);                                         \
        break

static void act_fwd(float *y, float *slope, const float *x, const float *bias, enum act act,
                    bool glu, size_t rows, size_t n)
{
    switch (act) {
        ACT_CASE(ACT_GELU);
        ACT_CASE(ACT_RELU);
        ACT_CASE(ACT_RELU2);
        ACT_CASE(ACT_SILU);
        ACT_CASE(ACT_LEAKY_RELU);
        ACT_CASE(ACT_ELU);
        ACT_CASE(ACT_TANH);
        ACT_CASE(ACT_SIGMOID);
    }
}

static void act_bwd(float *dx, float *dbias, const float *dy, const float *slope, bool glu,
                    size_t rows, size_t n)
{
    size_t halves = glu ? 2 : 1;

    for (size_t r = 0; r < rows; r++, dy += n)
        for (size_t h = 0; h < halves; h++, dx += n, slope += n) {
#pragma omp simd
            for (size_t i = 0; i < n; i++) {
                float g = dy[i] * slope[i];

                dx[i] = g;
                dbias[h * n + i] += g;
            }
        }
}

#endif
