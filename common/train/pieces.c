#include "train/pieces.h"

#include <stdlib.h>

/* How many numbers a piece has at most: a 64th of a small block, a 512th of a large one, so
 * that the parts of up to some dozens or hundreds of ranks are about equal, and no work goes to
 * waste on small pieces. Within a tensor pieces begin at multiples of STEP: a device that goes
 * through a whole tensor in steps of a power of two up to that goes through its pieces in the
 * same ones. */
enum { STEP = 1 << 13, FEW = 64, MANY = 512, LARGE = 1 << 20 };

/* --- cutting */

/* The pieces that are being made; the last one is open while it has numbers. */
struct cutter {
    struct pieces *to;
    size_t room;  /* pieces that there is memory for; 0: they are only counted */
    size_t most;  /* numbers of a piece, unless it is one tensor that stays whole */
    size_t begin; /* of the open piece */
    size_t end;
    double cost;
};

static void close_piece(struct cutter *c)
{
    struct pieces *p = c->to;

    if (c->end == c->begin)
        return;
    if (p->n < c->room)
        p->at[p->n] = (struct piece){c->begin, c->end - c->begin, p->n, c->cost};
    p->n++;
    c->begin = c->end;
    c->cost = 0;
}

/* Whether each number is updated by itself, whatever the rest of its tensor. */
static bool is_simple(const struct param *p, const struct optim_cfg *cfg)
{
    if (cfg->kind == OPTIM_ADAFACTOR || (cfg->kind == OPTIM_MUON && p->inner))
        return false;
    return cfg->kind == OPTIM_LION || !cfg->clip_update;
}

/* What the update of a number costs. Each step of Muon's iteration makes three products with
 * about as many operations for a number as the shorter side has; 16 of them take as long as one
 * number takes to be read and written. */
static double cost_of(const struct param *p, const struct optim_cfg *cfg)
{
    size_t side = p->shape[0] < p->shape[1] ? p->shape[0] : p->shape[1];

    if (cfg->kind != OPTIM_MUON || !p->inner)
        return 1;
    return 1 + 3.0 / 16 * (double)(cfg->ns_steps * side);
}

/* Add a tensor to the open piece or cut it; it ends at `end`, where the next one begins. */
static void add_tensor(struct cutter *c, const struct param *p, size_t end,
                       const struct optim_cfg *cfg)
{
    double cost = cost_of(p, cfg);
    size_t n = end - p->offset;

    if (p->offset > c->begin && end - c->begin > c->most)
        close_piece(c);
    for (; n > c->most && is_simple(p, cfg); n -= c->most) {
        c->end = end - (n - c->most);
        c->cost = cost * (double)c->most;
        close_piece(c);
    }
    c->end = end;
    c->cost += cost * (double)n;
}

/* Where the tensor behind parameter i of a span begins, or the span ends. */
static size_t next_begin(const struct params *params, const struct params_span *span, size_t i)
{
    for (i++; i < span->first + span->n; i++)
        if (params->p[i].count)
            return params->p[i].offset;
    return span->offset + span->floats;
}

static void cut_span(struct cutter *c, const struct params *params,
                     const struct params_span *span, const struct optim_cfg *cfg)
{
    c->begin = c->end = span->offset;
    c->cost = 0;
    for (size_t i = span->first; i < span->first + span->n; i++)
        if (params->p[i].count)
            add_tensor(c, &params->p[i], next_begin(params, span, i), cfg);
    close_piece(c);
}

static size_t most_of(size_t floats)
{
    size_t most = floats / FEW;

    if (most > LARGE)
        most = floats / MANY < LARGE ? LARGE : floats / MANY;
    return most / STEP * STEP + STEP;
}

/* Make the pieces, or count them where there is no room. The generator's come last. */
static void cut_all(struct pieces *to, size_t room, const struct params *params,
                    const struct optim_cfg *cfg)
{
    struct cutter c = {.to = to, .room = room, .most = most_of(params->floats)};
    struct params_span generator = params_of_generator(params);

    to->n = 0;
    for (size_t i = 0; i < params_spans(params); i++) {
        struct params_span span = params_span(params, i);

        cut_span(&c, params, &span, cfg);
    }
    if (generator.floats)
        cut_span(&c, params, &generator, cfg);
}

static int by_offset(const void *a, const void *b)
{
    size_t x = ((const struct piece *)a)->offset, y = ((const struct piece *)b)->offset;

    return x < y ? -1 : x > y;
}

/* A piece belongs to the part that the middle of its cost lies in. */
static void find_parts(struct pieces *p, const struct params *params, size_t parts)
{
    double all = 0, before = 0;
    size_t part = 0;

    for (size_t i = 0; i < p->n; i++)
        all += p->at[i].cost;
    for (size_t i = 0; i < p->n; i++) {
        double middle = before + p->at[i].cost / 2;

        for (; part < parts && middle >= all * (double)part / (double)parts; part++) {
            p->first[part] = i;
            p->border[part] = p->at[i].offset;
        }
        before += p->at[i].cost;
    }
    for (; part <= parts; part++) {
        p->first[part] = p->n;
        p->border[part] = params->floats;
    }
    p->first[0] = p->border[0] = 0;
}

int pieces_new(struct pieces *p, const struct params *params, const struct optim_cfg *cfg,
               size_t parts, struct errbuf *eb)
{
    size_t n;

    *p = (struct pieces){.n = 0};
    cut_all(p, 0, params, cfg);
    n = p->n;
    p->at = calloc(n + 1, sizeof *p->at);
    p->order = calloc(n + 1, sizeof *p->order);
    p->first = calloc(parts + 1, sizeof *p->first);
    p->border = calloc(parts + 1, sizeof *p->border);
    if (!p->at || !p->order || !p->first || !p->border)
        return err_nomem(eb);
    cut_all(p, n, params, cfg);
    qsort(p->at, n, sizeof *p->at, by_offset);
    for (size_t i = 0; i < n; i++)
        p->order[p->at[i].place] = i;
    find_parts(p, params, parts);
    return RF_OK;
}

void pieces_free(struct pieces *p)
{
    free(p->at);
    free(p->order);
    free(p->first);
    free(p->border);
    *p = (struct pieces){.n = 0};
}
