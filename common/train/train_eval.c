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

/* Score a set, by as many calls as a step is computed in. */
static int score_set(struct train *t, const struct train_source *set, struct sums *to,
                     struct errbuf *eb)
{
    struct sums_tree tree = {.n = 0};
    uint64_t batches = scorer_batches(&t->scorer, set);
    int rc = RF_OK;

    scorer_begin(&t->scorer);
    for (size_t i = 0; i < t->shares && rc == RF_OK; i++) {
        uint64_t first = batches * i / t->shares, end = batches * (i + 1) / t->shares;

        rc = scorer_add(&t->scorer, set, first, end - first, &tree, eb);
    }
    *to = scorer_end(&t->scorer, &tree);
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

/* If the mean is to be evaluated, the weights and their mean change places, piece by piece. */
static void exchange_weights(struct train *t)
{
    const struct nn_ops *op = t->nn->ops;
    size_t floats = model_params(t->learner.model)->floats, room;
    float *w = model_weights(t->learner.model), *spare = model_spare(t->learner.model, &room);

    if (!t->learner.optim.ema || !t->cfg->train.eval_ema)
        return;
    for (size_t i = 0; i < floats; i += room) {
        size_t n = floats - i < room ? floats - i : room;

        op->copy(t->nn, spare, w + i, n * sizeof *w);
        op->copy(t->nn, w + i, t->learner.optim.ema + i, n * sizeof *w);
        op->copy(t->nn, t->learner.optim.ema + i, spare, n * sizeof *w);
    }
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
    int rc;

    exchange_weights(t);
    rc = evaluate_all(t, badness, eb);
    exchange_weights(t);
    return rc;
}
