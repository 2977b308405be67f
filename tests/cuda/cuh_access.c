/*
 * cuh_access.c: who may touch what, and when.
 *
 * The compiler puts a call before each load and store of an instrumented kernel, the calls of
 * its thread sanitizer; here are functions of these names, and that sanitizer is not linked.
 * Each byte has a cell that says when, and by which thread, it was written and read last; the
 * four of a word that have one past share one. Two accesses of one byte, one of them a write,
 * by two threads of a block are in order if a barrier of the block lies between, or a meeting
 * of all lanes of the warp that both are of; of two blocks of one launch they never are. So a
 * race is found in whatever order threads ran.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "cuh.h"

/* When (32 bits), the thread (10), how often its warp had met (16), and flags (4). */
typedef uint64_t stamp;

enum {
    ATOMIC = 1,        /* of a write */
    SEVERAL = 2,       /* of a read: by threads of several warps, */
    SEVERAL_LANES = 4, /* or by several lanes of one warp, */
    SEVERAL_BLOCKS = 8 /* or by several blocks of one launch */
};

static stamp make_stamp(uint32_t when, int thread, unsigned meetings, unsigned flags)
{
    return (stamp)when << 32 | (stamp)(unsigned)thread << 22 | (stamp)(meetings & 0xffff) << 6 |
           flags;
}

static uint32_t when(stamp s)
{
    return (uint32_t)(s >> 32);
}

static int who(stamp s)
{
    return (int)(s >> 22 & 1023);
}

static unsigned meetings(stamp s)
{
    return (unsigned)(s >> 6 & 0xffff);
}

struct cell {
    stamp write, read;
};

/* What is known of a range of memory. Where the cell of a word was written at SPLIT, each of
 * its bytes has one. */
struct cells {
    struct cell *word, *byte;
};

enum { WORD = 4 };
static const stamp SPLIT = UINT64_MAX;

static struct cells arena_cells;

/* The plugin's shared memory, as shared_range() gives it, and rf_shared in it. */
static struct {
    struct cells cells;
    const char *base, *dynamic;
    size_t bytes;
    uint32_t since; /* what was written before is another block's */
} shared;

static struct cell *map_cells(size_t n)
{
    struct cell *p = mmap(NULL, n * sizeof *p, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED)
        cuh_die("no room for what is known of %zu bytes", n);
    return p;
}

static struct cells cells_of(size_t bytes)
{
    return (struct cells){.word = map_cells(bytes / WORD + 1), .byte = map_cells(bytes + WORD)};
}

void access_begin_block(void)
{
    char *base;

    if (!cuh_hooked)
        return;
    shared.bytes = shared_range(&base);
    shared.base = base;
    shared.dynamic = (const char *)rf_shared;
    if (!arena_cells.word) {
        arena_cells = cells_of(cuh_settings()->memory_bytes);
        shared.cells = cells_of(shared.bytes);
    }
    shared.since = cuh_now.moment.block;
}

/* --- one byte */

/* An access that is looked at. */
struct access {
    bool shared, writes, atomic;
    int thread;
    unsigned meetings;
    const struct moment *m;
    const void *ip;
};

static const char *verb(const struct access *a)
{
    return a->writes ? "write" : "read";
}

static const char *place(const struct access *a)
{
    return a->shared ? "shared" : "global";
}

/* Whether this thread's warp met after the access of that stamp, by a thread of the warp. */
static bool met_since(const struct access *a, stamp s)
{
    return who(s) / LANES == a->thread / LANES && meetings(s) < a->meetings;
}

/* Whether another block of this launch made it. */
static bool by_other_block(const struct access *a, stamp s)
{
    return !a->shared && when(s) >= a->m->launch && when(s) < a->m->block;
}

