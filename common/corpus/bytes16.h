/* bytes16.h: compares sixteen bytes at a time, to skip plain text fast. Compilers turn this
 * into whatever vector instructions the machine has. */
#ifndef CORPUS_BYTES16_H
#define CORPUS_BYTES16_H

#include <stdint.h>
#include <string.h>

typedef uint8_t bytes16 __attribute__((vector_size(16)));

static inline bytes16 bytes16_load(const char *s)
{
    bytes16 x;

    memcpy(&x, s, sizeof x);
    return x;
}

/** Returns the index of the first byte for which a comparison such as x == '<' holds; 16 if
 * there is none. */
static inline unsigned bytes16_first(bytes16 x)
{
    uint64_t half[2];

    memcpy(half, &x, sizeof half);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    half[0] = __builtin_bswap64(half[0]);
    half[1] = __builtin_bswap64(half[1]);
#endif
    if (half[0])
        return (unsigned)__builtin_ctzll(half[0]) / 8;
    return half[1] ? 8 + (unsigned)__builtin_ctzll(half[1]) / 8 : 16;
}

#endif
