/*
 * rng_philox.h: the words of base/rng.h's streams: Philox4x32-10 (Salmon, Moraes, Dror, Shaw:
 * "Parallel random numbers: as easy as 1, 2, 3", 2011). Apart from rng.h, which is for those
 * who draw, so that kernels of other devices are made from the same lines.
 */
#ifndef BASE_RNG_PHILOX_H
#define BASE_RNG_PHILOX_H

#include "base/rng.h"

#ifdef __CUDACC__
#define RNG_INLINE static __host__ __device__ inline
#else
#define RNG_INLINE static inline
#endif

/** rng_block() */
RNG_INLINE void philox_block(uint32_t out[4], struct rng r, uint64_t block)
{
    uint32_t c0 = (uint32_t)block, c1 = (uint32_t)(block >> 32);
    uint32_t c2 = (uint32_t)r.stream, c3 = (uint32_t)(r.stream >> 32);
    uint32_t k0 = (uint32_t)r.seed, k1 = (uint32_t)(r.seed >> 32);

    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)0xD2511F53 * c0, b = (uint64_t)0xCD9E8D57 * c2;
        uint32_t n0 = (uint32_t)(b >> 32) ^ c1 ^ k0, n2 = (uint32_t)(a >> 32) ^ c3 ^ k1;

        c1 = (uint32_t)b;
        c3 = (uint32_t)a;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9; /* golden ratio */
        k1 += 0xBB67AE85; /* sqrt(3) - 1 */
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/** rng_u32() */
RNG_INLINE uint32_t philox_u32(struct rng r, uint64_t i)
{
    uint32_t w[4];

    philox_block(w, r, i >> 2);
    return w[i & 3];
}

/** rng_u64() */
RNG_INLINE uint64_t philox_u64(struct rng r, uint64_t i)
{
    uint32_t w[4];
    unsigned half = (unsigned)(i & 1) * 2;

    philox_block(w, r, i >> 1);
    return w[half] | (uint64_t)w[half + 1] << 32;
}

#endif
