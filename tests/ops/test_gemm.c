/*
 * test_gemm.c: matrix products by every way that this processor has: each set of kernels, our
 * own and oneDNN's, float32 and bfloat16; and by the device of the plugin that RF_TEST_DEVICE
 * names. What is wanted is a sum in double of the operands as
 * the way rounds them. test_ops.c has the op's row among the others.
 */
#include "trial.h"

struct shape {
    size_t m, n, k;
};

struct problem {
    struct shape s;
    bool ta, tb;
    float beta;
    float *a, *b, *c;
    float *a16, *b16; /* a and b as bfloat16 */
};

static const struct nn_options ways[] = {
    {.kind = NN_PLAIN, .gemm = NN_GEMM_EXACT},
    {.kind = NN_AVX2, .gemm = NN_GEMM_EXACT},
    {.kind = NN_AVX512, .gemm = NN_GEMM_EXACT},
    {.kind = NN_AVX512, .gemm = NN_GEMM_EXACT, .dtype = NN_BF16},
    {.kind = NN_AMX, .gemm = NN_GEMM_EXACT, .dtype = NN_BF16},
    {.kind = NN_AMX, .gemm = NN_GEMM_EXACT, .dtype = NN_BF16X3},
    {.kind = NN_CPU, .gemm = NN_GEMM_FAST},
    {.kind = NN_CPU, .gemm = NN_GEMM_FAST, .dtype = NN_BF16},
    {.kind = NN_CPU, .gemm = NN_GEMM_ONEDNN},
    {.kind = NN_CPU, .gemm = NN_GEMM_ONEDNN, .dtype = NN_BF16},
    {.device = "", .gemm = NN_GEMM_FAST},
    {.device = "", .gemm = NN_GEMM_FAST, .dtype = NN_BF16},
};
enum { WAYS = sizeof ways / sizeof *ways };

/* A device, or NULL where this processor lacks the kernels or the number type, or no plugin is
 * named. */
static struct nn *open_way(size_t way, int threads)
{
    struct nn_options o = ways[way];
    struct errbuf eb = {0};
    struct nn *nn;

    o.threads = threads;
    if (o.device && !(o.device = getenv("RF_TEST_DEVICE")))
        return NULL;
    if (far_open(&nn, &o, &eb) != RF_OK) {
        if (o.device)
            fail_msg("%s", eb.text);
        return NULL;
    }
    if (nn->about.dtype == o.dtype)
        return nn;
    nn_close(nn);
    return NULL;
}

/* To nearest, ties to even, by the definition: the multiple of the 16th bit's weight. */
static float bf16(float x)
{
    int exponent;

    if (!isfinite(x) || x == 0)
        return x;
    frexpf(x, &exponent);
    return ldexpf(rintf(ldexpf(x, 8 - exponent)), exponent - 8);
}

static float *random_floats(size_t n, uint64_t seed)
{
    float *x = malloc(n * sizeof *x);

    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = rng_normal(rng_stream(seed, 0, 0, RNG_TEST), i);
    return x;
}

static float *rounded(const float *x, size_t n)
{
    float *y = malloc(n * sizeof *y);

    assert_non_null(y);
    for (size_t i = 0; i < n; i++)
        y[i] = bf16(x[i]);
    return y;
}

static struct problem new_problem(struct shape s, bool ta, bool tb, float beta)
{
    struct problem p = {.s = s, .ta = ta, .tb = tb, .beta = beta};

    p.a = random_floats(s.m * s.k, 1);
    p.b = random_floats(s.n * s.k, 2);
    p.c = random_floats(s.m * s.n, 3);
    p.a16 = rounded(p.a, s.m * s.k);
    p.b16 = rounded(p.b, s.n * s.k);
    return p;
}

static void free_problem(struct problem *p)
{
    free(p->a);
    free(p->b);
    free(p->c);
    free(p->a16);
    free(p->b16);
}

/* c of the problem by nn; the caller frees it. Unwritten elements would be NaN. */
static float *solve(struct nn *nn, const struct problem *p)
{
    size_t m = p->s.m, n = p->s.n, k = p->s.k, bytes = m * n * sizeof(float);
    struct trial t = {.nn = nn, .op = nn->ops, .poisoned = ARRAYS_MAX};
    const float *a = given(&t, GIVEN, p->a, m * k * sizeof *a);
    const float *b = given(&t, GIVEN, p->b, n * k * sizeof *b);
    float *c = p->beta == 0 ? out(&t, m * n) : given(&t, OUT, p->c, bytes);
    float *solution = malloc(bytes);

    assert_non_null(solution);
    nn->ops->gemm(nn, m, n, k, a, p->ta, b, p->tb, p->beta, c);
    finish_trial(&t, "gemm");
    memcpy(solution, get(&t, c), bytes);
    drop_arrays(&t, 0);
    return solution;
}

