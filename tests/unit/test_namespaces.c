/* The names of namespaces, and the tables of all languages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "corpus/mediawiki_tables.h"
#include "corpus/namespaces.h"

static void check_order(const char *const *word, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (strcmp(word[i - 1], word[i]) >= 0)
            fail_msg("'%s' stands before '%s'", word[i - 1], word[i]);
}

/* They are searched by halving. */
static void the_tables_are_sorted(void **state)
{
    (void)state;
    assert_true(mediawiki_namespaces_n > 1000 && mediawiki_redirects_n > 100);
    for (size_t i = 1; i < mediawiki_namespaces_n; i++)
        if (strcmp(mediawiki_namespaces[i - 1].name, mediawiki_namespaces[i].name) >= 0)
            fail_msg("'%s' is out of order", mediawiki_namespaces[i].name);
    check_order(mediawiki_redirects, mediawiki_redirects_n);
    check_order(mediawiki_options, mediawiki_options_n);
    check_order(mediawiki_switches, mediawiki_switches_n);
    for (size_t i = 1; i < mediawiki_functions_n; i++)
        if (strcmp(mediawiki_functions[i - 1].name, mediawiki_functions[i].name) >= 0)
            fail_msg("'%s' is out of order", mediawiki_functions[i].name);
}

/* A name that wiki_fold() writes otherwise would never be found. */
static void every_name_is_found(void **state)
{
    (void)state;

    for (size_t i = 0; i < mediawiki_namespaces_n; i++) {
        const char *name = mediawiki_namespaces[i].name;

        if (namespaces_guess(name, strlen(name)) != mediawiki_namespaces[i].key)
            fail_msg("'%s' is not found", name);
    }
    for (size_t i = 0; i < mediawiki_redirects_n; i++)
        if (!wiki_is_redirect_word(mediawiki_redirects[i], strlen(mediawiki_redirects[i])))
            fail_msg("'%s' is not found", mediawiki_redirects[i]);
}

static void only_the_site_is_sure(void **state)
{
    struct namespaces ns = {0};
    (void)state;

    assert_int_equal(namespaces_find(&ns, "BILD", 4), NS_ARTICLE);
    namespaces_add(&ns, 100, "Bild", 4);
    assert_int_equal(namespaces_find(&ns, "BILD", 4), 100);
    assert_int_equal(namespaces_find(&ns, "User_talk", 9), NS_TALK);
    assert_int_equal(namespaces_find(&ns, "파일", strlen("파일")), NS_FILE);
    assert_int_equal(namespaces_guess("BILD", 4), NS_FILE);
    assert_int_equal(namespaces_guess("Kategorie", 9), NS_CATEGORY);
    assert_int_equal(namespaces_guess("Benutzer Diskussion", 19), NS_TALK);
    assert_int_equal(namespaces_guess("a b", 3), NS_ARTICLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tables_are_sorted),
        cmocka_unit_test(every_name_is_found),
        cmocka_unit_test(only_the_site_is_sure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
