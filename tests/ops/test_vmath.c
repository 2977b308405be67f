/*
 * test_vmath.c: the functions of vmath.h, as activations, over the whole range of floats
 * against libm in double, on every set of kernels; and rng_body.h against base/rng.h.
 */
#include "trial.h"

#include <float.h>

#include "kernels/rng_body.h"

/* Errors relative to the result; what is below `floor` may as well be 0. */
struct claim {
    const char *name;
    enum act act;
    double value, slope, tail, floor; /* tail: more for each x^2 */
    bool cancels; /* the slope has a zero: its error is relative to its terms */
};

static const struct claim claims[] = {
    {"gelu", ACT_GELU, 6e-7, 6e-7, 3e-8, 1e-36, true},
    {"relu", ACT_RELU, 0, 0, 0, 0, false},
    {"relu2", ACT_RELU2, 1e-7, 0, 0, 1e-37, false},
    {"silu", ACT_SILU, 4e-7, 6e-7, 0, 2e-36, true},
    {"leaky relu", ACT_LEAKY_RELU, 2e-7, 0, 0, 1e-37, false},
    {"elu", ACT_ELU, 2e-7, 2e-7, 0, 2e-38, false},
    {"tanh", ACT_TANH, 4e-7, 6e-7, 0, 1e-37, false},
    {"sigmoid", ACT_SIGMOID, 3e-7, 5e-7, 0, 2e-38, false},
};

enum { COUNT = 1 << 20 };

/* Bit patterns of all kinds, a prime apart: both signs, NaN, infinities, denormals. The last
 * are the usual suspects. */
static void whole_range(float x[COUNT])
{
    const float suspects[] = {0.0F,     -0.0F,  INFINITY, -INFINITY, NAN,   FLT_MAX,
                              -FLT_MAX, -87.0F, -87.1F,   -86.9F,    88.0F, -88.0F,
                              43.5F,    -43.5F, 0.34657F, 0.34658F,  1e-8F, -1e-8F,
                              13.4F,    -13.4F, FLT_MIN};
    enum { SUSPECTS = sizeof suspects / sizeof *suspects };

    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t bits = i * 4093;

        memcpy(&x[i], &bits, sizeof bits);
    }
    memcpy(x + COUNT - SUSPECTS, suspects, sizeof suspects);
}

/* All values and slopes of an activation. */
struct values {
    const float *x, *y, *slope;
};

static struct values values_of(struct trial *t, enum act act)
{
    const float bias = -0.0F; /* so that -0 arrives as such */
    float *x = out(t, COUNT), *y = out(t, COUNT), *slope = out(t, COUNT);

    whole_range(get(t, x));
    put(t, x);
    t->op->act_fwd(t->nn, y, slope, x, given(t, GIVEN, &bias, sizeof bias), act, false, COUNT,
                   1);
    return (struct values){get(t, x), get(t, y), get(t, slope)};
}

static double excess(float want, float got, double scale, double tolerance, double floor)
{
    if (isnan(want) || isinf(want))
        return isnan(want) ? !isnan(got) : got != want;
    return fabs((double)got - (double)want) - tolerance * scale - floor;
}

/* The same on one set of kernels beside the reference's. */
static void check_claim(const struct claim *c, struct trial *ref, struct trial *t)
{
    struct values want = values_of(ref, c->act), got = values_of(t, c->act);

    for (size_t i = 0; i < COUNT; i++) {
        double x = (double)want.x[i], y = (double)want.y[i];
        double scale = fabs((double)want.slope[i]), tail = c->tail * fmin(x * x, 200);

        if (c->cancels && want.x[i] != 0)
            scale += fabs(y / x);
        if (isnan(y) && !isnan(x)) /* -infinity times 0 */
            continue;
        if (excess(want.y[i], got.y[i], fabs(y), c->value + tail, c->floor) > 0)
            fail_msg("%s of %a on %s: want %a, got %a", c->name, x, t->nn->about.isa, y,
                     (double)got.y[i]);
        if (excess(want.slope[i], got.slope[i], scale, c->slope + tail, c->floor) > 0 &&
            !isinf(x))
            fail_msg("slope of %s at %a on %s: want %a, got %a", c->name, x, t->nn->about.isa,
                     (double)want.slope[i], (double)got.slope[i]);
    }
    drop_arrays(ref, 0);
    drop_arrays(t, 0);
}

static void claims_hold(void **state)
{
    struct trial ref, t;

    (void)state;
    assert_true(begin_trial(&ref, NN_REF, 1));
    for (int kind = NN_PLAIN; kind <= NN_AMX; kind++) {
        if (!begin_trial(&t, kind, 1))
            continue;
        for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
            check_claim(&claims[i], &ref, &t);
        end_trial(&t);
    }
    end_trial(&ref);
}

static void words_are_the_streams(void **state)
{
    enum { BLOCKS = 3 * RNG_LANES };
    struct rng r = {0xfedcba9876543210, 0x0123456789abcdef};
    const uint64_t firsts[] = {0, 1, 0xfffffffb, (uint64_t)7 << 60};

    (void)state;
    for (size_t k = 0; k < sizeof firsts / sizeof *firsts; k++) {
        uint32_t word[4 * BLOCKS], want[4];

        rng_words(word, r, firsts[k], BLOCKS);
        for (size_t i = 0; i < BLOCKS; i++) {
            rng_block(want, r, firsts[k] + i);
            assert_memory_equal(word + 4 * i, want, sizeof want);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(claims_hold),
                                       cmocka_unit_test(words_are_the_streams)};

    SKIP_UNDER_TSAN();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
