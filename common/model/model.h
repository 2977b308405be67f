/*
 * model.h: the Reformer language model: forward, loss, and backward by recomputation.
 *
 * Token embedding plus positions start two streams that are equal; each layer does
 *
 *     x1 += f(x2)   f: norm, attention with shared query-keys (by hashing, full or local)
 *     x2 += g(x1)   g: norm, feed-forward, product-key memory or a second attention
 *
 * and the mean of both, through a layer norm if so configured, meets the head. Streams are
 * fixed-point (stream_add() in nn/ops.h), so that what a branch adds can be taken off again:
 * backward takes the layers off (x2 -= g(x1), x1 -= f(x2)) and finds the very numbers that were
 * there. So it is free what is stored and what is computed again: the budget of memory decides,
 * and changes no bit of loss or gradients.
 *
 * B sequences, T tokens of the longest, E width, V vocabulary.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "model/params.h"

struct model;

/** What goes through the model at once; arrays in host memory. All ids, of padding too, and all
 * labels are in [0,V): nothing below checks them before it reads and writes their rows. */
struct model_batch {
    size_t B, T;
    const int32_t *ids;    /* [B,T] */
    const uint8_t *real;   /* [B,T] 1: a token, 0: padding; NULL: all are tokens */
    const int32_t *rows;   /* [n] of interest: b * T + t; if they ascend less is computed */
    const int32_t *labels; /* [n] what stands there, for model_loss() */
    size_t n;
};

/** Where random numbers come from. */
struct model_draw {
    uint64_t seed, step;
    uint64_t slot; /* of the step: dropouts of its slots differ, hash rotations do not */
    bool train;    /* dropouts are drawn; false: there are none */
    /**
     * Hash rotations of the layers' first attentions, then of their second ones (twin), laid
     * out as lsh_hash() has them; with rotations_per_head one set for each sequence and hashed
     * head. NULL: drawn, the same for all sequences.
     */
    const float *const *given;
};

/** Sums over the rows of a batch. */
struct model_sum {
    double loss; /* natural logarithm */
    uint64_t hits, labels;
};

/** What a model takes and does; see model_cost(). */
struct model_cost {
    uint64_t params;       /* numbers that are learned */
    uint64_t params_bytes; /* of a block of them; training has several */
    uint64_t step_bytes;   /* everything else, for the largest batch */
    double blocks, head;   /* floating-point operations forward: of the layers, a batch; of the
                              head, a row with a label. The end of the last layer, which is for
                              such rows where it has no dropout, counts with the head. */
    double blocks_executed, head_executed; /* and backward, with what is computed again */
};

/** What a model has memory for. */
enum model_use {
    MODEL_FORWARD,
    MODEL_BACKWARD,
    MODEL_SPANS /* backward by model_loss_to(), with gradients of a span at a time */
};

/**
 * A model for batches of up to `batch` sequences of up to max_len tokens, on `nn` (borrowed).
 * Weights are zero. With memory for backward: of budget_bytes, what forward and backward need
 * at least is taken anyway, and of the rest as much as helps to compute less again. The
 * configuration's strings are not kept. All memory is taken here. RF_OK, RF_ENOMEM (eb says how
 * much it wanted), RF_EINVAL.
 */
MUST_CHECK int model_new(struct model **m, struct nn *nn, const struct model_cfg *cfg,
                         size_t batch, size_t max_len, size_t vocab_size, enum model_use use,
                         size_t budget_bytes, struct errbuf *eb);
void model_free(struct model *m);

const struct params *model_params(const struct model *m);
/** The block of weights, on the device; see params_init(). */
float *model_weights(struct model *m);
/** Memory on the device that no call uses before or after it: *floats of it. */
float *model_spare(const struct model *m, size_t *floats);
/** Bytes that a batch takes beside the weights. */
size_t model_step_bytes(const struct model *m);

/** What model_new() would take, and the work of a batch of that size; nothing is allocated for
 * it. Same results as model_new(). */
MUST_CHECK int model_cost(struct model_cost *c, struct nn *nn, const struct model_cfg *cfg,
                          size_t batch, size_t max_len, size_t vocab_size, enum model_use use,
                          size_t budget_bytes, struct errbuf *eb);

/**
 * Ask the device for a batch's loss and hits, which it adds to sum[1] in its memory. If grad is
 * not NULL, gradients of scale * the sum of losses are added to that block (on the device, laid
 * out as the weights). Nothing is waited for; the batch may change once the call has returned.
 * RF_OK, or a failure that the device knows of by now.
 */
MUST_CHECK int model_add_loss(struct model *m, const struct model_batch *b,
                              const struct model_draw *draw, float *grad, float scale,
                              struct nn_sum *sum, struct errbuf *eb);

/** The same, waited for: loss, hits and labels are added to *sum, in the host's memory. */
MUST_CHECK int model_loss(struct model *m, const struct model_batch *b,
                          const struct model_draw *draw, float *grad, float scale,
                          struct model_sum *sum, struct errbuf *eb);

/** What becomes of gradients that are not kept. */
struct model_sink {
    void *self;
    /** Backward is through with this span, and does not look at its weights any more. The loss
     * has been added to the device's sum before the first span comes. */
    void (*take)(void *self, const struct params_span *span, const float *grad);
};

/** As model_add_loss() with scale 1, but the gradients, the same, go to a sink, span by span,
 * which may change the weights. For layers with weights of their own and MODEL_SPANS. */
MUST_CHECK int model_add_loss_to(struct model *m, const struct model_batch *b,
                                 const struct model_draw *draw, const struct model_sink *to,
                                 struct nn_sum *sum, struct errbuf *eb);

/** For the batch's rows: hidden [n,E] as the head sees it and logits [n,V], to host memory;
 * either may be NULL. */
MUST_CHECK int model_logits(struct model *m, const struct model_batch *b,
                            const struct model_draw *draw, float *hidden, float *logits,
                            struct errbuf *eb);

/** Where the first largest of logits x[n] stands; n > 0. */
size_t model_likeliest(const float *x, size_t n);

/**
 * For heads of others: hidden [n,E] of the batch's rows, in the device's memory. Gradients of
 * whatever is made of it come back by model_hidden_bwd(), dhidden [n,E] in the device's memory
 * too, before anything else is done with the model; they are added to grad. The model's own
 * head is not looked at.
 */
MUST_CHECK int model_hidden(struct model *m, const struct model_batch *b,
                            const struct model_draw *draw, float *hidden, struct errbuf *eb);
MUST_CHECK int model_hidden_bwd(struct model *m, const float *dhidden, float *grad,
                                struct errbuf *eb);

/**
 * How far backward came back to where forward began, right after model_loss() with gradients:
 * the streams were equal there; returns the size of their difference, relative to their own. 0
 * where sums were exact.
 */
double model_drift(struct model *m);

#endif
