/* rf-train: trains a language model. A run that was stopped goes on. */
#include <errno.h>
#include <string.h>

#include "base/par.h"
#include "base/signals.h"
#include "base/tool.h"
#include "run/run_ranks.h"
#include "train/train_text.h"

static const struct tool tool = {.name = "rf-train",
                                 .brief = "Train a language model.",
                                 .operands = "[file.yaml] [shard[=weight] ...]",
                                 .max_operands = 1 << 20,
                                 .opts = rf_config_rows,
                                 .flags = TOOL_CONFIG,
                                 .operands_row = "data.train"};

struct ctx {
    struct rf_config cfg;
    struct tool_run run;
    struct run_data data;
    struct train_job job;
    struct ranks ranks;
    struct signals *signals;
    uint64_t step;         /* the last step done */
    struct buf note, text; /* note: how the run goes; text: what is said next */
    struct train_pace pace;
    struct progress progress;
};

static unsigned asked(void *self)
{
    struct ctx *c = self;
    unsigned got = signals_take(c->signals);

    if (got & SIGNAL_STATUS && c->ranks.rank == 0) {
        progress_clear(&c->progress);
        tool_warn(&c->run, "step %llu of %llu%s%s", (unsigned long long)c->step,
                  (unsigned long long)c->cfg.train.steps, c->note.len ? ", " : "",
                  c->note.len ? c->note.data : "");
    }
    return (got & SIGNAL_SAVE ? TRAIN_SAVE : 0) | (got & SIGNAL_STOP ? TRAIN_STOP : 0);
}

static int started(void *self, const struct train_start *s, struct errbuf *eb)
{
    struct ctx *c = self;

    if (train_text_found(&c->text, &c->cfg, s) != RF_OK)
        return err_nomem(eb);
    tool_warnings(&c->run, &c->text);
    if (train_text_start(&c->text, &c->cfg, s, c->run.verbose ? c->job.nn : NULL) != RF_OK)
        return err_nomem(eb);
    tool_notes(&c->run, &c->text);
    c->step = s->step;
    progress_start(&c->progress, tool.name, "steps", s->step, c->cfg.train.steps,
                   !c->run.quiet);
    progress_work(&c->progress, s->share);
    return s->step ? RF_OK : run_data_keep_vocab(&c->data, eb);
}

static void stepped(void *self, const struct train_report *r)
{
    struct ctx *c = self;

    buf_clear(&c->note);
    c->step = r->step;
    progress_work(&c->progress, r->share);
    if (train_text_step(&c->note, r, &c->pace) == RF_OK)
        progress_show(&c->progress, r->step, c->note.data);
}

static void evaluated(void *self, const struct train_report *r, const struct train_sample *s)
{
    struct ctx *c = self;

    progress_clear(&c->progress);
    if (train_text_eval(&c->text, r) || run_data_sample(&c->data, &c->text, s, NULL))
        buf_clear(&c->text);
    tool_notes(&c->run, &c->text);
}

static int logged(void *self, const char *json, struct errbuf *eb)
{
    (void)self;
    if (fputs(json, stdout) >= 0 && fflush(stdout) == 0)
        return RF_OK;
    return err_set(eb, RF_EIO, "cannot write 'standard output': %s", strerror(errno));
}

static void missed(void *self, const char *line)
{
    struct ctx *c = self;

    progress_clear(&c->progress);
    tool_warn(&c->run, "%s", line);
}

static int train(struct ctx *c, struct errbuf *eb)
{
    struct train_report r;
    int rc = train_run(&c->job, &r, eb);

    progress_clear(&c->progress);
    if (rc == RF_OK && train_text_best(&c->text, &c->cfg, &r) == RF_OK)
        tool_notes(&c->run, &c->text);
    if (train_text_end(&c->text, &r) == RF_OK)
        tool_summary(&c->run, 0, "%s", c->text.data);
    return rc;
}

static int work(struct ctx *c, struct errbuf *eb)
{
    int rc = run_data_load(&c->data, &c->cfg, c->run.operands, (size_t)c->run.n_operands, eb);
    bool trains = !c->cfg.start.dry_run && !c->cfg.start.needs;

    if (trains)
        signals_hold(c->signals);
    if ((rc = run_ranks_job(&c->job, &c->ranks, &c->data, rc, &c->run)) != RF_OK)
        return rc;
    c->job.hooks = (struct train_hooks){
        c, asked, started, stepped, evaluated, c->cfg.start.json ? logged : NULL, missed};
    if (trains)
        return train(c, eb);
    if ((rc = train_text_dry_run(&c->text, &c->job, eb)) == RF_OK)
        fputs(c->text.data, stdout);
    return rc;
}

int main(int argc, char **argv)
{
    struct ctx c = {.cfg = rf_config_default};
    int rc;

    signals_defer();
    par_sleep_waiting(argv);
    if (!tool_start(&c.run, &tool, &c.cfg, argc, argv))
        return c.run.status;
    if ((rc = rf_config_check(&c.cfg, &c.run.eb)) == RF_OK &&
        (rc = signals_watch(&c.signals, &c.run.eb)) == RF_OK &&
        (rc = run_ranks_open(&c.ranks, &c.cfg, &c.run.eb)) == RF_OK)
        rc = work(&c, &c.run.eb);
    signals_close(c.signals);
    nn_close(c.job.nn);
    run_data_free(&c.data);
    buf_free(&c.note);
    buf_free(&c.text);
    return run_ranks_finish(&c.ranks, &c.run, rc);
}
