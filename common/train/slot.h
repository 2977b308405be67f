/* slot.h: a batch of sequences in the host's memory, as a source gives it. */
#ifndef TRAIN_SLOT_H
#define TRAIN_SLOT_H

#include "train/train.h"

/** The arrays have room for sequences of max_len; `batch` points into them. */
struct slot {
    int32_t *ids, *labels, *rows;
    uint32_t *positions;
    uint8_t *real;
    size_t *len, *n_labels; /* of each sequence */
    uint64_t tokens;        /* of all, without padding */
    struct model_batch batch;
};

/** Memory for batches of so many sequences. RF_OK or RF_ENOMEM; slot_free() in either case. */
MUST_CHECK int slot_new(struct slot *s, size_t batch, size_t max_len);
void slot_free(struct slot *s);

/** Bring records first to first + B of a source into s. RF_OK, RF_EINVAL (the source may have
 * records longer than data->max_len), or the errors of get(). */
MUST_CHECK int slot_fill(struct slot *s, const struct train_source *from, uint64_t first,
                         size_t B, const struct ckpt_state *data, struct errbuf *eb);

#endif
