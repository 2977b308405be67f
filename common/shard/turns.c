#include "shard/turns.h"

#include <math.h>

static const uint64_t whole = (uint64_t)1 << 32;
static const uint64_t golden = 2654435769; /* of `whole`; odd, so that 2^32 turns meet each
                                              number once */

void turns_begin(struct turns *t, double (*weight)(const void *self, size_t i),
                 const void *self)
{
    double sum = 0, all = 0;

    for (size_t i = 0; i < t->n; i++)
        all += weight(self, i);
    for (size_t i = 0; i < t->n; i++) {
        sum += weight(self, i);
        t->limit[i] = i + 1 < t->n ? (uint64_t)llround(sum / all * (double)whole) : whole;
    }
}

size_t turns_whose(const struct turns *t, uint64_t i)
{
    uint32_t at = (uint32_t)(golden * i + t->start);
    size_t low = 0, high = t->n;

    while (high > low) { /* the first limit above `at` */
        size_t mid = low + (high - low) / 2;

        if (t->limit[mid] > at)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

/* The sum over k = 0 ... n - 1 of (golden k + b) / whole, rounded down, modulo 2^64; n is below
 * 2^32. What is below the line is counted by columns or by rows, whichever are fewer, as in
 * Euclid's algorithm. */
static uint64_t floor_sum(uint64_t n, uint64_t b)
{
    uint64_t a = golden, m = whole, sum = 0, top, swap;

    for (;;) {
        if (a >= m)
            sum += n * (n - 1) / 2 * (a / m);
        a %= m;
        sum += n * (b / m);
        b %= m;
        top = a * n + b;
        if (top < m)
            return sum;
        n = top / m;
        b = top % m;
        swap = m;
        m = a;
        a = swap;
    }
}

/* How many of the first n numbers lie below a limit. */
static uint64_t below(const struct turns *t, uint64_t limit, uint64_t n)
{
    uint64_t rest = n % whole;

    return n / whole * limit + rest + floor_sum(rest, t->start) -
           floor_sum(rest, t->start + whole - limit);
}

uint64_t turns_before(const struct turns *t, size_t source, uint64_t i)
{
    return below(t, t->limit[source], i) - (source ? below(t, t->limit[source - 1], i) : 0);
}
