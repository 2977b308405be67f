#include "run/draw.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct draw {
    size_t V;
    double *p;     /* [V] by token: how likely, the likeliest 1 */
    int32_t *heap; /* [V] tokens that are not taken yet, the likeliest first */
    int32_t *kept; /* [V] tokens that stay, likeliest first, or in order where no rule asks */
    float *said;   /* [V] the logits as they came */
    size_t left;   /* of the heap */
};

int draw_new(struct draw **out, size_t V, struct errbuf *eb)
{
    struct draw *d = calloc(1, sizeof *d);

    if (!d)
        return err_nomem(eb);
    d->V = V;
    d->p = calloc(V, sizeof *d->p);
    d->heap = calloc(V, sizeof *d->heap);
    d->kept = calloc(V, sizeof *d->kept);
    d->said = calloc(V, sizeof *d->said);
    if (!d->p || !d->heap || !d->kept || !d->said) {
        draw_free(d);
        return err_nomem(eb);
    }
    *out = d;
    return RF_OK;
}

void draw_free(struct draw *d)
{
    if (!d)
        return;
    free(d->p);
    free(d->heap);
    free(d->kept);
    free(d->said);
    free(d);
}

static size_t likeliest(const float *x, size_t n)
{
    size_t at = 0;

    for (size_t i = 1; i < n; i++)
        if (x[i] > x[at])
            at = i;
    return at;
}

double draw_log_sum(const float *x, size_t n)
{
    double top = (double)x[likeliest(x, n)], sum = 0;

    for (size_t i = 0; i < n; i++)
        if (isnan(x[i]))
            return (double)NAN;
    if (isinf(top))
        return (double)NAN;
    for (size_t i = 0; i < n; i++)
        sum += exp((double)x[i] - top);
    return top + log(sum);
}

double draw_divergence(const float *p, const float *q, size_t n)
{
    double all_p = draw_log_sum(p, n), all_q = draw_log_sum(q, n), sum = 0;

    for (size_t i = 0; i < n; i++) {
        double log_p = (double)p[i] - all_p;

        if (isinf(log_p)) /* 0 log 0 */
            continue;
        sum += exp(log_p) * (log_p - ((double)q[i] - all_q));
    }
    return sum;
}

/* --- repetition */

/* Each token that is there already is punished once: the first time it is met. */
static void punish(float *x, const int32_t *past, size_t n, double penalty, double *seen,
                   size_t V)
{
    if (penalty == 1)
        return;
    memset(seen, 0, V * sizeof *seen);
    for (size_t i = 0; i < n; i++) {
        float *y = &x[past[i]];

        if (seen[past[i]] == 0)
            *y = (float)((double)*y > 0 ? (double)*y / penalty : (double)*y * penalty);
        seen[past[i]] = 1;
    }
}

/* Forbid what would complete a run of k tokens that is there already; but where nothing would
 * be left, nothing is forbidden. */
static void forbid_runs(float *x, const int32_t *past, size_t n, size_t k, double *copy,
                        size_t V)
{
    const int32_t *last;

    if (k == 0 || n + 1 < k)
        return;
    last = past + (n + 1 - k);
    for (size_t i = 0; i < V; i++)
        copy[i] = (double)x[i];
    for (size_t i = 0; i + k <= n; i++)
        if (memcmp(past + i, last, (k - 1) * sizeof *past) == 0)
            x[past[i + k - 1]] = -INFINITY;
    if (isinf(x[likeliest(x, V)]))
        for (size_t i = 0; i < V; i++)
            x[i] = (float)copy[i];
}

/* --- the likeliest tokens, one after the other: a heap costs less than to sort all */

static bool before(const struct draw *d, int32_t a, int32_t b)
{
    return d->p[a] > d->p[b] || (d->p[a] == d->p[b] && a < b);
}

static void sink(struct draw *d, size_t at)
{
    int32_t token = d->heap[at];

    for (size_t child; (child = 2 * at + 1) < d->left; at = child) {
        if (child + 1 < d->left && before(d, d->heap[child + 1], d->heap[child]))
            child++;
        if (before(d, token, d->heap[child]))
            break;
        d->heap[at] = d->heap[child];
    }
    d->heap[at] = token;
}

