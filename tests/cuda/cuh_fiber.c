/*
 * cuh_fiber.c: stacks, and going from one to another.
 *
 * A fiber does one piece of work, comes back to the scheduler as idle, and is taken again for
 * the next. On x86-64 a switch is a dozen instructions; elsewhere it is the C library's, which
 * asks the kernel each time.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "cuh.h"

#if !defined(__x86_64__)
#include <ucontext.h>
#define BY_LIBRARY
#endif

/* An interpreted thread's registers lie there; what is not touched costs nothing. A page below
 * each stack is never mapped. */
enum { STACK = FIBER_STACK, PAGE = 4096 };

struct fiber {
    char *stack;
#ifdef BY_LIBRARY
    ucontext_t context;
#else
    void *sp;
#endif
    void *fake; /* of the address sanitizer's */
    void (*work)(void);
    struct fiber *next; /* idle */
};

static struct fiber fibers[THREADS_MAX], *idle, *now;
static int fibers_made;
const char *fiber_stack;

/* The scheduler's own stack. */
static struct {
#ifdef BY_LIBRARY
    ucontext_t context;
#else
    void *sp;
#endif
    void *fake;
    const void *stack;
    size_t stack_bytes;
} scheduler;

/* The address sanitizer wants to know of switches, where it is there. */
void __sanitizer_start_switch_fiber(void **fake, const void *stack, size_t bytes)
    __attribute__((weak));
void __sanitizer_finish_switch_fiber(void *fake, const void **stack, size_t *bytes)
    __attribute__((weak));

static void leave(void **fake, const void *stack, size_t bytes)
{
    if (__sanitizer_start_switch_fiber)
        __sanitizer_start_switch_fiber(fake, stack, bytes);
}

static void arrive(void *fake, const void **stack, size_t *bytes)
{
    if (__sanitizer_finish_switch_fiber)
        __sanitizer_finish_switch_fiber(fake, stack, bytes);
}

#ifndef BY_LIBRARY
/* Push the registers that a function must keep, change stacks, pop those of the other. */
void cuh_switch(void **from_sp, void *to_sp) __attribute__((visibility("hidden")));
__asm__(".text\n"
        ".type cuh_switch,@function\n"
        ".hidden cuh_switch\n"
        ".globl cuh_switch\n"
        "cuh_switch:\n"
        "  push %rbp\n"
        "  push %rbx\n"
        "  push %r12\n"
        "  push %r13\n"
        "  push %r14\n"
        "  push %r15\n"
        "  mov %rsp,(%rdi)\n"
        "  mov %rsi,%rsp\n"
        "  pop %r15\n"
        "  pop %r14\n"
        "  pop %r13\n"
        "  pop %r12\n"
        "  pop %rbx\n"
        "  pop %rbp\n"
        "  ret\n"
        ".size cuh_switch,.-cuh_switch\n");
#endif

/* --- a fiber's life */

static void live(void)
{
    arrive(NULL, &scheduler.stack, &scheduler.stack_bytes);
    for (;;) {
        struct fiber *self = now;

        self->work();
        self->next = idle;
        idle = self;
        fiber_back();
    }
}

/* So that the first switch to it enters live() as a call would. */
static void prepare(struct fiber *f)
{
    f->fake = NULL;
#ifdef BY_LIBRARY
    getcontext(&f->context);
    f->context.uc_stack.ss_sp = f->stack;
    f->context.uc_stack.ss_size = STACK;
    makecontext(&f->context, live, 0);
#else
    void **sp = (void **)(void *)(f->stack + STACK - 8); /* a callee finds sp % 16 == 8 */
    enum { KEPT = 6 };
    void (*entry)(void) = live;

    *--sp = *(void **)&entry;
    for (int i = 0; i < KEPT; i++)
        *--sp = NULL;
    f->sp = sp;
#endif
}

static void make(struct fiber *f)
{
    char *p = mmap(NULL, STACK + PAGE, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p == MAP_FAILED || mprotect(p, PAGE, PROT_NONE) != 0)
        cuh_die("no memory for a thread's stack");
    f->stack = p + PAGE;
    prepare(f);
}

struct fiber *fiber_take(void (*work)(void))
{
    struct fiber *f = idle;

    if (f) {
        idle = f->next;
    } else {
        if (fibers_made == THREADS_MAX)
            cuh_die("more fibers than threads");
        f = &fibers[fibers_made++];
        make(f);
    }
    f->work = work;
    return f;
}

void fiber_forget_all(void)
{
    idle = NULL;
    for (int i = 0; i < fibers_made; i++) {
        prepare(&fibers[i]);
        fibers[i].next = idle;
        idle = &fibers[i];
    }
}

/* --- from one to another */

void fiber_go(struct fiber *f)
{
    now = f;
    fiber_stack = f->stack;
    leave(&scheduler.fake, f->stack, STACK);
#ifdef BY_LIBRARY
    swapcontext(&scheduler.context, &f->context);
#else
    cuh_switch(&scheduler.sp, f->sp);
#endif
    arrive(scheduler.fake, NULL, NULL);
}

void fiber_back(void)
{
    struct fiber *f = now;

    leave(&f->fake, scheduler.stack, scheduler.stack_bytes);
#ifdef BY_LIBRARY
    swapcontext(&f->context, &scheduler.context);
#else
    cuh_switch(&f->sp, scheduler.sp);
#endif
    arrive(f->fake, &scheduler.stack, &scheduler.stack_bytes);
}

struct fiber *fiber_now(void)
{
    return now;
}
