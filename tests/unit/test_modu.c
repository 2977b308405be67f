/* test_modu: the layouts of 모두의 말뭉치, titles, turns, marks, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "corpus/modu.h"
#include "corpus/modu_form.h"

#define FILE_OF(document)  "{\"document\":" document "}"
#define NEWS(form)         FILE_OF("[{\"id\":\"NLRW1.1\",\"paragraph\":[" form "]}]")
#define SAID(form)         "{\"form\":\"" form "\"}"
#define SAID_BY(who, form) "{\"form\":\"" form "\",\"speaker_id\":" who "}"

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "wb");

    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

/* The text of a file of this name that holds `json`; NULL and the message where it is refused.
 */
static char *read_as(const char *name, const char *json, struct modu_counts *n,
                     struct errbuf *eb)
{
    struct modu_cfg cfg = {0};
    struct text_out *to = NULL;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    int rc;

    write_file(name, json);
    assert_int_equal(text_out_open(&to, out, NULL, eb), RF_OK);
    rc = modu_text(to, name, &cfg, n, NULL, eb);
    assert_int_equal(text_out_end(to, RF_OK, NULL), RF_OK);
    fclose(out);
    if (rc != RF_OK) {
        assert_true(modu_may_go_on(rc));
        free(text);
        return NULL;
    }
    return text;
}

static void assert_text(const char *name, const char *json, const char *want)
{
    struct modu_counts n = {0};
    struct errbuf eb = {0};
    char *got = read_as(name, json, &n, &eb);

    if (!got)
        fail_msg("%s: %s", json, eb.text);
    assert_string_equal(got, want);
    free(got);
}

static void assert_refused(const char *json, const char *message)
{
    struct modu_counts n = {0};
    struct errbuf eb = {0};
    char *got = read_as("x.json", json, &n, &eb);

    if (got)
        fail_msg("taken: %s", json);
    assert_string_equal(eb.text, message);
}

static void titles_by_kind(void **state)
{
    static const char *const doc =
        "{\"document\":[{\"id\":\"%s\",\"metadata\":{\"title\":\"제목\",\"topic\":\"주제\"},"
        "\"%s\":[{\"form\":\"가\"},{\"form\":\"나\"}]}]}";
    static const struct {
        const char *id, *part, *want;
    } rows[] = {{"NLRW1.1", "paragraph", "가\n나\n\n"},
                {"WARW1.1", "paragraph", "제목\n가\n나\n\n"},
                {"SARW1.1", "utterance", "제목\n가\n나\n\n"},
                {"MDRW1.1", "utterance", "주제\n가\n나\n\n"},
                {"ESRW1.1", "paragraph", "제목\n가\n나\n\n"},
                {"X.1", "paragraph", "제목\n가\n나\n\n"}};
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf json = {0};

        assert_int_equal(buf_printf(&json, doc, rows[i].id, rows[i].part), RF_OK);
        assert_text("x.json", json.data, rows[i].want);
        buf_free(&json);
    }
}

static void kind_by_file_or_its_name(void **state)
{
    const char *bare =
        FILE_OF("[{\"metadata\":{\"title\":\"t\"},\"paragraph\":[{\"form\":\"가\"}]}]");
    (void)state;

    assert_text("x.json", bare, "t\n가\n\n");
    assert_text("NWRW1800000001.json", bare, "가\n\n");
    assert_text("WARW1800000001.json",
                "{\"id\":\"NLRW1\",\"document\":[{\"metadata\":{\"title\":\"t\"},\"paragraph\":"
                "[{\"form\":\"가\"}]}]}",
                "가\n\n");
}

static void no_title_is_an_empty_line(void **state)
{
    (void)state;
    assert_text(
        "x.json",
        FILE_OF("[{\"metadata\":{\"title\":\"NA\"},\"paragraph\":[{\"form\":\"가\"}]}]"),
        "\n가\n\n");
    assert_text("x.json",
                FILE_OF("[{\"metadata\":{\"title\":\" \"},\"paragraph\":[{\"form\":\"가\"}]}]"),
                "\n가\n\n");
    assert_text("x.json",
                FILE_OF("[{\"metadata\":{\"title\":[1]},\"paragraph\":[{\"form\":\"가\"}]}]"),
                "\n가\n\n");
    assert_text("x.json", FILE_OF("[{\"metadata\":null,\"paragraph\":[{\"form\":\"가\"}]}]"),
                "\n가\n\n");
}

