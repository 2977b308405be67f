/*
 * sums.h: sums over rows and over elements, in two launches: blocks make parts of them, and
 * parts are added up. Both are cut by the shape alone, so that equal calls give equal bits.
 * They are in double: columns may cancel, and memory is slower than even few double units.
 */
#ifndef CUDA_SUMS_H
#define CUDA_SUMS_H

#include "device.h"

enum { CUDA_WARPS = CUDA_THREADS / CUDA_WARP };

/** Rows in `parts` blocks of `step` rows, fewer in the last one. */
struct row_cut {
    size_t parts, step;
};

/** The cut for sums of n columns: a block has CUDA_WARP columns, lanes a column each, and its
 * warps share its rows. Enough blocks for any card, each with some rows for every warp. */
static inline struct row_cut cut_rows(size_t rows, size_t n)
{
    const size_t BLOCKS = 2048, PARTS = 256, LEAST = 4 * CUDA_WARPS;
    size_t tiles = (n + CUDA_WARP - 1) / CUDA_WARP;
    size_t parts = tiles < BLOCKS / PARTS ? PARTS : tiles < BLOCKS ? BLOCKS / tiles : 1;
    size_t step = (rows + parts - 1) / parts;

    step = step < LEAST ? LEAST : step;
    return {(rows + step - 1) / step, step};
}

/** The grid for it. */
static inline dim3 cut_grid(struct row_cut cut, size_t n)
{
    return dim3((unsigned)((n + CUDA_WARP - 1) / CUDA_WARP), (unsigned)cut.parts);
}

/** y[n] added to: the column sums of part[parts,n], in double. Columns from `first` on go to
 * the array y2 instead, the first of them to its begin. */
void cuda_add_columns(struct nn *nn, float *y, size_t first, float *y2, const float *part,
                      size_t parts, size_t n);
void cuda_add_columns(struct nn *nn, float *y, size_t first, float *y2, const double *part,
                      size_t parts, size_t n);

/** sum[0] added to: part[parts], in double. */
void cuda_add_parts(struct nn *nn, float *sum, const double *part, size_t parts);
void cuda_add_parts(struct nn *nn, double *sum, const double *part, size_t parts);

/** The sum over the CUDA_WARPS warps of a block of what each has for its lane; all threads call
 * it and get it. */
static __device__ __forceinline__ double sum_of_warps(double v)
{
    __shared__ double room[CUDA_WARPS][CUDA_WARP];
    unsigned lane = threadIdx.x % CUDA_WARP;

    room[threadIdx.x / CUDA_WARP][lane] = v;
    __syncthreads();
    v = 0;
#pragma unroll
    for (int w = 0; w < CUDA_WARPS; w++)
        v += room[w][lane];
    __syncthreads();
    return v;
}

#endif
