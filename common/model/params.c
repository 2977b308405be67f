#include "model/params.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGN_FLOATS = 16 };

/*
 * What is fixed about a parameter. `shape` has a letter for each side, and `fan` is that of the
 * layer's inputs: side_of() reads them. `init` has two letters, the first for our own models,
 * the second for those of reformer-pytorch:
 *
 *     0 zeros    1 ones    u uniform between -+ 1 / sqrt(fan), as torch's Linear
 *     n normal of deviation 1; e, w, o normal of deviation(): embedding, weight, weight that
 *       ends in a stream
 */
struct row {
    const char *name, *shape;
    char fan;
    const char *init;
};

static const struct row whole[PARAM_OUTPUT] = {
    [PARAM_TOKEN] = {"token.weight", "VB", 'B', "en"},
    [PARAM_AXIAL0] = {"pos.axial0.weight", "AB", 'B', "en"},
    [PARAM_AXIAL1] = {"pos.axial1.weight", "CB", 'B', "en"},
    [PARAM_POSITION] = {"pos.weight", "TB", 'B', "en"},
    [PARAM_EMBED] = {"embed.weight", "EB", 'B', "wu"},
    [PARAM_EMBED_BIAS] = {"embed.bias", "E", 'B', "0u"},
    [PARAM_NORM] = {"norm.weight", "E", 'E', "11"},
    [PARAM_NORM_BIAS] = {"norm.bias", "E", 'E', "00"},
    [PARAM_HEAD_IN] = {"head.in.weight", "BE", 'E', "wu"},
    [PARAM_HEAD_IN_BIAS] = {"head.in.bias", "B", 'E', "0u"},
    [PARAM_HEAD] = {"head.weight", "VB", 'B', "wu"},
    [PARAM_HEAD_BIAS] = {"head.bias", "V", 'B', "0u"},
};
static const struct row branch_rows[BRANCH_PARAMS] = {
    [BRANCH_NORM] = {"norm.weight", "N", 'E', "11"},
    [BRANCH_NORM_BIAS] = {"norm.bias", "E", 'E', "00"},
    [BRANCH_GATE] = {"gate", "1", 'E', "00"},
    [ATTN_QK] = {"qk.weight", "QE", 'E', "wu"},
    [ATTN_V] = {"v.weight", "WE", 'E', "wu"},
    [ATTN_OUT] = {"out.weight", "EQ", 'Q', "ou"},
    [ATTN_OUT_BIAS] = {"out.bias", "E", 'Q', "0u"},
    [ATTN_MEM] = {"mem", "mE", 'E', "nn"},
    [FF_IN] = {"in.weight", "UE", 'E', "wu"},
    [FF_IN_BIAS] = {"in.bias", "U", 'E', "0u"},
    [FF_OUT] = {"out.weight", "EM", 'M', "ou"},
    [FF_OUT_BIAS] = {"out.bias", "E", 'M', "0u"},
    [PKM_QUERY] = {"query.weight", "RE", 'E', "wu"},
    [PKM_NORM] = {"query.norm.weight", "k", 'E', "11"},
    [PKM_NORM_BIAS] = {"query.norm.bias", "k", 'E', "00"},
    [PKM_KEYS] = {"keys", "Kk", 'k', "ww"},
    [PKM_VALUES] = {"values", "SE", 'E', "ww"},
};

static size_t side_of(const struct model_cfg *c, const struct model_shape *s, char letter)
{
    switch (letter) {
    case '1': return 1;
    case 'A': return s->axial0;
    case 'B': return s->emb;
    case 'C': return s->axial1;
    case 'K': return 2 * c->pkm_heads * c->pkm_keys;
    case 'M': return s->ff;
    case 'N': return c->norm == NORM_SCALE ? 1 : s->dim;
    case 'Q': return s->QK;
    case 'R': return 2 * c->pkm_heads * c->pkm_dim;
    case 'S': return c->pkm_keys * c->pkm_keys;
    case 'T': return s->max_len;
    case 'U': return s->ff_in;
    case 'V': return s->vocab;
    case 'W': return s->VD;
    case 'k': return c->pkm_dim;
    case 'm': return c->mem_kv;
    default: return s->dim;
    }
}

enum branch_kind params_branch(const struct model_cfg *cfg, const struct model_shape *s,
                               size_t b)
{
    if (b % 2 == 0)
        return BRANCH_ATTN;
    return s->pkm[b / 2] ? BRANCH_PKM : cfg->twin ? BRANCH_ATTN : BRANCH_FF;
}

/* --- what a model has */

