/* test_shard: rf-shard(5) as its writer writes and its reader reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/rng.h"
#include "shard/shard_coding.h"
#include "shard/shard_set.h"

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

/* All tests run for each of the two. */
static int coding;

static struct shard_info tokens_info = {.kind = SHARD_TOKENS,
                                        .vocab_size = 300,
                                        .special = {0, 1, 2, 3, 4},
                                        .vocab_digest = {1, 2, 3},
                                        .chain = "wp-encode 0.1.0 lower-case=false\n"};

static struct shard_info info_of(enum shard_kind kind, uint32_t vocab_size, uint32_t max_len)
{
    struct shard_info info = tokens_info;

    info.kind = kind;
    info.coding = coding;
    info.vocab_size = vocab_size;
    info.max_len = kind == SHARD_TOKENS ? 0 : max_len;
    info.classes = kind == SHARD_CLASSES ? "good\nbad\n" : NULL;
    return info;
}

/* Record i of a corpus that only its number decides; each other one repeats some before it. */
struct record_room {
    int32_t ids[4096], labels[4096];
    uint32_t lens[64], positions[4096];
};

/* A passage of a token or more at the end of the sequence, and an answer in most of them. */
static void make_answer(struct record_room *room, struct shard_record *rec, struct rng r)
{
    uint32_t first = 1 + (uint32_t)rng_below(r, 2, rec->n_ids - 1),
             last = (uint32_t)rec->n_ids - 1;
    int32_t start = (int32_t)(first + rng_below(r, 3, last - first + 1));

    room->positions[0] = first;
    room->positions[1] = last;
    room->labels[0] = rng_below(r, 4, 4) ? start : 0;
    room->labels[1] =
        room->labels[0]
            ? start + (int32_t)rng_below(r, 5, (uint64_t)((int32_t)last - start + 1))
            : 0;
    rec->n_labels = 2;
}

static struct shard_record make_record(struct record_room *room, const struct shard_info *info,
                                       uint64_t i)
{
    struct rng r = rng_stream(i % 2 ? i / 16 : i, 0, 0, RNG_TEST);
    struct shard_record rec = {.doc = i, .ids = room->ids, .lens = room->lens};

    if (info->kind == SHARD_TOKENS) {
        rec.n_lens = (size_t)rng_below(r, 0, 6);
        for (size_t k = 0; k < rec.n_lens; k++)
            rec.n_ids += room->lens[k] = (uint32_t)rng_below(r, 10 + k, 20);
    } else {
        rec.n_ids = 1 + (size_t)rng_below(r, 1, info->max_len);
    }
    if (info->kind == SHARD_QA && rec.n_ids < 2)
        rec.n_ids = 2;
    for (size_t k = 0; k < rec.n_ids; k++)
        room->ids[k] = (int32_t)rng_below(r, 100 + k, info->vocab_size);
    if (info->kind >= SHARD_MASKED) {
        rec.positions = room->positions;
        rec.labels = room->labels;
    }
    if (info->kind == SHARD_QA)
        make_answer(room, &rec, r);
    if (info->kind == SHARD_CLASSES) {
        room->positions[0] = 0;
        room->labels[rec.n_labels++] = (int32_t)rng_below(r, 3, 2);
    }
    if (info->kind == SHARD_MASKED) {
        for (size_t k = 0; k < rec.n_ids; k++)
            if (rng_below(r, 9000 + k, 3) == 0) {
                room->positions[rec.n_labels] = (uint32_t)k;
                room->labels[rec.n_labels++] = (int32_t)rng_below(r, k, info->vocab_size);
            }
    }
    return rec;
}

static bool threaded;

static struct bytes write_shard(const struct shard_info *info, uint64_t first, uint64_t n)
{
    static struct record_room room;
    struct shard_writer *w = NULL;
    struct bytes b = {0};
    struct errbuf eb = {0};
    FILE *f = open_memstream(&b.data, &b.len);

