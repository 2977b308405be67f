/*
 * squad_best.h: the best answers to a question by the logits of its windows, as BERT's
 * run_squad chooses them.
 *
 * In each window the nbest likeliest starts and the nbest likeliest ends are paired. A pair
 * counts if both lie in the passage, in order and at most max_answer tokens apart, in the same
 * paragraph of a joined article, and if no other window shows more around the start. All pairs
 * of a question are put in order by the sum of their logits; of those with one text the first
 * stays; the nbest first are the answers, and their probabilities are a softmax of the sums. If
 * no pair counts, which run_squad has no answer for, the best of all spans of the passage is
 * taken.
 */
#ifndef DATA_SQUAD_BEST_H
#define DATA_SQUAD_BEST_H

#include "data/squad_features.h"

enum { SQUAD_NBEST_MAX = 1000 };

struct squad_best_cfg {
    uint64_t nbest;      /* answers of a question at most, up to SQUAD_NBEST_MAX */
    uint64_t max_answer; /* tokens of an answer at most */
};
#define SQUAD_BEST_DEFAULT                                                                     \
    {                                                                                          \
        .nbest = 20, .max_answer = 30                                                          \
    }

/** The rows of struct squad_best_cfg for a tool's table. */
#define SQUAD_BEST_ROWS(cfg, field)                                                            \
    OPT_COUNT('k', "top", cfg, field.nbest, 1, SQUAD_NBEST_MAX, "n",                           \
              "how many of the best answers are looked at"),                                   \
        OPT_COUNT(0, "max-answer", cfg, field.max_answer, 1, SQUAD_MAX_BYTES, "n",             \
                  "most tokens of an answer")

struct squad_reply {
    const char *text; /* in the context; len bytes */
    size_t len;
    struct squad_span span; /* tokens of the context */
    float start, end;       /* logits */
    double p;
};

struct squad_best;

MUST_CHECK int squad_best_new(struct squad_best **b, const struct squad_best_cfg *cfg,
                              struct errbuf *eb);

/** Forget all windows: another question follows. */
void squad_best_clear(struct squad_best *b);

/**
 * Add window i of the question that `f` has, by the logits of all n tokens of its sequence,
 * whose passage begins at token `passage`. RF_OK, RF_ENAN (a logit is no number), RF_ENOMEM.
 */
MUST_CHECK int squad_best_add(struct squad_best *b, const struct squad_features *f, size_t i,
                              const float *start, const float *end, size_t n, size_t passage);

/** Choose the answers, *replies[*n], which live until the next call; none if there was no
 * window. RF_OK or RF_ENOMEM. */
MUST_CHECK int squad_best_choose(struct squad_best *b, const struct squad_features *f,
                                 const struct squad_reply **replies, size_t *n);

/** Free; NULL is fine. */
void squad_best_free(struct squad_best *b);

#endif
