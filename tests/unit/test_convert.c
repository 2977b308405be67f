/* test_convert.c: state_dicts of reformer-pytorch (tests/golden/reformer/state*.safetensors)
 * give its logits, and come out as they went in. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "train/config.h"
#include "model/convert.h"
#include "model/model.h"
#include "tsan.h"

struct side {
    struct st_file *state, *out;
    struct model_cfg cfg;
    struct convert_shapes shapes;
    struct params params;
    float *block;
    char path[4096];
};

static struct st_file *open_golden(char *path, size_t size, const char *name)
{
    struct st_file *f = NULL;
    struct errbuf eb = {0};

    snprintf(path, size, "%s/tests/golden/reformer/%s.safetensors", getenv("ROOT"), name);
    if (st_open(&f, path, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    return f;
}

/* What the shapes do not tell is said here. */
static void side_open(struct side *s, const char *name)
{
    char other[64];
    struct errbuf eb = {0};

    *s = (struct side){.cfg = rf_config_default.model};
    snprintf(other, sizeof other, "%s-out", name);
    s->out = open_golden(s->path, sizeof s->path, other);
    s->state = open_golden(s->path, sizeof s->path, name);
    assert_int_equal(convert_shapes(&s->cfg, &s->shapes, s->state, s->path, &eb), RF_OK);
    assert_int_equal(s->shapes.vocab_size, 20);
    assert_int_equal(s->cfg.dim, 16);
    assert_int_equal(s->cfg.depth, 2);
    assert_int_equal(s->cfg.heads, 2);
    assert_int_equal(s->cfg.dim_head, 8);
    s->cfg.rounds = 2;
    s->cfg.chunk = 4;
    s->cfg.max_len = 32;
    s->cfg.pkm_topk = 3;
    s->cfg.causal = s->cfg.compat == COMPAT_1_4_4;
    assert_int_equal(params_new(&s->params, &s->cfg, 32, 20, NULL), RF_OK);
    s->block = calloc(s->params.floats, sizeof *s->block);
    if (convert_read(&s->params, s->block, s->state, s->path, &eb) != RF_OK)
        fail_msg("%s", eb.text);
}

static void side_close(struct side *s)
{
    params_free(&s->params);
    free(s->block);
    st_close(s->state);
    st_close(s->out);
}

static void compare_logits(struct side *s, struct nn *nn, struct model *m)
{
    const struct st_view *ids = st_find(s->out, "in.ids"),
                         *want = st_find(s->out, "out.logits");
    size_t n = ids->shape[0] * ids->shape[1];
    int32_t *rows = calloc(n, sizeof *rows);
    float *logits = calloc(n * 20, sizeof *logits);
    const float *rot[8] = {NULL};
    struct model_draw draw = {.given = rot};
    struct model_batch b = {
        .B = ids->shape[0], .T = ids->shape[1], .ids = ids->data, .rows = rows, .n = n};

    for (size_t k = 0; k < 8; k++) {
        char name[16];

        snprintf(name, sizeof name, "rot.%zu", k);
        rot[k] = st_find(s->out, name) ? st_find(s->out, name)->data : NULL;
    }
    for (size_t i = 0; i < n; i++)
        rows[i] = (int32_t)i;
    nn->ops->upload(nn, model_weights(m), s->block, s->params.floats * sizeof *s->block);
    assert_int_equal(model_logits(m, &b, &draw, NULL, logits, NULL), RF_OK);
    assert_int_equal(want->bytes, n * 20 * sizeof *logits);
    for (size_t i = 0; i < n * 20; i++) {
        float w = ((const float *)want->data)[i];

        if (!(fabsf(logits[i] - w) < 3e-5F))
            fail_msg("%s: logit %zu is %g, not %g", s->path, i, (double)logits[i], (double)w);
    }
    free(logits);
    free(rows);
}

static void its_logits_are_reformer_pytorchs(void **state)
{
    static const char *const names[] = {"state113", "state144"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct side s;
        struct model *m;
        struct nn *nn;

        side_open(&s, names[i]);
        assert_int_equal(nn_open(&nn, NN_CPU, 2, NULL), RF_OK);
        assert_int_equal(model_new(&m, nn, &s.cfg, 2, 32, 20, MODEL_FORWARD, 0, NULL), RF_OK);
        compare_logits(&s, nn, m);
        model_free(m);
        nn_close(nn);
        side_close(&s);
    }
}

