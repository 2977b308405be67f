/* cpu_act.c: dropout, gates, residual streams, activations and ScaleNorm on NN_CPU. */
#include <string.h>

#include "cpu/blocks.h"

void cpu_dropout(struct nn *nn, float *y, const float *x, const float *bias, float rate,
                 struct rng r, size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    size_t count = rows * n;

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (count > HOST_SERIAL)
    for (size_t i = 0; i < count; i += BLOCK)
        k->dropout(y + i, x + i, bias, rate, r, i, smaller(BLOCK, count - i), n);
}

void cpu_gate_fwd(struct nn *nn, float *y, const float *x, const float *g, size_t n)
{
    cpu_combine(nn, y, g[0], x, 0, NULL, n);
}

void cpu_gate_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                  const float *g, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    double *part, sum = 0;

    if (nn->failed || !(part = host_scratch(nn, (parts(n, BLOCK) + 1) * sizeof *part)))
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK) {
        part[i / BLOCK] = k->dot(dy + i, x + i, smaller(BLOCK, n - i));
        k->combine(dx + i, g[0], dy + i, 0, NULL, smaller(BLOCK, n - i));
    }
    for (size_t i = 0; i < parts(n, BLOCK); i++)
        sum += part[i];
    dg[0] = (float)((double)dg[0] + sum);
}

void cpu_stream_add(struct nn *nn, int32_t *s, int sign, const float *x, const float *bias,
                    size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    size_t step = row_block(n);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r += step)
        k->stream_add(s + r * n, sign, x + r * n, bias, smaller(step, rows - r), n);
}

void cpu_stream_read(struct nn *nn, float *y, const int32_t *s, size_t n)
{
    const struct loop_kernels *k = loops(nn);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += BLOCK)
        k->stream_read(y + i, s + i, smaller(BLOCK, n - i));
}

void cpu_act_fwd(struct nn *nn, float *y, float *slope, const float *x, const float *bias,
                 enum act act, bool glu, size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    size_t wide = glu ? 2 * n : n, step = row_block(wide);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r += step)
        k->act_fwd(y + r * n, slope ? slope + r * wide : NULL, x + r * wide, bias, act, glu,
                   smaller(step, rows - r), n);
}

void cpu_act_bwd(struct nn *nn, float *dx, float *dbias, const float *dy, const float *slope,
                 bool glu, size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    size_t wide = glu ? 2 * n : n;
    struct panels p;

    if (!make_panels(nn, &p, rows, wide))
        return;
#pragma omp parallel num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    {
#pragma omp for schedule(static)
        for (size_t i = 0; i < p.count; i++) {
            size_t r = i * p.step;

            memset(p.part + i * wide, 0, wide * sizeof *p.part);
            k->act_bwd(dx + r * wide, p.part + i * wide, dy + r * n, slope + r * wide, glu,
                       smaller(p.step, rows - r), n);
        }
        join_panels(k, &p, dbias, p.part, wide, wide);
    }
}

void cpu_scale_norm_fwd(struct nn *nn, float *y, float *stat, const float *x, const float *g,
                        size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    size_t step = row_block(n);

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r += step)
        k->scale_norm_fwd(y + r * n, stat + r, x + r * n, g[0], smaller(step, rows - r), n);
}

void cpu_scale_norm_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                        const float *stat, const float *g, size_t rows, size_t n)
{
    const struct loop_kernels *k = loops(nn);
    size_t step = row_block(n);
    double *part, sum = 0;

    if (nn->failed || !(part = host_scratch(nn, (parts(rows, step) + 1) * sizeof *part)))
        return;
#pragma omp parallel for num_threads(nn->threads) if (rows * n > HOST_SERIAL)
    for (size_t r = 0; r < rows; r += step)
        part[r / step] = k->scale_norm_bwd(dx + r * n, dy + r * n, x + r * n, stat + r, g[0],
                                           smaller(step, rows - r), n);
    for (size_t i = 0; i < parts(rows, step); i++)
        sum += part[i];
    dg[0] = (float)((double)dg[0] + sum);
}
