/* test_electra.c: a model and its generator: against electra-pytorch, tests/golden/reformer's
 * electra*.safetensors, whose README says what is in them; and what both draw. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "formula.h"
#include "train/task_electra.h"
#include "tsan.h"

enum { ROTATIONS = 16, LEVELS = 1, SUMS = 4 };

struct golden {
    const char *name;
    struct st_file *f;
    struct rf_config cfg;
    struct opt_strings strings;
    struct nn *nn;
    struct learner l;
    struct nn_sum *sum; /* [SUMS] on the device */
    const float *rot[ROTATIONS];
    float *host; /* a block of gradients */
    size_t B, T, n;
    const int32_t *ids, *rows, *labels, *drawn;
    const uint8_t *real;
};

static void fill_weights(struct golden *g)
{
    const struct params *ps = model_params(g->l.model);
    uint32_t seed = (uint32_t)number(g->f, "seed");

    for (size_t i = 0; i < ps->n; i++)
        for (size_t j = 0; j < ps->p[i].count; j++)
            g->host[ps->p[i].offset + j] = given(ps->p[i].name, seed, (uint32_t)j);
    g->nn->ops->upload(g->nn, model_weights(g->l.model), g->host, ps->floats * sizeof *g->host);
}

static void find_rotations(struct golden *g)
{
    size_t behind = model_params(g->l.model)->branches;

    for (size_t k = 0; k < ROTATIONS; k++) {
        bool other = k >= behind;
        const struct st_view *v;
        char name[32];

        snprintf(name, sizeof name, "%srot.%zu", other ? "generator." : "",
                 other ? k - behind : k);
        v = st_find(g->f, name);
        g->rot[k] = v ? v->data : NULL;
    }
}

static void find_batch(struct golden *g)
{
    const struct st_view *ids = st_find(g->f, "in.ids");

    g->B = ids->shape[0];
    g->T = ids->shape[1];
    g->n = st_find(g->f, "in.rows")->shape[0];
    g->ids = ids->data;
    g->rows = st_find(g->f, "in.rows")->data;
    g->labels = st_find(g->f, "in.labels")->data;
    g->drawn = st_find(g->f, "in.drawn")->data;
    g->real = st_find(g->f, "in.mask")->data;
}

