#include "wordpiece/word_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/opt.h"
#include "base/par.h"
#include "base/utf8.h"
#include "text/line_batch.h"
#include "wordpiece/normalize.h"
#include "wordpiece/raw_words.h"

enum { RECENT_BITS = 15 };
enum { COUNT_BYTES = 21 };        /* a tab, and the digits of 2^64 - 1 */
enum { SLACK_BYTES = 512 << 10 }; /* how much shorter a word may become when it is normalised */

/* A raw word met lately, and how often since then. So most words of a text are counted here,
 * and normalised only once. */
struct recent {
    uint64_t key[RAW_KEY_WORDS], count;
    size_t len; /* 0: the slot is free */
};

/* What one thread needs for counting. */
struct counter {
    struct word_counts counts;
    struct recent *recent; /* 2^RECENT_BITS slots, found by the word's hash */
    struct line_batch batch;
    struct normal normal;
    struct buf word;
    size_t longest; /* a word must be shorter than this, else RF_EFORMAT */
    unsigned flags;
    int rc;
};

static size_t longest_word(const struct word_counts *wc)
{
    return wc->longest ? wc->longest : LINE_MAX_BYTES;
}

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

/* Move the words of a table to a run of wc. The table's total stays. */
static int spill(struct word_counts *wc, struct word_counts *from, struct errbuf *eb)
{
    int rc = sort_words(from, eb);

    if (rc == RF_OK && !wc->runs)
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

int word_counts_add(struct word_counts *wc, const char *word, size_t len, uint64_t by)
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
    if (strtab_add(&wc->words, word, len, &i) != RF_OK)
        return RF_ENOMEM;
    wc->count[i] += by;
    wc->total = total;
    return RF_OK;
}

static int add_words(struct counter *c, const char *text, size_t len, uint64_t by)
{
    const uint32_t *word;
    size_t at = 0, n;
    int rc;

    if (normalize(&c->normal, text, len, c->flags) != RF_OK)
        return RF_ENOMEM;
    while (normal_word(&c->normal, &at, &word, &n)) {
        buf_clear(&c->word);
        if (buf_reserve(&c->word, n * UTF8_MAX_BYTES) != RF_OK)
            return RF_ENOMEM;
        for (size_t i = 0; i < n; i++)
            c->word.len += utf8_encode(c->word.data + c->word.len, word[i]);
        if (c->word.len >= c->longest)
            return RF_EFORMAT;
        if ((rc = word_counts_add(&c->counts, c->word.data, c->word.len, by)) != RF_OK)
            return rc;
    }
    return RF_OK;
}

/* Add the count of a raw word to the counts of its normal words, and forget the raw word. */
static int settle_word(struct counter *c, struct recent *r)
{
    char text[RAW_KEY_BYTES];
    size_t len = r->len;

    if (!len)
        return RF_OK;
    r->len = 0;
    memcpy(text, r->key, sizeof text);
    return add_words(c, text, len, r->count);
}

static int count_word(struct counter *c, const struct raw_word *word)
{
    struct recent *r = &c->recent[word->hash >> (64 - RECENT_BITS)];
    int rc;

    if (!raw_word_has_key(word))
        return add_words(c, word->text, word->len, 1);
    if (r->len == word->len && raw_key_equal(word->key, r->key)) {
        r->count++;
        return RF_OK;
    }
    if ((rc = settle_word(c, r)) != RF_OK)
        return rc;
    memcpy(r->key, word->key, sizeof r->key);
    r->len = word->len;
    r->count = 1;
    return RF_OK;
}

static void count_batch(void *ctx, size_t i)
{
    struct counter *c = (struct counter *)ctx + i;
    struct raw_words cut;
    struct raw_word word[RAW_WORDS];
    unsigned n;

    raw_words_begin(&cut, c->batch.text.data, c->batch.text.len, LINE_BATCH_SLACK);
    while (c->rc == RF_OK && (n = raw_words_next(&cut, word)))
        for (unsigned k = 0; k < n && c->rc == RF_OK; k++)
            c->rc = count_word(c, &word[k]);
}

