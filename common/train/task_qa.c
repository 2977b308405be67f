/*
 * task_qa.c: question answering as BERT has it (Devlin et al. 2019, section 4.2): each token of
 * the passage has a logit to be the start of the answer, and one to be its end.
 *
 * The output is a layer from the width E to 4 E with GELU, and two vectors [4 E], whose
 * products with a token are its logits. So for a sequence, start and end are the two rows of a
 * cross entropy whose classes are tokens: the first, which stands for no answer, and those of
 * the passage. The vectors have no bias, which would be the same for all tokens.
 */
#include "train/task_qa.h"

#include <math.h>
#include <string.h>

#include "train/task_head.h"

enum { IN, IN_BIAS, OUT, MATCH, OUTPUTS };

/* What a token of the question is in the passage, and a token of the passage in the question:
 * not there, there, or there with the same token before or behind it. */
enum match { MATCH_NONE, MATCH_TOKEN, MATCH_PAIR, MATCH_KINDS };

static const struct model_output outputs[OUTPUTS] = {
    [IN] = {"qa.in.weight", (size_t)MODEL_DIM_4, (size_t)MODEL_DIM, 'u'},
    [IN_BIAS] = {"qa.in.bias", (size_t)MODEL_DIM_4, 0, '0'},
    [OUT] = {"qa.out.weight", QA_LABELS, (size_t)MODEL_DIM_4, 'u'},
    [MATCH] = {"qa.match.weight", MATCH_KINDS, (size_t)MODEL_DIM, 'w'},
};

/* What a sum of the batch is of: the loss, and of answers, in an evaluation, F1 and exact
 * matches, and how many there are. */
enum { SUM_LOSS, SUM_MATCH, SUM_ANSWERS, SUMS };

static const float no_answer = -1e9F;

/* For n sequences of T tokens. */
struct room {
    size_t n, T, E;
    float *hidden;              /* [n,T,E], and then its gradient */
    struct head_layer layer;    /* of one sequence, as the rest */
    float *dy, *dout;           /* gradients: [T,4E]; [2,4E] */
    float *bar;                 /* [n,T] added to logits: 0, or no_answer */
    int32_t *labels, *hit;      /* [n,2]; labels as numbers of classes */
    float *loss, *raw, *logits; /* [n,2]; [2,T] each */
    float *f1;                  /* [n] */
    int32_t *exact;             /* [n] */
    /* in the host's memory: */
    int32_t *host_rows, *host_labels;     /* [n,T]; [n,2] */
    int32_t *host_marks;                  /* [n,T] of enum match */
    float *host_bar, *host_logits, *ones; /* [n,T]; [2,T]; [n] */
    float *host_f1;
    int32_t *host_exact;
};

static struct room carve(struct task_room *from, size_t n, size_t T, size_t E, bool train)
{
    struct room r = {.n = n, .T = T, .E = E};

    arena_rewind(&from->device, 0);
    arena_rewind(&from->host, 0);
    r.hidden = head_floats(from, n * T * E);
    r.layer = (struct head_layer){.first = IN, .act = ACT_GELU, .rows = T, .E = E, .n = 4 * E};
    r.layer.x = head_floats(from, T * E);
    r.layer.slope = head_floats(from, T * 4 * E);
    r.layer.y = head_floats(from, T * 4 * E);
    r.dy = train ? head_floats(from, T * 4 * E) : NULL;
    r.dout = train ? head_floats(from, QA_LABELS * 4 * E) : NULL;
    r.bar = head_floats(from, n * T);
    r.labels = head_ints(from, n * QA_LABELS);
    r.hit = head_ints(from, n * QA_LABELS);
    r.loss = head_floats(from, n * QA_LABELS);
    r.raw = head_floats(from, QA_LABELS * T);
    r.logits = head_floats(from, QA_LABELS * T);
    r.f1 = head_floats(from, n);
    r.exact = head_ints(from, n);
    r.host_rows = head_host(from, n * T);
    r.host_labels = head_host(from, n * QA_LABELS);
    r.host_marks = head_host(from, n * T);
    r.host_bar = head_host(from, n * T);
    r.host_logits = head_host(from, QA_LABELS * T);
    r.host_f1 = head_host(from, n);
    r.host_exact = head_host(from, n);
    r.ones = head_host(from, n);
    return r;
}

static void carve_largest(struct task_room *room, const struct params *p, size_t batch,
                          bool train)
{
    (void)carve(room, batch, p->shape.max_len, p->shape.dim, train);
}

/* --- the logits of a sequence */

/* Where the passage of sequence s is, within it. */
static struct qa_span passage(const struct model_batch *b, size_t s)
{
    return (struct qa_span){(size_t)b->rows[QA_LABELS * s] % b->T,
                            (size_t)b->rows[QA_LABELS * s + 1] % b->T};
}

/* The token before the passage, whose row the first token's takes, so that the rows of all
 * classes lie together; 0 where the passage begins with the first token. */
static size_t class_row(const struct model_batch *b, size_t s)
{
    size_t first = passage(b, s).start;

    return first ? first - 1 : 0;
}

