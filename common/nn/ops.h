/*
 * ops.h: the one interface between the model and a device.
 *
 * A device fills a table of coarse operations; the model calls them and knows no device. Arrays
 * are row-major and contiguous; float arrays, ids and masks lie in the device's memory (op
 * mem_new). Shapes have the same letters everywhere: B batch, T tokens of a sequence, H heads,
 * D head size, E model width, V vocabulary, R hash rounds, N buckets, C chunk length; rows =
 * any number of rows, as B*T.
 *
 * Operations return nothing: a device keeps its first failure, later calls do nothing, and
 * nn_status() tells. "Added to" means that the output's old content counts; everything else is
 * overwritten. Arrays of one call do not overlap unless said. A sum's order depends on its
 * shape only, so that equal calls give equal bits at any number of threads.
 */
#ifndef NN_OPS_H
#define NN_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rng.h"

struct nn; /* an open device: nn.h */

/** The shape of LSH attention. T is a multiple of 2 C; N = T / C buckets, so N is even. */
struct lsh_dims {
    size_t B, H, T, D, R, C;
    bool causal;
};

static inline size_t lsh_buckets(const struct lsh_dims *s)
{
    return s->T / s->C;
}

/** One step of AdamW (Loshchilov and Hutter 2019): decay is decoupled. */
struct adamw_step {
    float lr, beta1, beta2, eps, decay;
    float correct1, correct2; /* 1 - beta^t: the bias corrections of step t, from 1 */
    float grad_scale; /* gradients are multiplied by it first: clipping, mean over slots */
};

struct nn_ops {
    const char *name;

    /* --- memory */

    /** `bytes` of the device's memory, zeroed, 64-byte aligned; NULL: there is none. */
    void *(*mem_new)(struct nn *nn, size_t bytes);
    void (*mem_free)(struct nn *nn, void *p, size_t bytes);
    /** Copies between the host's memory and the device's; done when they return. */
    void (*upload)(struct nn *nn, void *to_device, const void *from_host, size_t bytes);
    void (*download)(struct nn *nn, void *to_host, const void *from_device, size_t bytes);

    /* --- elements */

    /** y[n] = value. */
    void (*fill)(struct nn *nn, float *y, float value, size_t n);
    /** y[i] = scale * normal element i of r: initial weights, rotations. Equal on every device.
     */
    void (*fill_normal)(struct nn *nn, float *y, float scale, struct rng r, size_t n);
    /** y[n] = a x1 + b x2; x2 may be NULL where b is 0; y may be x1 or x2. */
    void (*combine)(struct nn *nn, float *y, float a, const float *x1, float b, const float *x2,
                    size_t n);
    /** The sum of x[n] squared, in double; waits for it. NaN or infinity come through. */
    double (*sum_squares)(struct nn *nn, const float *x, size_t n);

    /* --- dense */

    /** c[m,n] = op(a) op(b) + beta c; op(a) is [m,k], op(b) [k,n]; ta: a lies as [k,m]; tb: b
     * as [n,k]. beta 0 or 1. */
    void (*gemm)(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
                 const float *b, bool tb, float beta, float *c);
    /** y[rows,n] added to: scale * (x[rows,n] + bias[n]); bias may be NULL. The residual and
     * its undoing. */
    void (*add_rows)(struct nn *nn, float *y, float scale, const float *x, const float *bias,
                     size_t rows, size_t n);
    /** dbias[n] added to: the column sums of dy[rows,n]. */
    void (*bias_bwd)(struct nn *nn, float *dbias, const float *dy, size_t rows, size_t n);
    /** y[rows,n] = gelu(x[rows,n] + bias[n]), the exact one with erf (Hendrycks and Gimpel
     * 2016); y may be x. */
    void (*gelu_fwd)(struct nn *nn, float *y, const float *x, const float *bias, size_t rows,
                     size_t n);
    /** dx[rows,n] = dy * gelu'(x + bias); dbias[n] added to: its column sums; dx may be dy. */
    void (*gelu_bwd)(struct nn *nn, float *dx, float *dbias, const float *dy, const float *x,
                     const float *bias, size_t rows, size_t n);
    /** Layer norm over n (Ba, Kiros, Hinton 2016), eps 1e-5: y[rows,n]; stat[rows,2] = mean,
     * 1/deviation. */
    void (*norm_fwd)(struct nn *nn, float *y, float *stat, const float *x, const float *weight,
                     const float *bias, size_t rows, size_t n);
    /** All three are added to: dx[rows,n], dweight[n], dbias[n]. */
    void (*norm_bwd)(struct nn *nn, float *dx, float *dweight, float *dbias, const float *dy,
                     const float *x, const float *stat, const float *weight, size_t rows,
                     size_t n);

