/* loss.cu: the head: cross entropy and draws, over panels of logits in scratch. */
#include <float.h>

#include "dense.h"

/*
 * Logits are made by cuBLAS for a panel of rows at a time, ld = V or a few more numbers apart,
 * and become their gradients where they lie. As bfloat16, which products may want, gradients
 * have a place of their own; what has none of its own there is what float32 ones need anyway.
 */
struct head {
    size_t rows, E, V, ld;
    size_t step;               /* rows of a panel */
    bool halves;               /* products are of bfloat16 */
    float *z;                  /* [step,ld] */
    __nv_bfloat16 *w16;        /* [V,E] */
    __nv_bfloat16 *x16, *dz16; /* [step,E], [step,ld] */
};

/* Lay the arrays out in scratch behind each other, in the order of card_head_bytes(). */
static void lay_out(struct head *h, char *room)
{
    size_t z = card_part(h->step * h->ld * sizeof(float));
    size_t w16 = card_part(h->V * h->E * sizeof *h->w16);

    h->z = (float *)room;
    h->w16 = (__nv_bfloat16 *)(room + z);
    h->x16 = (__nv_bfloat16 *)(room + z + w16);
    h->dz16 = (__nv_bfloat16 *)(room + z + w16 + card_part(h->step * h->E * sizeof *h->x16));
}

static struct head make_head(enum nn_dtype dtype, size_t rows, size_t E, size_t V)
{
    struct head h = {};

    h.rows = rows;
    h.E = E;
    h.V = V;
    h.ld = card_logits_ld(V);
    h.step = card_panel_rows(rows, V);
    h.halves = dtype == NN_BF16;
    return h;
}

/* False: there is nothing to do, or the device has failed. */
static bool open_head(struct nn *nn, struct head *h)
{
    char *room;

    if (nn->failed || h->rows == 0 ||
        !(room =
              (char *)cuda_scratch(nn, card_head_bytes(nn->about.dtype, h->rows, h->E, h->V))))
        return false;
    lay_out(h, room);
    return true;
}

/* z = x w' for n rows, without bias; x and w are rounded where products want it, w but once, at
 * the first panel. */
static void make_logits(struct nn *nn, const struct head *h, const float *x, const float *w,
                        bool first, size_t n)
{
    struct operand rows = {x, h->E, false, 0}, columns = {w, h->E, true, 0};

    if (h->halves) {
        struct narrowing to_x = {h->x16, x, 1, n * h->E, 0};
        struct narrowing to_w = {h->w16, w, first ? (size_t)1 : 0, h->V * h->E, 0};

        cuda_narrow(nn, &to_x, &to_w);
        rows.x = h->x16;
        columns.x = h->w16;
    }
    cuda_products(nn, 1, n, h->V, h->E, &rows, &columns, h->halves, 0, h->z, h->ld, 0);
}

/* --- cross entropy */

/* The logits that a thread, a warp or a block has seen. */
struct seen {
    float max, sum; /* the largest; the sum of exp(logit - max) */
    unsigned at;    /* where the largest is, the first of equals */
};

/* A NaN is never the largest but in every sum; the difference of infinities is one. */
static __device__ __forceinline__ void see(struct seen *s, float z, unsigned at)
{
    if (z > s->max) {
        s->sum = s->sum * expf(s->max - z) + expf(z - z);
        s->max = z;
        s->at = at;
    } else {
        s->sum += expf(z - s->max);
    }
}

static __device__ __forceinline__ struct seen both(struct seen a, struct seen b)
{
    bool first = a.max > b.max || (a.max == b.max && a.at < b.at);
    float max = first ? a.max : b.max;
    struct seen s = {max, a.sum * expf(a.max - max) + b.sum * expf(b.max - max),
                     first ? a.at : b.at};

    return s;
}

/* What all threads of the block have seen; each gets it. */
static __device__ struct seen seen_by_block(struct seen s)
{
    __shared__ struct seen warps[CUDA_THREADS / CUDA_WARP];

    for (int o = CUDA_WARP / 2; o > 0; o >>= 1) {
        struct seen other = {__shfl_xor_sync(ALL_LANES, s.max, o),
                             __shfl_xor_sync(ALL_LANES, s.sum, o),
                             __shfl_xor_sync(ALL_LANES, s.at, o)};

        s = threadIdx.x & (unsigned)o ? both(other, s) : both(s, other);
    }
    if (threadIdx.x % CUDA_WARP == 0)
        warps[threadIdx.x / CUDA_WARP] = s;
    __syncthreads();
    s = warps[0];
    for (unsigned w = 1; w < blockDim.x / CUDA_WARP; w++)
        s = both(s, warps[w]);
    return s;
}

