/* hash.cu: the buckets of vectors, always in float32. */
#include <float.h>

#include "device.h"

/* A block hashes ROWS vectors in one round, by panels of COLUMNS rotations; slices of SLICE
 * dimensions of both lie in shared memory. Threads form a square of SIDE by SIDE, each with
 * EACH by EACH scores. */
enum { ROWS = 64, COLUMNS = 64, SLICE = 32, SIDE = 16, EACH = 4, STEP = SLICE + 1 };

static_assert(SIDE * SIDE == CUDA_THREADS && SIDE * EACH == ROWS && ROWS == COLUMNS, "square");

struct slices {
    float x[ROWS * STEP];
    float rot[SLICE * COLUMNS];
};

/* The largest score so far of rotations and of their opposites, and which. */
struct best {
    float high, low;
    int at_high, at_low;
};

/* The kernel's arguments that all its functions need. */
struct hash {
    const float *x;   /* [T,D] of the head */
    const float *rot; /* [D,step] from the round on */
    int T, D, step;
};

static __device__ __forceinline__ void fetch(const struct hash *h, struct slices *m, int row,
                                             int column, int half, int d)
{
    for (int i = threadIdx.x; i < ROWS * SLICE; i += CUDA_THREADS) {
        int r = i / SLICE, k = i % SLICE;
        bool is = row + r < h->T && d + k < h->D;

        m->x[r * STEP + k] = is ? h->x[(size_t)(row + r) * h->D + d + k] : 0;
    }
    for (int i = threadIdx.x; i < SLICE * COLUMNS; i += CUDA_THREADS) {
        int k = i / COLUMNS, c = i % COLUMNS;
        bool is = column + c < half && d + k < h->D;

        m->rot[i] = is ? h->rot[(size_t)(d + k) * h->step + column + c] : 0;
    }
}

/* Scores of ROWS vectors with rotations `column` to column + COLUMNS - 1. */
static __device__ __forceinline__ void score(const struct hash *h, struct slices *m,
                                             float (&s)[EACH][EACH], int row, int column,
                                             int half)
{
    int down = threadIdx.x / SIDE * EACH, across = threadIdx.x % SIDE;

#pragma unroll
    for (int e = 0; e < EACH * EACH; e++)
        s[e / EACH][e % EACH] = 0;
    for (int d = 0; d < h->D; d += SLICE) {
        __syncthreads();
        fetch(h, m, row, column, half, d);
        __syncthreads();
#pragma unroll 4
        for (int k = 0; k < SLICE; k++)
#pragma unroll
            for (int r = 0; r < EACH; r++)
#pragma unroll
                for (int c = 0; c < EACH; c++)
                    s[r][c] = fmaf(m->x[(down + r) * STEP + k],
                                   m->rot[k * COLUMNS + across + c * SIDE], s[r][c]);
    }
}

/* Of equal scores the first; a NaN is never taken. */
static __device__ __forceinline__ void take(struct best *b, struct best x)
{
    if (x.high > b->high || (x.high == b->high && x.at_high < b->at_high)) {
        b->high = x.high;
        b->at_high = x.at_high;
    }
    if (x.low < b->low || (x.low == b->low && x.at_low < b->at_low)) {
        b->low = x.low;
        b->at_low = x.at_low;
    }
}

/* The best over the SIDE threads of a row, which are neighbours in a warp; all get it. */
static __device__ __forceinline__ int best_of_row(struct best b, int half)
{
    for (int o = SIDE / 2; o > 0; o >>= 1) {
        struct best x;

        x.high = __shfl_xor_sync(ALL_LANES, b.high, o);
        x.low = __shfl_xor_sync(ALL_LANES, b.low, o);
        x.at_high = __shfl_xor_sync(ALL_LANES, b.at_high, o);
        x.at_low = __shfl_xor_sync(ALL_LANES, b.at_low, o);
        take(&b, x);
    }
    return b.high >= -b.low ? b.at_high : half + b.at_low;
}

/* at[r]: the first largest of [v, -v] of the thread's row r, over `half` rotations. */
static __device__ __forceinline__ void hash_factor(const struct hash *h, struct slices *m,
                                                   int (&at)[EACH], int row, int half)
{
    struct best best[EACH];
    float s[EACH][EACH];

#pragma unroll
    for (int r = 0; r < EACH; r++)
        best[r] = {-FLT_MAX, FLT_MAX, 0, 0};
    for (int column = 0; column < half; column += COLUMNS) {
        score(h, m, s, row, column, half);
#pragma unroll
        for (int e = 0; e < EACH * EACH; e++) {
            int k = column + (int)threadIdx.x % SIDE + e % EACH * SIDE;

            if (k < half)
                take(&best[e / EACH], {s[e / EACH][e % EACH], s[e / EACH][e % EACH], k, k});
        }
    }
#pragma unroll
    for (int r = 0; r < EACH; r++)
        at[r] = best_of_row(best[r], half);
}

/* Blocks: x, the rows of each head in turn; y, rounds. */
static __global__ void __launch_bounds__(CUDA_THREADS, 2)
    k_lsh_hash(int32_t *bucket, const float *qk, const float *rot, struct hash_dims s)
{
    struct slices *m = reinterpret_cast<struct slices *>(rf_shared);
    size_t blocks = (s.T + ROWS - 1) / ROWS, bh = blockIdx.x / blocks, r = blockIdx.y;
    size_t b = bh / s.H, head = bh % s.H;
    int row = (int)(blockIdx.x % blocks) * ROWS, n1 = (int)s.n1, n2 = (int)s.n2;
    int first[EACH], second[EACH] = {0};
    struct hash h = {qk + (b * s.heads + head) * s.T * s.D,
                     rot +
                         ((b * s.all_heads + s.first_head + head) % s.rots) *
                             (s.D * s.R * ((s.n1 + s.n2) / 2)) +
                         r * ((s.n1 + s.n2) / 2),
                     (int)s.T, (int)s.D, (int)(s.R * ((s.n1 + s.n2) / 2))};

    hash_factor(&h, m, first, row, n1 / 2);
    if (n2) {
        h.rot += n1 / 2;
        hash_factor(&h, m, second, row, n2 / 2);
    }
    if (threadIdx.x % SIDE)
        return;
#pragma unroll
    for (int i = 0; i < EACH; i++) {
        int t = row + (int)threadIdx.x / SIDE * EACH + i;

        if (t < h.T)
            bucket[(bh * s.R + r) * s.T + (size_t)t] = first[i] + n1 * second[i];
    }
}

void cuda_lsh_hash(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                   const struct hash_dims *s)
{
    size_t blocks = s->B * s->H * ((s->T + ROWS - 1) / ROWS);

    CUDA_LAUNCH(nn, k_lsh_hash, dim3((unsigned)blocks, (unsigned)s->R), CUDA_THREADS,
                sizeof(struct slices), bucket, qk, rot, *s);
}
