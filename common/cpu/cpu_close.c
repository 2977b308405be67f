/* cpu_close.c: the end of a device, which needs oneDNN's; host.c, which that calls, does not.
 */
#include <stdlib.h>

#include "cpu/host.h"

void host_close(struct nn *nn)
{
    struct host *h = (struct host *)nn;

    free(h->scratch);
    free(h->packed);
    dnn_close(h->engine);
    free(h);
}
