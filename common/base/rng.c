#include "base/rng.h"

#include "base/rng_normal.h"
#include "base/rng_philox.h"

void rng_block(uint32_t out[4], struct rng r, uint64_t block)
{
    philox_block(out, r, block);
}

uint32_t rng_u32(struct rng r, uint64_t i)
{
    return philox_u32(r, i);
}

uint64_t rng_u64(struct rng r, uint64_t i)
{
    return philox_u64(r, i);
}

uint64_t rng_below(struct rng r, uint64_t i, uint64_t n)
{
    __extension__ typedef unsigned __int128 u128;

    return (uint64_t)((u128)rng_u64(r, i) * n >> 64); /* multiply-shift, Lemire 2019 */
}

float rng_uniform(struct rng r, uint64_t i)
{
    return (float)(rng_u32(r, i) >> 8) * 0x1p-24f;
}

float rng_normal(struct rng r, uint64_t i)
{
    uint32_t w[4];
    float pair[2];

    rng_block(w, r, i >> 1);
    rng_normal_pair(&pair[0], &pair[1], w[0], w[1]);
    return pair[i & 1];
}

/* The mixing function of one Feistel round. It may be any function of (half, round). */
static uint64_t feistel(struct rng r, uint64_t half, unsigned round)
{
    uint32_t w[4];

    r.stream ^= (uint64_t)round << 8;
    rng_block(w, r, half);
    return w[0] | (uint64_t)w[1] << 32;
}

uint64_t rng_permute(struct rng r, uint64_t i, uint64_t n)
{
    unsigned half = 1;

    while (half < 32 && (uint64_t)1 << (2 * half) < n)
        half++;
    do { /* the domain has fewer than 4n elements, so there are fewer than four turns on average
          */
        uint64_t mask = ((uint64_t)1 << half) - 1, lo = i & mask, hi = i >> half;

        for (unsigned round = 0; round < 4; round++) {
            uint64_t t = hi ^ (feistel(r, lo, round) & mask);

            hi = lo;
            lo = t;
        }
        i = hi << half | lo;
    } while (i >= n);
    return i;
}
