/* test_model.c: the model against reformer-pytorch 1.1.3 (tests/golden/reformer), against
 * itself run backwards, and against central differences. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/opt.h"
#include "reformer/model.h"
#include "reformer/safetensors.h"
#include "tsan.h"

enum { NO_LABEL = -100, LAYERS_MAX = 8 };

/* A golden file, and a model with its weights. */
struct golden {
    struct st_file *f;
    struct nn *nn;
    struct model *m;
    struct model_cfg cfg;
    struct model_batch batch;
    struct model_draw draw;
    const float *rot[LAYERS_MAX];
    int32_t *rows, *labels, *all;
    float *grad, *host; /* blocks of params.floats */
    size_t n;           /* tokens of the batch */
};

static uint64_t number(const struct st_file *f, const char *key)
{
    uint64_t n = 0;

    assert_non_null(st_metadata(f, key));
    assert_int_equal(opt_parse_u64(&n, st_metadata(f, key)), RF_OK);
    return n;
}

static const float *view(const struct st_file *f, const char *prefix, const char *name,
                         size_t count)
{
    char full[2 * TENSOR_NAME_MAX];
    const struct st_view *v;

    snprintf(full, sizeof full, "%s%s", prefix, name);
    v = st_find(f, full);
    if (!v)
        fail_msg("no tensor %s", full);
    assert_int_equal(v->bytes, count * sizeof(float));
    return v->data;
}

static void load_weights(struct golden *g)
{
    const struct params *ps = model_params(g->m);

    for (size_t i = 0; i < ps->n; i++) {
        const struct param *p = &ps->p[i];

        if (p->count)
            g->nn->ops->upload(g->nn, model_weights(g->m) + p->offset,
                               view(g->f, "w.", p->name, p->count), p->count * sizeof(float));
    }
}

static void load_batch(struct golden *g)
{
    const struct st_view *ids = st_find(g->f, "in.ids"), *mask = st_find(g->f, "in.mask");
    const int32_t *labels = st_find(g->f, "in.labels")->data;

    g->n = ids->shape[0] * ids->shape[1];
    g->rows = calloc(g->n, sizeof *g->rows);
    g->labels = calloc(g->n, sizeof *g->labels);
    g->all = calloc(g->n, sizeof *g->all);
    g->batch = (struct model_batch){.B = ids->shape[0],
                                    .T = ids->shape[1],
                                    .ids = ids->data,
                                    .real = mask ? mask->data : NULL,
                                    .rows = g->rows,
                                    .labels = g->labels};
    for (size_t i = 0; i < g->n; i++) {
        g->all[i] = (int32_t)i;
        if (labels[i] == NO_LABEL)
            continue;
        g->rows[g->batch.n] = (int32_t)i;
        g->labels[g->batch.n++] = labels[i];
    }
}

static void load_rotations(struct golden *g)
{
    for (size_t k = 0; k < g->cfg.depth; k++) {
        char name[32];

        snprintf(name, sizeof name, "rot.%zu", k);
        assert_non_null(st_find(g->f, name));
        g->rot[k] = st_find(g->f, name)->data;
    }
    g->draw.given = g->rot;
}

