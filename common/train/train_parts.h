/* train_parts.h: what the files of training share; not for others. */
#ifndef TRAIN_TRAIN_PARTS_H
#define TRAIN_TRAIN_PARTS_H

#include <stdio.h>

#include "train/score.h"
#include "train/slot.h"
#include "train/task.h"
#include "train/train.h"

enum { SKIPS_MAX = 5, PEAK_AFTER_S = 10, FEED_SLOTS = 4 };

struct feed;

/* What a step adds up on the device; it comes back in one piece, when the step is over. */
struct totals {
    double squares;      /* of the gradient */
    float scale, unused; /* step_scale(); NaN: the step does not count */
    struct nn_sum sum[]; /* [slots][sums of the task] */
};

/* Slots of each step that are computed in one call, and where they come from. */
struct share {
    uint64_t first, count;
    struct feed *feed;
};

struct train {
    const struct train_job *job;
    const struct rf_config *cfg;
    struct nn *nn;
    struct learner learner;
    struct totals *totals, *got; /* on the device, and its copy in the host's memory */
    uint64_t labels, tokens;     /* of the step in hand */
    struct scorer scorer;        /* for evaluations */
    struct share share[TRAIN_SHARES_MAX];
    size_t shares;
    struct ckpt_state state;
    uint64_t without_label; /* steps in a row */
    uint64_t broken;
    bool dirty; /* something happened since the last checkpoint */
    bool owed;  /* a checkpoint was due while steps were skipped */
    FILE *log;
    bool log_short; /* it lacks rows that were there at the checkpoint */
    struct buf row; /* of the log, in the making */
    int lock;       /* file descriptor of run/lock, -1: none */
    double started, logged,
        saved_moment; /* this start; the last log row; the last checkpoint */
    uint64_t logged_tokens;
    double waited; /* for data, since the last row; seconds */
    struct learner_cost cost;
    struct train_work {
        double model, executed; /* operations */
    } work;                     /* since the last row */
    double peak; /* operations a second of the device's best product; 0: not measured yet */
    struct stop stop;
    uint64_t first_step, first_tokens; /* of this start */
    unsigned asked;                    /* TRAIN_ flags not yet done */
    struct train_report report;
};

/* --- train_update.c */

/** One step: a gradient, and the weights by it unless it is skipped; t->tokens are its tokens.
 * RF_OK, RF_ENAN (five steps in a row were), what reading data and computing may fail with. */
MUST_CHECK int train_update(struct train *t, struct errbuf *eb);

/** Bytes of a struct totals for all slots of a step. */
size_t train_totals_bytes(const struct rf_config *c);

/* --- train_data.c */

/**
 * A thread that reads training data ahead: of each step the slots first to first + count, from
 * the step of `state` on, until it has those of `steps` steps since the run's beginning; no
 * more may be asked for. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int feed_new(struct feed **f, const struct train_job *job,
                        const struct ckpt_state *state, uint64_t steps, uint64_t first,
                        uint64_t count, struct errbuf *eb);
void feed_free(struct feed *f); /* NULL is fine */

/** The next slot; it lives until the next call. Time spent waiting is added to *waited. */
MUST_CHECK int feed_next(struct feed *f, const struct slot **s, double *waited,
                         struct errbuf *eb);

/* --- train_cost.c */

/** What the learner of a run has memory for: the configured memory leaves a budget to its
 * model. And what that costs. RF_OK, or learner_cost()'s errors. */
MUST_CHECK int train_size(struct learner_size *size, struct learner_cost *cost,
                          const struct train_job *job, struct errbuf *eb);

/** What the run takes where that is more than the configured memory, else 0. */
size_t train_over(const struct train_job *job, const struct params *p, size_t step_bytes);

/** What a run takes whose learner is there. */
void train_needs(struct train_needs *n, const struct train *t);

/** Add the work of a batch, as for each token of the largest one. */
void train_count(struct train *t, const struct model_batch *b);

/* --- train_eval.c */

/**
 * Evaluate all sets: a row of the log and the hook for each; *loss is that of the first.
 * RF_ESTOP: asked to stop on the way.
 */
MUST_CHECK int train_evaluate(struct train *t, double *loss, struct errbuf *eb);

/* --- train_files.c */

/** Make and lock the run's folder; read its newest checkpoint, if it has one, open its log. */
MUST_CHECK int train_open_files(struct train *t, struct errbuf *eb);
void train_close_files(struct train *t);

/** A checkpoint of now, unless the last one is of now. */
MUST_CHECK int train_save(struct train *t, struct errbuf *eb);

/** The path of the newest whole checkpoint of a step before `step`, to be freed; NULL: none. */
char *train_checkpoint_before(const struct train *t, uint64_t step);

/** Seconds of the run so far, over all starts. */
double train_seconds(const struct train *t);

/* --- train_log.c */

/** Open log.tsv, cut to what the checkpoint knows of it. Where it is shorter, the whole rows up
 * to the checkpoint's step stay, and log_short is set. */
MUST_CHECK int log_open(struct train *t, struct errbuf *eb);

/** A row of log.tsv, rf-log(5), and of the hook; sums: for the columns of the task, NULL: it
 * has none. */
MUST_CHECK int log_row(struct train *t, const struct train_report *row, const struct sums *sums,
                       struct errbuf *eb);

#endif
