/*
 * attend_fwd.cu: attention. A block takes a tile of queries and goes through the tiles of keys
 * that they meet, with a running largest logit, sum of exponentials and sum of values (Milakov
 * and Gimelshein 2018; Dao et al. 2022). Where a position has several slots these three are
 * kept for each, and joined by position in a fixed order.
 */
#include "attend_tile.h"

/* The shared memory of a block. */
struct ahead {
    struct attend a; /* the head's: registers are for products */
    float p[TILE * TILE_STEP];
    float slices[SLICES_FLOATS];
    struct queries q;
    struct keys k;
    float scale[TILE]; /* what the sums so far are multiplied by */
    float sum[TILE], largest[TILE];
};

/* What a row of queries has seen; the four threads of a row have the same. */
struct seen {
    float largest, sum;
};

/*
 * p[TILE,TILE]: logits become exp(logit - largest so far), less what dropout takes. Threads
 * 4 i to 4 i + 3 have row i, and of each 16 columns four. `first` is the slot of key 0.
 */
static __device__ __forceinline__ void soften(const struct attend *a, struct ahead *m,
                                              struct seen *seen, int first, size_t b)
{
    int row = threadIdx.x / 4, lane = threadIdx.x % 4;
    float *p = m->p + row * TILE_STEP + lane * 4, largest = seen->largest, sum = 0;
    bool drops = a->dropout > 0 && m->q.at[row] >= 0;
    uint64_t n = 0;

#pragma unroll
    for (int e = 0; e < TILE / 4; e++)
        largest = fmaxf(largest, p[e / 4 * 16 + e % 4]);
    largest = fmaxf(largest, __shfl_xor_sync(ALL_LANES, largest, 1));
    largest = fmaxf(largest, __shfl_xor_sync(ALL_LANES, largest, 2));
    if (drops)
        n = draw_of(a, b, m->q.at[row]) + (uint64_t)(int64_t)(first + m->q.shift[row]);
#pragma unroll 1
    for (int c = 0; c < TILE; c += 16) {
        float f[4];

#pragma unroll
        for (int e = 0; e < 4; e++) {
            f[e] = __expf(p[c + e] - largest);
            sum += f[e];
        }
        if (drops)
            drop_four(a, n + (uint64_t)(c + lane * 4), f);
#pragma unroll
        for (int e = 0; e < 4; e++)
            p[c + e] = f[e];
    }
    sum += __shfl_xor_sync(ALL_LANES, sum, 1);
    sum += __shfl_xor_sync(ALL_LANES, sum, 2);
    if (lane == 0)
        m->scale[row] = __expf(seen->largest - largest);
    seen->sum = seen->sum * __expf(seen->largest - largest) + sum;
    seen->largest = largest;
}

/* One tile of keys, from slot `first` to before `end`. */
template <int DP, bool BF>
static __device__ __forceinline__ void see_tile(const struct attend *a, struct ahead *m,
                                                float (&acc)[DP / 4], struct seen *seen,
                                                int first, int end, size_t b)
{
    float s[EACH * EACH];

    if (threadIdx.x < TILE) /* of the tile before nobody asks any more: tile_times() */
        find_key(a, &m->k, threadIdx.x, first, end);
    tile_dot<BF>(s, m->slices, a->qk, m->q.at, a->qk, m->k.at, a->D, a->wide);
    put_tile<BF>(m->p, s);
#pragma unroll 1
    for (int e = 0; e < EACH * EACH; e++) {
        int row = tile_row<BF>(e), column = tile_column<BF>(e);
        float *x = m->p + row * TILE_STEP + column;
        bool kept;

        *x = logit_of(a, &m->q, row, &m->k, column, first + column, *x, &kept);
    }
    __syncthreads();
    soften(a, m, seen, first, b);
    __syncthreads();
#pragma unroll
    for (int e = 0; e < DP / 4; e++)
        acc[e] *= m->scale[output_row<DP, BF>(e)];
    tile_times<DP, BF>(acc, m->p, m->slices, a->v, m->k.at, a->D, a->wide);
}

