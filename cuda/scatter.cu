/*
 * scatter.cu: rows are added at indices that may repeat.
 *
 * The positions of equal indices stand together in an order (sort.h), which is cut into pieces
 * of a warp's lanes. A warp adds up the rows of one piece. A run of equal indices that lies in
 * one piece goes to y at once. Of one that goes on over several, each piece keeps its part, and
 * a second launch adds these up. So an index that has half of all rows, as padding may, takes
 * little longer than many that have one.
 */
#include "quad.h"
#include "sort.h"
#include "sums.h"

/* Columns that a warp adds up. */
enum { TILE = 4 * CUDA_WARP };

/* The rows that are added, and where; order[m] is that of cuda_group(). */
struct additions {
    float *y;
    const float *x, *weight;
    const int32_t *index;
    const uint32_t *order;
    size_t each, m, n;
    bool fours; /* y and x begin where quads may lie, and n is a multiple of 4 */
};

/* What a piece has of runs that are not its own alone: [2,n], of one that began before it, and
 * of one that begins in it and goes on. */
static __device__ __forceinline__ float *open_part(float *part, size_t piece, bool begins,
                                                   size_t n)
{
    return part + (2 * piece + begins) * n;
}

/* The index at a place of the order; -1: none, behind its ends. */
static __device__ __forceinline__ int32_t index_at(const struct additions *a, size_t place)
{
    return place < a->m ? a->index[a->order[place]] : -1;
}

static __device__ __forceinline__ void add4(float *y, size_t j, const struct additions *a,
                                            quad<float> sum)
{
    quad<float> to = load4(y, j, a->n, a->fours);

#pragma unroll
    for (int k = 0; k < 4; k++)
        to.at[k] += sum.at[k];
    store4(y, j, a->n, a->fours, to);
}

/* Columns j to j + 3 of the row at a position, times its weight. */
static __device__ __forceinline__ quad<float> row4(const struct additions *a, size_t position,
                                                   size_t j)
{
    size_t rest, row = a->each == 1 ? position : divide(position, a->each, &rest);
    quad<float> q = load4(a->x + row * a->n, j, a->n, a->fours);

    if (a->weight) {
#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] *= a->weight[position];
    }
    return q;
}

/* A warp has a piece and TILE columns; a lane has a place of the order, which it tells the
 * others, and four columns. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_add_pieces(float *part, struct additions a, size_t tiles)
{
    enum { AT_ONCE = 4 };
    unsigned lane = threadIdx.x % CUDA_WARP, run = 0; /* place where the run begins */
    size_t tile, piece = divide(thread_first() / CUDA_WARP, tiles, &tile);
    size_t first = piece * CUDA_WARP, j = tile * TILE + 4 * lane;
    unsigned count = a.m - first < CUDA_WARP ? (unsigned)(a.m - first) : (unsigned)CUDA_WARP;
    int32_t before, index, after;
    uint32_t position;
    quad<float> sum = {};

    if (first >= a.m)
        return;
    position = lane < count ? a.order[first + lane] : 0;
    index = lane < count ? a.index[position] : -1;
    before = index_at(&a, first - 1); /* of the first piece: behind all */
    after = index_at(&a, first + count);
    for (unsigned i = 0; i < count; i += AT_ONCE) {
        quad<float> q[AT_ONCE];

#pragma unroll
        for (unsigned k = 0; k < AT_ONCE; k++) {
            size_t at = __shfl_sync(ALL_LANES, position, (int)((i + k) % CUDA_WARP));

            q[k] = i + k < count && j < a.n ? row4(&a, at, j) : quad<float>{};
        }
#pragma unroll
        for (unsigned k = 0; k < AT_ONCE; k++) {
            int32_t here = __shfl_sync(ALL_LANES, index, (int)((i + k) % CUDA_WARP));
            int32_t next = __shfl_sync(ALL_LANES, index, (int)((i + k + 1) % CUDA_WARP));
            bool last = i + k + 1 == count;

            if (i + k >= count)
                continue;
            next = last ? after : next;
#pragma unroll
            for (int c = 0; c < 4; c++)
                sum.at[c] += q[k].at[c];
            if (here == next && !last)
                continue;
            if (j < a.n && run == 0 && here == before)
                store4(open_part(part, piece, false, a.n), j, a.n, a.fours, sum);
            else if (j < a.n && here == next)
                store4(open_part(part, piece, true, a.n), j, a.n, a.fours, sum);
            else if (j < a.n)
                add4(a.y + (size_t)here * a.n, j, &a, sum);
            sum = {};
            run = i + k + 1;
        }
    }
}

