/* positions.cu: what tells positions apart: sines, axial sums, rotations. */
#include <math.h>

#include "quad.h"
#include "sums.h"
#include "base/rng_normal.h"

/* --- a table of sines and cosines */

/* The sine and the cosine of x, which is not negative and below some millions: less as many
 * quarters of a turn as leave the least, in double. */
static __device__ void sine_cosine(double x, double *sine, double *cosine)
{
    const double quarter = 0x1.921fb54442d18p+0, rest_of_it = 0x1.1a62633145c07p-54;
    double turns = rint(x * 0x1.45f306dc9c883p-1);
    double left = fma(-turns, rest_of_it, fma(-turns, quarter, x));
    double s = rng_sin(left), c = rng_cos(left);
    unsigned q = (unsigned)turns;

    *sine = q % 2 ? c : s;
    *cosine = q % 2 ? s : c;
    *sine = q & 2 ? -*sine : *sine;
    *cosine = (q + 1) & 2 ? -*cosine : *cosine;
}

/* A thread has row t and rate i below n / 2. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_fill_positions(float *y, const double *rate, size_t T, size_t n)
{
    for (size_t at = thread_first(); at < T * (n / 2); at += thread_stride()) {
        size_t i, t = divide(at, n / 2, &i);
        double sine, cosine;

        sine_cosine((double)t * rate[i], &sine, &cosine);
        y[t * n + i] = (float)sine;
        y[t * n + n / 2 + i] = (float)cosine;
    }
}

/* The rates are the host's, so that the table's bits are. */
void cuda_fill_positions(struct nn *nn, float *y, size_t T, size_t n)
{
    enum { SOME = 256 };
    double *rate = (double *)cuda_scratch(nn, n / 2 * sizeof *rate), some[SOME];

    for (size_t i = 0; i < n / 2; i++) {
        some[i % SOME] = pow(10000, -2 * (double)i / (double)n);
        if (i % SOME == SOME - 1 || i + 1 == n / 2)
            cuda_upload(nn, rate + i / SOME * SOME, some, (i % SOME + 1) * sizeof *some);
    }
    CUDA_LAUNCH(nn, k_fill_positions, cuda_blocks(T * (n / 2)), CUDA_THREADS, 0, y, rate, T, n);
}

/* --- axial */

/* A thread has four columns of row r of x[B T,E]. fours: all arrays begin where quads may lie,
 * and E is a multiple of 4. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_axial_fwd(float *x, const float *a0, const float *a1, size_t rows, size_t T, size_t n1,
                size_t E, bool fours)
{
    size_t quads = (E + 3) / 4;

    for (size_t i = thread_first(); i < rows * quads; i += thread_stride()) {
        size_t j, t, k1, r = divide(i, quads, &j), k0;
        quad<float> q, p0, p1 = {};

        divide(r, T, &t);
        k0 = divide(t, n1, &k1);
        j *= 4;
        q = load4(x + r * E, j, E, fours);
        p0 = load4(a0 + k0 * E, j, E, fours);
        if (a1)
            p1 = load4(a1 + k1 * E, j, E, fours);
#pragma unroll
        for (int k = 0; k < 4; k++)
            q.at[k] += p0.at[k] + p1.at[k];
        store4(x + r * E, j, E, fours, q);
    }
}

void cuda_axial_fwd(struct nn *nn, float *x, const float *a0, const float *a1, size_t B,
                    size_t T, size_t n1, size_t E)
{
    CUDA_LAUNCH(nn, k_axial_fwd, cuda_blocks(B * T * ((E + 3) / 4)), CUDA_THREADS, 0, x, a0, a1,
                B * T, T, n1, E, E % 4 == 0 && fours_begin(x, a0, a1));
}

/*
 * A block has row k of da0, or behind these of da1, and CUDA_WARP columns, a lane one. Its
 * warps share the rows of dx that belong to it: in each sequence `count` rows, `step` apart.
 */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_axial_bwd(float *da0, float *da1, const float *dx, size_t B, size_t T, size_t n0,
                size_t n1, size_t E, size_t tiles)
{
    size_t tile, k = divide(blockIdx.x, tiles, &tile);
    size_t j = tile * CUDA_WARP + threadIdx.x % CUDA_WARP;
    bool outer = k < n0;
    size_t first = outer ? k * n1 : k - n0, step = outer ? 1 : n1, count;
    double sum = 0;

    count = first >= T ? 0 : (T - first + step - 1) / step;
    count = outer && count > n1 ? n1 : count;
    for (size_t i = threadIdx.x / CUDA_WARP; i < B * count && j < E; i += CUDA_WARPS) {
        size_t r, b = divide(i, count, &r);

        sum += (double)dx[(b * T + first + r * step) * E + j];
    }
    sum = sum_of_warps(sum);
    if (threadIdx.x < CUDA_WARP && j < E) {
        float *to = outer ? da0 + k * E + j : da1 + (k - n0) * E + j;

        *to = (float)((double)*to + sum);
    }
}

