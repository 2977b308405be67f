/* cuda_bf16.h: bfloat16, as far as the CUDA plugin uses it. */
#ifndef TESTS_CUDA_BF16_H
#define TESTS_CUDA_BF16_H

#include <cstdint>
#include <cstring>

/* The upper half of a float's bits. */
struct __nv_bfloat16 {
    uint16_t bits;
};

struct __attribute__((aligned(4))) __nv_bfloat162 {
    __nv_bfloat16 x, y;

    __nv_bfloat162() = default;
    __nv_bfloat162(__nv_bfloat16 of_x, __nv_bfloat16 of_y) : x(of_x), y(of_y)
    {
    }
};

static inline float __bfloat162float(__nv_bfloat16 h)
{
    uint32_t u = (uint32_t)h.bits << 16;
    float x;

    std::memcpy(&x, &u, sizeof x);
    return x;
}

/* To nearest, ties to even. */
static inline __nv_bfloat16 __float2bfloat16_rn(float x)
{
    uint32_t u;

    std::memcpy(&u, &x, sizeof u);
    if (x != x)
        return {0x7fff};
    return {(uint16_t)((u + 0x7fffU + (u >> 16 & 1)) >> 16)};
}

static inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y)
{
    return {__float2bfloat16_rn(x), __float2bfloat16_rn(y)};
}

#endif
