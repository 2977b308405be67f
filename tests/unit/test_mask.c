/* test_mask: the masked-LM choice. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "data/mask.h"

enum { N = 512, VOCAB = 1000, RECORDS = 2000 };

static const struct shard_info info = {
    .kind = SHARD_SEQUENCES, .vocab_size = VOCAB, .max_len = N, .special = {0, 1, 2, 3, 4}};

struct masked {
    int32_t before[N], ids[N], labels[N];
    uint32_t positions[N];
    size_t n, n_labels, ordinary;
};

static void make(struct masked *m, const struct mask_cfg *cfg, uint64_t record)
{
    struct rng r = rng_stream(record, 0, 0, RNG_TEST);

    m->n = 1 + (size_t)rng_below(r, 1, N);
    m->ordinary = 0;
    for (size_t i = 0; i < m->n; i++) {
        m->ids[i] = i % 20 == 0 ? (int32_t)rng_below(r, 10 + i, 5)
                                : (int32_t)(5 + rng_below(r, 10 + i, VOCAB - 5));
        m->ordinary += m->ids[i] > 4;
    }
    memcpy(m->before, m->ids, m->n * sizeof *m->ids);
    assert_int_equal(mask_apply(cfg, &info, record, m->ids, m->n, m->positions, m->labels,
                                &m->n_labels, NULL),
                     RF_OK);
}

/* What must hold for each record whatever is drawn. */
static void the_laws_hold(void **state)
{
    struct mask_cfg cfg = MASK_CFG_DEFAULT;
    static struct masked m;

    (void)state;
    for (uint64_t record = 0; record < RECORDS; record++) {
        size_t want, at = 0;

        make(&m, &cfg, record);
        want = (size_t)(0.15 * (double)m.ordinary + 0.5);
        assert_int_equal(m.n_labels, want == 0 && m.ordinary ? 1 : want);
        for (size_t i = 0; i < m.n; i++) {
            if (at < m.n_labels && m.positions[at] == i) {
                assert_int_equal(m.labels[at++], m.before[i]);
                assert_true(m.before[i] > 4);                   /* never a special token */
                assert_true(m.ids[i] >= 4 && m.ids[i] < VOCAB); /* [MASK] or an ordinary one */
            } else {
                assert_int_equal(m.ids[i], m.before[i]);
            }
        }
        assert_int_equal(at, m.n_labels);
    }
}

/* Shares and evenness over many records, each within 4.5 sigma: the seed is fixed, so a failure
 * is no bad luck. */
static void the_shares_are_right(void **state)
{
    struct mask_cfg cfg = MASK_CFG_DEFAULT;
    static struct masked m;
    double labels = 0, masked = 0, kept = 0, low = 0, changed = 0, halves[2] = {0};

    (void)state;
    for (uint64_t record = 0; record < RECORDS; record++) {
        make(&m, &cfg, record);
        for (size_t i = 0; i < m.n_labels; i++) {
            int32_t id = m.ids[m.positions[i]];

            labels++;
            masked += id == 4;
            kept += id == m.labels[i];
            if (id != 4 && id != m.labels[i]) {
                changed++;
                low += id < 5 + (VOCAB - 5) / 2;
            }
            halves[m.positions[i] >= m.n / 2]++;
        }
    }
    assert_true(labels > 70000);
    assert_true(fabs(masked / labels - 0.8) < 4.5 * sqrt(0.16 / labels));
    assert_true(fabs(kept / labels - 0.1) < 4.5 * sqrt(0.09 / labels) + 0.1 / VOCAB);
    assert_true(fabs(low / changed - 0.5) < 4.5 * sqrt(0.25 / changed));
    assert_true(fabs(halves[0] - halves[1]) < 4.5 * sqrt(labels));
}

