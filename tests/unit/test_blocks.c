/* test_blocks: shards read by blocks, the order in which they come, and mixes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/rng.h"
#include "shard/block_order.h"
#include "shard/mix.h"
#include "shard/shard_format.h"
#include "shard/turns.h"

enum { MAX_LEN = 40 };

/* Room for a record, as a mix gives it. */
struct room {
    int32_t ids[MAX_LEN], labels[MAX_LEN];
    uint32_t positions[MAX_LEN];
};

/* Record i of a corpus that only its number decides. */
static struct shard_record make_record(struct room *room, enum shard_kind kind, uint64_t i)
{
    struct rng r = rng_stream(i, 0, 0, RNG_TEST);
    struct shard_record rec = {.doc = i, .ids = room->ids};

    rec.n_ids = 1 + (size_t)rng_below(r, 1, MAX_LEN);
    for (size_t k = 0; k < rec.n_ids; k++)
        room->ids[k] = (int32_t)rng_below(r, 100 + k, 300);
    if (kind == SHARD_MASKED) {
        rec.positions = room->positions;
        rec.labels = room->labels;
        for (size_t k = 0; k < rec.n_ids; k += 7) {
            room->positions[rec.n_labels] = (uint32_t)k;
            room->labels[rec.n_labels++] = (int32_t)k;
        }
    }
    return rec;
}

/* Append a part of records first, first + 1 and so on to a file. */
static void write_part(const char *name, enum shard_kind kind, int coding, uint64_t first,
                       uint64_t n)
{
    const struct shard_info info = {.kind = kind,
                                    .coding = coding,
                                    .vocab_size = 300,
                                    .max_len = MAX_LEN,
                                    .special = {0, 1, 2, 3, 4}};
    struct shard_writer *w = NULL;
    struct errbuf eb = {0};
    FILE *f = fopen(name, "ab");

    assert_non_null(f);
    assert_int_equal(shard_writer_open(&w, f, &info, &eb), RF_OK);
    for (uint64_t i = first; i < first + n; i++) {
        struct room room;
        struct shard_record rec = make_record(&room, kind, i);

        assert_int_equal(shard_write(w, &rec, &eb), RF_OK);
    }
    assert_int_equal(shard_writer_finish(w, &eb), RF_OK);
    assert_int_equal(fclose(f), 0);
}

/* A file of parts of these sizes, 0 at the end, of either coding by turns. */
static void write_file(const char *name, enum shard_kind kind, const uint64_t *sizes)
{
    uint64_t first = 0;

    unlink(name);
    for (size_t i = 0; sizes[i]; first += sizes[i++])
        write_part(name, kind, i % 2 ? SHARD_PLAIN : SHARD_PACKED, first, sizes[i]);
}

static void assert_record(const struct shard_record *got, enum shard_kind kind, uint64_t i)
{
    struct room room;
    struct shard_record want = make_record(&room, kind, i);

    assert_int_equal(got->doc, want.doc);
    assert_int_equal(got->n_ids, want.n_ids);
    assert_memory_equal(got->ids, want.ids, want.n_ids * sizeof *want.ids);
    assert_int_equal(got->n_labels, want.n_labels);
    if (want.n_labels) {
        assert_memory_equal(got->positions, want.positions,
                            want.n_labels * sizeof *want.positions);
        assert_memory_equal(got->labels, want.labels, want.n_labels * sizeof *want.labels);
    }
}

/* --- whose turn it is */

static double weight_of(const void *weights, size_t i)
{
    return ((const double *)weights)[i];
}

