/* test_lsh.c: hash, sort and attention against the reference; the ring's corners. */
#include "shapes.h"
#include "trial.h"

/* d = B, H, T, D, R, C, causal, number of padded positions at each sequence's end */
static struct attend_dims dims(const struct trial *t)
{
    return lsh_dims(t->d[0], t->d[1], t->d[2], t->d[3], t->d[4], t->d[5], t->d[6]);
}

/* Integers are exact away from ties; no vector of these seeds is near one. */
static void run_hash_sort(struct trial *t)
{
    struct attend_dims s = dims(t);
    struct hash_dims hash = lsh_hash_dims(&s);
    size_t heads = s.B * s.H, slots = heads * s.R * s.T;
    int32_t *bucket = out_int(t, slots);

    t->op->lsh_hash(t->nn, bucket, in(t, heads * s.T * s.D), in(t, hash_rotation(&hash)),
                    &hash);
    t->op->lsh_sort(t->nn, out_int(t, slots), bucket, heads * s.R, s.T, hash_buckets(&hash));
}

/* Positions in the order of random buckets, most of them in the first few. */
static int32_t *some_order(struct trial *t, const struct attend_dims *s)
{
    size_t n = s->B * s->H * s->R * s->T, T = s->T, N = T / s->C;
    int32_t *bucket = in_index(t, n, N), *order = out_int(t, n);

    for (size_t i = 0; i < n; i++)
        bucket[i] = bucket[i] * bucket[i] / (int32_t)N;
    for (size_t row = 0; row < n; row += T)
        for (size_t k = 0, at = row; k < N; k++)
            for (size_t i = 0; i < T; i++)
                if (bucket[row + i] == (int32_t)k)
                    order[at++] = (int32_t)i;
    return order;
}

static uint8_t *some_padding(const struct trial *t, const struct attend_dims *s)
{
    uint8_t *real = malloc(s->B * s->T);

    assert_non_null(real);
    for (size_t i = 0; i < s->B * s->T; i++)
        real[i] = i % s->T + t->d[7] < s->T;
    return real;
}

static void run_attend(struct trial *t)
{
    struct attend_dims s = dims(t);
    size_t n = s.B * s.H * s.T * s.D;
    float *qk = in(t, n), *v = in(t, n), *grad_o = in(t, n), *o = out(t, n);
    float *stat = out(t, s.B * s.H * s.T * 2), *dqk = out(t, n), *dv = out(t, n);
    int32_t *order = some_order(t, &s);
    uint8_t *real = t->d[7] ? some_padding(t, &s) : NULL;

    t->op->attend_fwd(t->nn, o, stat, qk, v, order, NULL, real, &s);
    t->op->attend_bwd(t->nn, dqk, dv, grad_o, o, stat, qk, v, order, NULL, real, &s);
    free(real);
}

static const struct row rows[] = {
    {"hash and sort",
     run_hash_sort,
     0,
     "integers",
     {{1, 1, 2, 1, 1, 1, 0, 0},
      {2, 3, 12, 5, 3, 3, 0, 0},
      {2, 2, 130, 16, 2, 5, 0, 0},
      {1, 8, 512, 64, 4, 64, 0, 0},
      {1, 1, 5120, 64, 4, 64, 0, 0}}},
    {"attention",
     run_attend,
     1e-5,
     "softmax: a logit of 10 is 6e-7 off, so a probability is; gradients are sums of such",
     {{1, 1, 2, 1, 1, 1, 0, 0},  /* sizes that the kernels leave to the reference */
      {2, 2, 64, 8, 2, 8, 0, 0}, /* the least that they take */
      {2, 3, 30, 5, 3, 3, 0, 0},
      {1, 3, 16, 16, 1, 8, 0, 0}, /* one round of two chunks: each is before the other */
      {2, 2, 96, 40, 3, 24, 0, 0},
      {1, 2, 256, 64, 4, 64, 0, 0},
      {1, 1, 256, 128, 2, 128, 0, 0},
      {0}}},
    {"attention, padded",
     run_attend,
     1e-5,
     "as above",
     {{2, 2, 32, 8, 1, 8, 0, 3}, {2, 3, 64, 16, 4, 16, 0, 33}, {1, 2, 256, 64, 2, 64, 0, 64}}},
    {"attention, causal",
     run_attend,
     1e-5,
     "as above",
     {{2, 2, 32, 8, 1, 8, 1, 0},
      {2, 3, 48, 16, 4, 8, 1, 0},
      {1, 2, 256, 64, 4, 64, 1, 0},
      {2, 2, 128, 32, 2, 32, 1, 31}}},
};

