#include "train/train.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/progress.h"
#include "base/words.h"
#include "model/layers.h"
#include "train/train_parts.h"

/* Whether the last train.patience evaluations were no better than one before. */
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
    r->share = ramp_share(c, r->step);
    r->tokens = t->state.tokens;
    r->skipped = t->state.skipped;
    r->epoch =
        (double)(ramp_slots_before(c, r->step) * c->batch) / (double)t->job->train.records;
    r->seconds = train_seconds(t);
    if (t->launches) {
        r->launches = (double)t->launches / (double)(r->step - t->first_step);
        r->waits = (double)t->waits / (double)(r->step - t->first_step);
    }
    r->best_step = t->state.best_step;
    r->best_loss = t->state.best_loss;
    r->gave_up = gave_up(t);
}

static int make_step(struct train *t, struct errbuf *eb)
{
    const struct train_hooks *h = &t->job->hooks;
    uint64_t launches = t->nn->launches, waits = t->nn->waits;
    int rc;

    ranks_progress(t->ranks, t->state.step + 1);
    if ((rc = train_update(t, eb)) != RF_OK)
        return rc;
    t->launches += t->nn->launches - launches;
    t->waits += t->nn->waits - waits;
    t->state.step++;
    t->state.tokens += t->tokens;
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

/* Write a row of means over the steps since the last row. */
static int log_window(struct train *t, struct errbuf *eb)
{
    struct ckpt_window *w = &t->state.window;
    double n = w->steps ? (double)w->steps : (double)NAN; /* all were skipped: no means */
    double now = now_s(), seconds = now - t->logged;
    struct train_report row = t->report;

    row.set = NULL;
    row.loss = w->loss / n;
    row.acc = w->acc / n;
    row.grad_norm = w->norm / n;
    row.eval_loss = row.eval_acc = row.eval_bits = row.unigram_loss = (double)NAN;
    row.tokens_per_s = (double)(row.tokens - t->logged_tokens) / seconds;
    row.wait = t->waited / seconds;
    if (t->peak == 0 && t->ranks->rank == 0 && now - t->started >= PEAK_AFTER_S) {
        size_t room;
        float *spare = model_spare(t->learner.model, &room);

        t->peak = 1e9 * nn_gemm_peak(t->nn, spare, room);
    }
    row.mfu = row.hfu = (double)NAN;
    if (t->peak > 0) {
        row.mfu = t->work.model / seconds / t->peak;
        row.hfu = t->work.executed / seconds / t->peak;
    }
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
    return log_row(t, &row, NULL, eb);
}

/* Note an evaluation, of which less of `badness` is better. Returns whether it is the best so
 * far; NaN never is. */
static bool note_best(struct train *t, double badness)
{
    struct ckpt_state *s = &t->state;

    if (!t->cfg->train.patience && !t->cfg->train.keep_best)
        return false;
    if (!isfinite(badness) || (s->best_step && badness >= s->best_loss)) {
        s->worse++;
        return false;
    }
    s->best_step = s->step;
    s->best_loss = badness;
    s->worse = 0;
    return true;
}

/* Evaluate; *best is set if no evaluation was better, so that the weights are to be saved. */
static int evaluate(struct train *t, bool *best, struct errbuf *eb)
{
    double began = now_s(), badness = (double)NAN;
    int rc;

    report_progress(t);
    t->report.rss = peak_memory();
    if ((rc = train_evaluate(t, &badness, eb)) != RF_OK)
        return rc;
    *best = note_best(t, badness);
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

/* Add what the hook wants now to t->asked, and return that. */
static unsigned poll_asked(struct train *t)
{
    const struct train_hooks *h = &t->job->hooks;

    if (h->asked)
        t->asked |= h->asked(h->self);
    return t->asked;
}

/* Find what the run does now: what any rank was asked for, and what rank 0's clock says. *used
 * becomes how much there has been of the limit of this start, which is looked at after a step
 * only: if the clock could break off an evaluation, or a start before its first step, a run
 * with a short limit would never get on. */
static int decide(struct train *t, bool just_made, double *used, struct errbuf *eb)
{
    double every = t->cfg->train.save_time;
    struct wish w = {.used = just_made ? train_used(t) : 0,
                     .asked = poll_asked(t),
                     .save_now = every > 0 && now_s() - t->saved_moment >= every};
    int rc = train_share_wishes(t, &w, eb);

    *used = w.used;
    t->asked |= (unsigned)w.asked | (w.used >= 1 ? TRAIN_STOP : 0);
    t->owed = t->owed || w.save_now;
    return rc;
}

/* A checkpoint that is due at this step is owed until it is written. */
static void note_due(struct train *t)
{
    t->owed = t->owed || is_due(t, t->cfg->train.save_every);
}

/* While steps are skipped the weights may be no good, so that an owed checkpoint waits for a
 * step that is finite; after the last step of the run it waits no longer. */
static bool must_save(const struct train *t)
{
    return t->owed && (!t->state.skipped_in_row || t->state.step == t->cfg->train.steps);
}

static bool is_finished(const struct train *t)
{
    return (t->state.step >= t->cfg->train.steps || gave_up(t)) && !must_evaluate(t);
}

/* A failure to save ends all ranks in the same way, if all know of it. */
static int fail_together(struct train *t, int rc, struct errbuf *eb)
{
    return t->told ? ranks_agree(t->ranks, rc, eb) : rc;
}

/* A checkpoint that the system refuses, as on a full disk, is tried again when the next one is
 * due: training should not end because someone filled the disk for an hour. It ends where there
 * is no next one, and at the third refusal in a row. */
static int save_or_miss(struct train *t, bool last, struct errbuf *eb)
{
    const struct train_hooks *h = &t->job->hooks;
    struct errbuf why = {0}, line;
    int rc = train_save(t, &why);

    if (rc == RF_OK)
        return rc;
    if (rc != RF_EIO || last)
        return fail_together(t, err_set(eb, rc, "%s", why.text), eb);
    if (++t->misses == MISSES_MAX)
        return fail_together(
            t, err_set(eb, rc, "%d checkpoints in a row not written: %s", MISSES_MAX, why.text),
            eb);
    t->owed = false;
    t->saved_moment = now_s();
    err_write(&line, "checkpoint of step %llu not written, %u of %d: %s",
              (unsigned long long)t->state.step, t->misses, MISSES_MAX, why.text);
    if (h->missed)
        h->missed(h->self, line.text);
    return RF_OK;
}

/* A checkpoint that could not be written is not that of the best evaluation, nor one from
 * before the decay. */
static void forget_marks(struct train *t, const struct ckpt_state *before, bool best)
{
    t->state.decay_step = before->decay_step;
    if (!best)
        return;
    t->state.best_step = before->best_step;
    t->state.best_loss = before->best_loss;
    t->state.worse = before->worse;
}

/* Do what is due after a step that was just made, or that this start begins with: a row of the
 * log, an evaluation, a checkpoint. RF_ESTOP: the run shall stop. */
static int do_what_is_due(struct train *t, bool just_made, struct errbuf *eb)
{
    const struct train_cfg *c = &t->cfg->train;
    const struct ckpt_state before = t->state;
    bool best = false;
    unsigned asked;
    double used;
    int rc = RF_OK;

    if (just_made && is_due(t, c->log_every))
        rc = log_window(t, eb);
    if (rc == RF_OK && must_evaluate(t))
        rc = evaluate(t, &best, eb);
    if (rc == RF_OK || rc == RF_ESTOP)
        rc = decide(t, just_made, &used, eb);
    if (rc != RF_OK)
        return rc;
    t->state.limit_reached = used >= 1;
    asked = t->asked;
    note_due(t);
    train_plan_decay(t, just_made, used);
    t->asked &= ~(unsigned)TRAIN_SAVE;
    if (asked || best || gave_up(t) || must_save(t))
        rc = save_or_miss(t, asked & TRAIN_STOP || is_finished(t), eb);
    if (t->misses)
        forget_marks(t, &before, best);
    if (rc != RF_OK || !(asked & TRAIN_STOP) || is_finished(t))
        return rc;
    return err_set(eb, RF_ESTOP, "stopped at step %llu of %llu as asked; start again to go on",
                   (unsigned long long)t->state.step, (unsigned long long)c->steps);
}

/* --- the run */

static int take_totals(struct train *t, struct errbuf *eb)
{
    size_t bytes = train_totals_bytes(t->cfg);

    t->totals = t->nn->ops->mem_new(t->nn, bytes);
    t->got = calloc(1, bytes);
    return t->totals && t->got ? RF_OK : err_nomem(eb);
}

static bool stop_scoring(void *self)
{
    return poll_asked(self) & TRAIN_STOP;
}

static int take_memory(struct train *t, struct errbuf *eb)
{
    struct learner_size size, piece;
    int rc = train_size(&size, &t->cost[0], t->job, eb);

    piece = size;
    for (size_t i = 0; i < t->lengths.n && rc == RF_OK; i++) {
        piece.piece = t->lengths.of[i].length;
        rc = learner_cost(&t->cost[i + 1], &t->nn->about, t->cfg, t->job->task, &piece, eb);
    }
    if (rc == RF_OK)
        rc = learner_new(&t->learner, t->nn, t->cfg, &size, eb);
    if (rc == RF_OK)
        rc = take_totals(t, eb);
    if (rc == RF_OK)
        rc = train_exchange_new(t, eb);
    t->scorer = (struct scorer){.l = &t->learner,
                                .task = t->job->task,
                                .data = &t->state,
                                .counts = t->job->counts,
                                .batch = t->cfg->train.batch,
                                .draw = {.seed = t->cfg->train.seed},
                                .self = t,
                                .stop = stop_scoring};
    return rc == RF_OK ? scorer_new(&t->scorer, eb) : rc;
}

static void give_memory(struct train *t, bool together)
{
    train_exchange_free(t, together);
    if (t->totals)
        t->nn->ops->mem_free(t->nn, t->totals, train_totals_bytes(t->cfg));
    free(t->got);
    scorer_free(&t->scorer);
    learner_free(&t->learner);
}

/* Each share of a step's slots gets a thread that reads. */
static int open_feeds(struct train *t, uint64_t steps, struct errbuf *eb)
{
    size_t before = (size_t)t->ranks->rank * t->shares;
    size_t all = (size_t)t->ranks->size * t->shares;
    int rc = RF_OK;

    assert(all <= t->cfg->train.slots);
    for (size_t i = 0; i < t->shares && rc == RF_OK; i++)
        rc = feed_new(&t->feed[i], t->job, &t->state, steps, before + i, all, eb);
    return rc;
}

static int say_started(const struct train *t, struct errbuf *eb)
{
    const struct train_hooks *h = &t->job->hooks;
    const struct params *p = model_params(t->learner.model);
    struct train_start s = {.step = t->state.step,
                            .share = t->report.share,
                            .broken = t->broken,
                            .parameters = p->total,
                            .needed = train_over(t->job, p, model_step_bytes(t->learner.model)),
                            .done = t->state.step && is_finished(t),
                            .anew = t->anew,
                            .way = *t->exchange.way.text ? t->exchange.way.text : NULL,
                            .log_short = t->log_short,
                            .log_changed = t->log_changed};

    s.bytes = model_step_bytes(t->learner.model) + p->floats * sizeof(float) +
              t->learner.levels * t->learner.grad_bytes +
              optim_bytes(&t->cfg->optim, p, &t->learner.optim.part) +
              optim_work_bytes(&t->cfg->optim, p) + t->learner.room.device.size;
    return h->started ? h->started(h->self, &s, eb) : RF_OK;
}

/* The mean of the weights begins with the first ones. */
static void begin_mean(struct train *t)
{
    const struct optim *o = &t->learner.optim;

    if (o->ema && !t->state.step && !t->state.optim_updates)
        t->nn->ops->copy(t->nn, o->ema, model_weights(t->learner.model) + o->part.from,
                         (o->part.to - o->part.from) * sizeof *o->ema);
}

static int run_steps(struct train *t, struct errbuf *eb)
{
    int rc = train_check_room(t->job, eb);

    if (rc == RF_OK)
        rc = take_memory(t, eb);
    if ((rc = ranks_agree(t->ranks, rc, eb)) != RF_OK ||
        (rc = train_exchange_open(t, eb)) != RF_OK || (rc = train_open_files(t, eb)) != RF_OK)
        return rc;
    begin_mean(t);
    t->logged = t->saved_moment = now_s();
    t->logged_tokens = t->first_tokens = t->state.tokens;
    t->first_step = t->state.step;
    if (t->stop.unit != STOP_NEVER)
        t->decay_before = t->state.decay_done;
    report_progress(t);
    rc = say_started(t, eb);
    if (rc == RF_OK && t->state.step)
        rc = do_what_is_due(t, false, eb);
    else
        train_plan_decay(t, false, 0);
    if (rc == RF_OK)
        rc = open_feeds(t, t->cfg->train.steps, eb);
    while (rc == RF_OK && t->state.step < t->cfg->train.steps && !gave_up(t)) {
        rc = make_step(t, eb);
        if (rc == RF_OK)
            rc = do_what_is_due(t, true, eb);
    }
    return rc;
}

/* Whether two chunks, to which the model pads, are not so much longer than any sequence that
 * training would do little else. */
static bool pads_little(uint64_t chunk, const void *max_len)
{
    enum { FREE = 1024, TIMES = 8 };

    return 2 * chunk <= FREE || 2 * chunk / TIMES <= *(const uint64_t *)max_len;
}

static int check_chunk(const struct model_cfg *m, uint64_t max_len, struct errbuf *eb)
{
    char near[NEAREST_NUMBERS_BYTES];

    if (!layers_hash(m) || pads_little(m->chunk, &max_len))
        return RF_OK;
    return err_set(eb, RF_EINVAL,
                   "model.chunk %llu pads sequences of at most %llu tokens to %llu: say %s or "
                   "less",
                   (unsigned long long)m->chunk, (unsigned long long)max_len,
                   (unsigned long long)(2 * m->chunk),
                   nearest_numbers(near, m->chunk, 1, m->chunk, pads_little, &max_len));
}

/* Pieces that are no shorter than the sequences would cut nothing. */
static int read_lengths(struct train *t, struct errbuf *eb)
{
    uint64_t max_len = t->state.max_len, longest;
    struct ramp_lengths *r = &t->lengths;
    int rc = ramp_lengths_read(r, t->cfg->train.lengths, eb);

    longest = rc == RF_OK && r->n ? r->of[r->n - 1].length : 0;
    if (longest < max_len)
        return rc;
    return err_set(eb, RF_EINVAL,
                   "train.lengths cuts nothing at %llu: sequences have up to %llu tokens",
                   (unsigned long long)longest, (unsigned long long)max_len);
}

/* The model must have positions for the longest sequence of the data. */
static int choose_max_len(struct train *t, struct errbuf *eb)
{
    uint64_t asked = t->cfg->model.max_len, data = t->state.max_len;
    int rc;

    if (!data || !t->job->train.records)
        return err_set(eb, RF_EINVAL, "no sequences to train on");
    if ((rc = check_chunk(&t->cfg->model, asked ? asked : data, eb)) != RF_OK)
        return rc;
    if (asked && asked < data)
        return err_set(eb, RF_EINVAL,
                       "model.max_len is %llu, but the data have sequences of up to %llu: say "
                       "--model.max_len %llu, or make them with --max-len %llu",
                       (unsigned long long)asked, (unsigned long long)data,
                       (unsigned long long)data, (unsigned long long)asked);
    t->state.max_len = asked ? asked : data;
    return read_lengths(t, eb);
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
                                              .score = (double)NAN,
                                              .launches = (double)NAN,
                                              .waits = (double)NAN,
                                              .wait = (double)NAN};

/* Fill in *t; nothing is allocated yet. RF_OK or what is wrong with the settings. */
static int begin_run(struct train *t, const struct train_job *job, struct errbuf *eb)
{
    int rc = rf_config_check(job->cfg, eb);

    assert(job->shares <= TRAIN_SHARES_MAX && !(job->shares & (job->shares - 1)));
    *t = (struct train){.job = job,
                        .cfg = job->cfg,
                        .nn = job->nn,
                        .alone = {.size = 1, .locals = 1},
                        .state = job->data,
                        .shares = job->shares ? job->shares : 1,
                        .log = -1,
                        .lock = -1,
                        .started = now_s(),
                        .report = no_report};
    t->ranks = job->ranks ? job->ranks : &t->alone;
    for (size_t i = 0; i < CKPT_DIGEST_BYTES && job->cfg->start.overfit; i++)
        t->state.data_digest[i] ^= 0xFF; /* one batch is other data than all */
    if (rc == RF_OK)
        rc = rf_config_stop(&t->stop, job->cfg->train.stop_after, eb);
    if (rc == RF_OK)
        rc = train_check_ranks(t, eb);
    return rc == RF_OK ? choose_max_len(t, eb) : rc;
}

static void end_run(struct train *t, bool together)
{
    for (size_t i = 0; i < t->shares; i++)
        feed_free(t->feed[i]);
    train_close_files(t);
    give_memory(t, together);
}

int train_run(const struct train_job *job, struct train_report *end, struct errbuf *eb)
{
    struct train_job own = *job;
    struct train t;
    int rc;

    if (job->ranks && job->ranks->rank > 0)
        own.hooks = (struct train_hooks){.self = job->hooks.self, .asked = job->hooks.asked};
    rc = begin_run(&t, &own, eb);
    if ((rc = ranks_agree(t.ranks, rc, eb)) == RF_OK)
        rc = run_steps(&t, eb);
    end_run(&t, rc == RF_OK || rc == RF_ESTOP || t.ranks->agreed);
    if (end)
        *end = t.report;
    return rc;
}

/* A trial shall answer within seconds. */
enum { TRIAL_STEPS = 4, TRIAL_S = 5 };

static const double trial_at_peak_s = 2; /* a step takes some times what it takes at the peak */

/* Time some steps, but not the first where there are more: it is slow because it touches fresh
 * memory. */
static int try_steps(struct train *t, struct train_trial *trial, struct errbuf *eb)
{
    int rc = open_feeds(t, t->state.step + TRIAL_STEPS, eb);
    double all = 0;

    for (int i = 0; rc == RF_OK && i < TRIAL_STEPS && all < TRIAL_S; i++) {
        double began = now_s(), seconds;
        uint64_t before = t->state.tokens;

        t->work = (struct train_work){0};
        rc = make_step(t, eb);
        seconds = now_s() - began;
        all += seconds;
        if (i > 1 && seconds >= trial->seconds)
            continue;
        trial->seconds = seconds;
        trial->tokens = (double)(t->state.tokens - before);
        trial->mfu = t->work.model / seconds / trial->peak;
        trial->hfu = t->work.executed / seconds / trial->peak;
    }
    return rc;
}

int train_try(const struct train_job *job, struct train_trial *trial, struct errbuf *eb)
{
    struct rf_config late = *job->cfg;
    struct train_job late_job = *job;
    struct train t;
    int rc = begin_run(&t, job, eb);

    late.train.slots_start = late.train.slots_ramp = 0;
    late.train.lengths = "";
    late_job.cfg = &late;
    *trial = (struct train_trial){
        .seconds = (double)NAN, .tokens = (double)NAN, .mfu = (double)NAN, .hfu = (double)NAN};
    if (rc == RF_OK)
        rc = train_needs(&trial->needs, job, eb);
    if (rc == RF_OK) {
        trial->peak = 1e9 * nn_gemm_peak(job->nn, NULL, 0);
        trial->least =
            trial->peak > 0 ? trial->needs.executed_flops / trial->peak : (double)NAN;
    }
    if (rc == RF_OK && !(trial->least > trial_at_peak_s) &&
        trial->needs.total < train_memory(job) && (rc = take_memory(&t, eb)) == RF_OK) {
        t.job = &late_job; /* its steps are those behind all ramps */
        t.cfg = &late;
        t.lengths.n = 0;
        rc = try_steps(&t, trial, eb);
    }
    trial->rss = peak_memory();
    end_run(&t, true);
    return rc;
}
