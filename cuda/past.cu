/*
 * past.cu: attention one position at a time. What is past grows by attend_put(); a step's
 * keys are numbered, parts of them go to blocks, and what the parts found is joined in order.
 */
#include "lsh_sort.h"

/* Keys of a block of a step; numbers of a head that a lane has, at most. */
enum { PART_KEYS = 256, LANE_NUMBERS = 8 };

/* --- what is past */

/* Number `i` of h past->B + b: a head of a sequence; `from` is the sequence of the op's arrays
 * that its new positions are in. */
struct owner {
    size_t h, b, from;
};

static __device__ __forceinline__ struct owner owner_of(const struct attend_past &past,
                                                        const struct attend_dims &s, size_t i)
{
    size_t b = i % past.B;

    return owner{i / past.B, b, s.B == 1 ? 0 : b};
}

static __device__ __forceinline__ size_t row_in_past(const struct attend_past &p, size_t b,
                                                     size_t t)
{
    if (p.ring)
        return t % p.ring + (t < p.common ? 0 : (b + 1) * p.ring);
    return t < p.common ? t : t + b * p.own;
}

/* A warp takes a position of a head of a sequence: its row of qk and of v, and the length of
 * the key. What is common is there once, and of a ring what comes last. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_put_rows(struct attend_past past, const float *qk, const float *v, size_t first,
               struct attend_dims s)
{
    size_t warp = thread_first() / CUDA_WARP, step = thread_stride() / CUDA_WARP;
    size_t n = s.queries, skip = past.ring && n > past.ring ? n - past.ring : 0;
    int lane = threadIdx.x % CUDA_WARP;

    for (size_t w = warp; w < s.H * past.B * (n - skip); w += step) {
        struct owner o = owner_of(past, s, w / (n - skip));
        size_t t = skip + w % (n - skip), at = o.h * past.rows;
        const float *q = qk + ((o.from * s.heads + o.h) * s.T + t) * s.D;
        const float *x = v + ((o.from * s.heads + o.h) * s.T + t) * s.D;
        float sum = 0;

        if (first < past.common && o.b != 0)
            continue;
        at += row_in_past(past, o.b, first + t);
        for (size_t d = lane; d < s.D; d += CUDA_WARP) {
            past.qk[at * s.D + d] = q[d];
            past.v[at * s.D + d] = x[d];
            sum += q[d] * q[d];
        }
        sum = sqrtf(warp_sum(sum));
        if (lane == 0)
            past.inv[at] = 1 / ((sum < 1e-12f ? 1e-12f : sum) * sqrtf((float)s.D));
    }
}

/* ALIGNED: a warp appends the positions of a round of a head of a sequence to their buckets,
 * 32 at a time; `bits` are those of a bucket. Of more than a ring takes the last ones stay. */
static __global__ void __launch_bounds__(CUDA_WARP)
    k_put_buckets(struct attend_past past, const int32_t *bucket, size_t first, int bits,
                  struct attend_dims s)
{
    size_t i = blockIdx.x / s.R, r = blockIdx.x % s.R, ring = 2 * s.C;
    struct owner o = owner_of(past, s, i);
    const int32_t *own = bucket + ((o.from * s.H + o.h) * s.R + r) * s.T;
    int lane = threadIdx.x;

    for (size_t t = 0; t < s.queries; t += CUDA_WARP) {
        bool is = t + lane < s.queries;
        size_t to = (i * s.R + r) * past.N + (is ? (size_t)own[t + lane] : 0);
        unsigned alike = lanes_alike(is ? own[t + lane] : 0, bits, is);
        unsigned rank = __popc(alike & ((1u << lane) - 1)), all = __popc(alike);
        size_t had = is ? (size_t)past.count[to] : 0;

        if (is && rank + ring >= all)
            past.recent[to * ring + (had + rank) % ring] = (int32_t)(first + t + lane);
        __syncwarp();
        if (is && rank == 0)
            past.count[to] = (int32_t)(had + all);
        __syncwarp();
    }
}

