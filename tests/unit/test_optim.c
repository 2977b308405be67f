/* test_optim.c: learning rate, clipping, and AdamW by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "reformer/optim.h"

static void about(double got, double want)
{
    if (!(fabs(got - want) <= 1e-6 * fabs(want) + 1e-12))
        fail_msg("%.9g, not %.9g", got, want);
}

static void the_rate_rises_and_falls(void **state)
{
    struct optim_cfg c = {.lr = 0.5, .warmup = 10, .schedule = SCHEDULE_LINEAR};

    (void)state;
    about(optim_rate(&c, 1, 110), 0.05);
    about(optim_rate(&c, 10, 110), 0.5);
    about(optim_rate(&c, 11, 110), 0.5 * 100 / 101);
    about(optim_rate(&c, 110, 110), 0.5 / 101);
    about(optim_rate(&c, 111, 110), 0);
    c.schedule = SCHEDULE_CONSTANT;
    about(optim_rate(&c, 111, 110), 0.5);
    c.warmup = 0;
    about(optim_rate(&c, 1, 110), 0.5);
    c.schedule = SCHEDULE_LINEAR;
    about(optim_rate(&c, 1, 110), 0.5 * 110 / 111);
}

static void long_gradients_are_shortened(void **state)
{
    struct optim_cfg c = {.clip = 2};

    (void)state;
    about(optim_clip(&c, 1.5), 1);
    about(optim_clip(&c, 8), 0.25);
    c.clip = 0;
    about(optim_clip(&c, 8), 1);
}

/* One number of a matrix and one of a bias against the formula, over three updates. */
static void adamw_is_adamw(void **state)
{
    const struct model_cfg model = {
        .dim = 4, .depth = 1, .heads = 1, .chunk = 2, .rounds = 1, .ff_mult = 1, .ff_rows = 1};
    const struct optim_cfg c = {.beta1 = 0.9, .beta2 = 0.98, .eps = 1e-8, .decay = 0.1};
    const double rate = 0.01, scale = 0.5, grads[] = {3, -1, 0.25};
    double w[2] = {1, 1}, m[2] = {0}, v[2] = {0};
    struct params p;
    struct optim o;
    struct nn *nn;
    float *weights, *grad;

    (void)state;
    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(params_new(&p, &model, 4, 6), RF_OK);
    assert_int_equal(optim_new(&o, nn, &p, &c, NULL), RF_OK);
    weights = nn->ops->mem_new(nn, p.floats * sizeof *weights);
    grad = nn->ops->mem_new(nn, p.floats * sizeof *grad);
    nn->ops->fill(nn, weights, 1, p.floats);
    for (int t = 0; t < 3; t++) {
        const size_t at[] = {p.p[PARAM_TOKEN].offset, p.p[PARAM_HEAD_BIAS].offset};

        nn->ops->fill(nn, grad, (float)grads[t], p.floats);
        optim_step(&o, weights, grad, (uint64_t)t + 1, rate, scale);
        for (int i = 0; i < 2; i++) {
            double g = grads[t] * scale, mh, vh;

            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.98 * v[i] + 0.02 * g * g;
            mh = m[i] / (1 - pow(0.9, t + 1));
            vh = v[i] / (1 - pow(0.98, t + 1));
            w[i] -= rate * (mh / (sqrt(vh) + 1e-8) + (i == 0 ? 0.1 : 0) * w[i]);
            if (!(fabs((double)weights[at[i]] - w[i]) < 1e-6))
                fail_msg("update %d: %.9g, not %.9g", t, (double)weights[at[i]], w[i]);
        }
    }
    nn->ops->mem_free(nn, weights, p.floats * sizeof *weights);
    nn->ops->mem_free(nn, grad, p.floats * sizeof *grad);
    optim_free(&o);
    params_free(&p);
    nn_close(nn);
}

/* Parameters lie one behind the other, none over another, and have names of their own. */
static void the_table_adds_up(void **state)
{
    const struct model_cfg model = {
        .dim = 6, .depth = 2, .heads = 2, .chunk = 4, .rounds = 1, .ff_mult = 3, .ff_rows = 1};
    struct params p;
    size_t total = 0, end = 0;

    (void)state;
    assert_int_equal(params_new(&p, &model, 10, 7), RF_OK);
    assert_int_equal(p.shape.axial0, 3); /* 10 tokens in rows of 4 */
    assert_int_equal(p.present, 7 + 2 * 12);
    for (size_t i = 0; i < p.n; i++) {
        if (!p.p[i].count)
            continue;
        assert_true(p.p[i].offset >= end);
        if (i != param_of(0, ATTN_V) && i != param_of(2, ATTN_V)) /* right behind the queries */
            assert_int_equal(p.p[i].offset % 16, 0);
        end = p.p[i].offset + p.p[i].count;
        total += p.p[i].count;
    }
    assert_true(end <= p.floats);
    assert_int_equal(total, p.total);
    /* tokens, positions, head, norm; attention, feed-forward of two layers */
    assert_int_equal(total, 2 * 7 * 6 + 7 + (3 + 4) * 6 + 12 +
                                2 * (12 + 3 * 36 + 6 + 12 + 2 * 6 * 18 + 18 + 6));
    params_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rate_rises_and_falls),
        cmocka_unit_test(long_gradients_are_shortened),
        cmocka_unit_test(adamw_is_adamw),
        cmocka_unit_test(the_table_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
