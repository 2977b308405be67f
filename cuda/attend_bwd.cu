/*
 * attend_bwd.cu: gradients of attention. With P = exp(logit - largest) / sum, and P' what
 * dropout leaves of it, dv_j is the sum of P' grad_o_i, and dlogit = P' grad_o_i . v_j -
 * P grad_o_i . o_i. P is computed anew, twice: blocks that have a tile of queries find what
 * goes to these, then blocks that have a tile of keys what goes to those, so that no two blocks
 * add to the same numbers. Where a position has several slots the gradients of each are kept
 * and added up by position in the order of the rounds.
 */
#include "attend_tile.h"

/* The shared memory of a block. */
struct behind {
    struct attend a; /* the head's: registers are for products */
    float p[TILE * TILE_STEP];
    float slices[SLICES_FLOATS];
    struct queries q;
    struct keys k;
};

/* Of a pair: P', and dlogit of the product of query and key, which is 0 where a mask overwrote
 * it. `slot` is the key's, from_v grad_o . v. */
struct flow {
    float p, g;
};

static __device__ __forceinline__ struct flow flow_of(const struct attend *a,
                                                      const struct behind *m, int qi, int ki,
                                                      int slot, float product, float from_v,
                                                      size_t b)
{
    struct flow f = {0, 0};
    bool kept;
    float x = logit_of(a, &m->q, qi, &m->k, ki, slot, product, &kept), p, share;

    if (x == -INFINITY)
        return f;
    p = __expf(x - m->q.largest[qi]) * m->q.share[qi];
    share =
        kept_share(a, draw_of(a, b, m->q.at[qi]) + (uint64_t)(int64_t)(slot + m->q.shift[qi]));
    f.p = p * share;
    if (kept)
        f.g = (f.p * from_v - p * m->q.go_o[qi]) * m->k.inv[ki];
    return f;
}

/* p[TILE,TILE] = qk . qk and slices[TILE,TILE] = grad_o . v of pairs; each thread has its own
 * elements there, for a loop. x: rows of the block's own tile, y: of the other. */
template <bool BF>
static __device__ __forceinline__ void put_products(const struct attend *a, struct behind *m,
                                                    const int *own, const float *x,
                                                    const int *other, const float *y)
{
    float s[EACH * EACH];

    tile_dot<BF>(s, m->slices, a->qk, own, a->qk, other, a->D, a->wide);
    put_tile<BF>(m->p, s);
    tile_dot<BF>(s, m->slices, x, own, y, other, a->D, a->wide);
    __syncthreads(); /* slices are done with */
    put_tile<BF>(m->slices, s);
}

/* --- queries */

/* A tile of keys, from slot `first` to before `end`: acc += dlogit . qk of keys. */
template <int DP, bool BF>
static __device__ __forceinline__ void key_tile(const struct attend *a, struct behind *m,
                                                float (&acc)[DP / 4], int first, int end,
                                                size_t b)
{
    __syncthreads(); /* the tile before is done with */
    if (threadIdx.x < TILE)
        find_key(a, &m->k, threadIdx.x, first, end);
    put_products<BF>(a, m, m->q.at, a->grad_o, m->k.at, a->v);
#pragma unroll 1
    for (int e = 0; e < EACH * EACH; e++) {
        int row = tile_row<BF>(e), column = tile_column<BF>(e), at = row * TILE_STEP + column;

        m->p[at] = flow_of(a, m, row, column, first + column, m->p[at], m->slices[at], b).g;
    }
    tile_times<DP, BF>(acc, m->p, m->slices, a->qk, m->k.at, a->D, a->wide);
}

template <int DP, bool BF>
static __global__ void __launch_bounds__(ATTEND_THREADS) k_attend_queries(struct attend all)
{
    struct behind *m = reinterpret_cast<struct behind *>(rf_shared);
    const struct attend *a = share_head(&m->a, all, blockIdx.x / tiles_of(&all));
    struct span q = tile_of(a), k = keys_of_tile(a, q);
    size_t b = sequence_of(a, blockIdx.x / tiles_of(a));
    float acc[DP / 4];

#pragma unroll
    for (int e = 0; e < DP / 4; e++)
        acc[e] = 0;
    if (find_queries(a, &m->q, q.from, q.to, true))
        for (int i = k.from; i < k.to; i += TILE)
            if (!all_later(a, q, span{i, min(i + TILE, k.to)}))
                key_tile<DP, BF>(a, m, acc, i, k.to, b);
#pragma unroll
    for (int e = 0; e < DP / 4; e++) {
        int slot = q.from + output_row<DP, BF>(e), d = output_column<DP, BF>(e);

        if (slot < q.to && d < a->D)
            a->to_q[(size_t)(a->by_slot ? slot : position_of(a, slot)) * a->D + d] = acc[e];
    }
}