static void settle_all(void *ctx, size_t i)
{
    struct counter *c = (struct counter *)ctx + i;

    for (size_t k = 0; c->rc == RF_OK && k < (size_t)1 << RECENT_BITS; k++)
        c->rc = settle_word(c, &c->recent[k]);
}

/* Give each counter a batch. *any is false at the end of the text. */
static int read_batches(struct counter *c, int n, struct cutter *from, bool *any,
                        struct errbuf *eb)
{
    *any = false;
    for (int i = 0; i < n; i++) {
        int rc = line_batch_read(&c[i].batch, from, eb);

        if (rc != RF_OK)
            return rc;
        *any |= c[i].batch.n > 0;
    }
    return RF_OK;
}

static int word_too_long(const struct word_counts *wc, const struct lines *l, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "a word of %zu bytes or more in '%s', up to line %llu",
                   longest_word(wc), lines_name(l), (unsigned long long)lines_number(l));
}

static int add_error(int rc, struct errbuf *eb)
{
    return rc == RF_ERANGE ? err_set(eb, rc, "there are 2^64 words or more") : err_nomem(eb);
}

/* Write the tables that take more than their share of the memory to the temporary file. */
static int settle_tables(struct word_counts *wc, struct counter *c, int n,
                         const struct lines *l, struct errbuf *eb)
{
    for (int i = 0; i < n; i++) {
        int rc = c[i].rc;

        if (rc == RF_EFORMAT)
            return word_too_long(wc, l, eb);
        if (rc != RF_OK)
            return add_error(rc, eb);
        if (wc->memory && word_counts_bytes(&c[i].counts) > wc->memory / (uint64_t)(n + 1) &&
            (rc = spill(wc, &c[i].counts, eb)) != RF_OK)
            return rc;
    }
    return RF_OK;
}

static int count_lines(struct word_counts *wc, struct counter *c, int threads, struct lines *l,
                       struct progress *p, struct errbuf *eb)
{
    struct cutter cutter = {.lines = l, .longest = longest_word(wc) + SLACK_BYTES};
    bool any = true;
    int rc = RF_OK;

    while (rc == RF_OK && any) {
        if ((rc = read_batches(c, threads, &cutter, &any, eb)) != RF_OK)
            break;
        par_for(threads, (size_t)threads, count_batch, c);
        rc = settle_tables(wc, c, threads, l, eb);
        if (p)
            progress_show(p, lines_consumed(l), NULL);
    }
    cutter_free(&cutter);
    if (rc != RF_OK)
        return rc;
    par_for(threads, (size_t)threads, settle_all, c);
    return settle_tables(wc, c, threads, l, eb);
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
        return __builtin_add_overflow(total, to->total, &to->total) ? add_error(RF_ERANGE, eb)
                                                                    : RF_OK;
    }
    for (size_t i = 0; i < from->words.n; i++) {
        size_t len;
        const char *word = strtab_get(&from->words, i, &len);
        int rc = word_counts_add(to, word, len, from->count[i]);

        if (rc != RF_OK)
            return add_error(rc, eb);
    }
    return RF_OK;
}

/* Add all words of `from`; memory may have a limit, and some words may be in the file. */
static int add_counts(struct word_counts *to, struct word_counts *from, struct errbuf *eb)
{
    uint64_t in_file = from->total;

    for (size_t i = 0; i < from->words.n; i++)
        in_file -= from->count[i];
    if (__builtin_add_overflow(to->total, in_file, &to->total))
        return add_error(RF_ERANGE, eb);
    from->total -= in_file;
    if (to->memory && from->words.n &&
        word_counts_bytes(to) + word_counts_bytes(from) > to->memory / 3 * 2) {
        int rc = spill(to, from, eb);

        if (rc == RF_OK && __builtin_add_overflow(to->total, from->total, &to->total))
            rc = add_error(RF_ERANGE, eb);
        return rc;
    }
    return add_table(to, from, eb);
}

