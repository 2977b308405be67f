/* vmath.h: exp and the normal distribution as plain C that compilers turn into vectors: no
 * branch, no call, NaN in gives NaN out. */
#ifndef NN_VMATH_H
#define NN_VMATH_H

#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

/**
 * exp(x) for x <= 88, within 1 unit in the last place; 0 below -87, where the true one nears
 * the denormals.
 *
 * exp(x) = 2^n exp(r), n the integer nearest to x / ln 2, found by adding 1.5 * 2^23: then the
 * low bits of the sum hold n. The polynomial is our minimax fit on |r| <= ln(2) / 2, relative
 * error 3e-9.
 */
INLINE float exp_fast(float x)
{
    union {
        float f;
        uint32_t u;
    } shifted, power;
    float n, r, p;

    shifted.f = x * 0x1.715476p+0f + 0x1.8p23f;
    n = shifted.f - 0x1.8p23f;
    r = x - n * 0x1.62e4p-1f;    /* ln 2 in two parts: the first has few bits, */
    r = r - n * 0x1.7f7d1cp-20f; /* so that n times it is exact */
    p = 0.0013814467f;
    p = p * r + 0.0083687808f;
    p = p * r + 0.041668393f;
    p = p * r + 0.16666520f;
    p = p * r + 0.49999994f;
    p = p * r * r + r + 1.0f;
    power.u = (shifted.u << 23) + 0x3f800000;
    return x < -87.0f ? 0.0f : p * power.f;
}

/**
 * The standard normal distribution at x: the density, and the share below x, both within 4e-7
 * relative.
 *
 * The tail beyond a = |x| is exp(-a^2 / 2) times a polynomial in 1 / (1 + 0.3 a), our minimax
 * fit for a <= 13.5 (relative error 1.3e-7); past that exp_fast() is 0.
 */
INLINE float normal_cdf(float x, float *density)
{
    float a = x < 0 ? -x : x, t = 1.0f / (1.0f + 0.3f * a), e = exp_fast(-0.5f * x * x), p;

    p = 0.035931718f;
    p = p * t - 0.15827593f;
    p = p * t + 0.20820649f;
    p = p * t - 0.055393748f;
    p = p * t + 0.12946916f;
    p = p * t + 0.099637508f;
    p = p * t + 0.12079836f;
    p = p * t + 0.11962639f;
    p = p * t * e;
    *density = 0.39894228f * e;
    return x < 0 ? p : 1.0f - p;
}

#endif
