/* train_data.c: batches from sources, read ahead by a thread. */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "train/train_parts.h"

size_t slot_room(size_t *rows, size_t batch, size_t max_len, const struct ramp_lengths *cut)
{
    size_t tokens = batch * max_len;

    *rows = batch;
    for (size_t i = 0; cut && i < cut->n; i++) {
        size_t n = batch * ((max_len + cut->of[i].length - 1) / cut->of[i].length);

        *rows = n > *rows ? n : *rows;
        tokens = n * cut->of[i].length > tokens ? n * cut->of[i].length : tokens;
    }
    return tokens;
}

int slot_new(struct slot *s, size_t batch, size_t max_len, const struct ramp_lengths *cut)
{
    size_t rows, n = slot_room(&rows, batch, max_len, cut);

    *s = (struct slot){
        .record = calloc(max_len, sizeof *s->record),
        .ids = calloc(n, sizeof *s->ids),
        .labels = calloc(n, sizeof *s->labels),
        .rows = calloc(n, sizeof *s->rows),
        .positions = calloc(n, sizeof *s->positions),
        .real = calloc(n, 1),
        .len = calloc(rows, sizeof *s->len),
        .n_labels = calloc(rows, sizeof *s->n_labels),
    };
    return s->record && s->ids && s->labels && s->rows && s->positions && s->real && s->len &&
                   s->n_labels
               ? RF_OK
               : RF_ENOMEM;
}

void slot_free(struct slot *s)
{
    free(s->record);
    free(s->ids);
    free(s->labels);
    free(s->rows);
    free(s->positions);
    free(s->real);
    free(s->len);
    free(s->n_labels);
    *s = (struct slot){0};
}

/* Put s->record[n] behind the sequences that are there, in pieces of up to `piece` tokens,
 * which lie that far apart. Its labels' positions[n_labels] become those in the pieces. */
static void put_pieces(struct slot *s, size_t piece, size_t n, uint32_t *positions,
                       size_t n_labels)
{
    size_t pieces = n > piece ? (n + piece - 1) / piece : 1, at = 0;

    for (size_t i = 0; i < pieces; i++, s->B++) {
        size_t from = n * i / pieces, to = n * (i + 1) / pieces, first = at;

        memcpy(s->ids + s->B * piece, s->record + from, (to - from) * sizeof *s->ids);
        for (; at < n_labels && positions[at] < to; at++)
            positions[at] -= (uint32_t)from;
        s->len[s->B] = to - from;
        s->n_labels[s->B] = at - first;
    }
}

/* Move the sequences, which lie `apart` from each other, side by side, each as long as the
 * longest of them. */
static void pack_slot(struct slot *s, size_t apart, const struct ckpt_state *data)
{
    size_t T = 1, at = 0;
    bool padded = false;

    for (size_t b = 0; b < s->B; b++)
        T = s->len[b] > T ? s->len[b] : T;
    for (size_t b = 0; b < s->B; b++) {
        size_t n = s->len[b];

        memmove(s->ids + b * T, s->ids + b * apart, n * sizeof *s->ids);
        memset(s->real + b * T, 1, n);
        memset(s->real + b * T + n, 0, T - n);
        for (size_t i = n; i < T; i++)
            s->ids[b * T + i] = data->special.pad > 0 ? data->special.pad : 0;
        padded = padded || n < T;
        for (size_t i = 0; i < s->n_labels[b]; i++, at++)
            s->rows[at] = (int32_t)(b * T + s->positions[at]);
    }
    s->batch = (struct model_batch){
        .B = s->B, .T = T, .ids = s->ids, .rows = s->rows, .labels = s->labels, .n = at};
    s->batch.real = padded ? s->real : NULL;
}

