/*
 * norm.cu: layer norm and ScaleNorm. A warp has a row; its lanes take quads of it, one after
 * the other. What a lane reads twice it keeps in shared memory, or in what becomes shared
 * memory of its own: no lane looks at another's.
 */
#include "quad.h"
#include "sums.h"

static const float NORM_EPS = 1e-5F, LEAST_LENGTH = 1e-5F;

/* What every card gives a block without being asked. */
enum { SHARED_BYTES = 48 << 10 };

/* Columns that a warp takes at once. */
enum { WARP_COLUMNS = 4 * CUDA_WARP };

/* How a launch is cut where each warp keeps so many floats: all CUDA_WARPS to a block, or as
 * many as there is room for; none fits: one, which keeps nothing. */
struct warp_cut {
    unsigned warps;
    size_t keep; /* floats of each warp */
};

static struct warp_cut cut_warps(size_t floats)
{
    const size_t most = CUDA_WARPS;
    size_t fit = SHARED_BYTES / sizeof(float) / (floats ? floats : 1);

    if (fit == 0)
        return {1, 0};
    return {(unsigned)(fit < most ? fit : most), floats};
}

static size_t kept_bytes(struct warp_cut cut)
{
    return cut.warps * cut.keep * sizeof(float);
}

static dim3 row_blocks(struct warp_cut cut, size_t rows)
{
    return dim3((unsigned)((rows + cut.warps - 1) / cut.warps));
}

static __device__ __forceinline__ size_t row_of_warp(void)
{
    return (size_t)blockIdx.x * (blockDim.x / CUDA_WARP) + threadIdx.x / CUDA_WARP;
}

/* This warp's floats of shared memory, of `keep` each; NULL: none. */
static __device__ __forceinline__ float *kept_by_warp(size_t keep)
{
    return keep ? (float *)rf_shared + threadIdx.x / CUDA_WARP * keep : NULL;
}

/* --- layer norm */

/* The row is kept, so that it comes once. fours: all arrays begin where quads may lie, and n is
 * a multiple of 4. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_norm_fwd(float *y, float *stat, const float *x, const float *weight, const float *bias,
               size_t rows, size_t n, size_t keep, bool fours)
{
    size_t r = row_of_warp(), first = 4 * (threadIdx.x % CUDA_WARP);
    float *kept = kept_by_warp(keep), mean = 0, square = 0, inv;
    const float *again = kept ? kept : x + r * n;

    if (r >= rows)
        return;
    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> q = load4(x + r * n, j, n, fours);

        if (kept)
            store4(kept, j, n, fours, q);
        mean += (q.at[0] + q.at[1]) + (q.at[2] + q.at[3]);
    }
    mean = warp_sum(mean) / (float)n;
    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> q = load4(again, j, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            square += j + k < n ? (q.at[k] - mean) * (q.at[k] - mean) : 0;
    }
    inv = 1 / sqrtf(warp_sum(square) / (float)n + NORM_EPS);
    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> q = load4(again, j, n, fours), w = load4(weight, j, n, fours);
        quad<float> b = load4(bias, j, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] = (q.at[k] - mean) * inv * w.at[k] + b.at[k];
        store4(y + r * n, j, n, fours, q);
    }
    if (first == 0) {
        stat[2 * r] = mean;
        stat[2 * r + 1] = inv;
    }
}

void cuda_norm_fwd(struct nn *nn, float *y, float *stat, const float *x, const float *weight,
                   const float *bias, size_t rows, size_t n)
{
    struct warp_cut cut = cut_warps(n);
    bool fours = n % 4 == 0 && fours_begin(y, x, weight, bias);

    CUDA_LAUNCH(nn, k_norm_fwd, row_blocks(cut, rows), cut.warps * CUDA_WARP, kept_bytes(cut),
                y, stat, x, weight, bias, rows, n, cut.keep, fours);
}

/*
 * One row of norm_bwd(), of the numbers of ops_ref.c: h = (x - mean) inv, u = dy weight, dx +=
 * inv (u - mean(u) - h mean(u h)). sums[2,n] are this warp's: of dy h, and behind them of dy.
 */