    /* --- rows by index */

    /** y[m,n] = x[index[i], :]; index in range. Embedding, rows with a label. */
    void (*gather_rows)(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                        size_t n);
    /** y[index[i], :] added to: x[m,n]; an index may repeat: its rows are added in order of i.
     */
    void (*scatter_rows)(struct nn *nn, float *y, const float *x, const int32_t *index,
                         size_t m, size_t n);

    /* --- positions: axial, as a sum (reformer-pytorch 1.1.3) */

    /** x[B,T,E] added to: a0[t / n1, :] + a1[t % n1, :]; a0 is [n0,E], a1 [n1,E], T <= n0 n1.
     */
    void (*axial_fwd)(struct nn *nn, float *x, const float *a0, const float *a1, size_t B,
                      size_t T, size_t n1, size_t E);
    /** da0[n0,E], da1[n1,E] added to. */
    void (*axial_bwd)(struct nn *nn, float *da0, float *da1, const float *dx, size_t B,
                      size_t T, size_t n1, size_t E);

    /* --- LSH attention (Kitaev, Kaiser, Levskaya 2020, section 2) */

    /** y[B,H,T,D] from x[B,T,H,D], and back. */
    void (*split_heads)(struct nn *nn, float *y, const float *x, size_t B, size_t T, size_t H,
                        size_t D);
    void (*merge_heads)(struct nn *nn, float *y, const float *x, size_t B, size_t T, size_t H,
                        size_t D);
    /**
     * bucket[B,H,R,T] in [0,N): the first largest of [v, -v], v = qk[B,H,T,D] rot[D,R,N/2],
     * each round of its own; one rot for all heads. Equal scores take the lowest bucket; where
     * the best two are within 1e-5 of |qk| devices may disagree.
     */
    void (*lsh_hash)(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                     const struct lsh_dims *s);
    /** order[B,H,R,T]: the positions sorted by (bucket, position), each round of its own. */
    void (*lsh_sort)(struct nn *nn, int32_t *order, const int32_t *bucket,
                     const struct lsh_dims *s);
    /**
     * o[B,H,T,D]: attention of shared query-keys qk with values v, both [B,H,T,D], over the
     * chunks of `order`. The R*N chunks of a head form one ring: each sees itself and the one
     * before, chunk 0 the last of the last round. logit = qk_i . qk_j / max(|qk_j|, 1e-12) /
     * sqrt(D); then, each overwriting: where real (see below) is 0 on either side, -FLT_MAX;
     * causal j > i, -FLT_MAX; j = i, -5e4. One softmax over all that a query meets in all
     * rounds; what it meets twice counts twice.
     *
     *   stat  out [B,H,T,2]: the largest logit and 1 / sum of exp(logit - largest)
     *   real  [B,T] 1: a token, 0: padding; NULL: all are tokens
     */
    void (*attend_fwd)(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                       const int32_t *order, const uint8_t *real, const struct lsh_dims *s);
    /** dqk, dv [B,H,T,D] from grad_o[B,H,T,D] and what attend_fwd() had and gave. No gradient
     * flows through overwritten logits. */
    void (*attend_bwd)(struct nn *nn, float *dqk, float *dv, const float *grad_o,
                       const float *o, const float *stat, const float *qk, const float *v,
                       const int32_t *order, const uint8_t *real, const struct lsh_dims *s);

    /* --- the head */

    /**
     * Cross entropy of logits = x[rows,E] w[V,E]' + bias[V] with label[rows], each in [0,V), in
     * panels of rows: the logits are never stored whole. The gradients are those of scale times
     * the sum of loss.
     *
     *   loss   out [rows], natural logarithm
     *   hit    out [rows]: 1 where the label has the largest logit (the first of equals)
     *   dx     out [rows,E]; NULL: no gradients, and dw and dbias are not looked at
     *   dw     [V,E], added to
     *   bias   [V], may be NULL, dbias then too
     *   dbias  [V], added to
     */
    void (*cross_entropy)(struct nn *nn, float *loss, int32_t *hit, float *dx, float *dw,
                          float *dbias, const float *x, const float *w, const float *bias,
                          const int32_t *label, float scale, size_t rows, size_t E, size_t V);

    /* --- the optimiser */

    /** w, m, v [n] updated from grad[n], which is left as it was. */
    void (*adamw)(struct nn *nn, float *w, float *m, float *v, const float *grad,
                  const struct adamw_step *step, size_t n);
};

#endif
