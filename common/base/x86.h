/* x86.h: whether this machine runs what the Makefile compiles for a level of x86-64. */
#ifndef BASE_X86_H
#define BASE_X86_H

#include <stdbool.h>

/** Whether *_avx2.c may run: with what of x86-64-v3 they use. */
static inline bool x86_v3(void)
{
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
           __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}

/** The same of *_avx512.c and x86-64-v4. */
static inline bool x86_v4(void)
{
#if defined(__x86_64__)
    return x86_v3() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512cd") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return false;
#endif
}

#endif
