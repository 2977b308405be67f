/*
 * task_classify.c: classes of sequences as BERT has them (Devlin et al. 2019, section 4.1): the
 * first token's vector goes through a layer E to E with tanh, and a linear layer gives a logit
 * for each class.
 */
#include "train/task_classify.h"

#include <math.h>

#include "train/task_head.h"

enum { IN, IN_BIAS, OUT, OUT_BIAS, OUTPUTS };

static const struct model_output outputs[OUTPUTS] = {
    [IN] = {"classify.in.weight", (size_t)MODEL_DIM, (size_t)MODEL_DIM, 'u'},
    [IN_BIAS] = {"classify.in.bias", (size_t)MODEL_DIM, 0, '0'},
    [OUT] = {"classify.out.weight", (size_t)MODEL_CLASSES, (size_t)MODEL_DIM, 'u'},
    [OUT_BIAS] = {"classify.out.bias", (size_t)MODEL_CLASSES, 0, '0'},
};

/* For n sequences and C classes. */
struct room {
    size_t n, E, C;
    float *hidden; /* [n,E], and then its gradient */
    struct head_layer layer;
    float *dy;             /* [n,E] */
    int32_t *labels, *hit; /* [n] */
    float *loss;           /* [n] */
    float *raw, *logits;   /* [n,C] each */
    float *host_logits;    /* [n,C] in the host's memory */
};

static size_t classes_of(const struct params *p)
{
    return p->p[PARAM_OUTPUT + OUT].shape[0];
}

static struct room carve(struct task_room *from, size_t n, const struct params *p, bool train)
{
    struct room r = {.n = n, .E = p->shape.dim, .C = classes_of(p)};

    arena_rewind(&from->device, 0);
    arena_rewind(&from->host, 0);
    r.hidden = head_floats(from, n * r.E);
    r.layer = (struct head_layer){.first = IN, .act = ACT_TANH, .rows = n, .E = r.E, .n = r.E};
    r.layer.x = head_floats(from, n * r.E);
    r.layer.slope = head_floats(from, n * r.E);
    r.layer.y = head_floats(from, n * r.E);
    r.dy = train ? head_floats(from, n * r.E) : NULL;
    r.labels = head_ints(from, n);
    r.hit = head_ints(from, n);
    r.loss = head_floats(from, n);
    r.raw = head_floats(from, n * r.C);
    r.logits = head_floats(from, n * r.C);
    r.host_logits = head_host(from, n * r.C);
    return r;
}

static void carve_largest(struct task_room *room, const struct params *p, size_t batch,
                          bool train)
{
    (void)carve(room, batch, p, train);
}

/* Compute all but the last layer. */
static int see_all(struct learner *l, struct room *r, const struct model_batch *b,
                   const struct model_draw *draw, struct errbuf *eb)
{
    int rc = model_hidden(l->model, b, draw, r->hidden, eb);

    if (rc == RF_OK)
        head_layer_fwd(l, draw, &r->layer, r->hidden);
    return rc;
}

static void read_logits(struct learner *l, const struct room *r, float *to)
{
    const struct nn_ops *op = l->nn->ops;

    op->gemm(l->nn, r->n, r->C, r->E, r->layer.y, false, head_weight(l, OUT), true, 0, r->raw);
    op->add_bias(l->nn, r->logits, r->raw, head_weight(l, OUT_BIAS), r->n, r->C);
    op->download(l->nn, to, r->logits, r->n * r->C * sizeof *to);
}

int classify_logits(struct learner *l, const struct model_batch *b,
                    const struct model_draw *draw, float *logits, struct errbuf *eb)
{
    struct room r = carve(&l->room, b->n, model_params(l->model), l->room.train);
    int rc = see_all(l, &r, b, draw, eb);

    if (rc != RF_OK)
        return rc;
    read_logits(l, &r, logits);
    return nn_status(l->nn, eb);
}

/* Note in the tally what an evaluation's batch is taken for. */
static void count(struct learner *l, const struct room *r, const struct model_batch *b)
{
    read_logits(l, r, r->host_logits);
    for (size_t i = 0; i < r->n; i++)
        l->room.tally[(size_t)b->labels[i] * r->C +
                      model_likeliest(r->host_logits + i * r->C, r->C)]++;
}

static int classify_loss(struct learner *l, const struct model_batch *b,
                         const struct model_draw *draw, float *grad,
                         const struct model_sink *sink, struct nn_sum *sum, struct errbuf *eb)
{
    const struct nn_ops *op = l->nn->ops;
    struct room r = carve(&l->room, b->n, model_params(l->model), l->room.train);
    int rc;

    (void)sink; /* none comes: task.in_backward is not set */
    if (!b->n)
        return RF_OK;
    op->upload(l->nn, r.labels, b->labels, b->n * sizeof *r.labels);
    if ((rc = see_all(l, &r, b, draw, eb)) != RF_OK)
        return rc;
    op->cross_entropy(l->nn, r.loss, r.hit, grad ? r.dy : NULL, head_gradient(l, grad, OUT),
                      head_gradient(l, grad, OUT_BIAS), r.layer.y, head_weight(l, OUT),
                      head_weight(l, OUT_BIAS), r.labels, 1, l->z_loss, l->smoothing, r.n, r.E,
                      r.C);
    op->add_losses(l->nn, sum, r.loss, r.hit, r.n);
    if (!grad) {
        count(l, &r, b);
        return nn_status(l->nn, eb);
    }
    head_layer_bwd(l, draw, &r.layer, r.hidden, r.dy, grad);
    return model_hidden_bwd(l->model, r.hidden, grad, eb);
}

/* --- the task */

static double labels_of(const struct rf_config *c, double tokens)
{
    (void)tokens;
    return (double)c->train.batch;
}

static size_t tally_of(const struct params *p)
{
    return classes_of(p) * classes_of(p);
}

double classify_macro_f1(const uint64_t *tally, size_t C)
{
    double sum = 0, n = 0;

    for (size_t c = 0; c < C; c++) {
        uint64_t right = tally[c * C + c], all = 0;

        for (size_t k = 0; k < C; k++)
            all += tally[c * C + k] + tally[k * C + c];
        if (all) {
            sum += 2 * (double)right / (double)all;
            n++;
        }
    }
    return sum / n;
}

static void finish(const struct learner *l, struct sums *s)
{
    s->made = classify_macro_f1(l->room.tally, classes_of(model_params(l->model)));
}

static double macro_f1(const struct sums *s)
{
    return s->made;
}

static const struct task_column columns[] = {{"macro_f1", 5, macro_f1}, {NULL, 0, NULL}};

static int check_sees_text(const struct rf_config *c, struct errbuf *eb)
{
    return c->model.causal ? err_set(eb, RF_EUSAGE,
                                     "data.task classify needs model.causal false: the first "
                                     "token would see no other")
                           : RF_OK;
}

const struct task task_classify = {.data = TASK_DATA_CLASSES,
                                   .sums = 1,
                                   .unit = 1,
                                   .outputs = outputs,
                                   .n_outputs = OUTPUTS,
                                   .carve = carve_largest,
                                   .tally = tally_of,
                                   .finish = finish,
                                   .check = check_sees_text,
                                   .labels = labels_of,
                                   .loss = classify_loss,
                                   .columns = columns,
                                   .score = macro_f1,
                                   .score_name = "macro_f1"};
