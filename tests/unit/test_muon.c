/* test_muon.c: Muon against torch's; see tests/golden/optim/make_muon.py. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ckpt/safetensors.h"
#include "device/count.h"
#include "train/optim.h"
#include "../ops/far.h"
#include "tsan.h"

enum { STEPS = 20, SEEN = 6, FLOATS_MAX = 128 };

static const int seen[SEEN] = {0, 1, 2, 5, 10, STEPS};

static const struct match {
    const char *name;
    size_t rows, cols;
    struct optim_cfg cfg;
} CASES[] = {{"wide", 6, 20, {.muon_lr = 0.02, .decay = 0.1, .adjust = ADJUST_MATCH_RMS_ADAMW}},
             {"tall", 20, 6, {.muon_lr = 0.02, .decay = 0.1, .adjust = ADJUST_MATCH_RMS_ADAMW}},
             {"square", 9, 9, {.muon_lr = 0.05, .adjust = ADJUST_ORIGINAL}},
             {"row", 1, 9, {.muon_lr = 0.05, .decay = 0.3, .adjust = ADJUST_ORIGINAL}},
             {"tall_original",
              13,
              4,
              {.muon_lr = 0.05,
               .decay = 0.1,
               .adjust = ADJUST_ORIGINAL,
               .momentum = 0.8,
               .ns_steps = 3}},
             {"wide_plain", 3, 11, {.muon_lr = 0.05, .decay = 0.1, .adjust = ADJUST_ORIGINAL}}};

static const float *tensor(struct st_file *f, const char *kind, const char *name, size_t n)
{
    char full[64];
    const struct st_view *v;

    snprintf(full, sizeof full, "%s%s", kind, name);
    if (!(v = st_find(f, full)))
        fail_msg("no tensor '%s'", full);
    assert_int_equal(v->bytes, n * sizeof(float));
    return v->data;
}

static struct st_file *open_golden(void)
{
    struct st_file *f;
    char path[512];

    snprintf(path, sizeof path, "%s/tests/golden/optim/muon.safetensors", getenv("ROOT"));
    assert_int_equal(st_open(&f, path, NULL), RF_OK);
    return f;
}

/* A model that is one matrix, and what it is trained with; arrays are a far device's. */
struct matrix {
    struct nn *nn;
    struct param p;
    struct params all;
    struct optim_cfg cfg;
    struct optim o;
    float *w, *grad, *scale;
};

static void matrix_new(struct matrix *x, const struct match *m, const struct nn_options *how)
{
    const size_t n = m->rows * m->cols;

    *x = (struct matrix){.cfg = m->cfg};
    x->cfg.kind = OPTIM_MUON;
    x->cfg.lr = 0.01; /* twice or more below Muon's */
    x->cfg.nesterov = strcmp(m->name, "wide_plain") != 0;
    x->cfg.momentum = x->cfg.momentum > 0 ? x->cfg.momentum : 0.95;
    x->cfg.ns_steps = x->cfg.ns_steps ? x->cfg.ns_steps : 5;
    x->p = (struct param){.name = "layer.0.ff.in.weight",
                          .dims = 2,
                          .shape = {m->rows, m->cols},
                          .count = n,
                          .decay = true,
                          .inner = true};
    x->all = (struct params){.p = &x->p, .n = 1, .present = 1, .floats = n, .total = n};
    assert_int_equal(far_open(&x->nn, how, NULL), RF_OK);
    assert_int_equal(optim_new(&x->o, x->nn, &x->all, &x->cfg, NULL), RF_OK);
    x->w = x->nn->ops->mem_new(x->nn, n * sizeof(float));
    x->grad = x->nn->ops->mem_new(x->nn, n * sizeof(float));
    x->scale = x->nn->ops->mem_new(x->nn, sizeof(float));
}

static void matrix_free(struct matrix *x)
{
    x->nn->ops->mem_free(x->nn, x->w, x->p.count * sizeof(float));
    x->nn->ops->mem_free(x->nn, x->grad, x->p.count * sizeof(float));
    x->nn->ops->mem_free(x->nn, x->scale, sizeof(float));
    optim_free(&x->o);
    nn_close(x->nn);
}

/* Update t, from 1, from a gradient that is to be multiplied by `scale`. */
static void update(struct matrix *x, const float *grad, int t, float scale)
{
    const struct params_span all = {.n = 1, .floats = x->p.count};

    x->nn->ops->upload(x->nn, x->grad, grad, x->p.count * sizeof *grad);
    x->nn->ops->upload(x->nn, x->scale, &scale, sizeof scale);
    optim_step(&x->o, x->w, &all, x->grad, (uint64_t)t, x->cfg.lr, x->scale);
}

