/* loops_body.h: the loops around the matrix products; see kernels.h. LOOPS names the table. */
#include <float.h>
#include <math.h>

#include "base/rng_normal.h"
#include "kernels/act_body.h"
#include "kernels/kernels.h"
#include "kernels/optim_body.h"
#include "kernels/pkm_body.h"
#include "kernels/vmath.h"

static void combine(float *y, float a, const float *x1, float b, const float *x2, size_t n)
{
    if (x2) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = a * x1[i] + b * x2[i];
    } else {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = a * x1[i];
    }
}

static double dot(const float *x, const float *y, size_t n)
{
    double sum = 0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)y[i];
    return sum;
}

enum { NORMAL_PAIRS = 64 };

static void normals(float *y, float scale, struct rng r, uint64_t first, size_t n)
{
    uint32_t words[4 * (NORMAL_PAIRS + RNG_LANES)];
    float pair[2 * NORMAL_PAIRS];

    for (size_t at = 0; at < n; at += 2 * NORMAL_PAIRS) {
        size_t m = n - at < 2 * NORMAL_PAIRS ? n - at : 2 * NORMAL_PAIRS;

        rng_words(words, r, (first + at) / 2, (m + 1) / 2);
#pragma omp simd
        for (size_t i = 0; i < (m + 1) / 2; i++)
            rng_normal_pair(&pair[2 * i], &pair[2 * i + 1], words[4 * i], words[4 * i + 1]);
        for (size_t i = 0; i < m; i++)
            y[at + i] = scale * pair[i];
    }
}

static void add_rows(float *y, float scale, const float *x, const float *bias, size_t rows,
                     size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, y += n)
        if (bias) {
#pragma omp simd
            for (size_t i = 0; i < n; i++)
                y[i] += scale * (x[i] + bias[i]);
        } else {
#pragma omp simd
            for (size_t i = 0; i < n; i++)
                y[i] += scale * x[i];
        }
}

static void sum_rows(float *sum, const float *x, size_t rows, size_t n, size_t stride)
{
    for (size_t r = 0; r < rows; r++, x += stride) {
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            sum[i] += x[i];
    }
}

static void norm_fwd(float *y, float *stat, const float *x, const float *weight,
                     const float *bias, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, y += n) {
        float mean = 0, var = 0, inv;

#pragma omp simd reduction(+ : mean)
        for (size_t i = 0; i < n; i++)
            mean += x[i];
        mean /= (float)n;
#pragma omp simd reduction(+ : var)
        for (size_t i = 0; i < n; i++)
            var += (x[i] - mean) * (x[i] - mean);
        inv = 1.0f / sqrtf(var / (float)n + 1e-5f);
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = (x[i] - mean) * inv * weight[i] + bias[i];
        stat[2 * r] = mean;
        stat[2 * r + 1] = inv;
    }
}

/* With h = (x - mean) inv and u = dy weight: dx = inv (u - mean(u) - h mean(u h)). */
static void norm_bwd(float *dx, float *dweight, float *dbias, const float *dy, const float *x,
                     const float *stat, const float *weight, size_t rows, size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, dx += n, dy += n) {
        float mean = stat[2 * r], inv = stat[2 * r + 1], mu = 0, muh = 0;

#pragma omp simd reduction(+ : mu, muh)
        for (size_t i = 0; i < n; i++) {
            float h = (x[i] - mean) * inv, u = dy[i] * weight[i];

            dweight[i] += dy[i] * h;
            dbias[i] += dy[i];
            mu += u;
            muh += u * h;
        }
        mu /= (float)n;
        muh /= (float)n;
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            dx[i] += inv * (dy[i] * weight[i] - mu - (x[i] - mean) * inv * muh);
    }
}

static void scale_norm_fwd(float *y, float *stat, const float *x, float g, size_t rows,
                           size_t n)
{
    for (size_t r = 0; r < rows; r++, x += n, y += n) {
        float square = 0, length, f;

#pragma omp simd reduction(+ : square)
        for (size_t i = 0; i < n; i++)
            square += x[i] * x[i];
        length = sqrtf(square);
        stat[r] = 1.0f / (length < 1e-5f ? 1e-5f : length);
        f = g * stat[r];
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            y[i] = f * x[i];
    }
}

