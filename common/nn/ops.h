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
#include "nn/peers.h"

struct nn; /* an open device: nn.h */

/** The most that pkm_select() takes: keys of a half, and slots that it gives. */
enum { PKM_KEYS_MAX = 512, PKM_TOPK_MAX = 64 };

/** How vectors get their buckets; N = n1, or n1 n2 where hashing is factorised. */
struct hash_dims {
    size_t B, H, T, D;
    size_t
        heads; /* of a sequence in qk, of which these are H; qk points at the first of them */
    size_t first_head, all_heads; /* which of all that hash that one is */
    size_t R;
    size_t n1, n2; /* even; n2 0: one factor */
    size_t rots;   /* sets of rotations; which of them a head takes: hash_set() */
};

static inline size_t hash_buckets(const struct hash_dims *s)
{
    return s->n2 ? s->n1 * s->n2 : s->n1;
}

/** Numbers of one set of rotations. */
static inline size_t hash_rotation(const struct hash_dims *s)
{
    return s->D * s->R * ((s->n1 + s->n2) / 2);
}

/** The set of rotations of head h of sequence b. */
static inline size_t hash_set(const struct hash_dims *s, size_t b, size_t h)
{
    return (b * s->all_heads + s->first_head + h) % s->rots;
}

enum attend_kind {
    ATTEND_LSH,     /* chunks of the order that hashing gave; T is a multiple of 2 C */
    ATTEND_ALIGNED, /* the same, but chunks begin anew at each bucket, and there is a window of
                       positions besides: nothing later has a say in what a query sees */
    ATTEND_FULL,    /* every key */
    ATTEND_LOCAL    /* keys in windows of 2 C positions: a query's own, `back` before it and,
                       unless causal, the one after */
};

/** LOCAL: what a query of padding gets. Where it is a mean, it is that of the values at all
 * places of the query's windows, whatever is masked; a place that lies off the sequence counts
 * as -1 in each dimension. No gradient flows through a mean. */
enum attend_padding {
    PADDING_SEES,          /* what the real keys of its windows give; 0 where there are none */
    PADDING_MEAN_IF_ALONE, /* the same, but the mean where there are none:
                              local-attention 1.11.2, whose softmax is then over equal numbers
                            */
    PADDING_MEAN           /* the mean, always: local-attention 1.0.2 */
};

/** The shape of attention with shared query-keys. */
struct attend_dims {
    enum attend_kind kind;
    enum attend_padding padding; /* LOCAL */
    size_t B, H, T, D;
    size_t heads;    /* of a sequence in qk, v, o and their gradients, of which these are H; the
                        pointers are at the first of them */
    size_t queries;  /* positions from here on are keys alone, which causality does not hide;
                        LOCAL: they are not looked at. T: none */
    size_t R, C;     /* LSH, ALIGNED; LOCAL: C alone */
    size_t back;     /* LOCAL: windows before a query's own, from 0 */
    bool causal;     /* a query sees no later position; ALIGNED: set */
    bool across;     /* LSH: keys of other buckets count too */
    bool duplicates; /* LSH: a pair that meets in several rounds counts each time */
    const uint8_t *asked; /* [B,T] 1: what this query finds is wanted; NULL: of all */
    size_t n_asked;       /* how many these are, for what a device plans; NULL: any number */
    float dropout;   /* share of the probabilities that become 0, the others / (1 - dropout) */
    struct rng draw; /* which: each head has a stream of its own made of it, attend_draw() */
    size_t first_head; /* for that, the number of the first of these heads */
};

/** Whether keys are found by hashing: there are `order` and `bucket`. */
static inline bool attend_hashes(const struct attend_dims *s)
{
    return s->kind == ATTEND_LSH || s->kind == ATTEND_ALIGNED;
}

/** LOCAL: positions that those go back to which a query sees, from the start of its window. */
static inline size_t attend_before(const struct attend_dims *s)
{
    return s->back * 2 * s->C;
}

/** Keys that a query meets, on average; LSH: in the same chunks, whatever their buckets. */
static inline double attend_keys(const struct attend_dims *s)
{
    switch (s->kind) {
    case ATTEND_LSH: return 2 * (double)s->C * (double)s->R;
    case ATTEND_ALIGNED: return 2 * (double)s->C * (double)(s->R + 1);
    case ATTEND_FULL: return (s->causal ? 0.5 : 1) * (double)s->T;
    case ATTEND_LOCAL: break;
    }
    return 2 * (double)s->C * (double)(s->back + (s->causal ? 1 : 2));
}

