#include "data/mask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "shard/shard_text.h"

enum {
    POSITION_BITS = 26, /* SHARD_RECORD_MAX_TOKENS is 2^26 */
    CHOICE = 0,         /* CHOICE and REPLACEMENT are layers of the random stream */
    REPLACEMENT = 1,
};

/* The special tokens, ascending, each once. */
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

/* Returns the n-th token that is not special. */
static int32_t ordinary_token(const struct specials *s, uint64_t n)
{
    for (size_t i = 0; i < s->n && n >= (uint64_t)s->ids[i]; i++)
        n++;
    return (int32_t)n;
}

/* Returns what a chosen token becomes, by three random words. */
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

/* A sequence while its tokens are chosen. labels[i] is ids[i] if token i is chosen, else -1. */
struct choice {
    const struct mask_cfg *cfg;
    const struct special_ids *special;
    const int32_t *ids;
    size_t n;
    int32_t *labels;
    uint64_t left; /* what is left of the budget */
};

/* True if the token at `at` can still be chosen. */
static bool is_free(const struct choice *c, size_t at)
{
    return at < c->n && c->labels[at] < 0 && !special_has(c->special, c->ids[at]);
}

static bool is_piece(const struct choice *c, size_t at)
{
    return c->cfg->piece && c->cfg->piece[c->ids[at]];
}

static size_t word_end(const struct choice *c, size_t at)
{
    do
        at++;
    while (is_free(c, at) && is_piece(c, at));
    return at;
}

/* Find where words start. Returns the number of ordinary tokens. */
static uint64_t find_words(const struct choice *c, uint32_t *starts, size_t *n_starts)
{
    uint64_t ordinary = 0;
    bool inside = false; /* the token before is an ordinary one */

    *n_starts = 0;
    for (size_t i = 0; i < c->n; i++) {
        bool is = is_free(c, i);

        if (is && !(inside && is_piece(c, i)))
            starts[(*n_starts)++] = (uint32_t)i;
        ordinary += is;
        inside = is;
    }
    return ordinary;
}

/* Returns a span's length in words for u uniform in [0, 1). P(k) is proportional to 1 / k. */
static uint64_t span_words(uint64_t most, double u)
{
    double sum = 0;
    uint64_t k = 1;

    for (uint64_t i = 1; i <= most; i++)
        sum += 1 / (double)i;
    for (u *= sum; k < most && u >= 1 / (double)k; k++)
        u -= 1 / (double)k;
    return k;
}

/* Choose a span of up to `words` words that starts at `at`, as far as it can go. */
static void choose_span(struct choice *c, size_t at, uint64_t words)
{
    size_t end = at;

    while (words-- > 0 && is_free(c, end)) {
        size_t next = word_end(c, end);

        if (next - at > c->left)
            break;
        end = next;
    }
    c->left -= end - at;
    for (; at < end; at++)
        c->labels[at] = c->ids[at];
}

/* Choose words in random order (Fisher and Yates) until the budget is spent. */
static void choose_words(struct choice *c, struct rng r, uint64_t first, uint32_t *starts,
                         size_t n)
{
    uint64_t budget = c->left, most = c->cfg->span ? c->cfg->span : 1;

    for (size_t i = 0; i < n && c->left > 0; i++) {
        uint32_t w[4], start;
        size_t k;

        rng_block(w, r, first | i);
        k = i + (size_t)(w[0] * (uint64_t)(n - i) >> 32);
        start = starts[k];
        starts[k] = starts[i];
        starts[i] = start;
        choose_span(c, start, most == 1 ? 1 : span_words(most, w[1] * 0x1p-32));
    }
    /* If every word is longer than the budget, one is chosen all the same. */
    if (c->left == budget && n > 0 && budget > 0) {
        c->left = c->n;
        choose_span(c, starts[0], 1);
    }
}

