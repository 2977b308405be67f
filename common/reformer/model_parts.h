/* model_parts.h: what the files of the model share; not for others. */
#ifndef REFORMER_MODEL_PARTS_H
#define REFORMER_MODEL_PARTS_H

#include "base/arena.h"
#include "reformer/model.h"

/* A batch in hand. T is padded to whole pairs of chunks, n = B T; all but the last four arrays
 * lie on the device. */
struct work {
    size_t B, T, n, given_T, n_rows;
    struct attend_dims dims;
    struct hash_dims hash;
    int32_t *ids, *rows, *labels; /* [n], n_rows of the latter two used */
    uint8_t *real_room, *real;    /* [B,T]; real NULL: no padding */
    float *x1, *x2, *dx1, *dx2;   /* [n,E] the streams and their gradients */
    float *rot;                   /* of one layer */
    int32_t *order;               /* [layers][B,H,R,T] */
    int32_t *host_rows, *host_hit;
    uint8_t *host_real;
    float *host_loss;
};

struct model {
    struct nn *nn;
    const struct nn_ops *op;
    struct model_cfg cfg;
    struct params params;
    size_t batch, max_len, V;
    bool train, full; /* full: something did not fit into an arena */
    float *w, *grad;  /* grad: of the call in hand */
    void *memory;     /* of step */
    struct arena step, host;
    struct work work;
};

/** Count the memory of the largest batch and get it. RF_OK or RF_ENOMEM. */
MUST_CHECK int model_take_memory(struct model *m, struct errbuf *eb);

/** Elements of the order of one layer. */
size_t model_order_count(const struct attend_dims *s);

/** Lay out m->work for a batch; the arenas are rewound first. */
void model_carve(struct model *m, size_t B, size_t T);

/* Attention: h (normed input), t, u [n,E]; qk, v, o and the gradients [B,H,T,D]. */
struct attn {
    float *h, *stat, *t, *u, *qk, *v, *o, *o_stat, *grad_o, *dqk, *dv;
    int32_t *bucket;
};

struct attn model_carve_attn(struct model *m);

/* A panel of up to P rows of the feed-forward layer: h, y [P,E]; u, a, da [P,M]. */
struct ff {
    size_t P;
    float *h, *stat, *u, *a, *da, *y;
};

struct ff model_carve_ff(struct model *m);

/* The rows of interest: x1, x2, y (what the head sees), d, e [n,E]; panels of logits without
 * and with bias. */
struct head {
    float *x1, *x2, *y, *stat, *d, *e, *loss, *raw, *logits;
    int32_t *hit;
};
enum { LOGIT_ROWS = 64 };
struct head model_carve_head(struct model *m, size_t n);

/* --- parameters and gradients by their index */

static inline const float *weight(const struct model *m, size_t i)
{
    return m->w + m->params.p[i].offset;
}

static inline float *gradient(const struct model *m, size_t i)
{
    return m->grad + m->params.p[i].offset;
}

/* y[rows,out] = x[rows,in] W', W the parameter i (out,in). */
static inline void linear(const struct model *m, float *y, const float *x, size_t i,
                          size_t rows)
{
    const struct param *p = &m->params.p[i];

    m->op->gemm(m->nn, rows, p->shape[0], p->shape[1], x, false, weight(m, i), true, 0, y);
}

/** Layer k onto the streams; keeps the order that hashing gave. */
void model_layer_fwd(struct model *m, size_t k, const struct model_draw *draw);
/** Layer k off the streams again; dx1, dx2 and the gradients. */
void model_layer_bwd(struct model *m, size_t k);

#endif
