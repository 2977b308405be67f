/* ref_pkm.c: the reference of product-key memory: the best of all K * K sums, one after the
 * other. */
#include <math.h>

#include "cpu/host.h"

/* Whether slot i comes before slot j: sums in double are exact unless one of the two scores is
 * 2^29 times the other. A NaN is larger than all numbers. */
static bool before(const float *score, size_t K, size_t i, size_t j)
{
    double x = (double)score[i / K] + (double)score[K + i % K];
    double y = (double)score[j / K] + (double)score[K + j % K];

    if (isnan(x) || isnan(y))
        return isnan(x) && (!isnan(y) || i < j);
    return x > y || (x == y && i < j);
}

/* The first slot that comes after `last` (K * K: after nothing). */
static size_t next_slot(const float *score, size_t K, size_t last)
{
    size_t best = K * K;

    for (size_t i = 0; i < K * K; i++)
        if ((last == K * K || before(score, K, last, i)) &&
            (best == K * K || before(score, K, i, best)))
            best = i;
    return best;
}

void ref_pkm_select(struct nn *nn, int32_t *index, float *weight, const float *score,
                    size_t rows, size_t K, size_t k)
{
    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++, score += 2 * K, index += k, weight += k) {
        size_t slot = K * K;
        double max = 0, sum = 0;

        for (size_t i = 0; i < k; i++) {
            double s;

            slot = next_slot(score, K, slot);
            s = (double)score[slot / K] + (double)score[K + slot % K];
            max = i == 0 ? s : max;
            index[i] = (int32_t)slot;
            weight[i] = (float)(s - max);
        }
        for (size_t i = 0; i < k; i++)
            sum += exp((double)weight[i]);
        for (size_t i = 0; i < k; i++)
            weight[i] = (float)(exp((double)weight[i]) / sum);
    }
}

void ref_pkm_select_bwd(struct nn *nn, float *dscore, const float *dweight,
                        const int32_t *index, const float *weight, size_t rows, size_t K,
                        size_t k)
{
    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++, dscore += 2 * K, dweight += k, index += k, weight += k) {
        double mean = 0;

        for (size_t i = 0; i < k; i++)
            mean += (double)weight[i] * (double)dweight[i];
        for (size_t i = 0; i < 2 * K; i++)
            dscore[i] = (float)(0 * mean); /* a NaN goes everywhere */
        for (size_t i = 0; i < k; i++) {
            float d = (float)((double)weight[i] * ((double)dweight[i] - mean));

            dscore[(size_t)index[i] / K] += d;
            dscore[K + (size_t)index[i] % K] += d;
        }
    }
}

void ref_bag_fwd(struct nn *nn, float *y, const float *x, const int32_t *index,
                 const float *weight, size_t rows, size_t m, size_t n)
{
    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;

            for (size_t i = 0; i < m; i++)
                sum += (double)weight[r * m + i] * (double)x[(size_t)index[r * m + i] * n + j];
            y[r * n + j] = (float)sum;
        }
}

void ref_bag_bwd(struct nn *nn, float *dx, float *dweight, const float *dy, const float *x,
                 const int32_t *index, const float *weight, size_t rows, size_t m, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < rows * m; i++) {
        const float *g = dy + i / m * n;
        size_t slot = (size_t)index[i] * n;
        double sum = 0;

        for (size_t j = 0; j < n; j++) {
            sum += (double)g[j] * (double)x[slot + j];
            dx[slot + j] += weight[i] * g[j];
        }
        dweight[i] = (float)sum;
    }
}
