/* test_opt: values of an option table: units, ranges, what is refused, and text that reads
 * back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/opt.h"

static const char *const colours[] = {"red", "green", NULL};

struct cfg {
    bool flag;
    uint64_t count, size;
    double real, share, time;
    const char *text, *file;
    int colour;
};

static const struct opt rows[] = {
    OPT_FLAG('f', "flag", struct cfg, flag, "a flag"),
    OPT_COUNT('n', "count", struct cfg, count, 0, 0x1p64, "n", "a count"),
    OPT_SIZE(0, "size", struct cfg, size, 1, 0x1p50, "bytes", "a size"),
    OPT_REAL(0, "real", struct cfg, real, -10, 1e6, "x", "a number"),
    OPT_SHARE(0, "share", struct cfg, share, "a share"),
    OPT_TIME(0, "time", struct cfg, time, "a time"),
    OPT_TEXT(0, "text", struct cfg, text, "text", "some text"),
    OPT_FILE(0, "file", struct cfg, file, "a file"),
    OPT_CHOICE(0, "colour", struct cfg, colour, colours, "colour", "a colour"),
    OPT_END};

static int set(struct cfg *cfg, const char *name, const char *text, struct errbuf *eb)
{
    struct opt_strings keep = {0};
    int rc = opt_set(opt_find(rows, name), cfg, text, &keep, eb);

    if (keep.n) /* what points there is not looked at afterwards */
        cfg->text = cfg->file = NULL;
    opt_strings_free(&keep);
    return rc;
}

static void numbers_take_units(void **state)
{
    static const struct {
        const char *name, *text;
        double want;
    } good[] = {
        {"count", "0", 0},
        {"count", "12", 12},
        {"count", "007", 7},
        {"count", "3K", 3000},
        {"count", "3k", 3000},
        {"count", "2M", 2e6},
        {"count", "2G", 2e9},
        {"count", "1.5K", 1500},
        {"count", "1e3", 1000},
        {"size", "64K", 65536},
        {"size", "2g", 2147483648.0},
        {"size", "0.5K", 512},
        {"size", "1T", 1099511627776.0},
        {"real", "-10", -10},
        {"real", "1e-3", 1e-3},
        {"real", ".5", 0.5},
        {"share", "0.15", 0.15},
        {"share", "15%", 0.15},
        {"share", "15 %", 0.15},
        {"share", "100%", 1},
        {"time", "45m", 2700},
        {"time", "1.5h", 5400},
        {"time", "2d", 172800},
        {"time", "30s", 30},
        {"time", "30", 30},
    };
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct cfg c = {0};
        struct errbuf eb = {0};
        const struct opt *row = opt_find(rows, good[i].name);
        bool whole = row->type == OPT_TYPE_COUNT || row->type == OPT_TYPE_SIZE;
        const void *field = (const char *)&c + row->offset;
        double got;

        if (set(&c, good[i].name, good[i].text, &eb) != RF_OK)
            fail_msg("%s %s: %s", good[i].name, good[i].text, eb.text);
        got = whole ? (double)*(const uint64_t *)field : *(const double *)field;
        if (fabs(got - good[i].want) > 1e-15 * fabs(good[i].want))
            fail_msg("%s %s: %.17g", good[i].name, good[i].text, got);
    }
}

static void large_counts_are_exact(void **state)
{
    struct cfg c = {0};
    (void)state;

    assert_int_equal(set(&c, "count", "9007199254740993", NULL), RF_OK); /* 2^53 + 1 */
    assert_int_equal(c.count, 9007199254740993);
    assert_int_equal(set(&c, "count", "9007199254740993K", NULL), RF_OK);
    assert_int_equal(c.count, 9007199254740993000);
    assert_int_equal(set(&c, "count", "18446744073709000000", NULL), RF_OK);
    assert_int_equal(c.count, 18446744073709000000ull);
}

