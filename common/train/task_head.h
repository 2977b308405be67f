/* task_head.h: what the outputs of tasks that learn no tokens are made of; not for others. */
#ifndef TRAIN_TASK_HEAD_H
#define TRAIN_TASK_HEAD_H

#include "train/task.h"

/** A dropout inside an output: between the model and it, or inside. */
enum head_site { HEAD_IN, HEAD_INSIDE };

/**
 * y[rows,n] = x with a share of it dropped, as model.head_dropout says, where the call draws
 * dropouts; else a copy. Which numbers: they follow from the draw, the site and `part`, the
 * number of the piece. It is its own backward, with the same draw. y may be x.
 */
void head_dropout(const struct learner *l, const struct model_draw *draw, enum head_site site,
                  uint64_t part, float *y, const float *x, size_t rows, size_t n);

/** The weights of output i of the task, and where its gradient lies in a block; NULL: none. */
static inline const float *head_weight(const struct learner *l, size_t i)
{
    return model_weight(l->model, PARAM_OUTPUT + i);
}
static inline float *head_gradient(const struct learner *l, float *grad, size_t i)
{
    return grad ? grad + model_params(l->model)->p[PARAM_OUTPUT + i].offset : NULL;
}

/** The first layer of an output, E to n numbers, and what stays of it for backward: x[rows,E]
 * goes in, y[rows,n] comes out. */
struct head_layer {
    size_t first; /* which outputs are its matrix and its bias: `first` and the next */
    enum act act;
    uint64_t part; /* for the dropouts: which piece of the batch */
    size_t rows, E, n;
    float *x, *slope, *y; /* [rows,E]; [rows,n] each */
};

/** layer->y = dropout(act(dropout(hidden) W' + bias)). */
void head_layer_fwd(const struct learner *l, const struct model_draw *draw,
                    const struct head_layer *layer, const float *hidden);
/** dhidden[rows,E] from dy[rows,n], which is overwritten; gradients are added to grad. */
void head_layer_bwd(const struct learner *l, const struct model_draw *draw,
                    const struct head_layer *layer, float *dhidden, float *dy, float *grad);

/** Memory of the learner's room for n numbers, on the device and on the host. */
static inline float *head_floats(struct task_room *room, size_t n)
{
    return arena_alloc(&room->device, n * sizeof(float));
}
static inline int32_t *head_ints(struct task_room *room, size_t n)
{
    return arena_alloc(&room->device, n * sizeof(int32_t));
}
static inline void *head_host(struct task_room *room, size_t n)
{
    return arena_alloc(&room->host, n * sizeof(float));
}

#endif
