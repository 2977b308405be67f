#include "model/model_cfg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/words.h"
#include "model/layers.h"
#include "nn/ops.h"

const char *const compat_names[] = {"none", "reformer-pytorch-1.1.3", "reformer-pytorch-1.4.4",
                                    NULL};
const char *const norm_names[] = {"layer", "scale", "rezero", NULL};
const char *const choice_names[] = {"auto", "true", "false", NULL};
const char *const layout_names[] = {"chunked", "aligned", NULL};
const char *const position_names[] = {"auto",   "axial", "absolute", "fixed",
                                      "rotary", "none",  NULL};
const char *const act_names[] = {"gelu", "relu", "relu2",   "silu", "leaky_relu",
                                 "elu",  "tanh", "sigmoid", NULL};

/* --- numbers that cannot be, and the nearest that can */

/* A number of the configuration and its limits: those of its row in rf_config_rows, but for the
 * 0 that stands for a default. */
struct number {
    const char *name;
    size_t at;
    uint64_t least, most;
};

enum {
    NONE = -1,
    DIM,
    DEPTH,
    HEADS,
    CHUNK,
    ROUNDS,
    FF_MULT,
    SIZES, /* those before it have no default */
    DIM_HEAD = SIZES,
    LOCAL_HEADS,
    EMB_DIM
};
#define NUMBER(name, least, most)                                                              \
    {                                                                                          \
        "model." #name, offsetof(struct model_cfg, name), least, most                          \
    }
static const struct number numbers[] = {[DIM] = NUMBER(dim, 1, MODEL_WIDTH_MAX),
                                        [DEPTH] = NUMBER(depth, 1, MODEL_DEPTH_MAX),
                                        [HEADS] = NUMBER(heads, 1, MODEL_HEADS_MAX),
                                        [CHUNK] = NUMBER(chunk, 1, MODEL_CHUNK_MAX),
                                        [ROUNDS] = NUMBER(rounds, 1, MODEL_ROUNDS_MAX),
                                        [FF_MULT] = NUMBER(ff_mult, 1, MODEL_FF_MULT_MAX),
                                        [DIM_HEAD] = NUMBER(dim_head, 1, MODEL_WIDTH_MAX),
                                        [LOCAL_HEADS] = NUMBER(local_heads, 0, MODEL_HEADS_MAX),
                                        [EMB_DIM] = NUMBER(emb_dim, 1, MODEL_WIDTH_MAX)};

static uint64_t *value_of(struct model_cfg *c, const struct number *n)
{
    return (uint64_t *)((char *)c + n->at);
}

static int check_widths(const struct model_cfg *c, struct errbuf *eb);

struct trial {
    struct model_cfg cfg;
    const struct number *number;
};

static bool gives_widths(uint64_t n, const void *of)
{
    const struct trial *t = of;
    struct model_cfg c = t->cfg;

    *value_of(&c, t->number) = n;
    return check_widths(&c, NULL) == RF_OK;
}

/* Append to the message ": say model.heads 2 or 4, or model.dim 30 or 33": the nearest values
 * of one number or another (NONE: there is no other) with which the widths can be. Returns
 * RF_EUSAGE. */
static int say_nearest(struct errbuf *eb, const struct model_cfg *c, int one, int other)
{
    const char *before = ": say ";

    for (int i = one; eb && i != NONE; i = i == one ? other : NONE) {
        struct trial t = {.cfg = *c, .number = &numbers[i]};
        char text[NEAREST_NUMBERS_BYTES];
        size_t at = strlen(eb->text);

        nearest_numbers(text, *value_of(&t.cfg, t.number), t.number->least, t.number->most,
                        gives_widths, &t);
        if (!*text)
            continue;
        snprintf(eb->text + at, sizeof eb->text - at, "%s%s %s", before, t.number->name, text);
        before = ", or ";
    }
    return RF_EUSAGE;
}

