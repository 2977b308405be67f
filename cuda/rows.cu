/*
 * rows.cu: ops that move rows of numbers as they are: columns of a matrix, rows by index,
 * heads.
 *
 * N is a number of four bytes or a quad of them; counts and pitches are in N. Threads go
 * through what is written one after the other.
 */
#include "quad.h"

/* Whether arrays can be moved by quads: where they begin, and each of these counts. */
static bool move_fours(const void *y, const void *x, size_t a, size_t b, size_t c)
{
    return fours_begin(y, x) && (a | b | c) % 4 == 0;
}

/* --- columns of a matrix */

template <class N>
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_copy_rows(N *y, size_t ldy, const N *x, size_t ldx, size_t rows, size_t n)
{
    for (size_t i = thread_first(); i < rows * n; i += thread_stride()) {
        size_t j, r = divide(i, n, &j);

        y[r * ldy + j] = x[r * ldx + j];
    }
}

void cuda_copy_rows(struct nn *nn, float *y, size_t ldy, const float *x, size_t ldx,
                    size_t rows, size_t n)
{
    if (move_fours(y, x, ldy, ldx, n))
        CUDA_LAUNCH(nn, k_copy_rows<quad<float>>, cuda_blocks(rows * (n / 4)), CUDA_THREADS, 0,
                    (quad<float> *)y, ldy / 4, (const quad<float> *)x, ldx / 4, rows, n / 4);
    else
        CUDA_LAUNCH(nn, k_copy_rows<float>, cuda_blocks(rows * n), CUDA_THREADS, 0, y, ldy, x,
                    ldx, rows, n);
}

/* --- rows by index */

/* y[to[i], :] = x[from[i], :] for i below m; NULL: row i itself. */
template <class N>
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_move_rows(N *y, const int32_t *to, const N *x, const int32_t *from, size_t m, size_t n)
{
    for (size_t i = thread_first(); i < m * n; i += thread_stride()) {
        size_t j, r = divide(i, n, &j);

        y[(to ? (size_t)to[r] : r) * n + j] = x[(from ? (size_t)from[r] : r) * n + j];
    }
}

static void move_rows(struct nn *nn, float *y, const int32_t *to, const float *x,
                      const int32_t *from, size_t m, size_t n)
{
    if (move_fours(y, x, n, 0, 0))
        CUDA_LAUNCH(nn, k_move_rows<quad<float>>, cuda_blocks(m * (n / 4)), CUDA_THREADS, 0,
                    (quad<float> *)y, to, (const quad<float> *)x, from, m, n / 4);
    else
        CUDA_LAUNCH(nn, k_move_rows<float>, cuda_blocks(m * n), CUDA_THREADS, 0, y, to, x, from,
                    m, n);
}

void cuda_gather_rows(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                      size_t n)
{
    move_rows(nn, y, NULL, x, index, m, n);
}

void cuda_put_rows(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                   size_t n)
{
    move_rows(nn, y, index, x, NULL, m, n);
}

/* --- heads */

/* y[B,H,T,D] from the rows of x. */
template <class N>
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_split_heads(N *y, const N *x, size_t ldx, size_t B, size_t T, size_t H, size_t D,
                  size_t repeat)
{
    for (size_t i = thread_first(); i < B * H * T * D; i += thread_stride()) {
        size_t d, t, h, b = divide(divide(divide(i, D, &d), T, &t), H, &h);

        y[i] = x[(b * T + t) * ldx + h / repeat * D + d];
    }
}

void cuda_split_heads(struct nn *nn, float *y, const float *x, size_t ldx, size_t B, size_t T,
                      size_t H, size_t D, size_t repeat)
{
    size_t n = B * T * H * D;

    if (move_fours(y, x, ldx, D, 0))
        CUDA_LAUNCH(nn, k_split_heads<quad<float>>, cuda_blocks(n / 4), CUDA_THREADS, 0,
                    (quad<float> *)y, (const quad<float> *)x, ldx / 4, B, T, H, D / 4, repeat);
    else
        CUDA_LAUNCH(nn, k_split_heads<float>, cuda_blocks(n), CUDA_THREADS, 0, y, x, ldx, B, T,
                    H, D, repeat);
}

static __device__ __forceinline__ float plus(float a, float b)
{
    return a + b;
}

static __device__ __forceinline__ quad<float> plus(quad<float> a, quad<float> b)
{
    return {{a.at[0] + b.at[0], a.at[1] + b.at[1], a.at[2] + b.at[2], a.at[3] + b.at[3]}};
}

/* The way back, for `few` = H / repeat heads: the first that was repeated comes as it is, the
 * others are added to it. */
template <class N>
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_merge_heads(N *y, size_t ldy, const N *x, size_t B, size_t T, size_t few, size_t D,
                  size_t repeat)
{
    for (size_t i = thread_first(); i < B * T * few * D; i += thread_stride()) {
        size_t d, h, t, b = divide(divide(divide(i, D, &d), few, &h), T, &t);
        const N *from = x + ((b * few + h) * repeat * T + t) * D + d;
        N sum = *from;

        for (size_t k = 1; k < repeat; k++)
            sum = plus(sum, from[k * T * D]);
        y[(b * T + t) * ldy + h * D + d] = sum;
    }
}

void cuda_merge_heads(struct nn *nn, float *y, size_t ldy, const float *x, size_t B, size_t T,
                      size_t H, size_t D, size_t repeat)
{
    size_t few = H / repeat, n = B * T * few * D;

    if (move_fours(y, x, ldy, D, 0))
        CUDA_LAUNCH(nn, k_merge_heads<quad<float>>, cuda_blocks(n / 4), CUDA_THREADS, 0,
                    (quad<float> *)y, ldy / 4, (const quad<float> *)x, B, T, few, D / 4,
                    repeat);
    else
        CUDA_LAUNCH(nn, k_merge_heads<float>, cuda_blocks(n), CUDA_THREADS, 0, y, ldy, x, B, T,
                    few, D, repeat);
}
