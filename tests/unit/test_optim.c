/* test_optim.c: learning rate, clipping, and AdamW by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "train/optim.h"

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

static void the_decay_comes_last(void **state)
{
    struct optim_cfg c = {
        .lr = 0.5, .warmup = 10, .schedule = SCHEDULE_WSD, .decay_share = 0.2};

    (void)state;
    about(optim_rate(&c, 5, 100), 0.25);
    about(optim_rate(&c, 80, 100), 0.5);
    about(optim_rate(&c, 81, 100), 0.5 * 20 / 21);
    about(optim_rate(&c, 100, 100), 0.5 / 21);
    about(optim_rate(&c, 101, 100), 0);
    c.decay_shape = DECAY_SQRT;
    about(optim_rate(&c, 80, 100), 0.5);
    about(optim_rate(&c, 81, 100), 0.5 * (1 - sqrt(1.0 / 21)));
    about(optim_rate(&c, 100, 100), 0.5 * (1 - sqrt(20.0 / 21)));
    c.decay_shape = DECAY_LINEAR;
    c.decay_share = 0;
    about(optim_rate(&c, 100, 100), 0.5);
    c.decay_share = 1; /* it begins behind the warm-up */
    about(optim_rate(&c, 10, 100), 0.5);
    about(optim_rate(&c, 11, 100), 0.5 * 90 / 91);
    c.warmup = 200;
    about(optim_rate(&c, 100, 100), 0.25);
    c.warmup = 0;
    about(optim_decay(&c, 25, 20, 40), 5.0 / 21);
    about(optim_wsd_rate(&c, 25, 0.75), 0.125);
}

static void the_relative_step_is_by_the_step_alone(void **state)
{
    struct optim_cfg c = {.lr = 7, .relative_step = true};

    (void)state;
    about(optim_rate(&c, 1, 10), 0.01);
    about(optim_rate(&c, 40000, 10), 0.005);
    c.warmup = 4;
    about(optim_rate(&c, 3, 10), 0.0075);
}

/* All schedules as transformers has them, whose total is one more than ours. */
static void schedules_are_those_of_transformers(void **state)
{
    struct golden g;
    size_t lines = 0;

    (void)state;
    for (golden_open(&g, "train/schedules.tsv"); golden_next(&g); lines++) {
        struct optim_cfg c = {.lr = 0.5, .schedule = -1};
        char name[16];
        unsigned long long cycles, warmup, step;
        double rate;

        assert_int_equal(
            sscanf(g.text, "%15s %llu %llu %llu %lf", name, &cycles, &warmup, &step, &rate), 5);
        for (int i = 0; schedule_names[i]; i++)
            if (strcmp(schedule_names[i], name) == 0)
                c.schedule = i;
        c.cycles = cycles;
        c.warmup = warmup;
        if (!(fabs(optim_rate(&c, step, 30) - rate) < 1e-8))
            fail_msg("%s: %.9g", g.text, optim_rate(&c, step, 30));
    }
    assert_int_equal(lines, 450);
}

/* --- updates as torch and transformers make them */

static float value(size_t i, size_t k)
{
    return (float)(0.1 * sin(1 + 0.7 * (double)i + 1.3 * (double)k));
}

enum { ROWS = 6, COLS = 4, MATRIX = ROWS * COLS };

static const float one = 1; /* gradients are taken as they are */

struct trained {
    struct params p;
    struct optim o;
    struct nn *nn;
    float *w, *grad;
    struct params_span all;
    size_t matrix, vector; /* where they lie */
};

