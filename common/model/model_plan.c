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
    return m->too_large ? SIZE_MAX : m->step.peak + m->host.peak;
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

int model_take_memory(struct model *m, struct errbuf *eb)
{
    size_t device_bytes = m->step.peak, host_bytes = m->host.peak;

    m->w = m->op->mem_new(m->nn, m->params.floats * sizeof(float));
    m->memory = m->op->mem_new(m->nn, device_bytes);
    m->host_memory = m->op->host_new(m->nn, host_bytes);
    arena_wrap(&m->step, m->memory, device_bytes);
    if (m->host_memory)
        arena_init(&m->host, m->host_memory, host_bytes);
    if (!m->w || !m->memory || !m->host_memory)
        return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for weights, %.0f MB for a batch",
                       (double)m->params.floats * sizeof(float) / 1e6,
                       (double)(device_bytes + host_bytes) / 1e6);
    return RF_OK;
}

/* --- operations of a batch */

/* Of an attention for one token: the products around it, and itself. */
static double attn_products(const struct model *m)
{
    return 2.0 * (double)(m->shape.dim * (m->shape.QK + m->shape.VD));
}

static double attn_out(const struct model *m)
{
    return 2.0 * (double)(m->shape.dim * m->shape.QK);
}

static double attn_itself(const struct model *m)
{
    const struct model_cfg *c = &m->cfg;
    double half = c->causal ? 0.5 : 1, D = (double)m->shape.D, C = (double)c->chunk;
    double local = (c->causal ? 4 : 6) * C, keys = (double)m->work.K * half;
    size_t others = m->shape.heads - c->local_heads;

    if (!m->work.full)
        keys = 2 * C * (double)c->rounds;
    return 4 * D * ((double)c->local_heads * local + (double)others * keys);
}

static double hashing(const struct model *m)
{
    return 2.0 * (double)(m->work.hash.H * hash_rotation(&m->work.hash));
}

static double pkm_work(const struct model *m)
{
    const struct model_cfg *c = &m->cfg;
    double heads = (double)c->pkm_heads, dim = (double)c->pkm_dim, E = (double)m->shape.dim;

    return 4 * heads * dim * (E + (double)c->pkm_keys) + 2 * heads * (double)c->pkm_topk * E;
}

/* Operations forward, and those of backward to compute it anew. */
struct ops {
    double once, again;
};

/* Of branch b for a token, and for a row of interest, where it ends in those. */
static void branch_work(const struct model *m, size_t b, struct ops *token, struct ops *row)
{
    const struct plan *plan = &m->plan[b];
    struct ops *end = model_ends_in_rows(m, b) ? row : token;
    double inner = plan->inner ? 0 : 1, stream = plan->stream ? 0 : 1, in, out;

    switch (model_branch(m, b)) {
    case BRANCH_ATTN:
        token->once += attn_products(m) + hashing(m);
        token->again += inner * attn_products(m);
        in = attn_itself(m);
        out = attn_out(m);
        break;
    case BRANCH_FF:
        in = 2.0 * (double)(m->shape.dim * m->shape.ff_in);
        out = 2.0 * (double)(m->shape.dim * m->shape.ff);
        break;
    default:
        in = pkm_work(m);
        inner = 1;
        out = 0;
    }
    end->once += in + out;
    end->again += inner * in + stream * out;
}

void model_count_work(struct model *m, struct model_cost *c)
{
    double tokens = (double)m->batch * (double)m->shape.max_len, again;
    struct ops token = {0}, row = {0};

    model_measure(m, m->batch, m->shape.max_len);
    again = m->work.keep_all ? 0 : 1;
    for (size_t b = 0; b < m->params.branches; b++)
        branch_work(m, b, &token, &row);
    row.once += 2.0 * (double)m->shape.emb * (double)m->shape.vocab;
    if (m->shape.emb != m->shape.dim)
        row.once += 2.0 * (double)(m->shape.emb * m->shape.dim);
    c->blocks = tokens * token.once;
    c->blocks_executed = tokens * (3 * token.once + again * token.again);
    c->head = row.once;
    c->head_executed = 3 * row.once + again * row.again;
}
