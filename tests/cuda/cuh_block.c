/*
 * cuh_block.c: a kernel: its blocks one after the other, a block's threads in turns.
 *
 * A thread runs until it waits for others. A fiber whose thread ends goes on with the next
 * threads that have not begun, so that a kernel without barriers needs one fiber.
 */
#include <string.h>

#include "cuh.h"

enum state { FRESH, READY, AT_BARRIER, AT_WARP, DONE };

struct thread {
    uint3 index;
    enum state state;
    struct fiber *fiber; /* from when it began */
    const char *file;    /* where it waits */
    int line;
    enum cuh_meeting how; /* of lanes: what each asked for, and got */
    uint32_t mask;
    int lane, width;
    uint64_t value, result;
};

/* CUDA's built-in variables, in a section of their own, by which access_note() knows them. */
#define BUILT_IN __attribute__((section("cuh_built_in"), used))
BUILT_IN uint3 threadIdx, blockIdx;
BUILT_IN dim3 blockDim = {1, 1, 1}, gridDim = {1, 1, 1};
BUILT_IN int warpSize = LANES;

struct cuh_now cuh_now = {.moment = {.now = 16}}; /* 0: never */
static struct thread threads[THREADS_MAX], *current;
static uint16_t turns[THREADS_MAX]; /* the order of the block's threads */
static int count, cursor, alive;    /* threads; whose turn it is; that have not ended */

static struct {
    int waiting, sum, result, line;
    const char *file;
} barrier;

static struct {
    uint32_t alive, waiting; /* lanes */
    unsigned meetings;       /* since the block's last barrier */
} warps[THREADS_MAX / LANES];

const uint3 *cuh_block_now(void)
{
    return &blockIdx;
}

static void make_current(struct thread *t)
{
    current = t;
    threadIdx = t->index;
    cuh_now.thread = (int)(t - threads);
    cuh_now.meetings = &warps[cuh_now.thread / LANES].meetings;
}

/* Between threads. */
static void leave_thread(void)
{
    current = NULL;
    cuh_now.thread = 0;
}

/* The current thread lets others go on, until it is READY and has its turn again. */
static void wait_as(enum state state)
{
    struct thread *self = current;

    self->state = state;
    fiber_back();
    make_current(self);
}

void thread_preempt(void)
{
    wait_as(READY);
}

/* --- barriers */

static void release_barrier(void)
{
    barrier.result = barrier.sum;
    barrier.sum = barrier.waiting = 0;
    cuh_now.moment.now++;
    for (int i = 0; i < count; i++)
        if (threads[i].state == AT_BARRIER)
            threads[i].state = READY;
    for (int w = 0; w * LANES < count; w++)
        warps[w].meetings = 0;
}

int cuh_barrier(int value, const char *file, int line)
{
    struct thread *self = current;

    if (barrier.waiting && (barrier.line != line || strcmp(barrier.file, file) != 0))
        cuh_report(NULL, "barrier in %s:%d, where others wait at that in %s:%d", file, line,
                   barrier.file, barrier.line);
    barrier.file = self->file = file;
    barrier.line = self->line = line;
    barrier.sum += value;
    if (++barrier.waiting == alive)
        release_barrier();
    else
        wait_as(AT_BARRIER);
    return barrier.result;
}

/* --- lanes of a warp. Who comes last computes for all, so that no value is lost early. */

/* Whose value lane `j` gets; itself where that lies outside of its part of the warp. */
static int source_lane(const struct thread *t, int j)
{
    int low = j & ~(t->width - 1), high = low | (t->width - 1);

    switch (t->how) {
    case CUH_XOR: return (j ^ t->lane) <= high ? j ^ t->lane : j;
    case CUH_DOWN: return j + t->lane <= high ? j + t->lane : j;
    case CUH_UP: return j - t->lane >= low ? j - t->lane : j;
    default: return low | (t->lane & (t->width - 1));
    }
}

static uint64_t lane_result(struct thread *lanes, uint32_t here, int j)
{
    struct thread *t = &lanes[j];
    uint32_t votes = 0;
    int from;

    if (t->how == CUH_SYNCWARP)
        return 0;
    if (t->how == CUH_BALLOT || t->how == CUH_MATCH) {
        for (int i = 0; i < LANES; i++)
            if (here >> i & 1)
                votes |= (uint32_t)(t->how == CUH_BALLOT ? lanes[i].value & 1
                                                         : lanes[i].value == t->value)
                         << i;
        return votes;
    }
    from = source_lane(t, j);
    if (here >> from & 1)
        return lanes[from].value;
    make_current(t);
    cuh_report(NULL, "shuffle in %s:%d reads lane %d, which takes no part", t->file, t->line,
               from);
    return ~(uint64_t)0; /* a NaN: on a device it would be anything */
}

