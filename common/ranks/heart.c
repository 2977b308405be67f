#include "ranks/heart.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/tool.h"
#include "ranks/star.h"

enum {
    BEAT_MS = 1000, /* between two beats, or a quarter of the limit if that is less */
    LAST_MS = 10000 /* in which the other processes end after the work is done */
};

/* Another rank. */
struct peer {
    uint64_t seen_ms;
    bool bye;
};

struct heart {
    int rank, size;
    bool speaks; /* if rank 0 is lost: one process of a machine does */
    uint64_t limit_ms, beat_ms;
    struct star star;
    struct peer *peer;     /* at the places of star.stream */
    struct pollfd *polled; /* likewise, and `wake` behind them */
    size_t first, end;     /* the places where there is a stream */
    int wake;              /* readable when the thread shall end */
    atomic_bool stop;
    atomic_ullong step;
    pthread_t thread;
};

static void tell(struct heart *h, const struct beat *b)
{
    for (size_t i = h->first; i < h->end; i++)
        if (!h->peer[i].bye)
            stream_write(&h->star.stream[i], b);
}

static struct beat beat_of(struct heart *h, enum beat_kind kind)
{
    return (struct beat){h->star.token, kind, h->rank, 0};
}

/* --- the end of the process */

/* End because of rank `who`. Rank 0 says so for all, unless it is the one: then the processes
 * that speak do. The others end later, since a launcher ends all when the first one ends. */
_Noreturn static void lost(struct heart *h, size_t who, const char *how)
{
    struct beat b = beat_of(h, BEAT_LOST);

    b.rank = (int)who;
    if (h->rank != 0 && !h->speaks)
        (void)poll(NULL, 0, (int)(2 * h->beat_ms));
    else
        (void)dprintf(STDERR_FILENO, "%s%s: rank %d %s, in step %llu: all ranks end\n",
                      isatty(STDERR_FILENO) ? "\r\033[K" : "", program_invocation_short_name,
                      b.rank, how, (unsigned long long)atomic_load(&h->step));
    tell(h, &b);
    _exit(EXIT_LOST);
}

_Noreturn static void silent(struct heart *h, size_t who, uint64_t ms)
{
    char how[64];

    (void)snprintf(how, sizeof how, "was silent for %.1f s", (double)ms / 1000);
    lost(h, who, how);
}

/* --- the thread */

static void heed(struct heart *h, size_t from, uint64_t now)
{
    struct peer *p = &h->peer[from];
    struct beat b;

    if (!beat_get(&b, h->star.stream[from].in, h->star.token, h->size))
        return;
    p->seen_ms = now;
    if (b.kind == BEAT_BYE) {
        p->bye = true;
        h->polled[from].fd = -1;
    } else if (b.kind == BEAT_LEFT) { /* it has said why */
        tell(h, &b);
        _exit(b.status ? b.status : EXIT_FAILED);
    } else if (b.kind == BEAT_LOST) { /* rank 0 has said who */
        _exit(EXIT_LOST);
    }
}

/* Look at one rank. */
static void look_at(struct heart *h, size_t i, uint64_t now)
{
    struct peer *p = &h->peer[i];
    enum stream_state state = STREAM_EMPTY;

    while (!p->bye && (state = stream_read(&h->star.stream[i])) == STREAM_BEAT)
        heed(h, i, now);
    if (p->bye)
        return;
    if (state == STREAM_ENDED)
        lost(h, i, "ended");
    if (h->limit_ms && now - p->seen_ms > h->limit_ms)
        silent(h, i, now - p->seen_ms);
}

static void *beat(void *self)
{
    struct heart *h = self;
    uint64_t sent = 0, turned = star_clock_ms();

    while (!atomic_load(&h->stop)) {
        uint64_t now;

        (void)poll(h->polled + h->first, h->end - h->first + 1, (int)(h->beat_ms / 4));
        now = star_clock_ms();
        if (now - turned > h->limit_ms / 2) /* this process slept: the others may have spoken */
            for (size_t i = h->first; i < h->end; i++)
                h->peer[i].seen_ms = now;
        turned = now;
        for (size_t i = h->first; i < h->end; i++)
            look_at(h, i, now);
        if (now - sent >= h->beat_ms) {
            struct beat b = beat_of(h, BEAT_ALIVE);

            tell(h, &b);
            sent = now;
        }
    }
    return NULL;
}

