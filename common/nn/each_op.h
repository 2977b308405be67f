/*
 * each_op.h: the names of all ops of nn/ops.h, once, for tables and declarations. X(op) stands
 * for each. Those that move ask for memory, move numbers as they are or add up a few; op
 * host_new and host_free, which hosts share with mem_new and mem_free, are in neither list.
 */
#ifndef NN_EACH_OP_H
#define NN_EACH_OP_H

/** The type of an op's function. */
#define OP_TYPE(op) __typeof__(*((struct nn_ops *)0)->op)

#define EACH_COMPUTING_OP(X)                                                                   \
    X(fill_normal)                                                                             \
    X(combine)                                                                                 \
    X(add_squares)                                                                             \
    X(add_bias)                                                                                \
    X(dropout)                                                                                 \
    X(gate_fwd)                                                                                \
    X(gate_bwd)                                                                                \
    X(gemm)                                                                                    \
    X(gemm_batch)                                                                              \
    X(stored_bytes)                                                                            \
    X(store)                                                                                   \
    X(gemm_stored)                                                                             \
    X(add_rows)                                                                                \
    X(bias_bwd)                                                                                \
    X(act_fwd)                                                                                 \
    X(act_bwd)                                                                                 \
    X(norm_fwd)                                                                                \
    X(norm_bwd)                                                                                \
    X(scale_norm_fwd)                                                                          \
    X(scale_norm_bwd)                                                                          \
    X(stream_add)                                                                              \
    X(stream_read)                                                                             \
    X(scatter_rows)                                                                            \
    X(axial_fwd)                                                                               \
    X(axial_bwd)                                                                               \
    X(rotary)                                                                                  \
    X(lsh_hash)                                                                                \
    X(lsh_sort)                                                                                \
    X(attend_fwd)                                                                              \
    X(attend_bwd)                                                                              \
    X(attend_put)                                                                              \
    X(attend_step)                                                                             \
    X(pkm_select)                                                                              \
    X(pkm_select_bwd)                                                                          \
    X(bag_fwd)                                                                                 \
    X(bag_bwd)                                                                                 \
    X(cross_entropy)                                                                           \
    X(draw_rows)                                                                               \
    X(mean_step)                                                                               \
    X(adamw)                                                                                   \
    X(adafactor)                                                                               \
    X(lion)                                                                                    \
    X(muon)
#define EACH_MOVING_OP(X)                                                                      \
    X(close)                                                                                   \
    X(wait)                                                                                    \
    X(scratch_bytes)                                                                           \
    X(mem_new)                                                                                 \
    X(mem_free)                                                                                \
    X(upload)                                                                                  \
    X(download)                                                                                \
    X(copy)                                                                                    \
    X(fill)                                                                                    \
    X(copy_rows)                                                                               \
    X(gather_rows)                                                                             \
    X(put_rows)                                                                                \
    X(fill_uniform)                                                                            \
    X(fill_positions)                                                                          \
    X(add_losses)                                                                              \
    X(step_scale)                                                                              \
    X(split_heads)                                                                             \
    X(merge_heads)

#endif