/* LSH: the first positions, sorted; a block takes a round of a head of a sequence. */
static __global__ void __launch_bounds__(SORT_THREADS, 1)
    k_put_sorted(struct attend_past past, int32_t *spare, const int32_t *bucket, int passes,
                 struct attend_dims s)
{
    struct sort_counts *c = reinterpret_cast<struct sort_counts *>(rf_shared);
    size_t i = blockIdx.x / s.R, r = blockIdx.x % s.R;
    struct owner o = owner_of(past, s, i);
    const int32_t *own = bucket + ((o.from * s.H + o.h) * s.R + r) * s.T;

    sort_row(c, past.recent + blockIdx.x * past.room, spare + blockIdx.x * s.queries, own,
             (int)s.queries, passes);
    for (size_t t = threadIdx.x; t < s.queries; t += SORT_THREADS)
        atomicAdd(past.count + blockIdx.x * past.N + own[t], 1);
}

/* The sum of x[n] over a block; `room` is shared memory for a number a warp. */
static __device__ __forceinline__ int sum_counts(const int32_t *x, int n, int *room)
{
    int sum = 0;

    for (int i = threadIdx.x; i < n; i += CUDA_THREADS)
        sum += x[i];
    return block_sum(sum, room);
}

/* LSH: further positions, one after the other, each behind those of its bucket; the slots
 * behind it move up by one, the last ones first. A block takes a round. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_put_between(struct attend_past past, const int32_t *bucket, size_t first,
                  struct attend_dims s)
{
    int *room = reinterpret_cast<int *>(rf_shared);
    size_t i = blockIdx.x / s.R, r = blockIdx.x % s.R;
    struct owner o = owner_of(past, s, i);
    const int32_t *own = bucket + ((o.from * s.H + o.h) * s.R + r) * s.T;
    int32_t *order = past.recent + blockIdx.x * past.room;
    int32_t *count = past.count + blockIdx.x * past.N;

    for (size_t t = 0; t < s.queries; t++) {
        int n = (int)(first + t), at = sum_counts(count, own[t] + 1, room);

        for (int end = n; end > at; end -= CUDA_THREADS) {
            int from = end - 1 - (int)threadIdx.x, p = from >= at ? order[from] : 0;

            __syncthreads();
            if (from >= at)
                order[from + 1] = p;
            __syncthreads();
        }
        if (threadIdx.x == 0) {
            order[at] = n;
            count[own[t]]++;
        }
        __syncthreads();
    }
}

static void put_lsh(struct nn *nn, const struct attend_past *past, const int32_t *bucket,
                    size_t first, const struct attend_dims *s)
{
    size_t rows = s->H * past->B * s->R;
    int32_t *spare;

    if (first > 0) {
        CUDA_LAUNCH(nn, k_put_between, dim3((unsigned)rows), CUDA_THREADS,
                    CUDA_THREADS / CUDA_WARP * sizeof(int), *past, bucket, first, *s);
        return;
    }
    if (!(spare = (int32_t *)cuda_scratch(nn, rows * s->queries * sizeof *spare)))
        return;
    CUDA_LAUNCH(nn, k_put_sorted, dim3((unsigned)rows), SORT_THREADS,
                sizeof(struct sort_counts), *past, spare, bucket, sort_passes(past->N), *s);
}

void cuda_attend_put(struct nn *nn, const struct attend_past *past, const float *qk,
                     const float *v, const int32_t *bucket, size_t first,
                     const struct attend_dims *s)
{
    size_t heads = s->H * past->B;
    int bits = 0;

    if (!s->queries)
        return;
    CUDA_LAUNCH(nn, k_put_rows, cuda_blocks(heads * s->queries * CUDA_WARP), CUDA_THREADS, 0,
                *past, qk, v, first, *s);
    while (bits < 31 && past->N >> bits > 1)
        bits++;
    if (s->kind == ATTEND_ALIGNED)
        CUDA_LAUNCH(nn, k_put_buckets, dim3((unsigned)(heads * s->R)), CUDA_WARP, 0, *past,
                    bucket, first, bits + 1, *s);
    if (s->kind == ATTEND_LSH)
        put_lsh(nn, past, bucket, first, s);
}

/* --- the keys of a step */

/* A step of a head of a sequence, in shared memory. Its keys are numbered: FULL, LOCAL: from
 * `from` to t; else 2 C of each round, of which some are none, and then ALIGNED: 2 C
 * positions, LSH: t itself. */