static void golden_open(struct golden *g, const char *name, enum nn_kind kind)
{
    struct learner_size size = {.use = MODEL_BACKWARD, .levels = LEVELS};
    struct errbuf eb = {0};
    char path[4096];
    const char *yaml;

    *g = (struct golden){.name = name, .cfg = rf_config_default};
    snprintf(path, sizeof path, "%s/tests/golden/reformer/%s.safetensors", getenv("ROOT"),
             name);
    if (st_open(&g->f, path, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_non_null(yaml = st_metadata(g->f, "config"));
    if (opt_read_yaml(rf_config_rows, &g->cfg, yaml, strlen(yaml), name, &g->strings, &eb) !=
            RF_OK ||
        rf_config_check(&g->cfg, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    find_batch(g);
    g->cfg.train.batch = g->B;
    size.task = &task_electra;
    size.model = task_model(&task_electra, &g->cfg, NULL);
    size.max_len = g->cfg.model.max_len;
    size.vocab_size = number(g->f, "vocab");
    assert_int_equal(nn_open(&g->nn, kind, 2, &eb), RF_OK);
    if (learner_new(&g->l, g->nn, &g->cfg, &size, &eb) != RF_OK)
        fail_msg("%s: %s", name, eb.text);
    g->host = calloc(1, g->l.grad_bytes);
    g->sum = g->nn->ops->mem_new(g->nn, SUMS * sizeof *g->sum);
    assert_non_null(g->host);
    assert_non_null(g->sum);
    fill_weights(g);
    find_rotations(g);
}

static void golden_close(struct golden *g)
{
    g->nn->ops->mem_free(g->nn, g->sum, SUMS * sizeof *g->sum);
    learner_free(&g->l);
    nn_close(g->nn);
    st_close(g->f);
    opt_strings_free(&g->strings);
    free(g->host);
}

/* Add the losses of sequences `first` to first + B, a slot, and what they count. */
static void add_slot(struct golden *g, size_t first, size_t B, struct sums *counts)
{
    int32_t rows[64];
    size_t begin = 0, end;
    struct model_batch b = {.B = B,
                            .T = g->T,
                            .ids = g->ids + first * g->T,
                            .real = g->real + first * g->T,
                            .rows = rows};
    struct model_draw draw = {.given = g->rot, .train = true};
    struct errbuf eb = {0};

    while (begin < g->n && (size_t)g->rows[begin] < first * g->T)
        begin++;
    for (end = begin; end < g->n && (size_t)g->rows[end] < (first + B) * g->T; end++)
        rows[end - begin] = g->rows[end] - (int32_t)(first * g->T);
    b.n = end - begin;
    b.labels = g->labels + begin;
    draw.given_words = g->drawn + begin;
    if (task_electra.loss(&g->l, &b, &draw, g->l.grad[0], NULL, g->sum, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    counts->labels += b.n;
    for (size_t i = 0; i < B * g->T; i++)
        counts->tokens += b.real[i];
}

static void losses_and_gradients(struct golden *g, size_t slots, struct sums *all)
{
    struct nn_sum got[SUMS];

    *all = (struct sums){.labels = 0};
    g->nn->ops->fill(g->nn, (float *)(void *)g->sum, 0, SUMS * (sizeof *got / sizeof(float)));
    g->nn->ops->fill(g->nn, g->l.grad[0], 0, g->l.grad_bytes / sizeof(float));
    for (size_t i = 0; i < slots; i++)
        add_slot(g, i * g->B / slots, g->B / slots, all);
    task_electra.weigh(&g->l, &g->cfg, g->l.grad[0], all);
    g->nn->ops->download(g->nn, got, g->sum, sizeof got);
    g->nn->ops->download(g->nn, g->host, g->l.grad[0], g->l.grad_bytes);
    assert_int_equal(nn_status(g->nn, NULL), RF_OK);
    for (size_t i = 0; i < SUMS; i++)
        all->of[i] = got[i];
}

static double column(const char *name, const struct sums *all)
{
    const struct task_column *c = task_electra.columns;

    while (strcmp(c->name, name) != 0)
        c++;
    return c->value(all);
}

static void compare_losses(const struct golden *g, const struct sums *all)
{
    double loss, acc;
    float got[3], right;

    task_electra.report(&g->cfg, all, &loss, &acc);
    got[0] = (float)loss;
    got[1] = (float)column("generator_loss", all);
    got[2] = (float)column("discriminator_loss", all);
    compare(g->name, "losses", got, st_find(g->f, "out.losses"), 3, LOSS_LIMIT);
    right = (float)column("generator_acc", all);
    compare(g->name, "accuracy", &right, st_find(g->f, "out.acc"), 1, 1e-6);
}

/* Accuracy, precision and recall from the program's own labels and answers, over what is no
 * padding. */
static void compare_answers(const struct golden *g, const struct sums *all)
{
    const uint8_t *replaced = st_find(g->f, "out.replaced")->data;
    const uint8_t *said = st_find(g->f, "out.said")->data;
    double n = 0, hits = 0, both = 0, of_said = 0, of_replaced = 0;

    for (size_t i = 0; i < g->B * g->T; i++) {
        if (!g->real[i])
            continue;
        n++;
        hits += replaced[i] == said[i];
        both += replaced[i] && said[i];
        of_said += said[i];
        of_replaced += replaced[i];
    }
    assert_true(both > 0 && both < of_said && both < of_replaced);
    assert_true(fabs(column("discriminator_acc", all) - hits / n) < 1e-12);
    assert_true(fabs(column("replaced_precision", all) - both / of_said) < 1e-12);
    assert_true(fabs(column("replaced_recall", all) - both / of_replaced) < 1e-12);
}

/* Of what is divided by the number of masked words once all slots are there. */
static void compare_gradients(const struct golden *g, const struct sums *all)
{
    const struct params *ps = model_params(g->l.model);
    size_t compared = 0;

    for (size_t i = 0; i < ps->n; i++) {
        const struct param *p = &ps->p[i];
        char full[2 + TENSOR_NAME_MAX];

        if (!p->count)
            continue;
        for (size_t j = 0; j < p->count; j++)
            g->host[p->offset + j] /= (float)all->labels;
        snprintf(full, sizeof full, "g.%s", p->name);
        compare(g->name, full, g->host + p->offset, st_find(g->f, full), p->count,
                GRADIENT_LIMIT);
        compared++;
    }
    assert_int_equal(compared, ps->present);
}

static void check(const char *name, enum nn_kind kind, size_t slots)
{
    struct golden g;
    struct sums all;

    golden_open(&g, name, kind);
    losses_and_gradients(&g, slots, &all);
    assert_int_equal(all.labels, g.n);
    compare_losses(&g, &all);
    compare_answers(&g, &all);
    compare_gradients(&g, &all);
    golden_close(&g);
}

/* In two slots, whose labels and tokens are different numbers, the means are the same. */
static void both_losses_equal_electra_pytorch(void **state)
{
    static const char *const names[] = {"electra", "electra-tied"};
    static const enum nn_kind kinds[] = {NN_REF, NN_PLAIN, NN_AVX2, NN_AVX512};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            for (size_t slots = 1; slots <= 2 && has(kinds[k]); slots++)
                check(names[i], kinds[k], slots);
}

/* --- what both draw */

struct draws {
    struct nn_ops ops;
    const struct nn_ops *well;
    struct rng seen[256];
    size_t n;
};

/* No stream of random numbers is used twice. */
static void note(struct nn *nn, struct rng r)
{
    struct draws *d = (struct draws *)(uintptr_t)nn->ops;

    for (size_t i = 0; i < d->n; i++)
        assert_true(d->seen[i].seed != r.seed || d->seen[i].stream != r.stream);
    assert_true(d->n < sizeof d->seen / sizeof *d->seen);
    d->seen[d->n++] = r;
}

static const struct nn_ops *well(struct nn *nn)
{
    return ((struct draws *)(uintptr_t)nn->ops)->well;
}

static void noted_normal(struct nn *nn, float *y, float scale, struct rng r, size_t n)
{
    note(nn, r);
    well(nn)->fill_normal(nn, y, scale, r, n);
}

static void noted_words(struct nn *nn, int32_t *id, const float *x, const float *w,
                        const float *bias, float temperature, struct rng r, uint64_t first,
                        size_t rows, size_t E, size_t V)
{
    note(nn, r);
    well(nn)->draw_rows(nn, id, x, w, bias, temperature, r, first, rows, E, V);
}

static void noted_dropout(struct nn *nn, float *y, const float *x, const float *bias,
                          float rate, struct rng r, size_t rows, size_t n)
{
    note(nn, r);
    well(nn)->dropout(nn, y, x, bias, rate, r, rows, n);
}

/* A generator as large as the model begins with other weights and draws other rotations and
 * dropouts, in each step and slot. */
static void two_models_draw_apart(void **state)
{
    enum { T = 32, N = 4, WORDS = 20 };
    static const int32_t ids[T] = {7, 8, 9}, rows[N] = {1, 2, 5, 9}, labels[N] = {3, 4, 5, 6};
    const struct model_batch b = {
        .B = 1, .T = T, .ids = ids, .rows = rows, .labels = labels, .n = N};
    struct learner_size size = {.task = &task_electra,
                                .max_len = T,
                                .vocab_size = WORDS,
                                .use = MODEL_BACKWARD,
                                .levels = LEVELS};
    struct rf_config cfg = rf_config_default;
    struct learner l;
    struct draws d = {.n = 0};
    struct nn_sum *sum;
    struct nn *nn;

    (void)state;
    cfg.data.task = TASK_ELECTRA;
    cfg.model.dim = 16;
    cfg.model.depth = 3;
    cfg.model.heads = 2;
    cfg.model.chunk = 4;
    cfg.model.ff_dropout = cfg.model.post_attn_dropout = 0.1;
    cfg.train.batch = 1;
    size.model = task_model(&task_electra, &cfg, NULL);
    assert_int_equal(nn_open(&nn, NN_CPU, 1, NULL), RF_OK);
    d.well = nn->ops;
    d.ops = *d.well;
    d.ops.fill_normal = noted_normal;
    d.ops.draw_rows = noted_words;
    d.ops.dropout = noted_dropout;
    nn->ops = &d.ops;
    assert_int_equal(learner_new(&l, nn, &cfg, &size, NULL), RF_OK);
    assert_true(d.n > 2 * 3 * 4); /* matrices of the layers */
    sum = nn->ops->mem_new(nn, SUMS * sizeof *sum);
    for (uint64_t step = 1; step <= 2; step++) {
        const struct model_draw draw = {.seed = 1, .step = step, .train = true};
        size_t before = d.n;

        assert_int_equal(task_electra.loss(&l, &b, &draw, NULL, NULL, sum, NULL), RF_OK);
        assert_int_equal(d.n - before, 2 * 3 * 3 + 1); /* rotations, two dropouts; the words */
    }
    nn->ops->mem_free(nn, sum, SUMS * sizeof *sum);
    learner_free(&l);
    nn_close(nn);
}

/* How often words are drawn is what the softmax says, at either temperature. */
static void words_follow_the_softmax(void **state)
{
    enum { DRAWS = 1 << 15, V = 6 };
    static const float logits[V] = {0, 1, -1, 2, 0.5F, -3};
    static const float temperatures[] = {0.5F, 1, 2};
    int32_t *id = calloc(DRAWS, sizeof *id);
    float *ones = calloc(DRAWS, sizeof *ones);
    struct nn *nn;

    (void)state;
    assert_int_equal(nn_open(&nn, NN_CPU, 2, NULL), RF_OK);
    for (size_t i = 0; i < DRAWS; i++)
        ones[i] = 1;
    for (size_t k = 0; k < sizeof temperatures / sizeof *temperatures; k++) {
        double total = 0, square = 0, count[V] = {0};

        nn->ops->draw_rows(nn, id, ones, logits, NULL, temperatures[k],
                           rng_stream(3, k, 0, RNG_TEST), 0, DRAWS, 1, V);
        for (size_t i = 0; i < DRAWS; i++)
            count[id[i]]++;
        for (size_t j = 0; j < V; j++)
            total += exp((double)(logits[j] / temperatures[k]));
        for (size_t j = 0; j < V; j++) {
            double want = DRAWS * exp((double)(logits[j] / temperatures[k])) / total;

            square += (count[j] - want) * (count[j] - want) / want;
        }
        assert_true(square < 20.5); /* chi-squared of 5 degrees: one in a thousand is above */
    }
    nn_close(nn);
    free(id);
    free(ones);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_losses_equal_electra_pytorch),
        cmocka_unit_test(two_models_draw_apart),
        cmocka_unit_test(words_follow_the_softmax),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
