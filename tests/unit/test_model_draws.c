/* test_model_draws.c: what the model asks of a device: which random numbers, how many of them,
 * how many buckets, which kind of attention. A device that notes what is asked stands before
 * the reference; what comes of it is for test_model.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "train/config.h"
#include "model/model.h"
#include "tsan.h"

enum { B = 2, T_MAX = 150, V = 10, HEADS = 3, NOTES_MAX = 4096 };

/* --- a device that notes */

static struct {
    const struct nn_ops *real;
    struct nn_ops ops;
    struct rng drop[NOTES_MAX], rotate[NOTES_MAX]; /* streams that were drawn from */
    float rate[NOTES_MAX];                         /* of drop, */
    bool in_attention[NOTES_MAX];                  /* and whether it was one's */
    struct attend_dims attend[NOTES_MAX];
    struct hash_dims hash[NOTES_MAX];
    size_t drops, rotates, attends, hashes;
    const float *rot; /* the rotations drawn last, */
    size_t rots;      /* so many numbers */
} notes;

static void note_drop(struct rng r, float rate, bool in_attention)
{
    assert_true(notes.drops < NOTES_MAX);
    notes.drop[notes.drops] = r;
    notes.in_attention[notes.drops] = in_attention;
    notes.rate[notes.drops++] = rate;
}

static void dropout(struct nn *nn, float *y, const float *x, const float *bias, float rate,
                    struct rng r, size_t rows, size_t n)
{
    if (rate > 0)
        note_drop(r, rate, false);
    notes.real->dropout(nn, y, x, bias, rate, r, rows, n);
}

static void fill_normal(struct nn *nn, float *y, float scale, struct rng r, size_t n)
{
    assert_true(notes.rotates < NOTES_MAX);
    notes.rotate[notes.rotates++] = r;
    notes.rot = y;
    notes.rots = n;
    notes.real->fill_normal(nn, y, scale, r, n);
}

/* Rotations that were not drawn must not be looked at. */
static void lsh_hash(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                     const struct hash_dims *s)
{
    assert_true(notes.hashes < NOTES_MAX);
    notes.hash[notes.hashes++] = *s;
    assert_true(rot >= notes.rot);
    assert_true(rot + hash_rotation(s) * s->rots <= notes.rot + notes.rots);
    notes.real->lsh_hash(nn, bucket, qk, rot, s);
}

static void attend_fwd(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                       const int32_t *order, const int32_t *bucket, const uint8_t *real,
                       const struct attend_dims *s)
{
    assert_true(notes.attends < NOTES_MAX);
    notes.attend[notes.attends++] = *s;
    for (size_t h = 0; h < s->H && s->dropout > 0; h++)
        note_drop(attend_draw(s, h), s->dropout, true);
    notes.real->attend_fwd(nn, o, stat, qk, v, order, bucket, real, s);
}

/* --- a model on it */

static struct model_cfg small(void)
{
    struct model_cfg c = rf_config_default.model;

    c.dim = 12;
    c.depth = 2;
    c.heads = HEADS;
    c.chunk = 2;
    c.rounds = 3;
    c.ff_mult = 2;
    return c;
}

struct one {
    struct nn *nn;
    struct model *m;
};

