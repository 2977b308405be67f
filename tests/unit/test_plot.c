/* test_plot: the gnuplot script of logs that the test writes itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

#include "plot/plot.h"

static const char header[] =
    "step\tepoch\ttokens\tloss\tlr\teval_loss\tunigram_loss\tseconds\n";

static FILE *start_log(const char *path)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(header, f);
    return f;
}

/* n rows of training, loss by the function; an evaluation at step 7 with this baseline. */
static void write_log(const char *path, int n, double (*loss)(int i), const char *baseline)
{
    FILE *f = start_log(path);

    for (int i = 1; i <= n; i++)
        fprintf(f, "%d\t0\t%d\t%.17g\t0.5\t-\t-\t%d\n", i, i * 100000, loss(i), i * 60);
    fprintf(f, "7\t0\t700000\t-\t-\t4.25\t%s\t420\n", baseline);
    assert_int_equal(fclose(f), 0);
}

static double linear(int i)
{
    return 10 - i / 1000.0;
}

static double jagged(int i)
{
    return i % 2;
}

static char *script(struct buf *b, struct plot_cfg cfg, int n, char *const *names)
{
    struct errbuf eb = {0};

    buf_clear(b);
    if (plot_script(b, &cfg, names, n, &eb) != RF_OK)
        fail_msg("%s", eb.text);
    return b->data;
}

static char a_tsv[] = "a.tsv", b_tsv[] = "b.tsv", x_a_tsv[] = "x/a.tsv";

/* Of several evaluation sets the first is drawn. */
static void first_set_is_drawn(void **state)
{
    char *const one[] = {a_tsv};
    FILE *f = fopen("a.tsv", "w");
    struct buf b = {0};
    (void)state;

    assert_non_null(f);
    fputs("step\ttokens\tset\tloss\teval_loss\tunigram_loss\tseconds\n"
          "1\t10\t-\t9\t-\t-\t1\n"
          "1\t10\twiki\t-\t4.5\t5.5\t1\n"
          "1\t10\tbills\t-\t3.5\t6.5\t1\n",
          f);
    assert_int_equal(fclose(f), 0);
    script(&b, (struct plot_cfg){0}, 1, one);
    assert_non_null(strstr(b.data, "$eval0 << EOD\n1 4.5\nEOD\n"));
    assert_non_null(strstr(b.data, "$base0 << EOD\n0 5.5\n1 5.5\nEOD\n"));
    buf_free(&b);
}

static void points_are_those_of_the_log(void **state)
{
    char *const one[] = {a_tsv};
    struct buf b = {0};
    (void)state;

    write_log("a.tsv", 3, linear, "5.5");
    script(&b, (struct plot_cfg){0}, 1, one);
    assert_non_null(strstr(b.data, "$train0 << EOD\n1 9.999\n2 9.998\n3 9.997\nEOD\n"));
    assert_non_null(strstr(b.data, "$eval0 << EOD\n7 4.25\nEOD\n"));
    assert_non_null(strstr(b.data, "$base0 << EOD\n0 5.5\n7 5.5\nEOD\n"));
    assert_non_null(strstr(b.data, "set xlabel 'step'"));
    assert_null(strstr(b.data, "$smooth"));
    script(&b, (struct plot_cfg){.by = PLOT_TOKENS}, 1, one);
    assert_non_null(strstr(b.data, "$train0 << EOD\n100 9.999\n200 9.998\n"));
    assert_non_null(strstr(b.data, "set xlabel 'tokens (thousands)'"));
    script(&b, (struct plot_cfg){.by = PLOT_SECONDS}, 1, one);
    assert_non_null(strstr(b.data, "$train0 << EOD\n60 9.999\n120 9.998\n"));
    script(&b, (struct plot_cfg){.what = PLOT_LR}, 1, one);
    assert_non_null(strstr(b.data, "$train0 << EOD\n1 0.5\n2 0.5\n"));
    assert_null(strstr(b.data, "$base"));
    buf_free(&b);
}

/* Both losses of a generator and its discriminator: the axes have as many parts and begin at a
 * multiple of one. */
