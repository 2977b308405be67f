/*
 * ops_cpu.c: NN_CPU. One parallel region for each op. Work is cut by its shape alone, or so
 * that no sum crosses a cut: bits do not depend on the number of threads.
 */
#include <assert.h>
#include <math.h>

#include "cpu/blocks.h"
#include "kernels/rng_body.h"

/* --- elements */

void cpu_fill_normal(struct nn *nn, float *y, float scale, struct rng r, size_t n)
{
    const struct loop_kernels *k = loops(nn);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        k->normals(y + i, scale, r, i, smaller(BLOCK, n - i));
}

void cpu_combine(struct nn *nn, float *y, float a, const float *x1, float b, const float *x2,
                 size_t n)
{
    const struct loop_kernels *k = loops(nn);

    assert(x2 || b == 0);
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        k->combine(y + i, a, x1 + i, b, x2 ? x2 + i : NULL, smaller(BLOCK, n - i));
}

/* --- rows */

void cpu_add_bias(struct nn *nn, float *y, const float *x, const float *bias, size_t rows,
                  size_t n)
{
    const struct loop_kernels *k = loops(nn);

    if (nn->failed)
        return;
    if (!bias) {
        if (y != x)
            host_copy(nn, y, x, rows * n * sizeof *y);
        return;
    }
#pragma omp parallel for num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r++)
        k->combine(y + r * n, 1, x + r * n, 1, bias, n);
}

void cpu_add_rows(struct nn *nn, float *y, float scale, const float *x, const float *bias,
                  size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    size_t step = row_block(n);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r += step)
        k->add_rows(y + r * n, scale, x + r * n, bias, smaller(step, rows - r), n);
}

void cpu_norm_fwd(struct nn *nn, float *y, float *stat, const float *x, const float *weight,
                  const float *bias, size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    size_t step = row_block(n);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r += step)
        k->norm_fwd(y + r * n, stat + 2 * r, x + r * n, weight, bias, smaller(step, rows - r),
                    n);
}

/* --- sums over rows */

void cpu_bias_bwd(struct nn *nn, float *dbias, const float *dy, size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    struct panels p;

    if (!make_panels(nn, &p, rows, n))
        return;
#pragma omp parallel num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    {
#pragma omp for schedule(static)
        for (size_t i = 0; i < p.count; i++) {
            memset(p.part + i * n, 0, n * sizeof *p.part);
            k->sum_rows(p.part + i * n, dy + i * p.step * n, smaller(p.step, rows - i * p.step),
                        n, n);
        }
        join_panels(k, &p, dbias, p.part, n, n);
    }
}

void cpu_norm_bwd(struct nn *nn, float *dx, float *dweight, float *dbias, const float *dy,
                  const float *x, const float *stat, const float *weight, size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    struct panels p;

    if (!make_panels(nn, &p, rows, 2 * n))
        return;
#pragma omp parallel num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    {
#pragma omp for schedule(static)
        for (size_t i = 0; i < p.count; i++) {
            size_t r = i * p.step, at = r * n;
            float *part = p.part + i * 2 * n;

            memset(part, 0, 2 * n * sizeof *part);
            k->norm_bwd(dx + at, part, part + n, dy + at, x + at, stat + 2 * r, weight,
                        smaller(p.step, rows - r), n);
        }
        join_panels(k, &p, dweight, p.part, n, 2 * n);
        join_panels(k, &p, dbias, p.part + n, n, 2 * n);
    }
}

/* --- rows by index */

/* Threads share the columns, so that rows of one index are added in order. */
void cpu_scatter_rows(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                      size_t n)
{
    const struct loop_kernels *k = loops(nn);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (m * n > HOST_SERIAL)
    for (size_t j = 0; j < n; j += COLUMNS / 2)
        for (size_t i = 0; i < m; i++)
            k->sum_rows(y + (size_t)index[i] * n + j, x + i * n + j, 1,
                        smaller(COLUMNS / 2, n - j), 0);
}

/* --- positions */

void cpu_axial_fwd(struct nn *nn, float *x, const float *a0, const float *a1, size_t B,
                   size_t T, size_t n1, size_t E)
{
    const struct loop_kernels *k = loops(nn);

    assert(a1 || n1 == 1);
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (B * T * E > HOST_SERIAL)
    for (size_t i = 0; i < B * T; i++) {
        size_t t = i % T;

        k->add_rows(x + i * E, 1, a0 + t / n1 * E, a1 ? a1 + t % n1 * E : NULL, 1, E);
    }
}

void cpu_axial_bwd(struct nn *nn, float *da0, float *da1, const float *dx, size_t B, size_t T,
                   size_t n1, size_t E)
{
    const struct loop_kernels *k = loops(nn);
    size_t n0 = parts(T, n1);

    assert(da1 || n1 == 1);
    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (B * T * E > HOST_SERIAL)
    for (size_t i = 0; i < (da1 ? n0 + n1 : n0); i++) /* row i of da0, then of da1 */
        for (size_t b = 0; b < B; b++) {
            const float *from = dx + b * T * E;
            size_t t = i - n0;

            if (i < n0)
                k->sum_rows(da0 + i * E, from + i * n1 * E, smaller(n1, T - i * n1), E, E);
            else if (t < T)
                k->sum_rows(da1 + t * E, from + t * E, parts(T - t, n1), E, n1 * E);
        }
}

