/* npy.h: the head of an array in NumPy's format 1.0. */
#ifndef BASE_NPY_H
#define BASE_NPY_H

#include <stdint.h>

enum { NPY_HEAD_BYTES = 128 };

/** Write the head of an array: `type` is NumPy's, as "<f4", and `shape` is as in "3, 2". It has
 * the same length for every shape, so that it can be written again when the rows are counted.
 */
void npy_head(uint8_t head[NPY_HEAD_BYTES], const char *type, const char *shape);

#endif
