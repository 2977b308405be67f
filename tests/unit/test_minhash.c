/* test_minhash: sets of hashes, and likeness beside the true Jaccard similarity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "text/minhash.h"

enum { WIDTH = 8, MAX_CPS = 4000 };

static struct rng stream(uint64_t n)
{
    return rng_stream(1, n, 0, RNG_TEST);
}

static void a_set_holds_what_was_added(void **state)
{
    struct budget b = {.limit = 1 << 24};
    struct hashset s = {0};
    struct rng r = stream(1);

    (void)state;
    assert_false(hashset_has(&s, 0));
    assert_true(hashset_add(&s, 0, &b));
    for (uint64_t i = 0; i < 200000; i++) {
        assert_true(hashset_add(&s, rng_u64(r, i), &b));
        assert_true(hashset_add(&s, rng_u64(r, i / 2), &b));
    }
    assert_int_equal(s.n, 200001);
    assert_true(hashset_has(&s, 0));
    for (uint64_t i = 0; i < 200000; i++) {
        assert_true(hashset_has(&s, rng_u64(r, i)));
        assert_false(hashset_has(&s, rng_u64(r, 1000000 + i)));
    }
    assert_int_equal(b.used, s.size * sizeof *s.slots);
    hashset_clear(&s);
    assert_false(hashset_has(&s, 0));
    hashset_free(&s);
}

static void a_full_set_keeps_what_it_has(void **state)
{
    struct rng r = stream(2);

    (void)state;
    for (uint64_t limit = 0; limit < 200000; limit = limit * 2 + 1000) {
        struct budget b = {.limit = limit};
        struct hashset s = {0};
        uint64_t n = 0;

        while (hashset_add(&s, rng_u64(r, n), &b)) {
            assert_true(b.used <= limit);
            n++;
        }
        assert_int_equal(s.n, n);
        for (uint64_t i = 0; i < n; i++)
            assert_true(hashset_has(&s, rng_u64(r, i)));
        assert_false(hashset_has(&s, rng_u64(r, n)));
        assert_false(hashset_add(&s, rng_u64(r, n + 1), &b));
        assert_true(n == 0 || hashset_add(&s, rng_u64(r, 0), &b));
        hashset_free(&s);
    }
}

static void a_window_has_one_hash_wherever_it_stands(void **state)
{
    uint32_t cps[64];
    struct rng r = stream(3);

    (void)state;
    for (size_t width = 1; width < 20; width++) {
        struct roll all = roll_start(width);

        for (size_t i = 0; i < 64; i++) {
            struct roll one = roll_start(width);
            uint64_t hash, alone = 0;

            cps[i] = (uint32_t)rng_below(r, width * 64 + i, 3);
            hash = roll_on(&all, cps, i);
            if (i + 1 < width)
                continue;
            for (size_t k = 0; k < width; k++)
                alone = roll_on(&one, cps + i + 1 - width, k);
            assert_int_equal(hash, alone);
        }
    }
}

/* --- likeness */

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, WIDTH * sizeof(uint32_t));
}

/* The shingles of a text, sorted, each once; their number. */
static size_t shingles(uint32_t (*out)[WIDTH], const uint32_t *cps, size_t n)
{
    size_t k = 0, kept = 0;

    for (; k + WIDTH <= n; k++)
        memcpy(out[k], cps + k, sizeof *out);
    qsort(out, k, sizeof *out, compare);
    for (size_t i = 0; i < k; i++)
        if (i == 0 || compare(out[i], out[kept - 1]) != 0)
            memmove(out[kept++], out[i], sizeof *out);
    return kept;
}

static double jaccard(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
    static uint32_t x[MAX_CPS][WIDTH], y[MAX_CPS][WIDTH];
    size_t n = shingles(x, a, n_a), m = shingles(y, b, n_b), i = 0, k = 0, both = 0;

    while (i < n && k < m) {
        int order = compare(x[i], y[k]);

        both += order == 0;
        i += order <= 0;
        k += order >= 0;
    }
    return (double)both / (double)(n + m - both);
}

/* Two texts that share a beginning: a[0..n) and b[0..n). */
static void make_pair(uint32_t *a, uint32_t *b, size_t *n, uint64_t number)
{
    struct rng r = stream(100 + number);
    size_t common;

    *n = 60 + rng_below(r, 0, MAX_CPS - 60);
    common = rng_below(r, 1, *n + 1);
    for (size_t i = 0; i < *n; i++) {
        a[i] = 0xAC00 + (uint32_t)rng_below(r, 2 + 2 * i, 300);
        b[i] = i < common ? a[i] : 0xAC00 + (uint32_t)rng_below(r, 3 + 2 * i, 300);
    }
}

