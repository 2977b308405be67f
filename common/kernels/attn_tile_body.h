/*
 * attn_tile_body.h: block products and packing, of attention and hashing; part of attn_body.h.
 *
 * What products multiply are elements of four bytes: PACK numbers that follow one another along
 * the summed dimension, one float or two bfloat16; sums are floats.
 *
 * All large work is done by block products c (+)= A B, where B lies in panels [n / NP][k][NP]
 * of two vectors' width: gathering rows packs them.
 */
#include <string.h>

#include "kernels/vmath.h"

enum { NP = 2 * VL }; /* width of a panel */

typedef float vec __attribute__((vector_size(4 * VL), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(4 * VL), aligned(4), may_alias));

INLINE ivec choose(ivec mask, ivec a, ivec b)
{
    return (mask & a) | (~mask & b);
}

#include "kernels/transpose_body.h"

#ifdef BF16
#include "kernels/bf16_body.h"

enum { PACK = PAIR };

INLINE vec add_product(vec sum, float a, vec b, bool pairs)
{
    if (!pairs)
        return sum + a * b;
    return (vec)_mm512_dpbf16_ps((__m512)sum, (__m512bh)_mm512_set1_ps(a), (__m512bh)b);
}

/* n floats, a multiple of 32, as bfloat16; to may not be x. */
static void narrow(float *restrict to, const float *restrict x, size_t n)
{
    for (size_t i = 0; i < n; i += NP)
        *(vec *)(to + i / PACK) = words_along(x + i);
}

/* The columns of two rows x[2,ldx] as pairs; n a multiple of 16. */
static void pair_rows(float *restrict to, const float *restrict x, size_t ldx, size_t n)
{
    for (size_t i = 0; i < n; i += VL)
        *(vec *)(to + i) = words_across(x + i, ldx);
}
#else
enum { PACK = 1 };

INLINE vec add_product(vec sum, float a, vec b, bool pairs)
{
    (void)pairs;
    return sum + a * b;
}
#endif

INLINE void tile(size_t rows, size_t K, const float *a, size_t ai, size_t ak, const float *b,
                 float *c, size_t ldc, bool add, bool pairs)
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
            s[i][0] = add_product(s[i][0], a[i * ai], b0, pairs);
            s[i][1] = add_product(s[i][1], a[i * ai], b1, pairs);
        }
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        *(vec *)(c + i * ldc) = s[i][0];
        *(vec *)(c + i * ldc + VL) = s[i][1];
    }
}

#ifndef AMX
enum { ROWS = 2 }; /* what numbers of queries are filled up to */

INLINE void begin_tiles(void)
{
}

INLINE void end_tiles(void)
{
}
#else
enum { ROWS = 32 };

INLINE void begin_tiles(void)
{
    amx_begin();
}

INLINE void end_tiles(void)
{
    amx_end();
}

/* The first rows of c[M,NP] = A B, or added to, as many as tiles hold; returns their number. K
 * is whole tiles' columns. */
static size_t multiply_tiles(float *c, size_t ldc, size_t M, size_t K, const float *a,
                             size_t lda, const float *b, bool add)
{
    size_t i = 0, steps = K / AMX_ROWS;

    for (; i + NP <= M; i += NP)
        amx_square(false, steps, (struct amx_left){a + i * lda, lda, AMX_ROWS * lda, AMX_ROWS},
                   b, c + i * ldc, ldc, add, NULL);
    for (; i + AMX_ROWS <= M; i += AMX_ROWS)
        amx_square(true, steps, (struct amx_left){a + i * lda, lda, 0, AMX_ROWS}, b,
                   c + i * ldc, ldc, add, NULL);
    return i;
}

/* Rows x[NP,ldx], two of them one of pairs, turned: to[n,ldt] by column; n whole steps. */
static void turn_pairs(float *to, size_t ldt, const float *x, size_t ldx, size_t n)
{
    for (size_t j = 0; j < n; j += VL) {
        vec r[VL];

#pragma GCC unroll 16
        for (size_t i = 0; i < VL; i++)
            r[i] = words_across(x + 2 * i * ldx + j, ldx);
        transpose(r);
#pragma GCC unroll 16
        for (size_t i = 0; i < VL; i++)
            *(vec *)(to + (j + i) * ldt) = r[i];
    }
}
#endif

/* A(i,k) = p[i * i_step + k * k_step]; B's panels lie `panel` floats apart. */
struct left {
    const float *p;
    size_t i_step, k_step;
};
struct right {
    const float *p;
    size_t panel;
};

/* Two rows by two panels: with fewer sums at once, each would wait for its last product. */
INLINE void wide_tile(size_t K, struct left a, struct right b, float *c, size_t ldc)
{
    vec s[2][4] = {0};

    for (size_t k = 0; k < K; k++, a.p += a.k_step, b.p += NP)
#pragma GCC unroll 4
        for (size_t v = 0; v < 4; v++) {
            vec x = *(const vec *)(b.p + v / 2 * b.panel + v % 2 * VL);

            s[0][v] = add_product(s[0][v], a.p[0], x, PACK == 2);
            s[1][v] = add_product(s[1][v], a.p[a.i_step], x, PACK == 2);
        }
    memcpy(c, s[0], sizeof s[0]);
    memcpy(c + ldc, s[1], sizeof s[1]);
}

/* c[M,N] = A B, or added to; M is even, N a multiple of NP, K counts elements. */
static void multiply(float *c, size_t ldc, size_t M, size_t N, size_t K, struct left a,
                     struct right b, bool add)
{
    size_t n = 0;