static int check_sizes(const struct model_cfg *c, struct errbuf *eb)
{
    struct model_cfg copy = *c;

    for (int i = 0; i < SIZES; i++) {
        const struct number *n = &numbers[i];
        uint64_t x = *value_of(&copy, n);

        if (x < n->least || x > n->most)
            return err_set(eb, RF_EUSAGE, "%s %llu: it must be %llu to %llu", n->name,
                           (unsigned long long)x, (unsigned long long)n->least,
                           (unsigned long long)n->most);
    }
    return RF_OK;
}

/* --- texts */

static bool is_set(const char *text)
{
    return text && *text;
}

/* Read a number at *text and move *text behind it; 0: there is none, or it is too large. */
static size_t read_number(const char **text)
{
    size_t n = 0;

    for (; **text >= '0' && **text <= '9'; ++*text) {
        n = n * 10 + (size_t)(**text - '0');
        if (n > 1 << 24)
            return 0;
    }
    return n;
}

/* Sides of the tables of axial positions if nothing is said: a row is a chunk. */
static void default_axial(struct model_shape *s, const struct model_cfg *c)
{
    s->axial0 = (c->max_len + c->chunk - 1) / c->chunk;
    s->axial1 = c->chunk;
}

/* Tables of x[0] columns with `side` rows have x[1] places. */
static bool has_places(uint64_t side, const void *of)
{
    const uint64_t *x = of;

    return side * x[0] >= x[1];
}

static int refuse_axial(const struct model_shape *s, const struct model_cfg *c,
                        struct errbuf *eb)
{
    const uint64_t of0[] = {s->axial1, c->max_len}, of1[] = {s->axial0, c->max_len};
    char rows[NEAREST_NUMBERS_BYTES], columns[NEAREST_NUMBERS_BYTES];

    nearest_numbers(rows, s->axial0, 1, MODEL_LEN_MAX, has_places, of0);
    nearest_numbers(columns, s->axial1, 1, MODEL_LEN_MAX, has_places, of1);
    return err_set(eb, RF_EUSAGE,
                   "model.axial_shape '%s' holds %zu positions, not %llu: say %zux%s or %sx%zu",
                   c->axial_shape, s->axial0 * s->axial1, (unsigned long long)c->max_len,
                   s->axial0, columns, rows, s->axial1);
}

static int read_axial(struct model_shape *s, const struct model_cfg *c, struct errbuf *eb)
{
    struct model_shape like = {.axial0 = 128, .axial1 = 40};
    const char *at = c->axial_shape;

    s->axial0 = read_number(&at);
    if (s->axial0 && *at == 'x') {
        at++;
        s->axial1 = read_number(&at);
    }
    if (s->axial0 && s->axial1 && !*at)
        return s->axial0 * s->axial1 < c->max_len ? refuse_axial(s, c, eb) : RF_OK;
    if (c->max_len)
        default_axial(&like, c);
    return err_set(eb, RF_EUSAGE, "model.axial_shape '%s' is not like %zux%zu", c->axial_shape,
                   like.axial0, like.axial1);
}

static int read_pkm(struct model_shape *s, const struct model_cfg *c, struct errbuf *eb)
{
    const char *at = c->pkm_layers ? c->pkm_layers : "";

    while (*at) {
        size_t k = read_number(&at);
        bool more = at[0] == ',' && at[1];

        if (!k || k > c->depth || (*at && !more))
            return err_set(eb, RF_EUSAGE,
                           "model.pkm_layers '%s' is not a list of layers from 1 to %llu",
                           c->pkm_layers, (unsigned long long)c->depth);
        if (s->pkm[k - 1])
            return err_set(eb, RF_EUSAGE, "model.pkm_layers '%s' names layer %zu twice",
                           c->pkm_layers, k);
        s->pkm[k - 1] = true;
        at += more;
    }
    return RF_OK;
}

