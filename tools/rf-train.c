/* rf-train: train a language model; a run that was stopped goes on. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/par.h"
#include "base/signals.h"
#include "base/tool.h"
#include "base/words.h"
#include "wordpiece/excerpt.h"
#include "train/train_text.h"
#include "train/trained.h"
#include "run_data.h"

enum { VOCAB_MAX_BYTES = 256 << 20 };

/* Operands are data.train, said shorter. */
static int take_operands(struct tool_run *run, void *cfg)
{
    struct buf names = {0};
    int rc = RF_OK;

    for (int i = 0; i < run->n_operands && rc == RF_OK; i++)
        if (buf_printf(&names, "%s%s", i ? " " : "", run->operands[i]) != RF_OK)
            rc = err_nomem(&run->eb);
    if (rc == RF_OK && run->n_operands)
        rc = opt_set(opt_find(rf_config_rows, "data.train"), cfg, names.data, &run->strings,
                     &run->eb);
    buf_free(&names);
    return rc;
}

static const struct tool tool = {.name = "rf-train",
                                 .brief = "Train a language model.",
                                 .operands = "[file.yaml] [shard[=weight] ...]",
                                 .max_operands = 1 << 20,
                                 .opts = rf_config_rows,
                                 .flags = TOOL_CONFIG,
                                 .take_operands = take_operands};

struct ctx {
    struct rf_config cfg;
    struct tool_run *run;
    const struct nn *nn;
    struct train_set *train;
    struct eval_sets eval;
    struct train_source *sources; /* of eval */
    struct vocab *vocab;          /* NULL: no sample */
    struct buf vocab_text;        /* its bytes: a pipe can be read once */
    struct signals *signals;
    uint64_t step; /* so far, */
    char note[96]; /* and how it goes */
    struct progress progress;
    uint64_t tokens_before; /* of this start's first step, and the moment of its end: */
    double counted_from;    /* speed is that of what came after */
    struct buf line;
};

/* --- what a run says */

static unsigned asked(void *self)
{
    struct ctx *c = self;
    unsigned got = signals_take(c->signals);

    if (got & SIGNAL_STATUS) {
        progress_clear(&c->progress);
        fprintf(stderr, "%s: step %llu of %llu%s%s\n", tool.name, (unsigned long long)c->step,
                (unsigned long long)c->cfg.train.steps, *c->note ? ", " : "", c->note);
    }
    return (got & SIGNAL_SAVE ? TRAIN_SAVE : 0) | (got & SIGNAL_STOP ? TRAIN_STOP : 0);
}

/* The run keeps its vocabulary, so that it can be used without its data. */
static int keep_vocab(const struct ctx *c, struct errbuf *eb)
{
    const struct buf *text = &c->vocab_text;
    struct buf path = {0};
    int rc =
        buf_printf(&path, "%s/vocab.txt", c->cfg.train.run) == RF_OK ? RF_OK : err_nomem(eb);

    if (rc == RF_OK)
        rc = output_write(path.data, OUTPUT_TEXT, text->data, text->len, eb);
    buf_free(&path);
    return rc;
}

static int started(void *self, const struct train_start *s, struct errbuf *eb)
{
    struct ctx *c = self;
    char parameters[32], memory[32];

    run_data_note_broken(c->run, s->broken);
    if (s->log_short)
        tool_note(c->run, "'%s/log.tsv' is shorter than it was at step %llu: rows are missing",
                  c->cfg.train.run, (unsigned long long)s->step);
    if (s->done)
        tool_note(c->run, "run '%s' is finished: %llu steps", c->cfg.train.run,
                  (unsigned long long)s->step);
    else if (s->step)
        tool_note(c->run, "going on from step %llu", (unsigned long long)s->step);
    if (s->needed)
        tool_note(c->run, "the run takes %s of memory, more than train.memory allows",
                  human(memory, sizeof memory, (double)s->needed, "B"));
    if (c->run->verbose)
        tool_note(c->run, "%s, %s, kernels %s, products %s",
                  human(parameters, sizeof parameters, (double)s->parameters, "parameters"),
                  human(memory, sizeof memory, (double)s->bytes, "B"), c->nn->about.isa,
                  c->nn->about.gemm);
    c->step = s->step;
    progress_start(&c->progress, tool.name, "steps", s->step, c->cfg.train.steps,
                   !c->run->quiet);
    return c->vocab && !s->step ? keep_vocab(c, eb) : RF_OK;
}

/* Since the last row of the log, or before there is one of the last step. */
static double loss_of(const struct train_report *r)
{
    return isnan(r->mean_loss) ? r->loss : r->mean_loss;
}

static void stepped(void *self, const struct train_report *r)
{
    struct ctx *c = self;
    char speed[40] = "";
    double now = now_s();

    if (!c->tokens_before) { /* the first step's time is no measure */
        c->tokens_before = r->tokens;
        c->counted_from = now;
    } else {
        human(speed, sizeof speed,
              (double)(r->tokens - c->tokens_before) / (now - c->counted_from), "tokens/s");
    }
    snprintf(c->note, sizeof c->note, "loss %.3f%s%s", loss_of(r), *speed ? ", " : "", speed);
    c->step = r->step;
    progress_show(&c->progress, r->step, c->note);
}

