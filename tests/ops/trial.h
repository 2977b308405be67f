/*
 * trial.h: the frame of the op tests.
 *
 * An op's test is one function that makes its arrays, from a fixed seed and always the same,
 * and calls the op. It is run on the reference and on every set of kernels that this processor
 * has, with 1 to 4 threads, and on the device of the plugin that RF_TEST_DEVICE names, if it
 * does; and then compared:
 *
 *   - integers and inputs are equal; outputs agree within the row's tolerance, both the worst
 *     element (relative to itself or to the array's root mean square, whichever is larger) and,
 *     a quarter as wide, the root of the normalised mean square error; of arrays of fewer than
 *     AVERAGED elements as wide, for the mean of few errors is no smaller than one;
 *   - the bits are the same for any number of threads;
 *   - nothing outside an array is written, and a second call gives the same bits as the first;
 *   - finite inputs give finite outputs, and a NaN in an input reaches every output that it
 *     reaches in the reference.
 *
 * Arrays are the device's, and the devices are far (far.h): a test hands pointers to ops, and
 * looks at numbers by get() and changes them by put().
 */
#ifndef TESTS_OPS_TRIAL_H
#define TESTS_OPS_TRIAL_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "far.h"
#include "nn/nn.h"
#include "../unit/tsan.h"

enum { ARRAYS_MAX = 24, DIMS_MAX = 8, GUARD = 256, AVERAGED = 16 };

/* GIVEN: not floats of ours: bytes, or numbers that somebody else made; not written. OTHER:
 * what becomes of it is looked at by the test alone. */
enum role { IN, OUT, GIVEN, OUT_INT, OTHER };

/* On the device and, as it was put or got last, here: GUARD bytes, the elements, GUARD bytes.
 */
struct array {
    enum role role;
    size_t bytes; /* of the elements */
    char *device, *host;
};

struct trial {
    struct nn *nn;
    const struct nn_ops *op;
    const size_t *d; /* the shape */
    size_t count;
    struct array arrays[ARRAYS_MAX];
    size_t poisoned; /* this array, an input, gets a NaN; ARRAYS_MAX: none */
};

struct row {
    const char *name;
    void (*run)(struct trial *t);
    double tolerance;
    const char *reason;
    size_t shapes[8][DIMS_MAX]; /* until one that starts with 0 */
};

/** A kind of device besides those of nn.h: RF_TEST_DEVICE. */
enum { PLUGIN = NN_AMX + 1 };

/** What the devices' products multiply, but the reference's. */
static enum nn_dtype trial_dtype = NN_FP32;

/** A device of this kind and no arrays; false: this processor lacks the kernels, or no plugin
 * is named. */
static inline bool begin_trial(struct trial *t, int kind, int threads)
{
    struct nn_options o = {
        .kind = (enum nn_kind)kind, .threads = threads, .dtype = trial_dtype};
    struct errbuf eb = {0};
    int rc = RF_EINVAL;

    *t = (struct trial){.poisoned = ARRAYS_MAX};
    if (kind == PLUGIN) {
        o.kind = NN_CPU; /* it is not looked at */
        o.device = getenv("RF_TEST_DEVICE");
    }
    if (kind != PLUGIN || o.device)
        rc = far_open(&t->nn, &o, &eb);
    if (rc != RF_OK && o.device)
        fail_msg("%s", eb.text);
    if (rc == RF_OK)
        t->op = t->nn->ops;
    return rc == RF_OK;
}

/** Arrays from number `mark` on are given back. */
static inline void drop_arrays(struct trial *t, size_t mark)
{
    while (t->count > mark) {
        struct array *a = &t->arrays[--t->count];

        t->op->mem_free(t->nn, a->device, a->bytes + 2 * GUARD);
        free(a->host);
    }
}

static inline void end_trial(struct trial *t)
{
    drop_arrays(t, 0);
    nn_close(t->nn);
}

/* --- between here and the device */

/* The array that p, of the device, points into. */
static inline const struct array *array_of(const struct trial *t, const void *p)
{
    const struct array *a = t->arrays;

    while (a < t->arrays + t->count &&
           (uintptr_t)p - (uintptr_t)a->device >= a->bytes + (size_t)2 * GUARD)
        a++;
    if (a == t->arrays + t->count)
        fail_msg("no array of the device's is at %p", p);
    return a;
}

