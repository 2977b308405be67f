/* test_head.c: the head over several panels of logits, and the ops that multiply, in the number
 * types that products may be rounded to. */
#include "products.h"

/* d[3] products, of one a at first, then of one b, then of arrays of their own. */
static void run_gemm_batch(struct trial *t)
{
    size_t m = t->d[0], n = t->d[1], k = t->d[2], count = t->d[3];
    float *a = in(t, count * m * k), *b = in(t, count * k * n);

    for (int i = 0; i < 3; i++)
        t->op->gemm_batch(t->nn, count, m, n, k, a, i == 0 ? 0 : m * k, i & 1, b,
                          i == 1 ? 0 : k * n, i & 2, 0, out(t, count * m * n), m * n);
}

/* d = rows, E, V. For training with all that the loss may have, and to evaluate. Labels stay
 * away from the largest logit, whose place rounding may move. */
static void run_head(struct trial *t)
{
    size_t rows = t->d[0], E = t->d[1], V = t->d[2];
    float *x = in(t, rows * E), *w = in(t, V * E), *bias = in(t, V);
    int32_t *label = in_index(t, rows, V);

    t->op->cross_entropy(t->nn, out(t, rows), out_int(t, rows), out(t, rows * E),
                         in_out(t, V * E), in_out(t, V), x, w, bias, label, 0.5F, 0.005F, 0.1F,
                         rows, E, V);
    t->op->cross_entropy(t->nn, out(t, rows), out_int(t, rows), NULL, NULL, NULL, x, w, NULL,
                         label, 1, 0, 0, rows, E, V);
}

/* The same bits of a row, whichever panel it is in: its number counts. */
static void run_draws(struct trial *t)
{
    size_t rows = t->d[0], E = t->d[1], V = t->d[2];
    float *x = in(t, rows * E), *w = in(t, V * E), *bias = in(t, V);

    t->op->draw_rows(t->nn, out_int(t, rows), x, w, bias, 0.5F, rng_stream(5, 7, 0, RNG_TEST),
                     3, rows, E, V);
}

static const double ULP = 0x1p-23;

static const struct row exact[] = {
    {"head in panels",
     run_head,
     64 * ULP,
     "as cross_entropy; panels are of 16 rows or more",
     {{40, 8, 1101}, {33, 5, 4096}}},
    {"head in panels, draws",
     run_draws,
     0,
     "whole numbers; no two of these are as close as the rounding of logits",
     {{40, 8, 1101}, {33, 5, 4096}}},
};

/*
 * A number rounded to p bits is off by at most 2^-p of itself, evenly spread: by 2^-p / sqrt(3)
 * on average where its leading bits are 1.0, and over all leading bits by 0.7 of that. A
 * product of two such, and a sum of such products, is off by sqrt(2) times as much of its size:
 * 0.6 2^-p. What is allowed is 4 times that on average, and 16 times that of one element, which
 * one of millions of normal errors does not reach. No shape is so small that its few sums may
 * all cancel. bfloat16 has p = 9 with rounding to nearest, TF32 p = 12, two bfloat16 p = 17.
 */
#define PRODUCTS "both factors are rounded, so that a sum is 0.6 units in their last place off"

/* Logits are sums of E products, of size sqrt(E), so an error of them is 0.6 sqrt(E) 2^-p, and
 * a probability is off by that share; so then is a gradient, whose factors are rounded again.
 */
#define HEADS "a logit is 0.6 sqrt(E) units of its factors' last place off, a probability too"

static const double BF16 = 0x1p-9, TF32 = 0x1p-12, BF16X3 = 0x1p-17;

static const struct row narrow[] = {
    {"gemm in bfloat16",
     run_gemm,
     16 * 0.6 * BF16,
     PRODUCTS,
     {{5, 3, 9}, {7, 13, 17}, {63, 65, 64}, {1, 512, 512}, {64, 96, 33}, {60, 60, 1024}}},
    {"gemm_batch in bfloat16",
     run_gemm_batch,
     16 * 0.6 * BF16,
     PRODUCTS,
     {{5, 3, 9, 2}, {7, 13, 17, 3}, {64, 32, 16, 2}}},
    {"gemm_stored in bfloat16",
     run_gemm_stored,
     16 * 0.6 * BF16,
     PRODUCTS,
     {{5, 3, 9}, {7, 13, 17}, {33, 70, 64}, {100, 31, 130}}},
    {"head in bfloat16",
     run_head,
     16 * 0.6 * 4 * BF16,
     HEADS,
     {{5, 6, 9}, {7, 13, 17}, {40, 16, 1101}}},
};

#define ROUNDED(type, unit)                                                                    \
    {                                                                                          \
        {"gemm in " type,                                                                      \
         run_gemm,                                                                             \
         16 * 0.6 * (unit),                                                                    \
         PRODUCTS,                                                                             \
         {{5, 3, 9}, {7, 13, 17}, {63, 65, 64}, {60, 60, 1024}}},                              \
            {"gemm_batch in " type,                                                            \
             run_gemm_batch,                                                                   \
             16 * 0.6 * (unit),                                                                \
             PRODUCTS,                                                                         \
             {{5, 3, 9, 2}, {7, 13, 17, 3}, {64, 32, 16, 2}}},                                 \
            {"head in " type,                                                                  \
             run_head,                                                                         \
             16 * 0.6 * 4 * (unit),                                                            \
             HEADS,                                                                            \
             {{5, 6, 9}, {7, 13, 17}, {40, 16, 1101}}},                                        \
    }

static const struct row tf32[] = ROUNDED("TF32", TF32), split[] = ROUNDED("bf16x3", BF16X3);

int main(void)
{
    int failed;

    SKIP_UNDER_TSAN();
    failed = run_rows("head", exact, sizeof exact / sizeof *exact);
    trial_dtype = NN_BF16;
    failed += run_rows("head", narrow, sizeof narrow / sizeof *narrow);
    trial_dtype = NN_TF32;
    failed += run_rows("head", tf32, sizeof tf32 / sizeof *tf32);
    trial_dtype = NN_BF16X3;
    return failed + run_rows("head", split, sizeof split / sizeof *split);
}