/* Lanes that wait for the same mask as lane i, all of which are there: 0, else these. */
static uint32_t complete(const struct thread *lanes, uint32_t lives, int i)
{
    uint32_t need = lanes[i].mask & lives;

    for (int j = 0; j < LANES; j++)
        if ((need >> j & 1) && (lanes[j].state != AT_WARP || lanes[j].mask != lanes[i].mask))
            return 0;
    return need;
}

/* Lanes that hold a matrix together are all of a warp, and ask for the same. */
static void meet_for_matrices(struct thread *lanes, uint32_t here, int i)
{
    void *given[LANES];

    if (~here) {
        make_current(&lanes[i]);
        cuh_report(NULL, "matrices in %s:%d, of which lanes %#x have no part", lanes[i].file,
                   lanes[i].line, ~here);
        return;
    }
    for (int j = 0; j < LANES; j++) {
        if (lanes[j].how != lanes[i].how)
            return; /* it was told */
        given[j] = (void *)(uintptr_t)lanes[j].value;
    }
    matrices_meet(lanes[i].how, given);
}

static void meet(int w, uint32_t here, int i)
{
    struct thread *lanes = &threads[w * LANES];

    for (int j = 0; j < LANES; j++)
        if ((here >> j & 1) && (lanes[j].how != lanes[i].how || lanes[j].line != lanes[i].line))
            cuh_report(NULL, "lanes of one warp meet in %s:%d and in line %d", lanes[i].file,
                       lanes[i].line, lanes[j].line);
    if (lanes[i].how >= CUH_PRODUCT)
        meet_for_matrices(lanes, here, i);
    else
        for (int j = 0; j < LANES; j++)
            if (here >> j & 1)
                lanes[j].result = lane_result(lanes, here, j);
    for (int j = 0; j < LANES; j++)
        if (here >> j & 1)
            lanes[j].state = READY;
    warps[w].waiting &= ~here;
    if (lanes[i].how == CUH_SYNCWARP && here == warps[w].alive)
        warps[w].meetings++;
}

static void meet_all(int w)
{
    struct thread *self = current, *lanes = &threads[w * LANES];
    uint32_t here;

    for (int i = 0; i < LANES; i++)
        if ((warps[w].waiting >> i & 1) && (here = complete(lanes, warps[w].alive, i)))
            meet(w, here, i);
    make_current(self); /* a report may have pointed at another lane */
}

uint64_t cuh_warp(enum cuh_meeting how, unsigned mask, uint64_t value, int lane, int width,
                  const char *file, int line)
{
    struct thread *t = current;
    int w = thread_number() / LANES;
    uint32_t bit = 1U << thread_number() % LANES;

    if (!(mask & bit))
        cuh_report(NULL, "a lane is not in its own mask %#x in %s:%d", mask, file, line);
    t->how = how;
    t->mask = mask;
    t->value = value;
    t->lane = lane;
    t->width = width;
    t->file = file;
    t->line = line;
    t->state = AT_WARP;
    warps[w].waiting |= bit;
    if (!(mask & warps[w].alive & ~warps[w].waiting))
        meet_all(w);
    if (t->state == AT_WARP)
        wait_as(AT_WARP);
    t->state = READY;
    return t->result;
}

/* --- a block */

static void end_thread(void)
{
    int w = thread_number() / LANES;

    current->state = DONE;
    alive--;
    warps[w].alive &= ~(1U << thread_number() % LANES);
    if (alive && barrier.waiting == alive) {
        cuh_report(NULL, "a thread ends while all others wait at the barrier in %s:%d",
                   barrier.file, barrier.line);
        release_barrier();
    }
    if (warps[w].waiting)
        meet_all(w);
}

/* A fiber's work. */
static void run_threads(void)
{
    for (;;) {
        make_current(&threads[turns[cursor]]);
        current->fiber = fiber_now();
        current->state = READY;
        cuh_now.kernel->run(cuh_now.kernel->call);
        end_thread();
        if (cursor + 1 >= count || threads[turns[cursor + 1]].state != FRESH)
            break;
        cursor++;
    }
}

