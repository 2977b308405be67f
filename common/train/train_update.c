/* train_update.c: the gradient of all slots, and what it does to the weights. Nothing here
 * waits for the device before the step is over: what it adds up and decides comes back in one
 * piece. */
#include <math.h>
#include <stdlib.h>

#include "train/sums.h"
#include "train/train_parts.h"

/* --- what a step adds up to, on the device */

size_t train_totals_bytes(const struct rf_config *c)
{
    return sizeof(struct totals) + c->train.slots * TASK_SUMS_MAX * sizeof(struct nn_sum);
}

static size_t sums_of(const struct train *t)
{
    return t->job->task->sums;
}

/* Where slot `slot` adds the sums of its rows. */
static struct nn_sum *slot_sum(const struct train *t, uint64_t slot)
{
    return t->totals->sum + slot * sums_of(t);
}

static void clear_totals(struct train *t)
{
    t->nn->ops->fill(t->nn, (float *)(void *)t->totals, 0,
                     train_totals_bytes(t->cfg) / sizeof(float));
}

/* Add the squares of a span, whose gradients `grad` points at, piece by piece. */
static void add_squares(struct train *t, const struct params_span *span, const float *grad)
{
    const struct pieces *p = &t->learner.pieces;

    for (size_t i = 0; i < p->n; i++) {
        const struct piece *one = &p->at[i];

        if (one->offset >= span->offset && one->offset < span->offset + span->floats)
            t->nn->ops->add_squares(t->nn, &t->totals->squares,
                                    grad + (one->offset - span->offset), one->floats);
    }
}

/* Let the device decide, by what was added up so far, how the gradient is scaled, or that the
 * step is skipped (NaN). */
static void decide_scale(struct train *t)
{
    t->nn->ops->step_scale(t->nn, &t->totals->scale, &t->totals->squares, t->totals->sum,
                           t->slots * sums_of(t), (double)t->labels, t->cfg->optim.clip);
}

static void update_span(struct train *t, const struct params_span *span, const float *grad)
{
    struct learner *l = &t->learner;

    optim_step(&l->optim, model_weights(l->model), span, grad,
               t->state.optim_updates + t->state.step + 1 - t->state.skipped, t->report.lr,
               &t->totals->scale);
}

/* --- gradients */

/* The sink of optim.in_backward: a span's gradients are complete, and gone when this returns. A
 * span that is not finite updates nothing, nor do the spans after it. */
static void take_span(void *self, const struct params_span *span, const float *grad)
{
    struct train *t = self;

    add_squares(t, span, grad);
    decide_scale(t);
    update_span(t, span, grad);
}

/* Compute the gradient of a slot into grad[level]. */
static int slot_gradient(struct train *t, struct feed *feed, uint64_t slot, size_t level,
                         struct errbuf *eb)
{
    float *grad = t->learner.grad[level];
    const struct model_sink sink = {t, take_span};
    const struct model_draw draw = {
        .seed = t->cfg->train.seed, .step = t->state.step + 1, .slot = slot, .train = true};
    const struct slot *s;
    int rc = feed_next(feed, &s, &t->waited, eb);

    if (rc != RF_OK)
        return rc;
    t->tokens += s->tokens;
    t->labels += s->batch.n;
    train_count(t, &s->batch);
    if (grad)
        t->nn->ops->fill(t->nn, grad, 0, t->learner.grad_bytes / sizeof *grad);
    if (t->ranks->size > 1 && slot == t->last_slot)
        train_sum_begin(t, level, true);
    return t->job->task->loss(&t->learner, &s->batch, &draw, grad, grad ? NULL : &sink,
                              slot_sum(t, slot), eb);
}

/* grad[level] += grad[level + 1], unless that is left to the sum over ranks. */
static int join_gradients(struct train *t, size_t level, struct errbuf *eb)
{
    struct learner *l = &t->learner;

    if (train_sum_begun(t))
        return nn_status(t->nn, eb);
    t->nn->ops->combine(t->nn, l->grad[level], 1, l->grad[level], 1, l->grad[level + 1],
                        l->grad_bytes / sizeof(float));
    return nn_status(t->nn, eb);
}

/* The slots of one of this rank's shares. */
static struct slots slots_of(const struct train *t, size_t share)
{
    size_t before = (size_t)t->ranks->rank * t->shares;

    return share_slots(&t->cfg->train, t->state.step, before + share,
                       (size_t)t->ranks->size * t->shares);
}

/*
 * Compute the gradient of n slots from `first` on into grad[level]: the sum of both halves. So
 * slots are added in a fixed binary tree, whoever computes which part of it, and a level of it
 * takes one block.
 */
static int slots_gradient(struct train *t, struct feed *feed, uint64_t first, uint64_t n,
                          size_t level, struct errbuf *eb)
{
    int rc;

    if (n == 1)
        return slot_gradient(t, feed, first, level, eb);
    if ((rc = slots_gradient(t, feed, first, n / 2, level, eb)) != RF_OK ||
        (rc = slots_gradient(t, feed, first + n / 2, n / 2, level + 1, eb)) != RF_OK)
        return rc;
    return join_gradients(t, level, eb);
}

/* The same for n shares from share `first` on: they are the upper part of the same tree. */
static int shares_gradient(struct train *t, size_t first, size_t n, size_t level,
                           struct errbuf *eb)
{
    struct slots s;
    int rc;

    if (n == 1) {
        s = slots_of(t, first);
        return slots_gradient(t, t->feed[first], s.first, s.count, level, eb);
    }
    if ((rc = shares_gradient(t, first, n / 2, level, eb)) != RF_OK ||
        (rc = shares_gradient(t, first + n / 2, n / 2, level + 1, eb)) != RF_OK)
        return rc;
    return join_gradients(t, level, eb);
}

