#include "train/train.h"

#include <math.h>

#include "base/progress.h"
#include "train/train_parts.h"

unsigned train_asked(struct train *t)
{
    const struct train_hooks *h = &t->job->hooks;

    if (h->asked)
        t->asked |= h->asked(h->self);
    return t->asked;
}

/* Evaluations have not become better for so long. */
static bool gave_up(const struct train *t)
{
    return t->cfg->train.patience && t->state.worse >= t->cfg->train.patience;
}

static void report_progress(struct train *t)
{
    const struct train_cfg *c = &t->cfg->train;
    struct train_report *r = &t->report;

    r->step = t->state.step;
    r->steps = c->steps;
    r->tokens = t->state.tokens;
    r->skipped = t->state.skipped;
    r->epoch = (double)(r->step * c->slots * c->batch) / (double)t->job->train.records;
    r->seconds = train_seconds(t);
    r->best_step = t->state.best_step;
    r->best_loss = t->state.best_loss;
    r->gave_up = gave_up(t);
}

static int step(struct train *t, struct errbuf *eb)
{
    const struct train_hooks *h = &t->job->hooks;
    uint64_t tokens = 0;
    int rc = train_update(t, &tokens, eb);

    if (rc != RF_OK)
        return rc;
    t->state.step++;
    t->state.tokens += tokens;
    t->state.window.evaluated = false;
    t->dirty = true;
    report_progress(t);
    if (h->stepped)
        h->stepped(h->self, &t->report);
    return RF_OK;
}

/* --- between updates */

static bool is_due(const struct train *t, uint64_t every)
{
    return t->state.step == t->cfg->train.steps || (every && t->state.step % every == 0);
}

/* The means since the last row; where all steps were skipped 0 / 0 says that there are none. */
static int log_window(struct train *t, struct errbuf *eb)
{
    struct ckpt_window *w = &t->state.window;
    double n = (double)w->steps, now = now_s(), seconds = now - t->logged;
    struct train_report row = t->report;

    row.set = NULL;
    row.loss = w->loss / n;
    row.acc = w->acc / n;
    row.lr = optim_rate(&t->cfg->optim, t->state.step, t->cfg->train.steps);
    row.grad_norm = w->norm / n;
    row.eval_loss = row.eval_acc = row.eval_bits = row.unigram_loss = (double)NAN;
    row.tokens_per_s = (double)(row.tokens - t->logged_tokens) / seconds;
    row.wait = t->waited / seconds;
    if (t->peak == 0 && now - t->started >= PEAK_AFTER_S) {
        size_t room;
        float *spare = model_spare(t->model, &room);

        t->peak = 1e9 * nn_gemm_peak(t->nn, spare, room);
    }
    row.mfu = t->work.model / seconds / t->peak;
    row.hfu = t->work.executed / seconds / t->peak;
    row.rss = peak_memory();
    t->report.mean_loss = row.loss;
    t->report.tokens_per_s = row.tokens_per_s;
    t->report.mfu = row.mfu;
    t->report.hfu = row.hfu;
    *w = (struct ckpt_window){0};
    t->work = (struct train_work){0};
    t->logged = now_s();
    t->logged_tokens = row.tokens;
    t->waited = 0;
    return log_row(t, &row, eb);
}

/* Whether the evaluation is the best so far, by its first set; NaN never is. */
static bool note_best(struct train *t, double loss)
{
    struct ckpt_state *s = &t->state;

    if (!t->cfg->train.patience)
        return false;
    if (!train_is_finite(loss) || (s->best_step && loss >= s->best_loss)) {
        s->worse++;
        return false;
    }
    s->best_step = s->step;
    s->best_loss = loss;
    s->worse = 0;
    return true;
}

/* *best: the weights of now are to be kept. */
static int evaluate(struct train *t, bool *best, struct errbuf *eb)
{
    double began = now_s(), loss = (double)NAN;
    int rc;

    report_progress(t);
    t->report.rss = peak_memory();
    if ((rc = train_evaluate(t, &loss, eb)) != RF_OK)
        return rc;
    *best = note_best(t, loss);
    report_progress(t);
    t->state.window.evaluated = true;
    t->dirty = true;
    t->logged += now_s() - began; /* the speed is that of training alone */
    return RF_OK;
}

static bool must_evaluate(const struct train *t)
{
    return t->job->n_eval && !t->state.window.evaluated && is_due(t, t->cfg->train.eval_every);
}

/* This start has done what it may. The clock does not break off an evaluation, nor stop a start
 * without a step: with a short limit neither would ever end. */
static bool is_enough(const struct train *t)
{
    uint64_t steps = t->state.step - t->first_step;
    const struct train_cfg *c = &t->cfg->train;

    switch (t->stop.unit) {
    case STOP_SECONDS: return now_s() - t->started >= t->stop.amount;
    case STOP_TOKENS: return (double)(t->state.tokens - t->first_tokens) >= t->stop.amount;
    case STOP_STEPS: return (double)steps >= t->stop.amount;
    case STOP_EPOCHS:
        return (double)(steps * c->slots * c->batch) >=
               t->stop.amount * (double)t->job->train.records;
    case STOP_NEVER: break;
    }
    return false;
}

