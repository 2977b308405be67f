/* tensor.h: named float arrays: a model's parameters, an optimiser's states, a file's contents.
 */
#ifndef CKPT_TENSOR_H
#define CKPT_TENSOR_H

#include <stddef.h>

enum { TENSOR_NAME_MAX = 64, TENSOR_DIMS_MAX = 4 };

/** The array is in host memory wherever a struct tensor is read or written by files. */
struct tensor {
    char name[TENSOR_NAME_MAX];
    size_t dims, shape[TENSOR_DIMS_MAX];
    float *data; /* borrowed */
};

/** Number of elements. */
static inline size_t tensor_count(const struct tensor *t)
{
    size_t n = 1;

    for (size_t i = 0; i < t->dims; i++)
        n *= t->shape[i];
    return n;
}

#endif
