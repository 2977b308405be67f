/*
 * checkpoint.h: rf-checkpoint(5), a folder step-NNNNNNNN with weights, optimiser,
 * configuration, state and a manifest of digests. It is written whole under another name,
 * synced and renamed.
 */
#ifndef CKPT_CHECKPOINT_H
#define CKPT_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/special.h"
#include "ckpt/safetensors.h"

enum { CKPT_DIGEST_BYTES = 16 };

/** What the next row of the log is made of, so that a break changes nothing in it. loss, acc
 * and norm are sums over `steps` steps. */
struct ckpt_window {
    double loss, acc, norm;
    uint64_t steps;
    bool evaluated; /* true if the evaluation due at this step is done */
};

/** Everything that a run is, besides its tensors and its configuration. Random numbers have no
 * state, because they depend only on seed and step. */
struct ckpt_state {
    uint64_t step;      /* number of updates done */
    uint64_t tokens;    /* number of tokens seen */
    uint64_t log_bytes; /* the length of log.tsv at this step; a resumed run cuts it to that */
    uint64_t vocab_size;
    struct special_ids special; /* each is below vocab_size */
    uint64_t max_len;
    uint8_t vocab_digest[CKPT_DIGEST_BYTES];
    double seconds;   /* of training so far, over all starts of the run */
    uint64_t skipped; /* number of steps so far whose gradients were not finite */
    uint64_t skipped_in_row;
    uint8_t data_digest[CKPT_DIGEST_BYTES]; /* of the training data; all zeros: not known */
    struct ckpt_window window;
    uint64_t best_step; /* of the best evaluation; 0: none, or none is wanted */
    double best_loss;   /* its loss; where train.best is score, 1 less its score */
    uint64_t worse;     /* number of evaluations since then */
    uint64_t
        decay_step;    /* after which the last decay of the learning rate began; 0: none did */
    double decay_done; /* how much of a decay that goes on was done at the last step */
    uint64_t optim_updates; /* that the optimiser had made before this run began */
    bool limit_reached;     /* true if the start that wrote this ended here by its limit */
    const char *classes; /* names of the classes that the data have, each ended by LF; NULL or
                            "": they have none. Of a checkpoint that is open: it owns them */
};

/**
 * Write run/step-NNNNNNNN for state->step, and make `run` if it is missing. weights[n_weights]
 * go to weights.safetensors, optim[n_optim] to optim.safetensors, config (YAML text) to
 * config.yaml. An older checkpoint of that step is replaced. The new one is read back and
 * checked. Then the earlier ones are dropped, except the keep - 1 newest whole ones and
 * state->best_step and state->decay_step (keep >= 1), and what killed runs left behind. Only
 * one process at a time may save into a run. RF_OK; RF_EIO, RF_ENOMEM, RF_ECHECK (it reads back
 * wrong): the earlier checkpoints are still there.
 */
MUST_CHECK int ckpt_save(const char *run, const struct ckpt_state *state, const char *config,
                         const struct tensor *weights, size_t n_weights,
                         const struct tensor *optim, size_t n_optim, uint64_t keep,
                         struct errbuf *eb);

/** Whether an error of ckpt_open() says that the checkpoint itself is no good. Any other error
 * says nothing about it: it could not be read. */
static inline bool ckpt_is_damage(int rc)
{
    return rc == RF_EFORMAT || rc == RF_ETRUNC || rc == RF_ECHECK;
}

/** An open checkpoint. Its manifest was read, and the size and digest of every file
 * were checked. */
struct ckpt;

/**
 * Open a checkpoint folder. If `path` is the folder of a run, which holds step-* folders, open
 * its newest valid checkpoint; damaged ones are skipped and counted in *broken (may be NULL).
 * RF_OK, RF_EIO (there is none, or one cannot be read), RF_ENOMEM, RF_EINVAL (one is of a
 * version that is not known), RF_EFORMAT, RF_ETRUNC, RF_ECHECK.
 */
MUST_CHECK int ckpt_open(struct ckpt **c, const char *path, uint64_t *broken,
                         struct errbuf *eb);

/** Remove what killed runs left in a run's folder: .tmp, and step-N.old where step-N is whole.
 * Nobody else may write the run. RF_OK, RF_EIO, RF_ENOMEM. */
MUST_CHECK int ckpt_sweep(const char *run, struct errbuf *eb);

/** Set *any to whether the run's folder has any step-* folder; if there is no folder, it is
 * false. RF_OK, RF_EIO (this cannot be found out), RF_ENOMEM. */
MUST_CHECK int ckpt_exists(bool *any, const char *run, struct errbuf *eb);

/** The same for one whose weights alone, or with `ema` their mean, will be used: the file that
 * holds only what training goes on with, which is the largest, need not be read. It must be
 * there with the right size. */
MUST_CHECK int ckpt_open_to_use(struct ckpt **c, const char *path, bool ema, uint64_t *broken,
                                struct errbuf *eb);

const char *ckpt_path(const struct ckpt *c);
const struct ckpt_state *ckpt_state(const struct ckpt *c);
const char *ckpt_config(const struct ckpt *c); /* YAML text with a NUL behind it */

/** Returns the name and size of the i-th file in the manifest; NULL behind the last one. */
const char *ckpt_file(const struct ckpt *c, size_t i, uint64_t *bytes);

/** Open the weights as they lie, for a caller that does not know their names. st_close()
 * takes *f back. */
MUST_CHECK int ckpt_open_weights(struct st_file **f, const struct ckpt *c, struct errbuf *eb);

/** Check the names and shapes of the weights, as st_check() does. */
MUST_CHECK int ckpt_check_weights(const struct ckpt *c, const struct tensor *t, size_t n,
                                  struct errbuf *eb);

/** Fill tensors by their names, as st_read_into() does. */
MUST_CHECK int ckpt_read_weights(const struct ckpt *c, const struct tensor *t, size_t n,
                                 struct errbuf *eb);
MUST_CHECK int ckpt_read_optim(const struct ckpt *c, const struct tensor *t, size_t n,
                               struct errbuf *eb);
/** Set *has to whether the mean of the weights is there: tensors of the optimiser with names
 * that start with "ema.". RF_OK or st_open()'s errors. */
MUST_CHECK int ckpt_has_ema(bool *has, const struct ckpt *c, struct errbuf *eb);
/** Fill tensors with those of the optimiser that have the same names; it may have others. */
MUST_CHECK int ckpt_read_ema(const struct ckpt *c, const struct tensor *t, size_t n,
                             struct errbuf *eb);
/** Where the weights, or with `ema` the tensors of the optimiser with these names, lie in a
 * file that is mapped: *f, which st_close() takes back; else as st_map(). */
MUST_CHECK int ckpt_map(struct st_file **f, const float **at, const struct ckpt *c, bool ema,
                        const struct tensor *t, size_t n, struct errbuf *eb);
void ckpt_close(struct ckpt *c); /* NULL is fine */

/** Paths of the checkpoints of a run, the newest first. {0} is empty. */
struct ckpt_list {
    char **paths;
    size_t n;
};
MUST_CHECK int ckpt_list(struct ckpt_list *l, const char *run, struct errbuf *eb);
void ckpt_list_free(struct ckpt_list *l);

#endif
