/*
 * test_squad: windows and answers of questions on texts.
 *
 * The windows, and which of them has most of a token's context, are compared with the plain
 * loops that the manual describes.
 */
#include "golden.h"

#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "base/rng.h"
#include "data/squad_best.h"

enum { TOKENS = 90, NBEST = 5, LONGEST = 4, PAIRS = 1 << 16 };

static struct wordpiece *encoder;
static struct vocab *vocab;

/* A vocabulary of single characters: ASCII and every Hangul syllable, bare and inside words. */
static int open_vocab(void **state)
{
    static const struct wordpiece_cfg cfg = {0};
    struct buf text = {0};
    char utf8[UTF8_MAX_BYTES];

    (void)state;
    assert_int_equal(buf_printf(&text, "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"), RF_OK);
    for (uint32_t cp = '!'; cp <= 0xD7A3; cp = cp == '~' ? 0xAC00 : cp + 1) {
        int n = (int)utf8_encode(utf8, cp);

        assert_int_equal(buf_printf(&text, "%.*s\n##%.*s\n", n, utf8, n, utf8), RF_OK);
    }
    assert_int_equal(vocab_parse(&vocab, text.data, text.len, "characters", NULL, NULL), RF_OK);
    assert_int_equal(wordpiece_new(&encoder, vocab, &cfg, NULL), RF_OK);
    buf_free(&text);
    return 0;
}

static int close_vocab(void **state)
{
    (void)state;
    wordpiece_free(encoder);
    vocab_free(vocab);
    return 0;
}

static struct squad_features *features(uint64_t max_len, uint64_t stride, uint64_t max_query)
{
    const struct squad_feature_cfg cfg = {max_len, stride, max_query};
    struct squad_features *f = NULL;

    assert_int_equal(squad_features_new(&f, encoder, vocab, &cfg, NULL), RF_OK);
    return f;
}

/* Let the features be those of a text. */
static int take(struct squad_features *f, const char *text, size_t len)
{
    const struct squad_context c = {.text = text, .len = len};

    return squad_features_context(f, &c);
}

/* The score of a window for a token, -1: it does not show it. */
static double context_of(struct squad_span window, size_t token)
{
    size_t left = token - window.first, right = window.last - token;
    volatile double share = 0.01 * (double)(window.last - window.first + 1);

    if (token < window.first || token > window.last)
        return -1;
    return (double)(left < right ? left : right) + share;
}

static void check_windows(struct squad_features *f, size_t tokens, size_t room, size_t stride)
{
    struct squad_span windows[TOKENS];
    size_t n = 0;

    for (size_t start = 0; start < tokens; start += stride < room ? stride : room) {
        size_t length = tokens - start < room ? tokens - start : room;

        windows[n++] = (struct squad_span){start, start + length - 1};
        if (start + length == tokens)
            break;
    }
    assert_int_equal(squad_features_windows(f), n);
    for (size_t i = 0; i < n; i++) {
        struct squad_span w = squad_features_window(f, i);
        const int32_t *ids;
        size_t len, passage;

        assert_int_equal(w.first, windows[i].first);
        assert_int_equal(w.last, windows[i].last);
        assert_int_equal(squad_features_sequence(f, i, &ids, &len, &passage), RF_OK);
        assert_int_equal(passage, 4);
        assert_int_equal(len, 4 + w.last - w.first + 1 + 1);
        assert_int_equal(ids[0], 2);
        assert_int_equal(ids[3], 3);
        assert_int_equal(ids[len - 1], 3);
    }
    for (size_t token = 0; token < tokens; token++) {
        size_t best = 0;

        for (size_t i = 1; i < n; i++)
            if (context_of(windows[i], token) > context_of(windows[best], token))
                best = i;
        assert_int_equal(squad_features_best_window(f, token), best);
    }
}

static void windows_are_those_of_the_plain_loops(void **state)
{
    char text[2 * TOKENS];
    bool cut;

    (void)state;
    memset(text, '.', sizeof text);
    for (size_t room = 1; room < 40; room += 1 + room / 8)
        for (size_t stride = 1; stride < 45; stride += 1 + stride / 6) {
            struct squad_features *f = features(room + 2 + SQUAD_EDGES, stride, 2);

            for (size_t tokens = 0; tokens < TOKENS; tokens++) {
                assert_int_equal(take(f, text, tokens), RF_OK);
                assert_int_equal(squad_features_question(f, "a?!", 3, &cut), RF_OK);
                assert_true(cut);
                assert_int_equal(squad_features_tokens(f), tokens);
                check_windows(f, tokens, room, stride);
            }
            squad_features_free(f);
        }
}

