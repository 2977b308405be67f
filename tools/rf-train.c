/* rf-train: train a masked language model; a run that was stopped goes on. */
#include <math.h>
#include <string.h>

#include "base/io.h"
#include "base/par.h"
#include "base/signals.h"
#include "base/tool.h"
#include "data/masked_set.h"
#include "data/sample.h"
#include "reformer/train.h"

enum { VOCAB_MAX_BYTES = 256 << 20 };

static const struct tool tool = {.name = "rf-train",
                                 .brief = "Train a masked language model.",
                                 .operands = "",
                                 .opts = rf_config_rows,
                                 .flags = TOOL_CONFIG};

struct ctx {
    struct rf_config cfg;
    struct tool_run *run;
    struct masked_set train, eval;
    struct vocab *vocab; /* NULL: no sample */
    struct signals *signals;
    struct progress progress;
    uint64_t tokens_before; /* of this start */
    struct buf line;
};

static bool is_named(const char *file)
{
    return file && *file;
}

/* --- what a run says */

static unsigned asked(void *self)
{
    struct ctx *c = self;
    unsigned got = signals_take(c->signals);

    return (got & SIGNAL_SAVE ? TRAIN_SAVE : 0) | (got & SIGNAL_STOP ? TRAIN_STOP : 0);
}

/* The run keeps its vocabulary, so that it can be used without its data. */
static int keep_vocab(const struct ctx *c, struct errbuf *eb)
{
    struct buf path = {0}, text = {0};
    struct output *out;
    int rc = buf_printf(&path, "%s/vocab.txt", c->cfg.train.run);

    if (rc == RF_OK)
        rc = input_slurp(&text, c->cfg.data.vocab, INPUT_RAW, VOCAB_MAX_BYTES, eb);
    if (rc == RF_OK && (rc = output_open(&out, path.data, OUTPUT_TEXT, eb)) == RF_OK) {
        fwrite(text.data, 1, text.len, output_file(out));
        rc = output_commit(out, eb);
    }
    buf_free(&path);
    buf_free(&text);
    return rc;
}

static int started(void *self, const struct train_start *s, struct errbuf *eb)
{
    struct ctx *c = self;
    char parameters[32], memory[32];

    if (s->broken)
        tool_note(c->run, "%llu broken checkpoints passed over", (unsigned long long)s->broken);
    if (s->step >= c->cfg.train.steps)
        tool_note(c->run, "run '%s' is finished: %llu steps", c->cfg.train.run,
                  (unsigned long long)s->step);
    else if (s->step)
        tool_note(c->run, "going on from step %llu", (unsigned long long)s->step);
    if (c->run->verbose)
        tool_note(c->run, "%s, %s",
                  human(parameters, sizeof parameters, (double)s->parameters, "parameters"),
                  human(memory, sizeof memory, (double)s->bytes, "B"));
    progress_start(&c->progress, tool.name, "steps", s->step, c->cfg.train.steps,
                   !c->run->quiet);
    return c->vocab && !s->step ? keep_vocab(c, eb) : RF_OK;
}

static void stepped(void *self, const struct train_report *r)
{
    struct ctx *c = self;
    char speed[40], note[96];
    double seconds = now_s() - c->progress.started;

    if (!c->tokens_before) /* after the first step: its time is no measure */
        c->tokens_before = r->tokens;
    human(speed, sizeof speed, (double)(r->tokens - c->tokens_before) / seconds, "tokens/s");
    snprintf(note, sizeof note, "loss %.3f, %s", isnan(r->mean_loss) ? r->loss : r->mean_loss,
             speed);
    progress_show(&c->progress, r->step, note);
}

static void show(struct ctx *c, const char *what, const struct train_sample *s,
                 const int32_t *put)
{
    buf_clear(&c->line);
    if (sample_text(c->vocab, &c->line, s->ids, s->n, s->positions, put, s->n_labels, NULL) ==
        RF_OK)
        tool_note(c->run, "  %s  %s", what, c->line.data);
}

