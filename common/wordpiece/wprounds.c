#include "wordpiece/wprounds.h"

#include <stdlib.h>
#include <string.h>

#include "wordpiece/best_pairs.h"
#include "wordpiece/word_counts.h"

/*
 * Words that do not fit into memory are merged in rounds, three passes over the file each.
 *
 * The first pass finds the most frequent pairs. The second one cuts each word wherever two
 * symbols that are no such pair stand side by side, and counts the parts: they are short, and
 * the same in many words, so that few of them stand for all words. In these parts pairs are
 * merged until the next pair may be one that was cut (wpmerge_parts() says why that is sound).
 * The third pass takes the same steps in all words and writes them to the other file.
 *
 * If there are too many parts, the less frequent pairs are cut, too.
 */
struct rounds {
    struct wpmerge *m;
    struct spelled *words, *next;
    uint64_t memory;
    struct pair_bounds bounds; /* of the words */
    struct best_pairs best;
    size_t keep;              /* only so many of these are not cut; */
    struct pair_set kept;     /* here they are, with their number */
    struct word_counts parts; /* the parts; the symbols of one stand for the bytes of a word */
    struct buf used, steps;   /* as in wpmerge_parts() */
    struct pair_set step_of;  /* the pairs of the steps, with their number */
    struct buf order;         /* uint32_t: the step that each pair of a word waits for */
    struct buf before;        /* uint32_t: the word before its steps */
};

/* The shares of the memory for bounds, for counting pairs, and for parts and merging them.
 * Pairs are counted before there are parts. The pairs of a round take the rest. */
enum { BOUNDS_SHARE = 4, COUNT_SHARE = 2, PARTS_SHARE = 2 };

/* The memory that a pair of a round takes in its list and in the set, that a part takes when it
 * is merged, and a symbol of it. */
enum { PAIR_BYTES = 512, PART_BYTES = 24, SYMBOL_BYTES = 128 };

enum { MORE_PAIRS = 8, LEAST_PAIRS = 1024 };

#define NONE UINT32_MAX

static struct pair_rank floor_of(const struct rounds *r)
{
    return r->keep < r->best.n ? r->best.pair[r->keep] : r->best.floor;
}

/* --- the second pass */

static int add_part(struct word_counts *to, const uint32_t *ids, size_t n, uint64_t count)
{
    return n < 2 ? RF_OK : word_counts_add(to, (const char *)ids, n * sizeof *ids, count);
}

/* Add the parts of a word. */
static int add_parts(const struct rounds *r, struct word_counts *to, const uint32_t *ids,
                     size_t n, uint64_t count)
{
    size_t start = 0;
    int rc = RF_OK;

    for (size_t k = 1; rc == RF_OK && k < n; k++) {
        if (pair_set_get(&r->kept, pair_key(ids[k - 1], ids[k])) < r->keep)
            continue;
        rc = add_part(to, ids + start, k - start, count);
        start = k;
    }
    return rc == RF_OK ? add_part(to, ids + start, n - start, count) : rc;
}

/* The parts take more memory than they may, now or when they are merged. */
static bool is_too_much(const struct rounds *r)
{
    const struct strtab *t = &r->parts.words;

    return word_counts_bytes(&r->parts) + t->n * PART_BYTES +
               t->text.len / sizeof(uint32_t) * SYMBOL_BYTES >
           r->memory / PARTS_SHARE;
}

/* Cut the parts at the last quarter of the pairs that are left. */
static int cut_parts(struct rounds *r, struct errbuf *eb)
{
    struct word_counts parts = r->parts;
    int rc = RF_OK;

    r->keep -= r->keep / 4 + 1;
    r->parts = (struct word_counts){0};
    for (size_t i = 0; rc == RF_OK && i < parts.words.n; i++) {
        size_t len;
        const char *ids = strtab_get(&parts.words, i, &len);

        buf_clear(&r->order);
        if (buf_put(&r->order, ids, len) != RF_OK) /* as numbers, they must be aligned */
            rc = RF_ENOMEM;
        else
            rc = add_parts(r, &r->parts, (const uint32_t *)(void *)r->order.data,
                           len / sizeof(uint32_t), parts.count[i]);
    }
    word_counts_free(&parts);
    return rc == RF_OK ? RF_OK : err_nomem(eb);
}

/* Count the parts of all words, until they are known to be too many for more than one pair. */
static int count_parts(struct rounds *r, struct errbuf *eb)
{
    uint32_t *ids;
    uint64_t count;
    size_t n;
    int rc = spelled_rewind(r->words, eb);

    if (rc == RF_OK && pair_set_new(&r->kept, r->keep) != RF_OK)
        rc = err_nomem(eb);
    for (size_t i = 0; rc == RF_OK && i < r->keep; i++)
        pair_set_put(&r->kept, pair_key(r->best.pair[i].a, r->best.pair[i].b), (uint32_t)i);
    while (rc == RF_OK && r->keep > 1 &&
           (rc = spelled_next(r->words, &ids, &n, &count, eb)) == 1) {
        rc = add_parts(r, &r->parts, ids, n, count) == RF_OK ? RF_OK : err_nomem(eb);
        while (rc == RF_OK && r->keep > 1 && is_too_much(r))
            rc = cut_parts(r, eb);
    }
    return rc;
}

