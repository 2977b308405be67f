/* test_model.c: the model against itself: gradients against central differences, whatever the
 * memory, the groups of heads or the panels of rows; dropouts; what is refused. Against others:
 * test_model_golden.c. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "train/task.h"
#include "model/model.h"
#include "../ops/far.h"
#include "tsan.h"

enum { T_GIVEN = 13, V = 10, N = 2 * T_GIVEN, LABELS = 6 };

/* A model, a batch of two sequences with padding, and blocks of its parameters. */
struct one {
    struct nn *nn;
    struct model *m;
    struct model_batch batch;
    struct model_draw draw;
    float *grad, *host;
};

static const int32_t rows[] = {0, 3, 7, 12, 14, 20}, labels[] = {3, 1, 4, 1, 5, 9};

/* One pair of chunks and one round: every token meets every other once, so that the loss does
 * not jump where a hash flips. */
static struct model_cfg small(void)
{
    struct model_cfg c = rf_config_default.model;

    c.dim = 16;
    c.depth = 2;
    c.heads = 2;
    c.chunk = 8;
    c.rounds = 1;
    c.ff_mult = 2;
    c.ff_rows = 5;
    return c;
}

/* Many pairs of chunks, rounds and heads. */
static struct model_cfg busy(void)
{
    struct model_cfg c = small();

    c.heads = 4;
    c.chunk = 2;
    c.rounds = 3;
    return c;
}

