#include "base/rng.h"

#include "base/rng_normal.h"

void rng_block(uint32_t out[4], struct rng r, uint64_t block)
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

uint32_t rng_u32(struct rng r, uint64_t i)
{
    uint32_t w[4];

    rng_block(w, r, i >> 2);
    return w[i & 3];
}

uint64_t rng_u64(struct rng r, uint64_t i)
{
    uint32_t w[4];
    unsigned half = (unsigned)(i & 1) * 2;

    rng_block(w, r, i >> 1);
    return w[half] | (uint64_t)w[half + 1] << 32;
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
