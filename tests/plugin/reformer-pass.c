/* reformer-pass.c: a plugin that hands everything on to the CPU and counts the products. */
#include <stddef.h>

#include "nn/plugin.h"

unsigned pass_products; /* for the test, which looks it up */

static const struct nn_ops *cpu;
static struct nn_ops table;

static void gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
                 const float *b, bool tb, float beta, float *c)
{
    pass_products++;
    cpu->gemm(nn, m, n, k, a, ta, b, tb, beta, c);
}

static int open_cpu(struct nn **nn, const struct nn_options *o, struct errbuf *eb)
{
    struct nn_options built_in = *o;
    int rc;

    built_in.device = NULL;
    if ((rc = nn_open_with(nn, &built_in, eb)) != RF_OK)
        return rc;
    cpu = (*nn)->ops;
    table = *cpu;
    table.name = "pass";
    table.gemm = gemm;
    (*nn)->ops = &table;
    (*nn)->about.isa = "pass";
    return RF_OK;
}

const struct nn_plugin *nn_plugin(void)
{
    static const struct nn_plugin p = {NN_PLUGIN_VERSION, sizeof(struct nn_ops), "pass",
                                       open_cpu};

    return &p;
}
