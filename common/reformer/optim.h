/* optim.h: AdamW over the table of parameters, its learning rate and clipping. */
#ifndef REFORMER_OPTIM_H
#define REFORMER_OPTIM_H

#include "reformer/params.h"

/** States m and v, a block each on the device, laid out as the weights. */
struct optim {
    struct nn *nn;
    const struct params *params;
    float *m, *v;
};

/** nn and params are borrowed; the states are zero. RF_OK or RF_ENOMEM. */
MUST_CHECK int optim_new(struct optim *o, struct nn *nn, const struct params *params,
                         struct errbuf *eb);
/** {0} is fine. */
void optim_free(struct optim *o);

/** The learning rate of update `step`, from 1, of `steps`: rising to cfg->lr over the warm-up,
 * then constant, or falling so that it would be 0 at update steps + 1. */
double optim_rate(const struct optim_cfg *cfg, uint64_t step, uint64_t steps);

/** What to multiply gradients of this norm by, so that it is at most cfg->clip. */
double optim_clip(const struct optim_cfg *cfg, double norm);

/**
 * Update w from grad. `update` counts the updates made, this one included, from 1; scale
 * multiplies the gradients. Matrices alone decay.
 */
void optim_step(struct optim *o, float *w, const float *grad, const struct optim_cfg *cfg,
                uint64_t update, double rate, double scale);

#endif
