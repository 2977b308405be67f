/* test_encode: lines to ids on several threads, in order. */
#include "golden.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "text/cut.h"
#include "data/encode.h"
#include "wordpiece/vocab.h"

enum { LINES = 150000 }; /* several times what a thread takes at once */

static char file[] = "t.txt";
static const int threads[] = {1, 2, 5};

/* Digits, so that the ids of a number say which one it was. */
static struct vocab *digits(void)
{
    FILE *f = fopen("v.txt", "w");
    struct vocab *v = NULL;
    struct errbuf eb = {0};
    uint64_t odd;

    assert_non_null(f);
    fputs("[UNK]\n", f);
    for (int i = 0; i < 10; i++)
        fprintf(f, "%d\n##%d\n", i, i);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(vocab_read(&v, "v.txt", &odd, &eb), RF_OK);
    return v;
}

/* Each line is its own number; `bad` is no UTF-8 (LINES: none is bad). */
static void write_numbers(int bad)
{
    FILE *f = fopen("t.txt", "w");

    assert_non_null(f);
    for (int i = 0; i < LINES; i++)
        fprintf(f, i == bad ? "\xFF\n" : "%d\n", i);
    assert_int_equal(fclose(f), 0);
}

struct run {
    char *names[1];
    struct vocab *v;
    struct lines *l;
    struct encoder *e;
    struct errbuf eb;
};

static void begin(struct run *r, char *name, int n)
{
    static const struct text_cfg text = {.part = CUT_PART_BYTES};
    static const struct wordpiece_cfg cfg = {0};

    *r = (struct run){.names = {name}, .v = digits()};
    assert_int_equal(lines_open(&r->l, r->names, 1, &text, &r->eb), RF_OK);
    assert_int_equal(encoder_open(&r->e, r->v, r->l, &cfg, false, n, &r->eb), RF_OK);
}

static void end(struct run *r)
{
    encoder_close(r->e);
    lines_close(r->l);
    vocab_free(r->v);
}

static int number_of(const struct encoded *line)
{
    int n = 0;

    for (size_t i = 0; i < line->n; i++)
        n = 10 * n + (line->ids[i] - 1) / 2;
    return n;
}

/* How many lines come, each in its place; *rc is what comes behind them. */
static int count(struct run *r, int most, int *rc)
{
    struct encoded line;
    int n = 0;

    while (n < most && (*rc = encoder_next(r->e, &line, &r->eb)) == 1)
        assert_int_equal(number_of(&line), n++);
    return n;
}

static void order_is_kept(void **state)
{
    (void)state;
    write_numbers(LINES);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct encode_totals t = {0};
        struct run r;
        int rc = -1;

        begin(&r, file, threads[i]);
        assert_int_equal(count(&r, LINES + 1, &rc), LINES);
        assert_int_equal(rc, 0);
        assert_int_equal(count(&r, 1, &rc), 0); /* the end stays the end */
        assert_int_equal(rc, 0);
        encoder_stop(r.e, &t);
        assert_int_equal(t.words, LINES);
        assert_int_equal(t.unknown, 0);
        end(&r);
    }
}

static void an_error_comes_in_its_place(void **state)
{
    int before = -1;

    (void)state;
    write_numbers(LINES / 2);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct run r;
        int rc = 0, n;

        begin(&r, file, threads[i]);
        n = count(&r, LINES, &rc);
        assert_int_equal(rc, RF_EFORMAT);
        assert_non_null(strstr(r.eb.text, "line 75001"));
        assert_true(n > 0 && n <= LINES / 2 && (before < 0 || n == before));
        before = n;
        assert_int_equal(count(&r, 1, &rc), 0);
        assert_int_equal(rc, RF_EFORMAT);
        end(&r);
    }
}

static void it_stops_in_the_midst(void **state)
{
    (void)state;
    write_numbers(LINES);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct run r;
        const char *text;
        size_t len;
        int rc = 0;

        begin(&r, file, threads[i]);
        assert_int_equal(count(&r, 10, &rc), 10);
        assert_true(encoder_consumed(r.e) > 0);
        encoder_stop(r.e, NULL);
        assert_true(lines_next(r.l, &text, &len, &r.eb) >= 0); /* ours again */
        end(&r);
        begin(&r, file, threads[i]); /* and before anything was asked for */
        end(&r);
    }
}

/* More may come through the pipe, but nobody waits for it. */
static void a_stalled_pipe_holds_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        struct run r;
        char name[32];
        int end_of[2], rc = 0;

        assert_int_equal(pipe(end_of), 0);
        assert_true(fcntl(end_of[1], F_SETPIPE_SZ, 1 << 20) >= 1 << 20);
        for (int k = 0; k < 30000; k++)
            assert_true(dprintf(end_of[1], "%d\n", k) > 0);
        snprintf(name, sizeof name, "/proc/self/fd/%d", end_of[0]);
        begin(&r, name, threads[i]);
        assert_int_equal(count(&r, 10, &rc), 10);
        usleep(100000); /* so that one waits */
        alarm(60);
        encoder_stop(r.e, NULL);
        alarm(0);
        end(&r);
        close(end_of[0]);
        close(end_of[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_kept),
        cmocka_unit_test(an_error_comes_in_its_place),
        cmocka_unit_test(it_stops_in_the_midst),
        cmocka_unit_test(a_stalled_pipe_holds_nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