/* Compute this rank's gradient. The first steps of a ramp may have fewer slots than there are
 * ranks: those that have none add -0, which leaves every number as it is, 0 and -0 too. */
static int own_gradient(struct train *t, struct errbuf *eb)
{
    struct slots last;
    size_t n = 0;

    while (n < t->shares && slots_of(t, n).count)
        n++;
    if (n) {
        last = slots_of(t, n - 1);
        t->last_slot = last.first + last.count - 1;
        return shares_gradient(t, 0, n, 0, eb);
    }
    t->nn->ops->fill(t->nn, t->learner.grad[0], -0.0F,
                     t->learner.grad_bytes / sizeof *t->learner.grad[0]);
    train_sum_begin(t, 0, false);
    return RF_OK;
}

/* Count a step that was not finite; the fifth in a row ends the run. The last finite step may
 * itself have left weights that are no good, so the checkpoint that is named as the last good
 * one was written before that step. */
static int skip_step(struct train *t, struct errbuf *eb)
{
    uint64_t step = t->state.step + 1;
    char *good;

    t->state.skipped++;
    if (++t->state.skipped_in_row < SKIPS_MAX)
        return RF_OK;
    good = train_checkpoint_before(t, step - SKIPS_MAX);
    (void)err_set(eb, RF_ENAN,
                  "loss or gradient not finite in %d steps in a row, to step %llu; "
                  "%s%s%s",
                  SKIPS_MAX, (unsigned long long)step,
                  good ? "last good checkpoint: '" : "no good checkpoint", good ? good : "",
                  good ? "'" : "");
    free(good);
    return RF_ENAN;
}

/* --- the update */

/* What the host knows of the step's sums. */
static struct sums counts_of(const struct train *t)
{
    return (struct sums){.labels = t->labels, .tokens = t->tokens};
}

/* Add the squares of all pieces in the order in which optim.in_backward adds them. */
static void add_all_squares(struct train *t, const float *grad)
{
    const struct pieces *p = &t->learner.pieces;

    for (size_t i = 0; i < p->n; i++) {
        const struct piece *one = &p->at[p->order[i]];

        t->nn->ops->add_squares(t->nn, &t->totals->squares, grad + one->offset, one->floats);
    }
}

/* Update all weights, each rank those of its part. */
static int update_all(struct train *t, struct errbuf *eb)
{
    const struct params_span all = params_all(model_params(t->learner.model));
    const struct sums counts = counts_of(t);
    float *grad = t->learner.grad[0];
    int rc = RF_OK;

    if (t->job->task->weigh)
        t->job->task->weigh(&t->learner, t->cfg, grad, &counts);
    if (t->ranks->size > 1)
        rc = train_share_squares(t, grad, eb);
    else
        add_all_squares(t, grad);
    if (rc != RF_OK)
        return rc;
    decide_scale(t);
    update_span(t, &all, grad);
    return train_gather_weights(t, eb);
}

static struct sums leaf_of(const struct nn_sum *sum, size_t n)
{
    struct sums leaf = {.labels = 0};

    for (size_t i = 0; i < n; i++)
        leaf.of[i] = sum[i];
    return leaf;
}

/* Wait for the device, once a step, and read what it added up, and whether the step counted. */
static int read_totals(struct train *t, bool *counts, struct errbuf *eb)
{
    const struct totals *got = t->got;
    struct train_report *r = &t->report;
    struct sums known = counts_of(t), all;
    struct sums_tree tree = {.n = 0};

    t->nn->ops->download(t->nn, t->got, t->totals, train_totals_bytes(t->cfg));
    for (uint64_t k = 0; k < t->slots; k++)
        sums_add(&tree, leaf_of(got->sum + k * sums_of(t), sums_of(t)));
    all = sums_total(&tree);
    all = sums_join(&all, &known);
    task_report(t->job->task, t->cfg, &all, &r->loss, &r->acc);
    r->grad_norm = sqrt(got->squares) / (double)t->labels;
    *counts = !isnan(got->scale);
    return nn_status(t->nn, eb);
}

static int settle_step(struct train *t, struct errbuf *eb)
{
    struct ckpt_window *w = &t->state.window;
    const struct train_report *r = &t->report;
    bool counts;
    int rc = read_totals(t, &counts, eb);

    if (rc != RF_OK)
        return rc;
    if (!counts)
        return ranks_agree(t->ranks, skip_step(t, eb), eb);
    t->state.skipped_in_row = 0;
    w->loss += r->loss;
    w->acc += r->acc;
    w->norm += r->grad_norm;
    w->steps++;
    return RF_OK;
}

/* A batch may have no label, but not a whole pass over the data: nothing is learned then. */
static int no_label(struct train *t, struct errbuf *eb)
{
    t->without_label += t->slots;
    if (t->without_label * t->cfg->train.batch < t->job->train.records)
        return RF_OK;
    return err_set(eb, RF_EINVAL, "no label in a whole pass over the training data");
}

int train_update(struct train *t, struct errbuf *eb)
{
    int rc;

    t->tokens = t->labels = 0;
    t->slots = ramp_slots(&t->cfg->train, t->state.step);
    t->report.lr = train_rate(t);
    clear_totals(t);
    if ((rc = own_gradient(t, eb)) != RF_OK)
        return rc;
    if (t->ranks->size > 1 &&
        ((rc = train_sum_finish(t, eb)) != RF_OK || (rc = train_share_sums(t, eb)) != RF_OK))
        return rc;
    if (!t->labels)
        return ranks_agree(t->ranks, no_label(t, eb), eb);
    t->without_label = 0;
    if (!t->cfg->optim.in_backward && (rc = update_all(t, eb)) != RF_OK)
        return rc;
    return settle_step(t, eb);
}
