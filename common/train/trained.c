#include "train/trained.h"

#include <stdlib.h>
#include <string.h>

#include "base/words.h"
#include "train/train_parts.h"

static int read_weights(struct model *m, struct nn *nn, const struct ckpt *c, bool ema,
                        struct errbuf *eb)
{
    const struct params *p = model_params(m);
    float *to = model_weights(m);
    float *block = nn->ops->in_host ? to : calloc(p->floats, sizeof *block);
    struct tensor *t = calloc(p->present, sizeof *t);
    int rc = block && t ? RF_OK : err_nomem(eb);

    if (rc == RF_OK) {
        params_tensors(p, t, ema ? "ema." : "", block);
        rc =
            ema ? ckpt_read_ema(c, t, p->present, eb) : ckpt_read_weights(c, t, p->present, eb);
    }
    if (rc == RF_OK && block != to) {
        nn->ops->upload(nn, to, block, p->floats * sizeof *block);
        rc = nn_status(nn, eb);
    }
    if (block != to)
        free(block);
    free(t);
    return rc;
}

int trained_weights(struct model *m, struct nn *nn, const struct ckpt *c, struct errbuf *eb)
{
    return read_weights(m, nn, c, false, eb);
}

static int set_one(struct rf_config *cfg, char *word, struct opt_strings *keep,
                   struct errbuf *eb)
{
    char *value = strchr(word, '=');
    const struct opt *row;

    if (!value)
        return err_set(eb, RF_EUSAGE, "no value in '%s': key=value is needed", word);
    *value++ = '\0';
    if (!(row = opt_find(rf_config_rows, word)))
        return err_set(eb, RF_EUSAGE, "unknown key '%s'", word);
    return opt_set(row, cfg, value, keep, eb);
}

static int set_all(struct rf_config *cfg, const char *set, struct opt_strings *keep,
                   struct errbuf *eb)
{
    struct words words;
    int rc = words_split(&words, set, eb);

    for (size_t i = 0; i < words.n && rc == RF_OK; i++)
        rc = set_one(cfg, words.w[i], keep, eb);
    words_free(&words);
    return rc;
}

/* What config.yaml says, and that it can be. */
static int read_config(struct rf_config *cfg, struct opt_strings *keep, const struct ckpt *c,
                       const char *path, struct errbuf *eb)
{
    const char *yaml = ckpt_config(c);
    struct errbuf why = {0};
    int rc = opt_read_yaml(rf_config_rows, cfg, yaml, strlen(yaml), path, keep, eb);

    if (rc == RF_OK && (rc = rf_config_check(cfg, &why)) != RF_OK)
        rc = err_set(eb, rc, "'%s': %s", path, why.text);
    return rc == RF_OK || rc == RF_ENOMEM ? rc : RF_EFORMAT;
}

int trained_config(struct rf_config *cfg, struct opt_strings *keep, const struct ckpt *c,
                   const char *set, struct errbuf *eb)
{
    struct buf path = {0};
    int rc;

    *cfg = rf_config_default;
    if (buf_printf(&path, "%s/config.yaml", ckpt_path(c)) == RF_OK)
        rc = read_config(cfg, keep, c, path.data, eb);
    else
        rc = err_nomem(eb);
    buf_free(&path);
    if (rc != RF_OK || !set)
        return rc;
    rc = set_all(cfg, set, keep, eb);
    return rc == RF_OK ? rf_config_check(cfg, eb) : rc;
}

int trained_device(struct nn **nn, const struct rf_config *cfg, int threads, struct errbuf *eb)
{
    const struct nn_options o = {.kind = NN_CPU,
                                 .threads = threads,
                                 .gemm = (enum nn_gemm)cfg->train.gemm,
                                 .dtype = (enum nn_dtype)cfg->train.dtype};

    return nn_open_with(nn, &o, eb);
}

/* The weights' mean is asked for and not there. */
static int check_ema(const struct ckpt *c, bool ema, struct errbuf *eb)
{
    bool has = true;
    int rc = ema ? ckpt_has_ema(&has, c, eb) : RF_OK;

    if (rc == RF_OK && !has)
        rc = err_set(eb, RF_EINVAL, "'%s' has no mean of the weights", ckpt_path(c));
    return rc;
}

int trained_open(struct model **out, struct model_draw *draw, struct nn *nn,
                 const struct ckpt *c, const struct rf_config *cfg, size_t batch, bool ema,
                 struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(c);
    struct model *m = NULL;
    int rc = check_ema(c, ema, eb);

    if (rc == RF_OK)
        rc = model_new(&m, nn, &cfg->model, batch, s->max_len, s->vocab_size, MODEL_FORWARD, 0,
                       eb);
    if (rc == RF_OK)
        rc = read_weights(m, nn, c, ema, eb);
    if (rc == RF_OK) {
        *draw = (struct model_draw){.seed = cfg->train.seed};
        *out = m;
    } else {
        model_free(m);
    }
    return rc;
}

int trained_score(struct model *m, const struct model_draw *draw,
                  const struct train_source *set, const struct ckpt_state *data, size_t batch,
                  struct model_sum *sum, struct errbuf *eb)
{
    struct slot slot;
    int rc = slot_new(&slot, batch, data->max_len) == RF_OK ? RF_OK : err_nomem(eb);

    for (uint64_t first = 0; first < set->records && rc == RF_OK; first += batch) {
        size_t B = set->records - first < batch ? set->records - first : batch;

        rc = slot_fill(&slot, set, first, B, data, eb);
        if (rc == RF_OK)
            rc = model_loss(m, &slot.batch, draw, NULL, 0, sum, eb);
    }
    slot_free(&slot);
    return rc;
}