/* On a device that is open; close_one() closes it. */
static void open_on(struct one *g, struct nn *nn, const struct model_cfg *cfg, size_t budget)
{
    static int32_t ids[N];
    static uint8_t real[N];
    struct errbuf eb = {0};
    size_t floats;

    for (int i = 0; i < N; i++) {
        ids[i] = i * 7 % V;
        real[i] = i < N - 3;
    }
    *g = (struct one){.nn = nn, .draw = {.seed = 1, .step = 5, .train = true}};
    g->batch = (struct model_batch){.B = 2,
                                    .T = T_GIVEN,
                                    .ids = ids,
                                    .real = real,
                                    .rows = rows,
                                    .labels = labels,
                                    .n = LABELS};
    if (model_new(&g->m, g->nn, cfg, 3, 15, V, MODEL_BACKWARD, budget, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    floats = model_params(g->m)->floats;
    params_init(model_params(g->m), g->nn, model_weights(g->m), 3);
    g->host = calloc(floats, sizeof *g->host);
    g->grad = g->nn->ops->mem_new(g->nn, floats * sizeof *g->grad);
    assert_non_null(g->host);
    assert_non_null(g->grad);
}

static void open_with(struct one *g, const struct model_cfg *cfg, enum nn_kind kind,
                      int threads, size_t budget)
{
    struct nn *nn;

    assert_int_equal(nn_open(&nn, kind, threads, NULL), RF_OK);
    open_on(g, nn, cfg, budget);
}

/* What training takes with that budget. */
static void cost_of(struct learner_cost *cost, const struct model_cfg *cfg, size_t batch,
                    size_t max_len, size_t vocab_size, size_t budget)
{
    const struct learner_size size = {.model = *cfg,
                                      .max_len = max_len,
                                      .vocab_size = vocab_size,
                                      .use = MODEL_BACKWARD,
                                      .budget = budget,
                                      .levels = 1};
    struct rf_config c = rf_config_default;
    struct nn *nn;

    c.train.batch = batch;
    assert_int_equal(nn_open(&nn, NN_REF, 1, NULL), RF_OK);
    assert_int_equal(learner_cost(cost, &nn->about, &c, tasks[TASK_MLM], &size, NULL), RF_OK);
    nn_close(nn);
}

static void open_small(struct one *g, const struct model_cfg *cfg)
{
    open_with(g, cfg, NN_REF, 2, 0);
}

static void close_one(struct one *g)
{
    g->nn->ops->mem_free(g->nn, g->grad, model_params(g->m)->floats * sizeof(float));
    model_free(g->m);
    nn_close(g->nn);
    free(g->host);
}

/* Gates are shut at first, and would hide what is behind them. */
static void open_gates(struct one *g)
{
    const struct params *p = model_params(g->m);

    for (size_t b = 0; b < p->branches; b++)
        if (p->p[param_of(b, BRANCH_GATE)].count)
            g->nn->ops->fill(g->nn, model_weights(g->m) + p->p[param_of(b, BRANCH_GATE)].offset,
                             0.5F, 1);
}

static double loss_and_gradients(struct one *g)
{
    size_t n = model_params(g->m)->floats;
    struct model_sum sum = {0};
    struct errbuf eb = {0};

    g->nn->ops->fill(g->nn, g->grad, 0, n);
    if (model_loss(g->m, &g->batch, &g->draw, g->grad, 1 / (float)LABELS, &sum, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    g->nn->ops->download(g->nn, g->host, g->grad, n * sizeof(float));
    assert_int_equal(sum.labels, LABELS);
    return sum.loss / (double)sum.labels;
}

static double loss_alone(struct one *g)
{
    struct model_sum sum = {0};

    assert_int_equal(model_loss(g->m, &g->batch, &g->draw, NULL, 0, &sum, NULL), RF_OK);
    return sum.loss / (double)sum.labels;
}

/* --- configurations */

struct variant {
    const char *name;
    void (*set)(struct model_cfg *c);
};

#define VARIANT(name, ...)                                                                     \
    static void set_##name(struct model_cfg *c)                                                \
    {                                                                                          \
        __VA_ARGS__;                                                                           \
    }
VARIANT(nothing, (void)c)
VARIANT(causal, c->causal = true)
VARIANT(full, c->full_attn = true; c->position = POSITION_ROTARY)
VARIANT(local, c->local_heads = 1; c->position = POSITION_ROTARY)
VARIANT(memory, c->mem_kv = 3; c->causal = true)
VARIANT(one_value, c->one_value_head = true; c->dim_head = 6)
VARIANT(twin, c->twin = true; c->mem_kv = 2)
VARIANT(glu, c->ff_glu = true; c->ff_act = ACT_SILU)
VARIANT(scale, c->norm = NORM_SCALE; c->final_norm = CHOICE_FALSE)
VARIANT(rezero, c->norm = NORM_REZERO; c->post_attn_dropout = 0.2)
VARIANT(absolute, c->position = POSITION_ABSOLUTE; c->emb_dim = 12)
VARIANT(fixed, c->position = POSITION_FIXED; c->emb_dim = 20; c->tied_embedding = true)
VARIANT(tied, c->tied_layers = true; c->tied_embedding = true; c->position = POSITION_NONE)
VARIANT(pkm, c->pkm_layers = "2"; c->pkm_keys = 5; c->pkm_topk = 3; c->pkm_heads = 2;
        c->pkm_dim = 4)
VARIANT(dropouts, c->full_attn = true; c->lsh_dropout = 0.2; c->ff_dropout = 0.3;
        c->post_attn_dropout = 0.1)
VARIANT(lsh_dropout, c->lsh_dropout = 0.2)
VARIANT(layer_dropout, c->layer_dropout = 0.5)
VARIANT(aligned, c->causal = true; c->lsh_layout = LAYOUT_ALIGNED)
VARIANT(within, c->across_buckets = false; c->duplicates = false)
VARIANT(local_lsh, c->layers = "local,lsh"; c->local_chunk = 2; c->local_back = 2)
VARIANT(lsh_full, c->layers = "lsh,full"; c->causal = true; c->position = POSITION_ROTARY)
VARIANT(full_local, c->layers = "full,local"; c->norm = NORM_SCALE;
        c->position = POSITION_FIXED; c->local_chunk = 1; c->local_back = 0)
VARIANT(layers_memory, c->depth = 3; c->layers = "local,lsh,full"; c->mem_kv = 3)
VARIANT(layers_twin, c->twin = true; c->layers = "local,lsh"; c->one_value_head = true;
        c->position = POSITION_ABSOLUTE)
VARIANT(layers_tied, c->depth = 3; c->layers = "local,full,lsh"; c->tied_layers = true;
        c->mem_kv = 2; c->norm = NORM_REZERO)
VARIANT(layers_thres, c->layers = "lsh,local"; c->full_attn_thres = 14)
VARIANT(layers_dropped, c->layers = "full,local"; c->lsh_dropout = 0.2; c->layer_dropout = 0.5)
VARIANT(layers_aligned, c->layers = "local,lsh"; c->causal = true;
        c->lsh_layout = LAYOUT_ALIGNED; c->rotations_per_head = true)

static const struct variant variants[] = {
    {"nothing", set_nothing},
    {"causal", set_causal},
    {"full", set_full},
    {"local", set_local},
    {"memory", set_memory},
    {"one_value", set_one_value},
    {"twin", set_twin},
    {"glu", set_glu},
    {"scale", set_scale},
    {"rezero", set_rezero},
    {"absolute", set_absolute},
    {"fixed", set_fixed},
    {"tied", set_tied},
    {"pkm", set_pkm},
    {"dropouts", set_dropouts},
    {"layer_dropout", set_layer_dropout},
    {"within", set_within},
    {"local_lsh", set_local_lsh},
    {"lsh_full", set_lsh_full},
    {"full_local", set_full_local},
    {"layers_memory", set_layers_memory},
    {"layers_twin", set_layers_twin},
    {"layers_tied", set_layers_tied},
    {"layers_thres", set_layers_thres},
    {"layers_dropped", set_layers_dropped},
    {"lsh_dropout", set_lsh_dropout},
    {"aligned", set_aligned},
    {"layers_aligned", set_layers_aligned},
};
/* What LSH attention drops jumps with the order, as does what a query of a bucket meets, and
 * the loss with it: the last three have no slope. */
enum { VARIANTS = sizeof variants / sizeof *variants, SMOOTH = VARIANTS - 3 };

/* --- gradients */

static size_t steepest(const float *gradient, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (fabsf(gradient[i]) > fabsf(gradient[at]))
            at = i;
    return at;
}

/* The steepest number of every parameter, moved to both sides. Streams are rounded to 2^-18, so
 * that the loss is good to about 1e-6; the slope to that / step and the curve's own bend. */
static void check_slopes(const char *name, struct one *g)
{
    const double step = 4e-3;
    const struct params *ps = model_params(g->m);

    for (size_t i = 0; i < ps->n; i++) {
        const struct param *p = &ps->p[i];
        size_t at = p->offset + steepest(g->host + p->offset, p->count);
        float *w = model_weights(g->m) + at, was = *w;
        double up, down, slope;

        if (!p->count)
            continue;
        *w = was + (float)step;
        up = loss_alone(g);
        *w = was - (float)step;
        down = loss_alone(g);
        *w = was;
        slope = (up - down) / (2 * step);
        if (!(fabs(slope - (double)g->host[at]) <= 4e-4 + 0.02 * fabs(slope)))
            fail_msg("%s: %s: slope %g, gradient %g", name, p->name, slope,
                     (double)g->host[at]);
    }
}

static void gradients_are_the_slope_of_the_loss(void **state)
{
    (void)state;
    for (size_t i = 0; i < SMOOTH; i++) {
        struct model_cfg cfg = small();
        struct one g;

        variants[i].set(&cfg);
        open_small(&g, &cfg);
        open_gates(&g);
        loss_and_gradients(&g);
        check_slopes(variants[i].name, &g);
        close_one(&g);
    }
}

/* --- memory, groups and panels */

/* Trained weights give streams of tens and hundreds. */
static void enlarge_streams(struct one *g)
{
    float *w = model_weights(g->m);

    g->nn->ops->combine(g->nn, w, 3, w, 0, NULL, model_params(g->m)->floats);
}

static void check_same_bits(const char *name, const struct model_cfg *a, size_t budget_a,
                            int threads, const struct model_cfg *b, size_t budget_b)
{
    struct one one, two;

    open_with(&one, a, NN_CPU, 1, budget_a);
    open_with(&two, b, NN_CPU, threads, budget_b);
    open_gates(&one);
    open_gates(&two);
    enlarge_streams(&one);
    enlarge_streams(&two);
    if (loss_and_gradients(&one) != loss_and_gradients(&two) ||
        memcmp(one.host, two.host, model_params(one.m)->floats * sizeof(float)) != 0)
        fail_msg("%s: other bits", name);
    assert_true(isfinite(loss_and_gradients(&one)) && model_drift(one.m) == 0);
    close_one(&one);
    close_one(&two);
}

/* What is stored and what is computed again changes no bit, nor does reverse_thres, nor do
 * threads. */
static void memory_changes_no_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        struct model_cfg cfg = busy(), once;
        struct learner_cost least, most;

        variants[i].set(&cfg);
        once = cfg;
        once.reverse_thres = 14;
        cost_of(&least, &cfg, 3, 15, V, 0);
        cost_of(&most, &cfg, 3, 15, V, SIZE_MAX);
        assert_true(least.step_bytes < most.step_bytes);
        assert_true(least.blocks_executed >= most.blocks_executed);
        for (size_t part = 1; part <= 4; part++) {
            size_t budget = least.step_bytes + part * (most.step_bytes - least.step_bytes) / 4;
            struct learner_cost cost;

            cost_of(&cost, &cfg, 3, 15, V, budget);
            assert_true(cost.step_bytes <= budget);
            check_same_bits(variants[i].name, &cfg, 0, 2, &cfg, budget);
        }
        check_same_bits(variants[i].name, &cfg, 0, 1, &once, 0);
    }
}

VARIANT(all_lsh, c->layers = "lsh")
VARIANT(all_full, c->layers = "full,full")
VARIANT(all_local, c->layers = "local")
VARIANT(full_attn, c->full_attn = true)
VARIANT(local_heads, c->local_heads = c->heads)

/* A pattern of one kind is what the settings for all layers say, to the bit. */
static void a_pattern_of_one_kind_is_no_pattern(void **state)
{
    static const struct {
        struct variant pattern;
        void (*set)(struct model_cfg *);
    } pairs[] = {{{"lsh", set_all_lsh}, set_nothing},
                 {{"full", set_all_full}, set_full_attn},
                 {{"local", set_all_local}, set_local_heads}};

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        for (int causal = 0; causal < 2; causal++) {
            struct model_cfg pattern = busy(), plain = busy();

            pattern.causal = plain.causal = causal;
            pairs[i].pattern.set(&pattern);
            pairs[i].set(&plain);
            check_same_bits(pairs[i].pattern.name, &pattern, 0, 2, &plain, 0);
            check_same_bits(pairs[i].pattern.name, &pattern, SIZE_MAX, 2, &plain, SIZE_MAX);
        }
}

/* All that a model gives, of two batches. */
static void check_same_model(const char *name, struct one *near, struct one *far)
{
    size_t floats = model_params(near->m)->floats, E = model_params(near->m)->shape.dim;
    float *hidden[2] = {calloc(LABELS * E, sizeof(float)), calloc(LABELS * E, sizeof(float))};
    float logits[2][LABELS * V];

    for (int batch = 0; batch < 2; batch++) {
        near->draw.slot = far->draw.slot = (uint64_t)batch;
        if (loss_and_gradients(near) != loss_and_gradients(far) ||
            memcmp(near->host, far->host, floats * sizeof(float)) != 0)
            fail_msg("%s: other bits where memory is far", name);
    }
    assert_true(model_drift(near->m) == model_drift(far->m));
    for (int i = 0; i < 2; i++) {
        struct one *g = i ? far : near;

        assert_int_equal(model_logits(g->m, &g->batch, &g->draw, hidden[i], logits[i], NULL),
                         RF_OK);
    }
    assert_memory_equal(logits[0], logits[1], sizeof logits[0]);
    assert_memory_equal(hidden[0], hidden[1], LABELS * E * sizeof(float));
    free(hidden[0]);
    free(hidden[1]);
}

/* The model looks at no number where it lies: on a device whose memory it cannot reach it gives
 * the same. */
static void memory_may_be_out_of_reach(void **state)
{
    const struct nn_options options = {.kind = NN_CPU, .threads = 2};

    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        struct model_cfg cfg = busy();
        struct one near, far;
        struct nn *nn;

        variants[i].set(&cfg);
        cfg.attn_heads = i % 2 ? 3 : 0;
        open_with(&near, &cfg, NN_CPU, 2, i % 3 ? SIZE_MAX : 0);
        assert_int_equal(far_open(&nn, &options, NULL), RF_OK);
        open_on(&far, nn, &cfg, i % 3 ? SIZE_MAX : 0);
        open_gates(&near);
        open_gates(&far);
        check_same_model(variants[i].name, &near, &far);
        close_one(&near);
        close_one(&far);
    }
}

static void check_gradients_near(const char *name, const struct one *a, const struct one *b)
{
    for (size_t k = 0; k < model_params(a->m)->floats; k++)
        if (!(fabsf(a->host[k] - b->host[k]) < 1e-5F + 1e-3F * fabsf(a->host[k])))
            fail_msg("%s: gradient %zu: %g, not %g", name, k, (double)b->host[k],
                     (double)a->host[k]);
}

/* Groups of heads and panels of rows change sums' order alone, also where numbers are drawn. */
static void groups_and_panels_are_but_rounding(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        struct model_cfg cfg = busy(), other;
        struct one one, two;
        double a, b;

        variants[i].set(&cfg);
        other = cfg;
        other.attn_heads = 3;
        other.ff_rows = 100;
        open_with(&one, &cfg, NN_CPU, 2, 0);
        open_with(&two, &other, NN_CPU, 2, 0);
        a = loss_alone(&one);
        b = loss_alone(&two);
        if (!(fabs(a - b) < 1e-5))
            fail_msg("%s: loss %.9g in groups, %.9g", variants[i].name, b, a);
        loss_and_gradients(&one);
        loss_and_gradients(&two);
        check_gradients_near(variants[i].name, &one, &two);
        close_one(&one);
        close_one(&two);
    }
}

