/*
 * gemm_stored_body.h: tiles of weights in fewer bits, [k][NP]; part of gemm_body.h.
 */
#if defined(__AVX2__)
#include <immintrin.h>
#endif

/* VL numbers of 2 bytes, or of 1, as integers. gcc 12 makes conversions of vectors of other
 * lengths number by number. */
typedef int32_t vec_i32 __attribute__((vector_size(4 * VL), may_alias));

#if defined(__AVX512F__) && VL == 16
INLINE vec_i32 read_halves(const uint16_t *x)
{
    return (vec_i32)_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i_u *)x));
}

INLINE vec_i32 read_bytes(const int8_t *x)
{
    return (vec_i32)_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i_u *)x));
}
#elif defined(__AVX2__) && VL == 8
INLINE vec_i32 read_halves(const uint16_t *x)
{
    return (vec_i32)_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i_u *)x));
}

INLINE vec_i32 read_bytes(const int8_t *x)
{
    return (vec_i32)_mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i_u *)x));
}
#else
INLINE vec_i32 read_halves(const uint16_t *x)
{
    vec_i32 y;

    for (size_t i = 0; i < VL; i++)
        y[i] = x[i];
    return y;
}

INLINE vec_i32 read_bytes(const int8_t *x)
{
    vec_i32 y;

    for (size_t i = 0; i < VL; i++)
        y[i] = (0x80 ^ (uint8_t)x[i]) - 0x80;
    return y;
}
#endif

/* VL numbers of x, from number i on. */
INLINE vec wide(enum nn_store how, const void *x, size_t i)
{
    if (how == NN_STORE_BF16)
        return (vec)(read_halves((const uint16_t *)x + i) << 16);
    return __builtin_convertvector(read_bytes((const int8_t *)x + i), vec);
}

static void widen(float *to, enum nn_store how, const void *x, size_t depth)
{
    for (size_t i = 0; i < depth * NP; i += VL)
        *(vec *)(to + i) =
            how == NN_STORE_BF16 ? wide(NN_STORE_BF16, x, i) : wide(NN_STORE_INT8, x, i);
}

/* To nearest, ties to even; x is no NaN. */
INLINE uint16_t to_bf16(float x)
{
    uint32_t bits;

    memcpy(&bits, &x, sizeof bits);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/* x / scale as integers, to nearest, ties to even, which an addition rounds; 0 where scale is.
 */
INLINE vec_i32 to_nearest(vec x, vec scale)
{
    const vec large = (vec){0} + 0x1.8p23f;
    vec one = (vec){0} + 1,
        safe = (vec)(((vec_i32)scale & (scale > 0)) | ((vec_i32)one & ~(scale > 0)));

    return (vec_i32)(x / safe + large) - (vec_i32)large;
}

static void narrow(void *to, enum nn_store how, const float *x, const float *scale,
                   size_t depth)
{
    uint16_t *halves_to = to;
    int8_t *bytes_to = to;

    if (how == NN_STORE_BF16)
        for (size_t i = 0; i < depth * NP; i++)
            halves_to[i] = to_bf16(x[i]);
    for (size_t i = 0; how == NN_STORE_INT8 && i < depth * NP; i += VL) {
        vec_i32 whole = to_nearest(*(const vec *)(x + i), *(const vec *)(scale + i % NP));

        for (size_t j = 0; j < VL; j++)
            bytes_to[i + j] = (int8_t)whole[j];
    }
}