static void trained_init(struct trained *t, const struct optim_cfg *cfg)
{
    struct model_cfg model = rf_config_default.model;

    model.dim = COLS;
    model.depth = model.heads = model.ff_mult = 1;
    model.chunk = 2;
    assert_int_equal(nn_open(&t->nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(params_new(&t->p, &model, 4, ROWS, NULL), RF_OK);
    assert_int_equal(optim_new(&t->o, t->nn, &t->p, cfg, NULL), RF_OK);
    t->w = t->nn->ops->mem_new(t->nn, t->p.floats * sizeof(float));
    t->grad = t->nn->ops->mem_new(t->nn, t->p.floats * sizeof(float));
    t->all = params_all(&t->p);
    t->matrix = t->p.p[PARAM_TOKEN].offset;
    t->vector = t->p.p[PARAM_HEAD_BIAS].offset;
}

static void trained_free(struct trained *t)
{
    t->nn->ops->mem_free(t->nn, t->w, t->p.floats * sizeof(float));
    t->nn->ops->mem_free(t->nn, t->grad, t->p.floats * sizeof(float));
    optim_free(&t->o);
    params_free(&t->p);
    nn_close(t->nn);
}

static void put_values(const struct trained *t, float *block, size_t k)
{
    for (size_t i = 0; i < MATRIX; i++)
        block[t->matrix + i] = value(i, k);
    for (size_t i = 0; i < ROWS; i++)
        block[t->vector + i] = value(i, 5 + k);
}

static struct optim_cfg optimiser(const char *name)
{
    struct optim_cfg c = {.lr = 0.01,
                          .beta1 = 0.9,
                          .beta2 = 0.98,
                          .eps = 1e-8,
                          .decay = 0.1,
                          .schedule = SCHEDULE_CONSTANT,
                          .value_factor = 1};

    c.kind = *name == 'l'               ? OPTIM_LION
             : strncmp(name, "adaf", 4) ? OPTIM_ADAMW
                                        : OPTIM_ADAFACTOR;
    c.relative_step = strstr(name, "+relative") != NULL;
    c.scale_parameter = c.relative_step || strstr(name, "+scale");
    c.first_moment = strstr(name, "+moment") != NULL;
    return c;
}

/* Numbers near 0.1 and steps near 0.01, three of them in float32: 1e-7 each. */
static void updates_are_those_of_torch(void **state)
{
    struct golden g;
    struct optim_cfg c;
    struct trained t = {.nn = NULL};
    size_t lines = 0;

    (void)state;
    for (golden_open(&g, "train/updates.tsv"); golden_next(&g); lines++) {
        char name[32], *at;
        unsigned step;

        assert_int_equal(sscanf(g.text, "%31s %u", name, &step), 2);
        if (step == 1) {
            if (t.nn)
                trained_free(&t);
            c = optimiser(name);
            trained_init(&t, &c);
            put_values(&t, t.w, 0);
        }
        put_values(&t, t.grad, step);
        optim_step(&t.o, t.w, &t.all, t.grad, step, optim_rate(&c, step, 3), &one);
        at = strchr(strchr(g.text, '\t') + 1, '\t');
        for (size_t i = 0; i < MATRIX + ROWS; i++) {
            double got = (double)t.w[i < MATRIX ? t.matrix + i : t.vector + i - MATRIX];
            double want = strtod(at, &at);

            if (!(fabs(got - want) < 3e-7))
                fail_msg("%s, update %u, number %zu: %.9g, not %.9g", name, step, i, got, want);
        }
    }
    trained_free(&t);
    assert_int_equal(lines, 18);
}

static void patterns_name_what_does_not_decay(void **state)
{
    struct optim_cfg c = optimiser("adamw");
    struct trained t = {.nn = NULL};
    struct errbuf eb;

    (void)state;
    c.no_decay = " head.w* pos.*  layer.0.attn.qk.weight ";
    trained_init(&t, &c);
    assert_true(t.o.at[PARAM_TOKEN].decays && t.o.at[param_of(0, ATTN_OUT)].decays);
    assert_false(t.o.at[PARAM_HEAD].decays || t.o.at[PARAM_AXIAL0].decays ||
                 t.o.at[PARAM_AXIAL1].decays || t.o.at[param_of(0, ATTN_QK)].decays);
    assert_false(t.o.at[PARAM_HEAD_BIAS].decays || t.o.at[PARAM_NORM].decays);
    optim_free(&t.o);
    c.no_decay = "head.* nothing.*";
    assert_int_equal(optim_new(&t.o, t.nn, &t.p, &c, &eb), RF_EUSAGE);
    assert_non_null(strstr(eb.text, "'nothing.*'"));
    c.no_decay = "";
    assert_int_equal(optim_new(&t.o, t.nn, &t.p, &c, &eb), RF_OK);
    trained_free(&t);
}

static void values_of_product_keys_have_a_rate_of_their_own(void **state)
{
    struct model_cfg model = rf_config_default.model;
    struct optim_cfg c = optimiser("adamw");
    struct params p;
    struct optim o;
    struct nn *nn;
    size_t others = 0, values = 0;

    (void)state;
    c.value_factor = 3;
    model.dim = 8;
    model.depth = 2;
    model.heads = 1;
    model.pkm_layers = "1";
    model.pkm_keys = model.pkm_topk = 4;
    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(params_new(&p, &model, 4, ROWS, NULL), RF_OK);
    assert_int_equal(optim_new(&o, nn, &p, &c, NULL), RF_OK);
    for (size_t i = 0; i < p.n; i++) {
        bool is_value = strstr(p.p[i].name, "value") != NULL;

        if (!p.p[i].count)
            continue;
        assert_true(o.at[i].factor == (is_value ? 3.0F : 1.0F));
        values += is_value;
        others += !is_value;
    }
    assert_true(values == 1 && others > 10);
    optim_free(&o);
    params_free(&p);
    nn_close(nn);
}

/* ELECTRA's rates for two layers: the outputs have all of it, the layer before them 0.5^2. */
static void rates_fall_towards_the_input(void **state)
{
    static const struct {
        const char *name;
        float factor;
    } want[] = {{"token.weight", 0.0625F},
                {"layer.0.attn.qk.weight", 0.125F},
                {"layer.0.ff.out.bias", 0.125F},
                {"layer.1.attn.norm.weight", 0.25F},
                {"layer.1.ff.in.weight", 0.25F},
                {"norm.weight", 1},
                {"head.weight", 1}};
    struct optim_cfg c = optimiser("lion");
    struct model_cfg model = rf_config_default.model;
    struct params p;
    struct optim o;
    struct nn *nn;
    size_t found = 0;

    (void)state;
    c.layer_decay = 0.5;
    model.dim = 8;
    model.depth = 2;
    model.heads = 1;
    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(params_new(&p, &model, 4, ROWS, NULL), RF_OK);
    assert_int_equal(optim_new(&o, nn, &p, &c, NULL), RF_OK);
    for (size_t i = 0; i < p.n; i++)
        for (size_t k = 0; k < sizeof want / sizeof *want; k++)
            if (p.p[i].count && strcmp(p.p[i].name, want[k].name) == 0) {
                found++;
                if (o.at[i].factor != want[k].factor)
                    fail_msg("%s: %g", want[k].name, (double)o.at[i].factor);
            }
    assert_int_equal(found, sizeof want / sizeof *want);
    optim_free(&o);
    params_free(&p);
    nn_close(nn);
}

/* The mean of the weights: of weights that stand still it is they, and it lags behind others.
 */
static void the_mean_follows_the_weights(void **state)
{
    struct optim_cfg c = optimiser("lion");
    struct trained t = {.nn = NULL};
    double mean = 0;

    (void)state;
    c.ema = 0.5;
    c.decay = 0;
    trained_init(&t, &c);
    t.nn->ops->fill(t.nn, t.grad, -1, t.p.floats);
    for (int k = 1; k <= 20; k++) { /* weights are 0.01 k after the update */
        double keep = fmin(0.5, (1.0 + k) / (10 + k));

        optim_step(&t.o, t.w, &t.all, t.grad, (uint64_t)k, 0.01, &one);
        mean = keep * mean + (1 - keep) * 0.01 * k;
        if (!(fabs((double)t.o.ema[t.matrix] - mean) < 1e-6))
            fail_msg("%d: %.9g, not %.9g", k, (double)t.o.ema[t.matrix], mean);
    }
    trained_free(&t);
}

/* What a device multiplies gradients by, of `labels` labels and two slots' losses. */
static double scale_of(double squares, double loss, double labels, double clip)
{
    const struct nn_sum sum[2] = {{loss, 1}, {1, 0}};
    struct nn *nn;
    float scale = 7;

    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    nn->ops->step_scale(nn, &scale, &squares, sum, 2, labels, clip);
    nn_close(nn);
    return (double)scale;
}

static void long_gradients_are_shortened(void **state)
{
    (void)state;
    about(scale_of(1.5 * 1.5, 3, 1, 2), 1);
    about(scale_of(8 * 8, 3, 1, 2), 0.25);
    about(scale_of(8 * 8, 3, 1, 0), 1);
    about(scale_of(8 * 8, 3, 4, 0), 0.25);
    about(scale_of(8 * 8, 3, 4, 1), 0.125); /* the norm is 2 */
}

static void steps_that_are_not_finite_do_not_count(void **state)
{
    (void)state;
    assert_true(isnan(scale_of((double)NAN, 3, 1, 2)));
    assert_true(isnan(scale_of((double)INFINITY, 3, 1, 0)));
    assert_true(isnan(scale_of(4, (double)NAN, 1, 2)));
    assert_true(isnan(scale_of(4, -(double)INFINITY, 1, 2)));
    assert_true(isnan(scale_of(4, 1e39, 1, 2)) && isnan(scale_of(1e78, 1, 1, 2)));
    assert_true(isfinite(scale_of(4, 1e39, 10, 2)));
}

/* A scale that is NaN leaves weights, states and their mean as they were. */
static void nothing_changes_by_a_step_that_does_not_count(void **state)
{
    const float no = NAN;

    (void)state;
    for (int kind = OPTIM_ADAMW; kind <= OPTIM_MUON; kind++) {
        struct optim_cfg c = {.kind = kind, .lr = 0.01, .beta1 = 0.9, .beta2 = 0.9, .ema = 0.5};
        struct trained t;
        float w, mean;

        c.scale_parameter = c.first_moment = true;
        trained_init(&t, &c);
        t.nn->ops->fill(t.nn, t.grad, 2, t.p.floats);
        t.nn->ops->fill(t.nn, t.w, 0.5F, t.p.floats);
        optim_step(&t.o, t.w, &t.all, t.grad, 1, 0.01, &one);
        w = t.w[t.matrix];
        mean = t.o.ema[t.matrix];
        optim_step(&t.o, t.w, &t.all, t.grad, 2, 0.01, &no);
        assert_true(t.w[t.matrix] == w && t.o.ema[t.matrix] == mean);
        optim_step(&t.o, t.w, &t.all, t.grad, 2, 0.01, &one);
        assert_true(t.w[t.matrix] != w && t.o.ema[t.matrix] != mean);
        trained_free(&t);
    }
}

/* One number of a matrix and one of a bias against the formula, over three updates. */
static void adamw_is_adamw(void **state)
{
    const struct model_cfg model = {
        .dim = 4, .depth = 1, .heads = 1, .chunk = 2, .rounds = 1, .ff_mult = 1, .ff_rows = 1};
    const struct optim_cfg c = {.beta1 = 0.9, .beta2 = 0.98, .eps = 1e-8, .decay = 0.1};
    const double rate = 0.01, grads[] = {3, -1, 0.25};
    const float scale = 0.5F;
    double w[2] = {1, 1}, m[2] = {0}, v[2] = {0};
    struct params_span all;
    struct params p;
    struct optim o;
    struct nn *nn;
    float *weights, *grad;

    (void)state;
    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(params_new(&p, &model, 4, 6, NULL), RF_OK);
    assert_int_equal(optim_new(&o, nn, &p, &c, NULL), RF_OK);
    all = params_all(&p);
    weights = nn->ops->mem_new(nn, p.floats * sizeof *weights);
    grad = nn->ops->mem_new(nn, p.floats * sizeof *grad);
    nn->ops->fill(nn, weights, 1, p.floats);
    for (int t = 0; t < 3; t++) {
        const size_t at[] = {p.p[PARAM_TOKEN].offset, p.p[PARAM_HEAD_BIAS].offset};

        nn->ops->fill(nn, grad, (float)grads[t], p.floats);
        optim_step(&o, weights, &all, grad, (uint64_t)t + 1, rate, &scale);
        for (int i = 0; i < 2; i++) {
            double g = grads[t] * (double)scale, mh, vh;

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
    assert_int_equal(params_new(&p, &model, 10, 7, NULL), RF_OK);
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
        cmocka_unit_test(the_decay_comes_last),
        cmocka_unit_test(the_relative_step_is_by_the_step_alone),
        cmocka_unit_test(schedules_are_those_of_transformers),
        cmocka_unit_test(updates_are_those_of_torch),
        cmocka_unit_test(patterns_name_what_does_not_decay),
        cmocka_unit_test(values_of_product_keys_have_a_rate_of_their_own),
        cmocka_unit_test(rates_fall_towards_the_input),
        cmocka_unit_test(the_mean_follows_the_weights),
        cmocka_unit_test(long_gradients_are_shortened),
        cmocka_unit_test(steps_that_are_not_finite_do_not_count),
        cmocka_unit_test(nothing_changes_by_a_step_that_does_not_count),
        cmocka_unit_test(adamw_is_adamw),
        cmocka_unit_test(the_table_adds_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
