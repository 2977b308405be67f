/* ranks_parts.c: which rank has which part of a block. */
#include "ranks/ranks.h"

/* The bits of i below `size`, a power of two, in reverse order. */
static size_t reversed(size_t i, size_t size)
{
    size_t out = 0;

    for (size_t bit = 1; bit < size; bit *= 2)
        out = out * 2 + (i / bit & 1);
    return out;
}

size_t ranks_part(const struct ranks *r, int rank)
{
    return reversed((size_t)rank, (size_t)r->size);
}

int ranks_owner(const struct ranks *r, size_t part)
{
    return (int)reversed(part, (size_t)r->size);
}

int ranks_exchanges(const struct ranks *r)
{
    int n = 0;

    while (1 << n < r->size)
        n++;
    return n;
}

size_t ranks_held(const struct ranks *r, int rank, int k, size_t *first)
{
    size_t size = (size_t)r->size;

    *first = 0;
    for (int i = 0; i < k; i++)
        if (rank >> i & 1)
            *first += size >> (i + 1);
    return size >> k;
}

void ranks_borders(const struct ranks *r, size_t *border, size_t n)
{
    size_t size = (size_t)r->size;

    for (size_t p = 0; p <= size; p++) /* p * n / size, without a product that is too large */
        border[p] = n / size * p + n % size * p / size;
}