/* ff_rows 0 leaves the panels to the device, and those of the head always are. */
static void panels_are_the_devices(void **state)
{
    struct model_cfg asked = busy(), left = busy();
    struct one one, two;
    struct nn *nn;
    double a, b;

    (void)state;
    left.ff_rows = 0;
    assert_int_equal(nn_open(&nn, NN_CPU, 2, NULL), RF_OK);
    nn->about.rows = asked.ff_rows;
    open_with(&one, &asked, NN_CPU, 2, 0);
    open_on(&two, nn, &left, 0);
    assert_int_equal(model_step_bytes(one.m), model_step_bytes(two.m));
    assert_true(loss_and_gradients(&one) == loss_and_gradients(&two));
    assert_memory_equal(one.host, two.host, model_params(one.m)->floats * sizeof(float));
    close_one(&two);
    assert_int_equal(nn_open(&nn, NN_CPU, 2, NULL), RF_OK);
    nn->about.head_rows = 4; /* two panels of the six labels */
    open_on(&two, nn, &asked, 0);
    a = loss_and_gradients(&one);
    b = loss_and_gradients(&two);
    assert_true(fabs(a - b) < 1e-5);
    check_gradients_near("head_rows", &one, &two);
    assert_memory_not_equal(one.host, two.host, model_params(one.m)->floats * sizeof(float));
    close_one(&one);
    close_one(&two);
}

