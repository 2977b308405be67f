/*
 * bench_ops.c: the ops at the shapes of real models. `bench_ops [THREADS [cpu|DEVICE]]` prints
 * a line each: name, figure, unit and, where there is one, a peer and its figure, tabs between
 * them. Products and attention in GFLOP/s (attention: 2 products forward, 5 backward), loops in
 * thousand million elements a second. A product's peer is oneDNN's at the same shape and
 * rounding, that of all else oneDNN's 2048^3. The best of nine runs; with `cpu`, by the
 * processor time of all threads, where others use the machine: set OMP_WAIT_POLICY=passive.
 *
 * On a DEVICE of a plugin products and attention stand beside its own product of about.peak_n^3
 * in the same number type, and loops are in GB/s of what they read and write, beside a copy.
 */
#include <dnnl.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/par.h"
#include "device/count.h"
#include "nn/nn.h"
#include "../ops/shapes.h"

enum { RUNS = 9 };

struct bench {
    struct nn *nn;
    const struct nn_ops *op;
    struct nn *count; /* counts the bytes of loops; NULL: they are told in elements */
    double copy_rate; /* bytes a second of op copy */
    const char *peer;
    double peer_figure; /* 0: none */
    bool by_cpu;
    double start, best;
    int run;
};

static double now(const struct bench *b)
{
    struct timespec t;
    double s;

    clock_gettime(b->by_cpu ? CLOCK_PROCESS_CPUTIME_ID : CLOCK_MONOTONIC, &t);
    s = (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    return b->by_cpu ? s / b->nn->threads : s;
}

static bool again(struct bench *b)
{
    double t;

    b->op->wait(b->nn);
    t = now(b);
    if (b->run == 0)
        b->best = 1e30;
    else if (t - b->start < b->best)
        b->best = t - b->start;
    b->start = now(b);
    return b->run++ < RUNS;
}

static void report(struct bench *b, const char *name, double work, const char *unit)
{
    printf("%s\t%.4g\t%s", name, 1e-9 * work / b->best, unit);
    if (b->peer_figure > 0 && strcmp(unit, "GFLOP/s") == 0)
        printf("\t%s\t%.1f", b->peer, b->peer_figure);
    printf("\n");
    fflush(stdout);
    b->run = 0;
}

/* A loop over n elements that reads and writes so many bytes, where they were counted. */
static void report_loop(struct bench *b, const char *name, size_t n, double bytes)
{
    if (!b->count) {
        report(b, name, (double)n, "G/s");
        return;
    }
    printf("%s\t%.4g\tGB/s\ta copy\t%.4g\n", name, 1e-9 * bytes / b->best, 1e-9 * b->copy_rate);
    fflush(stdout);
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

/* The device's copy of n numbers of four bytes; never given back. */
static void *put(struct bench *b, const void *from, size_t n)
{
    float *x = some(b, n);

    b->op->upload(b->nn, x, from, n * sizeof *x);
    return x;
}

enum { PEAK = 2048 };

/* oneDNN's own product of 2048^3 with all threads, in GFLOP/s; bfloat16: of numbers that are
 * rounded already. */
static double onednn_peak(struct bench *b, enum nn_dtype dtype)
{
    enum { N = PEAK };
    dnnl_data_type_t type = dtype == NN_BF16 ? dnnl_bf16 : dnnl_f32;
    float *data[] = {some(b, N * N), some(b, N * N), some(b, N * N)};
    int args[] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_memory_desc_t d, sum;
    dnnl_matmul_desc_t op;
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t product;
    dnnl_exec_arg_t arg[3];
    int bad = dnnl_engine_create(&engine, dnnl_cpu, 0) |
              dnnl_stream_create(&stream, engine, dnnl_stream_default_flags) |
              dnnl_memory_desc_init_by_tag(&d, 2, (dnnl_dims_t){N, N}, type, dnnl_ab) |
              dnnl_memory_desc_init_by_tag(&sum, 2, (dnnl_dims_t){N, N}, dnnl_f32, dnnl_ab) |
              dnnl_matmul_desc_init(&op, &d, &d, NULL, &sum);

    if (bad || dnnl_primitive_desc_create(&pd, &op, NULL, engine, NULL) != dnnl_success ||
        dnnl_primitive_create(&product, pd) != dnnl_success)
        return 0;
    for (int i = 0; i < 3; i++) {
        arg[i].arg = args[i];
        bad |= dnnl_memory_create(&arg[i].memory, i < 2 ? &d : &sum, engine, data[i]);
    }
    omp_set_num_threads(b->nn->threads);
    while (!bad && again(b))
        bad = dnnl_primitive_execute(product, stream, 3, arg) | dnnl_stream_wait(stream);
    b->run = 0;
    return bad ? 0 : 2e-9 * N * N * N / b->best;
}

static void time_gemm(struct bench *b, size_t m, size_t n, size_t k, bool ta, bool tb,
                      const float *x, const float *y, float *z)
{
    while (again(b))
        b->op->gemm(b->nn, m, n, k, x, ta, y, tb, ta, z);
}

/* One of a model's products, beside oneDNN with its rounding where there is one, peer NULL:
 * beside the device's best; a gradient of weights (ta) is added to. */
static void bench_gemm(struct bench *b, struct bench *peer, const char *what, size_t m,
                       size_t n, size_t k, bool ta, bool tb)
{
    float *x = some(b, m * k), *y = some(b, k * n), *z = some(b, m * n);
    double work = 2.0 * (double)m * (double)n * (double)k;
    struct bench own = *b;
    char name[96];

    if (peer) {
        time_gemm(peer, m, n, k, ta, tb, x, y, z);
        peer->run = 0;
        own.peer = "oneDNN, the same";
        own.peer_figure = 1e-9 * work / peer->best;
    }
    time_gemm(&own, m, n, k, ta, tb, x, y, z);
    snprintf(name, sizeof name, "gemm %s %zux%zux%zu, %s",
             b->nn->about.dtype == NN_BF16 ? "bf16" : "fp32", m, n, k, what);
    report(&own, name, work, "GFLOP/s");
    b->op->mem_free(b->nn, x, m * k * sizeof *x);
    b->op->mem_free(b->nn, y, k * n * sizeof *y);
    b->op->mem_free(b->nn, z, m * n * sizeof *z);
}

/* The products of the two models that are trained for real: masked words, 8 x 512 tokens of 512
 * numbers, and next words, 1 x 5120 of 768. */
static void bench_products(struct bench *b, struct bench *peer)
{
    static const struct {
        const char *what;
        size_t m, n, k;
        bool ta, tb;
    } products[] = {
        {"forward", 4096, 512, 512, false, true},
        {"forward", 4096, 1024, 512, false, true},
        {"forward", 1024, 2048, 512, false, true},
        {"forward", 1024, 512, 2048, false, true},
        {"backward", 4096, 512, 512, false, false},
        {"backward", 1024, 512, 2048, false, false},
        {"backward", 1024, 2048, 512, false, false},
        {"gradient of weights", 512, 512, 4096, true, false},
        {"gradient of weights", 2048, 512, 1024, true, false},
        {"gradient of weights", 512, 2048, 1024, true, false},
        {"logits", 614, 22000, 512, false, true},
        {"backward of logits", 614, 512, 22000, false, false},
        {"gradient of embedding", 22000, 512, 614, true, false},
        {"forward", 5120, 768, 768, false, true},
        {"forward", 1024, 3072, 768, false, true},
        {"forward", 1024, 768, 3072, false, true},
        {"backward", 1024, 768, 3072, false, false},
        {"gradient of weights", 768, 768, 5120, true, false},
        {"gradient of weights", 3072, 768, 1024, true, false},
        {"small", 1024, 128, 128, false, true},
    };

    for (size_t i = 0; i < sizeof products / sizeof *products; i++)
        bench_gemm(b, peer, products[i].what, products[i].m, products[i].n, products[i].k,
                   products[i].ta, products[i].tb);
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

static double counted(const struct bench *b)
{
    return b->count ? count_so_far(b->count).bytes : 0;
}

/* One op; `call` is a call of it, whose device is `nn`. */
#define LOOP(name, n, call)                                                                    \
    do {                                                                                       \
        struct nn *nn = b->nn;                                                                 \
        double bytes_ = counted(b);                                                            \
                                                                                               \
        while (again(b))                                                                       \
            nn->ops->call;                                                                     \
        if ((nn = b->count))                                                                   \
            nn->ops->call;                                                                     \
        report_loop(b, name, n, counted(b) - bytes_);                                          \
    } while (0)

enum { ROWS = 1024, N = 2048 };

/* What a training step does with the elements of its activations. */
static void bench_loops(struct bench *b)
{
    float *x = some(b, ROWS * N), *y = some(b, ROWS * N), *z = some(b, ROWS * N);
    float *w = some(b, N), *bias = some(b, N), *db = some(b, N), *stat = some(b, 2 * ROWS);
    struct rng r = rng_stream(1, 0, 0, RNG_TEST);
    double *squares = (double *)(void *)some(b, 2);

    LOOP("combine", ROWS * N, combine(nn, y, 0.5F, x, 0.5F, z, ROWS * N));
    LOOP("sum of squares", ROWS * N, add_squares(nn, squares, x, ROWS * N));
    LOOP("add rows", ROWS * N, add_rows(nn, y, -1, x, bias, ROWS, N));
    LOOP("add to a stream", ROWS * N,
         stream_add(nn, (int32_t *)(void *)y, 1, x, bias, ROWS, N));
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
    float *x = some(b, SLOTS * E), *y = some(b, ROWS * E), *dx = some(b, SLOTS * E);
    float *score = some(b, ROWS * 4 * 256), *weight = some(b, ROWS * M);
    float *dweight = some(b, ROWS * M);
    static int32_t drawn[ROWS * M];
    int32_t *index;

    for (size_t i = 0; i < ROWS * M; i++)
        drawn[i] = (int32_t)rng_below(rng_stream(2, 0, 0, RNG_TEST), i, SLOTS);
    index = put(b, drawn, ROWS * M);
    LOOP("gather rows of 512", ROWS * E, gather_rows(nn, y, x, index, ROWS, E));
    LOOP("scatter rows of 512", ROWS * E, scatter_rows(nn, dx, y, index, ROWS, E));
    LOOP("bag forward, 128 of 16384 rows of 512", ROWS * M * E,
         bag_fwd(nn, y, x, index, weight, ROWS, M, E));
    LOOP("bag backward", ROWS * M * E,
         bag_bwd(nn, dx, dweight, y, x, index, weight, ROWS, M, E));
    while (again(b))
        b->op->pkm_select(b->nn, index, weight, score, (size_t)ROWS * 4, 128, 32);
    report(b, "the best 32 of 128 x 128 sums", 1e3 * ROWS * 4, "M rows/s");
}

static void bench_optimisers(struct bench *b)
{
    const float *one = put(b, &(float){1}, 1);
    struct adamw_step adamw = {1e-4F, 0.9F, 0.99F, 1e-8F, 0.01F, 1, 1, false, one};
    struct lion_step lion = {1e-4F, 0.9F, 0.99F, 0.01F, one};
    struct muon_step muon = {0.95F, 1e-7F, true, one};
    struct adafactor_step ada = {1e-4F, true, 0, 0.9F, 1e-30F, 1e-3F, 1, 0.01F, one};
    float *w = some(b, ROWS * N), *m = some(b, ROWS * N), *v = some(b, ROWS * N);
    float *grad = some(b, ROWS * N), *row = some(b, ROWS), *col = some(b, N);

    b->op->fill(b->nn, v, 1, ROWS * N);
    LOOP("adamw", ROWS * N, adamw(nn, w, m, v, grad, &adamw, ROWS * N));
    LOOP("lion", ROWS * N, lion(nn, w, m, grad, &lion, ROWS * N));
    LOOP("muon", ROWS * N, muon(nn, w, m, grad, &muon, ROWS * N));
    b->op->fill(b->nn, row, 1, ROWS);
    b->op->fill(b->nn, col, 1, N);
    LOOP("adafactor", ROWS * N, adafactor(nn, w, row, col, NULL, grad, &ada, ROWS, N));
}

static void bench_head(struct bench *b, size_t rows)
{
    enum { E = 512, V = 22000 };
    float *x = some(b, rows * E), *w = some(b, (size_t)V * E), *dx = some(b, rows * E);
    float *dw = some(b, (size_t)V * E), *bias = some(b, V), *db = some(b, V);
    float *loss = some(b, rows);
    int32_t *hit = (int32_t *)some(b, rows), *label, *labels = calloc(rows, sizeof *labels);
    char name[96];

    for (size_t i = 0; labels && i < rows; i++)
        labels[i] = (int32_t)i;
    label = put(b, labels, rows);
    free(labels);
    while (again(b))
        b->op->cross_entropy(b->nn, loss, hit, dx, dw, db, x, w, bias, label, 1, 0, 0, rows, E,
                             V);
    snprintf(name, sizeof name, "cross entropy %s with gradients, %zu x %d x %d",
             b->nn->about.dtype == NN_BF16 ? "bf16" : "fp32", rows, E, V);
    report(b, name, 6.0 * (double)rows * E * V, "GFLOP/s");
}

static struct bench open_bench(enum nn_gemm gemm, enum nn_dtype dtype, int threads,
                               const char *how)
{
    struct nn_options o = {.kind = NN_CPU, .threads = threads, .gemm = gemm, .dtype = dtype};
    struct bench b = {.by_cpu = how && strcmp(how, "cpu") == 0};
    struct errbuf eb = {0};
    int rc;

    if (how && !b.by_cpu)
        o.device = how;
    rc = nn_open_with(&b.nn, &o, &eb);
    if (rc == RF_OK && o.device)
        rc = count_open(&b.count, &b.nn->about, &eb);
    if (rc != RF_OK) {
        fprintf(stderr, "bench_ops: %s\n", eb.text);
        exit(1);
    }
    b.op = b.nn->ops;
    return b;
}

static void bench_matrices(enum nn_dtype dtype, int threads, const char *how)
{
    struct bench own = open_bench(NN_GEMM_EXACT, dtype, threads, how);
    struct bench peer = open_bench(NN_GEMM_ONEDNN, dtype, threads, how);

    if (own.nn->about.dtype == dtype) {
        own.peer = "oneDNN, 2048^3";
        own.peer_figure = onednn_peak(&own, dtype);
        time_gemm(&own, PEAK, PEAK, PEAK, false, false, some(&own, PEAK * PEAK),
                  some(&own, PEAK * PEAK), some(&own, PEAK * PEAK));
        report(&own, dtype == NN_BF16 ? "gemm bf16 2048^3" : "gemm fp32 2048^3",
               2.0 * PEAK * PEAK * PEAK, "GFLOP/s");
        bench_products(&own, &peer);
        bench_head(&own, 614);
        bench_head(&own, 1024);
        bench_head(&own, 4096);
    }
    nn_close(own.nn);
    nn_close(peer.nn);
}

/* A card: what it makes of each op, beside its own best product and copy. */
static void bench_card(enum nn_dtype dtype, const char *device)
{
    enum { COPIED = 256 << 20 };
    struct bench b = open_bench(NN_GEMM_FAST, dtype, 1, device);
    float *from = some(&b, COPIED / sizeof *from), *to = some(&b, COPIED / sizeof *to);

    while (again(&b))
        b.op->copy(b.nn, to, from, COPIED);
    b.run = 0;
    b.copy_rate = 2 * (double)COPIED / b.best;
    if (b.nn->about.dtype == dtype) {
        b.peer = "its best product";
        b.peer_figure = nn_gemm_peak(b.nn, from, COPIED / sizeof *from);
        bench_products(&b, NULL);
        bench_head(&b, 4096);
        bench_attentions(&b);
    }
    if (dtype == NN_FP32) {
        bench_loops(&b);
        bench_index(&b);
        bench_optimisers(&b);
    }
    nn_close(b.count);
    nn_close(b.nn);
}

int main(int argc, char **argv)
{
    int threads = par_threads(argc > 1 ? strtoull(argv[1], NULL, 10) : 0);
    const char *how = argc > 2 ? argv[2] : NULL;
    struct bench b;

    if (how && strcmp(how, "cpu") != 0) {
        bench_card(NN_FP32, how);
        bench_card(NN_BF16, how);
        return 0;
    }
    b = open_bench(NN_GEMM_FAST, NN_FP32, threads, how);
    bench_matrices(NN_FP32, threads, how);
    bench_matrices(NN_BF16, threads, how);
    b.peer = "oneDNN, 2048^3";
    b.peer_figure = onednn_peak(&b, NN_FP32);
    bench_attentions(&b);
    bench_loops(&b);
    bench_index(&b);
    bench_optimisers(&b);
    nn_close(b.nn);
    return 0;
}
