/* decode.h: taking compression off a stream of bytes: gzip, bzip2, xz, zstd, each with members
 * in a row. */
#ifndef BASE_DECODE_H
#define BASE_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

enum {
    DECODE_HEAD_BYTES = 10
}; /* what decoder_open() wants to see, if the input is that long */

struct decoder;

/**
 * Tell the format by the first n bytes. RF_OK: *d is the decoder, or NULL where it is none of
 * the formats; RF_ENOMEM.
 */
MUST_CHECK int decoder_open(struct decoder **d, const uint8_t *head, size_t n);

/**
 * Turn in[n] into at most `cap` bytes at out: *used bytes were taken, *made were given; neither
 * need be all. RF_OK; RF_EFORMAT, *why then says what is wrong (a static string); RF_ENOMEM.
 */
MUST_CHECK int decoder_step(struct decoder *d, const char *in, size_t n, size_t *used,
                            char *out, size_t cap, size_t *made, const char **why);

/** True where the input may end: between members. */
bool decoder_may_end(const struct decoder *d);

/** "gzip", "bzip2", "xz", "zstd". */
const char *decoder_name(const struct decoder *d);

/** Free; NULL is fine. */
void decoder_close(struct decoder *d);

#endif
