/* patience.h: a limit on the time before ranks hear each other: MPI waits for a rank that never
 * comes as long as it takes; private to this folder. */
#ifndef RANKS_PATIENCE_H
#define RANKS_PATIENCE_H

#include <pthread.h>
#include <stdbool.h>

#include "base/err.h"

struct patience {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool begun, over;
    double limit_s;
};

/** From now on the process ends with EXIT_LOST, and a line, unless patience_end() is called
 * within limit_s seconds; 0: within any time. RF_OK or RF_ENOMEM. */
MUST_CHECK int patience_begin(struct patience *p, double limit_s, struct errbuf *eb);
void patience_end(struct patience *p);

#endif
