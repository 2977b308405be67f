/* model_parts.h: what the files of the model share; not for others. */
#ifndef MODEL_MODEL_PARTS_H
#define MODEL_MODEL_PARTS_H

#include "base/arena.h"
#include "model/model.h"

/* What of a branch is stored from forward to backward. NULL: it is computed again. */
struct kept {
    int32_t *stream;          /* [n,E] the branch's output stream as it was before the branch */
    float *qk, *v, *o, *stat; /* attention: [B,H,K,D]; stat [B,H,K,2] */
    float *u;                 /* feed-forward: [n,ff_in] before the activation, without bias */
    int32_t *order, *bucket;  /* LSH attention, always: [B,H,R,K]; bucket is NULL where
                                 keys of other buckets count too */
};

/* Which of these the budget allows: `stream`, and `inner` for qk to u. */
struct plan {
    bool stream, inner;
};

/* What a batch gives to the device, in one piece of memory. */
struct given {
    int32_t *ids, *rows, *labels; /* [n] each; rows and labels use n_rows of it */
    int32_t *marks;               /* [n]; NULL, or set where work.marks is not 0 */
    uint8_t *real;                /* [B,K] 1: a token or a key of the memory, 0: padding */
    uint8_t *asked;               /* [n] 1: a row of interest; set where work.few is not 0 */
};

/* A batch in hand. T tokens of a sequence, those padded inside included; K = T + mem_kv keys;
 * n = B T, N = B K. All but `host`, `kept` and `dropped` lie on the device. */
struct work {
    size_t B, T, K, n, N;
    size_t n_rows;   /* rows of interest */
    size_t few;      /* rows that the end of the last layer is computed for; 0: all */
    size_t given_T;  /* tokens of a sequence that were given */
    size_t embedded; /* tokens of a sequence that have ids: those given, or T */
    size_t marks;    /* the parameter whose rows are added to tokens that are marked; 0: none */
    bool full;       /* so few tokens that heads that would hash see every key */
    bool keep_all;   /* everything is stored: reverse_thres asks for it */
    struct hash_dims hash;
    struct given given, host; /* the batch, on the device and as it goes there */
    size_t given_bytes;       /* bytes of either, from its ids on */
    const uint8_t *real;      /* given.real, or NULL: no padding */
    int32_t *x1, *x2;         /* [n,E] the streams */
    float *dx1, *dx2;         /* [n,E] their gradients */
    float *rot;               /* hash rotations of the attention in hand */
    struct kept *kept;        /* [branches]; host memory */
    bool *dropped;            /* [depth] true: the layer is left out; host memory */
};

/* Of a model that goes on token by token: what attention needs of the tokens so far. */
struct model_past {
    struct model *m;
    size_t B;            /* sequences */
    size_t prompt, more; /* tokens that there is room for: common ones, then of each */
    size_t t, of_prompt; /* tokens of each that are past; those of the prompt */
    bool steps;          /* the call in hand goes on by one token */
    struct model_draw draw;
    struct attend_past *of; /* [branches]; of those that are not attention it is {0} */
    float **rot;            /* [branches] the hash rotations; NULL: none */
    int32_t *rows;          /* [B] 0, 1, ... */
    size_t rot_floats;      /* of each */
    float *head;            /* [V,emb] the tied head; NULL: it is not, or stored */
    bool drawn;             /* rot has them */
};