static void a_function_of_seed_epoch_and_record(void **state)
{
    struct mask_cfg cfg = MASK_CFG_DEFAULT, seed = MASK_CFG_DEFAULT, epoch = MASK_CFG_DEFAULT;
    static struct masked a, b;

    (void)state;
    seed.seed = 2;
    epoch.epoch = 1;
    make(&a, &cfg, 11);
    make(&b, &cfg, 11);
    assert_memory_equal(a.ids, b.ids, a.n * sizeof *a.ids);
    assert_true(a.n_labels > 10);
    make(&b, &seed, 11);
    assert_memory_not_equal(a.positions, b.positions, a.n_labels * sizeof *a.positions);
    make(&b, &epoch, 11);
    assert_memory_not_equal(a.positions, b.positions, a.n_labels * sizeof *a.positions);
    memcpy(b.ids, a.before, a.n * sizeof *a.ids); /* the same sequence, another number */
    assert_int_equal(
        mask_apply(&cfg, &info, 12, b.ids, a.n, b.positions, b.labels, &b.n_labels, NULL),
        RF_OK);
    assert_memory_not_equal(a.positions, b.positions, a.n_labels * sizeof *a.positions);
}

static void the_ends_of_the_shares(void **state)
{
    struct mask_cfg cfg = MASK_CFG_DEFAULT;
    static struct masked m;

    (void)state;
    cfg.rate = 0;
    make(&m, &cfg, 3);
    assert_int_equal(m.n_labels, 0);
    cfg = (struct mask_cfg){.rate = 1, .mask_part = 1, .seed = 1};
    make(&m, &cfg, 3);
    assert_int_equal(m.n_labels, m.ordinary);
    for (size_t i = 0; i < m.n; i++)
        assert_int_equal(m.ids[i], m.before[i] > 4 ? 4 : m.before[i]);
    cfg = (struct mask_cfg){.rate = 1, .seed = 1}; /* labels alone */
    make(&m, &cfg, 3);
    assert_int_equal(m.n_labels, m.ordinary);
    assert_memory_equal(m.ids, m.before, m.n * sizeof *m.ids);
}

/* Special tokens may stand anywhere in a vocabulary; a random one is never special. */
static void special_tokens_anywhere(void **state)
{
    struct mask_cfg cfg = {.rate = 1, .random_part = 1, .seed = 1};
    struct shard_info odd = info;
    int seen[12] = {0};

    (void)state;
    odd.vocab_size = 12;
    odd.special = (struct special_ids){11, 0, -1, 5, 6};
    for (uint64_t record = 0; record < 1000; record++) {
        int32_t ids[3] = {1, 5, 2}, labels[3];
        uint32_t positions[3];
        size_t n;

        assert_int_equal(mask_apply(&cfg, &odd, record, ids, 3, positions, labels, &n, NULL),
                         RF_OK);
        assert_int_equal(n, 2);
        assert_int_equal(ids[1], 5);
        seen[ids[0]]++;
        seen[ids[2]]++;
    }
    for (int id = 0; id < 12; id++)
        if (id == 11 || id == 0 || id == 5 || id == 6)
            assert_int_equal(seen[id], 0);
        else
            assert_in_range(seen[id], 180, 320); /* 250, sigma 15 */
}

static void no_mask_no_masking(void **state)
{
    struct mask_cfg cfg = MASK_CFG_DEFAULT;
    struct shard_info none = info;
    int32_t ids[1] = {7}, labels[1];
    uint32_t positions[1];
    struct errbuf eb = {0};
    size_t n;

    (void)state;
    none.special.mask = -1;
    assert_int_equal(mask_apply(&cfg, &none, 0, ids, 1, positions, labels, &n, &eb), RF_EINVAL);
    assert_string_equal(eb.text, "the vocabulary has no [MASK]");
}

/* Words of a vocabulary whose ids from 600 on are pieces. */
static const bool *pieces(void)
{
    static bool piece[VOCAB];

    for (int id = 600; id < VOCAB; id++)
        piece[id] = true;
    return piece;
}

/* Does position i go on the word of i - 1? */
static bool goes_on(const struct masked *m, const bool *piece, size_t i)
{
    return i > 0 && m->before[i] > 4 && m->before[i - 1] > 4 && piece[m->before[i]];
}

