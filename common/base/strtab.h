/* strtab.h: a set of strings, numbered from 0 in the order they came. */
#ifndef BASE_STRTAB_H
#define BASE_STRTAB_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define STRTAB_NONE SIZE_MAX

struct strtab_slot {
    uint32_t hash, index; /* index + 1; 0: free */
};

/** {0} is empty. n strings, at most 2^32 - 2. */
struct strtab {
    size_t n;
    struct buf text; /* the strings, a NUL after each */
    size_t *start, cap;
    struct strtab_slot *slots;
    size_t n_slots; /* 0 or a power of two */
};

/** The number of a string, which is added if it is not there: *index = old n then. RF_OK or
 * RF_ENOMEM: the set is as before. */
MUST_CHECK int strtab_add(struct strtab *t, const char *s, size_t len, size_t *index);

/** The number of a string, STRTAB_NONE if it is not there. */
size_t strtab_find(const struct strtab *t, const char *s, size_t len);

/** String i < n, NUL-terminated; *len (may be NULL) is its length. Lives until the next add. */
const char *strtab_get(const struct strtab *t, size_t i, size_t *len);

/** Free; t is {0} again. */
void strtab_free(struct strtab *t);

#endif
