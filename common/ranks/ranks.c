/* ranks.c: joining and leaving. */
#include "ranks/ranks.h"

#include <string.h>

int ranks_open(struct ranks *r, uint64_t asked, double heartbeat_s, struct errbuf *eb)
{
    (void)heartbeat_s;
    *r = (struct ranks){.size = 1, .locals = 1};
    if (asked == 1)
        return RF_OK;
    return err_set(eb, RF_EUSAGE, "more than one rank needs reformer-mpi.so");
}

int ranks_close(struct ranks *r, int status)
{
    *r = (struct ranks){.size = 0};
    return status;
}

void ranks_progress(struct ranks *r, uint64_t step)
{
    (void)r;
    (void)step;
}
