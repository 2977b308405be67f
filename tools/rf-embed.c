/* rf-embed: turns lines of text into vectors, by a trained model. */
#include "base/par.h"
#include "base/tool.h"
#include "run/embed_text.h"

struct cfg {
    struct run_use use;
    const char *output;
    struct text_cfg text;
    struct embed_cfg embed;
};

static const struct opt opts[] = {
    RUN_ROWS(struct cfg, use),
    RUN_TEXT_ROWS(struct cfg, use),
    OPT_FILE('o', "output", struct cfg, output,
             "file to write the vectors to (standard output)"),
    OPT_CHOICE('f', "format", struct cfg, embed.format, embed_format_names, "form",
               "form of the output: tsv, jsonl, or npy, an array of NumPy"),
    OPT_CHOICE(0, "pool", struct cfg, embed.pool, embed_pool_names, "what",
               "what the vector of a line is: the mean over its tokens, or that of the first"),
    OPT_COUNT(0, "batch", struct cfg, use.batch, 0, 65536, "n",
              "number of lines computed at a time; 0: as in training"),
    TEXT_ROWS(struct cfg, text),
    OPT_END};

static const struct tool tool = {.name = "rf-embed",
                                 .brief = "Turn lines of text into vectors.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int embed(const struct cfg *cfg, const struct run_model *m, struct tool_run *run)
{
    enum output_mode mode = cfg->embed.format == EMBED_NPY ? OUTPUT_BINARY : OUTPUT_TEXT;
    struct lines *l = NULL;
    struct output *out = NULL;
    struct embedded t = {0};
    int rc = lines_open(&l, run->operands, run->n_operands, &cfg->text, &run->eb);

    if (rc == RF_OK)
        rc = output_open(&out, cfg->output, mode, &run->eb);
    if (rc == RF_OK)
        rc = embed_text(m, l, &cfg->embed, output_file(out), &t, &run->eb);
    tool_summary(run, 0, "%llu %s, %llu cut", (unsigned long long)t.lines,
                 plural(t.lines, "line", "lines"), (unsigned long long)t.cut);
    lines_close(l);
    return output_end(out, rc, &run->eb);
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
    rc = run_open(&model, &cfg.use, &run.eb);
    run_remarks(&model, rc == RF_OK, &run);
    if (rc == RF_OK)
        rc = embed(&cfg, &model, &run);
    run_close(&model);
    return tool_finish(&run, rc);
}
