/* thread_wire.h: ranks that are threads of one process, joined by a wire that keeps messages
 * back at random. A thread that finds something wrong ends the process: cmocka's asserts are
 * for the first thread alone. */
#ifndef UNIT_THREAD_WIRE_H
#define UNIT_THREAD_WIRE_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "ranks/ranks_join.h"

enum { THREADS_MAX = 8 };

#define must(condition)                                                                        \
    do                                                                                         \
        if (!(condition)) {                                                                    \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);            \
            abort();                                                                           \
        }                                                                                      \
    while (0)

struct message {
    int from, to, tag;
    size_t n;
    void *bytes;
    struct message *next;
};

/* All messages that were sent and have not arrived, the oldest first. */
struct post {
    pthread_mutex_t lock;
    struct message *first, **last;
    uint64_t sent[THREADS_MAX]; /* bytes, by each */
};

struct thread_wire {
    struct wire wire;
    struct post *post;
    uint64_t draws;
    struct waiting *first, **last; /* what this rank waits for, the oldest first */
};

/* What a request's handle points to. */
struct waiting {
    int from, tag;
    bool here; /* it was sent, or has arrived */
    size_t n;
    void *bytes;
    struct waiting *next;
};

static struct thread_wire *thread_wire_of(struct wire *w)
{
    return (struct thread_wire *)(void *)w;
}

static int wait_for(struct wire *w, struct wire_request *q, struct waiting waiting)
{
    struct thread_wire *t = thread_wire_of(w);
    struct waiting *kept = malloc(sizeof *kept);

    must(kept);
    *kept = waiting;
    memcpy(q->handle, (void *)&kept, sizeof(void *));
    *t->last = kept;
    t->last = &kept->next;
    return RF_OK;
}

static int thread_send(struct wire *w, struct wire_request *q, int to, int tag,
                       const void *bytes, size_t n)
{
    struct post *post = thread_wire_of(w)->post;
    struct message *m = malloc(sizeof *m);

    must(m && n > 0 && n <= WIRE_PIECE && tag >= 0 && tag < WIRE_TAGS);
    *m = (struct message){w->rank, to, tag, n, malloc(n), NULL};
    must(m->bytes);
    memcpy(m->bytes, bytes, n);
    pthread_mutex_lock(&post->lock);
    *post->last = m;
    post->last = &m->next;
    post->sent[w->rank] += n;
    pthread_mutex_unlock(&post->lock);
    return wait_for(w, q, (struct waiting){.here = true});
}

static int thread_receive(struct wire *w, struct wire_request *q, int from, int tag,
                          void *bytes, size_t n)
{
    return wait_for(w, q, (struct waiting){from, tag, false, n, bytes, NULL});
}

/* The oldest message that is waited for, taken out of the post; NULL: it has not been sent. The
 * caller has locked the post. */
static struct message *take(struct thread_wire *t, const struct waiting *w)
{
    struct post *post = t->post;
    struct message **at = &post->first, *m;

    while ((m = *at) && (m->to != t->wire.rank || m->from != w->from || m->tag != w->tag))
        at = &m->next;
    if (m && !(*at = m->next))
        post->last = at;
    return m;
}

/* What has been sent may arrive before anyone asks for it, and need not when someone does. What
 * has one sender and tag keeps its order: nothing is sent meanwhile, or a message that the
 * first to wait for it just missed would go to the second. */
static void deliver(struct thread_wire *t)
{
    uint64_t now = t->draws++;

    pthread_mutex_lock(&t->post->lock);
    for (struct waiting *w = t->first; w; w = w->next) {
        struct rng chance =
            rng_stream((uint64_t)t->wire.rank, (uint64_t)w->tag, (uint32_t)w->from, RNG_TEST);
        struct message *m;

        if (w->here || rng_u32(chance, now) % 2 || !(m = take(t, w)))
            continue;
        must(m->n == w->n);
        memcpy(w->bytes, m->bytes, m->n);
        free(m->bytes);
        free(m);
        w->here = true;
    }
    pthread_mutex_unlock(&t->post->lock);
}

static int thread_done(struct wire *w, struct wire_request *q, bool *done)
{
    struct thread_wire *t = thread_wire_of(w);
    struct waiting **at = &t->first, *asked;

    deliver(t);
    memcpy((void *)&asked, q->handle, sizeof(void *));
    *done = asked->here;
    if (!*done)
        return RF_OK;
    while (*at != asked)
        at = &(*at)->next;
    if (!(*at = asked->next))
        t->last = at;
    free(asked);
    return RF_OK;
}

static void thread_close(struct wire *w)
{
    (void)w;
}

static const struct wire_ops thread_ops = {thread_send, thread_receive, NULL,
                                           thread_done, thread_close,   thread_close};

struct thread_rank {
    struct ranks ranks;
    struct thread_wire wire;
    void (*work)(struct ranks *r, void *what);
    void *what;
};

static void *thread_work(void *self)
{
    struct thread_rank *t = self;

    ranks_join(&t->ranks, &t->wire.wire);
    t->work(&t->ranks, t->what);
    must(ranks_close(&t->ranks, 0) == 0);
    return NULL;
}

/* Let so many ranks do this. Nothing that they sent must be left in the end. *sent, if not
 * NULL: the bytes that the rank which sent most has sent. */
static void as_ranks(int size, void (*work)(struct ranks *r, void *what), void *what,
                     uint64_t *sent)
{
    struct post post = {.lock = PTHREAD_MUTEX_INITIALIZER, .last = &post.first};
    struct thread_rank t[THREADS_MAX];
    pthread_t thread[THREADS_MAX];

    for (int i = 0; i < size; i++) {
        const struct wire wire = {
            .ops = &thread_ops, .rank = i, .size = size, .local = i, .locals = size};

        t[i] = (struct thread_rank){
            .wire = {.wire = wire, .post = &post}, .work = work, .what = what};
        t[i].wire.last = &t[i].wire.first;
        must(pthread_create(&thread[i], NULL, thread_work, &t[i]) == 0);
    }
    if (sent)
        *sent = 0;
    for (int i = 0; i < size; i++) {
        pthread_join(thread[i], NULL);
        must(!t[i].wire.first);
        if (sent && post.sent[i] > *sent)
            *sent = post.sent[i];
    }
    must(!post.first);
}

#endif
