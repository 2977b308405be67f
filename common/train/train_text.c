#include "train/train_text.h"

#include <math.h>

#include "base/progress.h"
#include "base/words.h"
#include "device/count.h"

struct line {
    const char *name;
    double value;
    int decimals;
};

/* A value that is not finite is "-". */
static int put_lines(struct buf *to, const struct line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((isfinite(lines[i].value) ? buf_printf(to, "%s: %.*f\n", lines[i].name,
                                                   lines[i].decimals, lines[i].value)
                                      : buf_printf(to, "%s: -\n", lines[i].name)) != RF_OK)
            return RF_ENOMEM;
    return RF_OK;
}

static int put_needs(struct buf *to, const struct train_needs *n)
{
    const struct line lines[] = {{"parameters", (double)n->parameters, 0},
                                 {"weights", (double)n->weights, 0},
                                 {"gradients", (double)n->gradients, 0},
                                 {"optimiser", (double)n->optimiser, 0},
                                 {"batch", (double)n->batch, 0},
                                 {"scratch", (double)n->scratch, 0},
                                 {"data", (double)n->data, 0},
                                 {"memory", (double)n->total, 0},
                                 {"model_operations", n->model_flops, 0},
                                 {"executed_operations", n->executed_flops, 0}};

    return put_lines(to, lines, sizeof lines / sizeof *lines);
}

/* Of a device with memory of its own: what there is, and what of the run would fit. */
static int put_room(struct buf *to, const struct train_job *job, const struct train_needs *n,
                    struct errbuf *eb)
{
    size_t has = job->nn->about.memory_bytes;
    uint64_t batch;
    int rc;

    if (!has)
        return RF_OK;
    if ((rc = train_largest_batch(&batch, job, eb)) != RF_OK)
        return rc;
    rc = buf_printf(to, "device_memory: %zu\nfits: %s\nlargest_batch: %llu\nhost_memory: %zu\n",
                    has, n->total <= has ? "yes" : "no", (unsigned long long)batch, n->host);
    return rc == RF_OK ? RF_OK : err_nomem(eb);
}

static int put_trial(struct buf *to, const struct train_trial *t)
{
    const struct line lines[] = {{"least_step_seconds", t->least, 4},
                                 {"step_seconds", t->seconds, 4},
                                 {"tokens_per_s", t->tokens / t->seconds, 1},
                                 {"peak_gflops", 1e-9 * t->peak, 1},
                                 {"mfu", t->mfu, 4},
                                 {"hfu", t->hfu, 4},
                                 {"rss", t->rss, 0}};

    return put_lines(to, lines, sizeof lines / sizeof *lines);
}

static int needs_text(struct buf *to, const struct train_job *job, struct errbuf *eb)
{
    struct train_needs n;
    int rc = train_needs(&n, job, eb);

    if (rc == RF_OK && put_needs(to, &n) != RF_OK)
        rc = err_nomem(eb);
    return rc == RF_OK ? put_room(to, job, &n, eb) : rc;
}

static int trial_text(struct buf *to, const struct train_job *job, struct errbuf *eb)
{
    struct train_trial trial;
    int rc = train_try(job, &trial, eb);

    if (rc != RF_OK)
        return rc;
    if (put_needs(to, &trial.needs) != RF_OK)
        return err_nomem(eb);
    if ((rc = put_room(to, job, &trial.needs, eb)) != RF_OK)
        return rc;
    return put_trial(to, &trial) == RF_OK ? RF_OK : err_nomem(eb);
}

int train_text_dry_run(struct buf *to, const struct train_job *job, struct errbuf *eb)
{
    return job->cfg->start.needs || count_is(job->nn) ? needs_text(to, job, eb)
                                                      : trial_text(to, job, eb);
}

static int put_size(struct buf *to, const struct train_start *s, const struct nn *nn)
{
    char parameters[32], memory[32];

    return buf_printf(to, "%s, %s, kernels %s, products %s\n",
                      human(parameters, sizeof parameters, (double)s->parameters, "parameters"),
                      human(memory, sizeof memory, (double)s->bytes, "B"), nn->about.isa,
                      nn->about.gemm);
}

int train_text_found(struct buf *to, const struct rf_config *c, const struct train_start *s)
{
    int rc = RF_OK;

    if (s->broken)
        rc = buf_printf(to, "broken checkpoints passed over: %llu\n",
                        (unsigned long long)s->broken);
    if (rc == RF_OK && s->log_short)
        rc = buf_printf(to,
                        "'%s/log.tsv' is shorter than it was at step %llu: rows are missing\n",
                        c->train.run, (unsigned long long)s->step);
    if (rc == RF_OK && s->log_changed)
        rc = buf_printf(to,
                        "'%s/log.tsv' was changed since step %llu: its rows up to there stay\n",
                        c->train.run, (unsigned long long)s->step);
    return rc;
}

