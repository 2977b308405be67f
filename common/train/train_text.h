/* train_text.h: what a run takes and how it ended, as text for people and scripts. */
#ifndef TRAIN_TRAIN_TEXT_H
#define TRAIN_TRAIN_TEXT_H

#include "train/train.h"

/** Append "name: value" lines, bytes and operations as whole numbers. RF_OK or RF_ENOMEM. */
MUST_CHECK int train_text_trial(struct buf *to, const struct train_trial *t);

/** Append the closing line of a run, without a line feed. RF_OK or RF_ENOMEM. */
MUST_CHECK int train_text_end(struct buf *to, const struct train_report *r);

#endif