static void shapes_tell_the_model(void **state)
{
    struct side s;

    (void)state;
    side_open(&s, "state113");
    assert_int_equal(s.cfg.compat, COMPAT_1_1_3);
    assert_true(s.cfg.twin && s.cfg.one_value_head && s.cfg.mem_kv == 2 && s.cfg.emb_dim == 12);
    assert_int_equal(s.cfg.norm, NORM_SCALE);
    assert_string_equal(s.cfg.axial_shape, "8x4");
    side_close(&s);
    side_open(&s, "state144");
    assert_int_equal(s.cfg.compat, COMPAT_1_4_4);
    assert_true(s.cfg.tied_embedding && s.cfg.mem_kv == 2 && !s.cfg.emb_dim && !s.cfg.ff_glu);
    assert_int_equal(s.cfg.norm, NORM_REZERO);
    assert_int_equal(s.cfg.position, POSITION_ROTARY);
    assert_string_equal(s.cfg.pkm_layers, "2");
    assert_int_equal(s.cfg.pkm_keys, 6);
    side_close(&s);
}

/* Every tensor of the state_dict, and no other, with its shape and numbers. */
static void it_comes_out_as_it_went_in(void **state)
{
    static const char *const names[] = {"state113", "state144"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct st_file *again;
        struct errbuf eb = {0};
        struct side s;

        side_open(&s, names[i]);
        if (convert_write(&s.params, &s.cfg, s.block, (enum model_compat)s.cfg.compat,
                          "again.safetensors", &eb) != RF_OK)
            fail_msg("%s", eb.text);
        assert_int_equal(st_open(&again, "again.safetensors", NULL), RF_OK);
        assert_int_equal(st_count(again), st_count(s.state));
        for (size_t k = 0; k < st_count(again); k++) {
            const struct st_view *a = st_at(again, k), *b = st_find(s.state, a->name);

            if (!b || a->dims != b->dims || a->bytes != b->bytes ||
                memcmp(a->shape, b->shape, a->dims * sizeof *a->shape) != 0 ||
                memcmp(a->data, b->data, a->bytes) != 0)
                fail_msg("%s: %s is another", names[i], a->name);
        }
        st_close(again);
        side_close(&s);
    }
}

/* One kind of block is enough: safetensors.torch.save_model() drops the other. */
static void half_a_state_dict_is_enough(void **state)
{
    struct tensor t[128] = {0};
    struct st_file *half;
    struct side s;
    float *block;
    size_t n = 0;

    (void)state;
    side_open(&s, "state113");
    for (size_t k = 0; k < st_count(s.state); k++) {
        const struct st_view *v = st_at(s.state, k);

        if (strstr(v->name, ".blocks."))
            continue;
        t[n] = (struct tensor){.dims = v->dims, .data = (float *)(uintptr_t)v->data};
        memcpy(t[n].shape, v->shape, sizeof v->shape);
        snprintf(t[n++].name, TENSOR_NAME_MAX, "%s", v->name);
    }
    assert_int_equal(st_write("half.safetensors", t, n, NULL, NULL, NULL), RF_OK);
    assert_int_equal(st_open(&half, "half.safetensors", NULL), RF_OK);
    block = calloc(s.params.floats, sizeof *block);
    assert_int_equal(convert_read(&s.params, block, half, "half", NULL), RF_OK);
    assert_memory_equal(block, s.block, s.params.floats * sizeof *block);
    free(block);
    st_close(half);
    side_close(&s);
}

static void refuse(struct side *s, void (*change)(struct model_cfg *), const char *why)
{
    struct model_cfg c = s->cfg;
    struct errbuf eb = {0};
    struct params p;
    float *block;

    change(&c);
    assert_int_equal(params_new(&p, &c, 32, 20, NULL), RF_OK);
    block = calloc(p.floats, sizeof *block);
    assert_int_equal(convert_read(&p, block, s->state, "x", &eb), RF_EFORMAT);
    if (!strstr(eb.text, why))
        fail_msg("'%s' does not say '%s'", eb.text, why);
    free(block);
    params_free(&p);
}

static void less_depth(struct model_cfg *c)
{
    c->depth = 1;
}

static void more_depth(struct model_cfg *c)
{
    c->depth = 3;
}

static void more_heads(struct model_cfg *c)
{
    c->heads = 3;
}

static void what_does_not_fit_is_refused(void **state)
{
    struct errbuf eb = {0};
    struct side s;

    (void)state;
    side_open(&s, "state113");
    refuse(&s, less_depth, "no place for reformer.layers.blocks.1");
    refuse(&s, more_depth, "nothing for layer.2.attn");
    refuse(&s, more_heads, "toqk.weight is not 384 numbers");
    assert_int_equal(convert_shapes(&s.cfg, &s.shapes, s.out, "x", &eb), RF_EFORMAT);
    assert_int_equal(convert_write(&s.params, &s.cfg, s.block, COMPAT_1_4_4, "no", &eb),
                     RF_EINVAL);
    side_close(&s);
}

