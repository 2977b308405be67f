/* strtab.h: a set of strings. They are numbered from 0 in the order in which they came. */
#ifndef BASE_STRTAB_H
#define BASE_STRTAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define STRTAB_NONE SIZE_MAX

struct strtab_slot {
    uint32_t hash, index; /* index + 1; 0: the slot is free */
};

/** {0} is empty. n is the number of strings, at most 2^32 - 2. */
struct strtab {
    size_t n;
    struct buf text; /* the strings, each followed by a NUL */
    size_t *start, cap;
    struct strtab_slot *slots;
    size_t n_slots; /* 0 or a power of two */
};

/** Set *index to the number of a string and add it if it is new; then *index is the old n.
 * RF_OK, or RF_ENOMEM: the set is as before. */
MUST_CHECK int strtab_add(struct strtab *t, const char *s, size_t len, size_t *index);

/** The hash of a string, and adding one whose hash is known. */
uint32_t strtab_hash(const char *s, size_t len);
MUST_CHECK int strtab_add_hashed(struct strtab *t, const char *s, size_t len, uint32_t hash,
                                 size_t *index);

/** Three steps to have what strtab_add_hashed() looks at fetched from memory: call each for a
 * handful of strings before the next one. *likely is the number of a string with this hash, or
 * STRTAB_NONE. */
static inline void strtab_fetch_slot(const struct strtab *t, uint32_t hash)
{
    if (t->n_slots)
        __builtin_prefetch(&t->slots[hash & (t->n_slots - 1)]);
}

static inline void strtab_fetch_start(const struct strtab *t, uint32_t hash, size_t *likely)
{
    size_t mask = t->n_slots - 1, i = hash & mask;

    *likely = STRTAB_NONE;
    if (!t->n_slots)
        return;
    while (t->slots[i].index && t->slots[i].hash != hash)
        i = (i + 1) & mask;
    if (!t->slots[i].index)
        return;
    *likely = t->slots[i].index - 1;
    __builtin_prefetch(&t->start[*likely]);
}

static inline void strtab_fetch_text(const struct strtab *t, size_t likely)
{
    if (likely != STRTAB_NONE)
        __builtin_prefetch(t->text.data + t->start[likely]);
}

/** Returns the number of a string, or STRTAB_NONE if it is not there. */
size_t strtab_find(const struct strtab *t, const char *s, size_t len);

/** Returns string i < n, with a NUL behind it; *len is its length (len may be NULL). It lives
 * until the next strtab_add(). */
const char *strtab_get(const struct strtab *t, size_t i, size_t *len);

/** Free; t is {0} again. */
void strtab_free(struct strtab *t);

#endif
