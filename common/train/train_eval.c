/* train_eval.c: the evaluation of a run: rotations of step 0 and masks of epoch 0, so that
 * equal weights score equal. */
#include <math.h>
#include <stdlib.h>

#include "train/train_parts.h"

enum { SHOWN_LABELS = 64 };

static const double ln2 = 0.693147180559945309417;

double train_bits(double loss, const struct train_source *of)
{
    return of->bytes_per_token > 0 ? loss / ln2 / of->bytes_per_token : (double)NAN;
}

/* --- one set */

/* The batches of a set in runs of neighbours, for so many ranks or calls: the k-th of them. */
struct run {
    uint64_t first, n, most; /* most: of any of them */
};

static struct run run_of(uint64_t batches, uint64_t k, uint64_t size)
{
    uint64_t first = batches * k / size, end = batches * (k + 1) / size;

    return (struct run){first, end - first, (batches + size - 1) / size};
}

/* Score a set, by as many calls as a step is computed in. */
static int score_alone(struct train *t, const struct train_source *set, struct sums *to,
                       struct errbuf *eb)
{
    struct sums_tree tree = {.n = 0};
    uint64_t batches = scorer_batches(&t->scorer, set);
    int rc = RF_OK;

    scorer_begin(&t->scorer);
    for (size_t i = 0; i < t->shares && rc == RF_OK; i++) {
        struct run r = run_of(batches, i, t->shares);

        rc = scorer_add(&t->scorer, set, r.first, r.n, &tree, eb);
    }
    *to = scorer_end(&t->scorer, &tree);
    return rc;
}

/* Whether any rank was asked to stop; *stop is what this one was. */
static int share_stop(struct train *t, bool *stop, struct errbuf *eb)
{
    struct wish w = {.asked = *stop};
    int rc = train_share_wishes(t, &w, eb);

    *stop = w.asked;
    return rc;
}

/* Score this rank's run. A stop is looked for now and then: all ranks have as many batches,
 * give or take one. */
static int score_run(struct train *t, const struct train_source *set, const struct run *own,
                     struct sums *leaf, struct errbuf *eb)
{
    enum { EVERY = 8 };
    bool stop = false;
    int rc = RF_OK;

    for (uint64_t at = 0; at < own->most && rc == RF_OK && !stop; at += EVERY) {
        uint64_t left = at < own->n ? own->n - at : 0;

        if (left)
            rc = scorer_leaves(&t->scorer, set, own->first + at, left < EVERY ? left : EVERY,
                               leaf + at, eb);
        stop = rc == RF_ESTOP;
        if (rc == RF_OK || stop)
            rc = share_stop(t, &stop, eb);
    }
    return rc == RF_OK && stop ? RF_ESTOP : rc;
}

/* Add up what the task counted on all ranks: whole numbers, whose order is no matter. */
static int share_tally(struct train *t, struct errbuf *eb)
{
    struct task_room *room = &t->learner.room;
    size_t n = room->tally ? room->n_tally : 0, size = (size_t)t->ranks->size;
    uint64_t *all = n ? calloc(size, n * sizeof *all) : NULL;
    int rc = all || !n ? RF_OK : err_nomem(eb);

    if (n && rc == RF_OK)
        rc = ranks_share(t->ranks, all, room->tally, n * sizeof *all, eb);
    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        room->tally[i] = 0;
        for (size_t k = 0; k < size; k++)
            room->tally[i] += all[k * n + i];
    }
    free(all);
    return rc;
}

/* Score a set together: the sums of all batches, in order, are leaves of the same tree as those
 * of one rank alone. `leaf` has room for the longest run of each rank. */
static int score_together(struct train *t, const struct train_source *set, struct sums *leaf,
                          struct sums *to, struct errbuf *eb)
{
    uint64_t batches = scorer_batches(&t->scorer, set), size = (uint64_t)t->ranks->size;
    struct run own = run_of(batches, (uint64_t)t->ranks->rank, size);
    struct sums *mine = leaf + (uint64_t)t->ranks->rank * own.most;
    struct sums_tree tree = {.n = 0};
    int rc;

    scorer_begin(&t->scorer);
    if ((rc = score_run(t, set, &own, mine, eb)) != RF_OK ||
        (rc = ranks_share(t->ranks, leaf, mine, own.most * sizeof *leaf, eb)) != RF_OK ||
        (rc = share_tally(t, eb)) != RF_OK)
        return rc;
    for (uint64_t k = 0; k < size; k++)
        for (uint64_t i = 0; i < run_of(batches, k, size).n; i++)
            sums_add(&tree, leaf[k * own.most + i]);
    *to = scorer_end(&t->scorer, &tree);
    return RF_OK;
}

static int score_set(struct train *t, const struct train_source *set, struct sums *to,
                     struct errbuf *eb)
{
    uint64_t batches = scorer_batches(&t->scorer, set), size = (uint64_t)t->ranks->size;
    struct sums *leaf;
    int rc;