/* How gradients of logits are made: (share slope - even - (its label's) own) scale. */
struct gradient {
    bool wanted, floats; /* at all; as floats, too */
    float scale, z_loss, even, own;
};

/*
 * A block a row: loss and hit, and the gradient of each logit in its place and, where dz16 is
 * not NULL, as bfloat16 there. The logits are read twice: the first time for their largest and
 * the sum of their exponentials at once.
 */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_softmax(float *loss, int32_t *hit, float *z, __nv_bfloat16 *dz16, const float *bias,
              const int32_t *label, struct gradient g, size_t V, size_t ld)
{
    size_t row = blockIdx.x, own = (size_t)label[row];
    float at_own = z[row * ld + own] + (bias ? bias[own] : 0.0f), log_sum, slope;
    struct seen s = {-FLT_MAX, 0, UINT32_MAX};

    for (size_t j = threadIdx.x; j < V; j += blockDim.x)
        see(&s, z[row * ld + j] + (bias ? bias[j] : 0.0f), (unsigned)j);
    s = seen_by_block(s); /* and so at_own is read, too, before anything is written */
    log_sum = logf(s.sum);
    if (threadIdx.x == 0) {
        loss[row] = s.max - at_own + log_sum;
        hit[row] = s.at == own;
    }
    if (!g.wanted)
        return;
    slope = (1 + 2 * g.z_loss * (s.max + log_sum)) / s.sum;
    for (size_t j = threadIdx.x; j < V; j += blockDim.x) {
        float logit = z[row * ld + j] + (bias ? bias[j] : 0.0f);
        float d = g.scale * (expf(logit - s.max) * slope - g.even - (j == own ? g.own : 0.0f));

        if (g.floats)
            z[row * ld + j] = d;
        if (dz16)
            dz16[row * ld + j] = to_narrow(d);
    }
}

enum { SUMMED_COLUMNS = CUDA_WARP, SUMMING_WARPS = 32 };

/* dbias[V] added to: the column sums of z[n,ld]. A block has 32 columns, a lane each, and a
 * warp every 32nd row. */
static __global__ void __launch_bounds__(SUMMED_COLUMNS *SUMMING_WARPS)
    k_sum_columns(float *dbias, const float *z, size_t n, size_t V, size_t ld)
{
    __shared__ float part[SUMMING_WARPS][SUMMED_COLUMNS];
    unsigned lane = threadIdx.x % CUDA_WARP, warp = threadIdx.x / CUDA_WARP;
    size_t j = (size_t)blockIdx.x * SUMMED_COLUMNS + lane;
    float sum = 0;

    for (size_t r = warp; j < V && r < n; r += SUMMING_WARPS)
        sum += z[r * ld + j];
    part[warp][lane] = sum;
    __syncthreads();
    if (warp > 0 || j >= V)
        return;
    sum = 0;
    for (int w = 0; w < SUMMING_WARPS; w++)
        sum += part[w][lane];
    dbias[j] += sum;
}

/* dx of a panel of n rows, and what they add to dw and dbias. */
static void panel_bwd(struct nn *nn, const struct head *h, float *dx, float *dw, float *dbias,
                      const float *x, const float *w, size_t n)
{
    const struct operand dz = {h->halves ? (const void *)h->dz16 : h->z, h->ld, false, 0};
    const struct operand dz_turned = {dz.x, h->ld, true, 0};
    const struct operand words = {h->halves ? (const void *)h->w16 : w, h->E, false, 0};
    const struct operand rows = {h->halves ? (const void *)h->x16 : x, h->E, false, 0};

    cuda_products(nn, 1, n, h->E, h->V, &dz, &words, h->halves, 0, dx, h->E, 0);
    cuda_products(nn, 1, h->V, h->E, n, &dz_turned, &rows, h->halves, 1, dw, h->E, 0);
    if (dbias)
        CUDA_LAUNCH(nn, k_sum_columns, dim3((unsigned)parts_of(h->V, SUMMED_COLUMNS)),
                    SUMMED_COLUMNS * SUMMING_WARPS, 0, dbias, h->z, n, h->V, h->ld);
}