static void turns_are_counted_without_going_through_them(void **state)
{
    static const double weights[][4] = {
        {1, 1, 1, 1}, {3, 1, 0.001, 7}, {1e-6, 1, 1e6, 5}, {0.1, 0.2, 0.3, 0.4}};
    enum { TURNS = 20000 };

    (void)state;
    for (size_t w = 0; w < 4; w++) {
        uint64_t limit[4], had[4] = {0};
        struct turns t = {.limit = limit, .n = 4, .start = 0x9876543u * (uint32_t)w};

        turns_begin(&t, weight_of, weights[w]);
        for (uint64_t i = 0; i < TURNS; i++) {
            for (size_t s = 0; s < 4; s++)
                assert_int_equal(turns_before(&t, s, i), had[s]);
            had[turns_whose(&t, i)]++;
        }
        for (size_t s = 0; s < 4; s++) { /* evenly, and over and over */
            double share =
                weights[w][s] / (weights[w][0] + weights[w][1] + weights[w][2] + weights[w][3]);

            assert_true((double)had[s] > share * TURNS - 8 &&
                        (double)had[s] < share * TURNS + 8);
            assert_int_equal(turns_before(&t, s, ((uint64_t)5 << 32) + TURNS),
                             5 * (limit[s] - (s ? limit[s - 1] : 0)) + had[s]);
        }
    }
}

/* --- the order */

static const uint64_t firsts[] = {0, 100, 103, 200, 201, 350, 351, 352, 450, 600, 731};
enum { BLOCKS = 10, RECORDS = 731, PASSES = 3 };

static size_t block_of(uint64_t record)
{
    size_t i = 0;

    while (firsts[i + 1] <= record)
        i++;
    return i;
}

/* Look at a record: its block must be open. */
static uint64_t look(struct block_order *o, uint64_t i)
{
    size_t n, k = 0;
    bool turned;
    uint64_t record = block_order_at(o, i, &turned);
    const uint32_t *open = block_order_open(o, &n);

    assert_true(record < RECORDS);
    while (k < n && open[k] != block_of(record))
        k++;
    assert_true(k < n);
    return record;
}

static void a_pass_has_each_record_once(void **state)
{
    (void)state;
    for (size_t window = 1; window <= BLOCKS; window++) {
        const struct block_order_cfg cfg = {
            .first = firsts, .blocks = BLOCKS, .window = window, .seed = 5, .source = 2};
        static uint64_t order[PASSES * RECORDS];
        struct block_order *o = NULL;
        uint64_t same = 0;

        assert_int_equal(block_order_new(&o, &cfg, NULL), RF_OK);
        for (uint64_t pass = 0; pass < PASSES; pass++) {
            bool seen[RECORDS] = {false};

            for (uint64_t k = 0; k < RECORDS; k++) {
                uint64_t i = pass * RECORDS + k;

                order[i] = look(o, i);
                assert_false(seen[order[i]]);
                seen[order[i]] = true;
                same += pass && order[i] == order[i - RECORDS];
            }
        }
        assert_true(same < PASSES * 10);                  /* of another order in each pass */
        for (uint64_t i = 0; i < PASSES * RECORDS; i++) { /* any place, in any order */
            uint64_t k = rng_permute(rng_stream(1, 0, 0, RNG_TEST), i, PASSES * RECORDS);

            assert_int_equal(look(o, k), order[k]);
        }
        block_order_free(o);
    }
}

/* Each block gives its records in as many turns as are open at a time, an equal share in each:
 * neighbours lie far apart, and those of one turn come from all open blocks. */
static void neighbours_are_parted(void **state)
{
    enum { N = 64, EACH = 128, WINDOW = 8 };
    static uint64_t first[N + 1], place[N * EACH];
    const struct block_order_cfg cfg = {
        .first = first, .blocks = N, .window = WINDOW, .seed = 3};
    struct block_order *o = NULL;
    uint64_t turns = 0;
    double apart = 0;
    bool turned;

    (void)state;
    for (size_t i = 0; i <= N; i++)
        first[i] = i * EACH;
    assert_int_equal(block_order_new(&o, &cfg, NULL), RF_OK);
    for (uint64_t i = 0; i < N * EACH; i++) {
        place[block_order_at(o, i, &turned)] = i;
        turns += turned;
    }
    assert_int_equal(turns, N);
    for (uint64_t i = 0; i < N * EACH; i++) {
        if (i % EACH)
            apart += place[i] > place[i - 1] ? (double)(place[i] - place[i - 1])
                                             : (double)(place[i - 1] - place[i]);
    }
    /* Two of uniform places in 8 turns are a third of them apart; more where a block is open at
     * both ends of a pass. */
    assert_true(apart / (N * (EACH - 1)) > WINDOW * EACH / 3.0);
    block_order_free(o);
}

