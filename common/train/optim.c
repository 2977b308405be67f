#include "train/optim.h"

#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/muon.h"

enum { ALIGN_FLOATS = 16 };

/* Product-key values have a rate of their own: few tokens touch a row, so it needs larger steps
 * (Lample et al. 2019). */
static const char value_pattern[] = "*.pkm.value*";

/* --- which states a parameter has */

static size_t take_floats(size_t *at, size_t n)
{
    size_t place = *at;

    *at += (n + ALIGN_FLOATS - 1) / ALIGN_FLOATS * ALIGN_FLOATS;
    return place;
}

/* Note which of a parameter's numbers a part has. */
static void find_numbers(struct optim_place *p, const struct param *param,
                         const struct params_part *part)
{
    const struct params_span own = {.offset = param->offset, .floats = param->count};
    struct params_part both = part_of_span(part, &own);

    p->n = both.to - both.from;
    p->skip = p->n ? both.from - param->offset : 0;
}

/* Give the states of what a part has of a parameter places from *at on, which moves behind
 * them; returns how many states the parameter has. */
static size_t place_states(struct optim_place *p, const struct optim_cfg *cfg,
                           const struct param *param, const struct params_part *part,
                           size_t *at)
{
    bool adafactor = cfg->kind == OPTIM_ADAFACTOR, matrix = param->dims == 2;

    *p = (struct optim_place){.m = OPTIM_NONE,
                              .v = OPTIM_NONE,
                              .row = OPTIM_NONE,
                              .col = OPTIM_NONE,
                              .decays = param->decay,
                              .factor = 1};
    if (!param->count)
        return 0;
    find_numbers(p, param, part);
    if (!adafactor || cfg->first_moment)
        p->m = take_floats(at, p->n);
    if (cfg->kind == OPTIM_ADAMW || (cfg->kind == OPTIM_MUON && !param->inner))
        p->v = take_floats(at, p->n);
    if (adafactor && matrix)
        p->row = take_floats(at, p->n ? param->shape[0] : 0);
    if (adafactor)
        p->col = take_floats(at, p->n ? param->shape[param->dims - 1] : 0);
    return (size_t)(p->m != OPTIM_NONE) + (p->v != OPTIM_NONE) + (p->row != OPTIM_NONE) +
           (p->col != OPTIM_NONE);
}

/* Parameters whose names fit the n bytes of a pattern do not decay. */
static int spare_from_decay(struct optim *o, const char *pattern, size_t n, struct errbuf *eb)
{
    char text[TENSOR_NAME_MAX];
    size_t found = 0;

    snprintf(text, sizeof text, "%.*s", (int)n, pattern);
    for (size_t i = 0; i < o->params->n; i++) {
        if (!o->params->p[i].count || n >= sizeof text ||
            fnmatch(text, o->params->p[i].name, 0) != 0)
            continue;
        o->at[i].decays = false;
        found++;
    }
    return found ? RF_OK
                 : err_set(eb, RF_EUSAGE, "optim.no_decay: no parameter is called '%.*s'",
                           (int)n, pattern);
}

/* The rate of a parameter as a multiple of that of the outputs, falling from layer to layer
 * towards the input as ELECTRA has it: of n layers, the outputs have depth n + 2, layer l, from
 * 1, depth l and the embedding depth 0; each has decay^(n + 2 - depth) (Clark et al. 2020,
 * appendix B; _get_layer_lrs() of its optimization.py). The norm behind the layers goes with
 * the outputs. */
static double layer_factor(const struct optim *o, size_t i)
{
    size_t n = i < o->params->own ? o->params->branches / 2 : o->params->generator.depth;
    size_t depth = 0;

    i = params_role(o->params, i);
    if (i >= PARAM_BRANCHES)
        depth = (i - PARAM_BRANCHES) / BRANCH_PARAMS / 2 + 1;
    else if (i >= PARAM_NORM)
        depth = n + 2;
    return pow(o->cfg->layer_decay, (double)(n + 2 - depth));
}

