/*
 * far.h: a device whose memory is not the host's, for tests: NN_CPU or the reference behind
 * pointers that lead nowhere.
 *
 * What it hands out lies FAR bytes behind the memory that it means, where nothing is mapped, so
 * that who reads or writes it from the host, past upload() and download(), is killed there. An
 * op takes such pointers alone: one to the host's memory fails the test.
 */
#ifndef TESTS_OPS_FAR_H
#define TESTS_OPS_FAR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nn/nn.h"

/* Above all that a kernel hands out unasked, below what some processors ignore. */
#define FAR ((uintptr_t)1 << 50)

/* A far device's table, and the one behind it. */
struct far {
    struct nn_ops ops; /* first: nn->ops is this */
    const struct nn_ops *real;
};

static inline const struct nn_ops *far_real(const struct nn *nn)
{
    return ((const struct far *)(const void *)nn->ops)->real;
}

/** The memory that p, of the device, means; NULL stays. */
static inline void *far_near(const char *op, const void *p)
{
    if (p && !((uintptr_t)p & FAR))
        fail_msg("%s() was given memory of the host's", op);
    return p ? (void *)((uintptr_t)p - FAR) : NULL;
}

static inline const void *far_host(const char *op, const void *p)
{
    if ((uintptr_t)p & FAR)
        fail_msg("%s() was given the device's memory as the host's", op);
    return p;
}

static void *far_mem_new(struct nn *nn, size_t bytes)
{
    void *p = far_real(nn)->mem_new(nn, bytes);

    return p ? (void *)((uintptr_t)p + FAR) : NULL;
}

/* The mask within is the device's too. */
static const struct attend_dims *far_dims(const char *op, const struct attend_dims *s)
{
    static struct attend_dims dims;

    dims = *s;
    dims.asked = far_near(op, s->asked);
    return &dims;
}

/* All that a past points to is the device's. */
static const struct attend_past *far_past(const struct attend_past *p)
{
    static struct attend_past past;

    past = *p;
    past.qk = far_near("attend_past", p->qk);
    past.v = far_near("attend_past", p->v);
    past.inv = far_near("attend_past", p->inv);
    past.recent = far_near("attend_past", p->recent);
    past.count = far_near("attend_past", p->count);
    return &past;
}

