/* squad_eval.h: predicted answers beside the right ones: two JSON files to the official scores.
 */
#ifndef DATA_SQUAD_EVAL_H
#define DATA_SQUAD_EVAL_H

#include <stdio.h>

#include "data/squad_score.h"

enum { BOOTSTRAP_MAX = 1000000 };

struct squad_eval_cfg {
    int metric;         /* a squad_metric */
    uint64_t resamples; /* of the questions, for intervals; 0: none, at most BOOTSTRAP_MAX */
    uint64_t seed;      /* of the resamples */
    uint64_t threads;   /* 0: one a core; the scores are the same with any number */
};

/** Where a score lies in 95 % of the resamples. */
struct squad_interval {
    double low, high;
};

struct squad_eval {
    uint64_t questions;
    uint64_t missing;  /* questions without a prediction: they count as wrong */
    uint64_t extra;    /* predictions of no question: they count for nothing */
    uint64_t repeated; /* predictions whose id came again: the last one counts */
    double exact_match,
        f1; /* percent, each sum and quotient as the official evaluators have it */
    struct squad_interval exact_range, f1_range; /* only with resamples */
};

/**
 * Evaluate the file `predictions`, one object {"id": "answer"}, by the questions of the file
 * `gold`; one of them may be "-", standard input. Both are read at once, and ids and answers of
 * both are held.
 *
 * `each` is NULL, or gets a line for each question: id, exact match (0 or 1), F1, prediction,
 * the answer nearest to it, with tabs between. Control characters in texts become spaces.
 * `names` is NULL, or gets a line for each question without prediction and each prediction
 * without question.
 *
 * RF_OK; RF_EFORMAT: a file has another layout, no question, or for a question that has a
 * prediction none or other than text to compare; or the errors of squad_next() and json_next().
 */
MUST_CHECK int squad_eval(struct squad_eval *r, const char *gold, const char *predictions,
                          const struct squad_eval_cfg *cfg, FILE *each, struct buf *names,
                          struct errbuf *eb);

/** Append the scores as the official evaluators print them: {"exact_match": 52.1, "f1": 79.02},
 * numbers with as many digits as tell a double from all others. With resamples the intervals
 * follow as "exact_match_95" and "f1_95", arrays of two. RF_OK or RF_ENOMEM. */
MUST_CHECK int squad_eval_json(struct buf *to, const struct squad_eval *r,
                               const struct squad_eval_cfg *cfg);

/** Append the scores as a table for people. RF_OK or RF_ENOMEM. */
MUST_CHECK int squad_eval_table(struct buf *to, const struct squad_eval *r,
                                const struct squad_eval_cfg *cfg);

#endif