struct model {
    struct nn *nn;
    const struct nn_ops *op;
    struct model_cfg cfg;
    struct model_shape shape;
    struct params params;
    size_t batch;
    bool train;
    bool mapped;                   /* the weights are not in w */
    bool too_large;                /* something did not fit into an arena */
    bool draws;                    /* it is a generator: its words may be drawn */
    bool spans;                    /* MODEL_SPANS: gradients may go to a sink span by span */
    float *w;                      /* the block of weights */
    const float **at;              /* [params.n] where each parameter is */
    void **stored;                 /* [params.n] what products multiply with; NULL: `at` */
    enum nn_store store;           /* how these are stored, */
    void *store_memory;            /* and where, */
    size_t store_bytes;            /* with so many bytes */
    float *grad;                   /* gradients of the call in hand; NULL: none, or a sink's */
    const struct model_sink *sink; /* of the call in hand; NULL: none */
    const struct model_watch *watch; /* NULL: none */
    struct params_span span;         /* with a sink: the span in hand */
    float *part;                     /* its gradients; NULL: they are in `held` */
    float *held;                     /* those that first and last span add to, params_held() */
    size_t mark;                     /* where the step's arena stood before the span */
    float *table;                    /* POSITION_FIXED: [max_len,emb] the positions */
    float *one;                    /* tied embedding: 1, and behind it room for its gradient */
    struct nn_sum *sum;            /* on the device: what a call waits for */
    struct plan *plan;             /* [branches] */
    const struct model_draw *draw; /* of the call in hand: &last */
    struct model_draw last;        /* the caller's, copied for model_hidden_bwd() */
    struct model_past *past;    /* of the call in hand: it keeps what attention finds; NULL */
    void *memory, *host_memory; /* what the arenas step and host are in */
    struct arena step, host;
    struct work work;
    struct model *generator; /* its parameters and its memory are parts of this one's; NULL */
};

/** Free what model_store() took. */
void model_drop_stored(struct model *m);

/* --- the memory of a step: model_plan.c */

/** Sequences of a batch, if they are cut into pieces of up to so many tokens; 0: they are
 * whole.
 */
size_t model_rows(const struct model *m, size_t piece);
/** Count the memory of the largest batch, and plan what is kept. RF_OK or RF_ENOMEM. */
MUST_CHECK int model_make_plan(struct model *m, size_t budget, struct errbuf *eb);
/** The bytes of a batch that count against the device's memory: `host` does so where the device
 * computes in the host's memory. */
static inline size_t model_counted_bytes(const struct model *m, size_t step, size_t host)
{
    return m->nn->about.memory_bytes ? step : step + host;
}
/** Allocate what was counted, for the generator too. RF_OK or RF_ENOMEM. */
MUST_CHECK int model_take_memory(struct model *m, struct errbuf *eb);
/** Once a model's weights have their places: its generator's of what they share are the same.
 */
void model_share(struct model *m);

/* --- a batch laid out: model_work.c */

/** Rewind the arenas, and give all arrays of m->work their places for a batch. */
void model_carve(struct model *m, size_t B, size_t T);
/** Make span i the span in hand. With m->spans m->part has room for its gradients, until the
 * step's arena is rewound to m->mark. */
void model_open_span(struct model *m, size_t i);
/** Take an array from the step's arena; NULL where that is too small: m->too_large is set. */
float *model_floats(struct model *m, size_t n);
int32_t *model_ints(struct model *m, size_t n);
/** a times b; SIZE_MAX if that is too large. */
size_t model_times(size_t a, size_t b);
/** The kind of branch b. */
enum branch_kind model_branch(const struct model *m, size_t b);
/** Whether heads of branch b that are not local see every key, or else hash. */
bool model_sees_all(const struct model *m, size_t b);
/** Heads of branch b that hash the batch in hand; of all branches that have any the same. */
size_t model_hashed(const struct model *m, size_t b);
/** Heads of attention b that are local: the first ones. */
static inline size_t model_local(const struct model *m, size_t b)
{
    return m->shape.local[b / 2];
}
/** Whether a branch's output stream may be stored, struct kept. */
bool model_may_keep_stream(const struct model *m);

/* Whether only the rows of interest of what branch b adds are ever read, and can be computed
 * alone. So it is with the last layer's feed-forward and with its attention, unless a memory
 * (mem_kv) is among the keys, and unless there is a dropout, whose numbers go by panels. */
