/* rf-eval: measures how well a trained model predicts the contents of shards. */
#include <math.h>

#include "base/io.h"
#include "base/par.h"
#include "base/tool.h"
#include "run/run_data.h"
#include "run/strict.h"
#include "train/task.h"

struct cfg {
    struct run_use use;
    const char *output;
    bool with_strict;
    struct strict_cfg strict;
};

static const struct opt opts[] = {
    RUN_ROWS(struct cfg, use),
    RUN_VOCAB_ROW(struct cfg, use),
    OPT_FILE('o', "output", struct cfg, output, "file to write the table to (standard output)"),
    OPT_TEXT(0, "set", struct cfg, use.set, "settings",
             "settings to change, as in 'model.rounds=8 model.full_attn=true'"),
    OPT_COUNT(0, "batch", struct cfg, use.batch, 0, 65536, "n",
              "sequences at a time; 0: as many as in training"),
    RUN_WEIGHTS_ROW(struct cfg, use),
    OPT_FLAG(0, "strict", struct cfg, with_strict,
             "show a causal model nothing behind the position it is asked about"),
    OPT_COUNT(0, "positions", struct cfg, strict.positions, 0, UINT32_MAX, "n",
              "with --strict, labels of each sequence to look at; 0: all"),
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

static int print_strict(const struct cfg *cfg, const struct run_model *m,
                        const struct eval_set *set, FILE *to, struct tool_run *run)
{
    struct progress p = {.label = tool.name, .on = !run->quiet};
    struct strict_scores s;
    int rc = run_strict(m, set, &cfg->strict, &p, &s, &run->eb);

    if (rc != RF_OK)
        return rc;
    fprintf(to, "\t%llu", (unsigned long long)s.positions);
    put_number(to, s.forced, true);
    put_number(to, s.strict, true);
    put_number(to, 100 * expm1(s.strict - s.forced), true);
    put_number(to, s.step, true);
    put_number(to, s.kl, false);
    return RF_OK;
}

static int print_set(const struct cfg *cfg, const struct run_model *m,
                     const struct eval_set *set, FILE *to, struct tool_run *run)
{
    const struct task *task = task_of(&m->cfg);
    struct run_scores s;
    int rc = run_score(m, set, &s, &run->eb);

    if (rc != RF_OK)
        return rc;
    fprintf(to, "%s\t%llu\t%llu", set->name, (unsigned long long)train_set_count(set->set),
            (unsigned long long)s.labels);
    put_number(to, s.loss, true);
    put_number(to, task->of_tokens ? exp(s.loss) : (double)NAN, false);
    put_number(to, s.acc, true);
    put_number(to, s.bits, true);
    for (const struct task_column *c = task->columns; c && c->name; c++)
        put_number(to, c->value(&s.sums), true);
    if (cfg->with_strict)
        rc = print_strict(cfg, m, set, to, run);
    fputc('\n', to);
    return rc;
}

static void print_header(const struct cfg *cfg, const struct task *task, FILE *to)
{
    fputs("set\tsequences\tlabels\tloss\tppl\tacc\tbits", to);
    for (const struct task_column *c = task->columns; c && c->name; c++)
        fprintf(to, "\t%s", c->name);
    fputs(cfg->with_strict ? "\tpositions\tforced\tstrict\tgap\tstep\tkl\n" : "\n", to);
}

static int evaluate(const struct cfg *cfg, const struct run_model *m, struct tool_run *run)
{
    struct eval_sets sets = {0};
    struct output *to = NULL;
    int rc = cfg->with_strict ? run_need_next(m, &run->eb) : RF_OK;

    if (rc == RF_OK)
        rc = run_eval_sets(&sets, m, run->operands, (size_t)run->n_operands, &run->eb);
    if (rc == RF_OK)
        rc = output_open(&to, cfg->output, OUTPUT_TEXT, &run->eb);
    if (rc == RF_OK)
        print_header(cfg, task_of(&m->cfg), output_file(to));
    for (size_t i = 0; i < sets.n && rc == RF_OK; i++)
        rc = print_set(cfg, m, &sets.e[i], output_file(to), run);
    tool_summary(run, 0, "%d %s", run->n_operands,
                 plural((uint64_t)run->n_operands, "set", "sets"));
    eval_sets_free(&sets);
    return output_end(to, rc, &run->eb);
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.use = {.path = "run"}, .strict = {.positions = 64}};
    struct run_model model = {0};
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = cfg.with_strict || !tool_given(&run, "positions")
             ? run_open(&model, &cfg.use, &run.eb)
             : err_set(&run.eb, RF_EUSAGE, "--positions needs --strict");
    run_remarks(&model, rc == RF_OK, &run);
    if (rc == RF_OK)
        rc = evaluate(&cfg, &model, &run);
    run_close(&model);
    return tool_finish(&run, rc);
}
