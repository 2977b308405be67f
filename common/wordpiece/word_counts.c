#include "wordpiece/word_counts.h"

#include <stdlib.h>
#include <string.h>

enum { JOIN_WORDS = 32 }; /* words of a block */

uint64_t word_counts_bytes(const struct word_counts *wc)
{
    return wc->words.text.cap + wc->words.n_slots * sizeof *wc->words.slots +
           wc->words.cap * sizeof *wc->words.start + wc->cap * sizeof *wc->count;
}

static void free_table(struct word_counts *wc)
{
    strtab_free(&wc->words);
    free(wc->count);
    free(wc->order);
    wc->count = NULL;
    wc->order = NULL;
    wc->cap = wc->at = 0;
}

static int by_bytes(const void *x, const void *y, void *ctx)
{
    const struct strtab *words = ctx;
    const uint32_t *a = x, *b = y;

    return strcmp(strtab_get(words, *a, NULL), strtab_get(words, *b, NULL));
}

/* Sort the words by their bytes. No word contains a NUL. */
static int sort_words(struct word_counts *wc, struct errbuf *eb)
{
    if (!(wc->order = malloc((wc->words.n + 1) * sizeof *wc->order)))
        return err_nomem(eb);
    for (size_t i = 0; i < wc->words.n; i++)
        wc->order[i] = (uint32_t)i;
    qsort_r(wc->order, wc->words.n, sizeof *wc->order, by_bytes, &wc->words);
    return RF_OK;
}

int word_counts_spill(struct word_counts *wc, struct word_counts *from, struct errbuf *eb)
{
    int rc = from->words.n ? sort_words(from, eb) : RF_OK;

    if (!from->words.n || rc != RF_OK)
        return rc;
    if (!wc->runs)
        rc = word_runs_new(&wc->runs, wc->near, eb);
    for (size_t i = 0; rc == RF_OK && i < from->words.n; i++) {
        size_t len;
        const char *word = strtab_get(&from->words, from->order[i], &len);

        rc = word_runs_put(wc->runs, word, len, from->count[from->order[i]], eb);
    }
    if (rc == RF_OK)
        rc = word_runs_end(wc->runs, eb);
    free_table(from);
    return rc;
}

static int add_hashed(struct word_counts *wc, const char *word, size_t len, uint64_t by,
                      uint32_t hash)
{
    uint64_t total;
    size_t i;

    if (__builtin_add_overflow(wc->total, by, &total))
        return RF_ERANGE;
    if (wc->words.n == wc->cap) {
        size_t cap = wc->cap ? wc->cap + wc->cap / 2 : 1024;
        uint64_t *count = realloc(wc->count, cap * sizeof *count);

        if (!count)
            return RF_ENOMEM;
        memset(count + wc->cap, 0, (cap - wc->cap) * sizeof *count);
        wc->count = count;
        wc->cap = cap;
    }
    if (strtab_add_hashed(&wc->words, word, len, hash, &i) != RF_OK)
        return RF_ENOMEM;
    wc->count[i] += by;
    wc->total = total;
    return RF_OK;
}

int word_counts_add(struct word_counts *wc, const char *word, size_t len, uint64_t by)
{
    return add_hashed(wc, word, len, by, strtab_hash(word, len));
}

int word_counts_add_block(struct word_counts *wc, struct word_to_add *words, size_t n)
{
    int rc = RF_OK;

    for (size_t i = 0; i < n; i++) {
        words[i].hash = strtab_hash(words[i].word, words[i].len);
        strtab_fetch_slot(&wc->words, words[i].hash);
    }
    for (size_t i = 0; i < n; i++) {
        strtab_fetch_start(&wc->words, words[i].hash, &words[i].likely);
        if (words[i].likely != STRTAB_NONE)
            __builtin_prefetch(&wc->count[words[i].likely], 1);
    }
    for (size_t i = 0; i < n; i++)
        strtab_fetch_text(&wc->words, words[i].likely);
    for (size_t i = 0; rc == RF_OK && i < n; i++)
        rc = add_hashed(wc, words[i].word, words[i].len, words[i].by, words[i].hash);
    return rc;
}

int word_counts_error(int rc, struct errbuf *eb)
{
    return rc == RF_ERANGE ? err_set(eb, rc, "there are 2^64 words or more") : err_nomem(eb);
}

/* Add all words of `from`, in memory. If `to` has no words, the table of `from` is
 * moved to it. */
