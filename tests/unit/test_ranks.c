/* test_ranks.c: sums over ranks, and bytes from ranks to others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "thread_wire.h"

enum { SLOTS = 16, SUMS = 3, BORDERS = THREADS_MAX + 1 };

/* --- sums */

/* Numbers that have nothing to do with each other: splitmix64's mixing of bits. */
static uint64_t mixed(uint64_t a, uint64_t b)
{
    uint64_t z = (a + 1) * 0x9E3779B97F4A7C15U ^ (b + 1) * 0xD1B54A32D192ED03U;

    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
}

/* Element i of a slot's block: of many sizes, so that each order has its own rounding. */
static float leaf(size_t slot, size_t i)
{
    uint64_t z = mixed(slot, i);

    return (float)(int32_t)z * (float)(1 << (z >> 32) % 12);
}

/* Add slots [first, first + n) of an element by the tree. */
static float subtree(size_t first, size_t n, size_t i)
{
    return n == 1 ? leaf(first, i)
                  : subtree(first, n / 2, i) + subtree(first + n / 2, n / 2, i);
}

struct trial {
    size_t n, border[SUMS][BORDERS];
    float *root;                   /* n: the sum of all slots */
    float *out[SUMS][THREADS_MAX]; /* each rank's block after the sum */
};

/* What stands in a block outside of its parts. */
static const float outside = -123.5F;

static float *block_of(const struct ranks *r, const struct trial *t, const size_t *border)
{
    size_t each = SLOTS / (size_t)r->size;
    float *x = malloc((t->n + 1) * sizeof *x);

    must(x);
    for (size_t i = 0; i <= t->n; i++)
        x[i] = i < border[0] || i >= border[r->size] ? outside
                                                     : subtree((size_t)r->rank * each, each, i);
    return x;
}

/* Several sums are under way at a time; those started first are not finished first, and each is
 * used again. */
static void add(struct ranks *r, void *what)
{
    struct trial *t = what;
    struct ranks_sum *sum[SUMS];
    struct errbuf eb = {0};

    for (size_t s = 0; s < SUMS; s++)
        must(ranks_sum_new(&sum[s], r, t->border[s], false, &eb) == RF_OK);
    for (int round = 0; round < 2; round++) {
        for (size_t s = 0; s < SUMS; s++) {
            free(round ? t->out[s][r->rank] : NULL);
            t->out[s][r->rank] = block_of(r, t, t->border[s]);
            ranks_sum_start(sum[s], t->out[s][r->rank]);
            for (size_t k = 0; k <= s; k++)
                ranks_sum_poll(sum[k]);
        }
        for (size_t s = SUMS; s-- > 0;)
            must(ranks_sum_finish(sum[s], &eb) == RF_OK);
    }
    for (size_t s = 0; s < SUMS; s++)
        ranks_sum_free(sum[s]);
}

static void check(const struct trial *t, int size, size_t s)
{
    const struct ranks r = {.size = size};
    const size_t *border = t->border[s];

    for (int rank = 0; rank < size; rank++) {
        size_t part = ranks_part(&r, rank);
        const float *x = t->out[s][rank];

        assert_int_equal(ranks_owner(&r, part), rank);
        assert_memory_equal(x + border[part], t->root + border[part],
                            (border[part + 1] - border[part]) * sizeof *x);
        for (size_t i = 0; i <= t->n; i++)
            if (i < border[0] || i >= border[size])
                assert_true(x[i] == outside);
    }
}

/* One sum has equal parts, one parts of any size (many of them empty), and one has all in one.
 */
static void choose_borders(struct trial *t, int size, uint64_t seed)
{
    const struct ranks r = {.size = size};
    size_t p = (size_t)size;

    ranks_borders(&r, t->border[0], t->n);
    for (size_t i = 0; i <= p; i++) {
        t->border[1][i] = mixed(seed, i) % (t->n + 1);
        for (size_t k = i; k > 0 && t->border[1][k - 1] > t->border[1][k]; k--) {
            size_t swap = t->border[1][k];

            t->border[1][k] = t->border[1][k - 1];
            t->border[1][k - 1] = swap;
        }
        t->border[2][i] = i <= seed % p ? 0 : t->n;
    }
}

