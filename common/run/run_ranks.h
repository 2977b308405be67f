/* run_ranks.h: a training run that several processes share, on one machine or on several. */
#ifndef RUN_RUN_RANKS_H
#define RUN_RUN_RANKS_H

#include "ranks/ranks.h"
#include "run/run_data.h"

/** Join the other ranks that the configuration asks for. RF_OK; RF_EUSAGE: also for what ranks
 * cannot do together: --dry-run, --needs, data from a pipe; ranks_open()'s errors. */
MUST_CHECK int run_ranks_open(struct ranks *r, const struct rf_config *cfg, struct errbuf *eb);

/**
 * run_job() for this rank. A rank that shares its machine takes a card of its own, and of the
 * cores its share, unless the launcher has shared them out or train.threads says how many.
 * RF_OK or run_job()'s errors.
 */
MUST_CHECK int run_ranks_job(struct train_job *job, struct ranks *r, const struct run_data *d,
                             struct opt_strings *keep, struct errbuf *instead,
                             struct errbuf *eb);

/** RF_OK if all ranks have the same settings and data, else RF_EINVAL; all call it. */
MUST_CHECK int run_ranks_same(struct ranks *r, const struct train_job *job, struct errbuf *eb);

#endif
