/*
 * attend_tile.h: products of tiles of attention, by a block of ATTEND_THREADS threads; private
 * to this folder.
 *
 * A block has one tile of TILE rows of its own, queries or keys, and goes through tiles of
 * others. Rows are fetched by position, so that order costs nothing but an index. Shared memory
 * holds slices of both, whatever D and C are; a thread's part of a product is in registers.
 *
 * BF: products are of numbers rounded to bfloat16, by the warps' matrix units: mma.h. They
 * differ in nothing else but in which elements a thread has.
 */
#ifndef CUDA_ATTEND_TILE_H
#define CUDA_ATTEND_TILE_H

#include "attend.h"
#include "mma.h"

/* Numbers of a row in a slice of tile_dot(), and the distance of rows there: rows that are
 * neighbours are an odd number of four floats apart, so that lanes read different banks. Rows
 * of a slice of tile_times(). Floats that either needs. */
enum {
    SLICE = 32,
    SLICE_STEP = SLICE + 4,
    SLICE_ROWS = 16,
    SLICES_FLOATS = 2 * TILE * SLICE_STEP /* a tile of probabilities fits too */
};

/* The same in bfloat16: rows are an odd number of 16 bytes apart, of tile_times() too. */
enum { NARROW_SLICE = 64, NARROW_PAD = 8, NARROW_STEP = NARROW_SLICE + NARROW_PAD };

/* --- which elements a thread has */

/* In float32 threads form a square of SIDE by SIDE. */
enum { SIDE = 16, EACH = TILE / SIDE };

/* In bfloat16 a warp has 16 rows and half of the N columns, as sums of mma.h: four elements of
 * a thread are its part of 8 columns. Element e of a thread: its row and column. */
static __device__ __forceinline__ int fragment_row(int e)
{
    return threadIdx.x / (2 * CUDA_WARP) * 16 + e / 2 % 2 * 8 + threadIdx.x % CUDA_WARP / 4;
}

template <int N> static __device__ __forceinline__ int fragment_column(int e)
{
    return threadIdx.x / CUDA_WARP % 2 * (N / 2) + e / 4 * 8 + threadIdx.x % 4 * 2 + e % 2;
}

/** Element e of the 16 that a thread has of a tile [TILE,TILE]: its row and column. */
template <bool BF> static __device__ __forceinline__ int tile_row(int e)
{
    return BF ? fragment_row(e) : threadIdx.x / SIDE * EACH + e / EACH;
}

template <bool BF> static __device__ __forceinline__ int tile_column(int e)
{
    return BF ? fragment_column<TILE>(e) : threadIdx.x % SIDE + e % EACH * SIDE;
}

/** Element e of the DP / 4 that a thread has of an output [TILE,DP]: its row and column. */
template <int DP, bool BF> static __device__ __forceinline__ int output_row(int e)
{
    return BF ? fragment_row(e) : threadIdx.x / SIDE * EACH + e / (DP / SIDE);
}

template <int DP, bool BF> static __device__ __forceinline__ int output_column(int e)
{
    int c = e % (DP / SIDE);

    return BF ? fragment_column<DP>(e) : c / 4 * TILE + threadIdx.x % SIDE * 4 + c % 4;
}

/** Of an output: ROWS of which a thread has elements, threads that share a row. */
template <bool BF> struct parts {
    enum { ROWS = BF ? 2 : EACH, SHARERS = BF ? 8 : SIDE };
};

/** In which of its own rows element e of an output is, and an element that is in its own row r;
 * the thread's number among those that share its rows. */
template <int DP, bool BF> static __device__ __forceinline__ int own_row(int e)
{
    return BF ? e / 2 % 2 : e / (DP / SIDE);
}

template <int DP, bool BF> static __device__ __forceinline__ int element_of(int r)
{
    return BF ? 2 * r : r * (DP / SIDE);
}

template <bool BF> static __device__ __forceinline__ int sharer(void)
{
    return BF ? threadIdx.x / CUDA_WARP % 2 * 4 + threadIdx.x % 4 : threadIdx.x % SIDE;
}

/* --- rows to shared memory */

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

static __device__ __forceinline__ void put_four(float *to, float4 x)
{
    *reinterpret_cast<float4 *>(to) = x;
}

static __device__ __forceinline__ void put_four(__nv_bfloat16 *to, float4 x)
{
    *reinterpret_cast<uint2 *>(to) = uint2{narrow_pair(x.x, x.y), narrow_pair(x.z, x.w)};
}

/* `rows` rows of x, numbers d to d + width - 1 of each, into to[rows,step], as its numbers are.
 */
