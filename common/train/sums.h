/*
 * sums.h: what the slots of a step, or the batches of an evaluation, add up to.
 *
 * Their sums are leaves, in order, of one tree: the left half of n leaves is the largest power
 * of two below n. So a sum does not depend on who computed which leaves.
 */
#ifndef TRAIN_SUMS_H
#define TRAIN_SUMS_H

#include "nn/ops.h"

enum { TASK_SUMS_MAX = 4, SUMS_LEVELS = 64 };

/** What rows with a label add up to. */
struct sums {
    struct nn_sum
        of[TASK_SUMS_MAX]; /* what each means is the task's; loss in natural logarithms */
    uint64_t labels;
    uint64_t tokens;   /* of the batches, without padding */
    double unigram;    /* the loss that the baseline would have over the ordinary labels */
    uint64_t ordinary; /* labels that are no special tokens */
    double made;       /* of a whole set: what the task makes of its tally, task.finish() */
};

/** {0} has no leaves. at[k], where bit k of n is set, is the sum of 2^k leaves. */
struct sums_tree {
    struct sums at[SUMS_LEVELS];
    uint64_t n;
};

static inline struct sums sums_join(const struct sums *left, const struct sums *right)
{
    struct sums s = {.labels = left->labels + right->labels,
                     .tokens = left->tokens + right->tokens,
                     .unigram = left->unigram + right->unigram,
                     .ordinary = left->ordinary + right->ordinary};

    for (size_t i = 0; i < TASK_SUMS_MAX; i++) {
        s.of[i].loss = left->of[i].loss + right->of[i].loss;
        s.of[i].hits = left->of[i].hits + right->of[i].hits;
    }
    return s;
}

/** Add the next leaf. */
static inline void sums_add(struct sums_tree *t, struct sums leaf)
{
    unsigned level = 0;

    for (; t->n >> level & 1; level++)
        leaf = sums_join(&t->at[level], &leaf);
    t->at[level] = leaf;
    t->n++;
}

/** The sum of all leaves so far; more may follow. */
static inline struct sums sums_total(const struct sums_tree *t)
{
    struct sums total = {.labels = 0};
    bool any = false;

    for (unsigned level = 0; level < SUMS_LEVELS; level++)
        if (t->n >> level & 1) {
            total = any ? sums_join(&t->at[level], &total) : t->at[level];
            any = true;
        }
    return total;
}

#endif