static bool has_whole(const struct model_cfg *c, const struct model_shape *s, size_t i)
{
    switch (i) {
    case PARAM_AXIAL0:
    case PARAM_AXIAL1: return s->position == POSITION_AXIAL;
    case PARAM_POSITION: return s->position == POSITION_ABSOLUTE;
    case PARAM_EMBED:
    case PARAM_EMBED_BIAS: return s->emb != s->dim;
    case PARAM_HEAD_IN:
    case PARAM_HEAD_IN_BIAS: return s->emb != s->dim && !c->headless;
    case PARAM_NORM:
    case PARAM_NORM_BIAS: return s->final_norm;
    case PARAM_HEAD:
    case PARAM_HEAD_BIAS: return !c->tied_embedding && !c->headless;
    default: return true;
    }
}

static bool has_branch(const struct model_cfg *c, const struct model_shape *s, size_t b,
                       size_t i)
{
    enum branch_kind kind = params_branch(c, s, b);

    switch (i) {
    case BRANCH_NORM: return c->norm != NORM_REZERO;
    case BRANCH_NORM_BIAS: return c->norm == NORM_LAYER;
    case BRANCH_GATE: return c->norm == NORM_REZERO;
    case ATTN_MEM: return kind == BRANCH_ATTN && c->mem_kv && s->local[b / 2] < s->heads;
    default:
        return kind == BRANCH_ATTN ? i <= ATTN_MEM
               : kind == BRANCH_FF ? i >= FF_IN && i <= FF_OUT_BIAS
                                   : i >= PKM_QUERY;
    }
}

/* The first branch of b's kind that has parameter i, which a tied model uses for all of them.
 */
static size_t owner_of(const struct model_cfg *c, const struct model_shape *s, size_t b,
                       size_t i)
{
    for (size_t k = 0; c->tied_layers && i > BRANCH_GATE && k < b; k++)
        if (params_branch(c, s, k) == params_branch(c, s, b) && has_branch(c, s, k, i))
            return k;
    return b;
}

/* --- the table */

/* Give a parameter whose shape is known its place in a block; a gap behind it keeps the next
 * one aligned. False where the block would be too large to count. */
