/* decode.h: decompresses a stream of bytes: gzip, bzip2, xz or zstd. Several members may follow
 * each other in one stream, and zero bytes may follow them, but for zstd. */
#ifndef BASE_DECODE_H
#define BASE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    DECODE_HEAD_BYTES = 10
}; /* decoder_open() wants to see this many bytes, if the input is that long */

struct decoder;

/**
 * Tell the format by the first n bytes. RF_OK: *d is the decoder, or NULL if the bytes are in
 * none of the formats. Else RF_ENOMEM.
 */
MUST_CHECK int decoder_open(struct decoder **d, const uint8_t *head, size_t n);

/**
 * Decompress in[n] into at most `cap` bytes at `out`. Afterwards *used bytes of `in` were taken
 * and *made bytes written; either may be less than what there was room for. RF_OK; RF_EFORMAT:
 * *why says what is wrong (a static string); RF_ERANGE: it needs over 128 MiB of memory, and
 * *why is a command that takes them; RF_ENOMEM.
 */
MUST_CHECK int decoder_step(struct decoder *d, const char *in, size_t n, size_t *used,
                            char *out, size_t cap, size_t *made, const char **why);

/** True if the input may end here: it is not inside a member. */
bool decoder_may_end(const struct decoder *d);

/** Returns "gzip", "bzip2", "xz" or "zstd". */
const char *decoder_name(const struct decoder *d);

/** Free; NULL is fine. */
void decoder_close(struct decoder *d);

#endif
