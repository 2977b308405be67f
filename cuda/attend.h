/*
 * attend.h: what the kernels of attention share: which keys a query meets, what of them is
 * masked, what dropout makes of them; private to this folder.
 *
 * All kinds are one. The positions of a head stand on a line of slots: in their own order
 * (FULL, LOCAL), or those of round 0 sorted by bucket, then those of round 1 ... (LSH), and
 * behind these once more in their own order (ALIGNED). The query in a slot meets the keys in a
 * span of slots, and later slots have later spans. So TILE queries that stand in a row meet one
 * span of keys, and TILE keys one span of queries; masks do the rest. LSH's line is a ring:
 * slots below 0 or beyond the end are those of the other end.
 */
#ifndef CUDA_ATTEND_H
#define CUDA_ATTEND_H

#include "device.h"

/* Queries or keys of a tile; threads of a block; numbers of a head, at most; the distance of
 * rows of a tile of probabilities in shared memory, so that eight rows lie in different banks.
 */
enum { TILE = 64, ATTEND_THREADS = 256, ATTEND_HEAD_MAX = 256, TILE_STEP = TILE + 4 };

/** A call of attend_fwd() or attend_bwd(), as kernels get it. Arrays marked "pass" are
 * scratch for the heads of one pass. Head 0 is head `first` of B H. */
struct attend {
    const float *qk, *v, *o, *grad_o;
    const int32_t *order, *bucket;
    const uint8_t *real, *asked;
    float *stat;                  /* [B,H,T,2] */
    float *to_q, *to_v, *to_stat; /* where tiles put what they find: by position, or by slot
                                     of the pass, [heads,slots,D] and [heads,slots,2] */
    float *inv;                   /* pass [heads,T] 1 / (max(|qk|, 1e-12) sqrt(D)) */
    float *go_o;                  /* pass [heads,T] grad_o . o of queries that are asked */
    int32_t *place;               /* pass [heads,R,T] where in its round a position stands */
    int32_t *start;               /* pass [heads,R,T] ALIGNED: slot of a round in which the
                                     bucket of the slot begins */
    struct rng draw;
    float dropout;
    unsigned first, H, first_head, heads_of_all;
    int kind, T, D, queries, R, C, back, slots;     /* R 0: the line is that of positions */
    bool causal, across, duplicates, by_slot, wide; /* wide: rows are aligned to 16 bytes */
};

/* --- on the host */

/** Fill *a but for grad_o, o and what is written, and cut it the scratch of `floats` numbers a
 * slot, where these are kept by slot, into to_q, to_v, to_stat. false: the device has failed.
 */
bool attend_begin(struct nn *nn, struct attend *a, bool backward, const struct attend_dims *s);

/** Compute inv, go_o, place and start of `heads` heads from a->first on. */
void attend_prepare(struct nn *nn, const struct attend *a, size_t heads);

/** Tiles of all heads of a pass, as a grid. */
static inline dim3 attend_tiles(const struct attend *a, size_t heads)
{
    return dim3((unsigned)(heads * ((size_t)(a->slots + TILE - 1) / TILE)));
}

/* --- a head */

/** The sequence of head bh of the pass. */
static __device__ __forceinline__ size_t sequence_of(const struct attend *a, unsigned bh)
{
    return (a->first + bh) / a->H;
}

/** rng_u64(); the words are chosen without a number that is computed, which registers lack. */
static __device__ __forceinline__ uint64_t seed_of(struct rng r, uint64_t i)
{
    uint32_t w[4];

    philox_block(w, r, i >> 1);
    return i & 1 ? w[2] | (uint64_t)w[3] << 32 : w[0] | (uint64_t)w[1] << 32;
}