/* The same for the scale of a step of an optimiser. */
#define FAR_STEP(kind)                                                                         \
    static const struct kind *far_##kind(const struct kind *s)                                 \
    {                                                                                          \
        static struct kind step;                                                               \
                                                                                               \
        step = *s;                                                                             \
        step.scale = far_near(#kind, s->scale);                                                \
        return &step;                                                                          \
    }
FAR_STEP(adamw_step)
FAR_STEP(adafactor_step)
FAR_STEP(lion_step)
FAR_STEP(muon_step)

/* Every op that takes arrays of the device: its parameters, and what becomes of them: N() of
 * the device's arrays. An op that is missing here would be given pointers that lead nowhere. */
#define N(p) far_near(__func__ + sizeof "far", p)
#define EACH_FAR_OP(X)                                                                         \
    X(mem_free, (struct nn * nn, void *p, size_t bytes), (nn, N(p), bytes))                    \
    X(upload, (struct nn * nn, void *to, const void *from, size_t bytes),                      \
      (nn, N(to), far_host("upload", from), bytes))                                            \
    X(download, (struct nn * nn, void *to, const void *from, size_t bytes),                    \
      (nn, (void *)(uintptr_t)far_host("download", to), N(from), bytes))                       \
    X(copy, (struct nn * nn, void *to, const void *from, size_t bytes),                        \
      (nn, N(to), N(from), bytes))                                                             \
    X(fill, (struct nn * nn, float *y, float value, size_t n), (nn, N(y), value, n))           \
    X(fill_normal, (struct nn * nn, float *y, float scale, struct rng r, size_t n),            \
      (nn, N(y), scale, r, n))                                                                 \
    X(fill_uniform, (struct nn * nn, float *y, float limit, struct rng r, size_t n),           \
      (nn, N(y), limit, r, n))                                                                 \
    X(fill_positions, (struct nn * nn, float *y, size_t T, size_t n), (nn, N(y), T, n))        \
    X(add_squares, (struct nn * nn, double *sum, const float *x, size_t n),                    \
      (nn, N(sum), N(x), n))                                                                   \
    X(add_losses,                                                                              \
      (struct nn * nn, struct nn_sum * sum, const float *loss, const int32_t *hit, size_t n),  \
      (nn, N(sum), N(loss), N(hit), n))                                                        \
    X(step_scale,                                                                              \
      (struct nn * nn, float *scale, const double *squares, const struct nn_sum *sum,          \
       size_t n, double labels, double clip),                                                  \
      (nn, N(scale), N(squares), N(sum), n, labels, clip))                                     \
    X(mean_step,                                                                               \
      (struct nn * nn, float *mean, float keep, float part, const float *w,                    \
       const float *scale, size_t n),                                                          \
      (nn, N(mean), keep, part, N(w), N(scale), n))                                            \
    X(combine,                                                                                 \
      (struct nn * nn, float *y, float a, const float *x1, float b, const float *x2,           \
       size_t n),                                                                              \
      (nn, N(y), a, N(x1), b, N(x2), n))                                                       \
    X(add_bias,                                                                                \
      (struct nn * nn, float *y, const float *x, const float *bias, size_t rows, size_t n),    \
      (nn, N(y), N(x), N(bias), rows, n))                                                      \
    X(dropout,                                                                                 \
      (struct nn * nn, float *y, const float *x, const float *bias, float rate, struct rng r,  \
       size_t rows, size_t n),                                                                 \
      (nn, N(y), N(x), N(bias), rate, r, rows, n))                                             \
    X(gate_fwd, (struct nn * nn, float *y, const float *x, const float *g, size_t n),          \
      (nn, N(y), N(x), N(g), n))                                                               \
    X(gate_bwd,                                                                                \
      (struct nn * nn, float *dx, float *dg, const float *dy, const float *x, const float *g,  \
       size_t n),                                                                              \
      (nn, N(dx), N(dg), N(dy), N(x), N(g), n))                                                \
    X(gemm,                                                                                    \
      (struct nn * nn, size_t m, size_t n, size_t k, const float *a, bool ta, const float *b,  \
       bool tb, float beta, float *c),                                                         \
      (nn, m, n, k, N(a), ta, N(b), tb, beta, N(c)))                                           \
    X(gemm_batch,                                                                              \
      (struct nn * nn, size_t count, size_t m, size_t n, size_t k, const float *a,             \
       size_t next_a, bool ta, const float *b, size_t next_b, bool tb, float beta, float *c,   \
       size_t next_c),                                                                         \
      (nn, count, m, n, k, N(a), next_a, ta, N(b), next_b, tb, beta, N(c), next_c))            \
    X(store,                                                                                   \
      (struct nn * nn, void *to, enum nn_store how, const float *w, size_t n, size_t k),       \
      (nn, N(to), how, N(w), n, k))                                                            \
    X(gemm_stored,                                                                             \
      (struct nn * nn, size_t m, size_t n, size_t k, const float *a, enum nn_store how,        \
       const void *w, float *c),                                                               \
      (nn, m, n, k, N(a), how, N(w), N(c)))                                                    \
    X(add_rows,                                                                                \
      (struct nn * nn, float *y, float scale, const float *x, const float *bias, size_t rows,  \
       size_t n),                                                                              \
      (nn, N(y), scale, N(x), N(bias), rows, n))                                               \
    X(bias_bwd, (struct nn * nn, float *dbias, const float *dy, size_t rows, size_t n),        \
      (nn, N(dbias), N(dy), rows, n))                                                          \
    X(act_fwd,                                                                                 \
      (struct nn * nn, float *y, float *slope, const float *x, const float *bias,              \
       enum act act, bool glu, size_t rows, size_t n),                                         \
      (nn, N(y), N(slope), N(x), N(bias), act, glu, rows, n))                                  \
    X(act_bwd,                                                                                 \
      (struct nn * nn, float *dx, float *dbias, const float *dy, const float *slope, bool glu, \
       size_t rows, size_t n),                                                                 \
      (nn, N(dx), N(dbias), N(dy), N(slope), glu, rows, n))                                    \
    X(norm_fwd,                                                                                \
      (struct nn * nn, float *y, float *stat, const float *x, const float *weight,             \
       const float *bias, size_t rows, size_t n),                                              \
      (nn, N(y), N(stat), N(x), N(weight), N(bias), rows, n))                                  \
    X(norm_bwd,                                                                                \
      (struct nn * nn, float *dx, float *dweight, float *dbias, const float *dy,               \
       const float *x, const float *stat, const float *weight, size_t rows, size_t n),         \
      (nn, N(dx), N(dweight), N(dbias), N(dy), N(x), N(stat), N(weight), rows, n))             \
    X(scale_norm_fwd,                                                                          \
      (struct nn * nn, float *y, float *stat, const float *x, const float *g, size_t rows,     \
       size_t n),                                                                              \
      (nn, N(y), N(stat), N(x), N(g), rows, n))                                                \
    X(scale_norm_bwd,                                                                          \
      (struct nn * nn, float *dx, float *dg, const float *dy, const float *x,                  \
       const float *stat, const float *g, size_t rows, size_t n),                              \
      (nn, N(dx), N(dg), N(dy), N(x), N(stat), N(g), rows, n))                                 \
    X(stream_add,                                                                              \
      (struct nn * nn, int32_t * s, int sign, const float *x, const float *bias, size_t rows,  \
       size_t n),                                                                              \
      (nn, N(s), sign, N(x), N(bias), rows, n))                                                \
    X(stream_read, (struct nn * nn, float *y, const int32_t *s, size_t n),                     \
      (nn, N(y), N(s), n))                                                                     \
    X(copy_rows,                                                                               \
      (struct nn * nn, float *y, size_t ldy, const float *x, size_t ldx, size_t rows,          \
       size_t n),                                                                              \
      (nn, N(y), ldy, N(x), ldx, rows, n))                                                     \
    X(gather_rows,                                                                             \
      (struct nn * nn, float *y, const float *x, const int32_t *index, size_t m, size_t n),    \
      (nn, N(y), N(x), N(index), m, n))                                                        \
    X(put_rows,                                                                                \
      (struct nn * nn, float *y, const float *x, const int32_t *index, size_t m, size_t n),    \
      (nn, N(y), N(x), N(index), m, n))                                                        \
    X(scatter_rows,                                                                            \
      (struct nn * nn, float *y, const float *x, const int32_t *index, size_t m, size_t n),    \
      (nn, N(y), N(x), N(index), m, n))                                                        \
    X(axial_fwd,                                                                               \
      (struct nn * nn, float *x, const float *a0, const float *a1, size_t B, size_t T,         \
       size_t n1, size_t E),                                                                   \
      (nn, N(x), N(a0), N(a1), B, T, n1, E))                                                   \
    X(axial_bwd,                                                                               \
      (struct nn * nn, float *da0, float *da1, const float *dx, size_t B, size_t T, size_t n1, \
       size_t E),                                                                              \
      (nn, N(da0), N(da1), N(dx), B, T, n1, E))                                                \
    X(rotary,                                                                                  \
      (struct nn * nn, float *x, float sign, size_t B, size_t heads, size_t H, size_t first,   \
       size_t T, size_t D, size_t limit),                                                      \
      (nn, N(x), sign, B, heads, H, first, T, D, limit))                                       \
    X(split_heads,                                                                             \
      (struct nn * nn, float *y, const float *x, size_t ldx, size_t B, size_t T, size_t H,     \
       size_t D, size_t repeat),                                                               \
      (nn, N(y), N(x), ldx, B, T, H, D, repeat))                                               \
    X(merge_heads,                                                                             \
      (struct nn * nn, float *y, size_t ldy, const float *x, size_t B, size_t T, size_t H,     \
       size_t D, size_t repeat),                                                               \
      (nn, N(y), ldy, N(x), B, T, H, D, repeat))                                               \
    X(lsh_hash,                                                                                \
      (struct nn * nn, int32_t * bucket, const float *qk, const float *rot,                    \
       const struct hash_dims *s),                                                             \
      (nn, N(bucket), N(qk), N(rot), s))                                                       \
    X(lsh_sort,                                                                                \
      (struct nn * nn, int32_t * order, const int32_t *bucket, size_t rows, size_t T,          \
       size_t buckets),                                                                        \
      (nn, N(order), N(bucket), rows, T, buckets))                                             \
    X(attend_fwd,                                                                              \
      (struct nn * nn, float *o, float *stat, const float *qk, const float *v,                 \
       const int32_t *order, const int32_t *bucket, const uint8_t *real,                       \
       const struct attend_dims *s),                                                           \
      (nn, N(o), N(stat), N(qk), N(v), N(order), N(bucket), N(real),                           \
       far_dims("attend_fwd", s)))                                                             \
    X(attend_bwd,                                                                              \
      (struct nn * nn, float *dqk, float *dv, const float *grad_o, const float *o,             \
       const float *stat, const float *qk, const float *v, const int32_t *order,               \
       const int32_t *bucket, const uint8_t *real, const struct attend_dims *s),               \
      (nn, N(dqk), N(dv), N(grad_o), N(o), N(stat), N(qk), N(v), N(order), N(bucket), N(real), \
       far_dims("attend_bwd", s)))                                                             \
    X(attend_put,                                                                              \
      (struct nn * nn, const struct attend_past *past, const float *qk, const float *v,        \
       const int32_t *bucket, size_t first, const struct attend_dims *s),                      \
      (nn, far_past(past), N(qk), N(v), N(bucket), first, s))                                  \
    X(attend_step,                                                                             \
      (struct nn * nn, float *o, const struct attend_past *past, const int32_t *bucket,        \
       size_t t, const struct attend_dims *s),                                                 \
      (nn, N(o), far_past(past), N(bucket), t, s))                                             \
    X(pkm_select,                                                                              \
      (struct nn * nn, int32_t * index, float *weight, const float *score, size_t rows,        \
       size_t K, size_t k),                                                                    \
      (nn, N(index), N(weight), N(score), rows, K, k))                                         \
    X(pkm_select_bwd,                                                                          \
      (struct nn * nn, float *dscore, const float *dweight, const int32_t *index,              \
       const float *weight, size_t rows, size_t K, size_t k),                                  \
      (nn, N(dscore), N(dweight), N(index), N(weight), rows, K, k))                            \
    X(bag_fwd,                                                                                 \
      (struct nn * nn, float *y, const float *x, const int32_t *index, const float *weight,    \
       size_t rows, size_t m, size_t n),                                                       \
      (nn, N(y), N(x), N(index), N(weight), rows, m, n))                                       \
    X(bag_bwd,                                                                                 \
      (struct nn * nn, float *dx, float *dweight, const float *dy, const float *x,             \
       const int32_t *index, const float *weight, size_t rows, size_t m, size_t n),            \
      (nn, N(dx), N(dweight), N(dy), N(x), N(index), N(weight), rows, m, n))                   \
    X(cross_entropy,                                                                           \
      (struct nn * nn, float *loss, int32_t *hit, float *dx, float *dw, float *dbias,          \
       const float *x, const float *w, const float *bias, const int32_t *label, float scale,   \
       float z_loss, float smoothing, size_t rows, size_t E, size_t V),                        \
      (nn, N(loss), N(hit), N(dx), N(dw), N(dbias), N(x), N(w), N(bias), N(label), scale,      \
       z_loss, smoothing, rows, E, V))                                                         \
    X(draw_rows,                                                                               \
      (struct nn * nn, int32_t * id, const float *x, const float *w, const float *bias,        \
       float temperature, struct rng r, uint64_t first, size_t rows, size_t E, size_t V),      \
      (nn, N(id), N(x), N(w), N(bias), temperature, r, first, rows, E, V))                     \
    X(adamw,                                                                                   \
      (struct nn * nn, float *w, float *m, float *v, const float *grad,                        \
       const struct adamw_step *step, size_t n),                                               \
      (nn, N(w), N(m), N(v), N(grad), far_adamw_step(step), n))                                \
    X(adafactor,                                                                               \
      (struct nn * nn, float *w, float *row, float *col, float *m, const float *grad,          \
       const struct adafactor_step *step, size_t rows, size_t cols),                           \
      (nn, N(w), N(row), N(col), N(m), N(grad), far_adafactor_step(step), rows, cols))         \
    X(lion,                                                                                    \
      (struct nn * nn, float *w, float *m, const float *grad, const struct lion_step *step,    \
       size_t n),                                                                              \
      (nn, N(w), N(m), N(grad), far_lion_step(step), n))                                       \
    X(muon,                                                                                    \
      (struct nn * nn, float *y, float *m, const float *grad, const struct muon_step *step,    \
       size_t n),                                                                              \
      (nn, N(y), N(m), N(grad), far_muon_step(step), n))

#define DEFINE(op, parameters, arguments)                                                      \
    static void far_##op parameters                                                            \
    {                                                                                          \
        far_real(nn)->op arguments;                                                            \
    }
EACH_FAR_OP(DEFINE)
#undef DEFINE
#undef N

/** nn, which has handed out nothing yet, becomes far. */
static inline void far_begin(struct nn *nn)
{
    static struct far tables[4]; /* of so many kinds of devices */
    struct far *f = tables;

    while (f < tables + 4 && f->real && f->real != nn->ops)
        f++;
    assert_true(f < tables + 4);
    *f = (struct far){.ops = *nn->ops, .real = nn->ops};
    f->ops.in_host = false;
    f->ops.mem_new = far_mem_new;
#define SET(op, parameters, arguments) f->ops.op = far_##op;
    EACH_FAR_OP(SET)
#undef SET
    nn->ops = &f->ops;
}

/** RF_OK with a far device that nn_close() closes; else what nn_open_with() says. */
MUST_CHECK static inline int far_open(struct nn **nn, const struct nn_options *o,
                                      struct errbuf *eb)
{
    int rc = nn_open_with(nn, o, eb);

    if (rc == RF_OK)
        far_begin(*nn);
    return rc;
}

#endif