/* What a way multiplies of two numbers, which are as bfloat16 a16 and b16. */
static double product(enum nn_dtype dtype, float a, float b, float a16, float b16)
{
    if (dtype == NN_BF16)
        return (double)a16 * (double)b16;
    if (dtype == NN_BF16X3)
        return (double)a16 * (double)b16 + (double)a16 * (double)bf16(b - b16) +
               (double)bf16(a - a16) * (double)b16;
    return (double)a * (double)b;
}

static double wanted(const struct problem *p, enum nn_dtype dtype, size_t i, size_t j)
{
    double sum = p->beta != 0 ? (double)p->c[i * p->s.n + j] : 0;

    for (size_t k = 0; k < p->s.k; k++) {
        size_t x = p->ta ? k * p->s.m + i : i * p->s.k + k;
        size_t y = p->tb ? j * p->s.k + k : k * p->s.n + j;

        sum += product(dtype, p->a[x], p->b[y], p->a16[x], p->b16[y]);
    }
    return sum;
}

/*
 * Of k products of normal numbers the sum is about sqrt(k), and so are the sums on the way: k
 * roundings, of 2^-24 of that at most, walk at random to sqrt(k) times as much. Four times
 * that, and four roundings more for short ones. At most `checks` elements, spread over c.
 */
static void is_right(const struct problem *p, struct nn *nn, size_t way, size_t checks)
{
    size_t all = p->s.m * p->s.n, step = all > checks ? all / checks | 1 : 1;
    double root = sqrt((double)p->s.k), most = 0x1p-22 * (4 + root) * (1 + root);
    float *c = solve(nn, p);

    for (size_t e = 0; e < all; e += step) {
        double want = wanted(p, nn->about.dtype, e / p->s.n, e % p->s.n);

        if (!(fabs((double)c[e] - want) <= most))
            fail_msg("way %zu, %zux%zux%zu %d%d: [%zu,%zu]: want %.9g, got %.9g", way, p->s.m,
                     p->s.n, p->s.k, p->ta, p->tb, e / p->s.n, e % p->s.n, want, (double)c[e]);
    }
    free(c);
}

static void check_product(struct shape s, size_t checks)
{
    for (int i = 0; i < 5; i++) {
        struct problem p = new_problem(s, i & 1, i & 2, i == 4);

        for (size_t way = 0; way < WAYS; way++) {
            struct nn *nn = open_way(way, 2);

            if (nn)
                is_right(&p, nn, way, checks);
            nn_close(nn);
        }
        free_problem(&p);
    }
}

/* Tiles are 4x8, 6x16 and 14x32, squares of a transposition 4, 8 and 16 wide, blocks of k 256,
 * 512 and 1024. */
static void small_shapes(void **state)
{
    static const struct shape shapes[] = {
        {1, 1, 1},    {1, 1, 2},     {2, 3, 5},     {7, 13, 17},    {3, 7, 3},
        {4, 8, 4},    {5, 9, 255},   {6, 16, 257},  {13, 31, 15},   {14, 32, 16},
        {15, 33, 17}, {29, 65, 511}, {28, 64, 513}, {127, 113, 31}, {1, 97, 1023},
        {97, 1, 31},  {9, 11, 1025}, {64, 64, 2049}};
    (void)state;

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_product(shapes[i], SIZE_MAX);
}

static void shapes_of_models(void **state)
{
    static const struct shape shapes[] = {{512, 512, 512}, {256, 512, 2048}, {256, 2048, 512},
                                          {1, 512, 2048},  {614, 1003, 512}, {32, 64, 22000}};
    (void)state;

    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        check_product(shapes[i], 500);
}

static void threads_change_no_bit(void **state)
{
    static const struct shape shapes[] = {{97, 113, 515}, {257, 96, 1100}, {60, 60, 2048}};
    (void)state;

    for (size_t way = 0; way < WAYS; way++)
        for (size_t i = 0; i < 4 * sizeof shapes / sizeof *shapes; i++) {
            struct problem p = new_problem(shapes[i / 4], i & 1, i & 2, 1);
            float *first = NULL;

            for (int threads = 1; threads <= 4; threads++) {
                struct nn *nn = open_way(way, threads);
                float *c = nn ? solve(nn, &p) : NULL;

                if (!first)
                    first = c;
                else {
                    assert_memory_equal(first, c, p.s.m * p.s.n * sizeof *c);
                    free(c);
                }
                nn_close(nn);
            }
            free(first);
            free_problem(&p);
        }
}