/**
 * What attention keeps of the positions so far, for those to come, where a sequence goes on one
 * position at a time. Arrays are the device's, heads outermost.
 */
struct attend_past {
    size_t B;      /* sequences */
    size_t common; /* first positions that all of them share */
    size_t own;    /* room for positions behind these, of each sequence */
    size_t ring;   /* LOCAL: so many positions are kept, the last ones, at least 2 C (back + 1);
                      0: all */
    size_t rows;   /* of a head: common + B own, or (1 + B) ring; past_row() has a position's */
    size_t room;   /* LSH: positions of a sequence, at most */
    size_t N;      /* LSH, ALIGNED: buckets of a round */
    float *qk, *v; /* [H,rows,D] */
    float *inv;    /* [H,rows] 1 / (max(|qk|, 1e-12) sqrt(D)) */
    int32_t *recent; /* ALIGNED: [H,B,R,N,2 C] positions of each bucket: the i-th, from 0,
                        stands in place i mod 2 C; LSH: [H,B,R,room] positions, in the order
                        of their buckets */
    int32_t *count;  /* LSH, ALIGNED: [H,B,R,N] how many of each bucket there were; 0 before
                        the first position */
};

/** The row of position t of sequence b. */
static inline size_t past_row(const struct attend_past *p, size_t b, size_t t)
{
    if (p->ring)
        return t % p->ring + (t < p->common ? 0 : (b + 1) * p->ring);
    return t < p->common ? t : t + b * p->own;
}

/** What decides on the probabilities of head h: the same in whatever group it is computed. */
static inline struct rng attend_draw(const struct attend_dims *s, size_t h)
{
    struct rng r = s->draw;

    r.seed = rng_u64(r, s->first_head + h);
    return r;
}

/** What stands between the two matrices of the feed-forward layer. */
enum act {
    ACT_GELU, /* the exact one, with erf (Hendrycks and Gimpel 2016) */
    ACT_RELU,
    ACT_RELU2, /* squared (So et al. 2021) */
    ACT_SILU,
    ACT_LEAKY_RELU, /* slope 0.01 */
    ACT_ELU,
    ACT_TANH,
    ACT_SIGMOID
};

/** One step of AdamW (Loshchilov and Hutter 2019): decay is decoupled. */
struct adamw_step {
    float lr, beta1, beta2, eps, decay;
    float correct1, correct2; /* 1 - beta^t: the bias corrections of step t, from 1 */
    bool clip; /* lr is divided by the root mean square of g / max(sqrt(v / correct2), eps),
                  where that is above 1 (StableAdamW: Wortsman et al. 2023, algorithm 2) */
    const float *scale; /* [1] on the device, from step_scale() */
};

/** One step of Adafactor (Shazeer and Stern 2018). */
struct adafactor_step {
    float lr; /* absolute; or, where `relative`, times max(eps2, rms of w) */
    bool relative;
    float beta1;      /* of the mean of updates; 0: m is not looked at */
    float beta2;      /* 1 - t^-0.8 for step t */
    float eps1, eps2; /* added to squared gradients; the least scale */
    float clip;       /* the update's rms is at most this */
    float decay;      /* decoupled, times lr */
    const float *scale;
};

/** One step of Lion (Chen et al. 2023). */
struct lion_step {
    float lr, beta1, beta2, decay;
    const float *scale;
};

/** The direction of a step of Muon (Jordan et al. 2024), before it is made orthogonal. */
struct muon_step {
    float momentum; /* decay of the mean of the gradients */
    float eps;      /* the least length that is divided by */
    bool nesterov;  /* the direction is momentum m + (1 - momentum) g, else m */
    const float *scale;
};

/** How weights are kept in fewer bits, for products with few rows, which take as long as
 * reading the weights does. */
enum nn_store {
    NN_STORE_BF16, /* rounded to bfloat16, to nearest, ties to even */
    NN_STORE_INT8  /* whole numbers from -127 to 127 times a scale for each row: its largest
                      weight / 127 */
};

