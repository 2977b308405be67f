/* test_wrong.c: what wrong.cu does wrong is noticed, and what it does right is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "cuh.h"
#include "wrong.h"

/* Whether anything is noticed: a value, a report, a signal. In a process of its own, as what
 * comes after a fault is not worth a look. */
static bool noticed(const struct wrong *w, bool bad)
{
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (bad && !freopen("/dev/null", "w", stderr)) /* what is said of it is no news */
            _exit(1);
        exit(wrong_run(w, bad) ? 0 : 1); /* at the end the runtime has a say */
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status != 0;
}

static void faults_are_noticed(void **state)
{
    (void)state;
    for (const struct wrong *w = wrongs; w->name; w++) {
        if (noticed(w, false))
            fail_msg("%s: the right twin is said to be wrong", w->name);
        if ((cuh_hooked || w->seen_plain) && !noticed(w, true))
            fail_msg("%s: not noticed", w->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(faults_are_noticed)};

    setenv("CUH_SM", "75", 1);
    (void)cuh_settings();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