static void two_axes_share_a_grid(void **state)
{
    static const struct {
        double generator[2], discriminator[2];
        const char *want[2];
    } cases[] = {{{8.13, 4.34}, {0.3813, 0.2768}, {"y [4:11] 1", "y2 [0.26:0.4] 0.02"}},
                 {{9.9, 0.4}, {0.35, 0.05}, {"y [0:12] 2", "y2 [0.05:0.35] 0.05"}},
                 {{5, 5}, {0, 0}, {"y [5:5.05] 0.01", "y2 [0:1e-06] 2e-07"}},
                 {{1e99, 2}, {1e-9, 3e-9}, {"y [0:1.2e+99] 2e+98", "y2 [0:1.2e-06] 2e-07"}}};
    char *const one[] = {a_tsv};
    struct buf b = {0};
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        FILE *f = fopen("a.tsv", "w");

        assert_non_null(f);
        fputs("step\tgenerator_loss\tdiscriminator_loss\n", f);
        for (int k = 0; k < 2; k++)
            fprintf(f, "%d\t%g\t%g\n", k, cases[i].generator[k], cases[i].discriminator[k]);
        assert_int_equal(fclose(f), 0);
        script(&b, (struct plot_cfg){.what = PLOT_ELECTRA}, 1, one);
        for (int k = 0; k < 2; k++) {
            char name[8], range[64], step[32], want[160];

            assert_int_equal(sscanf(cases[i].want[k], "%7s %63s %31s", name, range, step), 3);
            snprintf(want, sizeof want,
                     "set %stics %s scale 0 textcolor '#444444'\n"
                     "set %srange %s\n",
                     name, step, name, range);
            if (!strstr(b.data, want))
                fail_msg("no %s in %.1000s", want, b.data);
        }
    }
    buf_free(&b);
}

static void perplexity_is_the_exponential(void **state)
{
    char *const one[] = {a_tsv};
    struct buf b = {0};
    (void)state;

    write_log("a.tsv", 1, jagged, "0");
    script(&b, (struct plot_cfg){.what = PLOT_PERPLEXITY}, 1, one);
    assert_non_null(strstr(b.data, "$train0 << EOD\n1 2.71828183\nEOD\n"));
    assert_non_null(strstr(b.data, "$base0 << EOD\n0 1\n"));
    assert_non_null(strstr(b.data, "set logscale y"));
    buf_free(&b);
}

/* Bits per byte: no curve of training; the baseline is brought to the unit of the evaluation in
 * its row. Runs are called by their evaluations. */
static void bits_are_those_of_evaluations(void **state)
{
    char *const both[] = {a_tsv, b_tsv};
    struct buf b = {0};
    (void)state;

    for (int i = 0; i < 2; i++) {
        FILE *f = fopen(both[i], "w");

        assert_non_null(f);
        fputs("step\ttokens\tloss\teval_loss\teval_bits\tunigram_loss\n"
              "1\t10\t9\t-\t-\t-\n",
              f);
        fputs(i ? "1\t10\t-\t4\t2.00001\t6\n" : "1\t10\t-\t4\t2\t6\n", f);
        fputs(i ? "" : "2\t20\t-\t0\t0\t6\n", f); /* tells nothing of the baseline */
        assert_int_equal(fclose(f), 0);
    }
    script(&b, (struct plot_cfg){.what = PLOT_BITS}, 1, both);
    assert_non_null(strstr(b.data, "$eval0 << EOD\n1 2\n2 0\nEOD\n"));
    assert_non_null(strstr(b.data, "$base0 << EOD\n0 3\n2 3\nEOD\n"));
    assert_non_null(strstr(b.data, "set label 1 'bits per byte'"));
    assert_non_null(strstr(b.data, "title 'evaluation'"));
    assert_null(strstr(b.data, "plot $train"));
    script(&b, (struct plot_cfg){.what = PLOT_BITS}, 2, both);
    assert_null(strstr(b.data, "$base1")); /* but for rounding the same */
    assert_non_null(strstr(b.data, "title \"a.tsv\""));
    assert_non_null(strstr(b.data, "title \"b.tsv\""));
    assert_null(strstr(b.data, "'evaluation'"));
    buf_free(&b);
}

/* The y of line `n` (from 0) of a block. */
static double y_of(const char *text, const char *block, int n)
{
    const char *at = strstr(text, block);
    double x, y;

    assert_non_null(at);
    while (n-- >= 0)
        at = strchr(at, '\n') + 1;
    assert_int_equal(sscanf(at, "%lf %lf", &x, &y), 2);
    return y;
}

