/* cpu_lsh.c: hashing, sorting and rotary positions of NN_CPU. */
#include <assert.h>
#include <math.h>
#include <omp.h>

#include "cpu/blocks.h"

/* The rotations that a call needs, packed: those of `heads` heads of `sequences` sequences,
 * after which heads and sequences take the same ones again. */
struct packed {
    size_t heads, sequences, floats; /* of one set */
    float *sets;
};

static struct packed sets_needed(const struct attn_kernels *k, const struct hash_dims *s)
{
    struct packed p = {smaller(s->H, s->rots), 1, k->hash_floats(s), NULL};

    assert(s->rots && s->H);
    while (p.sequences < s->B && p.sequences * s->all_heads % s->rots)
        p.sequences++;
    return p;
}

static float *set_of(const struct packed *p, size_t b, size_t h)
{
    return p->sets + (b % p->sequences * p->heads + h % p->heads) * p->floats;
}

/* Memory of cpu_lsh_hash(): for each thread the kernel's, and buckets [R,HASH_ROWS]. */
struct hashing {
    float *threads;
    size_t own, found; /* floats of a thread: the kernel's, and the buckets after them */
    struct packed p;
};

static bool begin_hashing(struct hashing *to, struct nn *nn, const float *rot,
                          const struct hash_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    struct packed *p = &to->p;
    size_t all;

    *p = sets_needed(k, s);
    assert(p->heads > 0 && p->sequences > 0);
    to->own = parts(k->hash_work(s), 16) * 16;
    to->found = parts(s->R * HASH_ROWS, 16) * 16;
    all = (size_t)nn->threads * (to->own + to->found);
    if (nn->failed ||
        !(to->threads = host_scratch(nn, (all + p->sequences * p->heads * p->floats) *
                                             sizeof *to->threads)))
        return false;
    p->sets = to->threads + all;
    for (size_t b = 0; b < p->sequences; b++)
        for (size_t h = 0; h < p->heads; h++)
            k->hash_pack(set_of(p, b, h), rot + hash_set(s, b, h) * hash_rotation(s), s);
    return true;
}

static float *thread_of(const struct hashing *w)
{
    return w->threads + (size_t)omp_get_thread_num() * (w->own + w->found);
}

/* One position of heads that take the same rotations: each is a row, as if they were positions
 * of one head. */
static void hash_heads(struct nn *nn, const struct hashing *w, int32_t *bucket, const float *qk,
                       const struct hash_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    bool joined = s->heads == s->H; /* sequences lie one behind the other */
    size_t rows = joined ? s->B * s->H : s->H;
    size_t step = smaller(parts(rows, (size_t)nn->threads), HASH_ROWS);
    size_t blocks = parts(rows, step);

#pragma omp parallel for num_threads(nn->threads) schedule(static)
    for (size_t i = 0; i < s->B * s->H / rows * blocks; i++) {
        size_t b = i / blocks, from = i % blocks * step;
        struct hash_dims d = *s;
        float *own = thread_of(w);
        int32_t *found = (int32_t *)(own + w->own), *to = bucket + (b * s->H + from) * s->R;

        d.T = smaller(step, rows - from);
        k->hash(own, found, qk + (b * s->heads + from) * s->D, w->p.sets, &d, 0, d.T);
        for (size_t j = 0; j < d.T; j++)
            for (size_t r = 0; r < s->R; r++)
                to[j * s->R + r] = found[r * d.T + j];
    }
}

void cpu_lsh_hash(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                  const struct hash_dims *s)
{
    const struct attn_kernels *k = ((struct host *)nn)->attn;
    size_t blocks = parts(s->T, HASH_ROWS);
    struct hashing w;

    if (!begin_hashing(&w, nn, rot, s))
        return;
    if (s->T == 1 && w.p.heads * w.p.sequences == 1) {
        hash_heads(nn, &w, bucket, qk, s);
        return;
    }
#pragma omp parallel for num_threads(nn->threads) schedule(dynamic)
    for (size_t i = 0; i < s->B * s->H * blocks; i++) {
        size_t bh = i / blocks, t = i % blocks * HASH_ROWS, b = bh / s->H, h = bh % s->H;

        k->hash(thread_of(&w), bucket + bh * s->R * s->T, qk + (b * s->heads + h) * s->T * s->D,
                set_of(&w.p, b, h), s, t, smaller(t + HASH_ROWS, s->T));
    }
}

/* --- a stable counting sort in parts, as their counts say where each part's go */

struct sort {
    int32_t *order;
    const int32_t *bucket;
    uint32_t *start; /* [parts,N] */
    size_t T, N, parts;
};

static size_t part_start(const struct sort *s, size_t part)
{
    return s->T * part / s->parts;
}