static void what_is_no_value_is_refused(void **state)
{
    static const struct {
        const char *name, *text, *says;
    } bad[] = {
        {"count", "", "bad value '' for 'count': not a number"},
        {"count", "x", "not a number"},
        {"count", "12x", "bad value '12x' for 'count': not a number"},
        {"count", "12 ", "not a number"},
        {"count", " 12", "not a number"},
        {"count", "12KK", "not a number"},
        {"count", "K", "not a number"},
        {"count", "1.5", "not a whole number"},
        {"count", "0.0001K", "not a whole number"},
        {"count", "-1", "must be 0 to"},
        {"count", "0x10", "not a number"},
        {"count", "18446744073709551616", "must be"},
        {"count", "18446744073709552K", "must be"},
        {"count", "99999999999999999999999999", "must be"},
        {"count", "1e400", "not a number"},
        {"count", "12%", "not a number"},
        {"count", "0000000000000000000000000000000000000000000000000000000000000000001",
         "too long"},
        {"size", "0", "must be 1 to"},
        {"size", "2048T", "must be"},
        {"real", "nan", "not a number"},
        {"real", "inf", "not a number"},
        {"real", "-inf", "not a number"},
        {"real", "1e999", "not a number"},
        {"real", "1K", "not a number"},
        {"real", "-10.1", "must be -10 to 1000000"},
        {"real", "1,5", "not a number"},
        {"share", "1.01", "must be 0 to 1"},
        {"share", "101%", "must be 0 to 1"},
        {"share", "%", "not a number"},
        {"share", "5%%", "not a number"},
        {"time", "-1s", "must be 0"},
        {"time", "5 m", "not a number"},
        {"time", "m", "not a number"},
        {"flag", "yes", "must be true or false"},
        {"flag", "", "must be true or false"},
        {"colour", "blue", "bad value 'blue' for 'colour': must be red, green"},
        {"colour", "", "must be red, green"},
        {"colour", "gree", "must be red, green; did you mean 'green'?"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cfg c, before;
        struct errbuf eb = {0};

        memset(&c, 0x5A, sizeof c);
        before = c;
        if (set(&c, bad[i].name, bad[i].text, &eb) != RF_EUSAGE ||
            !strstr(eb.text, bad[i].says))
            fail_msg("%s '%s': '%s'", bad[i].name, bad[i].text, eb.text);
        assert_memory_equal(&c, &before, sizeof c); /* all of it or nothing */
    }
}

static void plain_numbers_are_strict(void **state)
{
    uint64_t u = 5;
    double x = 5;
    (void)state;

    assert_int_equal(opt_parse_u64(&u, "18446744073709551615"), RF_OK);
    assert_int_equal(u, UINT64_MAX);
    assert_int_equal(opt_parse_u64(&u, "18446744073709551616"), RF_EUSAGE);
    assert_int_equal(opt_parse_u64(&u, "184467440737095516150"), RF_EUSAGE);
    assert_int_equal(opt_parse_u64(&u, "+1"), RF_EUSAGE);
    assert_int_equal(opt_parse_u64(&u, "1 "), RF_EUSAGE);
    assert_int_equal(opt_parse_u64(&u, ""), RF_EUSAGE);
    assert_int_equal(u, UINT64_MAX);
    assert_int_equal(opt_parse_real(&x, "-1.5e3"), RF_OK);
    assert_true(x == -1500);
    assert_int_equal(opt_parse_real(&x, "1e"), RF_EUSAGE);
    assert_int_equal(opt_parse_real(&x, "1e5e5"), RF_EUSAGE);
    assert_int_equal(opt_parse_real(&x, "0x1p3"), RF_EUSAGE);
    assert_int_equal(opt_parse_real(&x, "--1"), RF_EUSAGE);
    assert_int_equal(opt_parse_real(&x, ""), RF_EUSAGE);
    assert_true(x == -1500);
}

static void rows_are_found_by_name(void **state)
{
    (void)state;

    assert_ptr_equal(opt_find(rows, "count"), &rows[1]);
    assert_null(opt_find(rows, "coun"));
    assert_null(opt_find(rows, "counts"));
    assert_null(opt_find(rows, ""));
}

static void a_description_leaves_out_what_is_local(void **state)
{
    struct cfg c = {
        .flag = true, .count = 5, .size = 1, .share = 0.1, .file = "/x", .colour = 1};
    struct buf b = {0};
    (void)state;

    assert_int_equal(opt_describe(rows, &c, &b), RF_OK);
    assert_string_equal(b.data,
                        "flag=true count=5 size=1 real=0 share=0.1 time=0 colour=green");
    buf_free(&b);
}

/* What opt_format() writes opt_set() reads as the same number. */
static void numbers_come_back_to_the_bit(void **state)
{
    static const double odd[] = {0.1,    1 / 3.0, 1e-9,          123456.789, 5e-324, 2.5,
                                 999999, 1e5,     0.30000000004, 1e6,        -10,    -0.0};
    (void)state;

    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct cfg c = {.real = odd[i]}, back = {0};
        struct buf b = {0};

        assert_int_equal(opt_format(opt_find(rows, "real"), &c, &b), RF_OK);
        assert_int_equal(set(&back, "real", b.data, NULL), RF_OK);
        if (memcmp(&back.real, &c.real, sizeof c.real) != 0)
            fail_msg("%.17g became %s", odd[i], b.data);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_take_units),
        cmocka_unit_test(large_counts_are_exact),
        cmocka_unit_test(what_is_no_value_is_refused),
        cmocka_unit_test(plain_numbers_are_strict),
        cmocka_unit_test(rows_are_found_by_name),
        cmocka_unit_test(a_description_leaves_out_what_is_local),
        cmocka_unit_test(numbers_come_back_to_the_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
