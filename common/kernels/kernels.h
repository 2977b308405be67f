/*
 * kernels.h: what NN_CPU compiles once for each instruction set: one source a family, *_body.h,
 * included by *_plain.c, *_avx2.c and *_avx512.c. One thread's work; the ops in cpu_*.c share
 * it out. Private to this folder.
 *
 * Such a source names the vector's length: VL floats, and MR rows of a register tile.
 */
#ifndef KERNELS_KERNELS_H
#define KERNELS_KERNELS_H

#include "nn/ops.h"

/** Loops over elements and rows. Arguments are those of the op of the same name. */
struct loop_kernels {
    void (*combine)(float *y, float a, const float *x1, float b, const float *x2, size_t n);
    double (*dot)(const float *x, const float *y, size_t n);
    /** y[n] = scale times the normals of r from `first`, which is even. */
    void (*normals)(float *y, float scale, struct rng r, uint64_t first, size_t n);
    /** Elements `first`, a multiple of 4, to first + count of the rows of n. */
    void (*dropout)(float *y, const float *x, const float *bias, float rate, struct rng r,
                    size_t first, size_t count, size_t n);
    void (*add_rows)(float *y, float scale, const float *x, const float *bias, size_t rows,
                     size_t n);
    void (*stream_add)(int32_t *s, int sign, const float *x, const float *bias, size_t rows,
                       size_t n);
    void (*stream_read)(float *y, const int32_t *s, size_t n);
    /** sum[n] added to: x[rows,n], whose rows lie `stride` apart, in order. */
    void (*sum_rows)(float *sum, const float *x, size_t rows, size_t n, size_t stride);
    void (*act_fwd)(float *y, float *slope, const float *x, const float *bias, enum act act,
                    bool glu, size_t rows, size_t n);
    void (*act_bwd)(float *dx, float *dbias, const float *dy, const float *slope, bool glu,
                    size_t rows, size_t n);
    void (*norm_fwd)(float *y, float *stat, const float *x, const float *weight,
                     const float *bias, size_t rows, size_t n);
    void (*norm_bwd)(float *dx, float *dweight, float *dbias, const float *dy, const float *x,
                     const float *stat, const float *weight, size_t rows, size_t n);
    void (*scale_norm_fwd)(float *y, float *stat, const float *x, float g, size_t rows,
                           size_t n);
    /** What dg grows by. */
    double (*scale_norm_bwd)(float *dx, const float *dy, const float *x, const float *stat,
                             float g, size_t rows, size_t n);
    /** y[n] = the sum over m of weight[m] x[index[m], :]. */
    void (*bag)(float *y, const float *x, const int32_t *index, const float *weight, size_t m,
                size_t n);
    /** dweight[m] = the products of dy[n] with the rows x[index[m], :]. */
    void (*bag_weights)(float *dweight, const float *dy, const float *x, const int32_t *index,
                        size_t m, size_t n);
    /** The first `width` columns of dx[index[m], :], rows n apart, added to: weight[m] dy. */
    void (*bag_scatter)(float *dx, const float *dy, const int32_t *index, const float *weight,
                        size_t m, size_t n, size_t width);
    /** index[k]: the largest of score[K] in order, the first of equal ones; k <= K. */
    void (*best)(int32_t *index, const float *score, size_t K, size_t k);
    /** One row of logits z[V], less bias: the loss; *hit; z becomes the gradient, scale *
     * (softmax * (1 + 2 z_loss log Z) - smoothing / V - (1 - smoothing) at label). bias may be
     * NULL. */
    float (*softmax_loss)(float *z, int32_t *hit, const float *bias, size_t label, float scale,
                          float z_loss, float smoothing, size_t V);
    void (*adamw)(float *w, float *m, float *v, const float *grad,
                  const struct adamw_step *step, size_t n);
    /** Of adamw with `clip`: the sum of g^2 / max(v / correct2, eps^2), v as adamw is going to
     * leave it. */
    float (*squared_steps)(const float *v, const float *grad, const struct adamw_step *step,
                           size_t n);
    void (*lion)(float *w, float *m, const float *grad, const struct lion_step *step, size_t n);
    /** y is not yet divided. */
    void (*muon)(float *y, float *m, const float *grad, const struct muon_step *step, size_t n);
    /** Of adafactor, one row: col[n] added to: (scale grad)^2 + eps; the sum of those. */
    float (*add_squares)(float *col, const float *grad, float scale, float eps, size_t n);
    /** The sum of (grad col)^2. */
    float (*scaled_squares)(const float *grad, const float *col, size_t n);
    /** w[n] = keep w - u, where u[n] = scale grad col, or their mean m; m may be NULL. */
    void (*factored_step)(float *w, float *m, const float *grad, const float *col, float scale,
                          float beta1, float keep, size_t n);
};

