/* trained.h: a model as a checkpoint has it, for use. */
#ifndef TRAIN_TRAINED_H
#define TRAIN_TRAINED_H

#include "ckpt/checkpoint.h"
#include "train/train.h"

/**
 * The configuration of an open checkpoint; `set` changes it: "key=value key=value", or NULL.
 * `keep` owns the strings. RF_OK, RF_EFORMAT (keys that this version does not know, settings
 * that contradict each other), RF_EUSAGE (of `set`), RF_ENOMEM.
 */
MUST_CHECK int trained_config(struct rf_config *cfg, struct opt_strings *keep,
                              const struct ckpt *c, const char *set, struct errbuf *eb);

/** Open the CPU with the numbers and products that a run has. nn_open_with()'s errors. */
MUST_CHECK int trained_device(struct nn **nn, const struct rf_config *cfg, int threads,
                              struct errbuf *eb);

/**
 * The model of an open checkpoint with its weights, or with their mean where `ema` asks for it,
 * for batches of up to `batch` sequences, and in *draw the rotations that its evaluations had.
 * `cfg` is trained_config()'s. RF_OK, RF_EINVAL (no mean is there), or what model_new() and
 * ckpt_read_weights() give.
 */
MUST_CHECK int trained_open(struct model **m, struct model_draw *draw, struct nn *nn,
                            const struct ckpt *c, const struct rf_config *cfg, size_t batch,
                            bool ema, struct errbuf *eb);

/**
 * Loss over the records of a set, added to *sum, `batch` at a time; `data` is the checkpoint's
 * state. RF_OK, RF_EINVAL (records may be longer than the model takes), or the set's and the
 * device's errors.
 */
MUST_CHECK int trained_score(struct model *m, const struct model_draw *draw,
                             const struct train_source *set, const struct ckpt_state *data,
                             size_t batch, struct model_sum *sum, struct errbuf *eb);

/** The weights of a checkpoint into a model. RF_OK or ckpt_read_weights()'s errors. */
MUST_CHECK int trained_weights(struct model *m, struct nn *nn, const struct ckpt *c,
                               struct errbuf *eb);

#endif
