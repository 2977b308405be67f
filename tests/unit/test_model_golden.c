/* test_model_golden.c: whole models, option by option, against reformer-pytorch 1.1.3
 * and 1.4.4: tests/golden/reformer/m*.safetensors, whose README says what is in them. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "train/config.h"
#include "base/opt.h"
#include "model/model.h"
#include "formula.h"
#include "tsan.h"

enum { NO_LABEL = -100, BRANCHES_MAX = 16, CASES_LEAST = 60 };

struct golden {
    struct st_file *f;
    struct rf_config cfg;
    struct opt_strings strings;
    struct nn *nn;
    struct model *m;
    struct model_batch batch;
    struct model_draw draw;
    const float *rot[BRANCHES_MAX];
    int32_t *rows, *labels, *all;
    float *grad, *host;
    size_t n, vocab;
    uint32_t seed;
};

static void fill_weights(struct golden *g)
{
    const struct params *ps = model_params(g->m);

    for (size_t i = 0; i < ps->n; i++) {
        const struct param *p = &ps->p[i];

        for (size_t j = 0; j < p->count; j++)
            g->host[p->offset + j] = given(p->name, g->seed, (uint32_t)j);
    }
    g->nn->ops->upload(g->nn, model_weights(g->m), g->host, ps->floats * sizeof *g->host);
}

static void load_batch(struct golden *g)
{
    const struct st_view *ids = st_find(g->f, "in.ids"), *mask = st_find(g->f, "in.mask");
    const int32_t *labels = st_find(g->f, "in.labels")->data;
    const uint8_t *real = mask ? mask->data : NULL;

    g->n = ids->shape[0] * ids->shape[1];
    g->rows = calloc(g->n, sizeof *g->rows);
    g->labels = calloc(g->n, sizeof *g->labels);
    g->all = calloc(g->n, sizeof *g->all);
    g->batch = (struct model_batch){.B = ids->shape[0],
                                    .T = ids->shape[1],
                                    .ids = ids->data,
                                    .real = real,
                                    .rows = g->rows,
                                    .labels = g->labels};
    for (size_t i = 0; i < g->n; i++) {
        g->all[i] = (int32_t)i;
        if (labels[i] == NO_LABEL)
            continue;
        g->rows[g->batch.n] = (int32_t)i;
        g->labels[g->batch.n++] = labels[i];
    }
    for (size_t k = 0; k < BRANCHES_MAX; k++) {
        char name[32];

        snprintf(name, sizeof name, "rot.%zu", k);
        g->rot[k] = st_find(g->f, name) ? st_find(g->f, name)->data : NULL;
    }
    g->draw = (struct model_draw){.given = g->rot, .train = true};
}

static void golden_open(struct golden *g, const char *name, enum nn_kind kind, size_t budget)
{
    struct errbuf eb = {0};
    char path[4096];
    const char *yaml;
    size_t bytes;

    *g = (struct golden){.cfg = rf_config_default};
    snprintf(path, sizeof path, "%s/tests/golden/reformer/%s", getenv("ROOT"), name);
    if (st_open(&g->f, path, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    yaml = st_metadata(g->f, "config");
    assert_non_null(yaml);
    if (opt_read_yaml(rf_config_rows, &g->cfg, yaml, strlen(yaml), name, &g->strings, &eb) !=
        RF_OK)
        fail_msg("%s", eb.text);
    g->seed = (uint32_t)number(g->f, "seed");
    g->vocab = number(g->f, "vocab");
    load_batch(g);
    assert_int_equal(nn_open(&g->nn, kind, 2, &eb), RF_OK);
    if (model_new(&g->m, g->nn, &g->cfg.model, g->batch.B, g->cfg.model.max_len, g->vocab,
                  MODEL_BACKWARD, budget, &eb) != RF_OK)
        fail_msg("%s: %s", name, eb.text);
    bytes = model_params(g->m)->floats * sizeof(float);
    g->host = calloc(1, bytes);
    g->grad = g->nn->ops->mem_new(g->nn, bytes);
    assert_non_null(g->host);
    assert_non_null(g->grad);
    fill_weights(g);
}

static void golden_close(struct golden *g)
{
    g->nn->ops->mem_free(g->nn, g->grad, model_params(g->m)->floats * sizeof(float));
    model_free(g->m);
    nn_close(g->nn);
    st_close(g->f);
    opt_strings_free(&g->strings);
    free(g->host);
    free(g->rows);
    free(g->labels);
    free(g->all);
}

static float loss_and_gradients(struct golden *g)
{
    size_t n = model_params(g->m)->floats;
    struct model_sum sum = {0};
    struct errbuf eb = {0};

    g->nn->ops->fill(g->nn, g->grad, 0, n);
    if (model_loss(g->m, &g->batch, &g->draw, g->grad, 1 / (float)g->batch.n, &sum, &eb) !=
        RF_OK)
        fail_msg("%s", eb.text);
    g->nn->ops->download(g->nn, g->host, g->grad, n * sizeof(float));
    return (float)(sum.loss / (double)sum.labels);
}

/* What padding gives is nobody's: those rows are taken as they should be. */
static void compare_logits(struct golden *g, const char *name)
{
    const struct st_view *v = st_find(g->f, "out.logits");
    float *logits = calloc(g->n * g->vocab, sizeof *logits);
    struct model_batch all = g->batch;

    assert_non_null(v);
    all.rows = g->all;
    all.labels = NULL;
    all.n = g->n;
    assert_int_equal(model_logits(g->m, &all, &g->draw, NULL, logits, NULL), RF_OK);
    for (size_t i = 0; g->batch.real && i < g->n; i++)
        if (!g->batch.real[i])
            memcpy(logits + i * g->vocab, (const float *)v->data + i * g->vocab,
                   g->vocab * sizeof *logits);
    compare(name, "logits", logits, v, g->n * g->vocab, LOGITS_LIMIT);
    free(logits);
}