/* Where all scores are equal the lowest bucket takes all. */
static void ties_go_to_the_lowest(void **state)
{
    struct attend_dims s = lsh_dims(1, 1, 8, 3, 2, 1, false);
    struct hash_dims hash = lsh_hash_dims(&s);
    const float qk[8 * 3] = {0}, rot[3 * 2 * 4] = {1, -1};

    (void)state;
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        int32_t bucket[2 * 8];
        struct nn *nn;

        assert_int_equal(nn_open(&nn, (enum nn_kind)kind, 1, NULL), RF_OK);
        nn->ops->lsh_hash(nn, bucket, qk, rot, &hash);
        for (size_t i = 0; i < 2 * 8; i++)
            assert_int_equal(bucket[i], 0);
        nn_close(nn);
    }
}

/* Of causal attention, position 0 sees only itself, and a padded position too. */
static void lonely_sees_itself(void **state)
{
    enum { T = 32, D = 16 };
    struct attend_dims s = lsh_dims(1, 1, T, D, 2, 8, true);
    static const size_t d[DIMS_MAX] = {1, 1, T, D, 2, 8, 1, 4};

    (void)state;
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        struct trial t = {.d = d, .poisoned = ARRAYS_MAX};
        float *qk = in(&t, T * D), *v = in(&t, T * D), *o = out(&t, T * D);
        int32_t *order = some_order(&t, &s);
        uint8_t *real = some_padding(&t, &s);

        assert_int_equal(nn_open(&t.nn, (enum nn_kind)kind, 1, NULL), RF_OK);
        t.nn->ops->attend_fwd(t.nn, o, out(&t, 2 * T), qk, v, order, NULL, real, &s);
        assert_memory_equal(o, v, D * sizeof *o);
        assert_memory_equal(o + (T - 2) * D, v + (T - 2) * D, D * sizeof *o);
        free(real);
        end_trial(&t);
    }
}

/* A key shorter than 1e-12 is not made a unit: its gradient is that of qk / 1e-12, 1e12 times
 * as large as others', so it is compared apart. */
static void short_keys(void **state)
{
    enum { T = 32, D = 16, ZERO = 5, TINY = 9 };
    struct attend_dims s = lsh_dims(1, 1, T, D, 2, 8, false);
    static const size_t d[DIMS_MAX] = {1, 1, T, D, 2, 8};
    float dqk[2][T * D], dv[2][T * D];

    (void)state;
    for (int kind = NN_CPU; kind <= NN_REF; kind++) {
        struct trial t = {.d = d, .poisoned = ARRAYS_MAX};
        float *qk = in(&t, T * D), *v = in(&t, T * D), *grad_o = in(&t, T * D);
        float *o = out(&t, T * D), *stat = out(&t, 2 * T);
        int32_t *order = some_order(&t, &s);

        for (size_t i = 0; i < D; i++) {
            qk[ZERO * D + i] = 0;
            qk[TINY * D + i] *= 1e-13F;
        }
        assert_int_equal(nn_open(&t.nn, (enum nn_kind)kind, 1, NULL), RF_OK);
        t.nn->ops->attend_fwd(t.nn, o, stat, qk, v, order, NULL, NULL, &s);
        t.nn->ops->attend_bwd(t.nn, dqk[kind], dv[kind], grad_o, o, stat, qk, v, order, NULL,
                              NULL, &s);
        end_trial(&t);
    }
    close_floats(dv[NN_REF], dv[NN_CPU], T * D, 1e-5, "dv");
    for (size_t i = 0; i < T; i++) {
        char where[32];

        snprintf(where, sizeof where, "dqk of position %zu", i);
        close_floats(dqk[NN_REF] + i * D, dqk[NN_CPU] + i * D, D, 1e-4, where);
    }
}

int main(void)
{
    const struct CMUnitTest others[] = {cmocka_unit_test(ties_go_to_the_lowest),
                                        cmocka_unit_test(lonely_sees_itself),
                                        cmocka_unit_test(short_keys)};

    SKIP_UNDER_TSAN();
    return run_rows("lsh", rows, sizeof rows / sizeof *rows) +
           cmocka_run_group_tests(others, NULL, NULL);
}
