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

/* The first ids of a word and its tally. Ids have 16 bits if the vocabulary allows it. */
struct word_ids {
    union {
        uint16_t narrow[8];         /* six, */
        int32_t wide[4];            /* or three, */
        struct word_tally tally[4]; /* and the last one of these behind them */
    };
};

enum {
    WORD_IDS = 6,       /* the most that struct word_ids has */
    WORD_IDS_MORE = 8,  /* what a long word has besides */
    WORD_IDS_ROOM = 16, /* word_cache_copy() may write so many, whatever counts of them */
};

struct short_word {
    uint64_t key[2];
    struct word_ids ids;
};

struct long_word {
    uint64_t key[RAW_KEY_WORDS];
    struct word_ids ids[2]; /* the second one is all ids */
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

/** Keep the ids of a word that has a key, unless it is there or they are too many. If there is
 * no memory to grow into, an older word makes place. */
void word_cache_put(struct word_cache *c, const struct raw_word *w, const int32_t *ids,
                    struct word_tally tally);

void word_cache_free(struct word_cache *c);

static inline union word_set *word_cache_set(const struct word_cache *c, uint64_t hash)
{
    return &c->sets[hash >> (64 - c->bits)];
}

/** Returns the set beside one, which takes what finds no room there. */
static inline union word_set *word_set_other(const struct word_cache *c,
                                             const union word_set *set)
{
    return &c->sets[(size_t)(set - c->sets) ^ 1];
}

/** Ask for the word's set early. */
static inline void word_cache_fetch(const struct word_cache *c, const struct raw_word *w)
{
    __builtin_prefetch(word_cache_set(c, w->hash));
}

/** Ask for the set beside it, which is not needed if its own has the word. */
static inline void word_cache_fetch_beside(const struct word_cache *c, const struct raw_word *w)
{
    __builtin_prefetch(word_set_other(c, word_cache_set(c, w->hash)));
}

static inline const struct word_ids *word_set_find(const union word_set *set,
                                                   const struct raw_word *w)
{
    const struct short_word *way = set->way;
    bool first, second;

    if (w->len > RAW_SHORT_BYTES)
        return raw_key_equal(set->whole.key, w->key) ? set->whole.ids : NULL;
    first = ((way[0].key[0] ^ w->key[0]) | (way[0].key[1] ^ w->key[1])) == 0;
    second = ((way[1].key[0] ^ w->key[0]) | (way[1].key[1] ^ w->key[1])) == 0;
    way += second;
    return (first | second) ? &way->ids : NULL;
}

/** Returns the ids of a word if its own set has them, else NULL. They stay until the next
 * word_cache_put(). */
static inline const struct word_ids *word_cache_find(const struct word_cache *c,
                                                     const struct raw_word *w)
{
    return word_set_find(word_cache_set(c, w->hash), w);
}

/** The same of the set beside its own. */
static inline const struct word_ids *word_cache_find_beside(const struct word_cache *c,
                                                            const struct raw_word *w)
{
    return word_set_find(word_set_other(c, word_cache_set(c, w->hash)), w);
}

static inline struct word_tally word_ids_tally(const struct word_ids *ids)
{
    return ids->tally[3];
}

/** Copy all ids to to[WORD_IDS_ROOM] and more that do not count: a fixed number is faster. */
static inline void word_ids_copy(const struct word_ids *ids, int32_t *to, bool narrow)
{
    unsigned n = word_ids_tally(ids).ids;

    if (narrow) {
        for (int i = 0; i < 8; i++)
            to[i] = ids->narrow[i];
        if (n > WORD_IDS)
            for (int i = 0; i < WORD_IDS_MORE; i++)
                to[WORD_IDS + i] = ids[1].narrow[i];
    } else {
        for (int i = 0; i < 4; i++)
            to[i] = ids->wide[i];
        if (n > WORD_IDS / 2)
            for (int i = 0; i < WORD_IDS_MORE / 2; i++)
                to[WORD_IDS / 2 + i] = ids[1].wide[i];
    }
}

#endif
