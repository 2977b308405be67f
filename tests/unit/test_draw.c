/* test_draw.c: the choice of a token against a plain one over random distributions; how often
 * each comes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "run/draw.h"

enum { V_MAX = 40, PAST = 12 };

struct given {
    struct draw_cfg c;
    float x[V_MAX];
    int32_t past[PAST];
    size_t V, n;
};

/* --- the plain choice: everything is sorted, nothing is clever */

static void sort(int *at, const long double *p, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && (p[at[j]] > p[at[j - 1]] ||
                                     (p[at[j]] == p[at[j - 1]] && at[j] < at[j - 1]));
             j--) {
            int other = at[j];

            at[j] = at[j - 1];
            at[j - 1] = other;
        }
}

static void rules_of_repetition(const struct given *g, float *x)
{
    float was[V_MAX];
    bool any = false;

    for (size_t i = 0; i < g->V; i++)
        for (size_t j = 0; j < g->n; j++)
            if (g->past[j] == (int32_t)i) {
                x[i] = (float)((double)x[i] > 0 ? (double)x[i] / g->c.repeat_penalty
                                                : (double)x[i] * g->c.repeat_penalty);
                break;
            }
    memcpy(was, x, sizeof was);
    for (size_t i = 0; g->c.no_repeat && i + g->c.no_repeat <= g->n; i++) {
        bool same = true;

        for (size_t j = 0; j + 1 < g->c.no_repeat; j++)
            same = same && g->past[i + j] == g->past[g->n + 1 - g->c.no_repeat + j];
        if (same)
            x[g->past[i + g->c.no_repeat - 1]] = -INFINITY;
    }
    for (size_t i = 0; i < g->V; i++)
        any = any || !isinf(x[i]);
    if (!any)
        memcpy(x, was, sizeof was);
}

/* The probability of every token; 0: it does not stay. *edge: a share is so near top_p or min_p
 * that rounding decides. */
static void plain(const struct given *g, long double *share, bool *edge)
{
    long double p[V_MAX], total = 0, sum = 0;
    float x[V_MAX];
    int at[V_MAX];
    size_t n = g->V, k = 0;

    memcpy(x, g->x, sizeof x);
    rules_of_repetition(g, x);
    for (size_t i = 0; i < g->V; i++) {
        p[i] = isinf(x[i]) ? 0 : expl((long double)x[i] / (long double)g->c.temperature);
        at[i] = (int)i;
        share[i] = 0;
    }
    sort(at, p, n);
    if (g->c.top_k && g->c.top_k < n)
        n = g->c.top_k;
    for (size_t i = 0; i < n; i++)
        total += p[at[i]];
    *edge = false;
    for (; k < n && (k == 0 || g->c.top_p == 1 || sum < (long double)g->c.top_p * total); k++) {
        sum += p[at[k]];
        *edge = *edge || fabsl(sum / total - (long double)g->c.top_p) < 1e-12L;
    }
    while (k > 1 && p[at[k - 1]] < (long double)g->c.min_p * p[at[0]])
        k--;
    for (size_t i = 0; i < k; i++)
        *edge = *edge || fabsl(p[at[i]] / p[at[0]] - (long double)g->c.min_p) < 1e-12L;
    sum = 0;
    for (size_t i = 0; i < k; i++)
        sum += p[at[i]];
    for (size_t i = 0; i < k; i++)
        share[at[i]] = p[at[i]] / sum;
}

/* --- random questions: some tokens as likely as others, some forbidden */

static struct given some(uint64_t number)
{
    struct rng r = rng_stream(1, number, 0, RNG_TEST);
    const double temperatures[] = {1, 0.5, 2, 0.9}, ps[] = {1, 0.9, 0.5, 0, 0.99};
    struct given g = {.V = 1 + rng_below(r, 0, V_MAX)};

    g.c = (struct draw_cfg){.repeat_penalty = rng_below(r, 1, 2) ? 1 : 1.3,
                            .no_repeat = rng_below(r, 2, 4),
                            .temperature = temperatures[rng_below(r, 3, 4)],
                            .top_k = rng_below(r, 4, 3) ? 0 : rng_below(r, 5, V_MAX),
                            .top_p = ps[rng_below(r, 6, 5)],
                            .min_p = rng_below(r, 7, 3) ? 0 : 0.1};
    g.n = rng_below(r, 8, PAST + 1);
    for (size_t i = 0; i < g.n; i++)
        g.past[i] = (int32_t)rng_below(r, 100 + i, g.V < 4 ? g.V : 4);
    for (size_t i = 0; i < g.V; i++) {
        g.x[i] = 3 * rng_normal(r, 200 + i);
        if (rng_below(r, 300 + i, 4) == 0)
            g.x[i] = rintf(g.x[i]);
        if (i && rng_below(r, 400 + i, 8) == 0)
            g.x[i] = -INFINITY;
    }
    return g;
}

