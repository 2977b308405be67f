/*
 * gemm_body.h: matrix products on packed blocks; see kernels.h. GEMM names the table, VL is the
 * vector's length, MR the rows of a register tile (at most VL), DEPTH the numbers of k that a
 * block has at most.
 *
 * Packed, an operand is a row of tiles [words of k][lanes]: lanes are MR rows of a, or NP
 * columns of b. A word is what one lane of one multiplication takes: a float, or (PAIR 2,
 * gemm_bf16.c) two neighbouring k as bfloat16. Lanes and k beyond the operand's end are 0.
 */
#include <string.h>

#include "nn/kernels.h"
#include "nn/vmath.h"

enum {
    NP = 2 * VL, /* columns of a tile */
    AHEAD = 8    /* rows asked for before they are packed: only pieces of them are read */
};

typedef float vec __attribute__((vector_size(4 * VL), aligned(4), may_alias));

#ifndef PAIR
#define PAIR  1
#define ROUND NULL

INLINE vec multiply_add(vec s, const float *a, vec b)
{
    return s + *a * b;
}

/* VL words from VL * PAIR numbers in a row: of one lane. */
INLINE vec words_along(const float *x)
{
    return *(const vec *)x;
}

/* VL words from PAIR rows of VL numbers: of VL lanes. */
INLINE vec words_across(const float *x, size_t ld)
{
    (void)ld;
    return *(const vec *)x;
}
#endif

/* --- packing */

#if VL == 16
#define EVERY(x)                                                                               \
    x, (x) + 16, (x) + 1, (x) + 17, (x) + 2, (x) + 18, (x) + 3, (x) + 19, (x) + 4, (x) + 20,   \
        (x) + 5, (x) + 21, (x) + 6, (x) + 22, (x) + 7, (x) + 23
#elif VL == 8
#define EVERY(x) x, (x) + 8, (x) + 1, (x) + 9, (x) + 2, (x) + 10, (x) + 3, (x) + 11
#elif VL == 4
#define EVERY(x) x, (x) + 4, (x) + 1, (x) + 5
#endif

/* Interleaving halves log2(VL) times turns rows into columns. */
INLINE void transpose(vec r[VL])
{
#pragma GCC unroll 4
    for (size_t stage = 1; stage < VL; stage *= 2) {
        vec t[VL];

#pragma GCC unroll 8
        for (size_t i = 0; i < VL / 2; i++) {
            t[2 * i] = __builtin_shufflevector(r[i], r[i + VL / 2], EVERY(0));
            t[2 * i + 1] = __builtin_shufflevector(r[i], r[i + VL / 2], EVERY(VL / 2));
        }
#pragma GCC unroll 16
        for (size_t i = 0; i < VL; i++)
            r[i] = t[i];
    }
}

/* VL lanes, `lanes` of them there, from numbers k to k + VL PAIR, `depth` of them there; each
 * lane is a run of x, ld apart. */
INLINE void pack_square(float *to, size_t width, const float *x, size_t ld, size_t lanes,
                        size_t depth)
{
    float edge[VL][VL * PAIR];
    vec r[VL];
    size_t words = depth < VL * PAIR ? (depth + PAIR - 1) / PAIR : VL;

    if (lanes < VL || depth < VL * PAIR) {
        memset(edge, 0, sizeof edge);
        for (size_t i = 0; i < lanes && i < VL; i++)
            memcpy(edge[i], x + i * ld, (depth < VL * PAIR ? depth : VL * PAIR) * sizeof *x);
        x = edge[0];
        ld = VL * PAIR;
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < VL; i++)
        r[i] = words_along(x + i * ld);
    transpose(r);
    if (words == VL) {
#pragma GCC unroll 16
        for (size_t w = 0; w < VL; w++)
            *(vec *)(to + w * width) = r[w];
    } else {
        for (size_t w = 0; w < words; w++)
            *(vec *)(to + w * width) = r[w];
    }
}

/* One word of VL lanes, `lanes` of them there; k is a row of x, of which `depth` are there. */
INLINE void pack_word(float *to, const float *x, size_t ld, size_t lanes, size_t depth)
{
    float edge[PAIR][VL];

    __builtin_prefetch(x + AHEAD * ld);
    if (lanes < VL || depth < PAIR) {
        memset(edge, 0, sizeof edge);
        for (size_t k = 0; k < depth && k < PAIR; k++)
            memcpy(edge[k], x + k * ld, (lanes < VL ? lanes : VL) * sizeof *x);
        x = edge[0];
        ld = VL;
    }
    *(vec *)to = words_across(x, ld);
}

/* Where tiles are narrower than a vector, what is stored too much lies in the next word, which
 * is stored later, or in the space between two tiles. */
