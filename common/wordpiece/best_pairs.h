/* best_pairs.h: finds the most frequent pairs of symbols in a file of words, in bounded memory.
 * For wpmerge.c. */
#ifndef WORDPIECE_BEST_PAIRS_H
#define WORDPIECE_BEST_PAIRS_H

#include <stdbool.h>

#include "wordpiece/symbol_pairs.h"
#include "wordpiece/spelled.h"

struct best_pair {
    struct pair_rank rank;
    uint64_t symbols; /* in the words that hold it, once for each place */
    uint64_t places;  /* how many places it stands at */
};

/** {0} is empty. */
struct best_pairs {
    struct best_pair *pair; /* n pairs, sorted by rank */
    size_t n;
    struct pair_rank floor; /* the list has all pairs that rank above this one, and no other */
    unsigned parts; /* how often the file was read, because memory holds one part of the pairs
                       at a time; the next call starts with this number */
};

/** Returns the memory in bytes that merging a pair takes with all its words in memory. All
 * the pairs that best_pairs_find() has found take at most its `memory` together, unless it
 * found only one. */
uint64_t best_pair_bytes(const struct best_pair *p);

/** Find the best pairs that stand at least min_count times: as many as `memory` is enough to
 * merge. min_count must be at least 1. Finding takes no more memory than that. RF_OK,
 * spelled_next()'s errors, RF_ENOMEM. */
MUST_CHECK int best_pairs_find(struct best_pairs *b, struct spelled *words, uint64_t memory,
                               uint64_t min_count, struct errbuf *eb);

void best_pairs_free(struct best_pairs *b);

#endif
