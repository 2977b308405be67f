/* train_text.h: what a run takes, how it goes and how it ended, as text for people and scripts.
 * Each call appends to `to` and returns RF_OK or RF_ENOMEM. */
#ifndef TRAIN_TRAIN_TEXT_H
#define TRAIN_TRAIN_TEXT_H

#include "train/train.h"

/** Try a run: "name: value" lines of what it takes, bytes and operations as whole numbers. Also
 * train_try()'s errors. */
MUST_CHECK int train_text_try(struct buf *to, const struct train_job *job, struct errbuf *eb);

/** Lines about what a start found, none where a new run simply begins; and, unless `nn` is
 * NULL, one about how large it is and what it runs on. */
MUST_CHECK int train_text_start(struct buf *to, const struct rf_config *c,
                                const struct train_start *s, const struct nn *nn);

/** The speed of a start, without its first step, whose time is no measure; {0} begins. */
struct train_pace {
    uint64_t tokens; /* of the run at the end of that step; 0: not there yet */
    double since;    /* the moment of it */
};

/** The loss, since the last row of the log, or before there is one of the last step; and the
 * tokens a second of this start so far. Without a line feed. */
MUST_CHECK int train_text_step(struct buf *to, const struct train_report *r,
                               struct train_pace *pace);

/** An evaluation's line. */
MUST_CHECK int train_text_eval(struct buf *to, const struct train_report *r);

/** Where evaluations became no better for so long: a line that names the best checkpoint. */
MUST_CHECK int train_text_best(struct buf *to, const struct rf_config *c,
                               const struct train_report *r);

/** The closing line of a run, without a line feed. */
MUST_CHECK int train_text_end(struct buf *to, const struct train_report *r);

#endif