/* What adds nothing to the rows of interest is left out, unless they stand in another order. */
static void few_rows_are_but_rounding(void **state)
{
    int32_t back[2][LABELS];

    (void)state;
    for (int i = 0; i < LABELS; i++) {
        back[0][i] = rows[LABELS - 1 - i];
        back[1][i] = labels[LABELS - 1 - i];
    }
    for (size_t i = 0; i < VARIANTS; i++) {
        struct model_cfg cfg = busy();
        struct one few, all;
        double a, b;

        variants[i].set(&cfg);
        open_with(&few, &cfg, NN_CPU, 2, i % 2 ? SIZE_MAX : 0);
        open_with(&all, &cfg, NN_CPU, 2, i % 2 ? SIZE_MAX : 0);
        open_gates(&few);
        open_gates(&all);
        all.batch.rows = back[0];
        all.batch.labels = back[1];
        a = loss_and_gradients(&few);
        b = loss_and_gradients(&all);
        if (!(fabs(a - b) < 1e-5))
            fail_msg("%s: loss %.9g of few rows, %.9g", variants[i].name, a, b);
        assert_true(model_drift(few.m) == model_drift(all.m));
        check_gradients_near(variants[i].name, &all, &few);
        close_one(&few);
        close_one(&all);
    }
}

/* The memory that was counted is what is taken. */
static void memory_is_known_beforehand(void **state)
{
    (void)state;
    for (size_t i = 0; i < VARIANTS; i++) {
        struct model_cfg cfg = busy();
        struct learner_cost cost;
        struct one g;

        variants[i].set(&cfg);
        cost_of(&cost, &cfg, 3, 15, V, 200000);
        open_with(&g, &cfg, NN_REF, 1, 200000);
        assert_int_equal(cost.step_bytes, model_step_bytes(g.m));
        assert_int_equal(cost.params, model_params(g.m)->total);
        assert_true(cost.blocks > 0 && cost.blocks_executed >= cost.blocks);
        assert_true(cost.head > 0 && cost.head_executed >= cost.head);
        close_one(&g);
    }
}

/* 16 bytes a parameter are weights, gradients and AdamW's. */
static void check_long(const struct model_cfg *c, size_t T, double limit)
{
    struct learner_cost cost;
    double bytes;

    cost_of(&cost, c, 1, T, 22000, 0);
    bytes = 16 * (double)cost.params + (double)cost.step_bytes;
    if (!(bytes < limit))
        fail_msg("%zu tokens take %.2f GB", T, bytes / 1e9);
}

static void long_sequences_fit(void **state)
{
    struct model_cfg c = rf_config_default.model;

    (void)state;
    c.dim = 768;
    c.depth = 12;
    c.heads = 12;
    c.attn_heads = 1;
    c.tied_embedding = true;
    check_long(&c, 65536, 4e9);
    c.dim = 256;
    c.heads = 4;
    c.depth = 6;
    check_long(&c, 1 << 20, 16e9);
}

/* --- dropouts */

static double loss_of(const struct model_cfg *cfg, const struct model_draw *draw)
{
    struct one g;
    double loss;

    open_small(&g, cfg);
    g.draw = *draw;
    loss = loss_alone(&g);
    close_one(&g);
    return loss;
}

/* Steps and slots draw their own, evaluation draws none. */
static void dropouts_are_drawn_in_training(void **state)
{
    static void (*const sets[])(struct model_cfg *) = {set_dropouts, set_layer_dropout};
    struct model_cfg plain = small();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct model_draw draw = {.seed = 1, .step = 4, .train = true}, eval = draw,
                          slot = draw;
        struct model_cfg cfg = small();

        sets[i](&cfg);
        eval.train = false;
        slot.slot = 2;
        assert_true(loss_of(&cfg, &eval) == loss_of(&plain, &draw));
        assert_true(loss_of(&cfg, &draw) != loss_of(&plain, &draw));
        assert_true(loss_of(&cfg, &draw) == loss_of(&cfg, &draw));
        if (i == 0)
            assert_true(loss_of(&cfg, &draw) != loss_of(&cfg, &slot));
        assert_true(loss_of(&plain, &draw) == loss_of(&plain, &slot));
    }
}