/** One head of one sequence, for attention; arrays as in ops.h without B and H. */
struct attn_head {
    const struct attend_dims *s;
    size_t sequence;
    struct rng draw; /* of dropout: this head's */
    const float *qk, *v;
    const int32_t *order, *bucket; /* LSH, ALIGNED: [R,T] */
    const int32_t *chunk; /* LSH without duplicates: [R,T] each position's, in the ring */
    const float *log_met; /* the same: [R+1] ln(times + 1e-9) */
    const uint8_t *real, *asked; /* [T] or NULL each */
    float *o, *stat;
    size_t first;                   /* the position that o and stat begin with */
    const struct attend_past *past; /* for aligned_step(): this head's */
    size_t common, shift; /* the row of a position from `common` on is so much behind it, */
    size_t ring;          /* or behind what remains of it; 0: as it is */
    const float *grad_o;  /* backward, as the next; NULL: forward */
    float *dqk, *dv;
    float *go_o; /* [T] backward: grad_o . o */
    float *inv;  /* [T] 1 / (length of qk * root) */
    float root;  /* of D */
};

/** Vectors that are hashed together, at most. */
enum { HASH_ROWS = 256 };

/**
 * Attention. Its arrays are made ready by prepare() for all positions first. `work` is a
 * thread's memory, of any content and 64-byte aligned.
 */
struct attn_kernels {
    /** Bytes of `work`, a multiple of 64. */
    size_t (*work_bytes)(const struct attend_dims *s);
    /** inv; backward also go_o, and 0 in dqk and dv; of positions from t0 to t1. */
    void (*prepare)(const struct attn_head *h, size_t t0, size_t t1);
    /** LSH: chunks c0 to c1 of the ring, rounds in order. */
    void (*lsh_fwd)(void *work, const struct attn_head *h, size_t c0, size_t c1);
    /** The same; what goes to the keys of the chunk before c0 is added to edge[2,C,D], of qk
     * and of v, or to their gradients where it is NULL. */
    void (*lsh_bwd)(void *work, const struct attn_head *h, float *edge, size_t c0, size_t c1);
    /** ALIGNED: slots i0 to i1 of a round's order, whole buckets; of round R, positions, i0 a
     * multiple of C. Rounds of the same positions in order. */
    void (*aligned_fwd)(void *work, const struct attn_head *h, size_t round, size_t i0,
                        size_t i1);
    /** The same. In round R gradients of the C keys before i0 are added to as well. */
    void (*aligned_bwd)(void *work, const struct attn_head *h, size_t round, size_t i0,
                        size_t i1);
    /** Position t of the past alone; bucket[R] is its own. */
    void (*aligned_step)(void *work, const struct attn_head *h, size_t t);
    /** The same with these keys: keys[R,2 C], n[R] of them, t itself the last of each. Kind
     * ALIGNED. */
    void (*chosen_step)(void *work, const struct attn_head *h, size_t t, const int32_t *keys,
                        const size_t *n);
    /** FULL and LOCAL: o of queries q0 to q1, and their stat. */
    void (*span_fwd)(void *work, const struct attn_head *h, size_t q0, size_t q1);
    /** Queries q0 to q1 with keys k0 to k1, whose gradients are added to. */
    void (*span_bwd)(void *work, const struct attn_head *h, size_t q0, size_t q1, size_t k0,
                     size_t k1);
    /** Floats of one set of rotations, packed, and of a thread's memory. */
    size_t (*hash_floats)(const struct hash_dims *s);
    size_t (*hash_work)(const struct hash_dims *s);
    void (*hash_pack)(float *packed, const float *rot, const struct hash_dims *s);
    /** Buckets of positions t0 to t1, at most HASH_ROWS, of a head in all rounds: bucket[R,T]
     * of qk[T,D]. */
    void (*hash)(float *work, int32_t *bucket, const float *qk, const float *packed,
                 const struct hash_dims *s, size_t t0, size_t t1);
};