void cuda_cross_entropy(struct nn *nn, float *loss, int32_t *hit, float *dx, float *dw,
                        float *dbias, const float *x, const float *w, const float *bias,
                        const int32_t *label, float scale, float z_loss, float smoothing,
                        size_t rows, size_t E, size_t V)
{
    struct head h = make_head(nn->about.dtype, rows, E, V);
    struct gradient g = {dx != NULL, dbias || !h.halves,   scale,
                         z_loss,     smoothing / (float)V, 1 - smoothing};
    unsigned threads = V <= CUDA_THREADS ? CUDA_WARP : CUDA_THREADS;

    if (!open_head(nn, &h))
        return;
    for (size_t at = 0; at < rows; at += h.step) {
        size_t n = rows - at < h.step ? rows - at : h.step;

        make_logits(nn, &h, x + at * E, w, at == 0, n);
        CUDA_LAUNCH(nn, k_softmax, dim3((unsigned)n), threads, 0, loss + at, hit + at, h.z,
                    h.halves ? h.dz16 : NULL, bias, label + at, g, V, h.ld);
        if (dx)
            panel_bwd(nn, &h, dx + at * E, dw, dbias, x + at * E, w, n);
    }
}

/* --- draws */

/* Whether a number that is x above the best so far, below 0, may beat it with Gumbel noise from
 * these 32 bits. The noise is -ln(-ln u) and -ln u is at least 1 - u, so that this must be
 * below exp(x); a power of two above that is looked at, which is cheap, and leaves few numbers
 * whose logarithms are to be taken. */
static __device__ __forceinline__ bool may_win(float x, uint32_t bits)
{
    const int BITS = 32;
    const float log2_e = 1.442695f, rounding = 1e-3f;
    int power = BITS + 1 + (int)floorf(x * log2_e + rounding);

    return power >= BITS || (power >= 0 && (uint64_t)~bits >> power == 0);
}

struct drawn {
    double best;
    unsigned id;
};

/* Look at number `id` of the row, y its logit / temperature. */
static __device__ __forceinline__ void try_word(struct drawn *d, double y, uint32_t bits,
                                                unsigned id)
{
    const float never = -23; /* below what 32 bits can make good for, 1 / 2^33 */
    float x = (float)(y - d->best);

    if (x < never || (x < 0 && !may_win(x, bits)))
        return;
    y -= log(-log(((double)bits + 0.5) / 0x1p32));
    if (y > d->best) {
        d->best = y;
        d->id = id;
    }
}

static __device__ __forceinline__ struct drawn better(struct drawn a, struct drawn b)
{
    return a.best > b.best || (a.best == b.best && a.id < b.id) ? a : b;
}

/* A block a row, z[ld] its logits without bias. A thread has four numbers in a row, those of
 * one block of random ones, of every 4 blockDim.x. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_draw(int32_t *id, const float *z, const float *bias, double temperature, struct rng r,
           uint64_t first, size_t V, size_t ld)
{
    __shared__ struct drawn warps[CUDA_THREADS / CUDA_WARP];
    struct drawn d = {-HUGE_VAL, UINT32_MAX};
    uint32_t bits[4];

    r.seed = philox_u64(r, first + blockIdx.x);
    for (size_t j = (size_t)threadIdx.x * 4; j < V; j += (size_t)blockDim.x * 4) {
        philox_block(bits, r, j / 4);
#pragma unroll
        for (unsigned i = 0; i < 4; i++)
            if (j + i < V) {
                double logit = (double)z[blockIdx.x * ld + j + i];

                try_word(&d, (logit + (bias ? (double)bias[j + i] : 0)) / temperature, bits[i],
                         (unsigned)(j + i));
            }
    }
    for (int o = CUDA_WARP / 2; o > 0; o >>= 1) {
        struct drawn other = {__shfl_xor_sync(ALL_LANES, d.best, o),
                              __shfl_xor_sync(ALL_LANES, d.id, o)};

        d = better(d, other);
    }
    if (threadIdx.x % CUDA_WARP == 0)
        warps[threadIdx.x / CUDA_WARP] = d;
    __syncthreads();
    if (threadIdx.x > 0)
        return;
    for (unsigned w = 1; w < blockDim.x / CUDA_WARP; w++)
        d = better(d, {warps[w].best, warps[w].id}); /* not what lies between and behind */
    id[blockIdx.x] = d.id == UINT32_MAX ? 0 : (int32_t)d.id; /* where all logits are NaN */
}

void cuda_draw_rows(struct nn *nn, int32_t *id, const float *x, const float *w,
                    const float *bias, float temperature, struct rng r, uint64_t first,
                    size_t rows, size_t E, size_t V)
{
    struct head h = make_head(nn->about.dtype, rows, E, V);
    unsigned threads = V <= CUDA_THREADS ? CUDA_WARP : CUDA_THREADS;

    if (!open_head(nn, &h))
        return;
    for (size_t at = 0; at < rows; at += h.step) {
        size_t n = rows - at < h.step ? rows - at : h.step;

        make_logits(nn, &h, x + at * E, w, at == 0, n);
        CUDA_LAUNCH(nn, k_draw, dim3((unsigned)n), threads, 0, id + at, h.z, bias,
                    (double)temperature, r, first + at, V, h.ld);
    }
}
