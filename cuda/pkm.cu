/* pkm.cu: product-key memory: the best sums of two halves, and weighted sums of rows. */
#include "dense.h"

enum {
    WARPS = CUDA_THREADS / CUDA_WARP,
    LISTS = PKM_TOPK_MAX / CUDA_WARP, /* numbers of the best that a lane has, at most */
    ROOMY = 4 /* blocks on a multiprocessor: they may have 64 registers a thread, while the
                 compiler would take fewer and keep numbers in memory */
};

/* --- the best of a half */

/* Scores as integers in their order, NaN the largest and both zeros equal, above their indices
 * in falling order: so that of equal scores the first is the larger key. 0 is below all. */
static __device__ __forceinline__ unsigned long long key_of(float score, unsigned index)
{
    unsigned bits = __float_as_uint(score + 0.0f);

    bits = isnan(score) ? UINT32_MAX : bits & 0x80000000u ? ~bits : bits | 0x80000000u;
    return (unsigned long long)bits << 32 | (UINT32_MAX - index);
}

static __device__ __forceinline__ unsigned index_of(unsigned long long key)
{
    return UINT32_MAX - (unsigned)key;
}

static __device__ __forceinline__ unsigned long long warp_largest(unsigned long long key)
{
    for (int o = CUDA_WARP / 2; o > 0; o >>= 1) {
        unsigned long long other = __shfl_xor_sync(ALL_LANES, key, o);

        key = other > key ? other : key;
    }
    return key;
}

/*
 * best[k] = the indices of the largest of score[K], in order. A lane keeps every 32nd key, at
 * most N of them; each time the largest of all is found, its lane takes it out.
 */
template <int N>
static __device__ void best_of_half(unsigned *best, const float *score, unsigned K, unsigned k)
{
    unsigned lane = threadIdx.x % CUDA_WARP;
    unsigned long long key[N], mine = 0;

#pragma unroll
    for (int i = 0; i < N; i++) {
        unsigned at = lane + (unsigned)i * CUDA_WARP;

        key[i] = at < K ? key_of(score[at], at) : 0;
        mine = key[i] > mine ? key[i] : mine;
    }
    for (unsigned n = 0; n < k; n++) {
        unsigned long long largest = warp_largest(mine);

        if (lane == 0)
            best[n] = index_of(largest);
        if (mine != largest)
            continue;
        mine = 0;
#pragma unroll
        for (int i = 0; i < N; i++) {
            key[i] = key[i] == largest ? 0 : key[i];
            mine = key[i] > mine ? key[i] : mine;
        }
    }
}

/* --- the best sums */

/* The order of slots is NaN, falling score, rising index. */
struct slot {
    double score;
    unsigned index;
};

static __device__ __forceinline__ bool before(struct slot x, struct slot y)
{
    if (isnan(x.score) || isnan(y.score))
        return isnan(x.score) && (!isnan(y.score) || x.index < y.index);
    return x.score > y.score || (x.score == y.score && x.index < y.index);
}

/* Behind all others. */
static __device__ __forceinline__ struct slot no_slot(void)
{
    struct slot s = {-HUGE_VAL, UINT32_MAX};

    return s;
}

static __device__ __forceinline__ struct slot first_of_warp(struct slot s)
{
    for (int o = CUDA_WARP / 2; o > 0; o >>= 1) {
        struct slot other = {__shfl_xor_sync(ALL_LANES, s.score, o),
                             __shfl_xor_sync(ALL_LANES, s.index, o)};

        s = before(other, s) ? other : s;
    }
    return s;
}

/* The best k of each half of a row, as a warp found them. */
struct halves {
    unsigned a[PKM_TOPK_MAX], b[PKM_TOPK_MAX];
};

