/* trie.h: finds the longest token of a vocabulary at the start of a row of code points. */
#ifndef WORDPIECE_TRIE_H
#define WORDPIECE_TRIE_H

#include "wordpiece/vocab.h"

struct trie;

enum trie_place {
    TRIE_START, /* tokens that begin a word */
    TRIE_INSIDE /* "##" tokens */
};

/** Make a trie from a vocabulary, which is not needed afterwards. RF_OK or RF_ENOMEM. */
MUST_CHECK int trie_new(struct trie **t, const struct vocab *v);

/** Returns the length in code points of the longest token that text[n] begins with, and its id
 * in *id. 0: there is none. */
size_t trie_longest(const struct trie *t, enum trie_place place, const uint32_t *text, size_t n,
                    int32_t *id);

/** Cut word[n] into tokens, the longest one first, and write their ids to ids[n]. Returns how
 * many they are; 0: at some place no token fits. */
size_t trie_cut(const struct trie *t, const uint32_t *word, size_t n, int32_t *ids);

/** Ask early for what trie_cut() will most likely read first. */
void trie_fetch(const struct trie *t, const uint32_t *word, size_t n);

/** Free; NULL is fine. */
void trie_free(struct trie *t);

#endif
