#include "wordpiece/wpmerge.h"

#include <string.h>

#include "wordpiece/best_pairs.h"

#define NONE UINT32_MAX

enum { NOTE_EVERY = 64 };

int wpmerge_add(struct wpmerge *m, const uint32_t *symbols, size_t n, uint64_t count)
{
    uint64_t end = m->symbols.len / sizeof *symbols + n;

    if (!m->start.len) {
        uint64_t first = 0;

        if (buf_put(&m->start, &first, sizeof first) != RF_OK)
            return RF_ENOMEM;
    }
    if (wpmerge_words(m) + 1 == NONE || buf_put(&m->count, &count, sizeof count) != RF_OK ||
        buf_put(&m->start, &end, sizeof end) != RF_OK)
        return RF_ENOMEM;
    return buf_put(&m->symbols, symbols, n * sizeof *symbols);
}

size_t wpmerge_words(const struct wpmerge *m)
{
    return m->count.len / sizeof(uint64_t);
}

/* The symbols of word i and its count. *room is the number of symbols it had before merging. */
static uint32_t *word_symbols(const struct wpmerge *m, size_t i, size_t *room, uint64_t *count)
{
    const uint64_t *start = (const uint64_t *)(const void *)m->start.data;

    *room = (size_t)(start[i + 1] - start[i]);
    *count = ((const uint64_t *)(const void *)m->count.data)[i];
    return (uint32_t *)(void *)m->symbols.data + start[i];
}

static size_t word_length(const uint32_t *s, size_t room)
{
    size_t n = 0;

    while (n < room && s[n] != NONE)
        n++;
    return n;
}

static int count_pairs(struct wpmerge *m)
{
    size_t n = wpmerge_words(m);

    if (symbol_pairs_new(&m->pairs) != RF_OK)
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        uint64_t count;
        size_t len;
        const uint32_t *s = word_symbols(m, i, &len, &count);

        for (size_t k = 1; k < len; k++)
            symbol_pairs_add(m->pairs, s[k - 1], s[k], count, (uint32_t)i);
    }
    return symbol_pairs_settle(m->pairs);
}

/* Replace each a b in word i by `id`. */
static void merge_in_word(struct wpmerge *m, uint32_t i, uint32_t a, uint32_t b, uint32_t id)
{
    uint64_t count;
    size_t room, len, n = 0;
    uint32_t *s = word_symbols(m, i, &room, &count);

    len = word_length(s, room);
    for (size_t k = 0; k < len; k++) {
        if (s[k] != a || k + 1 == len || s[k + 1] != b) {
            s[n++] = s[k];
            continue;
        }
        if (n) {
            symbol_pairs_sub(m->pairs, s[n - 1], a, count);
            symbol_pairs_add(m->pairs, s[n - 1], id, count, i);
        }
        if (k + 2 < len) {
            symbol_pairs_sub(m->pairs, b, s[k + 2], count);
            symbol_pairs_add(m->pairs, id, s[k + 2], count, i);
        }
        s[n++] = id;
        k++;
    }
    if (n < room)
        s[n] = NONE;
}

/* Set *id to the token of two symbols side by side, and add the token if it is new. */
static int join(struct strtab *tokens, uint32_t a, uint32_t b, uint32_t *id)
{
    struct buf text = {0};
    size_t len_a, len_b, i = 0;
    const char *s = strtab_get(tokens, a, &len_a), *rest = strtab_get(tokens, b, &len_b);
    int rc;

    if (len_b >= 2 && memcmp(rest, "##", 2) == 0) {
        rest += 2;
        len_b -= 2;
    }
    if ((rc = buf_put(&text, s, len_a)) == RF_OK && (rc = buf_put(&text, rest, len_b)) == RF_OK)
        rc = strtab_add(tokens, text.data, text.len, &i);
    *id = (uint32_t)i;
    buf_free(&text);
    return rc;
}

static void show(const struct wpmerge *m)
{
    if (m->progress && m->tokens->n % NOTE_EVERY == 0)
        progress_show(m->progress, m->tokens->n, NULL);
}

/* Merge the best pairs of m->pairs, one in each round. If `partly` is true, m->pairs and the
 * words in memory are only a part of all. Then a round is the last one if its token existed
 * before: that token may also stand in words that are not in memory, so the counts of its new
 * pairs would be too low. */
static int merge_rounds(struct wpmerge *m, bool partly)
{
    uint32_t a, b, id, word;
    uint64_t count;
    bool known = false;

    while (!(known && partly) && m->tokens->n < m->size &&
           symbol_pairs_best(m->pairs, &a, &b, &count) && count >= m->min_frequency) {
        size_t n = m->tokens->n;

        if (join(m->tokens, a, b, &id) != RF_OK)
            return RF_ENOMEM;
        known = m->tokens->n == n;
        while (symbol_pairs_word(m->pairs, &word))
            merge_in_word(m, word, a, b, id);
        if (symbol_pairs_settle(m->pairs) != RF_OK)
            return RF_ENOMEM;
        show(m);
    }
    return RF_OK;
}

