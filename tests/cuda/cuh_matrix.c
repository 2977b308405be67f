/*
 * cuh_matrix.c: a warp's matrix unit: what lanes hold of small matrices, and products of these.
 *
 * Where numbers lie is PTX' word (PTX ISA, "Matrix Fragments for mma.m16n8k16 with floating
 * point type" and "ldmatrix"). A product of two numbers is exact in float; in which order a
 * device adds these up PTX leaves open, and here it is that of the columns of a.
 */
#include <string.h>

#include "cuh.h"

enum { M = 16, N = 8, K = 16 };

/* Half `which` of a register, bfloat16, as a float. */
static float number(uint32_t pair, int which)
{
    uint32_t u = which ? pair & 0xffff0000U : pair << 16;
    float x;

    memcpy(&x, &u, sizeof x);
    return x;
}

/* a[row,k] and b[k,column] of a whole warp. */
static float left(const struct cuh_fragments *const *lanes, int row, int k)
{
    const struct cuh_fragments *f = lanes[row % 8 * 4 + k % 8 / 2];

    return number(f->a[row / 8 + k / 8 * 2], k % 2);
}

static float right(const struct cuh_fragments *const *lanes, int k, int column)
{
    return number(lanes[column * 4 + k % 8 / 2]->b[k / 8], k % 2);
}

static float *place_of_sum(struct cuh_fragments *const *lanes, int row, int column)
{
    return &lanes[row % 8 * 4 + column / 2]->sum[row / 8 * 2 + column % 2];
}

static void multiply(struct cuh_fragments *const *lanes)
{
    const struct cuh_fragments *const *of = (const struct cuh_fragments *const *)lanes;
    float a[M][K], b[K][N], sum[N];

    for (int k = 0; k < K; k++) {
        for (int row = 0; row < M; row++)
            a[row][k] = left(of, row, k);
        for (int column = 0; column < N; column++)
            b[k][column] = right(of, k, column);
    }
    for (int row = 0; row < M; row++) {
        for (int column = 0; column < N; column++)
            sum[column] = *place_of_sum(lanes, row, column);
        for (int k = 0; k < K; k++)
            for (int column = 0; column < N; column++)
                sum[column] += a[row][k] * b[k][column];
        for (int column = 0; column < N; column++)
            *place_of_sum(lanes, row, column) = sum[column];
    }
}

/* What lane j gets of matrix m: a row's two numbers, or a column's. */
static uint32_t two_of(const struct cuh_rows *const *lanes, int m, int j)
{
    const struct cuh_rows *const *rows = lanes + m * 8;
    int first = j % 4 * 2, other = j / 4;
    uint16_t a, b;

    if (!lanes[j]->transposed)
        return rows[other]->row[first / 2];
    memcpy(&a, (const char *)rows[first]->row + other * 2, sizeof a);
    memcpy(&b, (const char *)rows[first + 1]->row + other * 2, sizeof b);
    return (uint32_t)b << 16 | a;
}

static void distribute(struct cuh_rows *const *lanes)
{
    for (int j = 0; j < LANES; j++)
        for (int m = 0; m < 4; m++)
            lanes[j]->to[m] = two_of((const struct cuh_rows *const *)lanes, m, j);
}

bool row_may_lie(const void *p)
{
    char *base;
    size_t n = shared_range(&base);

    if ((size_t)((const char *)p - base) >= n)
        cuh_report(NULL, "a matrix at %p, which is not in shared memory", p);
    else if ((uintptr_t)p % sizeof(uint32_t[4]))
        cuh_report(NULL, "a row of a matrix at %p, which is not aligned to its 16 bytes", p);
    else
        return true;
    return false;
}

void cuh_read_row(uint32_t row[4], const void *from)
{
    size_t n = 4 * sizeof *row;

    memset(row, 0xff, n); /* NaNs */
    if (!row_may_lie(from))
        return;
    if (cuh_hooked)
        access_note(from, n, false, false, __builtin_return_address(0));
    memcpy(row, from, n);
}

void matrices_meet(enum cuh_meeting how, void *const *lanes)
{
    struct cuh_fragments *fragments[LANES];
    struct cuh_rows *rows[LANES];

    for (int j = 0; j < LANES; j++) {
        fragments[j] = lanes[j];
        rows[j] = lanes[j];
    }
    if (how == CUH_PRODUCT)
        multiply(fragments);
    else
        distribute(rows);
}
