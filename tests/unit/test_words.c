/* test_words: names and numbers that are near, columns of a terminal, times and counts for
 * people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/progress.h"
#include "base/words.h"

static const char *nearest(const char *typed, char hint[NEAREST_HINT_BYTES])
{
    static const char *const names[] = {
        "seed",     "size",        "lower-case",  "no-lower-case", "model.dim", "model",
        "optim.lr", "optim.beta1", "optim.beta2", "model.depth",   "optim.name"};
    struct nearest near = {.typed = typed};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        nearest_offer(&near, names[i]);
    return nearest_hint(hint, &near, "--");
}

static void a_near_name_is_found(void **state)
{
    static const struct {
        const char *typed, *name;
    } known[] = {
        {"sed", "seed"},
        {"seeed", "seed"},
        {"sede", "seed"},
        {"sizes", "size"},
        {"lowercase", "lower-case"},
        {"lower_case", "lower-case"},
        {"no-lowercase", "no-lower-case"},
        {"modle", "model"},
        {"modle.dim", "model.dim"},
        {"dim", "model.dim"},
        {"dimm", "model.dim"},
        {"lr", "optim.lr"},
        {"optim.lrr", "optim.lr"},
        {"optim.betta2", "optim.beta2"},
        {"optim.beta3", "optim.beta1"}, /* two are as near: the first */
    };
    (void)state;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char hint[NEAREST_HINT_BYTES], want[NEAREST_HINT_BYTES];

        snprintf(want, sizeof want, ", did you mean '--%s'?", known[i].name);
        if (strcmp(nearest(known[i].typed, hint), want) != 0)
            fail_msg("%s: '%s'", known[i].typed, hint);
    }
}

static void what_is_far_from_all_gets_no_hint(void **state)
{
    static const char long_one[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                                   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static const char *const typed[] = {
        "",      "s",           "lx",           "xyzzy",       "sd",
        "de",    "temperature", "model.causal", "model.width", "optim.rate",
        long_one};
    (void)state;

    for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
        char hint[NEAREST_HINT_BYTES] = "?";

        if (*nearest(typed[i], hint))
            fail_msg("%s%s", typed[i], hint);
    }
}

static bool is_third(uint64_t n, const void *of)
{
    return n % 3 == 0 && n != *(const uint64_t *)of;
}

static void near_numbers_are_found(void **state)
{
    static const struct {
        uint64_t n, least, most, not ;
        const char *want;
    } cases[] = {
        {7, 1, 100, 0, "6 or 9"},    {7, 1, 100, 6, "3 or 9"}, {7, 1, 8, 0, "6"},
        {2, 1, 8, 0, "3"},           {2, 0, 8, 1, "0 or 3"},   {2, 1, 2, 0, ""},
        {9, 1, 12, 0, "6 or 12"},    {70, 1, 9, 0, "9"},       {70, 1, 9, 9, "6"},
        {2, 10, 20, 0, "12"},        {12, 12, 12, 0, ""},      {12, 12, 15, 0, "15"},
        {20, 10, 21, 21, "18"},      {0, 0, 3, 3, ""},         {0, 0, 3, 1, "3"},
        {UINT64_MAX, 1, 10, 0, "9"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[NEAREST_NUMBERS_BYTES] = "?";

        assert_string_equal(nearest_numbers(text, cases[i].n, cases[i].least, cases[i].most,
                                            is_third, &cases[i].not ),
                            cases[i].want);
    }
}

static void text_is_measured_in_columns(void **state)
{
    (void)state;

    assert_int_equal(text_columns(""), 0);
    assert_int_equal(text_columns("abc"), 3);
    assert_int_equal(text_columns("가나 abc"), 8);
    assert_int_equal(text_columns("漢字"), 4);
    assert_int_equal(text_columns("é"), 1);
    assert_int_equal(text_columns("e\xCC\x81"), 1); /* with a combining accent */
    assert_int_equal(text_columns("a\xFFz"), 3);    /* a byte that is no UTF-8 */
    assert_int_equal(text_fit("가나다", 6), 9);
    assert_int_equal(text_fit("가나다", 5), 6);
    assert_int_equal(text_fit("가나다", 1), 0);
    assert_int_equal(text_fit("abc", 80), 3);
}

static void a_time_has_its_two_largest_units(void **state)
{
    static const struct {
        double seconds;
        const char *text;
    } known[] = {{0, "0 s"},
                 {0.2, "1 s"},
                 {59, "59 s"},
                 {59.5, "1 min 0 s"},
                 {245, "4 min 5 s"},
                 {3599, "59 min 59 s"},
                 {3600, "1 h 0 min"},
                 {12000, "3 h 20 min"},
                 {86399, "23 h 59 min"},
                 {187200, "2 d 4 h"},
                 {86400.0 * 400, "400 d 0 h"}};
    (void)state;

    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char text[48];

        assert_string_equal(human_time(text, sizeof text, known[i].seconds), known[i].text);
    }
}

static void one_is_singular(void **state)
{
    char text[48];
    (void)state;

    assert_string_equal(human(text, sizeof text, 1, "tokens"), "1 token");
    assert_string_equal(human(text, sizeof text, 0, "tokens"), "0 tokens");
    assert_string_equal(human(text, sizeof text, 1.2, "steps"), "1 step");
    assert_string_equal(human(text, sizeof text, 21001, "tokens"), "21,001 tokens");
    assert_string_equal(human(text, sizeof text, 1, "tokens/s"), "1 tokens/s");
    assert_string_equal(human(text, sizeof text, 1, "B"), "1 B");
    assert_string_equal(plural(1, "box", "boxes"), "box");
    assert_string_equal(plural(0, "box", "boxes"), "boxes");
    assert_string_equal(plural(11, "box", "boxes"), "boxes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_near_name_is_found),
        cmocka_unit_test(what_is_far_from_all_gets_no_hint),
        cmocka_unit_test(near_numbers_are_found),
        cmocka_unit_test(text_is_measured_in_columns),
        cmocka_unit_test(a_time_has_its_two_largest_units),
        cmocka_unit_test(one_is_singular),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
