/* embed_text.h: lines of text as vectors, by any trained model. */
#ifndef RUN_EMBED_TEXT_H
#define RUN_EMBED_TEXT_H

#include <stdio.h>

#include "base/io.h"
#include "run/run.h"

enum embed_pool { POOL_MEAN, POOL_FIRST };
enum embed_format { EMBED_TSV, EMBED_JSONL, EMBED_NPY };
extern const char *const embed_pool_names[], *const embed_format_names[];

struct embed_cfg {
    int pool;   /* an embed_pool: the mean over all tokens, [CLS] and [SEP] too, or the first */
    int format; /* an embed_format */
};

struct embedded {
    uint64_t lines, cut; /* cut: lines that were too long for the model */
};

/**
 * Write the vector of each line, [CLS] line [SEP], in order: what the model's output sees,
 * after its last norm. A file for npy must be one that can be written to twice. RF_OK, also
 * where `to` takes no more: closing it says why; RF_EINVAL (npy on a pipe, or a vocabulary
 * without [CLS] or [SEP]); RF_ENAN; or the errors of lines_next() and the device.
 */
MUST_CHECK int embed_text(const struct run_model *m, struct lines *l,
                          const struct embed_cfg *cfg, FILE *to, struct embedded *total,
                          struct errbuf *eb);

#endif