void cuda_axial_bwd(struct nn *nn, float *da0, float *da1, const float *dx, size_t B, size_t T,
                    size_t n1, size_t E)
{
    size_t tiles = (E + CUDA_WARP - 1) / CUDA_WARP, n0 = (T + n1 - 1) / n1;
    size_t blocks = (da1 ? n0 + n1 : n0) * tiles;

    CUDA_LAUNCH(nn, k_axial_bwd, dim3((unsigned)blocks), CUDA_THREADS, 0, da0, da1, dx, B, T,
                n0, n1, E, tiles);
}

/* --- rotations */

/* Heads that a thread turns by one sine and cosine. */
enum { HEADS_AT_ONCE = 8 };

/*
 * A thread has a pair of columns of a position, in HEADS_AT_ONCE of the B H heads, or more
 * where the grid's y is cut short. The share of a turn is taken in double, for positions are
 * many; what is left of it is as exact as a float. turn[D / 2], shared: turns from one position
 * to the next. twos: pairs begin where two floats may lie.
 */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_rotary(float *x, float sign, size_t B, size_t heads, size_t H, size_t first, size_t T,
             size_t D, size_t turned, bool twos)
{
    double *turn = (double *)rf_shared;
    size_t pairs = D / 2, at = thread_first(), i, t;

    for (size_t p = threadIdx.x; p < pairs; p += CUDA_THREADS)
        turn[p] = exp2(-13.28771237954945 * 2 * (double)p / (double)D) * 0.15915494309189535;
    __syncthreads();
    if (at >= turned * pairs)
        return;
    t = divide(at, pairs, &i);
    double turns = (double)(first + t) * turn[i];
    float sine, cosine;

    sincospif(2 * (float)(turns - rint(turns)), &sine, &cosine);
    sine *= sign;
    for (size_t g = blockIdx.y; g < B * H; g += gridDim.y) {
        size_t h, b = divide(g, H, &h);
        float *y = x + ((b * heads + h) * T + t) * D + 2 * i;
        float2 was = twos ? *(float2 *)y : make_float2(y[0], y[1]);
        float2 is = {was.x * cosine - was.y * sine, was.y * cosine + was.x * sine};

        if (twos) {
            *(float2 *)y = is;
        } else {
            y[0] = is.x;
            y[1] = is.y;
        }
    }
}

void cuda_rotary(struct nn *nn, float *x, float sign, size_t B, size_t heads, size_t H,
                 size_t first, size_t T, size_t D, size_t limit)
{
    const size_t Y_MOST = 65535;
    size_t turned = limit <= first ? 0 : limit - first < T ? limit - first : T;
    size_t blocks = (turned * (D / 2) + CUDA_THREADS - 1) / CUDA_THREADS;
    size_t groups = (B * H + HEADS_AT_ONCE - 1) / HEADS_AT_ONCE;

    groups = groups < Y_MOST ? groups : Y_MOST;
    CUDA_LAUNCH(nn, k_rotary, dim3((unsigned)blocks, (unsigned)groups), CUDA_THREADS,
                D / 2 * sizeof(double), x, sign, B, heads, H, first, T, D, turned,
                D % 2 == 0 && (uintptr_t)x % sizeof(float2) == 0);
}