/* While steps are skipped what is due waits for one that is finite, but for the last of all. */
static bool must_save(struct train *t)
{
    const struct train_cfg *c = &t->cfg->train;

    t->owed = t->owed || is_due(t, c->save_every) ||
              (c->save_time > 0 && now_s() - t->saved_moment >= c->save_time);
    return t->owed && (!t->state.skipped_in_row || t->state.step == c->steps);
}

static bool is_finished(const struct train *t)
{
    return (t->state.step >= t->cfg->train.steps || gave_up(t)) && !must_evaluate(t);
}

/* What is due at a step, just made or come back to; RF_ESTOP where the run shall stop. */
static int between(struct train *t, bool just_made, struct errbuf *eb)
{
    const struct train_cfg *c = &t->cfg->train;
    bool best = false;
    unsigned asked;
    int rc = RF_OK;

    if (just_made && is_due(t, c->log_every))
        rc = log_window(t, eb);
    if (rc == RF_OK && must_evaluate(t))
        rc = evaluate(t, &best, eb);
    if (rc != RF_OK && rc != RF_ESTOP)
        return rc;
    asked = train_asked(t);
    t->asked &= ~(unsigned)TRAIN_SAVE;
    if (just_made && is_enough(t))
        asked |= TRAIN_STOP;
    rc = asked || best || gave_up(t) || must_save(t) ? train_save(t, eb) : RF_OK;
    if (rc != RF_OK || !(asked & TRAIN_STOP) || is_finished(t))
        return rc;
    return err_set(eb, RF_ESTOP, "stopped at step %llu of %llu as asked; start again to go on",
                   (unsigned long long)t->state.step, (unsigned long long)c->steps);
}

/* --- the run */

/* The model with what the configured memory leaves to it. */
static int make_model(struct train *t, struct errbuf *eb)
{
    const struct rf_config *c = t->cfg;
    uint64_t V = t->state.vocab_size, max_len = t->state.max_len;
    struct params p;
    size_t budget;
    int rc = params_new(&p, &c->model, max_len, V, eb);

    if (rc != RF_OK)
        return rc;
    budget = train_budget(t->job, &p);
    params_free(&p);
    rc = model_cost(&t->cost, &c->model, c->train.batch, max_len, V, train_model_use(c), budget,
                    eb);
    return rc == RF_OK ? model_new(&t->model, t->nn, &c->model, c->train.batch, max_len, V,
                                   train_model_use(c), budget, eb)
                       : rc;
}

static int take_memory(struct train *t, struct errbuf *eb)
{
    const struct rf_config *c = t->cfg;
    int rc = make_model(t, eb);

    if (rc != RF_OK ||
        (rc = optim_new(&t->optim, t->nn, model_params(t->model), &c->optim, eb)) != RF_OK)
        return rc;
    t->grad_bytes = model_params(t->model)->floats * sizeof(float);
    for (; t->levels < train_levels(c); t->levels++)
        if (!(t->grad[t->levels] = t->nn->ops->mem_new(t->nn, t->grad_bytes)))
            return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for gradients",
                           1e-6 * (double)t->grad_bytes);
    if (slot_new(&t->slot, c->train.batch, t->state.max_len) != RF_OK)
        return err_nomem(eb);
    params_init(model_params(t->model), t->nn, model_weights(t->model), c->train.seed);
    return RF_OK;
}

static void give_memory(struct train *t)
{
    for (size_t i = 0; i < t->levels; i++)
        t->nn->ops->mem_free(t->nn, t->grad[i], t->grad_bytes);
    optim_free(&t->optim);
    model_free(t->model);
    slot_free(&t->slot);
}

static int say_started(const struct train *t, struct errbuf *eb)
{
    const struct train_hooks *h = &t->job->hooks;
    const struct params *p = model_params(t->model);
    struct train_start s = {.step = t->state.step,
                            .broken = t->broken,
                            .parameters = p->total,
                            .needed = train_over(t->job, p, model_step_bytes(t->model)),
                            .done = t->state.step && is_finished(t),
                            .log_short = t->log_short};

    s.bytes = model_step_bytes(t->model) + p->floats * sizeof(float) +
              t->levels * t->grad_bytes + optim_bytes(&t->cfg->optim, p);
    return h->started ? h->started(h->self, &s, eb) : RF_OK;
}