/* The largest difference of the weights from those wanted. */
static double off_by(const struct matrix *x, const float *want)
{
    float got[FLOATS_MAX];
    double most = 0;

    x->nn->ops->download(x->nn, got, x->w, x->p.count * sizeof *got);
    for (size_t i = 0; i < x->p.count; i++)
        if (isnan(got[i]))
            fail_msg("weight %zu is none", i);
        else
            most = fmax(most, fabs((double)got[i] - (double)want[i]));
    return most;
}

static void check(struct st_file *f, const struct match *m, const struct nn_options *how,
                  double tolerance)
{
    const size_t n = m->rows * m->cols;
    const float *grad = tensor(f, "grad.", m->name, STEPS * n);
    const float *want = tensor(f, "weight.", m->name, SEEN * n);
    struct matrix x;

    assert_true(n <= FLOATS_MAX);
    matrix_new(&x, m, how);
    x.nn->ops->upload(x.nn, x.w, want, n * sizeof *want);
    for (int t = 1, next = 1; t <= STEPS; t++) {
        double off;

        update(&x, grad + (size_t)(t - 1) * n, t, 1);
        if (t != seen[next])
            continue;
        off = off_by(&x, want + (size_t)next++ * n);
        if (!(off <= tolerance))
            fail_msg("%s, kind %d, update %d: %.3g off", m->name, (int)how->kind, t, off);
    }
    matrix_free(&x);
}

/* Numbers up to 1.5, rounded once a step, and a step's own roundings: 6e-8 and less each. */
static void updates_are_those_of_torch(void **state)
{
    static const enum nn_kind kinds[] = {NN_REF, NN_PLAIN, NN_CPU};
    struct st_file *f = open_golden();

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
            check(f, &CASES[i], &(struct nn_options){.kind = kinds[k], .threads = 1}, 2e-6);
    st_close(f);
}

/* Products of numbers rounded to 8 bits; a step is 0.05 at most, and there are 20. */
static void updates_in_bfloat16_are_close(void **state)
{
    struct st_file *f = open_golden();

    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
        check(f, &CASES[i],
              &(struct nn_options){.kind = NN_CPU, .threads = 1, .dtype = NN_BF16}, 0.03);
    st_close(f);
}

/* A scale that is NaN leaves weights and momentum as they were. */
static void nothing_changes_by_a_step_that_does_not_count(void **state)
{
    struct st_file *f = open_golden();
    const struct match *m = &CASES[1];
    const size_t n = m->rows * m->cols;
    const float *grad = tensor(f, "grad.", m->name, STEPS * n);
    float got[3][2 * FLOATS_MAX] = {0};
    struct matrix x;

    (void)state;
    matrix_new(&x, m, &(struct nn_options){.kind = NN_CPU, .threads = 1});
    assert_true(x.o.floats <= FLOATS_MAX && x.o.n_tensors == 1);
    for (int t = 0; t < 3; t++) {
        update(&x, grad + (size_t)t * n, t + 1, t == 1 ? NAN : 1);
        x.nn->ops->download(x.nn, got[t], x.w, n * sizeof *got[t]);
        x.nn->ops->download(x.nn, got[t] + FLOATS_MAX, x.o.block, n * sizeof *got[t]);
    }
    assert_memory_equal(got[0], got[1], sizeof got[0]);
    for (int part = 0; part < 2; part++)
        assert_memory_not_equal(got[1] + (ptrdiff_t)part * FLOATS_MAX,
                                got[2] + (ptrdiff_t)part * FLOATS_MAX, n * sizeof **got);
    matrix_free(&x);
    st_close(f);
}

/* Of products each step takes g = x x', g g and g x; the host neither sends nor awaits
 * anything.
 */
static void it_costs_what_it_should(void **state)
{
    static const struct nn_about about = {.dtype = NN_FP32};
    const double m = 4, n = 13;
    struct matrix x = {.cfg = rf_config_default.optim};
    const struct params_span all = {.n = 1, .floats = 52};
    struct counts c;

    (void)state;
    x.cfg.kind = OPTIM_MUON;
    x.cfg.ns_steps = 3;
    x.p = (struct param){.name = "x", .dims = 2, .shape = {13, 4}, .count = 52, .inner = true};
    x.all = (struct params){.p = &x.p, .n = 1, .floats = 52};
    assert_int_equal(count_open(&x.nn, &about, NULL), RF_OK);
    assert_int_equal(optim_new(&x.o, x.nn, &x.all, &x.cfg, NULL), RF_OK);
    x.w = x.nn->ops->mem_new(x.nn, 52 * sizeof(float));
    optim_step(&x.o, x.w, &all, x.w, 1, 0.01, x.w);
    c = count_so_far(x.nn);
    assert_true(c.products == 3 * (4 * n * m * m + 2 * m * m * m));
    assert_true(c.waits == 0 && c.uploads == 0);
    x.nn->ops->mem_free(x.nn, x.w, 52 * sizeof(float));
    optim_free(&x.o);
    nn_close(x.nn);
}

