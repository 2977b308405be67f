/* test_ops.c: every op but those of LSH (test_lsh.c), one row each, against the reference.
 * Shapes: 1, primes, one less and one more than a tile, and those of real models. */
#include "products.h"
#include "trial.h"

#include <float.h>
#include <unistd.h>

/* What the device has at `got` is what it has at `want`. */
static void same_numbers(const struct trial *t, const void *got, const void *want, size_t n)
{
    assert_memory_equal(get(t, got), get(t, want), n * sizeof(float));
}

static void run_copy(struct trial *t)
{
    size_t n = t->d[0];
    float *x = in(t, n), *y = out(t, n);
    int32_t *from = in_index(t, n, INT32_MAX), *to = out_int(t, n);

    memset(get(t, from), 0xff,
           n / 2 * sizeof *from); /* no float that arithmetic leaves alone */
    put(t, from);
    t->op->copy(t->nn, y, x, n * sizeof *y);
    t->op->copy(t->nn, to, from, n * sizeof *to);
    same_numbers(t, y, x, n);
    same_numbers(t, to, from, n);
}

static void run_fill(struct trial *t)
{
    t->op->fill(t->nn, out(t, t->d[0]), 1.5F, t->d[0]);
}

static void run_fill_normal(struct trial *t)
{
    t->op->fill_normal(t->nn, out(t, t->d[0]), 0.3F, rng_stream(7, 3, 2, RNG_INIT), t->d[0]);
}

static void run_fill_uniform(struct trial *t)
{
    const struct rng r = rng_stream(7, 3, 2, RNG_INIT);
    float *y = out(t, t->d[0]), *x;

    t->op->fill_uniform(t->nn, y, 0.3F, r, t->d[0]);
    x = get(t, y);
    for (size_t i = 0; i < t->d[0]; i++)
        assert_true(x[i] == 0.3F * (2 * rng_uniform(r, i) - 1));
}

static void run_fill_positions(struct trial *t)
{
    size_t T = t->d[0], n = t->d[1];
    float *y = out(t, T * n), *x;

    t->op->fill_positions(t->nn, y, T, n);
    x = get(t, y);
    for (size_t i = 0; i < T * n; i++) {
        size_t pair = i % n % (n / 2);
        double angle = (double)(i / n) * pow(10000, -2 * (double)pair / (double)n);
        double want = i % n < n / 2 ? sin(angle) : cos(angle);

        assert_true(fabs((double)x[i] - want) < 1e-6);
    }
}

static void run_combine(struct trial *t)
{
    size_t n = t->d[0];
    float *x1 = in(t, n), *x2 = in(t, n), *y = in_out(t, n);

    t->op->combine(t->nn, out(t, n), 0.7F, x1, -1.2F, x2, n);
    t->op->combine(t->nn, out(t, n), 0.7F, x1, 0, NULL, n);
    t->op->combine(t->nn, y, 0.5F, x1, 2, y, n);
}

/* A double behind the trial's back, so that the sum is compared as a float. */
static void run_add_squares(struct trial *t)
{
    const double one = 1;
    double *sum = given(t, OTHER, &one, sizeof one);
    float *y = out(t, 1);

    t->op->add_squares(t->nn, sum, in(t, t->d[0]), t->d[0]);
    *(float *)get(t, y) = (float)*(double *)get(t, sum);
    put(t, y);
}

/* What lies between the products is not looked at, nor written. */
static void run_gemm_batch(struct trial *t)
{
    size_t m = t->d[0], n = t->d[1], k = t->d[2], count = t->d[3];
    size_t next_a = 2 * m * k, next_b = k * n, next_c = m * n + 3;
    float *a = in(t, count * next_a), *b = in(t, count * next_b);

    for (int i = 0; i < 4; i++)
        t->op->gemm_batch(t->nn, count, m, n, k, a, next_a, i & 1, b, next_b, i & 2, i == 3,
                          in_out(t, count * next_c), next_c);
}

