/*
 * test_gradients.c: the backward ops of the reference against central differences.
 *
 * Each case has a scalar function of its inputs: outputs of the forward op, weighted, summed in
 * double. Slopes come from four evaluations at steps of h and 2 h, whose error is of order h^4;
 * with h = 1/64 that is below 1e-5 of a slope here, and rounding of the float outputs (6e-8
 * each, divided by h) stays below 1e-4. So a slope may be off by 1e-3 of the largest.
 */
#include "shapes.h"
#include "trial.h"

enum { INPUTS_MAX = 4 };

struct slope {
    const char *name;
    size_t n[INPUTS_MAX];                            /* elements of each input; 0: no more */
    double (*value)(struct nn *nn, float *const *x); /* the function */
    void (*gradient)(struct nn *nn, float *const *x, float *const *dx); /* dx starts at 0 */
};

static const double STEP = 1.0 / 64;

/* Weights of the outputs: the same in value and gradient. */
static float *weights(size_t n)
{
    static float w[4096];

    assert_true(n <= 4096);
    for (size_t i = 0; i < n; i++)
        w[i] = rng_normal(rng_stream(99, 0, 0, RNG_TEST), i);
    return w;
}

static double weighted(const float *y, size_t n)
{
    const float *w = weights(n);
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)w[i] * (double)y[i];
    return sum;
}

/* --- cases */

enum { ROWS = 3, N = 7 };

/* All activations, gated and not, at points that keep away from kinks: -2, -1, 1, 2 and an
 * eighth of the input. */
enum { ACTS = ACT_SIGMOID + 1, GATED = ROWS * 2 * N };

static void act_points(float *z, float *bias, float *const *x)
{
    for (size_t i = 0; i < GATED; i++)
        z[i] = (float[]){-2, -1, 1, 2}[i % 4] + x[0][i] / 8;
    for (size_t i = 0; i < 2 * N; i++)
        bias[i] = x[1][i] / 8;
}

static double act_value(struct nn *nn, float *const *x)
{
    float z[GATED], bias[2 * N], y[ACTS][3 * ROWS * N];

    act_points(z, bias, x);
    for (size_t a = 0; a < ACTS; a++) {
        nn->ops->act_fwd(nn, y[a], NULL, z, bias, (enum act)a, false, ROWS, 2 * N);
        nn->ops->act_fwd(nn, y[a] + GATED, NULL, z, bias, (enum act)a, true, ROWS, N);
    }
    return weighted(y[0], (size_t)ACTS * 3 * ROWS * N);
}

static void act_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    float z[GATED], bias[2 * N], y[GATED], slope[GATED], dz[GATED];
    const float *dy = weights((size_t)ACTS * 3 * ROWS * N);

    act_points(z, bias, x);
    for (int i = 0; i < 2 * ACTS; i++) {
        bool glu = i % 2;
        size_t n = glu ? N : 2 * N;

        nn->ops->act_fwd(nn, y, slope, z, bias, (enum act)(i / 2), glu, ROWS, n);
        nn->ops->act_bwd(nn, dz, dx[1], dy, slope, glu, ROWS, n);
        nn->ops->combine(nn, dx[0], 1, dx[0], 0.125F, dz, GATED);
        dy += ROWS * n;
    }
    nn->ops->combine(nn, dx[1], 0.125F, dx[1], 0, NULL, 2 * N);
}

static const struct rng DROP = {4, 2};

static double dropout_value(struct nn *nn, float *const *x)
{
    float y[ROWS * N];

    nn->ops->dropout(nn, y, x[0], x[1], 0.3F, DROP, ROWS, N);
    return weighted(y, ROWS * N);
}

static void dropout_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    (void)x;
    nn->ops->dropout(nn, dx[0], weights(ROWS * N), NULL, 0.3F, DROP, ROWS, N);
    nn->ops->bias_bwd(nn, dx[1], dx[0], ROWS, N);
}

static double gate_value(struct nn *nn, float *const *x)
{
    float y[N];

    nn->ops->gate_fwd(nn, y, x[0], x[1], N);
    return weighted(y, N);
}

static void gate_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    nn->ops->gate_bwd(nn, dx[0], dx[1], weights(N), x[0], x[1], N);
}

/* The second row is kept shorter than the least length, where y is linear. */
static void short_row(float *z, float *const *x)
{
    for (size_t i = 0; i < ROWS * N; i++)
        z[i] = x[0][i] * (i / N == 1 ? 1e-6F : 1);
}

