/*
 * past_order.h: LSH one position at a time: the positions of a round in the order of their
 * buckets, as lsh_sort() would bring them. Private to this folder.
 */
#ifndef CPU_PAST_ORDER_H
#define CPU_PAST_ORDER_H

#include <string.h>

#include "nn/ops.h"

/** The slots of a bucket: from `from` to before `to`. */
struct past_slots {
    size_t from, to;
};

static inline struct past_slots past_slots(const int32_t *count, int32_t bucket)
{
    struct past_slots s = {0, 0};

    for (int32_t b = 0; b < bucket; b++)
        s.from += (size_t)count[b];
    s.to = s.from + (size_t)count[bucket];
    return s;
}

/** order[n] and count[N] take one position more, the largest. */
static inline void past_insert(int32_t *order, int32_t *count, size_t n, int32_t bucket,
                               int32_t position)
{
    size_t at = past_slots(count, bucket).to;

    memmove(order + at + 1, order + at, (n - at) * sizeof *order);
    order[at] = position;
    count[bucket]++;
}

/** The same for positions 0 to n - 1 of bucket[n] at once, where there are none yet. */
static inline void past_sort(int32_t *order, int32_t *count, size_t n, const int32_t *bucket,
                             size_t N)
{
    int32_t end = 0;

    for (size_t t = 0; t < n; t++)
        count[bucket[t]]++;
    for (size_t b = 0; b < N; b++) { /* for a moment count is where each bucket begins */
        int32_t had = count[b];

        count[b] = end;
        end += had;
    }
    for (size_t t = 0; t < n; t++)
        order[count[bucket[t]]++] = (int32_t)t;
    for (size_t b = N; b-- > 1;) /* now it is where each one ends */
        count[b] -= count[b - 1];
}

/** Put s->queries positions from `first` on: bucket[R,T] of a head; recent and count are that
 * head's. */
static inline void past_put(const struct attend_past *one, const int32_t *bucket, size_t first,
                            const struct attend_dims *s)
{
    for (size_t r = 0; r < s->R; r++) {
        int32_t *order = one->recent + r * one->room, *count = one->count + r * one->N;
        const int32_t *own = bucket + r * s->T;

        if (first == 0)
            past_sort(order, count, s->queries, own, one->N);
        for (size_t t = 0; t < s->queries && first > 0; t++)
            past_insert(order, count, first + t, own[t], (int32_t)(first + t));
    }
}

#endif