static void evaluated(void *self, const struct train_report *r, const struct train_sample *s)
{
    struct ctx *c = self;

    progress_clear(&c->progress);
    tool_note(c->run, "step %llu: loss %.3f, eval %.3f (unigram %.3f), accuracy %.1f %%",
              (unsigned long long)r->step, r->mean_loss, r->eval_loss, r->unigram_loss,
              100 * r->eval_acc);
    if (c->vocab && s->n_labels) {
        show(c, "masked", s, NULL);
        show(c, "model ", s, s->guess);
        show(c, "text  ", s, s->labels);
    }
}

/* --- data */

static int check_vocab(const struct ctx *c, const struct masked_set *s, const char *name,
                       struct errbuf *eb)
{
    const uint8_t *digest =
        c->vocab ? vocab_digest(c->vocab) : shard_set_info(c->train.set)->vocab_digest;

    if (memcmp(shard_set_info(s->set)->vocab_digest, digest, SHARD_DIGEST_BYTES) != 0)
        return err_set(eb, RF_EINVAL, "'%s' was encoded with another vocabulary than '%s'",
                       name, c->vocab ? c->cfg.data.vocab : c->cfg.data.train);
    return RF_OK;
}

static int load(struct ctx *c, struct errbuf *eb)
{
    const struct data_cfg *d = &c->cfg.data;
    struct mask_cfg mask = {.rate = d->mask_rate,
                            .mask_part = d->mask_part,
                            .random_part = d->random_part,
                            .seed = c->cfg.train.seed};
    int rc = is_named(d->vocab) ? vocab_read(&c->vocab, d->vocab, NULL, eb) : RF_OK;

    if (rc == RF_OK)
        rc = masked_set_load(&c->train, d->train, &mask, eb);
    if (rc == RF_OK)
        rc = check_vocab(c, &c->train, d->train, eb);
    if (rc != RF_OK || !is_named(d->eval))
        return rc;
    rc = masked_set_load(&c->eval, d->eval, &mask, eb);
    return rc == RF_OK ? check_vocab(c, &c->eval, d->eval, eb) : rc;
}

static struct train_source source(struct masked_set *s)
{
    return (struct train_source){s, s->set ? shard_set_count(s->set) : 0, masked_set_get};
}

static struct ckpt_state describe(const struct ctx *c)
{
    const struct shard_info *a = shard_set_info(c->train.set);
    uint32_t eval_len = c->eval.set ? shard_set_info(c->eval.set)->max_len : 0;
    struct ckpt_state s = {.vocab_size = a->vocab_size,
                           .mask_id = a->special.mask,
                           .pad_id = a->special.pad,
                           .unk_id = a->special.unk,
                           .cls_id = a->special.cls,
                           .sep_id = a->special.sep,
                           .max_len = a->max_len > eval_len ? a->max_len : eval_len};

    memcpy(s.vocab_digest, a->vocab_digest, sizeof s.vocab_digest);
    return s;
}

static int train(struct ctx *c, struct errbuf *eb)
{
    struct train_job job = {.cfg = &c->cfg,
                            .train = source(&c->train),
                            .eval = source(&c->eval),
                            .hooks = {c, asked, started, stepped, evaluated}};
    struct train_report r;
    int rc = nn_open(&job.nn, NN_CPU, par_threads(c->cfg.train.threads), eb);

    if (rc != RF_OK)
        return rc;
    job.data = describe(c);
    rc = train_run(&job, &r, eb);
    progress_clear(&c->progress);
    tool_summary(c->run, 0, "%llu steps, %llu tokens, loss %.3f, eval %.3f (unigram %.3f)",
                 (unsigned long long)r.step, (unsigned long long)r.tokens, r.mean_loss,
                 r.eval_loss, r.unigram_loss);
    nn_close(job.nn);
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
    rc = rf_config_check(&c.cfg, &run.eb);
    if (rc == RF_OK)
        rc = signals_watch(&c.signals, &run.eb);
    if (rc == RF_OK)
        rc = load(&c, &run.eb);
    if (rc == RF_OK)
        rc = train(&c, &run.eb);
    signals_close(c.signals);
    masked_set_free(&c.train);
    masked_set_free(&c.eval);
    vocab_free(c.vocab);
    buf_free(&c.line);
    return tool_finish(&run, rc);
}
