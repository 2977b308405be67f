#include "wordpiece/symbol_pairs.h"

#include <assert.h>
#include <stdlib.h>

#include "base/table.h"
#include "wordpiece/pair_set.h"

/*
 * Pairs lie in a hash table by their key. The words of a pair are a chain of blocks, the newest
 * first; the blocks of pairs that were taken off are used again. A heap entry holds the count
 * that the pair had when it was pushed. If the count fell since then, this is seen when the
 * entry comes up; if it rose, there is a new entry.
 */
struct pair {
    uint64_t key; /* a and b, plus 1: 0 is a free slot */
    uint64_t count;
    uint32_t block;   /* 0: it has no words */
    uint32_t settled; /* the round in which it was last put on the list `risen` */
};

enum { BLOCK_WORDS = 6, FIRST_BITS = 12 };

struct block {
    uint32_t next, n, word[BLOCK_WORDS];
};

struct entry {
    uint64_t count, key;
};

struct symbol_pairs {
    struct pair *pair;
    unsigned bits; /* there are 2^bits slots */
    size_t n;
    struct block *block; /* block[0] is not used */
    size_t n_blocks, cap_blocks;
    uint32_t free_block; /* the chain of blocks to use again */
    uint64_t taken_key;  /* the pair that was last taken off; 0 once it is settled */
    uint32_t taken;      /* the blocks of its words */
    struct entry *heap;
    size_t n_heap, cap_heap;
    uint64_t *risen; /* the keys of the pairs that were added to in this round */
    size_t n_risen, cap_risen;
    uint32_t round;
    struct entry floor; /* {0}: there is none */
    bool no_memory;
};

/* Returns the items with room for one more of `size` bytes. NULL if there is no memory: the
 * items then stay as they are. */
static void *grown(struct symbol_pairs *p, void *items, size_t *cap, size_t n, size_t size)
{
    size_t more = *cap ? *cap + *cap / 2 : 1024;
    void *bigger;

    if (n < *cap)
        return items;
    if (!(bigger = realloc(items, more * size)))
        p->no_memory = true;
    else
        *cap = more;
    return bigger;
}

static struct pair *find_pair(const struct symbol_pairs *p, uint64_t key)
{
    size_t mask = ((size_t)1 << p->bits) - 1, i = pair_hash(key) >> (64 - p->bits);

    while (p->pair[i].key && p->pair[i].key != key)
        i = (i + 1) & mask;
    return &p->pair[i];
}

static void free_chain(struct symbol_pairs *p, uint32_t i)
{
    while (i) {
        uint32_t next = p->block[i].next;

        p->block[i].next = p->free_block;
        p->free_block = i;
        i = next;
    }
}

/* Forget the pairs that stand nowhere any more: sooner or later this happens to most. */
static size_t forget_dead(struct symbol_pairs *p)
{
    size_t live = 0;

    for (size_t i = 0; i < (size_t)1 << p->bits; i++) {
        struct pair *pair = &p->pair[i];

        if (pair->count) {
            live++;
        } else if (pair->key) {
            free_chain(p, pair->block);
            pair->key = 0;
        }
    }
    return live;
}

/* Build the table anew to make room for more pairs, twice as large if the pairs that are
 * left need it. */
static bool grow_table(struct symbol_pairs *p)
{
    struct symbol_pairs next = {.bits = p->bits};
    size_t slots = (size_t)1 << p->bits, live = forget_dead(p), room;

    if (live > slots / 2)
        next.bits++;
    room = (size_t)1 << next.bits;
    assert(room > 0);
    if (!(next.pair = table_new(room, sizeof *next.pair))) {
        p->no_memory = true;
        return false;
    }
    for (size_t i = 0; i < slots; i++)
        if (p->pair[i].key)
            *find_pair(&next, p->pair[i].key) = p->pair[i];
    free(p->pair);
    p->pair = next.pair;
    p->bits = next.bits;
    p->n = live;
    return true;
}

int symbol_pairs_new(struct symbol_pairs **out)
{
    struct symbol_pairs *p = calloc(1, sizeof *p);

    if (!p)
        return RF_ENOMEM;
    p->bits = FIRST_BITS;
    p->n_blocks = 1;
    p->round = 1;
    if (!(p->pair = calloc((size_t)1 << p->bits, sizeof *p->pair))) {
        free(p);
        return RF_ENOMEM;
    }
    *out = p;
    return RF_OK;
}

/* Returns a block with no words in front of the chain `next`; 0: no memory. */
static uint32_t new_block(struct symbol_pairs *p, uint32_t next)
{
    uint32_t i = p->free_block;

    if (i) {
        assert(p->block); /* the free block is one of these */
        p->free_block = p->block[i].next;
    } else {
        struct block *block = grown(p, p->block, &p->cap_blocks, p->n_blocks, sizeof *p->block);

        if (block)
            p->block = block;
        if (!block || p->n_blocks > UINT32_MAX) {
            p->no_memory = true;
            return 0;
        }
        i = (uint32_t)p->n_blocks++;
    }
    p->block[i].next = next;
    p->block[i].n = 0;
    return i;
}

