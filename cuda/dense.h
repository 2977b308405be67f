/* dense.h: matrix products by cuBLAS, for the files that make them, and how they and the
 * optimisers cut arrays. */
#ifndef CUDA_DENSE_H
#define CUDA_DENSE_H

#include "device.h"

/** Rows up to so many are few: gemm_stored() then reads the weights as they are stored. */
enum { FEW_ROWS = 32 };

static inline size_t parts_of(size_t n, size_t step)
{
    return (n + step - 1) / step;
}

/** An operand as it lies on the device: rows ld numbers apart. `turned`: it is the transpose of
 * what the product wants. */
struct operand {
    const void *x;
    size_t ld;
    bool turned;
    size_t next; /* numbers from a product's operand to that of the next one */
};

/**
 * `count` products c[m,n] = op(a)[m,k] op(b)[k,n] + beta c, c's rows ldc numbers apart and the
 * next product's next_c behind; sums and c are float32. `halves`: a and b are bfloat16, else
 * they are float32, of which NN_TF32 looks at 10 bits of mantissa. Nothing where m or n is 0.
 */
void cuda_products(struct nn *nn, size_t count, size_t m, size_t n, size_t k,
                   const struct operand *a, const struct operand *b, bool halves, float beta,
                   float *c, size_t ldc, size_t next_c);

/** One operand that narrow_both() rounds: `count` runs of n numbers, `next` apart, one behind
 * the other in `to`. */
struct narrowing {
    __nv_bfloat16 *to;
    const float *from;
    size_t count, n, next;
};

/** Both operands of a product as bfloat16, by one kernel; b->count may be 0. */
void cuda_narrow(struct nn *nn, const struct narrowing *a, const struct narrowing *b);

/** x rounded to bfloat16 as NN_BF16 says: denormals are 0. */
static __device__ __forceinline__ __nv_bfloat16 to_narrow(float x)
{
    return __float2bfloat16_rn(fabsf(x) < 0x1p-126f ? 0.0f * x : x);
}

#endif
