/*
 * peers.cu: other processes' cards, by NCCL.
 *
 * ncclSend() and ncclRecv() only move bytes: what is received is added by a kernel of ours, so
 * that the order of additions does not depend on NCCL, its version, or how cards are joined.
 * All of it lies on a stream of its own, `net`, which waits for the stream of the ops where an
 * exchange begins; the other way round the host waits, in finish().
 *
 * A process that is gone leaves its partners' kernels on the card for ever, so the host asks
 * again and again instead of waiting for the stream, and asks NCCL too. Its communicator is
 * one that does not block, for the same reason.
 *
 * The library is looked for when it is needed: the plugin itself needs none of it. RF_NCCL is
 * the name of its header; without it the plugin is built without NCCL.
 */
#include "cuda.h"

#ifdef RF_NCCL

#include RF_NCCL
#include <dlfcn.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* What is added at once is received into so many floats of room. */
#ifndef PEERS_ROOM_FLOATS /* tests want several pieces of a few numbers */
#define PEERS_ROOM_FLOATS (8 << 20)
#endif

static const char library_name[] = "libnccl.so.2";
static const double join_s = 60, leave_s = 10;

#define EACH_NCCL_CALL(X)                                                                      \
    X(GetUniqueId)                                                                             \
    X(CommInitRankConfig)                                                                      \
    X(CommGetAsyncError)                                                                       \
    X(CommFinalize)                                                                            \
    X(CommDestroy)                                                                             \
    X(CommAbort)                                                                               \
    X(GetErrorString)                                                                          \
    X(GroupStart)                                                                              \
    X(GroupEnd)                                                                                \
    X(Send)                                                                                    \
    X(Recv)

struct peers {
#define NCCL_POINTER(name) decltype(&nccl##name) name;
    EACH_NCCL_CALL(NCCL_POINTER)
    ncclComm_t comm;
    cudaStream_t net;
    cudaEvent_t ready; /* the ops before an exchange are done */
    cudaEvent_t done;  /* all exchanges are */
    float *room;       /* PEERS_ROOM_FLOATS */
};

static_assert(sizeof(ncclUniqueId) == NN_PEERS_ID_BYTES, "an id has room");

/* --- failures: a code and a line, which join() hands on and an op makes the device's own */

static int cuda_good(cudaError_t e, const char *call, struct errbuf *eb)
{
    if (e == cudaSuccess)
        return RF_OK;
    (void)cudaGetLastError(); /* which would be found again behind the next launch */
    return err_set(eb, e == cudaErrorMemoryAllocation ? RF_ENOMEM : RF_EIO,
                   "the GPU failed at %s: %s", call, cudaGetErrorString(e));
}

static int nccl_good(const struct peers *p, ncclResult_t e, const char *call, struct errbuf *eb)
{
    return e == ncclSuccess
               ? RF_OK
               : err_set(eb, RF_EIO, "NCCL failed at nccl%s: %s", call, p->GetErrorString(e));
}

/* --- waiting */

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Until when something waits; 0: as long as it takes. And how often it looked. */
struct patience {
    double until;
    unsigned turn;
};

static struct patience patience_of(double limit_s)
{
    struct patience w = {limit_s > 0 ? now() + limit_s : 0, 0};

    return w;
}

/* Rest a little, at first by letting others have the core; RF_EIO: it took too long. */
static int rest(struct patience *w, const char *what, struct errbuf *eb)
{
    enum { YIELDS = 2000 };
    const struct timespec pause = {0, 20 * 1000};

    if (w->until > 0 && now() > w->until)
        return err_set(eb, RF_EIO, "NCCL is not done with %s in time", what);
    if (++w->turn > YIELDS)
        (void)nanosleep(&pause, NULL);
    else
        (void)sched_yield();
    return RF_OK;
}

static ncclResult_t state_of(const struct peers *p)
{
    ncclResult_t state = ncclSuccess, e = p->CommGetAsyncError(p->comm, &state);

    return e == ncclSuccess ? state : e;
}

/* Wait until a call that gave e is done with the host: not before may the stream be used. */
static int settle(const struct peers *p, ncclResult_t e, const char *call, double limit_s,
                  struct errbuf *eb)
{
    struct patience w = patience_of(limit_s);
    int rc = RF_OK;

    while (e == ncclInProgress && rc == RF_OK)
        if ((e = state_of(p)) == ncclInProgress)
            rc = rest(&w, call, eb);
    return rc == RF_OK ? nccl_good(p, e, call, eb) : rc;
}

