/*
 * params.h: the model's parameters as one table.
 *
 * Sizes, places in the contiguous blocks, checkpoint names, initial values and weight decay are
 * all derived from it. Matrices are (out, in). E width, M width of the feed-forward layer, V
 * vocabulary, A and C the sides of the position tables.
 */
#ifndef REFORMER_PARAMS_H
#define REFORMER_PARAMS_H

#include "nn/nn.h"
#include "reformer/config.h"
#include "reformer/tensor.h"

/** Which parameter: an index into the table. Those of a layer: param_of(k, LAYER_...). */
enum {
    PARAM_TOKEN,  /* (V,E) */
    PARAM_AXIAL0, /* (A,E): position t adds row t / C of it */
    PARAM_AXIAL1, /* (C,E): and row t % C of this one */
    PARAM_HEAD,   /* (V,E) */
    PARAM_HEAD_BIAS,
    PARAM_NORM, /* after the stack; counted also where the model has none */
    PARAM_NORM_BIAS,
    PARAM_LAYERS /* the first of layer 0 */
};
enum {
    LAYER_ATTN_NORM,
    LAYER_ATTN_NORM_BIAS,
    LAYER_QK, /* (E,E), as the next two */
    LAYER_V,
    LAYER_ATTN_OUT,
    LAYER_ATTN_OUT_BIAS,
    LAYER_FF_NORM,
    LAYER_FF_NORM_BIAS,
    LAYER_FF_IN, /* (M,E) */
    LAYER_FF_IN_BIAS,
    LAYER_FF_OUT, /* (E,M) */
    LAYER_FF_OUT_BIAS,
    LAYER_PARAMS
};

static inline size_t param_of(size_t layer, size_t which)
{
    return PARAM_LAYERS + layer * LAYER_PARAMS + which;
}

struct param {
    char name[TENSOR_NAME_MAX];
    size_t dims, shape[2], count; /* count 0: this model has it not */
    size_t offset;                /* in floats, 64-byte aligned, in every block */
    char init; /* '0' zeros, '1' ones; drawn: 'e' embedding, 'w' weight, 'o' that of a branch's
                  end */
    bool decay;
};

struct params {
    struct param *p;
    size_t n;
    size_t present; /* of the n, those that this model has */
    size_t floats;  /* of a block of all, gaps included; the gaps are zero */
    size_t total;   /* numbers that are learned */
    size_t axial0, axial1;
};

/** Fill in the table for max_len tokens and V ids. RF_OK, RF_ENOMEM (also: too large). */
MUST_CHECK int params_new(struct params *p, const struct model_cfg *cfg, size_t max_len,
                          size_t vocab_size);
void params_free(struct params *p);

/** First values into a block on the device; drawn from (seed, RNG_INIT). */
void params_init(const struct params *p, struct nn *nn, float *block, uint64_t seed);

/** The tensors of a block that lies in the host's memory, each name with `prefix` in front; to
 * has room for p->present. */
void params_tensors(const struct params *p, struct tensor *to, const char *prefix, float *host);

#endif