/* --- keys */

/* A tile of queries, from slot `first` to before `end`, with keys from slot `own`: dv += P'
 * grad_o, dk += dlogit . qk of queries. */
template <int DP, bool BF>
static __device__ __forceinline__ void query_tile(const struct attend *a, struct behind *m,
                                                  float (&dk)[DP / 4], float (&dv)[DP / 4],
                                                  int own, int first, int end, size_t b)
{
    float g[EACH * EACH];

    /* Of the tile before nobody asks any more: tile_times(). */
    if (!find_queries(a, &m->q, first, end, true))
        return;
    put_products<BF>(a, m, m->k.at, a->v, m->q.at, a->grad_o);
#pragma unroll 1
    for (int e = 0; e < EACH * EACH; e++) {
        int row = tile_row<BF>(e), column = tile_column<BF>(e), at = row * TILE_STEP + column;
        struct flow f = flow_of(a, m, column, row, own + row, m->p[at], m->slices[at], b);

        m->p[at] = f.p;
        m->slices[at] = f.g;
    }
    get_tile<BF>(g, m->slices);
    tile_times<DP, BF>(dv, m->p, m->slices, a->grad_o, m->q.at, a->D, a->wide);
    __syncthreads();
    put_tile<BF>(m->p, g);
    tile_times<DP, BF>(dk, m->p, m->slices, a->qk, m->q.at, a->D, a->wide);
}

/* The sums over a row of an output [TILE,DP] of what each thread has of it, for the rows of the
 * thread's own elements. `room` is that of a tile. */
template <int DP, bool BF>
static __device__ __forceinline__ void sum_rows(float (&sum)[parts<BF>::ROWS], float *room)
{
    __syncthreads();
#pragma unroll
    for (int r = 0; r < parts<BF>::ROWS; r++)
        room[output_row<DP, BF>(element_of<DP, BF>(r)) * TILE_STEP + sharer<BF>()] = sum[r];
    __syncthreads();
#pragma unroll
    for (int r = 0; r < parts<BF>::ROWS; r++) {
        int row = output_row<DP, BF>(element_of<DP, BF>(r));

        sum[r] = 0;
        for (int i = 0; i < parts<BF>::SHARERS; i++)
            sum[r] += room[row * TILE_STEP + i];
    }
}

/*
 * dk, as it stands, is the gradient of the unit key u divided by |qk|: of it what lies along
 * u, u (u . dk), does not come through, where |qk| is above 1e-12. It is added to what the
 * queries left.
 */
template <int DP, bool BF>
static __device__ __forceinline__ void put_keys(const struct attend *a, struct behind *m,
                                                const float (&dk)[DP / 4],
                                                const float (&dv)[DP / 4], struct span k)
{
    float along[parts<BF>::ROWS];

#pragma unroll
    for (int r = 0; r < parts<BF>::ROWS; r++)
        along[r] = 0;
#pragma unroll
    for (int e = 0; e < DP / 4; e++) {
        int r = output_row<DP, BF>(e), d = output_column<DP, BF>(e), slot = k.from + r;

        if (slot < k.to && d < a->D)
            along[own_row<DP, BF>(e)] += dk[e] * a->qk[(size_t)position_of(a, slot) * a->D + d];
    }
    sum_rows<DP, BF>(along, m->p);
#pragma unroll
    for (int e = 0; e < DP / 4; e++) {
        int r = output_row<DP, BF>(e), d = output_column<DP, BF>(e), slot = k.from + r, at;
        size_t row;
        float inv;

        if (slot >= k.to || d >= a->D)
            continue;
        at = position_of(a, slot);
        row = (size_t)(a->by_slot ? slot : at);
        inv = a->inv[at] * sqrtf((float)a->D); /* 1 / max(|qk|, 1e-12) */
        a->to_v[row * a->D + d] = dv[e];
        a->to_q[row * a->D + d] +=
            dk[e] - (inv >= 1e12f ? 0
                                  : a->qk[(size_t)at * a->D + d] * inv *
                                        (along[own_row<DP, BF>(e)] * inv));
    }
}