static void show(struct ctx *c, const char *what, const struct train_sample *s,
                 const int32_t *put)
{
    buf_clear(&c->line);
    if (excerpt_text(c->vocab, &c->line, s->ids, s->n, s->positions, put, s->n_labels, NULL) ==
        RF_OK)
        tool_note(c->run, "  %s  %s", what, c->line.data);
}

static void evaluated(void *self, const struct train_report *r, const struct train_sample *s)
{
    struct ctx *c = self;
    char loss[32] = "";

    progress_clear(&c->progress);
    if (!isnan(loss_of(r))) /* right after a start there is none */
        snprintf(loss, sizeof loss, "loss %.3f, ", loss_of(r));
    tool_note(c->run, "step %llu: %s%s %.3f (unigram %.3f), accuracy %.1f %%",
              (unsigned long long)r->step, loss, r->set, r->eval_loss, r->unigram_loss,
              100 * r->eval_acc);
    if (!c->vocab || !s->n_labels)
        return;
    if (task_of(&c->cfg)->data == TASK_DATA_MASKED)
        show(c, "masked", s, NULL);
    show(c, "model ", s, s->guess);
    show(c, "text  ", s, s->labels);
}

static int logged(void *self, const char *json, struct errbuf *eb)
{
    (void)self;
    if (fputs(json, stdout) < 0 || fflush(stdout) != 0)
        return err_set(eb, RF_EIO, "cannot write 'standard output': %s", strerror(errno));
    return RF_OK;
}

/* --- data */

static int check_vocab(const struct ctx *c, const struct train_set *s, const char *name,
                       struct errbuf *eb)
{
    const struct shard_info *first = train_set_info(c->train);

    if (c->vocab)
        return run_data_check_vocab(s, name, vocab_size(c->vocab), vocab_digest(c->vocab),
                                    c->cfg.data.vocab, eb);
    return run_data_check_vocab(s, name, first->vocab_size, first->vocab_digest,
                                c->cfg.data.train, eb);
}

/* Each sequence may be too short to have a label, but not all of them. */
static int check_labels(const struct ctx *c, const struct train_set *s, const char *name,
                        struct errbuf *eb)
{
    const struct data_cfg *d = &c->cfg.data;

    if (task_of(&c->cfg)->data == TASK_DATA_NEXT && d->label_from >= train_set_info(s)->max_len)
        return err_set(eb, RF_EINVAL,
                       "data.label_from %llu leaves no label in '%s', of sequences of up to %u",
                       (unsigned long long)d->label_from, name, train_set_info(s)->max_len);
    return RF_OK;
}

static int load_vocab(struct ctx *c, const char *name, struct errbuf *eb)
{
    struct buf *text = &c->vocab_text;
    int rc = input_slurp(text, name, INPUT_RAW, VOCAB_MAX_BYTES, eb);

    return rc == RF_OK ? vocab_parse(&c->vocab, text->data, text->len, name, NULL, eb) : rc;
}

/* Operands as they are: they may hold spaces. */
static int load_train(struct ctx *c, const struct train_set_cfg *cfg, struct errbuf *eb)
{
    struct words words = {0};
    int rc;

    if (c->run->n_operands)
        return train_set_load(&c->train, c->run->operands, (size_t)c->run->n_operands, cfg, eb);
    rc = words_split(&words, c->cfg.data.train, eb);
    if (rc == RF_OK)
        rc = train_set_load(&c->train, words.w, words.n, cfg, eb);
    words_free(&words);
    return rc;
}

static int load_eval(struct ctx *c, const struct train_set_cfg *cfg, struct errbuf *eb)
{
    struct words words = {0};
    int rc = words_split(&words, c->cfg.data.eval ? c->cfg.data.eval : "", eb);

    if (rc == RF_OK)
        rc = eval_sets_load(&c->eval, words.w, words.n, cfg, eb);
    words_free(&words);
    for (size_t i = 0; i < c->eval.n && rc == RF_OK; i++) {
        rc = check_vocab(c, c->eval.e[i].set, c->eval.e[i].name, eb);
        if (rc == RF_OK)
            rc = check_labels(c, c->eval.e[i].set, c->eval.e[i].name, eb);
    }
    return rc;
}

static int load(struct ctx *c, struct errbuf *eb)
{
    const struct data_cfg *d = &c->cfg.data;
    const struct train_set_cfg cfg = run_data_cfg(&c->cfg);
    int rc = RF_OK;

    if (d->vocab && *d->vocab)
        rc = load_vocab(c, d->vocab, eb);
    if (rc == RF_OK)
        rc = load_train(c, &cfg, eb);
    if (rc == RF_OK)
        rc = check_vocab(c, c->train, d->train, eb);
    if (rc == RF_OK)
        rc = check_labels(c, c->train, d->train, eb);
    return rc == RF_OK ? load_eval(c, &cfg, eb) : rc;
}