static void compare_gradients(struct golden *g, const char *name)
{
    const struct params *ps = model_params(g->m);

    for (size_t i = 0; i < ps->n; i++) {
        const struct param *p = &ps->p[i];
        char full[2 + TENSOR_NAME_MAX];

        snprintf(full, sizeof full, "g.%s", p->name);
        if (p->count)
            compare(name, full, g->host + p->offset, st_find(g->f, full), p->count,
                    GRADIENT_LIMIT);
    }
}

/* Against the file; and whatever memory there is, the same bits. */
static void check(const char *name, enum nn_kind kind)
{
    struct golden least, most;
    float loss;

    golden_open(&least, name, kind, 0);
    golden_open(&most, name, kind, SIZE_MAX);
    compare_logits(&least, name);
    loss = loss_and_gradients(&least);
    compare(name, "loss", &loss, st_find(least.f, "out.loss"), 1, LOSS_LIMIT);
    if (model_drift(least.m) != 0)
        fail_msg("%s: backward came back %g from where forward began", name,
                 model_drift(least.m));
    compare_gradients(&least, name);
    assert_true(loss_and_gradients(&most) == loss);
    if (memcmp(least.host, most.host, model_params(least.m)->floats * sizeof(float)) != 0)
        fail_msg("%s: the gradients are others with more memory", name);
    golden_close(&least);
    golden_close(&most);
}

static void check_all(enum nn_kind kind)
{
    char path[4096];
    struct dirent *e;
    size_t n = 0;
    DIR *dir;

    snprintf(path, sizeof path, "%s/tests/golden/reformer", getenv("ROOT"));
    assert_non_null(dir = opendir(path));
    while ((e = readdir(dir)))
        if (strncmp(e->d_name, "m1", 2) == 0) {
            check(e->d_name, kind);
            n++;
        }
    closedir(dir);
    assert_true(n >= CASES_LEAST);
}

static void the_reference_equals_reformer_pytorch(void **state)
{
    (void)state;
    check_all(NN_REF);
}

static void every_set_of_kernels_equals_reformer_pytorch(void **state)
{
    static const enum nn_kind kinds[] = {NN_PLAIN, NN_AVX2, NN_AVX512};

    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (has(kinds[i]))
            check_all(kinds[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_reference_equals_reformer_pytorch),
        cmocka_unit_test(every_set_of_kernels_equals_reformer_pytorch),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
