/*
 * squad_score.h: how good a predicted answer is, by the official evaluators of KorQuAD v1.0 and
 * SQuAD v1.1. Every score is theirs to the last bit.
 *
 * Both compare normalised texts. KorQuAD's evaluator makes spaces of ' " < > ( ) and of the
 * typographic quotes and brackets U+2018 U+2019 U+3008 to U+300B, puts the text into lower
 * case, drops ASCII punctuation and makes one space of any white space; its F1 counts
 * characters. SQuAD's has lower case, drops ASCII punctuation and the words a, an, the; its F1
 * counts words. Lower case, white space and words are those of Python (text/word_class.h).
 */
#ifndef DATA_SQUAD_SCORE_H
#define DATA_SQUAD_SCORE_H

#include <stdbool.h>

#include "data/squad.h"

enum squad_metric { METRIC_KORQUAD, METRIC_SQUAD };
extern const char *const squad_metric_names[]; /* "korquad", "squad", NULL */

struct squad_score {
    bool exact;
    double f1;   /* 0 to 1; 0 if both texts are empty */
    size_t best; /* the number of the answer that is nearest by F1, the first if several are */
};

struct squad_scorer;

/** RF_OK or RF_ENOMEM. */
MUST_CHECK int squad_scorer_new(struct squad_scorer **s, enum squad_metric metric,
                                struct errbuf *eb);

/** Score a prediction (valid UTF-8) by the best of n > 0 answers. RF_OK or RF_ENOMEM. */
MUST_CHECK int squad_score(struct squad_scorer *s, const char *prediction, size_t len,
                           const struct squad_answer *answers, size_t n,
                           struct squad_score *score);

/** Free; NULL is fine. */
void squad_scorer_free(struct squad_scorer *s);

#endif
