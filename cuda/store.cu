/*
 * store.cu: weights kept in fewer bits, and products with them.
 *
 * They lie by rows, as w does, each row filled up with zeros to a multiple of LANE numbers;
 * before them the scales of the rows. A product with few rows takes as long as reading the
 * weights does: there each warp reads one row of them, once, and multiplies it with all rows of
 * a, in float32.
 */
#include "dense.h"

enum {
    LANE = 8, /* numbers that a lane reads at a time: 16 bytes of bfloat16 */
    ROWS = 8, /* of a that a warp multiplies at a time, at most */
    WARPS = CUDA_THREADS / CUDA_WARP
};

struct stored {
    float *scale; /* [n] of INT8 */
    void *x;      /* [n,ld] */
    size_t ld;
};

static struct stored stored_in(const void *memory, size_t n, size_t k)
{
    char *p = (char *)(uintptr_t)memory;
    struct stored w = {(float *)p, p + card_part(n * sizeof(float)), parts_of(k, LANE) * LANE};

    return w;
}

size_t cuda_stored_bytes(const struct nn *nn, enum nn_store how, size_t n, size_t k)
{
    (void)nn;
    return card_part(n * sizeof(float)) + n * stored_in(NULL, n, k).ld * store_bytes(how);
}

/* The larger one over a warp; a NaN is larger than all numbers. */
static __device__ float warp_most(float most)
{
    for (int o = CUDA_WARP / 2; o > 0; o >>= 1) {
        float other = __shfl_xor_sync(ALL_LANES, most, o);

        most = isnan(most) || most > other ? most : other;
    }
    return most;
}

/* Number of this warp in the launch: the row that is its own. */
static __device__ size_t warp_row(void)
{
    return (size_t)blockIdx.x * WARPS + threadIdx.x / CUDA_WARP;
}

static __device__ __forceinline__ void put_number(float *to, float x)
{
    *to = x;
}

/* By way of a variable: gcc does not tell of a store that is a call's, so that on the host
 * nobody would know that the number was written. */
