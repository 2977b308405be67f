/* squad_encode.h: questions with their contexts to a shard of kind qa, rf-shard(5). */
#ifndef DATA_SQUAD_ENCODE_H
#define DATA_SQUAD_ENCODE_H

#include "base/progress.h"
#include "data/squad_features.h"
#include "shard/shard.h"

struct squad_encode_cfg {
    struct squad_feature_cfg features;
    bool join;   /* the context of a question is its whole article */
    bool strict; /* refuse an answer that does not stand where the file says */
    int metric;  /* a squad_metric: whose scores the labels are judged by */
};

struct squad_encode_totals {
    uint64_t questions, windows, tokens;
    uint64_t with_answer;    /* windows that hold the whole answer */
    uint64_t cut_questions;  /* longer than max_query */
    uint64_t no_answer;      /* questions without any answer: all their windows say so */
    uint64_t misplaced;      /* questions of whose answers none stands where the file says: they
                                are left out */
    uint64_t no_token;       /* questions whose answer has no token: left out as well */
    uint64_t no_window;      /* questions whose answer is in no window whole */
    uint64_t empty_contexts; /* questions whose context has no token: they have no window */
    /* What squad-eval would say if for each question that has an answer in its place the text
     * of its labels were predicted, and nothing where no window holds them: sums over `judged`.
     */
    uint64_t judged, exact;
    double f1;
};

/**
 * Encode all questions, in order. Each window is a record: its `doc` is the number of the
 * question over all files, its answer the span of tokens that holds the answer, 0 0 where the
 * window does not hold it whole. Of several answers the first that stands in its place is
 * taken.
 *
 * *t is added to, also on failure. RF_OK; RF_EFORMAT: an answer is not in its place
 * (cfg->strict); or the errors of squad_next(), squad_features_new() and shard_write().
 */
MUST_CHECK int squad_encode(struct squad *from, struct shard_writer *to, struct wordpiece *w,
                            const struct vocab *v, const struct squad_encode_cfg *cfg,
                            struct squad_encode_totals *t, struct progress *p,
                            struct errbuf *eb);

#endif
