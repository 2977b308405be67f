/* rf-convert: converts weights of reformer-pytorch into a checkpoint, and a checkpoint into
 * such weights. */
#include <sys/stat.h>

#include "base/tool.h"
#include "run/run_convert.h"

struct cfg {
    const char *output, *config, *vocab;
    int compat; /* an index of compat_names; none: that of the checkpoint */
};

static const struct opt opts[] = {
    OPT_FILE('c', "config", struct cfg, config,
             "YAML file with the settings of the weights that are read"),
    OPT_FILE('o', "output", struct cfg, output,
             "what to write: a run's folder, or a safetensors file"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary of the weights that are read"),
    OPT_CHOICE(0, "compat", struct cfg, compat, compat_names, "version",
               "version of reformer-pytorch to write for; none stands for the one that the "
               "checkpoint was trained for"),
    OPT_END};

static const struct tool tool = {
    .name = "rf-convert",
    .brief = "Convert weights from and to reformer-pytorch's safetensors.",
    .operands = "safetensors | checkpoint",
    .min_operands = 1,
    .max_operands = 1,
    .opts = opts};

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int check_use(const struct cfg *cfg, const char *path, struct errbuf *eb)
{
    if (!cfg->output)
        return err_set(eb, RF_EUSAGE, "-o names no output");
    if (is_folder(path) && (cfg->config || cfg->vocab))
        return err_set(eb, RF_EUSAGE, "-c and -V are for weights that are read: '%s' is a run",
                       path);
    if (!is_folder(path) && cfg->compat != COMPAT_NONE)
        return err_set(eb, RF_EUSAGE, "--compat is for writing: '%s' is no folder", path);
    return RF_OK;
}

static int export(const struct cfg *cfg, const char *path, size_t *parameters,
                  struct tool_run *run)
{
    struct run_model m = {0};
    int rc = run_open_settings(&m, &(struct run_use){.path = path}, &run->eb);

    tool_warn_count(run, "broken checkpoints passed over", m.broken);
    if (rc == RF_OK)
        rc = run_export(&m, cfg->output, (enum model_compat)cfg->compat, parameters, &run->eb);
    run_close(&m);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {0};
    struct tool_run run;
    size_t parameters = 0;
    const char *path;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    path = run.operands[0];
    rc = check_use(&cfg, path, &run.eb);
    if (rc == RF_OK)
        rc = is_folder(path)
                 ? export(&cfg, path, &parameters, &run)
                 : run_import(cfg.output, path, cfg.config, cfg.vocab, &parameters, &run.eb);
    tool_summary(&run, 0, "%zu %s", parameters, plural(parameters, "parameter", "parameters"));
    return tool_finish(&run, rc);
}
