/* test_train_set.c: sequences sorted by length in groups of batches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/rng.h"
#include "data/train_set.h"
#include "shard/shard.h"

enum {
    MAX_LEN = 64,
    RECORDS = 300,
    BATCH = 4,
    GROUP = 8,
    IN_GROUP = BATCH * GROUP,
    SEEN = 800
};

static const char name[] = "lengths.rfs";

/* A shard whose record i has the id 5 + i, as often as it is long. */
static void write_shard(void)
{
    const struct shard_info info = {.kind = SHARD_SEQUENCES,
                                    .vocab_size = 5 + RECORDS,
                                    .max_len = MAX_LEN,
                                    .special = {0, 1, 2, 3, 4}};
    struct shard_writer *w = NULL;
    FILE *f = fopen(name, "wb");

    assert_non_null(f);
    assert_int_equal(shard_writer_open(&w, f, &info, NULL), RF_OK);
    for (uint64_t i = 0; i < RECORDS; i++) {
        int32_t ids[MAX_LEN];
        struct shard_record r = {.doc = i, .ids = ids};

        r.n_ids = 2 + (size_t)rng_below(rng_stream(1, 0, 0, RNG_TEST), i, MAX_LEN - 1);
        for (size_t k = 0; k < r.n_ids; k++)
            ids[k] = 5 + (int32_t)i;
        assert_int_equal(shard_write(w, &r, NULL), RF_OK);
    }
    assert_int_equal(shard_writer_finish(w, NULL), RF_OK);
    assert_int_equal(fclose(f), 0);
}

static struct train_set *load(size_t group, uint64_t seed)
{
    const struct train_set_cfg cfg = {
        .next_token = true, .mask.seed = seed, .batch = BATCH, .group = group};
    char word[sizeof name], *words[] = {word};
    struct train_set *s = NULL;

    memcpy(word, name, sizeof name);
    assert_int_equal(train_set_load(&s, words, 1, &cfg, NULL), RF_OK);
    return s;
}

/* Record i of the order: which one it is; *len becomes its length. */
static int32_t record(struct train_set *s, uint64_t i, size_t *len)
{
    int32_t ids[MAX_LEN], labels[MAX_LEN];
    uint32_t positions[MAX_LEN];
    size_t n_labels;

    assert_int_equal(train_set_get(s, i, ids, len, positions, labels, &n_labels, NULL), RF_OK);
    return ids[0];
}

static int by_number(const void *a, const void *b)
{
    return *(const int32_t *)a - *(const int32_t *)b;
}

/* A group has the records that it would have without sorting, and each batch those that are
 * next to each other in length. */
static void groups_keep_their_records(void **state)
{
    struct train_set *plain = load(0, 1), *sorted = load(GROUP, 1);
    bool shuffled = false;

    (void)state;
    for (uint64_t g = 0; g < SEEN / IN_GROUP; g++) {
        int32_t a[IN_GROUP], b[IN_GROUP];
        size_t shortest[GROUP], longest[GROUP], len;

        for (size_t k = 0; k < IN_GROUP; k++) {
            size_t batch = k / BATCH;

            a[k] = record(plain, g * IN_GROUP + k, &len);
            b[k] = record(sorted, g * IN_GROUP + k, &len);
            if (k % BATCH == 0)
                shortest[batch] = longest[batch] = len;
            shortest[batch] = len < shortest[batch] ? len : shortest[batch];
            longest[batch] = len > longest[batch] ? len : longest[batch];
        }
        qsort(a, IN_GROUP, sizeof *a, by_number);
        qsort(b, IN_GROUP, sizeof *b, by_number);
        assert_memory_equal(a, b, sizeof a);
        for (size_t i = 0; i < GROUP; i++)
            for (size_t k = 0; k < GROUP; k++) {
                assert_true(i == k || longest[i] <= shortest[k] || longest[k] <= shortest[i]);
                shuffled |= i < k && longest[k] < shortest[i];
            }
    }
    assert_true(shuffled);
    train_set_free(plain);
    train_set_free(sorted);
}

/* Any record may be asked for first, as a run does that goes on. */
static void places_need_no_past(void **state)
{
    struct train_set *whole = load(GROUP, 1), *other = load(GROUP, 2);
    bool differs = false;

    (void)state;
    for (uint64_t i = 0; i < SEEN; i += 37) {
        struct train_set *part = load(GROUP, 1);
        size_t len, len2;

        assert_int_equal(record(whole, i, &len), record(part, i, &len2));
        assert_int_equal(len, len2);
        differs |= record(other, i, &len) != record(whole, i, &len);
        train_set_free(part);
    }
    assert_true(differs);
    train_set_free(whole);
    train_set_free(other);
}

/* A group that is asked to be larger than a pass is one: no record comes twice in it. */
static void a_group_is_at_most_a_pass(void **state)
{
    struct train_set *s = load(10 * RECORDS, 1);
    bool seen[5 + RECORDS] = {false};
    size_t len;

    (void)state;
    for (uint64_t i = 0; i < RECORDS; i++) {
        int32_t id = record(s, i, &len);

        assert_false(seen[id]);
        seen[id] = true;
    }
    train_set_free(s);
}

static int in_folder(void **state)
{
    static char folder[] = "/tmp/test_train_set.XXXXXX";

    *state = folder;
    if (!mkdtemp(folder) || chdir(folder) != 0)
        return -1;
    write_shard();
    return 0;
}

static int leave(void **state)
{
    return unlink(name) || chdir("/") || rmdir(*state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_keep_their_records),
        cmocka_unit_test(places_need_no_past),
        cmocka_unit_test(a_group_is_at_most_a_pass),
    };

    return cmocka_run_group_tests(tests, in_folder, leave);
}