/* An answer in a context, in whole characters, with the text of its tokens. */
static void expect(struct squad_features *f, const char *answer, uint64_t start,
                   const char *wanted)
{
    struct squad_span span;
    size_t len;
    const char *text;

    if (!squad_features_answer(f, start, answer, strlen(answer), &span)) {
        assert_null(wanted);
        return;
    }
    text = squad_features_text(f, span, &len);
    assert_non_null(wanted);
    assert_int_equal(len, strlen(wanted));
    assert_memory_equal(text, wanted, len);
}

static void answers_are_cut_by_characters(void **state)
{
    static const char context[] =
        "\xF0\x9D\x84\x9E 세종은, é e\xCC\x81 [MASK]를 \xE2\x80\x8B가";
    struct squad_features *f = features(128, 16, 2);

    (void)state;
    assert_int_equal(take(f, context, strlen(context)), RF_OK);
    expect(f, "세종", 2, "세종");
    expect(f, "종", 3, "종");
    expect(f, "종은, ", 3, "종은,");
    expect(f, "은, \xC3\xA9 e", 4, "은, \xC3\xA9 e\xCC\x81"); /* [UNK] is a whole word */
    expect(f, "\xF0\x9D\x84\x9E", 0, "\xF0\x9D\x84\x9E");
    expect(f, "[MASK]를", 12, "[MASK]를");
    expect(f, "MASK", 13, "[MASK]"); /* inside a special token */
    expect(f, "가", 21, "가");
    expect(f, " ", 1, NULL);
    expect(f, "\xE2\x80\x8B", 20, NULL); /* it vanishes */
    expect(f, "세종", 3, NULL);
    expect(f, "가", 22, NULL);
    expect(f, "가나", 21, NULL);
    expect(f, "", 2, NULL);
    expect(f, "세종", SQUAD_NO_START, NULL);
    squad_features_free(f);
}

/* Whatever tokens are chosen, their text lies in the context and begins and ends with a
 * character; that of an answer holds the answer. */
static void check_context(struct squad_features *f, const struct squad_context *c,
                          uint64_t *seen)
{
    size_t n;

    assert_int_equal(squad_features_context(f, c), RF_OK);
    n = squad_features_tokens(f);
    for (size_t first = 0; first < n; first++)
        for (size_t last = first; last < n && last < first + 30; last += 1 + (last - first)) {
            size_t len;
            const char *text = squad_features_text(f, (struct squad_span){first, last}, &len);

            assert_true(text >= c->text && len > 0 && text + len <= c->text + c->len);
            assert_int_equal(utf8_check(text, len), len);
        }
    for (size_t i = 0; i < c->n; i++) {
        const struct squad_answer *a = c->questions[i].answers;
        struct squad_span span;
        size_t len, from, to;
        const char *text;

        assert_true(squad_features_answer(f, a->start, a->text, a->len, &span));
        text = squad_features_text(f, span, &len);
        from = strspn(a->text, " ");
        for (to = a->len; to > from && a->text[to - 1] == ' ';)
            to--;
        assert_non_null(memmem(text, len, a->text + from, to - from));
        ++*seen;
    }
}

static void every_text_is_a_part_of_its_context(void **state)
{
    static const char *const paths[] = {"../shared/data/korquad-train.json",
                                        "pipelines/qa-train.json"};
    struct squad_features *f = features(384, 128, 64);
    struct squad_context c;
    uint64_t seen = 0;
    char path[512], *names[] = {path};

    (void)state;
    for (size_t i = 0; i < 2 && !seen; i++)
        for (int join = 0; join < 2; join++) {
            struct squad *s = NULL;
            int rc;

            snprintf(path, sizeof path, "%s/%s", getenv("ROOT"), paths[i]);
            if (squad_open(&s, names, 1, &(struct squad_cfg){.join = join}, NULL) != RF_OK)
                continue;
            while ((rc = squad_next(s, &c, NULL)) == 1)
                check_context(f, &c, &seen);
            assert_int_equal(rc, RF_OK);
            squad_close(s);
        }
    assert_true(seen >= 300);
    squad_features_free(f);
}

/* --- the best answers, beside plain loops that look at every pair */

/* Returns how many of x[n] are larger than x[at], or equal and before it. */
static size_t rank(const float *x, size_t n, size_t at)
{
    size_t better = 0;

    for (size_t i = 0; i < n; i++)
        better += x[i] > x[at] || (x[i] == x[at] && i < at);
    return better;
}

