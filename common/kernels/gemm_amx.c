/*
 * gemm_amx.c: products of numbers rounded to bfloat16, by AMX: an instruction multiplies 16
 * lanes of a, 32 numbers of k each, with 16 lanes of b; sums are floats. Denormals count as 0.
 *
 * A tile of a is [32 of k][lanes][32], which is what the instruction takes; tiles of b are
 * those of gemm_bf16.c, [two of k][lanes][2].
 */
#include "kernels/kernels.h"

#if defined(__AMX_BF16__) || defined(__AMXBF16__) /* gcc's name, clang 14's */
#include <string.h>

#include "kernels/amx.h"

#define GEMM  gemm_amx
#define VL    16
#define MR    32
#define DEPTH 768
#define STEP  32 /* numbers of k */

#include "kernels/bf16_body.h"

#include "kernels/gemm_pack_body.h"

enum { WORDS = STEP / PAIR }; /* of a lane, for one instruction */

/* VL lanes, `lanes` of them there, STEP numbers of k, `depth` of them there. */
INLINE void pack_step(float *to, const float *x, size_t ld, bool runs, size_t lanes,
                      size_t depth)
{
    float edge[VL * STEP];
    vec r[VL];

    if (lanes < VL || depth < STEP) {
        size_t rows = runs ? lanes : depth, n = runs ? depth : lanes, width = runs ? STEP : VL;

        rows = rows < (runs ? VL : STEP) ? rows : runs ? VL : STEP;
        n = n < width ? n : width;
        memset(edge, 0, sizeof edge);
        for (size_t i = 0; i < rows; i++)
            memcpy(edge + i * width, x + i * ld, n * sizeof *x);
        x = edge;
        ld = width;
    }
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
            for (size_t v = 0; v < MR; v += VL) {
                size_t there = all > i + v ? all - i - v : 0, lane = i + v;
                const float *from = runs ? x + lane * ld + k : x + k * ld + lane;
                float *at = (float *)to + k / PAIR * MR + v * WORDS;

                if (runs)
                    pack_step(at, from, ld, true, there, depth - k);
                else
                    pack_step(at, from, ld, false, there, depth - k);
            }
}

/* Words of k that no pair of numbers fills are 0. */
static void pack_columns(void *to, const float *x, size_t ld, bool runs, size_t lanes,
                         size_t after, size_t depth)
{
    size_t tile = gemm_tile_words(&GEMM, NP, depth), words = (depth + PAIR - 1) / PAIR;
    size_t all = (words + WORDS - 1) / WORDS * WORDS;

    pack(to, NP, x, ld, runs, lanes, after, depth);
    for (size_t i = 0; i < lanes && words < all; i += NP)
        memset((float *)to + i / NP * tile + words * NP, 0, (all - words) * NP * sizeof(float));
}

/* c[MR,NP] = or added to: a tile of rows times a tile of columns. Rows of `next` are asked for
 * meanwhile: c of the tile after this one. */
INLINE void tile(size_t steps, const float *a, const float *b, float *c, size_t ldc, bool add,
                 const float *next)
{
    amx_square(false, steps, (struct amx_left){a, WORDS, VL * WORDS, MR * WORDS}, b, c, ldc,
               add, next);
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
    .pair = PAIR,
    .step = STEP,
    .pack_rows = pack_rows,
    .pack_columns = pack_columns,
    .multiply = multiply,
    .round = round_all,
};
#endif
