#include "data/wordcount.h"

#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "base/utf8.h"
#include "data/batch.h"
#include "data/chunk.h"
#include "data/normalize.h"

enum { RECENT_BITS = 15 };

/* A chunk met lately and how often since: most text is counted here, and normalised once. */
struct recent {
    uint64_t key[CHUNK_KEY_WORDS], count;
    size_t len; /* 0: nothing here */
};

/* What one thread counts with. */
struct counter {
    struct word_counts counts;
    struct recent *recent; /* 2^RECENT_BITS, by the chunk's hash */
    struct batch batch;
    struct normal normal;
    struct buf word;
    unsigned flags;
    int rc;
};

int word_counts_add(struct word_counts *wc, const char *word, size_t len, uint64_t by)
{
    size_t i;

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
    wc->total += by;
    return RF_OK;
}

static int add_words(struct counter *c, const char *text, size_t len, uint64_t by)
{
    const uint32_t *word;
    size_t at = 0, n;

    if (normalize(&c->normal, text, len, c->flags) != RF_OK)
        return RF_ENOMEM;
    while (normal_word(&c->normal, &at, &word, &n)) {
        buf_clear(&c->word);
        if (buf_reserve(&c->word, n * UTF8_MAX_BYTES) != RF_OK)
            return RF_ENOMEM;
        for (size_t i = 0; i < n; i++)
            c->word.len += utf8_encode(c->word.data + c->word.len, word[i]);
        if (word_counts_add(&c->counts, c->word.data, c->word.len, by) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

/* Move what was counted of a chunk to the words, and forget the chunk. */
static int settle(struct counter *c, struct recent *r)
{
    char text[CHUNK_KEY_BYTES];
    size_t len = r->len;

    if (!len)
        return RF_OK;
    r->len = 0;
    chunk_key_text(r->key, text);
    return add_words(c, text, len, r->count);
}

static void count_batch(void *ctx, size_t i)
{
    struct counter *c = (struct counter *)ctx + i;
    const char *at = c->batch.text.data, *end = at + c->batch.text.len;
    struct chunk chunk;

    while (c->rc == RF_OK && chunk_next(&chunk, &at, end)) {
        struct recent *r = &c->recent[chunk.hash >> (64 - RECENT_BITS)];

        if (!chunk_is_short(&chunk)) {
            c->rc = add_words(c, chunk.text, chunk.len, 1);
        } else if (r->len == chunk.len && chunk_key_equal(&chunk, r->key)) {
            r->count++;
        } else {
            c->rc = settle(c, r);
            memcpy(r->key, chunk.key, sizeof r->key);
            r->len = chunk.len;
            r->count = 1;
        }
    }
}

static void settle_all(void *ctx, size_t i)
{
    struct counter *c = (struct counter *)ctx + i;

    for (size_t k = 0; c->rc == RF_OK && k < (size_t)1 << RECENT_BITS; k++)
        c->rc = settle(c, &c->recent[k]);
}

/* Give each counter a batch; *any is false at the end of the text. */
static int read_batches(struct counter *c, int n, struct lines *l, bool *any, struct errbuf *eb)
{
    *any = false;
    for (int i = 0; i < n; i++) {
        int rc = batch_read(&c[i].batch, l, eb);

        if (rc != RF_OK)
            return rc;
        *any |= c[i].batch.n > 0;
    }
    return RF_OK;
}

static int count_lines(struct counter *c, int threads, struct lines *l, struct progress *p,
                       struct errbuf *eb)
{
    bool any = true;

    while (any) {
        int rc = read_batches(c, threads, l, &any, eb);

        if (rc != RF_OK)
            return rc;
        par_for(threads, (size_t)threads, count_batch, c);
        if (p)
            progress_show(p, lines_consumed(l), NULL);
    }
    par_for(threads, (size_t)threads, settle_all, c);
    for (int i = 0; i < threads; i++)
        if (c[i].rc != RF_OK)
            return err_nomem(eb);
    return RF_OK;
}

/* Add all of `from`; the first to come is taken as it is. */
static int add_counts(struct word_counts *to, struct word_counts *from)
{
    if (!to->words.n) {
        word_counts_free(to);
        *to = *from;
        *from = (struct word_counts){0};
    }
    for (size_t i = 0; i < from->words.n; i++) {
        size_t len;
        const char *word = strtab_get(&from->words, i, &len);

        if (word_counts_add(to, word, len, from->count[i]) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

static void free_counter(struct counter *c)
{
    word_counts_free(&c->counts);
    free(c->recent);
    batch_free(&c->batch);
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
        if (!(c[i].recent = calloc((size_t)1 << RECENT_BITS, sizeof *c[i].recent)))
            rc = err_nomem(eb);
    }
    if (rc == RF_OK)
        rc = count_lines(c, threads, l, p, eb);
    for (int i = 0; c && i < threads; i++) {
        if (rc == RF_OK && add_counts(wc, &c[i].counts) != RF_OK)
            rc = err_nomem(eb);
        free_counter(&c[i]);
    }
    free(c);
    return rc;
}

void word_counts_free(struct word_counts *wc)
{
    strtab_free(&wc->words);
    free(wc->count);
    *wc = (struct word_counts){0};
}