/** Bytes of a number that is stored. */
static inline size_t store_bytes(enum nn_store how)
{
    return how == NN_STORE_BF16 ? 2 : 1;
}

/** What the rows of a batch add up to; hits are whole. */
struct nn_sum {
    double loss, hits;
};

/* Of a residual stream. */
#define NN_STREAM_BITS 18
#define NN_STREAM_NAN  INT32_MIN

struct nn_ops {
    const char *name;
    bool in_host; /* its memory is the host's: arrays may be read and written where they lie */
    const struct nn_peers
        *peers; /* how it reaches devices of other processes; NULL: it does not */

    /** Free the device; memory of it must have been given back. nn_close() calls it. */
    void (*close)(struct nn *nn);
    /** Return when all that was asked of the device is done. */
    void (*wait)(struct nn *nn);

    /* --- memory */

    /** Bytes that ops keep to themselves, about, where the largest calls are attention of this
     * shape and cross_entropy() of so many rows of V numbers; they lie in the device's memory.
     */
    size_t (*scratch_bytes)(const struct nn *nn, const struct attend_dims *attention,
                            double rows, size_t V);
    /** `bytes` of the device's memory, zeroed, 64-byte aligned; NULL: there is none. */
    void *(*mem_new)(struct nn *nn, size_t bytes);
    void (*mem_free)(struct nn *nn, void *p, size_t bytes);
    /** `bytes` of the host's memory, zeroed, 64-byte aligned, that copies to and from the
     * device are fast with (pinned, where that is a difference); NULL: there is none. */
    void *(*host_new)(struct nn *nn, size_t bytes);
    void (*host_free)(struct nn *nn, void *p, size_t bytes);
    /** A copy to the device, in order with the other calls. from_host may change once it has
     * returned: a device that copies later puts it aside. */
    void (*upload)(struct nn *nn, void *to_device, const void *from_host, size_t bytes);
    /** A copy to the host, which is there on return: it waits for all that was asked before. */
    void (*download)(struct nn *nn, void *to_host, const void *from_device, size_t bytes);
    /** to = from, both the device's: bytes as they are, whatever they mean. */
    void (*copy)(struct nn *nn, void *to, const void *from, size_t bytes);

    /* --- elements */

    /** y[n] = value. */
    void (*fill)(struct nn *nn, float *y, float value, size_t n);
    /** y[i] = scale * normal element i of r: initial weights, rotations. Equal on every device.
     */
    void (*fill_normal)(struct nn *nn, float *y, float scale, struct rng r, size_t n);
    /** y[i] = limit * (2 u - 1), u the uniform element i of r. Equal on every device. */
    void (*fill_uniform)(struct nn *nn, float *y, float limit, struct rng r, size_t n);
    /** y[T,n], n even: row t begins with sin(t r_i) for each i below n / 2, and ends with cos(t
     * r_i), where r_i = 10000^(-2i/n) (Vaswani et al. 2017, section 3.5). */
    void (*fill_positions)(struct nn *nn, float *y, size_t T, size_t n);
    /** y[n] = a x1 + b x2; x2 may be NULL where b is 0; y may be x1 or x2. */
    void (*combine)(struct nn *nn, float *y, float a, const float *x1, float b, const float *x2,
                    size_t n);
    /** sum[0] added to: the sum of x[n] squared, in double. NaN or infinity come through. */
    void (*add_squares)(struct nn *nn, double *sum, const float *x, size_t n);
    /** y[rows,n] = x + bias[n]; bias may be NULL; y may be x. */
    void (*add_bias)(struct nn *nn, float *y, const float *x, const float *bias, size_t rows,
                     size_t n);
    /** y[rows,n] = x + bias, each element 0 with probability `rate`, else divided by 1 - rate;
     * which ones: element i of r. bias may be NULL; y may be x. Its backward is itself without
     * bias. */
    void (*dropout)(struct nn *nn, float *y, const float *x, const float *bias, float rate,
                    struct rng r, size_t rows, size_t n);
    /** y[n] = g[0] x[n]; y may be x. ReZero (Bachlechner et al. 2020). */
    void (*gate_fwd)(struct nn *nn, float *y, const float *x, const float *g, size_t n);
    /** dx[n] = g[0] dy[n]; dg[0] added to: dy . x. dx may be dy. */
    void (*gate_bwd)(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                     const float *g, size_t n);