/* --- reading */

static void assert_reads(struct shard_blocks *b, enum shard_kind kind, uint64_t i)
{
    struct shard_record got;
    struct errbuf eb = {0};
    struct room room;

    if (shard_blocks_get(b, i, room.ids, room.positions, room.labels, &got, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_record(&got, kind, i);
}

static void blocks_give_each_record(void **state)
{
    static const uint64_t sizes[] = {300, 1, 700, 20, 979, 0};
    static const enum shard_kind kinds[] = {SHARD_SEQUENCES, SHARD_MASKED};

    (void)state;
    for (size_t k = 0; k < 4; k++) {
        struct shard_blocks *b = NULL;
        struct errbuf eb = {0};

        write_file("a.rfs", kinds[k % 2], sizes);
        assert_int_equal(shard_blocks_open(&b, "a.rfs", &eb), RF_OK);
        assert_int_equal(shard_blocks_totals(b).records, 2000);
        assert_int_equal(shard_blocks_count(b), 5);
        assert_int_equal(shard_blocks_first(b, 3), 1001);
        assert_int_equal(shard_blocks_first(b, 5), 2000);
        shard_blocks_hold(b, k < 2 ? 0 : 1 << 30);
        for (uint64_t i = 0; i < 2000; i += 201) /* each a block's first use, or not */
            assert_reads(b, kinds[k % 2], rng_permute(rng_stream(2, 0, 0, RNG_TEST), i, 2000));
        for (uint32_t i = 0; i < 4; i++) { /* with a thread that reads ahead */
            uint32_t want[] = {i, i + 1};

            shard_blocks_want(b, want, 2);
            for (uint64_t r = shard_blocks_first(b, i); r < shard_blocks_first(b, i + 2); r++)
                assert_reads(b, kinds[k % 2], r);
        }
        shard_blocks_close(b);
    }
}

/* Frames of a packed part are read by groups. */
static void groups_of_frames_are_one_block(void **state)
{
    enum { EACH = 51000 }; /* records: a frame has about 2 MB of them, and a little less */
    struct shard_blocks *b = NULL;
    struct errbuf eb = {0};

    (void)state;
    unlink("a.rfs");
    write_part("a.rfs", SHARD_SEQUENCES, SHARD_PACKED, 0, 18 * EACH);
    assert_int_equal(shard_blocks_open(&b, "a.rfs", &eb), RF_OK);
    assert_true(shard_blocks_totals(b).frames > 16);
    assert_int_equal(shard_blocks_count(b), (shard_blocks_totals(b).frames + 15) / 16);
    assert_true(shard_blocks_count(b) > 1);
    for (uint64_t i = 18 * EACH - 1; i > 9 * EACH; i -= 8 * EACH)
        assert_reads(b, SHARD_SEQUENCES, i);
    shard_blocks_close(b);
}

struct seen {
    uint64_t records, tokens;
};

static void see(void *self, const struct shard_record *r)
{
    struct seen *s = self;

    s->records++;
    s->tokens += r->n_ids;
}

static void a_small_shard_is_its_own_sample(void **state)
{
    static const uint64_t sizes[] = {300, 200, 0};
    struct shard_blocks *b = NULL;
    struct seen s = {0};
    uint64_t tokens;

    (void)state;
    write_file("a.rfs", SHARD_SEQUENCES, sizes);
    assert_int_equal(shard_blocks_open(&b, "a.rfs", NULL), RF_OK);
    assert_int_equal(shard_blocks_sample(b, 4, see, &s, &tokens, NULL), RF_OK);
    assert_int_equal(s.records, 500);
    assert_int_equal(s.tokens, shard_blocks_totals(b).tokens);
    assert_int_equal(tokens, s.tokens);
    assert_int_equal(shard_blocks_sample(b, 0, see, &s, &tokens, NULL), RF_OK);
    assert_int_equal(tokens, 0);
    shard_blocks_close(b);
}

/* --- files that change */

static const uint64_t three[] = {200, 300, 200, 0};

/* Read everything: the first error is in *eb. */
static int read_all(struct shard_blocks *b, struct errbuf *eb)
{
    int rc = RF_OK;

    for (uint64_t i = 0; i < 700 && rc == RF_OK; i++) {
        struct shard_record got;
        struct room room;

        rc = shard_blocks_get(b, i, room.ids, room.positions, room.labels, &got, eb);
        if (rc == RF_OK)
            assert_record(&got, SHARD_SEQUENCES, i);
    }
    return rc;
}

static off_t size_of(const char *name)
{
    struct stat st;

    assert_int_equal(stat(name, &st), 0);
    return st.st_size;
}

/* Each byte that is another one is an error that names the file; which of them is found when it
 * is opened, and which when it is read, is all the same. */
static void damage_is_found(void **state)
{
    off_t size;

    (void)state;
    write_file("a.rfs", SHARD_SEQUENCES, three);
    size = size_of("a.rfs");
    for (off_t at = 0; at < size; at += at < 200 || at > size - 200 ? 5 : 199) {
        struct shard_blocks *b = NULL;
        struct errbuf eb = {0};
        int fd = open("a.rfs", O_RDWR), rc;
        char was, is;

        assert_true(pread(fd, &was, 1, at) == 1);
        is = (char)(was ^ 0x10);
        assert_true(pwrite(fd, &is, 1, at) == 1);
        rc = shard_blocks_open(&b, "a.rfs", &eb);
        if (rc == RF_OK)
            rc = read_all(b, &eb);
        if (rc == RF_OK) /* then it is in a digest that only who reads all can check */
            assert_int_equal(shard_blocks_totals(b).records, 700);
        else
            assert_non_null(strstr(eb.text, "'a.rfs'"));
        shard_blocks_close(b);
        assert_true(pwrite(fd, &was, 1, at) == 1);
        close(fd);
    }
}

static void a_file_may_be_cut_off_or_replaced_while_it_is_read(void **state)
{
    struct shard_blocks *b = NULL;
    struct errbuf eb = {0};
    off_t size;

    (void)state;
    write_file("a.rfs", SHARD_SEQUENCES, three);
    size = size_of("a.rfs");
    assert_int_equal(shard_blocks_open(&b, "a.rfs", &eb), RF_OK);
    assert_int_equal(rename("a.rfs", "b.rfs"), 0);
    write_part("a.rfs", SHARD_SEQUENCES, SHARD_PLAIN, 1000, 700);
    assert_int_equal(read_all(b, &eb), RF_OK); /* it is still the same file */
    assert_int_equal(truncate("b.rfs", size / 2), 0);
    assert_int_equal(read_all(b, &eb), RF_ETRUNC);
    assert_non_null(strstr(eb.text, "'a.rfs' is cut off at byte"));
    shard_blocks_close(b);
}

static void what_cannot_be_read_by_blocks_is_refused(void **state)
{
    struct shard_blocks *b = NULL;
    struct errbuf eb = {0};
    FILE *f = fopen("tokens.rfs", "wb");
    const struct shard_info info = {.kind = SHARD_TOKENS, .vocab_size = 9};
    struct shard_writer *w = NULL;

    (void)state;
    assert_int_equal(shard_blocks_open(&b, "-", &eb), RF_EINVAL);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(shard_blocks_open(&b, "fifo", &eb), RF_EIO);
    assert_string_equal(eb.text, "cannot read 'fifo': not a plain file");
    assert_int_equal(unlink("fifo"), 0);
    assert_int_equal(shard_writer_open(&w, f, &info, &eb), RF_OK);
    assert_int_equal(shard_writer_finish(w, &eb), RF_OK);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(shard_blocks_open(&b, "tokens.rfs", &eb), RF_EFORMAT);
    assert_string_equal(eb.text, "'tokens.rfs' holds records of kind tokens, not sequences");
}

/* --- mixes */

static const struct mix_source sources[] = {{"a.rfs", 1}, {"b.rfs", 2.5}, {"c.rfs", 0.25}};

static void write_sources(void)
{
    static const uint64_t sizes[][6] = {{100, 50, 30, 0}, {500, 0}, {7, 8, 9, 10, 11, 0}};

    for (size_t i = 0; i < 3; i++)
        write_file(sources[i].name, SHARD_SEQUENCES, sizes[i]);
}

static bool same_place(struct mix_place a, struct mix_place b)
{
    return a.source == b.source && a.record == b.record && a.pass == b.pass;
}

/* Whole, behind many marks too, and by blocks; of one source and of several. */
static void a_mix_may_be_entered_anywhere(void **state)
{
    enum { DRAWS = 200000 };
    static struct mix_place place[DRAWS];

    (void)state;
    write_sources();
    for (size_t k = 0; k < 4; k++) {
        const struct mix_cfg cfg = {.seed = 9, .by_blocks = k / 2, .window = 4000};
        struct rng order = rng_stream(3, 0, 0, RNG_TEST);
        struct errbuf eb = {0};
        struct mix *m = NULL, *late = NULL;

        assert_int_equal(mix_open(&m, sources, k % 2 ? 3 : 1, &cfg, &eb), RF_OK);
        assert_int_equal(mix_open(&late, sources, k % 2 ? 3 : 1, &cfg, &eb), RF_OK);
        for (size_t i = 0; i < DRAWS; i++)
            place[i] = mix_draw(m);
        for (uint64_t i = 0; i < 300; i++) {
            uint64_t at = rng_below(order, i, DRAWS);

            mix_seek(m, at);
            assert_true(same_place(mix_draw(m), place[at]));
            mix_seek(late, at);
            assert_true(same_place(mix_draw(late), place[at]));
            if (at + 1 < DRAWS)
                assert_true(same_place(mix_draw(late), place[at + 1]));
        }
        mix_free(m);
        mix_free(late);
    }
}

/* Held or read again, blocks give the same. */
static void a_mix_by_blocks_does_not_depend_on_memory(void **state)
{
    struct mix_cfg cfg = {.seed = 4, .by_blocks = true, .window = 3000};
    struct errbuf eb = {0};
    struct mix *small = NULL, *large = NULL;

    (void)state;
    write_sources();
    assert_int_equal(mix_open(&small, sources, 3, &cfg, &eb), RF_OK);
    assert_int_equal(mix_open(&large, sources, 3, &cfg, &eb), RF_OK);
    assert_true(mix_hold_more(large, 1 << 30) > 0);
    assert_int_equal(mix_hold_more(large, 1 << 30), 0);
    assert_true(mix_bytes(large) > mix_bytes(small));
    for (size_t i = 0; i < 1000; i++) {
        struct shard_record a, b;

        assert_int_equal(mix_next(small, &a, &eb), RF_OK);
        assert_int_equal(mix_next(large, &b, &eb), RF_OK);
        assert_int_equal(a.doc, b.doc);
        assert_int_equal(a.n_ids, b.n_ids);
        assert_memory_equal(a.ids, b.ids, a.n_ids * sizeof *a.ids);
    }
    mix_free(small);
    mix_free(large);
}

/* What would not fit is not read. */
static void a_whole_source_must_fit(void **state)
{
    struct mix_cfg cfg = {.seed = 4, .memory = 20000};
    struct errbuf eb = {0};
    struct mix *m = NULL;

    (void)state;
    write_sources();
    assert_int_equal(mix_open(&m, sources, 1, &cfg, &eb), RF_OK);
    mix_free(m);
    m = NULL;
    assert_int_equal(mix_open(&m, sources, 2, &cfg, &eb), RF_ERANGE);
    assert_non_null(strstr(eb.text, "'b.rfs' takes "));
    assert_non_null(strstr(eb.text, " is left for it: data.read blocks takes less"));
    assert_null(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_are_counted_without_going_through_them),
        cmocka_unit_test(a_pass_has_each_record_once),
        cmocka_unit_test(neighbours_are_parted),
        cmocka_unit_test(blocks_give_each_record),
        cmocka_unit_test(groups_of_frames_are_one_block),
        cmocka_unit_test(a_small_shard_is_its_own_sample),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(a_file_may_be_cut_off_or_replaced_while_it_is_read),
        cmocka_unit_test(what_cannot_be_read_by_blocks_is_refused),
        cmocka_unit_test(a_mix_may_be_entered_anywhere),
        cmocka_unit_test(a_mix_by_blocks_does_not_depend_on_memory),
        cmocka_unit_test(a_whole_source_must_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
