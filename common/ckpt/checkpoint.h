/*
 * checkpoint.h: rf-checkpoint(5): a folder step-NNNNNNNN with weights, optimiser,
 * configuration, state and a manifest of digests; written whole under another name, synced,
 * renamed.
 */
#ifndef CKPT_CHECKPOINT_H
#define CKPT_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/special.h"
#include "ckpt/safetensors.h"

enum { CKPT_DIGEST_BYTES = 16 };

/** What the next row of the log is made of: it must not notice a break. Sums over `steps`
 * steps.
 */
struct ckpt_window {
    double loss, acc, norm;
    uint64_t steps;
    bool evaluated; /* the evaluation due at this step is done */
};

/** All that a run is besides its tensors and its configuration. Random numbers have no state:
 * seed and step are it. */
struct ckpt_state {
    uint64_t step;      /* updates done */
    uint64_t tokens;    /* tokens seen */
    uint64_t log_bytes; /* length of log.tsv at this step: a resumed run cuts it there */
    uint64_t vocab_size;
    struct special_ids special; /* below vocab_size */
    uint64_t max_len;
    uint8_t vocab_digest[CKPT_DIGEST_BYTES];
    double seconds;   /* of training so far, over all starts */
    uint64_t skipped; /* steps whose gradients were not finite, so far */
    uint64_t skipped_in_row;
    uint8_t data_digest[CKPT_DIGEST_BYTES]; /* of the training data; zero: not known */
    struct ckpt_window window;
    uint64_t best_step; /* of the best evaluation; 0: none, or none is sought */
    double best_loss;   /* its loss */
    uint64_t worse;     /* evaluations since then */
};

/**
 * Write run/step-NNNNNNNN (state->step; `run` is made if it is not there). weights[n_weights]
 * go to weights.safetensors, optim[n_optim] to optim.safetensors, config (YAML text) to
 * config.yaml. What is there of that step already is replaced. Once the new one reads back
 * right, the earlier ones but the keep - 1 newest whole ones and state->best_step are dropped
 * (keep >= 1), and what killed runs left behind. One process at a time may save into a run.
 * RF_OK; RF_EIO, RF_ENOMEM, RF_ECHECK (it reads back wrong): earlier checkpoints are there
 * still.
 */
MUST_CHECK int ckpt_save(const char *run, const struct ckpt_state *state, const char *config,
                         const struct tensor *weights, size_t n_weights,
                         const struct tensor *optim, size_t n_optim, uint64_t keep,
                         struct errbuf *eb);

/** An open checkpoint: its manifest was read and every file's size and digest checked. */
struct ckpt;

/**
 * Open a checkpoint folder, or a run's newest valid one when `path` holds step-* folders. In a
 * run, broken ones are passed over, counted in *broken (may be NULL). RF_OK, RF_EIO (also:
 * there is none), RF_EFORMAT, RF_ETRUNC, RF_ECHECK.
 */
MUST_CHECK int ckpt_open(struct ckpt **c, const char *path, uint64_t *broken,
                         struct errbuf *eb);

/** Whether the run folder has any step-* folder; without a folder it has none. RF_OK, RF_EIO
 * (it cannot be told), RF_ENOMEM. */
MUST_CHECK int ckpt_exists(bool *any, const char *run, struct errbuf *eb);

const char *ckpt_path(const struct ckpt *c);
const struct ckpt_state *ckpt_state(const struct ckpt *c);
const char *ckpt_config(const struct ckpt *c); /* YAML text, NUL-terminated */

/** Name and size of the i-th file under the manifest; NULL past the last one. */
const char *ckpt_file(const struct ckpt *c, size_t i, uint64_t *bytes);

/** Open the weights as they lie, for one who does not know their names; st_close() ends it. */
MUST_CHECK int ckpt_open_weights(struct st_file **f, const struct ckpt *c, struct errbuf *eb);

/** Fill tensors by name, as st_read_into(). */
MUST_CHECK int ckpt_read_weights(const struct ckpt *c, const struct tensor *t, size_t n,
                                 struct errbuf *eb);
MUST_CHECK int ckpt_read_optim(const struct ckpt *c, const struct tensor *t, size_t n,
                               struct errbuf *eb);
/** Whether the mean of the weights is there: tensors of the optimiser's with "ema." in front.
 * RF_OK or st_open()'s errors. */
MUST_CHECK int ckpt_has_ema(bool *has, const struct ckpt *c, struct errbuf *eb);
/** Fill tensors with those of the optimiser that have these names; there may be others. */
MUST_CHECK int ckpt_read_ema(const struct ckpt *c, const struct tensor *t, size_t n,
                             struct errbuf *eb);
void ckpt_close(struct ckpt *c); /* NULL is fine */

/** Paths of the checkpoints of a run, newest first. {0} is empty. */
struct ckpt_list {
    char **paths;
    size_t n;
};
MUST_CHECK int ckpt_list(struct ckpt_list *l, const char *run, struct errbuf *eb);
void ckpt_list_free(struct ckpt_list *l);

#endif
