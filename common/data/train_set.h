/*
 * train_set.h: the sequences of shards as training wants them: in random order, by weight,
 * masked anew in each pass; or, for evaluation, one after the other.
 *
 * Record i of the endless order is that of shard-mix with the same sources and seed, masked as
 * mask-tokens would mask its shard with the same seed, epoch the pass.
 */
#ifndef DATA_TRAIN_SET_H
#define DATA_TRAIN_SET_H

#include "data/mask.h"
#include "wordpiece/vocab.h"

struct train_set;

struct train_set_cfg {
    struct mask_cfg
        mask; /* of shards of kind sequences; neither piece nor epoch is looked at */
    const char *words_of; /* mask whole words of this vocabulary file; NULL: tokens */
    bool next_token;      /* instead of masking: each position but the first has a label, where
                             the one before it stands */
    uint64_t label_from;  /* with it: positions before this one have none */
    bool in_order;        /* records as they lie, again and again; weights do not count */
};

/**
 * Load n sources, each the name of a shard and perhaps, behind its last "=", a weight, 1
 * without it: "a.rfs=3"; "-" is standard input, read to its end. Words are cut at that sign.
 * RF_OK, RF_EUSAGE (a weight that is none, no word), RF_EFORMAT (shards of different
 * vocabularies, of kind masked where next_token is set, or no record), shard_load()'s errors.
 */
MUST_CHECK int train_set_load(struct train_set **s, char *const *words, size_t n,
                              const struct train_set_cfg *cfg, struct errbuf *eb);
void train_set_free(struct train_set *s); /* NULL is fine */

const struct shard_info *train_set_info(const struct train_set *s);
uint64_t train_set_count(const struct train_set *s); /* records of all sources */

/** Memory that they take, in bytes. */
size_t train_set_bytes_held(const struct train_set *s);

/** How often each id is there, before any masking: [vocab_size]. */
const double *train_set_counts(const struct train_set *s);

/** XXH3-128, big-endian, of weights and records: other data differ in it. */
void train_set_digest(const struct train_set *s, uint8_t digest[SHARD_DIGEST_BYTES]);

/** Bytes of text for each label, words with the space in front of them. */
double train_set_bytes_per_label(const struct train_set *s, const struct vocab *v);

enum { EVAL_NAME_MAX = 64 }; /* bytes */

/** Sets with names, for evaluation. {0} is none. */
struct eval_set {
    char *name;
    struct train_set *set;
};
struct eval_sets {
    struct eval_set *e;
    size_t n;
};

/**
 * Load n sets: each a name, the first "=" and a file, "wiki=a.rfs", or a file alone, whose name
 * between its last "/" and "." is the set's then. RF_OK, RF_EUSAGE (a name twice, longer than
 * EVAL_NAME_MAX, or of other characters than letters, digits, "_", "-" and "."),
 * train_set_load()'s errors; eval_sets_free() in either case.
 */
MUST_CHECK int eval_sets_load(struct eval_sets *sets, char *const *words, size_t n,
                              const struct train_set_cfg *cfg, struct errbuf *eb);
void eval_sets_free(struct eval_sets *sets);

/**
 * Record i of the order of a struct train_set; room for max_len ids, positions and labels. One
 * thread at a time; asking in order is fast, elsewhere the draws up to i are made again. RF_OK
 * or mask_apply()'s errors.
 */
MUST_CHECK int train_set_get(void *train_set, uint64_t i, int32_t *ids, size_t *n,
                             uint32_t *positions, int32_t *labels, size_t *n_labels,
                             struct errbuf *eb);

#endif
