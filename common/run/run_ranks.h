/* run_ranks.h: a training run that several processes share, on one machine or on several. */
#ifndef RUN_RUN_RANKS_H
#define RUN_RUN_RANKS_H

#include "ranks/ranks.h"
#include "run/run_data.h"

/** Join the other ranks that the configuration asks for. RF_OK; RF_EUSAGE: also for what ranks
 * cannot do together: --dry-run, --needs, data from a pipe; ranks_open()'s errors. */
MUST_CHECK int run_ranks_open(struct ranks *r, const struct rf_config *cfg, struct errbuf *eb);

/**
 * Where run_data_load() gave rc on this rank, and RF_OK on all: run_job() on all ranks
 * together, with the remarks of run_device_remarks() from rank 0. A rank that shares its
 * machine takes a card of its own, and of the cores its share, unless the launcher has shared
 * them out or train.threads says how many. RF_OK; RF_EINVAL: also if the ranks have different
 * settings or data; what run_data_load() or run_job() failed with on any. The line is in
 * tool->eb.
 */
MUST_CHECK int run_ranks_job(struct train_job *job, struct ranks *r, const struct run_data *d,
                             int rc, struct tool_run *tool);

/** End the tool as tool_finish() does, and leave the other ranks: of what all know, rank 0
 * alone prints the line. Returns the exit status. */
MUST_CHECK int run_ranks_finish(struct ranks *r, struct tool_run *tool, int rc);

#endif
