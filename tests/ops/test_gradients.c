/*
 * test_gradients.c: the backward ops of the reference, and of the plugin that RF_TEST_DEVICE
 * names, against central differences of the reference.
 *
 * Each case has a scalar function of its inputs: outputs of the forward op, weighted, summed in
 * double. Slopes come from four evaluations at steps of h and 2 h, whose error is of order h^4;
 * with h = 1/64 that is below 1e-5 of a slope here, and rounding of the float outputs (6e-8
 * each, divided by h) stays below 1e-4. So a slope may be off by 1e-3 of the largest.
 */
#include "shapes.h"
#include "trial.h"

enum { INPUTS_MAX = 4 };

/* Arrays are the device's; what a function takes for itself goes when it is done. */
struct slope {
    const char *name;
    size_t n[INPUTS_MAX];                              /* elements of each input; 0: no more */
    double (*value)(struct trial *t, float *const *x); /* the function */
    void (*gradient)(struct trial *t, float *const *x, float *const *dx); /* dx starts at 0 */
};

static const double STEP = 1.0 / 64;

/* Weights of the outputs: the same in value and gradient. */
static const float *weights_here(size_t n)
{
    static float w[4096];

    assert_true(n <= sizeof w / sizeof *w);
    for (size_t i = 0; i < n; i++)
        w[i] = rng_normal(rng_stream(99, 0, 0, RNG_TEST), i);
    return w;
}

static float *weights(struct trial *t, size_t n)
{
    return given(t, GIVEN, weights_here(n), n * sizeof(float));
}

static double weighted(const struct trial *t, const float *at, size_t n)
{
    const float *w = weights_here(n), *y = get(t, at);
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)w[i] * (double)y[i];
    return sum;
}

static float *zeros(struct trial *t, size_t n)
{
    return given(t, OUT, NULL, n * sizeof(float));
}

/* --- cases */

enum { ROWS = 3, N = 7 };

/* All activations, gated and not, at points that keep away from kinks: -2, -1, 1, 2 and an
 * eighth of the input. */
enum { ACTS = ACT_SIGMOID + 1, GATED = ROWS * 2 * N };

static const float *act_points(struct trial *t, float *const *x)
{
    float z[GATED], *far = get(t, x[0]);

    for (size_t i = 0; i < GATED; i++)
        z[i] = (float[]){-2, -1, 1, 2}[i % 4] + far[i] / 8;
    return given(t, GIVEN, z, sizeof z);
}

static const float *act_bias(struct trial *t, float *const *x)
{
    float *bias = out(t, 2 * N);

    t->op->combine(t->nn, bias, 0.125F, x[1], 0, NULL, 2 * N);
    return bias;
}

static double act_value(struct trial *t, float *const *x)
{
    const float *z = act_points(t, x), *bias = act_bias(t, x);
    size_t each = (size_t)3 * ROWS * N;
    float *y = out(t, ACTS * each);

    for (size_t a = 0; a < ACTS; a++) {
        float *to = y + a * each;

        t->op->act_fwd(t->nn, to, NULL, z, bias, (enum act)a, false, ROWS, 2 * N);
        t->op->act_fwd(t->nn, to + GATED, NULL, z, bias, (enum act)a, true, ROWS, N);
    }
    return weighted(t, y, ACTS * each);
}

static void act_gradient(struct trial *t, float *const *x, float *const *dx)
{
    const float *z = act_points(t, x), *bias = act_bias(t, x);
    float *y = out(t, GATED), *slope = out(t, GATED), *dz = out(t, GATED);
    const float *dy = weights(t, (size_t)ACTS * 3 * ROWS * N);

    for (int i = 0; i < 2 * ACTS; i++) {
        bool glu = i % 2;
        size_t n = glu ? N : 2 * N;

        t->op->act_fwd(t->nn, y, slope, z, bias, (enum act)(i / 2), glu, ROWS, n);
        t->op->act_bwd(t->nn, dz, dx[1], dy, slope, glu, ROWS, n);
        t->op->combine(t->nn, dx[0], 1, dx[0], 0.125F, dz, GATED);
        dy += ROWS * n;
    }
    t->op->combine(t->nn, dx[1], 0.125F, dx[1], 0, NULL, 2 * N);
}

static const struct rng DROP = {4, 2};