static int place_all(struct optim *o, struct errbuf *eb)
{
    const char *word = o->cfg->no_decay ? o->cfg->no_decay : "";
    int rc = RF_OK;

    for (size_t i = 0; i < o->params->n; i++) {
        o->n_tensors += place_states(&o->at[i], o->cfg, &o->params->p[i], &o->part, &o->floats);
        if (fnmatch(value_pattern, o->params->p[i].name, 0) == 0)
            o->at[i].factor = (float)o->cfg->value_factor;
        if (o->cfg->kind == OPTIM_MUON && o->params->p[i].inner)
            o->at[i].factor = (float)(o->cfg->muon_lr / o->cfg->lr);
        if (o->cfg->layer_decay > 0 && o->cfg->layer_decay < 1)
            o->at[i].factor *= (float)layer_factor(o, i);
    }
    for (size_t n; rc == RF_OK && *(word += strspn(word, " ")); word += n) {
        n = strcspn(word, " ");
        rc = spare_from_decay(o, word, n, eb);
    }
    return rc;
}

size_t optim_bytes(const struct optim_cfg *cfg, const struct params *params,
                   const struct params_part *part)
{
    const struct params_part all = {0, params->floats}, *of = part ? part : &all;
    size_t floats = cfg->ema > 0 ? of->to - of->from : 0;
    struct optim_place unused;

    for (size_t i = 0; i < params->n; i++)
        (void)place_states(&unused, cfg, &params->p[i], of, &floats);
    return floats * sizeof(float);
}

size_t optim_work_bytes(const struct optim_cfg *cfg, const struct params *params)
{
    size_t most = 0;

    for (size_t i = 0; cfg->kind == OPTIM_MUON && i < params->n; i++) {
        const struct param *p = &params->p[i];
        size_t floats = p->inner && p->count ? muon_work(p->shape[0], p->shape[1]) : 0;

        most = most < floats ? floats : most;
    }
    return most * sizeof(float);
}

/* A part may be empty; a block never is. */
static size_t block_bytes(const struct optim *o)
{
    size_t bytes = optim_bytes(o->cfg, o->params, &o->part);

    return bytes ? bytes : sizeof *o->block;
}

static int take_memory(struct optim *o, struct errbuf *eb)
{
    size_t bytes = block_bytes(o), work = optim_work_bytes(o->cfg, o->params);

    o->block = o->nn->ops->mem_new(o->nn, bytes);
    o->work = work ? o->nn->ops->mem_new(o->nn, work) : NULL;
    if (o->block && (o->work || !work))
        return RF_OK;
    return err_set(eb, RF_ENOMEM, "no memory: %.0f MB for the optimiser",
                   1e-6 * (double)(bytes + work));
}

int optim_new(struct optim *o, struct nn *nn, const struct params *params,
              const struct optim_cfg *cfg, struct errbuf *eb)
{
    const struct params_part all = {0, params->floats};

    return optim_new_part(o, nn, params, cfg, &all, eb);
}

int optim_new_part(struct optim *o, struct nn *nn, const struct params *params,
                   const struct optim_cfg *cfg, const struct params_part *part,
                   struct errbuf *eb)
{
    int rc;

    *o = (struct optim){.nn = nn, .params = params, .cfg = cfg, .part = *part};
    if (!(o->at = calloc(params->n, sizeof *o->at)))
        return err_nomem(eb);
    if ((rc = place_all(o, eb)) == RF_OK)
        rc = take_memory(o, eb);
    if (rc != RF_OK)
        optim_free(o);
    else if (cfg->ema > 0)
        o->ema = o->block + o->floats;
    return rc;
}

