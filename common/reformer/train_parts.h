/* train_parts.h: what the files of training share; not for others. */
#ifndef REFORMER_TRAIN_PARTS_H
#define REFORMER_TRAIN_PARTS_H

#include <stdio.h>

#include "reformer/optim.h"
#include "reformer/train.h"

enum { SLOT_LEVELS_MAX = 17, SKIPS_MAX = 5 };

/* What the next log row is made of, in the checkpoint with the optimiser: the row must not
 * notice a break. Sums over `steps` steps; evaluated: the evaluation due at this step is done.
 */
enum { WINDOW_LOSS, WINDOW_ACC, WINDOW_NORM, WINDOW_STEPS, WINDOW_EVALUATED, WINDOW_FLOATS };

/* Host memory of one slot, max_len to a sequence until T is known. */
struct slot {
    int32_t *ids, *labels, *rows;
    uint32_t *positions;
    uint8_t *real;
    size_t *len, *n_labels; /* of each sequence */
};

struct train {
    const struct train_job *job;
    const struct rf_config *cfg;
    struct nn *nn;
    struct model *model;
    struct optim optim;
    float *grad[SLOT_LEVELS_MAX]; /* one block, and one more for each level of the tree */
    size_t levels;
    struct slot slot;
    struct ckpt_state state;
    float window[WINDOW_FLOATS];
    uint64_t saved_step, broken;
    bool saved; /* saved_step says something */
    bool dirty; /* something happened since */
    FILE *log;
    int lock;               /* file descriptor of run/lock, -1: none */
    double started, logged; /* moments: this start; the last log row */
    uint64_t logged_tokens;
    double unigram_loss;
    unsigned asked; /* TRAIN_ flags not yet done */
    struct train_report report;
};

/** t->asked, with what the hook wants now. */
unsigned train_asked(struct train *t);

/* --- train_data.c */

/** Memory of t->slot for batches of the configuration. RF_OK or RF_ENOMEM. */
MUST_CHECK int slot_new(struct slot *s, size_t batch, size_t max_len);
void slot_free(struct slot *s);

/** Sequences of slot `slot` of the step in hand, in the order of the run; tokens are added up.
 */
MUST_CHECK int train_batch(struct train *t, uint64_t slot, struct model_batch *b,
                           uint64_t *tokens, struct errbuf *eb);

/** Loss of the evaluation labels under the training tokens' frequencies, each counted once more
 * than it is there; special tokens are left out. */
MUST_CHECK int train_unigram(struct train *t, struct errbuf *eb);

/** Loss over all of the evaluation data; RF_ESTOP: asked to stop on the way. */
MUST_CHECK int train_evaluate(struct train *t, struct model_sum *sum, struct errbuf *eb);

/** One sequence of the evaluation data, filled in, to the hook. */
MUST_CHECK int train_show(struct train *t, struct errbuf *eb);

/* --- train_files.c */

/** Make and lock the run's folder; read its newest checkpoint, if it has one, open its log. */
MUST_CHECK int train_open_files(struct train *t, struct errbuf *eb);
void train_close_files(struct train *t);

/** A checkpoint of now, unless the last one is of now. */
MUST_CHECK int train_save(struct train *t, struct errbuf *eb);

/** A row of log.tsv. */
MUST_CHECK int train_log(struct train *t, const struct train_report *row, struct errbuf *eb);

/** Seconds of the run so far, over all starts. */
double train_seconds(const struct train *t);

#endif