/* What was found goes to where the slots' positions are, divided by the sums, or to the slots
 * as it is: there a row that saw nothing leaves its place unwritten, as nobody reads it. */
template <int DP, bool BF>
static __device__ __forceinline__ void put_found(const struct attend *a, struct ahead *m,
                                                 const float (&acc)[DP / 4], struct span q)
{
    int i = threadIdx.x;

    if (i < TILE && q.from + i < q.to) {
        size_t row = (size_t)(a->by_slot ? q.from + i : position_of(a, q.from + i));

        a->to_stat[2 * row] = m->largest[i];
        a->to_stat[2 * row + 1] = a->by_slot || m->sum[i] == 0 ? m->sum[i] : 1 / m->sum[i];
    }
#pragma unroll
    for (int e = 0; e < DP / 4; e++) {
        int r = output_row<DP, BF>(e), d = output_column<DP, BF>(e), slot = q.from + r;

        if (slot >= q.to || d >= a->D)
            continue;
        if (a->by_slot && m->sum[r] != 0)
            a->to_q[(size_t)slot * a->D + d] = acc[e];
        if (!a->by_slot)
            a->to_q[(size_t)position_of(a, slot) * a->D + d] =
                m->sum[r] == 0 ? 0 : acc[e] / m->sum[r];
    }
}

template <int DP, bool BF>
static __global__ void __launch_bounds__(ATTEND_THREADS) k_attend_fwd(struct attend all)
{
    struct ahead *m = reinterpret_cast<struct ahead *>(rf_shared);
    const struct attend *a = share_head(&m->a, all, blockIdx.x / tiles_of(&all));
    struct span q = tile_of(a), k = keys_of_tile(a, q);
    size_t b = sequence_of(a, blockIdx.x / tiles_of(a));
    struct seen seen = {-1e30f, 0};
    float acc[DP / 4];

#pragma unroll
    for (int e = 0; e < DP / 4; e++)
        acc[e] = 0;
    if (find_queries(a, &m->q, q.from, q.to, false))
        for (int i = k.from; i < k.to; i += TILE)
            if (!all_later(a, q, span{i, min(i + TILE, k.to)}))
                see_tile<DP, BF>(a, m, acc, &seen, i, k.to, b);
    if (threadIdx.x % 4 == 0) {
        m->sum[threadIdx.x / 4] = seen.sum;
        m->largest[threadIdx.x / 4] = seen.largest;
    }
    __syncthreads();
    put_found<DP, BF>(a, m, acc, q);
}

/* A warp takes a position and joins what its slots found, in the order of the rounds. */
static __global__ void __launch_bounds__(ATTEND_THREADS)
    k_attend_join(struct attend all, float *o, unsigned heads)
{
    size_t first = thread_first() / CUDA_WARP, step = thread_stride() / CUDA_WARP;
    int lane = threadIdx.x % CUDA_WARP, T = all.T, rounds = all.slots / T;

    for (size_t row = first; row < (size_t)heads * T; row += step) {
        struct attend a = head_of(all, (unsigned)(row / T));
        int t = (int)(row % T);
        float *to = o + (a.qk - all.qk) + (size_t)t * a.D;
        float largest = -1e30f, sum = 0;

        for (int r = 0; r < rounds; r++)
            largest = fmaxf(largest, a.to_stat[2 * slot_of(&a, r, t)]);
        for (int r = 0; r < rounds; r++) {
            const float *stat = a.to_stat + 2 * slot_of(&a, r, t);

            sum += stat[1] * __expf(stat[0] - largest);
        }
        for (int d = lane; d < a.D; d += CUDA_WARP) {
            float x = 0;

            for (int r = 0; r < rounds; r++) {
                size_t slot = slot_of(&a, r, t);

                if (a.to_stat[2 * slot + 1] != 0)
                    x += a.to_q[slot * a.D + d] * __expf(a.to_stat[2 * slot] - largest);
            }
            to[d] = sum == 0 ? 0 : x / sum;
        }
        if (lane == 0) {
            a.stat[2 * (size_t)t] = largest;
            a.stat[2 * (size_t)t + 1] = sum == 0 ? 0 : 1 / sum;
        }
    }
}

