#include "nn/nn.h"

int nn_status(const struct nn *nn, struct errbuf *eb)
{
    return nn->failed ? err_set(eb, nn->failed, "%s", nn->why.text) : RF_OK;
}
