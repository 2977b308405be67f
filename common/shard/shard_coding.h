/*
 * shard_coding.h: turns the columns of a frame into a payload, plain or packed, and a packed
 * payload back into a plain one.
 */
#ifndef SHARD_SHARD_CODING_H
#define SHARD_SHARD_CODING_H

#include "shard/shard_format.h"
#include "shard/shard_pack.h"

/** The columns of a frame in the order in which they stand in its plain payload. */
enum shard_column { DOCS, N_LENS, LENS, N_LABELS, GAPS, LABELS, IDS, COLUMNS };

/** What a coding keeps from frame to frame. {.info = ...} is the state at the start. */
struct shard_coder {
    struct shard_info info;      /* the kind, sizes and coding of the shard */
    struct shard_packer *packer; /* it is made when it is first needed */
    struct buf symbols;          /* the symbols of one frame */
};

/** A payload and where its pieces end. The bytes of one piece are alike. */
struct shard_payload_pieces {
    struct buf bytes;
    size_t end[COLUMNS + PACK_PIECES], n;
};

/**
 * Turn columns into a payload. `frame` is the number of the frame in its part. Frames must come
 * in order, starting with a number that is a multiple of PACK_GROUP_FRAMES. The columns are
 * changed. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_coder_put(struct shard_coder *c, struct shard_payload_pieces *to,
                               struct buf column[COLUMNS], uint64_t tokens, uint64_t frame);

/** Turn a packed payload, bytes[n], into a plain one in *to. RF_OK; RF_EFORMAT; RF_ERANGE: it
 * swells, see shard_swells(), and no memory was taken for it; RF_ENOMEM. */
MUST_CHECK int shard_coder_get(struct shard_coder *c, struct buf *to,
                               const struct shard_lead *lead, uint64_t frame,
                               const uint8_t *bytes, size_t n);

void shard_coder_free(struct shard_coder *c);

#endif
