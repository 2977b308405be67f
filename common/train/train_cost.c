/* train_cost.c: what a run takes of memory and operations. */
#include <math.h>
#include <unistd.h>

#include "train/train_parts.h"

static size_t memory_limit(const struct train_cfg *c)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

    return c->memory ? c->memory : (size_t)pages / 2 * (size_t)size;
}

size_t train_levels(const struct rf_config *c)
{
    size_t levels = 0;

    for (uint64_t n = c->optim.in_backward ? 0 : c->train.slots; n; n /= 2)
        levels++;
    return levels;
}

/* The longest sequence that the model is to take. */
static size_t max_len_of(const struct train_job *job)
{
    return job->cfg->model.max_len ? job->cfg->model.max_len : job->data.max_len;
}

/* About how many labels a slot of sequences that long has. */
static double labels_of(const struct train_job *job)
{
    return job->task->labels(job->cfg, (double)(job->cfg->train.batch * max_len_of(job)));
}

/* Bytes that the CPU's kernels take for themselves: packed matrices, and the larger of a panel
 * of logits and the notes of attention. Attention notes two numbers for each position and head,
 * and, where a key counts once (model.duplicates is off), the position's chunk in each round
 * too. */
static size_t scratch(const struct train_job *job, const struct params *p)
{
    const struct model_cfg *m = &job->cfg->model;
    double rows = fmin(labels_of(job), NN_LOGITS_ROWS);
    double logits = rows * sizeof(float) * (double)job->data.vocab_size;
    uint64_t each = (2 + (m->duplicates ? 0 : m->rounds)) * sizeof(float);
    double attention =
        (double)(p->shape.group * each) * (double)(job->cfg->train.batch * max_len_of(job));

    return (size_t)fmax(fmin(logits, NN_LOGITS_BYTES), attention) + (16 << 20);
}

/* Bytes of the batches that are read ahead, and of the batch of an evaluation. */
static size_t batches(const struct train_job *job)
{
    enum { EACH = 4 * sizeof(int32_t) + 1 };

    return (FEED_SLOTS + 1) * EACH * job->cfg->train.batch * max_len_of(job);
}

struct model_cfg train_model_cfg(const struct train_job *job)
{
    struct model_cfg m = job->cfg->model;

    m.outputs = job->task->outputs;
    m.n_outputs = job->task->n_outputs;
    return m;
}

enum model_use train_model_use(const struct rf_config *c)
{
    return c->optim.in_backward ? MODEL_SPANS : MODEL_BACKWARD;
}

/* What the run takes beside the batch. */
static void fixed_needs(struct train_needs *n, const struct train_job *job,
                        const struct params *p)
{
    const struct rf_config *c = job->cfg;

    n->weights = p->floats * sizeof(float);
    n->gradients = train_levels(c) * n->weights;
    n->optimiser = optim_bytes(&c->optim, p);
    n->scratch = scratch(job, p);
    n->data = job->data_bytes + batches(job);
    n->total = n->weights + n->gradients + n->optimiser + n->scratch + n->data;
}

size_t train_budget(const struct train_job *job, const struct params *p)
{
    struct train_needs n;
    size_t limit = memory_limit(&job->cfg->train);

    fixed_needs(&n, job, p);
    return limit > n.total ? limit - n.total : 0;
}

size_t train_over(const struct train_job *job, const struct params *p, size_t step_bytes)
{
    struct train_needs n;

    fixed_needs(&n, job, p);
    n.total += step_bytes;
    return n.total > memory_limit(&job->cfg->train) ? n.total : 0;
}

int train_needs(struct train_needs *n, const struct train_job *job, struct errbuf *eb)
{
    const struct rf_config *c = job->cfg;
    size_t max_len = max_len_of(job);
    double slots = (double)c->train.slots, labels = labels_of(job);
    const struct model_cfg m = train_model_cfg(job);
    struct model_cost cost;
    struct params p;
    int rc = params_new(&p, &m, max_len, job->data.vocab_size, eb);

    if (rc != RF_OK)
        return rc;
    *n = (struct train_needs){0};
    fixed_needs(n, job, &p);
    rc = model_cost(&cost, job->nn, &m, c->train.batch, max_len, job->data.vocab_size,
                    train_model_use(c), train_budget(job, &p), eb);
    params_free(&p);
    if (rc != RF_OK)
        return rc;
    n->parameters = cost.params;
    n->batch = cost.step_bytes;
    n->total += n->batch;
    n->model_flops = 3 * slots * (cost.blocks + labels * cost.head);
    n->executed_flops = slots * (cost.blocks_executed + labels * cost.head_executed);
    return RF_OK;
}

void train_count(struct train *t, const struct model_batch *b)
{
    double share = (double)(b->B * b->T) / (double)(t->cfg->train.batch * t->state.max_len);
    double labels = (double)b->n;

    t->work.model += 3 * (share * t->cost.blocks + labels * t->cost.head);
    t->work.executed += share * t->cost.blocks_executed + labels * t->cost.head_executed;
}
