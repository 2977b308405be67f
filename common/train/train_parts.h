/* train_parts.h: what the files of training share; not for others. */
#ifndef TRAIN_TRAIN_PARTS_H
#define TRAIN_TRAIN_PARTS_H

#include <stdio.h>

#include "ranks/ranks.h"
#include "train/score.h"
#include "train/slot.h"
#include "train/task.h"
#include "train/train.h"

enum { SKIPS_MAX = 5, MISSES_MAX = 3, PEAK_AFTER_S = 10, FEED_SLOTS = 4 };

struct feed;
struct grad_sum;

/* What a step adds up on the device; the host reads it in one piece when the step is over. */
struct totals {
    double squares;      /* sum over the gradient's numbers */
    float scale, unused; /* step_scale(); NaN: the step does not count */
    struct nn_sum sum[]; /* [slots][sums of the task] */
};

/* Slots of an update that are computed in one call. */
struct slots {
    uint64_t first, count;
};

/* What a rank wants after a step. */
struct wish {
    double used;       /* of the limit of this start, by its clock */
    uint64_t asked;    /* TRAIN_ flags */
    uint64_t save_now; /* it is time for a checkpoint, by its clock */
};

/* What ranks exchange; one rank alone has none. */
struct exchange {
    size_t part;                      /* of the pieces, that of this rank */
    char *news;                       /* [ranks] what each has of a step */
    struct wish *wishes;              /* [ranks] */
    double *squares, *device_squares; /* [pieces] of a gradient; and on the device */
    const struct nn_peers *peers;     /* by which devices reach each other; NULL: they do not */
    float *block;                     /* if they do not, a block of gradients or weights in the
                                         host's memory; NULL: those of the device lie there */
    struct errbuf way;                /* which it is, for struct train_start */
    struct grad_sum *sum;             /* train_sum.c's */
};

struct train {
    const struct train_job *job;
    const struct rf_config *cfg;
    struct nn *nn;
    struct ranks alone, *ranks; /* `ranks` is the job's or, of one rank, `alone` */
    struct exchange exchange;
    struct learner learner;
    struct totals *totals, *got;         /* on the device, and its copy in the host's memory */
    uint64_t slots, labels, tokens;      /* of the step in hand */
    uint64_t last_slot;                  /* that this rank computes in it */
    struct scorer scorer;                /* for evaluations */
    struct feed *feed[TRAIN_SHARES_MAX]; /* who reads the slots of each share */
    size_t shares;                       /* of this rank; each rank has as many */
    struct ckpt_state state;
    uint64_t without_label; /* slots of the steps in a row that had no label */
    uint64_t broken;        /* checkpoints that were passed over */
    bool dirty;             /* something happened since the last checkpoint */
    bool owed;              /* a checkpoint is due and not yet written */
    int log;                /* file descriptor of log.tsv, -1: none */
    uint64_t log_end;       /* its length when the last row was written */
    bool log_short;         /* the log lacks rows that were there at the checkpoint */
    size_t anew;            /* outputs for which train.from had no weights */
    bool log_changed;       /* it has others, or others between them */
    struct buf row, json;   /* rows that are not yet in the log; the last row as JSON */
    bool told;              /* all ranks know what the last attempt to save came to */
    unsigned misses;        /* how many checkpoints in a row could not be written */
    int lock;               /* file descriptor of run/lock, -1: none */
    double started;         /* moment of now_s() when this start began */
    double logged;          /* of the last log row, plus the time of evaluations since */
    double saved_moment;    /* of the last checkpoint */
    uint64_t logged_tokens; /* tokens of the run at the last log row */
    double waited;          /* seconds that training waited for data since then */
    struct ramp_lengths lengths;
    struct learner_cost cost[MODEL_PIECES_MAX + 1]; /* of a slot in each stage of them */
    struct train_work {
        double model, executed; /* operations: each once; with what is computed again */
    } work;                     /* since the last log row */
    double peak; /* operations a second of the device's best product; 0: not measured yet */
    struct stop stop;
    double decay;             /* schedule wsd: how much of its decay is done at the next step */
    double decay_before;      /* and was when this start began, if it has a limit */
    uint64_t launches, waits; /* of the device, in the steps of this start */
    uint64_t first_step, first_tokens; /* steps and tokens of the run when this start began */
    unsigned asked;                    /* TRAIN_ flags that are not done yet */
    struct train_report report;
};

/* --- train_update.c */

/** Make one step: compute its gradient, and update the weights unless the step is skipped;
 * t->tokens becomes its tokens. RF_OK, RF_ENAN (five steps in a row were skipped), or the
 * errors of reading data and of the device. */
