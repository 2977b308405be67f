/* reformer-broken.c: a plugin whose device does not open. */
#include "nn/plugin.h"

static int open_none(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    (void)nn;
    return err_set(eb, RF_ENOMEM, "no room for %d threads", o->threads);
}

const struct nn_plugin *nn_plugin(void)
{
    static const struct nn_plugin p = {NN_PLUGIN_VERSION, sizeof(struct nn_ops), "broken",
                                       open_none};

    return &p;
}