int slot_fill(struct slot *s, const struct train_source *from, uint64_t first, size_t B,
              size_t piece, const struct ckpt_state *data, struct errbuf *eb)
{
    size_t labels = 0, apart = piece ? piece : data->max_len;

    if (from->max_len > data->max_len) /* get() would write past its room */
        return err_set(eb, RF_EINVAL,
                       "'%s' has sequences of %zu tokens, the model takes %llu: make them with "
                       "--max-len %llu",
                       from->name, from->max_len, (unsigned long long)data->max_len,
                       (unsigned long long)data->max_len);
    s->tokens = s->B = 0;
    for (size_t b = 0; b < B; b++) {
        uint32_t *positions = s->positions + labels;
        size_t n, n_labels;
        int rc = from->get(from->self, first + b, s->record, &n, positions, s->labels + labels,
                           &n_labels, eb);

        if (rc != RF_OK)
            return rc;
        put_pieces(s, apart, n, positions, n_labels);
        labels += n_labels;
        s->tokens += n;
    }
    pack_slot(s, apart, data);
    return RF_OK;
}

/* --- reading ahead */

struct slots share_slots(const struct train_cfg *c, uint64_t step, size_t share, size_t shares)
{
    uint64_t n = ramp_slots(c, step), some = n < shares ? n : shares;

    return (struct slots){.first = share * (n / some), .count = share < some ? n / some : 0};
}

struct feed {
    const struct train_job *job;
    struct ckpt_state data;
    struct ramp_lengths cut;
    struct slot slot[FEED_SLOTS];
    size_t share, shares;
    uint64_t step, steps; /* updates done before that of the next slot to be read; and before
                             which all slots are read */
    uint64_t place;       /* of that slot among the share's of its update */
    pthread_t thread;
    bool runs;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    uint64_t put, taken; /* slots read and handed out; the last one taken is still in use */
    bool stop;           /* the thread shall end */
    bool done;           /* no slot is left to read */
    int rc;              /* what reading failed with */
    struct errbuf why;
};

/* Go to the next slot of the share's. False: there is none. */
static bool find_slot(struct feed *f, struct slots *of)
{
    for (; f->step < f->steps; f->step++, f->place = 0) {
        *of = share_slots(&f->job->cfg->train, f->step, f->share, f->shares);
        if (f->place < of->count)
            return true;
    }
    return false;
}

static int read_slot(struct feed *f, const struct slots *of, struct errbuf *eb)
{
    const struct rf_config *cfg = f->job->cfg;
    uint64_t before = cfg->start.overfit ? 0 : ramp_slots_before(&cfg->train, f->step);
    uint64_t number = before + of->first + f->place++;

    return slot_fill(&f->slot[f->put % FEED_SLOTS], &f->job->train, number * cfg->train.batch,
                     cfg->train.batch, ramp_length(&f->cut, f->step), &f->data, eb);
}

static void *read_ahead(void *self)
{
    struct feed *f = self;
    struct slots of;
    int rc = RF_OK;

    pthread_mutex_lock(&f->lock);
    while (rc == RF_OK && !f->stop && find_slot(f, &of)) {
        if (f->put + 1 - f->taken >= FEED_SLOTS) {
            pthread_cond_wait(&f->changed, &f->lock);
            continue;
        }
        pthread_mutex_unlock(&f->lock);
        rc = read_slot(f, &of, &f->why); /* no lock: only this thread writes f->put, f->place
                                            and this slot */
        pthread_mutex_lock(&f->lock);
        f->rc = rc;
        f->put += rc == RF_OK;
        pthread_cond_signal(&f->changed);
    }
    f->done = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

int feed_new(struct feed **out, const struct train_job *job, const struct ckpt_state *state,
             uint64_t steps, size_t share, size_t shares, struct errbuf *eb)
{
    const struct train_cfg *c = &job->cfg->train;
    struct feed *f = calloc(1, sizeof *f);
    int rc;

    if (!f)
        return err_nomem(eb);
    f->job = job;
    f->data = *state;
    f->share = share;
    f->shares = shares;
    f->step = state->step;
    f->steps = steps;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    rc = ramp_lengths_read(&f->cut, c->lengths, NULL);
    for (int i = 0; i < FEED_SLOTS && rc == RF_OK; i++)
        rc = slot_new(&f->slot[i], c->batch, state->max_len, &f->cut);
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

    pthread_mutex_lock(&f->lock);
    while (f->rc == RF_OK && f->put == f->taken) {
        assert(!f->done); /* else the wait would never end: no slot comes */
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
