/* trained.h: what a checkpoint holds of a model: its settings and its weights; and how well
 * that model does. */
#ifndef TRAIN_TRAINED_H
#define TRAIN_TRAINED_H

#include "ckpt/checkpoint.h"
#include "model/model.h"
#include "train/config.h"

/**
 * Read the configuration of an open checkpoint; `set` changes it: "key=value key=value", or
 * NULL. `keep` becomes the owner of its strings. RF_OK, RF_EFORMAT (keys that this version does
 * not know, settings that contradict each other), RF_EUSAGE (of `set`), RF_ENOMEM.
 */
MUST_CHECK int trained_config(struct rf_config *cfg, struct opt_strings *keep,
                              const struct ckpt *c, const char *set, struct errbuf *eb);

/** Read a checkpoint's weights into a model; with `ema` their mean, which must be there:
 * ckpt_has_ema(). RF_OK, ckpt_read_weights()'s errors, or the device's failure. */
MUST_CHECK int trained_weights(struct model *m, struct nn *nn, const struct ckpt *c, bool ema,
                               struct errbuf *eb);

/** The same for a model that is MODEL_MAPPED, on a device that computes in the host's memory:
 * the weights are used where they lie in *f, which st_close() takes back after the model. */
MUST_CHECK int trained_map(struct st_file **f, struct model *m, const struct ckpt *c, bool ema,
                           struct errbuf *eb);

/**
 * Begin a model with the weights of a checkpoint of another task: embedding, positions and
 * layers must be there, and it may have no others of these. Outputs, that of tokens too, are
 * taken where the checkpoint has some of the same name and shape; the others stay as they are,
 * and *anew is how many these are. RF_OK; RF_EFORMAT, which names the tensor; the errors of
 * ckpt_open_weights() and the device.
 */
MUST_CHECK int trained_start(struct model *m, struct nn *nn, const struct ckpt *c, size_t *anew,
                             struct errbuf *eb);

#endif