static int position_of(const struct model_cfg *c)
{
    if (c->position != POSITION_AUTO)
        return c->position;
    return c->compat == COMPAT_1_4_4 ? POSITION_ROTARY : POSITION_AXIAL;
}

static size_t head_of(const struct model_cfg *c)
{
    if (c->dim_head)
        return c->dim_head;
    return c->compat == COMPAT_1_4_4 ? 64 : c->dim / c->heads;
}

static bool final_norm_of(const struct model_cfg *c)
{
    if (c->final_norm != CHOICE_AUTO)
        return c->final_norm == CHOICE_TRUE;
    return c->compat != COMPAT_1_1_3;
}

const char *model_cfg_lacks(enum model_compat version, const struct model_cfg *c,
                            const char **setting)
{
    bool old = version == COMPAT_1_1_3, newer = version == COMPAT_1_4_4;
    const struct {
        bool is;
        const char *setting, *what;
    } lacks[] = {
        {old && final_norm_of(c), "model.final_norm true", "final norm"},
        {old && position_of(c) == POSITION_ROTARY, "model.position rotary", "rotary positions"},
        /* the product-key memory of 1.1.3 has batch norm */
        {old && is_set(c->pkm_layers), "model.pkm_layers", "memory with layer norm"},
        {newer && !final_norm_of(c), "model.final_norm false", "model without final norm"},
        {newer && c->twin, "model.twin", "second attention"},
        {(old || newer) && position_of(c) == POSITION_NONE, "model.position none",
         "model without positions"},
        {(old || newer) && layers_differ(c), "model.layers", "layers of different kinds"},
        {(old || newer) && local_chunk(c) != c->chunk && layers_kinds(c) & 1U << LAYER_LOCAL,
         "model.local_chunk", "local attention with a chunk of its own"},
        {(old || newer) && c->local_back != 1 && layers_kinds(c) & 1U << LAYER_LOCAL,
         "model.local_back", "local attention with other windows than one before"},
    };

    for (size_t i = 0; i < sizeof lacks / sizeof *lacks; i++)
        if (lacks[i].is) {
            if (setting)
                *setting = lacks[i].setting;
            return lacks[i].what;
        }
    return NULL;
}

static int check_compat(const struct model_cfg *c, struct errbuf *eb)
{
    const char *setting, *what = model_cfg_lacks((enum model_compat)c->compat, c, &setting);

    if (!what)
        return RF_OK;
    return err_set(eb, RF_EUSAGE, "%s: %s has no %s", setting, compat_names[c->compat], what);
}

static int check_heads(const struct model_cfg *c, struct errbuf *eb)
{
    if (!c->dim_head && c->compat != COMPAT_1_4_4 && c->dim % c->heads) {
        err_write(eb,
                  "model.heads %llu does not divide model.dim %llu, and model.dim_head is 0",
                  (unsigned long long)c->heads, (unsigned long long)c->dim);
        return say_nearest(eb, c, HEADS, DIM);
    }
    if (c->local_heads > c->heads) {
        err_write(eb, "model.local_heads %llu is more than model.heads %llu",
                  (unsigned long long)c->local_heads, (unsigned long long)c->heads);
        return say_nearest(eb, c, LOCAL_HEADS, HEADS);
    }
    if (c->mem_kv && c->local_heads == c->heads) {
        err_write(eb,
                  "model.mem_kv: local heads see no memory, and model.local_heads %llu is all "
                  "of them",
                  (unsigned long long)c->local_heads);
        return say_nearest(eb, c, LOCAL_HEADS, HEADS);
    }
    return RF_OK;
}

