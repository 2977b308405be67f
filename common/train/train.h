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

struct task;  /* task.h */
struct ranks; /* ranks/ranks.h */

/** Where sequences come from: training itself reads no files of data. */
struct train_source {
    void *self;
    const char *name;       /* what the log calls evaluation data */
    uint64_t records;       /* of one pass; 0: there are no such data */
    size_t max_len;         /* tokens of the longest record */
    double bytes_per_token; /* bytes of text that a label stands for; 0: not known */
    /** Read record i: of training data in the order of the run, of evaluation data in that of
     * the records. ids, positions and labels have room for max_len each. A label is what is to
     * be said at its position; positions ascend. Training data are read by a thread of their
     * own. RF_OK or an error with its line. */
    int (*get)(void *self, uint64_t i, int32_t *ids, size_t *n, uint32_t *positions,
               int32_t *labels, size_t *n_labels, struct errbuf *eb);
};

/** A mean loss of the labels of `of`, in nats, as bits per byte of their text; NaN: it is not
 * known how many bytes that is. */
double train_bits(double loss, const struct train_source *of);

/** How the run is doing; a field without a value is NaN. */
struct train_report {
    uint64_t step, steps, tokens, skipped;
    double share; /* of the slots of all steps that is done */
    double epoch;
    double loss, acc, lr, grad_norm; /* of the last step; acc is a share */
    double mean_loss;                /* of the last log row */
    const char *set;                 /* which data the last evaluation was of; NULL: none yet */
    double eval_loss, eval_acc, unigram_loss; /* of that evaluation */
    double eval_bits;                         /* the same loss in bits per byte of text */
    double seconds;                           /* that the run took, over all its starts */
    double tokens_per_s;                      /* since the last log row */
    double mfu, hfu; /* shares of the device's peak, since the last log row: of the model's
                        operations, of those executed; known once a start has trained for ten
                        seconds */
    double rss;      /* peak memory in bytes */
    double launches, waits; /* of the device, a step of this start on average; NaN: it does not
                               count them */
    double wait;            /* share of the time that training waited for data */
    uint64_t best_step;     /* step of the best evaluation, where it is kept; 0: none */
    double best_loss;       /* its loss; where train.best is score, 1 less its score */
    const char *score_name; /* what the task calls its score; NULL: it has none */
    double score;           /* of that evaluation */
    bool gave_up;           /* patience ended the run */
};

/** A sequence of the evaluation data and what the model would say; empty where the task's
 * labels are no tokens. */
struct train_sample {
    const int32_t *ids; /* [n] as the model saw them */
    size_t n;
    const uint32_t *positions;     /* [n_labels] ascending */
    const int32_t *labels, *guess; /* [n_labels] what is right, what the model says */
    size_t n_labels;
};

/** What is known before the first step of this start. */
struct train_start {
    uint64_t step;     /* steps done already */
    double share;      /* of the slots of all steps that is */
    uint64_t broken;   /* checkpoints that were passed over */
    size_t parameters; /* numbers learned */
    size_t bytes;      /* memory that training takes for them and for a batch */
    size_t needed;     /* memory, the data included, where train.memory is less; else 0 */
    size_t anew;       /* outputs that begin anew, because train.from has none for them */
    const char *way;   /* how ranks exchange what lies on devices, "by NCCL"; NULL: one rank
                          alone, or devices in the host's memory */
    bool done;         /* the run is finished: nothing is left to do */
    bool log_short;    /* log.tsv lacks rows that were there at that step */
    bool log_changed;  /* log.tsv is not as it was at that step, but all its rows are there */
};

enum { TRAIN_SAVE = 1, TRAIN_STOP = 2 };