static __device__ __forceinline__ void norm_row_bwd(float *dx, float *sums, const float *dy,
                                                    const float *x, float mean, float inv,
                                                    const float *weight, size_t n, bool fours)
{
    size_t first = 4 * (threadIdx.x % CUDA_WARP);
    float mu = 0, muh = 0;

    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> d = load4(dy, j, n, fours), q = load4(x, j, n, fours);
        quad<float> w = load4(weight, j, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++) { /* behind the last, dy is 0 */
            mu += d.at[k] * w.at[k];
            muh += d.at[k] * w.at[k] * ((q.at[k] - mean) * inv);
        }
    }
    mu = warp_sum(mu) / (float)n;
    muh = warp_sum(muh) / (float)n;
    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> d = load4(dy, j, n, fours), q = load4(x, j, n, fours);
        quad<float> w = load4(weight, j, n, fours), to = load4(dx, j, n, fours);
        quad<float> dw = load4(sums, j, n, fours), db = load4(sums + n, j, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++) {
            float h = (q.at[k] - mean) * inv;

            to.at[k] += inv * (d.at[k] * w.at[k] - mu - h * muh);
            dw.at[k] += d.at[k] * h;
            db.at[k] += d.at[k];
        }
        store4(dx, j, n, fours, to);
        store4(sums, j, n, fours, dw);
        store4(sums + n, j, n, fours, db);
    }
}

/* part[gridDim.x,2,n]: what a block has of dweight and of dbias. Where nothing is kept a block
 * is one warp, which adds up in part itself. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_norm_bwd(float *dx, float *part, const float *dy, const float *x, const float *stat,
               const float *weight, size_t rows, size_t n, size_t keep, bool fours)
{
    float *all = part + blockIdx.x * 2 * n, *sums = keep ? kept_by_warp(keep) : all;
    unsigned warps = blockDim.x / CUDA_WARP;

    /* To zero by the lanes that add to it. */
    for (size_t j = 4 * (threadIdx.x % CUDA_WARP); j < n; j += WARP_COLUMNS) {
        store4(sums, j, n, fours, quad<float>{});
        store4(sums + n, j, n, fours, quad<float>{});
    }
    for (size_t r = row_of_warp(); r < rows; r += (size_t)gridDim.x * warps)
        norm_row_bwd(dx + r * n, sums, dy + r * n, x + r * n, stat[2 * r], stat[2 * r + 1],
                     weight, n, fours);
    __syncthreads();
    for (size_t j = threadIdx.x; keep && j < 2 * n; j += blockDim.x) {
        float sum = 0;

        for (unsigned w = 0; w < warps; w++)
            sum += ((float *)rf_shared)[w * keep + j];
        all[j] = sum;
    }
}

void cuda_norm_bwd(struct nn *nn, float *dx, float *dweight, float *dbias, const float *dy,
                   const float *x, const float *stat, const float *weight, size_t rows,
                   size_t n)
{
    const unsigned MOST = 512; /* a few blocks for each multiprocessor of any card */
    struct warp_cut cut = cut_warps(2 * n);
    bool fours = n % 4 == 0 && fours_begin(dx, dy, x, weight);
    dim3 blocks = row_blocks(cut, rows);
    float *part;

    blocks.x = blocks.x < MOST ? blocks.x : MOST;
    part = (float *)cuda_scratch(nn, blocks.x * 2 * n * sizeof *part);
    CUDA_LAUNCH(nn, k_norm_bwd, blocks, cut.warps * CUDA_WARP, kept_bytes(cut), dx, part, dy, x,
                stat, weight, rows, n, cut.keep, fours);
    cuda_add_columns(nn, dweight, n, dbias, part, blocks.x, 2 * n);
}

