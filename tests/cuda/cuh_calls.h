/* cuh_calls.h: what compiled kernels call of the runtime; read as C and as C++. */
#ifndef TESTS_CUDA_CUH_CALLS_H
#define TESTS_CUDA_CUH_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

/* CUDA's built-in variables; the runtime writes them. */
#ifdef __cplusplus
extern const uint3 threadIdx, blockIdx;
extern const dim3 blockDim, gridDim;
extern const int warpSize;
#endif

/** Wait for the other threads of the block; the sum of what they gave. */
int cuh_barrier(int value, const char *file, int line);

enum cuh_meeting {
    CUH_XOR, /* the first four are numbered as PTX' shfl is in the parser's table */
    CUH_DOWN,
    CUH_UP,
    CUH_IDX,
    CUH_BALLOT,
    CUH_MATCH,
    CUH_SYNCWARP,
    CUH_PRODUCT, /* the address of its struct cuh_fragments, */
    CUH_ROWS     /* or cuh_rows, is what each lane of a whole warp gives */
};

/* A lane's part of sum[16,8] += a[16,16] b[16,8], bfloat16 by twos. */
struct cuh_fragments {
    uint32_t a[4], b[2];
    float sum[4];
};

/* A lane's row of four matrices [8,8] of bfloat16, and what it gets of these. */
struct cuh_rows {
    uint32_t row[4], to[4];
    int transposed;
};

/** Meet the lanes of `mask`: each gives `value`; what comes back depends on `how`. */
uint64_t cuh_warp(enum cuh_meeting how, unsigned mask, uint64_t value, int lane, int width,
                  const char *file, int line);

/** Read a lane's row for CUH_ROWS: 16 bytes of shared memory, aligned to them. */
void cuh_read_row(uint32_t row[4], const void *from);

enum cuh_atomic {
    CUH_ADD,
    CUH_MIN,
    CUH_MAX,
    CUH_AND,
    CUH_OR,
    CUH_EXCLUSIVE_OR,
    CUH_EXCHANGE,
    CUH_CAS
};

/** An atomic operation on a whole number of 4 or 8 bytes; what was there before. `want` is
 * looked at by CUH_CAS alone. */
uint64_t cuh_atomic(enum cuh_atomic how, void *p, size_t bytes, int is_signed, uint64_t value,
                    uint64_t want);

/** Enqueue a kernel: run(call) is one thread of it on the host; `parameters` are its arguments
 * as a device has them. Both are copied. Whether it could be is cudaGetLastError(). */
void cuh_launch_kernel(const char *name, const void *kernel, dim3 grid, dim3 block,
                       size_t shared, cudaStream_t stream, void (*run)(const void *),
                       const void *call, size_t call_bytes, const void *parameters,
                       size_t parameter_bytes);

#ifdef __cplusplus
}
#endif

#endif