/* Rows from `from` on, m of them, alone give the bits that they have among all in c. */
static void rows_alone(struct nn *nn, const struct problem *p, const float *c, size_t from,
                       size_t m)
{
    struct problem part = *p;
    float *alone;

    part.s.m = m;
    part.a += from * p->s.k;
    alone = solve(nn, &part);
    if (memcmp(alone, c + from * p->s.n, m * p->s.n * sizeof *c) != 0)
        fail_msg("%zu rows from %zu of %zux%zux%zu differ", m, from, p->s.m, p->s.n, p->s.k);
    free(alone);
}

/* The same of columns, where b lies with a row for each. */
static void columns_alone(struct nn *nn, const struct problem *p, const float *c, size_t from,
                          size_t n)
{
    struct problem part = *p;
    float *alone;

    part.s.n = n;
    part.b += from * p->s.k;
    alone = solve(nn, &part);
    for (size_t i = 0; i < p->s.m; i++)
        if (memcmp(alone + i * n, c + i * p->s.n + from, n * sizeof *c) != 0)
            fail_msg("%zu columns from %zu of %zux%zux%zu differ", n, from, p->s.m, p->s.n,
                     p->s.k);
    free(alone);
}

static void exact_rows_stand_alone(void **state)
{
    static const struct shape shapes[] = {{4096, 40, 80}, {313, 70, 1100}, {33, 600, 515}};
    (void)state;

    for (size_t way = 0; way < WAYS; way++)
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
            struct problem p = new_problem(shapes[i], false, true, 0);
            struct nn *nn = ways[way].gemm == NN_GEMM_EXACT ? open_way(way, 2) : NULL;
            float *c = nn ? solve(nn, &p) : NULL;

            for (size_t m = 1; nn && m <= 7; m += 3) {
                rows_alone(nn, &p, c, 0, m);
                rows_alone(nn, &p, c, p.s.m / 2 + m, m);
                rows_alone(nn, &p, c, p.s.m - m, m);
                columns_alone(nn, &p, c, p.s.n - m, m);
                columns_alone(nn, &p, c, 13, m + 20);
            }
            free(c);
            nn_close(nn);
            free_problem(&p);
        }
}

/* c of the first m rows of a, with b stored; the caller frees it. */
static float *solve_stored(struct nn *nn, const struct problem *p, enum nn_store how, size_t m)
{
    size_t n = p->s.n, k = p->s.k, bytes = nn->ops->stored_bytes(nn, how, n, k);
    struct trial t = {.nn = nn, .op = nn->ops, .poisoned = ARRAYS_MAX};
    const float *a = given(&t, GIVEN, p->a, m * k * sizeof *a);
    const float *b = given(&t, GIVEN, p->b, n * k * sizeof *b);
    float *c = out(&t, m * n), *solution = malloc(m * n * sizeof *c);
    void *nothing = calloc(1, bytes), *stored = given(&t, OTHER, nothing, bytes);

    assert_non_null(solution);
    nn->ops->store(nn, stored, how, b, n, k);
    nn->ops->gemm_stored(nn, m, n, k, a, how, stored, c);
    finish_trial(&t, "gemm_stored");
    memcpy(solution, get(&t, c), m * n * sizeof *c);
    drop_arrays(&t, 0);
    free(nothing);
    return solution;
}

/* Where products are exact few rows have the bits that they have among many. Stored as
 * bfloat16, weights that are such numbers have those of the plain product, unless exact ones of
 * bfloat16 round a too, or oneDNN or a plugin makes them. */
