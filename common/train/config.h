/* config.h: everything that decides a training run, rf-config(5). */
#ifndef TRAIN_CONFIG_H
#define TRAIN_CONFIG_H

#include <stdbool.h>

#include "base/opt.h"
#include "model/model_cfg.h"

struct data_cfg {
    const char *train; /* shards of kind sequences or masked, "a.rfs=3 b.rfs=1"; "-": a pipe */
    const char *eval;  /* likewise, with names: "wiki=a.rfs bills=b.rfs"; may be "" */
    const char *vocab; /* for the filled-in sample; its digest must be the shards' */
    int task;          /* an enum task_kind */
    uint64_t label_from;      /* TASK_CLM: the first position with a label */
    bool in_order;            /* sequences as they lie in the shards, again and again */
    int read;                 /* an enum data_read */
    uint64_t window;          /* READ_BLOCKS: bytes of shards that are mixed at a time */
    uint64_t memory;          /* bytes that shards may take; 0: what they need */
    uint64_t group_by_length; /* batches that are sorted by length together; 0: none */
    double mask_rate, mask_part, random_part; /* how sequences are masked, anew each epoch */
    bool whole_word;
    uint64_t span;
    bool match; /* TASK_QA: tokens are marked that question and passage both have */
};

struct optim_cfg {
    int kind;                                          /* an enum optim_kind */
    int schedule;                                      /* an enum schedule */
    int decay_shape;                                   /* an enum decay_shape */
    int adjust;                                        /* Muon's: an enum adjust */
    bool nesterov;                                     /* Muon's */
    bool clip_update;                                  /* AdamW's, as StableAdamW has it */
    bool relative_step, scale_parameter, first_moment; /* Adafactor's */
    bool in_backward; /* a layer's weights are updated as soon as its gradients are there */
    double lr, beta1, beta2, eps, decay, clip;
    double muon_lr, momentum; /* Muon's */
    uint64_t ns_steps;        /* likewise */
    const char *no_decay;     /* patterns of names, spaces between */
    uint64_t warmup;          /* steps */
    uint64_t cycles;          /* of SCHEDULE_RESTARTS */
    double decay_share;       /* SCHEDULE_WSD: of the run */
    double value_factor;      /* learning rate of product-key values, as a multiple of lr */
    double layer_decay;  /* learning rate of a layer, as a multiple of the next one's; 0: 1 */
    double warmup_share; /* of the run; 0: `warmup` says it */
    double ema;          /* decay of the mean of the weights; 0: none is kept */
};

struct train_cfg {
    const char *run;      /* folder of the run: checkpoints and log.tsv */
    const char *from;     /* checkpoint or run whose weights a new run begins with; "": none */
    bool from_optim;      /* and whose optimiser */
    uint64_t batch;       /* sequences of one slot */
    uint64_t slots;       /* gradient slots summed into one update; a power of two */
    uint64_t slots_start; /* of the first updates, likewise; 0: as many */
    uint64_t slots_ramp;  /* updates before which all slots are not there yet: ramp_slots() */
    const char *lengths;  /* of pieces that sequences are cut into at first: ramp_length() */
    uint64_t steps;       /* updates in all; rf_config_epochs() sets it where epochs is not 0 */
    double epochs;        /* passes over the training data; 0: steps says it */
    const char *stop_after; /* when this start ends: rf_config_stop() */
    uint64_t log_every, eval_every, save_every, keep;
    double save_time;  /* seconds between checkpoints; 0: no limit */
    uint64_t patience; /* so many evaluations without a better one end the run; 0: none do */
    bool keep_best;    /* keep the checkpoint of the best evaluation */
    int best;          /* what makes it the best: an enum best */
    double z_loss;     /* weight of the squares of log Z in the loss */
    double label_smoothing; /* share of a label that goes to all ids alike */
    bool eval_ema;          /* evaluate the mean of the weights, where one is kept */
    uint64_t memory;        /* bytes to get by with; 0: half of the machine's */
    const char *device;     /* where to compute: rf_config_device() */
    int gemm, dtype;        /* an enum nn_gemm and an enum nn_dtype */
    bool graphs;            /* struct nn_options */
    int reduce;             /* how gradients of ranks are added: an enum reduce */
    uint64_t seed, threads;
};

/** What one start is to do; not part of the run's settings. */
struct start_cfg {
    bool dry_run, overfit, json;
    uint64_t needs;   /* the vocabulary's size; 0: it is not asked what a run needs */
    uint64_t ranks;   /* processes that share the work; 0: as many as MPI says */
    double heartbeat; /* seconds of silence after which a rank counts as lost; 0: never */
};

