/* shapes.h: the shapes of LSH attention that tests and benches use. */
#ifndef TESTS_OPS_SHAPES_H
#define TESTS_OPS_SHAPES_H

#include "nn/ops.h"

static inline struct attend_dims lsh_dims(size_t B, size_t H, size_t T, size_t D, size_t R,
                                          size_t C, bool causal)
{
    return (struct attend_dims){.kind = ATTEND_LSH,
                                .B = B,
                                .H = H,
                                .T = T,
                                .D = D,
                                .heads = H,
                                .queries = T,
                                .R = R,
                                .C = C,
                                .back = 1,
                                .causal = causal,
                                .across = true,
                                .duplicates = true};
}

/** Hashing for it: a bucket a chunk, one set of rotations. */
static inline struct hash_dims lsh_hash_dims(const struct attend_dims *s)
{
    return (struct hash_dims){.B = s->B,
                              .H = s->H,
                              .T = s->T,
                              .D = s->D,
                              .heads = s->heads,
                              .all_heads = s->heads,
                              .R = s->R,
                              .n1 = s->T / s->C,
                              .rots = 1};
}

#endif