static void headline_is_one_line(void **state)
{
    (void)state;
    assert_text("x.json", NEWS(SAID("") "," SAID("큰\\n제목") "," SAID("첫\\n둘")),
                "큰 제목\n첫\n둘\n\n");
}

static void turns_are_joined(void **state)
{
    (void)state;
    assert_text(
        "x.json",
        FILE_OF("[{\"id\":\"SARW1.1\",\"utterance\":[" SAID_BY("\"P1\"", "오늘") "," SAID_BY("\"P1\"", "춥다.") "," SAID_BY("\"P2\"", "네.") "," SAID_BY(
            "\"P3\"",
            "{laughing}") "," SAID_BY("\"P2\"",
                                      "그래요.") "," SAID_BY("null",
                                                             "누구.") "," SAID_BY("null",
                                                                                  "모름.") "," SAID_BY("7",
                                                                                                       "칠.") "," SAID_BY("7",
                                                                                                                          "또.") "," SAID("끝.") "]}]"),
        "\n오늘 춥다.\n네. 그래요.\n누구.\n모름.\n칠. 또.\n끝.\n\n");
    assert_text("x.json",
                FILE_OF("[{\"id\":\"MDRW1.1\",\"utterance\":[" SAID_BY(
                    "\"1\"", "가") "," SAID_BY("\"1\"", "나\\n다") "]}]"),
                "\n가\n나 다\n\n");
}

static void layouts(void **state)
{
    (void)state;
    assert_text("x.json", FILE_OF("{\"paragraph\":{\"form\":\"가\"}}"), "\n가\n\n");
    assert_text(
        "x.json",
        FILE_OF("[{\"document\":[{\"paragraph\":[{\"form\":\"가\"}]},"
                "{\"paragraph\":[{\"form\":\"나\"}]}],\"paragraph\":[{\"form\":\"밖\"}]}]"),
        "\n가\n\n\n나\n\n\n밖\n\n");
    assert_text("x.json", FILE_OF("[]"), "");
    assert_text("x.json",
                FILE_OF("[null,1,\"x\",[{\"paragraph\":[{\"form\":\"가\"}]}],"
                        "{\"paragraph\":[1,[],{\"form\":\"나\"}],\"utterance\":3}]"),
                "\n나\n\n");
    assert_text("x.json", FILE_OF("[{\"paragraph\":[{\"form\":\"가\",\"form\":\"나\"}]}]"),
                "\n나\n\n");
}

/* What a document or a file says of itself is not true of the next one. */
static void kinds_end_with_their_owner(void **state)
{
    (void)state;
    assert_text("x.json",
                FILE_OF("[{\"id\":\"NLRW1.1\",\"paragraph\":[" SAID(
                    "가") "]},"
                          "{\"metadata\":{\"title\":\"t\"},\"paragraph\":[" SAID(
                              "나") "]},"
                                    "{\"paragraph\":[" SAID("다") "]}]"),
                "가\n\nt\n나\n\n\n다\n\n");
}

static void holders_are_no_documents(void **state)
{
    struct modu_counts n = {0};
    char *got = read_as(
        "x.json", FILE_OF("[{\"document\":[{\"paragraph\":[" SAID("가") "]}]}]"), &n, NULL);
    (void)state;

    assert_string_equal(got, "\n가\n\n");
    assert_int_equal(n.documents, 1);
    assert_int_equal(n.without_text, 0);
    free(got);
}

