/*
 * cuh_nccl.c: NCCL: bytes from the device of one process to that of another, through sockets of
 * one machine that are named by the communicator's id.
 *
 * The plugin looks for its functions in the library libnccl.so.2; here the plugin itself is
 * that library, under a second name. A communicator does not block: it is joined, and what a
 * group asks for gets into its stream, while the caller asks for its state, not before. Who
 * uses the stream in between is out of order with the group.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cuda_runtime.h>

#pragma GCC visibility push(default)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include RF_NCCL
#pragma GCC diagnostic pop
ncclResult_t ncclGroupStart(void); /* the real header has () */
ncclResult_t ncclGroupEnd(void);
#pragma GCC visibility pop

#include "cuh.h"

enum { GROUP_MAX = 8, ASKED = 3, ID_DIGITS = 32 };

/* What two processes tell each other first. */
struct hello {
    int rank;
    char card[60]; /* that it sees */
};

struct transfer {
    char *p;
    size_t n, done;
    int peer;
    bool sends;
};

struct group {
    ncclComm_t comm;
    cudaStream_t stream;
    size_t n;
    struct transfer at[GROUP_MAX];
};

struct ncclComm {
    char id[ID_DIGITS + 1];
    int rank, size;
    int listener;
    struct peer {
        int fd; /* -1: none yet */
        bool known;
    } * peer;
    ncclResult_t state;
    struct group waiting; /* to get into the stream; n 0: nothing */
    int asked;            /* how often its state was asked for since then */
    cudaStream_t stream;  /* of the last group */
    bool joined;
};

static size_t communicators;

size_t nccl_left(void)
{
    return communicators;
}

const char *ncclGetErrorString(ncclResult_t e)
{
    switch (e) {
    case ncclSuccess: return "no error";
    case ncclSystemError: return "unhandled system error";
    case ncclInvalidUsage: return "invalid usage";
    case ncclRemoteError: return "remote process exited or there was a network error";
    case ncclInProgress: return "NCCL operation in progress";
    default: return "an error of NCCL";
    }
}

/* --- joining */

ncclResult_t ncclGetUniqueId(ncclUniqueId *id)
{
    unsigned char some[ID_DIGITS / 2];

    if (getrandom(some, sizeof some, 0) != (ssize_t)sizeof some)
        return ncclSystemError;
    memset(id, 0, sizeof *id);
    for (size_t i = 0; i < sizeof some; i++)
        snprintf(id->internal + 2 * i, 3, "%02x", some[i]);
    return ncclSuccess;
}

/* A rank's name in the abstract space of names, whose first byte is 0. */
static socklen_t address_of(struct sockaddr_un *a, const struct ncclComm *c, int rank)
{
    int n;

    *a = (struct sockaddr_un){.sun_family = AF_UNIX};
    n = snprintf(a->sun_path + 1, sizeof a->sun_path - 1, "nccl-%s-%d", c->id, rank);
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)n);
}

static bool greet(const struct ncclComm *c, int fd)
{
    struct hello mine = {.rank = c->rank};
    const char *card = getenv("CUDA_VISIBLE_DEVICES");

    snprintf(mine.card, sizeof mine.card, "%s", card ? card : "");
    return send(fd, &mine, sizeof mine, MSG_NOSIGNAL) == (ssize_t)sizeof mine;
}

/* Two ranks on one card are refused, as by NCCL. */
static void meet(struct ncclComm *c, int fd, const struct hello *h)
{
    const char *card = getenv("CUDA_VISIBLE_DEVICES");

    c->peer[h->rank] = (struct peer){fd, true};
    if (strcmp(h->card, card ? card : "") == 0)
        c->state = ncclInvalidUsage;
}

