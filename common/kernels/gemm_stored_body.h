/*
 * gemm_stored_body.h: tiles of weights in fewer bits, [k][NP]; part of gemm_body.h.
 */
#include <math.h>

typedef uint32_t vec_u32 __attribute__((vector_size(4 * VL)));
typedef int32_t vec_i32 __attribute__((vector_size(4 * VL)));
typedef uint16_t vec_u16 __attribute__((vector_size(2 * VL), aligned(2), may_alias));
typedef int8_t vec_i8 __attribute__((vector_size(VL), aligned(1), may_alias));

/* VL numbers of x, from number i on. */
INLINE vec wide(enum nn_store how, const void *x, size_t i)
{
    if (how == NN_STORE_BF16)
        return (
            vec)(__builtin_convertvector(*(const vec_u16 *)((const uint16_t *)x + i), vec_u32)
                 << 16);
    return __builtin_convertvector(
        __builtin_convertvector(*(const vec_i8 *)((const int8_t *)x + i), vec_i32), vec);
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

static void narrow(void *to, enum nn_store how, const float *x, const float *scale,
                   size_t depth)
{
    uint16_t *halves_to = to;
    int8_t *bytes_to = to;

    if (how == NN_STORE_BF16)
        for (size_t i = 0; i < depth * NP; i++)
            halves_to[i] = to_bf16(x[i]);
    for (size_t i = 0; how == NN_STORE_INT8 && i < depth * NP; i++)
        bytes_to[i] = scale[i % NP] > 0 ? (int8_t)rintf(x[i] / scale[i % NP]) : 0;
}
