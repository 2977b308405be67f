/* shard_index.h: finds the parts and frames of a shard in a plain file, starting
 * from its end. */
#ifndef SHARD_SHARD_INDEX_H
#define SHARD_SHARD_INDEX_H

#include "shard/shard_format.h"

/** A part as its end frame describes it. */
struct shard_part {
    uint64_t start; /* its first byte in the file */
    struct shard_sums sums;
};

/**
 * Append a struct shard_part for each part of `in`, a plain file, starting with the last one.
 * Only the end frames are read, and their digests are checked. The reading position changes.
 * RF_OK, RF_ETRUNC, RF_ECHECK, RF_EFORMAT, RF_EIO, RF_ENOMEM.
 */
MUST_CHECK int shard_index_parts(struct buf *parts, struct input *in, struct errbuf *eb);

/** Read the end frame of a part into *end, without its last field. Errors as above. */
MUST_CHECK int shard_index_end(struct buf *end, struct input *in, const struct shard_part *part,
                               struct errbuf *eb);

/** Returns the number of the frame that holds a record of the part, or of the frame that begins
 * its group of `group` frames. `record` must be a record of the part. *offset is the offset of
 * the lead frame in the part, and *first the frame's first record. */
uint32_t shard_index_find(const struct buf *end, uint32_t frames, uint64_t record,
                          uint32_t group, uint64_t *offset, uint64_t *first);

#endif
