#include "reformer/params.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { ALIGN_FLOATS = 16 };

struct row {
    const char *name, *shape; /* a letter a side */
    char init;
};

static const struct row whole[PARAM_LAYERS] = {
    [PARAM_TOKEN] = {"token.weight", "VE", 'e'},
    [PARAM_AXIAL0] = {"pos.axial0.weight", "AE", 'e'},
    [PARAM_AXIAL1] = {"pos.axial1.weight", "CE", 'e'},
    [PARAM_HEAD] = {"head.weight", "VE", 'w'},
    [PARAM_HEAD_BIAS] = {"head.bias", "V", '0'},
    [PARAM_NORM] = {"norm.weight", "E", '1'},
    [PARAM_NORM_BIAS] = {"norm.bias", "E", '0'},
};
static const struct row layer[LAYER_PARAMS] = {
    [LAYER_ATTN_NORM] = {"attn.norm.weight", "E", '1'},
    [LAYER_ATTN_NORM_BIAS] = {"attn.norm.bias", "E", '0'},
    [LAYER_QK] = {"attn.qk.weight", "EE", 'w'},
    [LAYER_V] = {"attn.v.weight", "EE", 'w'},
    [LAYER_ATTN_OUT] = {"attn.out.weight", "EE", 'o'},
    [LAYER_ATTN_OUT_BIAS] = {"attn.out.bias", "E", '0'},
    [LAYER_FF_NORM] = {"ff.norm.weight", "E", '1'},
    [LAYER_FF_NORM_BIAS] = {"ff.norm.bias", "E", '0'},
    [LAYER_FF_IN] = {"ff.in.weight", "ME", 'w'},
    [LAYER_FF_IN_BIAS] = {"ff.in.bias", "M", '0'},
    [LAYER_FF_OUT] = {"ff.out.weight", "EM", 'o'},
    [LAYER_FF_OUT_BIAS] = {"ff.out.bias", "E", '0'},
};

struct sides {
    size_t V, E, M, A, C;
};

static size_t side_of(const struct sides *s, char letter)
{
    switch (letter) {
    case 'V': return s->V;
    case 'E': return s->E;
    case 'M': return s->M;
    case 'A': return s->A;
    default: return s->C;
    }
}

/* Append one parameter; false where the block would be too large to count. */
static bool add(struct params *all, struct param *p, const struct row *row,
                const struct sides *s)
{
    size_t padded;

    p->init = row->init;
    p->count = 1;
    for (p->dims = 0; row->shape[p->dims]; p->dims++) {
        p->shape[p->dims] = side_of(s, row->shape[p->dims]);
        if (__builtin_mul_overflow(p->count, p->shape[p->dims], &p->count))
            return false;
    }
    p->decay = p->dims == 2;
    p->offset = all->floats;
    if (__builtin_add_overflow(p->count, ALIGN_FLOATS - 1, &padded))
        return false;
    padded -= padded % ALIGN_FLOATS;
    all->total += p->count;
    all->present++;
    return !__builtin_add_overflow(all->floats, padded, &all->floats) &&
           all->floats <= SIZE_MAX / 64; /* several blocks of floats can be counted in bytes */
}

int params_new(struct params *all, const struct model_cfg *cfg, size_t max_len,
               size_t vocab_size)
{
    size_t C = cfg->chunk, depth = cfg->depth;
    struct sides s = {vocab_size, cfg->dim, cfg->dim * cfg->ff_mult, (max_len + C - 1) / C, C};
    bool fits = true;

    *all = (struct params){.n = param_of(depth, 0), .axial0 = s.A, .axial1 = s.C};
    if (!(all->p = calloc(all->n, sizeof *all->p)))
        return RF_ENOMEM;
    for (size_t i = 0; i < PARAM_LAYERS; i++) {
        snprintf(all->p[i].name, TENSOR_NAME_MAX, "%s", whole[i].name);
        if (cfg->final_norm || (i != PARAM_NORM && i != PARAM_NORM_BIAS))
            fits = fits && add(all, &all->p[i], &whole[i], &s);
    }
    for (size_t k = 0; k < depth; k++) {
        for (size_t i = 0; i < LAYER_PARAMS; i++) {
            struct param *p = &all->p[param_of(k, i)];

            snprintf(p->name, TENSOR_NAME_MAX, "layer.%zu.%s", k, layer[i].name);
            fits = fits && add(all, p, &layer[i], &s);
        }
    }
    if (!fits)
        params_free(all);
    return fits ? RF_OK : RF_ENOMEM;
}

void params_free(struct params *all)
{
    free(all->p);
    *all = (struct params){0};
}

/* The deviation of a parameter's first values. A matrix keeps the size of what goes through it
 * (variance 1 / inputs); what ends in a stream is smaller, so that the sum of all layers'
 * outputs has the size of one (Radford et al. 2019); embeddings are small beside that, so that
 * the layers matter from the first step on. */
static float deviation(const struct params *all, const struct param *p)
{
    size_t branches = 2 * (all->n - PARAM_LAYERS) / LAYER_PARAMS;

    switch (p->init) {
    case 'e': return 0.2F;
    case 'o': return 1 / sqrtf((float)(p->shape[1] * branches));
    default: return 1 / sqrtf((float)p->shape[1]);
    }
}

void params_init(const struct params *all, struct nn *nn, float *block, uint64_t seed)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct param *p = &all->p[i];
        struct rng r = rng_stream(seed, 0, (uint32_t)i, RNG_INIT);
        float *at = block + p->offset;

        if (p->dims == 2)
            nn->ops->fill_normal(nn, at, deviation(all, p), r, p->count);
        else
            nn->ops->fill(nn, at, p->init == '1' ? 1 : 0, p->count);
    }
}

void params_tensors(const struct params *all, struct tensor *to, const char *prefix,
                    float *host)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct param *p = &all->p[i];

        if (!p->count)
            continue;
        *to = (struct tensor){.dims = p->dims, .data = host + p->offset};
        snprintf(to->name, TENSOR_NAME_MAX, "%s%s", prefix, p->name);
        for (size_t d = 0; d < p->dims; d++)
            to->shape[d] = p->shape[d];
        to++;
    }
}
