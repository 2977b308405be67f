/* beat.h: what ranks tell each other besides their work, in messages of one length over TCP;
 * private to this folder. */
#ifndef RANKS_BEAT_H
#define RANKS_BEAT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"

enum { BEAT_BYTES = 24 };

enum beat_kind {
    BEAT_HELLO = 1, /* a rank calls rank 0 */
    BEAT_WELCOME,   /* rank 0 knows it */
    BEAT_ALIVE,     /* a second is over */
    BEAT_BYE,       /* the work is done: what follows is the end of the stream */
    BEAT_LEFT,      /* the rank failed, and all end with its status */
    BEAT_LOST,      /* the rank ended or is silent, and all end with EXIT_LOST */
    BEAT_KINDS
};

struct beat {
    uint64_t token; /* drawn by rank 0 for this run: others' messages are dropped */
    enum beat_kind kind;
    int rank;   /* who it is about */
    int status; /* BEAT_LEFT */
};

static inline void beat_put(uint8_t *to, const struct beat *b)
{
    put_le64(to, b->token);
    put_le32(to + 8, (uint32_t)b->kind);
    put_le32(to + 12, (uint32_t)b->rank);
    put_le32(to + 16, (uint32_t)b->status);
    put_le32(to + 20, 0);
}

/** False if this is no message of a run with this token and so many ranks. */
static inline bool beat_get(struct beat *b, const uint8_t *from, uint64_t token, int size)
{
    uint32_t kind = get_le32(from + 8), rank = get_le32(from + 12),
             status = get_le32(from + 16);

    if (get_le64(from) != token || kind < BEAT_HELLO || kind >= BEAT_KINDS ||
        rank >= (uint32_t)size || status > 255 || get_le32(from + 20) != 0)
        return false;
    *b = (struct beat){token, (enum beat_kind)kind, (int)rank, (int)status};
    return true;
}

#endif
