/*
 * shard_coding.h: the columns of a frame as a payload, plain or packed, and a packed payload
 * back to a plain one.
 */
#ifndef SHARD_SHARD_CODING_H
#define SHARD_SHARD_CODING_H

#include "shard/shard_format.h"
#include "shard/shard_pack.h"

/** The columns of a frame in the order in which they stand in its plain payload. */
enum shard_column { DOCS, N_LENS, LENS, N_LABELS, GAPS, LABELS, IDS, COLUMNS };

/** What a coding needs from frame to frame; {.info = ...} begins. */
struct shard_coder {
    struct shard_info info;      /* its kind, sizes and coding */
    struct shard_packer *packer; /* made when it is needed */
    struct buf symbols;          /* of one frame */
};

/** A payload and where its pieces end: bytes of one piece are alike. */
struct shard_payload_pieces {
    struct buf bytes;
    size_t end[COLUMNS + PACK_PIECES], n;
};

/**
 * Columns to a payload. `frame` is the number of the frame in its part: frames come in order,
 * from one whose number PACK_GROUP_FRAMES divides. Changes the columns. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_coder_put(struct shard_coder *c, struct shard_payload_pieces *to,
                               struct buf column[COLUMNS], uint64_t tokens, uint64_t frame);

/** A packed payload, bytes[n], to a plain one in *to. RF_OK, RF_EFORMAT, RF_ENOMEM. */
MUST_CHECK int shard_coder_get(struct shard_coder *c, struct buf *to,
                               const struct shard_lead *lead, uint64_t frame,
                               const uint8_t *bytes, size_t n);

void shard_coder_free(struct shard_coder *c);

#endif