/* The first of list i that is left, its number `next`. */
static __device__ __forceinline__ struct slot head_of(const struct halves *h,
                                                      const float *score, unsigned K,
                                                      unsigned k, unsigned i, unsigned next)
{
    struct slot s;

    if (i >= k || next >= k)
        return no_slot();
    s.score = (double)score[h->a[i]] + (double)score[K + h->b[next]];
    s.index = h->a[i] * K + h->b[next];
    return s;
}

/*
 * The best k sums of a row, in order, number n in slot n / 32 of lane n % 32: as a merge of k
 * lists, list i being the i-th of the first half with every one of the second. Lane l has lists
 * l and l + 32.
 */
static __device__ void best_sums(struct slot best[LISTS], const struct halves *h,
                                 const float *score, unsigned K, unsigned k)
{
    unsigned lane = threadIdx.x % CUDA_WARP, next[LISTS];
    struct slot head[LISTS];

#pragma unroll
    for (int i = 0; i < LISTS; i++) {
        next[i] = 0;
        head[i] = head_of(h, score, K, k, lane + (unsigned)i * CUDA_WARP, 0);
        best[i] = no_slot();
    }
    for (unsigned n = 0; n < k; n++) {
        struct slot first = first_of_warp(before(head[1], head[0]) ? head[1] : head[0]);

#pragma unroll
        for (unsigned i = 0; i < LISTS; i++) {
            if (n == lane + i * CUDA_WARP)
                best[i] = first;
            if (head[i].index == first.index)
                head[i] = head_of(h, score, K, k, lane + i * CUDA_WARP, ++next[i]);
        }
    }
}

/* A warp a row; N: keys of a half that a lane has. */
template <int N>
static __global__ void __launch_bounds__(CUDA_THREADS, ROOMY)
    k_pkm_select(int32_t *index, float *weight, const float *score, size_t rows, unsigned K,
                 unsigned k)
{
    __shared__ struct halves of_warps[WARPS];
    struct halves *h = &of_warps[threadIdx.x / CUDA_WARP];
    size_t row = (size_t)blockIdx.x * WARPS + threadIdx.x / CUDA_WARP;
    unsigned lane = threadIdx.x % CUDA_WARP;
    struct slot best[LISTS];
    float e[LISTS], sum = 0;
    double most;

    if (row >= rows)
        return;
    score += row * 2 * K;
    best_of_half<N>(h->a, score, K, k);
    best_of_half<N>(h->b, score + K, K, k);
    __syncwarp();
    best_sums(best, h, score, K, k);
    most = __shfl_sync(ALL_LANES, best[0].score, 0);
#pragma unroll
    for (unsigned i = 0; i < LISTS; i++) {
        e[i] = lane + i * CUDA_WARP < k ? expf((float)(best[i].score - most)) : 0;
        sum += e[i];
    }
    sum = warp_sum(sum);
#pragma unroll
    for (unsigned i = 0; i < LISTS; i++)
        if (lane + i * CUDA_WARP < k) {
            index[row * k + lane + i * CUDA_WARP] = (int32_t)best[i].index;
            weight[row * k + lane + i * CUDA_WARP] = e[i] / sum;
        }
}

void cuda_pkm_select(struct nn *nn, int32_t *index, float *weight, const float *score,
                     size_t rows, size_t K, size_t k)
{
    const int SMALL = 4, LARGE = PKM_KEYS_MAX / CUDA_WARP;
    dim3 grid((unsigned)parts_of(rows, WARPS));

    if (K <= (size_t)SMALL * CUDA_WARP)
        CUDA_LAUNCH(nn, k_pkm_select<SMALL>, grid, CUDA_THREADS, 0, index, weight, score, rows,
                    (unsigned)K, (unsigned)k);
    else
        CUDA_LAUNCH(nn, k_pkm_select<LARGE>, grid, CUDA_THREADS, 0, index, weight, score, rows,
                    (unsigned)K, (unsigned)k);
}