static int run(struct train *t, struct errbuf *eb)
{
    int rc = take_memory(t, eb);

    if (rc != RF_OK)
        return rc;
    if ((rc = train_open_files(t, eb)) != RF_OK)
        return rc;
    if (t->optim.ema && !t->state.step)
        t->nn->ops->combine(t->nn, t->optim.ema, 1, model_weights(t->model), 0, NULL,
                            model_params(t->model)->floats);
    t->logged = t->saved_moment = now_s();
    t->logged_tokens = t->first_tokens = t->state.tokens;
    t->first_step = t->state.step;
    report_progress(t);
    rc = say_started(t, eb);
    if (rc == RF_OK && t->state.step)
        rc = between(t, false, eb);
    if (rc == RF_OK)
        rc = feed_new(&t->feed, t->job, &t->state, t->cfg->train.steps, eb);
    while (rc == RF_OK && t->state.step < t->cfg->train.steps && !gave_up(t)) {
        rc = step(t, eb);
        if (rc == RF_OK)
            rc = between(t, true, eb);
    }
    return rc;
}

/* Sequences as long as the data's must have positions. */
static int choose_max_len(struct train *t, struct errbuf *eb)
{
    uint64_t asked = t->cfg->model.max_len, data = t->state.max_len;

    if (!data || !t->job->train.records)
        return err_set(eb, RF_EINVAL, "no sequences to train on");
    if (asked && asked < data)
        return err_set(eb, RF_EINVAL,
                       "model.max_len is %llu, but the data have sequences of %llu",
                       (unsigned long long)asked, (unsigned long long)data);
    t->state.max_len = asked ? asked : data;
    return RF_OK;
}

static const struct train_report no_report = {.loss = (double)NAN,
                                              .acc = (double)NAN,
                                              .lr = (double)NAN,
                                              .grad_norm = (double)NAN,
                                              .mean_loss = (double)NAN,
                                              .eval_loss = (double)NAN,
                                              .eval_acc = (double)NAN,
                                              .eval_bits = (double)NAN,
                                              .unigram_loss = (double)NAN,
                                              .tokens_per_s = (double)NAN,
                                              .mfu = (double)NAN,
                                              .hfu = (double)NAN,
                                              .rss = (double)NAN,
                                              .wait = (double)NAN};

/* A run without a folder so far. RF_OK or what is wrong with its settings. */
static int begin(struct train *t, const struct train_job *job, struct errbuf *eb)
{
    int rc = rf_config_check(job->cfg, eb);

    *t = (struct train){.job = job,
                        .cfg = job->cfg,
                        .nn = job->nn,
                        .state = job->data,
                        .lock = -1,
                        .started = now_s(),
                        .report = no_report};
    for (size_t i = 0; i < CKPT_DIGEST_BYTES && job->cfg->start.overfit; i++)
        t->state.data_digest[i] ^= 0xFF; /* one batch is other data than all */
    if (rc == RF_OK)
        rc = rf_config_stop(&t->stop, job->cfg->train.stop_after, eb);
    return rc == RF_OK ? choose_max_len(t, eb) : rc;
}

static void end_run(struct train *t)
{
    feed_free(t->feed);
    train_close_files(t);
    give_memory(t);
}

int train_run(const struct train_job *job, struct train_report *end, struct errbuf *eb)
{
    struct train t;
    int rc = begin(&t, job, eb);

    if (rc == RF_OK)
        rc = run(&t, eb);
    end_run(&t);
    if (end)
        *end = t.report;
    return rc;
}

enum { TRIAL_STEPS = 4 };

/* The first step is slow: memory is touched for the first time. */
static int try_steps(struct train *t, struct train_trial *trial, struct errbuf *eb)
{
    int rc = feed_new(&t->feed, t->job, &t->state, t->state.step + TRIAL_STEPS, eb);

    for (int i = 0; rc == RF_OK && i < TRIAL_STEPS; i++) {
        double began = now_s(), seconds;
        uint64_t before = t->state.tokens;

        t->work = (struct train_work){0};
        rc = step(t, eb);
        seconds = now_s() - began;
        if (i && trial->seconds > 0 && seconds >= trial->seconds)
            continue;
        trial->seconds = i ? seconds : 0;
        trial->tokens = (double)(t->state.tokens - before);
        trial->mfu = t->work.model / seconds;
        trial->hfu = t->work.executed / seconds;
    }
    return rc;
}

int train_try(const struct train_job *job, struct train_trial *trial, struct errbuf *eb)
{
    struct train t;
    int rc = begin(&t, job, eb);

    *trial = (struct train_trial){0};
    if (rc == RF_OK)
        rc = train_needs(&trial->needs, job, eb);
    if (rc == RF_OK)
        rc = take_memory(&t, eb);
    if (rc == RF_OK)
        rc = try_steps(&t, trial, eb);
    trial->rss = peak_memory();
    if (rc == RF_OK)
        trial->peak = 1e9 * nn_gemm_peak(job->nn, NULL, 0);
    trial->mfu /= trial->peak;
    trial->hfu /= trial->peak;
    end_run(&t);
    return rc;
}
