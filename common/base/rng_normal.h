/*
 * rng_normal.h: two normal numbers from two random words (Box and Muller).
 *
 * The arithmetic is the same everywhere, so that vector code and other devices give the same
 * bits as rng_normal(). Every product that is added to something is written as fma(), so that
 * no compiler can choose. The relative error is below 1e-15.
 */
#ifndef BASE_RNG_NORMAL_H
#define BASE_RNG_NORMAL_H

#include <math.h>
#include <stdint.h>

#include "base/rng_philox.h"

RNG_INLINE double rng_as_double(uint64_t bits)
{
    union {
        uint64_t bits;
        double x;
    } u = {bits};

    return u.x;
}

RNG_INLINE uint64_t rng_bits(double x)
{
    union {
        double x;
        uint64_t bits;
    } u = {x};

    return u.bits;
}

/* The natural logarithm of x, which must be a normal number. x = m 2^e, where m lies between
 * the root of 1/2 and that of 2; ln m = 2 artanh((m - 1) / (m + 1)). */
RNG_INLINE double rng_log(double x)
{
    const uint64_t half_root = 0x3FE6A09E667F3BCD, bias = 1023;
    uint64_t e = (rng_bits(x) - half_root + (bias << 52)) >> 52;
    double m = rng_as_double(rng_bits(x) + ((bias - e) << 52));
    double s = (m - 1) / (m + 1), z = s * s, p = 1.0 / 19;

    p = fma(p, z, 1.0 / 17);
    p = fma(p, z, 1.0 / 15);
    p = fma(p, z, 1.0 / 13);
    p = fma(p, z, 1.0 / 11);
    p = fma(p, z, 1.0 / 9);
    p = fma(p, z, 1.0 / 7);
    p = fma(p, z, 1.0 / 5);
    p = fma(p, z, 1.0 / 3);
    p = fma(p, z, 1.0);
    /* The double 2^52 + e, minus 2^52 and e's bias, is the exponent: AVX2 has no instruction
     * that turns 64-bit integers into doubles. */
    e |= 0x4330000000000000;
    return fma(rng_as_double(e) - (0x1p52 + 1023), 0x1.62e42fefa39efp-1, 2 * s * p);
}

/* The sine of x, which is at most an eighth of a turn in either
 * direction; below it the cosine. */
RNG_INLINE double rng_sin(double x)
{
    double z = x * x, p = 1.0 / 355687428096000;

    p = fma(p, z, -1.0 / 1307674368000);
    p = fma(p, z, 1.0 / 6227020800);
    p = fma(p, z, -1.0 / 39916800);
    p = fma(p, z, 1.0 / 362880);
    p = fma(p, z, -1.0 / 5040);
    p = fma(p, z, 1.0 / 120);
    p = fma(p, z, -1.0 / 6);
    return x * fma(p, z, 1.0);
}

RNG_INLINE double rng_cos(double x)
{
    double z = x * x, p = -1.0 / 6402373705728000;

    p = fma(p, z, 1.0 / 20922789888000);
    p = fma(p, z, -1.0 / 87178291200);
    p = fma(p, z, 1.0 / 479001600);
    p = fma(p, z, -1.0 / 3628800);
    p = fma(p, z, 1.0 / 40320);
    p = fma(p, z, -1.0 / 720);
    p = fma(p, z, 1.0 / 24);
    p = fma(p, z, -1.0 / 2);
    return fma(p, z, 1.0);
}

/** Elements 2 i and 2 i + 1 of a stream, from the first two words of block i. */
RNG_INLINE void rng_normal_pair(float *even, float *odd, uint32_t w0, uint32_t w1)
{
    double u = (rng_as_double(0x4330000000000000 | w0) - (0x1p52 - 0.5)) * 0x1p-32;
    double radius = sqrt(-2 * rng_log(u));
    uint32_t quarter = (w1 + 0x20000000) >> 30; /* the nearest quarter of a turn */
    double x = (double)(int32_t)(w1 - (quarter << 30)) * 0x1.921fb54442d18p-30;
    double sine = rng_sin(x), cosine = rng_cos(x);
    double c = quarter & 1 ? sine : cosine, s = quarter & 1 ? cosine : sine;

    *even = (float)(radius * ((quarter + 1) & 2 ? -c : c));
    *odd = (float)(radius * (quarter & 2 ? -s : s));
}

#endif
