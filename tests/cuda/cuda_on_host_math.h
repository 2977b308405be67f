/* cuda_on_host_math.h: CUDA's arithmetic that C++ has not, for cuda_on_host.h. What a device
 * computes by approximation is computed here as exactly as the C library does. */
#ifndef TESTS_CUDA_ON_HOST_MATH_H
#define TESTS_CUDA_ON_HOST_MATH_H

#define CUH_CONVERT(name, from, to, how)                                                       \
    static inline to name(from x)                                                              \
    {                                                                                          \
        return (to)(how);                                                                      \
    }

/* --- bits */

#define CUH_AS(name, from, to)                                                                 \
    static inline to name(from x)                                                              \
    {                                                                                          \
        to y;                                                                                  \
        std::memcpy(&y, &x, sizeof y);                                                         \
        return y;                                                                              \
    }

CUH_AS(__float_as_uint, float, unsigned)
CUH_AS(__float_as_int, float, int)
CUH_AS(__uint_as_float, unsigned, float)
CUH_AS(__int_as_float, int, float)
CUH_AS(__double_as_longlong, double, long long)
CUH_AS(__longlong_as_double, long long, double)

CUH_CONVERT(__popc, unsigned, int, __builtin_popcount(x))
CUH_CONVERT(__popcll, unsigned long long, int, __builtin_popcountll(x))
CUH_CONVERT(__clz, int, int, x ? __builtin_clz((unsigned)x) : 32)
CUH_CONVERT(__clzll, long long, int, x ? __builtin_clzll((unsigned long long)x) : 64)
CUH_CONVERT(__ffs, int, int, __builtin_ffs(x))
CUH_CONVERT(__ffsll, long long, int, __builtin_ffsll(x))

static inline unsigned __brev(unsigned x)
{
    unsigned y = 0;

    for (int i = 0; i < 32; i++)
        y |= (x >> i & 1) << (31 - i);
    return y;
}

static inline unsigned __umulhi(unsigned a, unsigned b)
{
    return (unsigned)(((uint64_t)a * b) >> 32);
}

static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b)
{
    __extension__ typedef unsigned __int128 wide;

    return (unsigned long long)(((wide)a * b) >> 64);
}

/* --- numbers to numbers: to nearest, down, up, towards zero */

CUH_CONVERT(__float2int_rn, float, int, rintf(x))
CUH_CONVERT(__float2int_rd, float, int, floorf(x))
CUH_CONVERT(__float2int_ru, float, int, ceilf(x))
CUH_CONVERT(__float2int_rz, float, int, x)
CUH_CONVERT(__float2uint_rn, float, unsigned, rintf(x))
CUH_CONVERT(__float2uint_rz, float, unsigned, x)
CUH_CONVERT(__float2ll_rn, float, long long, rintf(x))
CUH_CONVERT(__double2int_rn, double, int, rint(x))
CUH_CONVERT(__double2float_rn, double, float, x)
CUH_CONVERT(__int2float_rn, int, float, x)
CUH_CONVERT(__uint2float_rn, unsigned, float, x)

/* --- floats. The names of some are the C library's for vectors, so they are macros. */

#define __expf(x)      expf(x)
#define __exp10f(x)    exp10f(x)
#define __logf(x)      logf(x)
#define __log2f(x)     log2f(x)
#define __powf(x, y)   powf(x, y)
#define __sinf(x)      sinf(x)
#define __cosf(x)      cosf(x)
#define __sincosf(...) sincosf(__VA_ARGS__)

CUH_CONVERT(rsqrtf, float, float, 1.0F / sqrtf(x))
CUH_CONVERT(rsqrt, double, double, 1.0 / sqrt(x))
CUH_CONVERT(normcdff, float, float, 0.5F * erfcf(-x * 0.70710678118654752F))
CUH_CONVERT(sinpif, float, float, sin(M_PI *(double)x))
CUH_CONVERT(cospif, float, float, cos(M_PI *(double)x))

static inline void sincospif(float x, float *s, float *c)
{
    *s = sinpif(x);
    *c = cospif(x);
}

CUH_CONVERT(__frcp_rn, float, float, 1.0F / x)
CUH_CONVERT(__fsqrt_rn, float, float, sqrtf(x))
CUH_CONVERT(__frsqrt_rn, float, float, 1.0F / sqrtf(x))
CUH_CONVERT(__saturatef, float, float, !(x > 0) ? 0 : x > 1 ? 1 : x)

#define CUH_BINARY(name, type, how)                                                            \
    static inline type name(type a, type b)                                                    \
    {                                                                                          \
        return how;                                                                            \
    }

CUH_BINARY(__fdividef, float, a / b)
CUH_BINARY(__fadd_rn, float, a + b)
CUH_BINARY(__fsub_rn, float, a - b)
CUH_BINARY(__fmul_rn, float, a *b)
CUH_BINARY(__fdiv_rn, float, a / b)
CUH_BINARY(__dadd_rn, double, a + b)
CUH_BINARY(__dsub_rn, double, a - b)
CUH_BINARY(__dmul_rn, double, a *b)
CUH_BINARY(__ddiv_rn, double, a / b)

static inline float __fmaf_rn(float a, float b, float c)
{
    return fmaf(a, b, c);
}

static inline double __fma_rn(double a, double b, double c)
{
    return fma(a, b, c);
}

/* CUDA's min() and max() take numbers of two types; of floats, NaN loses. */
template <class A, class B> static inline typename std::common_type<A, B>::type max(A a, B b)
{
    typedef typename std::common_type<A, B>::type T;

    if constexpr (std::is_floating_point<T>::value)
        return std::fmax((T)a, (T)b);
    else
        return (T)a > (T)b ? (T)a : (T)b;
}

template <class A, class B> static inline typename std::common_type<A, B>::type min(A a, B b)
{
    typedef typename std::common_type<A, B>::type T;

    if constexpr (std::is_floating_point<T>::value)
        return std::fmin((T)a, (T)b);
    else
        return (T)a < (T)b ? (T)a : (T)b;
}

/* --- loads and stores that advise the cache */

template <class T> static inline T cuh_load(const T *p)
{
    return *p;
}

#define __ldg(p)  cuh_load(p)
#define __ldcs(p) cuh_load(p)
#define __ldcg(p) cuh_load(p)

template <class T> static inline void __stcs(T *p, T v)
{
    *p = v;
}

template <class T> static inline void __stcg(T *p, T v)
{
    *p = v;
}

#endif
