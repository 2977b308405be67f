/* test_causal.c: nothing that comes later has a say. What a model with aligned chunks, full or
 * local attention computes for a position is the same to the bit, however the sequence goes on;
 * and it is the same token by token. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "train/config.h"
#include "model/decode.h"
#include "tsan.h"

enum { LONGEST = 150, V = 50 };

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
VARIANT(one_chunk, c->chunk = 256)
VARIANT(panels, c->chunk = 32) /* as kernels take keys: a step leaves out those not there */
VARIANT(in_place, c->chunk = 32; c->dim_head = 64) /* and reads keys where they lie */
VARIANT(full_in_place, c->layers = "full,local,full"; c->dim_head = 96; c->local_chunk = 20)
VARIANT(odd, c->chunk = 13; c->dim_head = 10; c->rounds = 1)
VARIANT(local, c->local_heads = 1; c->position = POSITION_ROTARY)
VARIANT(per_head, c->rotations_per_head = true; c->attn_heads = 1)
VARIANT(factors, c->hash_factor = 4; c->one_value_head = true)
VARIANT(twin, c->twin = true; c->norm = NORM_SCALE)
VARIANT(glu, c->ff_glu = true; c->tied_layers = true; c->tied_embedding = true)
VARIANT(chunked, c->lsh_layout = LAYOUT_CHUNKED)
VARIANT(absolute, c->position = POSITION_ABSOLUTE; c->local_heads = 4)
VARIANT(fixed, c->position = POSITION_FIXED; c->emb_dim = 12)
VARIANT(full, c->lsh_layout = LAYOUT_CHUNKED; c->full_attn = true)
VARIANT(layers, c->layers = "local,lsh,full"; c->local_chunk = 3; c->local_back = 3;
        c->rotations_per_head = true)
VARIANT(layers_rotary, c->layers = "full,local"; c->lsh_layout = LAYOUT_CHUNKED;
        c->position = POSITION_ROTARY; c->local_chunk = 16; c->local_back = 0)
VARIANT(layers_tied, c->layers = "local,lsh"; c->tied_layers = true; c->twin = true)

static const struct variant variants[] = {
    {"nothing", set_nothing},
    {"one_chunk", set_one_chunk},
    {"panels", set_panels},
    {"in_place", set_in_place},
    {"full_in_place", set_full_in_place},
    {"odd", set_odd},
    {"local", set_local},
    {"per_head", set_per_head},
    {"factors", set_factors},
    {"twin", set_twin},
    {"glu", set_glu},
    {"full", set_full},
    {"absolute", set_absolute},
    {"fixed", set_fixed},
    {"layers", set_layers},
    {"layers_rotary", set_layers_rotary},
    {"layers_tied", set_layers_tied},
};

static struct model_cfg aligned(void)
{
    struct model_cfg c = rf_config_default.model;

    c.dim = 32;
    c.depth = 3;
    c.heads = 4;
    c.chunk = 8;
    c.rounds = 3;
    c.ff_mult = 2;
    c.causal = true;
    c.lsh_layout = LAYOUT_ALIGNED;
    return c;
}

/* Logits of the position `row` of the first T ids, in a batch that pads them to `all`. */
static void logits_of(struct model *m, const int32_t *ids, size_t row, size_t T, size_t all,
                      float *logits)
{
    struct model_draw draw = {.seed = 7};
    int32_t one[] = {(int32_t)row}, own[LONGEST] = {0};
    uint8_t real[LONGEST] = {0};
    struct model_batch b = {
        .B = 1, .T = all, .ids = own, .real = real, .rows = one, .labels = one, .n = 1};
    struct errbuf eb = {0};

    memcpy(own, ids, T * sizeof *own);
    memset(real, 1, T);
    if (model_logits(m, &b, &draw, NULL, logits, &eb) != RF_OK)
        fail_msg("%s", eb.text);
}