/** What a run calls; each may be NULL. What a call is given lives until it returns. */
struct train_hooks {
    void *self;
    unsigned (*asked)(void *self); /* returns TRAIN_ flags wanted since the last call */
    /** Called before the first step. An error ends the run. */
    int (*started)(void *self, const struct train_start *start, struct errbuf *eb);
    /** Called after each step. */
    void (*stepped)(void *self, const struct train_report *r);
    /** Called after the evaluation of each set. */
    void (*evaluated)(void *self, const struct train_report *r, const struct train_sample *s);
    /** Called with each row of the log, as a JSON object and a line feed. An error ends the
     * run. */
    int (*logged)(void *self, const char *json, struct errbuf *eb);
    /** Called with one line when a checkpoint, or the first of some rows, could not be written
     * now and will be tried again. */
    void (*missed)(void *self, const char *line);
};

enum { TRAIN_SHARES_MAX = 16 };

struct train_job {
    const struct rf_config *cfg;
    const struct task *task; /* task_of(cfg), unless it is one of the caller's own */
    struct nn *nn;
    struct ranks *ranks; /* who shares the work; NULL: one rank alone. Of several, all call
                            train_run() with equal settings and data; rank 0 alone writes the
                            run's folder and calls all hooks, the others only asked() */
    size_t shares; /* in how many calls the slots of a step are computed, a power of two up to
                      TRAIN_SHARES_MAX and the slots; 0: one. It changes no bit. Each share has
                      a thread that reads: train.get() must bear that. */
    size_t data_bytes;      /* memory that the data take; train_needs() counts it */
    struct ckpt_state data; /* used of it: vocab_size, the special ids, max_len, both digests */
    struct train_source train, *eval;
    size_t n_eval;
    const double *counts; /* [vocab_size] how often each id is in the training data; needed only
                             where there are evaluation data */
    struct train_hooks hooks;
};

/** What a run takes: bytes of the memory that the device computes in, and operations of one
 * update if all its sequences are of full length. The data are part of the total where that
 * memory is the host's. */
struct train_needs {
    uint64_t parameters;
    size_t weights, gradients, optimiser, batch, scratch, data, total;
    size_t host; /* of the host's memory, beside a device with memory of its own: the data and
                    what a checkpoint is written from; else 0 */
    double model_flops;    /* forward and backward, each thing once; MFU counts these */
    double executed_flops; /* with what is computed again; HFU counts these */
};

/** Find that without a step; of the job, cfg, task, nn, data_bytes, and of its data vocab_size
 * and max_len are needed. RF_OK, RF_EUSAGE: neither data nor model.max_len say how long
 * sequences are; or learner_cost()'s errors. */
MUST_CHECK int train_needs(struct train_needs *n, const struct train_job *job,
                           struct errbuf *eb);

/** The largest train.batch, all else as it is, with which a run fits into the memory of a
 * device that has its own; 0: none does. RF_OK or train_needs()'s errors. */
MUST_CHECK int train_largest_batch(uint64_t *batch, const struct train_job *job,
                                   struct errbuf *eb);

/** What a trial found. If a step takes more than some seconds, or the run more memory than
 * there is, no step is made: then what is told of one is NaN. */
struct train_trial {
    struct train_needs needs;
    double least;    /* seconds that a step takes at the device's peak, so never fewer */
    double seconds;  /* that the fastest step took */
    double tokens;   /* of that step */
    double peak;     /* operations a second of the device's best product */
    double mfu, hfu; /* shares of it, of the fastest step */
    double rss;      /* the most memory the process had */
};

/** Find what a run takes, and make a few steps; nothing is written. train_run()'s errors. */
MUST_CHECK int train_try(const struct train_job *job, struct train_trial *trial,
                         struct errbuf *eb);

/**
 * Train; *end (may be NULL) tells how the run stands at the end. The run's folder is made,
 * locked meanwhile, and holds log.tsv and checkpoints afterwards. RF_OK: all steps are done, or
 * were; RF_ENOMEM: also where it would not fit into a device's own memory, before the first
 * step; RF_ESTOP: stopped on request, saved; RF_ENAN: five steps in a row were not finite,
 * nothing saved since; RF_EIO: also where three checkpoints in a row could not be written, or
 * the last one; RF_EINVAL: the folder holds another run, or the data do not suit; or what
 * reading, writing and the device give.
 */
MUST_CHECK int train_run(const struct train_job *job, struct train_report *end,
                         struct errbuf *eb);

#endif