/* Call the ranks below, hear those above. */
static void connect_some(struct ncclComm *c)
{
    struct hello h;
    int fd;

    for (int i = 0; i < c->rank; i++) {
        struct sockaddr_un a;
        socklen_t n = address_of(&a, c, i);
        struct peer *p = &c->peer[i];

        if (p->fd < 0) {
            fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            if (fd >= 0 && connect(fd, (struct sockaddr *)&a, n) == 0 && greet(c, fd))
                p->fd = fd;
            else if (fd >= 0)
                close(fd);
        } else if (!p->known && recv(p->fd, &h, sizeof h, MSG_DONTWAIT) == (ssize_t)sizeof h) {
            meet(c, p->fd, &h);
        }
    }
    while ((fd = accept4(c->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        if (recv(fd, &h, sizeof h, MSG_WAITALL) == (ssize_t)sizeof h && greet(c, fd))
            meet(c, fd, &h);
}

static void join_some(struct ncclComm *c)
{
    bool all = true;

    connect_some(c);
    for (int i = 0; i < c->size; i++)
        all &= i == c->rank || c->peer[i].known;
    if (all && c->state == ncclInProgress) {
        c->state = ncclSuccess;
        c->joined = true;
    }
}

ncclResult_t ncclCommInitRankConfig(ncclComm_t *out, int size, ncclUniqueId id, int rank,
                                    ncclConfig_t *config)
{
    struct ncclComm *c;
    struct sockaddr_un a;
    socklen_t n;

    if (cuh_injected("ncclCommInitRankConfig"))
        return ncclSystemError;
    if (config->blocking != 0)
        cuh_die("a communicator that blocks");
    if (!(c = calloc(1, sizeof *c)) || !(c->peer = calloc((size_t)size, sizeof *c->peer)))
        cuh_die("out of memory");
    memcpy(c->id, id.internal, ID_DIGITS);
    c->rank = rank;
    c->size = size;
    c->state = ncclInProgress;
    for (int i = 0; i < size; i++)
        c->peer[i].fd = -1;
    n = address_of(&a, c, rank);
    c->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->listener < 0 || bind(c->listener, (struct sockaddr *)&a, n) != 0 ||
        listen(c->listener, size) != 0)
        cuh_die("a communicator has no socket: %s", strerror(errno));
    communicators++;
    *out = c;
    return ncclInProgress;
}

/* --- groups */

static int depth;
static struct group group; /* that is being asked for */

ncclResult_t ncclGroupStart(void)
{
    depth++;
    group.n = 0;
    return ncclSuccess;
}

static ncclResult_t add(void *p, size_t n, ncclDataType_t type, int peer, ncclComm_t c,
                        cudaStream_t s, bool sends)
{
    if (cuh_injected("ncclSend"))
        return ncclSystemError;
    if (depth != 1 || type != ncclUint8 || group.n == GROUP_MAX || c->state != ncclSuccess) {
        cuh_report(__builtin_return_address(0),
                   "NCCL: outside of a group, or while the last one is in progress");
        return ncclInvalidUsage;
    }
    if (!is_device(p) || !is_allocated(p, n)) {
        cuh_report(__builtin_return_address(0), "NCCL: %zu bytes at %p are not the device's", n,
                   p);
        return ncclInvalidArgument;
    }
    group.comm = c;
    group.stream = s;
    group.at[group.n++] = (struct transfer){p, n, 0, peer, sends};
    return ncclSuccess;
}

ncclResult_t ncclSend(const void *from, size_t n, ncclDataType_t type, int peer, ncclComm_t c,
                      cudaStream_t s)
{
    return add((void *)(uintptr_t)from, n, type, peer, c, s, true);
}

ncclResult_t ncclRecv(void *to, size_t n, ncclDataType_t type, int peer, ncclComm_t c,
                      cudaStream_t s)
{
    return add(to, n, type, peer, c, s, false);
}

ncclResult_t ncclGroupEnd(void)
{
    struct ncclComm *c = group.comm;

    depth--;
    if (!group.n)
        return ncclSuccess;
    c->waiting = group;
    c->stream = group.stream;
    c->asked = 0;
    c->state = ncclInProgress;
    return ncclInProgress;
}

/* As much as goes at once; false: the other end is gone. */
static bool move_some(const struct ncclComm *c, struct transfer *t)
{
    int fd = c->peer[t->peer].fd;
    ssize_t n = t->sends ? send(fd, t->p + t->done, t->n - t->done, MSG_DONTWAIT | MSG_NOSIGNAL)
                         : recv(fd, t->p + t->done, t->n - t->done, MSG_DONTWAIT);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    t->done += (size_t)n;
    return n > 0;
}

static bool move_all(struct group *g)
{
    for (;;) {
        struct pollfd wait[GROUP_MAX];
        nfds_t left = 0;

        for (size_t i = 0; i < g->n; i++) {
            struct transfer *t = &g->at[i];

            if (t->done < t->n && !move_some(g->comm, t))
                return false;
            if (t->done < t->n)
                wait[left++] = (struct pollfd){.fd = g->comm->peer[t->peer].fd,
                                               .events = t->sends ? POLLOUT : POLLIN};
        }
        if (!left)
            return true;
        (void)poll(wait, left, 1000);
    }
}

/* A stream's work. */
static void do_group(void *data)
{
    struct group *g = data;
    bool good;

    for (size_t i = 0; i < g->n; i++)
        if (g->at[i].sends && !was_written(g->at[i].p, g->at[i].n))
            cuh_report(NULL, "NCCL: sends %zu bytes, not all of which were written",
                       g->at[i].n);
    device_enter();
    good = !cuh_injected("ncclLost") && move_all(g);
    device_leave();
    for (size_t i = 0; i < g->n; i++)
        if (!g->at[i].sends)
            note_written(g->at[i].p, g->at[i].n);
    if (good)
        return;
    g->comm->state = ncclRemoteError;
    stream_lose(g->stream);
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t c, ncclResult_t *state)
{
    if (c->state == ncclInProgress && !c->joined) {
        join_some(c);
    } else if (c->state == ncclInProgress && ++c->asked >= ASKED) {
        c->state = ncclSuccess;
        if (c->waiting.n)
            stream_add(c->waiting.stream, do_group, &c->waiting, sizeof c->waiting);
        c->waiting.n = 0;
    }
    *state = c->state;
    return ncclSuccess;
}

/* --- leaving */

static void give_back(struct ncclComm *c)
{
    for (int i = 0; i < c->size; i++)
        if (c->peer[i].fd >= 0)
            close(c->peer[i].fd);
    close(c->listener);
    free(c->peer);
    free(c);
    communicators--;
}

ncclResult_t ncclCommFinalize(ncclComm_t c)
{
    if (c->stream)
        stream_finish(c->stream);
    c->asked = 0;
    c->state = ncclInProgress;
    return ncclInProgress;
}

ncclResult_t ncclCommDestroy(ncclComm_t c)
{
    if (c->state != ncclSuccess)
        cuh_report(__builtin_return_address(0), "NCCL: destroyed before it was finalized");
    give_back(c);
    return ncclSuccess;
}

ncclResult_t ncclCommAbort(ncclComm_t c)
{
    if (c->stream)
        stream_drop(c->stream);
    give_back(c);
    return ncclSuccess;
}
