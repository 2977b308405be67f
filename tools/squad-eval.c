/* squad-eval: the official scores of predicted answers. */
#include "base/par.h"
#include "base/tool.h"
#include "data/squad_eval.h"

struct cfg {
    struct squad_eval_cfg eval;
    const char *output, *each;
    bool json;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output,
             "file to write the scores to (standard output)"),
    OPT_CHOICE(0, "metric", struct cfg, eval.metric, squad_metric_names, "name",
               "whose scores: korquad, F1 of characters, or squad, F1 of words"),
    OPT_FLAG(0, "json", struct cfg, json,
             "print a JSON object, all digits of the scores in it"),
    OPT_FILE(0, "per-question", struct cfg, each, "file to write a line for each question to"),
    OPT_COUNT(0, "bootstrap", struct cfg, eval.resamples, 0, BOOTSTRAP_MAX, "n",
              "draw the questions anew n times for intervals of 95 %; 0: do not"),
    OPT_COUNT('s', "seed", struct cfg, eval.seed, 0, 0x1p64, "n", "seed of --bootstrap"),
    OPT_THREADS(struct cfg, eval.threads),
    OPT_END};

static const struct tool tool = {.name = "squad-eval",
                                 .brief = "Score predicted answers as KorQuAD and SQuAD do.",
                                 .operands = "gold predictions",
                                 .min_operands = 2,
                                 .max_operands = 2,
                                 .opts = opts};

static int evaluate(const struct cfg *cfg, FILE *each, struct buf *to, struct tool_run *run)
{
    struct squad_eval r;
    struct buf names = {0};
    int rc = squad_eval(&r, run->operands[0], run->operands[1], &cfg->eval, each,
                        run->verbose ? &names : NULL, &run->eb);

    if (rc == RF_OK) {
        rc = cfg->json ? squad_eval_json(to, &r, &cfg->eval)
                       : squad_eval_table(to, &r, &cfg->eval);
        tool_notes(run, &names);
        tool_note_count(run, "questions without a prediction, which count 0", r.missing);
        tool_note_count(run, "repeated ids, of which the last counts", r.repeated);
        if (run->verbose)
            tool_note_count(run, "predictions of no question", r.extra);
        tool_summary(run, 0, "%llu %s", (unsigned long long)r.questions,
                     plural(r.questions, "question", "questions"));
        if (rc != RF_OK)
            rc = err_nomem(&run->eb);
    }
    buf_free(&names);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.eval = {.seed = 1}};
    struct output *out = NULL, *each = NULL;
    struct buf scores = {0};
    struct tool_run run;
    int rc = RF_OK;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    if (strcmp(run.operands[0], "-") == 0 && strcmp(run.operands[1], "-") == 0)
        rc = err_set(&run.eb, RF_EUSAGE, "only one of the two files can be standard input");
    if (rc == RF_OK)
        rc = output_open(&out, cfg.output, OUTPUT_TEXT, &run.eb);
    if (rc == RF_OK && cfg.each)
        rc = output_open(&each, cfg.each, OUTPUT_TEXT, &run.eb);
    if (rc == RF_OK)
        rc = evaluate(&cfg, each ? output_file(each) : NULL, &scores, &run);
    if (rc == RF_OK)
        fwrite(scores.data, 1, scores.len, output_file(out));
    if (rc == RF_OK)
        rc = output_settle(out, &run.eb);
    if (each)
        rc = output_end(each, rc, &run.eb);
    rc = output_end(out, rc, &run.eb);
    buf_free(&scores);
    return tool_finish(&run, rc);
}
