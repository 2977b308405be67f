/* trained.h: a model as a checkpoint has it, for use. */
#ifndef REFORMER_TRAINED_H
#define REFORMER_TRAINED_H

#include "reformer/checkpoint.h"
#include "reformer/model.h"

/**
 * The model of an open checkpoint with its weights, or with their mean where `ema` asks for it,
 * for batches of up to `batch` sequences, and in *draw the rotations that its evaluations had.
 * RF_OK, RF_EINVAL (no mean is there), or what model_new() and ckpt_read_weights() give.
 */
MUST_CHECK int trained_open(struct model **m, struct model_draw *draw, struct nn *nn,
                            const struct ckpt *c, size_t batch, bool ema, struct errbuf *eb);

/** The weights of a checkpoint into a model. RF_OK or ckpt_read_weights()'s errors. */
MUST_CHECK int trained_weights(struct model *m, struct nn *nn, const struct ckpt *c,
                               struct errbuf *eb);

#endif
