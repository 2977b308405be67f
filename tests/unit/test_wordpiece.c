/* test_wordpiece: ids as Hugging Face's tokenizer gives them, and back to text. */
#include "golden.h"

#include <string.h>
#include <zlib.h>

#include "data/wordpiece.h"

/* The order of the golden files: plain, lower, strip, both. */
static const struct wordpiece_cfg settings[] = {
    {false, false}, {true, false}, {false, true}, {true, true}};

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

static void random_lines_have_their_ids(void **state)
{
    struct vocab *v = golden_vocab("hard-vocab.txt");
    struct wordpiece *w[4];
    struct golden text, answer;
    struct buf line = {0};
    struct ids ids = {0};
    int n = 0;

    (void)state;
    for (int s = 0; s < 4; s++)
        w[s] = new_encoder(v, &settings[s]);
    golden_open(&text, "wordpiece/hard.txt.zst");
    golden_open(&answer, "wordpiece/hard.crc.zst");
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
    assert_int_equal(n, 3000);
    lines_close(answer.lines);
    for (int s = 0; s < 4; s++)
        wordpiece_free(w[s]);
    vocab_free(v);
    buf_free(&line);
    free(ids.ids);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_has_their_ids),
        cmocka_unit_test(cases_have_their_ids),
        cmocka_unit_test(odd_vocabularies_are_read_as_theirs),
        cmocka_unit_test(random_lines_have_their_ids),
        cmocka_unit_test(the_cache_changes_nothing),
        cmocka_unit_test(words_and_unknown_ones_are_counted),
        cmocka_unit_test(a_vocabulary_without_unk_is_refused),
        cmocka_unit_test(ids_become_their_text),
        cmocka_unit_test(cleaning_can_be_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
