/* dedup.c: a set of hashes with open addressing. At most three quarters of its
 * slots are used. */
#include "text/dedup.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_SIZE = 1024 };

/* Returns the slot of a hash, or the free slot where it belongs. Hashes are uniform, so their
 * low bits are the place. 0 marks a free slot. */
static size_t find_hash(const struct hashset *s, uint64_t hash)
{
    size_t at = hash & (s->size - 1);

    while (s->slots[at] && s->slots[at] != hash)
        at = (at + 1) & (s->size - 1);
    return at;
}

bool hashset_has(const struct hashset *s, uint64_t hash)
{
    hash += hash == 0;
    return s->size && s->slots[find_hash(s, hash)];
}

/* Double the slots. Until the old slots are freed the budget counts both. */
static bool grow_set(struct hashset *s, struct budget *b)
{
    struct hashset bigger = {.size = s->size ? 2 * s->size : FIRST_SIZE, .n = s->n};
    uint64_t bytes = (uint64_t)bigger.size * sizeof *s->slots;

    if (!budget_take(b, bytes))
        return false;
    if (!(bigger.slots = calloc(bigger.size, sizeof *s->slots))) {
        b->used -= bytes;
        return false;
    }
    for (size_t i = 0; i < s->size; i++)
        if (s->slots[i])
            bigger.slots[find_hash(&bigger, s->slots[i])] = s->slots[i];
    b->used -= (uint64_t)s->size * sizeof *s->slots;
    free(s->slots);
    *s = bigger;
    return true;
}

bool hashset_add(struct hashset *s, uint64_t hash, struct budget *b)
{
    size_t at;

    hash += hash == 0;
    if (hashset_has(s, hash))
        return true;
    if (s->full || (s->n + 1 > s->size / 4 * 3 && !grow_set(s, b))) {
        s->full = true;
        return false;
    }
    at = find_hash(s, hash);
    s->slots[at] = hash;
    s->n++;
    return true;
}

void hashset_clear(struct hashset *s)
{
    if (s->size)
        memset(s->slots, 0, s->size * sizeof *s->slots);
    s->n = 0;
    s->full = false;
}

void hashset_free(struct hashset *s)
{
    free(s->slots);
    *s = (struct hashset){0};
}