int train_text_start(struct buf *to, const struct rf_config *c, const struct train_start *s,
                     const struct nn *nn)
{
    unsigned long long step = s->step;
    char memory[32];
    int rc = RF_OK;

    if (s->done)
        rc = buf_printf(to, "run '%s' is finished: %llu %s\n", c->train.run, step,
                        plural(step, "step", "steps"));
    else if (rc == RF_OK && s->step)
        rc = buf_printf(to, "going on from step %llu\n", step);
    if (rc == RF_OK && s->needed)
        rc = buf_printf(to, "the run takes %s of memory, more than train.memory allows\n",
                        human(memory, sizeof memory, (double)s->needed, "B"));
    if (rc == RF_OK && s->anew)
        rc = buf_printf(to,
                        "'%s' has no weights for %zu %s of the outputs or the generator, which "
                        "begin anew\n",
                        c->train.from, s->anew, plural(s->anew, "tensor", "tensors"));
    if (rc == RF_OK && nn)
        rc = put_size(to, s, nn);
    return rc == RF_OK && nn && s->way ? buf_printf(to, "ranks exchange %s\n", s->way) : rc;
}

static double loss_of(const struct train_report *r)
{
    return isnan(r->mean_loss) ? r->loss : r->mean_loss;
}

int train_text_step(struct buf *to, const struct train_report *r, struct train_pace *pace)
{
    char speed[40] = "";
    double now = now_s();

    if (!pace->tokens)
        *pace = (struct train_pace){r->tokens, now};
    else
        human(speed, sizeof speed, (double)(r->tokens - pace->tokens) / (now - pace->since),
              "tokens/s");
    return buf_printf(to, "loss %.3f%s%s", loss_of(r), *speed ? ", " : "", speed);
}

/* Append the loss of a set and, where labels are tokens, that of the baseline. */
static int put_set(struct buf *to, const struct train_report *r)
{
    int rc = buf_printf(to, "%s %.3f", r->set, r->eval_loss);

    return rc == RF_OK && !isnan(r->unigram_loss)
               ? buf_printf(to, " (unigram %.3f)", r->unigram_loss)
               : rc;
}

int train_text_eval(struct buf *to, const struct train_report *r)
{
    int rc = buf_printf(to, "step %llu: ", (unsigned long long)r->step);

    if (rc == RF_OK && !isnan(loss_of(r))) /* right after a start there is none */
        rc = buf_printf(to, "loss %.3f, ", loss_of(r));
    if (rc == RF_OK)
        rc = put_set(to, r);
    if (rc == RF_OK)
        rc = buf_printf(to, ", accuracy %.1f %%", 100 * r->eval_acc);
    if (rc == RF_OK && isfinite(r->score))
        rc = buf_printf(to, ", %s %.1f %%", r->score_name, 100 * r->score);
    return rc == RF_OK ? buf_put(to, "\n", 1) : rc;
}

int train_text_best(struct buf *to, const struct rf_config *c, const struct train_report *r)
{
    unsigned long long step = r->best_step;
    bool score = c->train.best == BEST_SCORE;
    const char *what = score && r->score_name ? r->score_name : "loss";
    double value = score ? 1 - r->best_loss : r->best_loss;

    if (r->gave_up)
        return buf_printf(to,
                          "no better evaluation since step %llu, %s %.3f: '%s/step-%08llu'\n",
                          step, what, value, c->train.run, step);
    if (c->train.keep_best && step)
        return buf_printf(to,
                          "the best evaluation was that of step %llu, %s %.3f: "
                          "'%s/step-%08llu'\n",
                          step, what, value, c->train.run, step);
    return RF_OK;
}

int train_text_end(struct buf *to, const struct train_report *r)
{
    int rc = buf_printf(to, "%llu %s, %llu %s", (unsigned long long)r->step,
                        plural(r->step, "step", "steps"), (unsigned long long)r->tokens,
                        plural(r->tokens, "token", "tokens"));

    if (rc == RF_OK && isfinite(r->mean_loss))
        rc = buf_printf(to, ", loss %.3f", r->mean_loss);
    if (rc == RF_OK && r->set)
        rc = buf_put(to, ", ", 2) == RF_OK ? put_set(to, r) : RF_ENOMEM;
    if (rc == RF_OK && isfinite(r->tokens_per_s))
        rc = buf_printf(to, ", %.0f tokens/s", r->tokens_per_s);
    if (rc == RF_OK && isfinite(r->mfu))
        rc = buf_printf(to, ", MFU %.1f %%, HFU %.1f %%", 100 * r->mfu, 100 * r->hfu);
    if (rc == RF_OK && isfinite(r->launches))
        rc = buf_printf(to, ", %.0f launches and %.0f %s a step", r->launches, r->waits,
                        r->waits < 1.5 ? "wait" : "waits");
    return rc;
}