struct plain_pair {
    struct squad_span span;
    double sum;
    size_t window, start_rank, end_rank;
};

static int by_plain_order(const void *left, const void *right)
{
    const struct plain_pair *a = left, *b = right;

    if (a->sum != b->sum)
        return a->sum > b->sum ? -1 : 1;
    if (a->window != b->window)
        return a->window < b->window ? -1 : 1;
    if (a->start_rank != b->start_rank)
        return a->start_rank < b->start_rank ? -1 : 1;
    return a->end_rank < b->end_rank ? -1 : 1;
}

/* Collect the pairs of a window, whose logits are start[n] and end[n]. */
static size_t plain_pairs(struct plain_pair *to, const struct squad_features *f, size_t window,
                          const float *start, const float *end, size_t n, size_t passage)
{
    struct squad_span w = squad_features_window(f, window);
    size_t found = 0;

    for (size_t a = w.first; a <= w.last; a++)
        for (size_t z = a; z <= w.last && z < a + LONGEST; z++) {
            size_t s = a - w.first + passage, e = z - w.first + passage;

            if (rank(start, n, s) < NBEST && rank(end, n, e) < NBEST &&
                squad_features_best_window(f, a) == window)
                to[found++] = (struct plain_pair){{a, z},
                                                  (double)start[s] + (double)end[e],
                                                  window,
                                                  rank(start, n, s),
                                                  rank(end, n, e)};
        }
    return found;
}

/* Of pairs in order, those with a text that none before has. Returns their number. */
static size_t plain_texts(struct plain_pair *pairs, size_t n, const struct squad_features *f)
{
    size_t kept = 0;

    for (size_t i = 0; i < n && kept < NBEST; i++) {
        size_t len, other_len;
        const char *text = squad_features_text(f, pairs[i].span, &len), *other;
        bool again = false;

        for (size_t k = 0; k < kept && !again; k++) {
            other = squad_features_text(f, pairs[k].span, &other_len);
            again = len == other_len && memcmp(text, other, len) == 0;
        }
        if (!again)
            pairs[kept++] = pairs[i];
    }
    return kept;
}

/* Few different logits and letters, so that many are equal. `answers` counts the cases that
 * have an answer by pairs. */
static void check_best(struct squad_features *f, struct squad_best *best, uint64_t seed,
                       struct plain_pair *pairs, size_t *answers)
{
    const struct rng r = rng_stream(seed, 0, 0, RNG_TEST);
    const struct squad_reply *replies;
    size_t tokens = 1 + rng_below(r, 0, TOKENS - 1), n_pairs = 0, n, drawn = 0;
    char text[TOKENS];
    double total = 0;
    bool cut;

    for (size_t i = 0; i < tokens; i++)
        text[i] = ".,!"[rng_below(r, 1000 + i, 3)];
    assert_int_equal(take(f, text, tokens), RF_OK);
    assert_int_equal(squad_features_question(f, "a?", 2, &cut), RF_OK);
    squad_best_clear(best);
    for (size_t i = 0; i < squad_features_windows(f); i++) {
        float start[TOKENS], end[TOKENS];
        const int32_t *ids;
        size_t len, passage;

        assert_int_equal(squad_features_sequence(f, i, &ids, &len, &passage), RF_OK);
        for (size_t t = 0; t < len; t++) {
            start[t] = (float)rng_below(r, 2000 + drawn++, 12) / 4;
            end[t] = (float)rng_below(r, 2000 + drawn++, 12) / 4;
        }
        assert_int_equal(squad_best_add(best, f, i, start, end, len, passage), RF_OK);
        n_pairs += plain_pairs(pairs + n_pairs, f, i, start, end, len, passage);
    }
    qsort(pairs, n_pairs, sizeof *pairs, by_plain_order);
    n_pairs = plain_texts(pairs, n_pairs, f);
    assert_int_equal(squad_best_choose(best, f, &replies, &n), RF_OK);
    assert_int_equal(n, n_pairs ? n_pairs : 1);
    *answers += n_pairs > 0;
    for (size_t i = 0; i < n_pairs; i++)
        total += exp(pairs[i].sum - pairs[0].sum);
    for (size_t i = 0; i < n_pairs; i++) {
        assert_int_equal(replies[i].span.first, pairs[i].span.first);
        assert_int_equal(replies[i].span.last, pairs[i].span.last);
        assert_true(fabs(replies[i].p - exp(pairs[i].sum - pairs[0].sum) / total) < 1e-12);
    }
}

