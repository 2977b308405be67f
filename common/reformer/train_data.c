/* train_data.c: batches from sources, the unigram baseline, evaluation. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reformer/train_parts.h"

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

/* Sequence b of the slot; its labels go behind the `before` that are there. */
static int get(struct train *t, const struct train_source *from, uint64_t record,
               uint64_t epoch, size_t b, size_t before, struct errbuf *eb)
{
    struct slot *s = &t->slot;

    return from->get(from->self, record, epoch, s->ids + b * t->state.max_len, &s->len[b],
                     s->positions + before, s->labels + before, &s->n_labels[b], eb);
}

/* Lay B sequences side by side, each as long as the longest of them. */
static void pack(struct train *t, size_t B, struct model_batch *batch)
{
    struct slot *s = &t->slot;
    size_t T = 1, at = 0;
    bool padded = false;

    for (size_t b = 0; b < B; b++)
        T = s->len[b] > T ? s->len[b] : T;
    for (size_t b = 0; b < B; b++) {
        size_t n = s->len[b];

        memmove(s->ids + b * T, s->ids + b * t->state.max_len, n * sizeof *s->ids);
        memset(s->real + b * T, 1, n);
        memset(s->real + b * T + n, 0, T - n);
        for (size_t i = n; i < T; i++)
            s->ids[b * T + i] = t->state.pad_id > 0 ? t->state.pad_id : 0;
        padded = padded || n < T;
        for (size_t i = 0; i < s->n_labels[b]; i++, at++)
            s->rows[at] = (int32_t)(b * T + s->positions[at]);
    }
    *batch = (struct model_batch){
        .B = B, .T = T, .ids = s->ids, .rows = s->rows, .labels = s->labels, .n = at};
    batch->real = padded ? s->real : NULL;
}

int train_batch(struct train *t, uint64_t slot, struct model_batch *b, uint64_t *tokens,
                struct errbuf *eb)
{
    const struct train_cfg *c = &t->cfg->train;
    const struct train_source *from = &t->job->train;
    size_t labels = 0;

    for (size_t i = 0; i < c->batch; i++) {
        uint64_t index = (t->state.step * c->slots + slot) * c->batch + i;
        uint64_t epoch = index / from->records;
        struct rng order = rng_stream(c->seed, epoch, 0, RNG_SHUFFLE);
        uint64_t record = rng_permute(order, index % from->records, from->records);
        int rc = get(t, from, record, epoch, i, labels, eb);

        if (rc != RF_OK)
            return rc;
        labels += t->slot.n_labels[i];
        *tokens += t->slot.len[i];
    }
    pack(t, c->batch, b);
    return RF_OK;
}

/* --- the baseline */

static bool is_special(const struct ckpt_state *s, int32_t id)
{
    return id == s->mask_id || id == s->pad_id || id == s->unk_id || id == s->cls_id ||
           id == s->sep_id;
}

/* The original tokens of a record: labels back at their positions. */
static int count_record(struct train *t, uint64_t record, double *count, struct errbuf *eb)
{
    struct slot *s = &t->slot;
    int rc = get(t, &t->job->train, record, 0, 0, 0, eb);

    if (rc != RF_OK)
        return rc;
    for (size_t i = 0; i < s->n_labels[0]; i++)
        s->ids[s->positions[i]] = s->labels[i];
    for (size_t i = 0; i < s->len[0]; i++)
        count[s->ids[i]] += !is_special(&t->state, s->ids[i]);
    return RF_OK;
}

int train_unigram(struct train *t, struct errbuf *eb)
{
    size_t V = t->state.vocab_size, labels = 0;
    double *count = calloc(V, sizeof *count), total = 0, loss = 0;
    int rc = count ? RF_OK : err_nomem(eb);

    for (uint64_t i = 0; rc == RF_OK && i < t->job->train.records; i++)
        rc = count_record(t, i, count, eb);
    for (size_t i = 0; rc == RF_OK && i < V; i++)
        total += count[i] + !is_special(&t->state, (int32_t)i);
    for (uint64_t i = 0; rc == RF_OK && i < t->job->eval.records; i++) {
        rc = get(t, &t->job->eval, i, 0, 0, 0, eb);
        for (size_t j = 0; rc == RF_OK && j < t->slot.n_labels[0]; j++, labels++)
            loss -= log((count[t->slot.labels[j]] + 1) / total);
    }
    free(count);
    t->unigram_loss = loss / (double)labels;
    return rc;
}

/* --- evaluation: rotations of step 0, masks of epoch 0, so that equal weights score equal */

/* Records first to first + B of the evaluation data. */
static int eval_batch(struct train *t, uint64_t first, size_t B, struct model_batch *b,
                      struct errbuf *eb)
{
    size_t labels = 0;

    for (size_t i = 0; i < B; i++) {
        int rc = get(t, &t->job->eval, first + i, 0, i, labels, eb);

        if (rc != RF_OK)
            return rc;
        labels += t->slot.n_labels[i];
    }
    pack(t, B, b);
    return RF_OK;
}

int train_evaluate(struct train *t, struct model_sum *sum, struct errbuf *eb)
{
    const struct model_draw draw = {.seed = t->cfg->train.seed};
    uint64_t records = t->job->eval.records, batch = t->cfg->train.batch;

    for (uint64_t first = 0; first < records; first += batch) {
        struct model_batch b;
        size_t B = records - first < batch ? records - first : batch;
        int rc = eval_batch(t, first, B, &b, eb);

        if (rc == RF_OK)
            rc = model_loss(t->model, &b, &draw, NULL, 0, sum, eb);
        if (rc != RF_OK)
            return rc;
        if (train_asked(t) & TRAIN_STOP)
            return RF_ESTOP;
    }
    return RF_OK;
}

static int32_t largest(const float *x, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (x[i] > x[at])
            at = i;
    return (int32_t)at;
}

int train_show(struct train *t, struct errbuf *eb)
{
    const struct train_hooks *h = &t->job->hooks;
    const struct model_draw draw = {.seed = t->cfg->train.seed};
    size_t V = t->state.vocab_size;
    struct model_batch b;
    int32_t *guess = NULL;
    float *logits = NULL;
    int rc = eval_batch(t, t->state.step % t->job->eval.records, 1, &b, eb);

    if (rc != RF_OK)
        return rc;
    guess = calloc(b.n + 1, sizeof *guess);
    logits = calloc(b.n + 1, V * sizeof *logits);
    if (!guess || !logits)
        rc = err_nomem(eb);
    else
        rc = model_logits(t->model, &b, &draw, NULL, logits, eb);
    for (size_t i = 0; rc == RF_OK && i < b.n; i++)
        guess[i] = largest(logits + i * V, V);
    if (rc == RF_OK) {
        struct train_sample s = {b.ids, b.T, t->slot.positions, b.labels, guess, b.n};

        h->evaluated(h->self, &t->report, &s);
    }
    free(guess);
    free(logits);
    return rc;
}