/* Two outputs in registers leave no room for a second block where heads are large. */
template <int DP, bool BF>
static __global__ void __launch_bounds__(ATTEND_THREADS, DP > 64 ? 1 : 2)
    k_attend_keys(struct attend all)
{
    struct behind *m = reinterpret_cast<struct behind *>(rf_shared);
    const struct attend *a = share_head(&m->a, all, blockIdx.x / tiles_of(&all));
    struct span k = tile_of(a), q = queries_of_tile(a, k);
    size_t b = sequence_of(a, blockIdx.x / tiles_of(a));
    float dk[DP / 4], dv[DP / 4];
    bool any = false;

#pragma unroll
    for (int e = 0; e < DP / 4; e++)
        dk[e] = dv[e] = 0;
    if (threadIdx.x < TILE) {
        find_key(a, &m->k, threadIdx.x, k.from, k.to);
        any = m->k.at[threadIdx.x] >= 0;
    }
    if (__syncthreads_or(any))
        for (int i = q.from; i < q.to; i += TILE)
            if (!all_later(a, span{i, min(i + TILE, q.to)}, k))
                query_tile<DP, BF>(a, m, dk, dv, k.from, i, q.to, b);
    put_keys<DP, BF>(a, m, dk, dv, k);
}

/* A thread takes a number of a position and adds up what its slots have. */
static __global__ void __launch_bounds__(ATTEND_THREADS)
    k_attend_gather(struct attend all, float *dqk, float *dv, unsigned heads)
{
    size_t one = (size_t)all.T * all.D;
    int rounds = all.slots / all.T;

    for (size_t n = thread_first(); n < heads * one; n += thread_stride()) {
        struct attend a = head_of(all, (unsigned)(n / one));
        int t = (int)(n % one / a.D), d = (int)(n % a.D);
        size_t to = (size_t)(a.qk - all.qk) + n % one;
        float of_qk = 0, of_v = 0;

        for (int r = 0; r < rounds; r++) {
            size_t from = slot_of(&a, r, t) * a.D + d;

            of_qk += a.to_q[from];
            of_v += a.to_v[from];
        }
        dqk[to] = of_qk;
        dv[to] = of_v;
    }
}

/* --- the op */

typedef void kernel_bwd(struct attend);

template <int DP> static void both(struct nn *nn, const struct attend *a, size_t heads)
{
    bool narrow = nn->about.dtype == NN_BF16;
    kernel_bwd *queries = narrow ? k_attend_queries<DP, true> : k_attend_queries<DP, false>;
    kernel_bwd *keys = narrow ? k_attend_keys<DP, true> : k_attend_keys<DP, false>;
    dim3 tiles = attend_tiles(a, heads);

    CUDA_LAUNCH(nn, queries, tiles, ATTEND_THREADS, sizeof(struct behind), *a);
    CUDA_LAUNCH(nn, keys, tiles, ATTEND_THREADS, sizeof(struct behind), *a);
}

static void one_pass(struct nn *nn, const struct attend *a, float *dqk, float *dv, size_t heads)
{
    attend_prepare(nn, a, heads);
    if (a->D <= 64)
        both<64>(nn, a, heads);
    else if (a->D <= 128)
        both<128>(nn, a, heads);
    else
        both<256>(nn, a, heads);
    if (a->by_slot)
        CUDA_LAUNCH(nn, k_attend_gather, cuda_blocks(heads * (size_t)a->T * (size_t)a->D),
                    ATTEND_THREADS, 0, *a, dqk, dv, (unsigned)heads);
}

void cuda_attend_bwd(struct nn *nn, float *dqk, float *dv, const float *grad_o, const float *o,
                     const float *stat, const float *qk, const float *v, const int32_t *order,
                     const int32_t *bucket, const uint8_t *real, const struct attend_dims *s)
{
    struct attend a = {};
    size_t all = s->B * s->H, heads = card_attend_heads(s);

    a.qk = qk;
    a.v = v;
    a.o = o;
    a.grad_o = grad_o;
    a.order = order;
    a.bucket = bucket;
    a.real = real;
    a.stat = (float *)(uintptr_t)stat; /* read alone */
    a.to_q = dqk;
    a.to_v = dv;
    if (!attend_begin(nn, &a, true, s))
        return;
    for (size_t first = 0; first < all; first += heads) {
        a.first = (unsigned)first;
        one_pass(nn, &a, dqk, dv, heads < all - first ? heads : all - first);
    }
}
