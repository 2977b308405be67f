/* rf-sample: writes on from a text, by a trained causal model. */
#include <string.h>

#include "base/par.h"
#include "base/tool.h"
#include "run/sample.h"

struct cfg {
    struct run_use use;
    const char *output;
    struct text_cfg text;
    struct sample_cfg sample;
    bool greedy;
};

static const struct opt opts[] = {
    RUN_ROWS(struct cfg, use),
    RUN_TEXT_ROWS(struct cfg, use),
    RUN_WEIGHTS_ROW(struct cfg, use),
    OPT_FILE('o', "output", struct cfg, output, "file to write to (standard output)"),
    OPT_COUNT('n', "tokens", struct cfg, sample.tokens, 1, 1 << 24, "n",
              "write at most n tokens of a sample"),
    OPT_COUNT(0, "samples", struct cfg, sample.samples, 1, SAMPLES_MAX, "n",
              "number of samples of each prompt, computed together"),
    OPT_COUNT('s', "seed", struct cfg, sample.seed, 0, 0x1p64, "n", "seed of what is drawn"),
    OPT_REAL('t', "temperature", struct cfg, sample.draw.temperature, 0, 1000, "t",
             "divide logits by t before a token is drawn; 0: as --greedy"),
    OPT_COUNT('k', "top-k", struct cfg, sample.draw.top_k, 0, 1 << 24, "n",
              "draw among the n likeliest tokens; 0: all"),
    OPT_SHARE('p', "top-p", struct cfg, sample.draw.top_p,
              "draw among the likeliest tokens that together have this probability"),
    OPT_SHARE(0, "min-p", struct cfg, sample.draw.min_p,
              "draw among tokens at least this share as likely as the likeliest"),
    OPT_FLAG(0, "greedy", struct cfg, greedy, "take the likeliest token always"),
    OPT_REAL(0, "repeat-penalty", struct cfg, sample.draw.repeat_penalty, 1e-3, 1000, "x",
             "make tokens that are there already x times less likely"),
    OPT_COUNT(0, "no-repeat", struct cfg, sample.draw.no_repeat, 0, 1000, "n",
              "write no run of n tokens twice; 0: allow it"),
    OPT_TEXT(0, "stop", struct cfg, sample.stop, "text", "end a sample before this text"),
    OPT_FLAG(0, "exact", struct cfg, sample.exact,
             "compute each token from all before it, where keys are found in chunks of all"),
    OPT_FLAG(0, "json", struct cfg, sample.json, "print a JSON object for each sample"),
    OPT_FLAG(0, "logprobs", struct cfg, sample.logprobs,
             "add its tokens and their log-probabilities to each JSON object"),
    TEXT_ROWS(struct cfg, text),
    OPT_END};

static const struct tool tool = {.name = "rf-sample",
                                 .brief = "Write on from a text by a causal model.",
                                 .operands = "[prompt]",
                                 .max_operands = 1,
                                 .opts = opts};

static int write_samples(const struct cfg *cfg, struct sampler *s, struct tool_run *run,
                         FILE *to)
{
    struct lines *l = NULL;
    int rc;

    if (run->n_operands)
        return sampler_write(s, run->operands[0], strlen(run->operands[0]), "the prompt", 1, to,
                             &run->eb);
    rc = lines_open(&l, NULL, 0, &cfg->text, &run->eb);
    if (rc == RF_OK)
        rc = sampler_write_lines(s, l, to, &run->eb);
    lines_close(l);
    return rc;
}

static int sample(const struct cfg *cfg, const struct run_model *m, struct tool_run *run)
{
    struct output *out = NULL;
    struct sampler *s = NULL;
    struct sample_totals t;
    int rc = sampler_new(&s, m, &cfg->sample, &run->eb);

    if (rc != RF_OK)
        return rc;
    if (sampler_bar(s))
        tool_note(run, "each token is computed from all before it: %s", sampler_bar(s));
    rc = output_open(&out, cfg->output, OUTPUT_TEXT, &run->eb);
    if (rc == RF_OK)
        rc = write_samples(cfg, s, run, output_file(out));
    t = sampler_totals(s);
    tool_summary_counts(run, 0,
                        (struct tool_count[]){{t.prompts, "prompt", "prompts"},
                                              {t.samples, "sample", "samples"},
                                              {t.tokens, "token", "tokens"}},
                        3);
    sampler_free(s);
    return output_end(out, rc, &run->eb);
}

int main(int argc, char **argv)
{
    struct cfg cfg = {
        .use = {.path = "run", .vocab = "vocab.txt", .batch = 1},
        .sample = {.draw = DRAW_CFG_DEFAULT, .tokens = 256, .samples = 1, .seed = 1}};
    struct run_model model = {0};
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = !cfg.sample.logprobs || cfg.sample.json
             ? run_open(&model, &cfg.use, &run.eb)
             : err_set(&run.eb, RF_EUSAGE, "--logprobs needs --json");
    if (cfg.greedy)
        cfg.sample.draw.temperature = 0;
    run_remarks(&model, rc == RF_OK, &run);
    if (rc == RF_OK)
        rc = sample(&cfg, &model, &run);
    run_close(&model);
    return tool_finish(&run, rc);
}
