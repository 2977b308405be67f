#include "ranks/star.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"

enum {
    WAIT_MS = 60 * 1000, /* in which all ranks must have called */
    CALL_MS = 5 * 1000,  /* in which one address must answer */
    ADDRESSES = 16,
    STRANGERS = 64 /* streams of others, beside those of all ranks, that may wait to be heard */
};

/* What rank 0 tells all others. */
struct place {
    uint64_t token;
    uint16_t port;               /* as in struct sockaddr_in, like the addresses */
    uint32_t address[ADDRESSES]; /* 0 ends them */
};

uint64_t star_clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- streams */

static struct stream stream_of(int fd)
{
    /* A beat is small and must not wait for the answer to the one before. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    return (struct stream){.fd = fd};
}

static void stream_close(struct stream *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
}

enum stream_state stream_read(struct stream *s)
{
    ssize_t n;

    if (s->got == BEAT_BYTES)
        s->got = 0;
    n = recv(s->fd, s->in + s->got, BEAT_BYTES - s->got, MSG_DONTWAIT);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? STREAM_EMPTY : STREAM_ENDED;
    if (n == 0)
        return STREAM_ENDED;
    s->got += (size_t)n;
    return s->got == BEAT_BYTES ? STREAM_BEAT : STREAM_EMPTY;
}

static void stream_flush(struct stream *s)
{
    ssize_t n =
        send(s->fd, s->out + BEAT_BYTES - s->left, s->left, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n > 0)
        s->left -= (size_t)n;
}

void stream_write(struct stream *s, const struct beat *b)
{
    if (s->left)
        stream_flush(s);
    if (s->left)
        return;
    beat_put(s->out, b);
    s->left = BEAT_BYTES;
    stream_flush(s);
}

/* --- rank 0 */

/* The addresses at which others may find this machine; a machine's own name may lead nowhere
 * (127.0.1.1). Ranks on one machine need no other way than the one inside of it. */
static int own_addresses(struct place *p, bool one_machine)
{
    struct ifaddrs *all;
    size_t n = 0;

    if (!one_machine) {
        if (getifaddrs(&all) != 0)
            return RF_EIO;
        for (struct ifaddrs *i = all; i && n < ADDRESSES - 1; i = i->ifa_next)
            if (i->ifa_addr && i->ifa_addr->sa_family == AF_INET &&
                (i->ifa_flags & (IFF_UP | IFF_LOOPBACK)) == IFF_UP)
                p->address[n++] = ((struct sockaddr_in *)(void *)i->ifa_addr)->sin_addr.s_addr;
        freeifaddrs(all);
    }
    if (n == 0)
        p->address[0] = htonl(INADDR_LOOPBACK);
    return RF_OK;
}

/* A socket that listens where p says. */
static int start_listening(int *fd, struct place *p, int size, bool one_machine)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t bytes = sizeof at;

    at.sin_addr.s_addr = htonl(one_machine ? INADDR_LOOPBACK : INADDR_ANY);
    if (own_addresses(p, one_machine) != RF_OK ||
        getrandom(&p->token, sizeof p->token, 0) != (ssize_t)sizeof p->token ||
        (*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0 ||
        bind(*fd, (struct sockaddr *)&at, bytes) != 0 || listen(*fd, size + STRANGERS) != 0 ||
        getsockname(*fd, (struct sockaddr *)&at, &bytes) != 0)
        return RF_EIO;
    p->port = at.sin_port;
    return RF_OK;
}

/* Who called and has not said yet who it is: ranks, and anything else that finds the port. */
struct strangers {
    struct stream *stream; /* `room` of them */
    struct pollfd *poll;   /* and the socket that listens */
    size_t n, room;
};

static int strangers_new(struct strangers *s, size_t room)
{
    *s = (struct strangers){.room = room};
    s->stream = calloc(room, sizeof *s->stream);
    s->poll = calloc(room + 1, sizeof *s->poll);
    return s->stream && s->poll ? RF_OK : RF_ENOMEM;
}

static void strangers_free(struct strangers *s)
{
    while (s->n)
        stream_close(&s->stream[--s->n]);
    free(s->stream);
    free(s->poll);
}

static void forget(struct strangers *s, size_t i)
{
    s->n--;
    memmove(s->stream + i, s->stream + i + 1, (s->n - i) * sizeof *s->stream);
}

static void take_calls(struct strangers *s, int listener)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (s->n == s->room) { /* the oldest was silent for longest */
            stream_close(&s->stream[0]);
            forget(s, 0);
        }
        s->stream[s->n++] = stream_of(fd);
    }
}

/* Returns how many of the strangers turned out to be ranks. */
static size_t hear(struct star *star, struct strangers *s)
{
    size_t found = 0;
    struct beat b;

    for (size_t i = 0; i < s->n;) {
        struct stream *stream = &s->stream[i];
        enum stream_state state = stream_read(stream);

        if (state == STREAM_EMPTY) {
            i++;
            continue;
        }
        if (state == STREAM_BEAT && beat_get(&b, stream->in, star->token, (int)star->size) &&
            b.kind == BEAT_HELLO && b.rank > 0 && star->stream[b.rank].fd < 0) {
            star->stream[b.rank] = *stream;
            stream_write(&star->stream[b.rank],
                         &(struct beat){star->token, BEAT_WELCOME, 0, 0});
            found++;
        } else {
            stream_close(stream);
        }
        forget(s, i);
    }
    return found;
}