void optim_free(struct optim *o)
{
    if (o->block)
        o->nn->ops->mem_free(o->nn, o->block, block_bytes(o));
    if (o->work)
        o->nn->ops->mem_free(o->nn, o->work, optim_work_bytes(o->cfg, o->params));
    free(o->at);
    *o = (struct optim){0};
}

static struct tensor *put_tensor(struct tensor *to, const char *prefix, const struct param *p,
                                 float *host, size_t at)
{
    if (at == OPTIM_NONE)
        return to;
    *to = (struct tensor){.dims = p->dims, .data = host ? host + at : NULL};
    memcpy(to->shape, p->shape, sizeof p->shape);
    snprintf(to->name, TENSOR_NAME_MAX, "%s%.*s", prefix, TENSOR_NAME_MAX - 8, p->name);
    return to + 1;
}

void optim_tensors(const struct optim *o, struct tensor *to, float *host)
{
    for (size_t i = 0; i < o->params->n; i++)
        to = put_tensor(to, "m.", &o->params->p[i], host, o->at[i].m);
    for (size_t i = 0; i < o->params->n; i++)
        to = put_tensor(to, "v.", &o->params->p[i], host, o->at[i].v);
    for (size_t i = 0; i < o->params->n; i++) {
        struct param line = o->params->p[i];
        struct tensor *before = to;

        line.dims = 1; /* one number for each row */
        to = put_tensor(to, "row.", &line, host, o->at[i].row);
        line.shape[0] = line.shape[o->params->p[i].dims == 2];
        to = put_tensor(to, "col.", &line, host, o->at[i].col);
        for (; before < to; before++)
            before->shape[1] = 0;
    }
}

/* A state that is laid out as its parameter. */
static struct optim_state split_state(const struct optim *o, size_t k, float *here)
{
    const struct param *p = &o->params->p[k];

    return (struct optim_state){.param = p,
                                .split = true,
                                .floats = p->count,
                                .skip = o->at[k].skip,
                                .n = o->at[k].n,
                                .here = here};
}

/* A state of n numbers that one part has as a whole. */
static struct optim_state whole_state(const struct optim *o, size_t k, float *here, size_t n)
{
    return (struct optim_state){
        .param = &o->params->p[k], .floats = n, .n = o->at[k].n ? n : 0, .here = here};
}

static struct optim_state mean_of_weights(const struct optim *o, size_t i)
{
    size_t k = 0;

    while (!o->params->p[k].count || i--)
        k++;
    return split_state(o, k, o->ema + (o->params->p[k].offset + o->at[k].skip - o->part.from));
}

/* In the order of optim_tensors(). */
struct optim_state optim_state(const struct optim *o, size_t i)
{
    const struct params *all = o->params;

    for (size_t k = 0; k < all->n; k++)
        if (o->at[k].m != OPTIM_NONE && i-- == 0)
            return split_state(o, k, o->block + o->at[k].m);
    for (size_t k = 0; k < all->n; k++)
        if (o->at[k].v != OPTIM_NONE && i-- == 0)
            return split_state(o, k, o->block + o->at[k].v);
    for (size_t k = 0; k < all->n; k++) {
        const struct param *p = &all->p[k];

        if (o->at[k].row != OPTIM_NONE && i-- == 0)
            return whole_state(o, k, o->block + o->at[k].row, p->shape[0]);
        if (o->at[k].col != OPTIM_NONE && i-- == 0)
            return whole_state(o, k, o->block + o->at[k].col, p->shape[p->dims - 1]);
    }
    return mean_of_weights(o, i);
}

/* --- learning rate */

static const double pi = 3.14159265358979323846;

/* The share of the rate that is left when the share `done` of the steps after the warm-up has
 * been made. */
