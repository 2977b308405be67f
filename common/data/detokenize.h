/* detokenize.h: turns ids, from shards or from text, back into lines of text. */
#ifndef DATA_DETOKENIZE_H
#define DATA_DETOKENIZE_H

#include "base/progress.h"
#include "shard/shard.h"
#include "wordpiece/wordpiece.h"

struct detokenize_cfg {
    bool keep_special; /* special tokens are written too */
    bool clean;        /* as in wordpiece_decode() */
};

struct detokenize_totals {
    uint64_t lines, tokens;
};

/**
 * Write each sentence or sequence of a shard as a line, and an empty line behind each document.
 * Sequences in a row with the same document number belong to one document. p (may be NULL)
 * shows the bytes. RF_OK, shard_next()'s, wordpiece_decode()'s and text_out_line()'s errors.
 */
MUST_CHECK int detokenize_shard(struct text_out *to, struct shard_reader *from,
                                const struct vocab *v, const struct detokenize_cfg *cfg,
                                struct detokenize_totals *t, struct progress *p,
                                struct errbuf *eb);

/** Do the same with lines of ids that have spaces between them; an empty line stays one. Also
 * RF_EFORMAT (a word is no id). */
MUST_CHECK int detokenize_lines(struct text_out *to, struct lines *from, const struct vocab *v,
                                const struct detokenize_cfg *cfg, struct detokenize_totals *t,
                                struct progress *p, struct errbuf *eb);

#endif
