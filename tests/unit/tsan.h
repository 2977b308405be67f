/* tsan.h: what ThreadSanitizer cannot judge. */
#ifndef UNIT_TSAN_H
#define UNIT_TSAN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/** First in the main() of tests that compute on threads: under ThreadSanitizer they are
 * skipped. */
#if defined(__SANITIZE_THREAD__)
/* gcc's OpenMP library is not instrumented: each barrier would be a report. */
static inline void not_under_tsan(void **state)
{
    (void)state;
    skip();
}
#define SKIP_UNDER_TSAN()                                                                      \
    do {                                                                                       \
        const struct CMUnitTest none[] = {cmocka_unit_test(not_under_tsan)};                   \
        return cmocka_run_group_tests(none, NULL, NULL);                                       \
    } while (0)
#else
#define SKIP_UNDER_TSAN() (void)0
#endif

#endif
