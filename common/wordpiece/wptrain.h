/*
 * wptrain.h: a WordPiece vocabulary from word counts, by Hugging Face's algorithm.
 *
 * Theirs depends on the order of a hash map in two places: which of equally frequent characters
 * the alphabet's limit cuts, here by code point; and the order of the ## alphabet, here the
 * likeliest of theirs. The two halves are apart so that the second can be given their alphabet.
 */
#ifndef WORDPIECE_WPTRAIN_H
#define WORDPIECE_WPTRAIN_H

#include "base/progress.h"
#include "base/strtab.h"
#include "wordpiece/word_counts.h"

struct wptrain_cfg {
    const char *special;     /* tokens parted by commas, the first of the vocabulary */
    uint64_t unused;         /* then so many [unused0] [unused1] ... */
    uint64_t size;           /* tokens to reach; the alphabet is in whole even if it has more */
    uint64_t limit_alphabet; /* characters to keep */
    uint64_t min_frequency;  /* of a pair that is merged */
};
#define WPTRAIN_CFG_DEFAULT                                                                    \
    (struct wptrain_cfg)                                                                       \
    {                                                                                          \
        .special = "[PAD],[UNK],[CLS],[SEP],[MASK]", .size = 22000, .limit_alphabet = 6000,    \
        .min_frequency = 2                                                                     \
    }

/** Append the special tokens and the unused ones that `tokens` lacks. RF_OK; RF_EUSAGE: one is
 * empty, holds white space or stands twice, or [UNK] is not among them; RF_ENOMEM. */
MUST_CHECK int wptrain_special(struct strtab *tokens, const struct wptrain_cfg *cfg,
                               struct errbuf *eb);

/** Characters: how many there were, how many of them were kept, and how often the others stood
 * of how often all did. */
struct wptrain_alphabet {
    size_t words, seen, kept; /* words: distinct ones */
    uint64_t lost, all;
};

/**
 * Append the alphabet, as far as `tokens` lacks it: the most frequent characters, among equals
 * the smaller code point, by code point; then those that stand inside a word, with "##", first
 * the one inside the most words.
 * RF_OK, RF_ERANGE (2^64 characters), word_counts_next()'s errors.
 */
MUST_CHECK int wptrain_alphabet(struct strtab *tokens, struct word_counts *words,
                                const struct wptrain_cfg *cfg, struct wptrain_alphabet *found,
                                struct errbuf *eb);

struct wptrain;

/**
 * Spell the words in the letters that `tokens` has; other characters are cut out of them.
 * `tokens` is borrowed and must live longer; the words are not needed any more, but words->near
 * is. Where so many bytes of memory are not enough (0: any) the words are spelled into a
 * temporary file, and `words` too lies in one then. RF_OK, word_counts_next()'s errors, RF_EIO.
 */
MUST_CHECK int wptrain_new(struct wptrain **t, struct strtab *tokens, struct word_counts *words,
                           uint64_t memory, struct errbuf *eb);

/**
 * Append merged tokens until there are cfg->size: again and again the pair of tokens that
 * stands most often side by side in the words, among equals the smaller by ids. A merged token
 * that is there already is used and adds nothing. Once. p (may be NULL) shows the tokens.
 * RF_OK, RF_ENOMEM, RF_EIO (a temporary file).
 */
MUST_CHECK int wptrain_merge(struct wptrain *t, const struct wptrain_cfg *cfg,
                             struct progress *p, struct errbuf *eb);

/** Free; NULL is fine. */
void wptrain_free(struct wptrain *t);

#endif