static double dropout_value(struct trial *t, float *const *x)
{
    float *y = out(t, ROWS * N);

    t->op->dropout(t->nn, y, x[0], x[1], 0.3F, DROP, ROWS, N);
    return weighted(t, y, ROWS * N);
}

static void dropout_gradient(struct trial *t, float *const *x, float *const *dx)
{
    (void)x;
    t->op->dropout(t->nn, dx[0], weights(t, ROWS * N), NULL, 0.3F, DROP, ROWS, N);
    t->op->bias_bwd(t->nn, dx[1], dx[0], ROWS, N);
}

static double gate_value(struct trial *t, float *const *x)
{
    float *y = out(t, N);

    t->op->gate_fwd(t->nn, y, x[0], x[1], N);
    return weighted(t, y, N);
}

static void gate_gradient(struct trial *t, float *const *x, float *const *dx)
{
    t->op->gate_bwd(t->nn, dx[0], dx[1], weights(t, N), x[0], x[1], N);
}

/* The second row is kept shorter than the least length, where y is linear. */
static float *short_row(struct trial *t, const float *x)
{
    float *z = out(t, ROWS * N);

    t->op->copy(t->nn, z, x, ROWS * N * sizeof *z);
    t->op->combine(t->nn, z + N, 1e-6F, z + N, 0, NULL, N);
    return z;
}

static double scale_norm_value(struct trial *t, float *const *x)
{
    float *y = out(t, ROWS * N);

    t->op->scale_norm_fwd(t->nn, y, out(t, ROWS), short_row(t, x[0]), x[1], ROWS, N);
    return weighted(t, y, ROWS * N);
}

static void scale_norm_gradient(struct trial *t, float *const *x, float *const *dx)
{
    float *z = short_row(t, x[0]), *stat = out(t, ROWS);

    t->op->scale_norm_fwd(t->nn, out(t, ROWS * N), stat, z, x[1], ROWS, N);
    t->op->scale_norm_bwd(t->nn, dx[0], dx[1], weights(t, ROWS * N), z, stat, x[1], ROWS, N);
    t->op->combine(t->nn, dx[0] + N, 1e-6F, dx[0] + N, 0, NULL, N);
}

static double norm_value(struct trial *t, float *const *x)
{
    float *y = out(t, ROWS * N);

    t->op->norm_fwd(t->nn, y, out(t, ROWS * 2), x[0], x[1], x[2], ROWS, N);
    return weighted(t, y, ROWS * N);
}

static void norm_gradient(struct trial *t, float *const *x, float *const *dx)
{
    float *stat = out(t, ROWS * 2);

    t->op->norm_fwd(t->nn, out(t, ROWS * N), stat, x[0], x[1], x[2], ROWS, N);
    t->op->norm_bwd(t->nn, dx[0], dx[1], dx[2], weights(t, ROWS * N), x[0], stat, x[1], ROWS,
                    N);
}

static double bias_value(struct trial *t, float *const *x)
{
    float *y = zeros(t, ROWS * N);

    t->op->add_rows(t->nn, y, 1, x[0], x[1], ROWS, N);
    return weighted(t, y, ROWS * N);
}

static void bias_gradient(struct trial *t, float *const *x, float *const *dx)
{
    const float *dy = weights(t, ROWS * N);

    (void)x;
    t->op->copy(t->nn, dx[0], dy, ROWS * N * sizeof *dy);
    t->op->bias_bwd(t->nn, dx[1], dy, ROWS, N);
}

enum { B = 2, T = 5, N0 = 2, N1 = 3, E = 4 };

static double axial_value(struct trial *t, float *const *x)
{
    float *y = zeros(t, B * T * E);

    t->op->axial_fwd(t->nn, y, x[0], x[1], B, T, N1, E);
    return weighted(t, y, B * T * E);
}

static void axial_gradient(struct trial *t, float *const *x, float *const *dx)
{
    (void)x;
    t->op->axial_bwd(t->nn, dx[0], dx[1], weights(t, B * T * E), B, T, N1, E);
}

static double positions_value(struct trial *t, float *const *x)
{
    float *y = zeros(t, B * T * E);

    t->op->axial_fwd(t->nn, y, x[0], NULL, B, T, 1, E);
    return weighted(t, y, B * T * E);
}

