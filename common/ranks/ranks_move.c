/* ranks_move.c: bytes from ranks to others. */
#include <string.h>

#include "ranks/lane.h"

/* A sum's exchanges in reverse: both ranks of a pair give each other all that they have. */
int ranks_gather(struct ranks *r, void *x, const size_t *border, size_t each, struct errbuf *eb)
{
    int rc = RF_OK;

    for (int k = ranks_exchanges(r); rc == RF_OK && k-- > 0;) {
        int peer = r->rank ^ 1 << k;
        size_t mine, theirs, n = ranks_held(r, r->rank, k + 1, &mine);
        struct lane out, in;

        (void)ranks_held(r, peer, k + 1, &theirs);
        out = lane_out(r, peer, LANE_TAG, (char *)x + border[mine] * each,
                       (border[mine + n] - border[mine]) * each);
        in = lane_in(r, peer, LANE_TAG, (char *)x + border[theirs] * each,
                     (border[theirs + n] - border[theirs]) * each, NULL);
        rc = lane_wait(&out, &in, eb);
    }
    return rc;
}

int ranks_share(struct ranks *r, void *all, const void *mine, size_t each, struct errbuf *eb)
{
    int rc = RF_OK;

    memmove((char *)all + (size_t)r->rank * each, mine, each);
    for (int k = 0; rc == RF_OK && 1 << k < r->size; k++) { /* pairs of 2^k ranks each */
        int peer = r->rank ^ 1 << k;
        size_t run = each << k;
        struct lane out =
            lane_out(r, peer, LANE_TAG, (char *)all + (size_t)(r->rank >> k) * run, run);
        struct lane in =
            lane_in(r, peer, LANE_TAG, (char *)all + (size_t)(peer >> k) * run, run, NULL);

        rc = lane_wait(&out, &in, eb);
    }
    return rc;
}

int ranks_tell(struct ranks *r, void *bytes, size_t n, struct errbuf *eb)
{
    int rc = RF_OK;

    /* Those that know are the multiples of 2^(k + 1): each tells the rank 2^k above it. */
    for (int k = ranks_exchanges(r); rc == RF_OK && k-- > 0;) {
        int step = 1 << k, place = r->rank & (2 * step - 1);
        struct lane l = place == 0 ? lane_out(r, r->rank + step, LANE_TAG, bytes, n)
                                   : lane_in(r, r->rank - step, LANE_TAG, bytes, n, NULL);

        if (place == 0 || place == step)
            rc = lane_wait(&l, NULL, eb);
    }
    return rc;
}

int ranks_fetch(struct ranks *r, int from, void *bytes, size_t n, struct errbuf *eb)
{
    struct lane l = r->rank ? lane_out(r, 0, LANE_TAG, bytes, n)
                            : lane_in(r, from, LANE_TAG, bytes, n, NULL);

    return from ? lane_wait(&l, NULL, eb) : RF_OK;
}

int ranks_agree(struct ranks *r, int rc, struct errbuf *eb)
{
    int32_t all[RANKS_MAX], mine = rc;
    struct errbuf why = {0};
    bool alike = true;
    int first = 0, failed;

    if (r->size == 1)
        return rc;
    if ((failed = ranks_share(r, all, &mine, sizeof mine, eb)) != RF_OK)
        return failed;
    while (first < r->size && all[first] == RF_OK)
        first++;
    if (first == r->size)
        return RF_OK;
    for (int i = 0; i < r->size; i++)
        alike &= all[i] == all[first];
    if (r->rank == first && eb)
        why = *eb;
    if ((r->rank == first || r->rank == 0) &&
        (failed = ranks_fetch(r, first, &why, sizeof why, eb)) != RF_OK)
        return failed;
    if ((failed = ranks_tell(r, &why, sizeof why, eb)) != RF_OK)
        return failed;
    r->agreed = true;
    why.text[sizeof why.text - 1] = '\0';
    if (alike)
        return err_set(eb, all[first], "%s", why.text);
    return err_set(eb, all[first], "rank %d: %s", first,
                   *why.text ? why.text : rf_strerror(all[first]));
}
