/* task_classify.h: which class a sentence, or a pair of them, is of. */
#ifndef TRAIN_TASK_CLASSIFY_H
#define TRAIN_TASK_CLASSIFY_H

#include "train/task.h"

/** A row of the table of tasks. Its tally is a table [classes,classes]: how often the class of
 * the row was taken for that of the column. */
extern const struct task task_classify;

/**
 * For each of a batch's rows, the first token of a sequence, the logits of all classes:
 * logits[n,classes], in host memory. RF_OK or the device's failure.
 */
MUST_CHECK int classify_logits(struct learner *l, const struct model_batch *b,
                               const struct model_draw *draw, float *logits, struct errbuf *eb);

/** Mean over the classes of a tally of their F1; a class that was neither right nor said ever
 * does not count, as scikit-learn has it. NaN: there is none. */
double classify_macro_f1(const uint64_t *tally, size_t classes);

#endif
