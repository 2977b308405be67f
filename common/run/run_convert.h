/* run_convert.h: weights of reformer-pytorch become a run, and those of a run a file for it. */
#ifndef RUN_RUN_CONVERT_H
#define RUN_RUN_CONVERT_H

#include "run/run.h"

/**
 * Read weights and save them as checkpoint 0 of a new run. The model's settings are what the
 * shapes of the weights tell, changed by the YAML file `config` (NULL: none).
 *
 *   run         folder that gets the checkpoint; it has none so far
 *   weights     safetensors file
 *   vocab       vocabulary of the model, to be named in the checkpoint; NULL: not known
 *   parameters  out: how many numbers the model has
 *
 * RF_OK; RF_EUSAGE: the run has checkpoints, or model.heads or model.max_len must be given;
 * RF_EFORMAT: the vocabulary is of another size; or the errors of st_open(), convert_shapes(),
 * opt_read_yaml(), rf_config_check(), vocab_read(), convert_read() and ckpt_save().
 */
MUST_CHECK int run_import(const char *run, const char *weights, const char *config,
                          const char *vocab, size_t *parameters, struct errbuf *eb);

/**
 * Write the weights of an open checkpoint (run_open_settings() is enough) as a safetensors file
 * `weights` for the version `to`; COMPAT_NONE: the version that its settings name. *parameters
 * as above. RF_OK; RF_EUSAGE: the settings name no version; or the errors of
 * ckpt_read_weights() and convert_write().
 */
MUST_CHECK int run_export(const struct run_model *m, const char *weights, enum model_compat to,
                          size_t *parameters, struct errbuf *eb);

#endif