/**
 * Matrix products on packed blocks: the sum over at most `depth` numbers of k at a time. An
 * operand's lanes are the rows of a or the columns of b; it lies in tiles of `rows` or
 * `columns` lanes, gemm_tile_words() apart, 64-byte aligned.
 */
struct gemm_kernels {
    size_t rows, columns, depth;
    size_t pair; /* numbers of a lane in a 4-byte word: 2 as bfloat16; 1 also as two of them */
    size_t step; /* numbers of k that blocks are cut by */
    /**
     * Pack `lanes` lanes, which as many as `after` follow in x. With `runs` a lane is a row of
     * x, else a column; rows lie ld apart.
     */
    void (*pack_rows)(void *to, const float *x, size_t ld, bool runs, size_t lanes,
                      size_t after, size_t depth);
    void (*pack_columns)(void *to, const float *x, size_t ld, bool runs, size_t lanes,
                         size_t after, size_t depth);
    /** c[m,n], rows ldc apart: the product, added to where `add` is set. */
    void (*multiply)(float *c, size_t ldc, size_t m, size_t n, size_t depth, const void *a,
                     const void *b, bool add);
    /** The same bits for `lanes` columns, up to `columns`, that are rows of x, ld apart. NULL:
     * b must be packed. */
    void (*multiply_few)(float *c, size_t ldc, size_t m, size_t lanes, size_t depth,
                         const void *a, const float *x, size_t ld, bool add);
    /**
     * Stored weights, op store(): a tile is [k][columns] of numbers of 2 bytes or 1. NULL where
     * pair is 2. narrow() makes one of a packed tile x; of NN_STORE_INT8 each lane is divided
     * by its scale[columns] first. widen() brings its numbers back, without the scale.
     * multiply_stored() is multiply_few() with such a tile.
     */
    void (*narrow)(void *to, enum nn_store how, const float *x, const float *scale,
                   size_t depth);
    void (*widen)(float *to, enum nn_store how, const void *x, size_t depth);
    void (*multiply_stored)(float *c, size_t ldc, size_t m, size_t lanes, size_t depth,
                            const void *a, enum nn_store how, const void *x, bool add);
    /** y[n] = x rounded to bfloat16, ties to even; NULL where pair is 1. */
    void (*round)(uint16_t *y, const float *x, size_t n);
};

/** 4-byte words from one tile of packed lanes to the next; one vector of space ends a tile. */
static inline size_t gemm_tile_words(const struct gemm_kernels *g, size_t width, size_t depth)
{
    size_t whole = (depth + g->step - 1) / g->step * g->step;

    return (whole / g->pair * width + 31) / 16 * 16;
}

extern const struct loop_kernels loops_plain, loops_avx2, loops_avx512;
extern const struct attn_kernels attn_plain, attn_avx2, attn_avx512, attn_bf16, attn_amx;
extern const struct gemm_kernels gemm_plain, gemm_avx2, gemm_avx512, gemm_bf16, gemm_amx,
    gemm_bf16x3;

#endif