static void run_add_bias(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    float *x = in(t, rows * n), *bias = in(t, n), *y = in_out(t, rows * n);

    t->op->add_bias(t->nn, out(t, rows * n), x, bias, rows, n);
    t->op->add_bias(t->nn, out(t, rows * n), x, NULL, rows, n);
    t->op->add_bias(t->nn, y, y, bias, rows, n);
    t->op->add_bias(t->nn, y, y, NULL, rows, n);
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

/* With rows of another length than 4 n too: a row's numbers start within a block. */
static void run_dropout(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    struct rng r = rng_stream(3, 5, 1, RNG_DROPOUT);
    float *x = in(t, rows * n), *bias = in(t, n), *y = in_out(t, rows * n);

    t->op->dropout(t->nn, out(t, rows * n), x, bias, 0.1F, r, rows, n);
    t->op->dropout(t->nn, out(t, rows * n), x, NULL, 0.5F, r, rows, n);
    t->op->dropout(t->nn, y, y, NULL, 0.25F, r, rows, n);
}

static void run_gate(struct trial *t)
{
    size_t n = t->d[0];
    float *x = in(t, n), *g = in(t, 1), *dy = in_out(t, n);

    t->op->gate_fwd(t->nn, out(t, n), x, g, n);
    t->op->gate_bwd(t->nn, out(t, n), in_out(t, 1), dy, x, g, n);
    t->op->gate_bwd(t->nn, dy, in_out(t, 1), dy, x, g, n);
}

/* As floats; what is none is a number that no sum can be. */
static void read_stream(struct trial *t, const int32_t *s, size_t n)
{
    float *y = out(t, n), *x;

    t->op->stream_read(t->nn, y, s, n);
    x = get(t, y);
    for (size_t i = 0; i < n; i++)
        x[i] = isnan(x[i]) ? 1e4F : x[i];
    put(t, y);
}

/* Numbers of all sizes, so that some sums are too large. */
static void larger_and_larger(struct trial *t, float *at, size_t n, int most)
{
    float *x = get(t, at);

    for (size_t i = 0; i < n; i++)
        x[i] = ldexpf(x[i], (int)(i % (size_t)most));
    put(t, at);
}

static void run_stream(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1], size = rows * n;
    float *x = in(t, size), *bias = in(t, n);
    int32_t *s = given(t, OUT_INT, NULL, 2 * size * sizeof *s);

    larger_and_larger(t, x, size, 16);
    t->op->stream_add(t->nn, s, 1, x, bias, rows, n);
    read_stream(t, s, size);
    t->op->stream_add(t->nn, s, 1, x, NULL, rows, n);
    t->op->stream_add(t->nn, s, -1, bias, NULL, 1, n);
    t->op->copy(t->nn, s + size, s, size * sizeof *s);
    read_stream(t, s + size, size);
}

/* One activation, alone and gated; values well into both tails. */
static void run_act(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    enum act act = (enum act)t->d[2];
    float *x = in(t, 2 * rows * n), *bias = in(t, 2 * n), *slope = in_out(t, 2 * rows * n);
    float *x2 = in_out(t, rows * n), *dx = out(t, rows * n), *wide = get(t, x);

    for (size_t i = 0; i < 2 * rows * n; i++)
        wide[i] *= 3;
    put(t, x);
    t->op->copy(t->nn, slope, x, 2 * rows * n * sizeof *x);
    t->op->act_fwd(t->nn, out(t, rows * n), NULL, x, bias, act, true, rows, n);
    t->op->act_fwd(t->nn, out(t, rows * n), slope, slope, bias, act, true, rows, n);
    t->op->act_fwd(t->nn, out(t, rows * n), NULL, x, bias, act, false, 2 * rows, n / 2);
    t->op->act_fwd(t->nn, out(t, rows * n), dx, x2, bias, act, false, rows, n);
}

static void run_act_bwd(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    float *dy = in(t, rows * n), *slope = in_out(t, 2 * rows * n), *dy2 = in_out(t, rows * n);

    t->op->act_bwd(t->nn, out(t, 2 * rows * n), in_out(t, 2 * n), dy, slope, true, rows, n);
    t->op->act_bwd(t->nn, dy2, in_out(t, n), dy2, slope, false, rows, n);
    t->op->act_bwd(t->nn, slope, in_out(t, 2 * n), dy, slope, true, rows, n);
}

static void run_norm(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    float *x = in(t, rows * n), *weight = in(t, n), *bias = in(t, n), *stat = out(t, 2 * rows);

    t->op->norm_fwd(t->nn, out(t, rows * n), stat, x, weight, bias, rows, n);
    t->op->norm_bwd(t->nn, in_out(t, rows * n), in_out(t, n), in_out(t, n), in(t, rows * n), x,
                    stat, weight, rows, n);
}

/* One row is shorter than the least length. */
static void run_scale_norm(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1];
    float *x = in(t, rows * n), *g = in(t, 1), *stat = out(t, rows);
    float *row = get(t, x + rows / 2 * n);

    for (size_t i = 0; i < n; i++)
        row[i] *= rows > 1 ? 1e-9F : 1;
    put(t, x);
    t->op->scale_norm_fwd(t->nn, out(t, rows * n), stat, x, g, rows, n);
    t->op->scale_norm_bwd(t->nn, in_out(t, rows * n), in_out(t, 1), in(t, rows * n), x, stat, g,
                          rows, n);
}

/* Columns from 2 on; and one row to all. */
static void run_copy_rows(struct trial *t)
{
    size_t rows = t->d[0], n = t->d[1], ldx = n + t->d[2], ldy = n + 3;
    const float *x = in(t, rows * ldx + 2);
    float *y = in_out(t, rows * ldy), *all = in_out(t, rows * ldy);

    t->op->copy_rows(t->nn, y, ldy, x + 2, ldx, rows, n);
    t->op->copy_rows(t->nn, all, ldy, x, 0, rows, n);
    for (size_t i = 0; i < rows; i++) {
        same_numbers(t, y + i * ldy, x + 2 + i * ldx, n);
        same_numbers(t, all + i * ldy, x, n);
    }
}

