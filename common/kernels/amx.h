/* amx.h: Intel's tile unit: eight tiles of 16 rows of 64 bytes, always whole. */
#ifndef KERNELS_AMX_H
#define KERNELS_AMX_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/vmath.h"

/* Of a file that is compiled for AMX. Not by intrinsics: those of gcc 12 let stores to memory
 * that a tile is loaded from be made after the load. */
#define TILE_MOVE(what, p, stride)                                                             \
    __asm__ volatile(what : : "r"(p), "r"((size_t)(stride)) : "memory")
#define TILE_LOAD(t, p, stride)  TILE_MOVE("tileloadd (%0,%1), %%tmm" #t, p, stride)
#define TILE_STORE(t, p, stride) TILE_MOVE("tilestored %%tmm" #t ", (%0,%1)", p, stride)
#define TILE_ZERO(t)             __asm__ volatile("tilezero %%tmm" #t ::)
/* c[16,16] += a[16,32] b[32,16]: row i of b holds rows 2 i and 2 i + 1, element by element */
#define TILE_MULTIPLY(c, a, b)                                                                 \
    __asm__ volatile("tdpbf16ps %%tmm" #b ", %%tmm" #a ", %%tmm" #c ::)

/* Before the first tile of a thread; its tiles are lost at amx_end(). */
static inline void amx_begin(void)
{
    static const struct {
        unsigned char palette, start_row, unused[14];
        unsigned short row_bytes[16];
        unsigned char rows[16];
    } whole __attribute__((aligned(64))) = {
        .palette = 1,
        .row_bytes = {64, 64, 64, 64, 64, 64, 64, 64},
        .rows = {16, 16, 16, 16, 16, 16, 16, 16},
    };

    __asm__ volatile("ldtilecfg %0" : : "m"(whole));
}

static inline void amx_end(void)
{
    __asm__ volatile("tilerelease" ::);
}

enum { AMX_ROWS = 16 }; /* of a tile, and its columns in words of 4 bytes */

/* Two tiles of a: how far it is, in words, from one row to the next, from one tile to the
 * other, and to the columns that follow. */
struct amx_left {
    const float *p;
    size_t row, second, step;
};

/* Sums of c[32,32], rows ldc apart, or with `one` of its first 16 rows, in tiles 0 to 3: what c
 * is where `add` is set, else 0. */
INLINE void amx_sums_begin(bool one, const float *c, size_t ldc, bool add)
{
    size_t row = ldc * sizeof *c;
    const float *low = c + AMX_ROWS * ldc;

    if (add) {
        TILE_LOAD(0, c, row);
        TILE_LOAD(1, c + AMX_ROWS, row);
    } else {
        TILE_ZERO(0);
        TILE_ZERO(1);
    }
    if (add && !one) {
        TILE_LOAD(2, low, row);
        TILE_LOAD(3, low + AMX_ROWS, row);
    } else {
        TILE_ZERO(2);
        TILE_ZERO(3);
    }
}

INLINE void amx_sums_end(bool one, float *c, size_t ldc)
{
    size_t row = ldc * sizeof *c;
    float *low = c + AMX_ROWS * ldc;

    TILE_STORE(0, c, row);
    TILE_STORE(1, c + AMX_ROWS, row);
    if (!one) {
        TILE_STORE(2, low, row);
        TILE_STORE(3, low + AMX_ROWS, row);
    }
}

enum { AMX_COLUMNS = 2 * AMX_ROWS }; /* words of a row of b */

/* The sums added to: a column of tiles of a times b[16,32], by way of tiles 4 to 7. Where
 * `loaded` is set, 4 and 5 have those of a already. */
INLINE void amx_sums_add(bool one, bool loaded, const struct amx_left *a, const float *b)
{
    size_t row = a->row * sizeof *a->p;

    if (!loaded)
        TILE_LOAD(4, a->p, row);
    TILE_LOAD(6, b, AMX_COLUMNS * sizeof *b);
    TILE_LOAD(7, b + AMX_ROWS, AMX_COLUMNS * sizeof *b);
    TILE_MULTIPLY(0, 4, 6);
    if (!one && !loaded)
        TILE_LOAD(5, a->p + a->second, row);
    TILE_MULTIPLY(1, 4, 7);
    if (!one) {
        TILE_MULTIPLY(2, 5, 6);
        TILE_MULTIPLY(3, 5, 7);
    }
}

/* Four of the 32 rows of `next` that a product is going to add to are asked for in each of its
 * steps. NULL: none. */
INLINE const float *amx_ask(size_t step, const float *next, size_t ldc)
{
    for (size_t i = 0; next && 4 * step < AMX_COLUMNS && i < 4; i++, next += ldc) {
        __builtin_prefetch(next, 1);
        __builtin_prefetch(next + AMX_ROWS, 1);
    }
    return next;
}

/* c[32,32], rows ldc apart, or with `one` its first 16 rows: the sum over `steps` columns of
 * tiles of a, times b[steps * 16,32]; added to where `add` is set. */
INLINE void amx_square(bool one, size_t steps, struct amx_left a, const float *b, float *c,
                       size_t ldc, bool add, const float *next)
{
    amx_sums_begin(one, c, ldc, add);
    for (size_t k = 0; k < steps; k++, a.p += a.step, b += AMX_ROWS * AMX_COLUMNS) {
        next = amx_ask(k, next, ldc);
        amx_sums_add(one, false, &a, b);
    }
    amx_sums_end(one, c, ldc);
}

#endif
