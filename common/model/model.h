/*
 * model.h: the Reformer language model: forward, loss, and backward by recomputation.
 *
 * Two streams begin equal, as token embeddings plus positions; each layer does
 *
 *     x1 += f(x2)   f: norm, attention with shared query-keys (by hashing, full or local)
 *     x2 += g(x1)   g: norm, feed-forward, product-key memory or a second attention
 *
 * and the head sees the mean of both, after a layer norm if the configuration has one. Streams
 * are fixed-point (stream_add() in nn/ops.h), so that what a branch adds can be taken off
 * again: backward takes the layers off (x2 -= g(x1), x1 -= f(x2)) and finds the very numbers
 * that were there. So the budget of memory may decide what is stored and what is computed
 * again: it changes no bit of loss or gradients.
 *
 * B sequences, T tokens of the longest, E width, V vocabulary.
 */
#ifndef MODEL_MODEL_H
#define MODEL_MODEL_H

#include "model/params.h"

struct model;

/** What goes through the model at once; the arrays are in host memory. The caller sees to it
 * that all ids, those of padding too, and all labels are in [0,V): the model reads and writes
 * rows by them unchecked. */
struct model_batch {
    size_t B, T;
    const int32_t *ids;  /* [B,T] */
    const uint8_t *real; /* [B,T] 1: a token, 0: padding; NULL: all are tokens */
    const int32_t *rows; /* [n] rows of interest, b * T + t; less is computed if they ascend */
    const int32_t *labels; /* [n] the right id of each of those rows, for model_loss() */
    size_t n;
    /** [B,T] of each token which row of output `marks_of`, a matrix (kinds,E), is added to its
     * embedding; NULL: none. Only of a model with model_cfg.marks, and gradients are those of
     * calls without a sink. */
    const int32_t *marks;
    size_t marks_of;
};

/** What the random numbers of a call follow from. */
struct model_draw {
    uint64_t seed, step;
    uint64_t
        slot;   /* of the step; slots differ in their dropouts, not in their hash rotations */
    bool train; /* true: dropouts are drawn; false: nothing is dropped */
    /**
     * Hash rotations to be used: an array for the first attention of each layer, then one for
     * the second attention of each (twin), laid out as lsh_hash() has them. With
     * rotations_per_head an array holds a set for each sequence and hashed head. NULL:
     * rotations are drawn, the same for all sequences.
     */
    const float *const *given;
    /** Words to be put by a generator, one for each of the batch's rows, instead of drawn ones;
     * NULL. With a generator its rotations in `given` lie behind 2 depth of the model's. */
    const int32_t *given_words;
};

/** Sums over the rows of a batch. */
struct model_sum {
    double loss;           /* natural logarithm */
    uint64_t hits, labels; /* rows whose label was the likeliest id; all rows */
};

/** What a model has memory for. */
enum model_use {
    MODEL_FORWARD,
    MODEL_MAPPED, /* the same, with weights that lie where model_map() says */
    MODEL_BACKWARD,
    MODEL_SPANS /* backward by model_loss_to(), with gradients of a span at a time */
};

/**
 * A model for batches of up to `batch` sequences of up to max_len tokens, on `nn` (borrowed),
 * and of the pieces that cfg->pieces may cut these into.
 * Weights are zero. A model with memory for backward takes what forward and backward need at
 * least, even where budget_bytes is less, and of what the budget leaves as much as saves
 * computing again. The configuration's strings are not kept. All memory is taken here. RF_OK,
 * RF_ENOMEM (eb says how much it wanted), RF_EINVAL.
 */
MUST_CHECK int model_new(struct model **m, struct nn *nn, const struct model_cfg *cfg,
                         size_t batch, size_t max_len, size_t vocab_size, enum model_use use,
                         size_t budget_bytes, struct errbuf *eb);
void model_free(struct model *m);

const struct params *model_params(const struct model *m);
/** MODEL_MAPPED: the weights, on the device, of the parameters that params_tensors() names, in
 * its order. They are borrowed; those of ATTN_V lie behind those of ATTN_QK. */
void model_map(struct model *m, const float *const *at);
/**
 * Let products multiply with weights in fewer bits, made of those that are there: they take
 * their own memory, and the others are read no more, but for embeddings, positions, norms and
 * the values of product-key memories. Once, of a model without backward, whose heads are
 * computed together (model.attn_heads). model_row_losses() and the losses of a batch still have
 * the head as it was. let_go(self), if not NULL, is called when one more matrix was read for
 * the last time. RF_OK, RF_ENOMEM or the device's failure.
 */
MUST_CHECK int model_store(struct model *m, enum nn_store how, void (*let_go)(void *self),
                           void *self, struct errbuf *eb);
/** The block of weights, on the device; see params_init(). */
float *model_weights(struct model *m);
/** The generator of a model that has one, else NULL; it lives as long. Its weights and
 * gradients are parts of the model's blocks. Both take turns in one memory: what a call of the
 * one leaves there is gone with the next call of the other. */
