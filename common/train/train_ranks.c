/* train_ranks.c: what the ranks of a run tell each other: the sums of a step, its gradient, the
 * weights that come of it, and who wants to save or to stop. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/train_parts.h"

/* --- how a run is shared */

int train_check_ranks(const struct train *t, struct errbuf *eb)
{
    uint64_t size = (uint64_t)t->ranks->size, slots = t->cfg->train.slots;

    if (size == 1)
        return RF_OK;
    if (t->cfg->optim.in_backward)
        return err_set(eb, RF_EUSAGE, "optim.in_backward is for one rank, not for %llu",
                       (unsigned long long)size);
    if (slots % size == 0)
        return RF_OK;
    return err_set(eb, RF_EUSAGE,
                   "train.slots %llu cannot be shared out to %llu ranks: say --ranks %llu, or "
                   "train.slots %llu",
                   (unsigned long long)slots, (unsigned long long)size,
                   (unsigned long long)slots, (unsigned long long)size);
}

/* A step's slots of a rank are `per` at most. Its news are these numbers, and the sums of the
 * slots behind them. */
struct news {
    uint64_t labels, tokens;
    struct nn_sum sum[];
};

static size_t news_bytes(const struct train *t)
{
    uint64_t per = t->cfg->train.slots / (uint64_t)t->ranks->size;

    return sizeof(struct news) + per * t->job->task->sums * sizeof(struct nn_sum);
}

static struct news *news_of(const struct train *t, int rank)
{
    return (struct news *)(void *)(t->exchange.news + (size_t)rank * news_bytes(t));
}

static size_t squares_bytes(const struct train *t)
{
    return t->learner.pieces.n * sizeof(double);
}

int train_exchange_new(struct train *t, struct errbuf *eb)
{
    struct exchange *x = &t->exchange;
    struct nn *nn = t->nn;
    size_t size = (size_t)t->ranks->size;

    if (size == 1)
        return RF_OK;
    x->part = ranks_part(t->ranks, t->ranks->rank);
    x->news = calloc(size, news_bytes(t));
    x->wishes = calloc(size, sizeof *x->wishes);
    x->squares = calloc(1, squares_bytes(t));
    x->device_squares = nn->ops->mem_new(nn, squares_bytes(t));
    if (!x->news || !x->wishes || !x->squares || !x->device_squares)
        return err_nomem(eb);
    return RF_OK;
}

/* Each rank by itself, once it is known how they exchange. */
static int take_exchange(struct train *t, struct errbuf *eb)
{
    struct exchange *x = &t->exchange;
    struct nn *nn = t->nn;

    if (!nn->ops->in_host && !x->peers &&
        !(x->block = nn->ops->host_new(nn, t->learner.grad_bytes)))
        return err_nomem(eb);
    return train_sum_new(t, eb);
}

int train_exchange_open(struct train *t, struct errbuf *eb)
{
    int rc;

    if (t->ranks->size == 1)
        return RF_OK;
    if (!t->nn->ops->in_host && (rc = train_peers_join(t, eb)) != RF_OK)
        return rc;
    return ranks_agree(t->ranks, take_exchange(t, eb), eb);
}

void train_exchange_free(struct train *t, bool together)
{
    struct exchange *x = &t->exchange;

    train_peers_leave(t, together);
    train_sum_free(t);
    if (x->device_squares)
        t->nn->ops->mem_free(t->nn, x->device_squares, squares_bytes(t));
    if (x->block)
        t->nn->ops->host_free(t->nn, x->block, t->learner.grad_bytes);
    free(x->news);
    free(x->wishes);
    free(x->squares);
    *x = (struct exchange){.part = 0};
}

/* --- a step */

/* Add up what the news of all ranks say, and bring the sums of all slots to the device, in the
 * order of slots. */
static void read_news(struct train *t)
{
    size_t sums = t->job->task->sums, size = (size_t)t->ranks->size;
    struct nn *nn = t->nn;

    t->labels = t->tokens = 0;
    for (size_t k = 0; k < size; k++) {
        const struct news *of = news_of(t, (int)k);
        struct slots s = share_slots(&t->cfg->train, t->state.step, k, size);

        t->labels += of->labels;
        t->tokens += of->tokens;
        memcpy(t->got->sum + s.first * sums, of->sum, s.count * sums * sizeof *of->sum);
    }
    nn->ops->upload(nn, t->totals->sum, t->got->sum, t->slots * sums * sizeof *t->got->sum);
}

