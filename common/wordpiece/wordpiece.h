/*
 * wordpiece.h: text to WordPiece ids and back. Every id is the one that Hugging Face's
 * BertWordPieceTokenizer gives (tokenizers 0.23.3): special tokens, normalising, words, greedy
 * longest match.
 */
#ifndef WORDPIECE_WORDPIECE_H
#define WORDPIECE_WORDPIECE_H

#include "text/line_batch.h"
#include "wordpiece/vocab.h"

struct wordpiece_cfg {
    bool lower_case;    /* lower-case each character by the full mapping */
    bool strip_accents; /* decompose (NFD), then drop category Mn */
    bool compose;       /* compose (NFC) before all that, between special tokens */
    size_t cache_bytes; /* the most that the cache of words may grow to; 0: 4 MiB */
};

struct wordpiece; /* an encoder; it keeps what it made of words, so each thread needs its own */

/** `v` is borrowed and must live longer. RF_OK, RF_EINVAL (no [UNK]), RF_ENOMEM. */
MUST_CHECK int wordpiece_new(struct wordpiece **w, const struct vocab *v,
                             const struct wordpiece_cfg *cfg, struct errbuf *eb);

/** Make another encoder that uses the tables of `first`, which must live longer. RF_OK
 * or RF_ENOMEM. */
MUST_CHECK int wordpiece_share(struct wordpiece **w, const struct wordpiece *first);

/** The growing output of the encoder. {0} is empty; free() gives `ids` back. */
struct ids {
    int32_t *ids;
    size_t n, cap;
};

/** Append n ids. RF_OK or RF_ENOMEM. */
MUST_CHECK int ids_put(struct ids *to, const int32_t *ids, size_t n);

/** Append the ids of `text` (valid UTF-8, len bytes) to `to`, without [CLS] and [SEP]. RF_OK
 * or RF_ENOMEM. */
MUST_CHECK int wordpiece_encode(struct wordpiece *w, struct ids *to, const char *text,
                                size_t len);

/** Do the same with all lines of a batch: end[k] is to->n behind line k. */
MUST_CHECK int wordpiece_encode_lines(struct wordpiece *w, struct ids *to, size_t *end,
                                      const struct line_batch *lines);

/** Where a token stands in its text: from character a up to but not including character b. */
struct span {
    uint32_t a, b;
};

/**
 * Do the same and append a struct span for each id to `spans`. Spans count characters (code
 * points), as Hugging Face's offsets do. This is slower, because no cache is used. There are no
 * spans of a composed text (cfg.compose): RF_EINVAL.
 */
MUST_CHECK int wordpiece_encode_spans(struct wordpiece *w, struct ids *to, struct buf *spans,
                                      const char *text, size_t len);

/** True if Hangul syllables came as separate letters, which no vocabulary of syllables has. */
bool wordpiece_decomposed(const struct wordpiece *w);

/** Return the number of words so far, and how many of them became [UNK]. */
uint64_t wordpiece_words(const struct wordpiece *w);
uint64_t wordpiece_unknown(const struct wordpiece *w);

/** Free; NULL is fine. */
void wordpiece_free(struct wordpiece *w);

/**
 * Append the text of ids[n] to `to`: pieces are joined without their "##", and a space
 * separates words. If `clean`, there is no space before . , ? ! and the like (Hugging Face's
 * decoder with cleanup). If skip_special, special tokens are left out. RF_OK, RF_EINVAL (the
 * vocabulary lacks an id), RF_ENOMEM.
 */
MUST_CHECK int wordpiece_decode(const struct vocab *v, struct buf *to, const int32_t *ids,
                                size_t n, bool skip_special, bool clean, struct errbuf *eb);

#endif
