#include "wordpiece/best_pairs.h"

#include <stdlib.h>

/*
 * Pairs are counted in a hash table. Only those are counted whose bound is high enough, which
 * keeps most of a large text's pairs out; if the table gets full all the same, the least that a
 * bound must be is raised, and the pairs that are then too low are dropped.
 *
 * Where there are so many pairs that bounds tell little, this may leave no pair at all. Then
 * all pairs are counted, and if they are too many for the table, the file is read several
 * times, and each time only the pairs whose hash falls into one part are counted.
 *
 * Each time the table is turned into a heap, in place, and its best pairs are merged into a
 * list.
 */
struct seen {
    uint64_t key; /* of a pair; 0 is a free slot */
    uint64_t count;
};

struct scan {
    struct seen *slot;
    unsigned bits;
    size_t n;
    const struct pair_bounds *bounds; /* NULL: all pairs are counted */
    uint64_t least;                   /* pairs that do not reach this count are left out: */
    uint64_t *reach; /* a bit for each cell of the bounds says whether it does */
    unsigned parts, part;
};

enum { FIRST_BITS = 12, FULL = 1, MAX_PARTS = 1 << 20 };

static struct pair_rank rank_of(const struct seen *s)
{
    return (struct pair_rank){s->count, (uint32_t)((s->key - 1) >> 32), (uint32_t)(s->key - 1)};
}

static struct seen *find_slot(const struct scan *s, uint64_t key)
{
    size_t mask = ((size_t)1 << s->bits) - 1, i = pair_hash(key) >> (64 - s->bits);

    while (s->slot[i].key && s->slot[i].key != key)
        i = (i + 1) & mask;
    return &s->slot[i];
}

static void set_least(struct scan *s, uint64_t least)
{
    s->least = least;
    pair_bounds_that_reach(s->bounds, s->reach, least);
}

static bool may_reach(const struct scan *s, uint64_t key)
{
    size_t cell = pair_hash(key) >> (64 - s->bounds->bits);

    return s->reach[cell / 64] >> cell % 64 & 1;
}

static size_t most_pairs(const struct scan *s)
{
    return ((size_t)1 << s->bits) / 4 * 3;
}

/* Drop the pairs whose bound is too low now. What is left moves to where it can be found: the
 * slots are walked from a free one on, and each pair is put again. */
static void drop_low(struct scan *s)
{
    size_t mask = ((size_t)1 << s->bits) - 1, first = 0;

    while (s->slot[first].key)
        first++;
    s->n = 0;
    for (size_t k = 1; k <= mask; k++) {
        struct seen *at = &s->slot[(first + k) & mask], here = *at;

        at->key = 0;
        if (!here.key || !may_reach(s, here.key))
            continue;
        *find_slot(s, here.key) = here;
        s->n++;
    }
}

/* Make room in a full table. Returns RF_OK, or FULL: no room can be made. */
static int raise_least(struct scan *s)
{
    while (s->bounds && s->n > most_pairs(s) / 2) {
        set_least(s, s->least + s->least / 4 + 1);
        drop_low(s);
    }
    return s->bounds ? RF_OK : FULL;
}

static int count_pair(struct scan *s, uint64_t key, uint64_t count)
{
    struct seen *at;

    if (s->bounds && !may_reach(s, key))
        return RF_OK;
    if (s->parts > 1 && (uint32_t)(pair_hash(key) >> 8) % s->parts != s->part)
        return RF_OK;
    at = find_slot(s, key);
    if (!at->key) {
        if (s->n == most_pairs(s)) {
            int rc = raise_least(s);

            return rc == RF_OK ? count_pair(s, key, count) : rc;
        }
        *at = (struct seen){.key = key};
        s->n++;
    }
    at->count += count;
    return RF_OK;
}

/* Count the pairs of one part. Returns RF_OK, FULL or an error. */
static int count_part(struct scan *s, struct spelled *words, struct errbuf *eb)
{
    uint32_t *ids;
    uint64_t count;
    size_t n;
    int rc = spelled_rewind(words, eb);

    for (size_t i = 0; i < (size_t)1 << s->bits; i++)
        s->slot[i] = (struct seen){0};
    s->n = 0;
    while (rc == RF_OK && (rc = spelled_next(words, &ids, &n, &count, eb)) == 1) {
        rc = RF_OK;
        for (size_t k = 1; rc == RF_OK && k < n; k++)
            rc = count_pair(s, pair_key(ids[k - 1], ids[k]), count);
    }
    return rc;
}

static bool is_above(const struct seen *x, const struct seen *y)
{
    return x->count > y->count || (x->count == y->count && x->key < y->key);
}

