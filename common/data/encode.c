/*
 * encode.c: passes lots of lines through several threads and keeps their order.
 *
 * Units form a ring. A thread that has nothing to do reads the next lot of lines and encodes
 * it. Only one thread reads at a time; the others encode meanwhile. The thread that hands lines
 * out also works like this before it waits.
 */
#include "data/encode.h"

#include <pthread.h>
#include <stdlib.h>

#include "text/line_batch.h"

/* How many units may lie ready. While a frame of the shard is written, no line
 * is handed out. */
enum { AHEAD = 12 };

/* What the caches of words of all threads take at most, once they have grown: this for two
 * threads, and not less than so much for each. */
enum { CACHES_BYTES = 32 << 20, CACHE_LEAST_BYTES = 2 << 20 };

static size_t cache_bytes(int threads)
{
    size_t bytes = CACHES_BYTES / (size_t)(threads < 2 ? 2 : threads);

    return bytes < CACHE_LEAST_BYTES ? CACHE_LEAST_BYTES : bytes;
}

/* Some lines, and what became of them. */
struct unit {
    struct line_batch batch;
    struct ids ids;   /* the ids of all its lines */
    struct buf spans; /* the span of each id, if spans are wanted */
    size_t *end;      /* where the ids of each line end */
    size_t cap;       /* how many lines `end` has room for */
    uint64_t consumed;
    bool done;
    int rc;
    struct errbuf why;
};

struct worker {
    struct encoder *e;
    struct wordpiece *wp;
    pthread_t thread;
};

struct encoder {
    const struct vocab *vocab;
    struct lines *lines;
    struct cutter cutter; /* used by the thread that reads */
    bool spans;
    struct worker *worker;  /* the first one is the thread that hands out, the others have
                               threads of their own */
    int workers, running;   /* running: how many of these threads began */
    int stop_fd[2];         /* input_stop_open() */
    struct unit *unit;      /* the ring */
    uint64_t units;         /* the number of places in the ring */
    const struct unit *out; /* the unit that is being handed out */
    size_t line;            /* the line in it */
    pthread_mutex_t lock;   /* for the members below */
    pthread_cond_t changed;
    uint64_t taken, handed; /* units taken to be read, units handed out whole */
    bool reading, ended, stop;
};

static int read_unit(struct encoder *e, struct unit *u)
{
    int rc = line_batch_read(&u->batch, &e->cutter, &u->why);
    size_t *end;

    u->consumed = lines_consumed(e->lines);
    if (rc != RF_OK || u->batch.n <= u->cap)
        return rc;
    if (!(end = realloc(u->end, u->batch.cap * sizeof *end)))
        return err_nomem(&u->why);
    u->end = end;
    u->cap = u->batch.cap;
    return RF_OK;
}

static int encode_unit(const struct encoder *e, struct wordpiece *wp, struct unit *u)
{
    u->ids.n = 0;
    buf_clear(&u->spans);
    if (!e->spans)
        return wordpiece_encode_lines(wp, &u->ids, u->end, &u->batch) == RF_OK
                   ? RF_OK
                   : err_nomem(&u->why);
    for (size_t k = 0; k < u->batch.n; k++) {
        size_t len;
        const char *text = line_batch_at(&u->batch, k, &len);

        if (wordpiece_encode_spans(wp, &u->ids, &u->spans, text, len) != RF_OK)
            return err_nomem(&u->why);
        u->end[k] = u->ids.n;
    }
    return RF_OK;
}

/* Read and encode the next unit. False if another thread reads, no place is free, or all was
 * read. The lock is held before and after, but not meanwhile. */
static bool work(struct encoder *e, struct wordpiece *wp)
{
    struct unit *u = &e->unit[e->taken % e->units];

    if (e->reading || e->ended || e->taken - e->handed == e->units)
        return false;
    e->taken++;
    e->reading = true;
    u->done = false;
    pthread_mutex_unlock(&e->lock);
    u->rc = read_unit(e, u);
    pthread_mutex_lock(&e->lock);
    e->reading = false;
    e->ended = u->rc != RF_OK || u->batch.n == 0;
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->lock);
    if (u->rc == RF_OK)
        u->rc = encode_unit(e, wp, u);
    pthread_mutex_lock(&e->lock);
    u->done = true;
    pthread_cond_broadcast(&e->changed);
    return true;
}

