/* test_pack: documents to sequences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/rng.h"
#include "data/pack.h"

static const struct shard_info tokens_info = {
    .kind = SHARD_TOKENS, .vocab_size = 5000, .special = {0, 1, 2, 3, 4}};

static int put(void *writer, const struct shard_record *r, struct errbuf *eb)
{
    return shard_write(writer, r, eb);
}

/* Pack one document and print its sequences as "2 10 11 3|2 12 3". */
static void pack_one(char *out, size_t size, size_t max_len, const uint32_t *lens,
                     size_t n_lens, struct pack_totals *totals)
{
    static int32_t ids[4096];
    struct pack_cfg cfg = PACK_CFG_DEFAULT;
    struct shard_info info = tokens_info;
    struct shard_record doc = {.doc = 7, .ids = ids, .lens = lens, .n_lens = n_lens}, r;
    struct shard_writer *w = NULL;
    struct shard_reader *reader = NULL;
    struct input *in = NULL;
    struct pack *p = NULL;
    struct errbuf eb = {0};
    int fd = memfd_create("pack", 0), rc;
    FILE *f = fdopen(dup(fd), "wb");
    char name[64];
    size_t at = 0;

    for (size_t i = 0; i < n_lens; i++)
        doc.n_ids += lens[i];
    for (size_t i = 0; i < doc.n_ids; i++)
        ids[i] = (int32_t)(10 + i);
    cfg.max_len = max_len;
    assert_int_equal(pack_new(&p, &cfg, &tokens_info, &eb), RF_OK);
    info.kind = SHARD_SEQUENCES;
    info.max_len = (uint32_t)max_len;
    assert_non_null(f);
    assert_int_equal(shard_writer_open(&w, f, &info, &eb), RF_OK);
    assert_int_equal(pack_document(p, &doc, put, w, &eb), RF_OK);
    *totals = pack_totals(p);
    pack_free(p);
    assert_int_equal(shard_writer_finish(w, &eb), RF_OK);
    fclose(f);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    assert_int_equal(input_open(&in, name, INPUT_RAW, &eb), RF_OK);
    assert_int_equal(shard_reader_open(&reader, in, &eb), RF_OK);
    *out = '\0';
    while ((rc = shard_next(reader, &r, &eb)) == 1) {
        assert_int_equal(r.doc, 7);
        for (size_t i = 0; i < r.n_ids; i++)
            at += (size_t)snprintf(out + at, size - at, "%s%d",
                                   i    ? " "
                                   : at ? "|"
                                        : "",
                                   r.ids[i]);
    }
    assert_int_equal(rc, 0);
    shard_reader_close(reader);
    input_close(in);
    close(fd);
}

static void lines_fill_sequences(void **state)
{
    static const struct {
        const char *want;
        uint32_t lens[6];
        size_t n_lens;
        uint64_t cut, empty;
    } cases[] = {
        {"", {0}, 0, 0, 0},
        {"", {0, 0}, 2, 0, 2},
        {"2 10 3", {1}, 1, 0, 0},
        {"2 10 11 3 12 3", {2, 1}, 2, 0, 0},      /* exactly full */
        {"2 10 11 3|2 12 13 3", {2, 2}, 2, 0, 0}, /* one too many */
        {"2 10 3 11 3", {1, 0, 1}, 3, 0, 1},      /* an empty line leaves nothing */
        {"2 10 11 12 13 3|2 14 3", {4, 1}, 2, 0, 0},
        {"2 10 11 12 13 3|2 14 3 15 3",
         {5, 1},
         2,
         1,
         0}, /* what follows joins the last piece */
        {"2 10 3|2 11 12 13 14 3|2 15 16 17 18 3|2 19 3", {1, 8, 1}, 3, 1, 0},
        {"2 10 11 12 13 3|2 14 15 16 17 3|2 18 3", {9}, 1, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pack_totals t;
        char got[256];

        pack_one(got, sizeof got, 6, cases[i].lens, cases[i].n_lens, &t);
        assert_string_equal(got, cases[i].want);
        assert_int_equal(t.cut_lines, cases[i].cut);
        assert_int_equal(t.empty_lines, cases[i].empty);
        assert_int_equal(t.lines, cases[i].n_lens);
        assert_int_equal(t.documents, 1);
    }
}

/* Whatever the lines: every id comes out once and in order, no sequence is too long, and no
 * line that fits is cut. */
static void nothing_is_lost(void **state)
{
    static char text[1 << 16];

    (void)state;
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct rng r = rng_stream(seed, 0, 0, RNG_TEST);
        size_t max_len = 3 + (size_t)rng_below(r, 0, 30), n = (size_t)rng_below(r, 1, 40);
        uint32_t lens[40];
        struct pack_totals t;
        uint64_t ids = 0, tokens = 0, sequences = 0, cut = 0, next = 10;

        for (size_t i = 0; i < n; i++) {
            ids += lens[i] = (uint32_t)rng_below(r, 2 + i, 50);
            cut += lens[i] > max_len - 2;
        }
        pack_one(text, sizeof text, max_len, lens, n, &t);
        for (char *s = text, *end; *s; s = end) {
            unsigned long id = strtoul(s, &end, 10);

            tokens++;
            sequences += id == 2;
            if (id >= 10)
                assert_int_equal(id, next++);
            end += *end != '\0';
        }
        assert_int_equal(next, 10 + ids);
        assert_int_equal(t.tokens, tokens);
        assert_int_equal(t.sequences, sequences);
        assert_int_equal(t.cut_lines, cut);
    }
}

static void a_share_of_documents_is_for_evaluation(void **state)
{
    struct pack_cfg cfg = PACK_CFG_DEFAULT, other = PACK_CFG_DEFAULT;
    int n = 0, both = 0;

    (void)state;
    other.seed = 2;
    for (uint64_t doc = 0; doc < 100000; doc++) {
        n += pack_is_eval(&cfg, doc);
        both += pack_is_eval(&cfg, doc) && pack_is_eval(&other, doc);
    }
    assert_in_range(n, 9600, 10400);  /* 10,000, sigma 95 */
    assert_in_range(both, 800, 1200); /* another seed, another choice: 1,000, sigma 31 */
    cfg.eval_share = 0;
    other.eval_share = 1;
    for (uint64_t doc = 0; doc < 1000; doc++) {
        assert_false(pack_is_eval(&cfg, doc));
        assert_true(pack_is_eval(&other, doc));
    }
}

static void what_cannot_be_is_refused(void **state)
{
    struct pack_cfg cfg = PACK_CFG_DEFAULT;
    struct shard_info info = tokens_info;
    struct pack *p = NULL;

    (void)state;
    info.special.sep = -1;
    assert_int_equal(pack_new(&p, &cfg, &info, NULL), RF_EINVAL);
    cfg.max_len = 2;
    assert_int_equal(pack_new(&p, &cfg, &tokens_info, NULL), RF_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_fill_sequences),
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(a_share_of_documents_is_for_evaluation),
        cmocka_unit_test(what_cannot_be_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
