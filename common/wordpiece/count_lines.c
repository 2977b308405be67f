/* count_lines.c: word_counts_lines(), which counts the words of a text. */
#include "wordpiece/word_counts.h"

#include <stdlib.h>
#include <string.h>

#include "base/par.h"
#include "base/utf8.h"
#include "text/line_batch.h"
#include "wordpiece/normalize.h"
#include "wordpiece/raw_words.h"

enum { RECENT_BITS = 15, BLOCK_WORDS = 32 };
enum { BLOCK_BYTES = 4096 };      /* a block with more is not filled up */
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
    struct word_to_add block[BLOCK_WORDS]; /* n_block words that are still to be added; their
                                              bytes lie in `words`, one word behind the other */
    size_t n_block;
    struct buf words;
    size_t longest; /* a word must be shorter than this, else RF_EFORMAT */
    unsigned flags;
    int rc;
};

static size_t longest_word(const struct word_counts *wc)
{
    return wc->longest ? wc->longest : LINE_MAX_BYTES;
}

/* Add the words of the block. */
static int settle_block(struct counter *c)
{
    const char *at = c->words.data;
    int rc;

    for (size_t i = 0; i < c->n_block; at += c->block[i++].len)
        c->block[i].word = at;
    rc = word_counts_add_block(&c->counts, c->block, c->n_block);
    c->n_block = 0;
    buf_clear(&c->words);
    return rc;
}

/* Put a word of n code points into the block. */
static int add_word(struct counter *c, const uint32_t *word, size_t n, uint64_t by)
{
    size_t start = c->words.len;

    if (buf_reserve(&c->words, n * UTF8_MAX_BYTES) != RF_OK)
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++)
        c->words.len += utf8_encode(c->words.data + c->words.len, word[i]);
    if (c->words.len - start >= c->longest)
        return RF_EFORMAT;
    c->block[c->n_block].len = c->words.len - start;
    c->block[c->n_block++].by = by;
    return c->n_block == BLOCK_WORDS || c->words.len > BLOCK_BYTES ? settle_block(c) : RF_OK;
}

static int add_words(struct counter *c, const char *text, size_t len, uint64_t by)
{
    const uint32_t *word;
    size_t at = 0, n;
    int rc;

    if (normalize(&c->normal, text, len, c->flags) != RF_OK)
        return RF_ENOMEM;
    while (normal_word(&c->normal, &at, &word, &n))
        if ((rc = add_word(c, word, n, by)) != RF_OK)
            return rc;
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
    if (c->rc == RF_OK)
        c->rc = settle_block(c);
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

/* Write the tables that take more than their share of the memory to the temporary file. */
static int settle_tables(struct word_counts *wc, struct counter *c, int n,
                         const struct lines *l, struct errbuf *eb)
{
    for (int i = 0; i < n; i++) {
        int rc = c[i].rc;

        if (rc == RF_EFORMAT)
            return word_too_long(wc, l, eb);
        if (rc != RF_OK)
            return word_counts_error(rc, eb);
        if (wc->memory && word_counts_bytes(&c[i].counts) > wc->memory / (uint64_t)(n + 1) &&
            (rc = word_counts_spill(wc, &c[i].counts, eb)) != RF_OK)
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

static void free_counter(struct counter *c)
{
    word_counts_free(&c->counts);
    free(c->recent);
    line_batch_free(&c->batch);
    normal_free(&c->normal);
    buf_free(&c->words);
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
            rc = word_counts_join(wc, &c[i].counts, eb);
        free_counter(&c[i]);
    }
    free(c);
    return rc;
}
