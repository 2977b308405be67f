/*
 * shard_pack.h: the coding "packed" of rf-shard(5): ids coded by cheap predictions of them.
 *
 * A packer learns from the symbols that it packs. Whoever unpacks learns the same from the same
 * symbols. The output is streams of bytes that are alike, which Zstandard then compresses well.
 */
#ifndef SHARD_SHARD_PACK_H
#define SHARD_SHARD_PACK_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum {
    PACK_LENGTH_STREAMS = 8,
    PACK_CODE_STREAMS = 40,
    PACK_STREAMS = PACK_LENGTH_STREAMS + PACK_CODE_STREAMS, /* their sizes are written */
    PACK_PIECES = 1 + PACK_STREAMS + 1 + 256, /* sizes, streams, high bytes, low bytes */
    PACK_SYMBOLS_MAX = 65536,
    PACK_GROUP_FRAMES = 16, /* a group of frames; before each, what was learned is forgotten */
};

struct shard_packer; /* it has about 40 MB of tables; a short shard touches little of them */

/** Make a packer for symbols below `symbols`, which is at most PACK_SYMBOLS_MAX. RF_OK
 * or RF_ENOMEM. */
MUST_CHECK int shard_packer_new(struct shard_packer **p, uint32_t symbols);

/** Forget everything learned. */
void shard_packer_reset(struct shard_packer *p);

/**
 * Append s[n] to `to`, packed as rf-shard(5) describes from "sizes of streams" on. end[i] is
 * the length of `to` behind piece i; the bytes of one piece are alike. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int shard_pack(struct shard_packer *p, const uint16_t *s, size_t n, struct buf *to,
                          size_t end[PACK_PIECES]);

/** Unpack s[n] from bytes[n_bytes], which must be used up. RF_OK, RF_ENOMEM, or RF_EFORMAT (no
 * packer wrote this): then only reset or free may follow. */
MUST_CHECK int shard_unpack(struct shard_packer *p, uint16_t *s, size_t n, const uint8_t *bytes,
                            size_t n_bytes);

/** Free; NULL is fine. */
void shard_packer_free(struct shard_packer *p);

#endif
