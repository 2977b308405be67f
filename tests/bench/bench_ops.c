/*
 * bench_ops.c: the ops at the shapes of real models. `bench_ops [THREADS]` prints a line each:
 * name, tab, figure, tab, unit. Products and attention in GFLOP/s (attention: 2 products
 * forward, 5 backward), the first being oneDNN's own 2048^3; loops in thousand million elements
 * a second. The best of nine runs.
 */
#include <dnnl.h>
#include <omp.h>
#include <stdio.h>
#include <time.h>

#include "base/par.h"
#include "nn/nn.h"
#include "../ops/shapes.h"

enum { RUNS = 9 };

struct bench {
    struct nn *nn;
    const struct nn_ops *op;
    double start, best;
    int run;
};

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static bool again(struct bench *b)
{
    double t = now();

    if (b->run == 0)
        b->best = 1e30;
    else if (t - b->start < b->best)
        b->best = t - b->start;
    b->start = now();
    return b->run++ < RUNS;
}

static void report(struct bench *b, const char *name, double work, const char *unit)
{
    printf("%s\t%.4g\t%s\n", name, 1e-9 * work / b->best, unit);
    b->run = 0;
}

/* Normally distributed floats; never given back. */
static float *some(struct bench *b, size_t n)
{
    float *x = b->op->mem_new(b->nn, n * sizeof *x);

    if (!x) {
        fprintf(stderr, "bench_ops: no memory\n");
        exit(1);
    }
    b->op->fill_normal(b->nn, x, 1, rng_stream(n, 0, 0, RNG_TEST), n);
    return x;
}

static void bench_peak(struct bench *b)
{
    enum { N = 2048 };
    float *x = some(b, N * N), *y = some(b, N * N), *z = some(b, N * N);
    int bad = 0;

    omp_set_num_threads(b->nn->threads);
    while (again(b))
        bad |= dnnl_sgemm('N', 'N', N, N, N, 1, x, N, y, N, 0, z, N) != dnnl_success;
    report(b, bad ? "dnnl_sgemm failed" : "dnnl_sgemm 2048^3", 2.0 * N * N * N, "GFLOP/s");
}

static void bench_gemm(struct bench *b, const char *name, size_t m, size_t n, size_t k, bool ta,
                       bool tb)
{
    float *x = some(b, m * k), *y = some(b, k * n), *z = some(b, m * n);

    while (again(b))
        b->op->gemm(b->nn, m, n, k, x, ta, y, tb, 0, z);
    report(b, name, 2.0 * (double)m * (double)n * (double)k, "GFLOP/s");
}

static void bench_hash(struct bench *b, const char *name, const struct attend_dims *s,
                       size_t n2, const float *qk, int32_t *order, int32_t *bucket)
{
    struct hash_dims hash = lsh_hash_dims(s);
    size_t rows = s->B * s->H * s->R;
    const float *rot;
    char full[96];

    if (n2) {
        hash.n1 /= n2;
        hash.n2 = n2;
    }
    rot = some(b, hash_rotation(&hash));
    while (again(b)) {
        b->op->lsh_hash(b->nn, bucket, qk, rot, &hash);
        b->op->lsh_sort(b->nn, order, bucket, rows, s->T, hash_buckets(&hash));
    }
    snprintf(full, sizeof full, "hash and sort, %s", name);
    report(b, full, 1e3 * (double)(rows * s->T), "M slots/s");
}

/* Multiplications of one product: of those pairs alone that a causal mask leaves, where whole
 * windows of keys are hidden. */
static double product_of(const struct attend_dims *s)
{
    double rows = (double)(s->B * s->H * s->T), D = (double)s->D;

    if (s->kind == ATTEND_LSH)
        return 2 * rows * (double)(2 * s->R * s->C) * D;
    if (s->kind == ATTEND_FULL)
        return 2 * rows * (double)s->T * D / (s->causal ? 2 : 1);
    return 2 * rows * (double)(2 * s->C) * D * (s->causal ? 1.5 : 3);
}

/* n2: of buckets, a second factor; 0: none. */
static void bench_attention(struct bench *b, const char *name, struct attend_dims s, size_t n2)
{
    size_t heads = s.B * s.H, n = heads * s.T * s.D, slots = heads * s.R * s.T;
    float *qk = some(b, n), *v = some(b, n), *o = some(b, n), *grad_o = some(b, n);
    float *dqk = some(b, n), *dv = some(b, n), *stat = some(b, heads * s.T * 2);
    int32_t *bucket = (int32_t *)some(b, slots), *order = (int32_t *)some(b, slots);
    double product = product_of(&s);
    char full[96];

    if (s.kind == ATTEND_LSH)
        bench_hash(b, name, &s, n2, qk, order, bucket);
    while (again(b))
        b->op->attend_fwd(b->nn, o, stat, qk, v, order, bucket, NULL, &s);
    snprintf(full, sizeof full, "attention forward, %s", name);
    report(b, full, 2 * product, "GFLOP/s");
    while (again(b))
        b->op->attend_bwd(b->nn, dqk, dv, grad_o, o, stat, qk, v, order, bucket, NULL, &s);
    snprintf(full, sizeof full, "attention backward, %s", name);
    report(b, full, 5 * product, "GFLOP/s");
}