MUST_CHECK int train_update(struct train *t, struct errbuf *eb);

/** Bytes of a struct totals for all slots of a step. */
size_t train_totals_bytes(const struct rf_config *c);

/* --- train_ranks.c: calls that all ranks make together, but for the first three */

/** Whether the slots of a step can be shared out to so many ranks. RF_OK or RF_EUSAGE. */
MUST_CHECK int train_check_ranks(const struct train *t, struct errbuf *eb);

/** Take memory for the exchange, once there is a learner. RF_OK or RF_ENOMEM;
 * train_exchange_free() in either case: all ranks leave `together`, or this one does alone. */
MUST_CHECK int train_exchange_new(struct train *t, struct errbuf *eb);
void train_exchange_free(struct train *t, bool together);
/** Find how ranks exchange, and make the sum of their gradients. One rank alone does nothing.
 * What one rank fails with, all fail with: RF_ENOMEM, ranks_sum_new()'s errors, or the ranks'
 * failure. */
MUST_CHECK int train_exchange_open(struct train *t, struct errbuf *eb);

/* Of two or more ranks; each returns RF_OK, or the device's or ranks' failure. */

/** Let t->labels, t->tokens and the sums of t->totals be those of all ranks' slots. */
MUST_CHECK int train_share_sums(struct train *t, struct errbuf *eb);
/** Let the squares of t->totals be those of all parts of a gradient. */
MUST_CHECK int train_share_squares(struct train *t, const float *grad, struct errbuf *eb);

/* Of any number of ranks; of one they do nothing. */

/** Bring each part of the weights from the rank that updates it to all. */
MUST_CHECK int train_gather_weights(struct train *t, struct errbuf *eb);
/** Let *mine be what the run does: what any rank was asked for, and rank 0's clock. */
MUST_CHECK int train_share_wishes(struct train *t, struct wish *mine, struct errbuf *eb);
/** Return what rank 0 has come to, with its line in eb, which is not NULL. */
MUST_CHECK int train_tell_outcome(struct train *t, int rc, struct errbuf *eb);

/* --- train_sum.c: the sum of the gradients of two or more ranks */

/** Make it; called by train_exchange_open(), and undone by train_exchange_free(). RF_OK,
 * RF_ENOMEM or ranks_sum_new()'s errors. */
MUST_CHECK int train_sum_new(struct train *t, struct errbuf *eb);
void train_sum_free(struct train *t);

/**
 * From now on this rank's last gradient of the step is computed, in block `level`, and is to be
 * joined to each block above it: nobody else joins them any more. Where it `watches`, which is
 * for a gradient that backward computes, parts of it are summed on the way.
 */
void train_sum_begin(struct train *t, size_t level, bool watches);
/** Whether that was called in this step. */
bool train_sum_begun(const struct train *t);
/** Let what the optimiser's part has of the first block be the sum over all ranks. RF_OK, or
 * the device's or ranks' failure. */
MUST_CHECK int train_sum_finish(struct train *t, struct errbuf *eb);

/* --- train_peers.c: exchanges from device to device; after the first call, where there are
 * t->exchange.peers */

/** Let the devices of all ranks reach each other, or none, and note which. RF_OK, RF_ENOMEM, or
 * the ranks' failure. */
MUST_CHECK int train_peers_join(struct train *t, struct errbuf *eb);
void train_peers_leave(struct train *t, bool together);

/** Start to add the block x of this rank to those of the others, ranks_sum_start(): once
 * train_peers_finish() has returned this rank's part is the sum. Until then the device may do
 * anything else but touch what lies within the borders. */
void train_peers_sum(struct train *t, float *x, const size_t *border);
MUST_CHECK int train_peers_finish(struct train *t, struct errbuf *eb);

/** Bring each part of x from the rank that has it to all. */
MUST_CHECK int train_peers_gather(struct train *t, float *x, const size_t *border,
                                  struct errbuf *eb);

/* --- train_end.c */

/** Share of train.stop_after that this start has used by now; 1 and more: it is enough; 0 also
 * where it has no limit. */
double train_used(const struct train *t);

/**
 * Find how much of the decay of schedule wsd is done at the next step, of a start that has
 * `used` so much; after a step that was just made that of this step is noted. A decay that
 * begins with the next step owes a checkpoint, which will be kept.
 */
void train_plan_decay(struct train *t, bool just_made, double used);

/** The learning rate of the next step. */
double train_rate(const struct train *t);

/* --- train_data.c */

/** Slots of the update behind `step` updates that are those of one of `shares`, each a power of
 * two: all shares have as many, but where there are fewer slots the last shares have none. */
