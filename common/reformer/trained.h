/* trained.h: a model as a checkpoint has it, for use. */
#ifndef REFORMER_TRAINED_H
#define REFORMER_TRAINED_H

#include "reformer/checkpoint.h"
#include "reformer/model.h"

/**
 * The model of an open checkpoint with its weights, for batches of up to `batch` sequences, and
 * in *draw the rotations that its evaluations had. RF_OK, or what model_new() and
 * ckpt_read_weights() give.
 */
MUST_CHECK int trained_open(struct model **m, struct model_draw *draw, struct nn *nn,
                            const struct ckpt *c, size_t batch, struct errbuf *eb);

#endif