    /* --- dense */

    /** c[m,n] = op(a) op(b) + beta c; op(a) is [m,k], op(b) [k,n]; ta: a lies as [k,m]; tb: b
     * as [n,k]. beta 0 or 1. a and b are rounded to about.dtype first, here and in
     * cross_entropy(). */
    void (*gemm)(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
                 const float *b, bool tb, float beta, float *c);
    /** `count` such products, of one shape: a, b and c of product i begin i next_a, i next_b
     * and i next_c floats behind those of the first. */
    void (*gemm_batch)(struct nn *nn, size_t count, size_t m, size_t n, size_t k,
                       const float *a, size_t next_a, bool ta, const float *b, size_t next_b,
                       bool tb, float beta, float *c, size_t next_c);
    /** Bytes that w[n,k] takes when it is stored. */
    size_t (*stored_bytes)(const struct nn *nn, enum nn_store how, size_t n, size_t k);
    /** Store w[n,k] in to[stored_bytes()], in an order of the device's own. */
    void (*store)(struct nn *nn, void *to, enum nn_store how, const float *w, size_t n,
                  size_t k);
    /** c[m,n] = a[m,k] w', w[n,k] as store() left it. Sums are float32 and a is not rounded,
     * unless m is large and the products of the device neither exact nor of float32. */
    void (*gemm_stored)(struct nn *nn, size_t m, size_t n, size_t k, const float *a,
                        enum nn_store how, const void *w, float *c);
    /** y[rows,n] added to: scale * (x[rows,n] + bias[n]); bias may be NULL. */
    void (*add_rows)(struct nn *nn, float *y, float scale, const float *x, const float *bias,
                     size_t rows, size_t n);
    /** dbias[n] added to: the column sums of dy[rows,n]. */
    void (*bias_bwd)(struct nn *nn, float *dbias, const float *dy, size_t rows, size_t n);
    /**
     * y[rows,n] = act(x + bias), x[rows,n] and bias[n]; with `glu` x is [rows,2n], bias [2n]:
     * y = act(first half) * second half (Shazeer 2020). slope, shaped as x, may be x or NULL:
     * what act_bwd() multiplies by.
     */
    void (*act_fwd)(struct nn *nn, float *y, float *slope, const float *x, const float *bias,
                    enum act act, bool glu, size_t rows, size_t n);
    /** dx = dy[rows,n] slope, shaped as slope, which it may be; without glu it may be dy.
     * dbias added to: the column sums of dx. */
    void (*act_bwd)(struct nn *nn, float *dx, float *dbias, const float *dy, const float *slope,
                    bool glu, size_t rows, size_t n);
    /** Layer norm over n (Ba, Kiros, Hinton 2016), eps 1e-5: y[rows,n]; stat[rows,2] = mean,
     * 1/deviation. */
    void (*norm_fwd)(struct nn *nn, float *y, float *stat, const float *x, const float *weight,
                     const float *bias, size_t rows, size_t n);
    /** All three are added to: dx[rows,n], dweight[n], dbias[n]. */
    void (*norm_bwd)(struct nn *nn, float *dx, float *dweight, float *dbias, const float *dy,
                     const float *x, const float *stat, const float *weight, size_t rows,
                     size_t n);

    /** y = g[0] x / max(|x|, 1e-5) by rows (Nguyen and Salazar 2019, without their root of n);
     * stat[rows] = 1 / max(|x|, 1e-5). */
    void (*scale_norm_fwd)(struct nn *nn, float *y, float *stat, const float *x, const float *g,
                           size_t rows, size_t n);
    /** dx[rows,n], dg[1] added to. No gradient through a length below 1e-5. */
    void (*scale_norm_bwd)(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                           const float *stat, const float *g, size_t rows, size_t n);

    /*
     * --- residual streams: integers, multiples of 2^-NN_STREAM_BITS, whose sums are exact, so
     * that taking off what was added gives the very number that was there before. What is no
     * number or too large (8192 or more) is NN_STREAM_NAN from then on.
     */