int mask_apply(const struct mask_cfg *cfg, const struct shard_info *info, uint64_t record,
               int32_t *ids, size_t n, uint32_t *positions, int32_t *labels, size_t *n_labels,
               struct errbuf *eb)
{
    const struct specials specials = sort_specials(&info->special);
    struct choice c = {cfg, &info->special, ids, n, labels, 0};
    const uint64_t first = record << POSITION_BITS;
    uint64_t ordinary;
    size_t words;

    if (info->special.mask < 0)
        return err_set(eb, RF_EINVAL, "the vocabulary has no [MASK]");
    for (size_t i = 0; i < n; i++)
        labels[i] = -1;
    ordinary = find_words(&c, positions, &words);
    c.left = (uint64_t)llround(cfg->rate * (double)ordinary);
    if (c.left == 0 && ordinary > 0 && cfg->rate > 0)
        c.left = 1;
    choose_words(&c, rng_stream(cfg->seed, cfg->epoch, CHOICE, RNG_MASK), first, positions,
                 words);
    *n_labels = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t w[4];

        if (labels[i] < 0)
            continue;
        rng_block(w, rng_stream(cfg->seed, cfg->epoch, REPLACEMENT, RNG_MASK), first | i);
        ids[i] = replacement(cfg, info, &specials, ids[i], w);
        positions[*n_labels] = (uint32_t)i;
        labels[(*n_labels)++] = labels[i];
    }
    return RF_OK;
}

/* --- whole shards */

/* Room for a sequence that may be changed and for the results of mask_apply(); n of each. It
 * grows with the sequences that come, whatever length the header allows. */
struct room {
    int32_t *ids, *labels;
    uint32_t *positions;
    size_t n;
};

static void room_free(struct room *room)
{
    free(room->ids);
    free(room->labels);
    free(room->positions);
    *room = (struct room){0};
}

static int room_reserve(struct room *room, size_t n)
{
    if (room->ids && n <= room->n)
        return RF_OK;
    room_free(room);
    n += n == 0; /* malloc(0) may give NULL */
    *room = (struct room){malloc(n * sizeof *room->ids), malloc(n * sizeof *room->labels),
                          malloc(n * sizeof *room->positions), n};
    return room->ids && room->labels && room->positions ? RF_OK : RF_ENOMEM;
}

static int mask_record(const struct mask_cfg *cfg, const struct shard_info *info,
                       uint64_t number, struct shard_record *r, struct room *room,
                       struct errbuf *eb)
{
    if (room_reserve(room, r->n_ids) != RF_OK)
        return err_nomem(eb);
    memcpy(room->ids, r->ids, r->n_ids * sizeof *r->ids);
    r->ids = room->ids;
    r->positions = room->positions;
    r->labels = room->labels;
    return mask_apply(cfg, info, number, room->ids, r->n_ids, room->positions, room->labels,
                      &r->n_labels, eb);
}

int mask_shard(struct shard_reader *from, struct shard_writer *to, const struct mask_cfg *cfg,
               struct mask_totals *t, struct progress *p, struct errbuf *eb)
{
    const struct shard_info *info = shard_reader_info(from);
    struct room room = {.n = 0};
    struct shard_record r;
    int rc = RF_OK;

    while (rc == RF_OK && (rc = shard_next(from, &r, eb)) == 1) {
        rc = mask_record(cfg, info, t->sequences++, &r, &room, eb);
        if (rc == RF_OK)
            rc = shard_write(to, &r, eb);
        t->tokens += r.n_ids;
        t->labels += r.n_labels;
        progress_show(p, shard_reader_consumed(from), NULL);
    }
    room_free(&room);
    return rc;
}

int mask_pieces_read(bool **piece, const char *name, const struct shard_info *info,
                     struct errbuf *eb)
{
    struct vocab *v = NULL;
    int rc = shard_vocab_read(&v, name, info, eb);

    if (rc == RF_OK && !(*piece = calloc(info->vocab_size, sizeof **piece)))
        rc = err_nomem(eb);
    for (size_t id = 0; rc == RF_OK && id < vocab_size(v); id++)
        (*piece)[id] = strncmp(vocab_token(v, (int32_t)id, NULL), "##", 2) == 0;
    vocab_free(v);
    return rc;
}
