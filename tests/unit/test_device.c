/* test_device.c: opening devices: the built-in ones, and plugins that are found or refused.
 * Those are made from tests/plugin, and lie beside the tests. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "nn/plugin.h"

static char folder[4096];

/* RF_PLUGIN_PATH, with a folder before it that is not there and an empty one. */
static int look_at_plugins(void **state)
{
    char self[2048], path[8192];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

    (void)state;
    assert_true(n > 0);
    self[n] = '\0';
    *strrchr(self, '/') = '\0';
    snprintf(folder, sizeof folder, "%s/../plugin", self);
    snprintf(path, sizeof path, "nowhere::%s", folder);
    return setenv("RF_PLUGIN_PATH", path, 1);
}

static int open_device(struct nn **nn, const char *name, struct errbuf *eb)
{
    *eb = (struct errbuf){0};
    return nn_open_with(nn, &(struct nn_options){.device = name, .threads = 2}, eb);
}

static void the_cpu_is_built_in(void **state)
{
    struct errbuf eb;
    struct nn *nn;

    (void)state;
    assert_int_equal(open_device(&nn, "cpu", &eb), RF_OK);
    assert_string_equal(nn->ops->name, "cpu");
    assert_true(nn->about.rows && nn->about.head_rows && nn->about.peak_n);
    assert_int_equal(nn->about.memory_bytes, 0);
    nn->ops->wait(nn);
    nn_close(nn);
    nn_close(NULL);
}

static unsigned products(void)
{
    char path[8192];
    void *library;
    unsigned *count;

    snprintf(path, sizeof path, "%s/reformer-pass.so", folder);
    assert_non_null(library = dlopen(path, RTLD_NOW | RTLD_NOLOAD)); /* it is in use */
    assert_non_null(count = dlsym(library, "pass_products"));
    return *count;
}

static void a_plugin_is_found_and_used(void **state)
{
    static const float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
    float c[4];
    struct errbuf eb;
    struct nn *nn;
    unsigned before;

    (void)state;
    assert_int_equal(open_device(&nn, "pass", &eb), RF_OK);
    assert_string_equal(nn->ops->name, "pass");
    assert_string_equal(nn->about.isa, "pass");
    before = products();
    nn->ops->gemm(nn, 2, 2, 2, a, false, b, false, 0, c);
    assert_int_equal(products(), before + 1);
    assert_true(c[0] == 19 && c[1] == 22 && c[2] == 43 && c[3] == 50);
    assert_int_equal(nn_status(nn, &eb), RF_OK);
    nn_close(nn);
}

static void check_refused(const char *name, int code, const char *start, const char *end)
{
    struct errbuf eb;
    struct nn *nn = NULL;
    size_t n;

    assert_int_equal(open_device(&nn, name, &eb), code);
    n = strlen(eb.text);
    if (strncmp(eb.text, start, strlen(start)) != 0 || n < strlen(end) ||
        strcmp(eb.text + n - strlen(end), end) != 0 || strchr(eb.text, '\n'))
        fail_msg("'%s' was refused by '%s'", name, eb.text);
    assert_null(nn);
}

static void what_is_no_plugin_is_refused(void **state)
{
    char end[256];

    (void)state;
    check_refused("cuda", RF_EINVAL, "no device 'cuda': reformer-cuda.so is not there", "");
    check_refused("", RF_EINVAL, "no device '': a name is of small letters", "");
    check_refused("../plugin/pass", RF_EINVAL, "no device '../plugin/pass': a name is", "");
    check_refused("empty", RF_EINVAL, "no device 'empty': ", "has no nn_plugin()");
    snprintf(end, sizeof end, "is a plugin of version %u, not %u", NN_PLUGIN_VERSION + 1,
             NN_PLUGIN_VERSION);
    check_refused("old", RF_EINVAL, "no device 'old': ", end);
    snprintf(end, sizeof end, "a table of %zu bytes, not %zu: %s",
             sizeof(struct nn_ops) - sizeof(void (*)(void)), sizeof(struct nn_ops),
             "it was made for another version of the tools");
    check_refused("short", RF_EINVAL, "no device 'short': ", end);
    check_refused("renamed", RF_EINVAL, "no device 'renamed': ", "is the plugin 'pass'");
}

static void a_file_that_cannot_be_loaded_is_refused(void **state)
{
    const char *was = getenv("RF_PLUGIN_PATH");
    char keep[8192];
    FILE *f = fopen("reformer-text.so", "w");

    (void)state;
    assert_non_null(f);
    assert_true(fputs("no shared object\n", f) >= 0 && fclose(f) == 0);
    snprintf(keep, sizeof keep, "%s", was);
    assert_int_equal(setenv("RF_PLUGIN_PATH", ".", 1), 0);
    check_refused("text", RF_EINVAL, "no device 'text': ./reformer-text.so: ", "");
    assert_int_equal(setenv("RF_PLUGIN_PATH", keep, 1), 0);
}

/* Its own line, or, where it has none, what its code means. */
static void a_device_that_fails_to_open_says_so(void **state)
{
    (void)state;
    check_refused("broken", RF_ENOMEM, "device 'broken': no room for 2 threads", "");
    check_refused("mute", RF_EINVAL, "device 'mute': invalid argument", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cpu_is_built_in),
        cmocka_unit_test(a_plugin_is_found_and_used),
        cmocka_unit_test(what_is_no_plugin_is_refused),
        cmocka_unit_test(a_file_that_cannot_be_loaded_is_refused),
        cmocka_unit_test(a_device_that_fails_to_open_says_so),
    };

    return cmocka_run_group_tests(tests, look_at_plugins, NULL);
}
