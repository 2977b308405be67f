/* host.h: what the devices that compute in the host's memory share; private to this folder. */
#ifndef CPU_HOST_H
#define CPU_HOST_H

#include "kernels/kernels.h"
#include "nn/each_op.h"
#include "nn/nn.h"

struct host {
    struct nn nn;                     /* first: the model sees only this */
    const struct loop_kernels *loops; /* NN_CPU's; NULL in the reference */
    const struct attn_kernels *attn;
    const struct gemm_kernels *gemm;
    const struct gemm_kernels *gemm32;   /* of float32, for weights that are stored */
    const struct gemm_kernels *gemm_few; /* for few rows */
    bool exact;                          /* NN_GEMM_EXACT */
    bool soon;                           /* struct nn_options */
    struct dnnl_engine *engine;          /* NULL: products are our own */
    void *scratch; /* of the op that runs; grows, so that no later call of a shape allocates */
    size_t scratch_bytes;
    void *packed; /* the same for operands of a matrix product, which other ops call */
    size_t packed_bytes;
};

/** nn_open_with() for the devices of this folder. */
MUST_CHECK int host_open(struct nn **nn, const struct nn_options *o, struct errbuf *eb);

/**
 * `bytes` of the device's scratch, 64-byte aligned, of any content, until the next call. NULL:
 * no memory, the device has failed.
 */
void *host_scratch(struct nn *nn, size_t bytes);

/** The same for cpu_gemm(): what host_scratch() gave stays as it is. */
void *host_packed(struct nn *nn, size_t bytes);

/** The largest panel of logits that cpu_cross_entropy() makes: so many rows, so many bytes. */
enum { LOGITS_ROWS = 1024, LOGITS_BYTES = 48 << 20 };

/** Below so many elements an op keeps to one thread: starting others takes longer. */
enum { HOST_SERIAL = 1 << 14 };

extern const struct nn_ops ops_ref, ops_cpu;

/* What computes has two bodies, cpu_NAME and ref_NAME; what asks for memory, moves numbers as
 * they are or adds up a few has one for both tables, host_NAME. */
#define DECLARE_BOTH(op) extern OP_TYPE(op) cpu_##op, ref_##op;
#define DECLARE_ONE(op)  extern OP_TYPE(op) host_##op;
EACH_COMPUTING_OP(DECLARE_BOTH)
EACH_MOVING_OP(DECLARE_ONE)

/* Entries of a table. */
#define CPU_ENTRY(op)  .op = cpu_##op,
#define REF_ENTRY(op)  .op = ref_##op,
#define HOST_ENTRY(op) .op = host_##op,

/** cpu_gemm() where there is an engine. */
extern OP_TYPE(gemm) dnn_gemm;
MUST_CHECK int dnn_open(struct dnnl_engine **engine);
void dnn_close(struct dnnl_engine *engine);

#endif