static void open_one(struct one *g, const struct model_cfg *cfg)
{
    struct errbuf eb = {0};

    assert_int_equal(nn_open(&g->nn, NN_REF, 1, NULL), RF_OK);
    notes.real = g->nn->ops;
    notes.ops = *notes.real;
    notes.ops.dropout = dropout;
    notes.ops.lsh_hash = lsh_hash;
    notes.ops.attend_fwd = attend_fwd;
    g->nn->ops = &notes.ops;
    if (model_new(&g->m, g->nn, cfg, B, T_MAX, V, MODEL_BACKWARD, 0, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    params_init(model_params(g->m), g->nn, model_weights(g->m), 3);
    notes.ops.fill_normal = fill_normal; /* weights are none of ours */
    notes.drops = notes.rotates = notes.attends = notes.hashes = 0;
}

static void close_one(struct one *g)
{
    model_free(g->m);
    g->nn->ops = notes.real;
    nn_close(g->nn);
}

/* A training step of T tokens a sequence, with gradients if grad is not NULL. */
static void step(struct one *g, size_t T, const struct model_draw *draw, float *grad)
{
    static const int32_t rows[] = {1, 3}, labels[] = {4, 5};
    static int32_t ids[B * T_MAX];
    struct model_batch b = {.B = B, .T = T, .ids = ids, .rows = rows, .labels = labels, .n = 2};
    struct model_sum sum = {0};

    assert_int_equal(model_loss(g->m, &b, draw, grad, 1, &sum, NULL), RF_OK);
}

/* One step of a model, forward. */
static void run(const struct model_cfg *cfg, size_t T)
{
    const struct model_draw draw = {.seed = 1, .step = 1, .train = true};
    struct one g;

    open_one(&g, cfg);
    step(&g, T, &draw, NULL);
    close_one(&g);
}

static void check_distinct(const char *what, const struct rng *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (r[i].seed == r[j].seed && r[i].stream == r[j].stream)
                fail_msg("%s %zu and %zu of %zu are the same", what, j, i, n);
}

/* --- rotations */

static void rotations_differ_by_step_and_layer(void **state)
{
    struct model_draw draw = {.seed = 1, .train = true};
    struct model_cfg cfg = small();
    struct one g;

    (void)state;
    cfg.twin = true;
    open_one(&g, &cfg);
    for (draw.step = 0; draw.step < 3; draw.step++)
        step(&g, 13, &draw, NULL);
    assert_int_equal(notes.rotates, 3 * 2 * cfg.depth);
    check_distinct("rotations", notes.rotate, notes.rotates);
    close_one(&g);
}

static void rotations_are_those_of_the_step_in_every_slot(void **state)
{
    struct model_draw draw = {.seed = 1, .step = 7, .train = true};
    struct model_cfg cfg = small();
    struct one g;

    (void)state;
    open_one(&g, &cfg);
    for (; draw.slot < 2; draw.slot++)
        step(&g, 13, &draw, NULL);
    assert_int_equal(notes.rotates, 2 * cfg.depth);
    assert_memory_equal(notes.rotate, notes.rotate + cfg.depth,
                        cfg.depth * sizeof *notes.rotate);
    close_one(&g);
}

/* 13 tokens in chunks of 2 are padded to 16: 8 buckets. */
static void all_rotations_are_drawn(void **state)
{
    struct model_cfg cfg = small();
    size_t one = cfg.dim / HEADS * cfg.rounds * 8 / 2;

    (void)state;
    run(&cfg, 13);
    assert_int_equal(notes.rots, one);
    assert_int_equal(notes.hash[0].rots, 1);
    cfg.rotations_per_head = true;
    run(&cfg, 13);
    assert_int_equal(notes.rots, HEADS * one);
    assert_int_equal(notes.hash[0].rots, HEADS);
    cfg.local_heads = 1;
    run(&cfg, 13);
    assert_int_equal(notes.rots, (HEADS - 1) * one);
    assert_int_equal(notes.hash[0].rots, HEADS - 1);
}

/* --- buckets */

/* 64 tokens are 32 buckets, or 6 times 6. */
static void check_factors(int compat, uint64_t hash_factor, size_t n1, size_t n2)
{
    struct model_cfg cfg = small();

    cfg.compat = compat;
    cfg.hash_factor = hash_factor;
    run(&cfg, 64);
    assert_true(notes.hashes > 0);
    assert_int_equal(notes.hash[0].n1, n1);
    assert_int_equal(notes.hash[0].n2, n2);
}

static void more_buckets_than_hash_factor_are_pairs(void **state)
{
    (void)state;
    check_factors(COMPAT_NONE, 128, 32, 0);
    check_factors(COMPAT_NONE, 32, 32, 0);
    check_factors(COMPAT_NONE, 31, 6, 6);
    check_factors(COMPAT_NONE, 0, 32, 0);
    check_factors(COMPAT_1_1_3, 31, 32, 0);
}

/* --- attention */

static enum attend_kind kind_of(const struct model_cfg *cfg, size_t T)
{
    run(cfg, T);
    return notes.attend[0].kind;
}

static void full_attn_thres_counts_memory(void **state)
{
    struct model_cfg cfg = small();

    (void)state;
    cfg.full_attn_thres = 16;
    assert_int_equal(kind_of(&cfg, 16), ATTEND_FULL);
    assert_int_equal(kind_of(&cfg, 17), ATTEND_LSH);
    cfg.mem_kv = 3;
    assert_int_equal(kind_of(&cfg, 13), ATTEND_FULL);
    assert_int_equal(kind_of(&cfg, 14), ATTEND_LSH);
}

static size_t head_of(int compat, uint64_t dim_head)
{
    struct model_cfg cfg = small();

    cfg.compat = compat;
    cfg.dim_head = dim_head;
    run(&cfg, 13);
    return notes.attend[0].D;
}

static void heads_are_as_wide_as_compat_has_them(void **state)
{
    (void)state;
    assert_int_equal(head_of(COMPAT_NONE, 0), 12 / HEADS);
    assert_int_equal(head_of(COMPAT_1_1_3, 0), 12 / HEADS);
    assert_int_equal(head_of(COMPAT_1_4_4, 0), 64);
    assert_int_equal(head_of(COMPAT_1_4_4, 6), 6);
}

/* --- memory */

/* How often attention is computed in a step, where it is once for each layer forward. */
static size_t attends_of(uint64_t reverse_thres, size_t T)
{
    const struct model_draw draw = {.seed = 1, .step = 1, .train = true};
    struct model_cfg cfg = small();
    struct one g;
    float *grad;

    cfg.reverse_thres = reverse_thres;
    open_one(&g, &cfg);
    grad = calloc(model_params(g.m)->floats, sizeof *grad);
    assert_non_null(grad);
    step(&g, T, &draw, grad);
    free(grad);
    close_one(&g);
    return notes.attends;
}

static void up_to_reverse_thres_all_is_computed_once(void **state)
{
    const size_t depth = small().depth;

    (void)state;
    assert_int_equal(attends_of(13, 13), depth);
    assert_int_equal(attends_of(13, 14), 2 * depth);
    assert_int_equal(attends_of(0, 13), 2 * depth);
}

/* --- dropouts */

/* Sites, layers, heads, sequences with a memory each, pieces of them, slots and steps. */
static void no_two_masks_are_the_same(void **state)
{
    struct model_draw draw = {.seed = 1, .train = true};
    struct model_cfg cfg = small();
    struct one g;

    (void)state;
    cfg.local_heads = 1;
    cfg.mem_kv = 2;
    cfg.lsh_dropout = cfg.post_attn_dropout = cfg.ff_dropout = 0.25;
    open_one(&g, &cfg);
    for (draw.step = 0; draw.step < 2; draw.step++)
        for (draw.slot = 0; draw.slot < 2; draw.slot++)
            step(&g, T_MAX, &draw, NULL);
    /* a layer has three heads, then 3 pieces of each sequence of 150, then 5 of both */
    assert_int_equal(notes.drops, 4 * cfg.depth * (HEADS + B * 3 + 5));
    check_distinct("masks", notes.drop, notes.drops);
    close_one(&g);
}

/* Each site by its own rate, and whatever kind of attention there is. */
static void masks_have_the_rate_that_was_asked_for(void **state)
{
    struct model_cfg cfg = small();

    (void)state;
    cfg.local_heads = 1;
    cfg.lsh_dropout = 0.125;
    run(&cfg, 13);
    assert_int_equal(notes.drops, cfg.depth * HEADS);
    for (size_t i = 0; i < notes.drops; i++)
        assert_true(notes.in_attention[i] && notes.rate[i] == 0.125F);
    cfg = small();
    cfg.post_attn_dropout = 0.25;
    run(&cfg, 13);
    assert_int_equal(notes.drops, cfg.depth);
    for (size_t i = 0; i < notes.drops; i++)
        assert_true(!notes.in_attention[i] && notes.rate[i] == 0.25F);
    cfg = small();
    cfg.ff_dropout = 0.5;
    run(&cfg, 13);
    assert_int_equal(notes.drops, cfg.depth);
    for (size_t i = 0; i < notes.drops; i++)
        assert_true(!notes.in_attention[i] && notes.rate[i] == 0.5F);
}

/* --- layers left out */

enum { STEPS = 64 };

/* How many layers each of some steps has; a layer has one attention. */
static void count_layers(size_t layers[STEPS], uint64_t depth, double layer_dropout)
{
    struct model_draw draw = {.seed = 1, .train = true};
    struct model_cfg cfg = small();
    struct one g;

    cfg.depth = depth;
    cfg.layer_dropout = layer_dropout;
    open_one(&g, &cfg);
    for (; draw.step < STEPS; draw.step++) {
        size_t before = notes.attends;

        step(&g, 4, &draw, NULL);
        layers[draw.step] = notes.attends - before;
    }
    close_one(&g);
}

/* Of 512 layers half, and 5 deviations of 11. */
static void each_step_leaves_out_its_own_layers(void **state)
{
    size_t layers[STEPS], sum = 0;
    bool differ = false;

    (void)state;
    count_layers(layers, 8, 0.5);
    for (size_t i = 0; i < STEPS; i++) {
        sum += layers[i];
        differ = differ || layers[i] != layers[0];
    }
    assert_true(differ);
    assert_true(sum > 256 - 55 && sum < 256 + 55);
}

static void never_all_layers_are_left_out(void **state)
{
    size_t layers[STEPS], ones = 0;

    (void)state;
    count_layers(layers, 2, 0.9);
    for (size_t i = 0; i < STEPS; i++) {
        assert_true(layers[i] > 0);
        ones += layers[i] == 1;
    }
    assert_true(ones > STEPS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rotations_differ_by_step_and_layer),
        cmocka_unit_test(rotations_are_those_of_the_step_in_every_slot),
        cmocka_unit_test(all_rotations_are_drawn),
        cmocka_unit_test(more_buckets_than_hash_factor_are_pairs),
        cmocka_unit_test(full_attn_thres_counts_memory),
        cmocka_unit_test(heads_are_as_wide_as_compat_has_them),
        cmocka_unit_test(up_to_reverse_thres_all_is_computed_once),
        cmocka_unit_test(no_two_masks_are_the_same),
        cmocka_unit_test(masks_have_the_rate_that_was_asked_for),
        cmocka_unit_test(each_step_leaves_out_its_own_layers),
        cmocka_unit_test(never_all_layers_are_left_out),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
