/* nn.h: open a device. */
#ifndef NN_NN_H
#define NN_NN_H

#include "nn/ops.h"

enum nn_kind {
    NN_CPU,   /* the widest kernels that the processor has, GEMM by oneDNN */
    NN_REF,   /* plain loops with sums in double: the definition of every op, for tests; slow */
    NN_PLAIN, /* NN_CPU with these kernels: any processor's, */
    NN_AVX2,  /* x86-64-v3's, */
    NN_AVX512 /* x86-64-v4's */
};

/** What every device begins with; the rest is the device's own. */
struct nn {
    const struct nn_ops *ops;
    int threads;
    int failed; /* RF_OK, or the first failure */
    struct errbuf why;
};

/**
 * Open a device that uses `threads` threads (at least 1). In those, the calling one among them,
 * NN_CPU makes denormal floats count as 0 from then on.
 * RF_OK with *nn, to be given to nn_close(); RF_EINVAL (no thread; a processor that lacks
 * what these kernels need), RF_ENOMEM.
 */
MUST_CHECK int nn_open(struct nn **nn, enum nn_kind kind, int threads, struct errbuf *eb);

/** RF_OK, or the first failure of an op since nn_open(), with its line. */
MUST_CHECK int nn_status(const struct nn *nn, struct errbuf *eb);

/** What the kernels run on, for the log: "avx512", "avx2", "plain", "reference". */
const char *nn_isa(const struct nn *nn);

/** Free; NULL is fine. Memory from mem_new must have been given back. */
void nn_close(struct nn *nn);

#endif
