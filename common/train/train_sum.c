/*
 * train_sum.c: the gradient of all ranks, summed while backward goes on.
 *
 * The last of a rank's slots completes the sum of its slots layer by layer, from the last one
 * to the first. So a range of layers is joined and its sum over the ranks begins as soon as
 * backward has left it, and goes on while backward works on those before.
 */
#include <stdlib.h>

#include "train/train_parts.h"

enum { GROUPS = 16 }; /* ranges of branches, at most about */

/* Numbers of a block of gradients that are summed together. */
struct range {
    size_t offset, floats;
    size_t last;    /* they are complete when backward is done with this span, params_span() */
    size_t *border; /* [ranks + 1] of each rank's part of them */
    struct ranks_sum *sum; /* NULL: devices add by themselves */
};

struct grad_sum {
    struct range *range; /* [n], in the order in which they are complete */
    size_t n, started;   /* how many of them are under way */
    size_t *borders;     /* of all of them */
    bool begun;          /* a step's last slot is being computed, or there */
    size_t level;        /* its block of gradients, which is to be joined to those above it */
    struct model_watch watch;
};

/* --- making */

static void add_range(struct grad_sum *s, size_t offset, size_t floats, size_t last)
{
    if (floats)
        s->range[s->n++] = (struct range){offset, floats, last, NULL, NULL};
}

/* Neighbouring branches, which are complete from the last to the first, make a range together
 * until it is long enough. */
static void add_branches(struct grad_sum *s, const struct params *p)
{
    size_t offset = 0, floats = 0;

    for (size_t i = 1; i <= p->branches; i++) {
        struct params_span span = params_span(p, i);

        if (span.floats)
            offset = span.offset;
        floats += span.floats;
        if (floats > p->floats / GROUPS || i == p->branches) {
            add_range(s, offset, floats, i);
            floats = 0;
        }
    }
}

/* The generator's own gradients and those of what it shares, which lie behind all others, are
 * there before those of the other model. */
static void find_ranges(struct grad_sum *s, const struct params *p)
{
    struct params_span head = params_span(p, 0), generator = params_of_generator(p);
    struct params_span embedding = params_span(p, p->branches + 1);

    add_range(s, generator.offset, generator.floats, 0);
    add_range(s, p->floats, p->shared, 0);
    add_range(s, head.offset, head.floats, 0);
    add_branches(s, p);
    add_range(s, embedding.offset, embedding.floats, p->branches + 1);
}

/* Where the parts of a block begin within a range. Who has the gradient of a number that a
 * generator shares has the one behind all others too. */
static void range_borders(size_t *to, const struct range *r, const struct pieces *pieces,
                          size_t parts, size_t floats)
{
    size_t shift = r->offset == floats ? floats : 0;

    for (size_t i = 0; i <= parts; i++) {
        size_t at = pieces->border[i] + shift, end = r->offset + r->floats;

        to[i] = at < r->offset ? r->offset : at < end ? at : end;
    }
}

static int new_sums(struct grad_sum *s, const struct train *t, struct errbuf *eb)
{
    const struct params *p = model_params(t->learner.model);
    bool fast = t->cfg->train.reduce == REDUCE_FAST;
    size_t size = (size_t)t->ranks->size;
    int rc = RF_OK;

    find_ranges(s, p);
    for (size_t i = 0; i < s->n && rc == RF_OK; i++) {
        struct range *r = &s->range[i];

        r->border = s->borders + i * (size + 1);
        range_borders(r->border, r, &t->learner.pieces, size, p->floats);
        if (!t->exchange.peers)
            rc = ranks_sum_new(&r->sum, t->ranks, r->border, fast, eb);
    }
    return rc;
}

int train_sum_new(struct train *t, struct errbuf *eb)
{
    size_t most = params_spans(model_params(t->learner.model)) + 2;
    struct grad_sum *s = t->exchange.sum = calloc(1, sizeof *s);

    if (!s)
        return err_nomem(eb);
    s->range = calloc(most, sizeof *s->range);
    s->borders = calloc(most * ((size_t)t->ranks->size + 1), sizeof *s->borders);
    return s->range && s->borders ? new_sums(s, t, eb) : err_nomem(eb);
}