static void run_rows_by_index(struct trial *t)
{
    size_t m = t->d[0], n = t->d[1], from = t->d[2];
    int32_t *index = in_index(t, m, from), *to = get(t, index);
    float *x = in(t, from * n), *few = in(t, m * n), *y = out(t, m * n);
    float *all = in_out(t, from * n);

    t->op->gather_rows(t->nn, y, x, index, m, n);
    for (size_t i = 0; i < m; i++)
        same_numbers(t, y + i * n, x + (size_t)to[i] * n, n);
    t->op->scatter_rows(t->nn, in_out(t, from * n), few, index, m, n);
    m = m < from ? m : from;
    for (size_t i = 0; i < m; i++)
        to[i] = (int32_t)(from - 1 - i);
    put(t, index);
    t->op->put_rows(t->nn, all, few, index, m, n);
    for (size_t i = 0; i < m; i++)
        same_numbers(t, all + (from - 1 - i) * n, few + i * n, n);
}

static void run_axial(struct trial *t)
{
    size_t B = t->d[0], T = t->d[1], n1 = t->d[2], E = t->d[3], n0 = (T + n1 - 1) / n1;
    float *x = in_out(t, B * T * E);

    t->op->axial_fwd(t->nn, x, in(t, n0 * E), in(t, n1 * E), B, T, n1, E);
    t->op->axial_bwd(t->nn, in_out(t, n0 * E), in_out(t, n1 * E), in(t, B * T * E), B, T, n1,
                     E);
}

static void run_positions(struct trial *t)
{
    size_t B = t->d[0], T = t->d[1], E = t->d[2];

    t->op->axial_fwd(t->nn, in_out(t, B * T * E), in(t, T * E), NULL, B, T, 1, E);
    t->op->axial_bwd(t->nn, in_out(t, T * E), NULL, in(t, B * T * E), B, T, 1, E);
}

/* y[B,H,T,D], element by element, is what was split from the rows x, ldx apart. */
static void were_split(const struct trial *t, const float *y, const float *x, size_t ldx)
{
    size_t T = t->d[1], H = t->d[2], D = t->d[3], repeat = t->d[4] ? t->d[4] : 1;
    const float *heads = get(t, y), *row = get(t, x);

    for (size_t i = 0; i < t->d[0] * H * T * D; i++) {
        size_t d = i % D, at = i / D % T, h = i / D / T % H, b = i / D / T / H;

        assert_memory_equal(&heads[i], &row[(b * T + at) * ldx + h / repeat * D + d],
                            sizeof *row);
    }
}

static void run_heads(struct trial *t)
{
    size_t B = t->d[0], T = t->d[1], H = t->d[2], D = t->d[3];
    float *x = in(t, B * T * H * D), *y = out(t, B * T * H * D), *back = out(t, B * T * H * D);

    t->op->split_heads(t->nn, y, x, H * D, B, T, H, D, 1);
    were_split(t, y, x, H * D);
    t->op->merge_heads(t->nn, back, H * D, y, B, T, H, D, 1);
    same_numbers(t, back, x, B * T * H * D);
}

/* Some of many heads, in wide rows, of which `repeat` in a row are one: what was split from one
 * comes back as a multiple, and what lies between the rows stays. */
static void run_repeated_heads(struct trial *t)
{
    size_t B = t->d[0], T = t->d[1], H = t->d[2], D = t->d[3], repeat = t->d[4];
    size_t wide = H / repeat * D, ld = wide + 5, n = B * T * ld;
    float *x = in(t, n), *y = out(t, B * T * H * D), *back = in_out(t, n), *want, *row;

    t->op->split_heads(t->nn, y, x, ld, B, T, H, D, repeat);
    were_split(t, y, x, ld);
    want = malloc(n * sizeof *want);
    assert_non_null(want);
    memcpy(want, get(t, back), n * sizeof *want);
    t->op->merge_heads(t->nn, back, ld, y, B, T, H, D, repeat);
    row = get(t, x);
    for (size_t i = 0; i < n; i++)
        want[i] = i % ld < wide ? (float)repeat * row[i] : want[i];
    if (t->poisoned == ARRAYS_MAX)
        close_floats(want, get(t, back), n, 8 * 0x1p-23, "heads that were repeated");
    free(want);
}

static void run_pkm_select(struct trial *t)
{
    size_t rows = t->d[0], K = t->d[1], k = t->d[2];
    float *score = in(t, rows * 2 * K), *weight = out(t, rows * k), *x = get(t, score);
    int32_t *index = out_int(t, rows * k);

    for (size_t i = 0; i < rows * K; i++) /* half of the rows: many that are equal */
        x[i] = isnan(x[i]) ? x[i] : rintf(2 * x[i]) / 2;
    put(t, score);
    t->op->pkm_select(t->nn, index, weight, score, rows, K, k);
    t->op->pkm_select_bwd(t->nn, out(t, rows * 2 * K), in(t, rows * k), index, weight, rows, K,
                          k);
}

static void run_bag(struct trial *t)
{
    size_t rows = t->d[0], m = t->d[1], n = t->d[2], slots = t->d[3];
    float *x = in(t, slots * n), *weight = in(t, rows * m);
    int32_t *index = in_index(t, rows * m, slots);

    t->op->bag_fwd(t->nn, out(t, rows * n), x, index, weight, rows, m, n);
    t->op->bag_bwd(t->nn, in_out(t, slots * n), out(t, rows * m), in(t, rows * n), x, index,
                   weight, rows, m, n);
}