static double scale_norm_value(struct nn *nn, float *const *x)
{
    float z[ROWS * N], y[ROWS * N], stat[ROWS];

    short_row(z, x);
    nn->ops->scale_norm_fwd(nn, y, stat, z, x[1], ROWS, N);
    return weighted(y, ROWS * N);
}

static void scale_norm_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    float z[ROWS * N], y[ROWS * N], stat[ROWS];

    short_row(z, x);
    nn->ops->scale_norm_fwd(nn, y, stat, z, x[1], ROWS, N);
    nn->ops->scale_norm_bwd(nn, dx[0], dx[1], weights(ROWS * N), z, stat, x[1], ROWS, N);
    for (size_t i = N; i < (size_t)2 * N; i++)
        dx[0][i] *= 1e-6F;
}

static double norm_value(struct nn *nn, float *const *x)
{
    float y[ROWS * N], stat[ROWS * 2];

    nn->ops->norm_fwd(nn, y, stat, x[0], x[1], x[2], ROWS, N);
    return weighted(y, ROWS * N);
}

static void norm_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    float y[ROWS * N], stat[ROWS * 2];

    nn->ops->norm_fwd(nn, y, stat, x[0], x[1], x[2], ROWS, N);
    nn->ops->norm_bwd(nn, dx[0], dx[1], dx[2], weights(ROWS * N), x[0], stat, x[1], ROWS, N);
}

static double bias_value(struct nn *nn, float *const *x)
{
    float y[ROWS * N] = {0};

    nn->ops->add_rows(nn, y, 1, x[0], x[1], ROWS, N);
    return weighted(y, ROWS * N);
}

static void bias_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    (void)x;
    nn->ops->combine(nn, dx[0], 1, weights(ROWS * N), 0, NULL, ROWS * N);
    nn->ops->bias_bwd(nn, dx[1], weights(ROWS * N), ROWS, N);
}

enum { B = 2, T = 5, N0 = 2, N1 = 3, E = 4 };

static double axial_value(struct nn *nn, float *const *x)
{
    float y[B * T * E] = {0};

    nn->ops->axial_fwd(nn, y, x[0], x[1], B, T, N1, E);
    return weighted(y, B * T * E);
}

static void axial_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    (void)x;
    nn->ops->axial_bwd(nn, dx[0], dx[1], weights(B * T * E), B, T, N1, E);
}

static double positions_value(struct nn *nn, float *const *x)
{
    float y[B * T * E] = {0};

    nn->ops->axial_fwd(nn, y, x[0], NULL, B, T, 1, E);
    return weighted(y, B * T * E);
}

static void positions_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    (void)x;
    nn->ops->axial_bwd(nn, dx[0], NULL, weights(B * T * E), B, T, 1, E);
}

/* Four heads, two and two of which are one. */
static double heads_value(struct nn *nn, float *const *x)
{
    float y[B * 4 * T * 3];

    nn->ops->split_heads(nn, y, x[0], 7, B, T, 4, 3, 2);
    return weighted(y, B * 4 * T * 3);
}

static void heads_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    (void)x;
    nn->ops->merge_heads(nn, dx[0], 7, weights(B * 4 * T * 3), B, T, 4, 3, 2);
}

static const int32_t INDEX[4] = {2, 0, 2, 1};

static double gather_value(struct nn *nn, float *const *x)
{
    float y[4 * N];

    nn->ops->gather_rows(nn, y, x[0], INDEX, 4, N);
    return weighted(y, 4 * N);
}

static void gather_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    (void)x;
    nn->ops->scatter_rows(nn, dx[0], weights(4 * N), INDEX, 4, N);
}

static const int32_t BAGS[ROWS * 4] = {2, 0, 2, 1, 1, 1, 0, 3, 3, 0, 1, 2};

static double bag_value(struct nn *nn, float *const *x)
{
    float y[ROWS * N];

    nn->ops->bag_fwd(nn, y, x[0], BAGS, x[1], ROWS, 4, N);
    return weighted(y, ROWS * N);
}

static void bag_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    nn->ops->bag_bwd(nn, dx[0], dx[1], weights(ROWS * N), x[0], BAGS, x[1], ROWS, 4, N);
}

/* The scores keep apart, so that no step changes the choice; the input moves them little. */
enum { KEYS = 6, BEST = 4 };

static void pkm_scores(float *score, float *const *x)
{
    for (size_t i = 0; i < (size_t)ROWS * 2 * KEYS; i++)
        score[i] = (float)(i * 5 % KEYS) * (i / KEYS % 2 ? 0.61F : 0.5F) + x[0][i] / 64;
}

