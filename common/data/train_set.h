/*
 * train_set.h: the sequences of shards in the form that training needs: in random order, mixed
 * by weight, and masked anew in each pass; or, for evaluation, one after the other.
 *
 * Record i of the endless order is the one that shard-mix gives with the same sources and seed,
 * unless shards are read by blocks. It is masked as mask-tokens masks its shard with the same
 * seed, where the epoch is the pass.
 */
#ifndef DATA_TRAIN_SET_H
#define DATA_TRAIN_SET_H

#include "data/mask.h"
#include "wordpiece/vocab.h"

struct train_set;

struct train_set_cfg {
    struct mask_cfg mask; /* for shards of kind sequences; `piece` and `epoch` are ignored */
    const char *words_of; /* mask whole words of this vocabulary file; NULL: tokens */
    bool next_token; /* instead of masking, each position has the token behind it as its label,
                        and the last has none */
    uint64_t label_from;  /* with next_token: tokens before this position are no labels */
    enum shard_kind kind; /* SHARD_QA or SHARD_CLASSES: shards must be of this kind; else they
                             must be sequences or masked */
    size_t batch, group;  /* sequences of about one length come together: of each `group`
                             batches in a row the records are sorted by length, made into
                             batches anew, and these come in a random order; 0: as they are.
                             A group has at most the records of a pass. Not with by_blocks */
    bool in_order;   /* give the records as they lie, again and again; weights are ignored */
    uint64_t memory; /* bytes that loading may take; 0: any number */
    bool by_blocks;  /* read shards when they are needed; random orders are those of
                        block_order.h and turns.h, and counts of tokens those of a sample */
    uint64_t window; /* struct mix_cfg */
};

/**
 * Load n sources. Each is the name of a shard, "-" for standard input, and perhaps a weight
 * behind its last "=", as in "a.rfs=3"; without it the weight is 1. The words are cut at that
 * sign. RF_OK, RF_EUSAGE (a weight is not a number above 0, or n = 0), RF_EFORMAT (shards of
 * different vocabularies, of another kind than the one wanted, or without a record),
 * mix_open()'s errors.
 */
MUST_CHECK int train_set_load(struct train_set **s, char *const *words, size_t n,
                              const struct train_set_cfg *cfg, struct errbuf *eb);
void train_set_free(struct train_set *s); /* NULL is fine */

const struct shard_info *train_set_info(const struct train_set *s);
uint64_t train_set_count(const struct train_set *s); /* the number of records of all sources */

/** Returns the memory in bytes that the records take: of blocks, at most. */
size_t train_set_bytes_held(const struct train_set *s);

/** Read by blocks: hold so many bytes more of them in memory, up to all, and return how many of
 * these are of use. */
uint64_t train_set_hold_more(struct train_set *s, uint64_t bytes);

/** Returns how often each id is there before any masking: [vocab_size]. */
const double *train_set_counts(const struct train_set *s);

/** Write the XXH3-128, big-endian, of weights and records, or of weights and files if they are
 * read by blocks. It differs for other data. */
void train_set_digest(const struct train_set *s, uint8_t digest[SHARD_DIGEST_BYTES]);

/** Returns how many bytes of text each label stands for. A word includes the
 * space before it. */
double train_set_bytes_per_label(const struct train_set *s, const struct vocab *v);

enum { EVAL_NAME_MAX = 64 }; /* in bytes */

/** Sets with names, for evaluation. {0} has none. */
struct eval_set {
    char *name;
    struct train_set *set;
};
struct eval_sets {
    struct eval_set *e;
    size_t n;
};

/**
 * Load n sets. Each is a name, "=" and a file, as in "wiki=a.rfs", or only a file; then the
 * part of its name between the last "/" and "." names the set. RF_OK, RF_EUSAGE (a name comes
 * twice, is longer than EVAL_NAME_MAX, or has other characters than letters, digits, "_", "-"
 * and "."), train_set_load()'s errors. Call eval_sets_free() in both cases.
 */
MUST_CHECK int eval_sets_load(struct eval_sets *sets, char *const *words, size_t n,
                              const struct train_set_cfg *cfg, struct errbuf *eb);
void eval_sets_free(struct eval_sets *sets);

/**
 * Give record i of the order of a struct train_set. There must be room for max_len ids,
 * positions and labels. Only one thread may call this at a time. In order it is fast; else as
 * fast as mix_seek(). RF_OK or the errors of mix_get() and mask_apply().
 */
MUST_CHECK int train_set_get(void *train_set, uint64_t i, int32_t *ids, size_t *n,
                             uint32_t *positions, int32_t *labels, size_t *n_labels,
                             struct errbuf *eb);

#endif