/** *a with its arrays moved to head bh of the pass, and the draw made the head's own. */
static __device__ __forceinline__ struct attend head_of(struct attend a, unsigned bh)
{
    size_t b = sequence_of(&a, bh), h = (a.first + bh) % a.H, T = (size_t)a.T;
    size_t at = (b * a.heads_of_all + h) * T * (size_t)a.D, hashed = (size_t)a.R * T;
    size_t out = a.by_slot ? bh * (size_t)a.slots * (size_t)a.D : at;

    a.qk += at;
    a.v += at;
    a.o = a.o ? a.o + at : NULL;
    a.grad_o = a.grad_o ? a.grad_o + at : NULL;
    a.order = a.order ? a.order + (a.first + bh) * hashed : NULL;
    a.bucket = a.bucket ? a.bucket + (a.first + bh) * hashed : NULL;
    a.real = a.real ? a.real + b * T : NULL;
    a.asked = a.asked ? a.asked + b * T : NULL;
    a.stat += (a.first + bh) * T * 2;
    a.to_q += out;
    a.to_v = a.to_v ? a.to_v + out : NULL;
    a.to_stat = a.by_slot ? a.to_stat + bh * (size_t)a.slots * 2 : a.stat;
    a.inv += bh * T;
    a.go_o += bh * T;
    a.place += bh * hashed;
    a.start += bh * hashed;
    if (a.dropout > 0)
        a.draw.seed = seed_of(a.draw, a.first_head + h);
    return a;
}

/** Put head bh of the pass into shared memory, for all threads of the block, which call it. */
static __device__ __forceinline__ const struct attend *share_head(struct attend *shared,
                                                                  const struct attend &all,
                                                                  unsigned bh)
{
    if (threadIdx.x == 0)
        *shared = head_of(all, bh);
    __syncthreads();
    return shared;
}

/** Tiles of a head; a block of the grid of attend_tiles() has the slots of one. */
static __device__ __forceinline__ unsigned tiles_of(const struct attend *a)
{
    return (unsigned)((a->slots + TILE - 1) / TILE);
}

/** Whether what position i finds is wanted. */
static __device__ __forceinline__ bool asks(const struct attend *a, int i)
{
    return i < a->queries && (!a->asked || a->asked[i]);
}

/* --- slots */

/** The slot of the line that one below 0 or beyond the end is. */
static __device__ __forceinline__ int on_line(const struct attend *a, int slot)
{
    if (a->kind != ATTEND_LSH)
        return slot;
    return slot < 0 ? slot + a->slots : slot >= a->slots ? slot - a->slots : slot;
}

/** The position in a slot of the line. */
static __device__ __forceinline__ int position_of(const struct attend *a, int slot)
{
    int hashed = a->R * a->T;

    return slot < hashed ? a->order[slot] : slot - hashed;
}

/** The slot of the line that position t has in a round; ALIGNED: round R is that of all. */
static __device__ __forceinline__ size_t slot_of(const struct attend *a, int round, int t)
{
    size_t first = (size_t)round * a->T;

    return first + (round < a->R ? a->place[first + t] : t);
}

/** Slots from `from` to before `to`. */
struct span {
    int from, to;
};

static __device__ __forceinline__ struct span tile_of(const struct attend *a)
{
    int first = (int)(blockIdx.x % tiles_of(a)) * TILE;

    return span{first, min(first + TILE, a->slots)};
}

/** ALIGNED: the slot that the chunk of a slot begins with, and where the bucket does. */
static __device__ __forceinline__ int chunk_start(const struct attend *a, int slot, int *bucket)
{
    int round = slot / a->T * a->T;

    *bucket = round + (slot < a->R * a->T ? a->start[slot] : 0);
    return *bucket + (slot - *bucket) / a->C * a->C;
}

/** The keys that the query in a slot meets, and in *first the slot whose key would have place
 * 0 of the window: enum attend_dims, dropout. */
static __device__ __forceinline__ struct span keys_of(const struct attend *a, int slot,
                                                      int *first)
{
    int n = 2 * a->C, bucket, chunk;

    switch (a->kind) {
    case ATTEND_LSH: {
        int before = (slot / a->C - 1) * a->C;

        *first = before;
        return span{before, before + n};
    }
    case ATTEND_ALIGNED:
        chunk = chunk_start(a, slot, &bucket);
        *first = chunk - a->C;
        return span{max(bucket, chunk - a->C), slot + 1}; /* later slots, later positions */
    case ATTEND_LOCAL:
        *first = (slot / n - a->back) * n;
        return span{max(0, *first), min(a->queries, (slot / n + (a->causal ? 1 : 2)) * n)};
    default: *first = 0; return span{0, a->T};
    }
}

/** The keys that queries in slots q.from to before q.to meet, all in all. */
static __device__ __forceinline__ struct span keys_of_tile(const struct attend *a,
                                                           struct span q)
{
    int first;

    return span{keys_of(a, q.from, &first).from, keys_of(a, q.to - 1, &first).to};
}

