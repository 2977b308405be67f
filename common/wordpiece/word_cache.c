#include "wordpiece/word_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/table.h"

enum {
    FIRST_BITS = 12, /* 256 KiB */
    GROWTH_BITS = 2,
};

static size_t bytes_of(unsigned bits)
{
    return sizeof(union word_set) << bits;
}

/* Take memory for 2^bits free sets, each of which fills a line of the processor's cache. */
static int new_sets(struct word_cache *c, unsigned bits)
{
    const size_t line = sizeof(union word_set);
    char *memory = table_new(((size_t)1 << bits) + 1, line);

    if (!memory)
        return RF_ENOMEM;
    c->memory = memory;
    c->sets = (union word_set *)(void *)(memory + line - (uintptr_t)memory % line);
    c->bits = bits;
    c->added = 0;
    return RF_OK;
}

int word_cache_init(struct word_cache *c, size_t n_ids, size_t max_bytes)
{
    *c = (struct word_cache){.max_bits = FIRST_BITS, .narrow = n_ids <= 1 << 16};
    while (bytes_of(c->max_bits + 1) <= max_bytes)
        c->max_bits++;
    return new_sets(c, FIRST_BITS);
}

static bool is_free(const uint64_t key[2])
{
    return (key[0] | key[1]) == 0;
}

/* Put a short word into a set. If there are two, or a long one, the older one goes. */
static void put_short(union word_set *set, const struct short_word *word)
{
    if (raw_key_is_short(set->way[0].key))
        set->way[1] = set->way[0];
    else
        memset(&set->way[1], 0, sizeof set->way[1]);
    set->way[0] = *word;
}

static void place_short(struct word_cache *c, const struct short_word *word)
{
    union word_set *set = word_cache_set(c, raw_key_hash_short(word->key));
    union word_set *other = word_set_other(c, set);

    if (!is_free(set->way[0].key) && !is_free(set->way[1].key) &&
        (is_free(other->way[0].key) || is_free(other->way[1].key)))
        set = other;
    put_short(set, word);
}

static void place_long(struct word_cache *c, const struct long_word *word)
{
    union word_set *set = word_cache_set(c, raw_key_hash_long(word->key));
    union word_set *other = word_set_other(c, set);

    if (!is_free(set->whole.key) && is_free(other->whole.key))
        set = other;
    set->whole = *word;
}

/* Move all words to a larger table. It does without one if there is no memory. */
static void grow(struct word_cache *c)
{
    struct word_cache old = *c;
    unsigned bits = c->bits + GROWTH_BITS;

    c->added = 0;
    if (new_sets(c, bits < c->max_bits ? bits : c->max_bits) != RF_OK)
        return;
    for (size_t i = 0; i < (size_t)1 << old.bits; i++) {
        const union word_set *from = &old.sets[i];

        if (raw_key_is_short(from->way[1].key))
            place_short(c, &from->way[1]);
        if (raw_key_is_short(from->way[0].key))
            place_short(c, &from->way[0]);
        else if (!is_free(from->whole.key))
            place_long(c, &from->whole);
    }
    free(old.memory);
}

/* Write n ids and the tally into ids[0], or if they are many into ids[0] and ids[1]. */
static void put_ids(struct word_ids *to, const int32_t *ids, size_t n, struct word_tally tally,
                    bool narrow)
{
    size_t first = narrow ? WORD_IDS : WORD_IDS / 2;

    for (size_t i = 0; i < n; i++) {
        struct word_ids *part = &to[i >= first];
        size_t at = i < first ? i : i - first;

        if (narrow)
            part->narrow[at] = (uint16_t)ids[i];
        else
            part->wide[at] = ids[i];
    }
    to->tally[3] = tally;
}

void word_cache_put(struct word_cache *c, const struct raw_word *w, const int32_t *ids,
                    struct word_tally tally)
{
    bool is_short = w->len <= RAW_SHORT_BYTES;
    size_t room = (is_short ? WORD_IDS : WORD_IDS + WORD_IDS_MORE) >> !c->narrow;

    if (tally.ids > room || word_cache_find(c, w) || word_cache_find_beside(c, w))
        return;
    if (++c->added > (size_t)1 << c->bits && c->bits < c->max_bits)
        grow(c);
    if (is_short) {
        struct short_word word = {.key = {w->key[0], w->key[1]}};

        put_ids(&word.ids, ids, tally.ids, tally, c->narrow);
        place_short(c, &word);
    } else {
        struct long_word word = {0};

        memcpy(word.key, w->key, sizeof word.key);
        put_ids(word.ids, ids, tally.ids, tally, c->narrow);
        place_long(c, &word);
    }
}

void word_cache_free(struct word_cache *c)
{
    free(c->memory);
    *c = (struct word_cache){0};
}
