/* elements.cu: ops that go through elements, each on its own. */
#include "device.h"

static __global__ void __launch_bounds__(CUDA_THREADS) k_fill(float *y, float value, size_t n)
{
    for (size_t i = thread_first(); i < n; i += thread_stride())
        y[i] = value;
}

void cuda_fill(struct nn *nn, float *y, float value, size_t n)
{
    CUDA_LAUNCH(nn, k_fill, cuda_blocks(n), CUDA_THREADS, 0, y, value, n);
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_combine(float *y, float a, const float *x1, float b, const float *x2, size_t n)
{
    for (size_t i = thread_first(); i < n; i += thread_stride())
        y[i] = x2 ? a * x1[i] + b * x2[i] : a * x1[i];
}

void cuda_combine(struct nn *nn, float *y, float a, const float *x1, float b, const float *x2,
                  size_t n)
{
    CUDA_LAUNCH(nn, k_combine, cuda_blocks(n), CUDA_THREADS, 0, y, a, x1, b, x2, n);
}