static void run_cross_entropy(struct trial *t)
{
    size_t rows = t->d[0], E = t->d[1], V = t->d[2];
    float *x = in(t, rows * E), *w = in(t, V * E), *bias = in(t, V);
    int32_t *label = in_index(t, rows, V);

    t->op->cross_entropy(t->nn, out(t, rows), out_int(t, rows), out(t, rows * E),
                         in_out(t, V * E), in_out(t, V), x, w, bias, label, 0.5F, 0, 0, rows, E,
                         V);
    t->op->cross_entropy(t->nn, out(t, rows), out_int(t, rows), NULL, NULL, NULL, x, w, NULL,
                         label, 1, 0, 0, rows, E, V);
}

/* The same where log Z counts, up to 35 here. */
static void run_z_loss(struct trial *t)
{
    size_t rows = t->d[0], E = t->d[1], V = t->d[2];
    float *x = in(t, rows * E), *w = in(t, V * E), *bias = in(t, V);
    int32_t *label = in_index(t, rows, V);

    t->op->cross_entropy(t->nn, out(t, rows), out_int(t, rows), out(t, rows * E),
                         in_out(t, V * E), in_out(t, V), x, w, bias, label, 0.5F, 0.005F, 0,
                         rows, E, V);
}

static void run_smoothing(struct trial *t)
{
    size_t rows = t->d[0], E = t->d[1], V = t->d[2];
    float *x = in(t, rows * E), *w = in(t, V * E), *bias = in(t, V);
    int32_t *label = in_index(t, rows, V);

    t->op->cross_entropy(t->nn, out(t, rows), out_int(t, rows), out(t, rows * E),
                         in_out(t, V * E), in_out(t, V), x, w, bias, label, 0.5F, 0, 0.1F, rows,
                         E, V);
}

/* Whether rows of a call stand first or behind others makes no difference to what they draw. */
static void run_draw_rows(struct trial *t)
{
    size_t rows = t->d[0], E = t->d[1], V = t->d[2];
    float *x = in(t, rows * E), *w = in(t, V * E), *bias = in(t, V);
    const struct rng r = rng_stream(5, 7, 0, RNG_TEST);
    int32_t *all = out_int(t, rows), *last = out_int(t, 1);

    t->op->draw_rows(t->nn, all, x, w, bias, 0.5F, r, 3, rows, E, V);
    t->op->draw_rows(t->nn, last, x + (rows - 1) * E, w, bias, 0.5F, r, 3 + rows - 1, 1, E, V);
    if (t->poisoned == ARRAYS_MAX)
        assert_int_equal(*(const int32_t *)get(t, last),
                         ((const int32_t *)get(t, all))[rows - 1]);
    t->op->draw_rows(t->nn, out_int(t, rows), x, w, NULL, 2, r, 0, rows, E, V);
}

/* Whole losses and hits, whose sums are exact. */
static void run_add_losses(struct trial *t)
{
    const struct nn_sum before = {1000, 10};
    struct nn_sum *sum = given(t, OTHER, &before, sizeof before), *got;
    size_t n = t->d[0];
    int32_t *hit = in_index(t, n, 2), *hits = get(t, hit);
    float *loss = in(t, n), *x = get(t, loss);
    struct nn_sum want = before;

    for (size_t i = 0; i < n; i++) {
        x[i] = isnan(x[i]) ? x[i] : rintf(8 * x[i]);
        want.loss += (double)x[i];
        want.hits += hits[i];
    }
    put(t, loss);
    t->op->add_losses(t->nn, sum, loss, hit, n);
    got = get(t, sum);
    assert_true(got->hits == want.hits);
    assert_true(got->loss == want.loss || (isnan(got->loss) && isnan(want.loss)));
}

/* By the bounds of norms and means that the contract has; a scale that is none as a number that
 * no scale can be. Two losses, whose sum counts. */
static void run_step_scale(struct trial *t)
{
    static const struct {
        double squares, loss, clip;
    } cases[] = {{48, 3, 0},           {48, 3, 0.25},
                 {48, 3, 1e6},         {0, -3, 0.25},
                 {(double)NAN, 3, 0},  {(double)INFINITY, 3, 1},
                 {1e80, 3, 0},         {48, (double)INFINITY, 0},
                 {48, (double)NAN, 1}, {48, 1e40, 1},
                 {48, -3, 1},          {16, 3, 1},
                 {16.0000001, 3, 1},   {1e300, 1e39, 5},
                 {1, 0, 1e-30}};
    enum { CASES = sizeof cases / sizeof *cases };
    float *scale = out(t, CASES), *x;

    for (size_t i = 0; i < CASES; i++) {
        const struct nn_sum sum[2] = {{cases[i].loss, 1}, {cases[i].loss, 2}};

        t->op->step_scale(t->nn, scale + i, given(t, GIVEN, &cases[i].squares, sizeof(double)),
                          given(t, GIVEN, sum, t->d[0] * sizeof *sum), t->d[0], 4,
                          cases[i].clip);
        drop_arrays(t, 1);
    }
    x = get(t, scale);
    for (size_t i = 0; i < CASES; i++)
        x[i] = isnan(x[i]) ? 1e4F : x[i];
    put(t, scale);
}

