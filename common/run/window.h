/*
 * window.h: sequences that wait to be shown to an open model.
 *
 * Those that the model pads to the same length are shown together, so that what is said of a
 * sequence does not depend on which others stand near it: hashing goes by the padded length.
 */
#ifndef RUN_WINDOW_H
#define RUN_WINDOW_H

#include "run/run.h"

enum { WINDOW_BATCHES = 16 };

struct window {
    const struct run_model *run; /* borrowed */
    size_t batch, max_len;       /* sequences shown at once, and tokens of one */
    size_t step, mem;            /* padded lengths and `mem` keys are multiples of `step` */
    size_t most;                 /* sequences that wait at most */
    struct ids ids;              /* of all that wait, one after the other */
    size_t *start, n;            /* [most + 1] where each begins; how many wait */
    /* the batch in hand: */
    size_t *which;         /* [batch] numbers of its sequences */
    int32_t *shown, *rows; /* [batch,max_len]; [batch] */
    uint8_t *real;         /* [batch,max_len] */
};

/** Memory for sequences of a model. RF_OK or RF_ENOMEM; window_free() in either case. */
MUST_CHECK int window_new(struct window *w, const struct run_model *m, struct errbuf *eb);
void window_free(struct window *w);

/** The sequence whose ids have just been appended to w->ids waits. */
static inline void window_add(struct window *w)
{
    w->start[++w->n] = w->ids.n;
}
static inline bool window_is_full(const struct window *w)
{
    return w->n == w->most;
}

/**
 * Show all that wait: see() gets batches, of which rows are the first token of each sequence,
 * and which[i] is the number of sequence i, from 0 in the order of window_add(). Then none
 * waits. RF_OK or what see() returned.
 */
MUST_CHECK int window_show(struct window *w,
                           int (*see)(void *self, const struct model_batch *b,
                                      const size_t *which, struct errbuf *eb),
                           void *self, struct errbuf *eb);

#endif
