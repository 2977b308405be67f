/* ckpt-info: describes a checkpoint and tells whether it is whole. */
#include "base/io.h"
#include "base/tool.h"
#include "run/checkpoint_text.h"

struct cfg {
    const char *output;
    bool tensors, check;
};

static const struct opt opts[] = {
    OPT_FILE('o', "output", struct cfg, output, "file to write (standard output)"),
    OPT_FLAG('t', "tensors", struct cfg, tensors,
             "print a line for each tensor, not the settings"),
    OPT_FLAG(0, "check", struct cfg, check,
             "print for each checkpoint of a run whether it is whole"),
    OPT_END};

static const struct tool tool = {.name = "ckpt-info",
                                 .brief = "Print what a checkpoint holds, its digests checked.",
                                 .operands = "folder",
                                 .min_operands = 1,
                                 .max_operands = 1,
                                 .flags = TOOL_FOLDERS,
                                 .opts = opts};

static int describe(struct buf *text, bool tensors, const char *path, struct tool_run *run)
{
    struct ckpt *c = NULL;
    uint64_t broken;
    int rc = ckpt_open(&c, path, &broken, &run->eb);

    if (rc != RF_OK)
        return rc;
    tool_warn_count(run, "broken checkpoints passed over", broken);
    rc = tensors ? ckpt_text_tensors(text, c, &run->eb) : ckpt_text_settings(text, c, &run->eb);
    tool_summary(run, 0, "step %llu", (unsigned long long)ckpt_state(c)->step);
    ckpt_close(c);
    return rc;
}

/* Print the text, also if it tells of broken checkpoints; the result is then `rc`. */
static int print(const struct buf *text, const char *name, int rc, struct errbuf *eb)
{
    struct errbuf out = {0};
    int out_rc = output_write(name, OUTPUT_TEXT, text->data, text->len, &out);

    if (out_rc == RF_OK)
        return rc;
    *eb = out;
    return out_rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {0};
    struct buf text = {0};
    struct tool_run run;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    if (cfg.tensors && cfg.check)
        rc = err_set(&run.eb, RF_EUSAGE, "only one of --tensors and --check");
    else if (cfg.check)
        rc = ckpt_text_check(&text, run.operands[0], &run.eb);
    else
        rc = describe(&text, cfg.tensors, run.operands[0], &run);
    if (rc == RF_OK || (cfg.check && rc == RF_ECHECK))
        rc = print(&text, cfg.output, rc, &run.eb);
    buf_free(&text);
    return tool_finish(&run, rc);
}
