/* nn.h: open a device. */
#ifndef NN_NN_H
#define NN_NN_H

#include "nn/ops.h"

enum nn_kind {
    NN_CPU, /* kernels chosen by what the processor has, GEMM by oneDNN */
    NN_REF, /* plain loops with sums in double: the definition of every op, for tests; slow */
};

/** What every device begins with; the rest is the device's own. */
struct nn {
    const struct nn_ops *ops;
    int threads;
    int failed; /* RF_OK, or the first failure */
    struct errbuf why;
};

/**
 * Open a device that uses `threads` threads (at least 1).
 * RF_OK with *nn, to be given to nn_close(); RF_EINVAL (a processor that lacks what the kernels
 * need: says which), RF_ENOMEM.
 */
MUST_CHECK int nn_open(struct nn **nn, enum nn_kind kind, int threads, struct errbuf *eb);

/** RF_OK, or the first failure of an op since nn_open(), with its line. */
MUST_CHECK int nn_status(const struct nn *nn, struct errbuf *eb);

/** What the kernels run on, for the log: "avx512", "avx2", "plain". */
const char *nn_isa(const struct nn *nn);

/** Free; NULL is fine. Memory from mem_new must have been given back. */
void nn_close(struct nn *nn);

#endif
