/*
 * quad.h: numbers by fours, which one instruction moves. What goes through elements is as fast
 * as memory only where each access is so wide.
 */
#ifndef CUDA_QUAD_H
#define CUDA_QUAD_H

#include "device.h"

/** Four numbers of four bytes each, or whatever has as many. */
template <class T> struct __align__(16) quad
{
    T at[4];
};

/** Whether these arrays, of which any may be NULL, begin where a quad may lie. */
static inline bool fours_begin(const void *a, const void *b = NULL, const void *c = NULL,
                               const void *d = NULL)
{
    return ((uintptr_t)a | (uintptr_t)b | (uintptr_t)c | (uintptr_t)d) % 16 == 0;
}

/** Blocks for n elements, of which a thread takes four at a time: from 4 * thread_first() on,
 * in strides of 4 * thread_stride(). */
static inline dim3 quad_blocks(size_t n)
{
    return cuda_blocks(n / 4 + (n % 4 != 0));
}

/** x[i] to x[i + 3], i a multiple of 4; 0 for those behind the last of n. fours: x begins where
 * a quad may lie. */
template <class T>
static __device__ __forceinline__ quad<T> load4(const T *x, size_t i, size_t n, bool fours)
{
    quad<T> q;

    if (fours && i + 4 <= n)
        return *(const quad<T> *)(x + i);
#pragma unroll
    for (int k = 0; k < 4; k++)
        q.at[k] = i + k < n ? x[i + k] : (T)0;
    return q;
}

/** The way back: what is behind the last of n is not written. */
template <class T>
static __device__ __forceinline__ void store4(T *y, size_t i, size_t n, bool fours, quad<T> q)
{
    if (fours && i + 4 <= n) {
        *(quad<T> *)(y + i) = q;
        return;
    }
#pragma unroll
    for (int k = 0; k < 4; k++)
        if (i + k < n)
            y[i + k] = q.at[k];
}

/** i / n, and what is left: in 32 bits where they do, which is several times faster. */
static __device__ __forceinline__ size_t divide(size_t i, size_t n, size_t *rest)
{
    size_t quotient = (i | n) <= UINT32_MAX ? (size_t)((uint32_t)i / (uint32_t)n) : i / n;

    *rest = i - quotient * n;
    return quotient;
}

/** What bias[n] has for elements i to i + 3 of rows of n; zeros where it is NULL. */
static __device__ __forceinline__ quad<float> bias4(const float *bias, size_t i, size_t n,
                                                    bool fours)
{
    quad<float> b = {};
    size_t j;

    if (!bias)
        return b;
    divide(i, n, &j);
    if (fours && n % 4 == 0)
        return load4(bias, j, n, true);
#pragma unroll
    for (int k = 0; k < 4; k++) {
        b.at[k] = bias[j];
        j = j + 1 < n ? j + 1 : 0;
    }
    return b;
}

#endif
