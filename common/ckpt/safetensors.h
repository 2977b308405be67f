/*
 * safetensors.h: reads and writes the file format of the weights.
 *
 * The reader trusts nothing. The header's size, keys, offsets (contiguous, in order, no
 * hole, no overlap) and shapes and the file's length are checked before anything is
 * allocated for them.
 */
#ifndef CKPT_SAFETENSORS_H
#define CKPT_SAFETENSORS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "ckpt/tensor.h"

enum { ST_HEADER_MAX_BYTES = 16 << 20, ST_TENSORS_MAX = 100000 };

/** Element types that can be read. Only ST_F32 is written. */
enum st_type { ST_F32, ST_I32, ST_U8 };

struct st_file; /* an open file, which is mapped read-only */

/** A tensor in a file. `data` points into the mapping and is aligned to 4 bytes for
 * F32 and I32. */
struct st_view {
    const char *name;
    enum st_type type;
    size_t dims, shape[TENSOR_DIMS_MAX];
    const void *data;
    size_t bytes;
};

/**
 * Open and check `path`. st_close() takes *f back. RF_OK; RF_EIO, RF_EFORMAT, RF_ETRUNC,
 * RF_ERANGE (a limit), RF_ENOMEM: *f is untouched. The file must not be cut while it is open.
 * Our own files never are, because they are replaced by renaming.
 */
MUST_CHECK int st_open(struct st_file **f, const char *path, struct errbuf *eb);
size_t st_count(const struct st_file *f);
const struct st_view *st_at(const struct st_file *f, size_t i); /* in the file's order */
const struct st_view *st_find(const struct st_file *f, const char *name); /* NULL: not there */
/** Returns a value of __metadata__, NULL if it is not there. */
const char *st_metadata(const struct st_file *f, const char *key);
/** Let the memory go that reading took; what is looked at again is read again. */
void st_forget(struct st_file *f);
/** The sum of the file says that its words are finite, so that none is looked at again. */
void st_know_finite(struct st_file *f);
void st_close(struct st_file *f); /* NULL is fine */

/** The size and the XXH3-128 (seed 0, canonical order) of a file's bytes. finite: none of its
 * words of 4 bytes is an infinity or no number; false: that is not known. */
struct st_sum {
    uint64_t bytes;
    uint8_t digest[16];
    bool finite;
};

/** Returns whether all of n floats are finite. Threads share a long array. */
bool st_are_finite(const void *x, size_t n);

/**
 * Write F32 tensors to `path` at once (temporary name, sync, rename). metadata alternates keys
 * and values and ends with NULL; it may be NULL. *sum (may be NULL) is that of the bytes as
 * they were given to the system. RF_OK; RF_EINVAL (a name is empty, repeated or not UTF-8),
 * RF_ERANGE (a limit), RF_EIO, RF_ENOMEM: an old file is as it was.
 */
MUST_CHECK int st_write(const char *path, const struct tensor *t, size_t n,
                        const char *const *metadata, struct st_sum *sum, struct errbuf *eb);

/** Check whether st_read_into() could fill t[n], of which only names and shapes are looked at,
 * so that no memory need be taken for what the file does not have. RF_OK or RF_EFORMAT. */
MUST_CHECK int st_check(const struct st_file *f, const struct tensor *t, size_t n,
                        const char *path, struct errbuf *eb);

/**
 * Copy the tensors of f into t[n] by their names. All names must be there with the same shapes
 * and type F32, f may have no others, and all values must be finite. `path` is for messages.
 * RF_OK; RF_EFORMAT, RF_ENAN, which name the tensor: t may be partly filled.
 */
MUST_CHECK int st_read_into(const struct st_file *f, const struct tensor *t, size_t n,
                            const char *path, struct errbuf *eb);
/** Do the same, but f may have others. */
MUST_CHECK int st_read_some(const struct st_file *f, const struct tensor *t, size_t n,
                            const char *path, struct errbuf *eb);
/** Check t[n] as st_read_some() does, but do not copy: at[n] is where they lie in f. */
MUST_CHECK int st_map(struct st_file *f, const float **at, const struct tensor *t, size_t n,
                      const char *path, struct errbuf *eb);

#endif
