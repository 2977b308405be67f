#include "shard/block_order.h"

#include <assert.h>
#include <stdlib.h>

#include "base/rng.h"

struct block_order {
    struct block_order_cfg cfg;
    uint64_t pass; /* the pass for which `at` and `sum` are, plus 1; 0: none yet */
    struct rng seeds;
    uint32_t *at;  /* [blocks] the block at each place of the pass */
    uint64_t *sum; /* [blocks + 1] records of the blocks at the places before */
    /* The turn in hand: what comes before it in the pass, and before share i of it. */
    size_t turn;
    uint64_t before;
    uint64_t *shares;  /* [window + 1] share i is that of the block at place turn - i */
    uint32_t *open;    /* [window + 1] these blocks, and the next one */
    struct rng *rng;   /* [window] the orders of their records */
    struct rng turned; /* the order of the turn */
};

int block_order_new(struct block_order **out, const struct block_order_cfg *cfg,
                    struct errbuf *eb)
{
    struct block_order *o = calloc(1, sizeof *o);

    assert(cfg->window >= 1 && cfg->window <= cfg->blocks);
    if (!o)
        return err_nomem(eb);
    o->cfg = *cfg;
    o->at = malloc(cfg->blocks * sizeof *o->at);
    o->sum = malloc((cfg->blocks + 1) * sizeof *o->sum);
    o->shares = malloc((cfg->window + 1) * sizeof *o->shares);
    o->open = malloc((cfg->window + 1) * sizeof *o->open);
    o->rng = malloc(cfg->window * sizeof *o->rng);
    if (!o->at || !o->sum || !o->shares || !o->open || !o->rng) {
        block_order_free(o);
        return err_nomem(eb);
    }
    *out = o;
    return RF_OK;
}

static uint64_t records_at(const struct block_order *o, size_t place)
{
    return o->sum[place + 1] - o->sum[place];
}

/* How many of a block's n records its first `shares` shares have. */
static uint64_t share_end(const struct block_order *o, uint64_t n, uint64_t shares)
{
    uint64_t w = o->cfg.window;

    assert(w > 0);
    return n / w * shares + n % w * shares / w;
}

/* Orders that belong to a pass: number 0 is that of the blocks, then one for each turn and one
 * for each block by turns. */
static struct rng order_of(const struct block_order *o, uint64_t number)
{
    return rng_stream(rng_u64(o->seeds, number), 0, 0, RNG_BLOCKS);
}

static void begin_pass(struct block_order *o, uint64_t pass)
{
    struct rng order;
    size_t n = o->cfg.blocks;

    o->pass = pass + 1;
    o->seeds = rng_stream(o->cfg.seed, pass, 1 + o->cfg.source, RNG_BLOCKS);
    order = order_of(o, 0);
    o->sum[0] = 0;
    for (size_t i = 0; i < n; i++) {
        size_t block = (size_t)rng_permute(order, i, n);

        o->at[i] = (uint32_t)block;
        o->sum[i + 1] = o->sum[i] + o->cfg.first[block + 1] - o->cfg.first[block];
    }
}

/* How many records the block at a place gave in the pass before a turn. The turns of its shares
 * are place, place + 1 and so on, and then from turn 0 on. */
static uint64_t given_at(const struct block_order *o, size_t place, size_t turn)
{
    size_t w = o->cfg.window, n = o->cfg.blocks;
    uint64_t records = records_at(o, place), given = 0;
    size_t late = n - place, early;

    if (late < w) { /* these shares, late to w, come at the start of the pass */
        early = turn < w - late ? turn : w - late;
        given = share_end(o, records, late + early) - share_end(o, records, late);
    }
    if (turn > place)
        given += share_end(o, records, turn - place < w ? turn - place : w);
    return given;
}

/* How many records come before a turn of the pass, 0 to the number of blocks. */
static uint64_t records_before(const struct block_order *o, size_t turn)
{
    size_t w = o->cfg.window, n = o->cfg.blocks, opened = turn > w - 1 ? turn - (w - 1) : 0;
    uint64_t sum = o->sum[opened]; /* of blocks that gave all */

    for (size_t place = opened; place < turn; place++)
        sum += given_at(o, place, turn);
    for (size_t place = turn > n - w + 1 ? turn : n - w + 1; place < n; place++)
        sum += given_at(o, place, turn);
    return sum;
}

static void begin_turn(struct block_order *o, size_t turn, uint64_t before)
{
    size_t w = o->cfg.window, n = o->cfg.blocks;

    o->turn = turn;
    o->before = before;
    o->turned = order_of(o, 1 + 2 * (uint64_t)turn);
    o->shares[0] = 0;
    for (size_t i = 0; i < w; i++) {
        size_t place = turn >= i ? turn - i : turn + n - i;
        uint64_t records = records_at(o, place);

        o->open[i] = o->at[place];
        o->rng[i] = order_of(o, 2 + 2 * (uint64_t)o->at[place]);
        o->shares[i + 1] =
            o->shares[i] + share_end(o, records, i + 1) - share_end(o, records, i);
    }
    if (w < n && turn + 1 < n)
        o->open[w] = o->at[turn + 1];
}

/* Go to the turn of record i of the pass. */
static void find_turn(struct block_order *o, uint64_t i)
{
    size_t low = 0, high = o->cfg.blocks;

    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;

        if (records_before(o, mid) <= i)
            low = mid;
        else
            high = mid;
    }
    begin_turn(o, low, records_before(o, low));
}

static bool is_of_turn(const struct block_order *o, uint64_t i)
{
    return i >= o->before && i - o->before < o->shares[o->cfg.window];
}

uint64_t block_order_at(struct block_order *o, uint64_t i, bool *turned)
{
    uint64_t records = o->cfg.first[o->cfg.blocks], pass = i / records, in_block, of_turn, n;
    size_t low = 0, high = o->cfg.window;

    i %= records;
    *turned = o->pass != pass + 1 || !is_of_turn(o, i);
    if (o->pass != pass + 1)
        begin_pass(o, pass);
    if (*turned)
        find_turn(o, i);
    of_turn = rng_permute(o->turned, i - o->before, o->shares[o->cfg.window]);
    while (high - low > 1) { /* the share that it is in */
        size_t mid = low + (high - low) / 2;

        if (o->shares[mid] <= of_turn)
            low = mid;
        else
            high = mid;
    }
    n = o->cfg.first[o->open[low] + 1] - o->cfg.first[o->open[low]];
    in_block = share_end(o, n, low) + of_turn - o->shares[low];
    return o->cfg.first[o->open[low]] + rng_permute(o->rng[low], in_block, n);
}

const uint32_t *block_order_open(const struct block_order *o, size_t *n)
{
    size_t w = o->cfg.window;

    *n = w < o->cfg.blocks && o->turn + 1 < o->cfg.blocks ? w + 1 : w;
    return o->open;
}

void block_order_free(struct block_order *o)
{
    if (!o)
        return;
    free(o->at);
    free(o->sum);
    free(o->shares);
    free(o->open);
    free(o->rng);
    free(o);
}