static bool races_with_write(const struct access *a, stamp w)
{
    if (a->atomic && (w & ATOMIC))
        return false;
    if (by_other_block(a, w)) {
        cuh_report(a->ip, "race in global memory: %s after a write by another block", verb(a));
        return true;
    }
    if (when(w) != a->m->now || who(w) == a->thread || met_since(a, w))
        return false;
    cuh_report(a->ip, "race in %s memory: %s after a write by thread %d, no barrier between",
               place(a), verb(a), who(w));
    return true;
}

static bool races_with_read(const struct access *a, stamp r)
{
    bool in_order;

    if (by_other_block(a, r) ||
        (!a->shared && when(r) >= a->m->launch && (r & SEVERAL_BLOCKS))) {
        cuh_report(a->ip, "race in global memory: write after a read by another block");
        return true;
    }
    if (when(r) != a->m->now)
        return false;
    in_order =
        !(r & SEVERAL) && (met_since(a, r) || (who(r) == a->thread && !(r & SEVERAL_LANES)));
    if (!in_order)
        cuh_report(a->ip, "race in %s memory: write after a read by %s %d, no barrier between",
                   place(a),
                   r & (SEVERAL | SEVERAL_LANES) ? "several threads, one of them" : "thread",
                   who(r));
    return !in_order;
}

/* The read's stamp, with what is kept of those before it. */
static stamp read_stamp(const struct access *a, stamp r)
{
    unsigned flags = 0;

    if (!a->shared && when(r) >= a->m->launch &&
        (when(r) < a->m->block || (r & SEVERAL_BLOCKS)))
        flags |= SEVERAL_BLOCKS;
    if (when(r) == a->m->now) {
        flags |= (unsigned)r & (SEVERAL | SEVERAL_LANES);
        if (who(r) != a->thread)
            flags |= who(r) / LANES == a->thread / LANES ? SEVERAL_LANES : SEVERAL;
    }
    return make_stamp(a->m->now, a->thread, a->meetings, flags);
}

/* False: it was a fault. */
static bool look_at(const struct access *a, struct cell *c)
{
    if (races_with_write(a, c->write) || (a->writes && races_with_read(a, c->read)))
        return false;
    if (a->writes)
        c->write = make_stamp(a->m->now, a->thread, a->meetings, a->atomic ? ATOMIC : 0);
    else
        c->read = read_stamp(a, c->read);
    return true;
}

static bool are_alike(const struct cell *c)
{
    for (size_t i = 1; i < WORD; i++)
        if (c[i].write != c->write || c[i].read != c->read)
            return false;
    return true;
}

/* Some bytes of the word they lie in, from byte `at` on. False: it was a fault. */
static bool look_at_bytes(const struct access *a, const struct cells *known, size_t at,
                          size_t n)
{
    struct cell *word = known->word + at / WORD, *c = known->byte + at / WORD * WORD;

    if (word->write != SPLIT)
        for (size_t i = 0; i < WORD; i++)
            c[i] = *word;
    word->write = SPLIT;
    for (size_t i = 0; i < n; i++)
        if (!look_at(a, c + at % WORD + i))
            return false;
    if (are_alike(c))
        *word = *c;
    return true;
}

static void look_at_all(const struct access *a, const struct cells *known, size_t at, size_t n)
{
    bool fine = true;

    for (size_t end = at + n, part; at < end && fine; at += part) {
        part = WORD - at % WORD < end - at ? WORD - at % WORD : end - at;
        fine = part == WORD && known->word[at / WORD].write != SPLIT
                   ? look_at(a, known->word + at / WORD)
                   : look_at_bytes(a, known, at, part);
    }
}

/* Whether a byte was written last before that time. */
static bool are_older(const struct cells *known, size_t at, size_t n, uint32_t than)
{
    for (size_t end = at + n; at < end;) {
        stamp word = known->word[at / WORD].write;

        if (when(word == SPLIT ? known->byte[at].write : word) < than)
            return true;
        at += word == SPLIT ? 1 : WORD - at % WORD;
    }
    return false;
}

