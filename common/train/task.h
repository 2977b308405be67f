/*
 * task.h: what is learned: a table with a row for each task.
 *
 * A row says what data the task takes, which outputs it has beside the model's own, and how a
 * batch becomes a loss. Everything else of a run is the same for all tasks.
 */
#ifndef TRAIN_TASK_H
#define TRAIN_TASK_H

#include "base/arena.h"
#include "base/words.h"
#include "ckpt/checkpoint.h"
#include "train/config.h"
#include "train/optim.h"
#include "train/ramp.h"
#include "train/sums.h"
#include "model/model.h"

enum { SLOT_LEVELS_MAX = 17 };

struct task;

/** What the outputs of a task work in, beside the model. */
struct task_room {
    struct arena device, host;
    void *device_memory, *host_memory;
    bool train;      /* there is room for gradients */
    uint64_t *tally; /* what a task counts in evaluations, in the host's memory */
    size_t n_tally;
};

/** A model, its optimiser, and the gradients of its slots. */
struct learner {
    struct nn *nn;
    struct model *model;
    struct pieces pieces;         /* of blocks laid out as the weights */
    struct optim optim;           /* of one part of them */
    float *grad[SLOT_LEVELS_MAX]; /* blocks laid out as the weights, params_gradients() long:
                                     one, and one more for each level of the tree over slots;
                                     optim.in_backward: none */
    size_t levels;                /* how many blocks there are */
    size_t grad_bytes;            /* bytes of one */
    struct task_room room;
    float head_dropout, z_loss, smoothing; /* of the configuration, for a task's own outputs */
    double temperature;                    /* likewise, for what a generator says */
};

/** What a learner has memory for. */
struct learner_size {
    const struct task *task; /* NULL: one that needs no room */
    struct model_cfg model;  /* the configuration's, with the task's outputs */
    uint64_t max_len, vocab_size;
    enum model_use use;
    size_t budget;      /* bytes for the model's activations, model_new() */
    size_t levels;      /* blocks of gradients */
    size_t parts, part; /* the learner has this part of so many of the optimiser; 0: all of it
                         */
    size_t piece; /* learner_cost() is of sequences in pieces of so many tokens; 0: whole */
};

/** Make a learner: the seed decides the first weights, and the optimiser's states are zero.
 * RF_OK or the errors of model_new() and optim_new(); learner_free() in either case. */
MUST_CHECK int learner_new(struct learner *l, struct nn *nn, const struct rf_config *c,
                           const struct learner_size *size, struct errbuf *eb);
void learner_free(struct learner *l); /* {0} is fine */

/** For a model that is open already, on l->nn: take the room of a task, for batches of so many
 * sequences, without gradients. RF_OK or RF_ENOMEM; learner_close() in either case. */
MUST_CHECK int learner_open(struct learner *l, const struct task *task,
                            const struct rf_config *c, size_t batch, struct errbuf *eb);
void learner_close(struct learner *l); /* the model stays */

/** Bytes on the device of the room of a task; NULL: of none. */
size_t learner_room_bytes(const struct task *task, const struct params *p, size_t batch,
                          bool train);

/** What it takes and does for a batch of the largest size. Operations are floating-point ones
 * forward and backward: those of the layers, for the batch, and those of the head, for a row
 * with a label. The end of the last layer, where it is computed for such rows alone, counts
 * with the head. */
struct learner_cost {
    uint64_t params;                       /* numbers that are learned */
    size_t tokens;                         /* of the batch */
    size_t step_bytes;                     /* model_step_bytes() */
    double blocks, head;                   /* three times what a forward pass does */
    double blocks_executed, head_executed; /* with what backward computes again */
};

/** Found from the calls that such a learner makes on a device with these facts; nothing is
 * computed. RF_OK, or learner_new()'s errors. */
MUST_CHECK int learner_cost(struct learner_cost *cost, const struct nn_about *about,
                            const struct rf_config *c, const struct task *task,
                            const struct learner_size *size, struct errbuf *eb);

/** A column of the log, for evaluations, that a task adds behind the columns of all tasks. */
struct task_column {
    const char *name;
    int decimals; /* behind the point; -1: six digits in all */
    double (*value)(const struct sums *s);
};

enum task_data {
    TASK_DATA_MASKED, /* labels as a shard has them, or of tokens that are masked anew */
    TASK_DATA_NEXT,   /* each token is the label of the position before it */
    TASK_DATA_QA,     /* shards of kind qa: a label is a position */
    TASK_DATA_CLASSES /* shards of kind classes */
};

