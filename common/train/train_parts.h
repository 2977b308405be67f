/* train_parts.h: what the files of training share; not for others. */
#ifndef TRAIN_TRAIN_PARTS_H
#define TRAIN_TRAIN_PARTS_H

#include <stdio.h>

#include "train/optim.h"
#include "train/train.h"

enum { SLOT_LEVELS_MAX = 17, SKIPS_MAX = 5, PEAK_AFTER_S = 10, FEED_SLOTS = 4 };

/* Host memory of one slot, max_len to a sequence until T is known. */
struct slot {
    int32_t *ids, *labels, *rows;
    uint32_t *positions;
    uint8_t *real;
    size_t *len, *n_labels; /* of each sequence */
    uint64_t tokens;
    struct model_batch batch;
};

struct feed;

struct train {
    const struct train_job *job;
    const struct rf_config *cfg;
    struct nn *nn;
    struct model *model;
    struct optim optim;
    float *grad[SLOT_LEVELS_MAX]; /* one block, and one more for each level of the tree */
    size_t levels, grad_bytes;    /* of one; optim.in_backward: there is none */
    double labels, squares;       /* of the step in hand: its labels, its gradients' squares */
    struct slot slot;             /* for evaluations */
    struct feed *feed;            /* of training data */
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
    struct model_cost cost;
    struct train_work {
        double model, executed; /* operations */
    } work;                     /* since the last row */
    double peak; /* operations a second of the device's best product; 0: not measured yet */
    struct stop stop;
    uint64_t first_step, first_tokens; /* of this start */
    unsigned asked;                    /* TRAIN_ flags not yet done */
    struct train_report report;
};

/** t->asked, with what the hook wants now. */
unsigned train_asked(struct train *t);

/* --- train_update.c */

/** One step: a gradient, and the weights by it unless it is skipped; *tokens added to. RF_OK,
 * RF_ENAN (five steps in a row were), what reading data and computing may fail with. */
MUST_CHECK int train_update(struct train *t, uint64_t *tokens, struct errbuf *eb);

/** Not for NaN, nor past float. */
bool train_is_finite(double x);

/* --- train_data.c */

/** Memory for batches of the configuration. RF_OK or RF_ENOMEM. */
MUST_CHECK int slot_new(struct slot *s, size_t batch, size_t max_len);
void slot_free(struct slot *s);

/** Records first to first + B of a source into s. RF_OK, RF_EINVAL (the source's may be longer
 * than data->max_len), what get() fails with. */
MUST_CHECK int slot_fill(struct slot *s, const struct train_source *from, uint64_t first,
                         size_t B, const struct ckpt_state *data, struct errbuf *eb);

/**
 * A thread that reads training data ahead: slot after slot of the run, from that of `state` on,
 * until it has those of `steps` steps since the run's beginning; no more may be asked for.
 * RF_OK or RF_ENOMEM.
 */
MUST_CHECK int feed_new(struct feed **f, const struct train_job *job,
                        const struct ckpt_state *state, uint64_t steps, struct errbuf *eb);
void feed_free(struct feed *f); /* NULL is fine */

/** The next slot; it lives until the next call. Time spent waiting is added to *waited. */
MUST_CHECK int feed_next(struct feed *f, const struct slot **s, double *waited,
                         struct errbuf *eb);

/* --- train_cost.c */

/** Bytes for the model's activations: what the configured memory leaves. */
size_t train_budget(const struct train_job *job, const struct params *p);

/** What the run takes where that is more than the configured memory, else 0. */
size_t train_over(const struct train_job *job, const struct params *p, size_t step_bytes);

/** Blocks of gradients: one for each level of the tree over slots. */
size_t train_levels(const struct rf_config *c);

/** What the model needs memory for. */
enum model_use train_model_use(const struct rf_config *c);

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

/** "run/name" to `to`. RF_OK or RF_EINVAL: too long. */
MUST_CHECK int run_path(char *to, size_t size, const struct train *t, const char *name,
                        struct errbuf *eb);

/** Open log.tsv, cut to what the checkpoint knows of it. Where it is shorter, the whole rows up
 * to the checkpoint's step stay, and log_short is set. */
MUST_CHECK int log_open(struct train *t, struct errbuf *eb);

/** A row of log.tsv, rf-log(5), and of the hook. */
MUST_CHECK int log_row(struct train *t, const struct train_report *row, struct errbuf *eb);

#endif
