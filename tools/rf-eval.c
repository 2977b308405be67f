/* rf-eval: measures how well a trained model predicts the contents of shards. */
#include <math.h>

#include "base/io.h"
#include "base/par.h"
#include "base/tool.h"
#include "run/run_data.h"

struct cfg {
    struct run_use use;
    const char *output;
};

static const struct opt opts[] = {
    RUN_ROWS(struct cfg, use),
    OPT_FILE('o', "output", struct cfg, output, "file to write the table to (standard output)"),
    OPT_TEXT(0, "set", struct cfg, use.set, "settings",
             "settings to change, as in 'model.rounds=8 model.full_attn=true'"),
    OPT_COUNT(0, "batch", struct cfg, use.batch, 0, 65536, "n",
              "sequences at a time; 0: as many as in training"),
    OPT_END};

static const struct tool tool = {.name = "rf-eval",
                                 .brief = "Print a trained model's loss on shards.",
                                 .operands = "[name=]shard ...",
                                 .min_operands = 1,
                                 .max_operands = 1 << 10,
                                 .opts = opts};

/* Print six digits, behind the point or in all. A value that is not finite is "-",
 * as in a log. */
static void put_number(FILE *to, double x, bool behind)
{
    if (!isfinite(x))
        fputs("\t-", to);
    else
        fprintf(to, behind ? "\t%.6f" : "\t%.6g", x);
}

static int print_set(const struct run_model *m, const struct eval_set *s, FILE *to,
                     struct errbuf *eb)
{
    struct sums sums;
    int rc = run_score(m, s, &sums, eb);
    double loss;

    if (rc != RF_OK)
        return rc;
    loss = sums.of[0].loss / (double)sums.labels;
    fprintf(to, "%s\t%llu\t%llu", s->name, (unsigned long long)train_set_count(s->set),
            (unsigned long long)sums.labels);
    put_number(to, loss, true);
    put_number(to, exp(loss), false);
    put_number(to, sums.of[0].hits / (double)sums.labels, true);
    fputc('\n', to);
    return RF_OK;
}

static int evaluate(const struct cfg *cfg, const struct run_model *m, struct tool_run *run)
{
    struct eval_sets sets = {0};
    struct output *to = NULL;
    int rc = run_eval_sets(&sets, m, run->operands, (size_t)run->n_operands, &run->eb);

    if (rc == RF_OK)
        rc = output_open(&to, cfg->output, OUTPUT_TEXT, &run->eb);
    if (rc == RF_OK)
        fprintf(output_file(to), "set\tsequences\tlabels\tloss\tppl\tacc\n");
    for (size_t i = 0; i < sets.n && rc == RF_OK; i++)
        rc = print_set(m, &sets.e[i], output_file(to), &run->eb);
    tool_summary(run, 0, "%d %s", run->n_operands,
                 plural((uint64_t)run->n_operands, "set", "sets"));
    eval_sets_free(&sets);
    return output_end(to, rc, &run->eb);
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.use = {.path = "run"}};
    struct run_model model = {0};
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = run_open(&model, &cfg.use, &run.eb);
    tool_warn_count(&run, "broken checkpoints passed over", model.broken);
    if (rc == RF_OK && model.nn->about.dtype != (enum nn_dtype)model.cfg.train.dtype)
        tool_warn(&run, "no bfloat16 on this processor: products are of float32");
    if (rc == RF_OK)
        rc = evaluate(&cfg, &model, &run);
    run_close(&model);
    return tool_finish(&run, rc);
}
