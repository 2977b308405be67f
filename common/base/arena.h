/*
 * arena.h: memory taken in order and given back all at once.
 *
 * A model has two, `step` on its device (activations) and `host` (what goes there and comes
 * back), laid out once, so that no step allocates. Under AddressSanitizer a poisoned gap
 * follows each piece.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"

/** {0} before arena_init(). peak is the highest `used` since then, for sizing. */
struct arena {
    char *base;
    size_t size, used, peak;
    int borrowed; /* the memory is somebody else's: a device's */
};

/** Map `size` bytes, zeroed, 64-byte aligned. RF_OK or RF_ENOMEM. */
MUST_CHECK int arena_init(struct arena *a, size_t size_bytes);

/** Hand out memory that is somebody else's, 64-byte aligned; it is never touched, and
 * arena_free() leaves it. */
void arena_wrap(struct arena *a, void *base, size_t size_bytes);

/** n bytes, 64-byte aligned, not cleared after a rewind; NULL when it is full. Lives until the
 * rewind. */
void *arena_alloc(struct arena *a, size_t n_bytes);

/** n floats. */
float *arena_floats(struct arena *a, size_t n);

/** Where it stands; arena_rewind() to it gives back what was taken since. */
size_t arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, size_t mark);

/** Unmap it; a is {0} again. NULL memory is fine. */
void arena_free(struct arena *a);

#endif
