/* gemm.cu: matrix products by cuBLAS. */
#include <limits.h>

#include "dense.h"

/*
 * cuBLAS reads matrices by columns: what lies by rows as c[m,n] is to it c' [n,m], and c' =
 * op(b)' op(a)'. So b comes first, and an operand that lies as the product wants it is no
 * transpose to cuBLAS either.
 */
static cublasOperation_t way(const struct operand *x)
{
    return x->turned ? CUBLAS_OP_T : CUBLAS_OP_N;
}

/* Sizes that cuBLAS takes as int. */
static bool sizes_fit(struct nn *nn, size_t count, size_t m, size_t n, size_t k, size_t ld)
{
    if (count <= INT_MAX && m <= INT_MAX && n <= INT_MAX && k <= INT_MAX && ld <= INT_MAX)
        return true;
    nn_fail(nn, RF_EINVAL, "a product of %zux%zux%zu numbers is too large for cuBLAS", m, n, k);
    return false;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

void cuda_products(struct nn *nn, size_t count, size_t m, size_t n, size_t k,
                   const struct operand *a, const struct operand *b, bool halves, float beta,
                   float *c, size_t ldc, size_t next_c)
{
    const float one = 1;
    cudaDataType type = halves ? CUDA_R_16BF : CUDA_R_32F;
    cublasComputeType_t how =
        nn->about.dtype == NN_TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;

    if (m == 0 || n == 0 || count == 0 ||
        !sizes_fit(nn, count, m, n, k, larger(larger(a->ld, b->ld), ldc)) || !cuda_record(nn))
        return;
    if (count == 1)
        CUBLAS_TRY(nn, cublasGemmEx(cuda_of(nn)->blas, way(b), way(a), (int)n, (int)m, (int)k,
                                    &one, b->x, type, (int)b->ld, a->x, type, (int)a->ld, &beta,
                                    c, CUDA_R_32F, (int)ldc, how, CUBLAS_GEMM_DEFAULT));
    else
        CUBLAS_TRY(nn, cublasGemmStridedBatchedEx(
                           cuda_of(nn)->blas, way(b), way(a), (int)n, (int)m, (int)k, &one,
                           b->x, type, (int)b->ld, (long long)b->next, a->x, type, (int)a->ld,
                           (long long)a->next, &beta, c, CUDA_R_32F, (int)ldc,
                           (long long)next_c, (int)count, how, CUBLAS_GEMM_DEFAULT));
}

/* --- operands as bfloat16 */

enum { RUN = 4 }; /* numbers that a thread rounds at a time */

/* Runs of n numbers. Where both arrays are aligned for it a thread moves RUN at a time, else
 * one. */
static __device__ __forceinline__ void narrow_runs(const struct narrowing p)
{
    bool wide = p.n % RUN == 0 && p.next % RUN == 0 && (size_t)p.from % sizeof(float4) == 0;
    size_t step = wide ? RUN : 1, per_run = p.n / step, count = p.count * per_run;

    for (size_t i = thread_first(); i < count; i += thread_stride()) {
        size_t run = p.count == 1 ? 0 : i / per_run, at = i - run * per_run;
        const float *from = p.from + run * p.next + at * step;

        if (wide) {
            const float4 x = *(const float4 *)from;
            __nv_bfloat162 *to = (__nv_bfloat162 *)(p.to + i * RUN);

            to[0] = __nv_bfloat162(to_narrow(x.x), to_narrow(x.y));
            to[1] = __nv_bfloat162(to_narrow(x.z), to_narrow(x.w));
        } else {
            p.to[i] = to_narrow(*from);
        }
    }
}

/* Blocks of grid row 0 round a, those of row 1 b. */
static __global__ void __launch_bounds__(CUDA_THREADS)
    k_narrow(struct narrowing a, struct narrowing b)
{
    if (blockIdx.y == 0)
        narrow_runs(a);
    else
        narrow_runs(b);
}

void cuda_narrow(struct nn *nn, const struct narrowing *a, const struct narrowing *b)
{
    size_t n = larger(a->count * a->n, b->count * b->n);
    dim3 grid = cuda_blocks(parts_of(n, RUN));

    grid.y = b->count ? 2 : 1;
    CUDA_LAUNCH(nn, k_narrow, grid, CUDA_THREADS, 0, *a, *b);
}

/* The numbers of an operand, next_x apart for each product, to be rounded into `to`; the same
 * matrix for all products once. `x` tells afterwards where they are. */
static struct narrowing narrowed(void *to, const float *from, size_t count, size_t n,
                                 size_t next, struct operand *x)
{
    bool one = count == 1 || next == 0;
    struct narrowing p = {(__nv_bfloat16 *)to, from, one ? 1 : count, n, next};

    x->x = to;
    x->next = one ? 0 : n;
    return p;
}

void cuda_gemm_batch(struct nn *nn, size_t count, size_t m, size_t n, size_t k, const float *a,
                     size_t next_a, bool ta, const float *b, size_t next_b, bool tb, float beta,
                     float *c, size_t next_c)
{
    struct operand rows = {a, ta ? m : k, ta, next_a}, columns = {b, tb ? k : n, tb, next_b};
    bool halves = nn->about.dtype == NN_BF16;

    if (nn->failed || m == 0 || n == 0 || count == 0)
        return;
    if (halves) {
        size_t first = card_part((next_a ? count : 1) * m * k * sizeof(__nv_bfloat16));
        size_t second = (next_b ? count : 1) * k * n * sizeof(__nv_bfloat16);
        char *room = (char *)cuda_scratch(nn, first + second);
        struct narrowing to_a = narrowed(room, a, count, m * k, next_a, &rows);
        struct narrowing to_b = narrowed(room + first, b, count, k * n, next_b, &columns);

        if (!room)
            return;
        cuda_narrow(nn, &to_a, &to_b);
    }
    cuda_products(nn, count, m, n, k, &rows, &columns, halves, beta, c, n, next_c);
}

void cuda_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
               const float *b, bool tb, float beta, float *c)
{
    cuda_gemm_batch(nn, 1, m, n, k, a, 0, ta, b, 0, tb, beta, c, 0);
}
