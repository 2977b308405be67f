/* act.cu: activations, alone and gated. */
#include "quad.h"
#include "sums.h"

/* 1 / (1 + exp(-z)), and 1 less that, each exact in its own tail. */
static __device__ __forceinline__ float sigmoid(float z, float *rest)
{
    float e = expf(-fabsf(z)), most = 1 / (1 + e), least = e * most;

    *rest = z < 0 ? most : least;
    return z < 0 ? least : most;
}

/* The share of the normal distribution below z, and its density there. */
static __device__ __forceinline__ float normal_cdf(float z, float *density)
{
    *density = 0.39894228F * expf(-0.5F * z * z);
    return 0.5F * erfcf(-0.70710678F * z);
}

/* act(z), and its derivative; 0 counts as negative, a NaN as positive. */
static __device__ __forceinline__ float activate(enum act act, float z, float *slope)
{
    float a, b;

    switch (act) {
    case ACT_GELU:
        a = normal_cdf(z, &b);
        *slope = a + z * b;
        return z * a;
    case ACT_RELU: *slope = z <= 0 ? 0.0F : 1.0F; return z <= 0 ? 0.0F : z;
    case ACT_RELU2: *slope = z <= 0 ? 0.0F : 2 * z; return z <= 0 ? 0.0F : z * z;
    case ACT_SILU:
        a = sigmoid(z, &b);
        *slope = a * (1 + z * b);
        return z * a;
    case ACT_LEAKY_RELU: *slope = z <= 0 ? 0.01F : 1.0F; return z <= 0 ? 0.01F * z : z;
    case ACT_ELU: *slope = z <= 0 ? expf(z) : 1.0F; return z <= 0 ? expm1f(z) : z;
    case ACT_TANH:
        a = sigmoid(2 * z, &b);
        *slope = 4 * a * b;
        return tanhf(z);
    case ACT_SIGMOID:
        a = sigmoid(z, &b);
        *slope = a * b;
        return a;
    }
    return NAN;
}

/*
 * A thread has columns j to j + 3 of a row of y, and with them the same ones of the gate, n
 * columns further on. It reads all that it needs of x before it writes slope, which may be x.
 * fours: all arrays begin where quads may lie, and n is a multiple of 4.
 */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_act_fwd(float *y, float *slope, const float *x, const float *bias, enum act act, bool glu,
              size_t rows, size_t n, bool fours)
{
    size_t quads = (n + 3) / 4, wide = glu ? 2 * n : n;

    for (size_t i = thread_first(); i < rows * quads; i += thread_stride()) {
        size_t j, r = divide(i, quads, &j), at = r * wide;
        quad<float> z, b, gate = {}, more = {}, a, d;

        j *= 4;
        z = load4(x + at, j, n, fours);
        b = load4(bias, j, n, fours);
        if (glu) {
            gate = load4(x + at + n, j, n, fours);
            more = load4(bias + n, j, n, fours);
        }
#pragma unroll
        for (int k = 0; k < 4; k++) {
            a.at[k] = activate(act, z.at[k] + b.at[k], &d.at[k]);
            gate.at[k] = glu ? gate.at[k] + more.at[k] : 1.0F;
        }
        if (glu && slope)
            store4(slope + at + n, j, n, fours, a);
#pragma unroll
        for (int k = 0; k < 4; k++) {
            a.at[k] *= gate.at[k];
            d.at[k] *= gate.at[k];
        }
        if (slope)
            store4(slope + at, j, n, fours, d);
        store4(y + r * n, j, n, fours, a);
    }
}

void cuda_act_fwd(struct nn *nn, float *y, float *slope, const float *x, const float *bias,
                  enum act act, bool glu, size_t rows, size_t n)
{
    bool fours = n % 4 == 0 && fours_begin(y, slope, x, bias);

    CUDA_LAUNCH(nn, k_act_fwd, cuda_blocks(rows * ((n + 3) / 4)), CUDA_THREADS, 0, y, slope, x,
                bias, act, glu, rows, n, fours);
}

/*
 * A lane has column j of dy and of slope, and with glu column n + j of slope too; part is as
 * wide as slope. dx may be slope, or dy: an element is read before it is written, and several
 * rows are read before any is written, for memory answers late.
 */
template <bool GLU>
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_act_bwd(float *dx, double *part, const float *dy, const float *slope, size_t rows,
              size_t n, size_t step)
{
    enum { AT_ONCE = 4 };
    const size_t wide = GLU ? 2 * n : n;
    size_t j = (size_t)blockIdx.x * CUDA_WARP + threadIdx.x % CUDA_WARP;
    size_t first = blockIdx.y * step, end = first + step < rows ? first + step : rows;
    float d[AT_ONCE], s[AT_ONCE], gate[AT_ONCE];
    double sum = 0, gate_sum = 0;

    first += threadIdx.x / CUDA_WARP;
    for (size_t r = first; j < n && r < end; r += AT_ONCE * CUDA_WARPS) {
#pragma unroll
        for (int k = 0; k < AT_ONCE; k++) {
            size_t row = r + k * CUDA_WARPS;

            d[k] = row < end ? dy[row * n + j] : 0;
            s[k] = row < end ? slope[row * wide + j] : 0;
            gate[k] = GLU && row < end ? slope[row * wide + n + j] : 0;
        }
#pragma unroll
        for (int k = 0; k < AT_ONCE; k++) {
            size_t row = r + k * CUDA_WARPS;

            if (row < end) {
                dx[row * wide + j] = d[k] * s[k];
                if (GLU)
                    dx[row * wide + n + j] = d[k] * gate[k];
            }
            sum += (double)d[k] * (double)s[k];
            gate_sum += (double)d[k] * (double)gate[k];
        }
    }
    sum = sum_of_warps(sum);
    gate_sum = GLU ? sum_of_warps(gate_sum) : 0;
    if (threadIdx.x < CUDA_WARP && j < n) {
        part[blockIdx.y * wide + j] = sum;
        if (GLU)
            part[blockIdx.y * wide + n + j] = gate_sum;
    }
}

void cuda_act_bwd(struct nn *nn, float *dx, float *dbias, const float *dy, const float *slope,
                  bool glu, size_t rows, size_t n)
{
    struct row_cut cut = cut_rows(rows, n);
    size_t wide = glu ? 2 * n : n;
    double *part = (double *)cuda_scratch(nn, cut.parts * wide * sizeof *part);

    if (glu)
        CUDA_LAUNCH(nn, k_act_bwd<true>, cut_grid(cut, n), CUDA_THREADS, 0, dx, part, dy, slope,
                    rows, n, cut.step);
    else
        CUDA_LAUNCH(nn, k_act_bwd<false>, cut_grid(cut, n), CUDA_THREADS, 0, dx, part, dy,
                    slope, rows, n, cut.step);
    cuda_add_columns(nn, dbias, wide, NULL, part, cut.parts, wide);
}