static void stored_rows_stand_alone(void **state)
{
    static const struct shape shapes[] = {{100, 70, 80}, {313, 600, 1100}, {64, 515, 33}};
    (void)state;

    for (size_t way = 0; way < WAYS; way++)
        for (size_t i = 0; i < 2 * sizeof shapes / sizeof *shapes; i++) {
            enum nn_store how = i & 1 ? NN_STORE_INT8 : NN_STORE_BF16;
            struct problem p = new_problem(shapes[i / 2], false, true, 0);
            bool exact = ways[way].gemm == NN_GEMM_EXACT;
            struct nn *nn = open_way(way, 2);
            float *all = nn ? solve_stored(nn, &p, how, p.s.m) : NULL;

            for (size_t m = 1; nn && exact && m <= 33; m += m < 3 ? 1 : 10) {
                float *few = solve_stored(nn, &p, how, m);

                assert_memory_equal(few, all, m * p.s.n * sizeof *few);
                free(few);
            }
            memcpy(p.b, p.b16, p.s.n * p.s.k * sizeof *p.b);
            if (nn && how == NN_STORE_BF16 && (!exact || ways[way].dtype == NN_FP32) &&
                !ways[way].device && strcmp(nn->about.gemm, "oneDNN") != 0) {
                float *plain = solve(nn, &p);

                assert_memory_equal(plain, all, p.s.m * p.s.n * sizeof *plain);
                free(plain);
            }
            free(all);
            nn_close(nn);
            free_problem(&p);
        }
}

/* A product with 1 is the rounded number itself. */
static void bf16_rounds_to_nearest_even(void **state)
{
    static float x[] = {1.0F,          1.00390625F,   1.01171875F, 1.0039063F, 1.0039061F,
                        -1.00390625F,  -3.0117188F,   0x1.fffp+9F, 1e-30F,     -0x1.01p-60F,
                        0x1.030001p0F, 0x1.02ffffp0F, 0x1p-126F,   0.0F,       65536.5F};
    static float one = 1;
    enum { N = sizeof x / sizeof *x };
    struct problem column = {.s = {N, 1, 1}, .a = x, .b = &one};
    struct problem row = {.s = {1, N, 1}, .a = &one, .b = x};
    (void)state;

    for (size_t way = 0; way < WAYS; way++) {
        struct nn *nn = ways[way].dtype == NN_BF16 ? open_way(way, 1) : NULL;

        for (int i = 0; nn && i < 2; i++) {
            float *y = solve(nn, i ? &row : &column);

            for (size_t e = 0; e < N; e++)
                assert_true(y[e] == bf16(x[e]));
            free(y);
        }
        nn_close(nn);
    }
}

static void nan_reaches_its_row_and_column(void **state)
{
    (void)state;
    for (size_t way = 0; way < WAYS; way++)
        for (int i = 0; i < 4; i++) {
            struct problem p = new_problem((struct shape){19, 37, 21}, i & 1, i & 2, 0);
            struct nn *nn = open_way(way, 1);
            float *c;

            p.a[p.ta ? 20 * 19 + 18 : 18 * 21 + 20] =
                nanf("77"); /* low bits only: no infinity */
            p.b[p.tb ? 36 * 21 + 3 : 3 * 37 + 36] = nanf("77");
            c = nn ? solve(nn, &p) : NULL;
            for (size_t e = 0; nn && e < 19 * 37; e++)
                assert_true(!isnan(c[e]) == (e / 37 != 18 && e % 37 != 36));
            free(c);
            nn_close(nn);
            free_problem(&p);
        }
}

static void what_was_opened_is_told(void **state)
{
    struct nn *nn;
    (void)state;

    assert_int_equal(
        nn_open_with(
            &nn, &(struct nn_options){.kind = NN_PLAIN, .threads = 1, .dtype = NN_BF16}, NULL),
        RF_OK);
    assert_int_equal(nn->about.dtype, NN_FP32);
    assert_string_equal(nn->about.gemm, "own");
    nn_close(nn);
    assert_int_equal(
        nn_open_with(&nn,
                     &(struct nn_options){.kind = NN_CPU, .threads = 1, .gemm = NN_GEMM_EXACT},
                     NULL),
        RF_OK);
    assert_string_equal(nn->about.gemm, "own exact");
    assert_true(nn_gemm_peak(nn, NULL, 0) > 0);
    nn_close(nn);
    assert_int_equal(nn_open(&nn, NN_REF, 1, NULL), RF_OK);
    assert_string_equal(nn->about.gemm, "reference");
    assert_true(nn_gemm_peak(nn, NULL, 0) == 0);
    nn_close(nn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_shapes),
        cmocka_unit_test(shapes_of_models),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(exact_rows_stand_alone),
        cmocka_unit_test(stored_rows_stand_alone),
        cmocka_unit_test(bf16_rounds_to_nearest_even),
        cmocka_unit_test(nan_reaches_its_row_and_column),
        cmocka_unit_test(what_was_opened_is_told),
    };

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