/* Panels of 64 rows and one of all drop the same numbers. */
static void dropouts_do_not_depend_on_panels(void **state)
{
    const struct model_draw draw = {.seed = 1, .train = true};
    struct model_cfg cfg = small();
    int32_t ids[150], at[] = {3, 70, 149}, what[] = {1, 2, 3};
    struct model_batch b = {.B = 1, .T = 150, .ids = ids, .rows = at, .labels = what, .n = 3};
    double loss[2];

    (void)state;
    cfg.ff_dropout = cfg.post_attn_dropout = 0.3;
    cfg.full_attn = true;
    for (int i = 0; i < 150; i++)
        ids[i] = i % V;
    for (int i = 0; i < 2; i++) {
        struct model_sum sum = {0};
        struct model *m;
        struct nn *nn;

        cfg.ff_rows = i ? 150 : 10;
        assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
        assert_int_equal(model_new(&m, nn, &cfg, 1, 150, V, MODEL_FORWARD, 0, NULL), RF_OK);
        params_init(model_params(m), nn, model_weights(m), 3);
        assert_int_equal(model_loss(m, &b, &draw, NULL, 0, &sum, NULL), RF_OK);
        loss[i] = sum.loss;
        model_free(m);
        nn_close(nn);
    }
    assert_true(fabs(loss[0] - loss[1]) < 1e-4);
}

/* reformer-pytorch hands post_attn_dropout on to nobody. */
static void each_dropout_counts(void **state)
{
    const struct model_draw draw = {.seed = 1, .train = true};
    struct model_cfg plain = small(), lsh = plain, post = plain, ff = plain;

    (void)state;
    lsh.lsh_dropout = post.post_attn_dropout = ff.ff_dropout = 0.3;
    assert_true(loss_of(&lsh, &draw) != loss_of(&plain, &draw));
    assert_true(loss_of(&post, &draw) != loss_of(&plain, &draw));
    assert_true(loss_of(&ff, &draw) != loss_of(&plain, &draw));
}

/* --- positions */

/* Without compat, rotary positions are in heads of every kind: two tokens changed about change
 * what a third sees. reformer-pytorch's full and local attention is blind to it. */
static double order_matters(struct model_cfg *c)
{
    int32_t ids[] = {1, 2, 3, 4, 5, 6, 7, 8}, at[] = {7};
    struct model_batch b = {.B = 1, .T = 8, .ids = ids, .rows = at, .n = 1};
    float first[V], second[V];
    double difference = 0;
    struct one g;

    c->position = POSITION_ROTARY;
    c->depth = 1;
    open_small(&g, c);
    assert_int_equal(model_logits(g.m, &b, &g.draw, NULL, first, NULL), RF_OK);
    ids[1] = 6;
    ids[5] = 2;
    assert_int_equal(model_logits(g.m, &b, &g.draw, NULL, second, NULL), RF_OK);
    for (int i = 0; i < V; i++)
        difference = fmax(difference, fabs((double)(first[i] - second[i])));
    close_one(&g);
    return difference;
}

static void full_and_local_attention_know_positions(void **state)
{
    struct model_cfg c = small();

    (void)state;
    c.full_attn = true;
    assert_true(order_matters(&c) > 1e-4);
    c.compat = COMPAT_1_4_4;
    assert_true(order_matters(&c) < 1e-5);
    c = small();
    c.local_heads = 2;
    assert_true(order_matters(&c) > 1e-4);
    c.compat = COMPAT_1_4_4;
    assert_true(order_matters(&c) < 1e-5);
}

/* --- batches */

/* With one pair of chunks every token meets every other, so a sequence padded to it by the
 * caller and one padded inside must give the same. */
static void inner_padding_is_not_seen(void **state)
{
    struct model_draw draw = {.seed = 1};
    struct model_cfg cfg = small();
    int32_t two[] = {0, 3}, ids[15] = {5, 6, 7, 8, 9, 1};
    uint8_t real[15] = {1, 1, 1, 1, 1, 1};
    struct model_batch b = {.B = 1, .T = 6, .ids = ids, .rows = two, .n = 2};
    float inside[2 * V], outside[2 * V];
    struct one g;

    (void)state;
    open_small(&g, &cfg);
    assert_int_equal(model_logits(g.m, &b, &draw, NULL, inside, NULL), RF_OK);
    b.T = 15;
    b.real = real;
    assert_int_equal(model_logits(g.m, &b, &draw, NULL, outside, NULL), RF_OK);
    for (int i = 0; i < 2 * V; i++)
        assert_true(fabsf(inside[i] - outside[i]) < 1e-5F);
    close_one(&g);
}

/* Memory is used again from batch to batch: equal batches give equal bits whatever came
 * between, also where the padding decides which chunk a token falls into. */
static void what_was_there_before_does_not_matter(void **state)
{
    float first[LABELS * V], again[LABELS * V];
    struct model_cfg cfg = busy();
    int32_t other[3 * 15];
    struct one g;

    (void)state;
    open_small(&g, &cfg);
    for (int i = 0; i < 3 * 15; i++)
        other[i] = i % 4;
    struct model_batch between = {
        .B = 3, .T = 15, .ids = other, .rows = rows, .labels = labels, .n = LABELS};
    assert_int_equal(model_logits(g.m, &g.batch, &g.draw, NULL, first, NULL), RF_OK);
    assert_int_equal(model_logits(g.m, &between, &g.draw, NULL, again, NULL), RF_OK);
    assert_memory_not_equal(first, again, sizeof first);
    assert_int_equal(model_logits(g.m, &g.batch, &g.draw, NULL, again, NULL), RF_OK);
    assert_memory_equal(first, again, sizeof first);
    close_one(&g);
}

