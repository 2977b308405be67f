#include "nn/nn.h"

#include <stdarg.h>
#include <stdio.h>

int nn_status(const struct nn *nn, struct errbuf *eb)
{
    return nn->failed ? err_set(eb, nn->failed, "%s", nn->why.text) : RF_OK;
}

void nn_fail(struct nn *nn, int rc, const char *fmt, ...)
{
    va_list ap;

    if (nn->failed)
        return;
    nn->failed = rc;
    va_start(ap, fmt);
    vsnprintf(nn->why.text, sizeof nn->why.text, fmt, ap);
    va_end(ap);
}
