#include "train/fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "train/trained.h"

/* Logits of so many masks lie in memory at once. */
enum { MASKS_MAX = 64 };

struct fill {
    struct ckpt *ckpt;
    struct nn *nn;
    struct model *model;
    struct model_draw draw;
    struct ckpt_state state;
    int32_t *piece, *rows; /* [max_len] */
    float *logits;         /* [MASKS_MAX,V] */
};

/* The model as it was trained. */
static int open_model(struct fill *f, bool ema, int threads, struct errbuf *eb)
{
    struct opt_strings strings = {0};
    struct rf_config cfg;
    int rc = trained_config(&cfg, &strings, f->ckpt, NULL, eb);

    if (rc == RF_OK)
        rc = trained_device(&f->nn, &cfg, threads, eb);
    if (rc == RF_OK)
        rc = trained_open(&f->model, &f->draw, f->nn, f->ckpt, &cfg, 1, ema, eb);
    opt_strings_free(&strings);
    return rc;
}

int fill_open(struct fill **out, const char *path, uint64_t *broken, bool ema, int threads,
              struct errbuf *eb)
{
    struct fill *f = calloc(1, sizeof *f);
    int rc = f ? ckpt_open(&f->ckpt, path, broken, eb) : err_nomem(eb);

    if (rc == RF_OK) {
        f->state = *ckpt_state(f->ckpt);
        f->piece = calloc(f->state.max_len, sizeof *f->piece);
        f->rows = calloc(f->state.max_len, sizeof *f->rows);
        f->logits = calloc(f->state.vocab_size, MASKS_MAX * sizeof *f->logits);
        if (!f->piece || !f->rows || !f->logits)
            rc = err_nomem(eb);
        else if (f->state.max_len < 3)
            rc = err_set(eb, RF_EINVAL, "'%s' takes %llu tokens: [CLS] [MASK] [SEP] are 3",
                         ckpt_path(f->ckpt), (unsigned long long)f->state.max_len);
        else if (f->state.special.mask < 0 || f->state.special.cls < 0 ||
                 f->state.special.sep < 0)
            rc = err_set(eb, RF_EINVAL, "the vocabulary of '%s' lacks [MASK], [CLS] or [SEP]",
                         ckpt_path(f->ckpt));
    }
    if (rc == RF_OK)
        rc = open_model(f, ema, threads, eb);
    if (rc == RF_OK)
        *out = f;
    else
        fill_close(f);
    return rc;
}

void fill_close(struct fill *f)
{
    if (!f)
        return;
    model_free(f->model);
    nn_close(f->nn);
    ckpt_close(f->ckpt);
    free(f->piece);
    free(f->rows);
    free(f->logits);
    free(f);
}

const struct ckpt *fill_ckpt(const struct fill *f)
{
    return f->ckpt;
}

size_t fill_count(const struct fill *f, const int32_t *ids, size_t n)
{
    size_t masks = 0;

    for (size_t i = 0; i < n; i++)
        masks += ids[i] == f->state.special.mask;
    return masks;
}

/* The k best of one mask's logits, which are used up; false: they are no numbers. */
static bool choose(struct fill *f, float *x, size_t k, int32_t *id, float *p)
{
    const struct ckpt_state *s = &f->state;
    size_t V = s->vocab_size;
    double sum = 0, top;

    for (size_t i = 0; i < V; i++)
        if (!isfinite(x[i]))
            return false;
    for (size_t i = 0; i < V; i++)
        if (special_has(&s->special, (int32_t)i))
            x[i] = -INFINITY;
    top = (double)x[model_likeliest(x, V)];
    for (size_t i = 0; i < V; i++)
        sum += exp((double)x[i] - top);
    for (size_t i = 0; i < k; i++) {
        size_t at = model_likeliest(x, V);

        id[i] = isinf(x[at]) ? -1 : (int32_t)at;
        p[i] = (float)(exp((double)x[at] - top) / sum);
        x[at] = -INFINITY;
    }
    return true;
}

/* [CLS], the m ids of a piece, [SEP], of which f->rows has the masks in question. */
static int look(struct fill *f, const int32_t *ids, size_t m, size_t masks, struct errbuf *eb)
{
    struct model_batch b = {.B = 1, .T = m + 2, .ids = f->piece, .rows = f->rows, .n = masks};

    f->piece[0] = f->state.special.cls;
    memcpy(f->piece + 1, ids, m * sizeof *ids);
    f->piece[m + 1] = f->state.special.sep;
    return model_logits(f->model, &b, &f->draw, NULL, f->logits, eb);
}

int fill_masks(struct fill *f, const int32_t *ids, size_t n, size_t k, int32_t *id, float *p,
               struct errbuf *eb)
{
    size_t room = f->state.max_len - 2, m = n < room ? n : room, V = f->state.vocab_size;

    for (size_t at = 0; at < n;) {
        size_t masks = 0, first = at > room / 2 ? at - room / 2 : 0, end;
        int rc;

        if (ids[at] != f->state.special.mask) {
            at++;
            continue;
        }
        if (first + m > n)
            first = n - m;
        /* also those that follow soon, or all where nothing is cut off behind them */
        end = first + m == n ? n : at + room / 4 + 1;
        for (; at < end && masks < MASKS_MAX; at++)
            if (ids[at] == f->state.special.mask)
                f->rows[masks++] = (int32_t)(at - first + 1);
        if ((rc = look(f, ids + first, m, masks, eb)) != RF_OK)
            return rc;
        for (size_t i = 0; i < masks; i++, id += k, p += k)
            if (!choose(f, f->logits + i * V, k, id, p))
                return err_set(eb, RF_ENAN, "what the model says is no number");
    }
    return RF_OK;
}
