/* train_states.c: the optimiser's states in files, where each rank has a part of them: rank 0
 * asks for the others' numbers piece by piece while it writes, and each rank takes its own of
 * what it reads. */
#include <stdlib.h>

#include "train/train_parts.h"

/* Numbers first to first + n of a state, which one rank has; n 0: nothing more is asked for. */
struct request {
    uint64_t state, first, n;
};

/* The part that has number `first` of a state. */
static size_t part_with(const struct pieces *p, const struct optim_state *s, size_t first)
{
    size_t at = s->param->offset + (s->split ? first : 0), part = 0;

    while (p->border[part + 1] <= at)
        part++;
    return part;
}

/* Copy what this rank has to the host's memory. */
static int read_here(const struct train *t, const struct optim_state *s,
                     const struct request *r, float *to, struct errbuf *eb)
{
    t->nn->ops->download(t->nn, to, s->here + (r->first - s->skip), r->n * sizeof *to);
    return nn_status(t->nn, eb);
}

static int get(void *self, const struct tensor *tensor, size_t first, size_t n, float *to,
               struct errbuf *eb)
{
    struct train_states *of = self;
    struct train *t = of->train;
    const struct pieces *p = &t->learner.pieces;
    struct request r = {.state = (uint64_t)(tensor - of->first)};
    struct optim_state s = optim_state(&t->learner.optim, r.state);
    int rc = RF_OK;

    for (size_t end = first + n; first < end && rc == RF_OK; first += r.n, to += r.n) {
        size_t part = part_with(p, &s, first), left = p->border[part + 1] - s.param->offset;
        int owner = ranks_owner(t->ranks, part);

        r.first = first;
        r.n = s.split && left < end ? left - first : end - first;
        if (owner == 0)
            rc = read_here(t, &s, &r, to, eb);
        else if ((rc = ranks_tell(t->ranks, &r, sizeof r, eb)) == RF_OK)
            rc = ranks_fetch(t->ranks, owner, to, r.n * sizeof *to, eb);
    }
    return rc;
}

static int put(void *self, const struct tensor *tensor, const float *x, struct errbuf *eb)
{
    struct train_states *of = self;
    struct nn *nn = of->train->nn;
    struct optim_state s = optim_state(&of->train->learner.optim, (size_t)(tensor - of->first));

    if (s.n)
        nn->ops->upload(nn, s.here, x + s.skip, s.n * sizeof *x);
    return nn_status(nn, eb);
}

void train_states_of(struct train_states *s, struct train *t, struct tensor *first, size_t n)
{
    *s = (struct train_states){{.self = s, .get = get, .put = put}, t, first};
    for (size_t i = 0; i < n; i++) {
        first[i].data = NULL;
        first[i].store = &s->store;
    }
}

/* Send rank 0 what it asked for, if this rank has it. *room has *size numbers, and grows. */
static int answer(struct train *t, const struct request *r, float **room, size_t *size,
                  struct errbuf *eb)
{
    struct optim_state s = optim_state(&t->learner.optim, r->state);
    int rank = t->ranks->rank, rc;
    float *more;

    if (ranks_owner(t->ranks, part_with(&t->learner.pieces, &s, r->first)) != rank)
        return RF_OK;
    if (*size < r->n) {
        if (!(more = realloc(*room, r->n * sizeof *more)))
            return err_nomem(eb);
        *room = more;
        *size = r->n;
    }
    rc = read_here(t, &s, r, *room, eb);
    return rc == RF_OK ? ranks_fetch(t->ranks, rank, *room, r->n * sizeof **room, eb) : rc;
}

int train_states_serve(struct train *t, struct errbuf *eb)
{
    float *room = NULL;
    size_t size = 0;
    struct request r;
    int rc;

    do {
        rc = ranks_tell(t->ranks, &r, sizeof r, eb);
        if (rc == RF_OK && r.n)
            rc = answer(t, &r, &room, &size, eb);
    } while (rc == RF_OK && r.n);
    free(room);
    return rc;
}

int train_states_end(struct train *t, struct errbuf *eb)
{
    struct request none = {.n = 0};

    return ranks_tell(t->ranks, &none, sizeof none, eb);
}