static void many_points_are_smoothed(void **state)
{
    char *const one[] = {a_tsv};
    struct buf b = {0};
    (void)state;

    write_log("a.tsv", 160, jagged, "-"); /* two neighbours on each side */
    script(&b, (struct plot_cfg){0}, 1, one);
    assert_true(fabs(y_of(b.data, "$smooth0", 0) - 1) < 1e-9); /* the ends have none */
    assert_true(fabs(y_of(b.data, "$smooth0", 1) - 2 / 3.0) < 1e-8);
    assert_true(fabs(y_of(b.data, "$smooth0", 2) - 3 / 5.0) < 1e-8);
    assert_true(fabs(y_of(b.data, "$smooth0", 3) - 2 / 5.0) < 1e-8);
    assert_true(fabs(y_of(b.data, "$smooth0", 159)) < 1e-9);
    assert_null(strstr(b.data, "$base"));
    script(&b, (struct plot_cfg){.what = PLOT_LR}, 1, one);
    assert_null(strstr(b.data, "$smooth"));
    buf_free(&b);
}

static size_t count_lines(const char *text, const char *block)
{
    const char *at = strstr(text, block), *end = strstr(at, "EOD\n$");
    size_t n = 0;

    for (; at < end; at++)
        n += *at == '\n';
    return n - 1;
}

static void very_many_points_become_means(void **state)
{
    char *const one[] = {a_tsv};
    struct buf b = {0};
    (void)state;

    write_log("a.tsv", PLOT_POINTS_MAX, jagged, "-");
    script(&b, (struct plot_cfg){0}, 1, one);
    assert_int_equal(count_lines(b.data, "$train0"), PLOT_POINTS_MAX);
    write_log("a.tsv", 2 * PLOT_POINTS_MAX, jagged, "-");
    script(&b, (struct plot_cfg){0}, 1, one);
    assert_int_equal(count_lines(b.data, "$train0"), PLOT_POINTS_MAX);
    assert_non_null(strstr(b.data, "$train0 << EOD\n1.5 0.5\n3.5 0.5\n"));
    buf_free(&b);
}

static void legends_tell_runs_apart(void **state)
{
    static char dotted[] = "./x/a.tsv", quote[] = "it's/a.tsv",
                odd[] = "a\nb\xE9\uAC00\uFFFF/a.tsv";
    char *const two[] = {a_tsv, x_a_tsv}, *const same[] = {x_a_tsv, dotted},
                *const names[] = {quote, odd};
    struct buf b = {0};
    (void)state;

    (void)mkdir("x", 0777);
    (void)mkdir("it's", 0777);
    (void)mkdir("a\nb\xE9\uAC00\uFFFF", 0777);
    write_log("a.tsv", 3, linear, "5");
    write_log("x/a.tsv", 3, linear, "5");
    write_log("it's/a.tsv", 3, linear, "6");
    write_log(odd, 3, linear, "7");
    script(&b, (struct plot_cfg){0}, 2, two);
    assert_non_null(strstr(b.data, "title \"a.tsv\""));
    assert_non_null(strstr(b.data, "title \"x\""));
    assert_non_null(strstr(b.data, "$base0"));
    assert_null(strstr(b.data, "$base1")); /* the same line */
    script(&b, (struct plot_cfg){0}, 2, same);
    assert_non_null(strstr(b.data, "title \"x/a.tsv\""));
    assert_non_null(strstr(b.data, "title \"./x/a.tsv\""));
    script(&b, (struct plot_cfg){0}, 2, names);
    assert_non_null(strstr(b.data, "title \"it's\""));
    assert_non_null(strstr(b.data, "title \"a?b?\uAC00?\""));
    assert_non_null(strstr(b.data, "$base1"));
    buf_free(&b);
}

static void refuses(const char *row, int what, int want, const char *says)
{
    char *const one[] = {b_tsv};
    struct plot_cfg cfg = {.what = what};
    struct errbuf eb = {0};
    struct buf b = {0};
    FILE *f = start_log("b.tsv");
    int rc;

    fputs(row, f);
    assert_int_equal(fclose(f), 0);
    rc = plot_script(&b, &cfg, one, 1, &eb);
    if (rc != want || !strstr(eb.text, says))
        fail_msg("'%s': %s, %s", row, rf_strerror(rc), eb.text);
    buf_free(&b);
}

