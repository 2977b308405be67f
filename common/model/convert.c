#include "model/convert.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/layers.h"

static const char *const whole_names[PARAM_BRANCHES] = {
    [PARAM_TOKEN] = "token_emb.weight",    [PARAM_AXIAL0] = "pos_emb.weights.0",
    [PARAM_AXIAL1] = "pos_emb.weights.1",  [PARAM_POSITION] = "pos_emb.emb.weight",
    [PARAM_EMBED] = "to_model_dim.weight", [PARAM_EMBED_BIAS] = "to_model_dim.bias",
    [PARAM_NORM] = "norm.weight",          [PARAM_NORM_BIAS] = "norm.bias",
    [PARAM_HEAD_IN] = "out.0.weight",      [PARAM_HEAD_IN_BIAS] = "out.0.bias",
    [PARAM_HEAD] = "out.1.weight",         [PARAM_HEAD_BIAS] = "out.1.bias",
};
static const char *const branch_names[BRANCH_PARAMS] = {
    [BRANCH_NORM] = "norm.weight",
    [BRANCH_NORM_BIAS] = "norm.bias",
    [BRANCH_GATE] = "g",
    [ATTN_QK] = "fn.toqk.weight",
    [ATTN_V] = "fn.tov.weight",
    [ATTN_OUT] = "fn.to_out.weight",
    [ATTN_OUT_BIAS] = "fn.to_out.bias",
    [ATTN_MEM] = "fn.mem_kv",
    [FF_IN] = "fn.fn.w1.weight",
    [FF_IN_BIAS] = "fn.fn.w1.bias",
    [FF_OUT] = "fn.fn.w2.weight",
    [FF_OUT_BIAS] = "fn.fn.w2.bias",
    [PKM_QUERY] = "fn.to_queries.weight",
    [PKM_NORM] = "fn.norm.weight",
    [PKM_NORM_BIAS] = "fn.norm.bias",
    [PKM_KEYS] = "fn.keys",
    [PKM_VALUES] = "fn.values.weight",
};
static const char SCALE[] = "norm.g"; /* BRANCH_NORM of scale norm */

/* Write the name of a branch's tensor among blocks (form 0) or irrev_blocks (form 1). */
static void block_name(char *to, size_t form, size_t branch, const char *name)
{
    const char *side = branch % 2 ? "g" : "f";

    snprintf(to, TENSOR_NAME_MAX, "reformer.layers.%s.%zu.%s.%s%s",
             form ? "irrev_blocks" : "blocks", branch / 2 % MODEL_DEPTH_MAX, side,
             form ? "" : "net.", name);
}

static const char *branch_name(const struct params *p, size_t i)
{
    size_t which = (i - PARAM_BRANCHES) % BRANCH_PARAMS;

    return which == BRANCH_NORM && !p->p[i + 1].count ? SCALE : branch_names[which];
}

/* Write form number `form` of parameter i's name; false: it has no such form. 1.1.3 says
 * weights_0 where 1.4.4 says weights.0. */
static bool name_of(char *to, const struct params *p, size_t i, size_t form)
{
    if (i >= PARAM_BRANCHES) {
        if (form < 2)
            block_name(to, form, (i - PARAM_BRANCHES) / BRANCH_PARAMS, branch_name(p, i));
        return form < 2;
    }
    snprintf(to, TENSOR_NAME_MAX, "%s", whole_names[i]);
    if (form == 1 && (i == PARAM_AXIAL0 || i == PARAM_AXIAL1))
        to[strlen(to) - 2] = '_';
    return form == 0 || (form == 1 && (i == PARAM_AXIAL0 || i == PARAM_AXIAL1));
}

/* --- what shapes say */

static const struct st_view *find_tensor(const struct st_file *f, size_t branch,
                                         const char *name)
{
    const struct st_view *v = NULL;

    for (size_t form = 0; !v && form < 2; form++) {
        char full[TENSOR_NAME_MAX];

        block_name(full, form, branch, name);
        v = st_find(f, full);
    }
    return v;
}

/* Whether the file has the norm, or the gate, of layer k's attention. */
static bool has_layer(const struct st_file *f, size_t k)
{
    return find_tensor(f, 2 * k, branch_names[BRANCH_NORM]) || find_tensor(f, 2 * k, SCALE) ||
           find_tensor(f, 2 * k, branch_names[BRANCH_GATE]);
}

