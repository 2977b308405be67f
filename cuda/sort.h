/* sort.h: sums of rows whose indices repeat, in an order that the indices alone decide. */
#ifndef CUDA_SORT_H
#define CUDA_SORT_H

#include "cuda.h"

/** The most indices of a call. */
#define CUDA_SORT_MAX UINT32_MAX

/**
 * order[m]: the positions of index[m], so that those of equal indices stand together, in rising
 * order. Which index comes first is the device's own choice, the same one for equal calls.
 * room[m]: of any content. Indices are not negative; m is at most CUDA_SORT_MAX. One launch.
 */
void cuda_group(struct nn *nn, uint32_t *order, uint32_t *room, const int32_t *index, size_t m);

/**
 * y[index[i], :] added to: weight[i] x[i / each, :] for i below m; rows of n; weight NULL: 1.
 * Three launches, and what cuda_scratch() gives is used here.
 */
void cuda_add_at(struct nn *nn, float *y, const float *x, const float *weight, size_t each,
                 const int32_t *index, size_t m, size_t n);

#endif