/* The first position that what follows has a say in; LONGEST: there is none. */
static size_t first_that_differs(const struct variant *v, enum nn_kind kind, size_t step)
{
    const struct nn_options options = {.kind = kind, .threads = 2, .gemm = NN_GEMM_EXACT};
    struct model_cfg cfg = aligned();
    int32_t ids[LONGEST];
    float alone[V], within[V], padded[V];
    size_t at = LONGEST;
    struct model *m;
    struct nn *nn;

    for (size_t i = 0; i < LONGEST; i++)
        ids[i] = (int32_t)(i * i % 7 + i % 5);
    v->set(&cfg);
    assert_int_equal(nn_open_with(&nn, &options, NULL), RF_OK);
    assert_int_equal(model_new(&m, nn, &cfg, 1, LONGEST, V, MODEL_FORWARD, 0, NULL), RF_OK);
    params_init(model_params(m), nn, model_weights(m), 3);
    for (size_t t = 0; t < LONGEST && at == LONGEST; t += step) {
        logits_of(m, ids, t, t + 1, t + 1, alone);
        logits_of(m, ids, t, LONGEST, LONGEST, within);
        logits_of(m, ids, t, t + 1, LONGEST, padded);
        if (memcmp(alone, within, sizeof alone) != 0 ||
            memcmp(alone, padded, sizeof alone) != 0)
            at = t;
    }
    model_free(m);
    nn_close(nn);
    return at;
}

static void later_tokens_have_no_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        size_t at = first_that_differs(&variants[i], NN_CPU, 11);

        if (at < LONGEST)
            fail_msg("%s: what follows position %zu has a say", variants[i].name, at);
    }
    assert_int_equal(first_that_differs(&variants[0], NN_REF, 61), LONGEST);
}

/* --- token by token */

/* Sequences that begin alike and go on differently: the ids of number s. */
static void sequence(int32_t *ids, size_t s, size_t prompt)
{
    for (size_t i = 0; i < LONGEST; i++)
        ids[i] = (int32_t)(i * i % 7 + i % 5 + (i < prompt ? 0 : s * i % 11));
}

/* The first length whose logits differ from those of the whole sequence; LONGEST: there is
 * none. */
static size_t first_step_that_differs(const struct variant *v, enum nn_dtype dtype,
                                      const enum nn_store *store, size_t prompt)
{
    enum { MANY = 3 };
    const struct nn_options options = {.threads = 2, .gemm = NN_GEMM_EXACT, .dtype = dtype};
    const struct model_draw draw = {.seed = 7};
    struct model_cfg cfg = aligned();
    int32_t ids[MANY][LONGEST], next[MANY];
    float got[MANY * V], want[V];
    struct model_past *p;
    size_t at = LONGEST;
    struct model *m;
    struct nn *nn;

    v->set(&cfg);
    if (store)
        cfg.attn_heads = 0;
    assert_int_equal(nn_open_with(&nn, &options, NULL), RF_OK);
    assert_int_equal(model_new(&m, nn, &cfg, 1, LONGEST, V, MODEL_FORWARD, 0, NULL), RF_OK);
    params_init(model_params(m), nn, model_weights(m), 3);
    if (store)
        assert_int_equal(model_store(m, *store, NULL, NULL, NULL), RF_OK);
    assert_int_equal(model_past_new(&p, m, MANY, LONGEST, LONGEST - prompt, &draw, NULL),
                     RF_OK);
    for (size_t s = 0; s < MANY; s++)
        sequence(ids[s], s, prompt);
    for (int again = 0; again < 2; again++)
        assert_int_equal(model_prefill(p, ids[0], prompt, got, NULL), RF_OK);
    logits_of(m, ids[0], prompt - 1, prompt, prompt, want);
    assert_memory_equal(got, want, sizeof want);
    for (size_t t = prompt; t < LONGEST && at == LONGEST; t++) {
        for (size_t s = 0; s < MANY; s++)
            next[s] = ids[s][t];
        assert_int_equal(model_past_length(p), t);
        assert_int_equal(model_step(p, next, got, NULL), RF_OK);
        for (size_t s = 0; s < MANY && (t % 23 == 0 || t + 1 == LONGEST); s++) {
            logits_of(m, ids[s], t, t + 1, t + 1, want);
            if (memcmp(got + s * V, want, sizeof want) != 0)
                at = t;
        }
    }
    model_past_free(p);
    model_free(m);
    nn_close(nn);
    return at;
}

static void all_steps_are_the_whole(const enum nn_store *store, size_t first)
{
    static const enum nn_dtype dtypes[] = {NN_FP32, NN_BF16};

    for (size_t i = 0; i < 2 * sizeof variants / sizeof *variants; i++)
        for (size_t prompt = first; prompt < LONGEST; prompt += 110) {
            const struct variant *v = &variants[i / 2];
            size_t at = first_step_that_differs(v, dtypes[i % 2], store, prompt);

            if (at < LONGEST)
                fail_msg("%s, %s, %zu tokens given: token %zu has other bits", v->name,
                         i % 2 ? "bf16" : "fp32", prompt, at);
        }
}