/* With h = x / |x|: dx += g / |x| (dy - h (h . dy)). The sum of h . dy, for dg. */
static double scale_norm_bwd(float *dx, const float *dy, const float *x, const float *stat,
                             float g, size_t rows, size_t n)
{
    double sum = 0;

    for (size_t r = 0; r < rows; r++, x += n, dx += n, dy += n) {
        float inv = stat[r], dot = 0, f = g * inv, along;

#pragma omp simd reduction(+ : dot)
        for (size_t i = 0; i < n; i++)
            dot += dy[i] * x[i];
        along = inv >= 1e5f ? 0 : dot * inv * inv;
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            dx[i] += f * (dy[i] - x[i] * along);
        sum += (double)dot * (double)inv;
    }
    return sum;
}

/* The largest of z[V], to which bias is added on the way. By lanes, since for clang a NaN keeps
 * a search like this from becoming vectors. */
static float add_bias_find_max(float *restrict z, const float *restrict bias, size_t V)
{
    enum { LANES = 16 };
    float max[LANES];
    size_t at = 0;

    for (size_t i = 0; i < LANES; i++)
        max[i] = -FLT_MAX;
    for (; at + LANES <= V; at += LANES) {
        if (bias) {
#pragma omp simd
            for (size_t i = 0; i < LANES; i++)
                z[at + i] += bias[at + i];
        }
#pragma omp simd
        for (size_t i = 0; i < LANES; i++)
            max[i] = z[at + i] > max[i] ? z[at + i] : max[i];
    }
    for (; at < V; at++) {
        z[at] += bias ? bias[at] : 0.0f;
        max[0] = z[at] > max[0] ? z[at] : max[0];
    }
    for (size_t i = 1; i < LANES; i++)
        max[0] = max[i] > max[0] ? max[i] : max[0];
    return max[0];
}

/* Whether z[label], which equals max, is the first that does. */
static int32_t first_max(const float *z, float max, size_t label)
{
    int before = 0;

#pragma omp simd reduction(| : before)
    for (size_t i = 0; i < label; i++)
        before |= z[i] == max;
    return !before;
}

/* z[n] becomes exp(z - max); its sum. */
static float exp_and_sum(float *z, float max, size_t n)
{
    float sum = 0;

#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        z[i] = exp_fast(z[i] - max);
        sum += z[i];
    }
    return sum;
}

static float softmax_loss(float *z, int32_t *hit, const float *bias, size_t label, float scale,
                          float z_loss, float smoothing, size_t V)
{
    enum { BLOCK = 512 }; /* terms of a float sum: tens of thousands would lose a digit */
    float max = add_bias_find_max(z, bias, V), at_label = z[label], f;
    float even = (float)((double)scale * (double)smoothing / (double)V);
    double sum = 0;

    *hit = at_label == max && first_max(z, max, label);
    for (size_t i = 0; i < V; i += BLOCK)
        sum += (double)exp_and_sum(z + i, max, V - i < BLOCK ? V - i : BLOCK);
    f = (float)((double)scale * (1 + 2 * (double)z_loss * ((double)max + log(sum))) / sum);
#pragma omp simd
    for (size_t i = 0; i < V; i++)
        z[i] = z[i] * f - even;
    z[label] -= scale * (1 - smoothing);
    return max - at_label + (float)log(sum);
}

const struct loop_kernels LOOPS = {
    .combine = combine,
    .dot = dot,
    .normals = normals,
    .dropout = dropout,
    .add_rows = add_rows,
    .stream_add = stream_add,
    .stream_read = stream_read,
    .sum_rows = sum_rows,
    .act_fwd = act_fwd,
    .act_bwd = act_bwd,
    .norm_fwd = norm_fwd,
    .norm_bwd = norm_bwd,
    .scale_norm_fwd = scale_norm_fwd,
    .scale_norm_bwd = scale_norm_bwd,
    .best = best,
    .bag = bag,
    .bag_weights = bag_weights,
    .bag_scatter = bag_scatter,
    .softmax_loss = softmax_loss,
    .adamw = adamw,
    .squared_steps = squared_steps,
    .lion = lion,
    .muon = muon,
    .add_squares = add_squares,
    .scaled_squares = scaled_squares,
    .factored_step = factored_step,
};