static inline void fetch(const struct trial *t, const struct array *a)
{
    t->op->download(t->nn, a->host, a->device, a->bytes + 2 * GUARD);
}

/** What the device has at p, which points into one of its arrays, and behind it to the array's
 * end: the array's copy here, until its next get(); to be changed for put(). */
static inline void *get(const struct trial *t, const void *p)
{
    const struct array *a = array_of(t, p);

    fetch(t, a);
    return a->host + ((uintptr_t)p - (uintptr_t)a->device);
}

/** The device gets the array that p points into, as get() gave it and as it was changed since.
 */
static inline void put(const struct trial *t, const void *p)
{
    const struct array *a = array_of(t, p);

    t->op->upload(t->nn, a->device, a->host, a->bytes + 2 * GUARD);
}

/* The elements of an array, as they were got last. */
static inline void *array_data(const struct array *a)
{
    return a->host + GUARD;
}

/* --- arrays; each function returns the device's */

/* Not yet put there. Its elements are aligned as device memory is. */
static inline struct array *new_array(struct trial *t, enum role role, size_t bytes)
{
    struct array *a = &t->arrays[t->count++];

    assert_true(t->count <= ARRAYS_MAX);
    *a = (struct array){role, bytes, t->op->mem_new(t->nn, bytes + 2 * GUARD),
                        malloc(bytes + 2 * GUARD)};
    assert_non_null(a->device);
    assert_non_null(a->host);
    memset(a->host, 0xa5, bytes + 2 * GUARD);
    return a;
}

static inline void *put_array(struct trial *t, const struct array *a)
{
    put(t, a->device);
    return a->device + GUARD;
}

static inline float *random_array(struct trial *t, enum role role, size_t n)
{
    struct array *a = new_array(t, role, n * sizeof(float));
    struct rng r = rng_stream(t->count, 0, 0, RNG_TEST);
    float *x = array_data(a);

    for (size_t i = 0; i < n; i++)
        x[i] = rng_normal(r, i);
    if (t->poisoned == t->count - 1)
        x[n / 2] = nanf("77"); /* bits below its exponent, which careless tricks would add to */
    return put_array(t, a);
}

/** Normally distributed; not written. */
static inline float *in(struct trial *t, size_t n)
{
    return random_array(t, IN, n);
}

/** Normally distributed; added to. */
static inline float *in_out(struct trial *t, size_t n)
{
    return random_array(t, OUT, n);
}

/** NaN before the call: an element that is not written shows. */
static inline float *out(struct trial *t, size_t n)
{
    struct array *a = new_array(t, OUT, n * sizeof(float));
    float *x = array_data(a);

    for (size_t i = 0; i < n; i++)
        x[i] = NAN;
    return put_array(t, a);
}

/** Uniform in [0,limit); not written. */
static inline int32_t *in_index(struct trial *t, size_t n, size_t limit)
{
    struct array *a = new_array(t, GIVEN, n * sizeof(int32_t));
    struct rng r = rng_stream(t->count, 1, 0, RNG_TEST);
    int32_t *x = array_data(a);

    for (size_t i = 0; i < n; i++)
        x[i] = (int32_t)rng_below(r, i, limit);
    return put_array(t, a);
}

static inline int32_t *out_int(struct trial *t, size_t n)
{
    return put_array(t, new_array(t, OUT_INT, n * sizeof(int32_t)));
}

/** These bytes; NULL: zeros. */
static inline void *given(struct trial *t, enum role role, const void *data, size_t bytes)
{
    struct array *a = new_array(t, role, bytes);

    if (data)
        memcpy(array_data(a), data, bytes);
    else
        memset(array_data(a), 0, bytes);
    return put_array(t, a);
}

/* --- trials and comparisons */

/** After a trial's ops: its arrays come here; the device must not have failed, nor written
 * outside of them. */
