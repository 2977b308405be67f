/* train_cost.c: what a run takes of memory and operations. */
#include <math.h>
#include <unistd.h>

#include "base/progress.h"
#include "train/train_parts.h"

size_t train_memory(const struct train_job *job)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

    return job->nn->about.memory_bytes ? job->nn->about.memory_bytes
                                       : (size_t)pages * (size_t)size;
}

/* What of it a run may take: of the host's own memory half. */
static size_t memory_limit(const struct train_job *job)
{
    if (job->cfg->train.memory)
        return job->cfg->train.memory;
    return job->nn->about.memory_bytes ? train_memory(job) : train_memory(job) / 2;
}

/* Blocks of gradients: one for each level of the tree over slots. */
static size_t levels_of(const struct rf_config *c)
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

/* What the device keeps to itself. */
static size_t scratch(const struct train_job *job, const struct params *p)
{
    const struct model_cfg *m = &job->cfg->model;
    const struct attend_dims attention = {.B = job->cfg->train.batch,
                                          .H = p->shape.group,
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
    n->gradients = levels_of(c) * params_gradients(p) * sizeof(float);
    n->optimiser = optim_bytes(&c->optim, p) + optim_work_bytes(&c->optim, p);
    n->scratch = scratch(job, p) + learner_room_bytes(job->task, p, c->train.batch, true);
    n->data = job->data_bytes + batches(job);
    n->total = n->weights + n->gradients + n->optimiser + n->scratch;
    if (job->nn->about.memory_bytes)
        n->host = n->data + n->weights + optim_bytes(&c->optim, p);
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
                                  .levels = levels_of(c)};
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

/* *fits: a run with so many sequences in a slot does. */
static int try_batch(bool *fits, const struct train_job *job, uint64_t batch, struct errbuf *eb)
{
    struct rf_config cfg = *job->cfg;
    struct train_job other = *job;
    struct train_needs n;
    int rc;

    cfg.train.batch = batch;
    other.cfg = &cfg;
    rc = train_needs(&n, &other, eb);
    *fits = rc == RF_OK && n.total <= train_memory(job);
    return rc;
}

int train_largest_batch(uint64_t *batch, const struct train_job *job, struct errbuf *eb)
{
    uint64_t most = opt_find(rf_config_rows, "train.batch")->max, fits = 0, over = 1;
    bool good = true;
    int rc = RF_OK;

    while (rc == RF_OK && good && over <= most) { /* no size is tried that is far too large */
        rc = try_batch(&good, job, over, eb);
        if (good)
            fits = over;
        over *= good ? 2 : 1;
    }
    if (over > most)
        over = most + 1;
    while (rc == RF_OK && over - fits > 1) {
        uint64_t middle = fits + (over - fits) / 2;

        rc = try_batch(&good, job, middle, eb);
        if (good)
            fits = middle;
        else
            over = middle;
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