static void *work_on(void *worker)
{
    struct worker *w = worker;
    struct encoder *e = w->e;

    input_stop_at(e->stop_fd[0]);
    pthread_mutex_lock(&e->lock);
    while (!e->stop && !e->ended)
        if (!work(e, w->wp))
            pthread_cond_wait(&e->changed, &e->lock);
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

int encoder_open(struct encoder **out, const struct vocab *v, struct lines *l,
                 const struct wordpiece_cfg *cfg, bool spans, int threads, struct errbuf *eb)
{
    struct encoder *e = calloc(1, sizeof *e);
    struct wordpiece_cfg own = *cfg;
    int rc;

    if (!e)
        return err_nomem(eb);
    e->stop_fd[0] = e->stop_fd[1] = -1;
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->changed, NULL);
    e->vocab = v;
    e->lines = l;
    e->cutter = (struct cutter){.lines = l, .strip = cfg->strip_accents};
    e->spans = spans;
    own.cache_bytes = cache_bytes(threads);
    e->units = threads > 1 ? (uint64_t)threads + AHEAD : 1;
    e->unit = calloc(e->units, sizeof *e->unit);
    e->worker = calloc((size_t)threads, sizeof *e->worker);
    rc = e->unit && e->worker ? wordpiece_new(&e->worker[0].wp, v, &own, eb) : err_nomem(eb);
    for (e->workers = 1; rc == RF_OK && e->workers < threads; e->workers++)
        if (wordpiece_share(&e->worker[e->workers].wp, e->worker[0].wp) != RF_OK)
            rc = err_nomem(eb);
    if (rc != RF_OK) {
        encoder_close(e);
        return rc;
    }
    *out = e;
    return RF_OK;
}

/* If fewer threads start than wanted, everything is still done, only later. */
static void start_threads(struct encoder *e)
{
    if (e->workers > 1)
        input_stop_open(e->stop_fd);
    while (e->running + 1 < e->workers) {
        struct worker *w = &e->worker[e->running + 1];

        w->e = e;
        if (pthread_create(&w->thread, NULL, work_on, w) != 0)
            return;
        e->running++;
    }
}

/* Go on to the next unit. If it is the end or an error, it stays the current one. */
static void hand_out(struct encoder *e)
{
    const struct unit *next;

    pthread_mutex_lock(&e->lock);
    if (e->out) {
        e->handed++;
        pthread_cond_broadcast(&e->changed);
    } else {
        start_threads(e);
    }
    next = &e->unit[e->handed % e->units];
    while (e->handed == e->taken || !next->done)
        if (!work(e, e->worker[0].wp))
            pthread_cond_wait(&e->changed, &e->lock);
    pthread_mutex_unlock(&e->lock);
    e->out = next;
    e->line = 0;
}

int encoder_next(struct encoder *e, struct encoded *line, struct errbuf *eb)
{
    const struct unit *u;
    size_t start;

    if (!e->out || (e->line == e->out->batch.n && e->line > 0))
        hand_out(e);
    u = e->out;
    if (u->rc != RF_OK)
        return err_set(eb, u->rc, "%s", u->why.text);
    if (u->batch.n == 0)
        return 0;
    start = e->line ? u->end[e->line - 1] : 0;
    *line = (struct encoded){.n = u->end[e->line] - start};
    if (line->n) {
        line->ids = u->ids.ids + start;
        if (e->spans)
            line->spans = (const struct span *)(const void *)u->spans.data + start;
    }
    line->more = u->batch.line[e->line++].more;
    return 1;
}

const struct vocab *encoder_vocab(const struct encoder *e)
{
    return e->vocab;
}

uint64_t encoder_consumed(const struct encoder *e)
{
    return e->out ? e->out->consumed : 0;
}

void encoder_stop(struct encoder *e, struct encode_totals *t)
{
    pthread_mutex_lock(&e->lock);
    e->stop = true;
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->lock);
    input_stop_close(&e->stop_fd[1]);
    for (; e->running > 0; e->running--)
        pthread_join(e->worker[e->running].thread, NULL);
    input_stop_close(&e->stop_fd[0]);
    for (int i = 0; t && i < e->workers; i++) {
        t->words += wordpiece_words(e->worker[i].wp);
        t->unknown += wordpiece_unknown(e->worker[i].wp);
        t->decomposed |= wordpiece_decomposed(e->worker[i].wp);
    }
}

void encoder_close(struct encoder *e)
{
    if (!e)
        return;
    encoder_stop(e, NULL);
    /* The other workers share the tables of the first one, so it is freed last. */
    for (int i = e->workers - 1; e->worker && i >= 0; i--)
        wordpiece_free(e->worker[i].wp);
    for (uint64_t i = 0; e->unit && i < e->units; i++) {
        line_batch_free(&e->unit[i].batch);
        free(e->unit[i].ids.ids);
        buf_free(&e->unit[i].spans);
        free(e->unit[i].end);
    }
    cutter_free(&e->cutter);
    free(e->unit);
    free(e->worker);
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e);
}
