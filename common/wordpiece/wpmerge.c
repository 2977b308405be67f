#include "wordpiece/wpmerge.h"

#include <string.h>

#define NONE UINT32_MAX

enum { NOTE_EVERY = 64, WORDS_AHEAD = 16 };

static struct wpmerge_word *words_of(const struct wpmerge *m)
{
    return (struct wpmerge_word *)(void *)m->words.data;
}

int wpmerge_add(struct wpmerge *m, const void *symbols, size_t n, uint64_t count)
{
    struct wpmerge_word next = {m->symbols.len / sizeof(uint32_t) + n, 0};
    size_t i = wpmerge_words(m);

    if (!m->words.len && buf_put(&m->words, &(struct wpmerge_word){0}, sizeof next) != RF_OK)
        return RF_ENOMEM;
    if (i + 1 == NONE || buf_put(&m->words, &next, sizeof next) != RF_OK)
        return RF_ENOMEM;
    words_of(m)[i].count = count;
    return buf_put(&m->symbols, symbols, n * sizeof(uint32_t));
}

size_t wpmerge_words(const struct wpmerge *m)
{
    return m->words.len ? m->words.len / sizeof(struct wpmerge_word) - 1 : 0;
}

/* The symbols of word i and its count. *room is the number of symbols it had before merging. */
static uint32_t *word_symbols(const struct wpmerge *m, size_t i, size_t *room, uint64_t *count)
{
    const struct wpmerge_word *word = words_of(m) + i;

    *room = (size_t)(word[1].start - word->start);
    *count = word->count;
    return (uint32_t *)(void *)m->symbols.data + word->start;
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

int wpmerge_join(struct strtab *tokens, uint32_t a, uint32_t b, uint32_t *id)
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

void wpmerge_show(const struct wpmerge *m)
{
    if (m->progress && m->tokens->n % NOTE_EVERY == 0)
        progress_show(m->progress, m->tokens->n, NULL);
}

/* Take off the best pair, if there is one and a token is wanted. */
static bool next_pair(struct wpmerge *m, struct wpmerge_step *step)
{
    uint64_t count;

    return m->tokens->n < m->size && symbol_pairs_best(m->pairs, &step->a, &step->b, &count) &&
           count >= m->min_frequency;
}

/* Merge a pair in its words. These lie anywhere in memory, so the next few are fetched while
 * one is merged. */
static int merge_pair(struct wpmerge *m, const struct wpmerge_step *step)
{
    uint32_t word[WORDS_AHEAD];
    size_t n;

    do {
        for (n = 0; n < WORDS_AHEAD && symbol_pairs_word(m->pairs, &word[n]); n++)
            __builtin_prefetch(words_of(m) + word[n]);
        for (size_t i = 0; i < n; i++)
            __builtin_prefetch((const uint32_t *)(const void *)m->symbols.data +
                               words_of(m)[word[i]].start);
        for (size_t i = 0; i < n; i++)
            merge_in_word(m, word[i], step->a, step->b, step->id);
    } while (n == WORDS_AHEAD);
    wpmerge_show(m);
    return symbol_pairs_settle(m->pairs);
}

int wpmerge_all(struct wpmerge *m)
{
    struct wpmerge_step step;
    int rc = symbol_pairs_new(&m->pairs);

    if (rc == RF_OK)
        rc = count_pairs(m);
    while (rc == RF_OK && next_pair(m, &step)) {
        rc = wpmerge_join(m->tokens, step.a, step.b, &step.id);
        if (rc == RF_OK)
            rc = merge_pair(m, &step);
    }
    return rc;
}

int wpmerge_use(struct buf *used, uint32_t id)
{
    while (used->len <= id)
        if (buf_put(used, "", 1) != RF_OK)
            return RF_ENOMEM;
    used->data[id] = 1;
    return RF_OK;
}

/*
 * A token of these words is made of one pair, and so is each of its two, down to the symbols
 * that the words had at first. So wherever two tokens stand side by side, the same two of those
 * symbols meet. If that pair was above the floor, all such places are in memory. If it was not,
 * then none is, and the two tokens stand no more often than it did; their ids, if they are new,
 * are not smaller either, so that they do not rank above the floor.
 *
 * A token that became of a second pair breaks this, so it is the last one. A token of the
 * vocabulary that stood in no word so far may have a small id, and then only counts above the
 * floor's are safe.
 */
int wpmerge_parts(struct wpmerge *m, const struct pair_rank *floor, struct buf *used,
                  struct buf *steps)
{
    struct pair_rank count_only = {.count = floor->count};
    struct wpmerge_step step;
    bool before = false;
    int rc = symbol_pairs_new(&m->pairs);

    if (rc != RF_OK)
        return rc;
    symbol_pairs_floor(m->pairs, floor);
    rc = count_pairs(m);
    while (rc == RF_OK && !before && next_pair(m, &step)) {
        size_t n = m->tokens->n;

        rc = wpmerge_join(m->tokens, step.a, step.b, &step.id);
        if (rc == RF_OK && step.id < n)
            symbol_pairs_floor(m->pairs, &count_only);
        before = step.id < used->len && used->data[step.id];
        if (rc == RF_OK)
            rc = wpmerge_use(used, step.id);
        if (rc == RF_OK)
            rc = buf_put(steps, &step, sizeof step);
        if (rc == RF_OK)
            rc = merge_pair(m, &step);
    }
    return rc;
}

void wpmerge_free(struct wpmerge *m)
{
    buf_free(&m->words);
    buf_free(&m->symbols);
    symbol_pairs_free(m->pairs);
    m->pairs = NULL;
}