static double pkm_value(struct nn *nn, float *const *x)
{
    float score[ROWS * 2 * KEYS], weight[ROWS * BEST];
    int32_t index[ROWS * BEST];

    pkm_scores(score, x);
    nn->ops->pkm_select(nn, index, weight, score, ROWS, KEYS, BEST);
    return weighted(weight, ROWS * BEST);
}

static void pkm_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    float score[ROWS * 2 * KEYS], weight[ROWS * BEST];
    int32_t index[ROWS * BEST];

    pkm_scores(score, x);
    nn->ops->pkm_select(nn, index, weight, score, ROWS, KEYS, BEST);
    nn->ops->pkm_select_bwd(nn, dx[0], weights(ROWS * BEST), index, weight, ROWS, KEYS, BEST);
    nn->ops->combine(nn, dx[0], 1.0F / 64, dx[0], 0, NULL, (size_t)ROWS * 2 * KEYS);
}

enum { V = 5 };
static const int32_t LABEL[ROWS] = {4, 0, 2};

static double entropy_value(struct nn *nn, float *const *x)
{
    float loss[ROWS];
    int32_t hit[ROWS];

    nn->ops->cross_entropy(nn, loss, hit, NULL, NULL, NULL, x[0], x[1], x[2], LABEL, 1, ROWS, N,
                           V);
    return 0.5 * ((double)loss[0] + (double)loss[1] + (double)loss[2]);
}

static void entropy_gradient(struct nn *nn, float *const *x, float *const *dx)
{
    float loss[ROWS];
    int32_t hit[ROWS];

    nn->ops->cross_entropy(nn, loss, hit, dx[0], dx[1], dx[2], x[0], x[1], x[2], LABEL, 0.5F,
                           ROWS, N, V);
}

/* Two heads of two rounds of four chunks of four; the last of sequence 1 are padding. */
enum { AT = 16, AD = 6, HEADS = 4, AN = HEADS * AT * AD };

static void attention(struct nn *nn, struct attend_dims s, float *o, float *const *x,
                      float *const *dx)
{
    int32_t bucket[HEADS * 2 * AT], order[HEADS * 2 * AT];
    float stat[HEADS * AT * 2];
    uint8_t real[2 * AT];

    s.B = s.H = s.heads = s.R = 2;
    s.T = AT;
    s.D = AD;
    s.C = s.kind == ATTEND_LSH ? 4 : 2;
    s.queries = s.queries ? s.queries : AT;
    s.draw = rng_stream(3, 0, 0, RNG_TEST);
    for (size_t i = 0; i < sizeof bucket / sizeof *bucket; i++)
        bucket[i] = (int32_t)rng_below(rng_stream(5, 0, 0, RNG_TEST), i, 4);
    for (size_t i = 0; i < sizeof real; i++)
        real[i] = i < 2 * AT - 3;
    nn->ops->lsh_sort(nn, order, bucket, HEADS * 2, AT, 4);
    nn->ops->attend_fwd(nn, o, stat, x[0], x[1], order, bucket, real, &s);
    if (dx)
        nn->ops->attend_bwd(nn, dx[0], dx[1], weights(AN), o, stat, x[0], x[1], order, bucket,
                            real, &s);
}

/* The two functions of a case, whose name and attend_dims follow. */
#define ATTENTION(name, ...)                                                                   \
    static double name##_value(struct nn *nn, float *const *x)                                 \
    {                                                                                          \
        float o[AN];                                                                           \
                                                                                               \
        attention(nn, (struct attend_dims){__VA_ARGS__}, o, x, NULL);                          \
        return weighted(o, AN);                                                                \
    }                                                                                          \
                                                                                               \
    static void name##_gradient(struct nn *nn, float *const *x, float *const *dx)              \
    {                                                                                          \
        float o[AN];                                                                           \
                                                                                               \
        attention(nn, (struct attend_dims){__VA_ARGS__}, o, x, dx);                            \
    }
ATTENTION(attend, .kind = ATTEND_LSH, .across = true, .duplicates = true)
ATTENTION(causal, .kind = ATTEND_LSH, .across = true, .duplicates = true, .causal = true)
ATTENTION(within, .kind = ATTEND_LSH, .dropout = 0.3F)
ATTENTION(memory, .kind = ATTEND_LSH, .across = true, .causal = true, .queries = 13)
ATTENTION(full, .kind = ATTEND_FULL, .dropout = 0.3F)
ATTENTION(full_memory, .kind = ATTEND_FULL, .causal = true, .queries = 13)
ATTENTION(local, .kind = ATTEND_LOCAL, .queries = 13)
ATTENTION(local_causal, .kind = ATTEND_LOCAL, .causal = true, .dropout = 0.3F)

