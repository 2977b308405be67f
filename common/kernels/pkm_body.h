/* pkm_body.h: loops of product-key memory; part of loops_body.h. */
#ifndef KERNELS_PKM_BODY_H
#define KERNELS_PKM_BODY_H

#include "kernels/kernels.h"

/* Integers in the order of the scores: NaN the largest, both zeros equal. */
static void make_keys(int32_t *key, const float *score, size_t K)
{
#pragma omp simd
    for (size_t i = 0; i < K; i++) {
        union {
            float f;
            int32_t i;
        } bits = {score[i] + 0.0f};
        int32_t ordered = bits.i ^ (bits.i >> 31 & INT32_MAX);

        key[i] = score[i] == score[i] ? ordered : INT32_MAX;
    }
}

static size_t count_from(const int32_t *key, int32_t least, size_t K)
{
    int32_t count = 0;

#pragma omp simd reduction(+ : count)
    for (size_t i = 0; i < K; i++)
        count += key[i] >= least;
    return (size_t)count;
}

/* The k-th largest key, bit by bit. */
static int32_t kth_key(const int32_t *key, size_t K, size_t k)
{
    uint32_t kth = 0; /* with the sign's bit turned */

    for (uint32_t bit = UINT32_C(1) << 31; bit; bit >>= 1)
        if (count_from(key, (int32_t)((kth | bit) ^ UINT32_C(1) << 31), K) >= k)
            kth |= bit;
    return (int32_t)(kth ^ UINT32_C(1) << 31);
}

static void best(int32_t *index, const float *score, size_t K, size_t k)
{
    int32_t key[PKM_KEYS_MAX], kth;
    size_t equal, n = 0;

    make_keys(key, score, K);
    kth = kth_key(key, K, k);
    equal = k - (kth == INT32_MAX ? 0 : count_from(key, kth + 1, K));
    for (size_t i = 0; i < K && n < k; i++) { /* in order of index: equal ones stay in it */
        size_t at = n;

        if (key[i] < kth || (key[i] == kth && equal == 0))
            continue;
        equal -= key[i] == kth;
        for (; at > 0 && key[index[at - 1]] < key[i]; at--)
            index[at] = index[at - 1];
        index[at] = (int32_t)i;
        n++;
    }
}

/* y[n] = the sum over m of weight[m] x[index[m], :], four rows at a time; the rows are
 * anywhere, so that the next four are asked for early. */
static void bag(float *y, const float *x, const int32_t *index, const float *weight, size_t m,
                size_t n)
{
    size_t i = 0;

    for (size_t j = 0; j < n; j++)
        y[j] = 0;
    for (; i + 4 <= m; i += 4) {
        const float *x0 = x + (size_t)index[i] * n, *x1 = x + (size_t)index[i + 1] * n;
        const float *x2 = x + (size_t)index[i + 2] * n, *x3 = x + (size_t)index[i + 3] * n;
        float w0 = weight[i], w1 = weight[i + 1], w2 = weight[i + 2], w3 = weight[i + 3];

        for (size_t k = i + 4; k < i + 8 && k < m; k++)
            for (size_t j = 0; j < n; j += 16)
                __builtin_prefetch(x + (size_t)index[k] * n + j);
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            y[j] += (w0 * x0[j] + w1 * x1[j]) + (w2 * x2[j] + w3 * x3[j]);
    }
    for (; i < m; i++) {
        const float *from = x + (size_t)index[i] * n;
        float f = weight[i];

#pragma omp simd
        for (size_t j = 0; j < n; j++)
            y[j] += f * from[j];
    }
}

/* dweight[m] = the products of dy[n] with rows of x. */
static void bag_weights(float *dweight, const float *dy, const float *x, const int32_t *index,
                        size_t m, size_t n)
{
    for (size_t i = 0; i < m; i++) {
        const float *from = x + (size_t)index[i] * n;
        float sum = 0;

        for (size_t j = 0; i + 4 < m && j < n; j += 16)
            __builtin_prefetch(x + (size_t)index[i + 4] * n + j);
#pragma omp simd reduction(+ : sum)
        for (size_t j = 0; j < n; j++)
            sum += dy[j] * from[j];
        dweight[i] = sum;
    }
}

/* Columns 0 to width - 1 of dx[index[m], :], rows n apart, added to: weight[m] dy. */
static void bag_scatter(float *dx, const float *dy, const int32_t *index, const float *weight,
                        size_t m, size_t n, size_t width)
{
    for (size_t i = 0; i < m; i++) {
        float *to = dx + (size_t)index[i] * n, f = weight[i];

        for (size_t j = 0; i + 8 < m && j < width; j += 16)
            __builtin_prefetch(dx + (size_t)index[i + 8] * n + j, 1);
#pragma omp simd
        for (size_t j = 0; j < width; j++)
            to[j] += f * dy[j];
    }
}

#endif
