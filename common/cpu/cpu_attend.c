/*
 * cpu_attend.c: how NN_CPU shares attention out to threads.
 *
 * Heads go to threads whole where there are enough; else a head is cut into segments, by its
 * shape alone, and segments that would add to the same gradients run in different phases. So
 * no sum depends on the number of threads.
 */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "cpu/blocks.h"

enum {
    QUERIES = 256, /* queries of a task, in order of positions */
    TASKS = 16,    /* wanted at least */
    LONG_TASKS = 64,
    LONG = 1024,       /* chunks of a round from which on these are wanted */
    SEGMENT = 8,       /* chunks of a segment, at least */
    SEGMENT_KEYS = 128 /* positions of a segment, at least */
};

/* An op in progress. */
struct attend {
    struct nn *nn;
    const struct attn_kernels *k;
    struct attn_head all; /* arrays of all heads */
    const struct attend_dims *s;
    size_t heads;
    size_t segments; /* of a head */
    char *work;      /* threads * work_bytes */
    size_t work_bytes;
    float *edges; /* LSH backward: [heads,segments,2,C,D] */
    int32_t *chunk;
};

static size_t at_least(size_t n, size_t least)
{
    return n < least ? least : n;
}

/* With dropout as many as one head alone would have: heads then have the same bits in any
 * group, as they have the same numbers. */
static size_t count_segments(const struct attend_dims *s)
{
    size_t heads = s->dropout > 0 ? s->B : s->B * s->H, chunks = s->T / s->C, most, n;

    if (s->kind == ATTEND_ALIGNED) {
        n = (TASKS + heads - 1) / heads;
        most = chunks / SEGMENT;
    } else if (s->kind == ATTEND_LSH) {
        n = ((chunks >= LONG ? LONG_TASKS : TASKS) + heads - 1) / heads;
        most = chunks / SEGMENT;
    } else { /* even: they meet in pairs */
        n = (TASKS + heads - 1) / heads * 2;
        n = n == 2 ? 1 : n;
        most = s->T / SEGMENT_KEYS / 2 * 2;
    }
    return at_least(smaller(n, most), 1);
}

static size_t part(size_t n, size_t i, size_t of)
{
    return n * i / of;
}

static void *work_of(const struct attend *a)
{
    return a->work + (size_t)omp_get_thread_num() * a->work_bytes;
}

static struct attn_head head(const struct attend *a, size_t bh)
{
    const struct attend_dims *s = a->s;
    size_t at = (bh / s->H * s->heads + bh % s->H) * s->T * s->D, slots = bh * s->R * s->T;
    struct attn_head h = a->all;

    h.sequence = bh / s->H;
    if (s->dropout > 0)
        h.draw = attend_draw(s, bh % s->H);
    h.qk += at;
    h.v += at;
    h.o += at;
    h.stat += bh * s->T * 2;
    h.inv += bh * s->T;
    if (attend_hashes(s))
        h.order += slots;
    if (s->kind == ATTEND_ALIGNED || (s->kind == ATTEND_LSH && !s->across))
        h.bucket += slots;
    if (h.chunk)
        h.chunk += slots;
    if (h.real)
        h.real += bh / s->H * s->T;
    if (h.asked)
        h.asked += bh / s->H * s->T;
    if (h.grad_o) {
        h.grad_o += at;
        h.dqk += at;
        h.dv += at;
        h.go_o += bh * s->T;
    }
    return h;
}

/* --- before */

static void *next(char **scratch, size_t n)
{
    void *p = *scratch;

    *scratch += (n * sizeof(float) + 63) / 64 * 64;
    return p;
}

