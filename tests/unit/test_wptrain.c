/* test_wptrain: vocabularies as Hugging Face's trainer makes them, given its alphabet. */
#include "golden.h"

#include <string.h>

#include "base/utf8.h"
#include "wordpiece/symbol_pairs.h"
#include "wordpiece/counts_read.h"
#include "wordpiece/wptrain.h"

#define FIVE "[PAD],[UNK],[CLS],[SEP],[MASK]"

static void count_file(struct word_counts *words, char *name, int threads)
{
    const struct text_cfg plain = {0};
    struct lines *l = NULL;
    struct errbuf eb = {0};

    if (lines_open(&l, &name, 1, &plain, &eb) != RF_OK ||
        word_counts_lines(words, l, 0, threads, NULL, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    lines_close(l);
}

static void add(struct word_counts *words, const char *word, uint64_t by)
{
    assert_int_equal(word_counts_add(words, word, strlen(word), by), RF_OK);
}

static void merge(struct strtab *tokens, struct word_counts *words,
                  const struct wptrain_cfg *cfg, uint64_t memory)
{
    struct wptrain *t = NULL;

    assert_int_equal(wptrain_new(&t, tokens, words, memory, NULL), RF_OK);
    assert_int_equal(wptrain_merge(t, cfg, NULL, NULL), RF_OK);
    wptrain_free(t);
}

/* The whole vocabulary, a token a line. */
static char *train_in(struct word_counts *words, const struct wptrain_cfg *cfg, uint64_t memory)
{
    struct wptrain_alphabet found;
    struct strtab tokens = {0};
    struct buf text = {0};

    assert_int_equal(wptrain_special(&tokens, cfg, NULL), RF_OK);
    assert_int_equal(wptrain_alphabet(&tokens, words, cfg, &found, NULL), RF_OK);
    merge(&tokens, words, cfg, memory);
    for (size_t i = 0; i < tokens.n; i++)
        assert_int_equal(buf_printf(&text, "%s\n", strtab_get(&tokens, i, NULL)), RF_OK);
    strtab_free(&tokens);
    return text.data;
}

static char *train(struct word_counts *words, const struct wptrain_cfg *cfg)
{
    return train_in(words, cfg, 0);
}

static void assert_trains(struct word_counts *words, const struct wptrain_cfg *cfg,
                          const char *want)
{
    char *got = train(words, cfg);

    assert_string_equal(got, want);
    free(got);
}

static bool is_letter(const char *token, size_t len)
{
    uint32_t cp;

    if (len > 2 && memcmp(token, "##", 2) == 0) {
        token += 2;
        len -= 2;
    }
    return utf8_next(&cp, token) == len;
}

/* Their file gives its own alphabet: the lines up to the first merged token. The rest must come
 * out of the merging, line for line. */
static void compare_with(const char *name)
{
    struct word_counts words = {0};
    struct strtab want = {0}, got = {0};
    struct wptrain_cfg cfg = WPTRAIN_CFG_DEFAULT;
    struct golden g;
    bool merged = false;
    size_t i;

    golden_open(&g, name);
    while (golden_next(&g)) {
        assert_int_equal(strtab_add(&want, g.text, g.len, &i), RF_OK);
        merged |= g.text[0] != '[' && !is_letter(g.text, g.len);
        if (!merged)
            assert_int_equal(strtab_add(&got, g.text, g.len, &i), RF_OK);
    }
    count_file(&words, getenv("CORPUS"), 2);
    cfg.size = want.n;
    assert_true(got.n > 500 && got.n + 500 < want.n);
    merge(&got, &words, &cfg, 0);
    assert_int_equal(got.n, want.n);
    for (i = 0; i < want.n; i++)
        if (strcmp(strtab_get(&got, i, NULL), strtab_get(&want, i, NULL)) != 0)
            fail_msg("%s, line %zu: %s, not %s", name, i + 1, strtab_get(&got, i, NULL),
                     strtab_get(&want, i, NULL));
    word_counts_free(&words);
    strtab_free(&want);
    strtab_free(&got);
}

static void given_their_alphabet_merges_are_theirs(void **state)
{
    (void)state;
    compare_with("wordpiece/vocab.txt");
    compare_with("wordpiece/cut.txt");
}

/* Their alphabet but for its order, where the limit cuts none of it. */
static void the_alphabet_is_theirs(void **state)
{
    struct word_counts words = {0};
    struct strtab got = {0};
    struct wptrain_cfg cfg = WPTRAIN_CFG_DEFAULT;
    struct wptrain_alphabet found;
    struct golden g;
    size_t letters = 0;

    (void)state;
    count_file(&words, getenv("CORPUS"), 1);
    assert_int_equal(wptrain_special(&got, &cfg, NULL), RF_OK);
    assert_int_equal(wptrain_alphabet(&got, &words, &cfg, &found, NULL), RF_OK);
    golden_open(&g, "wordpiece/vocab.txt");
    for (size_t i = 0; golden_next(&g); i++) {
        if (i < 5 + found.kept) /* special tokens and the bare alphabet: also the same order */
            assert_string_equal(strtab_get(&got, i, NULL), g.text);
        if (i < 5 || is_letter(g.text, g.len)) {
            assert_int_not_equal(strtab_find(&got, g.text, g.len), STRTAB_NONE);
            letters++;
        }
    }
    assert_int_equal(letters, got.n);
    assert_int_equal(found.seen, found.kept);
    word_counts_free(&words);
    strtab_free(&got);
}

/* Equal words in another order, in several files' worth of threads: equal bytes. */
static void neither_order_nor_threads_matter(void **state)
{
    struct word_counts words = {0}, backward = {0};
    struct wptrain_cfg cfg = {
        .special = FIVE, .size = 3000, .limit_alphabet = 500, .min_frequency = 2};
    char *first, *second;

    (void)state;
    count_file(&words, getenv("CORPUS"), 1);
    for (int threads = 2; threads < 6; threads += 3) {
        struct word_counts again = {0};

        count_file(&again, getenv("CORPUS"), threads);
        assert_int_equal(again.total, words.total);
        assert_int_equal(again.words.n, words.words.n);
        for (size_t i = 0; i < words.words.n; i++) {
            size_t len, k;
            const char *word = strtab_get(&words.words, i, &len);

            k = strtab_find(&again.words, word, len);
            assert_int_not_equal(k, STRTAB_NONE);
            assert_int_equal(again.count[k], words.count[i]);
        }
        word_counts_free(&again);
    }
    for (size_t i = words.words.n; i-- > 0;)
        add(&backward, strtab_get(&words.words, i, NULL), words.count[i]);
    first = train(&words, &cfg);
    second = train(&backward, &cfg);
    assert_string_equal(first, second);
    free(first);
    free(second);
    word_counts_free(&words);
    word_counts_free(&backward);
}

/* A pair that rose and fell is in the heap twice; it is taken off once. */
static void a_pair_is_taken_off_once(void **state)
{
    struct symbol_pairs *p = NULL;
    uint32_t a, b, word;
    uint64_t count;

    (void)state;
    assert_int_equal(symbol_pairs_new(&p), RF_OK);
    assert_false(symbol_pairs_best(p, &a, &b, &count));
    symbol_pairs_add(p, 1, 2, 5, 7);
    assert_int_equal(symbol_pairs_settle(p), RF_OK);
    symbol_pairs_add(p, 1, 2, 1, 8);
    assert_int_equal(symbol_pairs_settle(p), RF_OK);
    symbol_pairs_sub(p, 1, 2, 1);
    assert_true(symbol_pairs_best(p, &a, &b, &count));
    assert_int_equal(count, 5);
    assert_true(symbol_pairs_word(p, &word) && word == 8);
    assert_true(symbol_pairs_word(p, &word) && word == 7);
    assert_false(symbol_pairs_word(p, &word));
    assert_int_equal(symbol_pairs_settle(p), RF_OK);
    assert_false(symbol_pairs_best(p, &a, &b, &count));
    symbol_pairs_free(p);
}

#define SPECIALS "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"

static void the_most_frequent_pair_is_merged_first(void **state)
{
    struct word_counts words = {0};
    struct wptrain_cfg cfg = {
        .special = FIVE, .size = 13, .limit_alphabet = 100, .min_frequency = 2};

    (void)state;
    add(&words, "abc", 5);
    add(&words, "bc", 1);
    add(&words, "xbc", 6); /* ##b ##c 11, x ##b 6, a ##b 5, b ##c 1 */
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nx\n##c\n##b\n##bc\nxbc\n");
    cfg.size = 100; /* until no pair stands twice: bc does not */
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nx\n##c\n##b\n##bc\nxbc\nabc\n");
    cfg.min_frequency = 1;
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nx\n##c\n##b\n##bc\nxbc\nabc\nbc\n");
    cfg.min_frequency = 6;
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nx\n##c\n##b\n##bc\nxbc\n");
    cfg.size = 3; /* the alphabet is there in whole */
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nx\n##c\n##b\n");
    word_counts_free(&words);
}

/* a ##b and c ##d stand equally often: the smaller ids win. */
static void ties_go_to_the_smaller_ids(void **state)
{
    struct word_counts words = {0};
    struct wptrain_cfg cfg = {
        .special = FIVE, .size = 10, .limit_alphabet = 100, .min_frequency = 2};

    (void)state;
    add(&words, "cd", 3);
    add(&words, "ab", 3);
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nd\n##b\n##d\n");
    cfg.size = 12;
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nd\n##b\n##d\nab\n");
    word_counts_free(&words);
}

/* A pair of equal symbols: aaaa is a a a a, then aa aa; the odd one is left. */
static void equal_neighbours_are_merged_from_the_left(void **state)
{
    struct word_counts words = {0};
    struct wptrain_cfg cfg = {
        .special = FIVE, .size = 100, .limit_alphabet = 100, .min_frequency = 2};

    (void)state;
    add(&words, "baaaaa",
        4); /* b ##a 4, ##a ##a 16; then b ##aa, ##aa ##aa, ##aa ##a: 4 each */
    assert_trains(&words, &cfg, SPECIALS "a\nb\n##a\n##aa\nbaa\n##aaa\nbaaaaa\n");
    word_counts_free(&words);
}

/* A merged string that is a token already is merged all the same, under its id. */
static void a_string_that_is_there_keeps_its_id(void **state)
{
    static const char *const given[] = {"ab", "a", "b", "c", "##b", "##c"};
    struct word_counts words = {0};
    struct strtab tokens = {0};
    struct wptrain_cfg cfg = {
        .special = FIVE, .size = 100, .limit_alphabet = 100, .min_frequency = 2};
    size_t i;

    (void)state;
    for (int k = 0; k < 6; k++)
        assert_int_equal(strtab_add(&tokens, given[k], strlen(given[k]), &i), RF_OK);
    add(&words, "abc", 5);
    merge(&tokens, &words, &cfg, 0);
    assert_int_equal(tokens.n, 7);
    assert_string_equal(strtab_get(&tokens, 6, NULL), "abc");
    strtab_free(&tokens);
    word_counts_free(&words);
}

/* The limit keeps the most frequent characters, of equal ones the smaller code points; where a
 * word's first is cut, the rest keeps ##. */
static void the_limit_cuts_rare_characters(void **state)
{
    struct word_counts words = {0};
    struct wptrain_cfg cfg = {
        .special = FIVE, .size = 100, .limit_alphabet = 3, .min_frequency = 2};

    (void)state;
    add(&words, "qab", 3); /* a and b 3, q 3, z 9: q is cut */
    add(&words, "z", 9);
    assert_trains(&words, &cfg, SPECIALS "a\nb\nz\n##a\n##b\n##ab\n");
    word_counts_free(&words);
}

/* 2^32 and one more is more than 2^32, and much more than 2. */
static void large_counts_rank_right(void **state)
{
    struct word_counts words = {0};
    struct wptrain_cfg cfg = {
        .special = FIVE, .size = 14, .limit_alphabet = 100, .min_frequency = 2};

    (void)state;
    add(&words, "ab", (uint64_t)1 << 32);
    add(&words, "cd", ((uint64_t)1 << 32) + 1);
    add(&words, "ef", 2);
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nd\ne\nf\n##b\n##d\n##f\n");
    cfg.size = 15;
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nd\ne\nf\n##b\n##d\n##f\ncd\n");
    cfg.size = 16;
    assert_trains(&words, &cfg, SPECIALS "a\nb\nc\nd\ne\nf\n##b\n##d\n##f\ncd\nab\n");
    word_counts_free(&words);
}

/* Words of few letters, many alike: ties, and tokens that are found in two ways. */
static void add_random_words(struct word_counts *words, unsigned seed)
{
    static const char letters[] = "##ab";

    for (int i = 0; i < 400; i++) {
        char word[16];
        size_t n = 1 + (seed = seed * 1103515245 + 12345) / 65536 % 14;

        for (size_t k = 0; k < n; k++)
            word[k] = letters[(seed = seed * 1103515245 + 12345) / 65536 % 4];
        assert_int_equal(word_counts_add(words, word, n, 1 + i % 3), RF_OK);
    }
}

static void assert_memory_changes_nothing(struct word_counts *words,
                                          const struct wptrain_cfg *cfg)
{
    static const uint64_t memory[] = {1, 20000, 100000, 300000, 1000000, 4000000};
    char *want = train(words, cfg);

    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) {
        char *got = train_in(words, cfg, memory[i]);

        assert_string_equal(got, want);
        free(got);
    }
    free(want);
}

/* One pair at a time, some at a time, their words read from a file; pairs counted in parts. */
static void little_memory_changes_nothing(void **state)
{
    struct wptrain_cfg cfg = {
        .special = FIVE, .size = 400, .limit_alphabet = 100, .min_frequency = 1};
    struct word_counts words = {0};

    (void)state;
    for (unsigned seed = 1; seed <= 8; seed++) {
        add_random_words(&words, seed);
        cfg.min_frequency = 1 + seed % 3;
        assert_memory_changes_nothing(&words, &cfg);
        word_counts_free(&words);
    }
    count_file(&words, getenv("CORPUS"), 1);
    cfg = (struct wptrain_cfg){
        .special = FIVE, .size = 2500, .limit_alphabet = 6000, .min_frequency = 2};
    assert_memory_changes_nothing(&words, &cfg);
    word_counts_free(&words);
}

/* A file of the counts, with or without its first and last line. */
static void write_counts(struct word_counts *words, const char *name, bool plain)
{
    struct counts_writer w = {0};
    const char *word;
    uint64_t count;
    size_t len;
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    if (!plain)
        assert_int_equal(counts_writer_start(&w, f, 0, NULL), RF_OK);
    assert_int_equal(word_counts_rewind(words, WORDS_SORTED, NULL), RF_OK);
    while (word_counts_next(words, &word, &len, &count, NULL) == 1)
        if (plain)
            fprintf(f, "%s\t%llu\n", word, (unsigned long long)count);
        else
            assert_int_equal(counts_writer_put(&w, word, len, count, NULL), RF_OK);
    if (!plain)
        assert_int_equal(counts_writer_end(&w, NULL), RF_OK);
    counts_writer_free(&w);
    assert_int_equal(fclose(f), 0);
}

/* Both give the same words in the same order, and those of `many` come `times` as often. */
static void assert_same_words(struct word_counts *words, struct word_counts *many,
                              uint64_t times)
{
    const char *word, *word2, *last = "";
    size_t len, len2, n = 0;
    uint64_t count, count2;

    assert_int_equal(many->total, times * words->total);
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(word_counts_rewind(words, WORDS_SORTED, NULL), RF_OK);
        assert_int_equal(word_counts_rewind(many, WORDS_SORTED, NULL), RF_OK);
        for (last = ""; word_counts_next(words, &word, &len, &count, NULL) == 1; last = word) {
            assert_int_equal(word_counts_next(many, &word2, &len2, &count2, NULL), 1);
            assert_string_equal(word2, word);
            assert_true(len2 == len && count2 == times * count && strcmp(last, word) < 0);
            n++;
        }
        assert_int_equal(word_counts_next(many, &word2, &len2, &count2, NULL), 0);
    }
    assert_int_equal(n, 2 * words->words.n);
}

