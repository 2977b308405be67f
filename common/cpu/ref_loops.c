/* ref_loops.c: the reference of dropout, gates, residual streams, activations and ScaleNorm. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "cpu/host.h"

static const double SQRT_HALF = 0.70710678118654752440;
static const double INV_SQRT_2PI = 0.39894228040143267794;

void ref_dropout(struct nn *nn, float *y, const float *x, const float *bias, float rate,
                 struct rng r, size_t rows, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < rows * n; i++) {
        double z = (double)x[i] + (bias ? (double)bias[i % n] : 0.0);

        y[i] = rng_uniform(r, i) >= rate ? (float)(z / (1 - (double)rate)) : 0.0F;
    }
}

void ref_gate_fwd(struct nn *nn, float *y, const float *x, const float *g, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        y[i] = g[0] * x[i];
}

void ref_gate_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                  const float *g, size_t n)
{
    double sum = 0;

    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++) {
        sum += (double)dy[i] * (double)x[i];
        dx[i] = g[0] * dy[i];
    }
    dg[0] = (float)((double)dg[0] + sum);
}

/* The sum in float, as everywhere: what it is rounded to is the op's meaning. */
void ref_stream_add(struct nn *nn, int32_t *s, int sign, const float *x, const float *bias,
                    size_t rows, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < rows * n; i++) {
        float z = bias ? x[i] + bias[i % n] : x[i];
        double more = rint(ldexp((double)z, NN_STREAM_BITS)), sum = s[i] + sign * more;
        bool fits = fabs(more) < 0x1p31 && fabs(sum) < 0x1p31;

        s[i] = fits && s[i] != NN_STREAM_NAN ? (int32_t)sum : NN_STREAM_NAN;
    }
}

void ref_stream_read(struct nn *nn, float *y, const int32_t *s, size_t n)
{
    for (size_t i = 0; i < n && !nn->failed; i++)
        y[i] = s[i] == NN_STREAM_NAN ? NAN : ldexpf((float)s[i], -NN_STREAM_BITS);
}

static double sigmoid(double z)
{
    return 1 / (1 + exp(-z));
}

/* act(z), and its derivative; 0 counts as negative, a NaN as positive. Exact far out in the
 * tails too: what is 1 less another is computed by itself. */
static double activate(enum act act, double z, double *slope)
{
    double cdf = 0.5 * erfc(-z * SQRT_HALF), s = sigmoid(z), rest = sigmoid(-z);

    switch (act) {
    case ACT_GELU: *slope = cdf + z * INV_SQRT_2PI * exp(-0.5 * z * z); return z * cdf;
    case ACT_RELU: *slope = z <= 0 ? 0 : 1; return z <= 0 ? 0 : z;
    case ACT_RELU2: *slope = z <= 0 ? 0 : 2 * z; return z <= 0 ? 0 : z * z;
    case ACT_SILU: *slope = s * (1 + z * rest); return z * s;
    case ACT_LEAKY_RELU: *slope = z <= 0 ? 0.01 : 1; return z <= 0 ? 0.01 * z : z;
    case ACT_ELU: *slope = z <= 0 ? exp(z) : 1; return z <= 0 ? expm1(z) : z;
    case ACT_TANH: *slope = 4 * sigmoid(2 * z) * sigmoid(-2 * z); return tanh(z);
    case ACT_SIGMOID: *slope = s * rest; return s;
    }
    assert(!"an activation");
    return (double)NAN;
}

void ref_act_fwd(struct nn *nn, float *y, float *slope, const float *x, const float *bias,
                 enum act act, bool glu, size_t rows, size_t n)
{
    size_t wide = glu ? 2 * n : n;

    if (nn->failed)
        return;
    for (size_t i = 0; i < rows * n; i++) {
        size_t j = i % n, at = i / n * wide + j;
        double d, a = activate(act, (double)x[at] + (double)bias[j], &d), gate = 1;

        if (glu)
            gate = (double)x[at + n] + (double)bias[j + n];
        y[i] = (float)(a * gate);
        if (!slope)
            continue;
        slope[at] = (float)(d * gate);
        if (glu)
            slope[at + n] = (float)a;
    }
}

void ref_act_bwd(struct nn *nn, float *dx, float *dbias, const float *dy, const float *slope,
                 bool glu, size_t rows, size_t n)
{
    size_t wide = glu ? 2 * n : n;

    if (nn->failed)
        return;
    for (size_t j = 0; j < wide; j++) {
        double sum = (double)dbias[j];

        for (size_t r = 0; r < rows; r++) {
            double g = (double)dy[r * n + j % n] * (double)slope[r * wide + j];

            dx[r * wide + j] = (float)g;
            sum += g;
        }
        dbias[j] = (float)sum;
    }
}

void ref_scale_norm_fwd(struct nn *nn, float *y, float *stat, const float *x, const float *g,
                        size_t rows, size_t n)
{
    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++, x += n, y += n) {
        double square = 0, length;

        for (size_t i = 0; i < n; i++)
            square += (double)x[i] * (double)x[i];
        length = sqrt(square);
        length = length < 1e-5 ? 1e-5 : length;
        for (size_t i = 0; i < n; i++)
            y[i] = (float)((double)g[0] * (double)x[i] / length);
        stat[r] = (float)(1 / length);
    }
}

/* With h = x / |x|: dx = g / |x| (dy - h (h . dy)). */
void ref_scale_norm_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                        const float *stat, const float *g, size_t rows, size_t n)
{
    double sum = 0;

    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++, x += n, dx += n, dy += n) {
        double inv = (double)stat[r], dot = 0, along;

        for (size_t i = 0; i < n; i++)
            dot += (double)dy[i] * (double)x[i] * inv;
        along = stat[r] >= 1e5F ? 0 : dot * inv;
        for (size_t i = 0; i < n; i++)
            dx[i] += (float)((double)g[0] * inv * ((double)dy[i] - (double)x[i] * along));
        sum += dot;
    }
    dg[0] = (float)((double)dg[0] + sum);
}
