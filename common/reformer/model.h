/*
 * model.h: the Reformer language model: forward, loss, and backward by recomputation.
 *
 * Token embedding plus axial positions start two streams that are equal; each layer does
 *
 *     x1 += f(x2)   f: layer norm, LSH attention with shared query-keys
 *     x2 += g(x1)   g: layer norm, feed-forward with GELU, in panels of rows
 *
 * and the mean of both, through a layer norm if so configured, meets the head. Backward takes
 * the layers off again (x2 -= g(x1), x1 -= f(x2)), so that nothing of them is stored but the
 * order that hashing gave: recomputed queries differ in the last bit, and could change bucket.
 *
 * B sequences, T tokens of the longest, E width, V vocabulary.
 */
#ifndef REFORMER_MODEL_H
#define REFORMER_MODEL_H

#include "reformer/params.h"

struct model;

/** What goes through the model at once; arrays in host memory. */
struct model_batch {
    size_t B, T;
    const int32_t *ids;    /* [B,T] */
    const uint8_t *real;   /* [B,T] 1: a token, 0: padding; NULL: all are tokens */
    const int32_t *rows;   /* [n] of interest: b * T + t */
    const int32_t *labels; /* [n] what stands there, for model_loss() */
    size_t n;
};

/** Where the hash rotations come from. */
struct model_draw {
    uint64_t seed, step;
    const float *const
        *given; /* [layers] of (head size, rounds, buckets / 2), or NULL: drawn */
};

/** Sums over the rows of a batch. */
struct model_sum {
    double loss; /* natural logarithm */
    uint64_t hits, labels;
};

/**
 * A model for batches of up to `batch` sequences of up to max_len tokens, on `nn` (borrowed).
 * Weights are zero. With `train` there is room for backward.
 * All memory is taken here. RF_OK, RF_ENOMEM (eb says how much it wanted), RF_EINVAL.
 */
MUST_CHECK int model_new(struct model **m, struct nn *nn, const struct model_cfg *cfg,
                         size_t batch, size_t max_len, size_t vocab_size, bool train,
                         struct errbuf *eb);
void model_free(struct model *m);

const struct params *model_params(const struct model *m);
/** The block of weights, on the device; see params_init(). */
float *model_weights(struct model *m);
/** Bytes that a batch takes beside the weights: what the configuration said it would. */
size_t model_step_bytes(const struct model *m);

/**
 * Loss and hits of a batch, added to *sum. If grad is not NULL, gradients of scale * the sum of
 * losses are added to that block (on the device, laid out as the weights). RF_OK, or the
 * device's failure.
 */
MUST_CHECK int model_loss(struct model *m, const struct model_batch *b,
                          const struct model_draw *draw, float *grad, float scale,
                          struct model_sum *sum, struct errbuf *eb);

/** For the batch's rows: hidden [n,E] as the head sees it and logits [n,V], to host memory;
 * either may be NULL. */
MUST_CHECK int model_logits(struct model *m, const struct model_batch *b,
                            const struct model_draw *draw, float *hidden, float *logits,
                            struct errbuf *eb);

/**
 * How far backward came back to where forward began, right after model_loss() with gradients:
 * the streams were equal there; returns the size of their difference, relative to their own.
 */
double model_drift(struct model *m);

#endif
