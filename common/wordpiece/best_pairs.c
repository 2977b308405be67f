#include "wordpiece/best_pairs.h"

#include <stdlib.h>

/*
 * Pairs are counted in a hash table that takes half of the memory. If there are too many, the
 * file is read several times, and each time only the pairs whose hash falls into one part are
 * counted. After each part the table is turned into a heap, in place, and its best pairs are
 * merged into a list.
 */
struct seen {
    uint64_t key; /* a and b, plus 1: 0 is a free slot */
    uint64_t count, symbols, places;
};

struct scan {
    struct seen *slot;
    unsigned bits;
    size_t n;
    unsigned parts, part;
};

enum { FIRST_BITS = 12, FULL = 1, MAX_PARTS = 1 << 20 };

/* Measured: the memory that a pair takes, a place where it stands, a symbol of its word; and
 * what a place takes for the new pairs that merging makes until the round ends. */
enum { PAIR_BYTES = 120, PLACE_BYTES = 40, SYMBOL_BYTES = 6, ROUND_BYTES = 240 };

static uint64_t bytes_to_keep(const struct best_pair *p)
{
    return PAIR_BYTES + p->places * PLACE_BYTES + p->symbols * SYMBOL_BYTES;
}

uint64_t best_pair_bytes(const struct best_pair *p)
{
    return bytes_to_keep(p) + p->places * ROUND_BYTES;
}

static struct best_pair best_of(const struct seen *s)
{
    return (struct best_pair){
        {s->count, (uint32_t)((s->key - 1) >> 32), (uint32_t)(s->key - 1)},
        s->symbols,
        s->places};
}

/* Count a pair. False if the table is full. */
static bool count_pair(struct scan *s, uint64_t key, uint64_t count, size_t symbols)
{
    uint64_t hash = key * 0x9E3779B97F4A7C15u;
    size_t mask = ((size_t)1 << s->bits) - 1, i = hash >> (64 - s->bits);

    if (s->parts > 1 && (uint32_t)(hash >> 8) % s->parts != s->part)
        return true;
    while (s->slot[i].key && s->slot[i].key != key)
        i = (i + 1) & mask;
    if (!s->slot[i].key) {
        if (s->n > mask / 4 * 3)
            return false;
        s->slot[i].key = key;
        s->n++;
    }
    s->slot[i].count += count;
    s->slot[i].symbols += symbols;
    s->slot[i].places++;
    return true;
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
        for (size_t k = 1; k < n; k++)
            if (!count_pair(s, ((uint64_t)ids[k - 1] << 32 | ids[k]) + 1, count, n))
                return FULL;
        rc = RF_OK;
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
        struct best_pair p = best_of(&s->slot[i]);

        if (s->slot[i].key && pair_is_above(&p.rank, floor))
            s->slot[n++] = s->slot[i];
    }
    for (size_t i = n / 2; i-- > 0;)
        sink(s->slot, n, i);
    return n;
}

static int append(struct best_pairs *b, size_t *cap, const struct best_pair *p)
{
    if (b->n == *cap) {
        size_t more = *cap ? *cap + *cap / 2 : 256;
        struct best_pair *pair = realloc(b->pair, more * sizeof *pair);

        if (!pair)
            return RF_ENOMEM;
        b->pair = pair;
        *cap = more;
    }
    b->pair[b->n++] = *p;
    return RF_OK;
}

/* Merge the heap into the list as far as memory goes. The first pair that does not fit is
 * the new floor. */
static int merge_heap(struct best_pairs *b, struct scan *s, uint64_t memory)
{
    struct best_pairs old = *b;
    size_t heap = make_heap(s, &b->floor), cap = 0, i = 0;
    uint64_t spent = 0, most = 0;
    int rc = RF_OK;

    b->pair = NULL;
    b->n = 0;
    while (rc == RF_OK && (heap || i < old.n)) {
        struct best_pair next = heap ? best_of(&s->slot[0]) : old.pair[i];
        bool from_old = i < old.n && !pair_is_above(&next.rank, &old.pair[i].rank);

        if (from_old)
            next = old.pair[i];
        most = next.places > most ? next.places : most;
        spent += bytes_to_keep(&next);
        if (b->n && spent + most * ROUND_BYTES > memory) {
            b->floor = next.rank;
            break;
        }
        if (from_old) {
            i++;
        } else {
            s->slot[0] = s->slot[--heap];
            sink(s->slot, heap, 0);
        }
        rc = append(b, &cap, &next);
    }
    free(old.pair);
    return rc;
}

int best_pairs_find(struct best_pairs *b, struct spelled *words, uint64_t memory,
                    uint64_t min_count, struct errbuf *eb)
{
    struct scan s = {.bits = FIRST_BITS, .parts = b->parts ? b->parts : 1};
    int rc = FULL;

    while (sizeof *s.slot << (s.bits + 1) <= memory / 2)
        s.bits++;
    if (!(s.slot = malloc(sizeof *s.slot << s.bits)))
        return err_nomem(eb);
    for (; rc == FULL && s.parts <= MAX_PARTS; s.parts *= 2) {
        b->n = 0;
        b->parts = s.parts;
        b->floor = (struct pair_rank){.count = min_count - 1};
        rc = RF_OK;
        for (s.part = 0; rc == RF_OK && s.part < s.parts; s.part++)
            if ((rc = count_part(&s, words, eb)) == RF_OK && merge_heap(b, &s, memory) != RF_OK)
                rc = err_nomem(eb);
    }
    free(s.slot);
    return rc == FULL ? err_nomem(eb) : rc;
}

void best_pairs_free(struct best_pairs *b)
{
    free(b->pair);
    *b = (struct best_pairs){0};
}