/* A scale that is NaN leaves the mean as it was. */
static void run_mean_step(struct trial *t)
{
    const float none = NAN;
    size_t n = t->d[0];
    float *w = in(t, n), *mean = in_out(t, n), *still = in_out(t, n), *was = out(t, n);

    t->op->mean_step(t->nn, mean, 0.75F, 0.25F, w, in(t, 1), n);
    t->op->copy(t->nn, was, still, n * sizeof *was);
    t->op->mean_step(t->nn, still, 0.75F, 0.25F, w, given(t, GIVEN, &none, sizeof none), n);
    same_numbers(t, still, was, n);
}

static void run_adamw(struct trial *t)
{
    bool clip = t->d[1];
    struct adamw_step s = {1e-2F, 0.9F, 0.99F, 1e-8F, 0.1F, 0.19F, 0.0199F, clip, in(t, 1)};
    size_t n = t->d[0];
    float *w = in_out(t, n), *m = in_out(t, n), *v = in_out(t, n), *x = get(t, v);

    for (size_t i = 0; i < n; i++)
        x[i] *= x[i]; /* it is a mean of squares; a NaN stays one */
    put(t, v);
    t->op->adamw(t->nn, w, m, v, in(t, n), &s, n);
}

static void run_lion(struct trial *t)
{
    struct lion_step s = {1e-2F, 0.9F, 0.99F, 0.1F, in(t, 1)};
    size_t n = t->d[0];

    t->op->lion(t->nn, in_out(t, n), in_out(t, n), in(t, n), &s, n);
}

/* A scale that is NaN leaves the mean as it was, and the direction. */
static void run_muon(struct trial *t)
{
    const float none = NAN;
    size_t n = t->d[0];
    struct muon_step s = {0.9F, 1e-7F, t->d[1], in(t, 1)};
    float *y = out(t, n), *m = in_out(t, n), *grad = in(t, n), *was = out(t, 2 * n);

    t->op->muon(t->nn, y, m, grad, &s, n);
    t->op->copy(t->nn, was, y, n * sizeof *y);
    t->op->copy(t->nn, was + n, m, n * sizeof *m);
    s.scale = given(t, GIVEN, &none, sizeof none);
    t->op->muon(t->nn, y, m, grad, &s, n);
    same_numbers(t, y, was, n);
    same_numbers(t, m, was + n, n);
}

/* Means of squares, as they are after some steps. */
static float *in_out_means(struct trial *t, size_t n)
{
    float *means = in_out(t, n), *x = get(t, means);

    for (size_t i = 0; i < n; i++)
        x[i] = x[i] * x[i] + 0.1F;
    put(t, means);
    return means;
}

static void run_adafactor(struct trial *t)
{
    struct adafactor_step s = {1e-2F, true, 0.9F, 0.8F, 1e-30F, 1e-3F, 1, 0.1F, in(t, 1)};
    size_t rows = t->d[0], cols = t->d[1], n = rows * cols;
    float *grad = in(t, n), *m = in_out(t, n);
    float *row = rows > 1 ? in_out_means(t, rows) : NULL;

    t->op->adafactor(t->nn, in_out(t, n), row, in_out_means(t, cols), m, grad, &s, rows, cols);
    s.beta1 = 0;
    s.relative = false;
    row = rows > 1 ? in_out_means(t, rows) : NULL;
    t->op->adafactor(t->nn, in_out(t, n), row, in_out_means(t, cols), NULL, grad, &s, rows,
                     cols);
}

/* A unit in the last place, the worst relative error of one rounding, twice over. */
static const double ULP = 0x1p-23;
#define LONG_SUM "float sums of up to some thousand terms: a random walk of roundings"

/* A sum of k terms of size 1 is of size sqrt(k). Added one after the other, in the worst order,
 * the roundings of its partial sums are a walk of size 0.14 sqrt(k) ULP of it: each is 0.4 half
 * units of a sum of size sqrt(i), i = 1 to k. Of the 4096 terms here that is 9 ULP on average,
 * of which 16 are allowed, and 64 ULP, allowed of one element, is 7 times that. */
#define PRODUCT LONG_SUM ", 0.14 sqrt(k) ULP"

/* Logits of 64 terms here reach 40, where half a unit is 16 ULP: that is what one rounding
 * moves a probability by, relative to itself, and the sum and the bias round some times. Where
 * log Z counts, slopes and their errors are multiplied by up to 1 + 2 0.005 35 = 1.35; labels
 * that are smoothed by 0.1 leave gradients 0.9 times as large with the same errors. */
#define LOSS LONG_SUM "; the loss is a difference of two such"

