/*
 * cuh_memory.c: memory of the device, pinned memory, where things lie.
 *
 * The device's memory is one arena. Allocations are 256-byte aligned with a gap behind each,
 * and freed room is taken last, so that who goes on using it is seen.
 */
#include <elf.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cuda_runtime.h>

#include "cuh.h"

enum {
    ALIGN = 256,
    GAP = 256,
    PAGE = 4096,
    FILL_MAX = 64 << 10, /* of an allocation's beginning, and of its end, is made no number, as
                            what comes from cudaMalloc() may be: all of it would cost too much
                            where it is large */
    WANDER = 16 << 20    /* room that is used before freed room is taken again */
};

/* In arena.written. Whether a byte is allocated is known otherwise. */
enum { WRITTEN = 1 };

struct allocation {
    size_t offset, bytes;
};

struct arena arena;
static size_t used_bytes;
static struct allocation *allocations; /* in order of their offsets */
static size_t n_allocations, room_allocations;
static size_t next_offset; /* where the search for room begins */
static int entered;

/* The address sanitizer's, where it is there. */
void __asan_poison_memory_region(const volatile void *p, size_t n) __attribute__((weak));
void __asan_unpoison_memory_region(const volatile void *p, size_t n) __attribute__((weak));

static void *map(size_t bytes)
{
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        cuh_die("no room for %zu bytes of addresses", bytes);
    return p;
}

/* --- the arena */

static void guard(int rights)
{
    if (cuh_settings()->guard && mprotect(arena.base, arena.bytes, rights) != 0)
        cuh_die("the device's memory cannot be guarded");
}

void device_open(void)
{
    if (arena.base)
        return;
    arena.bytes = cuh_settings()->memory_bytes;
    arena.base = map(arena.bytes);
    if (cuh_hooked)
        arena.written = map(arena.bytes);
    if (__asan_poison_memory_region)
        __asan_poison_memory_region(arena.base, arena.bytes);
    guard(PROT_NONE);
}

void device_enter(void)
{
    if (entered++ == 0)
        guard(PROT_READ | PROT_WRITE);
}

void device_leave(void)
{
    if (--entered == 0)
        guard(PROT_NONE);
}