/* Scratch and what is computed once; false: no memory. */
static bool start(struct attend *a)
{
    const struct attend_dims *s = a->s;
    size_t rows = a->heads * s->T, backward = a->all.grad_o ? 1 : 0;
    bool once = s->kind == ATTEND_LSH && !s->duplicates;
    size_t slots = once ? rows * s->R : 0, mets = once ? s->R + 1 : 0;
    size_t edges = s->kind == ATTEND_LSH && backward && a->segments > 1
                       ? a->heads * a->segments * 2 * s->C * s->D
                       : 0;
    size_t floats = rows * (1 + backward) + slots + mets + edges;
    float *log_met;
    char *p;

    a->work_bytes = a->k->work_bytes(s);
    p = host_scratch(a->nn, (size_t)a->nn->threads * a->work_bytes + floats * sizeof(float) +
                                (size_t)5 * 64);
    if (!p)
        return false;
    a->work = next(&p, (size_t)a->nn->threads * a->work_bytes / sizeof(float));
    a->all.inv = next(&p, rows);
    a->all.go_o = next(&p, rows * backward);
    a->edges = next(&p, edges);
    a->all.log_met = log_met = next(&p, mets);
    for (size_t i = 0; i < mets; i++)
        log_met[i] = (float)log((double)i + 1e-9);
    a->all.chunk = a->chunk = once ? next(&p, slots) : NULL;
    a->all.root = sqrtf((float)s->D);
    return true;
}

static void find_chunks(const struct attend *a)
{
    size_t R = a->s->R, T = a->s->T, C = a->s->C;

#pragma omp parallel for num_threads(a->nn->threads) schedule(static)
    for (size_t row = 0; row < a->heads * R; row++)
        for (size_t i = 0; i < T; i++)
            a->chunk[row * T + (size_t)a->all.order[row * T + i]] =
                (int32_t)((row % R * T + i) / C);
}

static void prepare(const struct attend *a)
{
    size_t T = a->s->T, blocks = parts(T, QUERIES);

    if (a->chunk)
        find_chunks(a);
#pragma omp parallel for num_threads(a->nn->threads) schedule(static)
    for (size_t i = 0; i < a->heads * blocks; i++) {
        struct attn_head h = head(a, i / blocks);
        size_t t = i % blocks * QUERIES;

        a->k->prepare(&h, t, smaller(t + QUERIES, T));
    }
}

/* --- LSH */

/* Chunks of segment i of a round; where a head is whole, all rounds are one. */
static size_t segment_start(const struct attend *a, size_t round, size_t i)
{
    size_t chunks = a->s->T / a->s->C;

    if (a->segments == 1)
        return i * a->s->R * chunks;
    return round * chunks + part(chunks, i, a->segments);
}

static float *edge(const struct attend *a, size_t i)
{
    return a->edges + i * 2 * a->s->C * a->s->D;
}

static void round_fwd(const struct attend *a, size_t round)
{
    size_t n = a->segments;

#pragma omp parallel for num_threads(a->nn->threads) schedule(dynamic)
    for (size_t i = 0; i < a->heads * n; i++) {
        struct attn_head h = head(a, i / n);

        a->k->lsh_fwd(work_of(a), &h, segment_start(a, round, i % n),
                      segment_start(a, round, i % n + 1));
    }
}

/* What a segment found for the keys of the chunk before it. */
static void add_edge(const struct attend *a, size_t i, size_t round)
{
    const struct attn_head h = head(a, i / a->segments);
    size_t C = a->s->C, D = a->s->D, slots = a->s->R * a->s->T;
    size_t first = segment_start(a, round, i % a->segments) * C;
    const int32_t *order = h.order + (first + slots - C) % slots;
    const float *dx = edge(a, i), *dv = dx + C * D;

    for (size_t j = 0; j < C; j++)
        for (size_t d = 0; d < D; d++) {
            h.dqk[(size_t)order[j] * D + d] += dx[j * D + d];
            h.dv[(size_t)order[j] * D + d] += dv[j * D + d];
        }
}

static void round_bwd(const struct attend *a, size_t round)
{
    size_t n = a->segments, bytes = 2 * a->s->C * a->s->D * sizeof(float);

#pragma omp parallel for num_threads(a->nn->threads) schedule(dynamic)
    for (size_t i = 0; i < a->heads * n; i++) {
        struct attn_head h = head(a, i / n);

        if (n > 1)
            memset(edge(a, i), 0, bytes);
        a->k->lsh_bwd(work_of(a), &h, n > 1 ? edge(a, i) : NULL, segment_start(a, round, i % n),
                      segment_start(a, round, i % n + 1));
    }
#pragma omp parallel for num_threads(a->nn->threads) schedule(static)
    /* One thread adds all edges of a head: the first segment's edge is a chunk of the round
     * before, so that its positions may stand in the other edges too. */
    for (size_t bh = 0; bh < a->heads; bh++)
        for (size_t i = 0; i < n && n > 1; i++)
            add_edge(a, bh * n + i, round);
}

