#include "data/wptrain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "data/pairs.h"

enum { N_CODE_POINTS = 0x110000, NOTE_EVERY = 64 };

struct character {
    uint32_t cp;
    bool inside; /* stands in a word, not only at its beginning */
    uint64_t count;
};

static void count_word(struct character *all, const char *word, size_t len, uint64_t count)
{
    for (const char *s = word; s < word + len;) {
        uint32_t cp;
        bool inside = s > word;

        s += utf8_next(&cp, s);
        all[cp].cp = cp;
        all[cp].inside |= inside;
        all[cp].count += count;
    }
}

/* No sum made later is larger than all characters, which are no more than the bytes. */
static int count_characters(struct character *all, struct word_counts *words, size_t *n,
                            struct errbuf *eb)
{
    uint64_t count, in_word, bytes = 0;
    const char *word;
    size_t len;
    int rc = word_counts_rewind(words, WORDS_ANY_ORDER, eb);

    while (rc == RF_OK && (rc = word_counts_next(words, &word, &len, &count, eb)) == 1) {
        if (__builtin_mul_overflow(count, len, &in_word) ||
            __builtin_add_overflow(bytes, in_word, &bytes))
            return err_set(eb, RF_ERANGE, "the words have 2^64 bytes or more");
        count_word(all, word, len, count);
        ++*n;
        rc = RF_OK;
    }
    return rc;
}

static int by_count(const void *x, const void *y)
{
    const struct character *a = x, *b = y;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    return a->cp < b->cp ? -1 : 1;
}

static int by_code_point(const void *x, const void *y)
{
    const struct character *a = x, *b = y;

    return a->cp < b->cp ? -1 : a->cp > b->cp;
}

