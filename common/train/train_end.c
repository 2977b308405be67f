/* train_end.c: where a start ends, and how the learning rate falls towards that. */
#include <math.h>

#include "base/progress.h"
#include "train/train_parts.h"

double train_used(const struct train *t)
{
    const struct train_cfg *c = &t->cfg->train;
    uint64_t slots = ramp_slots_before(c, t->state.step) - ramp_slots_before(c, t->first_step);

    switch (t->stop.unit) {
    case STOP_SECONDS: return (now_s() - t->started) / t->stop.amount;
    case STOP_TOKENS: return (double)(t->state.tokens - t->first_tokens) / t->stop.amount;
    case STOP_STEPS: return (double)(t->state.step - t->first_step) / t->stop.amount;
    case STOP_EPOCHS:
        return (double)(slots * c->batch) / (t->stop.amount * (double)t->job->train.records);
    case STOP_NEVER: break;
    }
    return 0;
}

/* Whether the learning rate is that of schedule wsd. */
static bool is_wsd(const struct train *t)
{
    return t->cfg->optim.schedule == SCHEDULE_WSD && !t->cfg->optim.relative_step;
}

/* How much of a decay that ends with this start is done at step `next`. A start that begins in
 * the midst of a decay goes on with that to its own end: the rate never rises again. */
static double own_decay(const struct train *t, uint64_t next, double used)
{
    double share = t->cfg->optim.decay_share, before = t->decay_before;

    if (before > 0)
        return before + (1 - before) * used;
    if (t->stop.unit == STOP_STEPS)
        return optim_decay(&t->cfg->optim, next, t->first_step,
                           t->first_step + (uint64_t)t->stop.amount);
    return used > 1 - share ? (used - (1 - share)) / share : 0;
}

/* The run may end with its steps or with the limit of this start: the decay that is further
 * is that of the end that comes first. */
static double decay_at(const struct train *t, uint64_t next, double used)
{
    double of_run = optim_decay(&t->cfg->optim, next, 0, t->cfg->train.steps);

    return t->stop.unit == STOP_NEVER ? of_run
                                      : fmin(fmax(of_run, own_decay(t, next, used)), 1);
}

void train_plan_decay(struct train *t, bool just_made, double used)
{
    struct ckpt_state *s = &t->state;

    if (just_made)
        s->decay_done = t->decay;
    t->decay = is_wsd(t) ? decay_at(t, s->step + 1, used) : 0;
    if (used >= 1 || s->step >= t->cfg->train.steps || t->decay == 0) {
        s->decay_done = 0; /* a later start has a decay of its own */
    } else if (s->step && s->decay_done == 0 && !s->skipped_in_row) {
        s->decay_step = s->step;
        t->owed = true;
    }
}

double train_rate(const struct train *t)
{
    const struct optim_cfg *c = &t->cfg->optim;
    uint64_t next = t->state.step + 1;

    return is_wsd(t) ? optim_wsd_rate(c, next, t->decay)
                     : optim_rate(c, next, t->cfg->train.steps);
}