static void no_text_names_the_layout(void **state)
{
    (void)state;
    assert_refused(
        FILE_OF("[{\"id\":\"X\",\"sentence\":[{\"form\":\"가\"}],\"a b\":1}]"),
        "no text in 'x.json', byte 0: the first document has id, sentence, and no form in a "
        "paragraph or utterance");
    assert_refused(
        FILE_OF("[{\"utterance\":[{\"form\":[\"가\"]}]}]"),
        "no text in 'x.json', byte 0: the first document has utterance, and no form in a "
        "paragraph or utterance");
    assert_refused(
        " {\"data\":[],\"version\":1}",
        "no text in 'x.json', byte 1: the object has data, version, and no document");
    assert_refused("{}",
                   "no text in 'x.json', byte 0: the object has nothing, and no document");
    assert_refused(
        "[]",
        "no text in 'x.json', byte 0: found an array, where the object of a file was expected");
    assert_refused(
        FILE_OF("[{\"document\":[{\"document\":[{\"document\":[{\"document\":[{}]}]}]}]}]"),
        "documents inside each other more than 4 deep in 'x.json', byte 65");
}

static void csv_is_refused(void **state)
{
    static const char *const names[] = {"a.csv", "B.CSV", "c.csv.zst"};
    struct modu_counts n = {0};
    struct modu_cfg cfg = {0};
    struct errbuf eb = {0};
    (void)state;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(modu_text(NULL, names[i], &cfg, &n, NULL, &eb), RF_EFORMAT);
    assert_string_equal(eb.text,
                        "'c.csv.zst' is a CSV file: give the JSON file of the same name, "
                        "which has the same text");
}

static void all_is_counted(void **state)
{
    struct modu_counts n = {0};
    char *got = read_as(
        "x.json",
        FILE_OF("[{\"utterance\":[" SAID("&name1&이 {x}와 &tel-num& R&D&A") "," SAID(
            "{y}") "," SAID(" ") ",{}," SAID("\\ue57b\\u0000\\udbc0\\udc00\\ud800\xEF\xAC"
                                             "\x80") "]},"
                                                     "{\"paragraph\":[]},{\"metadata\":{"
                                                     "\"title\":\"&other(s)&\"},"
                                                     "\"paragraph\":[" SAID("가") "]}]"),
        &n, NULL);
    (void)state;

    assert_non_null(got);
    assert_int_equal(n.files, 1);
    assert_int_equal(n.documents, 3);
    assert_int_equal(n.without_text, 1);
    assert_int_equal(n.utterances, 5);
    assert_int_equal(n.paragraphs, 1);
    assert_int_equal(n.empty, 2);
    assert_int_equal(n.only_marks, 1);
    assert_int_equal(n.marks, 2);
    assert_int_equal(n.anonymised, 3);
    assert_int_equal(n.private_use, 2);
    assert_int_equal(n.nul, 1);
    assert_int_equal(n.surrogates, 1);
    assert_int_equal(n.replaced, 0);
    free(got);
}

struct row {
    const char *in, *out;
};

static void html_forms(void **state)
{
    static const struct row rows[] = {
        {"<p>가 &lt;나&gt; &amp;amp; 다</p>", "가 <나> &amp; 다\n"},
        {"<p class=\"a\">가<br/>나<BR>다</p><p>라</p>", "가\n나\n다\n라\n"},
        {" <P>&#44032;&#xAC01;&quot;&nbsp;&hellip;</P>", "가각\" …\n"},
        {"<p>a < b, <3, <가>, &x; &#xD800; &#0; & &amp</p>",
         "a < b, <3, <가>, &x; &#xD800; &#0; & &amp\n"},
        {"<p>열린 <b", "열린 <b\n"},
        {"<p></p>", ""},
        {"가 &lt; <p>나</p>", "가 &lt; <p>나</p>\n"},
        {"<pre>가</pre>", "<pre>가</pre>\n"},
    };
    struct buf to = {0}, scratch = {0};
    (void)state;

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        buf_clear(&to);
        assert_int_equal(modu_paragraph(&to, rows[i].in, strlen(rows[i].in), &scratch), RF_OK);
        assert_string_equal(to.data, rows[i].out);
    }
    buf_free(&to);
    buf_free(&scratch);
}