static int32_t take_likeliest(struct draw *d)
{
    int32_t token = d->heap[0];

    d->heap[0] = d->heap[--d->left];
    if (d->left)
        sink(d, 0);
    return token;
}

/* Fill p, by token `top` as the likeliest; returns its sum. */
static double weigh(struct draw *d, const float *x, size_t top, double temperature)
{
    double sum = 0;

    for (size_t i = 0; i < d->V; i++)
        sum += d->p[i] = exp(((double)x[i] - (double)x[top]) / temperature);
    return sum;
}

static void heap_up(struct draw *d)
{
    d->left = 0;
    for (size_t i = 0; i < d->V; i++)
        if (d->p[i] > 0)
            d->heap[d->left++] = (int32_t)i;
    for (size_t i = d->left / 2; i-- > 0;)
        sink(d, i);
}

/* Let those stay that are likely enough, in order; returns how many, and their sum. */
static size_t keep_likely(struct draw *d, double least, double *sum)
{
    size_t n = 0;

    *sum = 0;
    for (size_t i = 0; i < d->V; i++)
        if (d->p[i] > 0 && d->p[i] >= least) {
            d->kept[n++] = (int32_t)i;
            *sum += d->p[i];
        }
    return n;
}

/* Let the k likeliest stay; returns how many these are, and their sum. */
static size_t keep_most(struct draw *d, uint64_t k, double *sum)
{
    size_t n = 0;

    for (*sum = 0; d->left && n < k; n++) {
        d->kept[n] = take_likeliest(d);
        *sum += d->p[d->kept[n]];
    }
    return n;
}

/* Let the fewest likeliest stay, one at least, whose sum reaches `enough`. With `more` they
 * come from the heap, else they are the first of the n that stay already. */
static size_t keep_share(struct draw *d, size_t n, bool more, double enough, double *sum)
{
    size_t i = 0;

    for (*sum = 0; (i == 0 || *sum < enough) && (more ? d->left > 0 : i < n); i++) {
        if (more)
            d->kept[i] = take_likeliest(d);
        *sum += d->p[d->kept[i]];
    }
    return i;
}

/* What of the tokens stays: how many, in d->kept; *sum is of their p. */
static size_t keep(struct draw *d, const struct draw_cfg *c, double total, double *sum)
{
    bool all = c->top_k == 0;
    size_t n;

    if (all && c->top_p >= 1)
        return keep_likely(d, c->min_p, sum);
    heap_up(d);
    n = all ? 0 : keep_most(d, c->top_k, &total);
    *sum = total;
    if (c->top_p < 1)
        n = keep_share(d, n, all, c->top_p * total, sum);
    while (n > 1 && d->p[d->kept[n - 1]] < c->min_p)
        *sum -= d->p[d->kept[--n]];
    return n;
}

/* The token of those that stay whose part of the sum u falls into. */
static int32_t pick(const struct draw *d, size_t n, double sum, double u)
{
    double reach = 0;
    size_t i = 0;

    while (i + 1 < n && (reach += d->p[d->kept[i]]) <= u * sum)
        i++;
    return d->kept[i];
}

int draw_token(struct draw *d, const struct draw_cfg *c, float *x, const int32_t *past,
               size_t n, double u, int32_t *id, double *log_p, struct errbuf *eb)
{
    bool as_said = c->temperature == 1 && c->repeat_penalty == 1 && c->no_repeat == 0;
    size_t top = likeliest(x, d->V);
    double sum = weigh(d, x, top, 1), all = (double)x[top] + log(sum);

    if (!isfinite(all)) /* a NaN, or a top that is infinite, makes the sum a NaN */
        return err_set(eb, RF_ENAN, "what the model says is no number");
    memcpy(d->said, x, d->V * sizeof *x);
    if (!as_said) {
        punish(x, past, n, c->repeat_penalty, d->p, d->V);
        forbid_runs(x, past, n, c->no_repeat, d->p, d->V);
        top = likeliest(x, d->V);
    }
    *id = (int32_t)top;
    if (c->temperature > 0) {
        if (!as_said)
            sum = weigh(d, x, top, c->temperature);
        n = keep(d, c, sum, &sum);
        *id = pick(d, n, sum, u);
    }
    *log_p = (double)d->said[*id] - all;
    return RF_OK;
}
