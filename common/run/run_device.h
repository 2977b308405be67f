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

/** Set train.device, for `keep` to own. RF_OK or RF_ENOMEM. */
MUST_CHECK int run_device_set(struct rf_config *cfg, const char *name, struct opt_strings *keep,
                              struct errbuf *eb);

/** Say that the processor computes where a GPU could, and warn if products are not of
 * the numbers that were asked for. */
void run_device_remarks(const struct nn *nn, const struct rf_config *cfg,
                        const struct errbuf *instead, const struct tool_run *tool);

#endif
