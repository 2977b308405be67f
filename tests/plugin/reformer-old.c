/* reformer-old.c: a plugin of another version. */
#include "nn/plugin.h"

const struct nn_plugin *nn_plugin(void)
{
    static const struct nn_plugin p = {NN_PLUGIN_VERSION + 1, sizeof(struct nn_ops), "old",
                                       NULL};

    return &p;
}