bool model_ends_in_rows(const struct model *m, size_t b);
/* Whether they are computed alone in the batch in hand. */
static inline bool model_for_few(const struct model *m, size_t b)
{
    return m->work.few && model_ends_in_rows(m, b);
}

/* --- parameters and gradients by their index */

static inline const float *weight(const struct model *m, size_t i)
{
    return m->at[i];
}

/* Whether the call in hand makes gradients. */
static inline bool model_learns(const struct model *m)
{
    return m->grad || m->sink;
}

/* Whether the gradient at this place in a block is in m->held. */
static inline bool model_is_held(const struct model *m, size_t offset)
{
    return m->held && offset < params_held(&m->params);
}

/* Where the call in hand has the gradient at this place in a block. */
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

/* y[rows,n] = x[rows,k] W', W[n,k] the matrix w, which parameter i begins. */
static inline void times_weights(const struct model *m, float *y, const float *x,
                                 const float *w, size_t i, size_t n, size_t k, size_t rows)
{
    if (m->stored)
        m->op->gemm_stored(m->nn, rows, n, k, x, m->store, m->stored[i], y);
    else
        m->op->gemm(m->nn, rows, n, k, x, false, w, true, 0, y);
}

/* y[rows,out] = x[rows,in] W', W the parameter i (out,in). */
static inline void linear(const struct model *m, float *y, const float *x, size_t i,
                          size_t rows)
{
    const struct param *p = &m->params.p[i];

    times_weights(m, y, x, weight(m, i), i, p->shape[0], p->shape[1], rows);
}

/* dW += dy' x and dx[rows,in] = dy W, from dy[rows,out] and x[rows,in]. */
static inline void linear_bwd(const struct model *m, float *dx, const float *dy, const float *x,
                              size_t i, size_t rows)
{
    size_t out = m->params.p[i].shape[0], in = m->params.p[i].shape[1];

    m->op->gemm(m->nn, out, in, rows, dy, true, x, false, 1, gradient(m, i));
    m->op->gemm(m->nn, rows, in, out, dy, false, weight(m, i), false, 0, dx);
}

/* --- what branches share: model_branch.c */

/* What a branch works on; the arrays are [n,E]. */
struct flow {
    size_t b;          /* which branch */
    const int32_t *in; /* the stream that it reads */
    int32_t *out;      /* the stream that it adds to */
    float *din, *dout; /* the gradients of both */
    struct kept *kept;
};

/* Rows that are computed at a time. A run is what lies together both in the streams and in
 * [B,K] arrays: a sequence or, where K is T, the whole batch. */
struct panel {
    size_t run;  /* which run the panel is of */
    size_t at;   /* rows of the run before the panel */
    size_t x, t; /* its first row: in the streams, in [B,K] arrays */
    size_t rows;
};

/* Rows of the largest panel. */
size_t model_panel_rows(const struct model *m);
/* Move *p to the next panel; {0} stands before the first. False: there is none. With `keys` the
 * caller uses p->t too, so that a panel is of one sequence where K is not T. */
bool model_next_panel(const struct model *m, struct panel *p, bool keys);

/* A stream for ops that move rows and do not look at the numbers. */
static inline float *as_rows(int32_t *s)
{
    return (float *)(void *)s;
}
static inline const float *as_const_rows(const int32_t *s)
{
    return (const float *)(const void *)s;
}

/* h[rows,E] = the norm of x, or x itself where there is none; stat[rows,2] is for backward. */
void model_norm(struct model *m, float *h, float *stat, const int32_t *x, size_t b,
                size_t rows);
/* Add to dx from dh, the gradient of what model_norm() made of x. h is room for x: it is
 * overwritten. */
void model_norm_bwd(struct model *m, float *dx, const float *dh, float *h, const int32_t *x,
                    const float *stat, size_t b, size_t rows);

enum drop_site { DROP_ATTN, DROP_BRANCH, DROP_FF, DROP_SITES };
/* The random numbers of a dropout of branch b in the call in hand. */
struct rng model_drop(const struct model *m, size_t b, enum drop_site site);
/* y = dropout(x + bias) of a panel, x[rows,n]; bias may be NULL. Where the call in hand drops
 * nothing only the bias is added. How rows are cut into panels changes nothing. */
