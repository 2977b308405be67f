#include "wordpiece/pair_set.h"

#include <stdlib.h>

#include "base/table.h"

enum { MIN_CELL_BITS = 10, MAX_CELL_BITS = 30, MIN_BITS = 6, BITS_A_PAIR = 4 };

int pair_bounds_new(struct pair_bounds *b, uint64_t memory)
{
    b->bits = MIN_CELL_BITS;
    while (b->bits < MAX_CELL_BITS && sizeof *b->cell << (b->bits + 1) <= memory)
        b->bits++;
    b->cell = table_new((size_t)1 << b->bits, sizeof *b->cell);
    return b->cell ? RF_OK : RF_ENOMEM;
}

static size_t cells_that_reach(const struct pair_bounds *b, uint64_t count)
{
    size_t n = 0;

    for (size_t i = 0; i < (size_t)1 << b->bits; i++)
        n += b->cell[i] >= count;
    return n;
}

uint64_t pair_bounds_reach(const struct pair_bounds *b, size_t n, uint64_t least)
{
    uint64_t low = least, high = least; /* low - 1 is reached too often, or is too low */

    while (cells_that_reach(b, high) > n)
        high = high > UINT64_MAX / 2 ? UINT64_MAX : 2 * high;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (cells_that_reach(b, middle) <= n)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void pair_bounds_that_reach(const struct pair_bounds *b, uint64_t *reach, uint64_t count)
{
    for (size_t i = 0; i < (size_t)1 << b->bits; i++)
        reach[i / 64] = (i % 64 ? reach[i / 64] : 0) | (uint64_t)(b->cell[i] >= count)
                                                           << i % 64;
}

void pair_bounds_free(struct pair_bounds *b)
{
    free(b->cell);
    *b = (struct pair_bounds){0};
}

int pair_set_new(struct pair_set *s, size_t n)
{
    *s = (struct pair_set){.bits = MIN_BITS};
    while ((size_t)1 << s->bits < n + n / 2)
        s->bits++;
    s->filter_bits = s->bits + BITS_A_PAIR;
    s->slot = calloc((size_t)1 << s->bits, sizeof *s->slot);
    s->filter = calloc((size_t)1 << (s->filter_bits - 6), sizeof *s->filter);
    if (s->slot && s->filter)
        return RF_OK;
    pair_set_free(s);
    return RF_ENOMEM;
}

void pair_set_put(struct pair_set *s, uint64_t key, uint32_t value)
{
    uint64_t hash = pair_hash(key), bit = hash >> (64 - s->filter_bits);
    size_t mask = ((size_t)1 << s->bits) - 1, i = hash >> (64 - s->bits);

    while (s->slot[i].key)
        i = (i + 1) & mask;
    s->slot[i] = (struct pair_slot){key, value};
    s->filter[bit / 64] |= (uint64_t)1 << bit % 64;
}

void pair_set_free(struct pair_set *s)
{
    free(s->slot);
    free(s->filter);
    *s = (struct pair_set){0};
}
