/* fill.h: what a trained model would put in the place of masks. */
#ifndef TRAIN_FILL_H
#define TRAIN_FILL_H

#include "ckpt/checkpoint.h"

struct fill;

/** Open a checkpoint or a run's newest, *broken as of ckpt_open(); with `ema` the mean of its
 * weights. RF_OK, RF_EINVAL (its vocabulary lacks [MASK], [CLS] or [SEP]; it takes no sequence
 * of three tokens; no mean is there), ckpt_open()'s errors. */
MUST_CHECK int fill_open(struct fill **f, const char *path, uint64_t *broken, bool ema,
                         int threads, struct errbuf *eb);
void fill_close(struct fill *f); /* NULL is fine */

const struct ckpt *fill_ckpt(const struct fill *f);

/** How many of ids[n] are masks. */
size_t fill_count(const struct fill *f, const int32_t *ids, size_t n);

/**
 * The k likeliest tokens for each mask among ids[n], without [CLS] and [SEP]: id[masks,k],
 * likeliest first, and their probabilities p[masks,k] among all that are no special tokens; id
 * -1 where there are no more. Each mask is seen with the others still masked. A sequence that
 * is longer than the model takes is looked at in pieces, a mask in the middle of its own as far
 * as the ends allow. RF_OK, RF_ENAN (what the model says is no number), RF_ENOMEM, or the
 * device's failure.
 */
MUST_CHECK int fill_masks(struct fill *f, const int32_t *ids, size_t n, size_t k, int32_t *id,
                          float *p, struct errbuf *eb);

#endif