static const struct row rows[] = {
    {"copy",
     run_copy,
     0,
     "a copy",
     {{1}, {17}, {100003}, {1300001}}}, /* more than uploads in flight */
    {"fill", run_fill, 0, "a copy", {{1}, {17}, {100003}}},
    {"fill_normal", run_fill_normal, 0, "the same numbers everywhere", {{1}, {7}, {40001}}},
    {"fill_positions",
     run_fill_positions,
     0,
     "one body; its numbers are those of the formula",
     {{1, 2}, {7, 6}, {1001, 64}}},
    {"fill_uniform", run_fill_uniform, 0, "the same numbers everywhere", {{1}, {7}, {40001}}},
    {"combine", run_combine, 4 * ULP, "three roundings", {{1}, {31}, {8191}, {8193}, {40001}}},
    {"add_squares", run_add_squares, ULP, "sums in double", {{1}, {33}, {8193}, {100003}}},
    {"gemm",
     run_gemm,
     64 * ULP,
     PRODUCT,
     {{1, 1, 1},
      {7, 13, 17},
      {63, 65, 64},
      {129, 31, 127},
      {1, 512, 512},
      {512, 96, 33},
      {60, 60, 4096},
      {513, 130, 65}}},
    {"gemm_stored",
     run_gemm_stored,
     64 * ULP,
     LONG_SUM,
     {{1, 1, 1}, {7, 13, 17}, {1, 65, 515}, {9, 97, 2049}, {33, 70, 64}, {100, 31, 130}}},
    {"gemm_batch",
     run_gemm_batch,
     64 * ULP,
     LONG_SUM,
     {{1, 1, 1, 1}, {7, 13, 17, 3}, {65, 31, 64, 2}, {257, 128, 32, 8}}},
    {"add_bias",
     run_add_bias,
     0,
     "one rounding, the same everywhere",
     {{1, 1}, {7, 13}, {65, 512}, {3, 9001}}},
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
    {"dropout",
     run_dropout,
     4 * ULP,
     "three roundings",
     {{1, 1}, {7, 13}, {3, 1025}, {65, 127}, {1030, 33}}},
    {"gate", run_gate, 4 * ULP, "sums in double", {{1}, {31}, {8193}, {40001}}},
    {"stream",
     run_stream,
     0,
     "the same roundings everywhere",
     {{1, 1}, {7, 13}, {65, 512}, {3, 9001}}},
    {"act gelu",
     run_act,
     16 * ULP,
     "the fit of the normal distribution: 4e-7 of the share, 2e-6 where x times it cancels",
     {{1, 2, ACT_GELU}, {7, 14, ACT_GELU}, {17, 2046, ACT_GELU}, {601, 34, ACT_GELU}}},
    {"act relu",
     run_act,
     4 * ULP,
     "two roundings",
     {{1, 2, ACT_RELU}, {7, 14, ACT_RELU}, {17, 2046, ACT_RELU}, {601, 34, ACT_RELU}}},
    {"act relu2",
     run_act,
     4 * ULP,
     "three roundings",
     {{1, 2, ACT_RELU2}, {7, 14, ACT_RELU2}, {17, 2046, ACT_RELU2}, {601, 34, ACT_RELU2}}},
    {"act silu",
     run_act,
     8 * ULP,
     "sigmoid_fast(): 3e-7; the slope has a zero",
     {{1, 2, ACT_SILU}, {7, 14, ACT_SILU}, {17, 2046, ACT_SILU}, {601, 34, ACT_SILU}}},
    {"act leaky relu",
     run_act,
     4 * ULP,
     "two roundings",
     {{1, 2, ACT_LEAKY_RELU},
      {7, 14, ACT_LEAKY_RELU},
      {17, 2046, ACT_LEAKY_RELU},
      {601, 34, ACT_LEAKY_RELU}}},
    {"act elu",
     run_act,
     4 * ULP,
     "expm1_fast(): 2e-7",
     {{1, 2, ACT_ELU}, {7, 14, ACT_ELU}, {17, 2046, ACT_ELU}, {601, 34, ACT_ELU}}},
    {"act tanh",
     run_act,
     8 * ULP,
     "tanh_fast(): 4e-7",
     {{1, 2, ACT_TANH}, {7, 14, ACT_TANH}, {17, 2046, ACT_TANH}, {601, 34, ACT_TANH}}},
    {"act sigmoid",
     run_act,
     8 * ULP,
     "sigmoid_fast(): 3e-7",
     {{1, 2, ACT_SIGMOID},
      {7, 14, ACT_SIGMOID},
      {17, 2046, ACT_SIGMOID},
      {601, 34, ACT_SIGMOID}}},
    {"act_bwd",
     run_act_bwd,
     16 * ULP,
     LONG_SUM,
     {{1, 1}, {7, 13}, {16, 1}, {17, 257}, {1025, 65}, {4096, 33}}},
    {"norm",
     run_norm,
     64 * ULP,
     LONG_SUM "; x - mean cancels",
     {{1, 7}, {7, 13}, {15, 512}, {17, 511}, {1030, 33}}},
    {"scale norm",
     run_scale_norm,
     64 * ULP,
     LONG_SUM,
     {{1, 7}, {7, 13}, {15, 512}, {17, 511}, {1030, 33}}},
    {"copy_rows",
     run_copy_rows,
     0,
     "copies",
     {{1, 1, 1}, {7, 13, 5}, {100, 512, 30}, {257, 129, 1000}}},
    {"gather, scatter and put",
     run_rows_by_index,
     16 * ULP,
     "the same order of sums, but other roundings",
     {{1, 1, 1}, {7, 13, 5}, {100, 512, 30}, {257, 129, 1000}}},
    {"axial",
     run_axial,
     32 * ULP,
     LONG_SUM,
     {{1, 1, 1, 1}, {3, 10, 4, 7}, {2, 128, 64, 130}, {5, 60, 16, 33}, {2, 5, 16, 8}}},
    {"positions",
     run_positions,
     4 * ULP,
     "cancelled sums",
     {{1, 1, 1}, {3, 10, 7}, {2, 128, 130}, {5, 60, 33}}},
    {"heads", run_heads, 0, "copies", {{1, 1, 1, 1}, {2, 5, 3, 7}, {2, 64, 8, 64}}},
    {"repeated heads",
     run_repeated_heads,
     4 * ULP,
     "sums of few terms",
     {{1, 1, 1, 1, 1}, {2, 5, 6, 7, 3}, {2, 64, 8, 64, 8}, {1, 33, 8, 16, 2}}},
    {"pkm_select",
     run_pkm_select,
     16 * ULP,
     "exp, and float sums of up to 64 terms",
     {{1, 1, 1}, {7, 13, 5}, {9, 17, 16}, {300, 16, 16}, {5, 128, 32}, {1, 512, 64}}},
    {"bag",
     run_bag,
     32 * ULP,
     LONG_SUM,
     {{1, 1, 1, 1}, {7, 13, 17, 5}, {5, 128, 512, 1000}, {129, 32, 129, 64}, {70, 32, 33, 1}}},
    {"cross_entropy",
     run_cross_entropy,
     64 * ULP,
     LOSS,
     {{1, 1, 2}, {7, 13, 17}, {65, 64, 1001}, {33, 16, 4099}, {1100, 8, 65}}},
    {"cross_entropy, z-loss",
     run_z_loss,
     1.35 * 64 * ULP,
     LOSS,
     {{1, 1, 2}, {7, 13, 17}, {65, 64, 1001}, {33, 16, 4099}}},
    {"cross_entropy, smoothing",
     run_smoothing,
     64 / 0.9 * ULP,
     LOSS,
     {{1, 1, 2}, {7, 13, 17}, {65, 64, 1001}, {33, 16, 4099}}},
    {"draw_rows",
     run_draw_rows,
     0,
     "whole numbers; no two of these are as close as the rounding of logits",
     {{1, 1, 2}, {7, 13, 17}, {65, 16, 1001}, {33, 16, 4099}, {1100, 8, 65}}},
    {"add_losses", run_add_losses, 0, "whole numbers", {{1}, {17}, {1025}}},
    {"norm of a step", run_step_scale, ULP, "one rounding to a float", {{1}, {2}}},
    {"mean_step", run_mean_step, 4 * ULP, "three roundings", {{1}, {17}, {8193}, {40001}}},
    {"adamw", run_adamw, 8 * ULP, "some roundings in a row", {{1}, {17}, {8193}, {40001}}},
    {"adamw clipped", run_adamw, 16 * ULP, LONG_SUM, {{1, 1}, {17, 1}, {8193, 1}, {40001, 1}}},
    {"lion", run_lion, 4 * ULP, "three roundings", {{1}, {17}, {8193}, {40001}}},
    {"muon",
     run_muon,
     8 * ULP,
     "some roundings in a row; sums in double",
     {{1, 1}, {17, 1}, {8193, 0}, {40001, 1}}},
    {"adafactor",
     run_adafactor,
     16 * ULP,
     LONG_SUM,
     {{1, 1}, {7, 13}, {1, 100}, {65, 511}, {512, 64}, {1001, 33}, {2100, 5}}},
};