struct step {
    struct attend_past past;
    struct attend_dims s;
    const int32_t *bucket; /* [R] of the position */
    int32_t *keys;         /* LSH, each key once: [R 2 C + 1], those that count; else NULL */
    size_t i, b, h;
    int t, from;
};

/* Numbers of keys of a step. */
static size_t step_keys(const struct attend_dims *s, size_t t)
{
    size_t n = 2 * s->C;

    switch (s->kind) {
    case ATTEND_LSH: return s->R * n + 1;
    case ATTEND_ALIGNED: return s->R * n + n;
    case ATTEND_LOCAL: return t / n > s->back ? t % n + 1 + s->back * n : t + 1;
    default: return t + 1;
    }
}

/* LSH: slots [from, to) of the bucket of each round; a warp takes a round. spans[R,2]. */
static __device__ __forceinline__ void find_spans(const struct step *p, int *spans)
{
    int lane = threadIdx.x % CUDA_WARP;

    for (size_t r = threadIdx.x / CUDA_WARP; r < p->s.R; r += CUDA_THREADS / CUDA_WARP) {
        const int32_t *count = p->past.count + (p->i * p->s.R + r) * p->past.N;
        int sum = 0, own = p->bucket[r];

        for (int n = lane; n < own; n += CUDA_WARP)
            sum += count[n];
        sum = warp_sum(sum);
        if (lane == 0) {
            spans[2 * r] = sum;
            spans[2 * r + 1] = sum + count[own];
        }
    }
    __syncthreads();
}

/* LSH: key w of the 2 C of a round: its chunk and the one before; before chunk 0 the last one
 * of the round before, unless it is all of them. -1: there is none. */
static __device__ __forceinline__ int chunk_key(const struct step *p, const int *spans,
                                                size_t r, int w)
{
    const struct attend_dims *s = &p->s;
    int C = (int)s->C, n = p->t + 1, chunk = (spans[2 * r + 1] - 1) / C, slot;
    size_t round = r;

    if (chunk > 0 || w < C) {
        slot = (chunk > 0 ? chunk - 1 : 0) * C + w;
        if (!s->across && (slot < spans[2 * r] || slot >= spans[2 * r + 1]))
            return -1;
    } else {
        slot = p->t / C * C + w - C;
        round = (r + s->R - 1) % s->R;
        if (!s->across || p->t < C)
            return -1;
    }
    if (slot >= n)
        return -1;
    slot = p->past.recent[(p->i * s->R + round) * p->past.room + slot];
    return slot == p->t ? -1 : slot; /* itself it is once, behind all rounds */
}

/* ALIGNED: key w of the 2 C of a round. */
static __device__ __forceinline__ int bucket_key(const struct step *p, size_t r, int w)
{
    size_t C = p->s.C, bucket = (p->i * p->s.R + r) * p->past.N + (size_t)p->bucket[r];
    size_t last = (size_t)p->past.count[bucket] - 1;
    size_t at = (last / C ? (last / C - 1) * C : 0) + (size_t)w;

    return at <= last ? p->past.recent[bucket * 2 * C + at % (2 * C)] : -1;
}

/* The position of key k; -1: it is none. */
static __device__ __forceinline__ int key_of(const struct step *p, const int *spans, size_t k)
{
    size_t n = 2 * p->s.C, r = k / n;

    if (p->s.kind == ATTEND_FULL || p->s.kind == ATTEND_LOCAL)
        return p->from + (int)k;
    if (r < p->s.R)
        return p->s.kind == ATTEND_LSH ? chunk_key(p, spans, r, (int)(k % n))
                                       : bucket_key(p, r, (int)(k % n));
    if (p->s.kind == ATTEND_LSH)
        return p->t;
    k = (size_t)p->from + k % n;
    return k <= (size_t)p->t ? (int)k : -1;
}

/* The first position that the position itself, and those before it in their order, give. */
static int first_key(const struct attend_dims *s, size_t t)
{
    size_t n = s->kind == ATTEND_ALIGNED ? s->C : 2 * s->C;
    size_t back = s->kind == ATTEND_ALIGNED ? 1 : s->back;

    if (s->kind == ATTEND_FULL || s->kind == ATTEND_LSH)
        return 0;
    return t / n > back ? (int)((t / n - back) * n) : 0;
}

