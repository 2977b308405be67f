/*
 * blocks.h: how ops of NN_CPU cut their work: by its shape alone, or so that no sum crosses a
 * cut. Bits then do not depend on the number of threads. Private to this folder.
 */
#ifndef CPU_BLOCKS_H
#define CPU_BLOCKS_H

#include "cpu/host.h"

enum {
    BLOCK = 1 << 13, /* elements of a long array that one thread takes at a time */
    COLUMNS = 256,   /* the same of a column sum: 1 KB of each row */
    PANELS = 64      /* parts that a sum over rows is made in, at most */
};

static inline const struct loop_kernels *loops(const struct nn *nn)
{
    return ((const struct host *)nn)->loops;
}

static inline size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static inline size_t parts(size_t n, size_t step)
{
    return (n + step - 1) / step;
}

/** Rows of n elements that one thread takes at a time. */
static inline size_t row_block(size_t n)
{
    return n < BLOCK ? BLOCK / n : 1;
}

/** A sum over rows: each panel of rows into a row of `part`, then those rows in order. */
struct panels {
    size_t step, count;
    float *part; /* [count,n] */
};

static inline bool make_panels(struct nn *nn, struct panels *p, size_t rows, size_t n)
{
    p->step = parts(rows, PANELS) < 16 ? 16 : parts(rows, PANELS);
    p->count = parts(rows, p->step);
    p->part = nn->failed ? NULL : host_scratch(nn, (p->count * n + 1) * sizeof *p->part);
    return p->part;
}

/** For a thread of a parallel region: its share of sum[n] added to: the rows of `part`, which
 * lie `stride` apart. */
static inline void join_panels(const struct loop_kernels *k, const struct panels *p, float *sum,
                               const float *part, size_t n, size_t stride)
{
#pragma omp for schedule(static)
    for (size_t i = 0; i < n; i += COLUMNS)
        k->sum_rows(sum + i, part + i, p->count, smaller(COLUMNS, n - i), stride);
}

#endif
