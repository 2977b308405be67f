/* nn.h: open a device. */
#ifndef NN_NN_H
#define NN_NN_H

#include "nn/ops.h"

enum nn_kind {
    NN_CPU,   /* the widest kernels that the processor has */
    NN_REF,   /* plain loops with sums in double: the definition of every op, for tests; slow */
    NN_PLAIN, /* NN_CPU with these kernels: any processor's, */
    NN_AVX2,  /* x86-64-v3's, */
    NN_AVX512, /* x86-64-v4's, */
    NN_AMX     /* and with them AMX, for bfloat16 */
};

/** How a device multiplies matrices: op gemm and those built on it. */
enum nn_gemm {
    NN_GEMM_FAST,  /* the fastest that this processor has, a fixed rule: equal calls give equal
                      bits at any number of threads */
    NN_GEMM_EXACT, /* besides, the bits of an element depend only on its row of a, its column of
                      b, and k: a row is the same alone and among thousands */
    NN_GEMM_ONEDNN /* by oneDNN, on a grid of tiles that the shape decides */
};

/** The numbers that products multiply; sums are always float32. */
enum nn_dtype {
    NN_FP32,
    NN_BF16,  /* both operands rounded to bfloat16, to nearest, ties to even; denormals to 0 */
    NN_TF32,  /* float32 whose products a device may round to 10 bits of mantissa; the CPU: as
                 NN_FP32 */
    NN_BF16X3 /* both operands as the sum of two bfloat16: what NN_BF16 rounds to, and that of
                 the rest; of their products all but that of the rests: 16 bits of mantissa.
                 Attention is as in NN_FP32 */
};

struct nn_options {
    const char
        *device; /* the name of a plugin, nn/plugin.h; NULL or "cpu": built in, of this */
    enum nn_kind kind;
    int threads; /* at least 1 */
    enum nn_gemm gemm;
    enum nn_dtype dtype; /* which the device may lack, as a processor without AVX512-BF16, or
                            with kernels below NN_AVX512's, lacks NN_BF16, and one without AMX
                            NN_BF16X3: then it runs in NN_FP32, which about.dtype tells */
    bool soon;   /* the device is wanted soon rather than for long: in the host's memory, what
                    mem_new gives is not touched before it is used */
    bool graphs; /* a device that can gets the calls between two waits as one graph, so that
                    it starts each by itself; no bit changes */
};

/** What an open device says of itself; it does not change. */
struct nn_about {
    const char *isa;  /* what its kernels run on, for the log: "amx", "avx512", "reference" */
    const char *gemm; /* what multiplies matrices, for the log: "own", "own exact", "oneDNN" */
    enum nn_dtype dtype; /* what products are computed in */
    size_t memory_bytes; /* of its own memory, what a run may take; 0: it is the host's, which
                            holds the data too */
    size_t rows;         /* that a branch likes to work on at a time: model.ff_rows 0 */
    size_t head_rows; /* and the head, a cross_entropy() each: gradients are summed by these */
    size_t peak_n;    /* nn_gemm_peak() multiplies matrices of N x N; 0: there is no peak */
};

/** What every device begins with; the rest is the device's own. */
struct nn {
    const struct nn_ops *ops;
    struct nn_about about;
    int threads;
    uint64_t launches, waits; /* kernels, products of a library among them, that were asked of
                                 it so far, and how often the host waited; 0: the device does
                                 not count, as an op of the CPU is done when it returns */
    int failed;               /* RF_OK, or the first failure */
    struct errbuf why;
};

/**
 * Open a device. In its threads, the calling one among them, the CPU's kernels make denormal
 * floats count as 0 from then on. A plugin is looked for in the folders that RF_PLUGIN_PATH
 * names, ":" between them; where that is not set, in the program's folder and then in
 * ../lib/reformer-tools beside that.
 * RF_OK with *nn, to be given to nn_close(); RF_EINVAL (no thread; a processor that lacks
 * what these kernels need; no such plugin, or one made for another version), RF_ENOMEM, or what
 * a plugin gives.
 */
MUST_CHECK int nn_open_with(struct nn **nn, const struct nn_options *o, struct errbuf *eb);

/** The same with default options otherwise. */
MUST_CHECK int nn_open(struct nn **nn, enum nn_kind kind, int threads, struct errbuf *eb);

/** Open a device that stands for a GPU of `memory` bytes, or for one that other
 * programs leave so much of: it computes nothing (device/count.h), and what a run would take of
 * the card is known by it. RF_OK, RF_EINVAL: the card is too small for anything, RF_ENOMEM. */
MUST_CHECK int nn_open_plan(struct nn **nn, size_t memory, enum nn_dtype dtype,
                            struct errbuf *eb);

/** RF_OK, or the first failure of an op since nn_open(), with its line. */
MUST_CHECK int nn_status(const struct nn *nn, struct errbuf *eb);

/** For devices: mark this one as failed, with a line why, unless it already is. */
void nn_fail(struct nn *nn, int rc, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * GFLOP/s (2 m n k operations) of the device's own best product: the median of those of
 * about.peak_n^3 that it makes in a third of a second with its threads and number type. What an
 * MFU is a share of. Of the device's memory `room` (may be NULL) is used if so many floats are
 * enough, else its own. 0: the device has failed, has no memory for it, or has no peak.
 */
double nn_gemm_peak(struct nn *nn, float *room, size_t floats);

/** Free; NULL is fine. Memory from mem_new must have been given back. */
void nn_close(struct nn *nn);

#endif