static void sums_have_the_bits_of_the_tree(void **state)
{
    /* the last is several pieces for one rank alone, and no multiple of anything */
    static const size_t sizes[] = {0, 1, 7, 64, 1001, 3 * WIRE_PIECE / sizeof(float) + 77};

    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct trial t = {.n = sizes[k]};

        t.root = malloc((t.n + 1) * sizeof *t.root);
        assert_non_null(t.root);
        for (size_t i = 0; i < t.n; i++)
            t.root[i] = subtree(0, SLOTS, i);
        for (int size = 1; size <= THREADS_MAX; size *= 2) {
            choose_borders(&t, size, (uint64_t)size + k);
            as_ranks(size, add, &t, NULL);
            for (size_t s = 0; s < SUMS; s++) {
                check(&t, size, s);
                for (int rank = 0; rank < size; rank++)
                    free(t.out[s][rank]);
            }
        }
        free(t.root);
    }
}

/* The numbers of this test tell orders apart: otherwise it would pass with any. */
static void another_order_has_other_bits(void **state)
{
    size_t differ = 0, by_pairs = 0;

    (void)state;
    for (size_t i = 0; i < 1001; i++) {
        float in_a_row = leaf(0, i), across = 0;

        for (size_t s = 1; s < SLOTS; s++)
            in_a_row += leaf(s, i);
        for (size_t s = 0; s < SLOTS / 2; s++) /* a ring of two ranks, each a slot at a time */
            across += leaf(s, i) + leaf(s + SLOTS / 2, i);
        differ += in_a_row != subtree(0, SLOTS, i);
        by_pairs += across != subtree(0, SLOTS, i);
    }
    assert_true(differ > 300);
    assert_true(by_pairs > 300);
}

static void add_equal_parts(struct ranks *r, void *what)
{
    size_t border[BORDERS];
    struct ranks_sum *sum;
    struct trial *t = what;
    float *x;

    ranks_borders(r, border, t->n);
    x = block_of(r, t, border);
    must(ranks_sum_new(&sum, r, border, false, NULL) == RF_OK);
    ranks_sum_start(sum, x);
    must(ranks_sum_finish(sum, NULL) == RF_OK);
    ranks_sum_free(sum);
    free(x);
}

static void a_rank_sends_n_times_1_less_1_by_r(void **state)
{
    struct trial t = {.n = 4096};

    (void)state;
    for (int size = 1; size <= THREADS_MAX; size *= 2) {
        uint64_t sent;

        as_ranks(size, add_equal_parts, &t, &sent);
        assert_int_equal(sent, (t.n - t.n / (size_t)size) * sizeof(float));
    }
}

static void refuse_fast(struct ranks *r, void *what)
{
    struct ranks_sum *sum;
    size_t border[BORDERS];

    (void)what;
    ranks_borders(r, border, 10);
    must(ranks_sum_new(&sum, r, border, true, NULL) == (r->size > 1 ? RF_EINVAL : RF_OK));
    ranks_sum_free(sum);
}

static void a_fast_sum_is_the_wires(void **state)
{
    (void)state;
    as_ranks(1, refuse_fast, NULL, NULL);
    as_ranks(2, refuse_fast, NULL, NULL);
}

/* --- bytes */

static uint8_t byte_of(int rank, size_t i)
{
    return (uint8_t)mixed((uint64_t)rank, i);
}

static void gather(struct ranks *r, void *what)
{
    enum { N = WIRE_PIECE / 2 + 13, EACH = 3 };
    size_t border[BORDERS], part = ranks_part(r, r->rank), n = *(size_t *)what;
    uint8_t *x = calloc(N, EACH);

    must(x);
    ranks_borders(r, border, n);
    border[0] += n > 10; /* what is outside of all parts stays as it is */
    if (r->size > 4)     /* an empty part, and one beside it that has two */
        border[2] = border[3];
    for (size_t i = border[part] * EACH; i < border[part + 1] * EACH; i++)
        x[i] = byte_of(r->rank, i);
    must(ranks_gather(r, x, border, EACH, NULL) == RF_OK);
    for (size_t p = 0; p < (size_t)r->size; p++)
        for (size_t i = border[p] * EACH; i < border[p + 1] * EACH; i++)
            must(x[i] == byte_of(ranks_owner(r, p), i));
    must(n < 11 || (x[0] == 0 && x[EACH - 1] == 0));
    free(x);
}

