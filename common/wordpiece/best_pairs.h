/* best_pairs.h: finds the most frequent pairs of symbols in a file of words, in bounded memory.
 * For wprounds.c. */
#ifndef WORDPIECE_BEST_PAIRS_H
#define WORDPIECE_BEST_PAIRS_H

#include "wordpiece/pair_set.h"
#include "wordpiece/spelled.h"
#include "wordpiece/symbol_pairs.h"

/** {0} is empty. */
struct best_pairs {
    struct pair_rank *pair; /* n pairs, sorted by rank */
    size_t n;
    struct pair_rank floor; /* the list has all pairs that rank above this one, and no other */
    unsigned parts; /* how often the file was read, because memory holds one part of the pairs
                       at a time; the next call starts with this number */
};

/** Find the best pairs that stand at least min_count times, at least one if there is one, and
 * at most `most`. min_count and `most` must be at least 1. `bounds` is that of all words.
 * Finding takes at most `memory` bytes. RF_OK, spelled_next()'s errors, RF_ENOMEM. */
MUST_CHECK int best_pairs_find(struct best_pairs *b, struct spelled *words,
                               const struct pair_bounds *bounds, size_t most, uint64_t memory,
                               uint64_t min_count, struct errbuf *eb);

void best_pairs_free(struct best_pairs *b);

#endif
