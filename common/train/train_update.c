/* train_update.c: the gradient of all slots, and what it does to the weights. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "train/train_parts.h"

bool train_is_finite(double x)
{
    return fabs(x) <= (double)FLT_MAX; /* false for NaN */
}

static uint64_t next_update(const struct train *t)
{
    return t->state.step + 1 - t->state.skipped;
}

/* Loss, accuracy and rate of the step in hand. False: the loss is not finite. */
static bool report_sum(struct train *t, const struct model_sum *sum)
{
    struct train_report *r = &t->report;

    r->loss = sum->loss / (double)sum->labels;
    r->acc = (double)sum->hits / (double)sum->labels;
    r->lr = optim_rate(&t->cfg->optim, t->state.step + 1, t->cfg->train.steps);
    return train_is_finite(r->loss);
}

static void count_squares(struct train *t, const struct params_span *span, const float *grad)
{
    t->squares += t->nn->ops->sum_squares(t->nn, grad, span->floats);
}

static bool begin_updates(void *self, const struct model_sum *sum)
{
    struct train *t = self;

    t->labels = (double)sum->labels;
    return report_sum(t, sum);
}

/* What is no number updates nothing, nor does what comes after it. */
static void update_span(void *self, const struct params_span *span, const float *grad)
{
    struct train *t = self;

    count_squares(t, span, grad);
    if (train_is_finite(t->squares))
        optim_step(&t->optim, model_weights(t->model), span, grad, next_update(t), t->report.lr,
                   1 / t->labels);
}

static int batch_loss(struct train *t, const struct model_batch *b,
                      const struct model_draw *draw, float *grad, struct model_sum *sum,
                      struct errbuf *eb)
{
    const struct model_sink sink = {t, begin_updates, update_span};

    if (t->cfg->optim.in_backward)
        return model_loss_to(t->model, b, draw, &sink, sum, eb);
    t->nn->ops->fill(t->nn, grad, 0, model_params(t->model)->floats);
    return model_loss(t->model, b, draw, grad, 1, sum, eb);
}

static int slot_gradient(struct train *t, uint64_t slot, float *grad, struct model_sum *sum,
                         uint64_t *tokens, struct errbuf *eb)
{
    const struct model_draw draw = {
        .seed = t->cfg->train.seed, .step = t->state.step + 1, .slot = slot, .train = true};
    const struct slot *s;
    int rc = feed_next(t->feed, &s, &t->waited, eb);

    if (rc != RF_OK)
        return rc;
    *tokens += s->tokens;
    train_count(t, &s->batch);
    return batch_loss(t, &s->batch, &draw, grad, sum, eb);
}

/*
 * The gradient of n slots from `first` into grad[level]: those of both halves, added. So the
 * sum is a fixed binary tree over slots, whoever computes which part, and takes one block a
 * level.
 */
static int slots_gradient(struct train *t, uint64_t first, uint64_t n, size_t level,
                          struct model_sum *sum, uint64_t *tokens, struct errbuf *eb)
{
    float *g = t->grad[level];
    int rc;

    if (n == 1)
        return slot_gradient(t, first, g, sum, tokens, eb);
    if ((rc = slots_gradient(t, first, n / 2, level, sum, tokens, eb)) != RF_OK ||
        (rc = slots_gradient(t, first + n / 2, n / 2, level + 1, sum, tokens, eb)) != RF_OK)
        return rc;
    t->nn->ops->combine(t->nn, g, 1, g, 1, t->grad[level + 1], model_params(t->model)->floats);
    return nn_status(t->nn, eb);
}

/* Count a step that was not finite; the fifth in a row ends the run. The weights that the last
 * finite step left may be the very ones that are no good, so a checkpoint is only where that
 * step came after it. */
static int skip(struct train *t, struct errbuf *eb)
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

/* The squares by spans, as optim.in_backward has them. */
static void measure(struct train *t)
{
    const struct params *p = model_params(t->model);

    for (size_t i = 0; i < params_spans(p); i++) {
        struct params_span span = params_span(p, i);

        count_squares(t, &span, t->grad[0] + span.offset);
    }
}

static int update(struct train *t, const struct model_sum *sum, struct errbuf *eb)
{
    const struct params_span all = params_all(model_params(t->model));
    struct train_report *r = &t->report;
    struct ckpt_window *w = &t->state.window;
    double labels = (double)sum->labels;
    bool done = t->cfg->optim.in_backward;

    if (!done)
        measure(t);
    r->grad_norm = sqrt(t->squares) / labels;
    if (!report_sum(t, sum) || !train_is_finite(r->grad_norm))
        return skip(t, eb);
    if (!done)
        optim_step(&t->optim, model_weights(t->model), &all, t->grad[0], next_update(t), r->lr,
                   optim_clip(&t->cfg->optim, r->grad_norm) / labels);
    t->state.skipped_in_row = 0;
    w->loss += r->loss;
    w->acc += r->acc;
    w->norm += r->grad_norm;
    w->steps++;
    return nn_status(t->nn, eb);
}

/* A batch may have no label, but not a whole pass over the data: nothing is learned then. */
static int no_label(struct train *t, struct errbuf *eb)
{
    const struct train_cfg *c = &t->cfg->train;

    if (++t->without_label * c->slots * c->batch < t->job->train.records)
        return RF_OK;
    return err_set(eb, RF_EINVAL, "no label in a whole pass over the training data");
}

int train_update(struct train *t, uint64_t *tokens, struct errbuf *eb)
{
    struct model_sum sum = {0};
    int rc;

    t->squares = 0;
    rc = slots_gradient(t, 0, t->cfg->train.slots, 0, &sum, tokens, eb);
    if (rc != RF_OK)
        return rc;
    if (!sum.labels)
        return no_label(t, eb);
    t->without_label = 0;
    return update(t, &sum, eb);
}
