/* test_golden_optim.c: the optimisers against torch's AdamW, transformers' Adafactor,
 * lion-pytorch and optimi's StableAdamW; see make.py and make_stable.py in tests/golden/optim.
 * The plugin that RF_TEST_DEVICE names is tested too.
 */
#include "trial.h"

#include "ckpt/safetensors.h"

enum { STEPS = 6, ROWS = 5, COLS = 7 };

static const double TOLERANCE = 1e-6; /* float against double: a rounding a step */

/* One weight and what its optimiser remembers. */
struct weight {
    struct nn *nn;
    float *w, *m, *v, *row, *col;
    const float *scale;
    size_t rows;
};

/* Step t, from 1, on a gradient that came 4 times too large. */
static void adamw_of(struct weight *p, const float *grad, int t, float eps, bool clip)
{
    struct adamw_step s = {.lr = 1e-2F, .beta1 = 0.9F, .beta2 = 0.99F, .eps = eps};

    s.clip = clip;
    s.decay = 0.1F;
    s.scale = p->scale;
    s.correct1 = (float)(1 - pow(0.9, t));
    s.correct2 = (float)(1 - pow(0.99, t));
    p->nn->ops->adamw(p->nn, p->w, p->m, p->v, grad, &s, p->rows * COLS);
}

static void adamw(struct weight *p, const float *grad, int t)
{
    adamw_of(p, grad, t, 1e-8F, false);
}

static void adamw_clipped(struct weight *p, const float *grad, int t)
{
    adamw_of(p, grad, t, 1e-6F, true);
}

static void adamw_clipped_by_eps(struct weight *p, const float *grad, int t)
{
    adamw_of(p, grad, t, 0.3F, true);
}

static void lion(struct weight *p, const float *grad, int t)
{
    struct lion_step s = {1e-2F, 0.9F, 0.99F, 0.1F, p->scale};

    (void)t;
    p->nn->ops->lion(p->nn, p->w, p->m, grad, &s, p->rows * COLS);
}

static void factored(struct weight *p, const float *grad, struct adafactor_step s)
{
    bool matrix = p->rows > 1;

    s.eps1 = 1e-30F;
    s.eps2 = 1e-3F;
    s.scale = p->scale;
    p->nn->ops->adafactor(p->nn, p->w, matrix ? p->row : NULL, p->col,
                          s.beta1 > 0 ? p->m : NULL, grad, &s, p->rows, COLS);
}

static void adafactor(struct weight *p, const float *grad, int t)
{
    struct adafactor_step s = {.relative = true, .clip = 1};

    s.lr = fminf(1e-2F, (float)pow(t, -0.5));
    s.beta2 = (float)(1 - pow(t, -0.8));
    factored(p, grad, s);
}

static void adafactor_fixed(struct weight *p, const float *grad, int t)
{
    struct adafactor_step s = {.lr = 3e-2F, .beta1 = 0.9F, .clip = 0.7F, .decay = 0.1F};

    s.beta2 = (float)(1 - pow(t, -0.8));
    factored(p, grad, s);
}

static const struct {
    const char *file, *name;
    void (*step)(struct weight *p, const float *grad, int t);
} OPTIMISERS[] = {{"optim", "adamw", adamw},
                  {"optim", "lion", lion},
                  {"optim", "adafactor", adafactor},
                  {"optim", "adafactor_fixed", adafactor_fixed},
                  {"stable", "adamw_clipped", adamw_clipped},
                  {"stable", "adamw_clipped_by_eps", adamw_clipped_by_eps}};

static const float *tensor(struct st_file *f, const char *kind, const char *name, size_t n)
{
    char full[64];
    const struct st_view *v;

    snprintf(full, sizeof full, "%s%s", kind, name);
    v = st_find(f, full);
    if (!v)
        fail_msg("no tensor '%s'", full);
    assert_int_equal(v->bytes, n * sizeof(float));
    return v->data;
}

static void check(struct st_file *f, int kind, size_t which, bool matrix)
{
    size_t rows = matrix ? ROWS : 1, n = rows * COLS, bytes = n * sizeof(float);
    const char *name = OPTIMISERS[which].name;
    const float *want = tensor(f, matrix ? "matrix." : "vector.", name, (STEPS + 1) * n);
    const float *grad = tensor(f, "grad", "", (size_t)STEPS * ROWS * COLS);
    struct weight p = {.rows = rows};
    struct trial t;
    const float quarter = 0.25F;
    float *large;

    assert_true(begin_trial(&t, kind, 1));
    p.nn = t.nn;
    p.w = given(&t, OUT, want, bytes);
    p.m = given(&t, OUT, NULL, bytes);
    p.v = given(&t, OUT, NULL, bytes);
    p.row = given(&t, OUT, NULL, ROWS * sizeof(float));
    p.col = given(&t, OUT, NULL, COLS * sizeof(float));
    p.scale = given(&t, GIVEN, &quarter, sizeof quarter);
    large = out(&t, n);
    for (int step = 1; step <= STEPS; step++) {
        float *x = get(&t, large);

        for (size_t i = 0; i < n; i++)
            x[i] = 4 * grad[(size_t)(step - 1) * ROWS * COLS + i];
        put(&t, large);
        OPTIMISERS[which].step(&p, large, step);
        close_floats(want + (size_t)step * n, get(&t, p.w), n, TOLERANCE, name);
    }
    end_trial(&t);
}

static void equal_the_others(void **state)
{
    struct st_file *f;
    char path[512];

    (void)state;
    for (size_t i = 0; i < sizeof OPTIMISERS / sizeof *OPTIMISERS; i++) {
        snprintf(path, sizeof path, "%s/tests/golden/optim/%s.safetensors", getenv("ROOT"),
                 OPTIMISERS[i].file);
        assert_int_equal(st_open(&f, path, NULL), RF_OK);
        for (int matrix = 0; matrix < 2; matrix++) {
            check(f, NN_REF, i, matrix);
            check(f, NN_PLAIN, i, matrix);
            check(f, NN_CPU, i, matrix);
            if (getenv("RF_TEST_DEVICE"))
                check(f, PLUGIN, i, matrix);
        }
        st_close(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_the_others)};

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
