/*
 * layers.h: how the layers of a model attend: all alike, as model.full_attn and
 * model.local_heads say, or each as the pattern model.layers says, "local,local,local,lsh".
 */
#ifndef MODEL_LAYERS_H
#define MODEL_LAYERS_H

#include "model/model_cfg.h"

/** How a head attends; a set of these is a sum of 1 << kind. */
enum layer_kind { LAYER_LSH, LAYER_LOCAL, LAYER_FULL, LAYER_KINDS };

/** Names of these in a pattern, with NULL at the end. */
extern const char *const layer_names[];

/** Bring s->local and s->full. RF_OK, or RF_EUSAGE with a line that names the keys: a pattern
 * that cannot be, or that another setting contradicts. */
MUST_CHECK int layers_read(struct model_shape *s, const struct model_cfg *c, struct errbuf *eb);

/** The set of the kinds of heads that a model has; the pattern is one that layers_read() took,
 * and full_attn_thres is not looked at. */
unsigned layers_kinds(const struct model_cfg *c);

/** Whether any head hashes. */
static inline bool layers_hash(const struct model_cfg *c)
{
    return layers_kinds(c) & 1U << LAYER_LSH;
}

/** Whether layers differ from each other. */
bool layers_differ(const struct model_cfg *c);

/** Tokens of half a window of local attention. */
static inline uint64_t local_chunk(const struct model_cfg *c)
{
    return c->local_chunk ? c->local_chunk : c->chunk;
}

/** Tokens of the windows that a causal local head sees at most. */
static inline size_t local_reach(const struct model_cfg *c)
{
    return 2 * local_chunk(c) * (c->local_back + 1);
}

#endif