static void raise_mark(int32_t *mark, enum match kind)
{
    if (*mark < (int32_t)kind)
        *mark = (int32_t)kind;
}

/* What the same tokens, i of a question and k of its passage, are to each other. */
static enum match match_of(const int32_t *ids, size_t edge, struct qa_span passage, size_t i,
                           size_t k)
{
    bool before = i > 1 && k > passage.start && ids[i - 1] == ids[k - 1];
    bool behind = i + 1 < edge && k < passage.end && ids[i + 1] == ids[k + 1];

    return before || behind ? MATCH_PAIR : MATCH_TOKEN;
}

/* Find which tokens question and passage of a sequence both have. The question's are those
 * between the first token and `edge`, the one before the passage. */
static void mark_sequence(const int32_t *ids, size_t edge, struct qa_span passage,
                          int32_t *marks)
{
    for (size_t k = passage.start; k <= passage.end; k++)
        for (size_t i = 1; i < edge; i++)
            if (ids[i] == ids[k]) {
                enum match kind = match_of(ids, edge, passage, i, k);

                raise_mark(&marks[i], kind);
                raise_mark(&marks[k], kind);
            }
}

/* Bring to the device what it has to know of a batch beside its ids. */
static void bring(struct learner *l, const struct room *r, const struct model_batch *b)
{
    for (size_t i = 0; i < r->n * r->T; i++) {
        r->host_rows[i] = (int32_t)i;
        r->host_bar[i] = i % r->T == 0 ? 0 : no_answer;
    }
    for (size_t s = 0; s < r->n; s++)
        for (size_t t = passage(b, s).start; t <= passage(b, s).end; t++)
            r->host_bar[s * r->T + t] = 0;
    l->nn->ops->upload(l->nn, r->bar, r->host_bar, r->n * r->T * sizeof *r->bar);
    for (size_t i = 0; b->labels && i < r->n * QA_LABELS; i++)
        r->host_labels[i] =
            b->labels[i] ? b->labels[i] - (int32_t)class_row(b, i / QA_LABELS) : 0;
    if (b->labels)
        l->nn->ops->upload(l->nn, r->labels, r->host_labels,
                           r->n * QA_LABELS * sizeof *r->labels);
}

/* Compute the model's part of a batch, of which the first n sequences are wanted. */
static int see_all(struct learner *l, const struct room *r, const struct model_batch *b,
                   const struct model_draw *draw, struct errbuf *eb)
{
    struct model_batch all = *b;

    all.rows = r->host_rows;
    all.labels = NULL;
    all.n = r->n * r->T;
    if (model_params(l->model)->p[PARAM_OUTPUT + MATCH].count) {
        memset(r->host_marks, 0, r->n * r->T * sizeof *r->host_marks);
        for (size_t s = 0; s < r->n; s++)
            mark_sequence(b->ids + s * r->T, class_row(b, s), passage(b, s),
                          r->host_marks + s * r->T);
        all.marks = r->host_marks;
        all.marks_of = MATCH;
    }
    return model_hidden(l->model, &all, draw, r->hidden, eb);
}

/* Logits of a sequence whose layer has been computed, to host memory. */
static void read_logits(struct learner *l, const struct room *r, size_t s, float *to)
{
    const struct nn_ops *op = l->nn->ops;

    op->gemm(l->nn, QA_LABELS, r->T, r->layer.n, head_weight(l, OUT), false, r->layer.y, true,
             0, r->raw);
    op->add_bias(l->nn, r->logits, r->raw, r->bar + s * r->T, QA_LABELS, r->T);
    op->download(l->nn, to, r->logits, QA_LABELS * r->T * sizeof *to);
}

int qa_logits(struct learner *l, const struct model_batch *b, const struct model_draw *draw,
              float *logits, struct errbuf *eb)
{
    struct room r = carve(&l->room, b->n / QA_LABELS, b->T, model_params(l->model)->shape.dim,
                          l->room.train);
    int rc;

    bring(l, &r, b);
    if ((rc = see_all(l, &r, b, draw, eb)) != RF_OK)
        return rc;
    for (size_t s = 0; s < r.n; s++) {
        r.layer.part = s;
        head_layer_fwd(l, draw, &r.layer, r.hidden + s * r.T * r.E);
        read_logits(l, &r, s, logits + s * QA_LABELS * r.T);
    }
    return nn_status(l->nn, eb);
}

/* --- answers */

struct qa_span qa_best(const float *start, const float *end, size_t first, size_t last)
{
    struct qa_span best = {first, first};
    float most = -INFINITY;

    for (size_t i = first; i <= last; i++)
        for (size_t k = i; k <= last && k < i + QA_ANSWER_MAX; k++)
            if (start[i] + end[k] > most) {
                most = start[i] + end[k];
                best = (struct qa_span){i, k};
            }
    return best;
}

double qa_f1(struct qa_span a, struct qa_span b)
{
    size_t from = a.start > b.start ? a.start : b.start, to = a.end < b.end ? a.end : b.end;

    return from > to ? 0
                     : 2 * (double)(to - from + 1) /
                           (double)(a.end - a.start + 1 + b.end - b.start + 1);
}

