/* stream.cu: residual streams, whose numbers are integers (nn/ops.h). */
#include "quad.h"

/* s + sign x, where x is rounded to a multiple of the unit. What is no number, or too large,
 * is none from then on. */
static __device__ __forceinline__ int32_t stream_sum(int32_t s, int sign, float x)
{
    float scaled = rintf(x * (1 << NN_STREAM_BITS));
    bool fits = fabsf(scaled) < 0x1p31F; /* no NaN does */
    long long sum = s + (fits ? sign * (long long)scaled : 0);

    return fits && s != NN_STREAM_NAN && sum > INT32_MIN && sum <= INT32_MAX ? (int32_t)sum
                                                                             : NN_STREAM_NAN;
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_stream_add(int32_t *s, int sign, const float *x, const float *bias, size_t n,
                 size_t columns, bool fours)
{
    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<float> q = load4(x, i, n, fours), b = bias4(bias, i, columns, fours);
        quad<int32_t> sum = load4(s, i, n, fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            sum.at[k] = stream_sum(sum.at[k], sign, q.at[k] + b.at[k]);
        store4(s, i, n, fours, sum);
    }
}

void cuda_stream_add(struct nn *nn, int32_t *s, int sign, const float *x, const float *bias,
                     size_t rows, size_t n)
{
    CUDA_LAUNCH(nn, k_stream_add, quad_blocks(rows * n), CUDA_THREADS, 0, s, sign, x, bias,
                rows * n, n, fours_begin(s, x, bias));
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_stream_read(float *y, const int32_t *s, size_t n, bool fours)
{
    const float unit = 1.0F / (1 << NN_STREAM_BITS);

    for (size_t i = 4 * thread_first(); i < n; i += 4 * thread_stride()) {
        quad<int32_t> from = load4(s, i, n, fours);
        quad<float> q;

#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] = from.at[k] == NN_STREAM_NAN ? NAN : (float)from.at[k] * unit;
        store4(y, i, n, fours, q);
    }
}

void cuda_stream_read(struct nn *nn, float *y, const int32_t *s, size_t n)
{
    CUDA_LAUNCH(nn, k_stream_read, quad_blocks(n), CUDA_THREADS, 0, y, s, n, fours_begin(y, s));
}
