/*
 * shuffle.h: gives sequences back in a random order, or in their own, through bounded memory.
 *
 * Each sequence gets a random key, and the keys are sorted, so the order depends only on the
 * seed. Sequences that do not fit into memory are written to a temporary file in sorted runs,
 * and the runs are merged. The file has no name, so nothing is left behind.
 */
#ifndef SHARD_SHUFFLE_H
#define SHARD_SHUFFLE_H

#include <stdbool.h>

#include "base/rng.h"
#include "shard/shard.h"

enum { SHUFFLE_MIN_BYTES = 1 << 20 };

struct shuffle_cfg {
    uint64_t memory; /* about how many bytes of sequences to hold; at least SHUFFLE_MIN_BYTES */
    const char *near; /* the temporary file lies in its folder; NULL: $TMPDIR or /tmp */
    bool mixed;       /* false: the order stays */
    struct rng rng;   /* its element is the number of the sequence */
};

struct shuffle;

/** Make a shuffle. The configuration is copied, except `near`. RF_OK or RF_ENOMEM. */
MUST_CHECK int shuffle_new(struct shuffle **s, const struct shuffle_cfg *cfg,
                           struct errbuf *eb);

/** Add a record of kind sequences. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int shuffle_add(struct shuffle *s, const struct shard_record *r, struct errbuf *eb);

/** Returns the number of sequences added so far. */
uint64_t shuffle_count(const struct shuffle *s);

/** Give the next sequence in order: 1, 0 after the last, RF_EIO, RF_ENOMEM. Its ids live until
 * the next call. Nothing may be added after the first call. */
MUST_CHECK int shuffle_next(struct shuffle *s, struct shard_record *r, struct errbuf *eb);

/** Free; NULL is fine. */
void shuffle_free(struct shuffle *s);

#endif