/* How many pieces, from `piece` on, begin with this index; all lanes of a warp call it. */
static __device__ size_t pieces_of(const struct additions *a, size_t piece, int32_t index)
{
    for (size_t first = piece;; first += CUDA_WARP) {
        size_t at = first + threadIdx.x % CUDA_WARP;
        uint32_t mask = __ballot_sync(ALL_LANES, index_at(a, at * CUDA_WARP) == index);

        if (~mask)
            return first - piece + (size_t)(__ffs((int)~mask) - 1);
    }
}

/*
 * A block has a piece, of which it does something where a run begins there that goes on, and
 * TILE columns: its warps share the run's parts, in stretches, and add them up.
 */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_add_open(const float *part, struct additions a)
{
    __shared__ quad<float> room[CUDA_WARPS][CUDA_WARP];
    size_t piece = blockIdx.x, first = piece * CUDA_WARP, next = first + CUDA_WARP;
    unsigned lane = threadIdx.x % CUDA_WARP, warp = threadIdx.x / CUDA_WARP;
    size_t j = blockIdx.y * (size_t)TILE + 4 * lane, parts, step, end;
    int32_t index = index_at(&a, next);
    quad<float> sum = {};

    if (index < 0 || index_at(&a, next - 1) != index ||
        (index_at(&a, first) == index && index_at(&a, first - 1) == index))
        return;
    parts = 1 + pieces_of(&a, piece + 1, index);
    step = (parts + CUDA_WARPS - 1) / CUDA_WARPS;
    end = (warp + 1) * step < parts ? (warp + 1) * step : parts;
#pragma unroll 4
    for (size_t p = warp * step; p < end && j < a.n; p++) {
        const float *from = part + (2 * (piece + p) + (p == 0)) * a.n;
        quad<float> q = load4(from, j, a.n, a.fours);

#pragma unroll
        for (int k = 0; k < 4; k++)
            sum.at[k] += q.at[k];
    }
    room[warp][lane] = sum;
    __syncthreads();
    if (warp > 0 || j >= a.n)
        return;
    for (int w = 1; w < CUDA_WARPS; w++) {
#pragma unroll
        for (int k = 0; k < 4; k++)
            sum.at[k] += room[w][lane].at[k];
    }
    add4(a.y + (size_t)index * a.n, j, &a, sum);
}

void cuda_add_at(struct nn *nn, float *y, const float *x, const float *weight, size_t each,
                 const int32_t *index, size_t m, size_t n)
{
    size_t pieces = (m + CUDA_WARP - 1) / CUDA_WARP, tiles = (n + TILE - 1) / TILE;
    size_t warps = pieces * tiles;
    uint32_t *order;
    float *part;
    struct additions a = {y, x, weight, index, NULL, each, m, n, false};

    if (m > CUDA_SORT_MAX) {
        nn_fail(nn, RF_EINVAL, "%zu rows to add at indices: the GPU takes %zu", m,
                (size_t)CUDA_SORT_MAX);
        return;
    }
    part = (float *)cuda_scratch(nn, 2 * (pieces * n * sizeof *part + m * sizeof *order));
    if (!part || !m)
        return;
    order = (uint32_t *)(part + 2 * pieces * n);
    a.order = order;
    a.fours = n % 4 == 0 && fours_begin(y, x);
    cuda_group(nn, order, order + m, index, m);
    CUDA_LAUNCH(nn, k_add_pieces, dim3((unsigned)((warps + CUDA_WARPS - 1) / CUDA_WARPS)),
                CUDA_THREADS, 0, part, a, tiles);
    CUDA_LAUNCH(nn, k_add_open, dim3((unsigned)pieces, (unsigned)tiles), CUDA_THREADS, 0, part,
                a);
}

void cuda_scatter_rows(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                       size_t n)
{
    cuda_add_at(nn, y, x, NULL, 1, index, m, n);
}
