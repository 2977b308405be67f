/* sums.cu: sums over rows and over elements. */
#include "quad.h"
#include "sums.h"

/* --- parts are added up */

/* A block has CUDA_WARP columns, a lane one; warps take a stretch of the parts each. */
template <class T>
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_add_columns(float *y, size_t first, float *y2, const T *part, size_t parts, size_t n)
{
    size_t j = (size_t)blockIdx.x * CUDA_WARP + threadIdx.x % CUDA_WARP;
    size_t step = (parts + CUDA_WARPS - 1) / CUDA_WARPS;
    size_t from = threadIdx.x / CUDA_WARP * step;
    size_t end = from + step < parts ? from + step : parts;
    double sum = 0;

    if (j < n) {
#pragma unroll 8
        for (size_t p = from; p < end; p++)
            sum += (double)part[p * n + j];
    }
    sum = sum_of_warps(sum);
    if (threadIdx.x < CUDA_WARP && j < n) {
        float *to = j < first ? y + j : y2 + (j - first);

        *to = (float)((double)*to + sum);
    }
}

static dim3 column_blocks(size_t n)
{
    return dim3((unsigned)((n + CUDA_WARP - 1) / CUDA_WARP));
}

void cuda_add_columns(struct nn *nn, float *y, size_t first, float *y2, const float *part,
                      size_t parts, size_t n)
{
    CUDA_LAUNCH(nn, k_add_columns<float>, column_blocks(n), CUDA_THREADS, 0, y, first, y2, part,
                parts, n);
}

void cuda_add_columns(struct nn *nn, float *y, size_t first, float *y2, const double *part,
                      size_t parts, size_t n)
{
    CUDA_LAUNCH(nn, k_add_columns<double>, column_blocks(n), CUDA_THREADS, 0, y, first, y2,
                part, parts, n);
}

/* One block. */
template <class T>
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_add_parts(T *sum, const double *part, size_t parts)
{
    __shared__ double room[CUDA_WARPS];
    double all = 0;

    for (size_t i = threadIdx.x; i < parts; i += CUDA_THREADS)
        all += part[i];
    all = block_sum(all, room);
    if (threadIdx.x == 0)
        sum[0] = (T)((double)sum[0] + all);
}

void cuda_add_parts(struct nn *nn, float *sum, const double *part, size_t parts)
{
    CUDA_LAUNCH(nn, k_add_parts<float>, dim3(1), CUDA_THREADS, 0, sum, part, parts);
}

void cuda_add_parts(struct nn *nn, double *sum, const double *part, size_t parts)
{
    CUDA_LAUNCH(nn, k_add_parts<double>, dim3(1), CUDA_THREADS, 0, sum, part, parts);
}

/* --- ops */

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_add_squares(double *part, const float *x, size_t n, bool fours)
{
    __shared__ double room[CUDA_WARPS];
    double sum = 0;

    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<float> q = load4(x, i, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            sum += (double)q.at[k] * (double)q.at[k];
    }
    sum = block_sum(sum, room);
    if (threadIdx.x == 0)
        part[blockIdx.x] = sum;
}

void cuda_add_squares(struct nn *nn, double *sum, const float *x, size_t n)
{
    dim3 blocks = quad_blocks(n);
    double *part = (double *)cuda_scratch(nn, blocks.x * sizeof *part);

    CUDA_LAUNCH(nn, k_add_squares, blocks, CUDA_THREADS, 0, part, x, n, fours_begin(x));
    cuda_add_parts(nn, sum, part, blocks.x);
}

/* dx = g dy, and a part of dy . x, which begins as zeros for every block. dx may be dy. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_gate_bwd(float *dx, double *part, const float *dy, const float *x, const float *g,
               size_t n, bool fours)
{
    __shared__ double room[CUDA_WARPS];
    float gate = g[0];
    double sum = 0;

    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<float> d = load4(dy, i, n, fours), q = load4(x, i, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++) {
            sum += (double)d.at[k] * (double)q.at[k];
            d.at[k] *= gate;
        }
        store4(dx, i, n, fours, d);
    }
    sum = block_sum(sum, room);
    if (threadIdx.x == 0)
        part[blockIdx.x] = sum;
}

void cuda_gate_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                   const float *g, size_t n)
{
    dim3 blocks = quad_blocks(n);
    double *part = (double *)cuda_scratch(nn, blocks.x * sizeof *part);

    CUDA_LAUNCH(nn, k_gate_bwd, blocks, CUDA_THREADS, 0, dx, part, dy, x, g, n,
                fours_begin(dx, dy, x));
    cuda_add_parts(nn, dg, part, blocks.x);
}

/* One block: the rows of a batch are few. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_add_losses(struct nn_sum *sum, const float *loss, const int32_t *hit, size_t n)
{
    __shared__ double room[CUDA_WARPS];
    double losses = 0, hits = 0;

#pragma unroll 4
    for (size_t i = threadIdx.x; i < n; i += CUDA_THREADS) {
        losses += (double)loss[i];
        hits += (double)hit[i];
    }
    losses = block_sum(losses, room);
    hits = block_sum(hits, room);
    if (threadIdx.x == 0) {
        sum->loss += losses;
        sum->hits += hits;
    }
}

void cuda_add_losses(struct nn *nn, struct nn_sum *sum, const float *loss, const int32_t *hit,
                     size_t n)
{
    CUDA_LAUNCH(nn, k_add_losses, dim3(1), CUDA_THREADS, 0, sum, loss, hit, n);
}

/* part[gridDim.y,n]: a block has CUDA_WARP columns of `step` rows. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_bias_bwd(double *part, const float *dy, size_t rows, size_t n, size_t step)
{
    size_t j = (size_t)blockIdx.x * CUDA_WARP + threadIdx.x % CUDA_WARP;
    size_t first = blockIdx.y * step, end = first + step < rows ? first + step : rows;
    double sum = 0;

    if (j < n) {
#pragma unroll 8
        for (size_t r = first + threadIdx.x / CUDA_WARP; r < end; r += CUDA_WARPS)
            sum += (double)dy[r * n + j];
    }
    sum = sum_of_warps(sum);
    if (threadIdx.x < CUDA_WARP && j < n)
        part[blockIdx.y * n + j] = sum;
}

void cuda_bias_bwd(struct nn *nn, float *dbias, const float *dy, size_t rows, size_t n)
{
    struct row_cut cut = cut_rows(rows, n);
    double *part = (double *)cuda_scratch(nn, cut.parts * n * sizeof *part);

    CUDA_LAUNCH(nn, k_bias_bwd, cut_grid(cut, n), CUDA_THREADS, 0, part, dy, rows, n, cut.step);
    cuda_add_columns(nn, dbias, n, NULL, part, cut.parts, n);
}
