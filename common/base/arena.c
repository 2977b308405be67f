#include "base/arena.h"

#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   __asan_poison_memory_region(p, n)
#define UNPOISON(p, n) __asan_unpoison_memory_region(p, n)
enum { GAP = 64 };
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
enum { GAP = 0 };
#endif
enum { ALIGN = 64 };

/* A counting arena hands out this address for every piece. The array is constant, so that a
 * write to it ends the program. */
static const _Alignas(ALIGN) char nothing[ALIGN];

void arena_init(struct arena *a, void *base, size_t size)
{
    *a = (struct arena){.base = base, .size = size};
    POISON(a->base, a->size);
}

void arena_wrap(struct arena *a, void *base, size_t size)
{
    *a = (struct arena){.base = base, .size = size, .mode = ARENA_DEVICE};
}

void arena_count(struct arena *a)
{
    *a = (struct arena){.size = SIZE_MAX / 4, .mode = ARENA_COUNTS};
}

void *arena_alloc(struct arena *a, size_t n)
{
    size_t padded;
    char *p;

    if (n > SIZE_MAX - ALIGN - GAP)
        return NULL;
    padded = (n + ALIGN - 1) / ALIGN * ALIGN + GAP;
    if (padded > a->size - a->used)
        return NULL;
    p = a->mode == ARENA_COUNTS ? (char *)(uintptr_t)nothing : a->base + a->used;
    if (a->mode == ARENA_HOST)
        UNPOISON(p, n);
    a->used += padded;
    if (a->used > a->peak)
        a->peak = a->used;
    return p;
}

size_t arena_mark(const struct arena *a)
{
    return a->used;
}

void arena_rewind(struct arena *a, size_t mark)
{
    if (a->mode == ARENA_HOST)
        POISON(a->base + mark, a->used - mark);
    a->used = mark;
}

void arena_free(struct arena *a)
{
    if (a->base && a->mode == ARENA_HOST)
        UNPOISON(a->base, a->size);
    *a = (struct arena){0};
}
