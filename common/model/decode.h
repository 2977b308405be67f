/*
 * decode.h: a causal model that goes on one token at a time. What attention needs of the tokens
 * so far is kept, and a token meets no more of them than two chunks a round and a window hold,
 * so that its cost has a bound, but for full attention, which looks at all of them.
 *
 *     struct model_past *p;
 *     int rc = model_past_new(&p, model, 4, n, 512, &draw, eb);
 *
 *     if (rc == RF_OK)
 *         rc = model_prefill(p, prompt, n, logits, eb);
 *     while (rc == RF_OK && choose(ids, logits))
 *         rc = model_step(p, ids, logits, eb);
 *     model_past_free(p);
 *
 * Where the device's products are exact (NN_GEMM_EXACT), the logits have the bits of those that
 * model_logits() gives for the last token of the whole sequence, unless
 * model_past_approximates().
 */
#ifndef MODEL_DECODE_H
#define MODEL_DECODE_H

#include "model/model.h"

struct model_past;

/** Whether a model of up to max_len tokens can go on token by token. NULL, or words for what
 * stands against it. */
const char *model_past_bar(const struct model_cfg *c, size_t max_len);

/** Whether it then computes something else than for the whole sequence: with chunks of all
 * positions (LAYOUT_CHUNKED) a later token moves earlier ones from chunk to chunk, while token
 * by token each meets those keys that it would meet as the last one, and its own output stays.
 */
bool model_past_approximates(const struct model_cfg *c, size_t max_len);

/**
 * Take memory for B sequences that begin with the same prompt, of up to so many tokens, 1 at
 * least, and go on with up to `more` each; together at most the model's max_len. The prompt is
 * kept once. The model is borrowed; B is at most its batch times max_len. Rotations follow from
 * the seed of `draw`.
 * RF_OK, RF_EINVAL (model_past_bar()), RF_ENOMEM.
 */
MUST_CHECK int model_past_new(struct model_past **p, struct model *m, size_t B, size_t prompt,
                              size_t more, const struct model_draw *draw, struct errbuf *eb);
void model_past_free(struct model_past *p); /* NULL is fine */

/** How many tokens each sequence has. */
size_t model_past_length(const struct model_past *p);

/** Begin anew with a prompt, the same for all sequences: ids[T], T from 1 to `prompt`. Writes
 * the logits[V] that follow its last token. RF_OK or the device's failure. */
MUST_CHECK int model_prefill(struct model_past *p, const int32_t *ids, size_t T, float *logits,
                             struct errbuf *eb);

/** Go on with one token of each sequence, ids[B]: logits[B,V] follow. There must be room: the
 * prompt is followed by less than `more`. RF_OK or the device's failure. */
MUST_CHECK int model_step(struct model_past *p, const int32_t *ids, float *logits,
                          struct errbuf *eb);

#endif
