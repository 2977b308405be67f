/*
 * attn_tile_body.h: block products and packing, of attention and hashing; part of attn_body.h.
 *
 * All large work is done by block products c (+)= A B, where B lies in panels [n / NP][k][NP]
 * of two vectors' width: gathering rows packs them.
 */
#include <string.h>

#include "nn/vmath.h"

enum { NP = 2 * VL }; /* width of a panel */

typedef float vec __attribute__((vector_size(4 * VL), aligned(4), may_alias));

INLINE void tile(size_t rows, size_t K, const float *a, size_t ai, size_t ak, const float *b,
                 float *c, size_t ldc, bool add)
{
    vec s[MR][2];

#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        s[i][0] = add ? *(const vec *)(c + i * ldc) : (vec){0};
        s[i][1] = add ? *(const vec *)(c + i * ldc + VL) : (vec){0};
    }
#pragma GCC unroll 4
    for (size_t k = 0; k < K; k++, a += ak, b += NP) {
        vec b0 = *(const vec *)b, b1 = *(const vec *)(b + VL);

#pragma GCC unroll 16
        for (size_t i = 0; i < rows; i++) {
            s[i][0] += a[i * ai] * b0;
            s[i][1] += a[i * ai] * b1;
        }
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        *(vec *)(c + i * ldc) = s[i][0];
        *(vec *)(c + i * ldc + VL) = s[i][1];
    }
}

/* A(i,k) = p[i * i_step + k * k_step]; B's panels lie `panel` floats apart. */
struct left {
    const float *p;
    size_t i_step, k_step;
};
struct right {
    const float *p;
    size_t panel;
};

/* c[M,N] = A B, or added to; M is even, N a multiple of NP. */
static void multiply(float *c, size_t ldc, size_t M, size_t N, size_t K, struct left a,
                     struct right b, bool add)
{
    for (size_t n = 0; n < N; n += NP, b.p += b.panel) {
        size_t i = 0;

        for (; i + MR <= M; i += MR)
            tile(MR, K, a.p + i * a.i_step, a.i_step, a.k_step, b.p, c + i * ldc + n, ldc, add);
        for (; i + 4 <= M; i += 4)
            tile(4, K, a.p + i * a.i_step, a.i_step, a.k_step, b.p, c + i * ldc + n, ldc, add);
        for (; i < M; i += 2)
            tile(2, K, a.p + i * a.i_step, a.i_step, a.k_step, b.p, c + i * ldc + n, ldc, add);
    }
}

static size_t round_up(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

/* Row `row` of a matrix in panels of `rows` rows. */
static void put_panels(float *pan, const float *x, size_t row, size_t rows, size_t D)
{
    for (size_t d = 0; d < D; d += NP) {
        float *to = pan + d * rows + row * NP;

        if (D - d >= NP)
            memcpy(to, x + d, NP * sizeof *x);
        else
            memcpy(to, x + d, (D - d) * sizeof *x);
    }
}

typedef float vec8 __attribute__((vector_size(32), aligned(4), may_alias));
#define PICK __builtin_shufflevector

INLINE void transpose_8x8(float *to, size_t ldt, const float *from, size_t ldf)
{
    vec8 r[8], t[8];

    for (size_t i = 0; i < 8; i++)
        r[i] = *(const vec8 *)(from + i * ldf);
    for (size_t i = 0; i < 8; i += 2) {
        t[i] = PICK(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[i + 1] = PICK(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (size_t i = 0; i < 8; i += 4)
        for (size_t k = 0; k < 2; k++) {
            r[i + 2 * k] = PICK(t[i + k], t[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            r[i + 2 * k + 1] = PICK(t[i + k], t[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (size_t k = 0; k < 4; k++) {
        *(vec8 *)(to + k * ldt) = PICK(r[k], r[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        *(vec8 *)(to + (k + 4) * ldt) = PICK(r[k], r[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

/* Rows x[rows,ldx] become columns `col` on of x' in panels [..][depth][NP]; all three counts
 * are multiples of 8, depth being the rows' length. */
static void put_transposed(float *to, const float *x, size_t ldx, size_t rows, size_t depth,
                           size_t col)
{
    for (size_t j = 0; j < rows; j += 8)
        for (size_t d = 0; d < depth; d += 8) {
            size_t at = col + j;

            transpose_8x8(to + (at / NP * depth + d) * NP + at % NP, NP, x + j * ldx + d, ldx);
        }
}
