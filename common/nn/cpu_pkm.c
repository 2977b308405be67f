/* cpu_pkm.c: product-key memory on NN_CPU. */
#include <assert.h>
#include <math.h>

#include "nn/cut.h"

enum { HALF_MAX = 512, BEST_MAX = 64 };

/* Scores of one half, and then sums, in the order of the op: NaN, falling score, rising index.
 */
struct best {
    double score;
    size_t index;
};

static bool before(const struct best *x, const struct best *y)
{
    if (isnan(x->score) || isnan(y->score))
        return isnan(x->score) && (!isnan(y->score) || x->index < y->index);
    return x->score > y->score || (x->score == y->score && x->index < y->index);
}

/* The best k of `count` that are offered one after the other: sorted, by insertion. */
static size_t offer(struct best *list, size_t count, size_t k, struct best x)
{
    size_t i = count;

    if (count == k) {
        if (!before(&x, &list[k - 1]))
            return count;
        i--;
    }
    for (; i > 0 && before(&x, &list[i - 1]); i--)
        list[i] = list[i - 1];
    list[i] = x;
    return count < k ? count + 1 : count;
}

/*
 * Slots that can be among the best k: the i-th and the j-th of the halves, from 1, with i j <=
 * k, for i j - 1 others come before that one.
 */
static void best_sums(struct best *list, const struct best *a, const struct best *b, size_t K,
                      size_t k)
{
    size_t count = 0;

    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; (i + 1) * (j + 1) <= k; j++)
            count = offer(list, count, k,
                          (struct best){a[i].score + b[j].score, a[i].index * K + b[j].index});
}

static void select_row(int32_t *index, float *weight, const float *score, size_t K, size_t k)
{
    struct best half[2][BEST_MAX], list[BEST_MAX];
    double sum = 0;

    for (size_t h = 0; h < 2; h++) {
        size_t count = 0;

        for (size_t i = 0; i < K; i++)
            count = offer(half[h], count, k, (struct best){(double)score[h * K + i], i});
    }
    best_sums(list, half[0], half[1], K, k);
    for (size_t i = 0; i < k; i++) {
        index[i] = (int32_t)list[i].index;
        weight[i] = expf((float)(list[i].score - list[0].score));
        sum += (double)weight[i];
    }
    for (size_t i = 0; i < k; i++)
        weight[i] *= (float)(1 / sum);
}

void cpu_pkm_select(struct nn *nn, int32_t *index, float *weight, const float *score,
                    size_t rows, size_t K, size_t k)
{
    assert(k <= K && k <= BEST_MAX && K <= HALF_MAX);
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * K * 16 > HOST_SERIAL)
    for (size_t r = 0; r < rows; r++)
        select_row(index + r * k, weight + r * k, score + r * 2 * K, K, k);
}

void cpu_pkm_select_bwd(struct nn *nn, float *dscore, const float *dweight,
                        const int32_t *index, const float *weight, size_t rows, size_t K,
                        size_t k)
{
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * K > HOST_SERIAL)
    for (size_t r = 0; r < rows; r++) {
        float *d = dscore + r * 2 * K, mean = 0;

        for (size_t i = r * k; i < (r + 1) * k; i++)
            mean += weight[i] * dweight[i];
        for (size_t i = 0; i < 2 * K; i++)
            d[i] = 0 * mean; /* a NaN goes everywhere: which slots were best means nothing */
        for (size_t i = r * k; i < (r + 1) * k; i++) {
            float g = weight[i] * (dweight[i] - mean);

            d[(size_t)index[i] / K] += g;
            d[K + (size_t)index[i] % K] += g;
        }
    }
}

void cpu_bag_fwd(struct nn *nn, float *y, const float *x, const int32_t *index,
                 const float *weight, size_t rows, size_t m, size_t n)
{
    const struct loop_kernels *k = loops(nn);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * m * n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r++)
        k->bag(y + r * n, x, index + r * m, weight + r * m, m, n);
}

/* Of dx threads share the columns, so that each slot's rows are added in order. */
void cpu_bag_bwd(struct nn *nn, float *dx, float *dweight, const float *dy, const float *x,
                 const int32_t *index, const float *weight, size_t rows, size_t m, size_t n)
{
    const struct loop_kernels *k = loops(nn);

    if (nn->failed)
        return;
#pragma omp parallel num_threads(nn->threads) if (rows * m * n > HOST_SERIAL)
    {
#pragma omp for schedule(static) nowait
        for (size_t i = 0; i < rows * m; i++)
            dweight[i] = (float)k->dot(dy + i / m * n, x + (size_t)index[i] * n, n);
#pragma omp for schedule(static)
        for (size_t j = 0; j < n; j += COLUMNS / 2)
            for (size_t i = 0; i < rows * m; i++)
                k->add_rows(dx + (size_t)index[i] * n + j, weight[i], dy + i / m * n + j, NULL,
                            1, smaller(COLUMNS / 2, n - j));
    }
}