/* --- where it lies */

static void look_at_global(const struct access *a, const void *p, size_t n)
{
    if (!was_written(p, n)) { /* else it is allocated, too */
        if (!is_allocated(p, n)) {
            cuh_report(a->ip, "%s of %zu bytes at %p, outside of any allocation", verb(a), n,
                       p);
            return;
        }
        if (!a->writes || a->atomic) {
            cuh_report(a->ip, "read of global memory that was never written");
            return;
        }
        note_written(p, n);
    }
    look_at_all(a, &arena_cells, arena_offset(p), n);
}

static void look_at_shared(const struct access *a, const void *p, size_t n)
{
    size_t dynamic = (size_t)((const char *)p - shared.dynamic);
    size_t room = kernel_now()->shared_static + kernel_now()->shared;
    size_t at = (size_t)((const char *)p - shared.base);

    if (dynamic < SHARED_MAX && dynamic + n > room) {
        cuh_report(a->ip, "%s at byte %zu of shared memory, of which the launch has %zu",
                   verb(a), dynamic, room);
        return;
    }
    if ((!a->writes || a->atomic) && are_older(&shared.cells, at, n, shared.since)) {
        cuh_report(a->ip, "read of shared memory that was never written");
        return;
    }
    look_at_all(a, &shared.cells, at, n);
}

/* CUDA's built-in variables, which the linker has put between these. */
extern const char __start_cuh_built_in[], __stop_cuh_built_in[];

static bool is_built_in(const void *p)
{
    return (const char *)p >= __start_cuh_built_in && (const char *)p < __stop_cuh_built_in;
}

static void look_at_host(bool writes, const void *p, size_t n, const void *ip)
{
    const struct kernel *k = kernel_now();

    if (!writes && (is_constant(p, n) || is_built_in(p)))
        return;
    if ((size_t)((const char *)p - (const char *)k->call) < k->call_bytes) {
        if (writes)
            cuh_report(ip, "a kernel writes its arguments");
        return;
    }
    cuh_report(ip, "a kernel %s memory of the host's at %p", writes ? "writes" : "reads", p);
}

/* With CUH_PREEMPT: after some accesses another thread goes on. */
static void perhaps_preempt(void)
{
    static unsigned left;
    unsigned most = cuh_settings()->preempt;

    if (!most)
        return;
    if (left-- == 0) {
        left = cuh_random() % most;
        thread_preempt();
    }
}

void access_note(const void *p, size_t n, bool writes, bool atomic, const void *ip)
{
    struct access a = {.writes = writes, .atomic = atomic, .m = &cuh_now.moment, .ip = ip};

    if (!cuh_hooked)
        return;
    if (!kernel_now()) {
        if (is_device(p))
            cuh_report(ip, "the host %s memory of the device at %p",
                       writes ? "writes" : "reads", p);
        return;
    }
    if (fiber_has(p, n))
        return;
    a.thread = thread_number();
    a.meetings = *cuh_now.meetings;
    if (n <= 16 && (n & (n - 1)) == 0 && ((uintptr_t)p & (n - 1)))
        cuh_report(ip, "%s of %zu bytes at %p, which is not aligned to them", verb(&a), n, p);
    if (is_device(p)) {
        look_at_global(&a, p, n);
    } else if ((size_t)((const char *)p - shared.base) < shared.bytes) {
        a.shared = true;
        look_at_shared(&a, p, n);
    } else {
        look_at_host(writes, p, n, ip);
        return;
    }
    perhaps_preempt();
}

/* --- atomics */

static uint64_t combined(enum cuh_atomic how, uint64_t old, uint64_t v, uint64_t want,
                         bool less)
{
    switch (how) {
    case CUH_ADD: return old + v;
    case CUH_MIN: return less ? old : v;
    case CUH_MAX: return less ? v : old;
    case CUH_AND: return old & v;
    case CUH_OR: return old | v;
    case CUH_EXCLUSIVE_OR: return old ^ v;
    case CUH_EXCHANGE: return v;
    case CUH_CAS: break;
    }
    return old == want ? v : old;
}