/* Merge the parts, and note the steps. */
static int merge_parts(struct rounds *r, struct errbuf *eb)
{
    const struct pair_rank floor = floor_of(r);
    int rc = RF_OK;

    for (size_t i = 0; rc == RF_OK && i < r->parts.words.n; i++) {
        size_t len;
        const char *ids = strtab_get(&r->parts.words, i, &len);

        rc = wpmerge_add(r->m, ids, len / sizeof(uint32_t), r->parts.count[i]);
    }
    word_counts_free(&r->parts);
    if (rc == RF_OK)
        rc = wpmerge_parts(r->m, &floor, &r->used, &r->steps);
    wpmerge_free(r->m);
    return rc == RF_OK ? RF_OK : err_nomem(eb);
}

/* Note the one step that merges the best pair. */
static int take_one_step(struct rounds *r, struct errbuf *eb)
{
    struct wpmerge_step step = {r->best.pair[0].a, r->best.pair[0].b, 0};

    if (wpmerge_join(r->m->tokens, step.a, step.b, &step.id) != RF_OK ||
        wpmerge_use(&r->used, step.id) != RF_OK ||
        buf_put(&r->steps, &step, sizeof step) != RF_OK)
        return err_nomem(eb);
    wpmerge_show(r->m);
    return RF_OK;
}

/* --- the third pass */

static const struct wpmerge_step *steps_of(const struct rounds *r, size_t *n)
{
    *n = r->steps.len / sizeof(struct wpmerge_step);
    return (const struct wpmerge_step *)(const void *)r->steps.data;
}

static int index_steps(struct rounds *r)
{
    size_t n;
    const struct wpmerge_step *step = steps_of(r, &n);

    if (pair_set_new(&r->step_of, n) != RF_OK)
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++)
        pair_set_put(&r->step_of, pair_key(step[i].a, step[i].b), (uint32_t)i);
    return RF_OK;
}

static uint32_t step_between(const struct rounds *r, uint32_t a, uint32_t b)
{
    return pair_set_get(&r->step_of, pair_key(a, b));
}

/* The same, but NONE if step `at`, which was just taken, came later: the last step may make
 * pairs that were merged before, and these stay. */
static uint32_t step_behind(const struct rounds *r, uint32_t at, uint32_t a, uint32_t b)
{
    uint32_t step = step_between(r, a, b);

    return step > at ? step : NONE;
}

/* Take one step in n symbols, of which order[k] is the step that k and k + 1 wait for. Returns
 * how many symbols are left. */
static size_t take_step(const struct rounds *r, uint32_t at, uint32_t *ids, uint32_t *order,
                        size_t n)
{
    size_t all, len = 0;
    const struct wpmerge_step *step = steps_of(r, &all) + at;

    for (size_t k = 0; k < n; k++) {
        bool here = k + 1 < n && ids[k] == step->a && ids[k + 1] == step->b;

        ids[len] = here ? step->id : ids[k];
        k += here;
        order[len] = k + 1 < n ? order[k] : NONE;
        len++;
    }
    for (size_t k = 0; k + 1 < len; k++)
        if (ids[k] == step->id || ids[k + 1] == step->id)
            order[k] = step_behind(r, at, ids[k], ids[k + 1]);
    return len;
}

/* Take all steps in these symbols, the first step first. */
static size_t take_steps(const struct rounds *r, uint32_t *ids, uint32_t *order, size_t n)
{
    for (;;) {
        uint32_t first = NONE;

        for (size_t k = 0; k + 1 < n; k++)
            first = order[k] < first ? order[k] : first;
        if (first == NONE)
            return n;
        n = take_step(r, first, ids, order, n);
    }
}

/* Take all steps in a word of n symbols, in each of its parts. *left symbols are left. */
static int merge_word(struct rounds *r, uint32_t *ids, size_t *left, size_t n,
                      struct errbuf *eb)
{
    size_t start = 0, len = 0;
    uint32_t *order;

    buf_clear(&r->order);
    buf_clear(&r->before);
    if (buf_reserve(&r->order, n * sizeof *order) != RF_OK ||
        buf_put(&r->before, ids, n * sizeof *ids) != RF_OK)
        return err_nomem(eb);
    order = (uint32_t *)(void *)r->order.data;
    for (size_t k = 0; k + 1 < n; k++)
        order[k] = step_between(r, ids[k], ids[k + 1]);
    for (size_t k = 1; k <= n; k++) {
        size_t now;

        if (k < n && pair_set_get(&r->kept, pair_key(ids[k - 1], ids[k])) < r->keep)
            continue;
        now = take_steps(r, ids + start, order + start, k - start);
        memmove(ids + len, ids + start, now * sizeof *ids);
        len += now;
        start = k;
    }
    *left = len;
    return RF_OK;
}

