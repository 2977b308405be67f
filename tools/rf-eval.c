/* rf-eval: how well a trained model says what shards hold. */
#include <math.h>

#include "base/io.h"
#include "base/par.h"
#include "base/tool.h"
#include "train/trained.h"
#include "run_data.h"

struct cfg {
    const char *model, *output, *set;
    bool ema;
    uint64_t batch, threads;
};

static const struct opt opts[] = {
    OPT_FILE('m', "model", struct cfg, model, "checkpoint, or a run: its newest one"),
    OPT_FILE('o', "output", struct cfg, output, "the table (standard output)"),
    OPT_TEXT(0, "set", struct cfg, set, "settings",
             "change the run's: 'model.rounds=8 model.full_attn=true'"),
    OPT_FLAG(0, "ema", struct cfg, ema, "the mean of the weights"),
    OPT_COUNT(0, "batch", struct cfg, batch, 0, 65536, "n",
              "sequences at a time; 0: as in training"),
    OPT_THREADS(struct cfg, threads),
    OPT_END};

static const struct tool tool = {.name = "rf-eval",
                                 .brief = "Print a trained model's loss on shards.",
                                 .operands = "[name=]shard ...",
                                 .min_operands = 1,
                                 .max_operands = 1 << 10,
                                 .opts = opts};

struct evaluation {
    const struct cfg *cfg;
    struct ckpt *ckpt;
    struct rf_config run;
    struct opt_strings strings;
    struct eval_sets sets;
    struct nn *nn;
    struct model *model;
    struct model_draw draw;
};

static int open_model(struct evaluation *e, const struct tool_run *run, struct errbuf *eb)
{
    const struct cfg *c = e->cfg;
    uint64_t broken;
    int rc = ckpt_open(&e->ckpt, c->model, &broken, eb);

    if (rc != RF_OK)
        return rc;
    run_data_note_broken(run, broken);
    rc = trained_config(&e->run, &e->strings, e->ckpt, c->set, eb);
    if (rc == RF_OK && c->batch)
        e->run.train.batch = c->batch;
    if (rc == RF_OK)
        rc = trained_device(&e->nn, &e->run, par_threads(c->threads), eb);
    if (rc == RF_OK)
        rc = trained_open(&e->model, &e->draw, e->nn, e->ckpt, &e->run, e->run.train.batch,
                          c->ema, eb);
    return rc;
}

static int open_sets(struct evaluation *e, const struct tool_run *run, struct errbuf *eb)
{
    const struct train_set_cfg cfg = run_data_cfg(&e->run);

    return eval_sets_load(&e->sets, run->operands, (size_t)run->n_operands, &cfg, eb);
}

/* Six digits behind the point, or in all; what is no number is "-", as in a log. */
static void put_number(FILE *to, double x, bool behind)
{
    if (!isfinite(x))
        fputs("\t-", to);
    else
        fprintf(to, behind ? "\t%.6f" : "\t%.6g", x);
}

static int print_set(struct evaluation *e, const struct eval_set *s, FILE *to,
                     struct errbuf *eb)
{
    const struct train_source set = {.self = s->set,
                                     .name = s->name,
                                     .records = train_set_count(s->set),
                                     .max_len = train_set_info(s->set)->max_len,
                                     .get = train_set_get};
    const struct ckpt_state *state = ckpt_state(e->ckpt);
    struct model_sum sum = {0};
    int rc = run_data_check_vocab(s->set, s->name, state->vocab_size, state->vocab_digest,
                                  ckpt_path(e->ckpt), eb);
    double loss;

    if (rc == RF_OK)
        rc = trained_score(e->model, &e->draw, &set, state, e->run.train.batch, &sum, eb);
    if (rc != RF_OK)
        return rc;
    if (!sum.labels)
        return err_set(eb, RF_EINVAL, "'%s' has no label", s->name);
    loss = sum.loss / (double)sum.labels;
    fprintf(to, "%s\t%llu\t%llu", s->name, (unsigned long long)set.records,
            (unsigned long long)sum.labels);
    put_number(to, loss, true);
    put_number(to, exp(loss), false);
    put_number(to, (double)sum.hits / (double)sum.labels, true);
    fputc('\n', to);
    return RF_OK;
}

static int evaluate(struct evaluation *e, const struct tool_run *run, struct errbuf *eb)
{
    struct output *to = NULL;
    int rc = open_model(e, run, eb);

    if (rc == RF_OK)
        rc = open_sets(e, run, eb);
    if (rc == RF_OK)
        rc = output_open(&to, e->cfg->output, OUTPUT_TEXT, eb);
    if (rc != RF_OK)
        return rc;
    fprintf(output_file(to), "set\tsequences\tlabels\tloss\tppl\tacc\n");
    for (size_t i = 0; i < e->sets.n && rc == RF_OK; i++)
        rc = print_set(e, &e->sets.e[i], output_file(to), eb);
    return output_end(to, rc, eb);
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.model = "run"};
    struct evaluation e = {.cfg = &cfg};
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = evaluate(&e, &run, &run.eb);
    tool_summary(&run, 0, "%d sets", run.n_operands);
    model_free(e.model);
    nn_close(e.nn);
    eval_sets_free(&e.sets);
    ckpt_close(e.ckpt);
    opt_strings_free(&e.strings);
    return tool_finish(&run, rc);
}