static void bench_attentions(struct bench *b)
{
    struct attend_dims s = lsh_dims(8, 8, 512, 64, 4, 64, false);

    bench_attention(b, "8 x 512, 8 heads", s, 0);
    s.dropout = 0.1F;
    bench_attention(b, "the same with dropout", s, 0);
    s.dropout = 0;
    s.duplicates = false;
    bench_attention(b, "the same without duplicates", s, 0);
    s.kind = ATTEND_FULL;
    bench_attention(b, "full, 8 x 512, 8 heads", s, 0);
    s = lsh_dims(1, 12, 5120, 64, 4, 64, true);
    bench_attention(b, "1 x 5120, 12 heads, causal", s, 0);
    s.kind = ATTEND_LOCAL;
    bench_attention(b, "local, 1 x 5120, 12 heads, causal", s, 0);
    s.causal = false;
    bench_attention(b, "local, 1 x 5120, 12 heads", s, 0);
    s = lsh_dims(1, 4, 2048, 64, 1, 64, true);
    s.kind = ATTEND_FULL;
    bench_attention(b, "full, 1 x 2048, 4 heads, causal", s, 0);
    bench_attention(b, "16 x 256, 4 heads of 32, chunks of 32",
                    lsh_dims(16, 4, 256, 32, 2, 32, false), 0);
    bench_attention(b, "1 x 65536, 1 head, causal, 32 x 32 buckets",
                    lsh_dims(1, 1, 1 << 16, 64, 4, 64, true), 32);
}

/* One op; `call` is a call of it without the device. */
#define LOOP(name, n, call)                                                                    \
    do {                                                                                       \
        while (again(b))                                                                       \
            b->op->call;                                                                       \
        report(b, name, (double)(n), "G/s");                                                   \
    } while (0)

enum { ROWS = 1024, N = 2048 };

/* What a training step does with the elements of its activations. */
static void bench_loops(struct bench *b)
{
    struct nn *nn = b->nn;
    float *x = some(b, ROWS * N), *y = some(b, ROWS * N), *z = some(b, ROWS * N);
    float *w = some(b, N), *bias = some(b, N), *db = some(b, N), *stat = some(b, 2 * ROWS);
    struct rng r = rng_stream(1, 0, 0, RNG_TEST);

    LOOP("combine", ROWS * N, combine(nn, y, 0.5F, x, 0.5F, z, ROWS * N));
    LOOP("sum of squares", ROWS * N, sum_squares(nn, x, ROWS * N));
    LOOP("add rows", ROWS * N, add_rows(nn, y, -1, x, bias, ROWS, N));
    LOOP("residual", ROWS * N, residual(nn, y, 1, x, bias, ROWS, N));
    LOOP("bias backward", ROWS * N, bias_bwd(nn, db, x, ROWS, N));
    LOOP("dropout", ROWS * N, dropout(nn, y, x, bias, 0.1F, r, ROWS, N));
    LOOP("gate backward", ROWS * N, gate_bwd(nn, y, stat, x, z, w, ROWS * N));
    LOOP("gelu forward", ROWS * N, act_fwd(nn, y, NULL, x, bias, ACT_GELU, false, ROWS, N));
    LOOP("gelu and its slope", ROWS * N, act_fwd(nn, y, z, x, bias, ACT_GELU, false, ROWS, N));
    LOOP("gated silu and its slope", ROWS * N,
         act_fwd(nn, y, z, x, bias, ACT_SILU, true, ROWS, N / 2));
    LOOP("tanh and its slope", ROWS * N, act_fwd(nn, y, z, x, bias, ACT_TANH, false, ROWS, N));
    LOOP("elu and its slope", ROWS * N, act_fwd(nn, y, z, x, bias, ACT_ELU, false, ROWS, N));
    LOOP("activation backward", ROWS * N, act_bwd(nn, y, db, x, z, false, ROWS, N));
    LOOP("layer norm forward", ROWS * N, norm_fwd(nn, y, stat, x, w, bias, ROWS, N));
    LOOP("layer norm backward", ROWS * N, norm_bwd(nn, y, db, bias, z, x, stat, w, ROWS, N));
    LOOP("scale norm forward", ROWS * N, scale_norm_fwd(nn, y, stat, x, w, ROWS, N));
    LOOP("scale norm backward", ROWS * N, scale_norm_bwd(nn, y, db, z, x, stat, w, ROWS, N));
    LOOP("split heads of 64", ROWS * N, split_heads(nn, y, x, N, 2, 512, 32, 64, 1));
    LOOP("merge heads of 64", ROWS * N, merge_heads(nn, y, N, x, 2, 512, 32, 64, 1));
}

