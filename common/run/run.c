#include "run/run.h"

#include <stdlib.h>
#include <string.h>

#include "train/task.h"
#include "train/trained.h"

int run_open_settings(struct run_model *m, const struct run_use *use, struct errbuf *eb)
{
    int rc = ckpt_open_to_use(&m->ckpt, use->path, use->ema, &m->broken, eb);

    return rc == RF_OK ? trained_config(&m->cfg, &m->strings, m->ckpt, use->set, eb) : rc;
}

/* If the mean of the weights is asked for it must be there. */
static int check_ema(const struct ckpt *c, bool ema, struct errbuf *eb)
{
    bool has = true;
    int rc = ema ? ckpt_has_ema(&has, c, eb) : RF_OK;

    if (rc == RF_OK && !has)
        rc = err_set(eb, RF_EINVAL, "'%s' has no mean of the weights", ckpt_path(c));
    return rc;
}

/* Check whether the weights are those of the model that the settings claim, before memory is
 * taken for it. */
static int check_weights(const struct ckpt *c, const struct model_cfg *cfg, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(c);
    struct tensor *t;
    struct params p;
    int rc = params_new(&p, cfg, s->max_len, s->vocab_size, eb);

    if (rc != RF_OK)
        return rc;
    if ((t = calloc(p.present, sizeof *t))) {
        params_tensors(&p, t, "", NULL);
        rc = ckpt_check_weights(c, t, p.present, eb);
    } else {
        rc = err_nomem(eb);
    }
    free(t);
    params_free(&p);
    return rc;
}

static int open_model(struct run_model *m, const struct run_use *use, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(m->ckpt);
    const struct model_cfg cfg = task_model(task_of(&m->cfg), &m->cfg, s->classes);
    bool mapped = m->nn->ops->in_host;
    int rc = check_ema(m->ckpt, use->ema, eb);

    if (rc == RF_OK)
        rc = check_weights(m->ckpt, &cfg, eb);
    if (rc == RF_OK)
        rc = model_new(&m->model, m->nn, &cfg, m->cfg.train.batch, s->max_len, s->vocab_size,
                       mapped ? MODEL_MAPPED : MODEL_FORWARD, 0, eb);
    m->draw = (struct model_draw){.seed = m->cfg.train.seed};
    if (rc != RF_OK)
        return rc;
    return mapped ? trained_map(&m->weights, m->model, m->ckpt, use->ema, eb)
                  : trained_weights(m->model, m->nn, m->ckpt, use->ema, eb);
}

const char *const run_weights_names[] = {"fp32", "bf16", "int8", NULL};

static void let_go(void *run)
{
    const struct run_model *m = run;

    if (m->weights)
        st_forget(m->weights);
}

/* Never are the weights in memory both as they were and stored. */
static int store_weights(struct run_model *m, enum run_weights how, struct errbuf *eb)
{
    let_go(m);
    return model_store(m->model, how == WEIGHTS_BF16 ? NN_STORE_BF16 : NN_STORE_INT8, let_go, m,
                       eb);
}

/* A model that was trained elsewhere is as good here, but only if that is asked for. */
static int open_device(struct run_model *m, const struct run_use *use, struct errbuf *eb)
{
    struct errbuf why = {0};
    int rc = run_device(&m->nn, &m->cfg, &m->strings, use->threads, true, &m->instead, &why);

    if (rc != RF_OK && !use->device && strcmp(m->cfg.train.device, "cpu") != 0)
        return err_set(eb, rc, "%s; --device cpu computes on the processor", why.text);
    return rc == RF_OK ? rc : err_set(eb, rc, "%s", why.text);
}

static int open_vocab(struct run_model *m, const struct run_use *use, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(m->ckpt);
    int rc = vocab_read(&m->vocab, use->vocab, NULL, eb);

    if (rc != RF_OK)
        return rc;
    if (memcmp(s->vocab_digest, vocab_digest(m->vocab), CKPT_DIGEST_BYTES) != 0 ||
        s->vocab_size != vocab_size(m->vocab))
        return err_set(eb, RF_EINVAL, "'%s' is not the vocabulary that '%s' was trained with",
                       use->vocab, ckpt_path(m->ckpt));
    return wordpiece_new(&m->encoder, m->vocab, &use->wordpiece, eb);
}

int run_open(struct run_model *m, const struct run_use *use, struct errbuf *eb)
{
    int rc = run_open_settings(m, use, eb);

    if (rc == RF_OK && use->batch)
        m->cfg.train.batch = use->batch;
    if (rc == RF_OK && use->device)
        rc = run_device_set(&m->cfg, use->device, &m->strings, eb);
    if (rc == RF_OK)
        rc = open_device(m, use, eb);
    if (use->weights) /* products of all heads */
        m->cfg.model.attn_heads = 0;
    if (rc == RF_OK)
        rc = open_model(m, use, eb);
    if (rc == RF_OK && use->weights)
        rc = store_weights(m, (enum run_weights)use->weights, eb);
    return rc == RF_OK && use->vocab ? open_vocab(m, use, eb) : rc;
}

void run_remarks(const struct run_model *m, bool opened, const struct tool_run *tool)
{
    tool_warn_count(tool, "broken checkpoints passed over", m->broken);
    if (opened)
        run_device_remarks(m->nn, &m->cfg, &m->instead, tool);
}

int run_need_tokens(const struct run_model *m, struct errbuf *eb)
{
    if (task_of(&m->cfg)->of_tokens)
        return RF_OK;
    return err_set(eb, RF_EINVAL, "'%s' has learned task %s: it says no tokens",
                   ckpt_path(m->ckpt), task_names[m->cfg.data.task]);
}

int run_need_edges(const struct run_model *m, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(m->ckpt);

    if (s->special.cls >= 0 && s->special.sep >= 0)
        return RF_OK;
    return err_set(eb, RF_EINVAL, "the vocabulary of '%s' lacks [CLS] or [SEP]",
                   ckpt_path(m->ckpt));
}

int run_need_causal(const struct run_model *m, struct errbuf *eb)
{
    int rc = run_need_tokens(m, eb);

    if (rc != RF_OK)
        return rc;
    if (!m->cfg.model.causal)
        return err_set(eb, RF_EINVAL,
                       "'%s' is no causal model: it has not learned what follows a text",
                       ckpt_path(m->ckpt));
    return run_need_edges(m, eb);
}

void run_close(struct run_model *m)
{
    wordpiece_free(m->encoder);
    vocab_free(m->vocab);
    model_free(m->model);
    st_close(m->weights);
    nn_close(m->nn);
    ckpt_close(m->ckpt);
    opt_strings_free(&m->strings);
    *m = (struct run_model){0};
}
