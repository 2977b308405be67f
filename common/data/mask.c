#include "data/mask.h"

#include <math.h>
#include <stdbool.h>

#include "base/rng.h"

enum { POSITION_BITS = 26 }; /* SHARD_RECORD_MAX_TOKENS is 2^26 */

/* The special tokens, ascending, without doubles. */
struct specials {
    int32_t ids[5];
    size_t n;
};

static struct specials sort_specials(const struct special_ids *s)
{
    const int32_t all[] = {s->pad, s->unk, s->cls, s->sep, s->mask};
    struct specials to = {.n = 0};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        size_t at = to.n;

        while (at > 0 && to.ids[at - 1] > all[i])
            at--;
        if (all[i] < 0 || (at > 0 && to.ids[at - 1] == all[i]))
            continue;
        for (size_t k = to.n++; k > at; k--)
            to.ids[k] = to.ids[k - 1];
        to.ids[at] = all[i];
    }
    return to;
}

static bool is_special(const struct specials *s, int32_t id)
{
    bool is = false;

    for (size_t i = 0; i < s->n; i++)
        is |= s->ids[i] == id;
    return is;
}

/* The n-th ordinary token: step over the special ones. */
static int32_t ordinary_token(const struct specials *s, uint64_t n)
{
    for (size_t i = 0; i < s->n && n >= (uint64_t)s->ids[i]; i++)
        n++;
    return (int32_t)n;
}

/* What a chosen token becomes, by three random words. */
static int32_t replacement(const struct mask_cfg *cfg, const struct shard_info *info,
                           const struct specials *s, int32_t id, const uint32_t w[3])
{
    __extension__ typedef unsigned __int128 u128;
    double u = (double)w[0] * 0x1p-32;
    uint64_t n = info->vocab_size - s->n, wide = w[1] | (uint64_t)w[2] << 32;

    if (u < cfg->mask_part)
        return info->special.mask;
    if (u < cfg->mask_part + cfg->random_part && n > 0)
        return ordinary_token(s, (uint64_t)((u128)wide * n >> 64));
    return id;
}

int mask_apply(const struct mask_cfg *cfg, const struct shard_info *info, uint64_t record,
               int32_t *ids, size_t n, uint32_t *positions, int32_t *labels, size_t *n_labels,
               struct errbuf *eb)
{
    const struct specials s = sort_specials(&info->special);
    struct rng r = rng_stream(cfg->seed, cfg->epoch, 0, RNG_MASK);
    uint64_t ordinary = 0, wanted;

    if (info->special.mask < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary has no [MASK]");
    for (size_t i = 0; i < n; i++)
        ordinary += !is_special(&s, ids[i]);
    wanted = (uint64_t)llround(cfg->rate * (double)ordinary);
    if (wanted == 0 && ordinary > 0 && cfg->rate > 0)
        wanted = 1;
    /* Selection sampling (Knuth, TAOCP 3.4.2, algorithm S): each of the `ordinary` tokens left
     * is taken with probability wanted / ordinary. One block of random words a position. */
    *n_labels = 0;
    for (size_t i = 0; i < n && wanted > 0; i++) {
        uint32_t w[4];

        if (is_special(&s, ids[i]))
            continue;
        rng_block(w, r, record << POSITION_BITS | i);
        if (w[0] * ordinary-- >> 32 >= wanted)
            continue;
        wanted--;
        positions[*n_labels] = (uint32_t)i;
        labels[(*n_labels)++] = ids[i];
        ids[i] = replacement(cfg, info, &s, ids[i], w + 1);
    }
    return RF_OK;
}