uint64_t cuh_atomic(enum cuh_atomic how, void *p, size_t bytes, int is_signed, uint64_t value,
                    uint64_t want)
{
    uint64_t old = 0, mask = bytes == 8 ? ~(uint64_t)0 : 0xffffffffU, new;
    int shift = bytes == 8 ? 0 : 32;
    bool less;

    if (cuh_hooked)
        access_note(p, bytes, true, true, __builtin_return_address(0));
    memcpy(&old, p, bytes);
    less =
        is_signed ? (int64_t)(old << shift) < (int64_t)(value << shift) : old < (value & mask);
    new = combined(how, old, value & mask, want & mask, less);
    memcpy(p, &new, bytes);
    return old;
}

/* --- the hooks. The compiler knows their names and types. */

#define HERE __builtin_return_address(0)
#define HOOKS(n)                                                                               \
    void __tsan_read##n(const void *p);                                                        \
    void __tsan_write##n(const void *p);                                                       \
    void __tsan_unaligned_read##n(const void *p);                                              \
    void __tsan_unaligned_write##n(const void *p);                                             \
    void __tsan_volatile_read##n(const void *p);                                               \
    void __tsan_volatile_write##n(const void *p);                                              \
    void __tsan_read##n(const void *p)                                                         \
    {                                                                                          \
        access_note(p, n, false, false, HERE);                                                 \
    }                                                                                          \
    void __tsan_write##n(const void *p)                                                        \
    {                                                                                          \
        access_note(p, n, true, false, HERE);                                                  \
    }                                                                                          \
    void __tsan_unaligned_read##n(const void *p)                                               \
    {                                                                                          \
        access_note(p, n, false, false, HERE);                                                 \
    }                                                                                          \
    void __tsan_unaligned_write##n(const void *p)                                              \
    {                                                                                          \
        access_note(p, n, true, false, HERE);                                                  \
    }                                                                                          \
    void __tsan_volatile_read##n(const void *p)                                                \
    {                                                                                          \
        access_note(p, n, false, false, HERE);                                                 \
    }                                                                                          \
    void __tsan_volatile_write##n(const void *p)                                               \
    {                                                                                          \
        access_note(p, n, true, false, HERE);                                                  \
    }
HOOKS(1)
HOOKS(2)
HOOKS(4)
HOOKS(8)
HOOKS(16)

void __tsan_read_range(const void *p, size_t n);
void __tsan_write_range(const void *p, size_t n);
void __tsan_func_entry(const void *p);
void __tsan_func_exit(void);
void __tsan_init(void);
void *__tsan_memcpy(void *to, const void *from, size_t n);
void *__tsan_memset(void *p, int v, size_t n);
unsigned char __tsan_atomic8_load(const void *p, int order);

/* The host's own: whether a static variable of a function was made. */
unsigned char __tsan_atomic8_load(const void *p, int order)
{
    (void)order;
    return *(const unsigned char *)p;
}

void __tsan_read_range(const void *p, size_t n)
{
    access_note(p, n, false, false, HERE);
}

void __tsan_write_range(const void *p, size_t n)
{
    access_note(p, n, true, false, HERE);
}

void __tsan_func_entry(const void *p)
{
    (void)p;
}

void __tsan_func_exit(void)
{
}

/* A constructor of each instrumented file calls it, before anything else. */
void __tsan_init(void)
{
    cuh_hooked = true;
}

void *__tsan_memcpy(void *to, const void *from, size_t n)
{
    access_note(from, n, false, false, HERE);
    access_note(to, n, true, false, HERE);
    return memcpy(to, from, n);
}

void *__tsan_memset(void *p, int v, size_t n)
{
    access_note(p, n, true, false, HERE);
    return memset(p, v, n);
}