/* Look for the answer of a sequence that has one; *n counts them. */
static void look_up(struct learner *l, const struct room *r, const struct model_batch *b,
                    size_t s, size_t *n)
{
    const int32_t *labels = b->labels + QA_LABELS * s;
    struct qa_span in = passage(b, s), right, found;

    if (labels[1] == 0)
        return;
    read_logits(l, r, s, r->host_logits);
    right = (struct qa_span){(size_t)labels[0], (size_t)labels[1]};
    found = qa_best(r->host_logits, r->host_logits + r->T, in.start, in.end);
    r->host_f1[*n] = (float)qa_f1(found, right);
    r->host_exact[*n] = found.start == right.start && found.end == right.end;
    r->ones[*n] = 1;
    ++*n;
}

/* Add what an evaluation found to the sums on the device. */
static void add_answers(struct learner *l, const struct room *r, size_t n, struct nn_sum *sum)
{
    const struct nn_ops *op = l->nn->ops;

    op->upload(l->nn, r->f1, r->host_f1, n * sizeof *r->f1);
    op->upload(l->nn, r->exact, r->host_exact, n * sizeof *r->exact);
    op->add_losses(l->nn, sum + SUM_MATCH, r->f1, r->exact, n);
    op->upload(l->nn, r->f1, r->ones, n * sizeof *r->f1);
    op->add_losses(l->nn, sum + SUM_ANSWERS, r->f1, r->exact, n);
}

/* --- the loss */

/* Of sequence s; with gradients its part of `hidden` becomes the gradient of that. */
static void sequence_loss(struct learner *l, struct room *r, const struct model_batch *b,
                          const struct model_draw *draw, size_t s, float *grad)
{
    const struct nn_ops *op = l->nn->ops;
    float *hidden = r->hidden + s * r->T * r->E;
    size_t n = r->layer.n, row = class_row(b, s), at = row * n;

    r->layer.part = s;
    head_layer_fwd(l, draw, &r->layer, hidden);
    if (row)
        op->copy(l->nn, r->layer.y + at, r->layer.y, n * sizeof(float));
    if (grad)
        op->fill(l->nn, r->dy, 0, r->T * n);
    op->cross_entropy(l->nn, r->loss + QA_LABELS * s, r->hit + QA_LABELS * s,
                      grad ? r->dout : NULL, grad ? r->dy + at : NULL, NULL,
                      head_weight(l, OUT), r->layer.y + at, NULL, r->labels + QA_LABELS * s, 1,
                      l->z_loss, l->smoothing, QA_LABELS, n, passage(b, s).end - row + 1);
    if (!grad)
        return;
    if (row) {
        op->copy(l->nn, r->dy, r->dy + at, n * sizeof(float));
        op->fill(l->nn, r->dy + at, 0, n);
    }
    op->add_rows(l->nn, head_gradient(l, grad, OUT), 1, r->dout, NULL, QA_LABELS, n);
    head_layer_bwd(l, draw, &r->layer, hidden, r->dy, grad);
}

static int qa_loss(struct learner *l, const struct model_batch *b,
                   const struct model_draw *draw, float *grad, const struct model_sink *sink,
                   struct nn_sum *sum, struct errbuf *eb)
{
    struct room r = carve(&l->room, b->n / QA_LABELS, b->T, model_params(l->model)->shape.dim,
                          l->room.train);
    size_t answers = 0;
    int rc;

    (void)sink; /* none comes: task.in_backward is not set */
    if (!r.n)
        return RF_OK;
    bring(l, &r, b);
    if ((rc = see_all(l, &r, b, draw, eb)) != RF_OK)
        return rc;
    for (size_t s = 0; s < r.n; s++) {
        sequence_loss(l, &r, b, draw, s, grad);
        if (!grad)
            look_up(l, &r, b, s, &answers);
    }
    l->nn->ops->add_losses(l->nn, sum + SUM_LOSS, r.loss, r.hit, r.n * QA_LABELS);
    if (answers)
        add_answers(l, &r, answers, sum);
    return grad ? model_hidden_bwd(l->model, r.hidden, grad, eb) : nn_status(l->nn, eb);
}

/* --- the task */

static double labels_of(const struct rf_config *c, double tokens)
{
    (void)tokens;
    return (double)(QA_LABELS * c->train.batch);
}

static double exact(const struct sums *s)
{
    return s->of[SUM_MATCH].hits / s->of[SUM_ANSWERS].loss;
}

static double f1(const struct sums *s)
{
    return s->of[SUM_MATCH].loss / s->of[SUM_ANSWERS].loss;
}

static const struct task_column columns[] = {{"em", 5, exact}, {"f1", 5, f1}, {NULL, 0, NULL}};

const struct task task_qa = {.data = TASK_DATA_QA,
                             .sums = SUMS,
                             .unit = QA_LABELS,
                             .outputs = outputs,
                             .n_outputs = OUTPUTS,
                             .marks = true,
                             .carve = carve_largest,
                             .labels = labels_of,
                             .loss = qa_loss,
                             .columns = columns,
                             .score = f1,
                             .score_name = "f1"};
