/*
 * cuh_blas.c: cuBLAS: products of matrices that lie by columns, with oneDNN's.
 *
 * Operands are rounded as the number type or the compute type says: to bfloat16 they are
 * already, to TF32 (10 bits behind the point) here; sums are of float32.
 */
#include <stdlib.h>
#include <string.h>

#include <cublas_v2.h>
#include <oneapi/dnnl/dnnl.h>

#include "cuh.h"

struct cublasContext {
    cudaStream_t stream;
};

static size_t handles;

size_t blas_left(void)
{
    return handles;
}

cublasStatus_t cublasCreate_v2(cublasHandle_t *h)
{
    if (cuh_injected("cublasCreate") || !(*h = calloc(1, sizeof **h)))
        return CUBLAS_STATUS_ALLOC_FAILED;
    handles++;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t h)
{
    free(h);
    handles--;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetStream_v2(cublasHandle_t h, cudaStream_t s)
{
    h->stream = s;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t h, void *room, size_t bytes)
{
    (void)h;
    return is_device(room) && is_allocated(room, bytes) ? CUBLAS_STATUS_SUCCESS
                                                        : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasSetAtomicsMode(cublasHandle_t h, cublasAtomicsMode_t mode)
{
    (void)h;
    (void)mode;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t h, cublasMath_t mode)
{
    (void)h;
    return mode == CUBLAS_DEFAULT_MATH || mode == CUBLAS_PEDANTIC_MATH
               ? CUBLAS_STATUS_SUCCESS
               : CUBLAS_STATUS_NOT_SUPPORTED;
}

const char *cublasGetStatusString(cublasStatus_t e)
{
    switch (e) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    default: return "an error of cuBLAS";
    }
}

/* --- matrices: rows x cols by columns, the next column ld elements on, `count` of them */

struct matrix {
    const char *p;
    char name;
    bool transposed;
    cudaDataType type;
    int rows, cols, ld;
    long long next;
};

struct product {
    struct matrix a, b, c;
    int m, n, k, count;
    float alpha, beta;
    bool tf32;
};

static size_t element(const struct matrix *x)
{
    return x->type == CUDA_R_32F ? 4 : 2;
}

static const char *matrix_at(const struct matrix *x, int i)
{
    return x->p + (ptrdiff_t)(i * x->next) * (ptrdiff_t)element(x);
}

/* Whether each matrix lies in an allocation and its elements were written. */
static bool can_be_read(const struct matrix *x, int count, bool looked_at)
{
    size_t column = (size_t)x->rows * element(x);

    for (int i = 0; i < count; i++) {
        const char *p = matrix_at(x, i);
        size_t bytes = (size_t)(x->cols - 1) * (size_t)x->ld * element(x) + column;

        if (!is_device(p) || !is_allocated(p, bytes)) {
            cuh_report(NULL,
                       "cuBLAS: matrix %c, %dx%d, ld %d, number %d, is outside of an "
                       "allocation",
                       x->name, x->rows, x->cols, x->ld, i);
            return false;
        }
        for (int j = 0; looked_at && j < x->cols; j++)
            if (!was_written(p + (size_t)j * (size_t)x->ld * element(x), column)) {
                cuh_report(NULL, "cuBLAS: matrix %c has elements that were never written",
                           x->name);
                return false;
            }
    }
    return true;
}

static void note_product(const struct matrix *c, int count)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < c->cols; j++)
            note_written(matrix_at(c, i) + (size_t)j * (size_t)c->ld * element(c),
                         (size_t)c->rows * element(c));
}

/* --- numbers */

static float to_float(const char *p, cudaDataType type, size_t i)
{
    uint32_t u;
    float f;

    if (type == CUDA_R_32F)
        return ((const float *)(const void *)p)[i];
    u = (uint32_t)((const uint16_t *)(const void *)p)[i] << 16;
    memcpy(&f, &u, sizeof f);
    return f;
}

