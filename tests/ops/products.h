/* products.h: rows of matrix products, for all number types that they may be rounded to. */
#ifndef TESTS_OPS_PRODUCTS_H
#define TESTS_OPS_PRODUCTS_H

#include "trial.h"

/* d = m, n, k: each way to lay out both operands; and added to what is there. */
static void run_gemm(struct trial *t)
{
    size_t m = t->d[0], n = t->d[1], k = t->d[2];
    float *a = in(t, m * k), *b = in(t, k * n);

    for (int i = 0; i < 4; i++)
        t->op->gemm(t->nn, m, n, k, a, i & 1, b, i & 2, 0, out(t, m * n));
    t->op->gemm(t->nn, m, n, k, a, true, b, false, 1, in_out(t, m * n));
}

/* Weights are no outputs of ours, so that none of them is made NaN. A row of zeros has no
 * scale.
 */
static void run_gemm_stored(struct trial *t)
{
    static const enum nn_store ways[] = {NN_STORE_BF16, NN_STORE_INT8};
    size_t m = t->d[0], n = t->d[1], k = t->d[2];
    float *a = in(t, m * k), *numbers = malloc(n * k * sizeof *numbers), *w;

    assert_non_null(numbers);
    for (size_t i = 0; i < n * k; i++)
        numbers[i] = i / k == n / 2 ? 0 : rng_normal(rng_stream(9, 0, 0, RNG_TEST), i);
    w = given(t, GIVEN, numbers, n * k * sizeof *numbers);
    for (size_t i = 0; i < 2; i++) {
        size_t bytes = t->op->stored_bytes(t->nn, ways[i], n, k);
        void *nothing = calloc(1, bytes);
        void *stored = given(t, OTHER, nothing, bytes);

        t->op->store(t->nn, stored, ways[i], w, n, k);
        t->op->gemm_stored(t->nn, m, n, k, a, ways[i], stored, out(t, m * n));
        free(nothing);
    }
    free(numbers);
}

#endif