static void golden_open(struct golden *g, const char *name, enum nn_kind kind, int threads)
{
    struct errbuf eb = {0};
    char path[4096];

    *g = (struct golden){0};
    snprintf(path, sizeof path, "%s/tests/golden/reformer/%s.safetensors", getenv("ROOT"),
             name);
    if (st_open(&g->f, path, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    g->cfg = (struct model_cfg){.dim = number(g->f, "dim"),
                                .depth = number(g->f, "depth"),
                                .heads = number(g->f, "heads"),
                                .chunk = number(g->f, "bucket_size"),
                                .rounds = number(g->f, "n_hashes"),
                                .compat = COMPAT_1_1_3,
                                .across_buckets = true,
                                .duplicates = true,
                                .ff_mult = 4,
                                .ff_rows = 48, /* no divisor of the rows there are */
                                .causal = number(g->f, "causal") != 0};
    load_batch(g);
    load_rotations(g);
    assert_int_equal(nn_open(&g->nn, kind, threads, &eb), RF_OK);
    if (model_new(&g->m, g->nn, &g->cfg, g->batch.B, number(g->f, "max_len"),
                  number(g->f, "vocab"), true, 0, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    load_weights(g);
    g->host = calloc(model_params(g->m)->floats, sizeof(float));
    g->grad = g->nn->ops->mem_new(g->nn, model_params(g->m)->floats * sizeof(float));
    assert_non_null(g->host);
    assert_non_null(g->grad);
}

static void golden_close(struct golden *g)
{
    g->nn->ops->mem_free(g->nn, g->grad, model_params(g->m)->floats * sizeof(float));
    model_free(g->m);
    nn_close(g->nn);
    st_close(g->f);
    free(g->host);
    free(g->rows);
    free(g->labels);
    free(g->all);
}

/* Loss and, downloaded, gradients of the mean over the labels. */
static double loss_and_gradients(struct golden *g)
{
    size_t n = model_params(g->m)->floats;
    struct model_sum sum = {0};
    struct errbuf eb = {0};

    g->nn->ops->fill(g->nn, g->grad, 0, n);
    if (model_loss(g->m, &g->batch, &g->draw, g->grad, 1 / (float)g->batch.n, &sum, &eb) !=
        RF_OK)
        fail_msg("%s", eb.text);
    g->nn->ops->download(g->nn, g->host, g->grad, n * sizeof(float));
    assert_int_equal(sum.labels, g->batch.n);
    return sum.loss / (double)sum.labels;
}

static double loss_alone(struct golden *g)
{
    struct model_sum sum = {0};

    assert_int_equal(model_loss(g->m, &g->batch, &g->draw, NULL, 0, &sum, NULL), RF_OK);
    return sum.loss / (double)sum.labels;
}

/* Fails unless every |got - want| <= limit * max(|want|), or limit where `absolute`. */
static void compare(const char *what, const float *got, const float *want, size_t n,
                    double limit, bool absolute)
{
    double size = 0, worst = 0;
    size_t at = 0;

    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)got[i] - (double)want[i]);

        size = fmax(size, fabs((double)want[i]));
        if (!(d <= worst)) {
            worst = d;
            at = i;
        }
    }
    if (!(worst <= (absolute ? limit : limit * size)))
        fail_msg("%s: element %zu of %zu is %.9g, not %.9g; largest %.3g", what, at, n,
                 (double)got[at], (double)want[at], size);
}

static void compare_outputs(struct golden *g)
{
    size_t E = g->cfg.dim, V = number(g->f, "vocab");
    float *hidden = calloc(g->n * E, sizeof *hidden),
          *logits = calloc(g->n * V, sizeof *logits);
    struct model_batch all = g->batch;

    all.rows = g->all;
    all.labels = NULL;
    all.n = g->n;
    assert_int_equal(model_logits(g->m, &all, &g->draw, hidden, logits, NULL), RF_OK);
    compare("hidden", hidden, view(g->f, "out.", "hidden", g->n * E), g->n * E, 1e-5, false);
    compare("logits", logits, view(g->f, "out.", "logits", g->n * V), g->n * V, 1e-5, false);
    free(hidden);
    free(logits);
}

static void compare_gradients(struct golden *g)
{
    const struct params *ps = model_params(g->m);

    for (size_t i = 0; i < ps->n; i++) {
        const struct param *p = &ps->p[i];

        if (p->count)
            compare(p->name, g->host + p->offset, view(g->f, "g.", p->name, p->count), p->count,
                    1e-4, false);
    }
}

static void check_golden(const char *name, enum nn_kind kind)
{
    struct golden g;
    float loss;

    golden_open(&g, name, kind, 2);
    compare_outputs(&g);
    loss = (float)loss_and_gradients(&g);
    compare("loss", &loss, view(g.f, "out.", "loss", 1), 1, 1e-5, true);
    if (!(model_drift(g.m) < 1e-6))
        fail_msg("backward came back %g from where forward began", model_drift(g.m));
    compare_gradients(&g);
    golden_close(&g);
}

static const char *const cases[] = {"mlm-r1", "mlm", "mlm-pad", "causal"};
enum { CASES = sizeof cases / sizeof *cases };

static void the_reference_equals_reformer_pytorch(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++)
        check_golden(cases[i], NN_REF);
}

