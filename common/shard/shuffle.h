/*
 * shuffle.h: sequences in a random or in their own order, through bounded memory.
 *
 * Each sequence gets a random key; the order is that of the keys, so it depends on the seed
 * alone. What does not fit into memory is written to a temporary file in sorted runs, which
 * have no name, so that nothing is left behind, and is merged from there.
 */
#ifndef SHARD_SHUFFLE_H
#define SHARD_SHUFFLE_H

#include <stdbool.h>

#include "base/rng.h"
#include "shard/shard.h"

enum { SHUFFLE_MIN_BYTES = 1 << 20 };

struct shuffle_cfg {
    uint64_t memory;  /* bytes of sequences to hold, about; at least SHUFFLE_MIN_BYTES */
    const char *near; /* the temporary file lies in this file's folder; NULL: $TMPDIR or /tmp */
    bool mixed;       /* else the order stays */
    struct rng rng;   /* element: number of the sequence */
};

struct shuffle;

/** The configuration is copied, but for `near`. RF_OK or RF_ENOMEM. */
MUST_CHECK int shuffle_new(struct shuffle **s, const struct shuffle_cfg *cfg,
                           struct errbuf *eb);

/** Add a record of kind sequences. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int shuffle_add(struct shuffle *s, const struct shard_record *r, struct errbuf *eb);

/** Sequences added so far. */
uint64_t shuffle_count(const struct shuffle *s);

/** The next sequence in order: 1, 0 after the last, RF_EIO, RF_ENOMEM. Its ids live until the
 * next call. After the first call nothing may be added. */
MUST_CHECK int shuffle_next(struct shuffle *s, struct shard_record *r, struct errbuf *eb);

/** Free; NULL is fine. */
void shuffle_free(struct shuffle *s);

#endif