static int take_ranks(struct star *star, struct strangers *s, int listener, struct errbuf *eb)
{
    uint64_t until = star_clock_ms() + WAIT_MS;
    size_t missing = star->size - 1;
    int rank = 1;

    while (missing && star_clock_ms() < until) {
        for (size_t i = 0; i < s->n; i++)
            s->poll[i + 1] = (struct pollfd){.fd = s->stream[i].fd, .events = POLLIN};
        s->poll[0] = (struct pollfd){.fd = listener, .events = POLLIN};
        (void)poll(s->poll, s->n + 1, 1000);
        take_calls(s, listener);
        missing -= hear(star, s);
    }
    if (!missing)
        return RF_OK;
    while (star->stream[rank].fd >= 0)
        rank++;
    return err_set(eb, RF_EIO, "rank %d did not call rank 0 within %d s", rank, WAIT_MS / 1000);
}

/* A process may have about a thousand open files unless it asks for more, and here is one for
 * each rank. Without more than that it is as it was: a rank will be missing. */
static void allow_streams(size_t n)
{
    enum { OTHER_FILES = 1024 };
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= n + OTHER_FILES)
        return;
    limit.rlim_cur = n + OTHER_FILES < limit.rlim_max ? n + OTHER_FILES : limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int wait_for_calls(struct star *star, int listener, struct errbuf *eb)
{
    struct strangers s;
    int rc = strangers_new(&s, star->size + STRANGERS);

    allow_streams(s.room);
    rc = rc == RF_OK ? take_ranks(star, &s, listener, eb) : err_nomem(eb);
    strangers_free(&s);
    return rc;
}

/* --- the other ranks */

/* Wait until something can be read or written. */
static bool wait_until(int fd, short events, uint64_t until)
{
    uint64_t now;

    while ((now = star_clock_ms()) < until)
        if (poll(&(struct pollfd){.fd = fd, .events = events}, 1, (int)(until - now)) > 0)
            return true;
    return false;
}

/* One address may be another machine's, or lead to a program that knows nothing of this. */
static bool call(struct star *star, const struct place *p, size_t i, int rank)
{
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = p->port, .sin_addr.s_addr = p->address[i]};
    uint64_t until = star_clock_ms() + CALL_MS;
    struct stream s = stream_of(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    enum stream_state state = STREAM_ENDED;
    struct beat b;

    if (s.fd >= 0 && (connect(s.fd, (struct sockaddr *)&at, sizeof at) == 0 ||
                      (errno == EINPROGRESS && wait_until(s.fd, POLLOUT, until)))) {
        stream_write(&s, &(struct beat){p->token, BEAT_HELLO, rank, 0});
        do
            state = wait_until(s.fd, POLLIN, until) ? stream_read(&s) : STREAM_ENDED;
        while (state == STREAM_EMPTY);
    }
    if (state == STREAM_BEAT && beat_get(&b, s.in, p->token, (int)star->size) &&
        b.kind == BEAT_WELCOME) {
        star->stream[0] = s;
        return true;
    }
    stream_close(&s);
    return false;
}

static int call_rank_0(struct star *star, const struct place *p, int rank, struct errbuf *eb)
{
    uint64_t until = star_clock_ms() + WAIT_MS;
    char name[INET_ADDRSTRLEN] = "?";

    do {
        for (size_t i = 0; i < ADDRESSES && p->address[i]; i++)
            if (call(star, p, i, rank))
                return RF_OK;
        (void)poll(NULL, 0, 100);
    } while (star_clock_ms() < until);
    (void)inet_ntop(AF_INET, &p->address[0], name, sizeof name);
    return err_set(eb, RF_EIO, "rank %d cannot reach rank 0 at '%s', port %d", rank, name,
                   ntohs(p->port));
}

/* --- */

int star_open(struct star *s, struct ranks *r, struct errbuf *eb)
{
    struct place place = {.token = 0};
    bool one_machine = r->locals == r->size;
    int rc = RF_OK, listener = -1, failed;

    *s = (struct star){.size = (size_t)r->size};
    if (!(s->stream = calloc(s->size, sizeof *s->stream)))
        return err_nomem(eb);
    for (size_t i = 0; i < s->size; i++)
        s->stream[i].fd = -1;
    if (r->rank == 0 && start_listening(&listener, &place, r->size, one_machine) != RF_OK)
        rc = err_set(eb, RF_EIO, "rank 0 cannot listen for the others: %s", strerror(errno));
    if ((failed = ranks_tell(r, &place, sizeof place, eb)) != RF_OK)
        rc = failed;
    s->token = place.token;
    if (rc == RF_OK)
        rc = r->rank ? call_rank_0(s, &place, r->rank, eb) : wait_for_calls(s, listener, eb);
    if (listener >= 0)
        (void)close(listener);
    return rc;
}

void star_free(struct star *s, bool close_too)
{
    for (size_t i = 0; s->stream && close_too && i < s->size; i++)
        stream_close(&s->stream[i]);
    free(s->stream);
    *s = (struct star){.stream = NULL};
}
