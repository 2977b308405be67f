/*
 * gemm_bf16x3_amx.c: products of floats, by AMX: each is the sum of two bfloat16, what it is
 * rounded to and, rounded, what that leaves. Of their four products the smallest is left out.
 * Numbers below 2^-126, and so small rests, count as 0.
 */
#include "kernels/kernels.h"

#if defined(__AMX_BF16__) || defined(__AMXBF16__) /* gcc's name, clang 14's */
#define GEMM  gemm_bf16x3
#define PARTS 2
#define DEPTH 384

#include "kernels/gemm_amx_body.h"
#endif
