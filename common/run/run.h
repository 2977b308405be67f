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

#include "base/tool.h"
#include "ckpt/checkpoint.h"
#include "model/model.h"
#include "run/run_device.h"
#include "train/config.h"
#include "wordpiece/wordpiece.h"

/** What products multiply with. */
enum run_weights { WEIGHTS_FP32, WEIGHTS_BF16, WEIGHTS_INT8 };
extern const char *const run_weights_names[]; /* NULL ends it */

/** What is to be opened, and how; the strings are borrowed for the call. */
struct run_use {
    const char *path;   /* a checkpoint, or a run, whose newest whole checkpoint is used */
    const char *set;    /* settings to be changed: "key=value key=value"; NULL: none */
    const char *device; /* to compute on, as train.device; NULL: the run's */
    bool ema;           /* use the mean of the weights instead of the last ones */
    uint64_t batch;     /* sequences at a time; 0: as in training */
    uint64_t threads;   /* 0: one a core */
    int weights;        /* enum run_weights */
    const char *vocab;  /* file of the run's vocabulary; NULL: it is not needed */
    struct wordpiece_cfg wordpiece; /* how its encoder is to read text */
};

/** The rows of struct run_use for a tool's table: which weights, and where they are computed
 * with. `field` is the struct run_use in the tool's `cfg`. */
#define RUN_ROWS(cfg, field)                                                                   \
    OPT_FOLDER('m', "model", cfg, field.path, "checkpoint, or a run, whose newest is taken"),  \
        OPT_FLAG(0, "ema", cfg, field.ema, "use the mean of the weights, which the run kept"), \
        OPT_TEXT(0, "device", cfg, field.device, "name",                                       \
                 "device to compute on: cpu, cuda, or auto; if not that of the training"),     \
        OPT_THREADS(cfg, field.threads)

/** The row for a tool that goes on token by token. */
#define RUN_WEIGHTS_ROW(cfg, field)                                                            \
    OPT_CHOICE(0, "weights", cfg, field.weights, run_weights_names, "type",                    \
               "keep weights in memory as fp32, bf16 or int8")

/** The row for a tool that needs to know the run's tokens. */
#define RUN_VOCAB_ROW(cfg, field)                                                              \
    OPT_FILE('V', "vocab", cfg, field.vocab, "vocabulary, rf-vocab(5)")

/** The rows for a tool that reads text as well. */
#define RUN_TEXT_ROWS(cfg, field)                                                              \
    RUN_VOCAB_ROW(cfg, field),                                                                 \
        OPT_FLAG(0, "lower-case", cfg, field.wordpiece.lower_case,                             \
                 "put text into lower case"),                                                  \
        OPT_FLAG(0, "strip-accents", cfg, field.wordpiece.strip_accents,                       \
                 "decompose text and drop accents")

/** A run that is open; {0} is none. Callers may use the fields; the run owns them. */
struct run_model {
    struct ckpt *ckpt;
    uint64_t broken;            /* newer checkpoints of the run that are broken */
    struct rf_config cfg;       /* the run's settings, changed by `set`, `device` and `batch` */
    struct opt_strings strings; /* owns the texts of cfg */
    struct nn *nn;
    struct errbuf instead;   /* why `nn` is the processor where the choice was left; "" */
    struct st_file *weights; /* mapped; NULL: the device has its own copy */
    struct model *model;     /* forward, cfg.train.batch sequences of ckpt_state()'s max_len */
    struct model_draw draw;  /* the rotations that the run's evaluations had */
    struct vocab *vocab;     /* NULL: it was not asked for */
    struct wordpiece *encoder; /* by that vocabulary; other threads take wordpiece_share() */
};

/**
 * Open a run for inference. *m is {0} before; give it to run_close() in either case. After an
 * error only `broken` may be used, and it is right if a checkpoint was found.
 *
 * RF_OK; RF_EUSAGE: `set` is wrong; RF_EINVAL: there is no mean of the weights, or the
 * vocabulary is not the one that the checkpoint names; RF_EFORMAT: its settings contradict each
 * other or are of another version; or the errors of ckpt_open(), nn_open_with(), model_new(),
 * ckpt_read_weights(), vocab_read(), wordpiece_new().
 */
MUST_CHECK int run_open(struct run_model *m, const struct run_use *use, struct errbuf *eb);

/** Say what a user should know about a run: checkpoints that are broken and, if it was opened,
 * run_device_remarks(). */
void run_remarks(const struct run_model *m, bool opened, const struct tool_run *tool);

/** The same, but only the checkpoint and its settings are opened: `ckpt`, `broken`, `cfg`. */
MUST_CHECK int run_open_settings(struct run_model *m, const struct run_use *use,
                                 struct errbuf *eb);

/** Whether an open model says tokens: RF_OK, or RF_EINVAL: its task has other outputs. */
MUST_CHECK int run_need_tokens(const struct run_model *m, struct errbuf *eb);

/** Whether sequences for an open model can begin and end: RF_OK, or RF_EINVAL: its vocabulary
 * lacks [CLS] or [SEP]. */
MUST_CHECK int run_need_edges(const struct run_model *m, struct errbuf *eb);

/** Whether an open model tells what follows a text: RF_OK, or RF_EINVAL: it says no tokens, is
 * not causal, or its vocabulary lacks [CLS] or [SEP]. */
MUST_CHECK int run_need_causal(const struct run_model *m, struct errbuf *eb);

/** Free what is open; *m is {0} again. */
void run_close(struct run_model *m);

#endif