    /** s[rows,n] += sign (x[rows,n] + bias[n]), rounded; sign is 1 or -1; bias may be NULL. */
    void (*stream_add)(struct nn *nn, int32_t *s, int sign, const float *x, const float *bias,
                       size_t rows, size_t n);
    /** y[n] = s[n] as floats, the nearest ones; NaN for NN_STREAM_NAN. */
    void (*stream_read)(struct nn *nn, float *y, const int32_t *s, size_t n);

    /* --- rows by index */

    /** y[rows,n] = x, whose rows lie ldy and ldx apart: a part of the columns of a matrix; ldx
     * 0: one row, to all. The numbers are moved as they are, whatever their four bytes mean, as
     * in the next two. */
    void (*copy_rows)(struct nn *nn, float *y, size_t ldy, const float *x, size_t ldx,
                      size_t rows, size_t n);
    /** y[m,n] = x[index[i], :]; index in range. Embedding, rows with a label. */
    void (*gather_rows)(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                        size_t n);
    /** y[index[i], :] = x[m,n]; no index repeats. */
    void (*put_rows)(struct nn *nn, float *y, const float *x, const int32_t *index, size_t m,
                     size_t n);
    /** y[index[i], :] added to: x[m,n]; an index may repeat: its rows are added in an order
     * that the indices alone decide. */
    void (*scatter_rows)(struct nn *nn, float *y, const float *x, const int32_t *index,
                         size_t m, size_t n);

    /* --- positions: axial, as a sum (reformer-pytorch 1.1.3); a table of all with a1 NULL and
     * n1 1 */

    /** x[B,T,E] added to: a0[t / n1, :] + a1[t % n1, :]; a0 is [n0,E], a1 [n1,E], T <= n0 n1.
     */
    void (*axial_fwd)(struct nn *nn, float *x, const float *a0, const float *a1, size_t B,
                      size_t T, size_t n1, size_t E);
    /** da0[n0,E], da1[n1,E] added to. */
    void (*axial_bwd)(struct nn *nn, float *da0, float *da1, const float *dx, size_t B,
                      size_t T, size_t n1, size_t E);

    /**
     * H heads of each sequence of x[B,heads,T,D], which points at the first of them, in place:
     * the pairs (2i, 2i+1) of positions t below `limit` turned by t 10000^(-2i/D), backwards
     * where sign is -1 (Su et al. 2021). Positions are `first` to first + T - 1.
     */
    void (*rotary)(struct nn *nn, float *x, float sign, size_t B, size_t heads, size_t H,
                   size_t first, size_t T, size_t D, size_t limit);

    /* --- attention with shared query-keys, by hashing (Kitaev, Kaiser, Levskaya 2020,
     * section 2), full or local */

