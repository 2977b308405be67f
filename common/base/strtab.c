#include "base/strtab.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/table.h"

const char *strtab_get(const struct strtab *t, size_t i, size_t *len)
{
    if (len)
        *len = t->start[i + 1] - t->start[i] - 1;
    return t->text.data + t->start[i];
}

/* Returns the slot that holds the string, or the free slot where it belongs. */
static struct strtab_slot *find_slot(const struct strtab *t, uint32_t hash, const char *s,
                                     size_t len)
{
    size_t mask = t->n_slots - 1;

    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct strtab_slot *slot = &t->slots[i];
        const char *have;
        size_t n;

        if (!slot->index)
            return slot;
        if (slot->hash != hash)
            continue;
        have = strtab_get(t, slot->index - 1, &n);
        if (n == len && memcmp(have, s, len) == 0)
            return slot;
    }
}

/* Double the number of slots. A hash has 32 bits, which is enough to tell apart the
 * strings of up to 2^32 slots. */
static int grow_slots(struct strtab *t)
{
    size_t n = t->n_slots ? 2 * t->n_slots : 64;
    struct strtab_slot *slots = table_new(n, sizeof *slots);

    if (!slots)
        return RF_ENOMEM;
    for (size_t i = 0; i < t->n_slots; i++) {
        size_t at = t->slots[i].hash & (n - 1);

        if (!t->slots[i].index)
            continue;
        while (slots[at].index)
            at = (at + 1) & (n - 1);
        slots[at] = t->slots[i];
    }
    free(t->slots);
    t->slots = slots;
    t->n_slots = n;
    return RF_OK;
}

static int make_room(struct strtab *t)
{
    if (t->n >= t->n_slots / 4 * 3 && grow_slots(t) != RF_OK)
        return RF_ENOMEM;
    if (t->n + 2 > t->cap) {
        size_t cap = t->cap ? t->cap + t->cap / 2 : 64;
        size_t *start = realloc(t->start, cap * sizeof *start);

        if (!start)
            return RF_ENOMEM;
        start[t->n] = t->text.len;
        t->start = start;
        t->cap = cap;
    }
    return t->n < UINT32_MAX - 1 ? RF_OK : RF_ENOMEM;
}

uint32_t strtab_hash(const char *s, size_t len)
{
    return (uint32_t)XXH3_64bits(s, len);
}

int strtab_add(struct strtab *t, const char *s, size_t len, size_t *index)
{
    return strtab_add_hashed(t, s, len, strtab_hash(s, len), index);
}

int strtab_add_hashed(struct strtab *t, const char *s, size_t len, uint32_t hash, size_t *index)
{
    struct strtab_slot *slot;

    if (make_room(t) != RF_OK)
        return RF_ENOMEM;
    slot = find_slot(t, hash, s, len);
    if (!slot->index) {
        if (buf_reserve(&t->text, len + 1) != RF_OK || buf_put(&t->text, s, len) != RF_OK ||
            buf_put(&t->text, "", 1) != RF_OK)
            return RF_ENOMEM;
        t->start[++t->n] = t->text.len;
        *slot = (struct strtab_slot){hash, (uint32_t)t->n};
    }
    *index = slot->index - 1;
    return RF_OK;
}

size_t strtab_find(const struct strtab *t, const char *s, size_t len)
{
    const struct strtab_slot *slot;

    if (!t->n_slots)
        return STRTAB_NONE;
    slot = find_slot(t, strtab_hash(s, len), s, len);
    return slot->index ? slot->index - 1 : STRTAB_NONE;
}

void strtab_free(struct strtab *t)
{
    buf_free(&t->text);
    free(t->start);
    free(t->slots);
    *t = (struct strtab){0};
}
