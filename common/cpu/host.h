/* host.h: what the devices that compute in the host's memory share; private to this folder. */
#ifndef CPU_HOST_H
#define CPU_HOST_H

#include "kernels/kernels.h"
#include "nn/nn.h"

struct host {
    struct nn nn;                     /* first: the model sees only this */
    const struct loop_kernels *loops; /* NN_CPU's; NULL in the reference */
    const struct attn_kernels *attn;
    const struct gemm_kernels *gemm;
    struct dnnl_engine *engine; /* NULL: products are our own */
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

/** Mark the device as failed, unless it already is. */
void host_fail(struct nn *nn, int rc, const char *fmt, ...) PRINTF_LIKE(3, 4);

/** The largest panel of logits that cpu_cross_entropy() makes: so many rows, so many bytes. */
enum { LOGITS_ROWS = 1024, LOGITS_BYTES = 48 << 20 };

/** Below so many elements an op keeps to one thread: starting others takes longer. */
enum { HOST_SERIAL = 1 << 14 };

extern const struct nn_ops ops_ref, ops_cpu;

/** Ops that are the same on every such device. */
void host_close(struct nn *nn);
void host_wait(struct nn *nn);
size_t host_scratch_bytes(const struct nn *nn, const struct attend_dims *attention, double rows,
                          size_t V);
void *host_mem_new(struct nn *nn, size_t bytes);
void host_mem_free(struct nn *nn, void *p, size_t bytes);
void host_upload(struct nn *nn, void *to, const void *from, size_t bytes);
void host_download(struct nn *nn, void *to, const void *from, size_t bytes);

/** Those of a table that stand in other files than ops_ref.c and ops_cpu.c. */
void cpu_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
              const float *b, bool tb, float beta, float *c);
/** cpu_gemm() where there is an engine. */
void dnn_gemm(struct nn *nn, size_t m, size_t n, size_t k, const float *a, bool ta,
              const float *b, bool tb, float beta, float *c);
MUST_CHECK int dnn_open(struct dnnl_engine **engine);
void dnn_close(struct dnnl_engine *engine);

/** ref_loops.c, ref_pkm.c, ref_optim.c; cpu_act.c, cpu_pkm.c, cpu_optim.c. */
void ref_dropout(struct nn *nn, float *y, const float *x, const float *bias, float rate,
                 struct rng r, size_t rows, size_t n);
void cpu_dropout(struct nn *nn, float *y, const float *x, const float *bias, float rate,
                 struct rng r, size_t rows, size_t n);
void ref_gate_fwd(struct nn *nn, float *y, const float *x, const float *g, size_t n);
void cpu_gate_fwd(struct nn *nn, float *y, const float *x, const float *g, size_t n);
void ref_gate_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                  const float *g, size_t n);
void cpu_gate_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                  const float *g, size_t n);
void ref_stream_add(struct nn *nn, int32_t *s, int sign, const float *x, const float *bias,
                    size_t rows, size_t n);
void cpu_stream_add(struct nn *nn, int32_t *s, int sign, const float *x, const float *bias,
                    size_t rows, size_t n);
void ref_stream_read(struct nn *nn, float *y, const int32_t *s, size_t n);
void cpu_stream_read(struct nn *nn, float *y, const int32_t *s, size_t n);
void ref_stream_copy(struct nn *nn, int32_t *to, const int32_t *from, size_t n);
void cpu_stream_copy(struct nn *nn, int32_t *to, const int32_t *from, size_t n);
void ref_act_fwd(struct nn *nn, float *y, float *slope, const float *x, const float *bias,
                 enum act act, bool glu, size_t rows, size_t n);
void cpu_act_fwd(struct nn *nn, float *y, float *slope, const float *x, const float *bias,
                 enum act act, bool glu, size_t rows, size_t n);
void ref_act_bwd(struct nn *nn, float *dx, float *dbias, const float *dy, const float *slope,
                 bool glu, size_t rows, size_t n);
void cpu_act_bwd(struct nn *nn, float *dx, float *dbias, const float *dy, const float *slope,
                 bool glu, size_t rows, size_t n);
void ref_scale_norm_fwd(struct nn *nn, float *y, float *stat, const float *x, const float *g,
                        size_t rows, size_t n);
void cpu_scale_norm_fwd(struct nn *nn, float *y, float *stat, const float *x, const float *g,
                        size_t rows, size_t n);
void ref_scale_norm_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                        const float *stat, const float *g, size_t rows, size_t n);
void cpu_scale_norm_bwd(struct nn *nn, float *dx, float *dg, const float *dy, const float *x,
                        const float *stat, const float *g, size_t rows, size_t n);
