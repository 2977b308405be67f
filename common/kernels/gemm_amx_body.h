/*
 * gemm_amx_body.h: matrix products by AMX: an instruction multiplies 16 lanes of a, 32 numbers
 * of k each, with 16 lanes of b; sums are floats. GEMM names the table, PARTS is of how many
 * bfloat16 a number is the sum, DEPTH the numbers of k that a block has at most.
 *
 * A tile of a is [32 of k][part][lanes][32], which is what the instruction takes; tiles of b
 * are [32 of k][part] times those of gemm_bf16.c, [two of k][lanes][2].
 */
#include <string.h>

#include "kernels/amx.h"

#define VL   16
#define MR   32
#define STEP 32 /* numbers of k */

#include "kernels/bf16_body.h"

#include "kernels/gemm_pack_body.h"

enum { WORDS = STEP / PAIR }; /* of a lane and a part, for one instruction */

/* to[rows,width]: x[there,n], or with `rest` what rounding leaves of that, among zeros. */
INLINE void take(float *to, size_t rows, size_t width, const float *x, size_t ld, size_t there,
                 size_t n, bool rest)
{
    if (rest && there >= rows && n >= width) {
        for (size_t i = 0; i < rows; i++)
            rest_all(to + i * width, x + i * ld, width);
        return;
    }
    there = there < rows ? there : rows;
    n = n < width ? n : width;
    memset(to, 0, rows * width * sizeof *to);
    for (size_t i = 0; i < there; i++)
        if (rest)
            rest_all(to + i * width, x + i * ld, n);
        else
            memcpy(to + i * width, x + i * ld, n * sizeof *x);
}

/* `width` lanes, `lanes` of them there, and STEP numbers of k, `depth` of them there: x as it
 * lies, or where some are not there or `rest` is wanted a copy in edge[width * STEP], whose
 * rows are then *ld apart. */
INLINE const float *whole_step(float *edge, size_t width, const float *x, size_t *ld, bool runs,
                               size_t lanes, size_t depth, bool rest)
{
    size_t rows = runs ? width : STEP, n = runs ? STEP : width;

    if (!rest && lanes >= width && depth >= STEP)
        return x;
    take(edge, rows, n, x, *ld, runs ? lanes : depth, runs ? depth : lanes, rest);
    *ld = n;
    return edge;
}

/* A part of VL lanes; arguments as above. */
INLINE void pack_step(float *to, const float *x, size_t ld, bool runs, size_t lanes,
                      size_t depth, bool rest)
{
    float edge[VL * STEP];
    vec r[VL];

    x = whole_step(edge, VL, x, &ld, runs, lanes, depth, rest);
#pragma GCC unroll 16
    for (size_t i = 0; i < VL; i++)
        r[i] = runs ? words_along(x + i * ld) : words_across(x + i * PAIR * ld, ld);
    if (!runs)
        transpose(r);
#pragma GCC unroll 16
    for (size_t i = 0; i < VL; i++)
        *(vec *)(to + i * WORDS) = r[i];
}

static void pack_rows(void *to, const float *x, size_t ld, bool runs, size_t lanes,
                      size_t after, size_t depth)
{
    size_t tile = gemm_tile_words(&GEMM, MR, depth), all = lanes + after;

    for (size_t i = 0; i < lanes; i += MR, to = (float *)to + tile)
        for (size_t k = 0; k < depth; k += STEP)
            for (size_t v = 0; v < PARTS * MR; v += VL) {
                size_t lane = i + v % MR, there = all > lane ? all - lane : 0;
                const float *from = runs ? x + lane * ld + k : x + k * ld + lane;
                float *at = (float *)to + (k / PAIR * PARTS * MR + v * WORDS);

                if (runs)
                    pack_step(at, from, ld, true, there, depth - k, v >= MR);
                else
                    pack_step(at, from, ld, false, there, depth - k, v >= MR);
            }
}