static void read_counts(struct word_counts *to, char *const *names, int n, uint64_t memory)
{
    const struct counts_cfg cfg = {.longest = 1000};
    struct counts_read *r = NULL;
    struct errbuf eb = {0};

    if (counts_read_open(&r, names, n, &cfg, memory, NULL, NULL, &eb) != RF_OK ||
        counts_read_all(r, to, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    counts_read_close(r);
}

/* Thousands of runs of two levels, or one list that goes on in a run; more files than may be
 * open; files in any order: the same words and counts. */
static void spilled_counts_come_back(void **state)
{
    static const uint64_t memory[] = {0, 4096, 100000};
    char sorted[] = "sorted", plain[] = "plain";
    char *files[] = {plain, sorted, sorted, sorted, sorted, sorted, sorted, plain, sorted};
    const int n_files = sizeof files / sizeof *files;
    struct word_counts all = {0};

    (void)state;
    count_file(&all, getenv("CORPUS"), 1);
    write_counts(&all, sorted, false);
    write_counts(&all, plain, true);
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) {
        struct word_counts again = {.memory = memory[i]};

        read_counts(&again, files, n_files, memory[i]);
        assert_true((again.runs != NULL) == (memory[i] > 0));
        assert_same_words(&all, &again, (uint64_t)n_files);
        word_counts_free(&again);
    }
    word_counts_free(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_their_alphabet_merges_are_theirs),
        cmocka_unit_test(the_alphabet_is_theirs),
        cmocka_unit_test(neither_order_nor_threads_matter),
        cmocka_unit_test(a_pair_is_taken_off_once),
        cmocka_unit_test(the_most_frequent_pair_is_merged_first),
        cmocka_unit_test(ties_go_to_the_smaller_ids),
        cmocka_unit_test(equal_neighbours_are_merged_from_the_left),
        cmocka_unit_test(a_string_that_is_there_keeps_its_id),
        cmocka_unit_test(the_limit_cuts_rare_characters),
        cmocka_unit_test(large_counts_rank_right),
        cmocka_unit_test(little_memory_changes_nothing),
        cmocka_unit_test(spilled_counts_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
