/* reformer-mute.c: a plugin whose device does not open and does not say why. */
#include "nn/plugin.h"

static int open_none(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    (void)nn;
    (void)o;
    (void)eb;
    return RF_EINVAL;
}

const struct nn_plugin *nn_plugin(void)
{
    static const struct nn_plugin p = {NN_PLUGIN_VERSION, sizeof(struct nn_ops), "mute",
                                       open_none};

    return &p;
}