static void broken_rows_are_refused(void **state)
{
    (void)state;

    refuses("", PLOT_LOSS, RF_EFORMAT, "nothing to draw in 'b.tsv'");
    refuses("1\t0\t1\t-\t1\t-\t-\t1\n", PLOT_LOSS, RF_EFORMAT, "no value of loss");
    refuses("1\t0\t1\tnan\t1\t-\t-\t1\n", PLOT_LOSS, RF_EFORMAT, "bad value 'nan'");
    refuses("1\t0\t1\tinf\t1\t-\t-\t1\n", PLOT_LOSS, RF_EFORMAT, "line 2");
    refuses("1\t0\t1\t\t1\t-\t-\t1\n", PLOT_LOSS, RF_EFORMAT, "bad value ''");
    refuses("1\t0\t1\t1e999\t1\t-\t-\t1\n", PLOT_LOSS, RF_EFORMAT, "bad value '1e999'");
    refuses("1\t0\t1\t1\t1\t-\t-\t1\t\n", PLOT_LOSS, RF_EFORMAT, "9 fields, not 8");
    refuses("1\t0\t1\t1\t1\t-\t-\t1\n\n", PLOT_LOSS, RF_EFORMAT, "line 3");
    refuses("-\t0\t1\t1\t1\t-\t-\t1\n", PLOT_LOSS, RF_EFORMAT, "no value of 'step'");
    refuses("1\t0\t1\t1\tx\t-\t-\t1\n", PLOT_LR, RF_EFORMAT, "bad value 'x'");
    refuses("1\t0\t1\t1\tx\t-\t-\t1\n", PLOT_LOSS, RF_OK, ""); /* not looked at */
    refuses("1\t0\t1\t1e308\t1\t-\t-\t1\n", PLOT_LOSS, RF_EFORMAT,
            "bad value '1e308' for 'loss' in 'b.tsv', line 2: must be 0 to 1e+100");
    refuses("-1\t0\t1\t1\t1\t-\t-\t1\n", PLOT_LOSS, RF_EFORMAT, "bad value '-1' for 'step'");
    refuses("1\t0\t1\t-1000\t1\t-\t-\t1\n", PLOT_PERPLEXITY, RF_EFORMAT, "'-1000' for 'loss'");
    refuses("1\t0\t1\t1\t1\t201\t-\t1\n", PLOT_PERPLEXITY, RF_EFORMAT, "must be 0 to 200");
}

static void gnuplot_draws_or_says_why_not(void **state)
{
    char *const one[] = {a_tsv};
    struct buf b = {0}, picture = {0}, bad = {0};
    struct errbuf eb = {0};
    (void)state;

    write_log("a.tsv", 100, linear, "5");
    script(&b, (struct plot_cfg){0}, 1, one);
    if (plot_draw(&picture, &b, PLOT_SVG, &eb) != RF_OK) {
        if (strstr(eb.text, "not installed"))
            skip();
        fail_msg("%s", eb.text);
    }
    assert_memory_equal(picture.data, "<?xml", 5);
    assert_int_equal(plot_draw(&picture, &b, PLOT_PNG, &eb), RF_EIO); /* it is none */
    assert_string_equal(eb.text, "gnuplot gave no whole picture");
    assert_int_equal(buf_printf(&bad, "set terminal svg\nplot nothing\n"), RF_OK);
    assert_int_equal(plot_draw(&picture, &bad, PLOT_SVG, &eb), RF_EIO);
    assert_string_equal(eb.text, "gnuplot failed: undefined variable: nothing");
    buf_free(&b);
    buf_free(&bad);
    buf_free(&picture);
}

/* Far more than a pipe holds, both ways. */
static void large_scripts_do_not_block(void **state)
{
    struct buf b = {0}, picture = {0};
    struct errbuf eb = {0};
    (void)state;

    assert_int_equal(buf_printf(&b, "set terminal svg\n$d << EOD\n"), RF_OK);
    for (int i = 0; i < 100000; i++)
        assert_int_equal(buf_printf(&b, "%d %d\n", i, i % 7), RF_OK);
    assert_int_equal(buf_printf(&b, "EOD\nplot $d with lines\n"), RF_OK);
    if (plot_draw(&picture, &b, PLOT_SVG, &eb) != RF_OK && strstr(eb.text, "not installed"))
        skip();
    assert_true(picture.len > 200000);
    buf_free(&b);
    buf_free(&picture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_set_is_drawn),
        cmocka_unit_test(points_are_those_of_the_log),
        cmocka_unit_test(two_axes_share_a_grid),
        cmocka_unit_test(perplexity_is_the_exponential),
        cmocka_unit_test(bits_are_those_of_evaluations),
        cmocka_unit_test(many_points_are_smoothed),
        cmocka_unit_test(very_many_points_become_means),
        cmocka_unit_test(legends_tell_runs_apart),
        cmocka_unit_test(broken_rows_are_refused),
        cmocka_unit_test(gnuplot_draws_or_says_why_not),
        cmocka_unit_test(large_scripts_do_not_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
