/*
 * safetensors.h: the container of weights.
 *
 * Reading trusts nothing: the header's size, keys, offsets (contiguous, in order, no hole, no
 * overlap), shapes and the file's length are checked before anything is allocated for them.
 */
#ifndef REFORMER_SAFETENSORS_H
#define REFORMER_SAFETENSORS_H

#include <stdint.h>

#include "base/buf.h"
#include "reformer/tensor.h"

enum { ST_HEADER_MAX_BYTES = 16 << 20, ST_TENSORS_MAX = 100000 };

/** Element types that are read; only ST_F32 is written. */
enum st_type { ST_F32, ST_I32, ST_U8 };

struct st_file; /* an open file, mapped read-only */

/** A tensor in it: data points into the mapping, 4-byte aligned for F32 and I32. */
struct st_view {
    const char *name;
    enum st_type type;
    size_t dims, shape[TENSOR_DIMS_MAX];
    const void *data;
    size_t bytes;
};

/** Open and check `path`. RF_OK, RF_EIO, RF_EFORMAT, RF_ETRUNC, RF_ERANGE, RF_ENOMEM. */
MUST_CHECK int st_open(struct st_file **f, const char *path, struct errbuf *eb);
size_t st_count(const struct st_file *f);
const struct st_view *st_at(const struct st_file *f, size_t i); /* in the file's order */
const struct st_view *st_find(const struct st_file *f, const char *name); /* NULL: not there */
/** A value of __metadata__, NULL if it is not there. */
const char *st_metadata(const struct st_file *f, const char *key);
void st_close(struct st_file *f);

/** Write F32 tensors to `path` at once (temporary name, sync, rename); keys and values of
 * metadata alternate, NULL ends. */
MUST_CHECK int st_write(const char *path, const struct tensor *t, size_t n,
                        const char *const *metadata, struct errbuf *eb);

/**
 * Copy the tensors of f into t[n] by name: all names must be there with the same shapes and
 * type F32, and f may have no others; finite values only. RF_OK or RF_EFORMAT, naming the
 * tensor.
 */
MUST_CHECK int st_read_into(const struct st_file *f, const struct tensor *t, size_t n,
                            const char *path, struct errbuf *eb);

#endif
