/* rf-fill: finds the best words for [MASK] in lines of text. */
#include "base/par.h"
#include "base/tool.h"
#include "run/fill.h"

struct cfg {
    struct run_use use;
    const char *output;
    struct text_cfg text;
    struct fill_cfg fill;
};

static const struct opt opts[] = {
    RUN_ROWS(struct cfg, use),
    RUN_TEXT_ROWS(struct cfg, use),
    OPT_FILE('o', "output", struct cfg, output, "file to write the lines to (standard output)"),
    OPT_COUNT('k', "top", struct cfg, fill.top, 0, 1000, "n",
              "print a table of the n best words for each [MASK]; 0: fill them in"),
    OPT_FLAG(0, "json", struct cfg, fill.json, "print a JSON object for each line"),
    TEXT_ROWS(struct cfg, text),
    OPT_END};

static const struct tool tool = {.name = "rf-fill",
                                 .brief = "Fill in the [MASK]s of lines of text.",
                                 .operands = "[file ...]",
                                 .max_operands = 1 << 20,
                                 .opts = opts};

static int fill(const struct cfg *cfg, struct fill *f, struct tool_run *run)
{
    struct lines *l = NULL;
    struct output *out = NULL;
    uint64_t masks = 0;
    int rc = lines_open(&l, run->operands, run->n_operands, &cfg->text, &run->eb);

    if (rc == RF_OK)
        rc = output_open(&out, cfg->output, OUTPUT_TEXT, &run->eb);
    if (rc == RF_OK) {
        rc = fill_lines(f, l, output_file(out), &cfg->fill, &masks, &run->eb);
        tool_summary_counts(
            run, 0,
            (struct tool_count[]){{lines_total(l), "line", "lines"}, {masks, "mask", "masks"}},
            2);
    }
    rc = output_end(out, rc, &run->eb);
    lines_close(l);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {.use = {.path = "run", .vocab = "vocab.txt", .batch = 1}};
    struct run_model model = {0};
    struct fill *f = NULL;
    struct tool_run run;
    int rc;

    par_sleep_waiting(argv);
    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    rc = run_open(&model, &cfg.use, &run.eb);
    run_remarks(&model, rc == RF_OK, &run);
    if (rc == RF_OK)
        rc = fill_new(&f, &model, &run.eb);
    if (rc == RF_OK)
        rc = fill(&cfg, f, &run);
    fill_free(f);
    run_close(&model);
    return tool_finish(&run, rc);
}