/* A part of NP lanes. */
INLINE void pack_columns_step(float *to, const float *x, size_t ld, bool runs, size_t lanes,
                              size_t depth, bool rest)
{
    float edge[NP * STEP];

    x = whole_step(edge, NP, x, &ld, runs, lanes, depth, rest);
    pack(to, NP, x, ld, runs, NP, 0, STEP);
}

static void pack_columns(void *to, const float *x, size_t ld, bool runs, size_t lanes,
                         size_t after, size_t depth)
{
    size_t tile = gemm_tile_words(&GEMM, NP, depth), all = lanes + after;

    for (size_t k = 0; k < depth; k += STEP)
        for (size_t i = 0; i < lanes; i += NP)
            for (size_t part = 0; part < PARTS; part++) {
                float *at =
                    (float *)to + i / NP * tile + (k / PAIR * PARTS + part * WORDS) * NP;

                if (runs)
                    pack_columns_step(at, x + i * ld + k, ld, true, all - i, depth - k, part);
                else
                    pack_columns_step(at, x + k * ld + i, ld, false, all - i, depth - k, part);
            }
}

/* c[MR,NP] = or added to: a tile of rows times a tile of columns; rounded numbers with each
 * other, then with both rests. Rows of `next` are asked for meanwhile: c of the tile after this
 * one. */
INLINE void tile(size_t steps, const float *a, const float *b, float *c, size_t ldc, bool add,
                 const float *next)
{
    struct amx_left left = {a, WORDS, VL * WORDS, MR * WORDS};

    amx_sums_begin(false, c, ldc, add);
    for (size_t k = 0; k < steps; k++, left.p += left.step, b += PARTS * WORDS * NP) {
        next = amx_ask(k, next, ldc);
        amx_sums_add(false, false, &left, b);
        if (PARTS == 2) {
            amx_sums_add(false, true, &left, b + WORDS * NP);
            left.p += left.step;
            amx_sums_add(false, false, &left, b);
        }
    }
    amx_sums_end(false, c, ldc);
}

/* The first m rows and n columns of one. */
static void cut_tile(size_t m, size_t n, size_t steps, const float *a, const float *b, float *c,
                     size_t ldc, bool add)
{
    float whole[MR][NP] = {{0}};

    m = m < MR ? m : MR;
    n = n < NP ? n : NP;
    for (size_t i = 0; i < m && add; i++)
        memcpy(whole[i], c + i * ldc, n * sizeof *c);
    tile(steps, a, b, whole[0], NP, add, NULL);
    for (size_t i = 0; i < m; i++)
        memcpy(c + i * ldc, whole[i], n * sizeof *c);
}

static void multiply(float *c, size_t ldc, size_t m, size_t n, size_t depth, const void *a,
                     const void *b, bool add)
{
    size_t steps = (depth + STEP - 1) / STEP;
    size_t a_tile = gemm_tile_words(&GEMM, MR, depth),
           b_tile = gemm_tile_words(&GEMM, NP, depth);

    amx_begin();
    for (size_t j = 0; j < n; j += NP) {
        const float *columns = (const float *)b + j / NP * b_tile;

        for (size_t i = 0; i < m; i += MR) {
            const float *rows = (const float *)a + i / MR * a_tile;

            if (m - i < MR || n - j < NP)
                cut_tile(m - i, n - j, steps, rows, columns, c + i * ldc + j, ldc, add);
            else
                tile(steps, rows, columns, c + i * ldc + j, ldc, add, c + (i + MR) * ldc + j);
        }
    }
    amx_end();
}

const struct gemm_kernels GEMM = {
    .rows = MR,
    .columns = NP,
    .depth = DEPTH,
    .pair = PAIR / PARTS,
    .step = STEP,
    .pack_rows = pack_rows,
    .pack_columns = pack_columns,
    .multiply = multiply,
    .round = round_all,
};
