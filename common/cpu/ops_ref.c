/*
 * ops_ref.c: every op in plain loops with sums in double. This is what an op means; the other
 * devices are tested against it.
 */
#include <assert.h>
#include <float.h>
#include <math.h>

#include "cpu/host.h"

static const double NORM_EPS = 1e-5;

/* --- elements */

void ref_fill_normal(struct nn *nn, float *y, float scale, struct rng r, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        y[i] = scale * rng_normal(r, i);
}

void ref_combine(struct nn *nn, float *y, float a, const float *x1, float b, const float *x2,
                 size_t n)
{
    assert(x2 || b == 0);
    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        y[i] = (float)((double)a * (double)x1[i] + (x2 ? (double)b * (double)x2[i] : 0.0));
}

void ref_add_bias(struct nn *nn, float *y, const float *x, const float *bias, size_t rows,
                  size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < rows * n; i++)
        y[i] = x[i] + (bias ? bias[i % n] : 0.0F);
}

void ref_add_squares(struct nn *nn, double *to, const float *x, size_t n)
{
    double sum = 0;

    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    *to += sum;
}

/* --- dense */

void ref_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
              const float *b, bool tb, float beta, float *c)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = beta == 0 ? 0.0 : (double)beta * (double)c[i * n + j];

            for (size_t p = 0; p < k; p++)
                sum += (double)a[ta ? p * m + i : i * k + p] *
                       (double)b[tb ? j * k + p : p * n + j];
            c[i * n + j] = (float)sum;
        }
}

void ref_gemm_batch(struct nn *nn, size_t count, size_t m, size_t n, size_t k, const float *a,
                    size_t next_a, bool ta, const float *b, size_t next_b, bool tb, float beta,
                    float *c, size_t next_c)
{
    for (size_t i = 0; i < count; i++)
        ref_gemm(nn, m, n, k, a + i * next_a, ta, b + i * next_b, tb, beta, c + i * next_c);
}

/* Scales of the rows, then the numbers, as floats. */
size_t ref_stored_bytes(const struct nn *nn, enum nn_store how, size_t n, size_t k)
{
    (void)nn;
    (void)how;
    return (n + n * k) * sizeof(float);
}

/* The nearest number with 8 bits of mantissa, ties to even. */
static float to_bf16(float x)
{
    int exponent;
    double mantissa = frexp((double)x, &exponent);

    return (float)ldexp(rint(ldexp(mantissa, 8)), exponent - 8);
}

void ref_store(struct nn *nn, void *to, enum nn_store how, const float *w, size_t n, size_t k)
{
    float *scale = to, *x = scale + n;

    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++) {
        float most = 0;

        for (size_t j = 0; j < k; j++)
            most = fmaxf(most, fabsf(w[i * k + j]));
        scale[i] = how == NN_STORE_INT8 ? most / 127 : 1;
        for (size_t j = 0; j < k; j++)
            x[i * k + j] = how == NN_STORE_BF16 ? to_bf16(w[i * k + j])
                           : most > 0           ? rintf(w[i * k + j] / scale[i])
                                                : 0;
    }
}

void ref_gemm_stored(struct nn *nn, size_t m, size_t n, size_t k, const float *a,
                     enum nn_store how, const void *w, float *c)
{
    const float *scale = w;

    (void)how;
    if (nn->failed)
        return;
    ref_gemm(nn, m, n, k, a, false, scale + n, true, 0, c);
    for (size_t i = 0; i < m * n; i++)
        c[i] *= scale[i % n];
}

void ref_add_rows(struct nn *nn, float *y, float scale, const float *x, const float *bias,
                  size_t rows, size_t n)
{
    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i++)
            y[r * n + i] += scale * (x[r * n + i] + (bias ? bias[i] : 0.0f));
}

void ref_bias_bwd(struct nn *nn, float *dbias, const float *dy, size_t rows, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++) {
        double sum = (double)dbias[i];

        for (size_t r = 0; r < rows; r++)
            sum += (double)dy[r * n + i];
        dbias[i] = (float)sum;
    }
}

void ref_norm_fwd(struct nn *nn, float *y, float *stat, const float *x, const float *weight,
                  const float *bias, size_t rows, size_t n)
{
    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++, x += n, y += n) {
        double mean = 0, var = 0, inv;

        for (size_t i = 0; i < n; i++)
            mean += (double)x[i];
        mean /= (double)n;
        for (size_t i = 0; i < n; i++)
            var += ((double)x[i] - mean) * ((double)x[i] - mean);
        inv = 1 / sqrt(var / (double)n + NORM_EPS);
        for (size_t i = 0; i < n; i++)
            y[i] = (float)(((double)x[i] - mean) * inv * (double)weight[i] + (double)bias[i]);
        stat[2 * r] = (float)mean;
        stat[2 * r + 1] = (float)inv;
    }
}

