/* train_data.c: batches from sources, read ahead by a thread. */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "train/train_parts.h"

int slot_new(struct slot *s, size_t batch, size_t max_len)
{
    size_t n = batch * max_len;

    *s = (struct slot){
        .ids = calloc(n, sizeof *s->ids),
        .labels = calloc(n, sizeof *s->labels),
        .rows = calloc(n, sizeof *s->rows),
        .positions = calloc(n, sizeof *s->positions),
        .real = calloc(n, 1),
        .len = calloc(batch, sizeof *s->len),
        .n_labels = calloc(batch, sizeof *s->n_labels),
    };
    return s->ids && s->labels && s->rows && s->positions && s->real && s->len && s->n_labels
               ? RF_OK
               : RF_ENOMEM;
}

void slot_free(struct slot *s)
{
    free(s->ids);
    free(s->labels);
    free(s->rows);
    free(s->positions);
    free(s->real);
    free(s->len);
    free(s->n_labels);
    *s = (struct slot){0};
}

/* Lay B sequences side by side, each as long as the longest of them. */
static void pack_slot(struct slot *s, size_t B, const struct ckpt_state *data)
{
    size_t T = 1, at = 0;
    bool padded = false;

    for (size_t b = 0; b < B; b++)
        T = s->len[b] > T ? s->len[b] : T;
    for (size_t b = 0; b < B; b++) {
        size_t n = s->len[b];

        memmove(s->ids + b * T, s->ids + b * data->max_len, n * sizeof *s->ids);
        memset(s->real + b * T, 1, n);
        memset(s->real + b * T + n, 0, T - n);
        for (size_t i = n; i < T; i++)
            s->ids[b * T + i] = data->special.pad > 0 ? data->special.pad : 0;
        padded = padded || n < T;
        for (size_t i = 0; i < s->n_labels[b]; i++, at++)
            s->rows[at] = (int32_t)(b * T + s->positions[at]);
    }
    s->batch = (struct model_batch){
        .B = B, .T = T, .ids = s->ids, .rows = s->rows, .labels = s->labels, .n = at};
    s->batch.real = padded ? s->real : NULL;
}

int slot_fill(struct slot *s, const struct train_source *from, uint64_t first, size_t B,
              const struct ckpt_state *data, struct errbuf *eb)
{
    size_t labels = 0;

    if (from->max_len > data->max_len) /* get() would write past its room */
        return err_set(eb, RF_EINVAL,
                       "'%s' has sequences of %zu tokens, the model takes %llu: pack them with "
                       "shard-wiki --max-len %llu",
                       from->name, from->max_len, (unsigned long long)data->max_len,
                       (unsigned long long)data->max_len);
    s->tokens = 0;
    for (size_t b = 0; b < B; b++) {
        int rc = from->get(from->self, first + b, s->ids + b * data->max_len, &s->len[b],
                           s->positions + labels, s->labels + labels, &s->n_labels[b], eb);

        if (rc != RF_OK)
            return rc;
        labels += s->n_labels[b];
        s->tokens += s->len[b];
    }
    pack_slot(s, B, data);
    return RF_OK;
}

/* --- reading ahead */

struct feed {
    const struct train_job *job;
    struct ckpt_state data;
    struct slot slot[FEED_SLOTS];
    uint64_t first, count; /* which slots of each step, and how many */
    uint64_t begin, end;   /* numbers of slots, as they are handed out: the one to begin with,
                              and the one behind the last */
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    uint64_t put, taken; /* slots read and handed out; the last one taken is still in use */
    bool stop;           /* the thread shall end */
    int rc;              /* what reading failed with */
    struct errbuf why;
};

/* Read the slot that is the n-th to be handed out. */
static int read_slot(struct feed *f, uint64_t n, struct errbuf *eb)
{
    const struct rf_config *cfg = f->job->cfg;
    uint64_t step = cfg->start.overfit ? 0 : n / f->count;
    uint64_t number = step * cfg->train.slots + f->first + n % f->count;

    return slot_fill(&f->slot[f->put % FEED_SLOTS], &f->job->train, number * cfg->train.batch,
                     cfg->train.batch, &f->data, eb);
}

static void *read_ahead(void *self)
{
    struct feed *f = self;
    int rc = RF_OK;

    pthread_mutex_lock(&f->lock);
    while (rc == RF_OK && !f->stop && f->begin + f->put < f->end) {
        if (f->put + 1 - f->taken >= FEED_SLOTS) {
            pthread_cond_wait(&f->changed, &f->lock);
            continue;
        }
        pthread_mutex_unlock(&f->lock);
        rc = read_slot(f, f->begin + f->put,
                       &f->why); /* no lock: only this thread writes f->put and this slot */
        pthread_mutex_lock(&f->lock);
        f->rc = rc;
        f->put += rc == RF_OK;
        pthread_cond_signal(&f->changed);
    }
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

int feed_new(struct feed **out, const struct train_job *job, const struct ckpt_state *state,
             uint64_t steps, uint64_t first, uint64_t count, struct errbuf *eb)
{
    const struct train_cfg *c = &job->cfg->train;
    struct feed *f = calloc(1, sizeof *f);
    int rc = f ? RF_OK : RF_ENOMEM;

    if (!f)
        return err_nomem(eb);
    f->job = job;
    f->data = *state;
    f->first = first;
    f->count = count;
    f->begin = state->step * count;
    f->end = steps * count;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    for (int i = 0; i < FEED_SLOTS && rc == RF_OK; i++)
        rc = slot_new(&f->slot[i], c->batch, state->max_len);
    if (rc == RF_OK && pthread_create(&f->thread, NULL, read_ahead, f) != 0)
        rc = RF_ENOMEM;
    f->runs = rc == RF_OK;
    if (rc != RF_OK) {
        feed_free(f);
        return err_nomem(eb);
    }
    *out = f;
    return RF_OK;
}

void feed_free(struct feed *f)
{
    if (!f)
        return;
    pthread_mutex_lock(&f->lock);
    f->stop = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
    if (f->runs)
        pthread_join(f->thread, NULL);
    for (int i = 0; i < FEED_SLOTS; i++)
        slot_free(&f->slot[i]);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
    free(f);
}

int feed_next(struct feed *f, const struct slot **s, double *waited, struct errbuf *eb)
{
    double began = 0;
    int rc = RF_OK;

    assert(f->begin + f->taken < f->end); /* else the wait would never end: no slot comes */
    pthread_mutex_lock(&f->lock);
    while (f->rc == RF_OK && f->put == f->taken) {
        if (!began)
            began = now_s();
        pthread_cond_wait(&f->changed, &f->lock);
    }
    if (f->put > f->taken)
        *s = &f->slot[f->taken++ % FEED_SLOTS];
    else
        rc = err_set(eb, f->rc, "%s", f->why.text);
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
    *waited += began > 0 ? now_s() - began : 0;
    return rc;
}