/* --- the head */

/* Rows of a panel of logits; all panels are about as large. */
static size_t logits_rows(size_t rows, size_t V)
{
    size_t fit = smaller(LOGITS_BYTES / (V * sizeof(float)), LOGITS_ROWS);

    fit = fit < 16 ? 16 : fit;
    return parts(rows, parts(rows, fit));
}

void cpu_cross_entropy(struct nn *nn, float *loss, int32_t *hit, float *dx, float *dw,
                       float *dbias, const float *x, const float *w, const float *bias,
                       const int32_t *label, float scale, float z_loss, float smoothing,
                       size_t rows, size_t E, size_t V)
{
    const struct loop_kernels *k = loops(nn);
    size_t step = logits_rows(rows, V);
    float *z;

    if (nn->failed || !(z = host_scratch(nn, (step * V + 1) * sizeof *z)))
        return;
    for (size_t at = 0; at < rows; at += step) {
        size_t n = smaller(step, rows - at);

        cpu_gemm(nn, n, V, E, x + at * E, false, w, true, 0, z);
#pragma omp parallel for num_threads(nn->threads) if (n * V > HOST_SERIAL)
        for (size_t r = at; r < at + n; r++) {
            assert(label[r] >= 0 && (size_t)label[r] < V);
            loss[r] = k->softmax_loss(z + (r - at) * V, &hit[r], bias, (size_t)label[r], scale,
                                      z_loss, smoothing, V);
        }
        if (!dx)
            continue;
        cpu_gemm(nn, n, E, V, z, false, w, false, 0, dx + at * E);
        cpu_gemm(nn, V, E, n, z, true, x + at * E, false, 1, dw);
        if (!dbias)
            continue;
#pragma omp parallel for num_threads(nn->threads) if (n * V > HOST_SERIAL)
        for (size_t j = 0; j < V; j += COLUMNS)
            k->sum_rows(dbias + j, z + j, n, smaller(COLUMNS, V - j), V);
    }
}

/* Whether a number that is x above the best so far, below 0, may beat it with Gumbel noise from
 * these 32 bits. The noise is -ln(-ln u) and -ln u is at least 1 - u, so that this must be
 * below exp(x); a power of two above that is looked at, which is cheap, and leaves few numbers
 * whose logarithms are to be taken. */
static inline bool may_win(float x, uint32_t bits)
{
    enum { BITS = 32 };
    const float log2_e = 1.442695F, rounding = 1e-3F;
    int power = BITS + 1 + (int)floorf(x * log2_e + rounding);

    return power >= BITS || (power >= 0 && (uint64_t)~bits >> power == 0);
}

/* One row of draw_rows(), z[V] its logits without bias. */
static int32_t draw_row(const float *z, const float *bias, double temperature, struct rng s,
                        size_t V)
{
    enum { SOME = 256 };
    const float never = -23; /* below what 32 bits can make good for, 1 / 2^33 */
    double best = -HUGE_VAL;
    uint32_t bits[SOME];
    int32_t id = 0;

    for (size_t at = 0; at < V; at += SOME) {
        size_t n = smaller(SOME, V - at);

        rng_words(bits, s, at / 4, (n + 3) / 4);
        for (size_t j = 0; j < n; j++) {
            double y = ((double)z[at + j] + (bias ? (double)bias[at + j] : 0)) / temperature;
            float x = (float)(y - best);

            if (x < never || (x < 0 && !may_win(x, bits[j])))
                continue;
            y -= log(-log(((double)bits[j] + 0.5) / 0x1p32));
            if (y > best) {
                best = y;
                id = (int32_t)(at + j);
            }
        }
    }
    return id;
}

void cpu_draw_rows(struct nn *nn, int32_t *id, const float *x, const float *w,
                   const float *bias, float temperature, struct rng r, uint64_t first,
                   size_t rows, size_t E, size_t V)
{
    size_t step = logits_rows(rows, V);
    float *z;

    if (nn->failed || !(z = host_scratch(nn, (step * V + 1) * sizeof *z)))
        return;
    for (size_t at = 0; at < rows; at += step) {
        size_t n = smaller(step, rows - at);

        cpu_gemm(nn, n, V, E, x + at * E, false, w, true, 0, z);
#pragma omp parallel for num_threads(nn->threads) if (n * V > HOST_SERIAL)
        for (size_t i = at; i < at + n; i++) {
            struct rng s = r;

            s.seed = rng_u64(r, first + i);
            id[i] = draw_row(z + (i - at) * V, bias, (double)temperature, s, V);
        }
    }
}