/* To nearest; of two as near away from zero: PTX' cvt.rna.tf32. */
static float to_tf32(float f)
{
    uint32_t u;

    memcpy(&u, &f, sizeof u);
    if ((u & 0x7f800000U) == 0x7f800000U)
        return f;
    u = (u + 0x1000U) & ~0x1fffU;
    memcpy(&f, &u, sizeof f);
    return f;
}

/* To nearest, ties to even. */
static uint16_t to_bf16(float f)
{
    uint32_t u;

    memcpy(&u, &f, sizeof u);
    if (f != f)
        return 0x7fff;
    return (uint16_t)((u + 0x7fffU + (u >> 16 & 1)) >> 16);
}

/* The matrix as floats, its columns close together: itself, or in `room`. */
static const float *floats(const struct matrix *x, int i, bool tf32, float *room, int *ld)
{
    const char *p = matrix_at(x, i);

    if (x->type == CUDA_R_32F && !tf32) {
        *ld = x->ld;
        return (const float *)(const void *)p;
    }
    for (int c = 0; c < x->cols; c++)
        for (int r = 0; r < x->rows; r++) {
            float f = to_float(p, x->type, (size_t)c * (size_t)x->ld + (size_t)r);

            room[(size_t)c * (size_t)x->rows + (size_t)r] = tf32 ? to_tf32(f) : f;
        }
    *ld = x->rows;
    return room;
}

/* --- products */

static float *room_for(const struct matrix *x)
{
    float *p = malloc((size_t)x->rows * (size_t)x->cols * sizeof *p);

    if (!p)
        cuh_die("out of memory");
    return p;
}

/* What lies by columns is, by rows, its transpose: c' = b' a'. */
static void multiply(const struct product *g, int i, float *room_a, float *room_b,
                     float *room_c)
{
    int lda, ldb, ldc = g->c.ld;
    const float *a = floats(&g->a, i, g->tf32, room_a, &lda);
    const float *b = floats(&g->b, i, g->tf32, room_b, &ldb);
    char *to = (char *)(uintptr_t)matrix_at(&g->c, i);
    float *c = (float *)(void *)to;

    if (g->c.type != CUDA_R_32F)
        c = (float *)(uintptr_t)floats(&g->c, i, false, room_c, &ldc);
    if (dnnl_sgemm(g->b.transposed ? 'T' : 'N', g->a.transposed ? 'T' : 'N', g->n, g->m, g->k,
                   g->alpha, b, ldb, a, lda, g->beta, c, ldc) != dnnl_success)
        cuh_die("oneDNN failed");
    if (g->c.type != CUDA_R_32F)
        for (int col = 0; col < g->n; col++)
            for (int row = 0; row < g->m; row++)
                ((uint16_t *)(void *)to)[(size_t)col * (size_t)g->c.ld + (size_t)row] =
                    to_bf16(c[(size_t)col * (size_t)g->m + (size_t)row]);
}

static void do_product(void *data)
{
    const struct product *g = data;
    float *a, *b, *c;

    device_enter();
    if (can_be_read(&g->a, g->count, true) && can_be_read(&g->b, g->count, true) &&
        can_be_read(&g->c, g->count, g->beta != 0)) {
        a = room_for(&g->a);
        b = room_for(&g->b);
        c = room_for(&g->c);
        for (int i = 0; i < g->count; i++)
            multiply(g, i, a, b, c);
        note_product(&g->c, g->count);
        free(a);
        free(b);
        free(c);
    }
    device_leave();
}

static bool known_type(cudaDataType t)
{
    return t == CUDA_R_32F || t == CUDA_R_16BF;
}

