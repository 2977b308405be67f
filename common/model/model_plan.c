/*
 * model_plan.c: the memory of a step, and what of it is spent on not computing again.
 *
 * Every array comes from an arena. The code that lays out the largest batch first runs on an
 * arena that only counts, then on the real one, so that the memory is known beforehand.
 */
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

/* Bring the arenas' peaks to what a step with sequences of T tokens takes at most: what is
 * stored throughout and, one after the other, what each part of the model needs besides. */
static void count_batch(struct model *m, size_t T)
{
    size_t spans = params_spans(&m->params);

    model_carve(m, m->batch, T);
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

static size_t count_memory(struct model *m)
{
    size_t few =
        m->cfg.reverse_thres < m->shape.max_len ? m->cfg.reverse_thres : m->shape.max_len;

    arena_count(&m->step);
    arena_count(&m->host);
    m->too_large = false;
    count_batch(m, m->shape.max_len);
    m->too_large = m->too_large || m->work.N > INT32_MAX;
    if (few)
        count_batch(m, few);
    return m->too_large ? SIZE_MAX : model_counted_bytes(m, m->step.peak, m->host.peak);
}

/* Store as much as the budget allows, first what saves most operations for each byte: M / 2 for
 * the stream that feed-forward is added to, about (E + 2 C R) / 3 for what attention made, E /
 * 2 for the feed-forward layer's inside, Q / 2 for the stream of attention. Late layers are as
 * good as early ones. */
static void choose_kept(struct model *m, size_t budget)
{
    static const struct {
        bool second, inner;
    } items[] = {{true, false}, {false, true}, {true, true}, {false, false}};

    for (size_t i = 0; i < sizeof items / sizeof *items; i++)
        for (size_t b = items[i].second; b < m->params.branches; b += 2) {
            struct plan was = m->plan[b];

            if (items[i].inner)
                m->plan[b].inner = true;
            else
                m->plan[b].stream = true;
            if (count_memory(m) > budget) {
                m->plan[b] = was;
                break;
            }
        }
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