/* Thread 0 writes the step of number i of H past->B; all threads call it. */
static __device__ __forceinline__ void share_step(struct step *p, const struct step &all,
                                                  size_t i, size_t keys)
{
    if (threadIdx.x == 0) {
        *p = all;
        p->i = i;
        p->h = i / all.past.B;
        p->b = i % all.past.B;
        p->bucket = all.bucket ? all.bucket + (p->b * all.s.H + p->h) * all.s.R : NULL;
        p->keys = all.keys ? all.keys + i * keys : NULL;
    }
    __syncthreads();
}

/* LSH, each key once: a list of keys. A block takes a head of a sequence. */
static __global__ void __launch_bounds__(CUDA_THREADS) k_step_list(struct step all, size_t keys)
{
    struct step *p = reinterpret_cast<struct step *>(rf_shared);
    int *spans = reinterpret_cast<int *>(p + 1);

    share_step(p, all, blockIdx.x, keys);
    find_spans(p, spans);
    for (size_t k = threadIdx.x; k < keys; k += CUDA_THREADS)
        p->keys[k] = key_of(p, spans, k);
}

/* once[heads,keys] = the list of keys without those that stand further ahead in it. A thread
 * takes a key. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_step_once(int32_t *once, const int32_t *list, size_t keys, size_t heads)
{
    for (size_t n = thread_first(); n < heads * keys; n += thread_stride()) {
        const int32_t *own = list + n / keys * keys;
        int32_t key = list[n];
        bool met = false;

        for (size_t k = 0; k < n % keys && !met; k++)
            met = own[k] == key;
        once[n] = met ? -1 : key;
    }
}

/* --- the step */

/* What a warp, and then a block, has seen of keys. */
struct found {
    float largest, sum, x[LANE_NUMBERS]; /* x: numbers lane, lane + 32 ... of a head */
};

/* Key k of the step: `found` takes it. All lanes call it. */
static __device__ __forceinline__ void meet(const struct step *p, struct found *f,
                                            const float *q, int key)
{
    int lane = threadIdx.x % CUDA_WARP, D = (int)p->s.D;
    size_t row = p->h * p->past.rows + row_in_past(p->past, p->b, (size_t)key);
    const float *k = p->past.qk + row * D, *v = p->past.v + row * D;
    float logit = 0, largest, scale, e;

    for (int d = lane; d < D; d += CUDA_WARP)
        logit = fmaf(q[d], k[d], logit);
    logit = key == p->t ? -5e4f : warp_sum(logit) * p->past.inv[row];
    largest = fmaxf(f->largest, logit);
    scale = __expf(f->largest - largest);
    e = __expf(logit - largest);
    f->largest = largest;
    f->sum = f->sum * scale + e;
#pragma unroll
    for (int n = 0; n < LANE_NUMBERS; n++)
        if (lane + n * CUDA_WARP < D)
            f->x[n] = f->x[n] * scale + e * v[lane + n * CUDA_WARP];
}

/* Threads d < D: what warps or parts saw, of which each left 2 + D numbers, joined in order;
 * *stat gets the largest logit and the sum. */
static __device__ __forceinline__ float join(const float *parts, int n, int D, int d,
                                             float *largest, float *sum)
{
    float x = 0;

    *largest = -1e30f;
    *sum = 0;
    for (int i = 0; i < n; i++)
        *largest = fmaxf(*largest, parts[(size_t)i * (D + 2)]);
    for (int i = 0; i < n; i++) {
        const float *part = parts + (size_t)i * (D + 2);
        float scale = __expf(part[0] - *largest);

        *sum += part[1] * scale;
        x += part[2 + d] * scale;
    }
    return x;
}