/* --- ScaleNorm */

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_scale_norm_fwd(float *y, float *stat, const float *x, const float *g, size_t rows,
                     size_t n, size_t keep, bool fours)
{
    size_t r = row_of_warp(), first = 4 * (threadIdx.x % CUDA_WARP);
    float *kept = kept_by_warp(keep), square = 0, length;
    const float *again = kept ? kept : x + r * n;

    if (r >= rows)
        return;
    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> q = load4(x + r * n, j, n, fours);

        if (kept)
            store4(kept, j, n, fours, q);
#pragma unroll
        for (int k = 0; k < 4; k++)
            square += q.at[k] * q.at[k];
    }
    length = sqrtf(warp_sum(square));
    length = length < LEAST_LENGTH ? LEAST_LENGTH : length;
    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> q = load4(again, j, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] = g[0] * q.at[k] / length;
        store4(y + r * n, j, n, fours, q);
    }
    if (first == 0)
        stat[r] = 1 / length;
}

void cuda_scale_norm_fwd(struct nn *nn, float *y, float *stat, const float *x, const float *g,
                         size_t rows, size_t n)
{
    struct warp_cut cut = cut_warps(n);
    bool fours = n % 4 == 0 && fours_begin(y, x);

    CUDA_LAUNCH(nn, k_scale_norm_fwd, row_blocks(cut, rows), cut.warps * CUDA_WARP,
                kept_bytes(cut), y, stat, x, g, rows, n, cut.keep, fours);
}

/* One row, with h = x / |x|: dx += g / |x| (dy - h (h . dy)). Returns h . dy. */
static __device__ __forceinline__ float scale_row_bwd(float *dx, const float *dy,
                                                      const float *x, float inv, float g,
                                                      size_t n, bool fours)
{
    size_t first = 4 * (threadIdx.x % CUDA_WARP);
    float dot = 0, along;

    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> d = load4(dy, j, n, fours), q = load4(x, j, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            dot += d.at[k] * (q.at[k] * inv);
    }
    dot = warp_sum(dot);
    along = inv >= 1 / LEAST_LENGTH ? 0 : dot * inv;
    for (size_t j = first; j < n; j += WARP_COLUMNS) {
        quad<float> d = load4(dy, j, n, fours), q = load4(x, j, n, fours);
        quad<float> to = load4(dx, j, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            to.at[k] += g * inv * (d.at[k] - q.at[k] * along);
        store4(dx, j, n, fours, to);
    }
    return dot;
}

/* part[gridDim.x]: what a block's rows have of dg. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_scale_norm_bwd(float *dx, double *part, const float *dy, const float *x,
                     const float *stat, const float *g, size_t rows, size_t n, bool fours)
{
    __shared__ double room[CUDA_WARPS];
    double sum = 0;

    for (size_t r = row_of_warp(); r < rows; r += (size_t)gridDim.x * CUDA_WARPS)
        sum +=
            (double)scale_row_bwd(dx + r * n, dy + r * n, x + r * n, stat[r], g[0], n, fours);
    /* Each lane has the sum of its warp: one of them counts. */
    sum = block_sum(threadIdx.x % CUDA_WARP ? 0.0 : sum, room);
    if (threadIdx.x == 0)
        part[blockIdx.x] = sum;
}

void cuda_scale_norm_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                         const float *stat, const float *g, size_t rows, size_t n)
{
    const size_t MOST = 1024;
    size_t blocks = (rows + CUDA_WARPS - 1) / CUDA_WARPS;
    double *part;

    blocks = blocks < MOST ? blocks : MOST;
    part = (double *)cuda_scratch(nn, blocks * sizeof *part);
    CUDA_LAUNCH(nn, k_scale_norm_bwd, dim3((unsigned)blocks), CUDA_THREADS, 0, dx, part, dy, x,
                stat, g, rows, n, n % 4 == 0 && fours_begin(dx, dy, x));
    cuda_add_parts(nn, dg, part, blocks);
}
