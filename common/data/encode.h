/* encode.h: encodes lines of text to ids on several threads, in order, into a
 * shard or as text. */
#ifndef DATA_ENCODE_H
#define DATA_ENCODE_H

#include "base/progress.h"
#include "shard/shard.h"
#include "wordpiece/wordpiece.h"

struct encoder;

/**
 * Make an encoder for the lines of l. v and l are borrowed and must live longer. Lines may
 * come in parts (struct text_cfg) unless `spans` are wanted. From the first encoder_next()
 * on it reads ahead, so nobody else may use l until encoder_stop(). RF_OK, or
 * wordpiece_new()'s errors.
 */
MUST_CHECK int encoder_open(struct encoder **e, const struct vocab *v, struct lines *l,
                            const struct wordpiece_cfg *cfg, bool spans, int threads,
                            struct errbuf *eb);

/** The ids of a line, or of a piece of a line, and their spans if they are wanted. */
struct encoded {
    const int32_t *ids;
    const struct span *spans;
    size_t n;
    bool more; /* the next one goes on with the same line */
};

/** Give the next line or piece, which lives until the next call. Returns 1, 0 at the end,
 * cutter_next()'s errors, RF_ENOMEM. */
MUST_CHECK int encoder_next(struct encoder *e, struct encoded *line, struct errbuf *eb);

/** Return the vocabulary of the encoder, and how many input bytes the lines handed out took,
 * for progress. */
const struct vocab *encoder_vocab(const struct encoder *e);
uint64_t encoder_consumed(const struct encoder *e);

/** Totals of the lines handed out. words, unknown and decomposed are those of all lines that
 * were encoded, which may be more. */
struct encode_totals {
    uint64_t sentences, documents, tokens, words, unknown;
    uint64_t cut;    /* words left out because of max_words */
    bool decomposed; /* some Hangul syllables came as separate letters */
};

/** Stop reading, and waiting for input. The caller may use and close the lines again. The words
 * of all that was encoded are added to *t (may be NULL). Only encoder_close() may follow. */
void encoder_stop(struct encoder *e, struct encode_totals *t);

enum encode_form { ENCODE_IDS, ENCODE_PIECES, ENCODE_JSON };

struct encode_cfg {
    int form;           /* an encode_form, for text */
    bool cls_sep;       /* write [CLS] before and [SEP] behind each sentence, in text */
    uint64_t max_words; /* of a line, the rest is left out; 0: no limit */
};

/**
 * Encode all lines into a shard of tokens. A line without tokens separates documents; any other
 * line is a sentence. A document of more than ENCODE_DOC_TOKENS becomes several records with
 * one number. *t is set, also on failure. p (may be NULL) shows the bytes. RF_OK,
 * encoder_next()'s and shard_write()'s errors.
 */
enum { ENCODE_DOC_TOKENS = 1 << 20 };
MUST_CHECK int encode_to_shard(struct encoder *e, struct shard_writer *to,
                               const struct encode_cfg *cfg, struct encode_totals *t,
                               struct progress *p, struct errbuf *eb);

/**
 * Encode all lines as text, each as one line: its ids or its tokens with spaces between
 * them, or a JSON object with both and with the spans, which the encoder must have been
 * asked for. Else as encode_to_shard(). RF_EINVAL: cls_sep is set, but the vocabulary lacks
 * [CLS] or [SEP].
 */
MUST_CHECK int encode_to_text(struct encoder *e, FILE *to, const struct encode_cfg *cfg,
                              struct encode_totals *t, struct progress *p, struct errbuf *eb);

/** Append the totals in a sentence for people, with the number of bad bytes of the text that
 * were replaced. RF_OK or RF_ENOMEM. */
MUST_CHECK int encode_summary(struct buf *to, const struct encode_totals *t, uint64_t replaced);

/** Free; NULL is fine. */
void encoder_close(struct encoder *e);

#endif
