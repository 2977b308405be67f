/*
 * shard_blocks.h: a shard in a file whose records are read when they are asked for.
 *
 * They are read by blocks: a frame of a plain part, or the group of frames of a packed one that
 * must be unpacked together. What was read is held in memory up to a bound. The file is read,
 * not mapped: one that is cut off or overwritten while a program runs is then an error of that
 * read, with its place, where a map would end the program by a signal. Each frame is checked as
 * it is read.
 */
#ifndef SHARD_SHARD_BLOCKS_H
#define SHARD_SHARD_BLOCKS_H

#include "shard/shard.h"

struct shard_blocks;

/** Open a plain file of any kind but tokens and read its headers and end frames. It holds no
 * block before shard_blocks_get(). RF_OK, or the errors of block_index_read(). */
MUST_CHECK int shard_blocks_open(struct shard_blocks **b, const char *name, struct errbuf *eb);

const struct shard_info *shard_blocks_info(const struct shard_blocks *b);
struct shard_totals shard_blocks_totals(const struct shard_blocks *b);

/** Returns a digest of the whole file, made of those that its parts end with. */
const uint8_t *shard_blocks_digest(const struct shard_blocks *b);

/** Returns the bytes that all records would take in memory; and those of the block that takes
 * most, with what reading one takes besides. They are found without reading records, and nearly
 * right. */
uint64_t shard_blocks_bytes(const struct shard_blocks *b);
uint64_t shard_blocks_largest(const struct shard_blocks *b);
uint64_t shard_blocks_scratch(const struct shard_blocks *b);

/** Returns the number of blocks, and the first record of block i; that of i = their number is
 * the number of all records. */
size_t shard_blocks_count(const struct shard_blocks *b);
uint64_t shard_blocks_first(const struct shard_blocks *b, size_t i);

/** Hold about so many bytes of blocks; before this is called, one block. */
void shard_blocks_hold(struct shard_blocks *b, uint64_t bytes);

/**
 * Say that these blocks, blocks[n], will be read next: none of them is dropped before the next
 * call, even if they are more than what is to be held, and a thread reads those ahead that are
 * not there, in this order. What goes wrong with it is told by shard_blocks_get().
 */
void shard_blocks_want(struct shard_blocks *b, const uint32_t *blocks, size_t n);

/**
 * Give a record, as shard_set_get() does. Only one thread may call this, hold() and want() at a
 * time. RF_OK; the errors of shard_next() name the file and the frame.
 */
MUST_CHECK int shard_blocks_get(struct shard_blocks *b, uint64_t record, int32_t *ids,
                                uint32_t *positions, int32_t *labels, struct shard_record *r,
                                struct errbuf *eb);

/** A sample of the records, the same at each call: all of them if they are no more than so many
 * frames may hold, else those of so many frames, which lie evenly in the file. `see` is called
 * with each record. *tokens becomes the number of their ids. Errors of shard_blocks_get(). */
MUST_CHECK int shard_blocks_sample(struct shard_blocks *b, size_t frames,
                                   void (*see)(void *self, const struct shard_record *r),
                                   void *self, uint64_t *tokens, struct errbuf *eb);

void shard_blocks_close(struct shard_blocks *b); /* NULL is fine */

#endif
