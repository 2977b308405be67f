#include "data/squad_best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A span that may be the answer, and where it stands among those that came. */
struct pair {
    struct squad_span span;
    float start, end;
    size_t number;
};

struct squad_best {
    struct squad_best_cfg cfg;
    struct buf pairs;   /* struct pair */
    struct pair rescue; /* the best of all spans, if no pair counts */
    bool has_rescue;
    size_t *starts, *ends;       /* [nbest] tokens of a window */
    struct squad_reply *replies; /* [nbest] */
};

int squad_best_new(struct squad_best **out, const struct squad_best_cfg *cfg, struct errbuf *eb)
{
    struct squad_best *b = calloc(1, sizeof *b);

    if (b) {
        b->cfg = *cfg;
        b->starts = calloc(cfg->nbest, sizeof *b->starts);
        b->ends = calloc(cfg->nbest, sizeof *b->ends);
        b->replies = calloc(cfg->nbest, sizeof *b->replies);
    }
    if (!b || !b->starts || !b->ends || !b->replies) {
        squad_best_free(b);
        return err_nomem(eb);
    }
    *out = b;
    return RF_OK;
}

void squad_best_free(struct squad_best *b)
{
    if (!b)
        return;
    buf_free(&b->pairs);
    free(b->starts);
    free(b->ends);
    free(b->replies);
    free(b);
}

void squad_best_clear(struct squad_best *b)
{
    buf_clear(&b->pairs);
    b->has_rescue = false;
}

/* Find the up to k largest of x[n], the largest first, of equal ones that which comes first.
 * Returns their number. */
static size_t largest(size_t *at, size_t k, const float *x, size_t n)
{
    size_t found = 0;

    for (size_t i = 0; i < n; i++) {
        size_t place = found;

        while (place > 0 && x[i] > x[at[place - 1]])
            place--;
        if (place == k)
            continue;
        found += found < k;
        memmove(at + place + 1, at + place, (found - 1 - place) * sizeof *at);
        at[place] = i;
    }
    return found;
}

static double sum_of(const struct pair *p)
{
    return (double)p->start + (double)p->end;
}

/* Look at all spans of the window whose start has most of its context there. */
static void look_for_rescue(struct squad_best *b, const struct squad_features *f, size_t i,
                            const float *start, const float *end)
{
    struct squad_span window = squad_features_window(f, i);

    for (size_t a = window.first; a <= window.last; a++) {
        if (squad_features_best_window(f, a) != i)
            continue;
        for (size_t z = a; z <= window.last && z - a < b->cfg.max_answer; z++) {
            struct pair p = {{a, z}, start[a - window.first], end[z - window.first], 0};

            if (!squad_features_whole(f, p.span))
                break;
            if (!b->has_rescue || sum_of(&p) > sum_of(&b->rescue))
                b->rescue = p;
            b->has_rescue = true;
        }
    }
}

int squad_best_add(struct squad_best *b, const struct squad_features *f, size_t i,
                   const float *start, const float *end, size_t n, size_t passage)
{
    struct squad_span window = squad_features_window(f, i);
    size_t tokens = window.last - window.first + 1, before = b->pairs.len, n_starts, n_ends;

    for (size_t t = 0; t < n; t++)
        if (!isfinite(start[t]) || !isfinite(end[t]))
            return RF_ENAN;
    n_starts = largest(b->starts, b->cfg.nbest, start, n);
    n_ends = largest(b->ends, b->cfg.nbest, end, n);
    for (size_t s = 0; s < n_starts; s++) {
        size_t a = b->starts[s] - passage; /* wraps before the passage */

        if (a >= tokens || squad_features_best_window(f, window.first + a) != i)
            continue;
        for (size_t e = 0; e < n_ends; e++) {
            size_t z = b->ends[e] - passage;
            struct pair p = {{window.first + a, window.first + z},
                             start[b->starts[s]],
                             end[b->ends[e]],
                             b->pairs.len / sizeof p};

            if (z < tokens && z >= a && z - a < b->cfg.max_answer &&
                squad_features_whole(f, p.span) && buf_put(&b->pairs, &p, sizeof p) != RF_OK)
                return RF_ENOMEM;
        }
    }
    if (b->pairs.len == before)
        look_for_rescue(b, f, i, start + passage, end + passage);
    return RF_OK;
}

/* The larger sum first, of equal ones that which came first. */
static int by_sum(const void *left, const void *right)
{
    const struct pair *a = left, *z = right;

    if (sum_of(a) != sum_of(z))
        return sum_of(a) > sum_of(z) ? -1 : 1;
    return a->number < z->number ? -1 : 1;
}

static bool has_text(const struct squad_best *b, size_t n, const char *text, size_t len)
{
    for (size_t i = 0; i < n; i++)
        if (b->replies[i].len == len && memcmp(b->replies[i].text, text, len) == 0)
            return true;
    return false;
}

int squad_best_choose(struct squad_best *b, const struct squad_features *f,
                      const struct squad_reply **replies, size_t *n)
{
    struct pair *pairs;
    size_t n_pairs;
    double total = 0, top = 0;

    if (!b->pairs.len && b->has_rescue &&
        buf_put(&b->pairs, &b->rescue, sizeof b->rescue) != RF_OK)
        return RF_ENOMEM;
    pairs = (void *)b->pairs.data;
    n_pairs = b->pairs.len / sizeof *pairs;
    if (n_pairs)
        qsort(pairs, n_pairs, sizeof *pairs, by_sum);
    *n = 0;
    for (size_t i = 0; i < n_pairs && *n < b->cfg.nbest; i++) {
        size_t len;
        const char *text = squad_features_text(f, pairs[i].span, &len);

        if (has_text(b, *n, text, len))
            continue;
        top = *n ? top : sum_of(&pairs[i]);
        b->replies[*n] =
            (struct squad_reply){text, len, pairs[i].span, pairs[i].start, pairs[i].end, 0};
        b->replies[*n].p = exp(sum_of(&pairs[i]) - top);
        total += b->replies[(*n)++].p;
    }
    for (size_t i = 0; i < *n; i++)
        b->replies[i].p /= total;
    *replies = b->replies;
    return RF_OK;
}