/* Rotations are fewer where buckets are many enough to be hashed in factors, and none without
 * hashing: memory for the longest sequence must do for all. */
static void no_shorter_sequence_takes_more(void **state)
{
    enum { LONGEST = 40 };
    static const int32_t ids[LONGEST], one[] = {0};
    struct model_draw draw = {.seed = 1};
    struct model_cfg cfg = small();
    float logits[V];

    (void)state;
    cfg.dim = 8;
    cfg.depth = cfg.heads = 1;
    cfg.dim_head = 64;
    cfg.chunk = 2;
    cfg.rounds = 64;
    cfg.hash_factor = 16;
    for (int full = 0; full < 2; full++) {
        struct model *m;
        struct nn *nn;

        cfg.full_attn = full;
        assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
        assert_int_equal(model_new(&m, nn, &cfg, 1, LONGEST, V, MODEL_FORWARD, 0, NULL), RF_OK);
        for (size_t T = LONGEST; T > 0; T--) {
            struct model_batch b = {.B = 1, .T = T, .ids = ids, .rows = one, .n = 1};

            assert_int_equal(model_logits(m, &b, &draw, NULL, logits, NULL), RF_OK);
        }
        model_free(m);
        nn_close(nn);
    }
}

static void a_batch_without_labels_adds_nothing(void **state)
{
    struct model_cfg cfg = small();
    struct model_sum sum = {0};
    struct one g;

    (void)state;
    open_small(&g, &cfg);
    g.batch.n = 0;
    assert_int_equal(model_loss(g.m, &g.batch, &g.draw, g.grad, 1, &sum, NULL), RF_OK);
    assert_int_equal(sum.labels, 0);
    assert_true(sum.loss == 0);
    close_one(&g);
}

/* A head of one's own that is the model's: its gradients are those of model_loss(). */
static void a_head_of_ones_own(void **state)
{
    struct model_cfg cfg = busy();
    float *hidden, *dhidden, *loss, *want;
    const struct params *ps;
    int32_t hit[LABELS];
    struct one g;

    (void)state;
    open_small(&g, &cfg);
    ps = model_params(g.m);
    loss_and_gradients(&g);
    want = malloc(ps->floats * sizeof *want);
    memcpy(want, g.host, ps->floats * sizeof *want);
    hidden = malloc(LABELS * cfg.dim * sizeof *hidden);
    dhidden = malloc(LABELS * cfg.dim * sizeof *dhidden);
    loss = malloc(LABELS * sizeof *loss);
    g.nn->ops->fill(g.nn, g.grad, 0, ps->floats);
    assert_int_equal(model_hidden(g.m, &g.batch, &g.draw, hidden, NULL), RF_OK);
    g.nn->ops->cross_entropy(g.nn, loss, hit, dhidden, g.grad + ps->p[PARAM_HEAD].offset,
                             g.grad + ps->p[PARAM_HEAD_BIAS].offset, hidden,
                             model_weights(g.m) + ps->p[PARAM_HEAD].offset,
                             model_weights(g.m) + ps->p[PARAM_HEAD_BIAS].offset, labels,
                             1 / (float)LABELS, 0, 0, LABELS, cfg.dim, V);
    assert_int_equal(model_hidden_bwd(g.m, dhidden, g.grad, NULL), RF_OK);
    assert_memory_equal(g.grad, want, ps->floats * sizeof *want);
    free(hidden);
    free(dhidden);
    free(loss);
    free(want);
    close_one(&g);
}

/* --- first values */

static double deviation(const struct one *g, size_t i)
{
    const struct param *p = &model_params(g->m)->p[i];
    double squares = 0;

    g->nn->ops->add_squares(g->nn, &squares, model_weights(g->m) + p->offset, p->count);
    return sqrt(squares / (double)p->count);
}

static void compat_begins_as_reformer_pytorch(void **state)
{
    struct model_cfg cfg = small();
    double limit = 1 / sqrt(64.0);
    struct one g;

    (void)state;
    cfg.dim = 64;
    cfg.compat = COMPAT_1_1_3;
    open_small(&g, &cfg);
    assert_true(fabs(deviation(&g, PARAM_TOKEN) - 1) < 0.1);
    assert_true(fabs(deviation(&g, PARAM_AXIAL1) - 1) < 0.1);
    /* that of even numbers is their limit / root of 3 */
    assert_true(fabs(deviation(&g, param_of(0, ATTN_QK)) - limit / sqrt(3)) < 0.005);
    assert_true(deviation(&g, param_of(1, FF_IN_BIAS)) > limit / 3);
    close_one(&g);
}

/* An embedding and a head of given sizes; the rest is as ever. A head of zeros finds all tokens
 * as likely, and the model behind it learns nothing yet. */
static void ends_begin_as_they_are_told(void **state)
{
    struct model_cfg cfg = small();
    struct one g, plain;

    (void)state;
    open_small(&plain, &cfg);
    cfg.emb_std = 0.7;
    cfg.head_std = 0.01;
    for (int compat = COMPAT_NONE; compat <= COMPAT_1_4_4; compat++) {
        cfg.compat = compat;
        open_small(&g, &cfg);
        assert_true(fabs(deviation(&g, PARAM_TOKEN) - 0.7) < 0.07);
        assert_true(fabs(deviation(&g, PARAM_HEAD) - 0.01) < 0.001);
        if (!compat)
            assert_true(deviation(&g, param_of(0, ATTN_QK)) ==
                            deviation(&plain, param_of(0, ATTN_QK)) &&
                        deviation(&g, PARAM_AXIAL0) == deviation(&plain, PARAM_AXIAL0));
        close_one(&g);
    }
    close_one(&plain);
    cfg = small();
    cfg.head_zero = true;
    open_small(&g, &cfg);
    assert_true(fabs(loss_and_gradients(&g) - log(V)) < 1e-6);
    for (size_t i = 0; i < model_params(g.m)->p[PARAM_TOKEN].count; i++)
        assert_true(g.host[model_params(g.m)->p[PARAM_TOKEN].offset + i] == 0);
    assert_true(g.host[model_params(g.m)->p[PARAM_HEAD].offset] != 0);
    close_one(&g);
}

