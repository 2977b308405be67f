/* ref_lsh.c: LSH attention in plain loops with sums in double; part of ops_ref. */
#include <float.h>
#include <math.h>

#include "nn/host.h"

static const double NORM_MIN = 1e-12; /* as in torch.nn.functional.normalize */
static const double SELF = -5e4;

void ref_lsh_hash(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                  const struct hash_dims *s)
{
    size_t half = hash_buckets(s) / 2;

    if (nn->failed)
        return;
    for (size_t bh = 0; bh < s->B * s->H; bh++)
        for (size_t r = 0; r < s->R; r++)
            for (size_t t = 0; t < s->T; t++) {
                const float *q = qk + (bh * s->T + t) * s->D;
                double high = -DBL_MAX, low = DBL_MAX;
                size_t at_high = 0, at_low = 0;

                for (size_t k = 0; k < half; k++) {
                    double v = 0;

                    for (size_t d = 0; d < s->D; d++)
                        v += (double)q[d] * (double)rot[(d * s->R + r) * half + k];
                    if (v > high) {
                        high = v;
                        at_high = k;
                    }
                    if (v < low) {
                        low = v;
                        at_low = k;
                    }
                }
                bucket[(bh * s->R + r) * s->T + t] =
                    (int32_t)(high >= -low ? at_high : half + at_low);
            }
}

void ref_lsh_sort(struct nn *nn, int32_t *order, const int32_t *bucket, size_t rows, size_t T,
                  size_t N)
{
    if (nn->failed)
        return;
    for (size_t row = 0; row < rows; row++, bucket += T)
        for (size_t k = 0; k < N; k++)
            for (size_t t = 0; t < T; t++)
                if ((size_t)bucket[t] == k)
                    *order++ = (int32_t)t;
}

/* One head of one sequence. */
struct head {
    const struct attend_dims *s;
    const float *qk, *v, *grad_o, *o;
    const int32_t *order;
    const uint8_t *real; /* NULL: all */
    const float *stat;
    float *largest;             /* stat, being written */
    double *sum, *dq, *dk, *dv; /* [T] or, in the backward pass, [T,D] each; dk of unit keys */
};

/* Call visit for each pair of positions that meets, as often as it does; i looks at j. */
static void each_pair(struct head *h, void (*visit)(struct head *h, size_t i, size_t j))
{
    size_t C = h->s->C, slots = h->s->R * h->s->T;

    for (size_t i = 0; i < slots; i++) {
        size_t own = i / C * C, before = (own + slots - C) % slots;

        for (size_t j = 0; j < C; j++)
            visit(h, (size_t)h->order[i], (size_t)h->order[own + j]);
        for (size_t j = 0; j < C; j++)
            visit(h, (size_t)h->order[i], (size_t)h->order[before + j]);
    }
}

