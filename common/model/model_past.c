/* model_past.c: what attention needs of the tokens so far, where a model goes on token by
 * token. */
#include <assert.h>
#include <stdlib.h>

#include "model/decode.h"
#include "model/layers.h"
#include "model/model_parts.h"

static const char *bar_of(const struct model_cfg *c, bool hashes, size_t max_len)
{
    if (!c->causal)
        return "its positions attend to later ones (model.causal)";
    if (c->mem_kv)
        return "it has keys behind its tokens (model.mem_kv)";
    if (hashes && c->full_attn_thres && c->full_attn_thres < max_len)
        return "its short sequences see every key (model.full_attn_thres)";
    return NULL;
}

const char *model_past_bar(const struct model_cfg *c, size_t max_len)
{
    return bar_of(c, layers_hash(c), max_len);
}

bool model_past_approximates(const struct model_cfg *c, size_t max_len)
{
    return c->lsh_layout != LAYOUT_ALIGNED && c->full_attn_thres < max_len && layers_hash(c);
}

/* --- memory */

static void *take(const struct model_past *p, size_t n, size_t size)
{
    size_t bytes = model_times(n, size);

    return bytes == SIZE_MAX ? NULL : p->m->op->mem_new(p->m->nn, bytes);
}

static void give_back(const struct model_past *p, void *x, size_t n, size_t size)
{
    if (x)
        p->m->op->mem_free(p->m->nn, x, n * size);
}

/* Lay out a step of one sequence: m->work.hash is as in all that come. */
static void carve_step(struct model_past *p)
{
    p->steps = true;
    p->m->past = p;
    model_carve(p->m, 1, 1);
    p->m->past = NULL;
}

/* Numbers of the arrays of one attention. */
struct sizes {
    size_t rows, wide, ring, count;
};

/* Rows that common positions and those of each sequence come to. */
static size_t rows_for(const struct model_past *p, size_t common, size_t each)
{
    size_t own = model_times(p->B, each);

    return own > SIZE_MAX - common ? SIZE_MAX : own + common;
}

/* Positions that attention b keeps, the last ones: where all heads are local, those of the
 * windows that they see. 0: all, which may be fewer. */
static size_t ring_of(const struct model_past *p, size_t b)
{
    const struct model *m = p->m;
    size_t ring = local_reach(&m->cfg);
    bool local = model_local(m, b) == m->shape.heads;

    return local && rows_for(p, ring, ring) < rows_for(p, p->prompt, p->more) ? ring : 0;
}

/* Rows of a head. */
static size_t rows_of(const struct model_past *p, size_t b)
{
    size_t ring = ring_of(p, b);

    return ring ? rows_for(p, ring, ring) : rows_for(p, p->prompt, p->more);
}

static struct sizes sizes_of(const struct model_past *p, size_t b)
{
    const struct model *m = p->m;
    size_t rows = model_times(m->shape.heads, rows_of(p, b));
    size_t hashed = model_hashed(m, b) * p->B * m->cfg.rounds;
    size_t count = hashed ? model_times(hashed, hash_buckets(&m->work.hash)) : 0;

    return (struct sizes){.rows = rows,
                          .wide = model_times(rows, m->shape.D),
                          .ring = m->cfg.lsh_layout == LAYOUT_ALIGNED
                                      ? model_times(count, 2 * m->cfg.chunk)
                                      : model_times(hashed, p->prompt + p->more),
                          .count = count};
}

static bool take_branch(struct model_past *p, size_t b)
{
    const struct sizes n = sizes_of(p, b);
    struct attend_past *a = &p->of[b];

    *a = (struct attend_past){.B = p->B,
                              .own = p->more,
                              .ring = ring_of(p, b),
                              .rows = rows_of(p, b),
                              .room = p->prompt + p->more};
    a->qk = take(p, n.wide, sizeof *a->qk);
    a->v = take(p, n.wide, sizeof *a->v);
    a->inv = take(p, n.rows, sizeof *a->inv);
    if (!n.count)
        return a->qk && a->v && a->inv;
    a->N = hash_buckets(&p->m->work.hash);
    a->recent = take(p, n.ring, sizeof *a->recent);
    a->count = take(p, n.count, sizeof *a->count);
    p->rot[b] = take(p, p->rot_floats, sizeof **p->rot);
    return a->qk && a->v && a->inv && a->recent && a->count && p->rot[b];
}

static void give_branch(const struct model_past *p, size_t b)
{
    const struct sizes n = sizes_of(p, b);
    const struct attend_past *a = &p->of[b];

    give_back(p, a->qk, n.wide, sizeof *a->qk);
    give_back(p, a->v, n.wide, sizeof *a->v);
    give_back(p, a->inv, n.rows, sizeof *a->inv);
    give_back(p, a->recent, n.ring, sizeof *a->recent);
    give_back(p, a->count, n.count, sizeof *a->count);
    give_back(p, p->rot[b], p->rot_floats, sizeof **p->rot);
}

