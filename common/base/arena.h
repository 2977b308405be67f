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
    /* Where base came from: mapped here, somebody else's (a device's), nowhere. */
    enum { ARENA_OWNS, ARENA_BORROWS, ARENA_COUNTS } mode;
};

/** Map `size` bytes, zeroed, 64-byte aligned. RF_OK or RF_ENOMEM. */
MUST_CHECK int arena_init(struct arena *a, size_t size_bytes);

/** Hand out memory that is somebody else's, 64-byte aligned; it is never touched, and
 * arena_free() leaves it. */
void arena_wrap(struct arena *a, void *base, size_t size_bytes);

/** Have no memory and only count: `peak` is then what a real arena needs. All pieces have one
 * address, which nobody may write to; up to SIZE_MAX / 4 bytes in all it is never NULL. */
void arena_count(struct arena *a);

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