static void steps_are_the_whole(void **state)
{
    (void)state;
    all_steps_are_the_whole(NULL, 1);
}

/* With weights in fewer bits too. */
static void so_they_are_with_stored_weights(void **state)
{
    static const enum nn_store ways[] = {NN_STORE_BF16, NN_STORE_INT8};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        all_steps_are_the_whole(&ways[i], 111);
}

/* The largest difference of logits, relative to their size, between a sequence of all positions
 * and the same token by token. */
static float far_off(const struct variant *v, size_t depth)
{
    enum { T = 144 }; /* whole pairs of chunks: nothing is padded */
    const struct model_draw draw = {.seed = 7};
    struct model_cfg cfg = aligned();
    float got[V], want[V], most = 0, size = 0;
    int32_t ids[LONGEST], last = T - 1;
    struct model_batch b = {.B = 1, .T = T, .ids = ids, .rows = &last, .n = 1};
    struct model_past *p;
    struct model *m;
    struct nn *nn;

    cfg.lsh_layout = LAYOUT_CHUNKED;
    cfg.depth = depth;
    v->set(&cfg);
    sequence(ids, 0, 1);
    assert_int_equal(nn_open(&nn, NN_CPU, 2, NULL), RF_OK);
    assert_int_equal(model_new(&m, nn, &cfg, 1, T, V, MODEL_FORWARD, 0, NULL), RF_OK);
    params_init(model_params(m), nn, model_weights(m), 3);
    assert_int_equal(model_past_new(&p, m, 1, 30, T - 30, &draw, NULL), RF_OK);
    assert_int_equal(model_prefill(p, ids, 30, got, NULL), RF_OK);
    for (size_t t = 30; t < T; t++)
        assert_int_equal(model_step(p, ids + t, got, NULL), RF_OK);
    assert_int_equal(model_logits(m, &b, &draw, NULL, want, NULL), RF_OK);
    for (size_t i = 0; i < V; i++) {
        most = fmaxf(most, fabsf(got[i] - want[i]));
        size = fmaxf(size, fabsf(want[i]));
    }
    model_past_free(p);
    model_free(m);
    nn_close(nn);
    return most / size;
}

VARIANT(once, c->duplicates = false)
VARIANT(within, c->across_buckets = false; c->rounds = 1)
VARIANT(once_within, c->duplicates = false; c->across_buckets = false; c->local_heads = 1)
VARIANT(compat, c->compat = COMPAT_1_4_4)
VARIANT(layers_chunked, c->depth = 2; c->layers = "local,lsh"; c->local_chunk = 5)

/* In the first layer that hashes nothing but the order of sums differs: what is put there does
 * not depend on chunks. In a deeper one earlier positions have kept what they once met. */
static void chunks_of_all_are_approximated(void **state)
{
    static const struct variant chunked[] = {{"nothing", set_nothing},
                                             {"once", set_once},
                                             {"within", set_within},
                                             {"once_within", set_once_within},
                                             {"per_head", set_per_head},
                                             {"compat", set_compat},
                                             {"layers_chunked", set_layers_chunked}};

    (void)state;
    for (size_t i = 0; i < sizeof chunked / sizeof *chunked; i++) {
        float off = far_off(&chunked[i], 1);

        if (!(off < 1e-4F))
            fail_msg("%s: %g off", chunked[i].name, (double)off);
    }
    assert_true(far_off(&chunked[0], 3) > 1e-4F);
}

/* Chunks of all positions: what comes later moves earlier ones from chunk to chunk. */
static void in_chunks_of_all_they_have(void **state)
{
    static const struct variant chunked = {"chunked", set_chunked};

    (void)state;
    assert_true(first_that_differs(&chunked, NN_CPU, 11) < LONGEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(later_tokens_have_no_say),
        cmocka_unit_test(steps_are_the_whole),
        cmocka_unit_test(so_they_are_with_stored_weights),
        cmocka_unit_test(chunks_of_all_are_approximated),
        cmocka_unit_test(in_chunks_of_all_they_have),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
