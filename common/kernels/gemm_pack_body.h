/*
 * gemm_pack_body.h: packing of operands for matrix products; part of gemm_body.h.
 *
 * Packed, an operand is a row of tiles [words of k][lanes]: lanes are MR rows of a, or NP
 * columns of b. A word is what one lane of one multiplication takes: a float, or (PAIR 2,
 * bf16_body.h) two neighbouring k as bfloat16. Lanes and k beyond the operand's end are 0.
 */
#include <string.h>

#include "kernels/kernels.h"
#include "kernels/vmath.h"

enum {
    NP = 2 * VL, /* columns of a tile */
    AHEAD = 8    /* rows asked for before they are packed: only pieces of them are read */
};

typedef float vec __attribute__((vector_size(4 * VL), aligned(4), may_alias));

#include "kernels/transpose_body.h"

#ifndef PAIR
#define PAIR  1
#define ROUND NULL

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

/* r[VL] words of VL lanes, `lanes` of them there, from numbers k to k + VL PAIR, `depth` of
 * them there; each lane is a run of x, ld apart. */
INLINE void turn_square(vec *r, const float *x, size_t ld, size_t lanes, size_t depth)
{
    float edge[VL][VL * PAIR];

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
}

/* The same into packed tiles. */
INLINE void pack_square(float *to, size_t width, const float *x, size_t ld, size_t lanes,
                        size_t depth)
{
    vec r[VL];
    size_t words = depth < VL * PAIR ? (depth + PAIR - 1) / PAIR : VL;

    turn_square(r, x, ld, lanes, depth);
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
    size_t tile = gemm_tile_words(&GEMM, width, depth), tiles = (lanes + width - 1) / width;

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
