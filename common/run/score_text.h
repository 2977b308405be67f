/* score_text.h: how likely lines of text are to a trained causal model. */
#ifndef RUN_SCORE_TEXT_H
#define RUN_SCORE_TEXT_H

#include <stdio.h>

#include "base/io.h"
#include "run/run.h"

struct score_cfg {
    const char *prefix; /* stands before each text and is not scored; NULL: nothing does */
    bool choices; /* a line is a prefix and choices, tabs between: which is the likeliest? */
    bool end;     /* the end of a line is scored too, as a token */
    bool json;    /* a JSON object for each line instead of fields */
};

struct scored {
    uint64_t lines, tokens, bytes;
    double log_p;
};

struct text_scorer;

/** Prepare to score by an open model, whose vocabulary is there; both arguments are borrowed
 * and must live longer. RF_OK, RF_EINVAL (the model is not causal, or its vocabulary lacks
 * [CLS] or [SEP]), RF_ENOMEM. */
MUST_CHECK int text_scorer_new(struct text_scorer **s, const struct run_model *m,
                               const struct score_cfg *cfg, struct errbuf *eb);
void text_scorer_free(struct text_scorer *s); /* NULL is fine */

/**
 * Score all lines, and write a line for each, in order. A text longer than the model takes is
 * scored in pieces: each token is seen with half a length before it at least. RF_OK, also where
 * `to` takes no more: closing it says why; RF_EFORMAT (a line of --choices has no tab),
 * RF_ENAN, or the errors of lines_next() and the device.
 */
MUST_CHECK int text_scorer_lines(struct text_scorer *s, struct lines *l, FILE *to,
                                 struct scored *total, struct errbuf *eb);

#endif
