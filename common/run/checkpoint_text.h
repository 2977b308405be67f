/* checkpoint_text.h: what a checkpoint holds, as text for people and scripts. */
#ifndef RUN_CHECKPOINT_TEXT_H
#define RUN_CHECKPOINT_TEXT_H

#include "ckpt/checkpoint.h"

/** Append "name: value" lines: counts, vocabulary, settings of the model, sizes of the files.
 * RF_OK, RF_EFORMAT (trained_config()), RF_EIO, RF_ENOMEM. */
MUST_CHECK int ckpt_text_settings(struct buf *to, const struct ckpt *c, struct errbuf *eb);

/** Append a table of the weights with tabs between its columns: name, shape, count, min, mean,
 * max, root mean square. Same errors. */
MUST_CHECK int ckpt_text_tensors(struct buf *to, const struct ckpt *c, struct errbuf *eb);

/**
 * Append "path: whole", or why not, for each checkpoint of a run, or for the one at `path`.
 * RF_OK; RF_ECHECK (some are broken: the text is complete); RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int ckpt_text_check(struct buf *to, const char *path, struct errbuf *eb);

#endif
