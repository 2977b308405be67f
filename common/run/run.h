/*
 * run.h: the model of a run, open for use: its checkpoint, its settings, a device, its weights
 * and its vocabulary, each checked against the others.
 *
 *     struct run_use use = {.path = "run", .vocab = "vocab.txt"};
 *     struct run_model m = {0};
 *     int rc = run_open(&m, &use, eb);
 *
 *     if (rc == RF_OK)
 *         rc = wordpiece_encode(m.encoder, &ids, text, len);
 *     if (rc == RF_OK)
 *         rc = model_logits(m.model, &batch, &m.draw, NULL, logits, eb);
 *     run_close(&m);
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "ckpt/checkpoint.h"
#include "model/model.h"
#include "train/config.h"
#include "wordpiece/wordpiece.h"

/** What is to be opened, and how; the strings are borrowed for the call. */
struct run_use {
    const char *path;  /* a checkpoint, or a run: its newest one that is whole */
    const char *set;   /* changes the run's settings: "key=value key=value"; NULL: none */
    bool ema;          /* the mean of the weights instead of the last ones */
    uint64_t batch;    /* sequences at a time; 0: as in training */
    uint64_t threads;  /* 0: one a core */
    const char *vocab; /* file of the run's vocabulary; NULL: none is needed */
    struct wordpiece_cfg wordpiece; /* how its encoder is to read text */
};

/** A run that is open; {0} is none. The fields are for use, and owned by it. */
struct run_model {
    struct ckpt *ckpt;
    uint64_t broken;            /* checkpoints of the run that were passed over, newer ones */
    struct rf_config cfg;       /* the run's, with what `set` and `batch` say over it */
    struct opt_strings strings; /* those that cfg points to */
    struct nn *nn;
    struct model *model; /* for cfg.train.batch sequences of ckpt_state()'s max_len; forward */
    struct model_draw draw;    /* the rotations that the run's evaluations had */
    struct vocab *vocab;       /* NULL: not asked for */
    struct wordpiece *encoder; /* of the vocabulary; wordpiece_share() for other threads */
};

/**
 * Open a run for inference. Give *m, which is {0} before, to run_close() in either case; where
 * it fails, `broken` is right if a checkpoint was found, and nothing else may be used.
 *
 * RF_OK; RF_EUSAGE: `set` is none; RF_EINVAL: there is no mean of the weights, or the
 * vocabulary is not the one that the checkpoint names; RF_EFORMAT: its settings contradict each
 * other or are of another version; or the errors of ckpt_open(), nn_open_with(), model_new(),
 * ckpt_read_weights(), vocab_read(), wordpiece_new().
 */
MUST_CHECK int run_open(struct run_model *m, const struct run_use *use, struct errbuf *eb);

/** The same, but of the checkpoint and its settings alone: `ckpt`, `broken`, `cfg`. */
MUST_CHECK int run_open_settings(struct run_model *m, const char *path, const char *set,
                                 struct errbuf *eb);

/** Free what is open; m is {0} again. */
void run_close(struct run_model *m);

/** Open the device that a configuration asks for, with the numbers and products of its run.
 * threads 0: one a core. nn_open_with()'s errors. */
MUST_CHECK int run_device(struct nn **nn, const struct rf_config *cfg, uint64_t threads,
                          struct errbuf *eb);

#endif
