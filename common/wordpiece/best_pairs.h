/* best_pairs.h: the pairs of symbols that stand most often in a file of words, in bounded
 * memory. For wpmerge.c. */
#ifndef WORDPIECE_BEST_PAIRS_H
#define WORDPIECE_BEST_PAIRS_H

#include <stdbool.h>

#include "wordpiece/symbol_pairs.h"
#include "wordpiece/spelled.h"

struct best_pair {
    struct pair_rank rank;
    uint64_t symbols; /* in the words that hold it, a word as often as it does */
    uint64_t places;  /* where it stands */
};

/** {0} is empty. */
struct best_pairs {
    struct best_pair *pair; /* n of them, by rank */
    size_t n;
    struct pair_rank floor; /* all pairs above it are there, and none else */
    unsigned parts;         /* how many times the file was read: memory holds one part of the
                               pairs; kept, for the next call */
};

/** What merging a pair takes in memory, all its words there; those found take no more in all,
 * unless there is but one. */
uint64_t best_pair_bytes(const struct best_pair *p);

/** Find them: as many as `memory` can merge, of those that stand min_count (1) times at least.
 * Finding takes no more memory than that. RF_OK, spelled_next()'s errors, RF_ENOMEM. */
MUST_CHECK int best_pairs_find(struct best_pairs *b, struct spelled *words, uint64_t memory,
                               uint64_t min_count, struct errbuf *eb);

void best_pairs_free(struct best_pairs *b);

#endif
