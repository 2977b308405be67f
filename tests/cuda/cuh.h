/*
 * cuh.h: CUDA on the host: what the files of the runtime share.
 *
 * The runtime stands for a GPU, its driver and cuBLAS, so that the plugin's own sources run
 * without one. A block's threads are fibers: each runs until it waits for others. Streams are
 * queues whose work is done when somebody waits for it, other streams' work between. Memory is
 * one arena of which every byte is known: allocated or not, written or not, and by whom.
 *
 *   cuh_report.c   settings, reports of faults, the exit status
 *   cuh_fiber.c    stacks, and going from one to another
 *   cuh_block.c    a kernel: blocks, threads, barriers, what lanes pass to each other
 *   cuh_matrix.c   products of small matrices, of which each lane has a part
 *   cuh_memory.c   memory of the device, pinned memory
 *   cuh_access.c   who may touch what, and when: the hooks of instrumented kernels
 *   cuh_stream.c   streams, events, copies
 *   cuh_card.c     what the card is and has, launches within its limits
 *   cuh_blas.c     products
 *   cuh_nccl.c     what goes from one process's device to another's
 *   ptx_*.c        kernels as nvcc compiled them, interpreted
 *
 * Settings are variables of the environment:
 *
 *   CUH_ORDER=seq|rev|random  of a block's threads, of blocks, and of streams' work
 *   CUH_SEED=n                of random orders
 *   CUH_PREEMPT=n             with hooks: another thread goes on after 1 to n accesses
 *   CUH_LOOK=0                with hooks: accesses are not looked at, as if there were none
 *   CUH_SM=n                  compute capability: 75 80 86 89 90 100 120
 *   CUH_MEMORY_MB=n           the device's memory
 *   CUH_GUARD=0|1             the host is killed where it touches the device's memory; with
 *                             hooks 1 unless it is said otherwise
 *   CUH_EAGER=1               work is done at once
 *   CUH_LEAKS=0               what is not given back at the end is no fault
 *   CUH_DRIVER=none|no-card   what cudaGetDeviceCount() finds
 *   CUH_FAIL=CALL:n           the n-th call of cudaMalloc, cudaMallocHost, cudaStreamCreate,
 *                             cudaMemcpy, kernel, cublas, ncclCommInitRankConfig, ncclSend
 *                             fails; ncclLost: that exchange never ends, and NCCL knows
 *   CUH_PTX=folder            kernels are those of the files *.ptx there
 *   CUH_TRACE=1               at the end: how often each kernel ran, and in how many threads
 *
 * Faults are told on standard error; with any, the process ends with status CUH_FAULTS.
 */
#ifndef TESTS_CUDA_CUH_H
#define TESTS_CUDA_CUH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cuh_calls.h"

enum { CUH_FAULTS = 70, THREADS_MAX = 1024, LANES = 32, SHARED_MAX = 227 << 10 };

enum order { ORDER_SEQ, ORDER_REV, ORDER_RANDOM };

struct settings {
    enum order order;
    unsigned preempt;
    unsigned sm;
    size_t memory_bytes;
    bool guard, eager, leaks, trace;
    enum { DRIVER_GOOD, DRIVER_NONE, DRIVER_NO_CARD } driver;
    const char *fail; /* CALL:n, or NULL */
    const char *ptx;  /* or NULL */
};

/** Read once, from the environment. */
const struct settings *cuh_settings(void);

/** A number from the stream that CUH_SEED begins. */
uint32_t cuh_random(void);

/** Whether CUH_FAIL says that this call fails. */
bool cuh_injected(const char *call);

/** Whether kernels report their accesses: they have hooks, or are interpreted. */
extern bool cuh_hooked;

/* --- reports */