/* A small model, of rotary positions unless they are changed, written for 1.4.4. */
static int export_one(void (*change)(struct model_cfg *), int compat, struct errbuf *eb)
{
    struct model_cfg c = rf_config_default.model;
    struct params p;
    float *block;
    int rc;

    c.dim = 8;
    c.depth = 2;
    c.compat = compat;
    c.dim_head = 2;
    c.position = POSITION_ROTARY;
    change(&c);
    assert_int_equal(params_new(&p, &c, 32, 20, NULL), RF_OK);
    block = calloc(p.floats, sizeof *block);
    rc = convert_write(&p, &c, block, COMPAT_1_4_4, "rotary.safetensors", eb);
    free(block);
    params_free(&p);
    return rc;
}

static void all_hashed(struct model_cfg *c)
{
    (void)c;
}

static void all_full(struct model_cfg *c)
{
    c->full_attn = true;
}

static void short_full(struct model_cfg *c)
{
    c->full_attn_thres = 32;
}

static void one_local(struct model_cfg *c)
{
    c->local_heads = 1;
}

/* 1.4.4 turns the queries of hashed heads alone: others would be a model without positions. */
static void positions_that_would_be_lost_are_refused(void **state)
{
    void (*const lost[])(struct model_cfg *) = {all_full, short_full, one_local};

    (void)state;
    assert_int_equal(export_one(all_hashed, COMPAT_NONE, NULL), RF_OK);
    for (size_t i = 0; i < 3; i++) {
        struct errbuf eb = {0};

        assert_int_equal(export_one(lost[i], COMPAT_NONE, &eb), RF_EINVAL);
        assert_non_null(strstr(eb.text, "rotary positions in full or local attention"));
        assert_int_equal(export_one(lost[i], COMPAT_1_4_4, NULL), RF_OK);
    }
}

static void mixed_layers(struct model_cfg *c)
{
    c->layers = "lsh,full";
    c->position = POSITION_ABSOLUTE;
}

static void alike_layers(struct model_cfg *c)
{
    c->layers = "lsh,lsh";
}

/* reformer-pytorch has one kind of attention for all layers. */
static void layers_of_different_kinds_are_refused(void **state)
{
    struct errbuf eb = {0};

    (void)state;
    assert_int_equal(export_one(mixed_layers, COMPAT_NONE, &eb), RF_EINVAL);
    assert_string_equal(eb.text, "reformer-pytorch-1.4.4 has no layers of different kinds");
    assert_int_equal(export_one(alike_layers, COMPAT_NONE, NULL), RF_OK);
}

/* Write a model with random weights, and return whether its file tells that layers share
 * theirs. */
static bool told_as_tied(uint64_t depth, bool twin, bool tied)
{
    struct model_cfg c = rf_config_default.model, told = c;
    struct convert_shapes shapes;
    struct errbuf eb = {0};
    struct st_file *f;
    struct params p;
    float *block;

    c.dim = 8;
    c.depth = depth;
    c.twin = twin;
    c.tied_layers = tied;
    c.compat = COMPAT_1_1_3;
    assert_int_equal(params_new(&p, &c, 32, 20, NULL), RF_OK);
    block = calloc(p.floats, sizeof *block);
    for (size_t i = 0; i < p.floats; i++)
        block[i] = (float)i;
    if (convert_write(&p, &c, block, COMPAT_1_1_3, "tied.safetensors", &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_int_equal(st_open(&f, "tied.safetensors", NULL), RF_OK);
    assert_int_equal(convert_shapes(&told, &shapes, f, "tied.safetensors", NULL), RF_OK);
    assert_int_equal(told.depth, depth);
    assert_true(told.twin == twin);
    st_close(f);
    free(block);
    params_free(&p);
    return told.tied_layers;
}

/* torch writes what layers share under the name of each. */
static void equal_layers_share_their_weights(void **state)
{
    (void)state;
    for (uint64_t depth = 1; depth < 4; depth++) {
        assert_true(told_as_tied(depth, false, true) == (depth > 1));
        assert_true(told_as_tied(depth, true, true));
        assert_false(told_as_tied(depth, false, false));
        assert_false(told_as_tied(depth, true, false));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_tell_the_model),
        cmocka_unit_test(its_logits_are_reformer_pytorchs),
        cmocka_unit_test(it_comes_out_as_it_went_in),
        cmocka_unit_test(half_a_state_dict_is_enough),
        cmocka_unit_test(equal_layers_share_their_weights),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(positions_that_would_be_lost_are_refused),
        cmocka_unit_test(layers_of_different_kinds_are_refused),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