struct task {
    enum task_data data;
    bool of_tokens;   /* labels are tokens: a baseline of their frequencies and filled-in
                         samples make sense */
    bool in_backward; /* loss() knows what to do with a sink */
    bool generator;   /* there is a generator beside the model, which says no words itself */
    size_t sums;      /* how many a batch has, up to TASK_SUMS_MAX: the first has the loss to
                         report */
    size_t unit; /* labels of a sequence, if all have as many and the model needs no output of
                    tokens; 0: any number, and it has one */
    const struct model_output *outputs; /* parameters beside the model's own */
    size_t n_outputs;
    bool marks; /* the last of them is there with data.match alone */
    /** Take from the room what loss() needs for a batch of the largest size; `p` has the task's
     * outputs. NULL: nothing. */
    void (*carve)(struct task_room *room, const struct params *p, size_t batch, bool train);
    /** How many numbers the tally has; NULL: there is none. It is 0 when the evaluation of a
     * set begins; loss() adds to it where it gets neither gradients nor a sink. */
    size_t (*tally)(const struct params *p);
    /** Set s->made of a whole set's tally. NULL: there is nothing to make. */
    void (*finish)(const struct learner *l, struct sums *s);
    /** Check what no single setting shows. RF_OK or RF_EUSAGE. NULL: there is nothing to check.
     */
    int (*check)(const struct rf_config *c, struct errbuf *eb);
    /** About how many labels so many tokens have: what a run takes is estimated from it. */
    double (*labels)(const struct rf_config *c, double tokens);
    /**
     * Ask the device for the loss of a batch, which it adds to sum[sums] in its memory; nothing
     * is waited for. Gradients of the loss are added to grad, or go to the sink span by span;
     * both NULL: it is an evaluation. RF_OK or the device's failure.
     */
    int (*loss)(struct learner *l, const struct model_batch *b, const struct model_draw *draw,
                float *grad, const struct model_sink *sink, struct nn_sum *sum,
                struct errbuf *eb);
    /**
     * Where there are several losses, each with a mean of its own: turn what the optimiser's
     * part has of grad, the sum of all slots of a step, into the gradient of what is minimised,
     * times all->labels, by which it will be divided. NULL: it is that.
     */
    void (*weigh)(struct learner *l, const struct rf_config *c, float *grad,
                  const struct sums *all);
    /** The loss and the accuracy to report; NULL: the means of the first sum over the labels.
     */
    void (*report)(const struct rf_config *c, const struct sums *all, double *loss,
                   double *acc);
    const struct task_column *columns; /* the last one has no name; NULL: there are none */
    /** Of an evaluation: more is better; train.best. NULL: only the loss says which is better.
     */
    double (*score)(const struct sums *s);
    const char *score_name; /* its column */
};

/** That of a task. */
static inline void task_report(const struct task *task, const struct rf_config *c,
                               const struct sums *all, double *loss, double *acc)
{
    *loss = all->of[0].loss / (double)all->labels;
    *acc = all->of[0].hits / (double)all->labels;
    if (task->report)
        task->report(c, all, loss, acc);
}

/** The labels of tasks whose data are masked. */
static inline double task_masked_labels(const struct rf_config *c, double tokens)
{
    return c->data.mask_rate * tokens;
}

/** By enum task_kind; their names are task_names. */
extern const struct task *const tasks[];

/** The configuration's model with the outputs of a task and what its loss has besides;
 * `classes` are the names of those of the data, or NULL. */
static inline struct model_cfg task_model(const struct task *task, const struct rf_config *c,
                                          const char *classes)
{
    struct model_cfg m = c->model;

    m.outputs = task->outputs;
    m.marks = task->marks && c->data.match;
    m.n_outputs = task->n_outputs - (task->marks && !m.marks);
    m.generator = c->generator;
    m.has_generator = task->generator;
    m.classes = lines_in(classes);
    m.headless = task->unit > 0 || task->generator;
    m.z_loss = c->train.z_loss;
    m.label_smoothing = c->train.label_smoothing;
    ramp_pieces(m.pieces, c->train.lengths);
    return m;
}

static inline const struct task *task_of(const struct rf_config *c)
{
    return tasks[c->data.task];
}

#endif
