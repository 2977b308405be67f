/* train_cost.c: what a run takes of memory and operations. */
#include <math.h>

#include "base/progress.h"
#include "model/layers.h"
#include "train/train_parts.h"

size_t train_memory(const struct train_job *job)
{
    return job->nn->about.memory_bytes ? job->nn->about.memory_bytes : (size_t)machine_memory();
}

/* What of it a run may take: of the host's own memory half. */
static size_t memory_limit(const struct train_job *job)
{
    if (job->cfg->train.memory)
        return job->cfg->train.memory;
    return job->nn->about.memory_bytes ? train_memory(job) : train_memory(job) / 2;
}

static size_t ranks_of(const struct train_job *job)
{
    return job->ranks ? (size_t)job->ranks->size : 1;
}

/* Blocks of gradients: one for each level of the tree over a rank's slots. */
static size_t levels_of(const struct train_job *job)
{
    const struct rf_config *c = job->cfg;
    size_t levels = 0;

    for (uint64_t n = c->optim.in_backward ? 0 : c->train.slots / ranks_of(job); n; n /= 2)
        levels++;
    return levels;
}

/* Bytes of the optimiser's states on each rank, about: parts are about equal. */
static size_t states_of(const struct train_job *job, const struct params *p)
{
    return optim_bytes(&job->cfg->optim, p, NULL) / ranks_of(job);
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

/* The way to attend that takes most. */
static enum attend_kind attends_most_by(const struct model_cfg *m)
{
    if (!layers_hash(m))
        return ATTEND_FULL;
    return m->lsh_layout == LAYOUT_ALIGNED ? ATTEND_ALIGNED : ATTEND_LSH;
}

/* What the device keeps to itself. */
static size_t scratch(const struct train_job *job, const struct params *p)
{
    const struct model_cfg *m = &job->cfg->model;
    const struct attend_dims attention = {.kind = attends_most_by(m),
                                          .B = job->cfg->train.batch,
                                          .H = p->shape.group,
                                          .heads = p->shape.heads,
                                          .T = max_len_of(job),
                                          .D = p->shape.D,
                                          .R = m->rounds,
                                          .C = m->chunk,
                                          .duplicates = m->duplicates};

    return job->nn->ops->scratch_bytes(job->nn, &attention, labels_of(job),
                                       job->data.vocab_size);
}

/* Bytes of the batches that are read ahead, and of the batch of an evaluation. */
static size_t batches(const struct train_job *job)
{
    enum { EACH = 4 * sizeof(int32_t) + 1 };
    struct ramp_lengths cut;
    size_t rows, whole = job->cfg->train.batch * max_len_of(job);

    if (ramp_lengths_read(&cut, job->cfg->train.lengths, NULL) != RF_OK)
        return 0;
    return EACH * (FEED_SLOTS * slot_room(&rows, job->cfg->train.batch, max_len_of(job), &cut) +
                   whole);
}

/* Everything but the batch. The data lie in the host's memory: they count where that is the
 * device's too. */
static void fixed_needs(struct train_needs *n, const struct train_job *job,
                        const struct params *p)
{
    const struct rf_config *c = job->cfg;

    n->weights = p->floats * sizeof(float);
    n->gradients = levels_of(job) * params_gradients(p) * sizeof(float);
    n->optimiser = states_of(job, p) + optim_work_bytes(&c->optim, p);
    n->scratch = scratch(job, p) + learner_room_bytes(job->task, p, c->train.batch, true);
    n->data = job->data_bytes + batches(job);
    n->total = n->weights + n->gradients + n->optimiser + n->scratch;
    if (job->nn->about.memory_bytes)
        n->host = n->data + n->weights + states_of(job, p);
    else
        n->total += n->data;
}

static size_t budget_of(const struct train_job *job, const struct params *p)
{
    struct train_needs n;
    size_t limit = memory_limit(job);

    fixed_needs(&n, job, p);
    return limit > n.total ? limit - n.total : 0;
}

int train_size(struct learner_size *size, struct learner_cost *cost,
               const struct train_job *job, struct errbuf *eb)
{
    const struct rf_config *c = job->cfg;
    struct params p;
    int rc;

    *size = (struct learner_size){.task = job->task,
                                  .model = task_model(job->task, c, job->data.classes),
                                  .max_len = max_len_of(job),
                                  .vocab_size = job->data.vocab_size,
                                  .use = c->optim.in_backward ? MODEL_SPANS : MODEL_BACKWARD,
                                  .levels = levels_of(job),
                                  .parts = ranks_of(job)};
    if (job->ranks)
        size->part = ranks_part(job->ranks, job->ranks->rank);
    if ((rc = params_new(&p, &size->model, size->max_len, size->vocab_size, eb)) != RF_OK)
        return rc;
    size->budget = budget_of(job, &p);
    params_free(&p);
    return learner_cost(cost, &job->nn->about, c, job->task, size, eb);
}

size_t train_over(const struct train_job *job, const struct params *p, size_t step_bytes)
{
    struct train_needs n;

    fixed_needs(&n, job, p);
    n.total += step_bytes;
    return n.total > memory_limit(job) ? n.total : 0;
}

int train_needs(struct train_needs *n, const struct train_job *job, struct errbuf *eb)
{
    double slots = (double)job->cfg->train.slots, labels = labels_of(job);
    struct learner_size size;
    struct learner_cost c;
    struct params p;
    int rc;

    if (!max_len_of(job))
        return err_set(eb, RF_EUSAGE,
                       "without data model.max_len has to say how long sequences are");
    if ((rc = train_size(&size, &c, job, eb)) != RF_OK ||
        (rc = params_new(&p, &size.model, size.max_len, size.vocab_size, eb)) != RF_OK)
        return rc;
    *n = (struct train_needs){.parameters = c.params, .batch = c.step_bytes};
    fixed_needs(n, job, &p);
    n->total += n->batch;
    n->model_flops = slots * (c.blocks + labels * c.head);
    n->executed_flops = slots * (c.blocks_executed + labels * c.head_executed);
    params_free(&p);
    return RF_OK;
}

/* What a run takes at least with so many sequences in a slot. */
static int least_bytes(double *bytes, const struct train_job *job, uint64_t batch,
                       struct errbuf *eb)
{
    struct rf_config cfg = *job->cfg;
    struct train_job other = *job;
    struct train_needs n = {0};
    int rc;

    cfg.train.batch = batch;
    cfg.train.memory = 1;
    other.cfg = &cfg;
    rc = train_needs(&n, &other, eb);
    *bytes = (double)n.total;
    return rc;
}

/* Bytes are about a line over sequences: the next to be tried is where the line through the
 * last two has `most` bytes, and each fourth time the middle, should it be none. */
static uint64_t next_batch(const uint64_t at[2], const double bytes[2], double most,
                           uint64_t fits, uint64_t over, unsigned tries)
{
    double slope = (bytes[1] - bytes[0]) / ((double)at[1] - (double)at[0]);
    double next = (double)at[1] + (most - bytes[1]) / slope;

    if (tries % 4 == 3 || !(slope > 0))
        return fits + (over - fits) / 2;
    return (uint64_t)fmin(fmax(next, (double)fits + 1), (double)over - 1);
}

int train_largest_batch(uint64_t *batch, const struct train_job *job, struct errbuf *eb)
{
    double most = (double)train_memory(job), bytes[2] = {0};
    uint64_t fits = 0, over = (uint64_t)opt_find(rf_config_rows, "train.batch")->max + 1;
    uint64_t at[2] = {0}, next = 1;
    int rc = RF_OK;

    for (unsigned tries = 0; rc == RF_OK && over - fits > 1; tries++) {
        at[0] = at[1];
        bytes[0] = bytes[1];
        at[1] = next;
        rc = least_bytes(&bytes[1], job, next, eb);
        if (bytes[1] <= most)
            fits = next;
        else
            over = next;
        next = tries ? next_batch(at, bytes, most, fits, over, tries) : 2;
    }
    *batch = fits;
    return rc;
}

int train_check_room(const struct train_job *job, struct errbuf *eb)
{
    char needed[32], had[32];
    struct train_needs n;
    uint64_t batch;
    int rc;

    if (!job->nn->about.memory_bytes)
        return RF_OK;
    if ((rc = train_needs(&n, job, eb)) != RF_OK || n.total <= train_memory(job) ||
        (rc = train_largest_batch(&batch, job, eb)) != RF_OK)
        return rc;
    human(needed, sizeof needed, (double)n.total, "B");
    human(had, sizeof had, (double)train_memory(job), "B");
    if (!batch)
        return err_set(eb, RF_ENOMEM,
                       "the run takes %s, and device '%s' has %s: not even train.batch 1 fits",
                       needed, job->cfg->train.device, had);
    return err_set(
        eb, RF_ENOMEM,
        "the run takes %s, and device '%s' has %s: train.batch %llu fits, and no more", needed,
        job->cfg->train.device, had, (unsigned long long)batch);
}

void train_count(struct train *t, const struct model_batch *b)
{
    const struct learner_cost *cost = &t->cost[ramp_stage(&t->lengths, t->state.step)];
    double share = (double)(b->B * b->T) / (double)cost->tokens, labels = (double)b->n;

    t->work.model += share * cost->blocks + labels * cost->head;
    t->work.executed += share * cost->blocks_executed + labels * cost->head_executed;
}