static __device__ __forceinline__ void put_number(__nv_bfloat16 *to, float x)
{
    const __nv_bfloat16 narrow = __float2bfloat16_rn(x); /* whole numbers up to 127 stay */

    *to = narrow;
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_store_bf16(__nv_bfloat16 *to, const float *w, size_t n, size_t k, size_t ld)
{
    size_t row = warp_row();

    for (size_t j = threadIdx.x % CUDA_WARP; row < n && j < ld; j += CUDA_WARP)
        put_number(to + row * ld + j, j < k ? w[row * k + j] : 0.0f);
}

/* A row with a NaN gets it as its scale, so that it reaches all products with the row. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_store_int8(signed char *to, float *scale, const float *w, size_t n, size_t k, size_t ld)
{
    size_t row = warp_row(), lane = threadIdx.x % CUDA_WARP;
    float most = 0;

    if (row >= n)
        return;
    for (size_t j = lane; j < k; j += CUDA_WARP) {
        float x = fabsf(w[row * k + j]);

        most = isnan(most) || most > x ? most : x;
    }
    most = warp_most(most);
    if (lane == 0)
        scale[row] = most / 127;
    for (size_t j = lane; j < ld; j += CUDA_WARP)
        to[row * ld + j] = j < k && most > 0 ? (signed char)rintf(w[row * k + j] / (most / 127))
                                             : (signed char)0;
}

void cuda_store(struct nn *nn, void *to, enum nn_store how, const float *w, size_t n, size_t k)
{
    struct stored s = stored_in(to, n, k);
    dim3 grid((unsigned)parts_of(n, WARPS));

    if (how == NN_STORE_BF16)
        CUDA_LAUNCH(nn, k_store_bf16, grid, CUDA_THREADS, 0, (__nv_bfloat16 *)s.x, w, n, k,
                    s.ld);
    else
        CUDA_LAUNCH(nn, k_store_int8, grid, CUDA_THREADS, 0, (signed char *)s.x, s.scale, w, n,
                    k, s.ld);
}

/* --- few rows */

/* LANE numbers as they are stored, at an aligned place, as floats. */
static __device__ __forceinline__ void read_stored(float x[LANE], const __nv_bfloat16 *from)
{
    const uint4 words = *(const uint4 *)from;
    const unsigned word[LANE / 2] = {words.x, words.y, words.z, words.w};

    for (int i = 0; i < LANE / 2; i++) {
        x[2 * i] = __uint_as_float(word[i] << 16);
        x[2 * i + 1] = __uint_as_float(word[i] & 0xffff0000u);
    }
}

static __device__ __forceinline__ void read_stored(float x[LANE], const signed char *from)
{
    const uint2 words = *(const uint2 *)from;

    for (int i = 0; i < LANE; i++) {
        unsigned word = i < LANE / 2 ? words.x : words.y;

        x[i] = (float)(signed char)(word >> i % (LANE / 2) * 8);
    }
}

/* x[LANE] = from, of which `left` numbers are there, the others 0. */
static __device__ __forceinline__ void read_floats(float x[LANE], const float *from,
                                                   size_t left, bool aligned)
{
    if (aligned && left >= LANE) {
        const float4 a = ((const float4 *)from)[0], b = ((const float4 *)from)[1];
        const float all[LANE] = {a.x, a.y, a.z, a.w, b.x, b.y, b.z, b.w};

        for (int i = 0; i < LANE; i++)
            x[i] = all[i];
    } else {
        for (int i = 0; i < LANE; i++)
            x[i] = (size_t)i < left ? from[i] : 0.0f;
    }
}

/*
 * c[m,n] = a[m,k] w': a warp has one row of w and M rows of a, those from blockIdx.y M on; a
 * lane every 32nd LANE numbers of k. Rows behind a's last are computed as that one and not
 * written. scale is NULL where rows have none.
 */
template <class T, int M>
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_few_rows(float *c, const float *a, const T *w, const float *scale, size_t m, size_t n,
               size_t k, size_t ld, bool aligned)
{
    size_t row = warp_row(), lane = threadIdx.x % CUDA_WARP, first = (size_t)blockIdx.y * M;
    float sum[M], x[LANE], y[LANE];

    if (row >= n)
        return;
    for (int i = 0; i < M; i++)
        sum[i] = 0;
    for (size_t j = lane * LANE; j < k; j += CUDA_WARP * LANE) {
        read_stored(x, w + row * ld + j);
#pragma unroll
        for (int i = 0; i < M; i++) {
            size_t of = first + i < m ? first + i : m - 1;

            read_floats(y, a + of * k + j, k - j, aligned);
            for (int e = 0; e < LANE; e++)
                sum[i] += x[e] * y[e];
        }
    }
#pragma unroll
    for (int i = 0; i < M; i++) {
        float all = warp_sum(sum[i]);

        if (lane == 0 && first + i < m)
            c[(first + i) * n + row] = scale ? all * scale[row] : all;
    }
}

template <class T>
static void few_rows(struct nn *nn, float *c, const float *a, const T *w, const float *scale,
                     size_t m, size_t n, size_t k, size_t ld)
{
    bool aligned = (size_t)a % sizeof(float4) == 0 && k % (sizeof(float4) / sizeof *a) == 0;
    dim3 grid((unsigned)parts_of(n, WARPS), m <= 4 ? 1 : (unsigned)parts_of(m, ROWS));

    if (m == 1)
        CUDA_LAUNCH(nn, (k_few_rows<T, 1>), grid, CUDA_THREADS, 0, c, a, w, scale, m, n, k, ld,
                    aligned);
    else if (m <= 4)
        CUDA_LAUNCH(nn, (k_few_rows<T, 4>), grid, CUDA_THREADS, 0, c, a, w, scale, m, n, k, ld,
                    aligned);
    else
        CUDA_LAUNCH(nn, (k_few_rows<T, ROWS>), grid, CUDA_THREADS, 0, c, a, w, scale, m, n, k,
                    ld, aligned);
}

/* --- many rows: cuBLAS, of numbers that are made anew from the stored ones */

static __device__ __forceinline__ float widened(const __nv_bfloat16 *x, size_t i)
{
    return __bfloat162float(x[i]);
}

static __device__ __forceinline__ float widened(const signed char *x, size_t i)
{
    return (float)x[i];
}

template <class To, class T>
static __global__ void __launch_bounds__(CUDA_THREADS) k_widen(To *to, const T *x, size_t n)
{
    for (size_t i = thread_first(); i < n; i += thread_stride())
        put_number(to + i, widened(x, i));
}

template <class To>
static void widen(struct nn *nn, To *to, enum nn_store how, const void *x, size_t n)
{
    if (how == NN_STORE_BF16)
        CUDA_LAUNCH(nn, (k_widen<To, __nv_bfloat16>), cuda_blocks(n), CUDA_THREADS, 0, to,
                    (const __nv_bfloat16 *)x, n);
    else
        CUDA_LAUNCH(nn, (k_widen<To, signed char>), cuda_blocks(n), CUDA_THREADS, 0, to,
                    (const signed char *)x, n);
}

static __global__ void __launch_bounds__(CUDA_THREADS)
    k_scale_columns(float *c, const float *scale, size_t n, size_t size)
{
    for (size_t i = thread_first(); i < size; i += thread_stride())
        c[i] *= scale[i % n];
}

/* Where products are of bfloat16 so are the weights, which then may be where they are, and a;
 * otherwise both are floats. */
static void many_rows(struct nn *nn, size_t m, size_t n, size_t k, const float *a,
                      enum nn_store how, const struct stored *w, float *c)
{
    bool halves = nn->about.dtype == NN_BF16, there = halves && how == NN_STORE_BF16;
    size_t each = halves ? sizeof(__nv_bfloat16) : sizeof(float);
    size_t of_w = there ? 0 : card_part(n * w->ld * each);
    char *room = (char *)cuda_scratch(nn, of_w + (halves ? m * k * each : 0));
    struct operand rows = {a, k, false, 0}, columns = {there ? w->x : room, w->ld, true, 0};

    if (!room)
        return;
    if (halves) {
        struct narrowing to_a = {(__nv_bfloat16 *)(room + of_w), a, 1, m * k, 0}, none = {};

        cuda_narrow(nn, &to_a, &none);
        rows.x = room + of_w;
    }
    if (halves && !there)
        widen(nn, (__nv_bfloat16 *)room, how, w->x, n * w->ld);
    else if (!there)
        widen(nn, (float *)room, how, w->x, n * w->ld);
    cuda_products(nn, 1, m, n, k, &rows, &columns, halves, 0, c, n, 0);
    if (how == NN_STORE_INT8)
        CUDA_LAUNCH(nn, k_scale_columns, cuda_blocks(m * n), CUDA_THREADS, 0, c, w->scale, n,
                    m * n);
}

void cuda_gemm_stored(struct nn *nn, size_t m, size_t n, size_t k, const float *a,
                      enum nn_store how, const void *memory, float *c)
{
    struct stored w = stored_in(memory, n, k);

    if (nn->failed || m == 0 || n == 0)
        return;
    if (m > FEW_ROWS)
        many_rows(nn, m, n, k, a, how, &w, c);
    else if (how == NN_STORE_BF16)
        few_rows(nn, c, a, (const __nv_bfloat16 *)w.x, NULL, m, n, k, w.ld);
    else
        few_rows(nn, c, a, (const signed char *)w.x, w.scale, m, n, k, w.ld);
}
