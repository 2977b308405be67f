/* star.h: a TCP stream between rank 0 and each other rank; private to this folder. */
#ifndef RANKS_STAR_H
#define RANKS_STAR_H

#include "ranks/beat.h"
#include "ranks/ranks.h"

struct stream {
    int fd; /* -1: none */
    uint8_t in[BEAT_BYTES], out[BEAT_BYTES];
    size_t got,
        left; /* bytes of `in` that have come, and the last of `out` that have not gone */
};

/** A stream between other ranks is not there: rank 0 has one at the place of each other rank,
 * the others have one, at place 0. */
struct star {
    struct stream *stream;
    size_t size;
    uint64_t token;
};

/**
 * All ranks call this: rank 0 tells the others its addresses and a token, and they call it.
 * RF_EIO: a rank did not within a minute; RF_ENOMEM. star_free() in either case.
 */
MUST_CHECK int star_open(struct star *s, struct ranks *r, struct errbuf *eb);

/** Free the memory, and close the streams if told so. */
void star_free(struct star *s, bool close_too);

enum stream_state { STREAM_EMPTY, STREAM_BEAT, STREAM_ENDED };

/** Take what has come: STREAM_BEAT if `in` holds a whole message, until the next call. Does not
 * wait. */
enum stream_state stream_read(struct stream *s);

/** Send a message, or drop it if those before it are still on their way. Does not wait. */
void stream_write(struct stream *s, const struct beat *b);

/** Milliseconds of a clock that only goes forward. */
uint64_t star_clock_ms(void);

#endif