struct model *model_generator(struct model *m);
/** A parameter's weights, on the device, by its place in the table. */
const float *model_weight(const struct model *m, size_t i);
/** Memory on the device, *floats long, that is the caller's between two calls of the model:
 * each call overwrites it. */
float *model_spare(const struct model *m, size_t *floats);
/** Bytes that a batch takes beside the weights, of the memory that the device computes in. */
size_t model_step_bytes(const struct model *m);

/**
 * Ask the device for a batch's loss and hits, which it adds to sum[1] in its memory. If grad is
 * not NULL, gradients of scale * the sum of losses are added to that block (on the device, laid
 * out as the weights). Nothing is waited for; the batch may change once the call has returned.
 * RF_OK, or a failure that the device knows of by now.
 */
MUST_CHECK int model_add_loss(struct model *m, const struct model_batch *b,
                              const struct model_draw *draw, float *grad, float scale,
                              struct nn_sum *sum, struct errbuf *eb);

/** Words that are drawn from what a model says for rows. */
struct model_words {
    double temperature;
    int32_t *ids; /* [n], in the host's memory */
};

/** The same of a generator, and a word for each of the batch's rows is drawn and waited for. */
MUST_CHECK int model_add_loss_drawing(struct model *m, const struct model_batch *b,
                                      const struct model_draw *draw, float *grad, float scale,
                                      const struct model_words *words, struct nn_sum *sum,
                                      struct errbuf *eb);

/**
 * As model_add_loss(), of a model whose first two outputs, (1,E) and (1), tell replaced tokens
 * from others: labels are 1 and 0, the loss is that of the sigmoid. The first `replaced` rows
 * are those with label 1. sum[3] are added to: what all rows add up to, what those with label 1
 * do, and as hits how many these are.
 */
MUST_CHECK int model_add_replaced_loss(struct model *m, const struct model_batch *b,
                                       size_t replaced, const struct model_draw *draw,
                                       float *grad, float scale, struct nn_sum *sum,
                                       struct errbuf *eb);

/** The same as model_add_loss(), waited for: loss, hits and labels are added to *sum, in the
 * host's memory. */
MUST_CHECK int model_loss(struct model *m, const struct model_batch *b,
                          const struct model_draw *draw, float *grad, float scale,
                          struct model_sum *sum, struct errbuf *eb);

/** Who gets the gradients where the model keeps none. */
struct model_sink {
    void *self;
    /** Called once the gradients of a span are complete and backward reads its weights no more.
     * The loss has been added to the device's sum before the first span comes. */
    void (*take)(void *self, const struct params_span *span, const float *grad);
};

/** Who is told how far a backward pass is. */
struct model_watch {
    void *self;
    /** Called when all was asked of the device that gradients of spans 0 to `span` need,
     * params_span(). */
    void (*did)(void *self, size_t span);
};

/** From now on let w be told by each call that adds gradients to a block; NULL: nobody. What
 * the block held before, and gradients that a caller adds of outputs of its own, count as
 * complete. */
void model_watch(struct model *m, const struct model_watch *w);

/** As model_add_loss() with scale 1, but the same gradients go span by span to a sink, which
 * may change the span's weights. For a model of MODEL_SPANS whose layers share no weights. */
MUST_CHECK int model_add_loss_to(struct model *m, const struct model_batch *b,
                                 const struct model_draw *draw, const struct model_sink *to,
                                 struct nn_sum *sum, struct errbuf *eb);

/** The loss of each of the batch's rows: loss[n], in host memory. RF_OK or the device's
 * failure. */
MUST_CHECK int model_row_losses(struct model *m, const struct model_batch *b,
                                const struct model_draw *draw, float *loss, struct errbuf *eb);

/** For the batch's rows: hidden [n,E] as the head sees it and logits [n,V], to host memory;
 * either may be NULL. */
MUST_CHECK int model_logits(struct model *m, const struct model_batch *b,
                            const struct model_draw *draw, float *hidden, float *logits,
                            struct errbuf *eb);

/** Index of the largest of x[n], of equal ones the first; n > 0. */
size_t model_likeliest(const float *x, size_t n);

/**
 * For a head of the caller's: write hidden [n,E] of the batch's rows, in the device's memory.
 * model_hidden_bwd() then takes the gradient of hidden, dhidden [n,E] in the device's memory
 * too, and adds the gradients of the weights to grad; no other call of the model may stand
 * between. The model's own head is not used.
 */
MUST_CHECK int model_hidden(struct model *m, const struct model_batch *b,
                            const struct model_draw *draw, float *hidden, struct errbuf *eb);
MUST_CHECK int model_hidden_bwd(struct model *m, const float *dhidden, float *grad,
                                struct errbuf *eb);

/**
 * Measure how exactly backward came back to where forward began, right after model_loss() with
 * gradients. Both streams were equal there: returns the norm of their difference over the norm
 * of the first, 0 where all sums were exact.
 */
double model_drift(struct model *m);

#endif