    if (size == 1)
        return score_alone(t, set, to, eb);
    leaf = calloc(size * run_of(batches, 0, size).most + 1, sizeof *leaf);
    rc = leaf ? score_together(t, set, leaf, to, eb) : err_nomem(eb);
    free(leaf);
    return rc;
}

/* Give the hook one sequence of the set, with what the model says for its first labels. */
static int show_sample(struct train *t, const struct train_source *set, struct errbuf *eb)
{
    const struct train_hooks *h = &t->job->hooks;
    struct model_batch *b = &t->scorer.slot.batch;
    size_t V = t->state.vocab_size;
    int32_t guess[SHOWN_LABELS];
    float *logits = NULL;
    int rc = slot_fill(&t->scorer.slot, set, t->state.step % set->records, 1, 0, &t->state, eb);

    if (rc != RF_OK)
        return rc;
    if (b->n > SHOWN_LABELS)
        b->n = SHOWN_LABELS;
    if (!(logits = calloc(b->n + 1, V * sizeof *logits)))
        return err_nomem(eb);
    rc = model_logits(t->learner.model, b, &t->scorer.draw, NULL, logits, eb);
    for (size_t i = 0; rc == RF_OK && i < b->n; i++)
        guess[i] = (int32_t)model_likeliest(logits + i * V, V);
    if (rc == RF_OK) {
        struct train_sample s = {b->ids,    b->T,  t->scorer.slot.positions,
                                 b->labels, guess, b->n};

        h->evaluated(h->self, &t->report, &s);
    }
    free(logits);
    return rc;
}

static int report_set(struct train *t, const struct train_source *set, const struct sums *s,
                      struct errbuf *eb)
{
    struct train_report *r = &t->report, row;
    int rc;

    r->set = set->name;
    task_report(t->job->task, t->cfg, s, &r->eval_loss, &r->eval_acc);
    r->eval_bits = train_bits(r->eval_loss, set);
    r->unigram_loss = s->unigram / (double)s->ordinary;
    r->score_name = t->job->task->score_name;
    r->score = t->job->task->score ? t->job->task->score(s) : (double)NAN;
    r->seconds = train_seconds(t);
    row = *r;
    row.loss = row.acc = row.lr = row.grad_norm = (double)NAN;
    row.tokens_per_s = row.mfu = row.hfu = row.wait = (double)NAN;
    if ((rc = log_row(t, &row, s, eb)) != RF_OK || !t->job->hooks.evaluated)
        return rc;
    if (t->job->task->of_tokens)
        return show_sample(t, set, eb);
    t->job->hooks.evaluated(t->job->hooks.self, r, &(struct train_sample){.n = 0});
    return RF_OK;
}

/* --- all sets */

/* If the mean is to be evaluated, the weights of each rank's part and their mean change places,
 * piece by piece, and all ranks get all of them. */
static int exchange_weights(struct train *t, struct errbuf *eb)
{
    const struct nn_ops *op = t->nn->ops;
    const struct optim *o = &t->learner.optim;
    size_t floats = o->part.to - o->part.from, room;
    float *w = model_weights(t->learner.model) + o->part.from;
    float *spare = model_spare(t->learner.model, &room);

    if (!o->ema || !t->cfg->train.eval_ema)
        return RF_OK;
    for (size_t i = 0; i < floats; i += room) {
        size_t n = floats - i < room ? floats - i : room;

        op->copy(t->nn, spare, w + i, n * sizeof *w);
        op->copy(t->nn, w + i, o->ema + i, n * sizeof *w);
        op->copy(t->nn, o->ema + i, spare, n * sizeof *w);
    }
    return train_gather_weights(t, eb);
}

/* What decides which evaluation is better: less of it is. */
static double badness_of(const struct train *t, const struct sums *s)
{
    const struct task *task = t->job->task;
    double loss, acc;

    if (t->cfg->train.best == BEST_SCORE)
        return 1 - task->score(s);
    task_report(task, t->cfg, s, &loss, &acc);
    return loss;
}

/* No row is written before all sets are scored: an evaluation that is cut short leaves none. */
static int evaluate_all(struct train *t, double *badness, struct errbuf *eb)
{
    const struct train_job *job = t->job;
    struct sums *s = calloc(job->n_eval, sizeof *s);
    int rc = s ? RF_OK : err_nomem(eb);

    for (size_t i = 0; i < job->n_eval && rc == RF_OK; i++)
        rc = score_set(t, &job->eval[i], &s[i], eb);
    if (rc == RF_OK)
        *badness = badness_of(t, &s[0]);
    for (size_t i = 0; i < job->n_eval && rc == RF_OK; i++)
        rc = report_set(t, &job->eval[i], &s[i], eb);
    free(s);
    return rc;
}

int train_evaluate(struct train *t, double *badness, struct errbuf *eb)
{
    int rc = exchange_weights(t, eb), back;

    if (rc != RF_OK)
        return rc;
    rc = evaluate_all(t, badness, eb);
    if (rc != RF_OK && rc != RF_ESTOP)
        return rc;
    back = exchange_weights(t, eb);
    return back == RF_OK ? rc : back;
}