    /** y[B,H,T,D] from x[B,T,H/repeat,D], whose rows lie ldx apart: each head goes to `repeat`
     * heads in a row. */
    void (*split_heads)(struct nn *nn, float *y, const float *x, size_t ldx, size_t B, size_t T,
                        size_t H, size_t D, size_t repeat);
    /** The way back: y[B,T,H/repeat,D], rows ldy apart, is the sum over repeated heads of
     * x[B,H,T,D]. */
    void (*merge_heads)(struct nn *nn, float *y, size_t ldy, const float *x, size_t B, size_t T,
                        size_t H, size_t D, size_t repeat);
    /**
     * bucket[B,H,R,T] in [0,N): the first largest of [v, -v], v = qk[B,heads,T,D] rot, each
     * round of its own. rot[rots][D,R,(n1+n2)/2]; where n2 is not 0 the first n1/2 numbers give
     * b1, the others b2, and the bucket is b1 + n1 b2. Equal scores take the lowest; where the
     * best two are within 1e-5 of |qk| devices may disagree. Always computed in float32.
     */
    void (*lsh_hash)(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                     const struct hash_dims *s);
    /** order[rows,T]: the positions sorted by (bucket[rows,T], position); buckets below N. */
    void (*lsh_sort)(struct nn *nn, int32_t *order, const int32_t *bucket, size_t rows,
                     size_t T, size_t N);
    /**
     * o[B,heads,T,D]: attention of shared query-keys qk with values v, shaped likewise.
     *
     * logit = qk_i . qk_j / max(|qk_j|, 1e-12) / sqrt(D). Then, each overwriting:
     *   LSH   where real is 0 on either side, -FLT_MAX; causal j > i (and j < queries),
     *         -FLT_MAX; j = i, -5e4; unless `across`, other buckets than i's (no two rounds
     *         share one), -FLT_MAX; unless `duplicates`, minus ln(rounds in which the key's
     *         chunk is the query's or the one before it, and the bucket the same unless
     *         `across`; + 1e-9).
     *         The R T / C chunks of a head form one ring: each sees itself and the one before,
     *         chunk 0 the last of the last round. One softmax over all that a query meets in
     *         all rounds.
     *   ALIGNED  as LSH where `across`, `duplicates` and `causal` are set and all positions are
     *         queries, but for the chunks. Of each round's buckets each has its own: its
     *         positions in order, C to a chunk, fewer in the last one. A chunk sees itself and
     *         the one before of its bucket. One round more, behind the R of `order`, has all
     *         positions in one bucket.
     *   FULL  j = i, -5e4; real 0 on either side, -FLT_MAX; causal j > i (and j < queries)
     *   LOCAL j = i, -5e4; causal j > i; real[j] 0, -FLT_MAX; windows end at `queries`
     * What has -FLT_MAX plays no part, if its value is a number; a row with nothing else gives
     * 0, but where enum attend_padding says so.
     *
     *   o       rows from `queries` on are 0, and those of queries that are not asked
     *   stat    out [B,H,T,2]: the largest logit and 1 / sum of exp(logit - largest); -1e30, 0
     *           where no key is seen, the position is no query or it is not asked; any number
     *           and 0 where it gets a mean
     *   order, bucket  LSH, ALIGNED: [B,H,R,T]; LSH: bucket may be NULL where `across` is set
     *   real    [B,T] 1: a token, 0: padding; NULL: all are tokens
     * Dropout: the probability of (b, h, query i, window place w) is number (b T + i) W + w of
     * attend_draw(h); LSH: W = 2 C R, w = 2 C round + place in the chunk's
     * window, the chunk before first; ALIGNED: W = 2 C (R + 1), the same w; FULL: W = T, w = j;
     * LOCAL: W = 2 C (back + 2), w = j - the first position of the windows before the query's.
     */
    void (*attend_fwd)(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                       const int32_t *order, const int32_t *bucket, const uint8_t *real,
                       const struct attend_dims *s);
    /** dqk, dv [B,heads,T,D] from grad_o[B,heads,T,D] (rows from `queries` on, and those not
     * asked, add nothing) and what attend_fwd() had and gave. No gradient flows through
     * overwritten logits. */
    void (*attend_bwd)(struct nn *nn, float *dqk, float *dv, const float *grad_o,
                       const float *o, const float *stat, const float *qk, const float *v,
                       const int32_t *order, const int32_t *bucket, const uint8_t *real,
                       const struct attend_dims *s);

    /**
     * Positions `first` to first + queries - 1 go into the past: qk, v [B,heads,T,D], and LSH
     * and ALIGNED bucket[B,H,R,T], below past->N. The common ones come all at once, with
     * s->B 1. The positions before them are there.
     */
    void (*attend_put)(struct nn *nn, const struct attend_past *past, const float *qk,
                       const float *v, const int32_t *bucket, size_t first,
                       const struct attend_dims *s);
    /**
     * o[B,heads,1,D]: what attend_fwd() would give for position t, the last that was put, as
     * the last of its sequence; causal; without padding and dropout. s->T is 1 and
     * bucket[B,H,R] that position's. LSH: chunks are cut of the positions that are there,
     * however few, and the first chunk of a round meets the last one of the round before unless
     * it is all of them.
     */
    void (*attend_step)(struct nn *nn, float *o, const struct attend_past *past,
                        const int32_t *bucket, size_t t, const struct attend_dims *s);

    /* --- product-key memory (Lample et al. 2019) */