static inline void finish_trial(const struct trial *t, const char *name)
{
    struct errbuf eb = {0};

    if (nn_status(t->nn, &eb) != RF_OK)
        fail_msg("%s: %s", name, eb.text);
    for (size_t k = 0; k < t->count; k++) {
        const struct array *a = &t->arrays[k];

        fetch(t, a);
        for (size_t i = 0; i < GUARD; i++)
            if (a->host[i] != (char)0xa5 || a->host[GUARD + a->bytes + i] != (char)0xa5)
                fail_msg("%s wrote outside of array %zu", name, k);
    }
}

/* A row at a shape; nn is NULL where this processor lacks the kernels. */
static inline struct trial run_trial(const struct row *row, const size_t *d, int kind,
                                     int threads, size_t poisoned)
{
    struct trial t;

    if (!begin_trial(&t, kind, threads))
        return t;
    t.d = d;
    t.poisoned = poisoned;
    row->run(&t);
    finish_trial(&t, row->name);
    return t;
}

static inline void same_bits(const struct trial *a, const struct trial *b, const char *what)
{
    for (size_t k = 0; k < a->count; k++)
        if (memcmp(array_data(&a->arrays[k]), array_data(&b->arrays[k]), a->arrays[k].bytes) !=
            0)
            fail_msg("array %zu differs between %s", k, what);
}

/* The largest errors that close_floats() has seen since a row began: of one element, and of the
 * root of the normalised mean square. */
static struct {
    double one, mean;
} worst;

static inline void close_floats(const float *want, const float *got, size_t n, double tolerance,
                                const char *where)
{
    double square = 0, error = 0, rms, mean = n < AVERAGED ? tolerance : tolerance / 4;

    for (size_t i = 0; i < n; i++)
        square += (double)want[i] * (double)want[i];
    rms = sqrt(square / (double)n);
    for (size_t i = 0; i < n; i++) {
        double e = fabs((double)got[i] - (double)want[i]);

        if (e > worst.one * fmax(rms, fabs((double)want[i])))
            worst.one = e / fmax(rms, fabs((double)want[i]));
        if (!isfinite(got[i]) || e > tolerance * fmax(rms, fabs((double)want[i])))
            fail_msg("%s[%zu] of %zu: want %.9g, got %.9g (rms %.3g)", where, i, n,
                     (double)want[i], (double)got[i], rms);
        error += e * e;
    }
    if (n >= AVERAGED && sqrt(error) > worst.mean * sqrt(square))
        worst.mean = sqrt(error / square);
    if (sqrt(error) > mean * sqrt(square))
        fail_msg("%s: normalised error %.3g", where, sqrt(error / square));
}

static inline void nans_arrive(const struct array *want, const struct array *got,
                               const char *where)
{
    const float *w = array_data(want), *g = array_data(got);

    for (size_t i = 0; i < want->bytes / sizeof *w; i++)
        if (isnan(w[i]) && !isnan(g[i]))
            fail_msg("%s[%zu]: a NaN got lost", where, i);
}

static inline void compare(const struct trial *want, const struct trial *got,
                           const struct row *row)
{
    for (size_t k = 0; k < want->count; k++) {
        const struct array *w = &want->arrays[k], *g = &got->arrays[k];
        char where[128];

        snprintf(where, sizeof where, "%s %s %zux%zux%zu: array %zu", got->nn->about.isa,
                 row->name, got->d[0], got->d[1], got->d[2], k);
        if (w->role == OUT && want->poisoned != ARRAYS_MAX)
            nans_arrive(w, g, where);
        else if (w->role == OUT)
            close_floats(array_data(w), array_data(g), w->bytes / sizeof(float), row->tolerance,
                         where);
        else if (w->role == IN || w->role == GIVEN ||
                 (w->role == OUT_INT && want->poisoned == ARRAYS_MAX))
            assert_memory_equal(array_data(w), array_data(g), w->bytes);
    }
}

/** One shape on one set of kernels; false: this processor lacks them. */
static inline bool check_kind(const struct row *row, const size_t *d, const struct trial *want,
                              int kind)
{
    struct trial one = run_trial(row, d, kind, 1, want->poisoned);

    if (!one.nn)
        return false;
    compare(want, &one, row);
    for (int threads = 2; threads <= (kind == PLUGIN ? 2 : 4); threads++) {
        struct trial more = run_trial(row, d, kind, threads, want->poisoned);

        same_bits(&one, &more, "numbers of threads");
        end_trial(&more);
    }
    end_trial(&one);
    return true;
}

