/* reformer-short.c: a plugin whose table of ops is a shorter one. */
#include "nn/plugin.h"

const struct nn_plugin *nn_plugin(void)
{
    static const struct nn_plugin p = {
        NN_PLUGIN_VERSION, sizeof(struct nn_ops) - sizeof(void (*)(void)), "short", NULL};

    return &p;
}