static const struct slope slopes[] = {
    {"act", {GATED, 2 * N}, act_value, act_gradient},
    {"dropout", {ROWS * N, N}, dropout_value, dropout_gradient},
    {"gate", {N, 1}, gate_value, gate_gradient},
    {"scale_norm", {ROWS * N, 1}, scale_norm_value, scale_norm_gradient},
    {"norm", {ROWS * N, N, N}, norm_value, norm_gradient},
    {"add_rows", {ROWS * N, N}, bias_value, bias_gradient},
    {"axial", {N0 * E, N1 *E}, axial_value, axial_gradient},
    {"positions", {T * E}, positions_value, positions_gradient},
    {"heads", {B * T * 7}, heads_value, heads_gradient},
    {"bag", {4 * N, ROWS * 4}, bag_value, bag_gradient},
    {"pkm_select", {ROWS * 2 * KEYS}, pkm_value, pkm_gradient},
    {"gather_rows", {3 * N}, gather_value, gather_gradient},
    {"cross_entropy", {ROWS * N, V *N, V}, entropy_value, entropy_gradient},
    {"attention", {AN, AN}, attend_value, attend_gradient},
    {"causal attention", {AN, AN}, causal_value, causal_gradient},
    {"attention within buckets, once, with dropout", {AN, AN}, within_value, within_gradient},
    {"attention once, with memory", {AN, AN}, memory_value, memory_gradient},
    {"full attention, with dropout", {AN, AN}, full_value, full_gradient},
    {"causal full attention, with memory", {AN, AN}, full_memory_value, full_memory_gradient},
    {"local attention", {AN, AN}, local_value, local_gradient},
    {"causal local attention, with dropout",
     {AN, AN},
     local_causal_value,
     local_causal_gradient},
};

/* --- the check */

static double value_at(const struct slope *s, struct nn *nn, float *const *x, float *moved,
                       float to)
{
    float was = *moved;
    double y;

    *moved = to;
    y = s->value(nn, x);
    *moved = was;
    return y;
}

/* The slope along one element: Richardson's combination of two central differences. */
static double slope_at(const struct slope *s, struct nn *nn, float *const *x, float *moved)
{
    double near = value_at(s, nn, x, moved, *moved + (float)STEP) -
                  value_at(s, nn, x, moved, *moved - (float)STEP);
    double far = value_at(s, nn, x, moved, *moved + (float)(2 * STEP)) -
                 value_at(s, nn, x, moved, *moved - (float)(2 * STEP));

    return (8 * near - far) / (12 * STEP);
}

static void check_input(const struct slope *s, struct nn *nn, float *const *x, size_t k,
                        const float *dx)
{
    double largest = 0;

    for (size_t i = 0; i < s->n[k]; i++)
        largest = fmax(largest, fabs((double)dx[i]));
    for (size_t i = 0; i < s->n[k]; i++) {
        double want = slope_at(s, nn, x, &x[k][i]);

        if (!(fabs(want - (double)dx[i]) <= 1e-3 * largest))
            fail_msg("%s, input %zu, element %zu: slope %.6g, gradient %.6g", s->name, k, i,
                     want, (double)dx[i]);
    }
}

static void check_slope(void **state)
{
    const struct slope *s = *state;
    struct trial t = {.poisoned = ARRAYS_MAX};
    float *x[INPUTS_MAX] = {0}, *dx[INPUTS_MAX] = {0};

    assert_int_equal(nn_open(&t.nn, NN_REF, 1, NULL), RF_OK);
    for (size_t k = 0; k < INPUTS_MAX && s->n[k]; k++) {
        x[k] = in(&t, s->n[k]);
        dx[k] = out(&t, s->n[k]);
        memset(dx[k], 0, s->n[k] * sizeof *dx[k]);
    }
    s->gradient(t.nn, x, dx);
    for (size_t k = 0; k < INPUTS_MAX && s->n[k]; k++)
        check_input(s, t.nn, x, k, dx[k]);
    end_trial(&t);
}

int main(void)
{
    enum { COUNT = sizeof slopes / sizeof *slopes };
    struct CMUnitTest tests[COUNT] = {0};

    SKIP_UNDER_TSAN();
    for (size_t i = 0; i < COUNT; i++) {
        tests[i].name = slopes[i].name;
        tests[i].test_func = check_slope;
        tests[i].initial_state = (void *)(uintptr_t)&slopes[i];
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
