/*
 * gemm_body.h: matrix products on packed blocks; see kernels.h. GEMM names the table, VL is the
 * vector's length, MR the rows of a register tile (at most VL), DEPTH the numbers of k that a
 * block has at most.
 */
#include "kernels/gemm_pack_body.h"

#if PAIR == 1
#include "kernels/gemm_stored_body.h"

INLINE vec multiply_add(vec s, const float *a, vec b)
{
    return s + *a * b;
}
#endif

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
    size_t a_tile = gemm_tile_words(&GEMM, MR, depth);
    size_t b_tile = gemm_tile_words(&GEMM, NP, depth);

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

/* --- few rows: columns come as they lie, a row of x each, and are read once */

enum { ROW_AHEAD = 128 }; /* numbers of a row that are asked for before they are read */

/* The first `have` of `rows` sums into c[have,lanes]. */
INLINE void put_few(vec s[MR][2], size_t rows, size_t have, size_t lanes, float *c, size_t ldc,
                    bool add)
{
    float out[NP];

#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++) {
        if (i >= have)
            break;
        memcpy(out, s[i], sizeof out);
        for (size_t j = 0; j < lanes; j++)
            c[i * ldc + j] = add ? out[j] + c[i * ldc + j] : out[j];
    }
}

/* `have` rows, computed as `rows`: packed rows that are not there are 0. `lanes` columns, at
 * most NP, of `depth` numbers that are runs of x. The chains are those of tile(). */
INLINE void few_tile(size_t rows, size_t have, size_t depth, const float *a, const float *x,
                     size_t ld, size_t lanes, float *c, size_t ldc, bool add)
{
    vec s[MR][2];

#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++)
        s[i][0] = s[i][1] = (vec){0};
    for (size_t k = 0; k < depth; k += VL * PAIR) {
        size_t words = depth - k < VL * PAIR ? (depth - k + PAIR - 1) / PAIR : VL;

        for (size_t v = 0; v < 2; v++) {
            vec r[VL];

            for (size_t i = 0; i < VL; i++) /* more rows than the processor follows by itself */
                __builtin_prefetch(x + (v * VL + i) * ld + k + ROW_AHEAD, 0, 2);
            turn_square(r, x + v * VL * ld + k, ld, lanes > v * VL ? lanes - v * VL : 0,
                        depth - k);
            for (size_t w = 0; w < words; w++)
#pragma GCC unroll 16
                for (size_t i = 0; i < rows; i++)
                    s[i][v] = multiply_add(s[i][v], a + (k / PAIR + w) * MR + i, r[w]);
        }
    }
    put_few(s, rows, have, lanes, c, ldc, add);
}

/* A call with a number of rows that the compiler knows, `have` or a little more. */
#if MR > 8
#define BY_ROWS(call, ...)                                                                     \
    do {                                                                                       \
        if (have == 1)                                                                         \
            call(1, __VA_ARGS__);                                                              \
        else if (have <= 4)                                                                    \
            call(4, __VA_ARGS__);                                                              \
        else if (have <= 8)                                                                    \
            call(8, __VA_ARGS__);                                                              \
        else                                                                                   \
            call(MR, __VA_ARGS__);                                                             \
    } while (0)
#else
#define BY_ROWS(call, ...)                                                                     \
    do {                                                                                       \
        if (have == 1)                                                                         \
            call(1, __VA_ARGS__);                                                              \
        else                                                                                   \
            call(MR, __VA_ARGS__);                                                             \
    } while (0)
#endif

static void multiply_few(float *c, size_t ldc, size_t m, size_t lanes, size_t depth,
                         const void *a, const float *x, size_t ld, bool add)
{
    size_t a_tile = gemm_tile_words(&GEMM, MR, depth);

    for (size_t i = 0; i < m; i += MR) {
        const float *rows = (const float *)a + i / MR * a_tile;
        size_t have = m - i < MR ? m - i : MR;
        float *to = c + i * ldc;

        BY_ROWS(few_tile, have, depth, rows, x, ld, lanes, to, ldc, add);
    }
}

#if PAIR == 1
/* --- the same with columns that are stored in fewer bits */

enum { STORED_AHEAD = 4096 }; /* bytes that are asked for before they are read */

INLINE void stored_tile(size_t rows, size_t have, enum nn_store how, size_t depth,
                        const float *a, const void *x, size_t lanes, float *c, size_t ldc,
                        bool add)
{
    vec s[MR][2];

#pragma GCC unroll 16
    for (size_t i = 0; i < rows; i++)
        s[i][0] = s[i][1] = (vec){0};
    for (size_t k = 0; k < depth; k++, a += MR) {
        vec b0 = wide(how, x, k * NP), b1 = wide(how, x, k * NP + VL);

        __builtin_prefetch((const char *)x + k * NP * store_bytes(how) + STORED_AHEAD, 0, 2);
#pragma GCC unroll 16
        for (size_t i = 0; i < rows; i++) {
            s[i][0] = multiply_add(s[i][0], a + i, b0);
            s[i][1] = multiply_add(s[i][1], a + i, b1);
        }
    }
    put_few(s, rows, have, lanes, c, ldc, add);
}

static void multiply_stored(float *c, size_t ldc, size_t m, size_t lanes, size_t depth,
                            const void *a, enum nn_store how, const void *x, bool add)
{
    size_t a_tile = gemm_tile_words(&GEMM, MR, depth);

    for (size_t i = 0; i < m; i += MR) {
        const float *rows = (const float *)a + i / MR * a_tile;
        size_t have = m - i < MR ? m - i : MR;
        float *to = c + i * ldc;

        if (how == NN_STORE_BF16)
            BY_ROWS(stored_tile, have, NN_STORE_BF16, depth, rows, x, lanes, to, ldc, add);
        else
            BY_ROWS(stored_tile, have, NN_STORE_INT8, depth, rows, x, lanes, to, ldc, add);
    }
}
#endif

const struct gemm_kernels GEMM = {
    .rows = MR,
    .columns = NP,
    .depth = DEPTH,
    .pair = PAIR,
    .step = 8,
    .pack_rows = pack_rows,
    .pack_columns = pack_columns,
    .multiply = multiply,
    .multiply_few = multiply_few,
#if PAIR == 1
    .narrow = narrow,
    .widen = widen,
    .multiply_stored = multiply_stored,
#endif
    .round = ROUND,
};
