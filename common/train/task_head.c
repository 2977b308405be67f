#include "train/task_head.h"

/* Streams of dropouts that no branch of a model has: the last numbers of layers but one. */
enum { HEAD_LAYER = UINT16_MAX - 1 };

void head_dropout(const struct learner *l, const struct model_draw *draw, enum head_site site,
                  uint64_t part, float *y, const float *x, size_t rows, size_t n)
{
    struct rng r = rng_stream(draw->seed, draw->step, HEAD_LAYER - (uint32_t)site, RNG_DROPOUT);

    r.seed = rng_u64(r, draw->slot);
    r.seed = rng_u64(r, part);
    if (draw->train && l->head_dropout > 0)
        l->nn->ops->dropout(l->nn, y, x, NULL, l->head_dropout, r, rows, n);
    else if (y != x)
        l->nn->ops->copy(l->nn, y, x, rows * n * sizeof *y);
}

void head_layer_fwd(const struct learner *l, const struct model_draw *draw,
                    const struct head_layer *k, const float *hidden)
{
    const struct nn_ops *op = l->nn->ops;

    head_dropout(l, draw, HEAD_IN, k->part, k->x, hidden, k->rows, k->E);
    op->gemm(l->nn, k->rows, k->n, k->E, k->x, false, head_weight(l, k->first), true, 0,
             k->slope);
    op->act_fwd(l->nn, k->y, k->slope, k->slope, head_weight(l, k->first + 1), k->act, false,
                k->rows, k->n);
    head_dropout(l, draw, HEAD_INSIDE, k->part, k->y, k->y, k->rows, k->n);
}

void head_layer_bwd(const struct learner *l, const struct model_draw *draw,
                    const struct head_layer *k, float *dhidden, float *dy, float *grad)
{
    const struct nn_ops *op = l->nn->ops;

    head_dropout(l, draw, HEAD_INSIDE, k->part, dy, dy, k->rows, k->n);
    op->act_bwd(l->nn, dy, head_gradient(l, grad, k->first + 1), dy, k->slope, false, k->rows,
                k->n);
    op->gemm(l->nn, k->n, k->E, k->rows, dy, true, k->x, false, 1,
             head_gradient(l, grad, k->first));
    op->gemm(l->nn, k->rows, k->E, k->n, dy, false, head_weight(l, k->first), false, 0,
             dhidden);
    head_dropout(l, draw, HEAD_IN, k->part, dhidden, dhidden, k->rows, k->E);
}
