/*
 * train.h: a training run from its first step, or its newest checkpoint, to its last.
 *
 * Everything that is drawn follows from the seed and the step, and the order of the data from
 * (seed, epoch, index), so that a run that is killed and started again computes bit for bit
 * what it would have computed.
 */
#ifndef TRAIN_TRAIN_H
#define TRAIN_TRAIN_H

#include "ckpt/checkpoint.h"
#include "model/model.h"
#include "train/config.h"

struct task; /* task.h */

/** Where sequences come from; the model knows no files of data. */
struct train_source {
    void *self;
    const char *name;       /* of evaluation data, in the log */
    uint64_t records;       /* of one pass; 0: no such data */
    size_t max_len;         /* of a record, in tokens */
    double bytes_per_token; /* of their text; 0: not known */
    /** Record i of the order of the run; of evaluation data, of its records. ids, positions and
     * labels have room for max_len each; labels, each for what is to be said of the
     * row at its position, stand at ascending ones. Training data are read by a thread of their
     * own. RF_OK or an error with its line. */
    int (*get)(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
               int32_t *labels, size_t *n_labels, struct errbuf *eb);
};

/** How the run is; a field without a value is NaN. */
struct train_report {
    uint64_t step, steps, tokens, skipped;
    double epoch;
    double loss, acc, lr, grad_norm; /* of the last step; acc is a share */
    double mean_loss;                /* of the last log row */
    const char *set;                 /* evaluation data of the next four; NULL: none yet */
    double eval_loss, eval_acc, eval_bits, unigram_loss; /* bits per byte of text */
    double seconds, tokens_per_s; /* of the run, over all starts; of late */
    double mfu, hfu; /* shares of the peak of late: of the model's operations, of those
                        executed; known once a start has trained for ten seconds */
    double rss,
        wait; /* peak memory in bytes; share of the time that training waited for data */
    uint64_t best_step; /* where patience is asked for: of the best evaluation; 0: none */
    double best_loss;
    bool gave_up; /* evaluations were no better for so long */
};

/** A sequence of the evaluation data and what the model would put there; empty where the labels
 * of the task are no tokens. */
struct train_sample {
    const int32_t *ids; /* [n] as the model saw them */
    size_t n;
    const uint32_t *positions; /* [n_labels] ascending */
    const int32_t *labels, *guess;
    size_t n_labels;
};

/** What is known before the first step of this start. */
struct train_start {
    uint64_t step;            /* steps done already */
    uint64_t broken;          /* checkpoints that were passed over */
    size_t parameters, bytes; /* numbers learned; memory for all of them and a batch */
    size_t needed;            /* memory, with the data, where train.memory is less; else 0 */
    bool done;                /* the run is: nothing is left to do */
    bool log_short;           /* log.tsv lacks rows that were there at that step */
};

enum { TRAIN_SAVE = 1, TRAIN_STOP = 2 };

/** Calls out of a run; each may be NULL. What they are given lives until they return. */
struct train_hooks {
    void *self;
    unsigned (*asked)(void *self); /* TRAIN_ flags wanted since the last call */
    /** An error ends the run. */
    int (*started)(void *self, const struct train_start *start, struct errbuf *eb);
    void (*stepped)(void *self, const struct train_report *r);
    /** After each set. */
    void (*evaluated)(void *self, const struct train_report *r, const struct train_sample *s);
    /** A row of the log, as a JSON object and a line feed. An error ends the run. */
    int (*logged)(void *self, const char *json, struct errbuf *eb);
};

enum { TRAIN_SHARES_MAX = 16 };

struct train_job {
    const struct rf_config *cfg;
    const struct task *task; /* task_of(cfg), unless it is one of the caller's own */
    struct nn *nn;
    size_t shares; /* in how many calls the slots of a step are computed, a power of two up to
                      TRAIN_SHARES_MAX and the slots; 0: one. It changes no bit. Each reads by a
                      thread of its own: train.get() must bear that. */
    size_t data_bytes;      /* that the data take, for what a run needs */
    struct ckpt_state data; /* of it: vocab_size, the ids, max_len, both digests */
    struct train_source train, *eval;
    size_t n_eval;
    const double *counts; /* [vocab_size] how often each id is in the training data; with
                             evaluation data alone */
    struct train_hooks hooks;
};

/** What a run takes; bytes of memory, operations of one update's sequences at full length. */
struct train_needs {
    uint64_t parameters;
    size_t weights, gradients, optimiser, batch, scratch, data, total;
    double model_flops;    /* forward and backward, nothing computed again: MFU */
    double executed_flops; /* with what is: HFU */
};

struct train_trial {
    struct train_needs needs;
    double seconds;        /* of a step, the fastest */
    double tokens;         /* of it */
    double peak, mfu, hfu; /* operations a second of the device's best product; shares of it */
    double rss;            /* the most memory the process had */
};
/** What a run would take, and how it goes: a few steps are made, nothing is written. RF_OK or
 * train_run()'s errors. */
MUST_CHECK int train_try(const struct train_job *job, struct train_trial *trial,
                         struct errbuf *eb);

/**
 * Train; *end (may be NULL) tells how it stands when it returns. The run's folder is made,
 * locked, and holds log.tsv and checkpoints after. RF_OK: all steps are done, or were;
 * RF_ESTOP: stopped on request, saved; RF_ENAN: five steps in a row were not finite, nothing
 * saved since; RF_EINVAL: the folder holds another run, or the data do not suit; or what
 * reading, writing and the device give.
 */
MUST_CHECK int train_run(const struct train_job *job, struct train_report *end,
                         struct errbuf *eb);

#endif
