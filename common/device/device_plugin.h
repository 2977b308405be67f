/* device_plugin.h: devices that are shared objects; private to this folder. */
#ifndef DEVICE_DEVICE_PLUGIN_H
#define DEVICE_DEVICE_PLUGIN_H

#include "nn/plugin.h"

/**
 * Open the device o->device: nn_open_with() for what is not built in. RF_EINVAL: no such
 * plugin, or one that this program cannot use; RF_ENOMEM; what the plugin's open() gives.
 */
MUST_CHECK int device_plugin_open(struct nn **nn, const struct nn_options *o,
                                  struct errbuf *eb);

#endif