    assert_non_null(f);
    assert_int_equal(shard_writer_open(&w, f, info, &eb), RF_OK);
    if (threaded)
        shard_writer_thread(w);
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

static void add_record(struct reading *to, const struct shard_record *r)
{
    mix(&to->sum, &r->doc, sizeof r->doc);
    mix(&to->sum, r->ids, r->n_ids * sizeof *r->ids);
    mix(&to->sum, r->lens, r->n_lens * sizeof *r->lens);
    mix(&to->sum, r->positions, r->n_labels * sizeof *r->positions);
    mix(&to->sum, r->labels, r->n_labels * sizeof *r->labels);
}

static int read_all(struct shard_reader *r, struct reading *got, struct errbuf *eb)
{
    struct shard_record rec;
    int rc;

    if (threaded)
        shard_reader_thread(r);
    while ((rc = shard_next(r, &rec, eb)) == 1)
        add_record(got, &rec);
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
static void add_expected(struct reading *want, const struct shard_info *info, uint64_t first,
                         uint64_t n)
{
    static struct record_room room;

    for (uint64_t i = first; i < first + n; i++) {
        struct shard_record rec = make_record(&room, info, i);

        add_record(want, &rec);
        want->totals.records++;
        want->totals.tokens += rec.n_ids;
        want->totals.labels += rec.n_labels;
    }
}

static void assert_read(const struct reading *got, const struct reading *want)
{
    assert_int_equal(got->sum, want->sum);
    assert_int_equal(got->totals.records, want->totals.records);
    assert_int_equal(got->totals.tokens, want->totals.tokens);
    assert_int_equal(got->totals.labels, want->totals.labels);
}

static void all_kinds_come_back(void **state)
{
    (void)state;
    for (int kind = SHARD_TOKENS; kind <= SHARD_CLASSES; kind++)
        for (int wide = 0; wide < 2; wide++) {
            struct shard_info info =
                info_of((enum shard_kind)kind, wide ? 65537 : 65536, wide ? 4096 : 512);
            struct errbuf eb = {0};
            struct reading got, want = {0};
            struct bytes b = write_shard(&info, 5, 3000);

            add_expected(&want, &info, 5, 3000);
            if (read_shard(b.data, b.len, &got, &eb) != RF_OK)
                fail_msg("kind %d: %s", kind, eb.text);
            assert_read(&got, &want);
            assert_int_equal(got.totals.parts, 1);
            if (kind != SHARD_TOKENS && wide)
                assert_true(got.totals.frames > 1);
            free(b.data);
        }
}

static struct bytes join(const struct bytes *parts, size_t n)
{
    struct bytes all = {0};

    for (size_t i = 0; i < n; i++)
        all.len += parts[i].len;
    assert_non_null(all.data = malloc(all.len + 1));
    for (size_t i = 0, at = 0; i < n; at += parts[i++].len)
        memcpy(all.data + at, parts[i].data, parts[i].len);
    return all;
}

static void joined_shards_are_one(void **state)
{
    struct shard_info info = info_of(SHARD_SEQUENCES, 300, 40);
    struct bytes parts[3] = {write_shard(&info, 0, 10), write_shard(&info, 10, 0),
                             write_shard(&info, 10, 7)};
    struct bytes all = join(parts, 3);
    struct reading got, want = {0};
    struct errbuf eb = {0};

    (void)state;
    add_expected(&want, &info, 0, 17);
    assert_int_equal(read_shard(all.data, all.len, &got, &eb), RF_OK);
    assert_read(&got, &want);
    assert_int_equal(got.totals.parts, 3);
    free(all.data);
    for (int i = 0; i < 3; i++)
        free(parts[i].data);
}

static void files_are_read_as_one(void **state)
{
    struct shard_info info = info_of(SHARD_MASKED, 300, 40),
                      other = info_of(SHARD_MASKED, 301, 40);
    struct bytes parts[3] = {write_shard(&info, 0, 10), write_shard(&info, 10, 7),
                             write_shard(&other, 0, 3)};
    char names[3][64], *list[3];
    struct reading got = {0}, want = {0};
    struct shard_reader *r = NULL;
    struct errbuf eb = {0};
    int fd[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        fd[i] = memory_file(names[i], parts[i].data, parts[i].len);
        list[i] = names[i];
    }
    add_expected(&want, &info, 0, 17);
    assert_int_equal(shard_files_open(&r, list, 2, &eb), RF_OK);
    assert_int_equal(read_all(r, &got, &eb), 0);
    got.totals = shard_reader_totals(r);
    assert_read(&got, &want);
    assert_int_equal(shard_reader_consumed(r), parts[0].len + parts[1].len);
    assert_int_equal(shard_reader_size(r), parts[0].len + parts[1].len);
    shard_reader_close(r);
    assert_int_equal(shard_files_open(&r, list, 3, &eb), RF_OK);
    assert_int_equal(read_all(r, &got, &eb), RF_EFORMAT);
    assert_non_null(strstr(eb.text, "differs in kind, vocabulary or length"));
    shard_reader_close(r);
    for (int i = 0; i < 3; i++) {
        close(fd[i]);
        free(parts[i].data);
    }
}

/* A stream that stops early must be noticed, whatever byte it stops at. */
static void every_cut_is_noticed(void **state)
{
    (void)state;
    for (int kind = SHARD_TOKENS; kind <= SHARD_CLASSES; kind++) {
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
    (void)state;
    for (int kind = SHARD_TOKENS; kind <= SHARD_CLASSES; kind++) {
        struct shard_info info = info_of((enum shard_kind)kind, 300, 40);
        struct bytes b = write_shard(&info, 0, 9);
        struct reading got;

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
}

/* Where the frames of a part lie: its header, pairs of lead and data, its end. */
static size_t find_frames(const struct bytes *b, size_t starts[], size_t most)
{
    size_t n = 0;

    for (size_t at = 0; at < b->len; n++) {
        const uint8_t *p = (const uint8_t *)b->data + at;

        assert_true(n < most);
        starts[n] = at;
        at += FRAME_HEAD_BYTES + get_le32(p + 4);
        if (get_le32(p) == FRAME_MAGIC_LEAD)
            at += get_le32(p + 8);
    }
    return n;
}

/* Frames in another order, twice or not at all: each frame alone is faultless. */
static void moved_frames_are_noticed(void **state)
{
    struct shard_info info = info_of(SHARD_TOKENS, 300, 0);
    struct bytes b = write_shard(&info, 0, coding == SHARD_PACKED ? 72000 : 36000);
    size_t at[16], n = find_frames(&b, at, 15);
    static const int orders[][6] = {
        {0, 1, 2, 3, 4, -1}, {0, 2, 1, 3, 4, -1}, {0, 1, 1, 2, 3, 4}, {0, 1, 3, 4, -1},
        {0, 1, 2, 3, -1},    {1, 2, 3, 4, -1},    {0, 2, 3, 4, -1},   {0, 1, 2, 3, 4, 4},
        {0, 4, -1},          {0, 0, 1, 2, 3, 4}};

    (void)state;
    assert_int_equal(n, 5); /* header, three frames, end */
    at[n] = b.len;
    for (size_t o = 0; o < sizeof orders / sizeof *orders; o++) {
        struct bytes frames[6] = {0}, moved;
        struct reading got;
        struct errbuf eb = {0};
        size_t k = 0;
        int rc;

        for (; k < 6 && orders[o][k] >= 0; k++) {
            int i = orders[o][k];

            frames[k] = (struct bytes){b.data + at[i], at[i + 1] - at[i]};
        }
        moved = join(frames, k);
        rc = read_shard(moved.data, moved.len, &got, &eb);
        if ((rc == RF_OK) != (o == 0))
            fail_msg("order %zu: %s (%s)", o, rf_strerror(rc), eb.text);
        free(moved.data);
    }
    free(b.data);
}

static void leftovers_are_noticed(void **state)
{
    struct shard_info info = info_of(SHARD_TOKENS, 300, 0);
    struct bytes b = write_shard(&info, 0, 5);
    static const char *const leftovers[] = {"x", "\n", "R", "garbage garbage garbage garbage"};
    struct reading got;

    (void)state;
    for (size_t i = 0; i < sizeof leftovers / sizeof *leftovers; i++) {
        struct bytes parts[2] = {b, {.len = strlen(leftovers[i])}}, all;
        struct errbuf eb = {0};
        char copy[64];
        int rc;

        snprintf(copy, sizeof copy, "%s", leftovers[i]);
        parts[1].data = copy;
        all = join(parts, 2);
        rc = read_shard(all.data, all.len, &got, &eb);
        if (*copy == 'R') /* the first byte of a header */
            assert_int_equal(rc, RF_ETRUNC);
        else
            assert_int_equal(rc, RF_EFORMAT);
        free(all.data);
    }
    free(b.data);
}

/* What cannot be is not written, and the writer goes on. */
static void bad_records_are_refused(void **state)
{
    struct shard_info info = info_of(SHARD_MASKED, 300, 4);
    const int32_t ids[] = {1, 2, 299, 4, 5}, beyond[] = {1, 300}, negative[] = {-1};
    const uint32_t up[] = {0, 3}, same[] = {1, 1}, outside[] = {0, 4};
    const struct shard_record bad[] = {
        {.ids = ids, .n_ids = 0},
        {.ids = ids, .n_ids = 5},
        {.ids = beyond, .n_ids = 2},
        {.ids = negative, .n_ids = 1},
        {.ids = ids, .n_ids = 4, .positions = same, .labels = ids, .n_labels = 2},
        {.ids = ids, .n_ids = 4, .positions = outside, .labels = ids, .n_labels = 2},
        {.ids = ids, .n_ids = 4, .positions = up, .labels = beyond, .n_labels = 2}};
    const struct shard_record good = {
        .ids = ids, .n_ids = 4, .positions = up, .labels = ids, .n_labels = 2};
    struct shard_writer *w = NULL;
    struct reading got;
    struct bytes b = {0};
    struct errbuf eb = {0};
    FILE *f = open_memstream(&b.data, &b.len);

    (void)state;
    assert_non_null(f);
    assert_int_equal(shard_writer_open(&w, f, &info, &eb), RF_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (shard_write(w, &bad[i], &eb) != RF_EINVAL)
            fail_msg("record %zu was written", i);
    assert_int_equal(shard_write(w, &good, &eb), RF_OK);
    assert_int_equal(shard_writer_finish(w, &eb), RF_OK);
    fclose(f);
    assert_int_equal(read_shard(b.data, b.len, &got, &eb), RF_OK);
    assert_int_equal(got.totals.records, 1);
    free(b.data);
}

static void bad_answers_and_classes_are_refused(void **state)
{
    static const int32_t ids[] = {1, 2, 3, 4}, classes[] = {1, 2, -1};
    static const struct {
        uint32_t passage[2];
        int32_t answer[2];
        bool good;
    } qa[] = {{{2, 3}, {2, 3}, true},  {{2, 2}, {2, 2}, true},  {{1, 3}, {0, 0}, true},
              {{0, 3}, {1, 2}, false}, {{3, 2}, {3, 3}, false}, {{2, 4}, {2, 3}, false},
              {{2, 3}, {1, 2}, false}, {{1, 2}, {2, 3}, false}, {{1, 3}, {3, 2}, false},
              {{1, 3}, {0, 2}, false}, {{1, 3}, {-1, 2}, false}};
    static const uint32_t at[] = {0, 1};
    struct shard_info infos[2] = {info_of(SHARD_QA, 300, 4), info_of(SHARD_CLASSES, 300, 4)};
    struct shard_writer *w[2] = {NULL, NULL};

    (void)state;
    for (int i = 0; i < 2; i++)
        assert_int_equal(shard_writer_open(&w[i], stderr, &infos[i], NULL), RF_OK);
    for (size_t i = 0; i < sizeof qa / sizeof *qa; i++) {
        const struct shard_record r = {.ids = ids,
                                       .n_ids = 4,
                                       .positions = qa[i].passage,
                                       .labels = qa[i].answer,
                                       .n_labels = 2};

        if ((shard_write(w[0], &r, NULL) == RF_OK) != qa[i].good)
            fail_msg("answer %zu", i);
    }
    for (size_t n = 0; n <= 2; n++)
        for (size_t first = 0; first < 2; first++)
            for (size_t class = 0; class < 2; class ++) {
                const struct shard_record r = {.ids = ids,
                                               .n_ids = 4,
                                               .positions = at + (n == 2 ? 0 : first),
                                               .labels = classes + class,
                                               .n_labels = n};

                if ((shard_write(w[1], &r, NULL) == RF_OK) !=
                    (n == 1 && first == 0 && class == 0))
                    fail_msg("%zu labels, the first at %zu", n, first);
            }
    for (int i = 0; i < 2; i++)
        shard_writer_abort(w[i]);
}

static void bad_headers_are_refused(void **state)
{
    static const char *const names[] = {"",       "a",      "a\n\nb\n", "a\nb\na\n",
                                        "a\tb\n", "\x7f\n", "\xff\n"};
    struct shard_info bad[10];
    struct shard_writer *w = NULL;

    (void)state;
    for (size_t i = 0; i < 10; i++)
        bad[i] = tokens_info;
    bad[0].kind = SHARD_CLASSES + 1;
    bad[1].vocab_size = 0;
    bad[2].vocab_size = 1u << 31;
    bad[3].max_len = 512;
    bad[4].kind = SHARD_SEQUENCES;
    bad[5].special.mask = 300;
    bad[6].special.pad = -2;
    bad[7].chain = "no line end";
    bad[8].chain = "bell \a\n";
    bad[9].coding = 2;
    for (size_t i = 0; i < 10; i++)
        if (shard_writer_open(&w, stdout, &bad[i], NULL) != RF_EINVAL)
            fail_msg("header %zu was written", i);
    bad[0] = info_of(SHARD_SEQUENCES, 300, 40);
    bad[0].classes = "a\n";
    assert_int_equal(shard_writer_open(&w, stdout, &bad[0], NULL), RF_EINVAL);
    bad[0].kind = SHARD_CLASSES;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        bad[0].classes = names[i];
        if (shard_writer_open(&w, stdout, &bad[0], NULL) != RF_EINVAL)
            fail_msg("classes %zu were written", i);
    }
}

static void a_large_record_has_a_frame_of_its_own(void **state)
{
    enum { N = 3 << 20 };
    struct shard_info info = info_of(SHARD_SEQUENCES, 70000, N);
    struct shard_record rec = {.n_ids = N};
    struct shard_writer *w = NULL;
    struct reading got;
    struct bytes b = {0};
    struct errbuf eb = {0};
    FILE *f = open_memstream(&b.data, &b.len);
    int32_t *ids = calloc(N, sizeof *ids);

    (void)state;
    assert_non_null(f);
    assert_non_null(ids);
    for (uint32_t i = 0; i < N; i++) /* unlike, or they are refused for compressing too well */
        ids[i] = (int32_t)((i * 2654435761u >> 8) % 70000);
    rec.ids = ids;
    assert_int_equal(shard_writer_open(&w, f, &info, &eb), RF_OK);
    for (int i = 0; i < 3; i++) {
        rec.n_ids = i == 1 ? N : 1;
        assert_int_equal(shard_write(w, &rec, &eb), RF_OK);
    }
    assert_int_equal(shard_writer_finish(w, &eb), RF_OK);
    fclose(f);
    assert_int_equal(read_shard(b.data, b.len, &got, &eb), RF_OK);
    assert_int_equal(got.totals.tokens, N + 2);
    assert_int_equal(got.totals.frames, 3);
    free(ids);
    free(b.data);
}

/* A few bytes that stand for many are not written, and not read, whatever their digests say. */
static void small_bytes_do_not_swell(void **state)
{
    enum { N = 8 << 20 };
    struct shard_coder coder = {.info = info_of(SHARD_SEQUENCES, 300, N)};
    const struct shard_lead lead = {.data_bytes = 100, .records = 1, .tokens = N};
    const uint8_t bytes[12 + 4 * PACK_STREAMS + 2] = {0};
    struct shard_record rec = {.n_ids = N};
    struct shard_writer *w = NULL;
    struct buf plain = {0};
    struct errbuf eb = {0};
    struct bytes b = {0};
    FILE *f = open_memstream(&b.data, &b.len);
    int32_t *ids = calloc(N, sizeof *ids);

    (void)state;
    assert_non_null(f);
    assert_non_null(ids);
    rec.ids = ids;
    assert_int_equal(shard_writer_open(&w, f, &coder.info, &eb), RF_OK);
    assert_int_equal(shard_write(w, &rec, &eb), RF_OK);
    assert_int_equal(shard_writer_finish(w, &eb), RF_ERANGE);
    assert_string_equal(eb.text,
                        "record 0 to write compresses over 1000 times: no reader takes it");
    fclose(f);
    free(b.data);
    free(ids);
    if (coding == SHARD_PACKED) {
        assert_int_equal(shard_coder_get(&coder, &plain, &lead, 0, bytes, sizeof bytes),
                         RF_ERANGE);
        assert_null(plain.data);
        shard_coder_free(&coder);
    }
}

static void a_set_gives_each_record(void **state)
{
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        struct shard_info info = info_of(SHARD_MASKED, wide ? 70000 : 300, 40);
        struct bytes b = write_shard(&info, 3, 2000);
        struct shard_set *set = NULL;
        struct errbuf eb = {0};
        static struct record_room room;
        char name[64];
        int fd = memory_file(name, b.data, b.len);

        assert_int_equal(shard_load(&set, name, &eb), RF_OK);
        assert_int_equal(shard_set_count(set), 2000);
        assert_string_equal(shard_set_info(set)->chain, info.chain);
        for (size_t i = 2000; i-- > 0;) {
            int32_t ids[40], labels[40];
            uint32_t positions[40];
            struct shard_record got, want = make_record(&room, &info, 3 + i);
            struct reading a = {0}, c = {0};

            shard_set_get(set, i, ids, positions, labels, &got);
            want.lens = NULL;
            add_record(&a, &got);
            add_record(&c, &want);
            assert_int_equal(a.sum, c.sum);
        }
        shard_set_free(set);
        close(fd);
        free(b.data);
    }
}

static void a_set_wants_sequences(void **state)
{
    struct bytes b = write_shard(&tokens_info, 0, 5);
    struct shard_set *set = NULL;
    struct errbuf eb = {0};
    char name[64];
    int fd = memory_file(name, b.data, b.len);

    (void)state;
    assert_int_equal(shard_load(&set, name, &eb), RF_EFORMAT);
    assert_non_null(strstr(eb.text, "holds records of kind tokens, not sequences"));
    close(fd);
    free(b.data);
}

static void a_chain_grows(void **state)
{
    struct cfg {
        uint64_t n;
        const char *file;
    } cfg = {5, "x"};
    const struct opt opts[] = {OPT_COUNT('n', "number", struct cfg, n, 0, 9, "n", ""),
                               OPT_FILE('f', "file", struct cfg, file, ""), OPT_END};
    struct buf first = {0}, second = {0};

    (void)state;
    assert_int_equal(shard_chain_add(&first, NULL, "a 1", opts + 1, &cfg, NULL), RF_OK);
    assert_string_equal(first.data, "a 1\n");
    assert_int_equal(shard_chain_add(&second, first.data, "b 2", opts, &cfg, "part=all"),
                     RF_OK);
    assert_string_equal(second.data, "a 1\nb 2 number=5 part=all\n");
    buf_free(&first);
    buf_free(&second);
}

/* Two files, the second of three parts, one of them empty; also as a pipe would come. */
static void seeking_gives_what_reading_gives(void **state)
{
    struct shard_info info = info_of(SHARD_TOKENS, 300, 0);
    struct bytes parts[4] = {write_shard(&info, 0, 14000), write_shard(&info, 14000, 1),
                             write_shard(&info, 14001, 0), write_shard(&info, 14001, 18000)};
    struct bytes last = join(parts + 1, 3);
    char names[2][64], *list[2] = {names[0], names[1]};
    int fd[2] = {memory_file(names[0], parts[0].data, parts[0].len),
                 memory_file(names[1], last.data, last.len)};
    static const uint64_t at[] = {0,     1,     7000,  13999, 14000, 14001,
                                  14002, 30000, 32000, 32001, 99999};
    struct errbuf eb = {0};
    struct shard_totals t;

    (void)state;
    assert_int_equal(shard_files_totals(&t, list, 2, &eb), 1);
    assert_int_equal(t.records, 32001);
    assert_int_equal(t.parts, 4);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        struct shard_reader *r = NULL;
        struct reading got = {0}, want = {0};

        if (at[i] < 32001)
            add_expected(&want, &info, at[i], 32001 - at[i]);
        assert_int_equal(shard_files_open(&r, list, 2, &eb), RF_OK);
        if (i % 2)
            shard_reader_thread(r);
        if (shard_reader_seek(r, at[i], &eb) != RF_OK || read_all(r, &got, &eb) != RF_OK)
            fail_msg("record %d: %s", (int)at[i], eb.text);
        got.totals = shard_reader_totals(r);
        assert_read(&got, &want);
        if (at[i] == 30000 && coding == SHARD_PLAIN)
            assert_true(2 * got.totals.frames < t.frames); /* what lies before was not read */
        shard_reader_close(r);
    }
    for (int i = 0; i < 2; i++)
        close(fd[i]);
    for (int i = 0; i < 4; i++)
        free(parts[i].data);
    free(last.data);
}

/* One frame a record, more of them than what a packer learns lives for. */
static void groups_are_entered_at_their_start(void **state)
{
    enum { N = (1 << 20) + 1, RECORDS = PACK_GROUP_FRAMES + 3 };
    struct shard_info info = info_of(SHARD_SEQUENCES, 300, N);
    int32_t *ids = malloc(N * sizeof *ids);
    struct shard_record rec = {.ids = ids, .n_ids = N};
    struct shard_writer *w = NULL;
    struct errbuf eb = {0};
    struct bytes b = {0};
    FILE *f = open_memstream(&b.data, &b.len);
    char name[64], *list[1] = {name};
    int fd;

    (void)state;
    assert_non_null(ids);
    assert_int_equal(shard_writer_open(&w, f, &info, &eb), RF_OK);
    shard_writer_thread(w);
    for (rec.doc = 0; rec.doc < RECORDS; rec.doc++) {
        for (int i = 0; i < N; i++)
            ids[i] = (int32_t)(5 + rec.doc + i % 3);
        assert_int_equal(shard_write(w, &rec, &eb), RF_OK);
    }
    assert_int_equal(shard_writer_finish(w, &eb), RF_OK);
    fclose(f);
    fd = memory_file(name, b.data, b.len);
    for (uint64_t at = RECORDS; at-- > PACK_GROUP_FRAMES - 2;) {
        struct shard_reader *r = NULL;

        assert_int_equal(shard_files_open(&r, list, 1, &eb), RF_OK);
        assert_int_equal(shard_reader_seek(r, at, &eb), RF_OK);
        if (shard_next(r, &rec, &eb) != 1)
            fail_msg("%s", eb.text);
        assert_int_equal(rec.doc, at);
        assert_int_equal(rec.ids[N - 1], 5 + at + (N - 1) % 3);
        shard_reader_close(r);
    }
    close(fd);
    free(ids);
    free(b.data);
}

/* A thread that makes frames makes the same, one that reads them reads the same. */
static void threads_change_nothing(void **state)
{
    struct shard_info info = info_of(SHARD_TOKENS, 300, 0);
    struct bytes one = write_shard(&info, 0, 72000), two;
    struct reading got, want = {0};
    struct errbuf eb = {0};

    (void)state;
    threaded = true;
    two = write_shard(&info, 0, 72000);
    add_expected(&want, &info, 0, 72000);
    if (read_shard(two.data, two.len, &got, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    assert_read(&got, &want);
    two.data[two.len / 2] ^= 1;
    assert_true(read_shard(two.data, two.len, &got, &eb) < 0);
    two.data[two.len / 2] ^= 1;
    threaded = false;
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    free(one.data);
    free(two.data);
}

/* The other coding is a matter of bytes, not of data. */
static void codings_may_be_joined(void **state)
{
    struct shard_info a = info_of(SHARD_MASKED, 300, 40), b = a;
    struct bytes parts[2], all;
    struct reading got, want = {0};
    struct errbuf eb = {0};

    (void)state;
    b.coding = !coding;
    parts[0] = write_shard(&a, 0, 20);
    parts[1] = write_shard(&b, 20, 20);
    all = join(parts, 2);
    add_expected(&want, &a, 0, 40);
    assert_int_equal(read_shard(all.data, all.len, &got, &eb), RF_OK);
    assert_read(&got, &want);
    free(all.data);
    free(parts[0].data);
    free(parts[1].data);
}

/* Whoever seeks must notice, or give the right records: never others. */
static void flipped_bits_lead_nowhere(void **state)
{
    struct shard_info info = info_of(SHARD_SEQUENCES, 300, 40);
    struct bytes b = write_shard(&info, 0, 9);
    struct reading want = {0};

    (void)state;
    add_expected(&want, &info, 5, 4);
    for (size_t bit = 0; bit <= 8 * b.len; bit++) {
        struct shard_reader *r = NULL;
        struct reading got = {0};
        struct errbuf eb = {0};
        char name[64], *list[1] = {name};
        int fd, rc;

        if (bit < 8 * b.len)
            b.data[bit / 8] ^= (char)(1 << bit % 8);
        fd = memory_file(name, b.data, b.len);
        if ((rc = shard_files_open(&r, list, 1, &eb)) == RF_OK &&
            (rc = shard_reader_seek(r, 5, &eb)) == RF_OK)
            rc = read_all(r, &got, &eb);
        if (rc == RF_OK ? got.sum != want.sum : !*eb.text)
            fail_msg("bit %zu of byte %zu", bit % 8, bit / 8);
        if (bit < 8 * b.len)
            b.data[bit / 8] ^= (char)(1 << bit % 8);
        else
            assert_int_equal(rc, RF_OK);
        shard_reader_close(r);
        close(fd);
    }
    free(b.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_come_back),
        cmocka_unit_test(joined_shards_are_one),
        cmocka_unit_test(files_are_read_as_one),
        cmocka_unit_test(every_cut_is_noticed),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(moved_frames_are_noticed),
        cmocka_unit_test(leftovers_are_noticed),
        cmocka_unit_test(bad_records_are_refused),
        cmocka_unit_test(bad_answers_and_classes_are_refused),
        cmocka_unit_test(bad_headers_are_refused),
        cmocka_unit_test(a_large_record_has_a_frame_of_its_own),
        cmocka_unit_test(small_bytes_do_not_swell),
        cmocka_unit_test(a_set_gives_each_record),
        cmocka_unit_test(a_set_wants_sequences),
        cmocka_unit_test(a_chain_grows),
        cmocka_unit_test(seeking_gives_what_reading_gives),
        cmocka_unit_test(groups_are_entered_at_their_start),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(codings_may_be_joined),
        cmocka_unit_test(flipped_bits_lead_nowhere),
    };
    int failed = cmocka_run_group_tests_name("plain", tests, NULL, NULL);

    coding = tokens_info.coding = SHARD_PACKED;
    return failed + cmocka_run_group_tests_name("packed", tests, NULL, NULL);
}
