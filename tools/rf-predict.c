/* rf-predict: tells which class lines of text are of, by a trained model. */
#include <stdlib.h>

#include "base/par.h"
#include "base/tool.h"
#include "run/predict_text.h"

struct cfg {
    struct run_use use;
    const char *output;
    bool labels;
    struct examples_cfg examples;
    struct predict_cfg predict;
};

static const struct opt opts[] = {
    RUN_ROWS(struct cfg, use),
    RUN_TEXT_ROWS(struct cfg, use),
    OPT_FILE('o', "output", struct cfg, output,
             "file to write the classes to (standard output)"),
    OPT_FLAG(0, "all", struct cfg, predict.all, "write the probabilities of all classes"),
    OPT_FLAG(0, "json", struct cfg, predict.json, "print a JSON object for each line"),
    OPT_FLAG(0, "labels", struct cfg, labels,
             "the input has the right classes: print how often the model is right"),
    EXAMPLES_ROWS(struct cfg, examples),
    OPT_COUNT(0, "batch", struct cfg, use.batch, 0, 65536, "n",
              "number of lines computed at a time; 0: as in training"),
    OPT_END};

static const struct tool tool = {.name = "rf-predict",
                                 .brief = "Print which class lines are of.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int report(const struct run_model *m, const uint64_t *tally, struct errbuf *eb)
{
    struct output *out = NULL;
    struct buf text = {0};
    int rc = predict_report(&text, ckpt_state(m->ckpt)->classes, tally) == RF_OK
                 ? output_open(&out, NULL, OUTPUT_TEXT, eb)
                 : err_nomem(eb);

    if (rc == RF_OK)
        fwrite(text.data, 1, text.len, output_file(out));
    buf_free(&text);
    return output_end(out, rc, eb);
}

/* With labels the report takes the place of the lines, unless these go to a file. */
static int predict(const struct cfg *cfg, const struct run_model *m, struct tool_run *run)
{
    struct examples *e = NULL;
    struct output *out = NULL;
    struct predicted t = {0};
    int rc = examples_open(&e, run->operands, run->n_operands, &cfg->examples, &run->eb);

    if (rc == RF_OK && (cfg->output || !cfg->labels))
        rc = output_open(&out, cfg->output, OUTPUT_TEXT, &run->eb);
    if (rc == RF_OK)
        rc = predict_text(m, e, cfg->labels, &cfg->predict, out ? output_file(out) : NULL, &t,
                          &run->eb);
    if (out)
        rc = output_end(out, rc, &run->eb);
    if (rc == RF_OK && cfg->labels)
        rc = report(m, t.tally, &run->eb);
    tool_summary(run, 0, "%llu %s, %llu cut", (unsigned long long)t.examples,
                 plural(t.examples, "line", "lines"), (unsigned long long)t.cut);
    free(t.tally);
    examples_close(e);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.use = {.path = "run", .vocab = "vocab.txt"},
                      .examples = EXAMPLES_CFG_DEFAULT};
    struct run_model model = {0};
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    cfg.examples.labelled = cfg.labels;
    rc = run_open(&model, &cfg.use, &run.eb);
    run_remarks(&model, rc == RF_OK, &run);
    if (rc == RF_OK)
        rc = predict(&cfg, &model, &run);
    run_close(&model);
    return tool_finish(&run, rc);
}
