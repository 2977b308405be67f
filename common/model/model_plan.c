/*
 * model_plan.c: the memory of a step, and what of it is spent on not computing again.
 *
 * Every array comes from an arena. The code that lays out the largest batch first runs on an
 * arena that only counts, then on the real one, so that the memory is known beforehand.
 */
#include <math.h>

#include "model/layers.h"
#include "model/model_parts.h"

static void carve_branch(struct model *m, size_t b)
{
    switch (model_branch(m, b)) {
    case BRANCH_ATTN:
        model_carve_attn(m, false);
        if (m->train)
            model_carve_attn(m, true);
        break;
    case BRANCH_FF: model_carve_ff(m); break;
    default: model_carve_pkm(m, m->train);
    }
}

/* Bring the arenas' peaks to what a step with B sequences of T tokens takes at most: what is
 * stored throughout and, one after the other, what each part of the model needs besides. */
static void count_batch(struct model *m, size_t B, size_t T)
{
    size_t spans = params_spans(&m->params);

    model_carve(m, B, T);
    model_carve_ends(m, true);
    for (size_t i = 0; i < spans; i++) {
        model_open_span(m, i);
        if (i == 0 || i + 1 == spans)
            model_carve_ends(m, false);
        else
            carve_branch(m, m->params.branches - i);
        arena_rewind(&m->step, m->mark);
    }
}

size_t model_rows(const struct model *m, size_t piece)
{
    size_t each = piece ? (m->shape.max_len + piece - 1) / piece : 1;

    return model_times(m->batch, each);
}

/* The same for batches of sequences of up to T tokens. */
static void count_length(struct model *m, size_t B, size_t T)
{
    size_t few = m->cfg.reverse_thres < T ? m->cfg.reverse_thres : T;

    count_batch(m, B, T);
    m->too_large = m->too_large || m->work.N > INT32_MAX;
    if (few)
        count_batch(m, B, few);
}

static size_t count_memory(struct model *m)
{
    arena_count(&m->step);
    arena_count(&m->host);
    m->too_large = false;
    count_length(m, m->batch, m->shape.max_len);
    for (size_t i = 0; m->train && i < MODEL_PIECES_MAX && m->cfg.pieces[i]; i++)
        if (m->cfg.pieces[i] < m->shape.max_len)
            count_length(m, model_rows(m, m->cfg.pieces[i]), m->cfg.pieces[i]);
    return m->too_large ? SIZE_MAX : model_counted_bytes(m, m->step.peak, m->host.peak);
}

/* Something of branches that may be stored: of all first or of all second ones of a layer. */
struct item {
    bool second, inner;
};

/* How much storing it saves, by which branches are told from each other: keys that a query of
 * an attention meets in all heads. */
static double worth(const struct model *m, const struct item *item, size_t b)
{
    const struct model_cfg *c = &m->cfg;
    bool aligned = c->lsh_layout == LAYOUT_ALIGNED;
    struct attend_dims s = {.T = m->shape.max_len,
                            .R = c->rounds,
                            .C = local_chunk(c),
                            .back = c->local_back,
                            .causal = c->causal};
    double local, others;

    if (item->second || !item->inner)
        return 1;
    s.kind = ATTEND_LOCAL;
    local = attend_keys(&s);
    s.C = c->chunk;
    s.kind = m->shape.full[b / 2] ? ATTEND_FULL : aligned ? ATTEND_ALIGNED : ATTEND_LSH;
    others = attend_keys(&s);
    return local * (double)model_local(m, b) +
           others * (double)(m->shape.heads - model_local(m, b));
}

/* The largest worth below `below`; 0: there is none. */
static double next_worth(const struct model *m, const struct item *item, double below)
{
    double most = 0;

    for (size_t b = item->second; b < m->params.branches; b += 2) {
        double x = worth(m, item, b);

        if (x < below && x > most)
            most = x;
    }
    return most;
}

/* Store it of one branch. False: the budget does not allow it. */
static bool keep(struct model *m, const struct item *item, size_t b, size_t budget)
{
    struct plan was = m->plan[b];

    if (item->inner)
        m->plan[b].inner = true;
    else
        m->plan[b].stream = true;
    if (count_memory(m) <= budget)
        return true;
    m->plan[b] = was;
    return false;
}

/* Store it of as many branches as the budget allows, of those first where it is worth most. It
 * takes the same of all. */
static void keep_most(struct model *m, const struct item *item, size_t budget)
{
    double x = (double)INFINITY;

    while ((x = next_worth(m, item, x)) > 0)
        for (size_t b = item->second; b < m->params.branches; b += 2)
            if (worth(m, item, b) == x && !keep(m, item, b, budget))
                return;
}

/* Store as much as the budget allows, first what saves most operations for each byte: M / 2 for
 * the stream that feed-forward is added to, about (E + 2 C R) / 3 for what attention made, E /
 * 2 for the feed-forward layer's inside, Q / 2 for the stream of attention. Late layers are as
 * good as early ones. */
static void choose_kept(struct model *m, size_t budget)
{
    static const struct item items[] = {
        {true, false}, {false, true}, {true, true}, {false, false}};

    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        keep_most(m, &items[i], budget);
}

int model_make_plan(struct model *m, size_t budget, struct errbuf *eb)
{
    if (count_memory(m) == SIZE_MAX)
        return err_set(eb, RF_ENOMEM, "a batch of %zu x %zu tokens is too large", m->batch,
                       m->shape.max_len);
    if (m->train)
        choose_kept(m, budget);
    count_memory(m); /* leaves in the arenas' peaks what the plan takes */
    return RF_OK;
}

void model_share(struct model *m)
{
    for (size_t i = 0; m->generator && i < PARAM_EMBED; i++)
        m->generator->at[i] = m->at[i];
}

/* Where each parameter lies in the block of weights. */
static void place_weights(struct model *m)
{
    for (size_t i = 0; i < m->params.n; i++)
        if (m->params.p[i].offset < m->params.floats)
            m->at[i] = m->w + m->params.p[i].offset;
    model_share(m);
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

int model_take_memory(struct model *m, struct errbuf *eb)
{
    struct model *g = m->generator;
    size_t device_bytes = g ? larger(m->step.peak, g->step.peak) : m->step.peak;
    size_t host_bytes = g ? larger(m->host.peak, g->host.peak) : m->host.peak;

    m->w = m->mapped ? NULL : m->op->mem_new(m->nn, m->params.floats * sizeof(float));
    m->memory = m->op->mem_new(m->nn, device_bytes);
    m->host_memory = m->op->host_new(m->nn, host_bytes);
    if (m->w)
        place_weights(m);
    arena_wrap(&m->step, m->memory, device_bytes);
    if (g)
        arena_wrap(&g->step, m->memory, device_bytes);
    if (m->host_memory)
        arena_init(&m->host, m->host_memory, host_bytes);
    if (m->host_memory && g)
        arena_init(&g->host, m->host_memory, host_bytes);
    if ((!m->w && !m->mapped) || !m->memory || !m->host_memory)
        return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for weights, %.0f MB for a batch",
                       (double)m->params.floats * sizeof(float) / 1e6,
                       (double)(device_bytes + host_bytes) / 1e6);
    return RF_OK;
}