/* The first allocation that ends behind this offset; n_allocations: none. */
static size_t find_from(size_t offset)
{
    size_t low = 0, high = n_allocations;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (allocations[middle].offset + allocations[middle].bytes > offset)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool is_allocated(const void *p, size_t n)
{
    size_t offset = arena_offset(p), i = find_from(offset);

    return i < n_allocations && offset >= allocations[i].offset &&
           n <= allocations[i].offset + allocations[i].bytes - offset;
}

size_t memory_left(void)
{
    return n_allocations;
}

/* --- what was written */

void note_written(const void *p, size_t n)
{
    if (arena.written)
        memset(arena.written + arena_offset(p), WRITTEN, n);
}

/* Bytes become 0 again; whole pages by giving them back. */
static void forget(unsigned char *p, size_t n)
{
    size_t head = (size_t)(-(uintptr_t)p % PAGE);

    if (n < (size_t)4 * PAGE) {
        memset(p, 0, n);
        return;
    }
    memset(p, 0, head);
    madvise(p + head, (n - head) / PAGE * PAGE, MADV_DONTNEED);
    memset(p + n - (n - head) % PAGE, 0, (n - head) % PAGE);
}

static void fill(char *p, size_t n)
{
    size_t part = n < FILL_MAX ? n : FILL_MAX;

    device_enter();
    memset(p, 0xff, part);
    memset(p + n - part, 0xff, part);
    device_leave();
}

/* --- allocations of the device */

/* Room for so many bytes between allocation i - 1 and i: where it begins, or SIZE_MAX. */
static size_t room_before(size_t i, size_t bytes, size_t from)
{
    size_t begin = 0, end = i < n_allocations ? allocations[i].offset : arena.bytes;

    if (i > 0)
        begin = allocations[i - 1].offset + allocations[i - 1].bytes + GAP;
    if (begin < from)
        begin = from;
    begin = (begin + ALIGN - 1) / ALIGN * ALIGN;
    return begin <= end && bytes + GAP <= end - begin ? begin : SIZE_MAX;
}

/* *i: the allocation that it stands before. */
static size_t find_room(size_t *i, size_t bytes, size_t from)
{
    size_t at = SIZE_MAX;

    for (*i = find_from(from); *i <= n_allocations; ++*i)
        if ((at = room_before(*i, bytes, from)) != SIZE_MAX)
            return at;
    return at;
}

cudaError_t cudaMalloc(void **p, size_t n)
{
    size_t i, at;

    device_open();
    *p = NULL;
    if (cuh_injected("cudaMalloc"))
        return cuda_error(cudaErrorMemoryAllocation);
    if (!n)
        return cudaSuccess;
    at = find_room(&i, n, next_offset < used_bytes + WANDER ? next_offset : 0);
    if (at == SIZE_MAX)
        at = find_room(&i, n, 0);
    if (at == SIZE_MAX)
        return cuda_error(cudaErrorMemoryAllocation);
    if (n_allocations == room_allocations) {
        room_allocations = 2 * room_allocations + 64;
        allocations = realloc(allocations, room_allocations * sizeof *allocations);
        if (!allocations)
            cuh_die("out of memory");
    }
    memmove(&allocations[i + 1], &allocations[i], (n_allocations - i) * sizeof *allocations);
    allocations[i] = (struct allocation){at, n};
    n_allocations++;
    used_bytes += n;
    next_offset = at + n;
    if (__asan_unpoison_memory_region)
        __asan_unpoison_memory_region(arena.base + at, n);
    fill(arena.base + at, n);
    *p = arena.base + at;
    return cudaSuccess;
}

cudaError_t cudaFree(void *p)
{
    size_t i;

    if (!p)
        return cudaSuccess;
    stream_finish_all();
    i = is_device(p) ? find_from(arena_offset(p)) : n_allocations;
    if (i == n_allocations || allocations[i].offset != arena_offset(p)) {
        cuh_report(__builtin_return_address(0), "cudaFree(%p): no allocation begins there", p);
        return cuda_error(cudaErrorInvalidValue);
    }
    fill(p, allocations[i].bytes);
    if (arena.written)
        forget(arena.written + allocations[i].offset, allocations[i].bytes);
    if (__asan_poison_memory_region)
        __asan_poison_memory_region(p, allocations[i].bytes);
    used_bytes -= allocations[i].bytes;
    n_allocations--;
    memmove(&allocations[i], &allocations[i + 1], (n_allocations - i) * sizeof *allocations);
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *available, size_t *total)
{
    device_open();
    *available = arena.bytes - used_bytes;
    *total = arena.bytes;
    return cudaSuccess;
}

/* --- pinned memory of the host */

static struct pinned {
    struct pinned *next;
    char *p;
    size_t bytes;
} * pinned;

bool is_pinned(const void *p, size_t n)
{
    for (const struct pinned *k = pinned; k; k = k->next)
        if ((const char *)p >= k->p && n <= k->bytes - (size_t)((const char *)p - k->p))
            return true;
    return false;
}

size_t pinned_left(void)
{
    size_t n = 0;

    for (const struct pinned *k = pinned; k; k = k->next)
        n++;
    return n;
}

cudaError_t cudaMallocHost(void **p, size_t n)
{
    struct pinned *k;

    *p = NULL;
    if (cuh_injected("cudaMallocHost"))
        return cuda_error(cudaErrorMemoryAllocation);
    k = malloc(sizeof *k);
    if (!k || !(k->p = aligned_alloc(ALIGN, (n + ALIGN - 1) / ALIGN * ALIGN)))
        cuh_die("out of memory");
    memset(k->p, 0xff, n);
    k->bytes = n;
    k->next = pinned;
    pinned = k;
    *p = k->p;
    return cudaSuccess;
}

cudaError_t cudaFreeHost(void *p)
{
    if (!p)
        return cudaSuccess;
    stream_finish_all();
    for (struct pinned **k = &pinned, *gone; *k; k = &(*k)->next)
        if ((*k)->p == p) {
            gone = *k;
            *k = gone->next;
            free(p);
            free(gone);
            return cudaSuccess;
        }
    cuh_report(__builtin_return_address(0), "cudaFreeHost(%p): no allocation begins there", p);
    return cuda_error(cudaErrorInvalidValue);
}

/* --- the plugin's own data: shared memory is its thread-local data, as cuda_on_host.h says */

_Thread_local unsigned char rf_shared[SHARED_MAX] __attribute__((aligned(16)));

static struct {
    char *shared; /* of the thread that asked last */
    size_t shared_bytes;
    struct {
        const char *p;
        size_t n;
    } constant[8];
    int constants;
} module;

/* Constant data: segments that are not written, and what is not after relocation. */
static void note_constants(const struct dl_phdr_info *info)
{
    module.constants = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *h = &info->dlpi_phdr[i];

        if (((h->p_type == PT_LOAD && !(h->p_flags & PF_W)) || h->p_type == PT_GNU_RELRO) &&
            module.constants < 8) {
            module.constant[module.constants].p = (const char *)info->dlpi_addr + h->p_vaddr;
            module.constant[module.constants++].n = h->p_memsz;
        }
    }
}

static int look_at_module(struct dl_phdr_info *info, size_t size, void *unused)
{
    char *dynamic = (char *)rf_shared;

    (void)size;
    (void)unused;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        char *base = info->dlpi_tls_data;
        size_t n = info->dlpi_phdr[i].p_memsz;

        if (info->dlpi_phdr[i].p_type == PT_TLS && base && dynamic >= base &&
            dynamic < base + n) {
            module.shared = base;
            module.shared_bytes = n;
            note_constants(info);
            return 1;
        }
    }
    return 0;
}

size_t shared_range(char **base)
{
    size_t behind = (size_t)((char *)rf_shared - module.shared);

    if (!module.shared || behind >= module.shared_bytes) {
        if (!dl_iterate_phdr(look_at_module, NULL))
            cuh_die("the plugin's thread-local data is not found");
    }
    *base = module.shared;
    return module.shared_bytes;
}

bool is_constant(const void *p, size_t n)
{
    for (int i = 0; i < module.constants; i++)
        if ((size_t)((const char *)p - module.constant[i].p) + n <= module.constant[i].n)
            return true;
    return false;
}
