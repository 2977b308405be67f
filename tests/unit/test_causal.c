/* test_causal.c: nothing that comes later has a say. What a model with aligned chunks, full or
 * local attention computes for a position is the same to the bit, however the sequence goes on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "train/config.h"
#include "model/model.h"
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
VARIANT(odd, c->chunk = 13; c->dim_head = 10; c->rounds = 1)
VARIANT(local, c->local_heads = 1; c->position = POSITION_ROTARY)
VARIANT(per_head, c->rotations_per_head = true; c->attn_heads = 1)
VARIANT(factors, c->hash_factor = 4; c->one_value_head = true)
VARIANT(twin, c->twin = true; c->norm = NORM_SCALE)
VARIANT(glu, c->ff_glu = true; c->tied_layers = true; c->tied_embedding = true)
VARIANT(chunked, c->lsh_layout = LAYOUT_CHUNKED)
VARIANT(full, c->lsh_layout = LAYOUT_CHUNKED; c->full_attn = true)

static const struct variant variants[] = {
    {"nothing", set_nothing},   {"one_chunk", set_one_chunk},
    {"odd", set_odd},           {"local", set_local},
    {"per_head", set_per_head}, {"factors", set_factors},
    {"twin", set_twin},         {"glu", set_glu},
    {"full", set_full},
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
        cmocka_unit_test(in_chunks_of_all_they_have),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
