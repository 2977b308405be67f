/*
 * params.h: the model's parameters as one table.
 *
 * Sizes, places in the contiguous blocks, checkpoint names, initial values and weight decay are
 * all derived from it. Matrices are (out, in). A layer is two branches: attention, then
 * feed-forward, product-key memory or a second attention. E width, V vocabulary, B width of the
 * embedding, D of a head, Q of all heads' queries, W of their values, M of the feed-forward
 * layer, U of what comes into its activation.
 */
#ifndef MODEL_PARAMS_H
#define MODEL_PARAMS_H

#include "nn/nn.h"
#include "model/model_cfg.h"
#include "ckpt/tensor.h"

/** Which parameter: an index into the table. Those of a branch: param_of(b, BRANCH_...). */
enum {
    PARAM_TOKEN,    /* (V,B) */
    PARAM_AXIAL0,   /* (A,B): position t adds row t / C of it */
    PARAM_AXIAL1,   /* (C,B): and row t % C of this one */
    PARAM_POSITION, /* (max_len,B) */
    PARAM_EMBED,    /* (E,B): from the embedding to the model */
    PARAM_EMBED_BIAS,
    PARAM_NORM, /* after the stack */
    PARAM_NORM_BIAS,
    PARAM_HEAD_IN, /* (B,E): and back, before the head */
    PARAM_HEAD_IN_BIAS,
    PARAM_HEAD, /* (V,B) */
    PARAM_HEAD_BIAS,
    PARAM_OUTPUT, /* the first of the task's, model_output */
    PARAM_BRANCHES = PARAM_OUTPUT + MODEL_OUTPUTS_MAX /* the first of branch 0 */
};
enum {
    BRANCH_NORM, /* (E); of scale norm (1) */
    BRANCH_NORM_BIAS,
    BRANCH_GATE, /* (1) */
    ATTN_QK,     /* (Q,E) */
    ATTN_V,      /* (W,E), right behind ATTN_QK: one product makes both */
    ATTN_OUT,    /* (E,Q) */
    ATTN_OUT_BIAS,
    ATTN_MEM, /* (mem_kv,E) */
    FF_IN,    /* (U,E) */
    FF_IN_BIAS,
    FF_OUT, /* (E,M) */
    FF_OUT_BIAS,
    PKM_QUERY, /* (2 heads pkm_dim, E): halves, heads, numbers */
    PKM_NORM,  /* (pkm_dim) */
    PKM_NORM_BIAS,
    PKM_KEYS,   /* (heads pkm_keys 2, pkm_dim) */
    PKM_VALUES, /* (pkm_keys squared, E) */
    BRANCH_PARAMS
};

enum branch_kind { BRANCH_ATTN, BRANCH_FF, BRANCH_PKM };

static inline size_t param_of(size_t branch, size_t which)
{
    return PARAM_BRANCHES + branch * BRANCH_PARAMS + which;
}

struct param {
    char name[TENSOR_NAME_MAX];
    size_t dims, shape[2], count; /* count 0: the model has none, or uses another layer's */
    size_t offset; /* its place in every block, in floats; the other layer's if it uses that */
    size_t fan;    /* inputs of the linear layer that it belongs to */
    char init; /* '0' zeros, '1' ones, 's' the root of fan, 'u' even between -+ 1 / sqrt(fan);
                  normal: 'n' with deviation 1, 'e' embedding, 'w' weight, 'o' that of a
                  branch's end, 'd' with deviation std */
    float std;
    bool decay;
    bool inner; /* a matrix that a layer multiplies what goes through it by */
};

struct params {
    struct param *p;
    size_t n;
    size_t present; /* of the n, those that this model has */
    size_t floats;  /* of a block of all, gaps included; the gaps are zero */
    size_t total;   /* numbers that are learned */
    size_t branches;
    struct model_shape shape; /* what the configuration comes to */
    size_t own;               /* of the n, the model's; those behind them are its generator's */
    size_t shared; /* floats at the front of a block that both have: embedding and positions. A
                      block of gradients has as many behind all others, for the generator's */
    struct model_shape generator; /* where there is one */
};

/** Floats of a block of gradients. */
static inline size_t params_gradients(const struct params *p)
{
    return p->floats + p->shared;
}

/** Which parameter entry i of the table is in the model that it belongs to. */
static inline size_t params_role(const struct params *p, size_t i)
{
    return i < p->own ? i : i - p->own;
}

/** What branch b of a model is. */
enum branch_kind params_branch(const struct model_cfg *cfg, const struct model_shape *s,
                               size_t b);

/** The part of the table that is the generator's, as a table of its own; it is borrowed. What
 * is shared has no count there, and for its offset the place of its gradient. */
struct params params_generator(const struct params *p);

/** Fill in the table for max_len tokens and V ids. RF_OK, RF_ENOMEM (also: too large),
 * RF_EINVAL where there is no such model, model_cfg_shape(). */
MUST_CHECK int params_new(struct params *p, const struct model_cfg *cfg, size_t max_len,
                          size_t vocab_size, struct errbuf *eb);
void params_free(struct params *p);

/** Parameters first to first + n of the table, which lie together in a block. */
struct params_span {
    size_t first, n, offset, floats;
};
struct params_span params_all(const struct params *p);
/** Those that the generator alone has; floats 0: there are none. */
struct params_span params_of_generator(const struct params *p);

/**
 * Backward completes the gradients of one span after the other: the head, each branch from the
 * last to the first, the embedding. A head that is the embedding belongs to the last span. This
 * is so for layers that share no weights. params_span() gives span i of params_spans().
 */
size_t params_spans(const struct params *p);
struct params_span params_span(const struct params *p, size_t i);

/** Floats at the front of a block whose gradients both the first span and the last one add to:
 * the embedding's, if it is the head, else 0. */
size_t params_held(const struct params *p);

/** Write first values into a block on the device; they are drawn from (seed, RNG_INIT). */
void params_init(const struct params *p, struct nn *nn, float *block, uint64_t seed);

/** List the tensors of a block that lies in the host's memory, each name with `prefix` in
 * front; `to` has room for p->present. host NULL: names and shapes alone. */
void params_tensors(const struct params *p, struct tensor *to, const char *prefix, float *host);

#endif
