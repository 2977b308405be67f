#include "wordpiece/trie.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/*
 * The edges of both tries lie in one hash table: (node, code point) leads to a node, and to the
 * id of the token that ends there. Nodes are numbered from 0, and the two roots come first. No
 * edge leads to a root, so next = 0 marks a free slot.
 */
struct edge {
    uint32_t node, cp, next;
    int32_t id; /* -1: no token ends here */
};

struct trie {
    struct edge *edges;
    unsigned bits; /* there are 2^bits slots */
    uint32_t n_nodes;
};

enum { N_ROOTS = 2, FIRST_BITS = 10 };

static struct edge *find_edge(const struct trie *t, uint32_t node, uint32_t cp)
{
    uint64_t hash = ((uint64_t)node << 21 | cp) * 0x9E3779B97F4A7C15u;
    size_t mask = ((size_t)1 << t->bits) - 1, i = hash >> (64 - t->bits);

    while (t->edges[i].next && (t->edges[i].node != node || t->edges[i].cp != cp))
        i = (i + 1) & mask;
    return &t->edges[i];
}

static int grow_table(struct trie *t)
{
    struct trie bigger = {.bits = t->edges ? t->bits + 1 : FIRST_BITS, .n_nodes = t->n_nodes};
    size_t slots = t->edges ? (size_t)1 << t->bits : 0;

    if (!(bigger.edges = calloc((size_t)1 << bigger.bits, sizeof *bigger.edges)))
        return RF_ENOMEM;
    for (size_t i = 0; i < slots; i++)
        if (t->edges[i].next)
            *find_edge(&bigger, t->edges[i].node, t->edges[i].cp) = t->edges[i];
    free(t->edges);
    *t = bigger;
    return RF_OK;
}

static int add_token(struct trie *t, enum trie_place place, const char *s, size_t len,
                     int32_t id)
{
    uint32_t node = place;
    struct edge *e = NULL;

    for (const char *end = s + len; s < end;) {
        uint32_t cp;

        s += utf8_next(&cp, s);
        if (t->n_nodes >= (size_t)1 << t->bits >> 1 && grow_table(t) != RF_OK)
            return RF_ENOMEM;
        e = find_edge(t, node, cp);
        if (!e->next)
            *e = (struct edge){node, cp, t->n_nodes++, -1};
        node = e->next;
    }
    if (e)
        e->id = id;
    return RF_OK;
}

/* A word never begins with "##" in the text: # is punctuation, and so a word of its own. */
static int add_all(struct trie *t, const struct vocab *v)
{
    int rc = grow_table(t);

    for (size_t id = 0; rc == RF_OK && id < vocab_size(v); id++) {
        size_t len;
        const char *s = vocab_token(v, (int32_t)id, &len);

        if (len >= 2 && memcmp(s, "##", 2) == 0)
            rc = add_token(t, TRIE_INSIDE, s + 2, len - 2, (int32_t)id);
        else
            rc = add_token(t, TRIE_START, s, len, (int32_t)id);
    }
    return rc;
}

int trie_new(struct trie **out, const struct vocab *v)
{
    struct trie *t = calloc(1, sizeof *t);
    int rc;

    if (!t)
        return RF_ENOMEM;
    t->n_nodes = N_ROOTS;
    if ((rc = add_all(t, v)) != RF_OK) {
        trie_free(t);
        return rc;
    }
    *out = t;
    return RF_OK;
}

size_t trie_longest(const struct trie *t, enum trie_place place, const uint32_t *text, size_t n,
                    int32_t *id)
{
    size_t longest = 0;
    uint32_t node = place;

    for (size_t i = 0; i < n; i++) {
        const struct edge *e = find_edge(t, node, text[i]);

        if (!e->next)
            break;
        if (e->id >= 0) {
            longest = i + 1;
            *id = e->id;
        }
        node = e->next;
    }
    return longest;
}

void trie_free(struct trie *t)
{
    if (!t)
        return;
    free(t->edges);
    free(t);
}
