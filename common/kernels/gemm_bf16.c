/*
 * gemm_bf16.c: products of numbers rounded to bfloat16 (to nearest even), summed in float: the
 * instruction multiplies two neighbouring k of 16 lanes at once. Denormals count as 0.
 */
#include "kernels/kernels.h"

#ifdef __AVX512BF16__
#include <immintrin.h>

#define GEMM  gemm_bf16
#define VL    16
#define MR    14
#define DEPTH 1024

#include "kernels/bf16_body.h"

/* As assembly with a in memory: from the intrinsic gcc 12 makes all broadcasts first, and then
 * keeps sums on the stack. */
INLINE vec multiply_add(vec s, const float *a, vec b)
{
    __asm__("vdpbf16ps %2%{1to16%}, %1, %0" : "+v"(s) : "v"(b), "m"(*a));
    return s;
}

#include "kernels/gemm_body.h"
#endif
