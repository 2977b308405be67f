#include "wordpiece/wptrain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "wordpiece/wprounds.h"

enum { N_CODE_POINTS = 0x110000 };

struct character {
    uint32_t cp;
    uint64_t count;
    uint64_t inside; /* how often it stands behind the start of a word, counting each distinct
                        word once */
};

static void count_word(struct character *all, const char *word, size_t len, uint64_t count)
{
    for (const char *s = word; s < word + len;) {
        uint32_t cp;
        uint64_t inside = s > word;

        s += utf8_next(&cp, s);
        all[cp].cp = cp;
        all[cp].inside += inside;
        all[cp].count += count;
    }
}

/* Count the characters of all words. No later sum is larger than the number of all characters,
 * which is no larger than that of the bytes. */
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

/* Sort by how often a character stands inside a word. Hugging Face's map has no order, and such
 * a character is likely to be seen first there: then its ## token has the smaller id, which
 * wins where pairs are equally frequent. */
static int by_inside(const void *x, const void *y)
{
    const struct character *a = x, *b = y;

    if (a->inside != b->inside)
        return a->inside > b->inside ? -1 : 1;
    return a->cp < b->cp ? -1 : 1;
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
    if (add_alphabet(tokens, c, kept, false) != RF_OK)
        rc = err_nomem(eb);
    qsort(c, kept, sizeof *c, by_inside);
    if (rc == RF_OK && add_alphabet(tokens, c, kept, true) != RF_OK)
        rc = err_nomem(eb);
out:
    free(c);
    return rc;
}

struct wptrain {
    struct strtab *tokens;
    struct wpmerge merge; /* the words, if they fit into memory */
    struct spelled *file; /* the words otherwise */
    uint64_t memory;
    const char *near;
    struct buf symbols; /* the symbols of one word, uint32_t */
};

/* The ids of the alphabet by code point, plus 1. 0: the alphabet lacks the character. */
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

/* Spell a word in the alphabet. By Hugging Face's rule all characters keep their ## even if the
 * word's first character is cut. */
static int spell(struct wptrain *t, const struct letters *l, const char *word, size_t len,
                 uint64_t count, struct errbuf *eb)
{
    uint32_t *ids;
    size_t n = 0;

    buf_clear(&t->symbols);
    if (buf_reserve(&t->symbols, len * sizeof *ids) != RF_OK)
        return err_nomem(eb);
    ids = (uint32_t *)(void *)t->symbols.data;
    for (const char *s = word; s < word + len;) {
        const uint32_t *id = s == word ? l->first : l->inside;
        uint32_t cp;

        s += utf8_next(&cp, s);
        if (id[cp])
            ids[n++] = id[cp] - 1;
    }
    if (n < 2)
        return RF_OK; /* there is nothing to merge */
    if (t->file)
        return spelled_put(t->file, ids, n, count, eb);
    return wpmerge_add(&t->merge, ids, n, count) == RF_OK ? RF_OK : err_nomem(eb);
}

static int spell_all(struct wptrain *t, const struct letters *l, struct word_counts *words,
                     struct errbuf *eb)
{
    uint64_t count;
    const char *word;
    size_t len;
    int rc = word_counts_rewind(words, WORDS_ANY_ORDER, eb);

    while (rc == RF_OK && (rc = word_counts_next(words, &word, &len, &count, eb)) == 1)
        rc = spell(t, l, word, len, count, eb);
    return rc;
}

/* The memory that merging takes at most for each word and each symbol. */
enum { WORD_BYTES = 24, SYMBOL_BYTES = 128 };

/* If memory has a limit and the words do not all fit, they are spelled into a file. */
static int choose_place(struct wptrain *t, struct word_counts *words, struct errbuf *eb)
{
    uint64_t symbols = utf8_count(words->words.text.data, words->words.text.len);
    int rc;

    if (!t->memory || (!words->runs && word_counts_bytes(words) + words->words.n * WORD_BYTES +
                                               symbols * SYMBOL_BYTES <=
                                           t->memory))
        return RF_OK;
    rc = word_counts_spill(words, words, eb);
    return rc == RF_OK ? spelled_new(&t->file, t->near, eb) : rc;
}

int wptrain_new(struct wptrain **out, struct strtab *tokens, struct word_counts *words,
                uint64_t memory, struct errbuf *eb)
{
    struct wptrain *t = calloc(1, sizeof *t);
    struct letters *l = calloc(1, sizeof *l);
    int rc = t && l ? RF_OK : err_nomem(eb);

    if (rc == RF_OK) {
        t->tokens = tokens;
        t->memory = memory;
        t->near = words->near;
        find_letters(l, tokens);
        rc = choose_place(t, words, eb);
    }
    if (rc == RF_OK)
        rc = spell_all(t, l, words, eb);
    free(l);
    if (rc == RF_OK) {
        buf_free(&t->symbols);
        *out = t;
        return RF_OK;
    }
    wptrain_free(t);
    return rc;
}

int wptrain_merge(struct wptrain *t, const struct wptrain_cfg *cfg, struct progress *p,
                  struct errbuf *eb)
{
    struct wpmerge *m = &t->merge;

    m->tokens = t->tokens;
    m->size = cfg->size;
    m->min_frequency = cfg->min_frequency;
    m->progress = p;
    if (t->file)
        return wprounds(m, &t->file, t->memory, t->near, eb);
    return wpmerge_all(m) == RF_OK ? RF_OK : err_nomem(eb);
}

void wptrain_free(struct wptrain *t)
{
    if (!t)
        return;
    wpmerge_free(&t->merge);
    spelled_free(t->file);
    buf_free(&t->symbols);
    free(t);
}
