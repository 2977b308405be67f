/* cpu_attend_step.c: attention of NN_CPU one position at a time. */
#include <math.h>
#include <omp.h>

#include "cpu/blocks.h"

/* --- what is past */

/* Head h of sequence b. */
static struct attend_past past_of(const struct attend_past *p, const struct attend_dims *s,
                                  size_t h, size_t b)
{
    struct attend_past one = *p;
    size_t i = h * p->B + b, rows = i * p->room;

    one.qk += rows * s->D;
    one.v += rows * s->D;
    one.inv += rows;
    if (s->kind == ATTEND_ALIGNED) {
        one.recent += i * s->R * p->N * 2 * s->C;
        one.count += i * s->R * p->N;
    }
    return one;
}

/* The op's dims, for a kernel that sees positions up to `end`. */
static struct attend_dims until(const struct attend_dims *s, size_t end)
{
    struct attend_dims d = *s;

    d.T = d.queries = end;
    return d;
}

/* Append positions to their buckets; bucket[R,T]. */
static void put_buckets(const struct attend_past *one, const int32_t *bucket, size_t first,
                        const struct attend_dims *s)
{
    for (size_t r = 0; r < s->R; r++)
        for (size_t t = 0; t < s->T; t++) {
            size_t b = r * one->N + (size_t)bucket[r * s->T + t];

            one->recent[b * 2 * s->C + (size_t)one->count[b]++ % (2 * s->C)] =
                (int32_t)(first + t);
        }
}

void cpu_attend_put(struct nn *nn, const struct attend_past *past, const float *qk,
                    const float *v, const int32_t *bucket, size_t first,
                    const struct attend_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    const struct attend_dims all = until(s, first + s->T);
    size_t TD = s->T * s->D;

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) schedule(static)
    for (size_t i = 0; i < s->H * past->B; i++) {
        size_t h = i / past->B, b = i % past->B, from = s->B == 1 ? 0 : b;
        const struct attend_past one = past_of(past, s, h, b);
        struct attn_head head = {.s = &all, .qk = one.qk, .inv = one.inv};

        head.root = sqrtf((float)s->D);
        memcpy(one.qk + first * s->D, qk + (from * s->heads + h) * TD, TD * sizeof *qk);
        memcpy(one.v + first * s->D, v + (from * s->heads + h) * TD, TD * sizeof *v);
        k->prepare(&head, first, first + s->T);
        if (s->kind == ATTEND_ALIGNED)
            put_buckets(&one, bucket + (from * s->H + h) * s->R * s->T, first, s);
    }
}

/* --- the step */

void cpu_attend_step(struct nn *nn, float *o, const struct attend_past *past,
                     const int32_t *bucket, size_t t, const struct attend_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    const struct attend_dims all = until(s, t + 1);
    size_t bytes = k->work_bytes(&all);
    char *work;

    if (nn->failed || !(work = host_scratch(nn, (size_t)nn->threads * bytes)))
        return;
#pragma omp parallel for num_threads(nn->threads) schedule(static)
    for (size_t i = 0; i < s->H * past->B; i++) {
        size_t h = i / past->B, b = i % past->B;
        const struct attend_past one = past_of(past, s, h, b);
        float stat[2];
        struct attn_head head = {.s = &all,
                                 .sequence = b,
                                 .qk = one.qk,
                                 .v = one.v,
                                 .inv = one.inv,
                                 .past = &one,
                                 .o = o + (b * s->heads + h) * s->D,
                                 .stat = stat,
                                 .first = t};
        char *own = work + (size_t)omp_get_thread_num() * bytes;

        head.root = sqrtf((float)s->D);
        if (s->kind == ATTEND_ALIGNED) {
            head.bucket = bucket + (b * s->H + h) * s->R;
            k->aligned_step(own, &head, t);
        } else {
            k->span_fwd(own, &head, t, t + 1);
        }
    }
}
