/* test_model_watch.c: gradients that backward says are complete do not change any more. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/model.h"
#include "train/config.h"

enum { B = 2, T = 16, V = 10 };

/* What was there of each span when it was complete. */
struct seen {
    const struct params *params;
    const float *grad;
    float *copy; /* laid out as grad */
    size_t spans, calls;
};

static void note_span(void *self, size_t span)
{
    struct seen *s = self;

    assert_int_equal(span, ++s->calls); /* span 0 is there with span 1 */
    for (; s->spans <= span; s->spans++) {
        struct params_span of = params_span(s->params, s->spans);

        memcpy(s->copy + of.offset, s->grad + of.offset, of.floats * sizeof *s->copy);
    }
}

/* Two steps whose gradients add up, the second one watched. */
static void check(const struct model_cfg *cfg)
{
    static const int32_t ids[B * T] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, rows[] = {1, 3, 20},
                                 labels[] = {4, 5, 6};
    const struct model_batch b = {
        .B = B, .T = T, .ids = ids, .rows = rows, .labels = labels, .n = 3};
    struct model_draw draw = {.seed = 1, .step = 1, .train = true};
    struct seen s = {.spans = 0};
    const struct model_watch watch = {&s, note_span};
    struct errbuf eb = {0};
    struct nn_sum *sum;
    struct model *m;
    struct nn *nn;
    float *grad;
    size_t n;

    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    if (model_new(&m, nn, cfg, B, T, V, MODEL_BACKWARD, 0, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    s.params = model_params(m);
    params_init(s.params, nn, model_weights(m), 3);
    n = params_gradients(s.params);
    s.grad = grad = calloc(n, sizeof *grad);
    s.copy = calloc(n, sizeof *s.copy);
    sum = calloc(1, sizeof *sum);
    assert_true(grad && s.copy && sum);
    assert_int_equal(model_add_loss(m, &b, &draw, grad, 1, sum, NULL), RF_OK);
    draw.slot = 1;
    model_watch(m, &watch);
    assert_int_equal(model_add_loss(m, &b, &draw, NULL, 0, sum, NULL), RF_OK);
    assert_int_equal(s.calls, 0); /* no gradients, no calls */
    assert_int_equal(model_add_loss(m, &b, &draw, grad, 1, sum, NULL), RF_OK);
    assert_int_equal(s.spans, params_spans(s.params));
    assert_memory_equal(s.copy, grad, s.params->floats * sizeof *grad);
    model_watch(m, NULL);
    assert_int_equal(model_add_loss(m, &b, &draw, grad, 1, sum, NULL), RF_OK);
    assert_int_equal(s.calls, params_spans(s.params) - 1);
    free(grad);
    free(s.copy);
    free(sum);
    model_free(m);
    nn_close(nn);
}

static struct model_cfg small(void)
{
    struct model_cfg c = rf_config_default.model;

    c.dim = 12;
    c.depth = 3;
    c.heads = 3;
    c.chunk = 2;
    c.rounds = 2;
    c.ff_mult = 2;
    return c;
}

static void complete_gradients_stay(void **state)
{
    struct model_cfg c = small();

    (void)state;
    check(&c);
    c.tied_embedding = true;
    check(&c);
    c.tied_layers = true;
    check(&c);
    c.tied_embedding = false;
    check(&c);
    c = small();
    c.layer_dropout = 0.6;
    check(&c);
    c = small();
    c.pkm_layers = "2";
    c.pkm_keys = c.pkm_topk = 4;
    c.emb_dim = 8;
    check(&c);
    c = small();
    c.twin = true;
    c.mem_kv = 2;
    check(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(complete_gradients_stay)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
