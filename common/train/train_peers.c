/* train_peers.c: ranks whose devices reach each other: gradients are summed, and weights are
 * gathered, by exchanges from device to device. They are those of ranks_sum_start() and of
 * ranks_gather(), so that the bits are the same. */
#include <stdlib.h>

#include "train/train_parts.h"

/* --- joining */

/* What came of it on one rank. */
struct attempt {
    int32_t rc;
    struct errbuf why;
};

/* What rank 0 tells the others. */
struct invitation {
    struct attempt made;
    unsigned char id[NN_PEERS_ID_BYTES];
};

static int no_way(const struct train *t, struct errbuf *why)
{
    return err_set(why, RF_EINVAL, "device '%s' knows no other way", t->nn->ops->name);
}

static struct attempt make_id(struct train *t, unsigned char *id)
{
    const struct nn_peers *peers = t->nn->ops->peers;
    struct attempt a = {.rc = RF_OK};

    a.rc = peers ? peers->make_id(t->nn, id, &a.why) : no_way(t, &a.why);
    return a;
}

static struct attempt join(struct train *t, const unsigned char *id)
{
    const struct nn_peers *peers = t->nn->ops->peers;
    struct attempt a = {.rc = RF_OK};

    a.rc = peers ? peers->join(t->nn, id, t->ranks->rank, t->ranks->size, &a.why)
                 : no_way(t, &a.why);
    return a;
}

/* Let *mine be what the first rank that failed came to, with its number, or RF_OK. */
static int share_attempts(struct train *t, struct attempt *mine, struct errbuf *eb)
{
    int size = t->ranks->size, first = 0, rc;
    struct attempt *all = calloc((size_t)size, sizeof *all);

    if (!all) /* no rank knows, so that this one cannot go on with the others */
        return err_nomem(eb);
    rc = ranks_share(t->ranks, all, mine, sizeof *all, eb);
    while (first < size && all[first].rc == RF_OK)
        first++;
    if (rc == RF_OK && first < size)
        mine->rc =
            err_set(&mine->why, all[first].rc, "rank %d: %.400s", first,
                    *all[first].why.text ? all[first].why.text : rf_strerror(all[first].rc));
    free(all);
    return rc;
}

int train_peers_join(struct train *t, struct errbuf *eb)
{
    struct invitation of = {.id = {0}};
    struct exchange *x = &t->exchange;
    int rc;

    if (t->ranks->rank == 0)
        of.made = make_id(t, of.id);
    if ((rc = ranks_tell(t->ranks, &of, sizeof of, eb)) != RF_OK)
        return rc;
    if (of.made.rc == RF_OK) {
        of.made = join(t, of.id);
        x->peers = of.made.rc == RF_OK ? t->nn->ops->peers : NULL;
        if ((rc = share_attempts(t, &of.made, eb)) != RF_OK)
            return rc;
    }
    if (x->peers && of.made.rc == RF_OK) {
        err_write(&x->way, "by %s", x->peers->name);
        return RF_OK;
    }
    train_peers_leave(t, false);
    err_write(&x->way, "through the host's memory: %s", of.made.why.text);
    return RF_OK;
}

void train_peers_leave(struct train *t, bool together)
{
    if (t->exchange.peers)
        t->exchange.peers->leave(t->nn, together);
    t->exchange.peers = NULL;
}

/* --- exchanges */

void train_peers_sum(struct train *t, float *x, const size_t *border)
{
    const struct ranks *r = t->ranks;

    for (int k = 0; k < ranks_exchanges(r); k++) {
        size_t keeps, gives, n = ranks_held(r, r->rank, k + 1, &keeps);
        const size_t *in = border + keeps, *out = border;
        int peer = r->rank ^ 1 << k;

        (void)ranks_held(r, peer, k + 1, &gives);
        out += gives;
        t->exchange.peers->exchange_add(t->nn, peer, x + out[0], out[n] - out[0], x + in[0],
                                        in[n] - in[0]);
    }
}

int train_peers_finish(struct train *t, struct errbuf *eb)
{
    t->exchange.peers->finish(t->nn);
    return nn_status(t->nn, eb);
}

int train_peers_gather(struct train *t, float *x, const size_t *border, struct errbuf *eb)
{
    const struct ranks *r = t->ranks;

    for (int k = ranks_exchanges(r); k-- > 0;) {
        size_t mine, theirs, n = ranks_held(r, r->rank, k + 1, &mine);
        const size_t *out = border + mine, *in = border;
        int peer = r->rank ^ 1 << k;

        (void)ranks_held(r, peer, k + 1, &theirs);
        in += theirs;
        t->exchange.peers->exchange(t->nn, peer, x + out[0], (out[n] - out[0]) * sizeof *x,
                                    x + in[0], (in[n] - in[0]) * sizeof *x);
    }
    return train_peers_finish(t, eb);
}
