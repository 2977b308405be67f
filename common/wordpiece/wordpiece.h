/*
 * wordpiece.h: text to WordPiece ids and back, id for id as Hugging Face's
 * BertWordPieceTokenizer (tokenizers 0.23.3): special tokens, normalising, words, greedy
 * longest match.
 */
#ifndef WORDPIECE_WORDPIECE_H
#define WORDPIECE_WORDPIECE_H

#include "wordpiece/vocab.h"

struct wordpiece_cfg {
    bool lower_case;    /* full lower-casing, character by character */
    bool strip_accents; /* NFD, then category Mn dropped */
    bool compose;       /* NFC before all that, of what lies between special tokens */
};

struct wordpiece; /* an encoder: holds a cache (4 MiB), so one for each thread */

/** v is borrowed and must live longer. RF_OK, RF_EINVAL (no [UNK]), RF_ENOMEM. */
MUST_CHECK int wordpiece_new(struct wordpiece **w, const struct vocab *v,
                             const struct wordpiece_cfg *cfg, struct errbuf *eb);

/** Another encoder on the tables of `first`, which must live longer. RF_OK or RF_ENOMEM. */
MUST_CHECK int wordpiece_share(struct wordpiece **w, const struct wordpiece *first);

/** Growing output of the encoder; {0} is empty, ids is given back with free(). */
struct ids {
    int32_t *ids;
    size_t n, cap;
};

/** Append n ids. RF_OK or RF_ENOMEM. */
MUST_CHECK int ids_put(struct ids *to, const int32_t *ids, size_t n);

/** Append the ids of text (valid UTF-8, len bytes) to `to`; no [CLS], no [SEP]. RF_OK or
 * RF_ENOMEM.
 */
MUST_CHECK int wordpiece_encode(struct wordpiece *w, struct ids *to, const char *text,
                                size_t len);

/** Where a token stands in its text: from character a to before character b. */
struct span {
    uint32_t a, b;
};

/**
 * The same, and append a struct span for each id to `spans`, which counts characters (code
 * points) as Hugging Face's offsets do. Slower: no cache is used. A composed text (cfg.compose)
 * has no spans: RF_EINVAL.
 */
MUST_CHECK int wordpiece_encode_spans(struct wordpiece *w, struct ids *to, struct buf *spans,
                                      const char *text, size_t len);

/** True if Hangul syllables came decomposed into letters, which no vocabulary of syllables
 * knows. */
bool wordpiece_decomposed(const struct wordpiece *w);

/** Words so far, and how many of them became [UNK]. */
uint64_t wordpiece_words(const struct wordpiece *w);
uint64_t wordpiece_unknown(const struct wordpiece *w);

/** Free; NULL is fine. */
void wordpiece_free(struct wordpiece *w);

/**
 * Append the text of ids[n] to `to`: pieces joined, "##" taken off, words parted by one space,
 * and, if `clean`, no space before . , ? ! and the like (Hugging Face's decoder with cleanup).
 * Special tokens are left out if skip_special. RF_OK, RF_EINVAL (an id the vocabulary has not),
 * RF_ENOMEM.
 */
MUST_CHECK int wordpiece_decode(const struct vocab *v, struct buf *to, const int32_t *ids,
                                size_t n, bool skip_special, bool clean, struct errbuf *eb);

#endif