/* A warp a row. Keys that several slots share are added up in the slots' order, the first
 * halves' by one lane and the second ones' by another, in shared memory: 2 K floats a warp. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_pkm_select_bwd(float *dscore, const float *dweight, const int32_t *index,
                     const float *weight, size_t rows, unsigned K, unsigned k)
{
    float *d = (float *)rf_shared + threadIdx.x / CUDA_WARP * 2 * K;
    size_t row = (size_t)blockIdx.x * WARPS + threadIdx.x / CUDA_WARP;
    unsigned lane = threadIdx.x % CUDA_WARP;
    float mean = 0;

    if (row >= rows)
        return;
    for (size_t i = row * k + lane; i < (row + 1) * k; i += CUDA_WARP)
        mean += weight[i] * dweight[i];
    mean = warp_sum(mean);
    for (unsigned i = lane; i < 2 * K; i += CUDA_WARP)
        d[i] = 0 * mean; /* a NaN goes everywhere: which slots were best means nothing */
    __syncwarp();
    if (lane < 2)
        for (size_t i = row * k; i < (row + 1) * k; i++) {
            unsigned key = lane == 0 ? (unsigned)index[i] / K : K + (unsigned)index[i] % K;

            d[key] += weight[i] * (dweight[i] - mean);
        }
    __syncwarp();
    for (unsigned i = lane; i < 2 * K; i += CUDA_WARP)
        dscore[row * 2 * K + i] = d[i];
}

void cuda_pkm_select_bwd(struct nn *nn, float *dscore, const float *dweight,
                         const int32_t *index, const float *weight, size_t rows, size_t K,
                         size_t k)
{
    CUDA_LAUNCH(nn, k_pkm_select_bwd, dim3((unsigned)parts_of(rows, WARPS)), CUDA_THREADS,
                WARPS * 2 * K * sizeof(float), dscore, dweight, index, weight, rows,
                (unsigned)K, (unsigned)k);
}

/* --- bags */

/* A block has CUDA_THREADS columns of a row, a thread each; what all need of a slot is the same
 * for the whole block. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_bag(float *y, const float *x, const int32_t *index, const float *weight, size_t m,
          size_t n, size_t across)
{
    size_t row = blockIdx.x / across;
    size_t j = blockIdx.x % across * CUDA_THREADS + threadIdx.x;
    float sum = 0;

    if (j >= n)
        return;
#pragma unroll 4
    for (size_t i = row * m; i < (row + 1) * m; i++)
        sum += weight[i] * x[(size_t)index[i] * n + j];
    y[row * n + j] = sum;
}

void cuda_bag_fwd(struct nn *nn, float *y, const float *x, const int32_t *index,
                  const float *weight, size_t rows, size_t m, size_t n)
{
    size_t across = parts_of(n, CUDA_THREADS);

    CUDA_LAUNCH(nn, k_bag, dim3((unsigned)(rows * across)), CUDA_THREADS, 0, y, x, index,
                weight, m, n, across);
}

/* A warp for each of dweight[pairs]; pair p is of row p / m. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_bag_weights(float *dweight, const float *dy, const float *x, const int32_t *index,
                  size_t pairs, size_t m, size_t n)
{
    size_t pair = (size_t)blockIdx.x * WARPS + threadIdx.x / CUDA_WARP;
    const float *from, *of;
    float sum = 0;

    if (pair >= pairs)
        return;
    from = x + (size_t)index[pair] * n;
    of = dy + pair / m * n;
    for (size_t j = threadIdx.x % CUDA_WARP; j < n; j += CUDA_WARP)
        sum += of[j] * from[j];
    sum = warp_sum(sum);
    if (threadIdx.x % CUDA_WARP == 0)
        dweight[pair] = sum;
}

/*
 * dx[slots,n] added to. Each slot belongs to one block, which looks through the indices of all
 * pairs, gathers its own in order, and adds them in that order, a column a thread: so no two
 * blocks write the same numbers, and no sum depends on how many blocks, a power of two, there
 * are. To look through all takes a block 4 bytes a pair, of the cache that all share; to add
 * one takes 12 n.
 */