static void assert_marks(const struct row *rows, size_t n, enum modu_marks marks, bool spoken,
                         uint64_t want_gone)
{
    struct buf to = {0}, scratch = {0};
    uint64_t gone = 0;

    for (size_t i = 0; i < n; i++) {
        buf_clear(&to);
        assert_int_equal(
            modu_utterance(&to, rows[i].in, strlen(rows[i].in), marks, spoken, &scratch, &gone),
            RF_OK);
        assert_string_equal(to.data, rows[i].out);
    }
    assert_int_equal(gone, want_gone);
    buf_free(&to);
    buf_free(&scratch);
}

#define ROWS(rows) rows, sizeof(rows) / sizeof *(rows)

static void marks(void **state)
{
    static const struct row drop[] = {
        {"네 {laughing} 네", "네 네"}, {"{ share : photo }", ""},
        {"가{emoji}나", "가 나"},      {"{열림 {x}", "{열림"},
        {"열림 {x", "열림 {x"},        {"((스무)) -넘- 그~", "((스무)) -넘- 그~"}};
    static const struct row clean[] = {
        {"어제 -넘어- 넘어진 사람이 ((스무)) 명입니다.", "어제 넘어진 사람이 스무 명입니다."},
        {"(()) ((xx)) (( xxx ))", ""},
        {"((가 {laughing} 나))다 ((열림", "가 나다 ((열림"},
        {"-가 나-, 다", ", 다"},
        {"그~ 음~, 3~4월 5~ ~가", "그 음, 3~4월 5~ ~가"},
        {"- 가 - 나 가-나-다 -3도 -2도-", "- 가 - 나 가-나-다 -3도 -2도-"},
        {"(가) ((나) (다))", "(가) 나) (다"},
        {"&name& ((&name1&))", "&name& &name1&"}};
    static const struct row keep[] = {
        {"네 {laughing}  ((xx)) -가-", "네 {laughing} ((xx)) -가-"}};
    static const struct row message[] = {{"그~ ((ㅋㅋ)) -가- {emoji}", "그~ ((ㅋㅋ)) -가-"}};
    (void)state;

    assert_marks(ROWS(drop), MODU_DROP_MARKERS, true, 4);
    assert_marks(ROWS(clean), MODU_CLEAN, true, 12);
    assert_marks(ROWS(keep), MODU_KEEP, true, 0);
    assert_marks(ROWS(message), MODU_CLEAN, false, 1);
}

/* A document may have MODU_MAX_BYTES, in pieces or in many small ones. */
static void a_document_has_a_limit(void **state)
{
    struct modu_counts n = {0};
    struct modu_cfg cfg = {0};
    struct errbuf eb = {0};
    struct text_out *to = NULL;
    FILE *f = fopen("big.json", "wb"), *null = fopen("/dev/null", "w");
    (void)state;

    fputs("{\"document\":[{\"paragraph\":[{}", f);
    for (size_t i = 0; i < MODU_MAX_BYTES / 32; i++)
        fputs(",{}", f);
    fclose(f);
    assert_int_equal(text_out_open(&to, null, NULL, NULL), RF_OK);
    assert_int_equal(modu_text(to, "big.json", &cfg, &n, NULL, &eb), RF_ERANGE);
    assert_memory_equal(eb.text, "document of over 64 MiB in 'big.json', byte ", 44);
    assert_int_equal(text_out_end(to, RF_OK, NULL), RF_OK);
    fclose(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(titles_by_kind),
        cmocka_unit_test(kind_by_file_or_its_name),
        cmocka_unit_test(no_title_is_an_empty_line),
        cmocka_unit_test(headline_is_one_line),
        cmocka_unit_test(turns_are_joined),
        cmocka_unit_test(layouts),
        cmocka_unit_test(kinds_end_with_their_owner),
        cmocka_unit_test(holders_are_no_documents),
        cmocka_unit_test(no_text_names_the_layout),
        cmocka_unit_test(csv_is_refused),
        cmocka_unit_test(all_is_counted),
        cmocka_unit_test(html_forms),
        cmocka_unit_test(marks),
        cmocka_unit_test(a_document_has_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
