/* train_text.h: what a run takes, how it goes and how it ended, as text for people and scripts.
 * Each call appends to `to` and returns RF_OK or RF_ENOMEM. */
#ifndef TRAIN_TRAIN_TEXT_H
#define TRAIN_TRAIN_TEXT_H

#include "train/train.h"

/** Write "name: value" lines of what a run takes, bytes and operations as whole numbers: with
 * --needs of the configuration what is known beforehand, else what a few steps show too. Also
 * the errors of train_needs() or train_try(). */
MUST_CHECK int train_text_dry_run(struct buf *to, const struct train_job *job,
                                  struct errbuf *eb);

/** Write lines about what a start found damaged: it goes on with less than there was. */
MUST_CHECK int train_text_found(struct buf *to, const struct rf_config *c,
                                const struct train_start *s);

/** Write lines about where a start begins, none if a new run simply begins; and, unless `nn` is
 * NULL, a line about how large the run is and what it runs on, and one about s->way. */
MUST_CHECK int train_text_start(struct buf *to, const struct rf_config *c,
                                const struct train_start *s, const struct nn *nn);

/** What the speed of a start is measured from: the end of its first step, whose own time is no
 * measure. {0} before that. */
struct train_pace {
    uint64_t tokens; /* tokens of the run at that moment; 0: it is still to come */
    double since;    /* that moment, of now_s() */
};

/** Write the loss of the last row of the log or, before there is a row, of the last step; and
 * the tokens a second of this start so far. There is no line feed. */
MUST_CHECK int train_text_step(struct buf *to, const struct train_report *r,
                               struct train_pace *pace);

/** Write the line of an evaluation. */
MUST_CHECK int train_text_eval(struct buf *to, const struct train_report *r);

/** If patience ended the run, write a line that names the best checkpoint. */
MUST_CHECK int train_text_best(struct buf *to, const struct rf_config *c,
                               const struct train_report *r);

/** Write the closing line of a run, without a line feed. */
MUST_CHECK int train_text_end(struct buf *to, const struct train_report *r);

#endif
