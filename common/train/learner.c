#include "train/task.h"

static int take_gradients(struct learner *l, size_t levels, struct errbuf *eb)
{
    l->grad_bytes = params_gradients(model_params(l->model)) * sizeof(float);
    for (; l->levels < levels; l->levels++)
        if (!(l->grad[l->levels] = l->nn->ops->mem_new(l->nn, l->grad_bytes)))
            return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for gradients",
                           1e-6 * (double)l->grad_bytes);
    return RF_OK;
}

int learner_new(struct learner *l, struct nn *nn, const struct rf_config *c,
                const struct learner_size *size, struct errbuf *eb)
{
    int rc;

    *l = (struct learner){.nn = nn};
    rc = model_new(&l->model, nn, &size->model, c->train.batch, size->max_len, size->vocab_size,
                   size->use, size->budget, eb);
    if (rc == RF_OK)
        rc = optim_new(&l->optim, nn, model_params(l->model), &c->optim, eb);
    if (rc == RF_OK)
        rc = take_gradients(l, size->levels, eb);
    if (rc == RF_OK)
        params_init(model_params(l->model), nn, model_weights(l->model), c->train.seed);
    return rc;
}

void learner_free(struct learner *l)
{
    for (size_t i = 0; i < l->levels; i++)
        l->nn->ops->mem_free(l->nn, l->grad[i], l->grad_bytes);
    optim_free(&l->optim);
    model_free(l->model);
    *l = (struct learner){.nn = NULL};
}