/* A device keeps its first failure, and does nothing after it. */
static void failure_is_kept(void **state)
{
    struct errbuf eb = {0};
    struct nn *nn = NULL;

    (void)state;
    assert_int_equal(nn_open(&nn, NN_CPU, 0, &eb), RF_EINVAL);
    assert_string_equal(eb.text, "0 threads: at least 1 is needed");
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* it ends the program where malloc() would return NULL */
#endif
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        struct trial t;
        float one = 1, *y;
        int32_t *label;

        assert_true(begin_trial(&t, kind, 1));
        y = given(&t, OUT, &one, sizeof one);
        label = given(&t, GIVEN, NULL, sizeof *label);
        t.op->cross_entropy(t.nn, y, label, NULL, NULL, NULL, y, y, NULL, label, 1, 0, 0, 1, 1,
                            (size_t)1 << 50);
        assert_int_equal(nn_status(t.nn, &eb), RF_ENOMEM);
        assert_non_null(strstr(eb.text, "bytes of scratch"));
        t.op->fill(t.nn, y, 2, 1);
        assert_true(*(float *)get(&t, y) == 1);
        end_trial(&t);
    }
}

/* Where all logits are equal the first counts as the largest. */
static void ties_hit_the_first(void **state)
{
    const float x[3] = {0}, w[40] = {1, 2, 3};
    const int32_t label[3] = {0, 1, 39}, want[3] = {1, 0, 0};

    (void)state;
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        struct trial t;
        float *loss;
        int32_t *hit;

        assert_true(begin_trial(&t, kind, 1));
        loss = out(&t, 3);
        hit = out_int(&t, 3);
        t.op->cross_entropy(t.nn, loss, hit, NULL, NULL, NULL, given(&t, GIVEN, x, sizeof x),
                            given(&t, GIVEN, w, sizeof w), NULL,
                            given(&t, GIVEN, label, sizeof label), 1, 0, 0, 3, 1, 40);
        assert_memory_equal(get(&t, hit), want, sizeof want);
        assert_true(fabs((double)((float *)get(&t, loss))[2] - log(40)) < 1e-6);
        end_trial(&t);
    }
}