/** The queries that keys in slots k.from to before k.to are met by, all in all. */
static __device__ __forceinline__ struct span queries_of_tile(const struct attend *a,
                                                              struct span k)
{
    int n = 2 * a->C;

    switch (a->kind) {
    case ATTEND_LSH: return span{k.from / a->C * a->C, ((k.to - 1) / a->C + 2) * a->C};
    case ATTEND_ALIGNED: return span{k.from, min(a->slots, k.to - 1 + n)};
    case ATTEND_LOCAL:
        return span{max(0, (k.from / n - (a->causal ? 0 : 1)) * n),
                    min(a->queries, ((k.to - 1) / n + a->back + 1) * n)};
    default: return span{0, a->queries};
    }
}

/** Whether causality alone hides all these keys from all these queries; where the line is
 * that of positions. */
static __device__ __forceinline__ bool all_later(const struct attend *a, struct span q,
                                                 struct span k)
{
    return a->causal && a->R == 0 && a->kind != ATTEND_ALIGNED && k.from >= q.to &&
           k.to <= a->queries;
}

/* --- the rows of a tile, in shared memory */

struct queries {
    int at[TILE];             /* its position; -1: it takes no part */
    int from[TILE], to[TILE]; /* slots of its keys */
    int shift[TILE];          /* slot of a key + this: the place, as dropout numbers it */
    int round[TILE];
    int alone[TILE];                              /* it is padding that sees itself alone */
    float largest[TILE], share[TILE], go_o[TILE]; /* backward: of stat; grad_o . o */
};

struct keys {
    int at[TILE];
    int round[TILE];
    int alone[TILE]; /* it is padding that itself alone sees */
    float inv[TILE];
};

/** Thread i below TILE looks up query i of those from slot `first` to before `end`; backward:
 * those that saw nothing take no part. */
static __device__ __forceinline__ void find_query(const struct attend *a, struct queries *q,
                                                  int i, int first, int end, bool backward)
{
    int slot = first + i, at = -1, place = 0;
    bool hashed = a->kind == ATTEND_LSH || a->kind == ATTEND_ALIGNED;

    q->alone[i] = 0;
    if (slot < end) {
        slot = on_line(a, slot);
        at = position_of(a, slot);
        if (!asks(a, at))
            at = -1;
    }
    if (at >= 0 && a->real && !a->real[at]) {
        q->alone[i] = hashed;
        if (a->kind == ATTEND_FULL)
            at = -1;
    }
    if (at >= 0 && backward) {
        q->largest[i] = a->stat[2 * (size_t)at];
        q->share[i] = a->stat[2 * (size_t)at + 1];
        q->go_o[i] = a->go_o[at];
        if (q->share[i] == 0)
            at = -1;
    }
    q->at[i] = at;
    if (at >= 0) {
        struct span k = keys_of(a, slot, &place);
        int turn = first + i - slot; /* LSH: keys are counted from where the tile is */

        q->from[i] = k.from + turn;
        q->to[i] = k.to + turn;
        q->round[i] = hashed ? slot / a->T : 0;
        q->shift[i] = (hashed ? 2 * a->C * q->round[i] : 0) - (place + turn);
    }
}

/** Find the queries in slots `first` to before `end`, at most TILE. All threads of the block
 * call it, and all are told whether there is one. */
static __device__ __forceinline__ bool find_queries(const struct attend *a, struct queries *q,
                                                    int first, int end, bool backward)
{
    bool any = false;

    if (threadIdx.x < TILE) {
        find_query(a, q, threadIdx.x, first, end, backward);
        any = q->at[threadIdx.x] >= 0;
    }
    return __syncthreads_or(any);
}

/** Thread i below TILE looks up key i of those from slot `first` to before `end`. */
static __device__ __forceinline__ void find_key(const struct attend *a, struct keys *k, int i,
                                                int first, int end)
{
    int slot = first + i, at = -1;
    bool hashed = a->kind == ATTEND_LSH || a->kind == ATTEND_ALIGNED;

    k->alone[i] = 0;
    if (slot < end) {
        slot = on_line(a, slot);
        at = position_of(a, slot);
        k->round[i] = hashed ? slot / a->T : 0;
        k->inv[i] = a->inv[at];
        if (a->real && !a->real[at]) {
            k->alone[i] = hashed;
            at = hashed ? at : -1;
        }
    }
    k->at[i] = at;
}

