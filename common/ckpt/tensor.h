/* tensor.h: named float arrays: the parameters of a model, the states of an optimiser, the
 * contents of a file. */
#ifndef CKPT_TENSOR_H
#define CKPT_TENSOR_H

#include <stddef.h>

#include "base/err.h"

enum { TENSOR_NAME_MAX = 64, TENSOR_DIMS_MAX = 4 };

struct tensor_store;

/** If files read or write a struct tensor, its array is in host memory or it has a store. */
struct tensor {
    char name[TENSOR_NAME_MAX];
    size_t dims, shape[TENSOR_DIMS_MAX];
    float *data;                      /* borrowed */
    const struct tensor_store *store; /* borrowed; NULL: the numbers are data[] */
};

/** Has the numbers of tensors that lie in no one array. Both calls return RF_OK or an error
 * with its line, which ends the reading or writing. */
struct tensor_store {
    void *self;
    /** Write numbers first to first + n of t to `to`. */
    int (*get)(void *self, const struct tensor *t, size_t first, size_t n, float *to,
               struct errbuf *eb);
    /** Take what is wanted of x, all numbers of t. */
    int (*put)(void *self, const struct tensor *t, const float *x, struct errbuf *eb);
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