/* Positions of pairs of numbers need widths of pairs. */
static int check_pairs(const struct model_cfg *c, struct errbuf *eb)
{
    int position = position_of(c);

    if (position == POSITION_ROTARY && head_of(c) % 2) {
        err_write(eb, "model.position rotary turns pairs: heads of %zu are odd", head_of(c));
        return c->dim_head ? say_nearest(eb, c, DIM_HEAD, NONE)
                           : say_nearest(eb, c, HEADS, DIM);
    }
    if (position == POSITION_FIXED && (c->emb_dim ? c->emb_dim : c->dim) % 2) {
        err_write(eb, "model.position fixed needs an even width");
        return c->emb_dim ? say_nearest(eb, c, EMB_DIM, NONE) : say_nearest(eb, c, DIM, NONE);
    }
    return RF_OK;
}

static int check_widths(const struct model_cfg *c, struct errbuf *eb)
{
    int rc = check_heads(c, eb);

    return rc == RF_OK ? check_pairs(c, eb) : rc;
}

static int check_attention(const struct model_cfg *c, struct errbuf *eb)
{
    if (c->full_attn && c->full_attn_thres)
        return err_set(
            eb, RF_EUSAGE,
            "model.full_attn is for every length: model.full_attn_thres says nothing");
    return RF_OK;
}

/* What would let a later token have a say, or what only chunks of fixed places have. */
static int check_layout(const struct model_cfg *c, struct errbuf *eb)
{
    const struct {
        bool is;
        const char *what;
    } bars[] = {
        {!c->causal, "it needs model.causal"},
        {c->compat != COMPAT_NONE, "reformer-pytorch has none: model.compat must be none"},
        {c->mem_kv, "a memory would lie behind the tokens: model.mem_kv must be 0"},
        {c->full_attn_thres, "short sequences would be computed otherwise than long ones: "
                             "model.full_attn_thres must be 0"},
        {!c->duplicates, "keys count in each round that they are met in: model.duplicates must "
                         "be true"},
    };

    for (size_t i = 0; i < sizeof bars / sizeof *bars; i++)
        if (c->lsh_layout == LAYOUT_ALIGNED && bars[i].is)
            return err_set(eb, RF_EUSAGE, "model.lsh_layout aligned: %s", bars[i].what);
    return RF_OK;
}

static int check_ends(const struct model_cfg *c, struct errbuf *eb)
{
    int position = position_of(c);

    if (is_set(c->axial_shape) && position != POSITION_AXIAL)
        return err_set(eb, RF_EUSAGE,
                       "model.axial_shape is for model.position axial, which is %s",
                       position_names[position]);
    if (c->tied_embedding && (c->head_zero || c->head_std > 0))
        return err_set(eb, RF_EUSAGE,
                       "model.%s is for a head with a matrix of its own: model.tied_embedding "
                       "must be false",
                       c->head_zero ? "head_zero" : "head_std");
    if (c->head_zero && c->head_std > 0)
        return err_set(eb, RF_EUSAGE,
                       "model.head_zero leaves nothing to model.head_std: set one");
    return RF_OK;
}

/* pkm_select() has these limits. rf_config_rows have them too, but settings that were read from
 * a state_dict's shapes have not been through those. */
static int check_pkm(const struct model_cfg *c, struct errbuf *eb)
{
    if (c->pkm_keys > PKM_KEYS_MAX)
        return err_set(eb, RF_EUSAGE, "model.pkm_keys %llu is more than %d",
                       (unsigned long long)c->pkm_keys, PKM_KEYS_MAX);
    if (c->pkm_topk > PKM_TOPK_MAX)
        return err_set(eb, RF_EUSAGE, "model.pkm_topk %llu is more than %d",
                       (unsigned long long)c->pkm_topk, PKM_TOPK_MAX);
    if (c->pkm_topk > c->pkm_keys)
        return err_set(eb, RF_EUSAGE, "model.pkm_topk %llu is more than model.pkm_keys %llu",
                       (unsigned long long)c->pkm_topk, (unsigned long long)c->pkm_keys);
    return RF_OK;
}