static size_t head_floats(const struct model_past *p)
{
    const struct model *m = p->m;

    return m->cfg.tied_embedding && !m->stored ? m->shape.vocab * m->shape.emb : 0;
}

/* Make the tied head. */
static bool take_head(struct model_past *p)
{
    struct model *m = p->m;
    size_t n = head_floats(p), V = m->shape.vocab;
    float *stat = n ? take(p, V, sizeof *stat) : NULL;

    p->head = n ? take(p, n, sizeof *p->head) : NULL;
    if (p->head && stat)
        m->op->scale_norm_fwd(m->nn, p->head, stat, weight(m, PARAM_TOKEN), m->one, V,
                              m->shape.emb);
    give_back(p, stat, V, sizeof *stat);
    return !n || (p->head && stat);
}

static bool take_all(struct model_past *p)
{
    size_t branches = p->m->params.branches;

    p->of = calloc(branches, sizeof *p->of);
    p->rot = calloc(branches, sizeof *p->rot);
    p->rows = calloc(p->B, sizeof *p->rows);
    if (!p->of || !p->rot || !p->rows)
        return false;
    for (size_t i = 0; i < p->B; i++)
        p->rows[i] = (int32_t)i;
    for (size_t b = 0; b < branches; b++)
        if (model_branch(p->m, b) == BRANCH_ATTN && !take_branch(p, b))
            return false;
    return take_head(p);
}

int model_past_new(struct model_past **out, struct model *m, size_t B, size_t prompt,
                   size_t more, const struct model_draw *draw, struct errbuf *eb)
{
    const char *bar = bar_of(&m->cfg, m->shape.hashes, m->shape.max_len);
    struct model_past *p;

    if (bar)
        return err_set(eb, RF_EINVAL, "this model cannot go on token by token: %s", bar);
    assert(prompt && prompt <= m->shape.max_len && more < m->shape.max_len);
    if (!B || B > model_times(m->batch, m->shape.max_len))
        return err_set(eb, RF_EINVAL, "%zu sequences at once are too many", B);
    if (!(p = calloc(1, sizeof *p)))
        return err_nomem(eb);
    *p = (struct model_past){.m = m, .B = B, .prompt = prompt, .more = more, .draw = *draw};
    carve_step(p);
    p->rot_floats = hash_rotation(&m->work.hash) * m->work.hash.rots;
    if (!take_all(p)) {
        model_past_free(p);
        return err_set(eb, RF_ENOMEM, "no memory for %zu sequences of %zu tokens", B,
                       prompt + more);
    }
    *out = p;
    return RF_OK;
}

void model_past_free(struct model_past *p)
{
    if (!p)
        return;
    if (p->of && p->rot) {
        carve_step(p);
        for (size_t b = 0; b < p->m->params.branches; b++)
            give_branch(p, b);
    }
    give_back(p, p->head, head_floats(p), sizeof *p->head);
    free(p->of);
    free(p->rot);
    free(p->rows);
    free(p);
}

size_t model_past_length(const struct model_past *p)
{
    return p->t;
}

void model_past_clear(struct model_past *p, size_t T)
{
    for (size_t i = 0; i < p->m->params.branches; i++) { /* 0, as floats and as integers */
        p->of[i].common = T;
        if (p->of[i].count)
            p->m->op->fill(p->m->nn, (float *)(void *)p->of[i].count, 0, sizes_of(p, i).count);
    }
    p->t = 0;
    p->of_prompt = T;
    p->steps = false;
}

/* --- what the rest of the model asks */

const float *model_past_head(const struct model *m)
{
    return m->past->head;
}

float *model_past_rotations(const struct model *m, size_t b, bool *drawn)
{
    *drawn = m->past->drawn;
    return m->past->rot[b];
}

struct attend_past model_past_of(const struct model *m, size_t b, size_t head)
{
    struct attend_past a = m->past->of[b];
    size_t rows = head * a.rows, local = model_local(m, b), hashed;

    a.qk += rows * m->shape.D;
    a.v += rows * m->shape.D;
    a.inv += rows;
    if (a.count && head >= local) {
        hashed = (head - local) * a.B * m->cfg.rounds;
        a.recent += m->cfg.lsh_layout == LAYOUT_ALIGNED ? hashed * a.N * 2 * m->cfg.chunk
                                                        : hashed * a.room;
        a.count += hashed * a.N;
    }
    return a;
}
