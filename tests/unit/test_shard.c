/* test_shard: rf-shard(5) as its writer writes and its reader reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/rng.h"
#include "data/shard_format.h"

/* A shard in memory. */
struct bytes {
    char *data;
    size_t len;
};

/* Numbers of all records of a shard in one digest, so that two readings can be compared. */
struct reading {
    struct shard_totals totals;
    uint64_t sum;
};

static const struct shard_info tokens_info = {.kind = SHARD_TOKENS,
                                              .vocab_size = 300,
                                              .special = {0, 1, 2, 3, 4},
                                              .vocab_digest = {1, 2, 3},
                                              .chain = "wp-encode 0.1.0 lower-case=false\n"};

static struct shard_info info_of(enum shard_kind kind, uint32_t vocab_size, uint32_t max_len)
{
    struct shard_info info = tokens_info;

    info.kind = kind;
    info.vocab_size = vocab_size;
    info.max_len = kind == SHARD_TOKENS ? 0 : max_len;
    return info;
}

/* Record i of a corpus that only its number decides. */
struct record_room {
    int32_t ids[4096], labels[4096];
    uint32_t lens[64], positions[4096];
};

static struct shard_record make_record(struct record_room *room, const struct shard_info *info,
                                       uint64_t i)
{
    struct rng r = rng_stream(i, 0, 0, RNG_TEST);
    struct shard_record rec = {.doc = i, .ids = room->ids, .lens = room->lens};

    if (info->kind == SHARD_TOKENS) {
        rec.n_lens = (size_t)rng_below(r, 0, 6);
        for (size_t k = 0; k < rec.n_lens; k++)
            rec.n_ids += room->lens[k] = (uint32_t)rng_below(r, 10 + k, 20);
    } else {
        rec.n_ids = 1 + (size_t)rng_below(r, 1, info->max_len);
    }
    for (size_t k = 0; k < rec.n_ids; k++)
        room->ids[k] = (int32_t)rng_below(r, 100 + k, info->vocab_size);
    if (info->kind == SHARD_MASKED) {
        rec.positions = room->positions;
        rec.labels = room->labels;
        for (size_t k = 0; k < rec.n_ids; k++)
            if (rng_below(r, 9000 + k, 3) == 0) {
                room->positions[rec.n_labels] = (uint32_t)k;
                room->labels[rec.n_labels++] = (int32_t)rng_below(r, k, info->vocab_size);
            }
    }
    return rec;
}

static struct bytes write_shard(const struct shard_info *info, uint64_t first, uint64_t n)
{
    static struct record_room room;
    struct shard_writer *w = NULL;
    struct bytes b = {0};
    struct errbuf eb = {0};
    FILE *f = open_memstream(&b.data, &b.len);

    assert_non_null(f);
    assert_int_equal(shard_writer_open(&w, f, info, &eb), RF_OK);
    for (uint64_t i = first; i < first + n; i++) {
        struct shard_record rec = make_record(&room, info, i);

        if (shard_write(w, &rec, &eb) != RF_OK)
            fail_msg("%s", eb.text);
    }
    assert_int_equal(shard_writer_finish(w, &eb), RF_OK);
    assert_int_equal(fclose(f), 0);
    return b;
}

static void mix(uint64_t *sum, const void *p, size_t n)
{
    uint8_t digest[DIGEST64_BYTES];

    shard_digest64(digest, p, n);
    *sum = *sum * 31 + get_le64(digest);
}

static int read_all(struct shard_reader *r, struct reading *got, struct errbuf *eb)
{
    struct shard_record rec;
    int rc;

    while ((rc = shard_next(r, &rec, eb)) == 1) {
        mix(&got->sum, &rec.doc, sizeof rec.doc);
        mix(&got->sum, rec.ids, rec.n_ids * sizeof *rec.ids);
        mix(&got->sum, rec.lens, rec.n_lens * sizeof *rec.lens);
        mix(&got->sum, rec.positions, rec.n_labels * sizeof *rec.positions);
        mix(&got->sum, rec.labels, rec.n_labels * sizeof *rec.labels);
    }
    return rc;
}

