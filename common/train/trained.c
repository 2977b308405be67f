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

/* A model's weights as tensors in the host's memory: where they lie, or in a copy. */
struct host_weights {
    float *block;
    struct tensor *t; /* [present] */
    bool copied;
};

/* RF_OK or RF_ENOMEM; host_weights_end() in either case. */
static int host_weights_new(struct host_weights *w, struct model *m, struct nn *nn,
                            const char *prefix, struct errbuf *eb)
{
    const struct params *p = model_params(m);

    w->copied = !nn->ops->in_host;
    w->block = w->copied ? calloc(p->floats, sizeof *w->block) : model_weights(m);
    w->t = calloc(p->present, sizeof *w->t);
    if (!w->block || !w->t)
        return err_nomem(eb);
    params_tensors(p, w->t, prefix, w->block);
    return RF_OK;
}

/* If rc is RF_OK, bring a copy to the device. Returns rc, or the device's failure. */
static int host_weights_end(struct host_weights *w, struct model *m, struct nn *nn, int rc,
                            struct errbuf *eb)
{
    if (rc == RF_OK && w->copied) {
        nn->ops->upload(nn, model_weights(m), w->block,
                        model_params(m)->floats * sizeof *w->block);
        rc = nn_status(nn, eb);
    }
    if (w->copied)
        free(w->block);
    free(w->t);
    return rc;
}

int trained_weights(struct model *m, struct nn *nn, const struct ckpt *c, bool ema,
                    struct errbuf *eb)
{
    size_t n = model_params(m)->present;
    struct host_weights w;
    int rc = host_weights_new(&w, m, nn, ema ? "ema." : "", eb);

    if (rc == RF_OK)
        rc = ema ? ckpt_read_ema(c, w.t, n, eb) : ckpt_read_weights(c, w.t, n, eb);
    return host_weights_end(&w, m, nn, rc, eb);
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

/* --- a start with the weights of another task */

/* Whether parameter i is of an output or of the generator, and may begin anew. */
static bool is_output(const struct params *p, size_t i)
{
    return i >= p->own || (i >= PARAM_HEAD_IN && i < PARAM_BRANCHES);
}

static bool has_shape(const struct st_view *v, const struct param *p)
{
    return v->dims == p->dims && v->shape[0] == p->shape[0] &&
           (p->dims == 1 || v->shape[1] == p->shape[1]);
}

/* Of the tensors t[present] of the model let those stay that are to be read; returns their
 * number. */
static size_t choose_tensors(const struct params *p, const struct st_file *f, struct tensor *t)
{
    size_t n = 0, at = 0;

    for (size_t i = 0; i < p->n; i++) {
        const struct st_view *v;

        if (!p->p[i].count)
            continue;
        v = st_find(f, p->p[i].name);
        if (!is_output(p, i) || (v && has_shape(v, &p->p[i])))
            t[n++] = t[at];
        at++;
    }
    return n;
}

/* Whether a tensor that the model lacks belongs to another body than the model's. */
static int check_rest(const struct params *p, const struct st_file *f, const char *path,
                      struct errbuf *eb)
{
    static const char *const body[] = {"token.", "pos.", "embed.", "norm.", "layer."};

    for (size_t i = 0; i < st_count(f); i++) {
        const char *name = st_at(f, i)->name;
        bool known = false, of_body = false;

        for (size_t k = 0; k < p->n && !known; k++)
            known = p->p[k].count && strcmp(p->p[k].name, name) == 0;
        for (size_t k = 0; k < sizeof body / sizeof *body; k++)
            of_body = of_body || strncmp(name, body[k], strlen(body[k])) == 0;
        if (of_body && !known)
            return err_set(eb, RF_EFORMAT, "'%s' has a tensor '%s', the new model has none",
                           path, name);
    }
    return RF_OK;
}

static int start_with(struct model *m, struct nn *nn, const struct st_file *f, const char *path,
                      size_t *anew, struct errbuf *eb)
{
    const struct params *p = model_params(m);
    struct host_weights w;
    int rc = host_weights_new(&w, m, nn, "", eb);

    if (rc == RF_OK)
        rc = check_rest(p, f, path, eb);
    if (rc == RF_OK && w.copied) /* what begins anew is there already */
        nn->ops->download(nn, w.block, model_weights(m), p->floats * sizeof *w.block);
    if (rc == RF_OK) {
        *anew = p->present - choose_tensors(p, f, w.t);
        rc = st_read_some(f, w.t, p->present - *anew, path, eb);
    }
    return host_weights_end(&w, m, nn, rc, eb);
}

int trained_start(struct model *m, struct nn *nn, const struct ckpt *c, size_t *anew,
                  struct errbuf *eb)
{
    struct st_file *f = NULL;
    char *path = path_join(ckpt_path(c), "weights.safetensors");
    int rc = path ? ckpt_open_weights(&f, c, eb) : err_nomem(eb);

    if (rc == RF_OK)
        rc = start_with(m, nn, f, path, anew, eb);
    st_close(f);
    free(path);
    return rc;
}
