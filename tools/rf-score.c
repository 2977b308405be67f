/* rf-score: prints how likely lines of text are to a trained causal model. */
#include <math.h>

#include "base/par.h"
#include "base/tool.h"
#include "base/words.h"
#include "run/score_text.h"

struct cfg {
    struct run_use use;
    const char *output;
    struct text_cfg text;
    struct score_cfg score;
};

static const struct opt opts[] = {
    RUN_ROWS(struct cfg, use),
    RUN_TEXT_ROWS(struct cfg, use),
    OPT_FILE('o', "output", struct cfg, output,
             "file to write the scores to (standard output)"),
    OPT_TEXT(0, "prefix", struct cfg, score.prefix, "text",
             "text that stands before each line and is not scored"),
    OPT_FLAG(0, "choices", struct cfg, score.choices,
             "take each line for a prefix and choices, with tabs between"),
    OPT_FLAG(0, "end", struct cfg, score.end, "score the end of each line too"),
    OPT_FLAG(0, "json", struct cfg, score.json, "print a JSON object for each line"),
    OPT_COUNT(0, "batch", struct cfg, use.batch, 0, 65536, "n",
              "number of lines computed at a time; 0: as in training"),
    TEXT_ROWS(struct cfg, text),
    OPT_END};

static const struct tool tool = {.name = "rf-score",
                                 .brief = "Print how likely lines are to a causal model.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int score(const struct cfg *cfg, const struct run_model *m, struct tool_run *run)
{
    struct text_scorer *s = NULL;
    struct lines *l = NULL;
    struct output *out = NULL;
    struct scored t = {0};
    int rc = text_scorer_new(&s, m, &cfg->score, &run->eb);

    if (rc == RF_OK)
        rc = lines_open(&l, run->operands, run->n_operands, &cfg->text, &run->eb);
    if (rc == RF_OK)
        rc = output_open(&out, cfg->output, OUTPUT_TEXT, &run->eb);
    if (rc == RF_OK)
        rc = text_scorer_lines(s, l, output_file(out), &t, &run->eb);
    if (t.tokens)
        tool_summary(run, 0, "%llu %s, %llu %s, perplexity %.6g, %.4f bits per byte",
                     (unsigned long long)t.lines, plural(t.lines, "line", "lines"),
                     (unsigned long long)t.tokens, plural(t.tokens, "token", "tokens"),
                     exp(-t.log_p / (double)t.tokens), -t.log_p / log(2) / (double)t.bytes);
    rc = output_end(out, rc, &run->eb);
    lines_close(l);
    text_scorer_free(s);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.use = {.path = "run", .vocab = "vocab.txt"}};
    struct run_model model = {0};
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = cfg.score.choices && cfg.score.prefix
             ? err_set(&run.eb, RF_EUSAGE, "--choices has the prefix in each line: no --prefix")
             : run_open(&model, &cfg.use, &run.eb);
    run_remarks(&model, rc == RF_OK, &run);
    if (rc == RF_OK)
        rc = score(&cfg, &model, &run);
    run_close(&model);
    return tool_finish(&run, rc);
}
