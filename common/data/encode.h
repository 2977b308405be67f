/* encode.h: lines of text to ids, on several threads, in order; to a shard or as text. */
#ifndef DATA_ENCODE_H
#define DATA_ENCODE_H

#include "base/progress.h"
#include "shard/shard.h"
#include "wordpiece/wordpiece.h"

struct encoder;

/**
 * Encode the lines of l; v and l are borrowed and must live longer. Lines may come in parts
 * (struct text_cfg), unless `spans` are asked for. From the first call on it reads ahead of
 * what it hands out: until encoder_stop() nobody else may use l. RF_OK, or wordpiece_new()'s
 * errors.
 */
MUST_CHECK int encoder_open(struct encoder **e, const struct vocab *v, struct lines *l,
                            const struct wordpiece_cfg *cfg, bool spans, int threads,
                            struct errbuf *eb);

/** The ids of a line, or of a piece of one, with their places if they were asked for. */
struct encoded {
    const int32_t *ids;
    const struct span *spans;
    size_t n;
    bool more; /* the next one goes on with the same line */
};

/** The next one; it lives until the next call. Returns 1, 0 at the end, cutter_next()'s errors,
 * RF_ENOMEM. */
MUST_CHECK int encoder_next(struct encoder *e, struct encoded *line, struct errbuf *eb);

/** What it encodes with; input bytes behind which it hands out, for progress. */
const struct vocab *encoder_vocab(const struct encoder *e);
uint64_t encoder_consumed(const struct encoder *e);

/** What was handed out; words, unknown and decomposed: what was encoded, perhaps more. */
struct encode_totals {
    uint64_t sentences, documents, tokens, words, unknown;
    uint64_t cut;    /* words left out, past max_words */
    bool decomposed; /* there are Hangul syllables decomposed into letters */
};

/** Let nobody read on, nor wait for input: the lines are the caller's again, to ask and close,
 * and the words, of all that was encoded, are added to *t (may be NULL). Then only
 * encoder_close(). */
void encoder_stop(struct encoder *e, struct encode_totals *t);

enum encode_form { ENCODE_IDS, ENCODE_PIECES, ENCODE_JSON };

struct encode_cfg {
    int form;           /* of text: an encode_form */
    bool cls_sep;       /* in text: [CLS] before and [SEP] behind each sentence */
    uint64_t max_words; /* of a line, the rest is left out; 0: no limit */
};

/**
 * Encode all lines into a shard of tokens: a line without tokens parts documents, any other is
 * a sentence. A document of over ENCODE_DOC_TOKENS becomes several records of one number. *t is
 * set, also when it fails. p (may be NULL) shows the bytes. RF_OK, encoder_next()'s and
 * shard_write()'s errors.
 */
enum { ENCODE_DOC_TOKENS = 1 << 20 };
MUST_CHECK int encode_to_shard(struct encoder *e, struct shard_writer *to,
                               const struct encode_cfg *cfg, struct encode_totals *t,
                               struct progress *p, struct errbuf *eb);

/**
 * The same as text, a line for each: its ids or its tokens, parted by spaces, or a JSON object
 * of both and the places of the tokens, for which the encoder must have been asked. RF_EINVAL:
 * cls_sep, and the vocabulary lacks one of the two.
 */
MUST_CHECK int encode_to_text(struct encoder *e, FILE *to, const struct encode_cfg *cfg,
                              struct encode_totals *t, struct progress *p, struct errbuf *eb);

/** Append the totals in a line for people, with how many bad bytes of the text were replaced.
 * RF_OK or RF_ENOMEM. */
MUST_CHECK int encode_summary(struct buf *to, const struct encode_totals *t, uint64_t replaced);

/** Free; NULL is fine. */
void encoder_close(struct encoder *e);

#endif