/* What is under way when a run fails is left to MPI: the process ends soon. */
void train_sum_free(struct train *t)
{
    struct grad_sum *s = t->exchange.sum;

    if (!s)
        return;
    for (size_t i = s->started; i < s->n; i++)
        ranks_sum_free(s->range[i].sum);
    free(s->range);
    free(s->borders);
    free(s);
    t->exchange.sum = NULL;
}

/* --- the sum of a step */

static void join_range(struct train *t, const struct range *r)
{
    float **grad = t->learner.grad;

    for (size_t k = t->exchange.sum->level; k > 0; k--)
        t->nn->ops->combine(t->nn, grad[k - 1] + r->offset, 1, grad[k - 1] + r->offset, 1,
                            grad[k] + r->offset, r->floats);
}

static void start_range(struct train *t, const struct range *r)
{
    join_range(t, r);
    if (t->exchange.peers) {
        train_peers_sum(t, t->learner.grad[0], r->border);
    } else {
        t->nn->ops->wait(t->nn);
        ranks_sum_start(r->sum, t->learner.grad[0]);
    }
}

/* Join and start the ranges that are complete once backward is done with span `done`, and let
 * those that are under way go on, which between devices they do by themselves. */
static void start_ranges(struct train *t, size_t done)
{
    struct grad_sum *s = t->exchange.sum;

    for (; s->started < s->n && s->range[s->started].last <= done; s->started++)
        start_range(t, &s->range[s->started]);
    for (size_t i = 0; !t->exchange.peers && i < s->started; i++)
        ranks_sum_poll(s->range[i].sum);
}

static void backward_did(void *self, size_t span)
{
    start_ranges(self, span);
}

void train_sum_begin(struct train *t, size_t level, bool watches)
{
    struct grad_sum *s = t->exchange.sum;

    s->begun = true;
    s->level = level;
    s->watch = (struct model_watch){t, backward_did};
    if (watches && !t->exchange.block)
        model_watch(t->learner.model, &s->watch);
}

bool train_sum_begun(const struct train *t)
{
    return t->exchange.sum && t->exchange.sum->begun;
}

/* Where the devices have memory of their own and do not reach each other all is summed in a
 * copy. */
static int start_copy(struct train *t, struct errbuf *eb)
{
    struct grad_sum *s = t->exchange.sum;
    float *block = t->exchange.block;
    int rc;

    for (size_t i = 0; i < s->n; i++)
        join_range(t, &s->range[i]);
    t->nn->ops->download(t->nn, block, t->learner.grad[0], t->learner.grad_bytes);
    if ((rc = nn_status(t->nn, eb)) != RF_OK)
        return rc;
    for (; s->started < s->n; s->started++)
        ranks_sum_start(s->range[s->started].sum, block);
    return RF_OK;
}

/* Bring this rank's part of the copy back to the device. */
static void take_part(struct train *t)
{
    const struct params *p = model_params(t->learner.model);
    const struct params_part *own = &t->learner.optim.part;
    struct params_part behind = part_of_span(own, &(struct params_span){.floats = p->shared});
    float *grad = t->learner.grad[0], *block = t->exchange.block;

    t->nn->ops->upload(t->nn, grad + own->from, block + own->from,
                       (own->to - own->from) * sizeof *grad);
    t->nn->ops->upload(t->nn, grad + p->floats + behind.from, block + p->floats + behind.from,
                       (behind.to - behind.from) * sizeof *grad);
}

static int finish_ranges(struct train *t, struct errbuf *eb)
{
    const struct grad_sum *s = t->exchange.sum;
    int rc = RF_OK;

    if (t->exchange.peers)
        return train_peers_finish(t, eb);
    for (size_t i = 0; i < s->n && rc == RF_OK; i++)
        rc = ranks_sum_finish(s->range[i].sum, eb);
    return rc;
}

int train_sum_finish(struct train *t, struct errbuf *eb)
{
    struct grad_sum *s = t->exchange.sum;
    int rc = RF_OK;

    model_watch(t->learner.model, NULL);
    if (!t->exchange.block)
        start_ranges(t, SIZE_MAX);
    else
        rc = start_copy(t, eb);
    if (rc != RF_OK || (rc = finish_ranges(t, eb)) != RF_OK)
        return rc;
    s->started = 0;
    s->begun = false;
    if (t->exchange.block)
        take_part(t);
    return nn_status(t->nn, eb);
}