static int add_table(struct word_counts *to, struct word_counts *from, struct errbuf *eb)
{
    uint64_t total = to->total;

    if (!to->words.n) {
        struct word_counts first = *from;

        *from = (struct word_counts){0};
        first.memory = to->memory;
        first.longest = to->longest;
        first.near = to->near;
        first.runs = to->runs;
        free_table(to);
        *to = first;
        return __builtin_add_overflow(total, to->total, &to->total)
                   ? word_counts_error(RF_ERANGE, eb)
                   : RF_OK;
    }
    for (size_t i = 0; i < from->words.n;) {
        struct word_to_add block[JOIN_WORDS];
        size_t n;
        int rc;

        for (n = 0; n < JOIN_WORDS && i < from->words.n; n++, i++) {
            block[n].word = strtab_get(&from->words, i, &block[n].len);
            block[n].by = from->count[i];
        }
        if ((rc = word_counts_add_block(to, block, n)) != RF_OK)
            return word_counts_error(rc, eb);
    }
    return RF_OK;
}

int word_counts_join(struct word_counts *to, struct word_counts *from, struct errbuf *eb)
{
    uint64_t in_file = from->total;

    for (size_t i = 0; i < from->words.n; i++)
        in_file -= from->count[i];
    if (__builtin_add_overflow(to->total, in_file, &to->total))
        return word_counts_error(RF_ERANGE, eb);
    from->total -= in_file;
    if (to->memory && from->words.n &&
        word_counts_bytes(to) + word_counts_bytes(from) > to->memory / 3 * 2) {
        int rc = word_counts_spill(to, from, eb);

        if (rc == RF_OK && __builtin_add_overflow(to->total, from->total, &to->total))
            rc = word_counts_error(RF_ERANGE, eb);
        return rc;
    }
    return add_table(to, from, eb);
}

/* Spill the table if it takes more than its share of the memory. */
static int settle(struct word_counts *wc, bool *spilled, struct errbuf *eb)
{
    *spilled = wc->memory && word_counts_bytes(wc) > wc->memory / 3 * 2;
    return *spilled ? word_counts_spill(wc, wc, eb) : RF_OK;
}

int word_counts_put(struct word_counts *wc, const char *word, size_t len, uint64_t by,
                    struct errbuf *eb)
{
    int rc = word_counts_add(wc, word, len, by);
    bool spilled;

    return rc == RF_OK ? settle(wc, &spilled, eb) : word_counts_error(rc, eb);
}

int word_counts_put_sorted(struct word_counts *wc, const char *word, size_t len, uint64_t by,
                           struct errbuf *eb)
{
    int rc;

    if (!wc->in_run) {
        rc = word_counts_add(wc, word, len, by);
        return rc == RF_OK ? settle(wc, &wc->in_run, eb) : word_counts_error(rc, eb);
    }
    if (__builtin_add_overflow(wc->total, by, &wc->total))
        return word_counts_error(RF_ERANGE, eb);
    return word_runs_put(wc->runs, word, len, by, eb);
}

int word_counts_end_sorted(struct word_counts *wc, struct errbuf *eb)
{
    bool in_run = wc->in_run;

    wc->in_run = false;
    return in_run ? word_runs_end(wc->runs, eb) : RF_OK;
}

int word_counts_rewind(struct word_counts *wc, enum word_order order, struct errbuf *eb)
{
    int rc = RF_OK;

    wc->at = 0;
    if (wc->runs)
        rc = word_counts_spill(wc, wc, eb);
    if (rc == RF_OK && wc->runs)
        return word_runs_rewind(wc->runs, eb);
    if (rc == RF_OK && order == WORDS_SORTED && !wc->order)
        rc = sort_words(wc, eb);
    return rc;
}

int word_counts_next(struct word_counts *wc, const char **word, size_t *len, uint64_t *count,
                     struct errbuf *eb)
{
    size_t i = wc->at;

    if (wc->runs)
        return word_runs_next(wc->runs, word, len, count, eb);
    if (i == wc->words.n)
        return 0;
    wc->at++;
    if (wc->order)
        i = wc->order[i];
    *word = strtab_get(&wc->words, i, len);
    *count = wc->count[i];
    return 1;
}

void word_counts_free(struct word_counts *wc)
{
    free_table(wc);
    word_runs_free(wc->runs);
    wc->runs = NULL;
    wc->total = 0;
}