/* --- ALIGNED */

/* The slot of a round that segment i begins with: with a bucket, or a chunk of positions. */
static size_t cut(const struct attend *a, const struct attn_head *h, size_t round, size_t i)
{
    size_t T = a->s->T, C = a->s->C, at = part(T, i, a->segments);
    const int32_t *order = h->order + round * T, *bucket = h->bucket + round * T;

    if (round == a->s->R)
        return i == a->segments ? T : at / C * C;
    while (at > 0 && at < T && bucket[order[at]] == bucket[order[at - 1]])
        at++;
    return at;
}

/* One round of the segments first, first + step ...; of heads that are whole, all rounds. */
static void aligned_part(const struct attend *a, size_t round, size_t first, size_t step)
{
    size_t n = (a->segments - first + step - 1) / step;
    size_t end = a->segments == 1 ? a->s->R + 1 : round + 1;

#pragma omp parallel for num_threads(a->nn->threads) schedule(dynamic)
    for (size_t i = 0; i < a->heads * n; i++) {
        struct attn_head h = head(a, i / n);
        size_t segment = first + i % n * step;

        for (size_t r = round; r < end; r++)
            (h.grad_o ? a->k->aligned_bwd : a->k->aligned_fwd)(
                work_of(a), &h, r, cut(a, &h, r, segment), cut(a, &h, r, segment + 1));
    }
}

static void aligned_fwd(const struct attend *a, size_t round)
{
    aligned_part(a, round, 0, 1);
}

/* In round R a segment adds to keys of the one before it, which must not be at work. */
static void aligned_bwd(const struct attend *a, size_t round)
{
    if (round < a->s->R || a->segments == 1) {
        aligned_part(a, round, 0, 1);
        return;
    }
    aligned_part(a, round, 0, 2);
    aligned_part(a, round, 1, 2);
}

/* --- local attention: means for padding; enum attend_padding */

static bool gets_mean(const struct attn_head *h, size_t i)
{
    if (h->real[i] || (h->asked && !h->asked[i]))
        return false;
    return h->s->padding == PADDING_MEAN || h->stat[2 * i + 1] == 0;
}

/* o[D] = the mean that queries of this window get. */
static void window_mean(const struct attn_head *h, float *o, size_t window)
{
    size_t n = 2 * h->s->C, D = h->s->D, back = h->s->back;
    size_t places = (back + (h->s->causal ? 1 : 2)) * n;
    size_t from = window > back ? (window - back) * n : 0;
    size_t to = smaller((window + (h->s->causal ? 1 : 2)) * n, h->s->queries);

    for (size_t d = 0; d < D; d++)
        o[d] = (float)(to - from) - (float)places; /* -1 for each place off the sequence */
    for (size_t j = from; j < to; j++)
        for (size_t d = 0; d < D; d++)
            o[d] += h->v[j * D + d];
    for (size_t d = 0; d < D; d++)
        o[d] /= (float)places;
}

/* Queries of a window have one mean. */
static void window_means(const struct attn_head *h, size_t window)
{
    size_t n = 2 * h->s->C, D = h->s->D, end = smaller((window + 1) * n, h->s->queries);
    const float *mean = NULL;

    for (size_t i = window * n; i < end; i++) {
        if (!gets_mean(h, i))
            continue;
        if (mean)
            memcpy(h->o + i * D, mean, D * sizeof *mean);
        else
            window_mean(h, h->o + i * D, window);
        mean = h->o + i * D;
        h->stat[2 * i + 1] = 0; /* for backward it saw nothing */
    }
}

static void means_fwd(const struct attend *a)
{
    size_t windows = parts(a->s->queries, 2 * a->s->C);

#pragma omp parallel for num_threads(a->nn->threads) schedule(dynamic)
    for (size_t i = 0; i < a->heads * windows; i++) {
        struct attn_head h = head(a, i / windows);

        window_means(&h, i % windows);
    }
}

/* --- in order of positions */

