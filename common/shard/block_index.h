/* block_index.h: finds the blocks of a shard in a plain file, from its headers and end frames
 * alone. */
#ifndef SHARD_BLOCK_INDEX_H
#define SHARD_BLOCK_INDEX_H

#include "shard/shard_frames.h"

/** What is read at once: a frame of a plain part, a group of frames of a packed one. */
struct shard_block {
    struct shard_place at;   /* of its first frame */
    uint64_t first, records; /* its first record in the file, and how many it has */
    uint32_t frames;
    uint64_t bytes; /* about what its records take in memory, mostly a little less */
};

/** {0} is none. */
struct block_index {
    struct shard_info info; /* its texts lie in `texts` */
    struct shard_totals totals;
    uint8_t digest[SHARD_DIGEST_BYTES]; /* of the digests of all parts, which their ends hold */
    uint64_t bytes;                     /* what all records take in memory */
    struct shard_block *block;          /* [n] in the order of the file */
    size_t n;
    struct buf texts, blocks;
};

/**
 * Read the index of a shard of any kind but tokens. RF_OK; RF_EFORMAT (it is of tokens, its
 * parts differ, an index cannot be); RF_ERANGE (rf-shard(5), Limits); RF_ETRUNC, RF_ECHECK,
 * RF_EIO, RF_ENOMEM. block_index_free() in each case.
 */
MUST_CHECK int block_index_read(struct block_index *x, struct input *in, struct errbuf *eb);
void block_index_free(struct block_index *x);

#endif