/* Put bytes into a file without a name. */
static int memory_file(char name[64], const void *p, size_t n)
{
    int fd = memfd_create("shard", 0);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), (ssize_t)n);
    snprintf(name, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static int read_shard(const void *p, size_t n, struct reading *got, struct errbuf *eb)
{
    struct input *in = NULL;
    struct shard_reader *r = NULL;
    char name[64];
    int fd = memory_file(name, p, n), rc;

    *got = (struct reading){0};
    assert_int_equal(input_open(&in, name, INPUT_RAW, eb), RF_OK);
    if ((rc = shard_reader_open(&r, in, eb)) == RF_OK) {
        rc = read_all(r, got, eb);
        got->totals = shard_reader_totals(r);
    }
    shard_reader_close(r);
    input_close(in);
    close(fd);
    return rc;
}

/* What reading the records straight from where they are made would give. */
static struct reading expected(const struct shard_info *info, uint64_t first, uint64_t n)
{
    static struct record_room room;
    struct reading want = {0};

    for (uint64_t i = first; i < first + n; i++) {
        struct shard_record rec = make_record(&room, info, i);

        mix(&want.sum, &rec.doc, sizeof rec.doc);
        mix(&want.sum, rec.ids, rec.n_ids * sizeof *rec.ids);
        mix(&want.sum, rec.lens, rec.n_lens * sizeof *rec.lens);
        mix(&want.sum, rec.positions, rec.n_labels * sizeof *rec.positions);
        mix(&want.sum, rec.labels, rec.n_labels * sizeof *rec.labels);
        want.totals.records++;
        want.totals.tokens += rec.n_ids;
        want.totals.labels += rec.n_labels;
    }
    return want;
}

static void all_kinds_come_back(void **state)
{
    (void)state;
    for (int kind = SHARD_TOKENS; kind <= SHARD_MASKED; kind++)
        for (int wide = 0; wide < 2; wide++) {
            struct shard_info info =
                info_of((enum shard_kind)kind, wide ? 1 << 20 : 65536, wide ? 1 << 17 : 512);
            struct errbuf eb = {0};
            struct reading got, want;
            struct bytes b;

            if (wide && kind != SHARD_TOKENS)
                info.max_len = 4096; /* the room of a record */
            b = write_shard(&info, 5, 3000);
            want = expected(&info, 5, 3000);
            if (read_shard(b.data, b.len, &got, &eb) != RF_OK)
                fail_msg("kind %d: %s", kind, eb.text);
            assert_int_equal(got.sum, want.sum);
            assert_int_equal(got.totals.records, want.totals.records);
            assert_int_equal(got.totals.tokens, want.totals.tokens);
            assert_int_equal(got.totals.labels, want.totals.labels);
            assert_int_equal(got.totals.parts, 1);
            free(b.data);
        }
}

/* A stream that stops early must be noticed, whatever byte it stops at. */
static void every_cut_is_noticed(void **state)
{
    (void)state;
    for (int kind = SHARD_TOKENS; kind <= SHARD_MASKED; kind++) {
        struct shard_info info = info_of((enum shard_kind)kind, 300, 40);
        struct bytes b = write_shard(&info, 0, 5);
        struct reading got;

        for (size_t n = 0; n < b.len; n++) {
            struct errbuf eb = {0};
            int rc = read_shard(b.data, n, &got, &eb);

            if (rc != RF_ETRUNC)
                fail_msg("cut at %zu of %zu: %s (%s)", n, b.len, rf_strerror(rc), eb.text);
        }
        assert_int_equal(read_shard(b.data, b.len, &got, NULL), RF_OK);
        free(b.data);
    }
}

static void every_flipped_bit_is_noticed(void **state)
{
    struct shard_info info = info_of(SHARD_MASKED, 300, 40);
    struct bytes b = write_shard(&info, 0, 9);
    struct reading got;

    (void)state;
    for (size_t bit = 0; bit < 8 * b.len; bit++) {
        struct errbuf eb = {0};
        int rc;

        b.data[bit / 8] ^= (char)(1 << bit % 8);
        rc = read_shard(b.data, b.len, &got, &eb);
        if (rc >= 0 || !*eb.text)
            fail_msg("bit %zu of byte %zu flipped unnoticed", bit % 8, bit / 8);
        b.data[bit / 8] ^= (char)(1 << bit % 8);
    }
    assert_int_equal(read_shard(b.data, b.len, &got, NULL), RF_OK);
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_come_back),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(every_flipped_bit_is_noticed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