int train_share_sums(struct train *t, struct errbuf *eb)
{
    size_t sums = t->job->task->sums, rank = (size_t)t->ranks->rank;
    struct slots own = share_slots(&t->cfg->train, t->state.step, rank, (size_t)t->ranks->size);
    struct news *mine = news_of(t, (int)rank);
    struct nn *nn = t->nn;
    int rc;

    mine->labels = t->labels;
    mine->tokens = t->tokens;
    if (own.count)
        nn->ops->download(nn, mine->sum, t->totals->sum + own.first * sums,
                          own.count * sums * sizeof *mine->sum);
    if ((rc = nn_status(nn, eb)) != RF_OK ||
        (rc = ranks_share(t->ranks, t->exchange.news, mine, news_bytes(t), eb)) != RF_OK)
        return rc;
    read_news(t);
    return RF_OK;
}

int train_share_squares(struct train *t, const float *grad, struct errbuf *eb)
{
    const struct pieces *p = &t->learner.pieces;
    struct exchange *x = &t->exchange;
    size_t first = p->first[x->part], end = p->first[x->part + 1];
    struct nn *nn = t->nn;
    double all = 0;
    int rc;

    nn->ops->fill(nn, (float *)(void *)x->device_squares, 0, squares_bytes(t) / sizeof(float));
    for (size_t i = first; i < end; i++)
        nn->ops->add_squares(nn, &x->device_squares[i], grad + p->at[i].offset,
                             p->at[i].floats);
    nn->ops->download(nn, x->squares, x->device_squares, squares_bytes(t));
    if ((rc = nn_status(nn, eb)) != RF_OK ||
        (rc = ranks_gather(t->ranks, x->squares, p->first, sizeof *x->squares, eb)) != RF_OK)
        return rc;
    for (size_t i = 0; i < p->n; i++)
        all += x->squares[p->order[i]];
    nn->ops->upload(nn, &t->totals->squares, &all, sizeof all);
    return RF_OK;
}

int train_gather_weights(struct train *t, struct errbuf *eb)
{
    const struct params_part *own = &t->learner.optim.part;
    const size_t *border = t->learner.pieces.border;
    float *w = model_weights(t->learner.model), *block = t->exchange.block;
    struct nn *nn = t->nn;
    int rc;

    if (t->ranks->size == 1)
        return RF_OK;
    if (t->exchange.peers)
        return train_peers_gather(t, w, border, eb);
    if (!block) {
        nn->ops->wait(nn);
        rc = nn_status(nn, eb);
        return rc == RF_OK ? ranks_gather(t->ranks, w, border, sizeof *w, eb) : rc;
    }
    nn->ops->download(nn, block + own->from, w + own->from, (own->to - own->from) * sizeof *w);
    if ((rc = nn_status(nn, eb)) != RF_OK ||
        (rc = ranks_gather(t->ranks, block, border, sizeof *w, eb)) != RF_OK)
        return rc;
    nn->ops->upload(nn, w, block, model_params(t->learner.model)->floats * sizeof *w);
    return RF_OK;
}

/* --- between steps */

int train_share_wishes(struct train *t, struct wish *mine, struct errbuf *eb)
{
    struct wish *all = t->exchange.wishes;
    int rc;

    if (t->ranks->size == 1)
        return RF_OK;
    if ((rc = ranks_share(t->ranks, all, mine, sizeof *all, eb)) != RF_OK)
        return rc;
    *mine = all[0];
    for (int i = 1; i < t->ranks->size; i++)
        mine->asked |= all[i].asked;
    return RF_OK;
}

int train_tell_outcome(struct train *t, int rc, struct errbuf *eb)
{
    struct {
        int64_t rc;
        struct errbuf why;
    } of = {.rc = rc, .why = *eb};
    int told = ranks_tell(t->ranks, &of, sizeof of, eb);

    if (told != RF_OK)
        return told;
    *eb = of.why;
    return (int)of.rc;
}
