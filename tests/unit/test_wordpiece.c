/* test_wordpiece: ids as Hugging Face's tokenizer gives them, and back to text. */
#include "golden.h"

#include <string.h>
#include <zlib.h>

#include "base/rng.h"
#include "text/cut.h"
#include "wordpiece/wordpiece.h"

/* The order of the golden files: plain, lower, strip, both. */
static const struct wordpiece_cfg settings[] = {{0},
                                                {.lower_case = true},
                                                {.strip_accents = true},
                                                {.lower_case = true, .strip_accents = true}};

static struct vocab *golden_vocab(const char *name)
{
    char path[512];
    struct vocab *v = NULL;
    struct errbuf eb = {0};

    snprintf(path, sizeof path, "%s/tests/golden/wordpiece/%s", getenv("ROOT"), name);
    if (vocab_read(&v, path, NULL, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    return v;
}

static struct wordpiece *new_encoder(const struct vocab *v, const struct wordpiece_cfg *cfg)
{
    struct wordpiece *w = NULL;
    struct errbuf eb = {0};

    if (wordpiece_new(&w, v, cfg, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    return w;
}

/* The ids of text in decimal, parted by spaces; `line` and `ids` are scratch. */
static const char *encode(struct wordpiece *w, struct buf *line, struct ids *ids,
                          const char *text, size_t len)
{
    buf_clear(line);
    ids->n = 0;
    assert_int_equal(wordpiece_encode(w, ids, text, len), RF_OK);
    for (size_t i = 0; i < ids->n; i++)
        assert_int_equal(buf_printf(line, i ? " %d" : "%d", ids->ids[i]), RF_OK);
    return line->data ? line->data : "";
}

/* Each line of `texts` must become the same line of `answers`. */
static void compare_files(const char *vocab, const char *texts, const char *answers,
                          const struct wordpiece_cfg *cfg)
{
    struct vocab *v = golden_vocab(vocab);
    struct wordpiece *w = new_encoder(v, cfg);
    struct golden text, answer;
    struct buf line = {0};
    struct ids ids = {0};

    golden_open(&text, texts);
    golden_open(&answer, answers);
    while (golden_next(&text)) {
        const char *got = encode(w, &line, &ids, text.text, text.len);

        assert_true(golden_next(&answer));
        if (strcmp(got, answer.text) != 0)
            fail_msg("%s, line %llu ('%s'): got %s, not %s", text.path,
                     (unsigned long long)lines_number(text.lines), text.text, got, answer.text);
    }
    assert_false(golden_next(&answer));
    buf_free(&line);
    free(ids.ids);
    wordpiece_free(w);
    vocab_free(v);
}

static void the_corpus_has_their_ids(void **state)
{
    (void)state;
    compare_files("vocab.txt", NULL, "wordpiece/corpus.ids.zst", &settings[0]);
}

static void cases_have_their_ids(void **state)
{
    static const char *const answers[] = {"plain", "lower", "strip", "both"};

    (void)state;
    for (int s = 0; s < 4; s++) {
        char name[64];

        snprintf(name, sizeof name, "wordpiece/cases-%s.ids", answers[s]);
        compare_files("hard-vocab.txt", "wordpiece/cases.txt", name, &settings[s]);
    }
}

static void odd_vocabularies_are_read_as_theirs(void **state)
{
    (void)state;
    compare_files("odd-vocab.txt", "wordpiece/cases.txt", "wordpiece/cases-odd.ids",
                  &settings[0]);
}

/* Each line of `texts` must have the CRCs of its ids, in each setting, that `answers` has. */
static void compare_crcs(const char *vocab, const char *texts, const char *answers, int lines)
{
    struct vocab *v = golden_vocab(vocab);
    struct wordpiece *w[4];
    struct golden text, answer;
    struct buf line = {0};
    struct ids ids = {0};
    int n = 0;

    for (int s = 0; s < 4; s++)
        w[s] = new_encoder(v, &settings[s]);
    golden_open(&text, texts);
    golden_open(&answer, answers);
    for (; golden_next(&text); n++) {
        assert_true(golden_next(&answer));
        for (int s = 0; s < 4; s++) {
            const char *got = encode(w[s], &line, &ids, text.text, text.len);
            char want[9], crc[9];

            snprintf(want, sizeof want, "%.8s", answer.text + 9 * s);
            snprintf(crc, sizeof crc, "%08lx", crc32(0, (const Bytef *)got, (uInt)strlen(got)));
            if (strcmp(crc, want) != 0)
                fail_msg("line %d, setting %d ('%s'): %s", n + 1, s, text.text, got);
        }
    }
    assert_int_equal(n, lines);
    lines_close(answer.lines);
    for (int s = 0; s < 4; s++)
        wordpiece_free(w[s]);
    vocab_free(v);
    buf_free(&line);
    free(ids.ids);
}

static void random_lines_have_their_ids(void **state)
{
    (void)state;
    compare_crcs("hard-vocab.txt", "wordpiece/hard.txt.zst", "wordpiece/hard.crc.zst", 3000);
}

/* Marks alone and out of order, words about the limit, special tokens inside words. */
static void hard_kinds_of_lines_have_their_ids(void **state)
{
    (void)state;
    compare_crcs("hard-vocab.txt", "wordpiece/more.txt.zst", "wordpiece/more.crc.zst", 1500);
    compare_crcs("odd-more-vocab.txt", "wordpiece/more.txt.zst", "wordpiece/odd-more.crc.zst",
                 1500);
}

/* What was met before, in this encoder or another on the same tables, changes nothing. */
static void the_cache_changes_nothing(void **state)
{
    struct vocab *v = golden_vocab("vocab.txt");
    struct wordpiece *w = new_encoder(v, &settings[0]), *shared = NULL, *fresh;
    struct golden g;
    struct ids a = {0}, b = {0};

    (void)state;
    assert_int_equal(wordpiece_share(&shared, w), RF_OK);
    golden_open(&g, NULL);
    for (int i = 0; i < 300 && golden_next(&g); i++) {
        fresh = new_encoder(v, &settings[0]);
        a.n = b.n = 0;
        assert_int_equal(wordpiece_encode(w, &a, g.text, g.len), RF_OK);
        assert_int_equal(wordpiece_encode(w, &a, g.text, g.len), RF_OK);
        assert_int_equal(wordpiece_encode(shared, &b, g.text, g.len), RF_OK);
        assert_int_equal(wordpiece_encode(fresh, &b, g.text, g.len), RF_OK);
        assert_int_equal(a.n, b.n);
        if (a.n)
            assert_memory_equal(a.ids, b.ids, a.n * sizeof *a.ids);
        wordpiece_free(fresh);
    }
    lines_close(g.lines);
    assert_int_equal(wordpiece_words(w), 2 * wordpiece_words(shared));
    assert_int_equal(wordpiece_unknown(w), 2 * wordpiece_unknown(shared));
    free(a.ids);
    free(b.ids);
    wordpiece_free(shared);
    wordpiece_free(w);
    vocab_free(v);
}

/* The ids of all lines of a text, one by one, from an encoder that meets each word anew. */
static void encode_anew(struct ids *to, size_t *end, const struct vocab *v,
                        const struct wordpiece_cfg *cfg, const struct line_batch *b)
{
    struct wordpiece *w = new_encoder(v, cfg);
    struct buf spans = {0};

    for (size_t k = 0; k < b->n; k++) {
        size_t len;
        const char *text = line_batch_at(b, k, &len);

        buf_clear(&spans);
        assert_int_equal(wordpiece_encode_spans(w, to, &spans, text, len), RF_OK);
        end[k] = to->n;
    }
    buf_free(&spans);
    wordpiece_free(w);
}

/* Lines of words of all lengths around those at which words are kept otherwise, at random and
 * again and again, so that the cache grows and words take the places of others. */
static void make_lines(const char *name)
{
    static const char *const parts[] = {"가",     "나", "a",    "b", ".",  "ï¼", "é",
                                        "[MASK]", "一", "🙂", "É", "ab", "á"};
    enum { PARTS = sizeof parts / sizeof *parts };
    const struct rng r = rng_stream(7, 0, 0, RNG_GENERATOR);
    FILE *f = fopen(name, "w");
    uint64_t at = 0;

    assert_non_null(f);
    for (int i = 0; i < 40000; i++) {
        uint64_t n = 1 + rng_below(r, at++, 12), kinds = rng_below(r, at++, 3) ? 4 : PARTS;

        for (uint64_t k = 0; k < n; k++)
            fputs(parts[rng_below(r, at++, kinds)], f);
        fputs(rng_below(r, at++, 9) ? " " : rng_below(r, at++, 5) ? "\n" : "  ", f);
    }
    assert_int_equal(fclose(f), 0);
}

/* A batch encoded at once, and by its lines. */
static void compare_batch(struct wordpiece *w, const struct vocab *v,
                          const struct wordpiece_cfg *cfg, const struct line_batch *b)
{
    struct ids want = {0}, got = {0};
    size_t *end = calloc(2 * b->n, sizeof *end);

    assert_non_null(end);
    encode_anew(&want, end, v, cfg, b);
    assert_int_equal(wordpiece_encode_lines(w, &got, end + b->n, b), RF_OK);
    assert_int_equal(got.n, want.n);
    assert_memory_equal(got.ids, want.ids, got.n * sizeof *got.ids);
    assert_memory_equal(end, end + b->n, b->n * sizeof *end);
    free(want.ids);
    free(got.ids);
    free(end);
}

static void lines_together_have_the_ids_of_each(void **state)
{
    static char name[] = "lines.txt";
    char *names[] = {name};
    struct vocab *v = golden_vocab("hard-vocab.txt");

    (void)state;
    make_lines(name);
    for (int s = 0; s < 8; s++) { /* half of them with a cache that does not grow */
        struct wordpiece_cfg cfg = settings[s % 4];
        const struct text_cfg text = {0};
        struct cutter c = {.strip = cfg.strip_accents};
        struct line_batch b = {0};
        struct wordpiece *w;
        size_t lines = 0;

        cfg.cache_bytes = s / 4;
        w = new_encoder(v, &cfg);
        assert_int_equal(lines_open(&c.lines, names, 1, &text, NULL), RF_OK);
        do {
            assert_int_equal(line_batch_read(&b, &c, NULL), RF_OK);
            if (b.n)
                compare_batch(w, v, &cfg, &b);
            lines += b.n;
        } while (b.n);
        assert_true(lines > 1000);
        line_batch_free(&b);
        lines_close(c.lines);
        cutter_free(&c);
        wordpiece_free(w);
    }
    vocab_free(v);
}

/* What NFC changes is composed, also in words that look simple; its neighbours stay. */
static void composed_words_have_their_ids(void **state)
{
    static const char text[] =
        "하\xE1\x86\xAB e\xCC\x81. 한글, 하\xE1\x86\xAB e\xCC\x81. 한글,";
    static const char composed[] = "한 é. 한글, 한 é. 한글,";
    struct vocab *v = golden_vocab("hard-vocab.txt");
    const struct wordpiece_cfg cfg = {.compose = true};
    struct wordpiece *w = new_encoder(v, &cfg), *plain = new_encoder(v, &settings[0]);
    struct ids a = {0}, b = {0};

    (void)state;
    assert_int_equal(wordpiece_encode(w, &a, text, sizeof text - 1), RF_OK);
    assert_int_equal(wordpiece_encode(plain, &b, composed, sizeof composed - 1), RF_OK);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.ids, b.ids, a.n * sizeof *a.ids);
    a.n = 0;
    assert_int_equal(wordpiece_encode(plain, &a, text, sizeof text - 1), RF_OK);
    assert_false(a.n == b.n && memcmp(a.ids, b.ids, a.n * sizeof *a.ids) == 0);
    free(a.ids);
    free(b.ids);
    wordpiece_free(w);
    wordpiece_free(plain);
    vocab_free(v);
}

static void words_and_unknown_ones_are_counted(void **state)
{
    static const char text[] = "가 \U0001F642.\U0001F642 가 [MASK] \U0001F642.\U0001F642";
    struct vocab *v = golden_vocab("vocab.txt");
    struct wordpiece *w = new_encoder(v, &settings[0]);
    struct ids ids = {0};

    (void)state;
    assert_int_equal(wordpiece_encode(w, &ids, text, strlen(text)), RF_OK);
    assert_int_equal(ids.n, 9);
    assert_int_equal(wordpiece_words(w), 8);
    assert_int_equal(wordpiece_unknown(w), 4);
    free(ids.ids);
    wordpiece_free(w);
    vocab_free(v);
}

static void a_vocabulary_without_unk_is_refused(void **state)
{
    struct wordpiece *w = NULL;
    struct vocab *v = NULL;
    struct errbuf eb = {0};
    FILE *f = fopen("v.txt", "w");

    (void)state;
    assert_non_null(f);
    fputs("a\nb\n", f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(vocab_read(&v, "v.txt", NULL, &eb), RF_OK);
    assert_int_equal(wordpiece_new(&w, v, &settings[0], &eb), RF_EINVAL);
    assert_string_equal(eb.text, "the vocabulary has no [UNK]");
    vocab_free(v);
}

/* Ids of the plain cases must become the same text as theirs. */
static void compare_decoded(const char *answers, bool skip_special)
{
    struct vocab *v = golden_vocab("hard-vocab.txt");
    struct golden ids, text;
    struct buf got = {0};
    struct errbuf eb = {0};

    golden_open(&ids, "wordpiece/cases-plain.ids");
    golden_open(&text, answers);
    while (golden_next(&ids)) {
        int32_t id[1024];
        size_t n = 0;

        for (const char *at = ids.text; *at; at += strcspn(at, " "), at += strspn(at, " "))
            id[n++] = (int32_t)strtol(at, NULL, 10);
        buf_clear(&got);
        assert_int_equal(wordpiece_decode(v, &got, id, n, skip_special, true, &eb), RF_OK);
        assert_true(golden_next(&text));
        assert_string_equal(got.data ? got.data : "", text.text);
    }
    assert_false(golden_next(&text));
    buf_free(&got);
    vocab_free(v);
}

static void ids_become_their_text(void **state)
{
    (void)state;
    compare_decoded("wordpiece/cases.decoded", true);
    compare_decoded("wordpiece/cases.decoded-special", false);
}

static void cleaning_can_be_left_out(void **state)
{
    struct vocab *v = golden_vocab("vocab.txt");
    struct buf got = {0};
    struct errbuf eb = {0};
    int32_t dot = vocab_find(v, ".", 1), da = vocab_find(v, "다", 3),
            inside = vocab_find(v, "##다", 5);

    (void)state;
    assert_int_equal(wordpiece_decode(v, &got, (int32_t[]){da, dot}, 2, true, false, &eb),
                     RF_OK);
    assert_string_equal(got.data, "다 .");
    buf_clear(&got);
    assert_int_equal(wordpiece_decode(v, &got, (int32_t[]){da, dot}, 2, true, true, &eb),
                     RF_OK);
    assert_string_equal(got.data, "다.");
    buf_clear(&got); /* a word's inside stays one where nothing stands before it */
    assert_int_equal(wordpiece_decode(v, &got, &inside, 1, true, true, &eb), RF_OK);
    assert_string_equal(got.data, "##다");
    assert_int_equal(wordpiece_decode(v, &got, (int32_t[]){4000}, 1, true, true, &eb),
                     RF_EINVAL);
    assert_string_equal(eb.text, "no token has the id 4000");
    assert_int_equal(wordpiece_decode(v, &got, (int32_t[]){-1}, 1, true, true, &eb), RF_EINVAL);
    buf_free(&got);
    vocab_free(v);
}

/* The ids of a file's lines, read in parts of so many bytes; -1 behind each line. */
static void encode_parts(struct ids *to, char *name, size_t part, const struct vocab *v,
                         const struct wordpiece_cfg *cfg, uint64_t *words)
{
    const struct text_cfg text = {.invalid = INVALID_REPLACE, .part = part};
    struct wordpiece *w = new_encoder(v, cfg);
    struct cutter c = {.strip = cfg->strip_accents};
    const char *piece;
    const int32_t end = -1;
    bool more;
    size_t len;
    int rc;

    assert_int_equal(lines_open(&c.lines, &name, 1, &text, NULL), RF_OK);
    while ((rc = cutter_next(&c, &piece, &len, &more, NULL)) == 1) {
        assert_int_equal(wordpiece_encode(w, to, piece, len), RF_OK);
        if (!more)
            assert_int_equal(ids_put(to, &end, 1), RF_OK);
    }
    assert_int_equal(rc, 0);
    *words = wordpiece_words(w);
    lines_close(c.lines);
    cutter_free(&c);
    wordpiece_free(w);
}

/* However a line is cut, its ids stay. */
static void assert_parts_agree(char *name, const struct vocab *v)
{
    static const size_t parts[] = {16, 17, 31, 64, 1000, 100000};

    for (int s = 0; s < 4; s++) {
        struct ids whole = {0};
        uint64_t words, again;

        encode_parts(&whole, name, 0, v, &settings[s], &words);
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            struct ids got = {0};

            encode_parts(&got, name, parts[i], v, &settings[s], &again);
            assert_int_equal(got.n, whole.n);
            assert_memory_equal(got.ids, whole.ids, got.n * sizeof *got.ids);
            assert_int_equal(again, words);
            free(got.ids);
        }
        free(whole.ids);
    }
}

static void lines_in_parts_have_the_same_ids(void **state)
{
    char hard[512], odd[512];
    struct vocab *v = golden_vocab("hard-vocab.txt");

    (void)state;
    snprintf(hard, sizeof hard, "%s/tests/golden/wordpiece/hard.txt.zst", getenv("ROOT"));
    assert_parts_agree(hard, v);
    snprintf(odd, sizeof odd, "%s/tests/golden/wordpiece/cases.txt", getenv("ROOT"));
    assert_parts_agree(odd, v);
    vocab_free(v);
}

static void repeat(FILE *f, const char *before, const char *what, int n, const char *behind)
{
    fputs(before, f);
    for (int i = 0; i < n; i++)
        fputs(what, f);
    fputs(behind, f);
}

/* Much of what vanishes, of what is one word, and of what only looks like a special token. */
static void long_words_have_the_same_ids(void **state)
{
    static const char *const what[] = {"a",
                                       "\xE2\x80\x8B",
                                       "\xCC\x81",
                                       "]",
                                       "[",
                                       "[MASK",
                                       "\xEA\xB0\x80",
                                       "\xE3\x80\xAE",
                                       "\xF0\x9D\x85\xA5",
                                       "\r",
                                       "\xCD\x8F",
                                       "\xFF",
                                       " ",
                                       "MASK]",
                                       "\xE4\xB8\x80"};
    struct vocab *v = golden_vocab("hard-vocab.txt");
    char name[] = "long";
    FILE *f = fopen(name, "w");

    (void)state;
    assert_non_null(f);
    for (size_t i = 0; i < sizeof what / sizeof *what; i++) {
        repeat(f, "a", what[i], 80000, "b c\n");
        repeat(f, "[MA", what[i], 80000, "SK]a\n");
        repeat(f, "x[MASK]", what[i], 30000, "[MASK]\r\n");
        repeat(f, "[", what[i], 99, "]");
        repeat(f, "[", what[i], 70000, "\xE2\x80\x8B]\n");
    }
    assert_int_equal(fclose(f), 0);
    assert_parts_agree(name, v);
    vocab_free(v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_has_their_ids),
        cmocka_unit_test(cases_have_their_ids),
        cmocka_unit_test(odd_vocabularies_are_read_as_theirs),
        cmocka_unit_test(random_lines_have_their_ids),
        cmocka_unit_test(hard_kinds_of_lines_have_their_ids),
        cmocka_unit_test(the_cache_changes_nothing),
        cmocka_unit_test(lines_together_have_the_ids_of_each),
        cmocka_unit_test(composed_words_have_their_ids),
        cmocka_unit_test(words_and_unknown_ones_are_counted),
        cmocka_unit_test(a_vocabulary_without_unk_is_refused),
        cmocka_unit_test(ids_become_their_text),
        cmocka_unit_test(cleaning_can_be_left_out),
        cmocka_unit_test(lines_in_parts_have_the_same_ids),
        cmocka_unit_test(long_words_have_the_same_ids),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
