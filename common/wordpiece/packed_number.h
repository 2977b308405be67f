/* packed_number.h: numbers in as few bytes as they need: 7 bits a byte, the lowest first; all
 * bytes but the last have the top bit set. */
#ifndef WORDPIECE_PACKED_NUMBER_H
#define WORDPIECE_PACKED_NUMBER_H

#include <stdint.h>

enum { PACKED_BYTES = 10 }; /* a number has at most this many */

/** Write n; returns the place behind it. */
static inline char *packed_put(char *to, uint64_t n)
{
    for (; n > 127; n >>= 7)
        *to++ = (char)(n | 128);
    *to++ = (char)n;
    return to;
}

/** Read *n; returns the place behind it. At most PACKED_BYTES bytes are read, whatever they
 * are. */
static inline const char *packed_get(const char *from, uint64_t *n)
{
    uint64_t byte = (unsigned char)*from++;
    unsigned shift = 7;

    *n = byte & 127;
    while (byte & 128 && shift < 7 * PACKED_BYTES) {
        byte = (unsigned char)*from++;
        *n |= (byte & 127) << shift;
        shift += 7;
    }
    return from;
}

#endif
