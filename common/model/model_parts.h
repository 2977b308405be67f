/* model_parts.h: what the files of the model share; not for others. */
#ifndef MODEL_MODEL_PARTS_H
#define MODEL_MODEL_PARTS_H

#include "base/arena.h"
#include "model/model.h"

/* What of a branch is stored from forward to backward. NULL: computed again. */
struct kept {
    int32_t *stream;          /* [n,E] the stream that it is added to, as it was */
    float *qk, *v, *o, *stat; /* attention: [B,H,K,D]; stat [B,H,K,2] */
    float *u;                 /* feed-forward: [n,ff_in] before the activation, without bias */
    int32_t *order, *bucket; /* LSH, in any case: [B,H,R,K]; bucket where others do not count */
};

/* Which of these the budget allows. */
struct plan {
    bool stream, inner;
};

/* What a batch gives to the device, in one piece of memory. */
struct given {
    int32_t *ids, *rows, *labels; /* [n], n_rows of the latter two used */
    uint8_t *real;                /* [B,K] */
    uint8_t *asked;               /* [n] 1: a row of interest, where there are few */
};

/* A batch in hand. T is what was padded inside; K = T + mem_kv keys; n = B T, N = B K. All but
 * `host`, `kept` and `dropped` lie on the device. */
struct work {
    size_t B, T, K, n, N, n_rows;
    size_t few;      /* rows that the end of the last layer is computed for; 0: all */
    size_t embedded; /* tokens of a sequence that have ids: those given, or T */
    bool full;       /* heads that are not local see every key */
    bool keep_all;   /* reverse_thres */
    struct hash_dims hash;
    struct given given, host; /* the batch, on the device and as it goes there */
    size_t given_bytes;       /* of one, from its ids on */
    const uint8_t *real;      /* given.real, or NULL: no padding */
    int32_t *x1, *x2;         /* [n,E] the streams, */
    float *dx1, *dx2;         /* and their gradients */
    float *rot;               /* of one attention */
    struct kept *kept;        /* [branches]; host memory */
    bool *dropped;            /* [depth]: layers left out; host memory */
};

struct model {
    struct nn *nn;
    const struct nn_ops *op;
    struct model_cfg cfg;
    struct model_shape shape;
    struct params params;
    size_t batch;
    bool train, full;              /* full: something did not fit into an arena */
    bool spans;                    /* gradients are made span by span, for the sink */
    float *w, *grad;               /* grad: of the call in hand; with spans: */
    const struct model_sink *sink; /* of the call in hand */
    struct params_span span;       /* the one in hand, */
    float *part, *held;            /* its gradients; those of a last one that stay */
    size_t mark;                   /* of the step's arena, before the span */
    float *table;                  /* fixed: positions; */
    float *one;                    /* tied embedding: 1, and room for its gradient */
    struct nn_sum *sum;            /* room for what a call waits for */
    struct plan *plan;             /* [branches] */
    const struct model_draw *draw; /* of the call in hand; */
    struct model_draw last;        /* a copy for model_hidden_bwd() */
    void *memory, *host_memory;    /* of step and host */
    struct arena step, host;
    struct work work;
};

/* --- the memory of a step: model_plan.c */

/** Count the memory of the largest batch, and plan what is kept. RF_OK or RF_ENOMEM. */
MUST_CHECK int model_make_plan(struct model *m, size_t budget, struct errbuf *eb);
/** Get what was counted. RF_OK or RF_ENOMEM. */
MUST_CHECK int model_take_memory(struct model *m, struct errbuf *eb);
/** The work of a largest batch, added to *c. */
void model_count_work(struct model *m, struct model_cost *c);

/* --- a batch laid out: model_work.c */

/** Write the lengths of a batch into m->work; its arrays are NULL until model_carve(). */
void model_measure(struct model *m, size_t B, size_t T);
/** Lay out m->work for a batch; the arenas are rewound first. */
void model_carve(struct model *m, size_t B, size_t T);
/** Turn to span i; with m->spans there is room for its gradients in the step's arena, until
 * that is rewound to m->mark. */
void model_open_span(struct model *m, size_t i);
/** Arrays of the step's arena; NULL, and m->full, where it is too small. */
float *model_floats(struct model *m, size_t n);
int32_t *model_ints(struct model *m, size_t n);
/** a b, or SIZE_MAX. */
size_t model_times(size_t a, size_t b);
/** What branch b is. */
enum branch_kind model_branch(const struct model *m, size_t b);
/** Whether sums from the stream that a branch is added to may be stored. */
bool model_may_keep_stream(const struct model *m);

/* What branch b adds is looked at in the rows of interest alone, and it can be computed for
 * them alone: the last layer's attention, if its values are not rows of a memory, and
 * feed-forward layer; no dropout, whose numbers go by panels. */
bool model_ends_in_rows(const struct model *m, size_t b);
/* And it is, in the batch in hand. */
static inline bool model_for_few(const struct model *m, size_t b)
{
    return m->work.few && model_ends_in_rows(m, b);
}

/* --- parameters and gradients by their index */

static inline const float *weight(const struct model *m, size_t i)
{
    return m->w + m->params.p[i].offset;
}

/* Whether the call in hand makes gradients. */
static inline bool model_learns(const struct model *m)
{
    return m->grad || m->sink;
}

/* The gradient at this place in a block is added to by more than one span. */
static inline bool model_is_held(const struct model *m, size_t offset)
{
    return m->held && offset < params_held(&m->params);
}