/* A branch that is added to a stream and taken off leaves no trace, whatever the numbers'
 * sizes; what is no number, and a sum that is too large, stay NaN. */
static void streams_are_undone(void **state)
{
    enum { ROWS = 33, N = 65, SIZE = ROWS * N };
    const float odd[4] = {NAN, INFINITY, 8191, -8191};

    (void)state;
    for (int kind = NN_CPU; kind <= NN_AMX; kind++) {
        float *x, *bias, *y, last;
        int32_t *start, *s, whole;
        struct trial t;

        if (!begin_trial(&t, kind, 1))
            continue;
        x = in(&t, SIZE);
        bias = in(&t, N);
        y = in(&t, SIZE);
        start = given(&t, OUT_INT, NULL, SIZE * sizeof *start);
        s = out_int(&t, SIZE);
        larger_and_larger(&t, x, SIZE, 10);
        larger_and_larger(&t, y, SIZE, 11);
        t.op->stream_add(t.nn, start, 1, y, NULL, ROWS, N);
        t.op->copy(t.nn, s, start, SIZE * sizeof *s);
        for (int i = 0; i < 4; i++)
            t.op->stream_add(t.nn, s, i < 2 ? 1 : -1, x, bias, ROWS, N);
        same_numbers(&t, s, start, SIZE);
        memcpy(get(&t, x), odd, sizeof odd);
        put(&t, x);
        for (int i = 0; i < 4; i++)
            t.op->stream_add(t.nn, s, i < 2 ? 1 : -1, x, NULL, 1, 4);
        t.op->stream_read(t.nn, y, s, 5);
        for (size_t i = 0; i < 4; i++)
            assert_true(isnan(((float *)get(&t, y))[i]));
        last = ((float *)get(&t, y))[4];
        whole = ((int32_t *)get(&t, start))[4];
        assert_true(last == ldexpf((float)whole, -NN_STREAM_BITS));
        end_trial(&t);
    }
}

/* Denormals are 0 in every thread, those among them that a later and wider region starts. */
static void denormals_are_zero(void **state)
{
    enum { SIZE = 100000 };

    (void)state;
#if !defined(__SSE2__)
    skip();
#endif
    for (int threads = 1; threads <= 5; threads += 2) {
        const uint32_t *bits;
        float *x, *y, *grown;
        struct trial t;

        assert_true(begin_trial(&t, NN_CPU, threads));
        x = in(&t, SIZE);
        y = in(&t, SIZE);
        t.op->fill(t.nn, x, 1e-40F, SIZE);
        t.op->combine(t.nn, y, 1e30F, x, 0, NULL, SIZE);
        t.op->fill(t.nn, x, FLT_MIN, SIZE);
        t.op->combine(t.nn, x, 0.25F, x, 0, NULL, SIZE);
        bits = get(&t, x);
        grown = get(&t, y);
        for (size_t i = 0; i < SIZE; i++)
            assert_true(grown[i] == 0 && bits[i] == 0);
        end_trial(&t);
    }
}

/* Rows on the device of a plugin, one that hands all on to the CPU. */
static void plugins_run_rows(void **state)
{
    const char *was = getenv("RF_TEST_DEVICE");
    char folder[2048], path[2100];
    ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);

    (void)state;
    if (was)
        skip();
    assert_true(n > 0);
    folder[n] = '\0';
    *strrchr(folder, '/') = '\0';
    snprintf(path, sizeof path, "%s/../plugin", folder);
    assert_int_equal(setenv("RF_PLUGIN_PATH", path, 1), 0);
    assert_int_equal(setenv("RF_TEST_DEVICE", "pass", 1), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        check_shape(&rows[i], rows[i].shapes[0], ARRAYS_MAX);
    assert_int_equal(unsetenv("RF_TEST_DEVICE"), 0);
}

int main(void)
{
    const struct CMUnitTest others[] = {
        cmocka_unit_test(plugins_run_rows), cmocka_unit_test(denormals_are_zero),
        cmocka_unit_test(streams_are_undone), cmocka_unit_test(failure_is_kept),
        cmocka_unit_test(ties_hit_the_first)};

    SKIP_UNDER_TSAN();
    return run_rows("ops", rows, sizeof rows / sizeof *rows) +
           cmocka_run_group_tests(others, NULL, NULL);
}