/* Rows of a table by random index, and product-key memory: 4 heads of 128^2 keys, the best 32
 * of each. */
static void bench_index(struct bench *b)
{
    enum { SLOTS = 128 * 128, E = 512, M = 4 * 32 };
    struct nn *nn = b->nn;
    float *x = some(b, SLOTS * E), *y = some(b, ROWS * E), *dx = some(b, SLOTS * E);
    float *score = some(b, ROWS * 4 * 256), *weight = some(b, ROWS * M);
    float *dweight = some(b, ROWS * M);
    int32_t *index = (int32_t *)some(b, ROWS * M);

    for (size_t i = 0; i < ROWS * M; i++)
        index[i] = (int32_t)rng_below(rng_stream(2, 0, 0, RNG_TEST), i, SLOTS);
    LOOP("gather rows of 512", ROWS * E, gather_rows(nn, y, x, index, ROWS, E));
    LOOP("scatter rows of 512", ROWS * E, scatter_rows(nn, dx, y, index, ROWS, E));
    LOOP("bag forward, 128 of 16384 rows of 512", ROWS * M * E,
         bag_fwd(nn, y, x, index, weight, ROWS, M, E));
    LOOP("bag backward", ROWS * M * E,
         bag_bwd(nn, dx, dweight, y, x, index, weight, ROWS, M, E));
    while (again(b))
        b->op->pkm_select(nn, index, weight, score, (size_t)ROWS * 4, 128, 32);
    report(b, "the best 32 of 128 x 128 sums", 1e3 * ROWS * 4, "M rows/s");
}

static void bench_optimisers(struct bench *b)
{
    struct adamw_step adamw = {1e-4F, 0.9F, 0.99F, 1e-8F, 0.01F, 1, 1, 1};
    struct lion_step lion = {1e-4F, 0.9F, 0.99F, 0.01F, 1};
    struct adafactor_step ada = {1e-4F, true, 0, 0.9F, 1e-30F, 1e-3F, 1, 0.01F, 1};
    float *w = some(b, ROWS * N), *m = some(b, ROWS * N), *v = some(b, ROWS * N);
    float *grad = some(b, ROWS * N), *row = some(b, ROWS), *col = some(b, N);

    b->op->fill(b->nn, v, 1, ROWS * N);
    LOOP("adamw", ROWS * N, adamw(b->nn, w, m, v, grad, &adamw, ROWS * N));
    LOOP("lion", ROWS * N, lion(b->nn, w, m, grad, &lion, ROWS * N));
    b->op->fill(b->nn, row, 1, ROWS);
    b->op->fill(b->nn, col, 1, N);
    LOOP("adafactor", ROWS * N, adafactor(b->nn, w, row, col, NULL, grad, &ada, ROWS, N));
}

static void bench_head(struct bench *b)
{
    enum { E = 512, V = 22000 };
    float *x = some(b, ROWS * E), *w = some(b, V * E), *dx = some(b, ROWS * E);
    float *dw = some(b, V * E), *bias = some(b, V), *db = some(b, V), *loss = some(b, ROWS);
    int32_t *hit = (int32_t *)some(b, ROWS), *label = (int32_t *)some(b, ROWS);

    for (int32_t i = 0; i < ROWS; i++)
        label[i] = i;
    while (again(b))
        b->op->cross_entropy(b->nn, loss, hit, dx, dw, db, x, w, bias, label, 1, ROWS, E, V);
    report(b, "cross entropy with gradients, 1024 x 512 x 22000", 6.0 * ROWS * E * V,
           "GFLOP/s");
}

int main(int argc, char **argv)
{
    struct errbuf eb = {0};
    struct bench b = {0};
    int threads = par_threads(argc > 1 ? strtoull(argv[1], NULL, 10) : 0);

    if (nn_open(&b.nn, NN_CPU, threads, &eb) != RF_OK) {
        fprintf(stderr, "bench_ops: %s\n", eb.text);
        return 1;
    }
    b.op = b.nn->ops;
    bench_peak(&b);
    bench_gemm(&b, "gemm 4096x512x512, weights transposed", 4096, 512, 512, false, true);
    bench_gemm(&b, "gemm 1024x2048x512, weights transposed", 1024, 2048, 512, false, true);
    bench_gemm(&b, "gemm 512x512x4096, gradient of weights", 512, 512, 4096, true, false);
    bench_gemm(&b, "gemm 1024x128x128, weights transposed", 1024, 128, 128, false, true);
    bench_attentions(&b);
    bench_loops(&b);
    bench_index(&b);
    bench_optimisers(&b);
    bench_head(&b);
    nn_close(b.nn);
    return 0;
}