/* Wait until the card is done with all that `net` was asked for. */
static int await(const struct peers *p, double limit_s, struct errbuf *eb)
{
    struct patience w = patience_of(limit_s);
    int rc = cuda_good(cudaEventRecord(p->done, p->net), "cudaEventRecord", eb);

    while (rc == RF_OK) {
        cudaError_t e = cudaEventQuery(p->done);
        ncclResult_t state = state_of(p);

        if (state != ncclSuccess && state != ncclInProgress)
            return nccl_good(p, state, "CommGetAsyncError", eb);
        if (e != cudaErrorNotReady)
            return cuda_good(e, "cudaEventQuery", eb);
        (void)cudaGetLastError(); /* "not ready" is kept there too */
        rc = rest(&w, "an exchange", eb);
    }
    return rc;
}

/* --- exchanges */

/* One of the two may be nothing. */
static int swap(const struct peers *p, int peer, const void *out, size_t out_bytes, void *in,
                size_t in_bytes, double limit_s, struct errbuf *eb)
{
    ncclResult_t all[4] = {};
    const char *const calls[4] = {"GroupStart", "Send", "Recv", "GroupEnd"};
    int rc = RF_OK;

    if (!out_bytes && !in_bytes)
        return RF_OK;
    all[0] = p->GroupStart();
    if (out_bytes)
        all[1] = p->Send(out, out_bytes, ncclUint8, peer, p->comm, p->net);
    if (in_bytes)
        all[2] = p->Recv(in, in_bytes, ncclUint8, peer, p->comm, p->net);
    all[3] = p->GroupEnd();
    for (int i = 0; i < 3 && rc == RF_OK; i++) /* what goes on is the group's to say */
        if (all[i] != ncclInProgress)
            rc = nccl_good(p, all[i], calls[i], eb);
    return rc == RF_OK ? settle(p, all[3], calls[3], limit_s, eb) : rc;
}

/* Let `net` go on when all that was asked of the device so far is done. */
static bool begin(struct nn *nn)
{
    struct cuda *c = cuda_of(nn);

    cuda_flush(nn);
    return !nn->failed && CUDA_TRY(nn, cudaEventRecord(c->peers->ready, c->work)) &&
           CUDA_TRY(nn, cudaStreamWaitEvent(c->peers->net, c->peers->ready, 0));
}

/* A process that is gone may be what NCCL fails of. Who watches processes, and knows which it
 * is, has some time to end this one first. */
static void note(struct nn *nn, int rc, const struct errbuf *why)
{
    const struct timespec grace = {2, 0};

    if (rc == RF_OK)
        return;
    (void)nanosleep(&grace, NULL);
    nn_fail(nn, rc, "%s", why->text);
}

static void exchange(struct nn *nn, int peer, const void *out, size_t out_bytes, void *in,
                     size_t in_bytes)
{
    struct errbuf why = {};

    if (begin(nn))
        note(nn, swap(cuda_of(nn)->peers, peer, out, out_bytes, in, in_bytes, 0, &why), &why);
}

/* Of n numbers, those of the piece that begins at i. */
static size_t piece(size_t n, size_t i)
{
    size_t left = n > i ? n - i : 0;

    return left < PEERS_ROOM_FLOATS ? left : PEERS_ROOM_FLOATS;
}

/* Both cut what goes from one to the other in the same pieces. */
static void exchange_add(struct nn *nn, int peer, const float *out, size_t out_floats,
                         float *in, size_t in_floats)
{
    const struct peers *p = cuda_of(nn)->peers;
    size_t most = out_floats > in_floats ? out_floats : in_floats;
    bool good = begin(nn);
    struct errbuf why = {};

    for (size_t i = 0; good && i < most; i += PEERS_ROOM_FLOATS) {
        size_t sends = piece(out_floats, i), gets = piece(in_floats, i);

        note(nn,
             swap(p, peer, sends ? out + i : NULL, sends * sizeof *out, p->room,
                  gets * sizeof *in, 0, &why),
             &why);
        if (gets)
            cuda_add_beside(nn, p->net, in + i, p->room, gets);
        good = !nn->failed;
    }
}

static void finish(struct nn *nn)
{
    struct errbuf why = {};

    cuda_flush(nn);
    if (nn->failed)
        return;
    nn->waits++;
    note(nn, await(cuda_of(nn)->peers, 0, &why), &why);
}

/* --- joining and leaving */