/* Let item i of a heap of n sink to its place. */
static void sink(struct seen *heap, size_t n, size_t i)
{
    struct seen s = heap[i];

    for (size_t child = 2 * i + 1; child < n; child = 2 * i + 1) {
        if (child + 1 < n && is_above(&heap[child + 1], &heap[child]))
            child++;
        if (!is_above(&heap[child], &s))
            break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = s;
}

/* Make the table a heap of the pairs above the floor. Returns how many they are. */
static size_t make_heap(struct scan *s, const struct pair_rank *floor)
{
    size_t n = 0;

    for (size_t i = 0; i < (size_t)1 << s->bits; i++) {
        struct pair_rank rank = rank_of(&s->slot[i]);

        if (s->slot[i].key && pair_is_above(&rank, floor))
            s->slot[n++] = s->slot[i];
    }
    for (size_t i = n / 2; i-- > 0;)
        sink(s->slot, n, i);
    return n;
}

/* Merge the heap into the list, up to `most` pairs. The first pair that is one too many is the
 * new floor. */
static int merge_heap(struct best_pairs *b, struct scan *s, size_t most)
{
    size_t heap = make_heap(s, &b->floor), n = 0, i = 0,
           room = heap + b->n < most ? heap + b->n : most;
    struct pair_rank *list = malloc((room + 1) * sizeof *list);

    if (!list)
        return RF_ENOMEM;
    for (; heap || i < b->n; n++) {
        struct pair_rank next = heap ? rank_of(&s->slot[0]) : b->pair[i];
        bool from_list = i < b->n && !pair_is_above(&next, &b->pair[i]);

        if (from_list)
            next = b->pair[i];
        if (n == most) {
            b->floor = next;
            break;
        }
        list[n] = next;
        if (from_list) {
            i++;
        } else {
            s->slot[0] = s->slot[--heap];
            sink(s->slot, heap, 0);
        }
    }
    free(b->pair);
    b->pair = list;
    b->n = n;
    return RF_OK;
}

/* Count the pairs that are likely to be the best, in one go; if none of them reaches the least
 * count, more. */
static int find_likely(struct best_pairs *b, struct scan *s, struct spelled *words, size_t most,
                       uint64_t min_count, struct errbuf *eb)
{
    for (;;) {
        uint64_t least = s->least;
        int rc = count_part(s, words, eb);

        if (rc != RF_OK)
            return rc;
        b->floor = (struct pair_rank){.count = s->least - 1};
        if (merge_heap(b, s, most) != RF_OK)
            return err_nomem(eb);
        if (b->n || s->least > least || least == min_count)
            return RF_OK;
        set_least(s, least / 4 > min_count ? least / 4 : min_count);
    }
}

/* Count all pairs, in parts if need be. */
static int find_any(struct best_pairs *b, struct scan *s, struct spelled *words, size_t most,
                    struct errbuf *eb)
{
    int rc = FULL;

    for (s->parts = b->parts ? b->parts : 1; rc == FULL && s->parts <= MAX_PARTS;
         s->parts *= 2) {
        b->n = 0;
        b->parts = s->parts;
        b->floor = (struct pair_rank){.count = s->least - 1};
        rc = RF_OK;
        for (s->part = 0; rc == RF_OK && s->part < s->parts; s->part++)
            if ((rc = count_part(s, words, eb)) == RF_OK && merge_heap(b, s, most) != RF_OK)
                rc = err_nomem(eb);
    }
    return rc == FULL ? err_nomem(eb) : rc;
}

int best_pairs_find(struct best_pairs *b, struct spelled *words,
                    const struct pair_bounds *bounds, size_t most, uint64_t memory,
                    uint64_t min_count, struct errbuf *eb)
{
    struct scan s = {.bits = FIRST_BITS, .bounds = bounds, .parts = 1};
    int rc = RF_OK;

    while (sizeof *s.slot << (s.bits + 1) <= memory)
        s.bits++;
    s.slot = malloc(sizeof *s.slot << s.bits);
    s.reach = malloc(((size_t)1 << bounds->bits) / 8);
    if (!s.slot || !s.reach) {
        rc = err_nomem(eb);
        goto out;
    }
    b->n = 0;
    set_least(&s, pair_bounds_reach(bounds, most, min_count));
    if (!b->parts)
        rc = find_likely(b, &s, words, most, min_count, eb);
    if (rc == RF_OK && !b->n && s.least > min_count) {
        s.bounds = NULL;
        s.least = min_count;
        rc = find_any(b, &s, words, most, eb);
    }
out:
    free(s.slot);
    free(s.reach);
    return rc;
}

void best_pairs_free(struct best_pairs *b)
{
    free(b->pair);
    *b = (struct best_pairs){0};
}
