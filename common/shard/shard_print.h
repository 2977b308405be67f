/* shard_print.h: prints the records of shards in one of several formats. */
#ifndef SHARD_SHARD_PRINT_H
#define SHARD_SHARD_PRINT_H

#include <stdbool.h>

#include "shard/shard.h"
#include "wordpiece/vocab.h"

enum print_format { PRINT_TEXT, PRINT_JSONL, PRINT_NPY, PRINT_RAW, PRINT_SHARD };

/** "text", "jsonl", "npy", "raw", "shard", NULL. */
extern const char *const print_format_names[];

struct shard_print;

/**
 * Start to print records of `info` to a file. File, info and vocabulary are borrowed.
 *
 *   format  PRINT_SHARD writes a shard with this info
 *   v       for PRINT_TEXT and PRINT_JSONL: print its tokens, not ids; may be NULL
 *   count   for PRINT_NPY: how many records will come; UINT64_MAX: not known. Then
 *           shard_print_close() rewrites the head, so the file must be able to seek
 *
 * RF_OK, RF_EINVAL (this format cannot hold the records), RF_EIO, RF_ENOMEM: *p is untouched.
 */
MUST_CHECK int shard_print_open(struct shard_print **p, FILE *file, enum print_format format,
                                const struct shard_info *info, const struct vocab *v,
                                uint64_t count, struct errbuf *eb);

/** Print the next record. RF_OK, RF_EIO, RF_ENOMEM; RF_ERANGE: rows of npy would be nearly all
 * padding. After an error only close. */
MUST_CHECK int shard_print(struct shard_print *p, const struct shard_record *r,
                           struct errbuf *eb);

/** If rc is RF_OK, write what is left. Always frees p; NULL is fine. Returns rc, RF_EIO
 * or RF_ENOMEM. */
MUST_CHECK int shard_print_close(struct shard_print *p, int rc, struct errbuf *eb);

#endif