/* Each thread that does not wait has its turn; false: there was none. */
static bool take_turns(void)
{
    bool any = false;

    for (cursor = 0; cursor < count; cursor++) {
        struct thread *t = &threads[turns[cursor]];

        if (t->state == FRESH) {
            any = true;
            fiber_go(fiber_take(run_threads));
        } else if (t->state == READY) {
            any = true;
            make_current(t);
            fiber_go(t->fiber);
        }
    }
    return any;
}

static void shuffle_turns(void)
{
    for (int i = count - 1; i > 0; i--) {
        int j = (int)(cuh_random() % (unsigned)(i + 1));
        uint16_t t = turns[i];

        turns[i] = turns[j];
        turns[j] = t;
    }
}

static const struct thread *find_state(enum state state)
{
    for (int i = 0; i < count; i++)
        if (threads[i].state == state)
            return &threads[i];
    return NULL;
}

static void report_deadlock(void)
{
    const struct thread *a = find_state(AT_BARRIER), *b = find_state(AT_WARP);

    leave_thread();
    if (a)
        cuh_report(NULL, "deadlock: threads wait at the barrier in %s:%d", a->file, a->line);
    if (b)
        cuh_report(NULL, "deadlock: lanes wait for others of their warp in %s:%d", b->file,
                   b->line);
    fiber_forget_all();
}

/* Shared memory begins as what is neither a number nor a place: 0xff in each byte. */
static void poison_shared(void)
{
    char *base, *dynamic = (char *)rf_shared;
    size_t n = shared_range(&base);

    memset(base, 0xff, (size_t)(dynamic - base));
    memset(dynamic, 0xff, cuh_now.kernel->shared_static + cuh_now.kernel->shared);
    memset(dynamic + SHARED_MAX, 0xff, (size_t)(base + n - (dynamic + SHARED_MAX)));
}

static void begin_block(void)
{
    poison_shared();
    alive = count;
    memset(&barrier, 0, sizeof barrier);
    cuh_now.moment.block = ++cuh_now.moment.now;
    access_begin_block();
    for (int i = 0; i < count; i++) {
        struct thread *t = &threads[i];
        unsigned n = (unsigned)i;

        t->index.x = n % blockDim.x;
        t->index.y = n / blockDim.x % blockDim.y;
        t->index.z = n / blockDim.x / blockDim.y;
        t->state = FRESH;
        turns[i] = (uint16_t)(cuh_settings()->order == ORDER_REV ? count - 1 - i : i);
    }
    for (int w = 0; w * LANES < count; w++) {
        int lanes = count - w * LANES;

        warps[w].alive = lanes >= LANES ? ~0U : (1U << lanes) - 1;
        warps[w].waiting = 0;
        warps[w].meetings = 0;
    }
}

static void run_block(void)
{
    begin_block();
    while (alive) {
        if (cuh_settings()->order == ORDER_RANDOM)
            shuffle_turns();
        if (!take_turns()) {
            report_deadlock();
            return;
        }
    }
}

/* --- a launch */

static size_t common_divisor(size_t a, size_t b)
{
    while (b) {
        size_t t = a % b;

        a = b;
        b = t;
    }
    return a;
}

/* Block number i of n is a i + c modulo n, with a coprime to n: an order that has each once. */
struct walk {
    size_t a, c, n;
};

static struct walk choose_walk(size_t n)
{
    struct walk w = {1, 0, n};

    if (cuh_settings()->order == ORDER_REV)
        return (struct walk){n - 1, n - 1, n};
    if (cuh_settings()->order == ORDER_RANDOM && n > 1) {
        w.c = cuh_random() % n;
        for (w.a = 1 + cuh_random() % (n - 1); common_divisor(w.a, n) != 1;)
            w.a++;
    }
    return w;
}

void kernel_run(const struct kernel *k)
{
    struct walk walk = choose_walk((size_t)k->grid.x * k->grid.y * k->grid.z);

    if (cuh_now.moment.now > UINT32_MAX / 2)
        cuh_die("more barriers than can be numbered");
    device_enter();
    cuh_now.kernel = k;
    blockDim = k->block;
    gridDim = k->grid;
    count = (int)(k->block.x * k->block.y * k->block.z);
    cuh_now.moment.launch = ++cuh_now.moment.now;
    for (size_t i = 0; i < walk.n; i++) {
        size_t j = (walk.a * i + walk.c) % walk.n;

        blockIdx.x = (unsigned)(j % k->grid.x);
        blockIdx.y = (unsigned)(j / k->grid.x % k->grid.y);
        blockIdx.z = (unsigned)(j / k->grid.x / k->grid.y);
        run_block();
    }
    cuh_now.moment.now++;
    leave_thread();
    cuh_now.kernel = NULL;
    device_leave();
}
