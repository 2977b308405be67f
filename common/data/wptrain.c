#include "data/wptrain.h"

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

static void count_characters(struct character *all, const struct word_counts *words)
{
    for (size_t i = 0; i < words->words.n; i++) {
        size_t len;
        const char *word = strtab_get(&words->words, i, &len), *s = word;

        while (s < word + len) {
            uint32_t cp;
            bool inside = s > word;

            s += utf8_next(&cp, s);
            all[cp].cp = cp;
            all[cp].inside |= inside;
            all[cp].count += words->count[i];
        }
    }
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

int wptrain_alphabet(struct strtab *tokens, const struct word_counts *words,
                     const struct wptrain_cfg *cfg, struct wptrain_alphabet *found)
{
    static const char *const special[] = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
    struct character *c = calloc(N_CODE_POINTS, sizeof *c);
    size_t n = 0, kept, i;
    int rc = c ? RF_OK : RF_ENOMEM;

    for (int k = 0; rc == RF_OK && k < 5; k++)
        rc = strtab_add(tokens, special[k], strlen(special[k]), &i);
    if (rc != RF_OK)
        goto out;
    count_characters(c, words);
    for (uint32_t cp = 0; cp < N_CODE_POINTS; cp++)
        if (c[cp].count)
            c[n++] = c[cp];
    kept = n < cfg->limit_alphabet ? n : (size_t)cfg->limit_alphabet;
    qsort(c, n, sizeof *c, by_count);
    qsort(c, kept, sizeof *c, by_code_point);
    if ((rc = add_alphabet(tokens, c, kept, false)) == RF_OK)
        rc = add_alphabet(tokens, c, kept, true);
    if (found)
        *found = (struct wptrain_alphabet){n, kept};
out:
    free(c);
    return rc;
}

/* A word as symbols, which are token ids: symbols[start .. start + len). */
struct spelling {
    size_t start;
    uint32_t len;
};

struct trainer {
    struct strtab *tokens;
    const struct word_counts *words;
    struct spelling *spelling; /* of each word */
    uint32_t *symbols;
    struct pairs *pairs;
};

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
static void spell(struct trainer *t, const struct letters *l)
{
    size_t at = 0;

    for (size_t i = 0; i < t->words->words.n; i++) {
        size_t len, start = at;
        const char *word = strtab_get(&t->words->words, i, &len), *s = word;

        while (s < word + len) {
            const uint32_t *ids = s == word ? l->first : l->inside;
            uint32_t cp;

            s += utf8_next(&cp, s);
            if (ids[cp])
                t->symbols[at++] = ids[cp] - 1;
        }
        t->spelling[i] = (struct spelling){start, (uint32_t)(at - start)};
    }
}

static int count_pairs(struct trainer *t)
{
    for (size_t i = 0; i < t->words->words.n; i++) {
        const uint32_t *s = t->symbols + t->spelling[i].start;

        for (size_t k = 1; k < t->spelling[i].len; k++)
            pairs_add(t->pairs, s[k - 1], s[k], t->words->count[i], (uint32_t)i);
    }
    return pairs_settle(t->pairs);
}

static int start(struct trainer *t)
{
    struct letters *l = calloc(1, sizeof *l);
    int rc = RF_ENOMEM;

    t->spelling = calloc(t->words->words.n + 1, sizeof *t->spelling);
    t->symbols = malloc((t->words->words.text.len + 1) * sizeof *t->symbols);
    if (l && t->spelling && t->symbols && pairs_new(&t->pairs) == RF_OK) {
        find_letters(l, t->tokens);
        spell(t, l);
        rc = count_pairs(t);
    }
    free(l);
    return rc;
}

/* Put `id` where a b stands in word i. */
static void merge_in_word(struct trainer *t, uint32_t i, uint32_t a, uint32_t b, uint32_t id)
{
    uint32_t *s = t->symbols + t->spelling[i].start, len = t->spelling[i].len, n = 0;
    uint64_t count = t->words->count[i];

    for (uint32_t k = 0; k < len; k++) {
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
    t->spelling[i].len = n;
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

static int merge_all(struct trainer *t, const struct wptrain_cfg *cfg, struct progress *p)
{
    uint32_t a, b, id, word;
    uint64_t count;

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

int wptrain_merge(struct strtab *tokens, const struct word_counts *words,
                  const struct wptrain_cfg *cfg, struct progress *p)
{
    struct trainer t = {.tokens = tokens, .words = words};
    int rc = start(&t);

    if (rc == RF_OK)
        rc = merge_all(&t, cfg, p);
    free(t.spelling);
    free(t.symbols);
    pairs_free(t.pairs);
    return rc;
}