template <class T>
static __device__ __forceinline__ void fetch_rows(T *to, int step, const float *x,
                                                  const int *at, int rows, int d, int width,
                                                  int D, bool wide)
{
    int fours = width / 4;

    for (int i = threadIdx.x; i < rows * fours; i += ATTEND_THREADS) {
        int row = i / fours, c = i % fours * 4;

        put_four(to + row * step + c, four_of(x, at[row], d + c, D, wide));
    }
}

/* --- products in float32 */

static __device__ __forceinline__ float dot_four(float4 x, float4 y, float sum)
{
    sum = fmaf(x.x, y.x, sum);
    sum = fmaf(x.y, y.y, sum);
    sum = fmaf(x.z, y.z, sum);
    return fmaf(x.w, y.w, sum);
}

static __device__ __forceinline__ void float_dot(float (&s)[EACH * EACH], float *slices,
                                                 const float *x, const int *x_at,
                                                 const float *y, const int *y_at, int D,
                                                 bool wide)
{
    float *xs = slices, *ys = slices + TILE * SLICE_STEP;
    for (int d = 0; d < D; d += SLICE) {
        __syncthreads();
        fetch_rows(xs, SLICE_STEP, x, x_at, TILE, d, SLICE, D, wide);
        fetch_rows(ys, SLICE_STEP, y, y_at, TILE, d, SLICE, D, wide);
        __syncthreads();
#pragma unroll 1
        for (int k = 0; k < SLICE; k += 4) {
            float4 fy[EACH];

#pragma unroll
            for (int c = 0; c < EACH; c++)
                fy[c] =
                    *reinterpret_cast<float4 *>(ys + tile_column<false>(c) * SLICE_STEP + k);
#pragma unroll
            for (int r = 0; r < EACH; r++) {
                float4 fx = *reinterpret_cast<float4 *>(
                    xs + tile_row<false>(r * EACH) * SLICE_STEP + k);

#pragma unroll
                for (int c = 0; c < EACH; c++)
                    s[r * EACH + c] = dot_four(fx, fy[c], s[r * EACH + c]);
            }
        }
    }
}