static double share_left(const struct optim_cfg *cfg, double done)
{
    double cycles = (double)cfg->cycles * done;

    switch ((enum schedule)cfg->schedule) {
    case SCHEDULE_LINEAR: return 1 - done;
    case SCHEDULE_COSINE: return 0.5 * (1 + cos(pi * done));
    case SCHEDULE_RESTARTS: return 0.5 * (1 + cos(pi * (cycles - floor(cycles))));
    case SCHEDULE_CONSTANT:
    case SCHEDULE_WSD: break;
    }
    return 1;
}

static double warmth(const struct optim_cfg *cfg, uint64_t step)
{
    return step < cfg->warmup ? (double)step / (double)cfg->warmup : 1;
}

double optim_decay(const struct optim_cfg *cfg, uint64_t step, uint64_t first, uint64_t end)
{
    uint64_t n = (uint64_t)llround(cfg->decay_share * (double)(end - first));
    uint64_t begin = end - n > cfg->warmup ? end - n : cfg->warmup; /* the last at full rate */

    if (step <= begin)
        return 0;
    return step > end ? 1 : (double)(step - begin) / (double)(end + 1 - begin);
}

double optim_wsd_rate(const struct optim_cfg *cfg, uint64_t step, double done)
{
    double left = 1 - (cfg->decay_shape == DECAY_SQRT ? sqrt(done) : done);

    return cfg->lr * warmth(cfg, step) * left;
}

double optim_rate(const struct optim_cfg *cfg, uint64_t step, uint64_t steps)
{
    double warm = warmth(cfg, step);

    if (cfg->relative_step)
        return warm * fmin(0.01, 1 / sqrt((double)step));
    if (cfg->schedule == SCHEDULE_WSD)
        return optim_wsd_rate(cfg, step, optim_decay(cfg, step, 0, steps));
    if (step <= cfg->warmup || cfg->schedule == SCHEDULE_CONSTANT)
        return cfg->lr * warm;
    if (step > steps)
        return 0;
    return cfg->lr *
           share_left(cfg, (double)(step - cfg->warmup) / (double)(steps + 1 - cfg->warmup));
}

/* --- an update */

/* Of all parameters, or of those that Muon leaves to it, which alone have a mean of squares. */
static void adamw(struct optim *o, float *w, const struct params_span *span, const float *grad,
                  uint64_t update, double rate, const float *scale)
{
    const struct optim_cfg *cfg = o->cfg;
    struct adamw_step s = {
        .beta1 = (float)cfg->beta1,
        .beta2 = (float)cfg->beta2,
        .eps = (float)cfg->eps,
        .correct1 = (float)-expm1((double)update * log(cfg->beta1)),
        .correct2 = (float)-expm1((double)update * log(cfg->beta2)),
        .clip = cfg->clip_update,
        .scale = scale,
    };

    for (size_t i = span->first; i < span->first + span->n; i++) {
        const struct optim_place *at = &o->at[i];
        size_t first = o->params->p[i].offset + at->skip;

        if (!at->n || at->v == OPTIM_NONE)
            continue;
        s.lr = (float)rate * at->factor;
        s.decay = at->decays ? (float)cfg->decay : 0;
        o->nn->ops->adamw(o->nn, w + first, o->block + at->m, o->block + at->v,
                          grad + (first - span->offset), &s, at->n);
    }
}

/* What Muon's rate is multiplied by, so that one rate suits matrices of all shapes. */
static double adjusted(const struct optim_cfg *cfg, const struct param *p)
{
    double rows = (double)p->shape[0], cols = (double)p->shape[1];

    switch ((enum adjust)cfg->adjust) {
    case ADJUST_ORIGINAL: return sqrt(fmax(1, rows / cols));
    case ADJUST_MATCH_RMS_ADAMW: break;
    }
    return 0.2 * sqrt(fmax(rows, cols));
}

