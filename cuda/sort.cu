/*
 * sort.cu: positions of indices, those of equal indices together.
 *
 * Indices are few bytes, which any multiprocessor reads from the cache in no time, so there is
 * one launch without a histogram before it. A block has the indices of one bucket, which are
 * those of equal low bits. It goes through all indices, counts those of lower buckets, which is
 * where its own begin in the order, and puts the positions of its own there. Then it sorts them
 * by the other bits, DIGIT_BITS at a time, from the lowest on, each time stable; mostly there
 * is one such pass, for an index has few bits.
 */
#include "device.h"
#include "sort.h"

enum {
    DIGIT_BITS = 8,
    DIGITS = 1 << DIGIT_BITS,
    SORT_THREADS = 512,
    SORT_WARPS = SORT_THREADS / CUDA_WARP
};

static_assert(SORT_THREADS >= DIGITS, "a thread has a digit");

/* What the threads of a block tell each other. */
struct sort_shared {
    uint32_t below[SORT_WARPS];      /* by warp: indices of lower buckets */
    uint32_t own[SORT_WARPS];        /* and of this bucket */
    uint32_t bits[SORT_WARPS];       /* those bits that any of these has */
    uint32_t at[SORT_WARPS][DIGITS]; /* by warp: how many of a digit; then, where they go */
    uint32_t begin[DIGITS];          /* where a digit's positions begin */
};

/* A warp's stretch of n elements, a multiple of CUDA_WARP long but for the last. */
static __device__ __forceinline__ void stretch_of_warp(size_t n, size_t *begin, size_t *end)
{
    size_t step = (n + SORT_THREADS - 1) / SORT_THREADS * CUDA_WARP;

    *begin = threadIdx.x / CUDA_WARP * step;
    *begin = *begin < n ? *begin : n;
    *end = *begin + step < n ? *begin + step : n;
}

/* Lanes before this one of those in the mask. */
static __device__ __forceinline__ uint32_t lanes_before(uint32_t mask)
{
    return (uint32_t)__popc(mask & ((1U << threadIdx.x % CUDA_WARP) - 1));
}

/* By warp, of the indices of its stretch: how many are below the bucket, how many in it. */
static __device__ void count_bucket(struct sort_shared *s, const int32_t *index, size_t begin,
                                    size_t end, uint32_t bucket)
{
    uint32_t below = 0, own = 0, bits = 0;

#pragma unroll 4
    for (size_t i = begin + threadIdx.x % CUDA_WARP; i < end; i += CUDA_WARP) {
        uint32_t x = (uint32_t)index[i], low = x % DIGITS;

        below += low < bucket;
        own += low == bucket;
        bits |= low == bucket ? x : 0;
    }
    below = warp_sum(below);
    own = warp_sum(own);
    for (int o = CUDA_WARP / 2; o > 0; o >>= 1)
        bits |= __shfl_xor_sync(ALL_LANES, bits, o);
    if (threadIdx.x % CUDA_WARP == 0) {
        s->below[threadIdx.x / CUDA_WARP] = below;
        s->own[threadIdx.x / CUDA_WARP] = own;
        s->bits[threadIdx.x / CUDA_WARP] = bits;
    }
}

/* The positions of a bucket's indices go, in order, to to[]. */
static __device__ void list_bucket(uint32_t *to, const int32_t *index, size_t begin, size_t end,
                                   uint32_t bucket)
{
    for (size_t at = begin; at < end; at += CUDA_WARP) {
        size_t i = at + threadIdx.x % CUDA_WARP;
        bool own = i < end && (uint32_t)index[i] % DIGITS == bucket;
        uint32_t mask = __ballot_sync(ALL_LANES, own);

        if (own)
            to[lanes_before(mask)] = (uint32_t)i;
        to += __popc(mask);
    }
}

/* The lanes whose digit is this one's; of those that have none, nothing that is looked at. */
static __device__ __forceinline__ uint32_t lanes_alike(bool has, uint32_t digit)
{
    uint32_t mask = __ballot_sync(ALL_LANES, has);

    for (int bit = 0; bit < DIGIT_BITS; bit++) {
        uint32_t set = __ballot_sync(ALL_LANES, digit >> bit & 1);

        mask &= digit >> bit & 1 ? set : ~set;
    }
    return mask;
}

