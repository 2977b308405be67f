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

static void ref_fill(struct nn *nn, float *y, float value, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        y[i] = value;
}

static void ref_fill_normal(struct nn *nn, float *y, float scale, struct rng r, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        y[i] = scale * rng_normal(r, i);
}

static void ref_combine(struct nn *nn, float *y, float a, const float *x1, float b,
                        const float *x2, size_t n)
{
    assert(x2 || b == 0);
    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        y[i] = (float)((double)a * (double)x1[i] + (x2 ? (double)b * (double)x2[i] : 0.0));
}

static void ref_add_squares(struct nn *nn, double *to, const float *x, size_t n)
{
    double sum = 0;

    if (nn->failed)
        return;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    *to += sum;
}

/* --- dense */

static void ref_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
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

static void ref_add_rows(struct nn *nn, float *y, float scale, const float *x,
                         const float *bias, size_t rows, size_t n)
{
    if (nn->failed)
        return;
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < n; i++)
            y[r * n + i] += scale * (x[r * n + i] + (bias ? bias[i] : 0.0f));
}

static void ref_bias_bwd(struct nn *nn, float *dbias, const float *dy, size_t rows, size_t n)
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

static void ref_norm_fwd(struct nn *nn, float *y, float *stat, const float *x,
                         const float *weight, const float *bias, size_t rows, size_t n)
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
static void ref_norm_bwd(struct nn *nn, float *dx, float *dweight, float *dbias,
                         const float *dy, const float *x, const float *stat,
                         const float *weight, size_t rows, size_t n)
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

static void ref_gather_rows(struct nn *nn, float *y, const float *x, const int32_t *index,
                            size_t m, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < m; i++)
        memcpy(y + i * n, x + (size_t)index[i] * n, n * sizeof *y);
}

static void ref_put_rows(struct nn *nn, float *y, const float *x, const int32_t *index,
                         size_t m, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < m; i++)
        memcpy(y + (size_t)index[i] * n, x + i * n, n * sizeof *y);
}

static void ref_scatter_rows(struct nn *nn, float *y, const float *x, const int32_t *index,
                             size_t m, size_t n)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            y[(size_t)index[i] * n + j] += x[i * n + j];
}

/* --- positions */

static void ref_axial_fwd(struct nn *nn, float *x, const float *a0, const float *a1, size_t B,
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

static void ref_axial_bwd(struct nn *nn, float *da0, float *da1, const float *dx, size_t B,
                          size_t T, size_t n1, size_t E)
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

/* --- heads */

static void ref_split_heads(struct nn *nn, float *y, const float *x, size_t ldx, size_t B,
                            size_t T, size_t H, size_t D, size_t repeat)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < B * T; i++)
        for (size_t h = 0; h < H; h++)
            memcpy(y + ((i / T * H + h) * T + i % T) * D, x + i * ldx + h / repeat * D,
                   D * sizeof *y);
}

static void ref_merge_heads(struct nn *nn, float *y, size_t ldy, const float *x, size_t B,
                            size_t T, size_t H, size_t D, size_t repeat)
{
    if (nn->failed)
        return;
    for (size_t i = 0; i < B * T; i++)
        for (size_t h = 0; h < H; h++) {
            const float *from = x + ((i / T * H + h) * T + i % T) * D;
            float *to = y + i * ldy + h / repeat * D;

            if (h % repeat == 0)
                memcpy(to, from, D * sizeof *y);
            else
                for (size_t d = 0; d < D; d++)
                    to[d] += from[d];
        }
}

/* --- the head */

/* Softmax and loss of one row of logits z[V], in place; true where the label is the largest. */
static bool softmax_row(double *z, size_t V, size_t label, float *loss)
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
    *loss = (float)(max + log(sum) - at_label);
    return best == label && at_label == max;
}

static void ref_cross_entropy(struct nn *nn, float *loss, int32_t *hit, float *dx, float *dw,
                              float *dbias, const float *x, const float *w, const float *bias,
                              const int32_t *label, float scale, size_t rows, size_t E,
                              size_t V)
{
    double *z, *gx;

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
        hit[r] = softmax_row(z, V, (size_t)label[r], &loss[r]);
        if (!dx)
            continue;
        z[label[r]] -= 1;
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

const struct nn_ops ops_ref = {
    .name = "reference",
    .in_host = true,
    .close = host_close,
    .wait = host_wait,
    .scratch_bytes = host_scratch_bytes,
    .mem_new = host_mem_new,
    .mem_free = host_mem_free,
    .host_new = host_mem_new,
    .host_free = host_mem_free,
    .upload = host_upload,
    .download = host_download,
    .fill = ref_fill,
    .fill_normal = ref_fill_normal,
    .fill_uniform = host_fill_uniform,
    .combine = ref_combine,
    .add_squares = ref_add_squares,
    .dropout = ref_dropout,
    .gate_fwd = ref_gate_fwd,
    .gate_bwd = ref_gate_bwd,
    .gemm = ref_gemm,
    .add_rows = ref_add_rows,
    .stream_add = ref_stream_add,
    .stream_read = ref_stream_read,
    .stream_copy = ref_stream_copy,
    .bias_bwd = ref_bias_bwd,
    .act_fwd = ref_act_fwd,
    .act_bwd = ref_act_bwd,
    .norm_fwd = ref_norm_fwd,
    .norm_bwd = ref_norm_bwd,
    .scale_norm_fwd = ref_scale_norm_fwd,
    .scale_norm_bwd = ref_scale_norm_bwd,
    .gather_rows = ref_gather_rows,
    .put_rows = ref_put_rows,
    .scatter_rows = ref_scatter_rows,
    .axial_fwd = ref_axial_fwd,
    .axial_bwd = ref_axial_bwd,
    .split_heads = ref_split_heads,
    .merge_heads = ref_merge_heads,
    .lsh_hash = ref_lsh_hash,
    .lsh_sort = ref_lsh_sort,
    .attend_fwd = ref_attend_fwd,
    .attend_bwd = ref_attend_bwd,
    .rotary = ref_rotary,
    .pkm_select = ref_pkm_select,
    .pkm_select_bwd = ref_pkm_select_bwd,
    .bag_fwd = ref_bag_fwd,
    .bag_bwd = ref_bag_bwd,
    .cross_entropy = ref_cross_entropy,
    .add_losses = host_add_losses,
    .step_scale = host_step_scale,
    .mean_step = ref_mean_step,
    .adamw = ref_adamw,
    .adafactor = ref_adafactor,
    .lion = ref_lion,
};