static void the_cpu_equals_reformer_pytorch(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++)
        check_golden(cases[i], NN_CPU);
}

static void threads_change_no_bit(void **state)
{
    struct golden one, two;
    size_t n;

    (void)state;
    golden_open(&one, "mlm-pad", NN_CPU, 1);
    golden_open(&two, "mlm-pad", NN_CPU, 2);
    n = model_params(one.m)->floats;
    assert_true(loss_and_gradients(&one) == loss_and_gradients(&two));
    assert_memory_equal(one.host, two.host, n * sizeof(float));
    golden_close(&one);
    golden_close(&two);
}

/* All that the golden files leave out: final norm, a length that is padded inside, a batch with
 * padding of its own; rotations drawn. One pair of chunks and one round: every token meets
 * every other once, so that the loss does not jump where a hash flips. */
static const struct model_cfg small = {.dim = 16,
                                       .depth = 2,
                                       .heads = 2,
                                       .chunk = 8,
                                       .rounds = 1,
                                       .ff_mult = 2,
                                       .ff_rows = 5,
                                       .across_buckets = true,
                                       .duplicates = true,
                                       .final_norm = true};
enum { SMALL_T = 13, SMALL_V = 10, SMALL_N = 2 * SMALL_T };

static void small_open(struct golden *g, const struct model_cfg *cfg)
{
    static const int32_t rows[] = {0, 3, 7, 12, 14, 20}, labels[] = {3, 1, 4, 1, 5, 9};
    static int32_t ids[SMALL_N];
    static uint8_t real[SMALL_N];

    for (int i = 0; i < SMALL_N; i++) {
        ids[i] = i * 7 % SMALL_V;
        real[i] = i < SMALL_N - 3;
    }
    *g = (struct golden){.cfg = *cfg, .draw = {.seed = 1, .step = 5}};
    g->batch = (struct model_batch){2, SMALL_T, ids, real, rows, labels, 6};
    assert_int_equal(nn_open(&g->nn, NN_REF, 2, NULL), RF_OK);
    assert_int_equal(model_new(&g->m, g->nn, cfg, 3, 15, SMALL_V, true, 0, NULL), RF_OK);
    params_init(model_params(g->m), g->nn, model_weights(g->m), 3);
    g->host = calloc(model_params(g->m)->floats, sizeof(float));
    g->grad = g->nn->ops->mem_new(g->nn, model_params(g->m)->floats * sizeof(float));
}

static size_t steepest(const float *gradient, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (fabsf(gradient[i]) > fabsf(gradient[at]))
            at = i;
    return at;
}

/* The steepest number of every parameter, moved to both sides. The loss is good to about 1e-7,
 * the slope to 1e-7 / step and the curve's own bend. */
static void gradients_are_the_slope_of_the_loss(void **state)
{
    const double step = 2e-3;
    const struct params *ps;
    struct golden g;

    (void)state;
    small_open(&g, &small);
    ps = model_params(g.m);
    loss_and_gradients(&g);
    for (size_t i = 0; i < ps->n; i++) {
        const struct param *p = &ps->p[i];
        if (!p->count)
            continue;
        size_t at = p->offset + steepest(g.host + p->offset, p->count);
        float *w = model_weights(g.m) + at, was = *w;
        double up, down, slope;

        *w = was + (float)step;
        up = loss_alone(&g);
        *w = was - (float)step;
        down = loss_alone(&g);
        *w = was;
        slope = (up - down) / (2 * step);
        if (!(fabs(slope - (double)g.host[at]) <= 3e-4 + 0.01 * fabs(slope)))
            fail_msg("%s: slope %g, gradient %g", p->name, slope, (double)g.host[at]);
    }
    golden_close(&g);
}

