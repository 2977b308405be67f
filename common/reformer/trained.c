#include "reformer/trained.h"

#include <stdlib.h>
#include <string.h>

static int read_weights(struct model *m, struct nn *nn, const struct ckpt *c, bool ema,
                        struct errbuf *eb)
{
    const struct params *p = model_params(m);
    float *block = calloc(p->floats, sizeof *block);
    struct tensor *t = calloc(p->present, sizeof *t);
    int rc = block && t ? RF_OK : err_nomem(eb);

    if (rc == RF_OK) {
        params_tensors(p, t, ema ? "ema." : "", block);
        rc =
            ema ? ckpt_read_ema(c, t, p->present, eb) : ckpt_read_weights(c, t, p->present, eb);
    }
    if (rc == RF_OK) {
        nn->ops->upload(nn, model_weights(m), block, p->floats * sizeof *block);
        rc = nn_status(nn, eb);
    }
    free(block);
    free(t);
    return rc;
}

int trained_weights(struct model *m, struct nn *nn, const struct ckpt *c, struct errbuf *eb)
{
    return read_weights(m, nn, c, false, eb);
}

int trained_open(struct model **out, struct model_draw *draw, struct nn *nn,
                 const struct ckpt *c, size_t batch, bool ema, struct errbuf *eb)
{
    const struct ckpt_state *s = ckpt_state(c);
    struct rf_config cfg = rf_config_default;
    struct opt_strings strings = {0};
    struct model *m = NULL;
    const char *yaml = ckpt_config(c);
    int rc =
        opt_read_yaml(rf_config_rows, &cfg, yaml, strlen(yaml), ckpt_path(c), &strings, eb);

    if (rc == RF_OK)
        rc = rf_config_check(&cfg, eb);
    if (rc == RF_EUSAGE)
        rc = RF_EFORMAT;
    if (rc == RF_OK && ema && !ckpt_has_ema(c))
        rc = err_set(eb, RF_EINVAL, "'%s' has no mean of the weights", ckpt_path(c));
    if (rc == RF_OK)
        rc = model_new(&m, nn, &cfg.model, batch, s->max_len, s->vocab_size, false, 0, eb);
    opt_strings_free(&strings);
    if (rc == RF_OK)
        rc = read_weights(m, nn, c, ema, eb);
    if (rc != RF_OK) {
        model_free(m);
        return rc;
    }
    *draw = (struct model_draw){.seed = cfg.train.seed};
    *out = m;
    return RF_OK;
}