/* --- refusals */

/* What may be set can be computed. */
static void the_largest_memory_works(void **state)
{
    struct model_cfg cfg = small();
    struct one g;

    (void)state;
    cfg.pkm_layers = "1";
    cfg.pkm_keys = PKM_KEYS_MAX;
    cfg.pkm_topk = PKM_TOPK_MAX;
    cfg.pkm_heads = 1;
    cfg.pkm_dim = 2;
    open_with(&g, &cfg, NN_CPU, 1, 0);
    assert_true(loss_and_gradients(&g) > 0);
    close_one(&g);
}

static void too_large_is_refused(void **state)
{
    struct model_cfg cfg = rf_config_default.model;
    struct errbuf eb = {0};
    struct model *m = NULL;
    struct nn *nn;

    (void)state;
    cfg.dim = 65536;
    cfg.depth = MODEL_DEPTH_MAX;
    cfg.heads = 1024;
    cfg.rounds = 256;
    cfg.ff_mult = 64;
    cfg.ff_rows = 1000000000;
    assert_int_equal(nn_open(&nn, NN_REF, 1, NULL), RF_OK);
    assert_int_equal(model_new(&m, nn, &cfg, 65536, 1 << 24, 100, MODEL_BACKWARD, 0, &eb),
                     RF_ENOMEM);
    assert_null(m);
    assert_true(eb.text[0]);
    assert_int_equal(model_new(&m, nn, &cfg, 0, 16, 100, MODEL_BACKWARD, 0, NULL), RF_EINVAL);
    nn_close(nn);
}

VARIANT(odd_heads, c->heads = 3)
VARIANT(many_local, c->local_heads = 3)
VARIANT(unseen_memory, c->local_heads = 2; c->mem_kv = 1)
VARIANT(both_full, c->full_attn = true; c->full_attn_thres = 9)
VARIANT(new_twin, c->twin = true; c->compat = COMPAT_1_4_4)
VARIANT(old_rotary, c->position = POSITION_ROTARY; c->compat = COMPAT_1_1_3)
VARIANT(old_norm, c->final_norm = CHOICE_TRUE; c->compat = COMPAT_1_1_3)
VARIANT(old_none, c->position = POSITION_NONE; c->compat = COMPAT_1_1_3)
VARIANT(old_pkm, c->pkm_layers = "1"; c->compat = COMPAT_1_1_3)
VARIANT(new_norm, c->final_norm = CHOICE_FALSE; c->compat = COMPAT_1_4_4)
VARIANT(new_none, c->position = POSITION_NONE; c->compat = COMPAT_1_4_4)
VARIANT(odd_rotary, c->position = POSITION_ROTARY; c->dim_head = 3)
VARIANT(odd_fixed, c->position = POSITION_FIXED; c->emb_dim = 5)
VARIANT(other_shape, c->position = POSITION_NONE; c->axial_shape = "4x4")
VARIANT(short_shape, c->axial_shape = "4x4"; c->max_len = 17)
VARIANT(no_shape, c->axial_shape = "4*4")
VARIANT(no_layer, c->pkm_layers = "1,3")
VARIANT(no_list, c->pkm_layers = "1;2")
VARIANT(layer_twice, c->pkm_layers = "1,2,1")
VARIANT(empty_layer, c->pkm_layers = "1,")
VARIANT(topk, c->pkm_keys = 8; c->pkm_topk = 9)
VARIANT(many_keys, c->pkm_layers = "1"; c->pkm_keys = PKM_KEYS_MAX + 1)
VARIANT(many_topk, c->pkm_layers = "1"; c->pkm_topk = PKM_TOPK_MAX + 1)
VARIANT(dropped, c->ff_dropout = 1)
VARIANT(no_kind, c->layers = "lsh,axial")
VARIANT(half_kind, c->layers = "lsh,loc")
VARIANT(empty_kind, c->layers = "lsh,")
VARIANT(empty_first, c->layers = ",lsh")
VARIANT(long_pattern, c->layers = "lsh,local,full")
VARIANT(layers_full, c->layers = "lsh,full"; c->full_attn = true)
VARIANT(layers_local, c->layers = "lsh,local"; c->local_heads = 1)
VARIANT(layers_no_thres, c->layers = "full,local"; c->full_attn_thres = 9)
VARIANT(layers_unseen, c->layers = "local"; c->mem_kv = 1)
VARIANT(layers_compat, c->layers = "local,lsh"; c->compat = COMPAT_1_4_4)
VARIANT(back_compat, c->local_heads = 1; c->local_back = 2; c->compat = COMPAT_1_1_3)
VARIANT(local_compat, c->local_heads = 1; c->local_chunk = 4; c->compat = COMPAT_1_4_4)

static void what_contradicts_itself_is_refused(void **state)
{
    static const struct variant bad[] = {
        {"model.heads", set_odd_heads},         {"model.local_heads", set_many_local},
        {"model.mem_kv", set_unseen_memory},    {"model.full_attn", set_both_full},
        {"model.twin", set_new_twin},           {"model.position", set_old_rotary},
        {"model.final_norm", set_old_norm},     {"model.position", set_old_none},
        {"model.pkm_layers", set_old_pkm},      {"model.final_norm", set_new_norm},
        {"model.position", set_new_none},       {"model.position", set_odd_rotary},
        {"model.position", set_odd_fixed},      {"model.axial_shape", set_other_shape},
        {"model.axial_shape", set_short_shape}, {"model.axial_shape", set_no_shape},
        {"model.pkm_layers", set_no_layer},     {"model.pkm_layers", set_no_list},
        {"model.pkm_layers", set_layer_twice},  {"model.pkm_layers", set_empty_layer},
        {"model.pkm_topk", set_topk},           {"model.pkm_keys", set_many_keys},
        {"model.pkm_topk", set_many_topk},      {"dropout", set_dropped},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct model_cfg c = small();
        struct errbuf eb = {0};

        assert_int_equal(model_cfg_check(&c, &eb), RF_OK);
        bad[i].set(&c);
        assert_int_equal(model_cfg_check(&c, &eb), RF_EUSAGE);
        if (!strstr(eb.text, bad[i].name))
            fail_msg("'%s' does not name %s", eb.text, bad[i].name);
    }
}

