/*
 * block_order.h: a random order of the records of a shard that is read by blocks.
 *
 * In each pass the blocks stand in a random order. At any time `window` of them are open.
 * Records come in turns: in each turn every open block gives an equal share of its records, the
 * shares are mixed, and then the block that has been open longest has given all and makes room
 * for the next. At the start of a pass the blocks that come last are open too; they give the
 * rest when their turn comes, so that all turns are alike. Within a block the order is random,
 * so a record lies anywhere in the `window` turns in which its block is open.
 *
 * The place of a record in the order is a function of (seed, source, pass, its number) and of
 * where the blocks begin: any place is found without those before it.
 */
#ifndef SHARD_BLOCK_ORDER_H
#define SHARD_BLOCK_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct block_order;

struct block_order_cfg {
    const uint64_t *first; /* [blocks + 1] the first record of each, and behind them the number
                              of records; ascending, and borrowed */
    size_t blocks, window; /* at least 1; the window at most the blocks */
    uint64_t seed;
    uint32_t source; /* which of several shards with this seed it is, from 0 */
};

/** Make an order; the configuration is copied. RF_OK or RF_ENOMEM. */
MUST_CHECK int block_order_new(struct block_order **o, const struct block_order_cfg *cfg,
                               struct errbuf *eb);

/** Returns the record that comes as number i, of an endless order of passes: each pass has all
 * of them once. Ascending i are fast. *turned tells whether its turn is another than that of
 * the call before. */
uint64_t block_order_at(struct block_order *o, uint64_t i, bool *turned);

/** The blocks that are open in the turn of the last record, the next one behind them if the
 * pass has another turn: blocks[n]. They live until the next call. */
const uint32_t *block_order_open(const struct block_order *o, size_t *n);

void block_order_free(struct block_order *o); /* NULL is fine */

#endif
