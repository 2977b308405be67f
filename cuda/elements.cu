/* elements.cu: ops that go through elements, each on its own. */
#include "quad.h"
#include "base/rng_normal.h"

/* --- numbers from nothing */

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_fill(float *y, float value, size_t n, bool fours)
{
    quad<float> q = {{value, value, value, value}};

    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride())
        store4(y, i, n, fours, q);
}

void cuda_fill(struct nn *nn, float *y, float value, size_t n)
{
    CUDA_LAUNCH(nn, k_fill, quad_blocks(n), CUDA_THREADS, 0, y, value, n, fours_begin(y));
}

/* Two elements come from a block of random words, so four from two. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_fill_normal(float *y, float scale, struct rng r, size_t n, bool fours)
{
    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        uint32_t w[4];
        quad<float> q;

        philox_block(w, r, i / 2);
        rng_normal_pair(&q.at[0], &q.at[1], w[0], w[1]);
        philox_block(w, r, i / 2 + 1);
        rng_normal_pair(&q.at[2], &q.at[3], w[0], w[1]);
#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] *= scale;
        store4(y, i, n, fours, q);
    }
}

void cuda_fill_normal(struct nn *nn, float *y, float scale, struct rng r, size_t n)
{
    CUDA_LAUNCH(nn, k_fill_normal, quad_blocks(n), CUDA_THREADS, 0, y, scale, r, n,
                fours_begin(y));
}

/* rng_uniform() of a random word. */
static __device__ __forceinline__ float uniform(uint32_t word)
{
    return (float)(word >> 8) * 0x1p-24F;
}

/* 2 u - 1 is exact, so that there is one rounding, whether or not it becomes one instruction.
 */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_fill_uniform(float *y, float limit, struct rng r, size_t n, bool fours)
{
    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        uint32_t w[4];
        quad<float> q;

        philox_block(w, r, i / 4);
#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] = limit * (2 * uniform(w[k]) - 1);
        store4(y, i, n, fours, q);
    }
}

void cuda_fill_uniform(struct nn *nn, float *y, float limit, struct rng r, size_t n)
{
    CUDA_LAUNCH(nn, k_fill_uniform, quad_blocks(n), CUDA_THREADS, 0, y, limit, r, n,
                fours_begin(y));
}

/* --- sums and products; arrays may be the same, for a thread reads before it writes */

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_combine(float *y, float a, const float *x1, float b, const float *x2, size_t n,
              bool fours)
{
    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<float> q = load4(x1, i, n, fours), more = {};

        if (x2)
            more = load4(x2, i, n, fours);
#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] = a * q.at[k] + b * more.at[k];
        store4(y, i, n, fours, q);
    }
}

void cuda_combine(struct nn *nn, float *y, float a, const float *x1, float b, const float *x2,
                  size_t n)
{
    CUDA_LAUNCH(nn, k_combine, quad_blocks(n), CUDA_THREADS, 0, y, a, x1, b, x2, n,
                fours_begin(y, x1, x2));
}

void cuda_add_beside(struct nn *nn, cudaStream_t stream, float *y, const float *x, size_t n)
{
    if (!n || nn->failed)
        return;
    nn->launches++;
    RF_LAUNCH(k_combine, quad_blocks(n), CUDA_THREADS, 0, stream, y, 1, y, 1, x, n,
              fours_begin(y, x));
    cuda_check(nn, cudaGetLastError(), "k_combine");
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_gate_fwd(float *y, const float *x, const float *g, size_t n, bool fours)
{
    float gate = g[0];

    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<float> q = load4(x, i, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] *= gate;
        store4(y, i, n, fours, q);
    }
}

void cuda_gate_fwd(struct nn *nn, float *y, const float *x, const float *g, size_t n)
{
    CUDA_LAUNCH(nn, k_gate_fwd, quad_blocks(n), CUDA_THREADS, 0, y, x, g, n, fours_begin(y, x));
}

/* y[n] = x + bias, rows of `columns` numbers. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_add_bias(float *y, const float *x, const float *bias, size_t n, size_t columns,
               bool fours)
{
    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<float> q = load4(x, i, n, fours), b = bias4(bias, i, columns, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] += b.at[k];
        store4(y, i, n, fours, q);
    }
}

void cuda_add_bias(struct nn *nn, float *y, const float *x, const float *bias, size_t rows,
                   size_t n)
{
    if (!bias && y == x)
        return;
    if (!bias)
        cuda_copy(nn, y, x, rows * n * sizeof *y);
    else
        CUDA_LAUNCH(nn, k_add_bias, quad_blocks(rows * n), CUDA_THREADS, 0, y, x, bias,
                    rows * n, n, fours_begin(y, x, bias));
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_add_rows(float *y, float scale, const float *x, const float *bias, size_t n,
               size_t columns, bool fours)
{
    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<float> q = load4(x, i, n, fours), b = bias4(bias, i, columns, fours);
        quad<float> sum = load4(y, i, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            sum.at[k] += scale * (q.at[k] + b.at[k]);
        store4(y, i, n, fours, sum);
    }
}

void cuda_add_rows(struct nn *nn, float *y, float scale, const float *x, const float *bias,
                   size_t rows, size_t n)
{
    CUDA_LAUNCH(nn, k_add_rows, quad_blocks(rows * n), CUDA_THREADS, 0, y, scale, x, bias,
                rows * n, n, fours_begin(y, x, bias));
}

/* A block of random words decides on four elements. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_dropout(float *y, const float *x, const float *bias, float rate, float scale,
              struct rng r, size_t n, size_t columns, bool fours)
{
    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<float> q = load4(x, i, n, fours), b = bias4(bias, i, columns, fours);
        uint32_t w[4];

        philox_block(w, r, i / 4);
#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] = uniform(w[k]) >= rate ? (q.at[k] + b.at[k]) * scale : 0.0F;
        store4(y, i, n, fours, q);
    }
}

void cuda_dropout(struct nn *nn, float *y, const float *x, const float *bias, float rate,
                  struct rng r, size_t rows, size_t n)
{
    float scale = 1 / (1 - rate);

    CUDA_LAUNCH(nn, k_dropout, quad_blocks(rows * n), CUDA_THREADS, 0, y, x, bias, rate, scale,
                r, rows * n, n, fours_begin(y, x, bias));
}
