/*
 * squad_features.h: a question and its context as a model reads them, in the way of BERT's
 * run_squad (Devlin et al. 2019, section 4.2):
 *
 *     [CLS] question [SEP] window of the context [SEP]
 *
 * A context that is too long is read in windows that overlap. Tokens know which characters of
 * the context they stand for, so an answer is always cut out of the context as it was written.
 * Answers are spans of tokens and never widened to words: in Korean they often end inside one,
 * before a particle.
 */
#ifndef DATA_SQUAD_FEATURES_H
#define DATA_SQUAD_FEATURES_H

#include "data/squad.h"
#include "wordpiece/wordpiece.h"

enum { SQUAD_EDGES = 3 }; /* [CLS], [SEP], [SEP] */

struct squad_feature_cfg {
    uint64_t max_len;   /* tokens of a sequence, more than max_query + SQUAD_EDGES */
    uint64_t stride;    /* tokens from the start of a window to the start of the next, > 0 */
    uint64_t max_query; /* tokens of a question; what is more is left out */
};
#define SQUAD_FEATURE_DEFAULT                                                                  \
    {                                                                                          \
        .max_len = 512, .stride = 128, .max_query = 64                                         \
    }

/** The rows of struct squad_feature_cfg for a tool's table. */
#define SQUAD_FEATURE_ROWS(cfg, field)                                                         \
    OPT_COUNT(0, "doc-stride", cfg, field.stride, 1, SQUAD_MAX_BYTES, "n",                     \
              "tokens from the start of a window of the context to that of the next"),         \
        OPT_COUNT(0, "max-query", cfg, field.max_query, 1, SQUAD_MAX_BYTES, "n",               \
                  "most tokens of a question; what is more is left out")

/** Tokens first to last of a context, both included. */
struct squad_span {
    size_t first, last;
};

struct squad_features;

/** `w`, an encoder by the vocabulary `v`, is borrowed. RF_OK; RF_EINVAL: the vocabulary lacks
 * [CLS] or [SEP], or max_len leaves no room for a context; RF_ENOMEM. */
MUST_CHECK int squad_features_new(struct squad_features **f, struct wordpiece *w,
                                  const struct vocab *v, const struct squad_feature_cfg *cfg,
                                  struct errbuf *eb);

/** Take the text of a context, which must live as long as it is asked about; its questions are
 * not looked at. RF_OK or RF_ENOMEM. */
MUST_CHECK int squad_features_context(struct squad_features *f, const struct squad_context *c);

/** Take a question on that context; *cut is set if it was too long. RF_OK or RF_ENOMEM. */
MUST_CHECK int squad_features_question(struct squad_features *f, const char *text, size_t len,
                                       bool *cut);

/** Returns how many tokens the context has. */
size_t squad_features_tokens(const struct squad_features *f);

/** Find the tokens that hold the answer: those of which some character is one of `text`, which
 * stands at character `start`. Returns false if the context has another text there, or no
 * token. */
bool squad_features_answer(const struct squad_features *f, uint64_t start, const char *text,
                           size_t len, struct squad_span *span);

/** Returns whether the text of an answer stands at character `start` of the context, in one
 * paragraph. */
bool squad_features_stands(const struct squad_features *f, uint64_t start, const char *text,
                           size_t len);

/** Returns whether the tokens stand in one paragraph of a joined article. */
bool squad_features_whole(const struct squad_features *f, struct squad_span span);

/** Returns the text of tokens `span` in the context, and its length in bytes. */
const char *squad_features_text(const struct squad_features *f, struct squad_span span,
                                size_t *len);

/** Returns in how many windows the question's context is read: 0 if it has no token. */
size_t squad_features_windows(const struct squad_features *f);

/** Returns the tokens that window i shows. */
struct squad_span squad_features_window(const struct squad_features *f, size_t i);

/** Returns the window that shows most around a token: the one with the greatest min(tokens to
 * the left, tokens to the right) + 0.01 * its length, the first of several. */
size_t squad_features_best_window(const struct squad_features *f, size_t token);

/** Make the sequence of window i, at most max_len tokens. It lives until the next call;
 * *passage is the position of the window's first token in it. RF_OK or RF_ENOMEM. */
MUST_CHECK int squad_features_sequence(struct squad_features *f, size_t i, const int32_t **ids,
                                       size_t *n, size_t *passage);

/** Free; NULL is fine. */
void squad_features_free(struct squad_features *f);

#endif
