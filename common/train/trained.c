#include "train/trained.h"

#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/words.h"

static int set_one(struct rf_config *cfg, char *word, struct opt_strings *keep,
                   struct errbuf *eb)
{
    char *value = strchr(word, '=');
    char hint[NEAREST_HINT_BYTES];
    const struct opt *row;

    if (!value)
        return err_set(eb, RF_EUSAGE, "no value in '%s': key=value is needed", word);
    *value++ = '\0';
    if (!(row = opt_find(rf_config_rows, word)))
        return err_set(eb, RF_EUSAGE, "unknown key '%s'%s", word,
                       opt_hint(hint, rf_config_rows, word));
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

/* Read config.yaml, and check that its settings do not contradict each other. */
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
    char *path = path_join(ckpt_path(c), "config.yaml");
    int rc;

    *cfg = rf_config_default;
    rc = path ? read_config(cfg, keep, c, path, eb) : err_nomem(eb);
    free(path);
    if (rc != RF_OK || !set)
        return rc;
    rc = set_all(cfg, set, keep, eb);
    return rc == RF_OK ? rf_config_check(cfg, eb) : rc;
}

int trained_weights(struct model *m, struct nn *nn, const struct ckpt *c, bool ema,
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

/* Whether each array that is computed with as one lies in one piece: values behind queries. */
static bool in_order(const struct params *p, const float *const *at)
{
    const float *before = NULL;

    for (size_t i = 0; i < p->n; i++) {
        size_t role = params_role(p, i);
        bool v = role >= PARAM_BRANCHES && (role - PARAM_BRANCHES) % BRANCH_PARAMS == ATTN_V;

        if (!p->p[i].count)
            continue;
        if (v && *at != before)
            return false;
        before = *at++ + p->p[i].count;
    }
    return true;
}

int trained_map(struct st_file **f, struct model *m, const struct ckpt *c, bool ema,
                struct errbuf *eb)
{
    const struct params *p = model_params(m);
    const float **at = calloc(p->present, sizeof *at);
    struct tensor *t = calloc(p->present, sizeof *t);
    int rc = at && t ? RF_OK : err_nomem(eb);

    if (rc == RF_OK) {
        params_tensors(p, t, ema ? "ema." : "", NULL);
        rc = ckpt_map(f, at, c, ema, t, p->present, eb);
    }
    if (rc == RF_OK && !in_order(p, at))
        rc =
            err_set(eb, RF_EFORMAT, "the weights of '%s' are not in their order", ckpt_path(c));
    if (rc == RF_OK)
        model_map(m, at);
    free(at);
    free(t);
    return rc;
}
