/*
 * gemm_bf16.c: products of numbers rounded to bfloat16 (to nearest even), summed in float: the
 * instruction multiplies two neighbouring k of 16 lanes at once. Denormals count as 0.
 */
#ifdef __AVX512BF16__
#include <immintrin.h>

#define GEMM  gemm_bf16
#define VL    16
#define MR    14
#define DEPTH 1024
#define PAIR  2
#define ROUND round_all

#include "nn/vmath.h"

typedef float vec __attribute__((vector_size(4 * VL), aligned(4), may_alias));

INLINE vec multiply_add(vec s, const float *a, vec b)
{
    __asm__("vdpbf16ps %2%{1to16%}, %1, %0" : "+v"(s) : "v"(b), "m"(*a));
    return s;
}

/* VL words from VL * PAIR numbers in a row: of one lane. */
INLINE vec words_along(const float *x)
{
    return (vec)_mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + VL), _mm512_loadu_ps(x));
}

/* VL words from PAIR rows of VL numbers: of VL lanes. */
INLINE vec words_across(const float *x, size_t ld)
{
    const __m512i order =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7,
                         22, 6, 21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    __m512bh pair = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(x + ld), _mm512_loadu_ps(x));

    return (vec)_mm512_permutexvar_epi16(order, (__m512i)pair);
}

static void round_all(uint16_t *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += VL) {
        __mmask16 there = n - i < VL ? (__mmask16)((1U << (n - i)) - 1) : 0xffff;
        __m256bh r = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(there, x + i));

        _mm256_mask_storeu_epi16(y + i, there, (__m256i)r);
    }
}

#include "nn/gemm_body.h"
#endif
