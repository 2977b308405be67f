#include "ranks/lane.h"

#include <sched.h>
#include <time.h>

struct lane lane_out(const struct ranks *r, int to, int tag, const void *bytes, size_t n)
{
    return (struct lane){.wire = r->wire,
                         .peer = to,
                         .tag = tag,
                         .sends = true,
                         .bytes = (char *)(uintptr_t)bytes, /* only read, since it sends */
                         .n = n};
}

struct lane lane_in(const struct ranks *r, int from, int tag, void *bytes, size_t n,
                    float *room)
{
    return (struct lane){
        .wire = r->wire, .peer = from, .tag = tag, .bytes = bytes, .room = room, .n = n};
}

static size_t pieces(const struct lane *l)
{
    return l->n / WIRE_PIECE + (l->n % WIRE_PIECE != 0);
}

static size_t piece_bytes(const struct lane *l, size_t i)
{
    size_t left = l->n - i * WIRE_PIECE;

    return left < WIRE_PIECE ? left : WIRE_PIECE;
}

static float *piece_room(const struct lane *l, size_t i)
{
    return l->room + i % 2 * (WIRE_PIECE / sizeof(float));
}

static int piece_start(struct lane *l, size_t i)
{
    const struct wire_ops *ops = l->wire->ops;
    char *place = l->bytes + i * WIRE_PIECE;

    if (l->sends)
        return ops->send(l->wire, &l->request[i % 2], l->peer, l->tag, place,
                         piece_bytes(l, i));
    return ops->receive(l->wire, &l->request[i % 2], l->peer, l->tag,
                        l->room ? (char *)piece_room(l, i) : place, piece_bytes(l, i));
}

/* Two numbers have one sum in either order, so it does not matter which rank adds. */
static void piece_add(const struct lane *l, size_t i)
{
    float *restrict x = (float *)(void *)(l->bytes + i * WIRE_PIECE);
    const float *restrict y = piece_room(l, i);
    size_t n = piece_bytes(l, i) / sizeof(float);

    for (size_t j = 0; j < n; j++)
        x[j] += y[j];
}

int lane_poll(struct lane *l, bool *done)
{
    size_t all = pieces(l);
    bool over;
    int rc;

    for (;;) {
        for (; l->asked < all && l->asked - l->done < 2; l->asked++)
            if ((rc = piece_start(l, l->asked)) != RF_OK)
                return rc;
        *done = l->done == all;
        if (*done)
            return RF_OK;
        if ((rc = l->wire->ops->done(l->wire, &l->request[l->done % 2], &over)) != RF_OK)
            return rc;
        if (!over)
            return RF_OK;
        if (l->room)
            piece_add(l, l->done);
        l->done++;
    }
}

int lane_wait(struct lane *a, struct lane *b, struct errbuf *eb)
{
    bool a_done = false, b_done = false;

    for (unsigned turn = 0; !a_done || !b_done; lane_rest(&turn)) {
        if (lane_poll(a, &a_done) != RF_OK)
            return err_set(eb, RF_EIO, "%s", a->wire->why.text);
        if (!b)
            b_done = true;
        else if (lane_poll(b, &b_done) != RF_OK)
            return err_set(eb, RF_EIO, "%s", b->wire->why.text);
    }
    return RF_OK;
}

/* A message between two processes of one machine takes a few microseconds; a turn, which asks
 * the wire, a tenth of one. */
void lane_rest(unsigned *turn)
{
    enum { SPINS = 200, YIELDS = 2000 };

    if (++*turn > YIELDS)
        (void)nanosleep(&(struct timespec){.tv_nsec = 50 * 1000}, NULL);
    else if (*turn > SPINS)
        (void)sched_yield();
}
