/* learner_cost.c: what a learner takes and does, from its own calls to a device that counts. */
#include <stdlib.h>

#include "device/count.h"
#include "train/task.h"

/* A learner on that device, and its largest batch: of tokens 0, as ids make no difference. */
struct trial {
    struct nn *nn;
    struct learner learner;
    const struct task *task;
    struct model_batch batch;
    int32_t *ids;
    struct nn_sum *sum;
};

enum { SUM_BYTES = TASK_SUMS_MAX * sizeof(struct nn_sum), ROWS = 2, UNIT_MAX = 2 };

static int trial_new(struct trial *t, const struct nn_about *about, const struct rf_config *c,
                     const struct task *task, const struct learner_size *size,
                     struct errbuf *eb)
{
    static const int32_t rows[ROWS * UNIT_MAX] = {0, 1, 2, 3}, labels[ROWS * UNIT_MAX] = {0};
    size_t T = size->piece ? size->piece : size->max_len;
    size_t B = c->train.batch * ((size->max_len + T - 1) / T);
    struct learner_size all = *size;
    int rc;

    all.model.layer_dropout = 0; /* what is drawn is no matter of cost */
    *t = (struct trial){.task = task};
    if ((rc = count_open(&t->nn, about, eb)) != RF_OK ||
        (rc = learner_new(&t->learner, t->nn, c, &all, eb)) != RF_OK)
        return rc;
    t->ids = calloc(B, T * sizeof *t->ids);
    t->sum = t->nn->ops->mem_new(t->nn, SUM_BYTES);
    if (!t->ids || !t->sum)
        return err_nomem(eb);
    t->batch =
        (struct model_batch){.B = B, .T = T, .ids = t->ids, .rows = rows, .labels = labels};
    return RF_OK;
}

static void trial_free(struct trial *t)
{
    if (t->sum)
        t->nn->ops->mem_free(t->nn, t->sum, SUM_BYTES);
    free(t->ids);
    learner_free(&t->learner);
    nn_close(t->nn);
}

static void drop(void *self, const struct params_span *span, const float *grad)
{
    (void)self;
    (void)span;
    (void)grad;
}

/* What the batch takes, with `labels` of its rows: *model, three times what forward does, as
 * rf-log(5) has it, and *executed. Hashing has no backward; it counts three times in both, so
 * that the two differ by what is computed again. */
static int ask(struct trial *t, size_t labels, double *model, double *executed,
               struct errbuf *eb)
{
    const struct model_draw draw = {.train = true};
    const struct model_sink sink = {NULL, drop};
    struct learner *l = &t->learner;
    float *grad = l->levels ? l->grad[0] : NULL;
    struct counts before = count_so_far(t->nn), forward, both;
    int rc;

    t->batch.n = labels;
    rc = t->task->loss(l, &t->batch, &draw, NULL, NULL, t->sum, eb);
    forward = count_so_far(t->nn);
    if (rc == RF_OK)
        rc = t->task->loss(l, &t->batch, &draw, grad, grad ? NULL : &sink, t->sum, eb);
    both = count_so_far(t->nn);
    *model = 3 * (forward.products - before.products + forward.hashing - before.hashing);
    *executed = both.products - forward.products + 3 * (both.hashing - forward.hashing);
    return rc;
}

/* Of the labels of one unit and of two: the difference is that of a unit. */
static int measure(struct trial *t, struct learner_cost *cost, struct errbuf *eb)
{
    size_t unit = t->task->unit ? t->task->unit : 1;
    size_t room = t->task->unit ? t->batch.B : t->batch.B * t->batch.T;
    size_t rows = (room < ROWS ? 1 : ROWS) * unit;
    double model = 0, executed = 0;
    int rc = ask(t, unit, &cost->blocks, &cost->blocks_executed, eb);

    if (rc == RF_OK)
        rc = ask(t, rows, &model, &executed, eb);
    cost->head = (model - cost->blocks) / (double)unit;
    cost->head_executed = (executed - cost->blocks_executed) / (double)unit;
    cost->blocks -= (double)unit * cost->head;
    cost->blocks_executed -= (double)unit * cost->head_executed;
    return rc;
}

int learner_cost(struct learner_cost *cost, const struct nn_about *about,
                 const struct rf_config *c, const struct task *task,
                 const struct learner_size *size, struct errbuf *eb)
{
    struct trial t;
    int rc = trial_new(&t, about, c, task, size, eb);

    *cost = (struct learner_cost){0};
    if (rc == RF_OK)
        rc = measure(&t, cost, eb);
    if (rc == RF_OK) {
        cost->params = model_params(t.learner.model)->total;
        cost->tokens = t.batch.B * t.batch.T;
        cost->step_bytes = model_step_bytes(t.learner.model);
    }
    trial_free(&t);
    return rc;
}