static double dot(const float *a, const float *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

static double norm(const struct head *h, size_t i)
{
    const float *q = h->qk + i * h->s->D;
    double n = sqrt(dot(q, q, h->s->D));

    return n < NORM_MIN ? NORM_MIN : n;
}

/* The logit of query i and key j; *kept is false where a mask overwrote it. */
static double logit(const struct head *h, size_t i, size_t j, bool *kept)
{
    size_t D = h->s->D;

    *kept = false;
    if (i == j)
        return SELF;
    if ((h->real && (!h->real[i] || !h->real[j])) || (h->s->causal && j > i))
        return -(double)FLT_MAX;
    *kept = true;
    return dot(h->qk + i * D, h->qk + j * D, D) / norm(h, j) / sqrt((double)D);
}

static void find_largest(struct head *h, size_t i, size_t j)
{
    bool kept;
    float x = (float)logit(h, i, j, &kept);

    if (x > h->largest[2 * i]) /* a NaN shows in the sum */
        h->largest[2 * i] = x;
}

static void add_value(struct head *h, size_t i, size_t j)
{
    bool kept;
    size_t D = h->s->D;
    double p = exp(logit(h, i, j, &kept) - (double)h->stat[2 * i]);

    h->sum[i] += p;
    for (size_t d = 0; d < D; d++)
        h->dv[i * D + d] += p * (double)h->v[j * D + d];
}

void ref_attend_fwd(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                    const int32_t *order, const int32_t *bucket, const uint8_t *real,
                    const struct attend_dims *s)
{
    size_t T = s->T, D = s->D;
    double *scratch;

    (void)bucket;
    if (nn->failed || !(scratch = host_scratch(nn, T * (D + 1) * sizeof *scratch)))
        return;
    for (size_t bh = 0; bh < s->B * s->H; bh++) {
        struct head h = {.s = s,
                         .qk = qk + bh * T * D,
                         .v = v + bh * T * D,
                         .order = order + bh * s->R * T,
                         .real = real ? real + bh / s->H * T : NULL,
                         .stat = stat + bh * T * 2,
                         .largest = stat + bh * T * 2,
                         .sum = scratch,
                         .dv = scratch + T};

        memset(scratch, 0, T * (D + 1) * sizeof *scratch);
        for (size_t i = 0; i < T; i++)
            h.largest[2 * i] = -FLT_MAX;
        each_pair(&h, find_largest);
        each_pair(&h, add_value);
        for (size_t i = 0; i < T; i++) {
            h.largest[2 * i + 1] = (float)(1 / h.sum[i]);
            for (size_t d = 0; d < D; d++)
                o[(bh * T + i) * D + d] = (float)(h.dv[i * D + d] / h.sum[i]);
        }
    }
}

/* P = exp(logit - largest) / sum; dv_j += P go_i; dlogit = P (go_i . v_j - go_i . o_i). */
static void add_gradient(struct head *h, size_t i, size_t j)
{
    bool kept;
    size_t D = h->s->D;
    const float *go = h->grad_o + i * D;
    double p = exp(logit(h, i, j, &kept) - (double)h->stat[2 * i]) * (double)h->stat[2 * i + 1];
    double g = p * (dot(go, h->v + j * D, D) - dot(go, h->o + i * D, D)) / sqrt((double)D);
    double n = norm(h, j);

    for (size_t d = 0; d < D; d++)
        h->dv[j * D + d] += p * (double)go[d];
    if (!kept)
        return;
    for (size_t d = 0; d < D; d++) {
        h->dq[i * D + d] += g * (double)h->qk[j * D + d] / n;
        h->dk[j * D + d] += g * (double)h->qk[i * D + d]; /* of the unit key */
    }
}

/* dqk = dq + what the unit key u = qk / |qk| passes on: (dk - u (u . dk)) / |qk|. */
static void through_norm(const struct head *h, float *dqk, size_t i)
{
    size_t D = h->s->D;
    const float *q = h->qk + i * D;
    const double *dk = h->dk + i * D;
    double n = norm(h, i), along = 0;

    if (n > NORM_MIN)
        for (size_t d = 0; d < D; d++)
            along += dk[d] * (double)q[d] / n;
    for (size_t d = 0; d < D; d++)
        dqk[d] = (float)(h->dq[i * D + d] + (dk[d] - (double)q[d] / n * along) / n);
}

void ref_attend_bwd(struct nn *nn, float *dqk, float *dv, const float *grad_o, const float *o,
                    const float *stat, const float *qk, const float *v, const int32_t *order,
                    const int32_t *bucket, const uint8_t *real, const struct attend_dims *s)
{
    size_t T = s->T, D = s->D;
    double *scratch;

    (void)bucket;
    if (nn->failed || !(scratch = host_scratch(nn, 3 * T * D * sizeof *scratch)))
        return;
    for (size_t bh = 0; bh < s->B * s->H; bh++) {
        struct head h = {.s = s,
                         .qk = qk + bh * T * D,
                         .v = v + bh * T * D,
                         .grad_o = grad_o + bh * T * D,
                         .o = o + bh * T * D,
                         .order = order + bh * s->R * T,
                         .real = real ? real + bh / s->H * T : NULL,
                         .stat = stat + bh * T * 2,
                         .dq = scratch,
                         .dk = scratch + T * D,
                         .dv = scratch + 2 * T * D};

        memset(scratch, 0, 3 * T * D * sizeof *scratch);
        each_pair(&h, add_gradient);
        for (size_t i = 0; i < T; i++) {
            through_norm(&h, dqk + (bh * T + i) * D, i);
            for (size_t d = 0; d < D; d++)
                dv[(bh * T + i) * D + d] = (float)h.dv[i * D + d];
        }
    }
}
