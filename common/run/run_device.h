/* run_device.h: the device that a configuration asks for. */
#ifndef RUN_RUN_DEVICE_H
#define RUN_RUN_DEVICE_H

#include "base/tool.h"
#include "nn/nn.h"
#include "train/config.h"

/**
 * Open the device that train.device asks for, with the numbers and products of its run. "auto"
 * is "cuda" where that opens, else "cpu", and *instead then says why; it is "" before.
 * train.device becomes the name of what is open, for `keep` to own, so that a checkpoint says
 * where a run is computed. threads 0: one a core; `soon`: see struct nn_options.
 *
 * RF_OK, nn_open_with()'s errors, or RF_EUSAGE.
 */
MUST_CHECK int run_device(struct nn **nn, struct rf_config *cfg, struct opt_strings *keep,
                          uint64_t threads, bool soon, struct errbuf *instead,
                          struct errbuf *eb);

/** The same for training, where "auto" is the device on which the run in train.run began, if it
 * did; and where it is only asked what a run takes, "cuda" with a size is nn_open_plan(). Also
 * ckpt_open()'s errors. */
MUST_CHECK int run_device_train(struct nn **nn, struct rf_config *cfg, struct opt_strings *keep,
                                struct errbuf *instead, struct errbuf *eb);

/** Say that the processor computes where a graphics card could, and warn if products are not of
 * the numbers that were asked for. */
void run_device_remarks(const struct nn *nn, const struct rf_config *cfg,
                        const struct errbuf *instead, const struct tool_run *tool);

#endif