static int32_t choose(struct draw *d, const struct given *g, double u)
{
    float x[V_MAX];
    double log_p, want = 0;
    int32_t id;

    memcpy(x, g->x, sizeof x);
    assert_int_equal(draw_token(d, &g->c, x, g->past, g->n, u, &id, &log_p, NULL), RF_OK);
    for (size_t i = 0; i < g->V; i++)
        want += exp((double)g->x[i]);
    assert_true(fabs(log_p - ((double)g->x[id] - log(want))) < 1e-9);
    return id;
}

/* Exactly the tokens that stay come, each for as much of [0,1) as it is likely. */
static void is_the_plain_choice(void **state)
{
    enum { QUESTIONS = 10000, STEPS = 400 };

    (void)state;
    for (uint64_t q = 0; q < QUESTIONS; q++) {
        const struct given g = some(q);
        long double share[V_MAX];
        size_t times[V_MAX] = {0};
        struct draw *d;
        bool edge;

        plain(&g, share, &edge);
        assert_int_equal(draw_new(&d, g.V, NULL), RF_OK);
        for (size_t i = 0; i < STEPS && !edge; i++)
            times[choose(d, &g, ((double)i + 0.5) / STEPS)]++;
        for (size_t i = 0; i < g.V && !edge; i++)
            if (fabsl((long double)times[i] - share[i] * STEPS) > 1.001L ||
                (share[i] == 0 && times[i]))
                fail_msg("question %llu, token %zu: came %zu times in %d, share %Lg",
                         (unsigned long long)q, i, times[i], STEPS, share[i]);
        draw_free(d);
    }
}

/* A million draws: chi-square with 9 degrees of freedom is below 27.9 in 999 of 1000 runs. */
static void comes_as_often_as_it_is_likely(void **state)
{
    enum { DRAWS = 1000000, V = 10 };
    struct rng r = rng_stream(1, 0, 0, RNG_TEST);
    struct given g = {.c = DRAW_CFG_DEFAULT, .V = V};
    double times[V] = {0}, total = 0, chi = 0;
    struct draw *d;

    (void)state;
    for (int i = 0; i < V; i++)
        total += exp((double)(g.x[i] = (float)i / 3));
    assert_int_equal(draw_new(&d, V, NULL), RF_OK);
    for (uint64_t i = 0; i < DRAWS; i++)
        times[choose(d, &g, (double)(rng_u64(r, i) >> 11) * 0x1p-53)]++;
    for (int i = 0; i < V; i++) {
        double want = DRAWS * exp((double)g.x[i]) / total;

        chi += (times[i] - want) * (times[i] - want) / want;
    }
    assert_true(chi < 27.9);
    draw_free(d);
}

static void the_likeliest_where_nothing_is_left_to_chance(void **state)
{
    struct given g = {.c = DRAW_CFG_DEFAULT, .V = 4, .x = {1, 3, 3, 2}};
    struct draw *d;

    (void)state;
    g.c.temperature = 0;
    assert_int_equal(draw_new(&d, 4, NULL), RF_OK);
    assert_int_equal(choose(d, &g, 0.999), 1);
    g.past[0] = 1;
    g.n = 1;
    g.c.no_repeat = 1;
    assert_int_equal(choose(d, &g, 0.999), 2);
    draw_free(d);
}

static void what_is_no_number_is_refused(void **state)
{
    const struct draw_cfg c = DRAW_CFG_DEFAULT;
    const float bad[][2] = {{0, NAN}, {NAN, 0}, {INFINITY, 0}, {-INFINITY, -INFINITY}};
    struct draw *d;

    (void)state;
    assert_int_equal(draw_new(&d, 2, NULL), RF_OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float x[2];
        double log_p;
        int32_t id;

        memcpy(x, bad[i], sizeof x);
        assert_int_equal(draw_token(d, &c, x, NULL, 0, 0.5, &id, &log_p, NULL), RF_ENAN);
    }
    draw_free(d);
}

/* By hand: a half and a half; a quarter and three, whatever is added to all logits; one token
 * that cannot come. */
static void divergence_is_by_the_formula(void **state)
{
    const float even[] = {3, 3}, odd[] = {-1, (float)(log(3) - 1)}, one[] = {0, -INFINITY},
                none[] = {NAN, 0};

    (void)state;
    assert_true(fabs(draw_divergence(even, odd, 2) - log(4. / 3) / 2) < 1e-7);
    assert_true(fabs(draw_divergence(odd, even, 2) - (0.75 * log(3) - log(2))) < 1e-7);
    assert_true(fabs(draw_divergence(one, odd, 2) - log(4)) < 1e-7);
    assert_true(draw_divergence(odd, odd, 2) == 0);
    assert_true(isnan(draw_divergence(none, odd, 2)));
    assert_true(isnan(draw_divergence(odd, none, 2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_plain_choice),
        cmocka_unit_test(comes_as_often_as_it_is_likely),
        cmocka_unit_test(the_likeliest_where_nothing_is_left_to_chance),
        cmocka_unit_test(what_is_no_number_is_refused),
        cmocka_unit_test(divergence_is_by_the_formula),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