VARIANT(odd_dim, c->dim = 5; c->heads = 1; c->position = POSITION_FIXED)
VARIANT(odd_derived, c->dim = 30; c->heads = 2; c->position = POSITION_ROTARY)
VARIANT(large_shape, c->max_len = 5120; c->axial_shape = "80x60")
VARIANT(no_shape_of_many, c->max_len = 5120; c->axial_shape = "80*64"; c->chunk = 64)
VARIANT(no_heads, c->heads = 0)
VARIANT(deep, c->depth = MODEL_DEPTH_MAX + 1)

/* What is refused for a number names the nearest ones that can be. */
static void what_can_be_is_said(void **state)
{
    static const struct variant bad[] = {
        {"model.heads 3 does not divide model.dim 16, and model.dim_head is 0: say model.heads "
         "2 "
         "or 4, or model.dim 15 or 18",
         set_odd_heads},
        {"model.local_heads 3 is more than model.heads 2: say model.local_heads 2, or "
         "model.heads 4",
         set_many_local},
        {"model.mem_kv: local heads see no memory, and model.local_heads 2 is all of them: say "
         "model.local_heads 1, or model.heads 4",
         set_unseen_memory},
        {"model.position rotary turns pairs: heads of 3 are odd: say model.dim_head 2 or 4",
         set_odd_rotary},
        {"model.position rotary turns pairs: heads of 15 are odd: say model.heads 1 or 3, or "
         "model.dim 28 or 32",
         set_odd_derived},
        {"model.position fixed needs an even width: say model.emb_dim 4 or 6", set_odd_fixed},
        {"model.position fixed needs an even width: say model.dim 4 or 6", set_odd_dim},
        {"model.axial_shape '4x4' holds 16 positions, not 17: say 4x5 or 5x4", set_short_shape},
        {"model.axial_shape '80x60' holds 4800 positions, not 5120: say 80x64 or 86x60",
         set_large_shape},
        {"model.axial_shape '80*64' is not like 80x64", set_no_shape_of_many},
        {"model.axial_shape '4*4' is not like 128x40", set_no_shape},
        {"model.heads 0: it must be 1 to 1024", set_no_heads},
        {"model.layers 'lsh,axial': 'axial' is not lsh, local or full", set_no_kind},
        {"model.layers 'lsh,loc': 'loc' is not lsh, local or full", set_half_kind},
        {"model.layers 'lsh,': layer 2 has no name", set_empty_kind},
        {"model.layers ',lsh': layer 1 has no name", set_empty_first},
        {"model.layers 'lsh,local,full' names 3 layers, and model.depth is 2",
         set_long_pattern},
        {"model.layers 'lsh,full': it says which layers are full: model.full_attn must be "
         "false",
         set_layers_full},
        {"model.layers 'lsh,local': it says which layers are local: model.local_heads must be "
         "0",
         set_layers_local},
        {"model.layers 'full,local': no layer hashes, so model.full_attn_thres says nothing",
         set_layers_no_thres},
        {"model.layers 'local': local layers see no memory, and there are no others: "
         "model.mem_kv must be 0",
         set_layers_unseen},
        {"model.layers: reformer-pytorch-1.4.4 has no layers of different kinds",
         set_layers_compat},
        {"model.local_chunk: reformer-pytorch-1.4.4 has no local attention with a chunk of its "
         "own",
         set_local_compat},
        {"model.local_back: reformer-pytorch-1.1.3 has no local attention with other windows "
         "than "
         "one before",
         set_back_compat},
        {"model.depth 1025: it must be 1 to 1024", set_deep},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct model_cfg c = small();
        struct errbuf eb = {0};

        bad[i].set(&c);
        assert_int_equal(model_cfg_check(&c, &eb), RF_EUSAGE);
        assert_string_equal(eb.text, bad[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_the_slope_of_the_loss),
        cmocka_unit_test(memory_changes_no_bit),
        cmocka_unit_test(a_pattern_of_one_kind_is_no_pattern),
        cmocka_unit_test(memory_may_be_out_of_reach),
        cmocka_unit_test(groups_and_panels_are_but_rounding),
        cmocka_unit_test(panels_are_the_devices),
        cmocka_unit_test(few_rows_are_but_rounding),
        cmocka_unit_test(memory_is_known_beforehand),
        cmocka_unit_test(long_sequences_fit),
        cmocka_unit_test(dropouts_are_drawn_in_training),
        cmocka_unit_test(dropouts_do_not_depend_on_panels),
        cmocka_unit_test(each_dropout_counts),
        cmocka_unit_test(full_and_local_attention_know_positions),
        cmocka_unit_test(inner_padding_is_not_seen),
        cmocka_unit_test(what_was_there_before_does_not_matter),
        cmocka_unit_test(no_shorter_sequence_takes_more),
        cmocka_unit_test(a_batch_without_labels_adds_nothing),
        cmocka_unit_test(a_head_of_ones_own),
        cmocka_unit_test(compat_begins_as_reformer_pytorch),
        cmocka_unit_test(ends_begin_as_they_are_told),
        cmocka_unit_test(the_largest_memory_works),
        cmocka_unit_test(too_large_is_refused),
        cmocka_unit_test(what_contradicts_itself_is_refused),
        cmocka_unit_test(what_can_be_is_said),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