static void positions_gradient(struct trial *t, float *const *x, float *const *dx)
{
    (void)x;
    t->op->axial_bwd(t->nn, dx[0], NULL, weights(t, B * T * E), B, T, 1, E);
}

/* Four heads, two and two of which are one. */
static double heads_value(struct trial *t, float *const *x)
{
    float *y = out(t, B * 4 * T * 3);

    t->op->split_heads(t->nn, y, x[0], 7, B, T, 4, 3, 2);
    return weighted(t, y, B * 4 * T * 3);
}

static void heads_gradient(struct trial *t, float *const *x, float *const *dx)
{
    (void)x;
    t->op->merge_heads(t->nn, dx[0], 7, weights(t, B * 4 * T * 3), B, T, 4, 3, 2);
}

static const int32_t INDEX[4] = {2, 0, 2, 1};

static double gather_value(struct trial *t, float *const *x)
{
    float *y = out(t, 4 * N);

    t->op->gather_rows(t->nn, y, x[0], given(t, GIVEN, INDEX, sizeof INDEX), 4, N);
    return weighted(t, y, 4 * N);
}

static void gather_gradient(struct trial *t, float *const *x, float *const *dx)
{
    (void)x;
    t->op->scatter_rows(t->nn, dx[0], weights(t, 4 * N), given(t, GIVEN, INDEX, sizeof INDEX),
                        4, N);
}

static const int32_t BAGS[ROWS * 4] = {2, 0, 2, 1, 1, 1, 0, 3, 3, 0, 1, 2};

static double bag_value(struct trial *t, float *const *x)
{
    float *y = out(t, ROWS * N);

    t->op->bag_fwd(t->nn, y, x[0], given(t, GIVEN, BAGS, sizeof BAGS), x[1], ROWS, 4, N);
    return weighted(t, y, ROWS * N);
}

static void bag_gradient(struct trial *t, float *const *x, float *const *dx)
{
    t->op->bag_bwd(t->nn, dx[0], dx[1], weights(t, ROWS * N), x[0],
                   given(t, GIVEN, BAGS, sizeof BAGS), x[1], ROWS, 4, N);
}

/* The scores keep apart, so that no step changes the choice; the input moves them little. */
enum { KEYS = 6, BEST = 4 };

static const float *pkm_scores(struct trial *t, float *const *x)
{
    float score[ROWS * 2 * KEYS], *moved = get(t, x[0]);

    for (size_t i = 0; i < sizeof score / sizeof *score; i++)
        score[i] = (float)(i * 5 % KEYS) * (i / KEYS % 2 ? 0.61F : 0.5F) + moved[i] / 64;
    return given(t, GIVEN, score, sizeof score);
}

static double pkm_value(struct trial *t, float *const *x)
{
    float *weight = out(t, ROWS * BEST);

    t->op->pkm_select(t->nn, out_int(t, ROWS * BEST), weight, pkm_scores(t, x), ROWS, KEYS,
                      BEST);
    return weighted(t, weight, ROWS * BEST);
}

static void pkm_gradient(struct trial *t, float *const *x, float *const *dx)
{
    float *weight = out(t, ROWS * BEST);
    int32_t *index = out_int(t, ROWS * BEST);

    t->op->pkm_select(t->nn, index, weight, pkm_scores(t, x), ROWS, KEYS, BEST);
    t->op->pkm_select_bwd(t->nn, dx[0], weights(t, ROWS * BEST), index, weight, ROWS, KEYS,
                          BEST);
    t->op->combine(t->nn, dx[0], 1.0F / 64, dx[0], 0, NULL, (size_t)ROWS * 2 * KEYS);
}

enum { V = 5 };
static const int32_t LABEL[ROWS] = {4, 0, 2};

static double entropy_value(struct trial *t, float *const *x)
{
    float *at = out(t, ROWS), *loss;

    t->op->cross_entropy(t->nn, at, out_int(t, ROWS), NULL, NULL, NULL, x[0], x[1], x[2],
                         given(t, GIVEN, LABEL, sizeof LABEL), 1, 0, 0, ROWS, N, V);
    loss = get(t, at);
    return 0.5 * ((double)loss[0] + (double)loss[1] + (double)loss[2]);
}

