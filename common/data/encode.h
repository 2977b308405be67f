/* encode.h: lines of text to ids, on several threads, in order; to a shard or as text. */
#ifndef DATA_ENCODE_H
#define DATA_ENCODE_H

#include "base/progress.h"
#include "data/wordpiece.h"

struct encoder;

/**
 * Encode the lines of l; v and l are borrowed and must live longer. It reads ahead of what it
 * hands out. RF_OK, or wordpiece_new()'s errors.
 */
MUST_CHECK int encoder_open(struct encoder **e, const struct vocab *v, struct lines *l,
                            const struct wordpiece_cfg *cfg, int threads, struct errbuf *eb);

/** The ids of the next line, *n of them, which live until the next call. Returns 1, 0 at the
 * end, lines_next()'s errors, RF_ENOMEM. */
MUST_CHECK int encoder_next(struct encoder *e, const int32_t **ids, size_t *n,
                            struct errbuf *eb);

/** What was handed out; words and unknown ones run ahead of it until the end. */
struct encode_totals {
    uint64_t lines, sentences, documents, tokens, words, unknown;
};

/**
 * Encode all lines into a shard of tokens: a line without tokens parts documents, any other is
 * a sentence. *t is set, also when it fails. p (may be NULL) shows the bytes. RF_OK,
 * encoder_next()'s and shard_write()'s errors; RF_ERANGE (a document of over
 * SHARD_RECORD_MAX_TOKENS).
 */
MUST_CHECK int encode_to_shard(struct encoder *e, struct shard_writer *to,
                               struct encode_totals *t, struct progress *p, struct errbuf *eb);

/** The same as text: for each line its ids, or its tokens if `pieces`, parted by spaces. */
MUST_CHECK int encode_to_text(struct encoder *e, FILE *to, bool pieces, struct encode_totals *t,
                              struct progress *p, struct errbuf *eb);

/** Free; NULL is fine. */
void encoder_close(struct encoder *e);

#endif
