/* reformer-own.c: a plugin whose device has memory of its own, to all that can be seen: it is
 * the CPU, but says that its arrays are out of reach. OWN_NAME is its name, if not "own". With
 * OWN_SAYS it prints which cards this process may see. */
#include <stdio.h>
#include <stdlib.h>

#include "nn/plugin.h"

static struct nn_ops table;

static int open_own(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    struct nn_options built_in = *o;
    int rc;

    if (getenv("OWN_SAYS"))
        fprintf(stderr, "card %s\n", getenv("CUDA_VISIBLE_DEVICES"));
    built_in.device = NULL;
    if ((rc = nn_open_with(nn, &built_in, eb)) != RF_OK)
        return rc;
    table = *(*nn)->ops;
    table.in_host = false;
    (*nn)->ops = &table;
    (*nn)->about.isa = "own";
    (*nn)->about.memory_bytes = (size_t)1 << 40;
    return RF_OK;
}

const struct nn_plugin *nn_plugin(void)
{
    static struct nn_plugin p = {NN_PLUGIN_VERSION, sizeof(struct nn_ops), "own", open_own};
    const char *name = getenv("OWN_NAME");

    if (name)
        p.name = name;
    return &p;
}
