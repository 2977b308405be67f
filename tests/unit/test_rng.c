/* test_rng: the known answers of Random123, then what the callers lean on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* Lines "philox4x32 10" of Random123's tests/kat_vectors: counter, key, answer. */
static void known_answers(void **state)
{
    static const struct {
        uint32_t counter[4], key[2], answer[4];
    } kat[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
         {0xffffffff, 0xffffffff},
         {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
         {0xa4093822, 0x299f31d0},
         {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    (void)state;

    for (size_t i = 0; i < sizeof kat / sizeof *kat; i++) {
        const uint32_t *c = kat[i].counter;
        struct rng r = {.seed = kat[i].key[0] | (uint64_t)kat[i].key[1] << 32,
                        .stream = c[2] | (uint64_t)c[3] << 32};
        uint32_t got[4];

        rng_block(got, r, c[0] | (uint64_t)c[1] << 32);
        assert_memory_equal(got, kat[i].answer, sizeof got);
    }
}

static void elements_are_words_of_blocks(void **state)
{
    struct rng r = rng_stream(3, 4, 5, RNG_TEST);
    uint32_t w[4];
    (void)state;

    for (uint64_t block = 0; block < 10; block++) {
        rng_block(w, r, block);
        for (unsigned k = 0; k < 4; k++)
            assert_int_equal(rng_u32(r, 4 * block + k), w[k]);
        assert_int_equal(rng_u64(r, 2 * block), w[0] | (uint64_t)w[1] << 32);
        assert_int_equal(rng_u64(r, 2 * block + 1), w[2] | (uint64_t)w[3] << 32);
    }
}

/* No two uses may share numbers: seed, step, layer and site each make another stream. */
static void streams_differ(void **state)
{
    const struct rng streams[] = {
        rng_stream(1, 1, 1, RNG_MASK),      rng_stream(2, 1, 1, RNG_MASK),
        rng_stream(1ull << 32, 1, 1, 1),    rng_stream(1, 2, 1, RNG_MASK),
        rng_stream(1, 1, 2, RNG_MASK),      rng_stream(1, 1, 1, RNG_SPLIT),
        rng_stream(1, 0, 1, RNG_MASK),      rng_stream(1, 0xffffffff, 1, RNG_MASK),
        rng_stream(1, 1, 0xffff, RNG_MASK),
    };
    enum { N = sizeof streams / sizeof *streams };
    (void)state;

    for (int a = 0; a < N; a++)
        for (int b = 0; b < a; b++)
            assert_int_not_equal(rng_u64(streams[a], 0), rng_u64(streams[b], 0));
}

static void numbers_stay_below_their_bound(void **state)
{
    struct rng r = rng_stream(1, 0, 0, RNG_TEST);
    int count[7] = {0};
    (void)state;

    for (uint64_t i = 0; i < 70000; i++) {
        float u = rng_uniform(r, i);

        count[rng_below(r, i, 7)]++;
        assert_true(u >= 0 && u < 1);
        assert_int_equal(rng_below(r, i, 1), 0);
        assert_true(rng_below(r, i, UINT64_MAX) < UINT64_MAX);
    }
    for (int k = 0; k < 7; k++) /* six standard deviations: sqrt(70000 / 7 * 6 / 7) = 92.6 */
        assert_true(abs(count[k] - 10000) < 556);
}

/* Mean, variance and fourth moment within six standard errors of a normal's 0, 1 and 3. */
static void normals_are_normal(void **state)
{
    enum { N = 200000 };
    struct rng r = rng_stream(1, 0, 0, RNG_TEST);
    double sum[5] = {0};
    (void)state;

    for (uint64_t i = 0; i < N; i++) {
        double x = (double)rng_normal(r, i);

        assert_true(isfinite(x));
        for (int k = 1; k < 5; k++)
            sum[k] += pow(x, k) / N;
    }
    assert_true(fabs(sum[1]) < 6 * sqrt(1.0 / N));
    assert_true(fabs(sum[2] - 1) < 6 * sqrt(2.0 / N));
    assert_true(fabs(sum[3]) < 6 * sqrt(15.0 / N));
    assert_true(fabs(sum[4] - 3) < 6 * sqrt(96.0 / N));
}

static void permutations_hit_all_once(void **state)
{
    static const uint64_t sizes[] = {1, 2, 3, 4, 5, 15, 16, 17, 255, 256, 257, 1000, 4097};
    uint8_t seen[4097];
    (void)state;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        struct rng r = rng_stream(s, 0, 0, RNG_SHUFFLE);

        memset(seen, 0, sizeof seen);
        for (uint64_t i = 0; i < sizes[s]; i++) {
            uint64_t to = rng_permute(r, i, sizes[s]);

            assert_true(to < sizes[s] && !seen[to]);
            seen[to] = 1;
        }
    }
}

static void permutations_are_no_rotation(void **state)
{
    struct rng r = rng_stream(1, 0, 0, RNG_SHUFFLE), other = rng_stream(1, 1, 0, RNG_SHUFFLE);
    int next = 0, same = 0;
    (void)state;

    for (uint64_t i = 0; i + 1 < 1000; i++) {
        uint64_t a = rng_permute(r, i, 1000), b = rng_permute(r, i + 1, 1000);

        next += b == a + 1;
        same += a == rng_permute(other, i, 1000);
    }
    assert_true(next < 10 && same < 10); /* one each is expected */
}

static void large_permutations_stay_inside(void **state)
{
    static const uint64_t sizes[] = {1ull << 32, (1ull << 62) + 1, 1ull << 63, UINT64_MAX};
    struct rng r = rng_stream(1, 0, 0, RNG_SHUFFLE);
    (void)state;

    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (uint64_t i = 0; i < 100; i++)
            assert_true(rng_permute(r, sizes[s] - 1 - i, sizes[s]) < sizes[s]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(elements_are_words_of_blocks),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(numbers_stay_below_their_bound),
        cmocka_unit_test(normals_are_normal),
        cmocka_unit_test(permutations_hit_all_once),
        cmocka_unit_test(permutations_are_no_rotation),
        cmocka_unit_test(large_permutations_stay_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