/* A thread that gets no signals: those are for the work. */
static int thread_start(struct heart *h)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&h->thread, NULL, beat, h) == 0 ? RF_OK : RF_ENOMEM;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static void thread_end(struct heart *h)
{
    uint64_t one = 1;

    atomic_store(&h->stop, true);
    (void)!write(h->wake, &one, sizeof one);
    pthread_join(h->thread, NULL);
}

/* --- beginning and end */

static void heart_free(struct heart *h, bool close_too)
{
    if (h->wake >= 0)
        (void)close(h->wake);
    star_free(&h->star, close_too);
    free(h->peer);
    free(h->polled);
    free(h);
}

static int make(struct heart *h, struct ranks *r, struct errbuf *eb)
{
    size_t size = (size_t)r->size;
    int rc;

    h->peer = calloc(size, sizeof *h->peer);
    h->polled = calloc(size + 1, sizeof *h->polled);
    h->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!h->peer || !h->polled || h->wake < 0)
        return err_nomem(eb);
    if ((rc = star_open(&h->star, r, eb)) != RF_OK)
        return rc;
    for (size_t i = h->first; i < h->end; i++) {
        h->peer[i].seen_ms = star_clock_ms();
        h->polled[i] = (struct pollfd){.fd = h->star.stream[i].fd, .events = POLLIN};
    }
    h->polled[h->end] = (struct pollfd){.fd = h->wake, .events = POLLIN};
    return thread_start(h) == RF_OK ? RF_OK : err_nomem(eb);
}

int heart_open(struct heart **out, struct ranks *r, double limit_s, struct errbuf *eb)
{
    struct heart *h = calloc(1, sizeof *h);
    int rc;

    if (!h)
        return err_nomem(eb);
    h->rank = r->rank;
    h->size = r->size;
    h->speaks = r->rank == 1 || r->local == 0;
    h->limit_ms = (uint64_t)(limit_s * 1000);
    h->beat_ms = h->limit_ms && h->limit_ms / 4 < BEAT_MS ? h->limit_ms / 4 + 1 : BEAT_MS;
    h->first = r->rank == 0 ? 1 : 0;
    h->end = r->rank == 0 ? (size_t)r->size : 1;
    if ((rc = make(h, r, eb)) != RF_OK) {
        heart_free(h, true);
        return rc;
    }
    *out = h;
    return RF_OK;
}

void heart_progress(struct heart *h, uint64_t step)
{
    atomic_store(&h->step, step);
}

/* Wait for the end of a rank's stream: it comes when the process has ended. */
static void wait_for_end(struct stream *s, uint64_t until)
{
    enum stream_state state = STREAM_EMPTY;
    uint64_t now;

    while (state != STREAM_ENDED && (now = star_clock_ms()) < until)
        if ((state = stream_read(s)) == STREAM_EMPTY)
            (void)poll(&(struct pollfd){.fd = s->fd, .events = POLLIN}, 1, (int)(until - now));
}

void heart_close(struct heart *h)
{
    uint64_t until = star_clock_ms() + LAST_MS;
    struct beat b = beat_of(h, BEAT_BYE);

    thread_end(h);
    tell(h, &b);
    for (size_t i = h->first; h->rank == 0 && i < h->end; i++)
        wait_for_end(&h->star.stream[i], until);
    heart_free(h, h->rank == 0); /* the end of the process closes the others' */
}

void heart_leave(struct heart *h, int status)
{
    struct beat b = beat_of(h, BEAT_LEFT);

    b.status = status;
    thread_end(h);
    tell(h, &b);
    heart_free(h, false);
}
