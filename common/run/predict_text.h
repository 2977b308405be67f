/* predict_text.h: which class a trained model takes sentences for. */
#ifndef RUN_PREDICT_TEXT_H
#define RUN_PREDICT_TEXT_H

#include <stdio.h>

#include "data/examples.h"
#include "run/run.h"

struct predict_cfg {
    bool all;  /* write the probabilities of all classes */
    bool json; /* write a JSON object for each line instead of fields */
};

struct predicted {
    uint64_t examples, cut; /* cut: sequences that were too long for the model */
    uint64_t *tally; /* [classes,classes] where the examples have labels: how often the class of
                        the row was taken for that of the column */
};

/**
 * Say the class of each example, in order; `to` NULL: write nothing. If `labelled`, the tally
 * counts, and total->tally is the caller's to free. RF_OK, also where `to` takes no more:
 * closing it says why; RF_EINVAL (the model does not classify, or its vocabulary lacks [CLS] or
 * [SEP]); RF_EFORMAT (a label that is none of the model's classes); RF_ENAN; or the errors of
 * examples_next() and the device.
 */
MUST_CHECK int predict_text(const struct run_model *m, struct examples *e, bool labelled,
                            const struct predict_cfg *cfg, FILE *to, struct predicted *total,
                            struct errbuf *eb);

/** Append what a tally comes to: examples, accuracy and macro F1; precision, recall and F1 of
 * each class; and the tally itself. RF_OK or RF_ENOMEM. */
MUST_CHECK int predict_report(struct buf *to, const char *classes, const uint64_t *tally);

#endif