/* What two signatures say of the similarity. */
static double similarity(const struct minhash *x, const struct minhash *y)
{
    unsigned same = 0;

    for (size_t i = 0; i < MINHASH_N; i++)
        same += x->least[i] == y->least[i];
    return (double)same / MINHASH_N;
}

/* 128 bins: the standard error is at most sqrt(0.25 / 128) = 0.044; five of them are never
 * passed, and the mean of 400 errors stays within 0.044 / sqrt(400) times three. */
static void the_estimate_is_near_the_truth(void **state)
{
    static uint32_t a[MAX_CPS], b[MAX_CPS];
    double sum = 0;

    (void)state;
    for (uint64_t i = 0; i < 400; i++) {
        struct minhash x, y;
        double truth, estimate;
        size_t n;

        make_pair(a, b, &n, i);
        truth = jaccard(a, n, b, n);
        assert_true(minhash_of(&x, a, n, WIDTH) && minhash_of(&y, b, n, WIDTH));
        estimate = similarity(&x, &y);
        if (estimate < truth - 0.22 || estimate > truth + 0.22)
            fail_msg("pair %d: %.3f, not %.3f", (int)i, estimate, truth);
        sum += estimate - truth;
    }
    assert_true(sum / 400 > -0.0066 && sum / 400 < 0.0066);
}

static void the_index_finds_what_is_alike(void **state)
{
    static uint32_t a[MAX_CPS], b[MAX_CPS];
    struct budget budget = {.limit = 1 << 26};
    struct near_index *x = NULL;
    unsigned alike = 0, unlike = 0;

    (void)state;
    assert_int_equal(near_new(&x, 0.8, &budget), RF_OK);
    for (uint64_t i = 0; i < 2000; i++) {
        struct minhash m, k;
        double truth;
        bool found;
        size_t n;

        make_pair(a, b, &n, i);
        truth = jaccard(a, n, b, n);
        assert_true(minhash_of(&m, a, n, WIDTH) && minhash_of(&k, b, n, WIDTH));
        assert_false(near_has(x, &m));
        assert_true(near_add(x, &m));
        assert_true(near_has(x, &m));
        found = near_has(x, &k);
        if ((truth > 0.92 && !found) || (truth < 0.65 && found))
            fail_msg("pair %d at %.3f: %s", (int)i, truth, found ? "found" : "not found");
        alike += truth > 0.92;
        unlike += truth < 0.65;
    }
    assert_true(alike > 50 && unlike > 500);
    near_free(x);
}

static void the_index_stays_in_its_budget(void **state)
{
    (void)state;
    for (uint64_t limit = 0; limit < 8 << 20; limit = limit * 2 + 300000) {
        struct budget budget = {.limit = limit};
        struct near_index *x = NULL;
        struct minhash m;
        uint64_t n = 0;

        assert_int_equal(near_new(&x, 0.8, &budget), RF_OK);
        for (bool more = true; more; n += more) {
            for (uint64_t i = 0; i < MINHASH_N; i++)
                m.least[i] = rng_u32(stream(7), n * MINHASH_N + i);
            more = near_add(x, &m);
            assert_true(budget.used <= limit);
        }
        assert_false(near_has(x, &m));
        assert_false(near_add(x, &m));
        assert_true(limit < 1 << 20 || n > limit / 500); /* bytes each */
        for (uint64_t i = 0; n && i < MINHASH_N; i++)
            m.least[i] = rng_u32(stream(7), i);
        assert_true(n == 0 || near_has(x, &m));
        near_free(x);
    }
}

static void short_texts_have_no_signature(void **state)
{
    const uint32_t cps[WIDTH] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct minhash m;

    (void)state;
    assert_false(minhash_of(&m, cps, WIDTH - 1, WIDTH));
    assert_true(minhash_of(&m, cps, WIDTH, WIDTH));
    for (size_t i = 0; i < MINHASH_N; i++) /* one shingle fills all bins */
        assert_int_equal(m.least[i], m.least[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_holds_what_was_added),
        cmocka_unit_test(a_full_set_keeps_what_it_has),
        cmocka_unit_test(a_window_has_one_hash_wherever_it_stands),
        cmocka_unit_test(the_estimate_is_near_the_truth),
        cmocka_unit_test(the_index_finds_what_is_alike),
        cmocka_unit_test(the_index_stays_in_its_budget),
        cmocka_unit_test(short_texts_have_no_signature),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