static size_t side(const struct st_view *v, size_t i)
{
    return v && i < v->dims ? v->shape[i] : 0;
}

/* Whether all attentions, those of twins too, share their weights: torch saves these under the
 * name of every layer, and safetensors.torch.save_model() under one alone. */
static bool has_one_attention(const struct model_cfg *c, const struct st_file *f)
{
    const struct st_view *first = find_tensor(f, 0, branch_names[ATTN_QK]);
    size_t step = c->twin ? 1 : 2, end = 2 * c->depth;

    for (size_t b = step; b < end; b += step) {
        const struct st_view *v = find_tensor(f, b, branch_names[ATTN_QK]);

        if (v && (v->bytes != first->bytes || memcmp(v->data, first->data, v->bytes) != 0))
            return false;
    }
    return step < end;
}

static void see_attention(struct model_cfg *c, struct convert_shapes *s,
                          const struct st_file *f)
{
    const struct st_view *freq = st_find(f, "layer_pos_emb.inv_freq");
    size_t values = side(find_tensor(f, 0, branch_names[ATTN_V]), 0);

    s->queries = side(find_tensor(f, 0, branch_names[ATTN_QK]), 0);
    c->dim = side(find_tensor(f, 0, branch_names[ATTN_QK]), 1);
    c->one_value_head = values != s->queries;
    c->dim_head = c->one_value_head ? values : freq ? 2 * side(freq, 0) : 0;
    c->heads = c->dim_head ? s->queries / c->dim_head : 0;
    c->mem_kv = side(find_tensor(f, 0, branch_names[ATTN_MEM]), 1);
    c->twin = find_tensor(f, 1, branch_names[ATTN_QK]) != NULL;
    c->tied_layers = has_one_attention(c, f);
    c->norm = find_tensor(f, 0, branch_names[BRANCH_GATE]) ? NORM_REZERO
              : find_tensor(f, 0, SCALE)                   ? NORM_SCALE
                                                           : NORM_LAYER;
}

static void see_second(struct model_cfg *c, struct convert_shapes *s, const struct st_file *f)
{
    size_t at = 0;

    s->pkm[0] = 0;
    for (size_t k = 0; k < c->depth; k++) {
        const struct st_view *keys = find_tensor(f, 2 * k + 1, branch_names[PKM_KEYS]);
        const struct st_view *in = find_tensor(f, 2 * k + 1, branch_names[FF_IN]);
        const struct st_view *out = find_tensor(f, 2 * k + 1, branch_names[FF_OUT]);

        if (keys) {
            at += (size_t)snprintf(s->pkm + at, sizeof s->pkm - at, "%s%zu", at ? "," : "",
                                   k + 1);
            c->pkm_heads = side(keys, 0);
            c->pkm_keys = side(keys, 1);
            c->pkm_dim = side(keys, 3);
        }
        if (in && out && side(out, 0)) {
            c->ff_mult = side(out, 1) / side(out, 0);
            c->ff_glu = side(in, 0) == 2 * side(out, 1);
        }
    }
    c->pkm_layers = s->pkm;
}

static void see_positions(struct model_cfg *c, struct convert_shapes *s,
                          const struct st_file *f)
{
    const struct st_view *a0 = st_find(f, "pos_emb.weights.0"), *a1, *all;

    a0 = a0 ? a0 : st_find(f, "pos_emb.weights_0");
    a1 = st_find(f, "pos_emb.weights.1");
    a1 = a1 ? a1 : st_find(f, "pos_emb.weights_1");
    all = st_find(f, "pos_emb.emb.weight");
    s->axial[0] = 0;
    c->max_len = 0;
    c->position = POSITION_ROTARY;
    if (a0 && a1) {
        c->position = POSITION_AXIAL;
        c->chunk = side(a1, 2);
        c->max_len = side(a0, 1) * side(a1, 2);
        snprintf(s->axial, sizeof s->axial, "%zux%zu", side(a0, 1), side(a1, 2));
    } else if (all) {
        c->position = POSITION_ABSOLUTE;
        c->max_len = side(all, 0);
    } else if (st_find(f, "pos_emb.inv_freq")) {
        c->position = POSITION_FIXED;
    }
    c->axial_shape = s->axial;
}

