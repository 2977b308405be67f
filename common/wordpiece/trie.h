/* trie.h: the longest token of a vocabulary that begins a row of code points. */
#ifndef WORDPIECE_TRIE_H
#define WORDPIECE_TRIE_H

#include "wordpiece/vocab.h"

struct trie;

enum trie_place {
    TRIE_START, /* tokens that begin a word */
    TRIE_INSIDE /* "##" tokens */
};

/** Made from a vocabulary, which it does not need any more afterwards. RF_OK or RF_ENOMEM. */
MUST_CHECK int trie_new(struct trie **t, const struct vocab *v);

/** Length in code points of the longest token that begins text[n], and its id; 0: none does. */
size_t trie_longest(const struct trie *t, enum trie_place place, const uint32_t *text, size_t n,
                    int32_t *id);

/** Free; NULL is fine. */
void trie_free(struct trie *t);

#endif
