/* ramp.h: what of a run's updates grows: how many slots they have, and how long sequences are.
 * Both follow from the settings and the number of updates done alone. */
#ifndef TRAIN_RAMP_H
#define TRAIN_RAMP_H

#include "train/config.h"

/** How many slots the update behind `step` updates has: train.slots_start at first, twice as
 * many in each of equal parts of the train.slots_ramp first updates, then train.slots. */
uint64_t ramp_slots(const struct train_cfg *c, uint64_t step);

/** How many the first `step` updates have together. */
uint64_t ramp_slots_before(const struct train_cfg *c, uint64_t step);

/** How many that is of all. */
double ramp_share(const struct train_cfg *c, uint64_t step);

/** Stages of train.lengths: up to the update `until`, pieces of sequences have up to `length`
 * tokens. */
struct ramp_lengths {
    size_t n;
    struct ramp_length {
        uint64_t length, until;
    } of[MODEL_PIECES_MAX];
};

/** Read "256@1000,512@3000"; NULL and "": no stage. RF_OK or RF_EUSAGE. */
MUST_CHECK int ramp_lengths_read(struct ramp_lengths *r, const char *text, struct errbuf *eb);

/** Write their lengths, of a text that was read without an error before, and zeros. */
void ramp_pieces(size_t pieces[MODEL_PIECES_MAX], const char *text);

/** The stage of the update behind `step` updates, counted from 1; 0: sequences are whole. */
size_t ramp_stage(const struct ramp_lengths *r, uint64_t step);

/** Up to how many tokens a piece has there; 0: sequences are whole. */
size_t ramp_length(const struct ramp_lengths *r, uint64_t step);

#endif