/* --- which parameters are Muon's */

/* A model of all that a layer can be, after two updates by an optimiser. */
struct whole {
    struct nn *nn;
    struct params p;
    struct optim o;
    float *w, *grad;
};

static void whole_new(struct whole *x, const struct optim_cfg *cfg)
{
    const float scale = 1;
    struct model_cfg model = rf_config_default.model;
    struct params_span all;

    model.dim = 8;
    model.emb_dim = 4;
    model.depth = 2;
    model.heads = 1;
    model.mem_kv = 3;
    model.pkm_layers = "1";
    model.pkm_keys = model.pkm_topk = 4;
    assert_int_equal(nn_open(&x->nn, NN_CPU, 1, NULL), RF_OK);
    assert_int_equal(params_new(&x->p, &model, 4, 6, NULL), RF_OK);
    assert_int_equal(optim_new(&x->o, x->nn, &x->p, cfg, NULL), RF_OK);
    x->w = x->nn->ops->mem_new(x->nn, x->p.floats * sizeof(float));
    x->grad = x->nn->ops->mem_new(x->nn, x->p.floats * sizeof(float));
    all = params_all(&x->p);
    for (int t = 1; t <= 2; t++) {
        struct rng r = rng_stream((uint64_t)t, 0, 0, RNG_TEST);

        x->nn->ops->fill_normal(x->nn, x->grad, 1, r, x->p.floats);
        optim_step(&x->o, x->w, &all, x->grad, (uint64_t)t, cfg->lr, &scale);
    }
}

static void whole_free(struct whole *x)
{
    x->nn->ops->mem_free(x->nn, x->w, x->p.floats * sizeof(float));
    x->nn->ops->mem_free(x->nn, x->grad, x->p.floats * sizeof(float));
    optim_free(&x->o);
    params_free(&x->p);
    nn_close(x->nn);
}

/* "m." alone: it is Muon's. */
static bool has_squares(const struct whole *x, const char *name)
{
    struct tensor *t = calloc(x->o.n_tensors, sizeof *t);
    int found = 0;

    assert_non_null(t);
    optim_tensors(&x->o, t, x->o.block);
    for (size_t i = 0; i < x->o.n_tensors; i++)
        if (strcmp(t[i].name + 2, name) == 0)
            found |= strncmp(t[i].name, "m.", 2) == 0 ? 1 : 2;
    free(t);
    assert_true(found & 1);
    return found & 2;
}

/* The matrices that a layer multiplies by, and no other parameter. */
static void the_rest_is_adamws(void **state)
{
    static const char *const names[] = {"attn.qk", "attn.v", "attn.out",
                                        "ff.in",   "ff.out", "pkm.query"};
    struct optim_cfg cfg = rf_config_default.optim;
    struct whole muon, adamw;
    size_t found = 0;

    (void)state;
    cfg.clip_update = true;
    cfg.value_factor = 3;
    whole_new(&adamw, &cfg);
    cfg.kind = OPTIM_MUON;
    whole_new(&muon, &cfg);
    for (size_t i = 0; i < muon.p.n; i++) {
        const struct param *p = &muon.p.p[i];
        bool named = false;

        if (!p->count)
            continue;
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            char name[64];

            snprintf(name, sizeof name, ".%s.weight", names[k]);
            named = named || (strncmp(p->name, "layer.", 6) == 0 && strstr(p->name, name));
        }
        found += named;
        assert_true(has_squares(&muon, p->name) != named);
        if ((memcmp(muon.w + p->offset, adamw.w + p->offset, p->count * sizeof(float)) != 0) !=
            named)
            fail_msg("'%s'", p->name);
    }
    assert_int_equal(found, 3 + 2 + 3 + 1); /* layer 1 has a memory instead of ff */
    /* the largest is that of the queries, (1024,8) */
    assert_int_equal(optim_work_bytes(&cfg, &muon.p), 4 * (2 * 1024 * 8 + 2 * 8 * 8));
    whole_free(&muon);
    whole_free(&adamw);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(updates_are_those_of_torch),
        cmocka_unit_test(updates_in_bfloat16_are_close),
        cmocka_unit_test(nothing_changes_by_a_step_that_does_not_count),
        cmocka_unit_test(it_costs_what_it_should),
        cmocka_unit_test(the_rest_is_adamws),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
