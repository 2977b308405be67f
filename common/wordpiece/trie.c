#include "wordpiece/trie.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/*
 * The nodes of both tries lie in one hash table, found by (parent, code point). A node's number
 * is its slot, so that the way down a trie does not wait for what is read of each node: that
 * only says whether the guess was right, and a processor goes on meanwhile. The numbers of the
 * two roots, which have no slot, are those behind all slots.
 */
struct node {
    uint32_t parent;
    uint32_t what; /* the code point, and flags above it */
    int32_t id;    /* of the token that ends here, if the flags say that one does */
};

enum {
    CODE_POINT = 0x1FFFFF, /* of struct node */
    TOKEN = 1 << 21,       /* a token ends here: flag of struct node */
    CHILD_SHIFT = 22,      /* behind it there are CHILD_BITS flags */
    CHILD_BITS = 10,       /* which say of each code point whether there may be such a child */
};

#define FREE UINT32_MAX /* for parent */

struct trie {
    struct node *node;
    unsigned bits; /* there are 2^bits slots */
    uint32_t n_nodes;
};

enum {
    FIRST_BITS = 10,
    FETCHED = 4, /* nodes for trie_fetch() */
};

static uint32_t root(const struct trie *t, enum trie_place place)
{
    return ((uint32_t)1 << t->bits) + place;
}

/* The flag that a node has if it has a child of this code point. Others may have it too. */
static uint32_t child_flag(uint32_t cp)
{
    return (uint32_t)1 << (CHILD_SHIFT + (cp * 0x9E3779B1u >> 16) * CHILD_BITS / 65536);
}

/* The slot where a node lies if no other one was there before it. */
static inline uint32_t first_slot(const struct trie *t, uint32_t parent, uint32_t cp)
{
    uint64_t hash = ((uint64_t)parent << 21 | cp) * 0x9E3779B97F4A7C15u;

    return (uint32_t)(hash >> (64 - t->bits));
}

/* Returns the slot of a node, or the free one where it belongs. */
static inline uint32_t find_node(const struct trie *t, uint32_t parent, uint32_t cp)
{
    uint32_t mask = ((uint32_t)1 << t->bits) - 1, i = first_slot(t, parent, cp);

    while (t->node[i].parent != FREE &&
           (t->node[i].parent != parent || (t->node[i].what & CODE_POINT) != cp))
        i = (i + 1) & mask;
    return i;
}

/* Add a token. False if the table is too full. */
static bool add_token(struct trie *t, enum trie_place place, const char *s, size_t len,
                      int32_t id)
{
    uint32_t at = root(t, place);

    for (const char *end = s + len; s < end;) {
        uint32_t cp, next;

        s += utf8_next(&cp, s);
        next = find_node(t, at, cp);
        if (t->node[next].parent == FREE) {
            if (t->n_nodes++ >= (uint32_t)1 << t->bits >> 1)
                return false;
            t->node[next] = (struct node){at, cp, -1};
            if (at < (uint32_t)1 << t->bits)
                t->node[at].what |= child_flag(cp);
        }
        at = next;
    }
    if (at < (uint32_t)1 << t->bits) {
        t->node[at].what |= TOKEN;
        t->node[at].id = id;
    }
    return true;
}

/* Add all tokens. A word never begins with "##" in the text: # is punctuation, and so a word of
 * its own. */
static bool add_all(struct trie *t, const struct vocab *v)
{
    bool ok = true;

    for (size_t id = 0; ok && id < vocab_size(v); id++) {
        size_t len;
        const char *s = vocab_token(v, (int32_t)id, &len);

        if (len >= 2 && memcmp(s, "##", 2) == 0)
            ok = add_token(t, TRIE_INSIDE, s + 2, len - 2, (int32_t)id);
        else
            ok = add_token(t, TRIE_START, s, len, (int32_t)id);
    }
    return ok;
}

/* Make an empty table in place of the one that there may be. */
static int new_table(struct trie *t, unsigned bits)
{
    size_t n = (size_t)1 << bits;

    free(t->node);
    t->bits = bits;
    t->n_nodes = 0;
    t->node = malloc(n * sizeof *t->node);
    if (!t->node)
        return RF_ENOMEM;
    memset(t->node, 0xFF, n * sizeof *t->node);
    return RF_OK;
}

int trie_new(struct trie **out, const struct vocab *v)
{
    struct trie *t = calloc(1, sizeof *t);
    unsigned bits = FIRST_BITS;

    if (!t)
        return RF_ENOMEM;
    while ((size_t)1 << bits < 2 * vocab_size(v))
        bits++;
    do
        if (new_table(t, bits++) != RF_OK) {
            trie_free(t);
            return RF_ENOMEM;
        }
    while (!add_all(t, v));
    *out = t;
    return RF_OK;
}

static inline size_t longest_token(const struct trie *t, uint32_t at, const uint32_t *text,
                                   size_t n, int32_t *id)
{
    size_t longest = 0;
    uint32_t best = 0;

    for (size_t i = 0; i < n; i++) {
        if (i && !(t->node[at].what & child_flag(text[i])))
            break;
        at = find_node(t, at, text[i]);
        if (t->node[at].parent == FREE)
            break;
        if (t->node[at].what & TOKEN) {
            longest = i + 1;
            best = at;
        }
    }
    if (longest)
        *id = t->node[best].id;
    return longest;
}

size_t trie_longest(const struct trie *t, enum trie_place place, const uint32_t *text, size_t n,
                    int32_t *id)
{
    return longest_token(t, root(t, place), text, n, id);
}

size_t trie_cut(const struct trie *t, const uint32_t *word, size_t n, int32_t *ids)
{
    const struct trie own = *t; /* nothing that is written changes it */
    uint32_t from = root(&own, TRIE_START);
    size_t tokens = 0;

    for (size_t done = 0, len; done < n; done += len) {
        if (!(len = longest_token(&own, from, word + done, n - done, &ids[tokens])))
            return 0;
        tokens++;
        from = root(&own, TRIE_INSIDE);
    }
    return tokens;
}

void trie_fetch(const struct trie *t, const uint32_t *word, size_t n)
{
    uint32_t at = root(t, TRIE_START);

    for (size_t i = 0; i < n && i < FETCHED; i++) {
        at = first_slot(t, at, word[i]);
        __builtin_prefetch(&t->node[at]);
    }
}

void trie_free(struct trie *t)
{
    if (!t)
        return;
    free(t->node);
    free(t);
}
