/*
 * attend_tile.h: products of tiles of attention, by a block of ATTEND_THREADS threads; private
 * to this folder.
 *
 * A block has one tile of TILE rows of its own, queries or keys, and goes through tiles of
 * others. Rows are fetched by position, so that order costs nothing but an index. Shared memory
 * holds slices of both, whatever D and C are; a thread's part of a product is in registers.
 */
#ifndef CUDA_ATTEND_TILE_H
#define CUDA_ATTEND_TILE_H

#include "attend.h"

/* Numbers of a row in a slice of tile_dot(), and the distance of rows there: rows that are
 * neighbours are an odd number of four floats apart, so that lanes read different banks. Rows
 * of a slice of tile_times(). Floats that either needs. */
enum {
    SLICE = 32,
    SLICE_STEP = SLICE + 4,
    SLICE_ROWS = 16,
    SLICES_FLOATS = 2 * TILE * SLICE_STEP /* a tile of probabilities fits too */
};

/* Threads form a square of SIDE by SIDE. */
enum { SIDE = 16, EACH = TILE / SIDE };

/** Element e of the 16 that a thread has of a tile [TILE,TILE]: its row and column. */
static __device__ __forceinline__ int tile_row(int e)
{
    return threadIdx.x / SIDE * EACH + e / EACH;
}

static __device__ __forceinline__ int tile_column(int e)
{
    return threadIdx.x % SIDE + e % EACH * SIDE;
}

/** Element e of the DP / 4 that a thread has of an output [TILE,DP]: its row and column. */
template <int DP> static __device__ __forceinline__ int output_row(int e)
{
    return threadIdx.x / SIDE * EACH + e / (DP / SIDE);
}

template <int DP> static __device__ __forceinline__ int output_column(int e)
{
    int c = e % (DP / SIDE);

    return c / 4 * TILE + threadIdx.x % SIDE * 4 + c % 4;
}

/* Four numbers of a row from number d on; 0 behind its end, and where there is no row. */
static __device__ __forceinline__ float4 four_of(const float *x, int row, int d, int D,
                                                 bool wide)
{
    float4 y = {0, 0, 0, 0};

    if (row < 0 || d >= D)
        return y;
    x += (size_t)row * D + d;
    if (wide)
        return *reinterpret_cast<const float4 *>(x);
    y.x = x[0];
    y.y = d + 1 < D ? x[1] : 0;
    y.z = d + 2 < D ? x[2] : 0;
    y.w = d + 3 < D ? x[3] : 0;
    return y;
}

template <bool BF> static __device__ __forceinline__ float rounded(float x)
{
    return BF ? as_bf16(x) : x;
}

/* `rows` rows of x, numbers d to d + width - 1 of each, into to[rows,step]. */
template <bool BF>
static __device__ __forceinline__ void fetch_rows(float *to, int step, const float *x,
                                                  const int *at, int rows, int d, int width,
                                                  int D, bool wide)
{
    int fours = width / 4;

    for (int i = threadIdx.x; i < rows * fours; i += ATTEND_THREADS) {
        int row = i / fours, c = i % fours * 4;
        float4 f = four_of(x, at[row], d + c, D, wide);

        f.x = rounded<BF>(f.x);
        f.y = rounded<BF>(f.y);
        f.z = rounded<BF>(f.z);
        f.w = rounded<BF>(f.w);
        *reinterpret_cast<float4 *>(to + row * step + c) = f;
    }
}

static __device__ __forceinline__ float dot_four(float4 x, float4 y, float sum)
{
    sum = fmaf(x.x, y.x, sum);
    sum = fmaf(x.y, y.y, sum);
    sum = fmaf(x.z, y.z, sum);
    return fmaf(x.w, y.w, sum);
}

/** s[own row, other row] = x[x_at[own row], :] . y[y_at[other row], :], rows of D numbers; a
 * row at -1 is 0. All threads call it; `slices` is shared memory. */
template <bool BF>
static __device__ __forceinline__ void tile_dot(float (&s)[EACH * EACH], float *slices,
                                                const float *x, const int *x_at, const float *y,
                                                const int *y_at, int D, bool wide)
{
    float *xs = slices, *ys = slices + TILE * SLICE_STEP;

#pragma unroll
    for (int e = 0; e < EACH * EACH; e++)
        s[e] = 0;
    for (int d = 0; d < D; d += SLICE) {
        __syncthreads();
        fetch_rows<BF>(xs, SLICE_STEP, x, x_at, TILE, d, SLICE, D, wide);
        fetch_rows<BF>(ys, SLICE_STEP, y, y_at, TILE, d, SLICE, D, wide);
        __syncthreads();
#pragma unroll 1
        for (int k = 0; k < SLICE; k += 4) {
            float4 fy[EACH];

#pragma unroll
            for (int c = 0; c < EACH; c++)
                fy[c] = *reinterpret_cast<float4 *>(ys + tile_column(c) * SLICE_STEP + k);
#pragma unroll
            for (int r = 0; r < EACH; r++) {
                float4 fx =
                    *reinterpret_cast<float4 *>(xs + tile_row(r * EACH) * SLICE_STEP + k);

#pragma unroll
                for (int c = 0; c < EACH; c++)
                    s[r * EACH + c] = dot_four(fx, fy[c], s[r * EACH + c]);
            }
        }
    }
}

/** Put a thread's elements of a tile into tile[TILE,TILE_STEP], in shared memory, and back.
 * Between them the thread may go through these in a loop, as it cannot in registers; nobody
 * else looks at them. */
static __device__ __forceinline__ void put_tile(float *tile, const float (&s)[EACH * EACH])
{
#pragma unroll
    for (int e = 0; e < EACH * EACH; e++)
        tile[tile_row(e) * TILE_STEP + tile_column(e)] = s[e];
}

static __device__ __forceinline__ void get_tile(float (&s)[EACH * EACH], const float *tile)
{
#pragma unroll
    for (int e = 0; e < EACH * EACH; e++)
        s[e] = tile[tile_row(e) * TILE_STEP + tile_column(e)];
}

/** acc[own row, d] += the sum over other rows of p[own row, other row] y[y_at[other row], d].
 * p[TILE,TILE_STEP] is shared memory that threads may just have written, and so is `slices`. */
template <int DP, bool BF>
static __device__ __forceinline__ void tile_times(float (&acc)[DP / 4], const float *p,
                                                  float *slices, const float *y,
                                                  const int *y_at, int D, bool wide)
{
    enum { COLUMNS = DP / SIDE };

    for (int first = 0; first < TILE; first += SLICE_ROWS) {
        __syncthreads();
        fetch_rows<BF>(slices, DP, y, y_at + first, SLICE_ROWS, 0, DP, D, wide);
        __syncthreads();
#pragma unroll 2
        for (int k = 0; k < SLICE_ROWS; k++) {
            float own[EACH];

#pragma unroll
            for (int r = 0; r < EACH; r++)
                own[r] =
                    rounded<BF>(p[(threadIdx.x / SIDE * EACH + r) * TILE_STEP + first + k]);
#pragma unroll
            for (int c = 0; c < COLUMNS; c += 4) {
                float4 f = *reinterpret_cast<float4 *>(slices + k * DP + output_column<DP>(c));

#pragma unroll
                for (int r = 0; r < EACH; r++) {
                    float *a = acc + r * COLUMNS + c;

                    a[0] = fmaf(own[r], f.x, a[0]);
                    a[1] = fmaf(own[r], f.y, a[1]);
                    a[2] = fmaf(own[r], f.z, a[2]);
                    a[3] = fmaf(own[r], f.w, a[3]);
                }
            }
        }
    }
}

#endif