/* The matrices of the layers; the others are AdamW's. The least length is that of torch. */
static void muon(struct optim *o, float *w, const struct params_span *span, const float *grad,
                 double rate, const float *scale)
{
    const struct optim_cfg *cfg = o->cfg;
    const struct muon how = {.step = {.momentum = (float)cfg->momentum,
                                      .eps = 1e-7F,
                                      .nesterov = cfg->nesterov,
                                      .scale = scale},
                             .ns_steps = cfg->ns_steps};

    for (size_t i = span->first; i < span->first + span->n; i++) {
        const struct param *p = &o->params->p[i];
        double lr = rate * (double)o->at[i].factor;
        double decay = o->at[i].decays ? cfg->decay : 0;

        if (o->at[i].n && p->inner)
            muon_update(o->nn, w + p->offset, o->block + o->at[i].m,
                        grad + (p->offset - span->offset), &how, (float)(1 - lr * decay),
                        (float)(lr * adjusted(cfg, p)), p->shape[0], p->shape[1], o->work);
    }
}

/* The constants are those of the paper (Shazeer and Stern 2018). */
static void adafactor(struct optim *o, float *w, const struct params_span *span,
                      const float *grad, uint64_t update, double rate, const float *scale)
{
    const struct optim_cfg *cfg = o->cfg;
    struct adafactor_step s = {
        .relative = cfg->scale_parameter,
        .beta1 = cfg->first_moment ? (float)cfg->beta1 : 0,
        .beta2 = (float)(1 - pow((double)update, -0.8)),
        .eps1 = 1e-30F,
        .eps2 = 1e-3F,
        .clip = 1,
        .scale = scale,
    };

    for (size_t i = span->first; i < span->first + span->n; i++) {
        const struct param *p = &o->params->p[i];
        const struct optim_place *at = &o->at[i];

        if (!at->n)
            continue;
        s.lr = (float)rate * at->factor;
        s.decay = at->decays ? (float)cfg->decay : 0;
        o->nn->ops->adafactor(o->nn, w + p->offset,
                              at->row == OPTIM_NONE ? NULL : o->block + at->row,
                              o->block + at->col, at->m == OPTIM_NONE ? NULL : o->block + at->m,
                              grad + (p->offset - span->offset), &s,
                              p->dims == 2 ? p->shape[0] : 1, p->shape[p->dims - 1]);
    }
}

static void lion(struct optim *o, float *w, const struct params_span *span, const float *grad,
                 double rate, const float *scale)
{
    const struct optim_cfg *cfg = o->cfg;
    struct lion_step s = {
        .beta1 = (float)cfg->beta1, .beta2 = (float)cfg->beta2, .scale = scale};

    for (size_t i = span->first; i < span->first + span->n; i++) {
        const struct optim_place *at = &o->at[i];
        size_t first = o->params->p[i].offset + at->skip;

        if (!at->n)
            continue;
        s.lr = (float)rate * at->factor;
        s.decay = at->decays ? (float)cfg->decay : 0;
        o->nn->ops->lion(o->nn, w + first, o->block + at->m, grad + (first - span->offset), &s,
                         at->n);
    }
}

void optim_step(struct optim *o, float *w, const struct params_span *span, const float *grad,
                uint64_t update, double rate, const float *scale)
{
    double keep = fmin(o->cfg->ema, (1 + (double)update) / (10 + (double)update));
    struct params_part own = part_of_span(&o->part, span);

    switch ((enum optim_kind)o->cfg->kind) {
    case OPTIM_ADAMW: adamw(o, w, span, grad, update, rate, scale); break;
    case OPTIM_ADAFACTOR: adafactor(o, w, span, grad, update, rate, scale); break;
    case OPTIM_LION: lion(o, w, span, grad, rate, scale); break;
    case OPTIM_MUON:
        muon(o, w, span, grad, rate, scale);
        adamw(o, w, span, grad, update, rate, scale);
        break;
    }
    if (o->ema && own.to > own.from)
        o->nn->ops->mean_step(o->nn, o->ema + (own.from - o->part.from), (float)keep,
                              (float)(1 - keep), w + own.from, scale, own.to - own.from);
}
