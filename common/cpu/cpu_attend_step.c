/* cpu_attend_step.c: attention of NN_CPU one position at a time. */
#include <math.h>
#include <omp.h>

#include "cpu/blocks.h"
#include "cpu/past_order.h"

/* --- what is past */

/* Head h of sequence b. */
static struct attend_past past_of(const struct attend_past *p, const struct attend_dims *s,
                                  size_t h, size_t b)
{
    struct attend_past one = *p;
    size_t i = h * p->B + b;

    one.qk += h * p->rows * s->D;
    one.v += h * p->rows * s->D;
    one.inv += h * p->rows;
    if (attend_hashes(s)) {
        one.recent += i * s->R * (s->kind == ATTEND_LSH ? p->room : p->N * 2 * s->C);
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
        for (size_t t = 0; t < s->queries; t++) {
            size_t b = r * one->N + (size_t)bucket[r * s->T + t];

            one->recent[b * 2 * s->C + (size_t)one->count[b]++ % (2 * s->C)] =
                (int32_t)(first + t);
        }
}

/* Put positions from `first` on of sequence b into their rows: n rows of qk and of v, of which
 * a ring keeps the last ones. */
static void put_rows(const struct attn_kernels *k, const struct attend_past *one, size_t b,
                     const float *qk, const float *v, size_t first, size_t n,
                     const struct attend_dims *s)
{
    const struct attend_dims all = until(s, first + n);
    struct attn_head head = {
        .s = &all, .qk = one->qk, .inv = one->inv, .root = sqrtf((float)s->D)};
    size_t at_once = one->ring ? 1 : n, t = one->ring && n > one->ring ? n - one->ring : 0;

    for (; t < n; t += at_once) {
        size_t row = past_row(one, b, first + t), bytes = at_once * s->D * sizeof *qk;

        memcpy(one->qk + row * s->D, qk + t * s->D, bytes);
        memcpy(one->v + row * s->D, v + t * s->D, bytes);
        k->prepare(&head, row, row + at_once);
    }
}

void cpu_attend_put(struct nn *nn, const struct attend_past *past, const float *qk,
                    const float *v, const int32_t *bucket, size_t first,
                    const struct attend_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    size_t TD = s->T * s->D, n = s->queries;

    if (nn->failed)
        return;
#pragma omp parallel for num_threads(nn->threads) schedule(static)
    for (size_t i = 0; i < s->H * past->B; i++) {
        size_t h = i / past->B, b = i % past->B, from = s->B == 1 ? 0 : b;
        size_t at = (from * s->heads + h) * TD;
        const struct attend_past one = past_of(past, s, h, b);

        if (first >= past->common || b == 0) /* what is common is there once */
            put_rows(k, &one, b, qk + at, v + at, first, n, s);
        if (s->kind == ATTEND_ALIGNED)
            put_buckets(&one, bucket + (from * s->H + h) * s->R * s->T, first, s);
        if (s->kind == ATTEND_LSH)
            past_put(&one, bucket + (from * s->H + h) * s->R * s->T, first, s);
    }
}

/* --- LSH: the keys of a position, a window of up to 2 C for each round, itself the last */

struct chosen {
    int32_t *keys; /* [R,2 C] */
    size_t *n;     /* [R] */
    uint8_t *met;  /* [t+1] 1: it is among them, and counts once */
};

static void add_chosen(const struct chosen *c, size_t r, const int32_t *order,
                       struct past_slots from, size_t t, const struct attend_dims *s)
{
    for (size_t i = from.from; i < from.to; i++) {
        size_t p = (size_t)order[i];

        if (p == t || (!s->duplicates && c->met[p]))
            continue;
        c->met[p] = 1;
        c->keys[r * 2 * s->C + c->n[r]++] = order[i];
    }
}

/* What both spans of slots have. */
static struct past_slots both(struct past_slots a, struct past_slots b)
{
    return (struct past_slots){a.from > b.from ? a.from : b.from, a.to < b.to ? a.to : b.to};
}

static void choose_keys(const struct chosen *c, const struct attn_head *h, size_t t,
                        const struct attend_dims *s)
{
    const struct attend_past *past = h->past;
    size_t C = s->C;

    memset(c->met, 0, t + 1);
    for (size_t r = 0; r < s->R; r++) {
        size_t before = (r + s->R - 1) % s->R, chunk;
        struct past_slots own = past_slots(past->count + r * past->N, h->bucket[r]), window;

        chunk = (own.to - 1) / C;
        window =
            (struct past_slots){chunk ? (chunk - 1) * C : 0, smaller((chunk + 1) * C, t + 1)};
        c->n[r] = 0;
        add_chosen(c, r, past->recent + r * past->room, s->across ? window : both(window, own),
                   t, s);
        if (chunk == 0 && t >= C && s->across)
            add_chosen(c, r, past->recent + before * past->room,
                       (struct past_slots){t / C * C, t + 1}, t, s);
        c->keys[r * 2 * C + c->n[r]++] = (int32_t)t;
    }
}

/* A thread's memory for it, behind that of the kernels. */
static size_t chosen_bytes(const struct attend_dims *s, size_t t)
{
    return s->kind == ATTEND_LSH
               ? parts(s->R * (2 * s->C * sizeof(int32_t) + sizeof(size_t)) + t + 1, 64) * 64
               : 0;
}

static struct chosen chosen_in(char *memory, const struct attend_dims *s)
{
    struct chosen c = {.n = (size_t *)(void *)memory};

    c.keys = (int32_t *)(c.n + s->R);
    c.met = (uint8_t *)(c.keys + s->R * 2 * s->C);
    return c;
}

/* --- the step */

void cpu_attend_step(struct nn *nn, float *o, const struct attend_past *past,
                     const int32_t *bucket, size_t t, const struct attend_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    struct attend_dims all = until(s, t + 1);
    size_t own_bytes, bytes;
    char *work;

    if (s->kind == ATTEND_LSH) /* keys that are chosen are as those of one bucket */
        all.kind = ATTEND_ALIGNED;
    own_bytes = k->work_bytes(&all);
    bytes = own_bytes + chosen_bytes(s, t);

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
                                 .common = one.common,
                                 .shift = one.ring ? (b + 1) * one.ring : b * one.own,
                                 .ring = one.ring,
                                 .o = o + (b * s->heads + h) * s->D,
                                 .stat = stat,
                                 .first = t};
        char *own = work + (size_t)omp_get_thread_num() * bytes;

        head.root = sqrtf((float)s->D);
        if (attend_hashes(s))
            head.bucket = bucket + (b * s->H + h) * s->R;
        if (s->kind == ATTEND_ALIGNED) {
            k->aligned_step(own, &head, t);
        } else if (s->kind == ATTEND_LSH) {
            const struct chosen c = chosen_in(own + own_bytes, s);

            choose_keys(&c, &head, t, s);
            k->chosen_step(own, &head, t, c.keys, c.n);
        } else {
            k->span_fwd(own, &head, t, t + 1);
        }
    }
}
