/*
 * wptrain.h: a WordPiece vocabulary from word counts, by Hugging Face's algorithm.
 *
 * Theirs depends on the order of a hash map in two places: which of equally frequent characters
 * the alphabet's limit cuts, and the order of the ## alphabet. Here both go by code point. The
 * two halves are apart so that the second can be given their alphabet.
 */
#ifndef DATA_WPTRAIN_H
#define DATA_WPTRAIN_H

#include "base/progress.h"
#include "base/strtab.h"
#include "data/wordcount.h"

struct wptrain_cfg {
    uint64_t size;           /* tokens to reach; the alphabet is in whole even if it has more */
    uint64_t limit_alphabet; /* characters to keep */
    uint64_t min_frequency;  /* of a pair that is merged */
};
#define WPTRAIN_CFG_DEFAULT                                                                    \
    (struct wptrain_cfg)                                                                       \
    {                                                                                          \
        .size = 22000, .limit_alphabet = 6000, .min_frequency = 2                              \
    }

/** Characters: how many there were and how many of them were kept. */
struct wptrain_alphabet {
    size_t seen, kept;
};

/**
 * Append the special tokens and the alphabet to `tokens`: the most frequent characters, among
 * equals the smaller code point, by code point; then those that stand inside a word, with "##".
 * *found (may be NULL) says how many. RF_OK or RF_ENOMEM.
 */
MUST_CHECK int wptrain_alphabet(struct strtab *tokens, const struct word_counts *words,
                                const struct wptrain_cfg *cfg, struct wptrain_alphabet *found);

/**
 * Append merged tokens to `tokens`, which holds an alphabet, until it has cfg->size: again and
 * again the pair of tokens that stands most often side by side in the words, among equals the
 * smaller by ids. Characters without a token in the alphabet are cut out of the words first.
 * p (may be NULL) shows the tokens. RF_OK, RF_ENOMEM.
 */
MUST_CHECK int wptrain_merge(struct strtab *tokens, const struct word_counts *words,
                             const struct wptrain_cfg *cfg, struct progress *p);

#endif
