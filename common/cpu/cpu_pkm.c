/* cpu_pkm.c: product-key memory on NN_CPU. */
#include <assert.h>
#include <math.h>

#include "cpu/blocks.h"

/* A slot, and its score: the order is NaN, falling score, rising index. */
struct slot {
    double score;
    size_t index;
};

static bool before(const struct slot *x, const struct slot *y)
{
    if (isnan(x->score) || isnan(y->score))
        return isnan(x->score) && (!isnan(y->score) || x->index < y->index);
    return x->score > y->score || (x->score == y->score && x->index < y->index);
}

static struct slot slot_at(const float *score, const int32_t *a, const int32_t *b, size_t K)
{
    return (struct slot){(double)score[*a] + (double)score[K + (size_t)*b],
                         (size_t)*a * K + (size_t)*b};
}

/*
 * The best k sums of the best k of each half, a and b, in order: as a merge of k lists, list i
 * being a[i] with every b. A list's first comes after the first of the list before, so that
 * lists join the merge one by one.
 */
static void best_sums(struct slot *best, const float *score, const int32_t *a, const int32_t *b,
                      size_t K, size_t k)
{
    struct slot head[PKM_TOPK_MAX];
    size_t next[PKM_TOPK_MAX] = {0}, lists = 1;

    head[0] = slot_at(score, a, b, K);
    for (size_t n = 0; n < k; n++) {
        size_t first = 0;

        for (size_t i = 1; i < lists; i++)
            first = before(&head[i], &head[first]) ? i : first;
        best[n] = head[first];
        if (++next[first] < k)
            head[first] = slot_at(score, a + first, b + next[first], K);
        if (first + 1 == lists && lists < k) {
            head[lists] = slot_at(score, a + lists, b, K);
            lists++;
        }
    }
}

static void select_row(const struct loop_kernels *kernels, int32_t *index, float *weight,
                       const float *score, size_t K, size_t k)
{
    int32_t half[2][PKM_TOPK_MAX];
    struct slot best[PKM_TOPK_MAX];
    double sum = 0;

    for (size_t h = 0; h < 2; h++)
        kernels->best(half[h], score + h * K, K, k);
    best_sums(best, score, half[0], half[1], K, k);
    for (size_t i = 0; i < k; i++) {
        index[i] = (int32_t)best[i].index;
        weight[i] = expf((float)(best[i].score - best[0].score));
        sum += (double)weight[i];
    }
    for (size_t i = 0; i < k; i++)
        weight[i] *= (float)(1 / sum);
}

void cpu_pkm_select(struct nn *nn, int32_t *index, float *weight, const float *score,
                    size_t rows, size_t K, size_t k)
{
    const struct loop_kernels *kernels = loops(nn);

    assert(k <= K && k <= PKM_TOPK_MAX && K <= PKM_KEYS_MAX);
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * K * 16 > HOST_SERIAL)
    for (size_t r = 0; r < rows; r++)
        select_row(kernels, index + r * k, weight + r * k, score + r * 2 * K, K, k);
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
        for (size_t r = 0; r < rows; r++)
            k->bag_weights(dweight + r * m, dy + r * n, x, index + r * m, m, n);
#pragma omp for schedule(static)
        for (size_t j = 0; j < n; j += COLUMNS)
            for (size_t r = 0; r < rows; r++)
                k->bag_scatter(dx + j, dy + r * n + j, index + r * m, weight + r * m, m, n,
                               smaller(COLUMNS, n - j));
    }
}
