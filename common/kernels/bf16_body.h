/* bf16_body.h: floats to words of two bfloat16, by AVX512-BF16. */
#include <immintrin.h>

#include "kernels/vmath.h"

#define PAIR  2
#define ROUND round_all

typedef float vec __attribute__((vector_size(4 * VL), aligned(4), may_alias));

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

static inline void round_all(uint16_t *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += VL) {
        __mmask16 there = n - i < VL ? (__mmask16)((1U << (n - i)) - 1) : 0xffff;
        __m256bh r = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(there, x + i));

        _mm256_mask_storeu_epi16(y + i, there, (__m256i)r);
    }
}

/* y[n] = what rounding to bfloat16 leaves of x. */
static inline void rest_all(float *y, const float *x, size_t n)
{
    for (size_t i = 0; i < n; i += VL) {
        __mmask16 there = n - i < VL ? (__mmask16)((1U << (n - i)) - 1) : 0xffff;
        __m512 whole = _mm512_maskz_loadu_ps(there, x + i);
        __m512i high = _mm512_cvtepu16_epi32((__m256i)_mm512_cvtneps_pbh(whole));

        _mm512_mask_storeu_ps(
            y + i, there,
            _mm512_sub_ps(whole, _mm512_castsi512_ps(_mm512_slli_epi32(high, 16))));
    }
}