    for (; M == 2 && !add && n + 2 * NP <= N; n += 2 * NP, b.p += 2 * b.panel)
        wide_tile(K, a, b, c + n, ldc);
    for (; n < N; n += NP, b.p += b.panel) {
        size_t i = 0;

#ifdef AMX
        if (a.k_step == 1 && K % AMX_ROWS == 0)
            i = multiply_tiles(c + n, ldc, M, K, a.p, a.i_step, b.p, add);
#endif
        for (; i + MR <= M; i += MR)
            tile(MR, K, a.p + i * a.i_step, a.i_step, a.k_step, b.p, c + i * ldc + n, ldc, add,
                 PACK == 2);
        for (; i + 4 <= M; i += 4)
            tile(4, K, a.p + i * a.i_step, a.i_step, a.k_step, b.p, c + i * ldc + n, ldc, add,
                 PACK == 2);
        for (; i < M; i += 2)
            tile(2, K, a.p + i * a.i_step, a.i_step, a.k_step, b.p, c + i * ldc + n, ldc, add,
                 PACK == 2);
    }
}

static size_t round_up(size_t n, size_t step)
{
    return (n + step - 1) / step * step;
}

/* Rows x[rows,ldx], an even number, from row `row` on into panels [..][total / PACK][NP]; ldx
 * is a multiple of NP. */
static void put_panels(float *pan, const float *x, size_t ldx, size_t rows, size_t row,
                       size_t total)
{
    for (size_t j = 0; j < rows; j += PACK, x += PACK * ldx)
        for (size_t d = 0; d < ldx; d += NP) {
            float *to = pan + (d * total + (row + j) * NP) / PACK;

#ifdef BF16
            pair_rows(to, x + d, ldx, NP);
#else
            memcpy(to, x + d, NP * sizeof *x);
#endif
        }
}

typedef float vec8 __attribute__((vector_size(32), aligned(4), may_alias));
#define PICK __builtin_shufflevector

/* Rows become columns. */
INLINE void turn_8x8(vec8 r[8])
{
    vec8 t[8], u[8];

    for (size_t i = 0; i < 8; i += 2) {
        t[i] = PICK(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        t[i + 1] = PICK(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (size_t i = 0; i < 8; i += 4)
        for (size_t k = 0; k < 2; k++) {
            u[i + 2 * k] = PICK(t[i + k], t[i + k + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            u[i + 2 * k + 1] = PICK(t[i + k], t[i + k + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    for (size_t k = 0; k < 4; k++) {
        r[k] = PICK(u[k], u[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        r[k + 4] = PICK(u[k], u[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

INLINE void transpose_8x8(float *to, size_t ldt, const float *from, size_t ldf)
{
    vec8 r[8];

    for (size_t i = 0; i < 8; i++)
        r[i] = *(const vec8 *)(from + i * ldf);
    turn_8x8(r);
    for (size_t i = 0; i < 8; i++)
        *(vec8 *)(to + i * ldt) = r[i];
}

/* The lanes' sum: in halves, as compilers do not. */
INLINE float across(vec v)
{
    typedef float vec4 __attribute__((vector_size(16), aligned(4), may_alias));
    vec4 q;
#if VL == 16
    vec8 h = PICK(v, v, 0, 1, 2, 3, 4, 5, 6, 7) + PICK(v, v, 8, 9, 10, 11, 12, 13, 14, 15);
#elif VL == 8
    vec8 h = v;
#endif

#if VL == 4
    q = v;
#else
    q = PICK(h, h, 0, 1, 2, 3) + PICK(h, h, 4, 5, 6, 7);
#endif
    return (q[0] + q[1]) + (q[2] + q[3]);
}

/* The sum of x[n], and of products; n a multiple of NP. */
INLINE float add_up(const float *x, size_t n)
{
    vec a = {0}, b = {0};

    for (size_t i = 0; i < n; i += NP) {
        a += *(const vec *)(x + i);
        b += *(const vec *)(x + i + VL);
    }
    return across(a + b);
}

INLINE float dot(const float *x, const float *y, size_t n)
{
    vec a = {0}, b = {0};

    for (size_t i = 0; i < n; i += NP) {
        a += *(const vec *)(x + i) * *(const vec *)(y + i);
        b += *(const vec *)(x + i + VL) * *(const vec *)(y + i + VL);
    }
    return across(a + b);
}

/* The larger numbers, of b where a has a NaN. */
INLINE vec larger(vec a, vec b)
{
    return (vec)choose(a > b, (ivec)a, (ivec)b);
}

/* The largest of x[n], at least `least`; NaN are passed over; n a multiple of NP. By hand,
 * since for clang a NaN keeps a search like this from becoming vectors. */
INLINE float largest(const float *x, size_t n, float least)
{
    vec a = (vec){0} + least, b = a;

    for (size_t i = 0; i < n; i += NP) {
        a = larger(*(const vec *)(x + i), a);
        b = larger(*(const vec *)(x + i + VL), b);
    }
    a = larger(b, a);
#pragma GCC unroll 4
    for (size_t half = VL / 2; half > 0; half /= 2)
#pragma GCC unroll 8
        for (size_t i = 0; i < half; i++)
            a[i] = a[i + half] > a[i] ? a[i + half] : a[i];
    return a[0];
}

/* Rows x[rows,ldx] of elements become columns `col` on of x' in panels [..][depth][NP]; all
 * three counts are multiples of 8, depth being the rows' length. */
static void put_transposed(float *to, const float *x, size_t ldx, size_t rows, size_t depth,
                           size_t col)
{
    for (size_t j = 0; j < rows; j += 8)
        for (size_t d = 0; d < depth; d += 8) {
            size_t at = col + j;

            transpose_8x8(to + (at / NP * depth + d) * NP + at % NP, NP, x + j * ldx + d, ldx);
        }
}
