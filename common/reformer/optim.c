#include "reformer/optim.h"

#include <math.h>

int optim_new(struct optim *o, struct nn *nn, const struct params *params, struct errbuf *eb)
{
    size_t bytes = params->floats * sizeof(float);

    *o = (struct optim){.nn = nn, .params = params};
    o->m = nn->ops->mem_new(nn, bytes);
    o->v = nn->ops->mem_new(nn, bytes);
    if (o->m && o->v)
        return RF_OK;
    optim_free(o);
    return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for the optimiser", 2e-6 * (double)bytes);
}

void optim_free(struct optim *o)
{
    size_t bytes = o->params ? o->params->floats * sizeof(float) : 0;

    if (o->m)
        o->nn->ops->mem_free(o->nn, o->m, bytes);
    if (o->v)
        o->nn->ops->mem_free(o->nn, o->v, bytes);
    *o = (struct optim){0};
}

double optim_rate(const struct optim_cfg *cfg, uint64_t step, uint64_t steps)
{
    if (step <= cfg->warmup)
        return cfg->lr * (double)step / (double)cfg->warmup;
    if (cfg->schedule == SCHEDULE_CONSTANT)
        return cfg->lr;
    if (step > steps)
        return 0;
    return cfg->lr * (double)(steps + 1 - step) / (double)(steps + 1 - cfg->warmup);
}

double optim_clip(const struct optim_cfg *cfg, double norm)
{
    return cfg->clip > 0 && norm > cfg->clip ? cfg->clip / norm : 1;
}

void optim_step(struct optim *o, float *w, const float *grad, const struct optim_cfg *cfg,
                uint64_t update, double rate, double scale)
{
    struct adamw_step s = {
        .lr = (float)rate,
        .beta1 = (float)cfg->beta1,
        .beta2 = (float)cfg->beta2,
        .eps = (float)cfg->eps,
        .correct1 = (float)-expm1((double)update * log(cfg->beta1)),
        .correct2 = (float)-expm1((double)update * log(cfg->beta2)),
        .grad_scale = (float)scale,
    };

    for (size_t i = 0; i < o->params->n; i++) {
        const struct param *p = &o->params->p[i];
        size_t at = p->offset;

        s.decay = p->decay ? (float)cfg->decay : 0;
        if (p->count)
            o->nn->ops->adamw(o->nn, w + at, o->m + at, o->v + at, grad + at, &s, p->count);
    }
}
