/*
 * word_cache.h: the ids of raw words met before.
 *
 * A set fills one line of the processor's cache and holds two short words, or one of up to 32
 * bytes. The table begins small and grows with what it meets, up to a limit; then what is new
 * takes the place of what is old.
 */
#ifndef WORDPIECE_WORD_CACHE_H
#define WORDPIECE_WORD_CACHE_H

#include "base/err.h"
#include "wordpiece/raw_words.h"

/* How many ids a word has, of how many words (a raw word may be several), and how many of these
 * are unknown. */
struct word_tally {
    uint8_t ids, words, unknown, zero;
};

/* Ids are kept in 16 bits if the vocabulary allows it. The tally lies behind them, so that all
 * of them can be copied at once. */
struct short_word {
    uint64_t key[2];
    union {
        uint16_t narrow[8];
        int32_t wide[4];
        struct word_tally tally[4]; /* the last one */
    };
};

struct long_word {
    uint64_t key[RAW_KEY_WORDS];
    union {
        uint16_t narrow[16];
        int32_t wide[8];
        struct word_tally tally[8]; /* the last one */
    };
};

/* Which of the two it is, is told by the first key. A free place is all zeros, which is no
 * word's key. */
union word_set {
    struct short_word way[2]; /* the newer one first */
    struct long_word whole;
};

struct word_cache {
    union word_set *sets; /* 2^bits, found by the word's hash */
    void *memory;
    unsigned bits, max_bits;
    bool narrow;
    size_t added; /* words since it has this size */
};

/** Begin with a small table. Ids are below `n_ids`. It may take about `max_bytes`. RF_OK or
 * RF_ENOMEM. */
MUST_CHECK int word_cache_init(struct word_cache *c, size_t n_ids, size_t max_bytes);

/** Keep the n ids of a word that has a key, if they are few enough. What does not fit, or finds
 * no memory to grow into, is not kept. */
void word_cache_put(struct word_cache *c, const struct raw_word *w, const int32_t *ids,
                    size_t n, struct word_tally tally);

void word_cache_free(struct word_cache *c);

static inline union word_set *word_cache_set(const struct word_cache *c, uint64_t hash)
{
    return &c->sets[hash >> (64 - c->bits)];
}

/** Ask for the word's set early. */
static inline void word_cache_fetch(const struct word_cache *c, const struct raw_word *w)
{
    __builtin_prefetch(word_cache_set(c, w->hash));
}

/** Copy n ids, or more than that, up to `room`. */
static inline void word_cache_copy(int32_t *to, const uint16_t *narrow, const int32_t *wide,
                                   int room, bool is_narrow)
{
    if (is_narrow)
        for (int i = 0; i < room; i++)
            to[i] = narrow[i];
    else
        for (int i = 0; i < room / 2; i++)
            to[i] = wide[i];
}

/** Write the ids of a word that has a key to `to`, which has room for WORD_CACHE_ROOM of them.
 * False if the word is not there. */
enum { WORD_CACHE_ROOM = 16 };
static inline bool word_cache_get(const struct word_cache *c, const struct raw_word *w,
                                  int32_t *to, struct word_tally *tally)
{
    const union word_set *set = word_cache_set(c, w->hash);

    if (w->len <= RAW_SHORT_BYTES) {
        const struct short_word *a = &set->way[0], *b = &set->way[1];
        bool is_a = ((a->key[0] ^ w->key[0]) | (a->key[1] ^ w->key[1])) == 0;
        bool is_b = ((b->key[0] ^ w->key[0]) | (b->key[1] ^ w->key[1])) == 0;

        a += is_b;
        if (!(is_a | is_b))
            return false;
        word_cache_copy(to, a->narrow, a->wide, 8, c->narrow);
        *tally = a->tally[3];
    } else {
        if (!raw_key_equal(set->whole.key, w->key))
            return false;
        word_cache_copy(to, set->whole.narrow, set->whole.wide, 16, c->narrow);
        *tally = set->whole.tally[7];
    }
    return true;
}

#endif