/** A fault. ip: a place in the code, or NULL. The same fault at the same place is told once. */
void cuh_report(const void *ip, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** The emulation itself cannot go on. */
_Noreturn void cuh_die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

long cuh_faults(void);

/* --- fibers */

struct fiber;

/** A fiber that will call work(), again and again: once for each time that it was idle. */
struct fiber *fiber_take(void (*work)(void));

/** Go to the fiber, from the scheduler, until it comes back. */
void fiber_go(struct fiber *f);

/** From the fiber that runs back to the scheduler. */
void fiber_back(void);

/** The fiber that runs. */
struct fiber *fiber_now(void);

/** The lowest byte of its stack, of FIBER_STACK bytes; NULL: none has run yet. */
extern const char *fiber_stack;
enum { FIBER_STACK = 512 << 10 };

/** Whether p, of n bytes, lies on its stack. */
static inline bool fiber_has(const void *p, size_t n)
{
    return fiber_stack && (size_t)((const char *)p - fiber_stack) + n <= FIBER_STACK;
}

/** Give up all that wait: they will not go on. */
void fiber_forget_all(void);

/* --- kernels */

struct ptx_entry;

/* One launch. */
struct kernel {
    const char *name;
    dim3 grid, block;
    size_t shared;                 /* dynamic, bytes */
    size_t shared_static;          /* of PTX: before the dynamic ones */
    void (*run)(const void *);     /* one thread */
    const void *call;              /* its argument, */
    size_t call_bytes;             /* of so many bytes */
    const void *parameters;        /* of PTX */
    const struct ptx_entry *entry; /* NULL: not of PTX */
};

void kernel_run(const struct kernel *k);

/* Where and when: barriers and launches are moments, numbered upwards. */
struct moment {
    uint32_t now;    /* since the block's last barrier */
    uint32_t block;  /* when this block began */
    uint32_t launch; /* when this launch began */
};

/* What every access is looked at by. */
struct cuh_now {
    const struct kernel *kernel; /* NULL: none runs */
    struct moment moment;
    int thread;               /* its number in the block; 0: none runs */
    const unsigned *meetings; /* how often its warp met since the block's last barrier */
};
extern struct cuh_now cuh_now;

/** The kernel that runs, or NULL; and its block's place in the grid. */
static inline const struct kernel *kernel_now(void)
{
    return cuh_now.kernel;
}

const uint3 *cuh_block_now(void);

/** Of the thread that runs: its number in the block. */
static inline int thread_number(void)
{
    return cuh_now.thread;
}

/** The lanes of a whole warp have met for CUH_PRODUCT or CUH_ROWS: what each of them gave. */
void matrices_meet(enum cuh_meeting how, void *const *lanes);

/** Whether a row for CUH_ROWS may lie at p; else it is told. */
bool row_may_lie(const void *p);

/** Another thread may go on first: what a scheduler may do at any time. */
void thread_preempt(void);

/* --- memory */

/** The arena, the fibers; at the first call of the device. */
void device_open(void);

/** Between these the device works: its memory may be touched. They nest. */
void device_enter(void);
void device_leave(void);

extern struct arena {
    char *base; /* NULL: not yet */
    size_t bytes;
    unsigned char *written; /* with hooks, of each byte: 0, or 1 */
} arena;

static inline bool is_device(const void *p)
{
    return arena.base && (size_t)((const char *)p - arena.base) < arena.bytes;
}

bool is_pinned(const void *p, size_t n);

/** Whether n bytes at p lie in one allocation. */
bool is_allocated(const void *p, size_t n);

/** Where p lies in the arena. */
static inline size_t arena_offset(const void *p)
{
    return (size_t)((const char *)p - arena.base);
}

/** With hooks: whether each of the n bytes at p was written; note that they are. */
static inline bool was_written(const void *p, size_t n)
{
    return !arena.written || !memchr(arena.written + arena_offset(p), 0, n);
}

void note_written(const void *p, size_t n);

/** Bytes of the plugin's shared memory, from *base: static arrays, and rf_shared in it. */
size_t shared_range(char **base);
extern _Thread_local unsigned char rf_shared[SHARED_MAX];

/** Whether p, of n bytes, lies in constant data of the plugin. */
bool is_constant(const void *p, size_t n);

/** Allocations that are not given back. */
size_t memory_left(void);
size_t pinned_left(void);

/* --- accesses */

/** A kernel's access, or, outside of one, the plugin's own. */
void access_note(const void *p, size_t n, bool writes, bool atomic, const void *ip);

/** A block begins: nothing of shared memory is written. */
void access_begin_block(void);

/* --- streams */

/** What a stream does: work(data), a copy of n bytes that is the stream's. */
void stream_add(cudaStream_t s, void (*work)(void *data), const void *data, size_t n);

/** Do all that was asked for: of a stream, of all. */
void stream_finish(cudaStream_t s);
void stream_finish_all(void);

/** From within its work: that will never end, nor what comes behind it; and the end of both, as
 * if nothing had been asked for. */
void stream_lose(cudaStream_t s);
void stream_drop(cudaStream_t s);

/** The graph that a stream is recorded into, or NULL: cuh_graph.c; and record it into that. */
struct CUgraph_st *stream_recording(cudaStream_t s);
void stream_record(cudaStream_t s, struct CUgraph_st *to);
void graph_add(struct CUgraph_st *g, void (*work)(void *data), const void *data, size_t n);

/** Graphs, launchable ones among them, that are not given back. */
size_t graphs_left(void);

/** Streams and events that are not given back. */
size_t streams_left(void);
size_t events_left(void);

/* --- the card */

/** Keep an error for cudaGetLastError(), and give it. */
cudaError_t cuda_error(cudaError_t e);

/** How often kernels ran: CUH_TRACE. */
void card_trace(void);

/** Handles of cuBLAS that are not given back; communicators of NCCL. */
size_t blas_left(void);
size_t nccl_left(void);

#endif