/* What cuBLAS itself looks at. */
static cublasStatus_t check_product(const struct product *g, cublasComputeType_t compute)
{
    if (g->m < 0 || g->n < 0 || g->k < 0 || g->count < 0 || g->a.ld < g->a.rows ||
        g->b.ld < g->b.rows || g->c.ld < g->m)
        return CUBLAS_STATUS_INVALID_VALUE;
    if (!known_type(g->a.type) || g->a.type != g->b.type || !known_type(g->c.type) ||
        (g->a.type == CUDA_R_32F && g->c.type != CUDA_R_32F))
        return CUBLAS_STATUS_NOT_SUPPORTED;
    return compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_PEDANTIC ||
                   (compute == CUBLAS_COMPUTE_32F_FAST_TF32 && g->a.type == CUDA_R_32F)
               ? CUBLAS_STATUS_SUCCESS
               : CUBLAS_STATUS_NOT_SUPPORTED;
}

cublasStatus_t cublasGemmStridedBatchedEx(
    cublasHandle_t h, cublasOperation_t ta, cublasOperation_t tb, int m, int n, int k,
    const void *alpha, const void *a, cudaDataType type_a, int lda, long long next_a,
    const void *b, cudaDataType type_b, int ldb, long long next_b, const void *beta, void *c,
    cudaDataType type_c, int ldc, long long next_c, int count, cublasComputeType_t compute,
    cublasGemmAlgo_t algorithm)
{
    bool at = ta != CUBLAS_OP_N, bt = tb != CUBLAS_OP_N;
    struct product g = {.a = {a, 'A', at, type_a, at ? k : m, at ? m : k, lda, next_a},
                        .b = {b, 'B', bt, type_b, bt ? n : k, bt ? k : n, ldb, next_b},
                        .c = {c, 'C', false, type_c, m, n, ldc, next_c},
                        .m = m,
                        .n = n,
                        .k = k,
                        .count = count,
                        .tf32 = compute == CUBLAS_COMPUTE_32F_FAST_TF32};
    cublasStatus_t e;

    (void)algorithm;
    if (!h)
        return CUBLAS_STATUS_NOT_INITIALIZED;
    if (cuh_injected("cublas"))
        return CUBLAS_STATUS_EXECUTION_FAILED;
    if ((e = check_product(&g, compute)) != CUBLAS_STATUS_SUCCESS || !m || !n || !count)
        return e;
    memcpy(&g.alpha, alpha, sizeof g.alpha);
    memcpy(&g.beta, beta, sizeof g.beta);
    stream_add(h->stream, do_product, &g, sizeof g);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmEx(cublasHandle_t h, cublasOperation_t ta, cublasOperation_t tb, int m,
                            int n, int k, const void *alpha, const void *a, cudaDataType type_a,
                            int lda, const void *b, cudaDataType type_b, int ldb,
                            const void *beta, void *c, cudaDataType type_c, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t algorithm)
{
    return cublasGemmStridedBatchedEx(h, ta, tb, m, n, k, alpha, a, type_a, lda, 0, b, type_b,
                                      ldb, 0, beta, c, type_c, ldc, 0, 1, compute, algorithm);
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t h, cublasOperation_t ta,
                                         cublasOperation_t tb, int m, int n, int k,
                                         const float *alpha, const float *a, int lda,
                                         long long next_a, const float *b, int ldb,
                                         long long next_b, const float *beta, float *c, int ldc,
                                         long long next_c, int count)
{
    return cublasGemmStridedBatchedEx(h, ta, tb, m, n, k, alpha, a, CUDA_R_32F, lda, next_a, b,
                                      CUDA_R_32F, ldb, next_b, beta, c, CUDA_R_32F, ldc, next_c,
                                      count, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
}

cublasStatus_t cublasSgemm_v2(cublasHandle_t h, cublasOperation_t ta, cublasOperation_t tb,
                              int m, int n, int k, const float *alpha, const float *a, int lda,
                              const float *b, int ldb, const float *beta, float *c, int ldc)
{
    return cublasSgemmStridedBatched(h, ta, tb, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c,
                                     ldc, 0, 1);
}
