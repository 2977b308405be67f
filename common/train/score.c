#include "train/score.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the baseline: what the frequencies of the training tokens alone would score. Each token
 * is counted once more than it is there, so that none has probability 0; special ones are left
 * out */

static double unigram_total(const struct scorer *s)
{
    double total = 0;

    for (size_t i = 0; s->counts && i < s->data->vocab_size; i++)
        total += special_has(&s->data->special, (int32_t)i) ? 0 : s->counts[i] + 1;
    return total;
}

static void add_unigram(const struct scorer *s, const struct model_batch *b, struct sums *to)
{
    for (size_t i = 0; i < b->n; i++) {
        if (special_has(&s->data->special, b->labels[i]))
            continue;
        to->ordinary++;
        to->unigram -= log((s->counts[b->labels[i]] + 1) / s->total);
    }
}

/* --- batches */

static size_t sum_bytes(const struct scorer *s)
{
    return SCORER_BATCHES * s->task->sums * sizeof *s->sum;
}

int scorer_new(struct scorer *s, struct errbuf *eb)
{
    s->sum = s->l->nn->ops->mem_new(s->l->nn, sum_bytes(s));
    s->leaves = calloc(SCORER_BATCHES, sizeof *s->leaves);
    if (slot_new(&s->slot, s->batch, s->data->max_len, NULL) != RF_OK || !s->sum || !s->leaves)
        return err_nomem(eb);
    s->total = unigram_total(s);
    return RF_OK;
}

void scorer_free(struct scorer *s)
{
    if (s->sum)
        s->l->nn->ops->mem_free(s->l->nn, s->sum, sum_bytes(s));
    free(s->leaves);
    slot_free(&s->slot);
    *s = (struct scorer){.l = NULL};
}

uint64_t scorer_batches(const struct scorer *s, const struct train_source *set)
{
    return (set->records + s->batch - 1) / s->batch;
}

void scorer_begin(struct scorer *s)
{
    if (s->l->room.tally)
        memset(s->l->room.tally, 0, s->l->room.n_tally * sizeof *s->l->room.tally);
}

struct sums scorer_end(const struct scorer *s, const struct sums_tree *tree)
{
    struct sums sums = sums_total(tree);

    if (s->task->finish)
        s->task->finish(s->l, &sums);
    return sums;
}

static int score_batch(struct scorer *s, const struct train_source *set, uint64_t number,
                       size_t place, struct sums *leaf, struct errbuf *eb)
{
    uint64_t at = number * s->batch, left = set->records - at;
    struct model_draw draw = s->draw;
    int rc = slot_fill(&s->slot, set, at, left < s->batch ? left : s->batch, 0, s->data, eb);

    if (rc != RF_OK)
        return rc;
    *leaf = (struct sums){.labels = s->slot.batch.n, .tokens = s->slot.tokens};
    if (s->counts && s->task->of_tokens)
        add_unigram(s, &s->slot.batch, leaf);
    draw.slot = number; /* what a batch draws is its own */
    return s->task->loss(s->l, &s->slot.batch, &draw, NULL, NULL,
                         s->sum + place * s->task->sums, eb);
}

int scorer_leaves(struct scorer *s, const struct train_source *set, uint64_t first, size_t n,
                  struct sums *leaf, struct errbuf *eb)
{
    struct nn_sum got[SCORER_BATCHES * TASK_SUMS_MAX];
    struct nn *nn = s->l->nn;
    int rc = RF_OK;

    nn->ops->fill(nn, (float *)(void *)s->sum, 0, sum_bytes(s) / sizeof(float));
    for (size_t i = 0; i < n && rc == RF_OK; i++) {
        rc = score_batch(s, set, first + i, i, &leaf[i], eb);
        if (rc == RF_OK && s->stop && s->stop(s->self))
            rc = RF_ESTOP;
    }
    if (rc != RF_OK)
        return rc;
    nn->ops->download(nn, got, s->sum, n * s->task->sums * sizeof *got);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < s->task->sums; k++)
            leaf[i].of[k] = got[i * s->task->sums + k];
    return nn_status(nn, eb);
}

int scorer_add(struct scorer *s, const struct train_source *set, uint64_t first, uint64_t n,
               struct sums_tree *tree, struct errbuf *eb)
{
    int rc = RF_OK;

    for (uint64_t done = 0; done < n && rc == RF_OK;) {
        size_t some = n - done < SCORER_BATCHES ? n - done : SCORER_BATCHES;

        rc = scorer_leaves(s, set, first + done, some, s->leaves, eb);
        for (size_t i = 0; i < some && rc == RF_OK; i++)
            sums_add(tree, s->leaves[i]);
        done += some;
    }
    return rc;
}
