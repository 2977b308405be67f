/* squad_predict.h: the answers of a trained model to questions on texts. */
#ifndef RUN_SQUAD_PREDICT_H
#define RUN_SQUAD_PREDICT_H

#include <stdio.h>

#include "base/progress.h"
#include "data/squad_best.h"
#include "run/run.h"

struct squad_predict_cfg {
    struct squad_feature_cfg features; /* max_len 0: as the model has it */
    struct squad_best_cfg best;
};

/** Where answers go. */
struct squad_predict_to {
    FILE *answers; /* an object {"id": "answer"}, or with `plain` a line for each answer */
    FILE *nbest;   /* an object {"id": [{"text", "probability", "start_logit", "end_logit"}]};
                      NULL: none */
    bool plain;
};

struct squad_predicted {
    uint64_t questions, windows;
    uint64_t cut_questions; /* longer than max_query */
    uint64_t empty;         /* their context has no token: the answer is "" */
};

struct squad_predictor;

/** Prepare to answer by an open model, whose vocabulary is there; it is borrowed. RF_OK;
 * RF_EINVAL: the model has not learned task qa, or max_len is more than it takes or leaves no
 * room for a context; RF_ENOMEM. */
MUST_CHECK int squad_predictor_new(struct squad_predictor **p, const struct run_model *m,
                                   const struct squad_predict_cfg *cfg, struct errbuf *eb);

/** Begin the objects of answers; squad_predict_end() ends them. */
void squad_predict_begin(struct squad_predictor *p, const struct squad_predict_to *to);
void squad_predict_end(struct squad_predictor *p);

/**
 * Answer all questions on a context, in order. An answer is always a part of the context, as it
 * is written there. Windows are shown together, as many as the model takes at a time. *t is
 * added to. RF_OK, RF_ENAN (the model says what is no number), RF_ENOMEM or the device's
 * failure.
 */
MUST_CHECK int squad_predict(struct squad_predictor *p, const struct squad_context *c,
                             struct squad_predicted *t, struct errbuf *eb);

/** The same for all contexts of some files, between begin and end. Errors are also those of
 * squad_next(). */
MUST_CHECK int squad_predict_files(struct squad_predictor *p, struct squad *from,
                                   const struct squad_predict_to *to, struct squad_predicted *t,
                                   struct progress *progress, struct errbuf *eb);

/** Free; NULL is fine. */
void squad_predictor_free(struct squad_predictor *p);

#endif