int convert_shapes(struct model_cfg *c, struct convert_shapes *s, const struct st_file *f,
                   const char *path, struct errbuf *eb)
{
    const struct st_view *token = st_find(f, whole_names[PARAM_TOKEN]);

    if (!token || token->dims != 2 || !find_tensor(f, 0, branch_names[ATTN_QK]))
        return err_set(eb, RF_EFORMAT, "'%s' holds no ReformerLM of reformer-pytorch", path);
    for (c->depth = 0; c->depth < MODEL_DEPTH_MAX && has_layer(f, c->depth);)
        c->depth++;
    c->compat = st_find(f, "norm.weight") ? COMPAT_1_4_4 : COMPAT_1_1_3;
    s->vocab_size = token->shape[0];
    see_attention(c, s, f);
    see_second(c, s, f);
    see_positions(c, s, f);
    c->emb_dim = token->shape[1] == c->dim ? 0 : token->shape[1];
    c->tied_embedding = !st_find(f, whole_names[PARAM_HEAD]);
    return RF_OK;
}

/* --- reading */

/* Find the tensor of parameter i, under its own name or that of another layer that shares it,
 * and mark all tensors of these names as used. */
static const struct st_view *look_for(const struct params *p, size_t i, const struct st_file *f,
                                      bool *used)
{
    const struct st_view *found = NULL;
    size_t step = i < PARAM_BRANCHES ? p->n : BRANCH_PARAMS;

    for (size_t j = i; j < p->n; j += step)
        for (size_t form = 0; p->p[j].dims && p->p[j].offset == p->p[i].offset; form++) {
            char name[TENSOR_NAME_MAX];
            const struct st_view *v;

            if (!name_of(name, p, j, form))
                break;
            if (!(v = st_find(f, name)))
                continue;
            used[v - st_at(f, 0)] = true;
            found = found ? found : v;
        }
    return found;
}

static int copy_tensor(const struct param *p, float *to, const struct st_view *v,
                       const char *path, struct errbuf *eb)
{
    const float *from = v->data;

    if (v->type != ST_F32 || v->bytes != p->count * sizeof *to)
        return err_set(eb, RF_EFORMAT, "'%s': %s is not %zu numbers of type F32", path, v->name,
                       p->count);
    if (v->dims && p->dims == 2 && v->shape[v->dims - 1] != p->shape[1])
        return err_set(eb, RF_EFORMAT, "'%s': rows of %s are %zu long, not %zu", path, v->name,
                       v->shape[v->dims - 1], p->shape[1]);
    for (size_t i = 0; i < p->count; i++) {
        if (!isfinite(from[i]))
            return err_set(eb, RF_ENAN, "'%s': %s holds what is no number", path, v->name);
        to[i] = from[i];
    }
    return RF_OK;
}

/* Whether no parameter needs this tensor: tables of frequencies, and the embedding as a tied
 * head has it. */
static bool may_be_left(const char *name)
{
    return strcmp(name, "layer_pos_emb.inv_freq") == 0 ||
           strcmp(name, "pos_emb.inv_freq") == 0 || strcmp(name, "out.1.tensor") == 0;
}

int convert_read(const struct params *p, float *block, const struct st_file *f,
                 const char *path, struct errbuf *eb)
{
    bool *used = calloc(st_count(f) + 1, sizeof *used);
    int rc = used ? RF_OK : err_nomem(eb);

    for (size_t i = 0; rc == RF_OK && i < p->n; i++) {
        const struct st_view *v;

        if (!p->p[i].count)
            continue;
        v = look_for(p, i, f, used);
        rc = v ? copy_tensor(&p->p[i], block + p->p[i].offset, v, path, eb)
               : err_set(eb, RF_EFORMAT, "'%s' has nothing for %s", path, p->p[i].name);
    }
    for (size_t i = 0; rc == RF_OK && i < st_count(f); i++)
        if (!used[i] && !may_be_left(st_at(f, i)->name))
            rc = err_set(eb, RF_EFORMAT, "'%s': the model has no place for %s", path,
                         st_at(f, i)->name);
    free(used);
    return rc;
}

/* --- writing */

/* Whether our model gives positions to queries that are not hashed: reformer-pytorch never
 * does. */
