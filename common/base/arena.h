/*
 * arena.h: memory that is taken in order and given back all at once.
 *
 * A model has two arenas: `step` on its device holds the activations, `host` holds what goes to
 * the device and what comes back. Both are laid out once, so that no training step allocates.
 * Under AddressSanitizer a poisoned gap follows each piece.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/err.h"

/** An arena is {0} before arena_init() or arena_wrap(). `peak` is the highest `used` since
 * then; it tells how large an arena must be. */
struct arena {
    char *base;
    size_t size, used, peak;
    /* This says where `base` lies: in the host's memory, in a device's, or nowhere. */
    enum { ARENA_HOST, ARENA_DEVICE, ARENA_COUNTS } mode;
};

/** Let `a` hand out host memory that belongs to the caller, in pieces aligned to 64 bytes. */
void arena_init(struct arena *a, void *base, size_t size_bytes);

/** Do the same with a device's memory. The host cannot touch it, so the pieces have no gaps. */
void arena_wrap(struct arena *a, void *base, size_t size_bytes);

/** Let `a` have no memory and only count: `peak` is then the size that a real arena needs. All
 * pieces have the same address, which nobody may write to. It is not NULL as long as the pieces
 * are below SIZE_MAX / 4 bytes in all. */
void arena_count(struct arena *a);

/** Returns n bytes, aligned to 64, which live until the rewind; NULL if the arena is full.
 * Memory that was rewound and is handed out again is not cleared. */
void *arena_alloc(struct arena *a, size_t n_bytes);

/** Returns the state of the arena now; arena_rewind() to it gives back what was taken since. */
size_t arena_mark(const struct arena *a);
void arena_rewind(struct arena *a, size_t mark);

/** Call this before the caller frees the memory; `a` is {0} afterwards. */
void arena_free(struct arena *a);

#endif
