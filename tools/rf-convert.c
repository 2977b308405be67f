/* rf-convert: weights of reformer-pytorch into a checkpoint, and a checkpoint's for it. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/tool.h"
#include "wordpiece/vocab.h"
#include "model/convert.h"
#include "train/trained.h"
#include "run_data.h"

enum { CONFIG_MAX_BYTES = 1 << 20 };

struct cfg {
    const char *output, *config, *vocab;
    int compat; /* of compat_names; none: the checkpoint's */
};

static const struct opt opts[] = {
    OPT_FILE('c', "config", struct cfg, config, "settings of the model that is read, YAML"),
    OPT_FILE('o', "output", struct cfg, output, "run folder, or safetensors, to write"),
    OPT_FILE('V', "vocab", struct cfg, vocab, "vocabulary of the model that is read"),
    OPT_CHOICE(0, "compat", struct cfg, compat, compat_names, "version",
               "version to write for; none: the checkpoint's"),
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

/* --- into a checkpoint */

struct import {
    struct st_file *f;
    struct rf_config cfg;
    struct convert_shapes shapes;
    struct opt_strings strings;
    struct params params;
    struct buf yaml;
    float *block;
    struct ckpt_state state;
};

/* The settings as the checkpoint will have them. Read back: what shapes tell may be out of the
 * range of its key. */
static int write_config(struct import *im, const char *path, struct errbuf *eb)
{
    int rc;

    buf_clear(&im->yaml);
    if (opt_write_yaml(rf_config_rows, &im->cfg, &im->yaml) != RF_OK)
        return err_nomem(eb);
    rc = opt_read_yaml(rf_config_rows, &im->cfg, im->yaml.data, im->yaml.len, path,
                       &im->strings, eb);
    return rc == RF_OK ? rf_config_check(&im->cfg, eb) : rc;
}

/* Shapes first, then what the user's file says over them. */
static int settle(struct import *im, const struct cfg *c, const char *path, struct errbuf *eb)
{
    struct model_cfg *m = &im->cfg.model;
    int rc = convert_shapes(m, &im->shapes, im->f, path, eb);

    if (rc == RF_OK && c->config) {
        rc = input_slurp(&im->yaml, c->config, INPUT_TEXT, CONFIG_MAX_BYTES, eb);
        if (rc == RF_OK)
            rc = opt_read_yaml(rf_config_rows, &im->cfg, im->yaml.data ? im->yaml.data : "",
                               im->yaml.len, c->config, &im->strings, eb);
    }
    if (rc != RF_OK)
        return rc;
    if (!m->heads)
        return err_set(eb, RF_EUSAGE,
                       "'%s' does not tell how many heads: say model.heads with -c", path);
    if (!m->max_len)
        return err_set(eb, RF_EUSAGE,
                       "'%s' does not tell its length: say model.max_len with -c", path);
    if (!m->dim_head)
        m->dim_head = im->shapes.queries / m->heads;
    return write_config(im, path, eb);
}

static int read_special(struct import *im, const char *name, struct errbuf *eb)
{
    struct special_ids s = {-1, -1, -1, -1, -1};
    struct vocab *v = NULL;
    int rc = RF_OK;

    if (name && (rc = vocab_read(&v, name, NULL, eb)) == RF_OK) {
        s = vocab_special(v);
        memcpy(im->state.vocab_digest, vocab_digest(v), CKPT_DIGEST_BYTES);
        if (vocab_size(v) != im->shapes.vocab_size)
            rc = err_set(eb, RF_EFORMAT, "'%s' has %zu tokens, the model %zu", name,
                         vocab_size(v), im->shapes.vocab_size);
    }
    im->state.special = s;
    vocab_free(v);
    return rc;
}

static int save(struct import *im, const char *run, struct errbuf *eb)
{
    struct tensor *t = calloc(im->params.present, sizeof *t);
    int rc = t ? RF_OK : err_nomem(eb);

    im->state.max_len = im->cfg.model.max_len;
    im->state.vocab_size = im->shapes.vocab_size;
    if (rc == RF_OK) {
        params_tensors(&im->params, t, "", im->block);
        rc = ckpt_save(run, &im->state, im->yaml.data, t, im->params.present, NULL, 0, 1, eb);
    }
    free(t);
    return rc;
}

static int import(const struct cfg *c, const char *path, struct tool_run *run)
{
    struct import im = {.cfg = rf_config_default};
    struct errbuf *eb = &run->eb;
    bool there = false;
    int rc = ckpt_exists(&there, c->output, eb);

    if (rc == RF_OK)
        rc = there ? err_set(eb, RF_EUSAGE, "'%s' has checkpoints already", c->output)
                   : st_open(&im.f, path, eb);
    if (rc == RF_OK)
        rc = settle(&im, c, path, eb);
    if (rc == RF_OK)
        rc = read_special(&im, c->vocab, eb);
    if (rc == RF_OK)
        rc = params_new(&im.params, &im.cfg.model, im.cfg.model.max_len, im.shapes.vocab_size,
                        eb);
    if (rc == RF_OK && !(im.block = calloc(im.params.floats, sizeof *im.block)))
        rc = err_nomem(eb);
    if (rc == RF_OK)
        rc = convert_read(&im.params, im.block, im.f, path, eb);
    if (rc == RF_OK)
        rc = save(&im, c->output, eb);
    tool_summary(run, 0, "%zu parameters", im.params.total);
    params_free(&im.params);
    opt_strings_free(&im.strings);
    buf_free(&im.yaml);
    free(im.block);
    st_close(im.f);
    return rc;
}

/* --- out of one */

static int write_out(const struct cfg *c, const struct ckpt *from, const struct rf_config *cfg,
                     struct tool_run *run)
{
    const struct ckpt_state *s = ckpt_state(from);
    int to = c->compat != COMPAT_NONE ? c->compat : cfg->model.compat;
    struct tensor *t = NULL;
    float *block = NULL;
    struct params p;
    int rc;

    if (to == COMPAT_NONE)
        return err_set(&run->eb, RF_EUSAGE, "the checkpoint is no version's: say --compat");
    if ((rc = params_new(&p, &cfg->model, s->max_len, s->vocab_size, &run->eb)) != RF_OK)
        return rc;
    t = calloc(p.present, sizeof *t);
    block = calloc(p.floats, sizeof *block);
    rc = t && block ? RF_OK : err_nomem(&run->eb);
    if (rc == RF_OK) {
        params_tensors(&p, t, "", block);
        rc = ckpt_read_weights(from, t, p.present, &run->eb);
    }
    if (rc == RF_OK)
        rc = convert_write(&p, &cfg->model, block, (enum model_compat)to, c->output, &run->eb);
    tool_summary(run, 0, "%zu parameters", p.total);
    free(t);
    free(block);
    params_free(&p);
    return rc;
}

static int export(const struct cfg *c, const char *path, struct tool_run *run)
{
    struct rf_config cfg;
    struct opt_strings strings = {0};
    struct ckpt *from = NULL;
    uint64_t broken;
    int rc = ckpt_open(&from, path, &broken, &run->eb);

    if (rc != RF_OK)
        return rc;
    run_data_note_broken(run, broken);
    rc = trained_config(&cfg, &strings, from, NULL, &run->eb);
    if (rc == RF_OK)
        rc = write_out(c, from, &cfg, run);
    opt_strings_free(&strings);
    ckpt_close(from);
    return rc;
}

int main(int argc, char **argv)
{
    struct cfg cfg = {0};
    struct tool_run run;
    const char *path;
    int rc;

    if (!tool_start(&run, &tool, &cfg, argc, argv))
        return run.status;
    path = run.operands[0];
    if (!cfg.output)
        rc = err_set(&run.eb, RF_EUSAGE, "-o names no output");
    else if (is_folder(path) && (cfg.config || cfg.vocab))
        rc = err_set(&run.eb, RF_EUSAGE,
                     "-c and -V are for weights that are read: '%s' is a run", path);
    else if (!is_folder(path) && cfg.compat != COMPAT_NONE)
        rc = err_set(&run.eb, RF_EUSAGE, "--compat is for writing: '%s' is no folder", path);
    else
        rc = is_folder(path) ? export(&cfg, path, &run) : import(&cfg, path, &run);
    return tool_finish(&run, rc);
}
