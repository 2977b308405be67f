/* ranks_sum.c: sums of blocks over ranks, by recursive halving. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ranks/lane.h"

struct ranks_sum {
    struct ranks *ranks;
    int tag;
    float *x;
    int exchange, exchanges; /* the one that is under way; all */
    struct lane out, in;
    float *room; /* the tree's: LANE_ROOM_FLOATS, or less if nothing is longer */
    int *count;  /* a fast sum's: floats of each part */
    bool failed;
    size_t border[];
};

/* --- making */

/* Floats of the room: a rank receives most in the first exchange. */
static size_t room_floats(const struct ranks_sum *s)
{
    size_t first, parts = ranks_held(s->ranks, s->ranks->rank, 1, &first);
    size_t n = s->border[first + parts] - s->border[first];

    return n < LANE_ROOM_FLOATS ? n : LANE_ROOM_FLOATS;
}

static int make_tree(struct ranks_sum *s, struct errbuf *eb)
{
    size_t n;

    while (1 << s->exchanges < s->ranks->size)
        s->exchanges++;
    if (!s->exchanges || !(n = room_floats(s)))
        return RF_OK;
    return (s->room = malloc(n * sizeof *s->room)) ? RF_OK : err_nomem(eb);
}

static int make_fast(struct ranks_sum *s, struct errbuf *eb)
{
    size_t size = (size_t)s->ranks->size;

    if (size == 1)
        return RF_OK;
    if (!s->ranks->wire->ops->add)
        return err_set(eb, RF_EINVAL, "what joins these ranks has no sum of its own");
    if (!(s->count = malloc(size * sizeof *s->count)))
        return err_nomem(eb);
    for (size_t p = 0; p < size; p++) {
        if (s->border[p + 1] - s->border[p] > INT_MAX)
            return err_set(eb, RF_EINVAL, "a part of %zu numbers is too large for a fast sum",
                           s->border[p + 1] - s->border[p]);
        s->count[p] = (int)(s->border[p + 1] - s->border[p]);
    }
    return RF_OK;
}

int ranks_sum_new(struct ranks_sum **sum, struct ranks *r, const size_t *border, bool fast,
                  struct errbuf *eb)
{
    size_t borders = (size_t)r->size + 1;
    struct ranks_sum *s = *sum = calloc(1, sizeof *s + borders * sizeof *border);

    if (!s)
        return err_nomem(eb);
    s->ranks = r;
    memcpy(s->border, border, borders * sizeof *border);
    if (r->sums + 1 >= WIRE_TAGS)
        return err_set(eb, RF_EINVAL, "more than %d sums", WIRE_TAGS - 1);
    s->tag = ++r->sums; /* LANE_TAG is less than all */
    return fast ? make_fast(s, eb) : make_tree(s, eb);
}

void ranks_sum_free(struct ranks_sum *s)
{
    if (!s)
        return;
    free(s->room);
    free(s->count);
    free(s);
}

/* --- adding */

/* The lanes of an exchange: out what the peer keeps, in what this rank keeps. */
static void exchange_start(struct ranks_sum *s)
{
    const struct ranks *r = s->ranks;
    int peer = r->rank ^ 1 << s->exchange;
    size_t keeps, gives;
    size_t n = ranks_held(r, r->rank, s->exchange + 1, &keeps);
    const size_t *in = s->border, *out = s->border;

    (void)ranks_held(r, peer, s->exchange + 1, &gives);
    in += keeps;
    out += gives;
    s->out = lane_out(r, peer, s->tag, s->x + out[0], (out[n] - out[0]) * sizeof(float));
    s->in = lane_in(r, peer, s->tag, s->x + in[0], (in[n] - in[0]) * sizeof(float), s->room);
}

static int poll_tree(struct ranks_sum *s)
{
    bool out = true, in = true;
    int rc;

    while (s->exchange < s->exchanges) {
        if ((rc = lane_poll(&s->out, &out)) != RF_OK || (rc = lane_poll(&s->in, &in)) != RF_OK)
            return rc;
        if (!out || !in)
            return RF_OK;
        if (++s->exchange < s->exchanges)
            exchange_start(s);
    }
    return RF_OK;
}

static int add_fast(struct ranks_sum *s)
{
    struct wire *w = s->ranks->wire;
    size_t part = ranks_part(s->ranks, s->ranks->rank);
    int rc = w->ops->add(w, s->x + s->border[0], s->count);

    if (rc == RF_OK)
        memmove(s->x + s->border[part], s->x + s->border[0],
                (size_t)s->count[part] * sizeof(float));
    return rc;
}

void ranks_sum_start(struct ranks_sum *s, float *x)
{
    s->x = x;
    s->exchange = 0;
    if (s->count)
        s->failed = add_fast(s) != RF_OK;
    else if (s->exchanges)
        exchange_start(s);
    ranks_sum_poll(s);
}

void ranks_sum_poll(struct ranks_sum *s)
{
    if (!s->failed)
        s->failed = poll_tree(s) != RF_OK;
}

int ranks_sum_finish(struct ranks_sum *s, struct errbuf *eb)
{
    for (unsigned turn = 0; s->exchange < s->exchanges && !s->failed; lane_rest(&turn))
        ranks_sum_poll(s);
    return s->failed ? err_set(eb, RF_EIO, "%s", s->ranks->wire->why.text) : RF_OK;
}
