/*
 * wptrain.h: makes a WordPiece vocabulary from word counts, by Hugging Face's algorithm.
 *
 * Theirs depends on the order of a hash map in two places. One is which of equally frequent
 * characters the alphabet's limit cuts; here the code point decides. The other is the order of
 * the ## alphabet; here it is the most likely of theirs. The alphabet and the merging are
 * separate steps, so that merging can be given their alphabet.
 */
#ifndef WORDPIECE_WPTRAIN_H
#define WORDPIECE_WPTRAIN_H

#include "base/progress.h"
#include "base/strtab.h"
#include "wordpiece/word_counts.h"

struct wptrain_cfg {
    const char *special;     /* the first tokens of the vocabulary, with commas between them */
    uint64_t unused;         /* then this many [unused0] [unused1] ... */
    uint64_t size;           /* tokens to reach; the alphabet stays whole even if it has more */
    uint64_t limit_alphabet; /* how many characters to keep */
    uint64_t min_frequency;  /* a pair must stand this often to be merged */
};
#define WPTRAIN_CFG_DEFAULT                                                                    \
    (struct wptrain_cfg)                                                                       \
    {                                                                                          \
        .special = "[PAD],[UNK],[CLS],[SEP],[MASK]", .size = 22000, .limit_alphabet = 6000,    \
        .min_frequency = 2                                                                     \
    }

/** Append the special tokens and the unused ones, if `tokens` lacks them. RF_OK; RF_EUSAGE:
 * a special token is empty, contains white space or stands twice, or [UNK] is not among
 * them; RF_ENOMEM. */
MUST_CHECK int wptrain_special(struct strtab *tokens, const struct wptrain_cfg *cfg,
                               struct errbuf *eb);

/** What became of the characters: `seen` distinct ones were in the text and `kept` of them are
 * in the alphabet. The text has `all` characters; `lost` of them are not in the alphabet. */
struct wptrain_alphabet {
    size_t words, seen, kept; /* words: the number of distinct words */
    uint64_t lost, all;
};

/**
 * Append the alphabet where `tokens` lacks it: the most frequent characters, of equally
 * frequent ones those with the smaller code point, sorted by code point. Then those that stand
 * inside a word follow with "##", first the one that is inside most words. RF_OK, RF_ERANGE
 * (2^64 characters), word_counts_next()'s errors.
 */
MUST_CHECK int wptrain_alphabet(struct strtab *tokens, struct word_counts *words,
                                const struct wptrain_cfg *cfg, struct wptrain_alphabet *found,
                                struct errbuf *eb);

struct wptrain;

/**
 * Spell the words in the letters that `tokens` has; other characters are left out. `tokens` is
 * borrowed and must live longer. The words are not needed afterwards, but words->near is. If
 * `memory` bytes (0: no limit) are not enough, the words are spelled into a temporary file, and
 * `words` is moved to one too. RF_OK, word_counts_next()'s errors, RF_EIO.
 */
MUST_CHECK int wptrain_new(struct wptrain **t, struct strtab *tokens, struct word_counts *words,
                           uint64_t memory, struct errbuf *eb);

/**
 * Append merged tokens until there are cfg->size. Each is made of the two tokens that stand
 * side by side most often in the words; of equally frequent pairs the smaller ids win. A merged
 * token that exists already is used and adds nothing. Call it once. p (may be NULL) shows the
 * tokens. RF_OK, RF_ENOMEM, RF_EIO (a temporary file).
 */
MUST_CHECK int wptrain_merge(struct wptrain *t, const struct wptrain_cfg *cfg,
                             struct progress *p, struct errbuf *eb);

/** Free; NULL is fine. */
void wptrain_free(struct wptrain *t);

#endif
