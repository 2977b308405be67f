/* config.h: everything that decides a training run, rf-config(5). */
#ifndef REFORMER_CONFIG_H
#define REFORMER_CONFIG_H

#include <stdbool.h>

#include "base/opt.h"
#include "reformer/model_cfg.h"

struct data_cfg {
    const char *train, *eval; /* shards of kind sequences or masked; eval may be "" */
    const char *vocab;        /* for the filled-in sample; its digest must be the shards' */
    double mask_rate, mask_part, random_part; /* of a shard of sequences, anew each epoch */
};

struct optim_cfg {
    double lr, beta1, beta2, eps, decay, clip;
    int schedule;    /* index of schedule_names */
    uint64_t warmup; /* steps */
};

struct train_cfg {
    const char *run;   /* folder of the run: checkpoints and log.tsv */
    uint64_t batch;    /* sequences of one slot */
    uint64_t slots;    /* gradient slots summed into one update; a power of two */
    uint64_t steps;    /* updates in all */
    double stop_after; /* seconds of this start; 0: no limit */
    uint64_t log_every, eval_every, save_every, keep;
    uint64_t seed, threads;
};

struct rf_config {
    struct model_cfg model;
    struct data_cfg data;
    struct optim_cfg optim;
    struct train_cfg train;
};

/** What a new configuration starts from. */
extern const struct rf_config rf_config_default;

/** rf-train's rows: "model.dim" and so on; offsets are into struct rf_config. */
extern const struct opt rf_config_rows[];

/** "constant", "linear", NULL. */
extern const char *const schedule_names[];
enum schedule { SCHEDULE_CONSTANT, SCHEDULE_LINEAR };

/** Check what no single row can: heads divide dim, slots a power of two and so on. RF_OK or
 * RF_EUSAGE. */
MUST_CHECK int rf_config_check(const struct rf_config *cfg, struct errbuf *eb);

/**
 * May a run that began with `was` go on with `is`? Not if the model, the masking or the order
 * of the data differ (paths may). RF_OK, RF_EINVAL naming the first key that does, RF_ENOMEM.
 */
MUST_CHECK int rf_config_same_run(const struct rf_config *was, const struct rf_config *is,
                                  struct errbuf *eb);

#endif
