/*
 * strict.h: the loss of a causal model that sees no more than it would see while it writes.
 *
 * An ordinary evaluation shows a model a whole sequence at once and asks for every next token.
 * Where hashing sorts all tokens of a sequence into chunks together (model.lsh_layout chunked)
 * those behind a position have a say in which keys it meets, so that this is another function
 * than the one that writes. Here each position is computed from the tokens up to it alone.
 */
#ifndef RUN_STRICT_H
#define RUN_STRICT_H

#include "base/progress.h"
#include "data/train_set.h"
#include "run/run.h"

struct strict_cfg {
    /**
     * How many labels of each sequence are looked at: the middle one of each of so many equal
     * parts of them, label (2 i + 1) n / (2 positions) of n for i from 0; all of a sequence
     * that has fewer. 0: all.
     */
    uint64_t positions;
};

/** Means over the labels that were looked at, in nats. */
struct strict_scores {
    uint64_t positions; /* how many these are */
    double forced;      /* the loss by a forward pass over the whole sequence */
    double strict;      /* by a forward pass over the tokens up to the position, no more */
    double step; /* by going on token by token from the first; NaN: model_past_bar() is against
                    it */
    double kl;   /* the divergence of what `step` is the loss of from what `strict` is the loss
                    of, KL(strict || step) */
};

/** Whether run_strict() can score by an open model: RF_OK or RF_EINVAL, it has not learned the
 * next token. */
MUST_CHECK int run_need_next(const struct run_model *m, struct errbuf *eb);

/**
 * Score a set, which run_score() must have found fit for the model, by a model that
 * run_need_next() allows. Each sequence is computed with its own length, never padded; those
 * of one length go through the model together. `p` has its label and says whether it is shown.
 * RF_OK, RF_EINVAL (a sequence is longer than the model takes), RF_ENOMEM, or the device's
 * failure.
 */
MUST_CHECK int run_strict(const struct run_model *m, const struct eval_set *s,
                          const struct strict_cfg *cfg, struct progress *p,
                          struct strict_scores *scores, struct errbuf *eb);

#endif
