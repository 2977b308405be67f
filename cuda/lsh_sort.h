/*
 * lsh_sort.h: a block sorts positions by their buckets; private to this folder.
 *
 * By digits of SORT_BITS bits, the lowest first, each pass keeping the order of equals. Each
 * warp has a stretch of the row: it counts its digits, all counts give each warp its place for
 * each digit, and it then goes through its stretch in order, 32 positions at a time. Counts are
 * whole numbers, so the order in which they are added up means nothing.
 */
#ifndef CUDA_LSH_SORT_H
#define CUDA_LSH_SORT_H

#include "device.h"

enum { SORT_THREADS = 512, SORT_WARPS = SORT_THREADS / CUDA_WARP, SORT_BITS = 8 };
enum { SORT_DIGITS = 1 << SORT_BITS };

/** The shared memory that sort_row() works in. */
struct sort_counts {
    int of[SORT_DIGITS][SORT_WARPS]; /* counts, then where the warp's next such digit goes */
    int all[SORT_DIGITS];
};

/** Passes for buckets below N. */
static inline int sort_passes(size_t N)
{
    int bits = 0;

    while (bits < 32 && (N - 1) >> bits)
        bits++;
    return bits > SORT_BITS ? (bits + SORT_BITS - 1) / SORT_BITS : 1;
}

/** Lanes of the warp, all of which call it, whose x has the same `bits` lowest bits as this
 * one's; none where `is` is false. */
static __device__ __forceinline__ unsigned lanes_alike(int x, int bits, bool is)
{
    unsigned alike = __ballot_sync(ALL_LANES, is);

    for (int b = 0; b < bits; b++) {
        unsigned set = __ballot_sync(ALL_LANES, x >> b & 1);

        alike &= x >> b & 1 ? set : ~set;
    }
    return is ? alike : 0;
}

/* Counts become places: of the digits below, and of this digit in the warps before. */
static __device__ __forceinline__ void find_places(struct sort_counts *c)
{
    int digit = threadIdx.x, sum = 0;

    if (digit < SORT_DIGITS) {
        for (int w = 0; w < SORT_WARPS; w++)
            sum += c->of[digit][w];
        c->all[digit] = sum;
    }
    __syncthreads();
    if (digit < CUDA_WARP) { /* a lane has 8 digits in a row */
        int each = SORT_DIGITS / CUDA_WARP, before = 0, own = 0;

        for (int i = 0; i < each; i++)
            own += c->all[digit * each + i];
        for (int lane = 0; lane < CUDA_WARP; lane++) {
            int theirs = __shfl_sync(ALL_LANES, own, lane);

            before += lane < digit ? theirs : 0;
        }
        for (int i = 0; i < each; i++) {
            int n = c->all[digit * each + i];

            c->all[digit * each + i] = before;
            before += n;
        }
    }
    __syncthreads();
    if (digit < SORT_DIGITS) {
        int at = c->all[digit];

        for (int w = 0; w < SORT_WARPS; w++) {
            int n = c->of[digit][w];

            c->of[digit][w] = at;
            at += n;
        }
    }
    __syncthreads();
}

/* One pass: to[T] are the positions of from[T], NULL: in order, by the digit at bit `shift`. */
static __device__ __forceinline__ void sort_pass(struct sort_counts *c, int32_t *to,
                                                 const int32_t *from, const int32_t *bucket,
                                                 int T, int shift)
{
    int lane = threadIdx.x % CUDA_WARP, warp = threadIdx.x / CUDA_WARP;
    int stretch = (T + SORT_THREADS - 1) / SORT_THREADS * CUDA_WARP;
    int begin = warp * stretch, end = min(begin + stretch, T);

    for (int i = threadIdx.x; i < SORT_DIGITS * SORT_WARPS; i += SORT_THREADS)
        c->of[i / SORT_WARPS][i % SORT_WARPS] = 0;
    __syncthreads();
    for (int i = begin + lane; i < end; i += CUDA_WARP)
        atomicAdd(&c->of[bucket[from ? from[i] : i] >> shift & (SORT_DIGITS - 1)][warp], 1);
    __syncthreads();
    find_places(c);
    for (int i = begin; i < end; i += CUDA_WARP) {
        bool is = i + lane < end;
        int t = !is ? 0 : from ? from[i + lane] : i + lane;
        int digit = is ? bucket[t] >> shift & (SORT_DIGITS - 1) : 0;
        unsigned alike = lanes_alike(digit, SORT_BITS, is);
        int rank = __popc(alike & ((1u << lane) - 1)), at = is ? c->of[digit][warp] : 0;

        if (is)
            to[at + rank] = t;
        __syncwarp();
        if (is && rank == 0)
            c->of[digit][warp] = at + __popc(alike);
        __syncwarp();
    }
    __syncthreads();
}

/** to[T]: positions sorted by (bucket[T], position), in so many passes; spare[T] is room, not
 * needed for one. All SORT_THREADS threads of the block call it. */
static __device__ __forceinline__ void sort_row(struct sort_counts *c, int32_t *to,
                                                int32_t *spare, const int32_t *bucket, int T,
                                                int passes)
{
    const int32_t *from = NULL;

    for (int p = 0; p < passes; p++) {
        int32_t *next = (passes - p) % 2 ? to : spare;

        sort_pass(c, next, from, bucket, T, p * SORT_BITS);
        from = next;
    }
}

#endif