/* Add a word to a pair. Words come in order, so if the word is there it is the last one. */
static void add_word(struct symbol_pairs *p, struct pair *pair, uint32_t word)
{
    struct block *b = pair->block ? &p->block[pair->block] : NULL;

    if (b && b->word[b->n - 1] == word)
        return;
    if (!b || b->n == BLOCK_WORDS) {
        uint32_t i = new_block(p, pair->block);

        if (!i)
            return;
        pair->block = i;
        b = &p->block[i];
    }
    b->word[b->n++] = word;
}

static void add_risen(struct symbol_pairs *p, struct pair *pair)
{
    uint64_t *risen;

    if (pair->settled == p->round)
        return;
    if (!(risen = grown(p, p->risen, &p->cap_risen, p->n_risen, sizeof *risen)))
        return;
    p->risen = risen;
    p->risen[p->n_risen++] = pair->key;
    pair->settled = p->round;
}

/* Returns the pair after adding `by` to its count; NULL: no memory. */
static struct pair *raise_pair(struct symbol_pairs *p, uint32_t a, uint32_t b, uint64_t by)
{
    struct pair *pair;

    if (p->n >= ((size_t)1 << p->bits) / 4 * 3 && !grow_table(p))
        return NULL;
    pair = find_pair(p, pair_key(a, b));
    if (!pair->key) {
        pair->key = pair_key(a, b);
        p->n++;
    }
    pair->count += by;
    add_risen(p, pair);
    return pair;
}

void symbol_pairs_add(struct symbol_pairs *p, uint32_t a, uint32_t b, uint64_t by,
                      uint32_t word)
{
    struct pair *pair = raise_pair(p, a, b, by);

    if (pair)
        add_word(p, pair, word);
}

void symbol_pairs_sub(struct symbol_pairs *p, uint32_t a, uint32_t b, uint64_t by)
{
    struct pair *pair = find_pair(p, pair_key(a, b));

    /* A count of 0 means that the pair was forgotten, or was taken off and all
     * of it is gone. */
    if (pair->count)
        pair->count -= by;
}

/* True if x stands above y in the heap: it is more frequent, or its key is smaller. */
static bool is_above(const struct entry *x, const struct entry *y)
{
    return x->count > y->count || (x->count == y->count && x->key < y->key);
}

static void push(struct symbol_pairs *p, struct entry e)
{
    size_t i = p->n_heap;
    struct entry *heap = grown(p, p->heap, &p->cap_heap, i, sizeof *heap);

    if (!heap)
        return;
    p->heap = heap;
    p->n_heap++;
    for (; i && is_above(&e, &p->heap[(i - 1) / 2]); i = (i - 1) / 2)
        p->heap[i] = p->heap[(i - 1) / 2];
    p->heap[i] = e;
}

static struct entry pop(struct symbol_pairs *p)
{
    struct entry top = p->heap[0], last = p->heap[--p->n_heap];
    size_t i = 0;

    for (size_t child = 1; child < p->n_heap; child = 2 * i + 1) {
        if (child + 1 < p->n_heap && is_above(&p->heap[child + 1], &p->heap[child]))
            child++;
        if (!is_above(&p->heap[child], &last))
            break;
        p->heap[i] = p->heap[child];
        i = child;
    }
    p->heap[i] = last;
    return top;
}

void symbol_pairs_floor(struct symbol_pairs *p, const struct pair_rank *floor)
{
    p->floor = (struct entry){floor->count, pair_key(floor->a, floor->b)};
}

/* Push a pair on the heap, or forget it if it is not above the floor. */
static void rank(struct symbol_pairs *p, struct pair *pair)
{
    struct entry e = {pair->count, pair->key};

    if (e.count && is_above(&e, &p->floor)) {
        push(p, e);
        return;
    }
    free_chain(p, pair->block);
    pair->block = 0;
    pair->count = 0;
}

int symbol_pairs_settle(struct symbol_pairs *p)
{
    if (p->taken_key)
        find_pair(p, p->taken_key)->count = 0;
    p->taken_key = 0;
    for (size_t i = 0; i < p->n_risen; i++)
        rank(p, find_pair(p, p->risen[i]));
    p->n_risen = 0;
    p->round++;
    return p->no_memory ? RF_ENOMEM : RF_OK;
}

bool symbol_pairs_best(struct symbol_pairs *p, uint32_t *a, uint32_t *b, uint64_t *count)
{
    while (p->n_heap) {
        struct entry e = pop(p);
        struct pair *pair = find_pair(p, e.key);

        if (pair->count == e.count && is_above(&e, &p->floor)) {
            *a = (uint32_t)((e.key - 1) >> 32);
            *b = (uint32_t)(e.key - 1);
            *count = e.count;
            p->taken_key = e.key;
            p->taken = pair->block;
            pair->block = 0;
            return true;
        }
        if (pair->count)
            rank(p, pair);
    }
    return false;
}

bool symbol_pairs_word(struct symbol_pairs *p, uint32_t *word)
{
    uint32_t i = p->taken;
    struct block *b;

    if (!i)
        return false;
    b = &p->block[i];
    *word = b->word[--b->n];
    if (!b->n) {
        p->taken = b->next;
        b->next = p->free_block;
        p->free_block = i;
    }
    return true;
}

void symbol_pairs_free(struct symbol_pairs *p)
{
    if (!p)
        return;
    free(p->pair);
    free(p->block);
    free(p->heap);
    free(p->risen);
    free(p);
}
