/* train_eval.c: the evaluation of a run: rotations of step 0 and masks of epoch 0, so that
 * equal weights score equal. */
#include <math.h>
#include <stdlib.h>

#include "train/train_parts.h"

enum { SHOWN_LABELS = 64 };

static const double ln2 = 0.693147180559945309417;

/* --- the baseline: what the frequencies of the training tokens alone would score, each counted
 * once more than it is there, special ones left out */

static double unigram_total(const struct train *t)
{
    double total = 0;

    for (size_t i = 0; i < t->state.vocab_size; i++)
        total += special_has(&t->state.special, (int32_t)i) ? 0 : t->job->counts[i] + 1;
    return total;
}

static double unigram_loss(const struct train *t, const struct model_batch *b, double total)
{
    double loss = 0;

    for (size_t i = 0; i < b->n; i++)
        if (!special_has(&t->state.special, b->labels[i]))
            loss -= log((t->job->counts[b->labels[i]] + 1) / total);
    return loss;
}

/* --- one set */

struct score {
    struct model_sum sum;
    double unigram;
    uint64_t ordinary; /* labels that are no special tokens */
};

static int score_set(struct train *t, const struct train_source *set, struct score *s,
                     struct errbuf *eb)
{
    const struct model_draw draw = {.seed = t->cfg->train.seed};
    uint64_t batch = t->cfg->train.batch;
    double total = unigram_total(t);

    for (uint64_t first = 0; first < set->records; first += batch) {
        size_t B = set->records - first < batch ? set->records - first : batch;
        const struct model_batch *b = &t->slot.batch;
        int rc = slot_fill(&t->slot, set, first, B, &t->state, eb);

        if (rc == RF_OK)
            rc = model_loss(t->model, b, &draw, NULL, 0, &s->sum, eb);
        if (rc != RF_OK)
            return rc;
        for (size_t i = 0; i < b->n; i++)
            s->ordinary += !special_has(&t->state.special, b->labels[i]);
        s->unigram += unigram_loss(t, b, total);
        if (train_asked(t) & TRAIN_STOP)
            return RF_ESTOP;
    }
    return RF_OK;
}

/* One sequence of the set, its first labels filled in, to the hook. */
static int show(struct train *t, const struct train_source *set, struct errbuf *eb)
{
    const struct train_hooks *h = &t->job->hooks;
    const struct model_draw draw = {.seed = t->cfg->train.seed};
    struct model_batch *b = &t->slot.batch;
    size_t V = t->state.vocab_size;
    int32_t guess[SHOWN_LABELS];
    float *logits = NULL;
    int rc = slot_fill(&t->slot, set, t->state.step % set->records, 1, &t->state, eb);

    if (rc != RF_OK)
        return rc;
    if (b->n > SHOWN_LABELS)
        b->n = SHOWN_LABELS;
    if (!(logits = calloc(b->n + 1, V * sizeof *logits)))
        return err_nomem(eb);
    rc = model_logits(t->model, b, &draw, NULL, logits, eb);
    for (size_t i = 0; rc == RF_OK && i < b->n; i++)
        guess[i] = (int32_t)model_likeliest(logits + i * V, V);
    if (rc == RF_OK) {
        struct train_sample s = {b->ids, b->T, t->slot.positions, b->labels, guess, b->n};

        h->evaluated(h->self, &t->report, &s);
    }
    free(logits);
    return rc;
}

static int report_set(struct train *t, const struct train_source *set, const struct score *s,
                      struct errbuf *eb)
{
    struct train_report *r = &t->report, row;
    double labels = (double)s->sum.labels;
    int rc;

    r->set = set->name;
    r->eval_loss = s->sum.loss / labels;
    r->eval_acc = (double)s->sum.hits / labels;
    r->eval_bits = r->eval_loss / ln2 / set->bytes_per_token; /* 0: infinite, and not shown */
    r->unigram_loss = s->unigram / (double)s->ordinary;
    r->seconds = train_seconds(t);
    row = *r;
    row.loss = row.acc = row.lr = row.grad_norm = (double)NAN;
    row.tokens_per_s = row.mfu = row.hfu = row.wait = (double)NAN;
    if ((rc = log_row(t, &row, eb)) == RF_OK && t->job->hooks.evaluated)
        rc = show(t, set, eb);
    return rc;
}

/* --- all sets */

/* The weights and their mean change places, piece by piece. */
static void exchange(struct train *t)
{
    const struct nn_ops *op = t->nn->ops;
    size_t floats = model_params(t->model)->floats, room;
    float *w = model_weights(t->model), *spare = model_spare(t->model, &room);

    if (!t->optim.ema || !t->cfg->train.eval_ema)
        return;
    for (size_t i = 0; i < floats; i += room) {
        size_t n = floats - i < room ? floats - i : room;

        op->combine(t->nn, spare, 1, w + i, 0, NULL, n);
        op->combine(t->nn, w + i, 1, t->optim.ema + i, 0, NULL, n);
        op->combine(t->nn, t->optim.ema + i, 1, spare, 0, NULL, n);
    }
}

/* Rows come when all is measured: an evaluation that is broken off leaves none. */
static int evaluate_all(struct train *t, double *loss, struct errbuf *eb)
{
    const struct train_job *job = t->job;
    struct score *s = calloc(job->n_eval, sizeof *s);
    int rc = s ? RF_OK : err_nomem(eb);

    for (size_t i = 0; i < job->n_eval && rc == RF_OK; i++)
        rc = score_set(t, &job->eval[i], &s[i], eb);
    if (rc == RF_OK)
        *loss = s[0].sum.loss / (double)s[0].sum.labels;
    for (size_t i = 0; i < job->n_eval && rc == RF_OK; i++)
        rc = report_set(t, &job->eval[i], &s[i], eb);
    free(s);
    return rc;
}

int train_evaluate(struct train *t, double *loss, struct errbuf *eb)
{
    int rc;

    exchange(t);
    rc = evaluate_all(t, loss, eb);
    exchange(t);
    return rc;
}
