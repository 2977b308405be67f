/*
 * rng_body.h: base/rng.h's Philox4x32-10, a run of blocks at a time: the same numbers, by
 * vectors. For *_body.h; see kernels.h.
 */
#ifndef KERNELS_RNG_BODY_H
#define KERNELS_RNG_BODY_H

#include "base/rng.h"

/* Words are the low halves of 64 bits, where the multiplication wants them; what the high
 * halves hold does not count. Compilers do not see that, hence the intrinsic functions. */
#if defined(__AVX512F__)
#include <immintrin.h>
enum { RNG_LANES = 8 };
#define RNG_PRODUCT(x, y) ((rng_lanes)_mm512_mul_epu32((__m512i)(x), (__m512i)(y)))
#define RNG_FRONT(x, y)   __builtin_shufflevector(x, y, 0, 8, 1, 9, 2, 10, 3, 11)
#define RNG_BACK(x, y)    __builtin_shufflevector(x, y, 4, 12, 5, 13, 6, 14, 7, 15)
#elif defined(__AVX2__)
#include <immintrin.h>
enum { RNG_LANES = 4 };
#define RNG_PRODUCT(x, y) ((rng_lanes)_mm256_mul_epu32((__m256i)(x), (__m256i)(y)))
#define RNG_FRONT(x, y)   __builtin_shufflevector(x, y, 0, 4, 1, 5)
#define RNG_BACK(x, y)    __builtin_shufflevector(x, y, 2, 6, 3, 7)
#else
enum { RNG_LANES = 2 };
#if defined(__SSE2__)
#include <emmintrin.h>
#define RNG_PRODUCT(x, y) ((rng_lanes)_mm_mul_epu32((__m128i)(x), (__m128i)(y)))
#else
#define RNG_PRODUCT(x, y) (((x)&0xffffffff) * ((y)&0xffffffff))
#endif
#define RNG_FRONT(x, y) __builtin_shufflevector(x, y, 0, 2)
#define RNG_BACK(x, y)  __builtin_shufflevector(x, y, 1, 3)
#endif

typedef uint64_t rng_lanes __attribute__((vector_size(8 * RNG_LANES), aligned(4), may_alias));

/** out[4 n]: elements 4 first to 4 (first + n) - 1 of rng_u32(r, ·). n is rounded up to a
 * multiple of RNG_LANES: `out` has room for that. */
static inline void rng_words(uint32_t *out, struct rng r, uint64_t first, size_t n)
{
    const rng_lanes zero = {0}, low = zero + 0xffffffff;
    rng_lanes block = zero + first, key[10][2];

    for (size_t i = 0; i < RNG_LANES; i++)
        block[i] += i;
    for (uint32_t i = 0; i < 10; i++) { /* constants as in rng_philox.h */
        key[i][0] = zero + (uint32_t)((uint32_t)r.seed + i * 0x9E3779B9);
        key[i][1] = zero + (uint32_t)((uint32_t)(r.seed >> 32) + i * 0xBB67AE85);
    }
    for (size_t at = 0; at < n; at += RNG_LANES, out += 4 * RNG_LANES, block += RNG_LANES) {
        rng_lanes c0 = block, c1 = block >> 32, c2 = zero + r.stream, c3 = c2 >> 32;

#pragma GCC unroll 10
        for (int round = 0; round < 10; round++) {
            rng_lanes a = RNG_PRODUCT(c0, zero + 0xD2511F53);
            rng_lanes b = RNG_PRODUCT(c2, zero + 0xCD9E8D57);

            c0 = b >> 32 ^ c1 ^ key[round][0];
            c2 = a >> 32 ^ c3 ^ key[round][1];
            c1 = b;
            c3 = a;
        }
        c0 = (c0 & low) | c1 << 32;
        c2 = (c2 & low) | c3 << 32;
        *(rng_lanes *)out = RNG_FRONT(c0, c2);
        *(rng_lanes *)(out + 2 * RNG_LANES) = RNG_BACK(c0, c2);
    }
}

#endif
