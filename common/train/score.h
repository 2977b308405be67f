/* score.h: the loss of sets of sequences, as evaluations have it. */
#ifndef TRAIN_SCORE_H
#define TRAIN_SCORE_H

#include "train/slot.h"
#include "train/task.h"

/** Batches between two waits, so that the memory for their sums has a bound. */
enum { SCORER_BATCHES = 256 };

/** What evaluations of all sets have in common, and the memory that they use. */
struct scorer {
    struct learner *l; /* borrowed; only its model is used */
    const struct task *task;
    const struct ckpt_state *data; /* the data's vocabulary and length; borrowed */
    const double *counts; /* [vocab_size] how often each id is in the training data; NULL: no
                             baseline is asked for */
    size_t batch;
    struct model_draw draw;
    void *self;
    bool (*stop)(void *self); /* asked after each batch; NULL: go on */
    /* the scorer's own: */
    struct slot slot;    /* the batch in hand */
    struct nn_sum *sum;  /* on the device: sums of the batches since the last wait */
    struct sums *leaves; /* [SCORER_BATCHES] for scorer_add() */
    double total;        /* all counts of the baseline together */
};

/** Take memory for a scorer whose fields up to `stop` are set. RF_OK or RF_ENOMEM;
 * scorer_free() in either case. */
MUST_CHECK int scorer_new(struct scorer *s, struct errbuf *eb);
void scorer_free(struct scorer *s);

/** How many batches a set makes; the last one may be smaller. */
uint64_t scorer_batches(const struct scorer *s, const struct train_source *set);

/** Begin with a set: the task's tally is empty. */
void scorer_begin(struct scorer *s);

/** The sums of a set whose batches are all in the tree, with what the task makes of its tally.
 */
struct sums scorer_end(const struct scorer *s, const struct sums_tree *tree);

/**
 * Score batches first to first + n of a set, at most SCORER_BATCHES, and wait for the device:
 * leaf[n] becomes the sums of each. RF_OK; RF_ESTOP (stop() said so; the leaves are of no use);
 * RF_EINVAL (records may be longer than data->max_len); or the set's and the device's errors.
 */
MUST_CHECK int scorer_leaves(struct scorer *s, const struct train_source *set, uint64_t first,
                             size_t n, struct sums *leaf, struct errbuf *eb);

/** The same of any number of batches, whose sums are added to a tree as leaves, in order; the
 * device is waited for once in a while. */
MUST_CHECK int scorer_add(struct scorer *s, const struct train_source *set, uint64_t first,
                          uint64_t n, struct sums_tree *tree, struct errbuf *eb);

#endif