static bool has_step(const struct rounds *r, const uint32_t *ids, size_t n)
{
    for (size_t k = 1; k < n; k++)
        if (step_between(r, ids[k - 1], ids[k]) != NONE)
            return true;
    return false;
}

/* Add a word's pairs to the bounds; `by` may be the negative of its count. */
static void count_pairs(struct rounds *r, const uint32_t *ids, size_t n, uint64_t by)
{
    for (size_t k = 1; k < n; k++)
        pair_bounds_add(&r->bounds, pair_key(ids[k - 1], ids[k]), by);
}

/* Bring the bounds up to date after the steps in a word of n symbols, which are *left now.
 * Pairs before the first change and behind the last one stay as they are. */
static void count_change(struct rounds *r, const uint32_t *ids, size_t n, size_t left,
                         uint64_t count)
{
    const uint32_t *before = (const uint32_t *)(const void *)r->before.data;
    size_t first = 0, same = 0;

    while (first + 1 < left && ids[first + 1] == before[first + 1] &&
           ids[first] == before[first])
        first++;
    while (same + 1 + first < left && ids[left - 1 - same - 1] == before[n - 1 - same - 1] &&
           ids[left - 1 - same] == before[n - 1 - same])
        same++;
    count_pairs(r, before + first, n - first - same, -count);
    count_pairs(r, ids + first, left - first - same, count);
}

/* Take the steps in all words, and swap the files. A word that is left with one symbol, in
 * which nothing can be merged, is left out. */
static int merge_words(struct rounds *r, struct errbuf *eb)
{
    struct spelled *swap;
    uint32_t *ids;
    uint64_t count;
    size_t n, left;
    int rc = spelled_rewind(r->words, eb);

    if (rc == RF_OK && index_steps(r) != RF_OK)
        rc = err_nomem(eb);
    while (rc == RF_OK && (rc = spelled_next(r->words, &ids, &n, &count, eb)) == 1) {
        if (!has_step(r, ids, n)) {
            rc = spelled_copy(r->next, r->words, eb);
            continue;
        }
        if ((rc = merge_word(r, ids, &left, n, eb)) != RF_OK)
            break;
        count_change(r, ids, n, left, count);
        if (left > 1)
            rc = spelled_put(r->next, ids, left, count, eb);
    }
    swap = r->words;
    r->words = r->next;
    r->next = swap;
    return rc == RF_OK ? spelled_clear(r->next, eb) : rc;
}

/* --- rounds */

/* Count the pairs of the words that the file has at first, and note their symbols. */
static int count_first(struct rounds *r, struct errbuf *eb)
{
    uint32_t *ids;
    uint64_t count;
    size_t n;
    int rc = spelled_rewind(r->words, eb);

    if (rc == RF_OK && pair_bounds_new(&r->bounds, r->memory / BOUNDS_SHARE) != RF_OK)
        rc = err_nomem(eb);
    while (rc == RF_OK && (rc = spelled_next(r->words, &ids, &n, &count, eb)) == 1) {
        rc = RF_OK;
        for (size_t k = 0; rc == RF_OK && k < n; k++)
            rc = wpmerge_use(&r->used, ids[k]) == RF_OK ? RF_OK : err_nomem(eb);
        count_pairs(r, ids, n, count);
    }
    return rc;
}

static int round_of(struct rounds *r, struct errbuf *eb)
{
    int rc;

    r->keep = r->best.n;
    buf_clear(&r->steps);
    rc = count_parts(r, eb);
    if (rc == RF_OK)
        rc = r->keep > 1 ? merge_parts(r, eb) : take_one_step(r, eb);
    word_counts_free(&r->parts);
    if (rc == RF_OK)
        rc = merge_words(r, eb);
    pair_set_free(&r->kept);
    pair_set_free(&r->step_of);
    return rc;
}

/* How many pairs the next round begins with: if memory was short, not many more than the last
 * one could keep. */
static size_t pairs_to_find(const struct rounds *r)
{
    size_t most = (size_t)(r->memory / PAIR_BYTES);

    if (r->keep && r->keep < r->best.n && r->keep * MORE_PAIRS + LEAST_PAIRS < most)
        most = r->keep * MORE_PAIRS + LEAST_PAIRS;
    return most ? most : 1;
}

int wprounds(struct wpmerge *m, struct spelled **words, uint64_t memory, const char *near,
             struct errbuf *eb)
{
    struct rounds r = {.m = m, .words = *words, .memory = memory};
    int rc = spelled_new(&r.next, near, eb);

    if (rc == RF_OK)
        rc = count_first(&r, eb);
    while (rc == RF_OK && m->tokens->n < m->size) {
        rc = best_pairs_find(&r.best, r.words, &r.bounds, pairs_to_find(&r),
                             memory / COUNT_SHARE, m->min_frequency, eb);
        if (rc != RF_OK || !r.best.n)
            break;
        rc = round_of(&r, eb);
    }
    *words = r.words;
    pair_bounds_free(&r.bounds);
    best_pairs_free(&r.best);
    buf_free(&r.used);
    buf_free(&r.steps);
    buf_free(&r.order);
    buf_free(&r.before);
    spelled_free(r.next);
    return rc;
}