struct slots share_slots(const struct train_cfg *c, uint64_t step, size_t share, size_t shares);

/**
 * Start a thread that reads training data ahead. It reads the slots of a share of each step,
 * from the step of `state` on up to step `steps` of the run; no more may be asked for. RF_OK or
 * RF_ENOMEM.
 */
MUST_CHECK int feed_new(struct feed **f, const struct train_job *job,
                        const struct ckpt_state *state, uint64_t steps, size_t share,
                        size_t shares, struct errbuf *eb);
void feed_free(struct feed *f); /* NULL is fine */

/** *s becomes the next slot, which lives until the next call. Seconds spent waiting are added
 * to *waited. RF_OK or the errors of slot_fill(). */
MUST_CHECK int feed_next(struct feed *f, const struct slot **s, double *waited,
                         struct errbuf *eb);

/* --- train_cost.c */

/** What the learner of a run has memory for: the configured memory leaves a budget to its
 * model. And what that costs. RF_OK, or learner_cost()'s errors. */
MUST_CHECK int train_size(struct learner_size *size, struct learner_cost *cost,
                          const struct train_job *job, struct errbuf *eb);

/** Bytes that the run takes, if they are more than the configured memory; else 0. */
size_t train_over(const struct train_job *job, const struct params *p, size_t step_bytes);

/** RF_OK if the run fits into the memory of a device that has its own, or the memory is the
 * host's, which can swap; RF_ENOMEM: it does not, and the line says what would; or
 * train_needs()'s errors. */
MUST_CHECK int train_check_room(const struct train_job *job, struct errbuf *eb);

/** Bytes of the memory that the device computes in, whoever takes them. */
size_t train_memory(const struct train_job *job);

/** Add the operations of a batch to t->work: its share of those of the largest batch of the
 * stage. */
void train_count(struct train *t, const struct model_batch *b);

/* --- train_eval.c */

/**
 * Evaluate all sets; each gets a row of the log and a call of the hook. *badness becomes the
 * loss of the first set, or 1 less its score, as train.best says. RF_ESTOP: the run was asked
 * to stop on the way.
 */
MUST_CHECK int train_evaluate(struct train *t, double *badness, struct errbuf *eb);

/* --- train_files.c */

/** Make and lock the run's folder; read its newest checkpoint, if it has one, open its log. */
MUST_CHECK int train_open_files(struct train *t, struct errbuf *eb);
void train_close_files(struct train *t);

/** Write a checkpoint, unless nothing happened since the last one. RF_EIO: the system refused;
 * the checkpoints before are as they were. */
MUST_CHECK int train_save(struct train *t, struct errbuf *eb);

/** Path of the newest whole checkpoint of a step before `step`; the caller frees it. NULL:
 * none. */
char *train_checkpoint_before(const struct train *t, uint64_t step);

/** Seconds that the run has taken so far, over all starts. */
double train_seconds(const struct train *t);

/* --- train_states.c: the optimiser's states of all ranks, as tensors of files */

struct train_states {
    struct tensor_store store;
    struct train *train;
    struct tensor *first; /* the tensors, in the order of optim_state() */
};

/** Let the store *s have the numbers of n tensors from `first` on. */
void train_states_of(struct train_states *s, struct train *t, struct tensor *first, size_t n);

/** While rank 0 writes such tensors all others serve: they send what it asks for, until it
 * calls train_states_end(). RF_OK, RF_ENOMEM, or the device's or ranks' failure. */
MUST_CHECK int train_states_serve(struct train *t, struct errbuf *eb);
MUST_CHECK int train_states_end(struct train *t, struct errbuf *eb);

/* --- train_log.c */

/** Open log.tsv and cut it behind the last row that was there at the checkpoint. If that is not
 * the length which the checkpoint knows, t->log_short or t->log_changed is set. */
MUST_CHECK int log_open(struct train *t, struct errbuf *eb);

/** Write the rows that wait, all or none. RF_OK or RF_EIO: they go on waiting. */
MUST_CHECK int log_flush(struct train *t, struct errbuf *eb);

/** Write n bytes. Returns 0, or -1 with the reason in errno. */
int write_all(int fd, const char *p, size_t n);

/** Write a row of log.tsv, rf-log(5), and give it to the hook; if it cannot be written now, it
 * waits for the next one or the next checkpoint. The task's columns are made of `sums`; NULL:
 * they have no value in this row. */
MUST_CHECK int log_row(struct train *t, const struct train_report *row, const struct sums *sums,
                       struct errbuf *eb);

#endif
