/* tensor.h: named float arrays: the parameters of a model, the states of an optimiser, the
 * contents of a file. */
#ifndef CKPT_TENSOR_H
#define CKPT_TENSOR_H

#include <stddef.h>

enum { TENSOR_NAME_MAX = 64, TENSOR_DIMS_MAX = 4 };

/** If files read or write a struct tensor, its array is in host memory. */
struct tensor {
    char name[TENSOR_NAME_MAX];
    size_t dims, shape[TENSOR_DIMS_MAX];
    float *data; /* borrowed */
};

/** Returns the number of elements. */
static inline size_t tensor_count(const struct tensor *t)
{
    size_t n = 1;

    for (size_t i = 0; i < t->dims; i++)
        n *= t->shape[i];
    return n;
}

#endif