INLINE void pack(void *to, size_t width, const float *x, size_t ld, bool runs, size_t lanes,
                 size_t after, size_t depth)
{
    size_t tile = gemm_tile_words(PAIR, width, depth), tiles = (lanes + width - 1) / width;

    lanes += after;
    if (runs)
        for (size_t i = 0; i < tiles * width; i += width)
            for (size_t k = 0; k < depth; k += VL * PAIR)
                for (size_t v = 0; v < width; v += VL)
                    pack_square((float *)to + i / width * tile + k / PAIR * width + v, width,
                                x + (i + v) * ld + k, ld, lanes > i + v ? lanes - i - v : 0,
                                depth - k);
    else
        for (size_t k = 0; k < depth; k += PAIR)
            for (size_t i = 0; i < tiles * width; i += width)
                for (size_t v = 0; v < width; v += VL)
                    pack_word((float *)to + i / width * tile + k / PAIR * width + v,
                              x + k * ld + i + v, ld, lanes > i + v ? lanes - i - v : 0,
                              depth - k);
}

static void pack_rows(void *to, const float *x, size_t ld, bool runs, size_t lanes,
                      size_t after, size_t depth)
{
    pack(to, MR, x, ld, runs, lanes, after, depth);
}

static void pack_columns(void *to, const float *x, size_t ld, bool runs, size_t lanes,
                         size_t after, size_t depth)
{
    pack(to, NP, x, ld, runs, lanes, after, depth);
}

/* --- products */

/* c[rows,NP] = or added to: a tile of rows times a tile of columns. Each element is one chain
 * of multiply-adds in order of k. */
INLINE void tile(size_t rows, size_t words, const float *a, const float *b, float *c,
                 size_t ldc, bool add)
{
    vec s[MR][2];

#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        s[i][0] = s[i][1] = (vec){0};
        __builtin_prefetch(c + i * ldc, 1);
        __builtin_prefetch(c + i * ldc + NP - 1, 1);
    }
#pragma GCC unroll 4
    for (size_t k = 0; k < words; k++, a += MR, b += NP) {
        vec b0 = *(const vec *)b, b1 = *(const vec *)(b + VL);

#pragma GCC unroll 16
        for (size_t i = 0; i < rows; i++) {
            s[i][0] = multiply_add(s[i][0], a + i, b0);
            s[i][1] = multiply_add(s[i][1], a + i, b1);
        }
    }
#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        vec *c0 = (vec *)(c + i * ldc), *c1 = (vec *)(c + i * ldc + VL);

        if (add) {
            s[i][0] += *c0;
            s[i][1] += *c1;
        }
        *c0 = s[i][0];
        *c1 = s[i][1];
    }
}

#define CASE(n)                                                                                \
    case n: tile(n, words, a, b, c, ldc, add); break;

static void tile_of(size_t rows, size_t words, const float *a, const float *b, float *c,
                    size_t ldc, bool add)
{
    switch (rows) {
        CASE(1)
        CASE(2)
        CASE(3)
#if MR > 4
        CASE(4)
        CASE(5)
#endif
#if MR > 6
        CASE(6)
        CASE(7)
#endif
#if MR > 8
        CASE(8)
        CASE(9)
        CASE(10)
        CASE(11)
#endif
#if MR > 12
        CASE(12)
        CASE(13)
#endif
    default: tile(MR, words, a, b, c, ldc, add);
    }
}

/* A tile of which only n columns are there. */
static void narrow_tile(size_t rows, size_t n, size_t words, const float *a, const float *b,
                        float *c, size_t ldc, bool add)
{
    float whole[MR][NP];

    tile_of(rows, words, a, b, whole[0], NP, false);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < n; j++)
            c[i * ldc + j] = add ? c[i * ldc + j] + whole[i][j] : whole[i][j];
}

static void multiply(float *c, size_t ldc, size_t m, size_t n, size_t depth, const void *a,
                     const void *b, bool add)
{
    size_t words = (depth + PAIR - 1) / PAIR;
    size_t a_tile = gemm_tile_words(PAIR, MR, depth), b_tile = gemm_tile_words(PAIR, NP, depth);

    for (size_t j = 0; j < n; j += NP) {
        const float *columns = (const float *)b + j / NP * b_tile;

        for (size_t i = 0; i < m; i += MR) {
            const float *rows = (const float *)a + i / MR * a_tile;
            size_t tall = m - i < MR ? m - i : MR;

            if (n - j < NP)
                narrow_tile(tall, n - j, words, rows, columns, c + i * ldc + j, ldc, add);
            else
                tile_of(tall, words, rows, columns, c + i * ldc + j, ldc, add);
        }
    }
}

const struct gemm_kernels GEMM = {
    .rows = MR,
    .columns = NP,
    .depth = DEPTH,
    .pair = PAIR,
    .pack_rows = pack_rows,
    .pack_columns = pack_columns,
    .multiply = multiply,
    .round = ROUND,
};