void model_dropout(struct model *m, float *y, const float *x, const float *bias, size_t b,
                   enum drop_site site, const struct panel *p, size_t n);
/* The rate of a dropout in the call in hand. */
float model_drop_rate(const struct model *m, enum drop_site site);

/* Add a panel of a branch to its stream: y[rows,E] plus the bias, parameter i (SIZE_MAX: none),
 * through dropout and gate where there are such. y is overwritten. */
void model_put_on(struct model *m, const struct flow *f, const struct panel *p, float *y,
                  size_t i);
/*
 * Backward of model_put_on(). Where the stream is not kept (f->kept->stream is NULL), y is
 * what model_put_on() was given: it is subtracted from the stream again, and overwritten. Where
 * the stream is kept y is not read. Adds to the gradients of the bias and of the gate. Returns
 * the gradient of y: in d[rows,E], or in f->dout where that is the same.
 */
const float *model_take_off(struct model *m, const struct flow *f, const struct panel *p,
                            float *y, size_t i, float *d);

/* --- all branches: model_stack.c */

/** Add branch b to its stream. */
void model_branch_fwd(struct model *m, size_t b);
/** Take it off again, and bring dx1, dx2 and the gradients of its weights. */
void model_branch_bwd(struct model *m, size_t b);

/* --- the kinds of branches: model_attn.c, model_ff.c, model_pkm.c */

/* Run a branch forward or backward; each call rewinds the arena. The model_carve_ functions
 * take the same memory and run nothing: so it is counted. */
void model_attn(struct model *m, const struct flow *f, bool backward);
void model_ff(struct model *m, const struct flow *f, bool backward);
void model_pkm(struct model *m, const struct flow *f, bool backward);
void model_carve_attn(struct model *m, bool backward);
void model_carve_ff(struct model *m);
void model_carve_pkm(struct model *m, bool backward);

/* --- token by token: model_past.c */

/* Begin anew, without tokens; the first T will be common. */
void model_past_clear(struct model_past *p, size_t T);

/* With m->past: the tied head, whose rows are brought to length 1 once. */
const float *model_past_head(const struct model *m);

/* The position that the batch in hand begins with. */
static inline size_t model_first(const struct model *m)
{
    return m->past ? m->past->t : 0;
}
/* Whether the batch in hand is one token of each sequence, whose attention is with the past. */
static inline bool model_steps(const struct model *m)
{
    return m->past && m->past->steps;
}
/* With m->past: where the rotations of branch b are kept; *drawn: they are there. */
float *model_past_rotations(const struct model *m, size_t b, bool *drawn);
/* With m->past: what it has of branch b's heads from `head` on. */
struct attend_past model_past_of(const struct model *m, size_t b, size_t head);

/* --- both ends: model_ends.c */

void model_embed(struct model *m);
void model_embed_bwd(struct model *m);
/* For the rows of interest: what the head sees, into `hidden` on the device and hidden_host,
 * and logits in host memory. Each may be NULL. */
void model_head_rows(struct model *m, float *hidden, float *hidden_host, float *logits);
/* The loss of each row of interest, into host memory. */
void model_head_losses(struct model *m, float *loss);
/* Add loss and hits of the rows to sum[1] on the device; with gradients set dx1 and dx2 too.
 * `words` may be NULL. */
void model_head_loss(struct model *m, float scale, const struct model_words *words,
                     struct nn_sum *sum);
/* The same of model_add_replaced_loss(). */
void model_replaced_loss(struct model *m, float scale, size_t replaced, struct nn_sum *sum);
/* Set dx1 and dx2 from dhidden, the gradient of what the head would see. */
void model_head_bwd(struct model *m, const float *dhidden);
void model_carve_ends(struct model *m, bool logits);

#endif