int wpmerge_all(struct wpmerge *m)
{
    return count_pairs(m) == RF_OK ? merge_rounds(m, false) : RF_ENOMEM;
}

void wpmerge_free(struct wpmerge *m)
{
    buf_free(&m->count);
    buf_free(&m->start);
    buf_free(&m->symbols);
    symbol_pairs_free(m->pairs);
    m->pairs = NULL;
}

/* --- from a file */

/* Write a word, unless it has only one symbol, in which nothing can be merged. */
static int put_word(struct spelled *to, const uint32_t *s, size_t n, uint64_t count,
                    struct errbuf *eb)
{
    return n < 2 ? RF_OK : spelled_put(to, s, n, count, eb);
}

/* Merge one pair in all words, with one word in memory at a time. */
static int merge_one(struct wpmerge *m, const struct pair_rank *pair, struct spelled *from,
                     struct spelled *to, struct errbuf *eb)
{
    uint32_t id, *s;
    uint64_t count;
    size_t n;
    int rc = join(m->tokens, pair->a, pair->b, &id) == RF_OK ? spelled_rewind(from, eb)
                                                             : err_nomem(eb);

    while (rc == RF_OK && (rc = spelled_next(from, &s, &n, &count, eb)) == 1) {
        size_t len = 0;

        for (size_t k = 0; k < n; k++) {
            bool here = s[k] == pair->a && k + 1 < n && s[k + 1] == pair->b;

            s[len++] = here ? id : s[k];
            k += here;
        }
        rc = put_word(to, s, len, count, eb);
    }
    show(m);
    return rc;
}

/* Take the words that hold one of m->pairs into memory, and write the others to `to`. */
static int load(struct wpmerge *m, struct spelled *from, struct spelled *to, struct errbuf *eb)
{
    uint32_t *s;
    uint64_t count;
    size_t n;
    int rc = spelled_rewind(from, eb);

    while (rc == RF_OK && (rc = spelled_next(from, &s, &n, &count, eb)) == 1) {
        bool found = false;

        for (size_t k = 1; k < n; k++)
            found |= symbol_pairs_found(m->pairs, s[k - 1], s[k], (uint32_t)wpmerge_words(m));
        if (!found)
            rc = put_word(to, s, n, count, eb);
        else
            rc = wpmerge_add(m, s, n, count) == RF_OK ? RF_OK : err_nomem(eb);
    }
    return rc;
}

static int unload(const struct wpmerge *m, struct spelled *to, struct errbuf *eb)
{
    size_t n = wpmerge_words(m);
    int rc = RF_OK;

    for (size_t i = 0; rc == RF_OK && i < n; i++) {
        uint64_t count;
        size_t room;
        const uint32_t *s = word_symbols(m, i, &room, &count);

        rc = put_word(to, s, word_length(s, room), count, eb);
    }
    return rc;
}

/* Merge as far as these pairs tell what comes next. The list is freed to make room. */
static int merge_some(struct wpmerge *m, struct best_pairs *best, struct spelled *from,
                      struct spelled *to, struct errbuf *eb)
{
    int rc;

    if (symbol_pairs_new(&m->pairs) != RF_OK)
        return err_nomem(eb);
    symbol_pairs_floor(m->pairs, &best->floor);
    for (size_t i = 0; i < best->n; i++)
        symbol_pairs_know(m->pairs, &best->pair[i].rank);
    free(best->pair);
    best->pair = NULL;
    if ((rc = load(m, from, to, eb)) == RF_OK &&
        (symbol_pairs_settle(m->pairs) != RF_OK || merge_rounds(m, true) != RF_OK))
        rc = err_nomem(eb);
    if (rc == RF_OK)
        rc = unload(m, to, eb);
    wpmerge_free(m);
    return rc;
}

int wpmerge_file(struct wpmerge *m, struct spelled **words, uint64_t memory, const char *near,
                 struct errbuf *eb)
{
    struct best_pairs best = {0};
    struct spelled *next = NULL, *swap;
    int rc = spelled_new(&next, near, eb);

    while (rc == RF_OK && m->tokens->n < m->size) {
        if ((rc = best_pairs_find(&best, *words, memory, m->min_frequency, eb)) != RF_OK ||
            !best.n)
            break;
        if (best.n == 1 && best_pair_bytes(&best.pair[0]) > memory)
            rc = merge_one(m, &best.pair[0].rank, *words, next, eb);
        else
            rc = merge_some(m, &best, *words, next, eb);
        swap = *words;
        *words = next;
        next = swap;
        if (rc == RF_OK)
            rc = spelled_clear(next, eb);
    }
    best_pairs_free(&best);
    spelled_free(next);
    return rc;
}
