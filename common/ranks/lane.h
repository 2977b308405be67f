/* lane.h: a block of bytes on its way between two ranks, in pieces, of which up to two are on
 * the wire; private to this folder. */
#ifndef RANKS_LANE_H
#define RANKS_LANE_H

#include "ranks/ranks.h"
#include "ranks/wire.h"

/** Of messages that are not a sum's: of such calls one is under way at a time. */
enum { LANE_TAG = 0, LANE_ROOM_FLOATS = 2 * WIRE_PIECE / sizeof(float) };

/** {0} has nothing to do. */
struct lane {
    struct wire *wire;
    int peer, tag;
    bool sends;
    char *bytes; /* what is sent, or where it arrives */
    float *room; /* not NULL: it arrives here, piece by piece, and is added to the floats in
                    `bytes`; LANE_ROOM_FLOATS */
    size_t n;
    size_t asked, done; /* pieces that were given to the wire, and that are over */
    struct wire_request request[2];
};

/** Nothing waits for the wire before the first lane_poll(). */
struct lane lane_out(const struct ranks *r, int to, int tag, const void *bytes, size_t n);
struct lane lane_in(const struct ranks *r, int from, int tag, void *bytes, size_t n,
                    float *room);

/** Move the block on as far as it goes without waiting. RF_OK or RF_EIO: wire->why. */
MUST_CHECK int lane_poll(struct lane *l, bool *done);

/** Move both (NULL: one) until they are done. */
MUST_CHECK int lane_wait(struct lane *a, struct lane *b, struct errbuf *eb);

/** Wait a little in a loop that waits for messages: at first not at all, later so that other
 * processes get the core. *turn counts the loop's turns, from 0 on. */
void lane_rest(unsigned *turn);

#endif