static void the_best_answers_are_those_of_the_plain_loops(void **state)
{
    const struct squad_best_cfg cfg = {.nbest = NBEST, .max_answer = LONGEST};
    struct squad_features *f = features(2 + 20 + SQUAD_EDGES, 6, 2);
    struct plain_pair *pairs = calloc(PAIRS, sizeof *pairs);
    struct squad_best *best = NULL;
    size_t answers = 0;

    (void)state;
    assert_non_null(pairs);
    assert_int_equal(squad_best_new(&best, &cfg, NULL), RF_OK);
    for (uint64_t seed = 0; seed < 2000; seed++)
        check_best(f, best, seed, pairs, &answers);
    assert_true(answers > 1000 && answers < 2000);
    squad_best_free(best);
    squad_features_free(f);
    free(pairs);
}

/* Where ends stand before starts, no pair is an answer; the best span is. */
static void there_is_an_answer_where_no_pair_is_one(void **state)
{
    const struct squad_best_cfg cfg = {.nbest = 1, .max_answer = 3};
    const float start[] = {0, 0, 0, 1, 2, 3, 9, 0}, end[] = {0, 0, 0, 9, 2, 4, 1, 0};
    struct squad_features *f = features(32, 8, 2);
    const struct squad_reply *replies;
    struct squad_best *best = NULL;
    size_t n;
    bool cut;

    (void)state;
    assert_int_equal(squad_best_new(&best, &cfg, NULL), RF_OK);
    assert_int_equal(take(f, "abcd", 4), RF_OK);
    assert_int_equal(squad_features_question(f, "?", 1, &cut), RF_OK);
    assert_int_equal(squad_best_add(best, f, 0, start, end, 8, 3), RF_OK);
    assert_int_equal(squad_best_choose(best, f, &replies, &n), RF_OK);
    assert_int_equal(n, 1);
    assert_int_equal(replies[0].span.first, 0);
    assert_int_equal(replies[0].span.last, 0);
    assert_true(replies[0].p == 1);
    squad_best_free(best);
    squad_features_free(f);
}

/* Paragraphs of a joined article: what reaches over a border is no answer, neither by pairs nor
 * as the best of all spans, and does not stand there. */
static void an_answer_stays_in_its_paragraph(void **state)
{
    const size_t borders[] = {3, 6};
    const struct squad_context c = {
        .text = "ab\ncd\nef", .len = 8, .borders = borders, .n_borders = 2};
    /* Of [CLS] ? [SEP] a b c d e f [SEP] b to c is the best, then c to e. */
    const float start[] = {0, 0, 0, 1, 9, 5, 2, 1, 1, 0},
                end[] = {0, 0, 0, 2, 1, 9, 4, 8, 1, 0};
    struct squad_features *f = features(32, 8, 2);
    const struct squad_reply *replies;
    struct squad_span span;
    size_t n;
    bool cut;

    (void)state;
    assert_int_equal(squad_features_context(f, &c), RF_OK);
    assert_int_equal(squad_features_question(f, "?", 1, &cut), RF_OK);
    assert_false(squad_features_answer(f, 1, "b\nc", 3, &span));
    assert_false(squad_features_answer(f, 0, "ab\n", 3, &span));
    assert_true(squad_features_answer(f, 3, "cd", 2, &span));
    assert_true(squad_features_whole(f, span));
    for (uint64_t nbest = 1; nbest <= 6; nbest += 5) {
        const struct squad_best_cfg cfg = {.nbest = nbest, .max_answer = 6};
        struct squad_best *best = NULL;

        assert_int_equal(squad_best_new(&best, &cfg, NULL), RF_OK);
        assert_int_equal(squad_best_add(best, f, 0, start, end, 10, 3), RF_OK);
        assert_int_equal(squad_best_choose(best, f, &replies, &n), RF_OK);
        assert_int_equal(n, nbest == 1 ? 1 : 6);
        assert_int_equal(replies[0].len, 1);
        assert_memory_equal(replies[0].text, "c", 1);
        for (size_t i = 0; i < n; i++)
            assert_null(memchr(replies[i].text, '\n', replies[i].len));
        squad_best_free(best);
    }
    squad_features_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_are_those_of_the_plain_loops),
        cmocka_unit_test(answers_are_cut_by_characters),
        cmocka_unit_test(the_best_answers_are_those_of_the_plain_loops),
        cmocka_unit_test(there_is_an_answer_where_no_pair_is_one),
        cmocka_unit_test(an_answer_stays_in_its_paragraph),
        cmocka_unit_test(every_text_is_a_part_of_its_context),
    };

    return cmocka_run_group_tests(tests, open_vocab, close_vocab);
}
