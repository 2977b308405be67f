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

/** {0} before arena_init() or arena_wrap(). peak is the highest `used` since then, for sizing.
 */
struct arena {
    char *base;
    size_t size, used, peak;
    /* Where base lies: in the host's memory, in a device's, nowhere. */
    enum { ARENA_HOST, ARENA_DEVICE, ARENA_COUNTS } mode;
};

/** Hand out host memory of the caller's, 64-byte aligned. */
void arena_init(struct arena *a, void *base, size_t size_bytes);

/** The same of a device's memory, which the host cannot touch: it has no gaps. */
void arena_wrap(struct arena *a, void *base, size_t size_bytes);

/** Have no memory and only count: `peak` is then what a real arena needs. All pieces have one
 * address, which nobody may write to; up to SIZE_MAX / 4 bytes in all it is never NULL. */
void arena_count(struct arena *a);

/** n bytes, 64-byte aligned, not cleared after a rewind; NULL when it is full. Lives until the
 * rewind. */
void *arena_alloc(struct arena *a, size_t n_bytes);

/** Where it stands; arena_rewind() to it gives back what was taken since. */
size_t arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, size_t mark);

/** Before the caller frees the memory: a is {0} again. */
void arena_free(struct arena *a);

#endif
