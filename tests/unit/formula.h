/* formula.h: what the tests of tests/golden/reformer's files have in common: the weights, which
 * are a formula, and how far numbers may be off. */
#ifndef TESTS_FORMULA_H
#define TESTS_FORMULA_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/opt.h"
#include "ckpt/safetensors.h"
#include "nn/nn.h"

static inline uint64_t number(const struct st_file *f, const char *key)
{
    uint64_t n = 0;

    assert_non_null(st_metadata(f, key));
    assert_int_equal(opt_parse_u64(&n, st_metadata(f, key)), RF_OK);
    return n;
}

static inline bool ends(const char *name, const char *with)
{
    size_t n = strlen(name), m = strlen(with);

    return n >= m && strcmp(name + n - m, with) == 0;
}

/* The weights' formula: see given() of make_models.py. */
static inline float value(const char *name, uint32_t seed, uint32_t i)
{
    uint32_t x = 2166136261U;

    for (const char *c = name; *c; c++)
        x = (x ^ (uint8_t)*c) * 16777619U;
    x += seed * 0x632BE5ABU + i * 0x9E3779B9U;
    x = (x ^ x >> 16) * 0x85EBCA6BU;
    x = (x ^ x >> 13) * 0xC2B2AE35U;
    x ^= x >> 16;
    return (float)((double)(x >> 8) * 0x1p-23 - 1);
}

static inline float given(const char *name, uint32_t seed, uint32_t i)
{
    float u = value(name, seed, i);

    if (ends(name, "norm.weight") || ends(name, "gate"))
        return 1 + u * 0.25F;
    if (ends(name, "bias"))
        return u * 0.125F;
    if (ends(name, "qk.weight"))
        return u * 2;
    return strstr(name, "layer.") || strncmp(name, "head.", 5) == 0 ? u * 0.5F : u;
}

/*
 * How far our numbers may be off, as a share of an array's largest. Nearly all of it is the
 * rounding of the residual streams, which a final norm makes larger where a row varies little;
 * make_models.py measures it in float64 and takes no seed for which 5 of its standard
 * deviations and float32's rounding come out larger than this.
 */
static const double LOSS_LIMIT = 1e-5, LOGITS_LIMIT = 3e-5, GRADIENT_LIMIT = 1e-4;

/* Fails unless every |got - want| <= limit * max(|want|), and what streams that are rounded to
 * 2^-18 may do to a number that is nearly 0. */
static inline void compare(const char *name, const char *what, const float *got,
                           const struct st_view *v, size_t n, double limit)
{
    const double rounding = 0x1p-21;
    const float *want;
    double size = 0, worst = 0;
    size_t at = 0;

    if (!v)
        fail_msg("%s: no %s", name, what);
    if (v->bytes != n * sizeof(float))
        fail_msg("%s: %s has %zu numbers, not %zu", name, what, v->bytes / sizeof(float), n);
    want = v->data;
    for (size_t i = 0; i < n; i++) {
        double d = fabs((double)got[i] - (double)want[i]);

        size = fmax(size, fabs((double)want[i]));
        if (!(d <= worst)) {
            worst = d;
            at = i;
        }
    }
    if (!(worst <= limit * size + rounding))
        fail_msg("%s: %s: element %zu of %zu is %.9g, not %.9g; largest %.3g", name, what, at,
                 n, (double)got[at], (double)want[at], size);
}

static inline bool has(enum nn_kind kind)
{
    struct nn *nn;

    if (nn_open(&nn, kind, 1, NULL) != RF_OK)
        return false;
    nn_close(nn);
    return true;
}

#endif
