/* shard_index.h: parts and frames of a shard in a plain file, found from its end. */
#ifndef SHARD_SHARD_INDEX_H
#define SHARD_SHARD_INDEX_H

#include "shard/shard_format.h"

/** A part as its end frame tells. */
struct shard_part {
    uint64_t start; /* byte of the file */
    struct shard_sums sums;
};

/**
 * Append a struct shard_part for each part of `in`, a plain file, last one first, from the end
 * frames alone, whose digests are checked. Moves the place of reading. RF_OK, RF_ETRUNC,
 * RF_ECHECK, RF_EFORMAT, RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int shard_index_parts(struct buf *parts, struct input *in, struct errbuf *eb);

/** The whole end frame of a part but for its last field into *end. Errors as above. */
MUST_CHECK int shard_index_end(struct buf *end, struct input *in, const struct shard_part *part,
                               struct errbuf *eb);

/** The frame that holds a record of the part, or the one that begins its group of so many
 * frames; the record's number is below those of the part. Fills offset (of the lead frame in
 * the part) and first (its first record). */
uint32_t shard_index_find(const struct buf *end, uint32_t frames, uint64_t record,
                          uint32_t group, uint64_t *offset, uint64_t *first);

#endif
