/*
 * cpu_gemm_dnn.c: matrix products of NN_CPU by oneDNN: on processors that none of our kernels
 * is for, and as a peer of those.
 */
#include <dnnl.h>
#include <omp.h>

#include "cpu/blocks.h"

/*
 * oneDNN may cut a long sum in as many parts as it has threads. So it gets one thread, and we
 * cut c into tiles; the grid depends on the shape alone, and so do the bits.
 */
enum {
    TILE_MAX = 512, /* wide enough that oneDNN's packing of a and b costs little */
    TILE_MIN = 64,
    TILES = 16,       /* wanted for many threads, where tiles above TILE_MIN allow it */
    SERIAL = 1 << 16, /* multiply-adds below which a second thread costs more than it gives */
    ROUND = 1 << 14   /* numbers that a thread rounds at a time */
};

struct cut {
    size_t step, count;
};

static struct cut cut(size_t n, size_t step)
{
    struct cut c = {step, parts(n, step)};

    return c;
}

static void grid(struct cut *rows, struct cut *cols, size_t m, size_t n)
{
    *rows = cut(m, TILE_MAX);
    *cols = cut(n, TILE_MAX);
    while (rows->count * cols->count < TILES) {
        bool by_rows = smaller(m, rows->step) >= smaller(n, cols->step);
        struct cut *larger = by_rows ? rows : cols;

        if (larger->step == TILE_MIN)
            break;
        *larger = cut(by_rows ? m : n, larger->step / 2);
    }
}

int dnn_open(struct dnnl_engine **engine)
{
    return dnnl_engine_create(engine, dnnl_cpu, 0) == dnnl_success ? RF_OK : RF_ENOMEM;
}

void dnn_close(struct dnnl_engine *engine)
{
    if (engine)
        dnnl_engine_destroy(engine);
}

struct matrix {
    const void *x;
    size_t ld;
    bool turned; /* the second index moves by ld */
};

static bool describe(dnnl_memory_desc_t *d, dnnl_data_type_t type, size_t rows, size_t cols,
                     const struct matrix *x)
{
    dnnl_dim_t ld = (dnnl_dim_t)x->ld;
    dnnl_dims_t size = {(dnnl_dim_t)rows, (dnnl_dim_t)cols};
    dnnl_dims_t step = {x->turned ? 1 : ld, x->turned ? ld : 1};

    return dnnl_memory_desc_init_by_strides(d, 2, size, type, step) == dnnl_success;
}

/* The primitive of one tile; oneDNN keeps what it made for equal ones. */
static bool make(dnnl_primitive_t *primitive, dnnl_engine_t engine,
                 const dnnl_memory_desc_t d[3], bool add)
{
    dnnl_matmul_desc_t op;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_post_ops_t after = NULL;
    dnnl_primitive_desc_t pd = NULL;
    bool good = dnnl_matmul_desc_init(&op, &d[0], &d[1], NULL, &d[2]) == dnnl_success &&
                dnnl_primitive_attr_create(&attr) == dnnl_success &&
                dnnl_post_ops_create(&after) == dnnl_success &&
                (!add || dnnl_post_ops_append_sum(after, 1) == dnnl_success) &&
                dnnl_primitive_attr_set_post_ops(attr, after) == dnnl_success &&
                dnnl_primitive_desc_create(&pd, &op, attr, engine, NULL) == dnnl_success &&
                dnnl_primitive_create(primitive, pd) == dnnl_success;

    dnnl_primitive_desc_destroy(pd);
    dnnl_post_ops_destroy(after);
    dnnl_primitive_attr_destroy(attr);
    return good;
}

/* c becomes or, with `add`, gains a b. */
static bool multiply_whole(dnnl_engine_t engine, dnnl_stream_t stream, dnnl_data_type_t type,
                           size_t m, size_t n, size_t k, const struct matrix *a,
                           const struct matrix *b, const struct matrix *c, bool add)
{
    const struct matrix *x[] = {a, b, c};
    dnnl_memory_desc_t d[3];
    dnnl_exec_arg_t arg[] = {
        {DNNL_ARG_SRC, NULL}, {DNNL_ARG_WEIGHTS, NULL}, {DNNL_ARG_DST, NULL}};
    dnnl_primitive_t primitive = NULL;
    bool good = describe(&d[0], type, m, k, a) && describe(&d[1], type, k, n, b) &&
                describe(&d[2], dnnl_f32, m, n, c) && make(&primitive, engine, d, add);

    for (size_t i = 0; i < 3; i++)
        good = good && dnnl_memory_create(&arg[i].memory, &d[i], engine,
                                          (void *)(uintptr_t)x[i]->x) == dnnl_success;
    good = good && dnnl_primitive_execute(primitive, stream, 3, arg) == dnnl_success &&
           dnnl_stream_wait(stream) == dnnl_success;
    for (size_t i = 0; i < 3; i++)
        dnnl_memory_destroy(arg[i].memory);
    dnnl_primitive_destroy(primitive);
    return good;
}

/* x[n] as bfloat16. */
static const void *rounded(const struct host *h, uint16_t *to, const float *x, size_t n)
{
#pragma omp parallel for num_threads(h->nn.threads) if (n > HOST_SERIAL)
    for (size_t i = 0; i < n; i += ROUND)
        h->gemm->round(to + i, x + i, smaller(ROUND, n - i));
    return to;
}

static const char *at(const struct matrix *x, size_t row, size_t col, size_t bytes)
{
    return (const char *)x->x + (x->turned ? row + col * x->ld : row * x->ld + col) * bytes;
}

void dnn_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
              const float *b, bool tb, float beta, float *c)
{
    const struct host *h = (struct host *)nn;
    bool narrow = h->nn.about.dtype == NN_BF16;
    size_t bytes = narrow ? 2 : 4, turn = (m * k + 31) / 32 * 32;
    struct matrix x = {a, ta ? m : k, ta}, y = {b, tb ? k : n, tb}, z = {c, n, false};
    uint16_t *copy = NULL;
    struct cut rows, cols;
    int bad = 0;

    if (nn->failed || (narrow && !(copy = host_packed(nn, (turn + n * k) * sizeof *copy))))
        return;
    if (narrow) {
        x.x = rounded(h, copy, a, m * k);
        y.x = rounded(h, copy + turn, b, n * k);
    }
    grid(&rows, &cols, m, n);
#pragma omp parallel num_threads(nn->threads) if (m * n * k > SERIAL) reduction(| : bad)
    {
        dnnl_stream_t stream = NULL;

        omp_set_num_threads(1); /* oneDNN's, inside this region */
        bad |=
            dnnl_stream_create(&stream, h->engine, dnnl_stream_default_flags) != dnnl_success;
#pragma omp for schedule(dynamic)
        for (size_t tile = 0; tile < rows.count * cols.count; tile++) {
            size_t i = tile / cols.count * rows.step, j = tile % cols.count * cols.step;
            size_t mt = smaller(rows.step, m - i);
            size_t nt = smaller(cols.step, n - j);
            struct matrix xt = {at(&x, i, 0, bytes), x.ld, ta};
            struct matrix yt = {at(&y, 0, j, bytes), y.ld, tb};
            struct matrix zt = {at(&z, i, j, sizeof *c), z.ld, false};

            bad |= bad || !multiply_whole(h->engine, stream, narrow ? dnnl_bf16 : dnnl_f32, mt,
                                          nt, k, &xt, &yt, &zt, beta != 0);
        }
        dnnl_stream_destroy(stream);
    }
    if (bad)
        nn_fail(nn, RF_EINVAL, "oneDNN refused a product of %zu x %zu x %zu", m, n, k);
}