/* Blocks: x, parts of PART_KEYS keys of each head in turn; warps take keys in turn.
 * out[heads,parts,2 + D]. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_step_part(float *out, struct step all, size_t keys, unsigned parts)
{
    struct step *p = reinterpret_cast<struct step *>(rf_shared);
    int *spans = reinterpret_cast<int *>(p + 1), lane = threadIdx.x % CUDA_WARP;
    int warp = threadIdx.x / CUDA_WARP, D = (int)all.s.D;
    float *left = reinterpret_cast<float *>(spans + 2 * all.s.R), largest, sum;
    size_t first = (size_t)(blockIdx.x % parts) * PART_KEYS;
    size_t end = min(first + PART_KEYS, keys);
    struct found f = {-1e30f, 0, {0}};
    const float *q;

    share_step(p, all, blockIdx.x / parts, keys);
    if (p->s.kind == ATTEND_LSH && !p->keys)
        find_spans(p, spans);
    q = p->past.qk +
        (p->h * p->past.rows + row_in_past(p->past, p->b, (size_t)p->t)) * (size_t)D;
    for (size_t k = first + warp; k < end; k += CUDA_THREADS / CUDA_WARP) {
        int key = p->keys ? p->keys[k] : key_of(p, spans, k);

        if (key >= 0)
            meet(p, &f, q, key);
    }
    left += warp * (D + 2);
    if (lane == 0) { /* all have the same */
        left[0] = f.largest;
        left[1] = f.sum;
    }
#pragma unroll
    for (int n = 0; n < LANE_NUMBERS; n++)
        if (lane + n * CUDA_WARP < D)
            left[2 + lane + n * CUDA_WARP] = f.x[n];
    __syncthreads();
    out += (size_t)blockIdx.x * (D + 2);
    for (int d = threadIdx.x; d < D; d += CUDA_THREADS) {
        out[2 + d] =
            join(left - warp * (D + 2), CUDA_THREADS / CUDA_WARP, D, d, &largest, &sum);
        if (d == 0) {
            out[0] = largest;
            out[1] = sum;
        }
    }
}

/* o[B,heads,1,D]: a block joins the parts of a head of a sequence. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_step_join(float *o, const float *parts, unsigned n, size_t B, struct attend_dims s)
{
    size_t h = blockIdx.x / B, b = blockIdx.x % B;
    float largest, sum;

    for (size_t d = threadIdx.x; d < s.D; d += CUDA_THREADS) {
        float x = join(parts + (size_t)blockIdx.x * n * (s.D + 2), (int)n, (int)s.D, (int)d,
                       &largest, &sum);

        o[(b * s.heads + h) * s.D + d] = x / sum;
    }
}

void cuda_attend_step(struct nn *nn, float *o, const struct attend_past *past,
                      const int32_t *bucket, size_t t, const struct attend_dims *s)
{
    struct step p = {};
    size_t heads = s->H * past->B, keys = step_keys(s, t);
    size_t parts = (keys + PART_KEYS - 1) / PART_KEYS, spans = 2 * s->R * sizeof(int);
    bool once = s->kind == ATTEND_LSH && !s->duplicates;
    size_t list = once ? heads * keys : 0, shared = sizeof p + spans;
    int32_t *scratch;
    float *left;

    if (nn->failed || !(scratch = (int32_t *)cuda_scratch(
                            nn, (2 * list + heads * parts * (s->D + 2)) * sizeof(float))))
        return;
    left = (float *)(scratch + 2 * list);
    p.past = *past;
    p.s = *s;
    p.bucket = s->kind == ATTEND_LSH || s->kind == ATTEND_ALIGNED ? bucket : NULL;
    p.t = (int)t;
    p.from = first_key(s, t);
    if (once) {
        p.keys = scratch;
        CUDA_LAUNCH(nn, k_step_list, dim3((unsigned)heads), CUDA_THREADS, shared, p, keys);
        p.keys = scratch + list;
        CUDA_LAUNCH(nn, k_step_once, cuda_blocks(list), CUDA_THREADS, 0, p.keys, scratch, keys,
                    heads);
    }
    shared += CUDA_THREADS / CUDA_WARP * (s->D + 2) * sizeof(float);
    CUDA_LAUNCH(nn, k_step_part, dim3((unsigned)(heads * parts)), CUDA_THREADS, shared, left, p,
                keys, (unsigned)parts);
    CUDA_LAUNCH(nn, k_step_join, dim3((unsigned)heads), CUDA_THREADS, 0, o, left,
                (unsigned)parts, past->B, *s);
}
