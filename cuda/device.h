/* device.h: what kernels share: sums over a warp and a block, random numbers. */
#ifndef CUDA_DEVICE_H
#define CUDA_DEVICE_H

#include <cuda_bf16.h>

#include "cuda.h"
#include "base/rng_philox.h"

/* The dynamic shared memory of every kernel: one name, one type, cut by the kernel itself. */
extern __shared__ __align__(16) unsigned char rf_shared[];

static const unsigned ALL_LANES = 0xffffffffu;

/** Number of this thread in the launch, and threads of it: for strides through elements. */
static __device__ __forceinline__ size_t thread_first(void)
{
    return (size_t)blockIdx.x * blockDim.x + threadIdx.x;
}

static __device__ __forceinline__ size_t thread_stride(void)
{
    return (size_t)gridDim.x * blockDim.x;
}

/** The sum over the lanes of a warp, all of which call it; every lane gets it. The order is
 * always the same. T: float or double. */
template <class T> static __device__ __forceinline__ T warp_sum(T v)
{
    for (int o = CUDA_WARP / 2; o > 0; o >>= 1)
        v += __shfl_xor_sync(ALL_LANES, v, o);
    return v;
}

/** The sum over a block of whole warps, all of whose threads call it; every thread gets it.
 * `room` is shared memory for a number a warp; it may be used anew at once. */
template <class T> static __device__ __forceinline__ T block_sum(T v, T *room)
{
    unsigned lane = threadIdx.x % CUDA_WARP, warp = threadIdx.x / CUDA_WARP;
    T sum = 0;

    v = warp_sum(v);
    if (lane == 0)
        room[warp] = v;
    __syncthreads();
    for (unsigned w = 0; w < blockDim.x / CUDA_WARP; w++)
        sum += room[w];
    __syncthreads();
    return sum;
}

#endif
