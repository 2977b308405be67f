/* sample.h: how a trained causal model goes on from a text. */
#ifndef RUN_SAMPLE_H
#define RUN_SAMPLE_H

#include <stdio.h>

#include "base/io.h"
#include "run/draw.h"
#include "run/run.h"

enum { SAMPLES_MAX = 1024 };

struct sample_cfg {
    struct draw_cfg draw;
    uint64_t tokens;  /* most of a sample */
    uint64_t samples; /* of each prompt, written together; up to SAMPLES_MAX */
    uint64_t seed;
    const char *stop; /* a sample ends before this text; NULL: no text ends it */
    bool exact;       /* each token by a pass over all before it, though the model could go on
                         token by token: model_past_approximates() */
    bool json;        /* a JSON object for each sample instead of its text */
    bool logprobs;    /* with the tokens and their log-probabilities in it */
};

struct sampler;

struct sample_totals {
    uint64_t prompts, samples, tokens;
};

/** Prepare to write by an open model, whose vocabulary is there; both arguments are borrowed
 * and must live longer. RF_OK, RF_EINVAL (the model is not causal, or its vocabulary lacks
 * [CLS] or [SEP]), RF_ENOMEM. */
MUST_CHECK int sampler_new(struct sampler **s, const struct run_model *m,
                           const struct sample_cfg *cfg, struct errbuf *eb);
void sampler_free(struct sampler *s); /* NULL is fine */

/** NULL, or why each token costs as much as all before it: model_past_bar(). */
const char *sampler_bar(const struct sampler *s);

/**
 * Write the samples that follow a text, text[len]: its lines, with [SEP] between them, stand at
 * the beginning of a sequence. `name` and `number` say where it comes from, for messages; the
 * seed and the number of prompts so far decide what is drawn. Text goes to `to` as it comes,
 * the prompt first. RF_OK, also where `to` takes no more: closing it says why; RF_EINVAL (a
 * word that the vocabulary does not have, too many tokens), RF_ENAN, RF_ENOMEM, or the device's
 * failure.
 */
MUST_CHECK int sampler_write(struct sampler *s, const char *text, size_t len, const char *name,
                             uint64_t number, FILE *to, struct errbuf *eb);

/** The same for each line of text, or for each document of JSON lines. Errors are also those of
 * lines_next(). */
MUST_CHECK int sampler_write_lines(struct sampler *s, struct lines *l, FILE *to,
                                   struct errbuf *eb);

struct sample_totals sampler_totals(const struct sampler *s);

#endif