static void all_parts_come_to_all(void **state)
{
    static const size_t sizes[] = {0, 1, 5, 100, WIRE_PIECE / 2 + 13};

    (void)state;
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
        for (int size = 1; size <= THREADS_MAX; size *= 2)
            as_ranks(size, gather, (void *)(uintptr_t)&sizes[k], NULL);
}

static void share_tell_fetch(struct ranks *r, void *what)
{
    enum { EACH = 5, LONG = WIRE_PIECE + 9 };
    uint8_t all[THREADS_MAX * EACH], *bytes = malloc(LONG);

    (void)what;
    must(bytes);
    for (size_t i = 0; i < EACH; i++)
        bytes[i] = byte_of(r->rank, i);
    must(ranks_share(r, all, bytes, EACH, NULL) == RF_OK);
    memset(bytes, 0, EACH);
    memcpy(bytes, all + r->rank * EACH, EACH);
    must(ranks_share(r, all, all + r->rank * EACH, EACH, NULL) == RF_OK); /* from its place */
    for (int rank = 0; rank < r->size; rank++)
        for (size_t i = 0; i < EACH; i++)
            must(all[(size_t)rank * EACH + i] == byte_of(rank, i));

    for (size_t i = 0; i < LONG; i++)
        bytes[i] = byte_of(r->rank, i);
    must(ranks_tell(r, bytes, LONG, NULL) == RF_OK);
    for (size_t i = 0; i < LONG; i++)
        must(bytes[i] == byte_of(0, i));

    for (int from = 0; from < r->size; from++) {
        for (size_t i = 0; i < LONG; i++)
            bytes[i] = byte_of(r->rank, i);
        if (r->rank == 0 || r->rank == from)
            must(ranks_fetch(r, from, bytes, LONG, NULL) == RF_OK);
        for (size_t i = 0; i < LONG; i += 1000)
            must(bytes[i] == byte_of(r->rank ? r->rank : from, i));
    }
    free(bytes);
}

static void bytes_come_where_they_belong(void **state)
{
    (void)state;
    for (int size = 1; size <= THREADS_MAX; size *= 2)
        as_ranks(size, share_tell_fetch, NULL, NULL);
}

/* Each rank's code is in an array. */
static void agree(struct ranks *r, void *what)
{
    const int *codes = what;
    bool good = true, alike = true;
    struct errbuf eb = {0};
    int first = 0, rc = codes[r->rank];

    for (int i = r->size; i-- > 0;) {
        alike &= codes[i] == codes[0];
        if (codes[i] != RF_OK) {
            first = i;
            good = false;
        }
    }
    if (rc != RF_OK)
        (void)err_set(&eb, rc, "why %d", r->rank);
    must(ranks_agree(r, rc, &eb) == codes[first]);
    must(r->agreed == (!good && r->size > 1));
    if (!good) {
        char wanted[64];

        snprintf(wanted, sizeof wanted, alike ? "why %d" : "rank %d: why %d", first, first);
        must(strcmp(eb.text, wanted) == 0);
    }
}

static void one_failure_is_everyones(void **state)
{
    static const int trials[][THREADS_MAX] = {
        {RF_OK},
        {RF_EIO, RF_EIO, RF_EIO, RF_EIO, RF_EIO, RF_EIO, RF_EIO, RF_EIO},
        {RF_OK, RF_ENAN, RF_OK, RF_EIO},
        {RF_EUSAGE},
        {RF_OK, RF_OK, RF_OK, RF_OK, RF_OK, RF_OK, RF_OK, RF_ENOMEM}};

    (void)state;
    for (size_t t = 0; t < sizeof trials / sizeof *trials; t++)
        for (int size = 1; size <= THREADS_MAX; size *= 2)
            as_ranks(size, agree, (void *)(uintptr_t)trials[t], NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(sums_have_the_bits_of_the_tree),
                                       cmocka_unit_test(another_order_has_other_bits),
                                       cmocka_unit_test(a_rank_sends_n_times_1_less_1_by_r),
                                       cmocka_unit_test(a_fast_sum_is_the_wires),
                                       cmocka_unit_test(all_parts_come_to_all),
                                       cmocka_unit_test(bytes_come_where_they_belong),
                                       cmocka_unit_test(one_failure_is_everyones)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
