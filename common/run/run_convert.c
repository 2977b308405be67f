#include "run/run_convert.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "model/convert.h"

enum { CONFIG_MAX_BYTES = 1 << 20 };

/* --- into a run */

struct import {
    struct st_file *f;
    const char *path; /* of f */
    struct rf_config cfg;
    struct convert_shapes shapes;
    struct opt_strings strings;
    struct params params;
    struct buf yaml;
    float *block;
    struct ckpt_state state;
};

/* Write the settings as the checkpoint will have them. They are read back, because what shapes
 * tell may be out of the range of its key. */
static int write_config(struct import *im, struct errbuf *eb)
{
    int rc;

    buf_clear(&im->yaml);
    if (opt_write_yaml(rf_config_rows, &im->cfg, &im->yaml) != RF_OK)
        return err_nomem(eb);
    rc = opt_read_yaml(rf_config_rows, &im->cfg, im->yaml.data, im->yaml.len, im->path,
                       &im->strings, eb);
    return rc == RF_OK ? rf_config_check(&im->cfg, eb) : rc;
}

/* Settle the settings: first what the shapes tell, then what the user's file changes. */
static int settle_config(struct import *im, const char *config, struct errbuf *eb)
{
    struct model_cfg *m = &im->cfg.model;
    int rc = convert_shapes(m, &im->shapes, im->f, im->path, eb);

    if (rc == RF_OK && config) {
        rc = input_slurp(&im->yaml, config, INPUT_TEXT, CONFIG_MAX_BYTES, eb);
        if (rc == RF_OK)
            rc = opt_read_yaml(rf_config_rows, &im->cfg, im->yaml.data ? im->yaml.data : "",
                               im->yaml.len, config, &im->strings, eb);
    }
    if (rc != RF_OK)
        return rc;
    if (!m->heads)
        return err_set(eb, RF_EUSAGE,
                       "'%s' does not tell how many heads: say model.heads with -c", im->path);
    if (!m->max_len)
        return err_set(eb, RF_EUSAGE,
                       "'%s' does not tell its length: say model.max_len with -c", im->path);
    if (!m->dim_head)
        m->dim_head = im->shapes.queries / m->heads;
    return write_config(im, eb);
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

static int save_run(struct import *im, const char *run, struct errbuf *eb)
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

static int import_run(struct import *im, const char *run, const char *config, const char *vocab,
                      struct errbuf *eb)
{
    const struct model_cfg *m = &im->cfg.model;
    bool there = false;
    int rc = ckpt_exists(&there, run, eb);

    if (rc == RF_OK)
        rc = there ? err_set(eb, RF_EUSAGE, "'%s' has checkpoints already", run)
                   : st_open(&im->f, im->path, eb);
    if (rc == RF_OK)
        rc = settle_config(im, config, eb);
    if (rc == RF_OK)
        rc = read_special(im, vocab, eb);
    if (rc == RF_OK)
        rc = params_new(&im->params, m, m->max_len, im->shapes.vocab_size, eb);
    if (rc == RF_OK && !(im->block = calloc(im->params.floats, sizeof *im->block)))
        rc = err_nomem(eb);
    if (rc == RF_OK)
        rc = convert_read(&im->params, im->block, im->f, im->path, eb);
    return rc == RF_OK ? save_run(im, run, eb) : rc;
}

int run_import(const char *run, const char *weights, const char *config, const char *vocab,
               size_t *parameters, struct errbuf *eb)
{
    struct import im = {.path = weights, .cfg = rf_config_default};
    int rc = import_run(&im, run, config, vocab, eb);

    *parameters = im.params.total;
    params_free(&im.params);
    opt_strings_free(&im.strings);
    buf_free(&im.yaml);
    free(im.block);
    st_close(im.f);
    return rc;
}

/* --- out of one */

int run_export(const struct run_model *m, const char *weights, enum model_compat to,
               size_t *parameters, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(m->ckpt);
    struct tensor *t = NULL;
    float *block = NULL;
    struct params p;
    int rc;

    if (to == COMPAT_NONE)
        to = (enum model_compat)m->cfg.model.compat;
    if (to == COMPAT_NONE)
        return err_set(eb, RF_EUSAGE, "the checkpoint is no version's: say --compat");
    if ((rc = run_need_tokens(m, eb)) != RF_OK ||
        (rc = params_new(&p, &m->cfg.model, s->max_len, s->vocab_size, eb)) != RF_OK)
        return rc;
    *parameters = p.total;
    t = calloc(p.present, sizeof *t);
    block = calloc(p.floats, sizeof *block);
    rc = t && block ? RF_OK : err_nomem(eb);
    if (rc == RF_OK) {
        params_tensors(&p, t, "", block);
        rc = ckpt_read_weights(m->ckpt, t, p.present, eb);
    }
    if (rc == RF_OK)
        rc = convert_write(&p, &m->cfg.model, block, to, weights, eb);
    free(t);
    free(block);
    params_free(&p);
    return rc;
}