    /**
     * The best k of K * K slots: score[rows,2,K] gives slot a K + b the score score[0,a] +
     * score[1,b]. index[rows,k] of the best, in order of falling score (equal ones: of rising
     * index), weight[rows,k] the softmax of their scores.
     * K <= PKM_KEYS_MAX, k <= PKM_TOPK_MAX, k <= K.
     */
    void (*pkm_select)(struct nn *nn, int32_t *index, float *weight, const float *score,
                       size_t rows, size_t K, size_t k);
    /** dscore[rows,2,K], overwritten, from dweight[rows,k] and what pkm_select() gave. */
    void (*pkm_select_bwd)(struct nn *nn, float *dscore, const float *dweight,
                           const int32_t *index, const float *weight, size_t rows, size_t K,
                           size_t k);
    /** y[rows,n] = the sum over m of weight[rows,m] x[index[rows,m], :]. */
    void (*bag_fwd)(struct nn *nn, float *y, const float *x, const int32_t *index,
                    const float *weight, size_t rows, size_t m, size_t n);
    /** dx[slots,n] added to, in an order that the indices alone decide; dweight[rows,m]
     * overwritten. */
    void (*bag_bwd)(struct nn *nn, float *dx, float *dweight, const float *dy, const float *x,
                    const int32_t *index, const float *weight, size_t rows, size_t m, size_t n);

    /* --- the head */

    /**
     * Cross entropy of logits = x[rows,E] w[V,E]' + bias[V] with label[rows], each in [0,V), in
     * panels of rows: the logits are never stored whole. The gradients are those of scale times
     * the sum of (1 - smoothing) loss + smoothing U + z_loss (log Z)^2, where U is the mean of
     * the losses that all V labels would have in a row (Szegedy et al. 2016, section 7), and Z
     * the sum of the exponentials of its logits (Chowdhery et al. 2022, PaLM, section 5); loss
     * is without either.
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
                          const int32_t *label, float scale, float z_loss, float smoothing,
                          size_t rows, size_t E, size_t V);

    /**
     * id[rows]: of each row one of V, drawn from the softmax of its logits / temperature;
     * logits are those of cross_entropy(), bias may be NULL. It is the first largest of logit /
     * temperature - ln(-ln u) (Gumbel noise), where of row i and number j u is (rng_u32(s, j) +
     * 1/2) / 2^32, and s is r with the seed rng_u64(r, first + i). Where the best two differ by
     * less than the rounding of the logits devices may disagree.
     */
    void (*draw_rows)(struct nn *nn, int32_t *id, const float *x, const float *w,
                      const float *bias, float temperature, struct rng r, uint64_t first,
                      size_t rows, size_t E, size_t V);

    /** sum[0] added to: loss[n], in order, and hit[n], as cross_entropy() gives them. */
    void (*add_losses)(struct nn *nn, struct nn_sum *sum, const float *loss, const int32_t *hit,
                       size_t n);

    /* --- the optimiser: it multiplies gradients by scale[0] first; where that is NaN it leaves
     * everything as it was, so that whether a step counts is decided on the device */

    /**
     * scale[0] = 1 / labels, the mean over the losses of sum[n], times clip / norm where norm,
     * sqrt(squares[0]) / labels, is above `clip` (0: any norm will do). NaN where the norm or
     * the mean loss is not finite, or too large for a float.
     */
    void (*step_scale)(struct nn *nn, float *scale, const double *squares,
                       const struct nn_sum *sum, size_t n, double labels, double clip);
    /** mean[n] = keep mean + part w, unless scale[0] is NaN: a mean of weights, or an update.
     */
    void (*mean_step)(struct nn *nn, float *mean, float keep, float part, const float *w,
                      const float *scale, size_t n);
    /** w, m, v [n] updated from grad[n], which is left as it was. */
    void (*adamw)(struct nn *nn, float *w, float *m, float *v, const float *grad,
                  const struct adamw_step *step, size_t n);
    /** w[rows,cols] updated from grad; row[rows] and col[cols] are the means of squares; rows
     * 1: col alone, not factored, row NULL. m[rows,cols] NULL where beta1 is 0. */
    void (*adafactor)(struct nn *nn, float *w, float *row, float *col, float *m,
                      const float *grad, const struct adafactor_step *step, size_t rows,
                      size_t cols);
    void (*lion)(struct nn *nn, float *w, float *m, const float *grad,
                 const struct lion_step *step, size_t n);
    /** m[n] moves towards grad; y[n], overwritten, is the direction divided by its length, the
     * root of its sum of squares, or by eps if that is more. */
    void (*muon)(struct nn *nn, float *y, float *m, const float *grad,
                 const struct muon_step *step, size_t n);
};

#endif