static void entropy_gradient(struct trial *t, float *const *x, float *const *dx)
{
    t->op->cross_entropy(t->nn, out(t, ROWS), out_int(t, ROWS), dx[0], dx[1], dx[2], x[0], x[1],
                         x[2], given(t, GIVEN, LABEL, sizeof LABEL), 0.5F, 0, 0, ROWS, N, V);
}

/* The squares of log Z come from the definition, as the op has them in its gradients alone. */
static double z_loss_value(struct trial *t, float *const *x)
{
    const float *in = get(t, x[0]), *w = get(t, x[1]), *bias = get(t, x[2]);
    double total = 0;

    for (size_t r = 0; r < ROWS; r++) {
        double sum = 0;

        for (size_t j = 0; j < V; j++) {
            double z = (double)bias[j];

            for (size_t i = 0; i < N; i++)
                z += (double)in[r * N + i] * (double)w[j * N + i];
            sum += exp(z);
        }
        total += 0.5 * 0.25 * log(sum) * log(sum);
    }
    return total + entropy_value(t, x);
}

static void z_loss_gradient(struct trial *t, float *const *x, float *const *dx)
{
    t->op->cross_entropy(t->nn, out(t, ROWS), out_int(t, ROWS), dx[0], dx[1], dx[2], x[0], x[1],
                         x[2], given(t, GIVEN, LABEL, sizeof LABEL), 0.5F, 0.25F, 0, ROWS, N,
                         V);
}

/* With label smoothing, by its definition: the mean of the losses of all labels has a part. */
static double smoothing_value(struct trial *t, float *const *x)
{
    double total = 0.7 * entropy_value(t, x);

    for (int32_t j = 0; j < V; j++) {
        const int32_t label[ROWS] = {j, j, j};
        float *at = out(t, ROWS), *loss;

        t->op->cross_entropy(t->nn, at, out_int(t, ROWS), NULL, NULL, NULL, x[0], x[1], x[2],
                             given(t, GIVEN, label, sizeof label), 1, 0, 0, ROWS, N, V);
        loss = get(t, at);
        for (size_t r = 0; r < ROWS; r++)
            total += 0.5 * 0.3 / V * (double)loss[r];
    }
    return total;
}

static void smoothing_gradient(struct trial *t, float *const *x, float *const *dx)
{
    t->op->cross_entropy(t->nn, out(t, ROWS), out_int(t, ROWS), dx[0], dx[1], dx[2], x[0], x[1],
                         x[2], given(t, GIVEN, LABEL, sizeof LABEL), 0.5F, 0, 0.3F, ROWS, N, V);
}

/* Two heads of two rounds of four chunks of four; the last of sequence 1 are padding. */
enum { AT = 16, AD = 6, HEADS = 4, AN = HEADS * AT * AD };

static const float *attention(struct trial *t, struct attend_dims s, float *const *x,
                              float *const *dx)
{
    int32_t host[HEADS * 2 * AT], *order = out_int(t, HEADS * 2 * AT), *bucket;
    float *o = out(t, AN), *stat = out(t, HEADS * AT * 2);
    uint8_t padding[2 * AT], *real;

    s.B = s.H = s.heads = s.R = 2;
    s.T = AT;
    s.D = AD;
    s.C = s.kind == ATTEND_LSH ? 4 : 2;
    s.queries = s.queries ? s.queries : AT;
    s.draw = rng_stream(3, 0, 0, RNG_TEST);
    for (size_t i = 0; i < sizeof host / sizeof *host; i++)
        host[i] = (int32_t)rng_below(rng_stream(5, 0, 0, RNG_TEST), i, 4);
    for (size_t i = 0; i < sizeof padding; i++)
        padding[i] = i < 2 * AT - 3;
    bucket = given(t, GIVEN, host, sizeof host);
    real = given(t, GIVEN, padding, sizeof padding);
    t->op->lsh_sort(t->nn, order, bucket, HEADS * 2, AT, 4);
    t->op->attend_fwd(t->nn, o, stat, x[0], x[1], order, bucket, real, &s);
    if (dx)
        t->op->attend_bwd(t->nn, dx[0], dx[1], weights(t, AN), o, stat, x[0], x[1], order,
                          bucket, real, &s);
    return o;
}