/* With h = (x - mean) inv and u = dy weight: dx = inv (u - mean(u) - h mean(u h)). */
void ref_norm_bwd(struct nn *nn, float *dx, float *dweight, float *dbias, const float *dy,
                  const float *x, const float *stat, const float *weight, size_t rows, size_t n)
{
    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++) {
        const float *xr = x + r * n, *dyr = dy + r * n;
        double mean = (double)stat[2 * r], inv = (double)stat[2 * r + 1], mu = 0, muh = 0;

        for (size_t i = 0; i < n; i++) {
            double u = (double)dyr[i] * (double)weight[i];

            mu += u / (double)n;
            muh += u * ((double)xr[i] - mean) * inv / (double)n;
        }
        for (size_t i = 0; i < n; i++)
            dx[r * n + i] += (float)(inv * ((double)dyr[i] * (double)weight[i] - mu -
                                            ((double)xr[i] - mean) * inv * muh));
    }
    for (size_t i = 0; i < n; i++) {
        double dw = (double)dweight[i], db = (double)dbias[i];

        for (size_t r = 0; r < rows; r++) {
            dw += (double)dy[r * n + i] * ((double)x[r * n + i] - (double)stat[2 * r]) *
                  (double)stat[2 * r + 1];
            db += (double)dy[r * n + i];
        }
        dweight[i] = (float)dw;
        dbias[i] = (float)db;
    }
}

/* --- rows by index */

void ref_scatter_rows(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                      size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            y[(size_t)index[i] * n + j] += x[i * n + j];
}

/* --- positions */

void ref_axial_fwd(struct nn *nn, float *x, const float *a0, const float *a1, size_t B,
                   size_t T, size_t n1, size_t E)
{
    assert(a1 || n1 == 1);
    if (nn->failed)
        return;
    for (size_t b = 0; b < B; b++)
        for (size_t t = 0; t < T; t++, x += E)
            for (size_t i = 0; i < E; i++)
                x[i] += a0[t / n1 * E + i] + (a1 ? a1[t % n1 * E + i] : 0.0F);
}

void ref_axial_bwd(struct nn *nn, float *da0, float *da1, const float *dx, size_t B, size_t T,
                   size_t n1, size_t E)
{
    size_t n0 = (T + n1 - 1) / n1;

    assert(da1 || n1 == 1);
    if (nn->failed)
        return;
    for (size_t k = 0; k < (da1 ? n0 + n1 : n0); k++) /* row k of da0, then of da1 */
        for (size_t i = 0; i < E; i++) {
            float *to = k < n0 ? da0 + k * E + i : da1 + (k - n0) * E + i;
            double sum = (double)*to;

            for (size_t b = 0; b < B; b++)
                for (size_t t = 0; t < T; t++)
                    if (k < n0 ? t / n1 == k : t % n1 == k - n0)
                        sum += (double)dx[(b * T + t) * E + i];
            *to = (float)sum;
        }
}

/* --- the head */

/* Softmax and loss of one row of logits z[V], in place, and log Z; true where the label is the
 * largest. */
static bool softmax_row(double *z, size_t V, size_t label, float *loss, double *log_z)
{
    double max = -DBL_MAX, sum = 0, at_label = z[label];
    size_t best = 0;

    for (size_t j = 0; j < V; j++)
        if (z[j] > max) {
            max = z[j];
            best = j;
        }
    for (size_t j = 0; j < V; j++) {
        z[j] = exp(z[j] - max);
        sum += z[j];
    }
    for (size_t j = 0; j < V; j++)
        z[j] /= sum;
    *log_z = max + log(sum);
    *loss = (float)(max + log(sum) - at_label);
    return best == label && at_label == max;
}

void ref_cross_entropy(struct nn *nn, float *loss, int32_t *hit, float *dx, float *dw,
                       float *dbias, const float *x, const float *w, const float *bias,
                       const int32_t *label, float scale, float z_loss, float smoothing,
                       size_t rows, size_t E, size_t V)
{
    double *z, *gx, log_z;

    if (nn->failed || !(z = host_scratch(nn, (V + E) * sizeof *z)))
        return;
    gx = z + V;
    for (size_t r = 0; r < rows; r++) {
        assert(label[r] >= 0 && (size_t)label[r] < V);
        for (size_t j = 0; j < V; j++) {
            z[j] = bias ? (double)bias[j] : 0.0;
            for (size_t i = 0; i < E; i++)
                z[j] += (double)x[r * E + i] * (double)w[j * E + i];
        }
        hit[r] = softmax_row(z, V, (size_t)label[r], &loss[r], &log_z);
        if (!dx)
            continue;
        for (size_t j = 0; j < V; j++)
            z[j] = z[j] * (1 + 2 * (double)z_loss * log_z) - (double)smoothing / (double)V;
        z[label[r]] -= 1 - (double)smoothing;
        for (size_t i = 0; i < E; i++)
            gx[i] = 0;
        for (size_t j = 0; j < V; j++) {
            double g = (double)scale * z[j];

            for (size_t i = 0; i < E; i++) {
                gx[i] += g * (double)w[j * E + i];
                dw[j * E + i] += (float)(g * (double)x[r * E + i]);
            }
            if (dbias)
                dbias[j] += (float)g;
        }
        for (size_t i = 0; i < E; i++)
            dx[r * E + i] = (float)gx[i];
    }
}

void ref_draw_rows(struct nn *nn, int32_t *id, const float *x, const float *w,
                   const float *bias, float temperature, struct rng r, uint64_t first,
                   size_t rows, size_t E, size_t V)
{
    for (size_t i = 0; i < rows && !nn->failed; i++) {
        struct rng s = r;
        double best = -HUGE_VAL;

        s.seed = rng_u64(r, first + i);
        id[i] = 0;
        for (size_t j = 0; j < V; j++) {
            double u = ((double)rng_u32(s, j) + 0.5) / 0x1p32, z = bias ? (double)bias[j] : 0;

            for (size_t k = 0; k < E; k++)
                z += (double)x[i * E + k] * (double)w[j * E + k];
            z = z / (double)temperature - log(-log(u));
            if (z > best) {
                best = z;
                id[i] = (int32_t)j;
            }
        }
    }
}