static inline void check_shape(const struct row *row, const size_t *d, size_t poisoned)
{
    struct trial want = run_trial(row, d, NN_REF, 1, poisoned);

    if (getenv("RF_TEST_DEVICE")) { /* the processor's have their turn without it */
        assert_true(check_kind(row, d, &want, PLUGIN));
    } else {
        assert_true(check_kind(row, d, &want, NN_PLAIN));
        check_kind(row, d, &want, NN_AVX2);
        check_kind(row, d, &want, NN_AVX512);
        check_kind(row, d, &want, NN_AMX);
    }
    end_trial(&want);
}

/* A line of the file RF_TEST_ERRORS: a row, its largest errors and what they may be. */
static inline void tell_errors(const struct row *row)
{
    const char *path = getenv("RF_TEST_ERRORS");
    FILE *f = path ? fopen(path, "a") : NULL;

    if (!f)
        return;
    fprintf(f, "%s\t%.3g\t%.3g\t%.3g\t%.3g\n", row->name, worst.one, row->tolerance, worst.mean,
            row->tolerance / 4);
    fclose(f);
}

/** A cmocka test: *state is a struct row. Of its shapes RF_TEST_SHAPES, the first ones. */
static inline void check_row(void **state)
{
    const struct row *row = *state;
    const char *most = getenv("RF_TEST_SHAPES");
    size_t n = most ? strtoul(most, NULL, 10) : 8;

    worst.one = worst.mean = 0;
    for (size_t i = 0; i < n && i < 8 && row->shapes[i][0]; i++)
        check_shape(row, row->shapes[i], ARRAYS_MAX);
    tell_errors(row);
}

/** The same with a NaN in each input in turn, at the second shape (or the only one). */
static inline void check_row_nan(void **state)
{
    const struct row *row = *state;
    const size_t *d = row->shapes[row->shapes[1][0] ? 1 : 0];
    struct trial plain = run_trial(row, d, NN_REF, 1, ARRAYS_MAX);

    for (size_t k = 0; k < plain.count; k++)
        if (plain.arrays[k].role == IN)
            check_shape(row, d, k);
    end_trial(&plain);
}

/* Whether RF_TEST_ROWS asks for it: a part of names, "=" and a whole name, or several of these
 * with "|" between. */
static inline bool is_wanted(const char *row, const char *test)
{
    const char *wanted = getenv("RF_TEST_ROWS"), *end;

    for (; wanted; wanted = *end ? end + 1 : NULL) {
        char one[64];

        end = strchrnul(wanted, '|');
        snprintf(one, sizeof one, "%.*s", (int)(end - wanted), wanted);
        if (*one == '=' ? strcmp(row, one + 1) == 0 : strstr(test, one) != NULL)
            return true;
    }
    return !getenv("RF_TEST_ROWS");
}

/** Run both tests of each row, or of those that RF_TEST_ROWS asks for; with RF_TEST_NO_NAN the
 * first alone. */
static inline int run_rows(const char *group, const struct row *rows, size_t n)
{
    struct CMUnitTest *tests = calloc(2 * n, sizeof *tests);
    size_t count = 0;
    int failed;

    for (size_t i = 0; i < 2 * n; i++) {
        static char names[128][64];

        assert_true(n <= sizeof names / sizeof *names / 2);
        snprintf(names[i], sizeof names[i], "%s%s", rows[i / 2].name, i % 2 ? ": NaN" : "");
        if (is_wanted(rows[i / 2].name, names[i]) && (i % 2 == 0 || !getenv("RF_TEST_NO_NAN")))
            tests[count++] =
                (struct CMUnitTest){.name = names[i],
                                    .test_func = i % 2 ? check_row_nan : check_row,
                                    .initial_state = (void *)(uintptr_t)&rows[i / 2]};
    }
    failed = _cmocka_run_group_tests(group, tests, count, NULL, NULL);
    free(tests);
    return failed;
}

#endif