/* The two functions of a case, whose name and attend_dims follow. */
#define ATTENTION(name, ...)                                                                   \
    static double name##_value(struct trial *t, float *const *x)                               \
    {                                                                                          \
        return weighted(t, attention(t, (struct attend_dims){__VA_ARGS__}, x, NULL), AN);      \
    }                                                                                          \
                                                                                               \
    static void name##_gradient(struct trial *t, float *const *x, float *const *dx)            \
    {                                                                                          \
        attention(t, (struct attend_dims){__VA_ARGS__}, x, dx);                                \
    }
ATTENTION(attend, .kind = ATTEND_LSH, .across = true, .duplicates = true)
ATTENTION(causal, .kind = ATTEND_LSH, .across = true, .duplicates = true, .causal = true)
ATTENTION(within, .kind = ATTEND_LSH, .dropout = 0.3F)
ATTENTION(memory, .kind = ATTEND_LSH, .across = true, .causal = true, .queries = 13)
ATTENTION(full, .kind = ATTEND_FULL, .dropout = 0.3F)
ATTENTION(full_memory, .kind = ATTEND_FULL, .causal = true, .queries = 13)
ATTENTION(local, .kind = ATTEND_LOCAL, .back = 1, .queries = 13)
ATTENTION(local_causal, .kind = ATTEND_LOCAL, .back = 2, .causal = true, .dropout = 0.3F)

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
    {"cross_entropy, z-loss", {ROWS * N, V *N, V}, z_loss_value, z_loss_gradient},
    {"cross_entropy, smoothing", {ROWS * N, V *N, V}, smoothing_value, smoothing_gradient},
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

static double value_at(const struct slope *s, struct trial *t, float *const *x, float *moved,
                       float by)
{
    size_t mark = t->count;
    float was = *(float *)get(t, moved);
    double y;

    *(float *)get(t, moved) = was + by;
    put(t, moved);
    y = s->value(t, x);
    drop_arrays(t, mark);
    *(float *)get(t, moved) = was;
    put(t, moved);
    return y;
}

/* The slope along one element: Richardson's combination of two central differences. */
static double slope_at(const struct slope *s, struct trial *t, float *const *x, float *moved)
{
    float h = (float)STEP;
    double near = value_at(s, t, x, moved, h) - value_at(s, t, x, moved, -h);
    double far = value_at(s, t, x, moved, 2 * h) - value_at(s, t, x, moved, -2 * h);

    return (8 * near - far) / (12 * STEP);
}

static void check_input(const struct slope *s, struct trial *t, float *const *x, size_t k,
                        const float *dx)
{
    double largest = 0;

    for (size_t i = 0; i < s->n[k]; i++)
        largest = fmax(largest, fabs((double)dx[i]));
    for (size_t i = 0; i < s->n[k]; i++) {
        double want = slope_at(s, t, x, &x[k][i]);

        if (!(fabs(want - (double)dx[i]) <= 1e-3 * largest))
            fail_msg("%s, input %zu, element %zu: slope %.6g, gradient %.6g", s->name, k, i,
                     want, (double)dx[i]);
    }
}

/* A trial's inputs, the same ones on every device, and their gradients, still 0. */
static void make_inputs(const struct slope *s, struct trial *t, float **x, float **dx)
{
    for (size_t k = 0; k < INPUTS_MAX && s->n[k]; k++) {
        x[k] = in(t, s->n[k]);
        dx[k] = zeros(t, s->n[k]);
    }
}

/* Gradients of the device against slopes of the reference. */
static void check_device(const struct slope *s, int kind)
{
    float *x[INPUTS_MAX] = {0}, *dx[INPUTS_MAX] = {0}, *own[INPUTS_MAX] = {0};
    float *unused[INPUTS_MAX] = {0};
    struct trial t, reference;
    size_t mark;

    assert_true(begin_trial(&t, kind, 1) && begin_trial(&reference, NN_REF, 1));
    make_inputs(s, &t, x, dx);
    make_inputs(s, &reference, own, unused);
    mark = t.count;
    s->gradient(&t, x, dx);
    drop_arrays(&t, mark);
    for (size_t k = 0; k < INPUTS_MAX && s->n[k]; k++)
        check_input(s, &reference, own, k, get(&t, dx[k]));
    finish_trial(&t, s->name);
    end_trial(&t);
    end_trial(&reference);
}

static void check_slope(void **state)
{
    check_device(*state, NN_REF);
    if (getenv("RF_TEST_DEVICE"))
        check_device(*state, PLUGIN);
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