static void spans_fwd(const struct attend *a)
{
    size_t T = a->s->T, blocks = parts(T, QUERIES);

#pragma omp parallel for num_threads(a->nn->threads) schedule(dynamic)
    for (size_t i = 0; i < a->heads * blocks; i++) {
        struct attn_head h = head(a, i / blocks);
        size_t from = (blocks - 1 - i % blocks) * QUERIES, to = smaller(from + QUERIES, T);

        a->k->span_fwd(work_of(a), &h, from, to);
    }
    if (a->s->kind == ATTEND_LOCAL && a->s->padding != PADDING_SEES && a->all.real)
        means_fwd(a);
}

/* Queries of segment x with keys of segment y, and the other way round. */
static void pair_bwd(const struct attend *a, size_t bh, size_t x, size_t y)
{
    struct attn_head h = head(a, bh);
    size_t T = a->s->T, n = a->segments;
    size_t x0 = part(T, x, n), x1 = part(T, x + 1, n), y0 = part(T, y, n);
    size_t y1 = part(T, y + 1, n);

    a->k->span_bwd(work_of(a), &h, x0, x1, y0, y1);
    if (x != y)
        a->k->span_bwd(work_of(a), &h, y0, y1, x0, x1);
}

/* A round of a tournament: in each phase each of n segments, an even number, is in one pair. */
static void phase_bwd(const struct attend *a, size_t phase)
{
    size_t n = a->segments, pairs = n / 2;

#pragma omp parallel for num_threads(a->nn->threads) schedule(dynamic)
    for (size_t i = 0; i < a->heads * pairs; i++) {
        size_t k = i % pairs, x = k ? (phase + k) % (n - 1) : n - 1;

        pair_bwd(a, i / pairs, x, (phase + n - 1 - k) % (n - 1));
    }
}

static void spans_bwd(const struct attend *a)
{
    size_t n = a->segments;

#pragma omp parallel for num_threads(a->nn->threads) schedule(dynamic)
    for (size_t i = 0; i < a->heads * n; i++)
        pair_bwd(a, i / n, i % n, i % n);
    for (size_t phase = 0; phase + 1 < n; phase++)
        phase_bwd(a, phase);
}

/* --- the ops */

/* Compute `spans`, or, where positions are hashed, one round after the other: a head that is
 * not cut takes all its rounds in one call. */
static void run_parts(struct attend *a, void (*spans)(const struct attend *),
                      void (*rounds)(const struct attend *, size_t))
{
    size_t n = a->s->kind == ATTEND_ALIGNED ? a->s->R + 1 : a->s->R;

    if (a->nn->failed || !start(a))
        return;
    prepare(a);
    if (!attend_hashes(a->s))
        spans(a);
    else
        for (size_t round = 0; round < (a->segments == 1 ? 1 : n); round++)
            rounds(a, round);
}

void cpu_attend_fwd(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                    const int32_t *order, const int32_t *bucket, const uint8_t *real,
                    const struct attend_dims *s)
{
    struct attend a = {.nn = nn,
                       .k = ((struct host *)nn)->attn,
                       .all = {.s = s,
                               .qk = qk,
                               .v = v,
                               .order = order,
                               .bucket = bucket,
                               .real = real,
                               .asked = s->asked,
                               .o = o,
                               .stat = stat},
                       .s = s,
                       .heads = s->B * s->H,
                       .segments = count_segments(s)};

    run_parts(&a, spans_fwd, s->kind == ATTEND_ALIGNED ? aligned_fwd : round_fwd);
}

void cpu_attend_bwd(struct nn *nn, float *dqk, float *dv, const float *grad_o, const float *o,
                    const float *stat, const float *qk, const float *v, const int32_t *order,
                    const int32_t *bucket, const uint8_t *real, const struct attend_dims *s)
{
    struct attend a = {.nn = nn,
                       .k = ((struct host *)nn)->attn,
                       .all = {.s = s,
                               .qk = qk,
                               .v = v,
                               .order = order,
                               .bucket = bucket,
                               .real = real,
                               .asked = s->asked,
                               .o = (float *)(uintptr_t)o, /* read alone, as stat is */
                               .stat = (float *)(uintptr_t)stat,
                               .grad_o = grad_o,
                               .dqk = dqk,
                               .dv = dv},
                       .s = s,
                       .heads = s->B * s->H,
                       .segments = count_segments(s)};

    run_parts(&a, spans_bwd, s->kind == ATTEND_ALIGNED ? aligned_bwd : round_bwd);
}