static int check_rest(const struct model_cfg *c, struct errbuf *eb)
{
    const struct {
        const char *name;
        double rate;
    } dropouts[] = {{"lsh", c->lsh_dropout},
                    {"post_attn", c->post_attn_dropout},
                    {"ff", c->ff_dropout},
                    {"layer", c->layer_dropout},
                    {"head", c->head_dropout}};

    for (size_t i = 0; i < sizeof dropouts / sizeof *dropouts; i++)
        if (!(dropouts[i].rate >= 0 && dropouts[i].rate < 1))
            return err_set(eb, RF_EUSAGE, "model.%s_dropout must be below 1", dropouts[i].name);
    return check_pkm(c, eb);
}

int model_cfg_check(const struct model_cfg *c, struct errbuf *eb)
{
    struct model_shape s = {0};
    int rc = check_sizes(c, eb);

    if (rc == RF_OK)
        rc = layers_read(&s, c, eb);
    if (rc == RF_OK)
        rc = check_compat(c, eb);
    if (rc == RF_OK)
        rc = check_widths(c, eb);
    if (rc == RF_OK)
        rc = check_attention(c, eb);
    if (rc == RF_OK)
        rc = check_layout(c, eb);
    if (rc == RF_OK)
        rc = check_ends(c, eb);
    if (rc == RF_OK)
        rc = check_rest(c, eb);
    if (rc == RF_OK && is_set(c->axial_shape))
        rc = read_axial(&s, c, eb);
    return rc == RF_OK ? read_pkm(&s, c, eb) : rc;
}

int model_cfg_shape(struct model_shape *s, const struct model_cfg *c, size_t max_len,
                    size_t vocab_size, struct errbuf *eb)
{
    struct model_cfg with_len = *c;
    int rc;

    with_len.max_len = max_len;
    *s = (struct model_shape){0};
    if ((rc = model_cfg_check(&with_len, eb)) != RF_OK)
        return rc;
    s->dim = c->dim;
    s->depth = c->depth;
    s->heads = c->heads;
    s->vocab = vocab_size;
    s->max_len = max_len;
    s->emb = c->emb_dim ? c->emb_dim : c->dim;
    s->D = head_of(c);
    s->QK = s->D * c->heads;
    s->VD = c->one_value_head ? s->D : s->QK;
    s->ff = c->dim * c->ff_mult;
    s->ff_in = c->ff_glu ? 2 * s->ff : s->ff;
    s->group = c->attn_heads && c->attn_heads < c->heads ? c->attn_heads : c->heads;
    s->position = position_of(c);
    s->final_norm = final_norm_of(c);
    s->compat = c->compat != COMPAT_NONE;
    if ((rc = layers_read(s, c, eb)) != RF_OK)
        return rc;
    if (s->position == POSITION_AXIAL) {
        default_axial(s, &with_len);
        if (is_set(c->axial_shape))
            rc = read_axial(s, &with_len, eb);
    }
    return rc == RF_OK ? read_pkm(s, c, eb) : rc;
}

void model_cfg_generator(struct model_cfg *to, const struct model_cfg *c)
{
    const struct generator_cfg *g = &c->generator;

    *to = *c;
    to->emb_dim = c->emb_dim ? c->emb_dim : c->dim; /* it has the main model's embedding */
    to->dim = g->dim ? g->dim : c->dim;
    to->depth = g->depth ? g->depth : c->depth;
    to->heads = g->heads ? g->heads : c->heads;
    to->dim_head = g->dim_head ? g->dim_head : c->dim_head;
    to->ff_mult = g->ff_mult ? g->ff_mult : c->ff_mult;
    to->outputs = NULL;
    to->n_outputs = 0;
    to->has_generator = to->headless = false;
}

static size_t even(double x)
{
    double half = round(x / 2);

    return half < 1 ? 2 : 2 * (size_t)half;
}

void model_factor(size_t N, size_t *n1, size_t *n2)
{
    *n1 = even(sqrt((double)N));
    *n2 = even((double)N / (double)*n1);
}
