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
static float *whole_range(struct trial *t)
{
    const float suspects[] = {0.0F,     -0.0F,  INFINITY, -INFINITY, NAN,   FLT_MAX,
                              -FLT_MAX, -87.0F, -87.1F,   -86.9F,    88.0F, -88.0F,
                              43.5F,    -43.5F, 0.34657F, 0.34658F,  1e-8F, -1e-8F,
                              13.4F,    -13.4F, FLT_MIN};
    enum { SUSPECTS = sizeof suspects / sizeof *suspects };
    float *x = in(t, COUNT);

    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t bits = i * 4093;

        memcpy(&x[i], &bits, sizeof bits);
    }
    memcpy(x + COUNT - SUSPECTS, suspects, sizeof suspects);
    return x;
}

static double excess(float want, float got, double scale, double tolerance, double floor)
{
    if (isnan(want) || isinf(want))
        return isnan(want) ? !isnan(got) : got != want;
    return fabs((double)got - (double)want) - tolerance * scale - floor;
}

/* All values and slopes of an activation on one set of kernels beside the reference's. */
static void check_claim(const struct claim *c, struct nn *ref, struct nn *nn)
{
    struct trial t = {.poisoned = ARRAYS_MAX};
    const float bias[1] = {-0.0F}; /* so that -0 arrives as such */
    float *x = whole_range(&t), *want = out(&t, COUNT), *want_slope = out(&t, COUNT);
    float *got = out(&t, COUNT), *slope = out(&t, COUNT);

    ref->ops->act_fwd(ref, want, want_slope, x, bias, c->act, false, COUNT, 1);
    nn->ops->act_fwd(nn, got, slope, x, bias, c->act, false, COUNT, 1);
    for (size_t i = 0; i < COUNT; i++) {
        double scale = fabs((double)want_slope[i]);
        double tail = c->tail * fmin((double)x[i] * (double)x[i], 200);

        if (c->cancels && x[i] != 0)
            scale += fabs((double)want[i] / (double)x[i]);
        if (isnan(want[i]) && !isnan(x[i])) /* -infinity times 0 */
            continue;
        if (excess(want[i], got[i], fabs((double)want[i]), c->value + tail, c->floor) > 0)
            fail_msg("%s of %a on %s: want %a, got %a", c->name, (double)x[i], nn->about.isa,
                     (double)want[i], (double)got[i]);
        if (excess(want_slope[i], slope[i], scale, c->slope + tail, c->floor) > 0 &&
            !isinf(x[i]))
            fail_msg("slope of %s at %a on %s: want %a, got %a", c->name, (double)x[i],
                     nn->about.isa, (double)want_slope[i], (double)slope[i]);
    }
    end_trial(&t);
}

static void claims_hold(void **state)
{
    struct nn *ref;

    (void)state;
    assert_int_equal(nn_open(&ref, NN_REF, 1, NULL), RF_OK);
    for (int kind = NN_PLAIN; kind <= NN_AMX; kind++) {
        struct nn *nn;

        if (nn_open(&nn, (enum nn_kind)kind, 1, NULL) != RF_OK)
            continue;
        for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
            check_claim(&claims[i], ref, nn);
        nn_close(nn);
    }
    nn_close(ref);
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