static int load(struct peers *p, struct errbuf *eb)
{
    void *library = dlopen(library_name, RTLD_NOW | RTLD_LOCAL), *symbol;

    if (!library)
        return err_set(eb, RF_EINVAL, "%s", dlerror());
#define NCCL_FIND(name)                                                                        \
    if (!(symbol = dlsym(library, "nccl" #name)))                                              \
        return err_set(eb, RF_EINVAL, "%s has no nccl%s(): it is older than 2.14",             \
                       library_name, #name);                                                   \
    memcpy(&p->name, &symbol, sizeof p->name);
    EACH_NCCL_CALL(NCCL_FIND)
    return RF_OK;
}

static void leave(struct nn *nn, bool together)
{
    struct cuda *c = cuda_of(nn);
    struct peers *p = c->peers;

    if (!p)
        return;
    if (p->comm && together && !nn->failed &&
        settle(p, p->CommFinalize(p->comm), "CommFinalize", leave_s, NULL) == RF_OK)
        (void)p->CommDestroy(p->comm);
    else if (p->comm)
        (void)p->CommAbort(p->comm); /* which ends its kernels: nothing below waits for them */
    if (p->net)
        cudaStreamDestroy(p->net);
    if (p->ready)
        cudaEventDestroy(p->ready);
    if (p->done)
        cudaEventDestroy(p->done);
    cudaFree(p->room);
    free(p);
    c->peers = NULL;
}

/* The library alone, once. */
static int find_library(struct nn *nn, struct errbuf *eb)
{
    struct cuda *c = cuda_of(nn);

    if (c->peers)
        return RF_OK;
    if (!(c->peers = (struct peers *)calloc(1, sizeof *c->peers)))
        return err_nomem(eb);
    return load(c->peers, eb);
}

static int make_id(struct nn *nn, void *id, struct errbuf *eb)
{
    ncclUniqueId made = {};
    int rc = find_library(nn, eb);

    if (rc == RF_OK)
        rc = nccl_good(cuda_of(nn)->peers, cuda_of(nn)->peers->GetUniqueId(&made),
                       "GetUniqueId", eb);
    if (rc == RF_OK)
        memcpy(id, &made, sizeof made);
    else
        leave(nn, false);
    return rc;
}

static int take(struct peers *p, struct errbuf *eb)
{
    int rc = cuda_good(cudaStreamCreateWithFlags(&p->net, cudaStreamNonBlocking),
                       "cudaStreamCreateWithFlags", eb);

    if (rc == RF_OK)
        rc = cuda_good(cudaEventCreateWithFlags(&p->ready, cudaEventDisableTiming),
                       "cudaEventCreateWithFlags", eb);
    if (rc == RF_OK)
        rc = cuda_good(cudaEventCreateWithFlags(&p->done, cudaEventDisableTiming),
                       "cudaEventCreateWithFlags", eb);
    if (rc == RF_OK)
        rc = cuda_good(cudaMalloc((void **)&p->room, PEERS_ROOM_FLOATS * sizeof *p->room),
                       "cudaMalloc", eb);
    return rc;
}

static int connect(struct peers *p, const void *id, int rank, int size, struct errbuf *eb)
{
    ncclConfig_t config = NCCL_CONFIG_INITIALIZER;
    ncclUniqueId of;
    ncclResult_t e;

    memcpy(&of, id, sizeof of);
    config.blocking = 0;
    e = p->CommInitRankConfig(&p->comm, size, of, rank, &config);
    return p->comm ? settle(p, e, "CommInitRankConfig", join_s, eb)
                   : nccl_good(p, e == ncclSuccess ? ncclInternalError : e,
                               "CommInitRankConfig", eb);
}

/* NCCL reaches a process when it first sends to it, and may find only then that it cannot. */
static int try_all(struct peers *p, int rank, int size, struct errbuf *eb)
{
    int rc = cuda_good(cudaMemsetAsync(p->room, 0, 2 * sizeof *p->room, p->net),
                       "cudaMemsetAsync", eb);

    for (int bit = 1; bit < size && rc == RF_OK; bit *= 2)
        rc = swap(p, rank ^ bit, p->room, sizeof *p->room, p->room + 1, sizeof *p->room, join_s,
                  eb);
    return rc == RF_OK ? await(p, join_s, eb) : rc;
}

static int join(struct nn *nn, const void *id, int rank, int size, struct errbuf *eb)
{
    int rc = find_library(nn, eb);

    if (rc == RF_OK)
        rc = take(cuda_of(nn)->peers, eb);
    if (rc == RF_OK)
        rc = connect(cuda_of(nn)->peers, id, rank, size, eb);
    if (rc == RF_OK)
        rc = try_all(cuda_of(nn)->peers, rank, size, eb);
    if (rc != RF_OK)
        leave(nn, false);
    return rc;
}

#else

static int make_id(struct nn *nn, void *id, struct errbuf *eb)
{
    (void)nn;
    (void)id;
    return err_set(eb, RF_EINVAL, "reformer-cuda.so was built without NCCL");
}

/* Who has no id joins nobody; another process may have had one. */
static int join(struct nn *nn, const void *id, int rank, int size, struct errbuf *eb)
{
    (void)rank;
    (void)size;
    return make_id(nn, (void *)(uintptr_t)id, eb);
}

static void leave(struct nn *nn, bool together)
{
    (void)nn;
    (void)together;
}

/* Who has not joined calls none of these. */
static const decltype(nn_peers::exchange) exchange = NULL;
static const decltype(nn_peers::exchange_add) exchange_add = NULL;
static const decltype(nn_peers::finish) finish = NULL;

#endif

const struct nn_peers cuda_peers = {"NCCL",   make_id,      join,  leave,
                                    exchange, exchange_add, finish};