static void words_are_chosen_whole(void **state)
{
    struct mask_cfg cfg = MASK_CFG_DEFAULT;
    static struct masked m;
    size_t labels = 0, wanted = 0;

    (void)state;
    cfg.piece = pieces();
    for (uint64_t record = 0; record < RECORDS; record++) {
        bool chosen[N] = {false};
        size_t want, words = 0;

        make(&m, &cfg, record);
        for (size_t i = 0; i < m.n_labels; i++)
            chosen[m.positions[i]] = true;
        for (size_t i = 0; i < m.n; i++) {
            words += chosen[i] && !goes_on(&m, cfg.piece, i);
            if (goes_on(&m, cfg.piece, i))
                assert_int_equal(chosen[i], chosen[i - 1]);
        }
        want = (size_t)(0.15 * (double)m.ordinary + 0.5);
        assert_true(m.n_labels <= want || words == 1);
        assert_true(m.n_labels > 0 || m.ordinary == 0);
        labels += m.n_labels;
        wanted += want;
    }
    assert_true(labels > 0.99 * (double)wanted);
}

/* One span a record, in sequences so long that none is cut short: lengths as 1 / k. */
static void span_lengths_are_as_promised(void **state)
{
    enum { LONG = 8000, MOST = 4 };
    struct mask_cfg cfg = {.rate = 4e-4, .span = MOST, .seed = 1}; /* a budget of 3 */
    double counts[MOST] = {0}, total = 0;
    static int32_t ids[LONG], labels[LONG];
    static uint32_t positions[LONG];

    (void)state;
    for (uint64_t record = 0; record < 4000; record++) {
        size_t n, run = 1;

        for (size_t i = 0; i < LONG; i++)
            ids[i] = 7;
        assert_int_equal(
            mask_apply(&cfg, &info, record, ids, LONG, positions, labels, &n, NULL), RF_OK);
        assert_int_equal(n, 3);
        while (run < n && positions[run] == positions[run - 1] + 1)
            run++;
        counts[run]++;
        total++;
    }
    /* The lowest span of a record: 3 with P(3) + P(4) cut to 3 = 7/25; 1 + 2 and 2 + 1 in one
     * order or the other; else three of 1. P(1) = 12/25, P(2) = 6/25. */
    double p1 = 12 / 25.0, p2 = 6 / 25.0, p3 = 7 / 25.0, two = p2 + p1 * (1 - p1);

    assert_true(fabs(counts[3] / total - p3) < 4.5 * sqrt(p3 * (1 - p3) / total));
    assert_true(fabs(counts[2] / total - two / 2) <
                4.5 * sqrt(two / 2 * (1 - two / 2) / total));
}

/* A span ends before a special token, and stays inside the budget. */
static void spans_stay_inside(void **state)
{
    struct mask_cfg cfg = {.rate = 0.5, .mask_part = 1, .span = 10, .seed = 1};
    static struct masked m;
    size_t runs = 0, labels = 0;

    (void)state;
    for (uint64_t record = 0; record < RECORDS; record++) {
        make(&m, &cfg, record);
        assert_int_equal(m.n_labels,
                         m.ordinary == 1 ? 1 : (size_t)(0.5 * (double)m.ordinary + 0.5));
        for (size_t i = 0; i < m.n_labels; i++) {
            assert_true(m.labels[i] > 4);
            runs += i == 0 || m.positions[i] != m.positions[i - 1] + 1;
        }
        labels += m.n_labels;
    }
    assert_true(labels >
                2 * runs + runs / 2); /* alone, runs would be of 2 at half the tokens */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_laws_hold),
        cmocka_unit_test(the_shares_are_right),
        cmocka_unit_test(a_function_of_seed_epoch_and_record),
        cmocka_unit_test(the_ends_of_the_shares),
        cmocka_unit_test(special_tokens_anywhere),
        cmocka_unit_test(no_mask_no_masking),
        cmocka_unit_test(words_are_chosen_whole),
        cmocka_unit_test(span_lengths_are_as_promised),
        cmocka_unit_test(spans_stay_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
