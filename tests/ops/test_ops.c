/* test_ops.c: every op but those of LSH (test_lsh.c), one row each, against the reference.
 * Shapes: 1, primes, one less and one more than a tile, and those of real models. */
#include "trial.h"

static void run_fill(struct trial *t)
{
    t->op->fill(t->nn, out(t, t->d[0]), 1.5F, t->d[0]);
}

static void run_fill_normal(struct trial *t)
{
    t->op->fill_normal(t->nn, out(t, t->d[0]), 0.3F, rng_stream(7, 3, 2, RNG_INIT), t->d[0]);
}

static void run_combine(struct trial *t)
{
    size_t n = t->d[0];
    float *x1 = in(t, n), *x2 = in(t, n), *y = in_out(t, n);

    t->op->combine(t->nn, out(t, n), 0.7F, x1, -1.2F, x2, n);
    t->op->combine(t->nn, out(t, n), 0.7F, x1, 0, NULL, n);
    t->op->combine(t->nn, y, 0.5F, x1, 2, y, n);
}

static void run_sum_squares(struct trial *t)
{
    float *y = out(t, 1);

    *y = (float)t->op->sum_squares(t->nn, in(t, t->d[0]), t->d[0]);
}

static void run_gemm(struct trial *t)
{
    size_t m = t->d[0], n = t->d[1], k = t->d[2];
    float *a = in(t, m * k), *b = in(t, k * n);

    for (int i = 0; i < 4; i++)
        t->op->gemm(t->nn, m, n, k, a, i & 1, b, i & 2, 0, out(t, m * n));
    t->op->gemm(t->nn, m, n, k, a, true, b, false, 1, in_out(t, m * n));
}

static void run_add_rows(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    float *x = in(t, rows * n), *bias = in(t, n);

    t->op->add_rows(t->nn, in_out(t, rows * n), -1, x, bias, rows, n);
    t->op->add_rows(t->nn, in_out(t, rows * n), 1, x, NULL, rows, n);
}

static void run_bias_bwd(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];

    t->op->bias_bwd(t->nn, in_out(t, n), in(t, rows * n), rows, n);
}

static void run_gelu(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    float *x = in(t, rows * n), *bias = in(t, n), *dx = in_out(t, rows * n);

    for (size_t i = 0; i < rows * n; i++)
        x[i] *= 3; /* well into both tails */
    t->op->gelu_fwd(t->nn, out(t, rows * n), x, bias, rows, n);
    t->op->gelu_bwd(t->nn, out(t, rows * n), in_out(t, n), dx, x, bias, rows, n);
    t->op->gelu_bwd(t->nn, dx, in_out(t, n), dx, x, bias, rows, n); /* in place */
}

static void run_norm(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    float *x = in(t, rows * n), *weight = in(t, n), *bias = in(t, n), *stat = out(t, 2 * rows);

    t->op->norm_fwd(t->nn, out(t, rows * n), stat, x, weight, bias, rows, n);
    t->op->norm_bwd(t->nn, in_out(t, rows * n), in_out(t, n), in_out(t, n), in(t, rows * n), x,
                    stat, weight, rows, n);
}

static void run_rows_by_index(struct trial *t)
{
    size_t m = t->d[0], n = t->d[1], from = t->d[2];
    int32_t *index = in_index(t, m, from);

    t->op->gather_rows(t->nn, out(t, m * n), in(t, from * n), index, m, n);
    t->op->scatter_rows(t->nn, in_out(t, from * n), in(t, m * n), index, m, n);
}

static void run_axial(struct trial *t)
{
    size_t B = t->d[0], T = t->d[1], n1 = t->d[2], E = t->d[3], n0 = (T + n1 - 1) / n1;
    float *x = in_out(t, B * T * E);

    t->op->axial_fwd(t->nn, x, in(t, n0 * E), in(t, n1 * E), B, T, n1, E);
    t->op->axial_bwd(t->nn, in_out(t, n0 * E), in_out(t, n1 * E), in(t, B * T * E), B, T, n1,
                     E);
}

static void run_heads(struct trial *t)
{
    size_t B = t->d[0], T = t->d[1], H = t->d[2], D = t->d[3];
    float *x = in(t, B * T * H * D), *y = out(t, B * T * H * D), *back = out(t, B * T * H * D);

    t->op->split_heads(t->nn, y, x, H * D, B, T, H, D, 1);
    t->op->merge_heads(t->nn, back, H * D, y, B, T, H, D, 1);
    if (t->poisoned == ARRAYS_MAX)
        assert_memory_equal(back, x, B * T * H * D * sizeof *x);
}

static void run_cross_entropy(struct trial *t)
{
    size_t rows = t->d[0], E = t->d[1], V = t->d[2];
    float *x = in(t, rows * E), *w = in(t, V * E), *bias = in(t, V);
    int32_t *label = in_index(t, rows, V);

    t->op->cross_entropy(t->nn, out(t, rows), out_int(t, rows), out(t, rows * E),
                         in_out(t, V * E), in_out(t, V), x, w, bias, label, 0.5F, rows, E, V);
    t->op->cross_entropy(t->nn, out(t, rows), out_int(t, rows), NULL, NULL, NULL, x, w, NULL,
                         label, 1, rows, E, V);
}