static void free_counter(struct counter *c)
{
    word_counts_free(&c->counts);
    free(c->recent);
    line_batch_free(&c->batch);
    normal_free(&c->normal);
    buf_free(&c->word);
}

int word_counts_lines(struct word_counts *wc, struct lines *l, unsigned flags, int threads,
                      struct progress *p, struct errbuf *eb)
{
    struct counter *c = calloc((size_t)threads, sizeof *c);
    int rc = c ? RF_OK : err_nomem(eb);

    for (int i = 0; rc == RF_OK && i < threads; i++) {
        c[i].flags = flags;
        c[i].longest = longest_word(wc);
        if (!(c[i].recent = calloc((size_t)1 << RECENT_BITS, sizeof *c[i].recent)))
            rc = err_nomem(eb);
    }
    if (rc == RF_OK)
        rc = count_lines(wc, c, threads, l, p, eb);
    for (int i = 0; c && i < threads; i++) {
        if (rc == RF_OK)
            rc = add_counts(wc, &c[i].counts, eb);
        free_counter(&c[i]);
    }
    free(c);
    return rc;
}

static int bad_count(const struct lines *l, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "not a word, a tab and its count in '%s', line %llu",
                   lines_name(l), (unsigned long long)lines_number(l));
}

/* Add a line "word TAB count". */
static int add_count_line(struct word_counts *wc, const struct lines *l, const char *text,
                          size_t len, struct errbuf *eb)
{
    const char *tab = memchr(text, '\t', len);
    uint64_t count;
    int rc;

    if (lines_more(l) || (tab && (size_t)(tab - text) >= longest_word(wc)))
        return word_too_long(wc, l, eb);
    if (!tab || tab == text || memchr(text, ' ', len) ||
        strlen(tab) != len - (size_t)(tab - text) || opt_parse_u64(&count, tab + 1) != RF_OK)
        return bad_count(l, eb);
    rc = word_counts_add(wc, text, (size_t)(tab - text), count);
    if (rc != RF_OK)
        return add_error(rc, eb);
    if (wc->memory && word_counts_bytes(wc) > wc->memory / 3 * 2)
        return spill(wc, wc, eb);
    return RF_OK;
}

int word_counts_read(struct word_counts *wc, struct lines *l, struct progress *p,
                     struct errbuf *eb)
{
    const char *text;
    size_t len;
    int rc;

    while ((rc = lines_next(l, &text, &len, eb)) == 1) {
        if ((rc = add_count_line(wc, l, text, len, eb)) != RF_OK)
            return rc;
        if (p && lines_number(l) % 4096 == 0)
            progress_show(p, lines_consumed(l), NULL);
    }
    return rc;
}

int word_counts_spill(struct word_counts *wc, struct errbuf *eb)
{
    return wc->words.n ? spill(wc, wc, eb) : RF_OK;
}

int word_counts_rewind(struct word_counts *wc, enum word_order order, struct errbuf *eb)
{
    int rc = RF_OK;

    wc->at = 0;
    if (wc->runs)
        rc = word_counts_spill(wc, eb);
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

int word_counts_write(struct word_counts *wc, FILE *to, struct errbuf *eb)
{
    const char *word;
    uint64_t count;
    size_t len;
    int rc = word_counts_rewind(wc, WORDS_SORTED, eb);

    while (rc == RF_OK && (rc = word_counts_next(wc, &word, &len, &count, eb)) == 1) {
        fwrite(word, 1, len, to);
        fprintf(to, "\t%llu\n", (unsigned long long)count);
        rc = RF_OK;
    }
    return rc;
}

void word_counts_free(struct word_counts *wc)
{
    free_table(wc);
    word_runs_free(wc->runs);
    wc->runs = NULL;
    wc->total = 0;
}