enum { LOOKS = 4, LOOKED = LOOKS * CUDA_THREADS, BLOCKS_MAX = 1024 };

/* Pairs that were found, and those of each warp in the stretch that is looked at. */
struct found {
    unsigned count;
    unsigned of_warp[WARPS];
    size_t pair[2 * LOOKED];
};

/* Of the pairs from `at` on, LOOKED of them, the block's own are put behind those found before.
 * A warp looks at LOOKS times 32 in a row. */
static __device__ void look(struct found *f, const int32_t *index, size_t at, size_t pairs)
{
    unsigned lane = threadIdx.x % CUDA_WARP, warp = threadIdx.x / CUDA_WARP, own[LOOKS];
    unsigned all = 0, to = f->count;
    size_t first = at + (size_t)warp * LOOKS * CUDA_WARP + lane;

#pragma unroll
    for (unsigned i = 0; i < LOOKS; i++) {
        size_t pair = first + (size_t)i * CUDA_WARP;
        bool mine = pair < pairs && ((unsigned)index[pair] & (gridDim.x - 1)) == blockIdx.x;

        own[i] = __ballot_sync(ALL_LANES, mine);
        all += (unsigned)__popc(own[i]);
    }
    if (lane == 0)
        f->of_warp[warp] = all;
    __syncthreads();
    for (unsigned w = 0; w < warp; w++)
        to += f->of_warp[w];
#pragma unroll
    for (unsigned i = 0; i < LOOKS; i++) {
        if (own[i] >> lane & 1)
            f->pair[to + (unsigned)__popc(own[i] & ((1u << lane) - 1))] =
                first + (size_t)i * CUDA_WARP;
        to += (unsigned)__popc(own[i]);
    }
    if (threadIdx.x == CUDA_THREADS - 1)
        f->count = to; /* the last warp's, behind whose pairs there are no others */
    __syncthreads();
}

static __device__ void add_found(const struct found *f, float *dx, const float *dy,
                                 const int32_t *index, const float *weight, size_t m, size_t n)
{
    for (size_t j = threadIdx.x; j < n; j += CUDA_THREADS)
        for (unsigned i = 0; i < f->count; i++) {
            size_t pair = f->pair[i];

            dx[(size_t)index[pair] * n + j] += weight[pair] * dy[pair / m * n + j];
        }
}

static __global__ void __launch_bounds__(CUDA_THREADS, ROOMY)
    k_bag_scatter(float *dx, const float *dy, const int32_t *index, const float *weight,
                  size_t pairs, size_t m, size_t n)
{
    __shared__ struct found f;

    if (threadIdx.x == 0)
        f.count = 0;
    __syncthreads();
    for (size_t at = 0; at < pairs; at += LOOKED) {
        look(&f, index, at, pairs);
        if (f.count < LOOKED && at + LOOKED < pairs)
            continue;
        add_found(&f, dx, dy, index, weight, m, n);
        __syncthreads();
        if (threadIdx.x == 0)
            f.count = 0;
        __syncthreads();
    }
}

void cuda_bag_bwd(struct nn *nn, float *dx, float *dweight, const float *dy, const float *x,
                  const int32_t *index, const float *weight, size_t rows, size_t m, size_t n)
{
    size_t pairs = rows * m;
    unsigned blocks = BLOCKS_MAX;

    while (blocks > pairs && blocks > 1)
        blocks /= 2;
    CUDA_LAUNCH(nn, k_bag_weights, dim3((unsigned)parts_of(pairs, WARPS)), CUDA_THREADS, 0,
                dweight, dy, x, index, pairs, m, n);
    CUDA_LAUNCH(nn, k_bag_scatter, dim3(blocks), CUDA_THREADS, 0, dx, dy, index, weight, pairs,
                m, n);
}
