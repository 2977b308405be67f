/*
 * rng_body.h: base/rng.h's Philox4x32-10, a run of blocks at a time: the same numbers, in a
 * form that compilers turn into vectors. For *_body.h; see kernels.h.
 */
#ifndef NN_RNG_BODY_H
#define NN_RNG_BODY_H

#include "base/rng.h"

/** out[4 n]: elements 4 first to 4 (first + n) - 1 of rng_u32(r, ·). */
static inline void rng_words(uint32_t *restrict out, struct rng r, uint64_t first, size_t n)
{
    uint32_t seed0 = (uint32_t)r.seed, seed1 = (uint32_t)(r.seed >> 32);
    uint32_t stream0 = (uint32_t)r.stream, stream1 = (uint32_t)(r.stream >> 32);

#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        uint64_t c0 = (uint32_t)(first + i), c1 = (first + i) >> 32;
        uint64_t c2 = stream0, c3 = stream1;
        uint32_t k0 = seed0, k1 = seed1;

        /* words in the low halves of 64 bits, where the multiplication wants them */
#pragma GCC unroll 10
        for (int round = 0; round < 10; round++) {
            uint64_t a = 0xD2511F53 * (c0 & 0xffffffff), b = 0xCD9E8D57 * (c2 & 0xffffffff);

            c0 = b >> 32 ^ c1 ^ k0;
            c2 = a >> 32 ^ c3 ^ k1;
            c1 = b & 0xffffffff;
            c3 = a & 0xffffffff;
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }
        out[4 * i] = (uint32_t)c0;
        out[4 * i + 1] = (uint32_t)c1;
        out[4 * i + 2] = (uint32_t)c2;
        out[4 * i + 3] = (uint32_t)c3;
    }
}

#endif