/* By their place in a block. */
static inline float *gradient_at(const struct model *m, size_t offset)
{
    if (!m->sink)
        return m->grad + offset;
    if (model_is_held(m, offset))
        return m->held + offset;
    return m->part + (offset - m->span.offset);
}

static inline float *gradient(const struct model *m, size_t i)
{
    return gradient_at(m, m->params.p[i].offset);
}

/* y[rows,out] = x[rows,in] W', W the parameter i (out,in). */
static inline void linear(const struct model *m, float *y, const float *x, size_t i,
                          size_t rows)
{
    const struct param *p = &m->params.p[i];

    m->op->gemm(m->nn, rows, p->shape[0], p->shape[1], x, false, weight(m, i), true, 0, y);
}

/* dW added to from dy[rows,out] and x[rows,in]; dx[rows,in] = dy W. */
static inline void linear_bwd(const struct model *m, float *dx, const float *dy, const float *x,
                              size_t i, size_t rows)
{
    size_t out = m->params.p[i].shape[0], in = m->params.p[i].shape[1];

    m->op->gemm(m->nn, out, in, rows, dy, true, x, false, 1, gradient(m, i));
    m->op->gemm(m->nn, rows, in, out, dy, false, weight(m, i), false, 0, dx);
}

/* --- what branches share: model_branch.c */

/* Where a branch reads and where it adds, [n,E]; the gradients of the same; what is kept. */
struct flow {
    size_t b; /* which branch */
    const int32_t *in;
    int32_t *out;
    float *din, *dout;
    struct kept *kept;
};

/* Rows of one panel: from row `x` of the streams; row `t` of [B,K] arrays; `run` counts what is
 * contiguous in both, `at` its rows before the panel's. */
struct panel {
    size_t run, at, x, t, rows;
};

/* Rows that are computed at a time. */
size_t model_panel_rows(const struct model *m);
/* The next panel; a first one has rows 0. False: there is none. `keys`: rows of [B,K] matter,
 * so that a panel is of one sequence where K is not T. */
bool model_next_panel(const struct model *m, struct panel *p, bool keys);

/* Rows of a stream for what moves rows without a look at them. */
static inline float *as_rows(int32_t *s)
{
    return (float *)(void *)s;
}
static inline const float *as_const_rows(const int32_t *s)
{
    return (const float *)(const void *)s;
}

/* h = the norm of x, or x itself where there is none. stat[rows,2]. */
void model_norm(struct model *m, float *h, float *stat, const int32_t *x, size_t b,
                size_t rows);
/* dx added to from the gradient dh of h; h is overwritten. */
void model_norm_bwd(struct model *m, float *dx, const float *dh, float *h, const int32_t *x,
                    const float *stat, size_t b, size_t rows);

enum drop_site { DROP_ATTN, DROP_BRANCH, DROP_FF, DROP_SITES };
/* The stream of a dropout of branch b in the call in hand. */
struct rng model_drop(const struct model *m, size_t b, enum drop_site site);
/* y = dropout(x + bias) of a panel, x[rows,n]; bias may be NULL. The same whatever the panels.
 * Nothing but the bias where the call in hand drops none. */
void model_dropout(struct model *m, float *y, const float *x, const float *bias, size_t b,
                   enum drop_site site, const struct panel *p, size_t n);
/* The rate in the call in hand. */
float model_drop_rate(const struct model *m, enum drop_site site);

/* The end of a branch: y[rows,E] and the bias `i` (SIZE_MAX: none) onto the stream. y is
 * overwritten. */
void model_put_on(struct model *m, const struct flow *f, const struct panel *p, float *y,
                  size_t i);
/* Off again, where the stream is not kept (then y is not looked at); returns the gradient of y,
 * in d[rows,E] or as it lies in f->dout. The bias has its gradient. */
const float *model_take_off(struct model *m, const struct flow *f, const struct panel *p,
                            float *y, size_t i, float *d);

/* --- all branches: model_stack.c */

/** Branch b onto its stream. */
void model_branch_fwd(struct model *m, size_t b);
/** Off it again; dx1, dx2 and the gradients. */
void model_branch_bwd(struct model *m, size_t b);

/* --- the kinds of branches: model_attn.c, model_ff.c, model_pkm.c */

/* Both ways through one; each rewinds the arena. While memory is counted they only carve. */
void model_attn(struct model *m, const struct flow *f, bool backward);
void model_ff(struct model *m, const struct flow *f, bool backward);
void model_pkm(struct model *m, const struct flow *f, bool backward);
void model_carve_attn(struct model *m, bool backward);
void model_carve_ff(struct model *m);
void model_carve_pkm(struct model *m, bool backward);

/* --- both ends: model_ends.c */

void model_embed(struct model *m);
void model_embed_bwd(struct model *m);
/* The rows of interest of a batch through the norm (hidden, device, may be NULL) and the head
 * (logits, host, may be NULL). */
void model_head_rows(struct model *m, float *hidden, float *hidden_host, float *logits);
/* Loss of the rows; with gradients dx1, dx2 too. */
void model_head_loss(struct model *m, float scale, struct nn_sum *sum);
/* dx1, dx2 from the gradient of what the head would see. */
void model_head_bwd(struct model *m, const float *dhidden);
void model_carve_ends(struct model *m, bool logits);
/** The table of fixed positions, to the device's memory. RF_OK or RF_ENOMEM. */
MUST_CHECK int model_fill_table(struct model *m);

#endif