/* --- pairs of a query and a key */

/** LSH: rounds in which the pair meets, but over the seam of two rounds. */
static __device__ __forceinline__ int meetings(const struct attend *a, int i, int j)
{
    int n = 0, of_round = a->T / a->C, chunks = a->R * of_round;

    for (int r = 0; r < a->R; r++) {
        const int32_t *place = a->place + (size_t)r * a->T;
        int query = r * of_round + place[i] / a->C, key = r * of_round + place[j] / a->C;
        bool met = key == query || (key + 1 == chunks ? 0 : key + 1) == query;

        if (met && !a->across) {
            const int32_t *bucket = a->bucket + (size_t)r * a->T;

            met = bucket[i] == bucket[j];
        }
        n += met;
    }
    return n;
}

/** The logit of query qi and key ki of the tiles, the key in slot `slot`; product: qk . qk.
 * -INFINITY: a mask hides it. *kept: no mask overwrote it, so that a gradient flows. */
static __device__ __forceinline__ float logit_of(const struct attend *a,
                                                 const struct queries *q, int qi,
                                                 const struct keys *k, int ki, int slot,
                                                 float product, bool *kept)
{
    int i = q->at[qi], j = k->at[ki];
    float x;

    *kept = false;
    if (i < 0 || j < 0 || slot < q->from[qi] || slot >= q->to[qi])
        return -INFINITY;
    if (i != j && ((q->alone[qi] | k->alone[ki]) || (a->causal && j > i && j < a->queries)))
        return -INFINITY;
    if (a->kind == ATTEND_LSH && !a->across &&
        (q->round[qi] != k->round[ki] || a->bucket[(size_t)q->round[qi] * a->T + i] !=
                                             a->bucket[(size_t)k->round[ki] * a->T + j]))
        return -INFINITY;
    *kept = i != j;
    x = i == j ? -5e4f : product * k->inv[ki];
    if (a->kind == ATTEND_LSH && !a->duplicates)
        x -= logf((float)meetings(a, i, j) + 1e-9f);
    return x;
}

/* --- dropout */

/** The number of the probability of query i of sequence b at place 0 of its window. */
static __device__ __forceinline__ uint64_t draw_of(const struct attend *a, size_t b, int i)
{
    uint64_t C = (uint64_t)a->C, W = (uint64_t)a->T;

    if (a->kind == ATTEND_LSH)
        W = 2 * C * (uint64_t)a->R;
    if (a->kind == ATTEND_ALIGNED)
        W = 2 * C * (uint64_t)(a->R + 1);
    if (a->kind == ATTEND_LOCAL)
        W = 2 * C * (uint64_t)(a->back + 2);
    return (b * (uint64_t)a->T + (uint64_t)i) * W;
}

/** Word i of four: numbers rather than an array, whose elements by number registers lack. */
static __device__ __forceinline__ uint32_t word(uint32_t w0, uint32_t w1, uint32_t w2,
                                                uint32_t w3, unsigned i)
{
    return i & 2 ? (i & 1 ? w3 : w2) : (i & 1 ? w1 : w0);
}

/** What the share of probabilities is multiplied by where a word was drawn: rng_uniform(). */
static __device__ __forceinline__ float left_by(const struct attend *a, uint32_t drawn)
{
    return (float)(drawn >> 8) * 0x1p-24f < a->dropout ? 0 : 1 / (1 - a->dropout);
}

/** What dropout makes of probability n: a factor. */
static __device__ __forceinline__ float kept_share(const struct attend *a, uint64_t n)
{
    uint32_t w[4];

    if (a->dropout == 0)
        return 1;
    philox_block(w, a->draw, n >> 2);
    return left_by(a, word(w[0], w[1], w[2], w[3], (unsigned)n & 3));
}

/** The same of four in a row, of which p[4] is multiplied; n may be up to 3 below 0. */
static __device__ __forceinline__ void drop_four(const struct attend *a, uint64_t n, float p[4])
{
    uint32_t w[8] = {0};
    unsigned off = (unsigned)n & 3;

    philox_block(w, a->draw, n >> 2);
    if (off)
        philox_block(w + 4, a->draw, (n + 4) >> 2);
#pragma unroll
    for (int e = 0; e < 4; e++)
        p[e] *= left_by(a, word(w[e], w[e + 1], w[e + 2], w[e + 3], off));
}

#endif
