/* buf.h: a growing array of bytes, kept NUL-terminated so that text in it is a C string. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/** {0} is an empty buffer. data is NULL or holds len bytes and a NUL after them. */
struct buf {
    char *data;
    size_t len, cap;
};

/** Make room for `more` bytes after len, and for the NUL. Returns RF_OK, or RF_ENOMEM: then the
 * buffer is as it was before. */
MUST_CHECK int buf_reserve(struct buf *b, size_t more);

/** Append n bytes. */
MUST_CHECK int buf_put(struct buf *b, const void *bytes, size_t n);

/** Append n in decimal. This does what buf_printf() does with %llu, several times as fast. */
MUST_CHECK int buf_put_uint(struct buf *b, uint64_t n);

/** Append formatted text. */
MUST_CHECK int buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** Make the buffer empty but keep its memory. */
void buf_clear(struct buf *b);

/** Give the memory back; b is {0} again. */
void buf_free(struct buf *b);

#endif