static int add_alphabet(struct strtab *tokens, const struct character *c, size_t n, bool inside)
{
    for (size_t i = 0; i < n; i++) {
        char token[2 + UTF8_MAX_BYTES] = "##", *s = inside ? token + 2 : token;
        size_t len = (size_t)(s - token) + utf8_encode(s, c[i].cp), id;

        if ((!inside || c[i].inside) && strtab_add(tokens, token, len, &id) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

static int add_special(struct strtab *tokens, struct strtab *seen, const char *name, size_t len,
                       struct errbuf *eb)
{
    size_t n = seen->n, i;

    for (i = 0; i < len; i++)
        if ((unsigned char)name[i] <= ' ')
            len = 0;
    if (len == 0 || utf8_check(name, len) != len)
        return err_set(eb, RF_EUSAGE,
                       "a special token is empty, holds white space or is not UTF-8");
    if (strtab_add(seen, name, len, &i) != RF_OK)
        return err_nomem(eb);
    if (i < n)
        return err_set(eb, RF_EUSAGE, "special token '%.*s' stands twice", (int)len, name);
    return strtab_add(tokens, name, len, &i) == RF_OK ? RF_OK : err_nomem(eb);
}

static int add_unused(struct strtab *tokens, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        char name[32];
        size_t at;
        int len = snprintf(name, sizeof name, "[unused%llu]", (unsigned long long)i);

        if (strtab_add(tokens, name, (size_t)len, &at) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

int wptrain_special(struct strtab *tokens, const struct wptrain_cfg *cfg, struct errbuf *eb)
{
    struct strtab seen = {0};
    const char *at = cfg->special;
    int rc = RF_OK;

    for (bool more = true; rc == RF_OK && more;) {
        size_t len = strcspn(at, ",");

        rc = add_special(tokens, &seen, at, len, eb);
        more = at[len] == ',';
        at += len + more;
    }
    if (rc == RF_OK && strtab_find(&seen, "[UNK]", 5) == STRTAB_NONE)
        rc = err_set(eb, RF_EUSAGE, "[UNK] must be among the special tokens");
    if (rc == RF_OK && add_unused(tokens, cfg->unused) != RF_OK)
        rc = err_nomem(eb);
    strtab_free(&seen);
    return rc;
}

int wptrain_alphabet(struct strtab *tokens, struct word_counts *words,
                     const struct wptrain_cfg *cfg, struct wptrain_alphabet *found,
                     struct errbuf *eb)
{
    struct character *c = calloc(N_CODE_POINTS, sizeof *c);
    size_t n = 0, kept, distinct = 0;
    int rc = c ? count_characters(c, words, &distinct, eb) : err_nomem(eb);

    if (rc != RF_OK)
        goto out;
    for (uint32_t cp = 0; cp < N_CODE_POINTS; cp++)
        if (c[cp].count)
            c[n++] = c[cp];
    kept = n < cfg->limit_alphabet ? n : (size_t)cfg->limit_alphabet;
    qsort(c, n, sizeof *c, by_count);
    *found = (struct wptrain_alphabet){.words = distinct, .seen = n, .kept = kept};
    for (size_t i = 0; i < n; i++) {
        found->all += c[i].count;
        found->lost += i < kept ? 0 : c[i].count;
    }
    qsort(c, kept, sizeof *c, by_code_point);
    if (add_alphabet(tokens, c, kept, false) != RF_OK ||
        add_alphabet(tokens, c, kept, true) != RF_OK)
        rc = err_nomem(eb);
out:
    free(c);
    return rc;
}

/*
 * Words are numbered as they were read. The symbols of one, which are token ids, lie from
 * start[i] on; where merging left fewer than start[i + 1] makes room for, NONE ends them.
 */
struct wptrain {
    struct strtab *tokens;
    struct buf count, start, symbols; /* uint64_t, uint64_t, uint32_t */
    struct pairs *pairs;
};

#define NONE UINT32_MAX

/* Ids of the alphabet by code point, plus 1; 0: it has none. */
struct letters {
    uint32_t first[N_CODE_POINTS], inside[N_CODE_POINTS];
};

static void find_letters(struct letters *l, const struct strtab *tokens)
{
    for (size_t i = 0; i < tokens->n; i++) {
        size_t len;
        const char *s = strtab_get(tokens, i, &len);
        uint32_t *id = l->first, cp;

        if (len > 2 && memcmp(s, "##", 2) == 0) {
            id = l->inside;
            s += 2;
            len -= 2;
        }
        if (len && utf8_next(&cp, s) == len)
            id[cp] = (uint32_t)i + 1;
    }
}

/* Hugging Face's rule: where a word's first character is cut, all that is left keeps ##. */
static int spell(struct wptrain *t, const struct letters *l, const char *word, size_t len,
                 uint64_t count)
{
    uint64_t start = t->symbols.len / sizeof(uint32_t);

    if (buf_put(&t->count, &count, sizeof count) != RF_OK ||
        buf_put(&t->start, &start, sizeof start) != RF_OK ||
        buf_reserve(&t->symbols, len * sizeof(uint32_t)) != RF_OK)
        return RF_ENOMEM;
    for (const char *s = word; s < word + len;) {
        const uint32_t *ids = s == word ? l->first : l->inside;
        uint32_t cp, id;

        s += utf8_next(&cp, s);
        id = ids[cp] - 1;
        if (ids[cp] && buf_put(&t->symbols, &id, sizeof id) != RF_OK)
            return RF_ENOMEM;
    }
    return RF_OK;
}

static int spell_all(struct wptrain *t, const struct letters *l, struct word_counts *words,
                     struct errbuf *eb)
{
    uint64_t count, end;
    const char *word;
    size_t len, n = 0;
    int rc = word_counts_rewind(words, WORDS_ANY_ORDER, eb);

    while (rc == RF_OK && (rc = word_counts_next(words, &word, &len, &count, eb)) == 1) {
        if (++n == NONE || spell(t, l, word, len, count) != RF_OK)
            return err_nomem(eb);
        rc = RF_OK;
    }
    end = t->symbols.len / sizeof(uint32_t);
    if (rc == RF_OK && buf_put(&t->start, &end, sizeof end) != RF_OK)
        rc = err_nomem(eb);
    return rc;
}

int wptrain_new(struct wptrain **out, struct strtab *tokens, struct word_counts *words,
                struct errbuf *eb)
{
    struct wptrain *t = calloc(1, sizeof *t);
    struct letters *l = calloc(1, sizeof *l);
    int rc = t && l ? RF_OK : err_nomem(eb);

    if (rc == RF_OK) {
        t->tokens = tokens;
        find_letters(l, tokens);
        rc = spell_all(t, l, words, eb);
    }
    free(l);
    if (rc == RF_OK) {
        *out = t;
        return RF_OK;
    }
    wptrain_free(t);
    return rc;
}

/* Word i: its symbols, *len of them, and its count. */
static uint32_t *word_symbols(const struct wptrain *t, size_t i, size_t *room, uint64_t *count)
{
    const uint64_t *start = (const uint64_t *)(const void *)t->start.data;

    *room = (size_t)(start[i + 1] - start[i]);
    *count = ((const uint64_t *)(const void *)t->count.data)[i];
    return (uint32_t *)(void *)t->symbols.data + start[i];
}

static int count_pairs(struct wptrain *t)
{
    size_t n = t->count.len / sizeof(uint64_t);

    if (pairs_new(&t->pairs) != RF_OK)
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        uint64_t count;
        size_t len;
        const uint32_t *s = word_symbols(t, i, &len, &count);

        for (size_t k = 1; k < len; k++)
            pairs_add(t->pairs, s[k - 1], s[k], count, (uint32_t)i);
    }
    return pairs_settle(t->pairs);
}

/* Put `id` where a b stands in word i. */
static void merge_in_word(struct wptrain *t, uint32_t i, uint32_t a, uint32_t b, uint32_t id)
{
    uint64_t count;
    size_t room, len = 0, n = 0;
    uint32_t *s = word_symbols(t, i, &room, &count);

    while (len < room && s[len] != NONE)
        len++;
    for (size_t k = 0; k < len; k++) {
        if (s[k] != a || k + 1 == len || s[k + 1] != b) {
            s[n++] = s[k];
            continue;
        }
        if (n) {
            pairs_sub(t->pairs, s[n - 1], a, count);
            pairs_add(t->pairs, s[n - 1], id, count, i);
        }
        if (k + 2 < len) {
            pairs_sub(t->pairs, b, s[k + 2], count);
            pairs_add(t->pairs, id, s[k + 2], count, i);
        }
        s[n++] = id;
        k++;
    }
    if (n < room)
        s[n] = NONE;
}

/* The token of two symbols side by side; it may be there already. */
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

int wptrain_merge(struct wptrain *t, const struct wptrain_cfg *cfg, struct progress *p)
{
    uint32_t a, b, id, word;
    uint64_t count;

    if (count_pairs(t) != RF_OK)
        return RF_ENOMEM;
    while (t->tokens->n < cfg->size && pairs_best(t->pairs, &a, &b, &count) &&
           count >= cfg->min_frequency) {
        if (join(t->tokens, a, b, &id) != RF_OK)
            return RF_ENOMEM;
        while (pairs_word(t->pairs, &word))
            merge_in_word(t, word, a, b, id);
        if (pairs_settle(t->pairs) != RF_OK)
            return RF_ENOMEM;
        if (p && t->tokens->n % NOTE_EVERY == 0)
            progress_show(p, t->tokens->n, NULL);
    }
    return RF_OK;
}

void wptrain_free(struct wptrain *t)
{
    if (!t)
        return;
    buf_free(&t->count);
    buf_free(&t->start);
    buf_free(&t->symbols);
    pairs_free(t->pairs);
    free(t);
}