static void run_adamw(struct trial *t)
{
    struct adamw_step s = {1e-2F, 0.9F, 0.99F, 1e-8F, 0.1F, 0.19F, 0.0199F, 0.25F};
    size_t n = t->d[0];
    float *w = in_out(t, n), *m = in_out(t, n), *v = in_out(t, n);

    for (size_t i = 0; i < n; i++)
        v[i] *= v[i]; /* it is a mean of squares; a NaN stays one */
    t->op->adamw(t->nn, w, m, v, in(t, n), &s, n);
}

/* A unit in the last place, the worst relative error of one rounding, twice over. */
static const double ULP = 0x1p-23;
#define LONG_SUM "float sums of up to some thousand terms: a random walk of roundings"

static const struct row rows[] = {
    {"fill", run_fill, 0, "a copy", {{1}, {17}, {100003}}},
    {"fill_normal", run_fill_normal, 0, "the same numbers everywhere", {{1}, {7}, {40001}}},
    {"combine", run_combine, 4 * ULP, "three roundings", {{1}, {31}, {8191}, {8193}, {40001}}},
    {"sum_squares", run_sum_squares, ULP, "sums in double", {{1}, {33}, {8193}, {100003}}},
    {"gemm",
     run_gemm,
     64 * ULP,
     LONG_SUM,
     {{1, 1, 1},
      {7, 13, 17},
      {63, 65, 64},
      {129, 31, 127},
      {1, 512, 512},
      {512, 96, 33},
      {60, 60, 4096},
      {513, 130, 65}}},
    {"add_rows",
     run_add_rows,
     4 * ULP,
     "cancelled sums",
     {{1, 1}, {7, 13}, {65, 512}, {3, 9001}}},
    {"bias_bwd",
     run_bias_bwd,
     16 * ULP,
     LONG_SUM,
     {{1, 1}, {7, 13}, {16, 1}, {17, 257}, {1025, 65}, {4096, 33}}},
    {"gelu",
     run_gelu,
     16 * ULP,
     "the fit of the normal distribution: 4e-7 of the share, 2e-6 where x times it cancels",
     {{1, 1}, {7, 13}, {17, 2047}, {1025, 33}}},
    {"norm",
     run_norm,
     64 * ULP,
     LONG_SUM "; x - mean cancels",
     {{1, 7}, {7, 13}, {15, 512}, {17, 511}, {1030, 33}}},
    {"gather and scatter",
     run_rows_by_index,
     16 * ULP,
     "the same order of sums, but other roundings",
     {{1, 1, 1}, {7, 13, 5}, {100, 512, 30}, {257, 129, 1000}}},
    {"axial",
     run_axial,
     32 * ULP,
     LONG_SUM,
     {{1, 1, 1, 1}, {3, 10, 4, 7}, {2, 128, 64, 130}, {5, 60, 16, 33}, {2, 5, 16, 8}}},
    {"heads", run_heads, 0, "copies", {{1, 1, 1, 1}, {2, 5, 3, 7}, {2, 64, 8, 64}}},
    {"cross_entropy",
     run_cross_entropy,
     64 * ULP,
     LONG_SUM "; the loss is a difference of two such",
     {{1, 1, 2}, {7, 13, 17}, {65, 64, 1001}, {33, 16, 4099}, {1100, 8, 65}}},
    {"adamw", run_adamw, 8 * ULP, "some roundings in a row", {{1}, {17}, {8193}, {40001}}},
};

/* A device keeps its first failure, and does nothing after it. */
static void failure_is_kept(void **state)
{
    struct errbuf eb = {0};
    struct nn *nn = NULL;
    float y = 1;

    (void)state;
    assert_int_equal(nn_open(&nn, NN_CPU, 0, &eb), RF_EINVAL);
    assert_string_equal(eb.text, "0 threads: at least 1 is needed");
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* it ends the program where malloc() would return NULL */
#endif
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        int32_t label = 0;

        assert_int_equal(nn_open(&nn, (enum nn_kind)kind, 1, &eb), RF_OK);
        nn->ops->cross_entropy(nn, &y, &label, NULL, NULL, NULL, &y, &y, NULL, &label, 1, 1, 1,
                               (size_t)1 << 50);
        assert_int_equal(nn_status(nn, &eb), RF_ENOMEM);
        assert_non_null(strstr(eb.text, "bytes of scratch"));
        nn->ops->fill(nn, &y, 2, 1);
        assert_true(y == 1);
        assert_true(isnan(nn->ops->sum_squares(nn, &y, 1)));
        nn_close(nn);
    }
}

/* Where all logits are equal the first counts as the largest. */
static void ties_hit_the_first(void **state)
{
    const float x[3] = {0}, w[40] = {1, 2, 3};
    const int32_t label[3] = {0, 1, 39}, want[3] = {1, 0, 0};

    (void)state;
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        struct nn *nn;
        float loss[3];
        int32_t hit[3];

        assert_int_equal(nn_open(&nn, (enum nn_kind)kind, 1, NULL), RF_OK);
        nn->ops->cross_entropy(nn, loss, hit, NULL, NULL, NULL, x, w, NULL, label, 1, 3, 1, 40);
        assert_memory_equal(hit, want, sizeof want);
        assert_true(fabs((double)loss[2] - log(40)) < 1e-6);
        nn_close(nn);
    }
}

int main(void)
{
    const struct CMUnitTest others[] = {cmocka_unit_test(failure_is_kept),
                                        cmocka_unit_test(ties_hit_the_first)};

    SKIP_UNDER_TSAN();
    return run_rows("ops", rows, sizeof rows / sizeof *rows) +
           cmocka_run_group_tests(others, NULL, NULL);
}
