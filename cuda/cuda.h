/*
 * cuda.h: what the files of the CUDA device share; private to this folder.
 *
 * Every op is enqueued on one stream, `work`, and returns at once; ops of one stream run in
 * order, so no op waits. Uploads go through pinned memory on a stream of their own. A kernel
 * never writes what another block of the same launch reads or writes, and there are no atomic
 * sums of floats: equal calls give equal bits.
 *
 * The sources are plain CUDA without cooperative groups, textures and __constant__, so that
 * the same lines are compiled for the host too, by tests.
 */
#ifndef CUDA_CUDA_H
#define CUDA_CUDA_H

#include <cublas_v2.h>
#include <cuda_runtime.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern "C" {
#include "nn/card.h"
#include "nn/each_op.h"
#include "nn/nn.h"
}

/* One spelling of a launch, which nvcc and the tests' compiler for the host read each their
 * own way. A kernel's name with a comma, as of a template, stands in parentheses. */
#ifdef __CUDACC__
#define RF_LAUNCH(kernel, grid, block, shared, stream, ...)                                    \
    kernel<<<(grid), (block), (shared), (stream)>>>(__VA_ARGS__)
#else
#define RF_LAUNCH(kernel, grid, block, shared, stream, ...)                                    \
    cuh_launch(#kernel, kernel, (grid), (block), (shared), (stream), __VA_ARGS__)
#endif

/* Uploads are cut into parts of STAGE_BYTES, which lie in one of STAGES places on their way. */
enum { STAGES = 4, STAGE_BYTES = 1 << 20 };

/* Graphs that are kept: a step has one a slot, and one more, and where cards of other ranks are
 * sent to some twenty, one a range of gradients; those of more slots share. */
enum { GRAPHS = 53 };

struct stage {
    char *pinned, *device; /* STAGE_BYTES each */
    cudaEvent_t arrived;   /* pinned was copied to device */
    cudaEvent_t used;      /* device was copied to where it belongs */
};

struct peers;

struct cuda {
    struct nn nn; /* first: the model sees only this */
    cudaStream_t work, copies;
    cublasHandle_t blas;
    void *blas_room;
    void *scratch; /* cuda_scratch() */
    size_t scratch_bytes;
    struct stage stages[STAGES];
    unsigned next_stage;
    bool graphs;    /* work goes to the card as graphs: graph.cu */
    bool recording; /* the stream is being recorded */
    cudaGraphExec_t kept[GRAPHS];
    size_t next_graph;   /* recordings since the last wait */
    struct peers *peers; /* peers.cu's; NULL: there are none */
    char isa[64];        /* about.isa */
};

static inline struct cuda *cuda_of(struct nn *nn)
{
    return (struct cuda *)nn;
}

/* --- errors */

/** Whether the call went well; else the device has failed, with the call's text. */
bool cuda_check(struct nn *nn, cudaError_t e, const char *call);
bool cublas_check(struct nn *nn, cublasStatus_t e, const char *call);
#define CUDA_TRY(nn, call)   cuda_check(nn, call, #call)
#define CUBLAS_TRY(nn, call) cublas_check(nn, call, #call)

/* --- graphs */

/** Every call that enqueues work on the stream comes behind this: it counts it, and where
 * graphs are wanted, begins to record. False: the device has failed, nothing is to be enqueued.
 */
bool cuda_record(struct nn *nn);

/** Hand to the card what was recorded, so that the stream may be waited for, or memory be had.
 */
void cuda_flush(struct nn *nn);

/** The end of all graphs. */
void cuda_drop_graphs(struct cuda *c);

/* --- launches */

/** Threads of a block of kernels that go through elements, one after the other; and what all
 * kernels state as __launch_bounds__ unless they have a reason. */
enum { CUDA_THREADS = 256, CUDA_WARP = 32 };

/** Blocks of CUDA_THREADS threads for n elements, at most so many that threads of one launch
 * go through several elements each, in strides of the whole grid. */
static inline dim3 cuda_blocks(size_t n)
{
    size_t blocks = (n + CUDA_THREADS - 1) / CUDA_THREADS;

    return dim3((unsigned)(blocks < 4096 ? blocks : 4096));
}

/**
 * CUDA_LAUNCH(nn, kernel, grid, block, shared_bytes, arguments...): enqueue a kernel, unless
 * the device has failed or the grid is empty. shared_bytes is its dynamic shared memory; every
 * card has 48 KiB for a block, and no kernel asks for more.
 */
#define CUDA_LAUNCH(nn, kernel, grid, block, shared, ...)                                      \
    do {                                                                                       \
        dim3 grid_ = (grid);                                                                   \
                                                                                               \
        if (grid_.x && grid_.y && grid_.z && cuda_record(nn)) {                                \
            RF_LAUNCH(kernel, grid_, (block), (shared), cuda_of(nn)->work, __VA_ARGS__);       \
            cuda_check(nn, cudaGetLastError(), #kernel);                                       \
        }                                                                                      \
    } while (0)

/* --- memory */

/**
 * `bytes` of the device's scratch, 256-byte aligned, of any content, until the next call of
 * this function: one call an op, which cuts it itself. Ops run in order, so the next op may
 * have the same bytes. NULL: there is no memory, the device has failed.
 */
void *cuda_scratch(struct nn *nn, size_t bytes);

/** y[n] = 0, bytes as they are; a memset on the stream. */
void cuda_zero(struct nn *nn, void *y, size_t bytes);

/* --- other processes */

/** How they are reached, for the table of ops. */
extern const struct nn_peers cuda_peers;

/** y[n] += x on another stream than that of the ops. */
void cuda_add_beside(struct nn *nn, cudaStream_t stream, float *y, const float *x, size_t n);

/* --- the ops, once: each is cuda_NAME */

#define EACH_CUDA_OP(X) EACH_MOVING_OP(X) EACH_COMPUTING_OP(X) X(host_new) X(host_free)

#define CUDA_DECLARE(op) extern OP_TYPE(op) cuda_##op;
EACH_CUDA_OP(CUDA_DECLARE)

#endif
