/* heart.h: a thread that notices when another rank ends or stops; private to this folder. */
#ifndef RANKS_HEART_H
#define RANKS_HEART_H

#include "ranks/ranks.h"

/**
 * All ranks call this. From then on a rank that ends without a word, or is silent for more than
 * limit_s seconds (0: as long as it likes), ends the process. RF_OK, RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int heart_open(struct heart **h, struct ranks *r, double limit_s, struct errbuf *eb);

void heart_progress(struct heart *h, uint64_t step);

/** The work is done. Rank 0 returns when all other processes have ended; those still have to.
 */
void heart_close(struct heart *h);

/** This rank failed and ends: the others end with the same status. */
void heart_leave(struct heart *h, int status);

#endif
