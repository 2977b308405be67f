/* cpu_lsh.c: LSH attention of NN_CPU: heads go to threads whole, so no sum depends on them. */
#include <assert.h>
#include <dnnl.h>
#include <omp.h>

#include "nn/host.h"

enum { HASH_FLOATS = 1 << 16 }; /* of rotated vectors at a time: stays in the L2 cache */

/* Buckets of `rows` positions in all rounds; v[R N/2, rows] is scratch. */
static int hash_rows(const struct host *h, int32_t *bucket, float *v, const float *qk,
                     const float *rot, const struct hash_dims *s, size_t rows)
{
    size_t half = hash_buckets(s) / 2, n = s->R * half;
    int bad = dnnl_sgemm('T', 'T', (dnnl_dim_t)n, (dnnl_dim_t)rows, (dnnl_dim_t)s->D, 1, rot,
                         (dnnl_dim_t)n, qk, (dnnl_dim_t)s->D, 0, v, (dnnl_dim_t)rows);

    for (size_t r = 0; r < s->R; r++)
        h->loops->signed_argmax(bucket + r * s->T, v + r * half * rows, half, rows);
    return bad != dnnl_success;
}

void cpu_lsh_hash(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                  const struct hash_dims *s)
{
    const struct host *h = (struct host *)nn;
    size_t n = s->R * hash_buckets(s) / 2, step = HASH_FLOATS / n;
    size_t panels;
    float *scratch;
    int bad = 0;

    if (s->n2 || s->rots != 1 || s->heads != s->H) {
        ref_lsh_hash(nn, bucket, qk, rot, s);
        return;
    }
    step = step < 16 ? 16 : step > 256 ? 256 : step;
    panels = (s->T + step - 1) / step;
    if (nn->failed ||
        !(scratch = host_scratch(nn, (size_t)nn->threads * step * n * sizeof *scratch)))
        return;
#pragma omp parallel num_threads(nn->threads) reduction(| : bad)
    {
        float *v = scratch + (size_t)omp_get_thread_num() * step * n;

        omp_set_num_threads(1); /* oneDNN's, inside this region */
#pragma omp for schedule(static)
        for (size_t i = 0; i < s->B * s->H * panels; i++) {
            size_t bh = i / panels, t = i % panels * step;
            size_t rows = s->T - t < step ? s->T - t : step;

            bad |= hash_rows(h, bucket + bh * s->R * s->T + t, v, qk + (bh * s->T + t) * s->D,
                             rot, s, rows);
        }
    }
    if (bad)
        host_fail(nn, RF_EINVAL, "oneDNN refused to hash into %zu buckets", hash_buckets(s));
}

/* A stable counting sort; start[n] is scratch. */
static void sort_round(int32_t *order, const int32_t *bucket, size_t T, size_t n,
                       uint32_t *start)
{
    uint32_t sum = 0;

    memset(start, 0, n * sizeof *start);
    for (size_t t = 0; t < T; t++) {
        assert(bucket[t] >= 0 && (size_t)bucket[t] < n);
        start[bucket[t]]++;
    }
    for (size_t k = 0; k < n; k++) {
        uint32_t count = start[k];

        start[k] = sum;
        sum += count;
    }
    for (size_t t = 0; t < T; t++)
        order[start[bucket[t]]++] = (int32_t)t;
}

void cpu_lsh_sort(struct nn *nn, int32_t *order, const int32_t *bucket, size_t rows, size_t T,
                  size_t n)
{
    uint32_t *start;

    if (nn->failed || !(start = host_scratch(nn, (size_t)nn->threads * n * sizeof *start)))
        return;
#pragma omp parallel for num_threads(nn->threads) schedule(static)
    for (size_t i = 0; i < rows; i++)
        sort_round(order + i * T, bucket + i * T, T, n,
                   start + (size_t)omp_get_thread_num() * n);
}

/* The kernels move eight floats at a time, and know the plain kind only. */
static bool fits(const struct attend_dims *s)
{
    return s->kind == ATTEND_LSH && s->C % 8 == 0 && s->D % 8 == 0 && s->heads == s->H &&
           s->queries == s->T && s->across && s->duplicates && s->dropout == 0;
}

static struct attn_head head(size_t bh, const float *qk, const float *v, const int32_t *order,
                             const uint8_t *real, const struct attend_dims *s)
{
    struct attn_head h = {.qk = qk + bh * s->T * s->D,
                          .v = v + bh * s->T * s->D,
                          .order = order + bh * s->R * s->T,
                          .real = real ? real + bh / s->H * s->T : NULL,
                          .s = s};

    return h;
}

void cpu_attend_fwd(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                    const int32_t *order, const int32_t *bucket, const uint8_t *real,
                    const struct attend_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    size_t bytes = k->work_bytes(s), n = s->T * s->D;
    char *work;

    if (!fits(s)) {
        ref_attend_fwd(nn, o, stat, qk, v, order, bucket, real, s);
        return;
    }
    if (nn->failed || !(work = host_scratch(nn, (size_t)nn->threads * bytes)))
        return;
#pragma omp parallel for num_threads(nn->threads) schedule(dynamic)
    for (size_t i = 0; i < s->B * s->H; i++) {
        struct attn_head h = head(i, qk, v, order, real, s);

        k->fwd(work + (size_t)omp_get_thread_num() * bytes, o + i * n, stat + i * s->T * 2, &h);
    }
}

void cpu_attend_bwd(struct nn *nn, float *dqk, float *dv, const float *grad_o, const float *o,
                    const float *stat, const float *qk, const float *v, const int32_t *order,
                    const int32_t *bucket, const uint8_t *real, const struct attend_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    size_t bytes = k->work_bytes(s), n = s->T * s->D;
    char *work;

    if (!fits(s)) {
        ref_attend_bwd(nn, dqk, dv, grad_o, o, stat, qk, v, order, bucket, real, s);
        return;
    }
    if (nn->failed || !(work = host_scratch(nn, (size_t)nn->threads * bytes)))
        return;
#pragma omp parallel for num_threads(nn->threads) schedule(dynamic)
    for (size_t i = 0; i < s->B * s->H; i++) {
        struct attn_head h = head(i, qk, v, order, real, s);

        k->bwd(work + (size_t)omp_get_thread_num() * bytes, dqk + i * n, dv + i * n,
               grad_o + i * n, o + i * n, stat + i * s->T * 2, &h);
    }
}