/* A warp goes through its stretch of from[], and counts digits in at[]; or, where `to` is not
 * NULL, puts each position where at[] has its digit's next one. */
static __device__ void digits_of_warp(uint32_t *at, uint32_t *to, const uint32_t *from,
                                      const int32_t *index, int shift, size_t begin, size_t end)
{
    for (size_t first = begin; first < end; first += CUDA_WARP) {
        size_t i = first + threadIdx.x % CUDA_WARP;
        bool has = i < end;
        uint32_t position = has ? from[i] : 0;
        uint32_t digit = has ? (uint32_t)index[position] >> shift & (DIGITS - 1) : 0;
        uint32_t alike = lanes_alike(has, digit), before = lanes_before(alike);
        uint32_t so_far = at[digit];

        if (has && to)
            to[so_far + before] = position;
        __syncwarp(); /* all have read before one writes */
        if (has && before == 0)
            at[digit] = so_far + (uint32_t)__popc(alike);
        __syncwarp();
    }
}

/* at[warp][digit], from how many there are to where they go: by digit, then by warp. */
static __device__ void place_digits(struct sort_shared *s)
{
    uint32_t digit = threadIdx.x, mine = 0;

    for (int w = 0; w < SORT_WARPS && digit < DIGITS; w++) {
        uint32_t count = s->at[w][digit];

        s->at[w][digit] = mine;
        mine += count;
    }
    if (digit < DIGITS)
        s->begin[digit] = mine;
    __syncthreads();
    /* begin[] becomes the sum of what it has up to each digit. */
    for (uint32_t o = 1; o < DIGITS; o *= 2) {
        uint32_t more = digit < DIGITS && digit >= o ? s->begin[digit - o] : 0;

        __syncthreads();
        if (digit < DIGITS)
            s->begin[digit] += more;
        __syncthreads();
    }
    for (int w = 0; w < SORT_WARPS && digit < DIGITS; w++)
        s->at[w][digit] += s->begin[digit] - mine;
    __syncthreads();
}

/* to[n] = from[n], sorted by one digit of the indices there; stable. */
static __device__ void sort_digit(struct sort_shared *s, uint32_t *to, const uint32_t *from,
                                  const int32_t *index, int shift, size_t n)
{
    uint32_t *at = s->at[threadIdx.x / CUDA_WARP];
    size_t begin, end;

    stretch_of_warp(n, &begin, &end);
    for (int i = threadIdx.x % CUDA_WARP; i < DIGITS; i += CUDA_WARP)
        at[i] = 0;
    __syncwarp();
    digits_of_warp(at, NULL, from, index, shift, begin, end);
    __syncthreads();
    place_digits(s);
    digits_of_warp(at, to, from, index, shift, begin, end);
    __syncthreads();
}

static __global__ void __launch_bounds__(SORT_THREADS)
    k_group(uint32_t *order, uint32_t *room, const int32_t *index, size_t m)
{
    struct sort_shared *s = (struct sort_shared *)rf_shared;
    size_t begin, end, base = 0, before = 0, own = 0;
    uint32_t bits = 0, *from, *to;

    stretch_of_warp(m, &begin, &end);
    count_bucket(s, index, begin, end, blockIdx.x);
    __syncthreads();
    for (unsigned w = 0; w < SORT_WARPS; w++) {
        base += s->below[w];
        before += w < threadIdx.x / CUDA_WARP ? s->own[w] : 0;
        own += s->own[w];
        bits |= s->bits[w];
    }
    /* From one array to the other, so that the last pass ends in order[]. */
    from = room + base;
    to = order + base;
    for (int shift = DIGIT_BITS; shift < 32 && bits >> shift; shift += DIGIT_BITS) {
        uint32_t *other = from;

        from = to;
        to = other;
    }
    list_bucket(to + before, index, begin, end, blockIdx.x);
    __syncthreads();
    for (int shift = DIGIT_BITS; shift < 32 && bits >> shift; shift += DIGIT_BITS) {
        uint32_t *other = from;

        from = to;
        to = other;
        sort_digit(s, to, from, index, shift, own);
    }
}

void cuda_group(struct nn *nn, uint32_t *order, uint32_t *room, const int32_t *index, size_t m)
{
    CUDA_LAUNCH(nn, k_group, dim3(m ? DIGITS : 0), SORT_THREADS, sizeof(struct sort_shared),
                order, room, index, m);
}