static struct train_source source(const struct ctx *c, const char *name, struct train_set *s)
{
    return (struct train_source){.self = s,
                                 .name = name,
                                 .records = train_set_count(s),
                                 .max_len = train_set_info(s)->max_len,
                                 .bytes_per_token =
                                     c->vocab ? train_set_bytes_per_label(s, c->vocab) : 0,
                                 .get = train_set_get};
}

static struct ckpt_state describe(const struct ctx *c)
{
    const struct shard_info *a = train_set_info(c->train);
    struct ckpt_state s = {
        .vocab_size = a->vocab_size, .special = a->special, .max_len = a->max_len};

    for (size_t i = 0; i < c->eval.n; i++)
        if (s.max_len < train_set_info(c->eval.e[i].set)->max_len)
            s.max_len = train_set_info(c->eval.e[i].set)->max_len;
    memcpy(s.vocab_digest, a->vocab_digest, sizeof s.vocab_digest);
    train_set_digest(c->train, s.data_digest);
    return s;
}

static int open_device(struct ctx *c, struct nn **nn, struct errbuf *eb)
{
    const struct train_cfg *t = &c->cfg.train;
    int rc = trained_device(nn, &c->cfg, par_threads(t->threads), eb);

    c->nn = *nn;
    if (rc == RF_OK && (*nn)->about.dtype != (enum nn_dtype)t->dtype)
        tool_note(c->run, "no bfloat16 on this processor: products are of float32");
    return rc;
}

static int make_job(struct ctx *c, struct train_job *job, struct errbuf *eb)
{
    *job = (struct train_job){.cfg = &c->cfg,
                              .task = task_of(&c->cfg),
                              .data_bytes = train_set_bytes_held(c->train),
                              .data = describe(c),
                              .train = source(c, "train", c->train),
                              .n_eval = c->eval.n,
                              .counts = train_set_counts(c->train)};
    if (!(job->eval = c->sources = calloc(c->eval.n + 1, sizeof *job->eval)))
        return err_nomem(eb);
    for (size_t i = 0; i < c->eval.n; i++) {
        job->eval[i] = source(c, c->eval.e[i].name, c->eval.e[i].set);
        job->data_bytes += train_set_bytes_held(c->eval.e[i].set);
    }
    return open_device(c, &job->nn, eb);
}

static int dry_run(struct ctx *c, const struct train_job *job, struct errbuf *eb)
{
    struct train_trial trial;
    int rc = train_try(job, &trial, eb);

    if (rc == RF_OK && train_text_trial(&c->line, &trial) != RF_OK)
        rc = err_nomem(eb);
    if (rc == RF_OK)
        fputs(c->line.data, stdout);
    return rc;
}

static int train(struct ctx *c, struct train_job *job, struct errbuf *eb)
{
    struct train_report r;
    int rc;

    job->hooks = (struct train_hooks){c,       asked,     started,
                                      stepped, evaluated, c->cfg.start.json ? logged : NULL};
    rc = train_run(job, &r, eb);
    progress_clear(&c->progress);
    if (rc == RF_OK && r.gave_up)
        tool_note(c->run, "no better evaluation since step %llu, loss %.3f: '%s/step-%08llu'",
                  (unsigned long long)r.best_step, r.best_loss, c->cfg.train.run,
                  (unsigned long long)r.best_step);
    buf_clear(&c->line);
    if (train_text_end(&c->line, &r) == RF_OK)
        tool_summary(c->run, 0, "%s", c->line.data);
    return rc;
}

static int work(struct ctx *c, struct errbuf *eb)
{
    struct train_job job = {.cfg = NULL};
    int rc = make_job(c, &job, eb);

    if (rc == RF_OK)
        rc = c->cfg.start.dry_run ? dry_run(c, &job, eb) : train(c, &job, eb);
    nn_close(job.nn);
    return rc;
}

static int check(const struct rf_config *cfg, struct errbuf *eb)
{
    int rc = rf_config_check(cfg, eb);

    if (rc == RF_OK && cfg->train.patience && !(cfg->data.eval && *cfg->data.eval))
        return err_set(eb, RF_EUSAGE, "train.patience needs data.eval");
    return rc;
}

int main(int argc, char **argv)
{
    struct ctx c = {.cfg = rf_config_default};
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &c.cfg, argc, argv))
        return run.status;
    c.run = &run;
    rc = check(&c.cfg, &run.eb);
    if (rc == RF_OK)
        rc = signals_watch(&c.signals, &run.eb);
    if (rc == RF_OK)
        rc = load(&c, &run.eb);
    if (!c.cfg.start.dry_run)
        signals_hold(c.signals);
    if (rc == RF_OK)
        rc = work(&c, &run.eb);
    signals_close(c.signals);
    train_set_free(c.train);
    eval_sets_free(&c.eval);
    free(c.sources);
    vocab_free(c.vocab);
    buf_free(&c.vocab_text);
    buf_free(&c.line);
    return tool_finish(&run, rc);
}
