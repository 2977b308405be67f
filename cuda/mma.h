/*
 * mma.h: products of small matrices by the matrix unit of a warp: numbers are bfloat16, sums
 * float32. From compute capability 8.0 on; private to this folder.
 *
 * A warp holds a matrix in fragments: every lane has a few of its numbers, two of bfloat16 in a
 * register, the first in the lower half (PTX ISA, "Matrix Fragments for mma.m16n8k16"). With
 * r = lane / 4 and c = lane % 4 * 2 a lane has of
 *
 *   a[16,16]   rows r and r + 8 at columns c, c + 1; then the same rows at c + 8, c + 9
 *   b[16,8]    column r at rows c, c + 1; then at c + 8, c + 9
 *   sum[16,8]  row r at columns c, c + 1; then row r + 8 there
 *
 * All lanes of a warp call these functions.
 */
#ifndef CUDA_MMA_H
#define CUDA_MMA_H

#include <string.h>

#include "device.h"

/** Two numbers rounded to bfloat16, to nearest, ties to even, in a register. */
static __device__ __forceinline__ uint32_t narrow_pair(float low, float high)
{
    __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    uint32_t bits;

    memcpy(&bits, &pair, sizeof bits);
    return bits;
}

/** Four matrices [8,8] of bfloat16 in shared memory: lane i gives row i % 8 of matrix i / 8,
 * 16 bytes aligned to them; to[m] becomes row lane / 4 of matrix m at columns lane % 4 * 2 and
 * the next. */
static __device__ __forceinline__ void load_matrices(uint32_t (&to)[4],
                                                     const __nv_bfloat16 *row)
{
#ifndef __CUDACC__
    cuh_load_matrices(to, row, false);
#else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"((unsigned)__cvta_generic_to_shared(row))
                 : "memory");
#endif
}

/** The same of each matrix's transpose: to[m] becomes column lane / 4 at rows lane % 4 * 2 and
 * the next. */
static __device__ __forceinline__ void load_transposes(uint32_t (&to)[4],
                                                       const __nv_bfloat16 *row)
{
#ifndef __CUDACC__
    cuh_load_matrices(to, row, true);
#else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"((unsigned)__cvta_generic_to_shared(row))
                 : "memory");
#endif
}

/** sum[16,8] += a[16,16] b[16,8]; sum points to the lane's four numbers, which are in
 * registers. Cards of 7.5 lack it: open.cu gives them float32, so that what they have of a
 * kernel that calls it is never launched. */
static __device__ __forceinline__ void add_product(float *sum, const uint32_t (&a)[4],
                                                   uint32_t b0, uint32_t b1)
{
#if !defined(__CUDACC__)
    cuh_add_product(sum, a, b0, b1);
#elif defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
    __trap();
#else
    asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(sum[0]), "+f"(sum[1]), "+f"(sum[2]), "+f"(sum[3])
                 : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
#endif
}

#endif
