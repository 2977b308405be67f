/* fill.h: what a trained model would put in the place of masks. */
#ifndef RUN_FILL_H
#define RUN_FILL_H

#include <stdio.h>

#include "base/io.h"
#include "run/run.h"

struct fill;

/** Prepare to fill masks by an open model, which is borrowed and must live longer. RF_OK,
 * RF_EINVAL (its vocabulary lacks [MASK], [CLS] or [SEP]; it takes no sequence of three
 * tokens), RF_ENOMEM. */
MUST_CHECK int fill_new(struct fill **f, const struct run_model *m, struct errbuf *eb);
void fill_free(struct fill *f); /* NULL is fine */

/** How many of ids[n] are masks. */
size_t fill_count(const struct fill *f, const int32_t *ids, size_t n);

/**
 * Find the k likeliest tokens for each mask among ids[n], which have no [CLS] and [SEP]:
 * id[masks,k], likeliest first, and their probabilities p[masks,k] among all tokens that are
 * not special; id is -1 where there are no more. All masks stay masked while one is filled. Of
 * a sequence that is longer than the model takes, the model sees a piece around each mask, as
 * far as possible with the mask in its middle. RF_OK, RF_ENAN (what the model says is no
 * number), RF_ENOMEM, or the device's failure.
 */
MUST_CHECK int fill_masks(struct fill *f, const int32_t *ids, size_t n, size_t k, int32_t *id,
                          float *p, struct errbuf *eb);

/** How lines are written: fill_text.h. */
struct fill_cfg {
    uint64_t top; /* words in the line of fields that each mask gets; 0: the text, filled in */
    bool json;    /* a JSON object for each line instead */
};

/**
 * Fill in the masks of all lines of text, in the vocabulary that the model was opened with.
 * The number of masks is added to *masks. RF_OK, also where `to` takes no more: closing it says
 * why; or the errors of fill_masks() and lines_next().
 */
MUST_CHECK int fill_lines(struct fill *f, struct lines *l, FILE *to, const struct fill_cfg *cfg,
                          uint64_t *masks, struct errbuf *eb);

#endif