/* With one pair of chunks every token meets every other, so a sequence padded to it by the
 * caller and one padded inside must give the same. */
static void inner_padding_is_not_seen(void **state)
{
    struct model_draw draw = {.seed = 1};
    int32_t rows[] = {0, 3}, ids[15] = {5, 6, 7, 8, 9, 1};
    uint8_t real[15] = {1, 1, 1, 1, 1, 1};
    struct model_batch b = {.B = 1, .T = 6, .ids = ids, .rows = rows, .n = 2};
    float inside[2 * SMALL_V], outside[2 * SMALL_V];
    struct golden g;

    (void)state;
    small_open(&g, &small);
    assert_int_equal(model_logits(g.m, &b, &draw, NULL, inside, NULL), RF_OK);
    b.T = 15;
    b.real = real;
    assert_int_equal(model_logits(g.m, &b, &draw, NULL, outside, NULL), RF_OK);
    compare("logits", inside, outside, 2 * SMALL_V, 1e-5, false);
    golden_close(&g);
}

/* Memory is used again from batch to batch: equal batches give equal bits whatever came
 * between, also where the padding decides which chunk a token falls into. */
static void what_was_there_before_does_not_matter(void **state)
{
    struct model_cfg cfg = small;
    float first[6 * SMALL_V], again[6 * SMALL_V];
    int32_t other[3 * 15];
    struct golden g;

    (void)state;
    cfg.chunk = 2;
    cfg.rounds = 3;
    small_open(&g, &cfg);
    for (int i = 0; i < 3 * 15; i++)
        other[i] = i % 4;
    struct model_batch between = {3, 15, other, NULL, g.batch.rows, g.batch.labels, 6};
    assert_int_equal(model_logits(g.m, &g.batch, &g.draw, NULL, first, NULL), RF_OK);
    assert_int_equal(model_logits(g.m, &between, &g.draw, NULL, again, NULL), RF_OK);
    assert_memory_not_equal(first, again, sizeof first);
    assert_int_equal(model_logits(g.m, &g.batch, &g.draw, NULL, again, NULL), RF_OK);
    assert_memory_equal(first, again, sizeof first);
    golden_close(&g);
}

static void a_batch_without_labels_adds_nothing(void **state)
{
    struct model_sum sum = {0};
    struct golden g;

    (void)state;
    small_open(&g, &small);
    g.batch.n = 0;
    assert_int_equal(model_loss(g.m, &g.batch, &g.draw, g.grad, 1, &sum, NULL), RF_OK);
    assert_int_equal(sum.labels, 0);
    assert_true(sum.loss == 0);
    golden_close(&g);
}

static void too_large_is_refused(void **state)
{
    const struct model_cfg cfg = {.dim = 65536,
                                  .depth = 1024,
                                  .heads = 1024,
                                  .chunk = 64,
                                  .rounds = 256,
                                  .ff_mult = 64,
                                  .ff_rows = 1000000000};
    struct errbuf eb = {0};
    struct model *m = NULL;
    struct nn *nn;

    (void)state;
    assert_int_equal(nn_open(&nn, NN_REF, 1, NULL), RF_OK);
    assert_int_equal(model_new(&m, nn, &cfg, 65536, 1 << 24, 100, true, 0, &eb), RF_ENOMEM);
    assert_null(m);
    assert_true(eb.text[0]);
    assert_int_equal(model_new(&m, nn, &cfg, 0, 16, 100, true, 0, NULL), RF_EINVAL);
    nn_close(nn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_equals_reformer_pytorch),
        cmocka_unit_test(the_cpu_equals_reformer_pytorch),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(gradients_are_the_slope_of_the_loss),
        cmocka_unit_test(inner_padding_is_not_seen),
        cmocka_unit_test(what_was_there_before_does_not_matter),
        cmocka_unit_test(a_batch_without_labels_adds_nothing),
        cmocka_unit_test(too_large_is_refused),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