void ref_pkm_select(struct nn *nn, int32_t *index, float *weight, const float *score,
                    size_t rows, size_t K, size_t k);
void cpu_pkm_select(struct nn *nn, int32_t *index, float *weight, const float *score,
                    size_t rows, size_t K, size_t k);
void ref_pkm_select_bwd(struct nn *nn, float *dscore, const float *dweight,
                        const int32_t *index, const float *weight, size_t rows, size_t K,
                        size_t k);
void cpu_pkm_select_bwd(struct nn *nn, float *dscore, const float *dweight,
                        const int32_t *index, const float *weight, size_t rows, size_t K,
                        size_t k);
void ref_bag_fwd(struct nn *nn, float *y, const float *x, const int32_t *index,
                 const float *weight, size_t rows, size_t m, size_t n);
void cpu_bag_fwd(struct nn *nn, float *y, const float *x, const int32_t *index,
                 const float *weight, size_t rows, size_t m, size_t n);
void ref_bag_bwd(struct nn *nn, float *dx, float *dweight, const float *dy, const float *x,
                 const int32_t *index, const float *weight, size_t rows, size_t m, size_t n);
void cpu_bag_bwd(struct nn *nn, float *dx, float *dweight, const float *dy, const float *x,
                 const int32_t *index, const float *weight, size_t rows, size_t m, size_t n);
void host_fill_uniform(struct nn *nn, float *y, float limit, struct rng r, size_t n);
void host_add_losses(struct nn *nn, struct nn_sum *sum, const float *loss, const int32_t *hit,
                     size_t n);
void host_step_scale(struct nn *nn, float *scale, const double *squares,
                     const struct nn_sum *sum, size_t n, double labels, double clip);
void cpu_add_squares(struct nn *nn, double *to, const float *x, size_t n);
void ref_mean_step(struct nn *nn, float *mean, float keep, float part, const float *w,
                   const float *scale, size_t n);
void cpu_mean_step(struct nn *nn, float *mean, float keep, float part, const float *w,
                   const float *scale, size_t n);
void ref_adamw(struct nn *nn, float *w, float *m, float *v, const float *grad,
               const struct adamw_step *step, size_t n);
void cpu_adamw(struct nn *nn, float *w, float *m, float *v, const float *grad,
               const struct adamw_step *step, size_t n);
void ref_adafactor(struct nn *nn, float *w, float *row, float *col, float *m, const float *grad,
                   const struct adafactor_step *step, size_t rows, size_t cols);
void cpu_adafactor(struct nn *nn, float *w, float *row, float *col, float *m, const float *grad,
                   const struct adafactor_step *step, size_t rows, size_t cols);
void ref_lion(struct nn *nn, float *w, float *m, const float *grad,
              const struct lion_step *step, size_t n);
void cpu_lion(struct nn *nn, float *w, float *m, const float *grad,
              const struct lion_step *step, size_t n);

void ref_lsh_hash(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                  const struct hash_dims *s);
void cpu_lsh_hash(struct nn *nn, int32_t *bucket, const float *qk, const float *rot,
                  const struct hash_dims *s);
void ref_lsh_sort(struct nn *nn, int32_t *order, const int32_t *bucket, size_t rows, size_t T,
                  size_t N);
void cpu_lsh_sort(struct nn *nn, int32_t *order, const int32_t *bucket, size_t rows, size_t T,
                  size_t N);
void ref_attend_fwd(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                    const int32_t *order, const int32_t *bucket, const uint8_t *real,
                    const struct attend_dims *s);
void cpu_attend_fwd(struct nn *nn, float *o, float *stat, const float *qk, const float *v,
                    const int32_t *order, const int32_t *bucket, const uint8_t *real,
                    const struct attend_dims *s);
void ref_attend_bwd(struct nn *nn, float *dqk, float *dv, const float *grad_o, const float *o,
                    const float *stat, const float *qk, const float *v, const int32_t *order,
                    const int32_t *bucket, const uint8_t *real, const struct attend_dims *s);
void cpu_attend_bwd(struct nn *nn, float *dqk, float *dv, const float *grad_o, const float *o,
                    const float *stat, const float *qk, const float *v, const int32_t *order,
                    const int32_t *bucket, const uint8_t *real, const struct attend_dims *s);
void ref_rotary(struct nn *nn, float *x, float sign, size_t B, size_t H, size_t T, size_t D,
                size_t limit);
void cpu_rotary(struct nn *nn, float *x, float sign, size_t B, size_t H, size_t T, size_t D,
                size_t limit);

#endif