/* --- LOCAL: means for padding; enum attend_padding */

static __device__ __forceinline__ bool gets_mean(const struct attend *a, int i, bool always)
{
    return !a->real[i] && asks(a, i) && (always || a->stat[2 * (size_t)i + 1] == 0);
}

/* A block takes a window of a head; threads take dimensions. Four blocks at a time are enough:
 * for more the registers would not do. */
static __global__ void __launch_bounds__(ATTEND_THREADS, 4)
    k_window_means(struct attend all, int windows, bool always)
{
    const struct attend *a = share_head(reinterpret_cast<struct attend *>(rf_shared), all,
                                        blockIdx.x / (unsigned)windows);
    int window = (int)(blockIdx.x % (unsigned)windows), n = 2 * a->C, ahead = a->causal ? 1 : 2;
    int own = window * n, end = min(own + n, a->queries), places = (a->back + ahead) * n;
    int from = max(0, (window - a->back) * n), to = min((window + ahead) * n, a->queries);
    bool any = false;

    for (int i = own + (int)threadIdx.x; i < end; i += ATTEND_THREADS)
        any = any || gets_mean(a, i, always);
    if (!__syncthreads_or(any))
        return;
    for (int d = threadIdx.x; d < a->D; d += ATTEND_THREADS) {
        float sum =
            (float)(to - from) - (float)places; /* -1 for each place that is not there */

        for (int j = from; j < to; j++)
            sum += a->v[(size_t)j * a->D + d];
        for (int i = own; i < end; i++)
            if (gets_mean(a, i, always))
                a->to_q[(size_t)i * a->D + d] = sum / (float)places;
    }
    __syncthreads();
    for (int i = own + (int)threadIdx.x; i < end; i += ATTEND_THREADS)
        if (gets_mean(a, i, always))
            a->stat[2 * (size_t)i + 1] = 0; /* for backward it saw nothing */
}

/* --- the op */

typedef void kernel_fwd(struct attend);

static kernel_fwd *kernel_of(int D, bool narrow)
{
    if (D <= 64)
        return narrow ? k_attend_fwd<64, true> : k_attend_fwd<64, false>;
    if (D <= 128)
        return narrow ? k_attend_fwd<128, true> : k_attend_fwd<128, false>;
    return narrow ? k_attend_fwd<256, true> : k_attend_fwd<256, false>;
}

static void one_pass(struct nn *nn, const struct attend *a, float *o, size_t heads,
                     const struct attend_dims *s)
{
    kernel_fwd *kernel = kernel_of(a->D, nn->about.dtype == NN_BF16);
    size_t rows = heads * s->T * CUDA_WARP;

    attend_prepare(nn, a, heads);
    CUDA_LAUNCH(nn, kernel, attend_tiles(a, heads), ATTEND_THREADS, sizeof(struct ahead), *a);
    if (a->by_slot)
        CUDA_LAUNCH(nn, k_attend_join, cuda_blocks(rows), ATTEND_THREADS, 0, *a, o,
                    (unsigned)heads);
    if (s->kind == ATTEND_LOCAL && s->padding != PADDING_SEES && a->real) {
        size_t windows = (s->queries + 2 * s->C - 1) / (2 * s->C);

        CUDA_LAUNCH(nn, k_window_means, dim3((unsigned)(heads * windows)), ATTEND_THREADS,
                    sizeof *a, *a, (int)windows, s->padding == PADDING_MEAN);
    }
}

void cuda_attend_fwd(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                     const int32_t *order, const int32_t *bucket, const uint8_t *real,
                     const struct attend_dims *s)
{
    struct attend a = {};
    size_t all = s->B * s->H, heads = card_attend_heads(s);

    a.qk = qk;
    a.v = v;
    a.order = order;
    a.bucket = bucket;
    a.real = real;
    a.stat = stat;
    a.to_q = o;
    if (!attend_begin(nn, &a, false, s))
        return;
    for (size_t first = 0; first < all; first += heads) {
        a.first = (unsigned)first;
        one_pass(nn, &a, o, heads < all - first ? heads : all - first, s);
    }
}