static bool turns_more(const struct params *p, const struct model_cfg *c)
{
    return p->shape.position == POSITION_ROTARY && !p->shape.compat &&
           (c->full_attn_thres || layers_kinds(c) != 1U << LAYER_LSH);
}

static int check_version(const struct params *p, const struct model_cfg *c,
                         enum model_compat to, struct errbuf *eb)
{
    const char *what = model_cfg_lacks(to, c, NULL);

    if (!what && to == COMPAT_1_4_4 && turns_more(p, c))
        what = "rotary positions in full or local attention";
    return what ? err_set(eb, RF_EINVAL, "%s has no %s", compat_names[to], what) : RF_OK;
}

/* The shape that reformer-pytorch gives parameter i. */
static void shape_of(struct tensor *t, const struct params *p, const struct model_cfg *c,
                     size_t i)
{
    const struct param *q = &p->p[i];
    size_t which = i < PARAM_BRANCHES ? SIZE_MAX : (i - PARAM_BRANCHES) % BRANCH_PARAMS;
    size_t rows = q->shape[0], width = q->shape[1];

    t->dims = q->dims;
    memcpy(t->shape, q->shape, sizeof q->shape);
    if (i == PARAM_AXIAL0 || i == PARAM_AXIAL1) {
        bool second = i == PARAM_AXIAL1;

        *t = (struct tensor){.dims = 4,
                             .shape = {1, second ? 1 : rows, second ? rows : 1, width}};
    } else if (which == ATTN_MEM) {
        *t = (struct tensor){.dims = 3, .shape = {1, rows, width}};
    } else if (which == PKM_KEYS) {
        *t = (struct tensor){.dims = 4, .shape = {c->pkm_heads, c->pkm_keys, 2, width}};
    }
}

/* The table of n frequencies that reformer-pytorch saves with fixed or rotary positions. */
static void add_frequencies(struct tensor *t, const char *name, float *room, size_t n)
{
    for (size_t i = 0; i < n; i++)
        room[i] = (float)(1 / pow(10000, (double)i / (double)n));
    *t = (struct tensor){.dims = 1, .shape = {n}, .data = room};
    snprintf(t->name, TENSOR_NAME_MAX, "%s", name);
}

static size_t add_parameters(struct tensor *t, const struct params *p,
                             const struct model_cfg *c, float *block, enum model_compat to)
{
    size_t n = 0;

    for (size_t i = 0; i < p->n; i++)
        for (size_t form = 0; p->p[i].dims && form < 2; form++) {
            char name[TENSOR_NAME_MAX];

            if (i < PARAM_BRANCHES && form)
                break;
            shape_of(&t[n], p, c, i);
            name_of(name, p, i,
                    to == COMPAT_1_1_3 && (i == PARAM_AXIAL0 || i == PARAM_AXIAL1) ? 1 : form);
            snprintf(t[n].name, TENSOR_NAME_MAX, "%s", name);
            t[n++].data = block + p->p[i].offset;
        }
    return n;
}

int convert_write(const struct params *p, const struct model_cfg *c, float *block,
                  enum model_compat to, const char *path, struct errbuf *eb)
{
    static const char *const metadata[] = {"format", "pt", NULL};
    const struct model_shape *s = &p->shape;
    struct tensor *t = calloc(2 * p->n + 2, sizeof *t);
    float *room = calloc(s->emb + s->D + 2, sizeof *room);
    int rc = t && room ? check_version(p, c, to, eb) : err_nomem(eb);
    size_t n;

    if (rc == RF_OK) {
        n = add_parameters(t, p, c, block, to);
        if (s->position == POSITION_ROTARY)
            add_frequencies(&t[n++], "layer_pos_emb.inv_freq", room, s->D / 2);
        if (s->position == POSITION_FIXED)
            add_frequencies(&t[n++], "pos_emb.inv_freq", room, s->emb / 2);
        if (c->tied_embedding) {
            shape_of(&t[n], p, c, PARAM_TOKEN);
            snprintf(t[n].name, TENSOR_NAME_MAX, "out.1.tensor");
            t[n++].data = block + p->p[PARAM_TOKEN].offset;
        }
        rc = st_write(path, t, n, metadata, NULL, eb);
    }
    free(t);
    free(room);
    return rc;
}