struct rf_config {
    struct model_cfg model;
    struct generator_cfg generator; /* TASK_ELECTRA */
    struct data_cfg data;
    struct optim_cfg optim;
    struct train_cfg train;
    struct start_cfg start;
};

/** What a new configuration starts from. */
extern const struct rf_config rf_config_default;

/** rf-train's options: "model.dim" and so on; their offsets are into struct rf_config. */
extern const struct opt rf_config_rows[];

/** What is to be learned: words behind a mask, the next token, where an answer stands, a class,
 * or which words a generator replaced. */
enum task_kind { TASK_MLM, TASK_CLM, TASK_QA, TASK_CLASSIFY, TASK_ELECTRA };
extern const char *const task_names[];

/** How products are computed, and of what numbers: enum nn_gemm and enum nn_dtype. */
extern const char *const gemm_names[], *const dtype_names[];

/** How shards are read. */
enum data_read {
    READ_WHOLE, /* into memory, before the first step */
    READ_BLOCKS /* as they are needed */
};

enum optim_kind { OPTIM_ADAMW, OPTIM_ADAFACTOR, OPTIM_LION, OPTIM_MUON };
extern const char *const optim_names[];

/** What Muon's rate is multiplied by, of a matrix (rows,cols). */
enum adjust {
    ADJUST_MATCH_RMS_ADAMW, /* 0.2 sqrt(max(rows, cols)): steps as large as AdamW's (Liu et al.
                               2025, section 2.2) */
    ADJUST_ORIGINAL         /* sqrt(max(1, rows / cols)) */
};
extern const char *const adjust_names[];

/** What the learning rate does after the warm-up; optim_rate(). */
enum schedule {
    SCHEDULE_CONSTANT,
    SCHEDULE_LINEAR,
    SCHEDULE_COSINE,
    SCHEDULE_RESTARTS,
    SCHEDULE_WSD
};
extern const char *const schedule_names[];

/** How the learning rate falls in the decay of SCHEDULE_WSD; optim_wsd_rate(). */
enum decay_shape { DECAY_LINEAR, DECAY_SQRT };
extern const char *const decay_names[];

/** What makes an evaluation the best: its loss, or the score of its task. */
enum best { BEST_LOSS, BEST_SCORE };
extern const char *const best_names[];

/** How the gradients of several ranks are added. */
enum reduce {
    REDUCE_TREE, /* in the tree of the slots: the same bits at any number of ranks */
    REDUCE_FAST  /* as MPI likes */
};
extern const char *const reduce_names[];

/** An amount of training. */
struct stop {
    enum stop_unit { STOP_NEVER, STOP_SECONDS, STOP_TOKENS, STOP_EPOCHS, STOP_STEPS } unit;
    double amount;
};

/** Read "45m", "10Mtok", "3ep" or "500steps"; NULL, "" and "0": never. RF_OK or RF_EUSAGE. */
MUST_CHECK int rf_config_stop(struct stop *s, const char *text, struct errbuf *eb);

/** Where train.device says to compute. */
struct device_choice {
    char name[64];   /* "cpu", "auto", or the name of a plugin, nn/plugin.h */
    uint64_t memory; /* bytes of the plugin's device, of which no more is to be counted on; 0:
                        what it has */
};

/** Read "cpu", "auto", "NAME" or "NAME:24G". RF_OK or RF_EUSAGE. */
MUST_CHECK int rf_config_device(struct device_choice *d, const char *text, struct errbuf *eb);

/** Set train.steps from train.epochs, and optim.warmup from optim.warmup_share, each where it
 * is not 0, for training data of so many records. */
void rf_config_epochs(struct rf_config *c, uint64_t records);

/** Check what no single row can: heads divide dim, slots a power of two and so on. RF_OK or
 * RF_EUSAGE. */
MUST_CHECK int rf_config_check(const struct rf_config *cfg, struct errbuf *eb);

/**
 * May a run that began with `was` go on with `is`? Not if the model, the masking or the order
 * of the data differ (paths may). RF_OK, RF_EINVAL naming the first key that does, RF_ENOMEM.
 */
MUST_CHECK int rf_config_same_run(const struct rf_config *was, const struct rf_config *is,
                                  struct errbuf *eb);

/** May a new run take the optimiser of one with the settings `was`? Only if that keeps the same
 * states. RF_OK, RF_EINVAL naming the first key that differs, RF_ENOMEM. */
MUST_CHECK int rf_config_same_optim(const struct rf_config *was, const struct rf_config *is,
                                    struct errbuf *eb);

#endif