template <int DP>
static __device__ __forceinline__ void float_times(float (&acc)[DP / 4], const float *p,
                                                   float *slices, const float *y,
                                                   const int *y_at, int D, bool wide)
{
    enum { COLUMNS = DP / SIDE };

    for (int first = 0; first < TILE; first += SLICE_ROWS) {
        __syncthreads();
        fetch_rows(slices, DP, y, y_at + first, SLICE_ROWS, 0, DP, D, wide);
        __syncthreads();
#pragma unroll 2
        for (int k = 0; k < SLICE_ROWS; k++) {
            float own[EACH];

#pragma unroll
            for (int r = 0; r < EACH; r++)
                own[r] = p[(threadIdx.x / SIDE * EACH + r) * TILE_STEP + first + k];
#pragma unroll
            for (int c = 0; c < COLUMNS; c += 4) {
                float4 f =
                    *reinterpret_cast<float4 *>(slices + k * DP + output_column<DP, false>(c));

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

/* --- products in bfloat16 */

/* Where in x[16,16], of rows `step` apart, the row is that a lane gives to load_matrices() for
 * a left operand; and to load_transposes() for two right operands, x's halves. */
static __device__ __forceinline__ const __nv_bfloat16 *lane_row(const __nv_bfloat16 *x,
                                                                int step)
{
    int lane = threadIdx.x % CUDA_WARP;

    return x + lane % 16 * step + lane / 16 * 8;
}

/* The same of two right operands for load_matrices(), where x's rows are their columns. */
static __device__ __forceinline__ const __nv_bfloat16 *lane_column(const __nv_bfloat16 *x,
                                                                   int step)
{
    int lane = threadIdx.x % CUDA_WARP;

    return x + (lane / 16 * 8 + lane % 8) * step + lane / 8 % 2 * 8;
}

static __device__ __forceinline__ void narrow_dot(float (&s)[EACH * EACH],
                                                  __nv_bfloat16 *slices, const float *x,
                                                  const int *x_at, const float *y,
                                                  const int *y_at, int D, bool wide)
{
    static_assert(2 * TILE * NARROW_STEP <= 2 * SLICES_FLOATS, "slices have their room");
    __nv_bfloat16 *xs = slices, *ys = slices + TILE * NARROW_STEP;
    int warp = threadIdx.x / CUDA_WARP;
    const __nv_bfloat16 *own = lane_row(xs + warp / 2 * 16 * NARROW_STEP, NARROW_STEP);
    const __nv_bfloat16 *other = lane_column(ys + warp % 2 * 32 * NARROW_STEP, NARROW_STEP);

    for (int d = 0; d < D; d += NARROW_SLICE) {
        __syncthreads();
        fetch_rows(xs, NARROW_STEP, x, x_at, TILE, d, NARROW_SLICE, D, wide);
        fetch_rows(ys, NARROW_STEP, y, y_at, TILE, d, NARROW_SLICE, D, wide);
        __syncthreads();
#pragma unroll 2
        for (int k = 0; k < NARROW_SLICE && d + k < D; k += 16) {
            uint32_t a[4], b[4];

            load_matrices(a, own + k);
#pragma unroll
            for (int n = 0; n < 2; n++) {
                load_matrices(b, other + n * 16 * NARROW_STEP + k);
                add_product(s + n * 8, a, b[0], b[1]);
                add_product(s + n * 8 + 4, a, b[2], b[3]);
            }
        }
    }
}

/* A left operand of the first 16 columns of floats x[16,TILE_STEP]. */
static __device__ __forceinline__ void narrow_left(uint32_t (&a)[4], const float *x)
{
    int lane = threadIdx.x % CUDA_WARP;

    x += lane / 4 * TILE_STEP + lane % 4 * 2;
#pragma unroll
    for (int i = 0; i < 4; i++) {
        const float2 two =
            *reinterpret_cast<const float2 *>(x + i % 2 * 8 * TILE_STEP + i / 2 * 8);

        a[i] = narrow_pair(two.x, two.y);
    }
}

template <int DP>
static __device__ __forceinline__ void narrow_times(float (&acc)[DP / 4], const float *p,
                                                    __nv_bfloat16 *slices, const float *y,
                                                    const int *y_at, int D, bool wide)
{
    enum { ROWS = DP > 128 ? 32 : TILE, STEP = DP + NARROW_PAD };
    static_assert(ROWS * STEP <= 2 * SLICES_FLOATS, "a slice has its room");
    int warp = threadIdx.x / CUDA_WARP;
    const __nv_bfloat16 *other = lane_row(slices + warp % 2 * (DP / 2), STEP);

    p += warp / 2 * 16 * TILE_STEP;
    for (int first = 0; first < TILE; first += ROWS) {
        __syncthreads();
        fetch_rows(slices, STEP, y, y_at + first, ROWS, 0, DP, D, wide);
        __syncthreads();
#pragma unroll 1
        for (int k = 0; k < ROWS; k += 16) {
            uint32_t a[4], b[4];

            narrow_left(a, p + first + k);
#pragma unroll
            for (int n = 0; n < DP / 32; n++) {
                load_transposes(b, other + k * STEP + n * 16);
                add_product(acc + n * 8, a, b[0], b[1]);
                add_product(acc + n * 8 + 4, a, b[2], b[3]);
            }
        }
    }
}

/* --- products */

/** s[own row, other row] = x[x_at[own row], :] . y[y_at[other row], :], rows of D numbers; a
 * row at -1 is 0. All threads call it; `slices` is shared memory. */
template <bool BF>
static __device__ __forceinline__ void tile_dot(float (&s)[EACH * EACH], float *slices,
                                                const float *x, const int *x_at, const float *y,
                                                const int *y_at, int D, bool wide)
{
#pragma unroll
    for (int e = 0; e < EACH * EACH; e++)
        s[e] = 0;
    if (BF)
        narrow_dot(s, reinterpret_cast<__nv_bfloat16 *>(slices), x, x_at, y, y_at, D, wide);
    else
        float_dot(s, slices, x, x_at, y, y_at, D, wide);
}

/** acc[own row, d] += the sum over other rows of p[own row, other row] y[y_at[other row], d].
 * p[TILE,TILE_STEP] is shared memory that threads may just have written, and so is `slices`. */
template <int DP, bool BF>
static __device__ __forceinline__ void tile_times(float (&acc)[DP / 4], const float *p,
                                                  float *slices, const float *y,
                                                  const int *y_at, int D, bool wide)
{
    if (BF)
        narrow_times<DP>(acc, p, reinterpret_cast<__nv_bfloat16 *>(slices), y, y_at, D, wide);
    else
        float_times<DP>(acc, p, slices, y, y_at, D, wide);
}

/* --- tiles in shared memory */

/** Put a thread's elements of a tile into tile[TILE,TILE_STEP], in shared memory, and back.
 * Between them the thread may go through these in a loop, as it cannot in registers; nobody
 * else looks at them. */
template <bool BF>
static __device__ __forceinline__ void put_tile(float *tile, const float (&s)[EACH * EACH])
{
#pragma unroll
    for (int e = 0; e < EACH * EACH; e++)
        tile[tile_row<BF>(e) * TILE_STEP + tile_column<BF>(e)] = s[e];
}

template <bool BF>
static __device__ __forceinline__ void get_tile(float (&s)[EACH * EACH], const float *tile)
{
#pragma unroll
    for (int e = 0; e < EACH * EACH; e++)
        s[e] = tile[tile_row<BF>(e) * TILE_STEP + tile_column<BF>(e)];
}

#endif
