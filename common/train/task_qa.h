/* task_qa.h: where in a passage the answer to a question stands. */
#ifndef TRAIN_TASK_QA_H
#define TRAIN_TASK_QA_H

#include "train/task.h"

enum {
    QA_LABELS = 2,      /* of a sequence: start and end */
    QA_ANSWER_MAX = 30, /* tokens of the longest answer that is looked for, as in BERT's
                           run_squad */
};

/** What cannot be an answer has a logit below this. */
#define QA_NO_LOGIT (-1e8F)

/** A row of the table of tasks. */
extern const struct task task_qa;

/** From token `start` to token `end` of a sequence, both included. */
struct qa_span {
    size_t start, end;
};

/**
 * For each of the first `n` sequences of a batch, the logit of each of its T tokens to be the
 * start of the answer, and then of each to be the end: logits[n,2,T], in host memory. Rows and
 * labels are those of a batch of the task: of each sequence the first and the last token of the
 * passage. Tokens outside of that have logits below QA_NO_LOGIT, but for the first of the
 * sequence, which means that there is no answer. RF_OK or the device's failure.
 */
MUST_CHECK int qa_logits(struct learner *l, const struct model_batch *b,
                         const struct model_draw *draw, float *logits, struct errbuf *eb);

/** The likeliest answer within tokens first to last, of at most QA_ANSWER_MAX tokens; of equal
 * ones the first. */
struct qa_span qa_best(const float *start, const float *end, size_t first, size_t last);

/** F1 of the tokens that two spans share. */
double qa_f1(struct qa_span a, struct qa_span b);

#endif