static bool place_param(struct params *all, struct param *p, bool gap)
{
    p->count = 1;
    for (size_t d = 0; d < p->dims; d++)
        if (__builtin_mul_overflow(p->count, p->shape[d], &p->count))
            return false;
    p->decay = p->dims == 2;
    p->offset = all->floats;
    if (__builtin_add_overflow(all->floats, p->count, &all->floats) ||
        all->floats > SIZE_MAX / 64) /* several blocks of floats can be counted in bytes */
        return false;
    if (gap)
        all->floats = (all->floats + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
    all->total += p->count;
    all->present++;
    return true;
}

/* Let a parameter begin with a deviation that the configuration gives, if it does. */
static void set_std(struct param *p, double std)
{
    if (std <= 0)
        return;
    p->init = 'd';
    p->std = (float)std;
}

static bool add_param(struct params *all, struct param *p, const struct row *row,
                      const struct model_cfg *c, const struct model_shape *s)
{
    p->init = row->init[s->compat];
    if (row == &branch_rows[BRANCH_NORM] && c->norm == NORM_SCALE && !s->compat)
        p->init = 's';
    if (row == &whole[PARAM_TOKEN])
        set_std(p, c->emb_std);
    if (row == &whole[PARAM_HEAD])
        set_std(p, c->head_std);
    if (row == &whole[PARAM_HEAD] && c->head_zero)
        p->init = '0';
    p->fan = side_of(c, s, row->fan);
    for (p->dims = 0; row->shape[p->dims]; p->dims++)
        p->shape[p->dims] = side_of(c, s, row->shape[p->dims]);
    return place_param(all, p, row != &branch_rows[ATTN_QK]); /* ATTN_V follows it at once */
}

static size_t output_side(size_t side, const struct model_cfg *c, const struct model_shape *s)
{
    return side == (size_t)MODEL_DIM       ? s->dim
           : side == (size_t)MODEL_DIM_4   ? 4 * s->dim
           : side == (size_t)MODEL_CLASSES ? c->classes
                                           : side;
}

/* Add an output of the task's own. */
static bool add_output(struct params *all, struct param *p, const struct model_output *o,
                       const struct model_cfg *c, const struct model_shape *s)
{
    p->init = o->init;
    p->dims = o->cols ? 2 : 1;
    p->shape[0] = output_side(o->rows, c, s);
    p->shape[1] = output_side(o->cols, c, s);
    p->fan = o->cols ? p->shape[1] : s->dim;
    snprintf(p->name, TENSOR_NAME_MAX, "%s", o->name);
    return place_param(all, p, true);
}

/* Matrices of a branch that are products' operands; the others are looked up or scored by. */
static bool is_inner(size_t i)
{
    return i == ATTN_QK || i == ATTN_V || i == ATTN_OUT || i == FF_IN || i == FF_OUT ||
           i == PKM_QUERY;
}

static bool add_branch(struct params *all, size_t b, const struct model_cfg *c,
                       const struct model_shape *s)
{
    static const char *const names[] = {
        [BRANCH_ATTN] = "attn", [BRANCH_FF] = "ff", [BRANCH_PKM] = "pkm"};
    enum branch_kind kind = params_branch(c, s, b);

    for (size_t i = 0; i < BRANCH_PARAMS; i++) {
        struct param *p = &all->p[param_of(b, i)];
        size_t first = owner_of(c, s, b, i);

        snprintf(p->name, TENSOR_NAME_MAX, "layer.%zu.%s.%s", b / 2,
                 b % 2 && kind == BRANCH_ATTN ? "twin" : names[kind], branch_rows[i].name);
        if (!has_branch(c, s, b, i))
            continue;
        p->inner = is_inner(i);
        if (first < b) {
            const struct param *of = &all->p[param_of(first, i)];

            p->dims = of->dims;
            p->offset = of->offset;
            memcpy(p->shape, of->shape, sizeof p->shape);
        } else if (!add_param(all, p, &branch_rows[i], c, s)) {
            return false;
        }
    }
    return true;
}

static int one_model(struct params *all, const struct model_cfg *c, size_t max_len,
                     size_t vocab_size, struct errbuf *eb)
{
    const struct model_shape *s = &all->shape;
    bool fits = true;

    *all = (struct params){.branches = 2 * c->depth};
    if (model_cfg_shape(&all->shape, c, max_len, vocab_size, eb) != RF_OK)
        return RF_EINVAL;
    all->n = all->own = param_of(all->branches, 0);
    if (!(all->p = calloc(all->n, sizeof *all->p)))
        return err_nomem(eb);
    for (size_t i = 0; i < PARAM_OUTPUT; i++) {
        snprintf(all->p[i].name, TENSOR_NAME_MAX, "%s", whole[i].name);
        if (has_whole(c, s, i))
            fits = fits && add_param(all, &all->p[i], &whole[i], c, s);
    }
    assert(c->n_outputs <= MODEL_OUTPUTS_MAX);
    for (size_t i = 0; i < c->n_outputs; i++)
        fits = fits && add_output(all, &all->p[PARAM_OUTPUT + i], &c->outputs[i], c, s);
    for (size_t b = 0; b < all->branches; b++)
        fits = fits && add_branch(all, b, c, s);
    if (fits)
        return RF_OK;
    params_free(all);
    return err_set(eb, RF_ENOMEM, "the parameters are too many to count");
}

/* The span of parameters first to end - 1; it is empty where the model has none of them. */
static struct params_span span(const struct params *all, size_t first, size_t end)
{
    struct params_span s = {.first = first, .n = end - first};

    for (size_t i = end; i-- > first;) {
        const struct param *p = &all->p[i];

        if (!p->count)
            continue;
        if (!s.floats)
            s.floats = p->offset + (p->count + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
        s.offset = p->offset;
    }
    s.floats -= s.offset;
    return s;
}

/* Parameter i of a generator, whose block would begin at `base` of the whole one: the front of
 * that is what it shares. */
static void add_of_generator(struct params *all, const struct params *g, size_t i, size_t base)
{
    struct param *p = &all->p[all->own + i];

    *p = g->p[i];
    snprintf(p->name, TENSOR_NAME_MAX, "generator.%.*s", TENSOR_NAME_MAX - 16, g->p[i].name);
    if (!p->dims)
        return;
    p->offset += base;
    if (i < PARAM_EMBED) {
        p->offset += g->floats; /* behind the whole block */
        p->count = 0;
    } else if (p->count) {
        all->total += p->count;
        all->present++;
    }
}

/* Append the generator's table and the rest of its block. */
static int add_generator(struct params *all, const struct model_cfg *c, size_t max_len,
                         size_t vocab_size, struct errbuf *eb)
{
    struct errbuf why = {0};
    struct model_cfg cfg;
    struct params g;
    struct param *p;
    int rc;

    model_cfg_generator(&cfg, c);
    if ((rc = one_model(&g, &cfg, max_len, vocab_size, &why)) != RF_OK)
        return err_set(eb, rc, "generator: %s", why.text);
    if ((p = realloc(all->p, (all->n + g.n) * sizeof *p))) {
        all->p = p;
        all->n += g.n;
        all->generator = g.shape;
        all->shared = span(&g, 0, PARAM_EMBED).floats;
        for (size_t i = 0; i < g.n; i++)
            add_of_generator(all, &g, i, all->floats - all->shared);
        all->floats += g.floats - all->shared;
    }
    params_free(&g);
    return p ? RF_OK : err_nomem(eb);
}

int params_new(struct params *all, const struct model_cfg *c, size_t max_len, size_t vocab_size,
               struct errbuf *eb)
{
    int rc = one_model(all, c, max_len, vocab_size, eb);

    if (rc == RF_OK && c->has_generator &&
        (rc = add_generator(all, c, max_len, vocab_size, eb)) != RF_OK)
        params_free(all);
    return rc;
}

struct params params_generator(const struct params *all)
{
    return (struct params){.p = all->p + all->own,
                           .n = all->n - all->own,
                           .own = all->n - all->own,
                           .floats = all->floats,
                           .branches = 2 * all->generator.depth,
                           .shape = all->generator};
}

void params_free(struct params *all)
{
    free(all->p);
    *all = (struct params){0};
}

/* --- spans */

struct params_span params_all(const struct params *all)
{
    return span(all, 0, all->n);
}

struct params_span params_of_generator(const struct params *all)
{
    return span(all, all->own, all->n);
}

size_t params_spans(const struct params *all)
{
    return all->branches + 2;
}

struct params_span params_span(const struct params *all, size_t i)
{
    size_t head = all->p[PARAM_HEAD].count ? PARAM_NORM : PARAM_BRANCHES;

    if (i == 0)
        return span(all, head, PARAM_BRANCHES);
    if (i > all->branches)
        return span(all, 0, head);
    return span(all, param_of(all->branches - i, 0), param_of(all->branches - i + 1, 0));
}

size_t params_held(const struct params *all)
{
    return all->p[PARAM_HEAD].count ? 0 : params_span(all, params_spans(all) - 1).floats;
}

/* --- first values */

/* The deviation of a parameter's first values. A matrix keeps the size of what goes through it
 * (variance 1 / inputs); what ends in a stream is smaller, so that the sum of all layers'
 * outputs has the size of one (Radford et al. 2019); embeddings are small beside that, so that
 * the layers matter from the first step on. */
static float deviation(const struct params *all, const struct param *p)
{
    switch (p->init) {
    case 'd': return p->std;
    case 'e': return 0.2F;
    case 'n': return 1;
    case 'o': return 1 / sqrtf((float)(p->fan * all->branches));
    default: return 1 / sqrtf((float)p->fan);
    }
}

/* The number of the random stream that draws parameter i. Outputs come behind all others, so
 * that a task's outputs do not change the first values of the rest. */
static uint32_t stream_of(const struct params *all, size_t i)
{
    if (i < PARAM_OUTPUT)
        return (uint32_t)i;
    return (uint32_t)(i < PARAM_BRANCHES ? all->own + i : i - MODEL_OUTPUTS_MAX);
}

void params_init(const struct params *all, struct nn *nn, float *block, uint64_t seed)
{
    struct params generator = params_generator(all);

    if (generator.n)
        params_init(&generator, nn, block, rng_apart(seed, RNG_GENERATOR));
    for (size_t i = 0; i < all->own; i++) {
        const struct param *p = &all->p[i];
        struct rng r = rng_stream(seed, 0, stream_of(all, i), RNG_INIT);
        float *at = block + p->offset;

        if (!p->count)
            continue;
        if (p->init == '0' || p->init == '1')
            nn->ops->fill(nn, at, p->init == '1' ? 1 : 0, p->count);
        else if (p->init == 's')
            nn->ops->fill(nn, at, sqrtf((float)p->fan), p->count);
        else if (p->init == 'u') /* as torch's Linear has it, biases too */
            nn->ops->fill_uniform(nn, at, 1 / sqrtf((float)p->fan), r, p->count);
        else
            nn->ops->fill_normal(nn, at, deviation(all, p), r, p->count);
    }
}

void params_tensors(const struct params *all, struct tensor *to, const char *prefix,
                    float *host)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct param *p = &all->p[i];

        if (!p->count)
            continue;
        *to = (struct tensor){.dims = p->dims, .data = host ? host + p->offset : NULL};
        snprintf(to->name, TENSOR_NAME_MAX, "%s%s", prefix, p->name);
        for (size_t d = 0; d < p->dims; d++)
            to->shape[d] = p->shape[d];
        to++;
    }
}
