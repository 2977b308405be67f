/* slot.h: a batch of sequences in the host's memory, as a source gives it. */
#ifndef TRAIN_SLOT_H
#define TRAIN_SLOT_H

#include "train/ramp.h"
#include "train/train.h"

/** `batch` points into the arrays. */
struct slot {
    int32_t *record, *ids, *labels, *rows;
    uint32_t *positions;
    uint8_t *real;
    size_t B;               /* sequences of `batch`; pieces are sequences too */
    size_t *len, *n_labels; /* of each */
    uint64_t tokens;        /* of all, without padding */
    struct model_batch batch;
};

/** Tokens that a slot has room for, and *rows sequences: it holds `batch` sequences of up to
 * max_len tokens, whole or in pieces of any of these lengths (NULL: whole). */
size_t slot_room(size_t *rows, size_t batch, size_t max_len, const struct ramp_lengths *cut);

/** Memory for them. RF_OK or RF_ENOMEM; slot_free() in either case. */
MUST_CHECK int slot_new(struct slot *s, size_t batch, size_t max_len,
                        const struct ramp_lengths *cut);
void slot_free(struct slot *s);

/** Bring records first to first + B of a source into s, whole (piece 0) or each in as few
 * pieces of about equal length as have up to `piece` tokens. A label stays with its position.
 * RF_OK, RF_EINVAL (the source may have records longer than data->max_len), or the errors of
 * get(). */
MUST_CHECK int slot_fill(struct slot *s, const struct train_source *from, uint64_t first,
                         size_t B, size_t piece, const struct ckpt_state *data,
                         struct errbuf *eb);

#endif
