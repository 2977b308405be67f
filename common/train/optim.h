/* optim.h: AdamW, Adafactor, Lion and Muon over the table of parameters, the learning rate, and
 * the mean of the weights. */
#ifndef TRAIN_OPTIM_H
#define TRAIN_OPTIM_H

#include "model/params.h"
#include "train/config.h"
#include "train/pieces.h"

/** Where a parameter's states lie in the block, in floats; OPTIM_NONE: it has no such state. */
#define OPTIM_NONE SIZE_MAX
struct optim_place {
    size_t skip, n;  /* the optimiser's part has n of the parameter's numbers, behind `skip` */
    size_t m, v;     /* of these n: means of gradients or updates; of squares */
    size_t row, col; /* Adafactor: means of squares by rows and by columns */
    bool decays;     /* weight decay applies */
    float factor;    /* its learning rate, as a multiple of optim.lr's */
};

struct optim {
    struct nn *nn;
    const struct params *params;
    const struct optim_cfg *cfg;
    struct params_part part; /* the weights that it updates and has states of */
    float *block;     /* the states, and behind them the mean of the weights, on the device */
    size_t floats;    /* of the states alone */
    float *ema;       /* the mean, laid out as the weights of the part; NULL: none is kept */
    size_t n_tensors; /* tensors of the states */
    float *work;      /* Muon's, on the device; NULL: none is needed */
    struct optim_place *at; /* [params->n] */
};

/** Everything given is borrowed; the states are zero. RF_OK, RF_ENOMEM, RF_EUSAGE (a pattern of
 * cfg->no_decay that fits no name). */
MUST_CHECK int optim_new(struct optim *o, struct nn *nn, const struct params *params,
                         const struct optim_cfg *cfg, struct errbuf *eb);
/** The same for a part that begins and ends between pieces, pieces_new(). */
MUST_CHECK int optim_new_part(struct optim *o, struct nn *nn, const struct params *params,
                              const struct optim_cfg *cfg, const struct params_part *part,
                              struct errbuf *eb);
/** {0} is fine. */
void optim_free(struct optim *o);

/**
 * List the states as files have them, in `host`, a copy of the block in the host's memory:
 * "m.", "v.", "row." or "col." stands before the parameter's name. `to` has room for n_tensors.
 * Of an optimiser with a part only names and shapes are right.
 */
void optim_tensors(const struct optim *o, struct tensor *to, float *host);

/** A state: number i of those that optim_tensors() lists or, behind them, the mean of the i-th
 * parameter that is present. Its numbers belong to the part that has number at[0], or at[k] for
 * the k-th where it is laid out as its parameter, of a block laid out as the weights. */
struct optim_state {
    const struct param *param;
    bool split;     /* it is laid out as its parameter */
    size_t floats;  /* of all parts */
    size_t skip, n; /* the optimiser's part has n of them, behind `skip` */
    float *here;    /* where these lie, on the device */
};
struct optim_state optim_state(const struct optim *o, size_t i);

/** Bytes of the block of a part (NULL: of all); and of the work besides, which no file has. */
size_t optim_bytes(const struct optim_cfg *cfg, const struct params *params,
                   const struct params_part *part);
size_t optim_work_bytes(const struct optim_cfg *cfg, const struct params *params);

/**
 * The learning rate of update `step`, from 1, of `steps`: rising to cfg->lr over the warm-up,
 * then constant, or falling to what would be 0 at update steps + 1: in a line, in half a
 * cosine, in `cycles` of them, each from the top, or as optim_wsd_rate() has it in the last
 * part of the run. With relative_step (Shazeer and Stern
 * 2018) it is min(0.01, 1 / sqrt(step)), rising through the warm-up in the same way.
 */
double optim_rate(const struct optim_cfg *cfg, uint64_t step, uint64_t steps);

/**
 * How much of the decay of SCHEDULE_WSD is done at update `step` of the updates first + 1 to
 * end, from 0 to 1. The decay is the last decay_share of them, rounded to whole updates, but
 * begins behind the warm-up; in its k-th update of n, k / (n + 1) are done.
 */
double optim_decay(const struct optim_cfg *cfg, uint64_t step, uint64_t first, uint64_t end);

/** The learning rate of update `step` with SCHEDULE_WSD, where so much of the decay is `done`:
 * 1 - done of what it was, or 1 - sqrt(done). */
double optim_wsd_rate(const struct optim_cfg *cfg, uint64_t step, double done);

/**
 * Update what the optimiser's part has of a span of parameters of the block w from grad, which
 * is laid out as that span. `update`
 * counts the updates made, this one included, from 1; scale[1], on the device, multiplies the
 * gradients, and where it is NaN nothing changes. The mean of the weights moves towards w by
 * 1 - min(ema, (1 + update) / (10 + update)), so that it soon forgets the first weights.
 */
void optim_step(struct optim *o, float *w, const struct params_span *span, const float *grad,
                uint64_t update, double rate, const float *scale);

#endif
