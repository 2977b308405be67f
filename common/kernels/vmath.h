/* vmath.h: exp and the normal distribution as plain C that compilers turn into vectors: no
 * branch, no call, NaN in gives NaN out. */
#ifndef KERNELS_VMATH_H
#define KERNELS_VMATH_H

#include <math.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

/*
 * q and 2^n, where exp(x) = 2^n (q + 1): n is the integer nearest to x / ln 2, found by adding
 * 1.5 * 2^23: then the low bits of the sum hold it; q = exp(x - n ln 2) - 1, of which the
 * polynomial is our minimax fit on |x| <= ln(2) / 2, relative error 3e-9.
 */
INLINE float exp_parts(float x, float *two_to_n)
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
    power.u = (shifted.u << 23) + 0x3f800000;
    *two_to_n = power.f;
    return p * r * r + r;
}

/** exp(x) for x <= 88, within 1 unit in the last place; 0 below -87, where the true one nears
 * the denormals. */
INLINE float exp_fast(float x)
{
    float power, q = exp_parts(x, &power);

    return x < -87.0f ? 0.0f : (q + 1.0f) * power;
}

/**
 * exp(x) - 1 for x <= 88, within 2e-7 relative; exp(x) as by exp_fast(), but 1e-38 below -87.
 * 2^n q + (2^n - 1) has nothing to cancel where |x| is small.
 */
INLINE float expm1_fast(float x, float *exp)
{
    float power, q = exp_parts(x < -87.0f ? -87.0f : x, &power);

    *exp = power * q + power;
    return power * q + (power - 1.0f);
}

/** The logistic function 1 / (1 + exp(-x)) within 3e-7 relative, 0 below -87; *rest: 1 less
 * that, as exactly. */
INLINE float sigmoid_fast(float x, float *rest)
{
    float e = exp_fast(x < 0 ? x : -x), large = 1.0f / (1.0f + e), small = e * large;

    *rest = x < 0 ? large : small;
    return x < 0 ? small : large;
}

/** tanh(x) within 4e-7 relative; *slope: its derivative, as exactly up to |x| of 43. */
INLINE float tanh_fast(float x, float *slope)
{
    float e, less = expm1_fast(x < 0 ? 2.0f * x : -2.0f * x, &e), inv = 1.0f / (2.0f + less);

    *slope = 4.0f * e * inv * inv;
    return copysignf(less * inv, x);
}

/**
 * The standard normal distribution at x: the density, and the share below x, both within 5e-7 +
 * 3e-8 x^2 relative: in the tails the rounding of x^2 / 2 shows.
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