static void count(const struct sort *s, size_t part)
{
    uint32_t *start = s->start + part * s->N;

    memset(start, 0, s->N * sizeof *start);
    for (size_t t = part_start(s, part); t < part_start(s, part + 1); t++) {
        assert(s->bucket[t] >= 0 && (size_t)s->bucket[t] < s->N);
        start[s->bucket[t]]++;
    }
}

static void add_up(const struct sort *s)
{
    uint32_t sum = 0;

    for (size_t k = 0; k < s->N; k++)
        for (size_t part = 0; part < s->parts; part++) {
            uint32_t n = s->start[part * s->N + k];

            s->start[part * s->N + k] = sum;
            sum += n;
        }
}

static void place(const struct sort *s, size_t part)
{
    uint32_t *start = s->start + part * s->N;

    for (size_t t = part_start(s, part); t < part_start(s, part + 1); t++)
        s->order[start[s->bucket[t]]++] = (int32_t)t;
}

/* Each row by all threads. */
static void sort_long(struct sort s, size_t rows, int threads)
{
    for (size_t i = 0; i < rows; i++, s.order += s.T, s.bucket += s.T) {
#pragma omp parallel for num_threads(threads) schedule(static)
        for (size_t part = 0; part < s.parts; part++)
            count(&s, part);
        add_up(&s);
#pragma omp parallel for num_threads(threads) schedule(static)
        for (size_t part = 0; part < s.parts; part++)
            place(&s, part);
    }
}

void cpu_lsh_sort(struct nn *nn, int32_t *order, const int32_t *bucket, size_t rows, size_t T,
                  size_t n)
{
    size_t threads = (size_t)nn->threads;
    bool split = rows < 2 * threads && T >= HOST_SERIAL && rows % threads != 0;
    struct sort s = {order, bucket, NULL, T, n, split ? threads : 1};

    if (nn->failed || !(s.start = host_scratch(nn, threads * n * sizeof *s.start)))
        return;
    if (split) {
        sort_long(s, rows, nn->threads);
        return;
    }
#pragma omp parallel for num_threads(nn->threads) schedule(static)
    for (size_t i = 0; i < rows; i++) {
        struct sort row = s;

        row.order += i * T;
        row.bucket += i * T;
        row.start += (size_t)omp_get_thread_num() * n;
        count(&row, 0);
        add_up(&row);
        place(&row, 0);
    }
}

/* --- rotary positions */

enum { STRETCH = 64 }; /* positions from one exact angle to the next */

/* Pairs of a row, D / 2 of them: their turn from one position to the next, and so far. */
struct turn {
    double step_cos, step_sin, cos, sin;
};

static void set_out(struct turn *turn, size_t t, size_t D)
{
    for (size_t d = 0; d < D / 2; d++) {
        double angle = pow(10000, -2 * (double)d / (double)D);

        turn[d] = (struct turn){cos(angle), sin(angle), cos((double)t * angle),
                                sin((double)t * angle)};
    }
}

/* One position, at x, of a head. */
static void rotate(float *x, const struct turn *turn, float sign, size_t D)
{
    for (size_t d = 0; d < D / 2; d++) {
        float a = x[2 * d], b = x[2 * d + 1];
        float c = (float)turn[d].cos, s = sign * (float)turn[d].sin;

        x[2 * d] = a * c - b * s;
        x[2 * d + 1] = b * c + a * s;
    }
}

/* On to the next position. */
static void advance(struct turn *turn, size_t D)
{
    for (size_t d = 0; d < D / 2; d++) {
        struct turn *u = &turn[d];
        double c = u->cos;

        u->cos = c * u->step_cos - u->sin * u->step_sin;
        u->sin = u->sin * u->step_cos + c * u->step_sin;
    }
}

void cpu_rotary(struct nn *nn, float *x, float sign, size_t B, size_t heads, size_t H,
                size_t first, size_t T, size_t D, size_t limit)
{
    size_t end = limit < first + T ? limit : first + T, step = D / 2 + 1;
    struct turn *turns;

    if (nn->failed || !(turns = host_scratch(nn, (size_t)nn->threads * step * sizeof *turns)))
        return;
#pragma omp parallel for num_threads(nn->threads) schedule(static)
    for (size_t from = first / STRETCH * STRETCH; from < end; from += STRETCH) {
        struct turn *turn = turns + (size_t)omp_get_thread_num() * step;

        set_out(turn, from, D);
        for (size_t t = from; t < from + STRETCH && t < end; t++, advance(turn, D))
            for (size_t i = 0; i < B * H && t >= first; i++)
                rotate(x + ((i / H * heads + i % H) * T + t - first) * D, turn, sign, D);
    }
}
