#include "data/squad_score.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/word_class.h"

const char *const squad_metric_names[] = {"korquad", "squad", NULL};

enum { CODE_POINTS = 0x110000, SIGMA = 0x3A3, FINAL_SIGMA = 0x3C2 };

/* A word of a prediction, and how many of it no word of the answer has met. */
struct word_slot {
    const uint32_t *cp; /* in the text */
    size_t n, left;
    uint64_t stamp; /* the text for which the slot was filled; of another one it is free */
};

/* A normalised text: code points with one space between words, and how many are no spaces. */
struct normal_text {
    uint32_t *cp;
    size_t n, cap, characters;
};

struct squad_scorer {
    enum squad_metric metric;
    struct normal_text raw, prediction, answer; /* raw is scratch for both */
    uint32_t *count;         /* KorQuAD: [CODE_POINTS], all 0 between two calls */
    struct word_slot *slots; /* SQuAD: the words of a prediction, found by their hash */
    size_t n_slots;          /* a power of two */
    uint64_t stamp;
};

int squad_scorer_new(struct squad_scorer **out, enum squad_metric metric, struct errbuf *eb)
{
    struct squad_scorer *s = calloc(1, sizeof *s);

    if (s && metric == METRIC_KORQUAD && !(s->count = calloc(CODE_POINTS, sizeof *s->count))) {
        free(s);
        s = NULL;
    }
    if (!s)
        return err_nomem(eb);
    s->metric = metric;
    *out = s;
    return RF_OK;
}

void squad_scorer_free(struct squad_scorer *s)
{
    if (!s)
        return;
    free(s->raw.cp);
    free(s->prediction.cp);
    free(s->answer.cp);
    free(s->count);
    free(s->slots);
    free(s);
}

/* --- normalising */

static int make_room(struct normal_text *t, size_t n)
{
    uint32_t *grown;

    t->n = t->characters = 0;
    if (n <= t->cap)
        return RF_OK;
    if (!(grown = realloc(t->cp, n * sizeof *grown)))
        return RF_ENOMEM;
    t->cp = grown;
    t->cap = n;
    return RF_OK;
}

static bool is_ascii_mark(uint32_t cp)
{
    return (cp >= '!' && cp <= '/') || (cp >= ':' && cp <= '@') || (cp >= '[' && cp <= '`') ||
           (cp >= '{' && cp <= '~');
}

/* What KorQuAD's evaluator makes a space of, before all else. */
static bool is_quote(uint32_t cp)
{
    return cp == '\'' || cp == '"' || cp == '<' || cp == '>' || cp == '(' || cp == ')' ||
           cp == 0x2018 || cp == 0x2019 || (cp >= 0x3008 && cp <= 0x300B);
}

/* Whether the sigma at `at` ends a word: a letter with case stands before it and none behind
 * it; what is ignorable does not count. */
static bool is_final(const struct normal_text *t, size_t at)
{
    size_t i = at;

    while (i > 0 && word_class(t->cp[i - 1]) & WORD_IGNORABLE)
        i--;
    if (i == 0 || !(word_class(t->cp[i - 1]) & WORD_CASED))
        return false;
    for (i = at + 1; i < t->n && word_class(t->cp[i]) & WORD_IGNORABLE;)
        i++;
    return i == t->n || !(word_class(t->cp[i]) & WORD_CASED);
}

/* Append a code point in lower case to `to`, without ASCII punctuation; a space is left out
 * where one stands already. */
static void put_lower(struct normal_text *to, uint32_t cp)
{
    if (word_is_space(cp)) {
        if (to->n && to->cp[to->n - 1] != ' ')
            to->cp[to->n++] = ' ';
    } else if (!is_ascii_mark(cp)) {
        to->cp[to->n++] = cp;
        to->characters++;
    }
}

/* Lower case of `from`: what is not ASCII becomes up to three code points. */
static void put_all_lower(struct normal_text *to, const struct normal_text *from)
{
    for (size_t i = 0; i < from->n; i++) {
        uint32_t cp = from->cp[i];
        const struct uni_map *row = NULL;

        if (cp < 0x80) {
            put_lower(to, cp >= 'A' && cp <= 'Z' ? cp + 'a' - 'A' : cp);
            continue;
        }
        if (uni_class(cp) & UNI_LOWER)
            row = uni_find(uni_lower, uni_lower_n, cp);
        if (cp == SIGMA && is_final(from, i))
            put_lower(to, FINAL_SIGMA);
        else if (!row)
            put_lower(to, cp);
        for (int k = 0; row && k < 3 && row->to[k] && !(cp == SIGMA && is_final(from, i)); k++)
            put_lower(to, row->to[k]);
    }
    if (to->n && to->cp[to->n - 1] == ' ')
        to->n--;
}

static bool is_article(const uint32_t *word, size_t n)
{
    if (word[0] == 'a')
        return n == 1 || (n == 2 && word[1] == 'n');
    return n == 3 && word[0] == 't' && word[1] == 'h' && word[2] == 'e';
}

/* Make a space of each a, an and the. A word here is a run of letters and digits; of a
 * character is only asked whether it is one where an article may begin. The text only shrinks,
 * so it is done in place. */
static void drop_articles(struct normal_text *t)
{
    size_t n = t->n;
    uint32_t before = ' ';

    t->n = t->characters = 0;
    for (size_t i = 0, end; i < n; i = end) {
        bool may_begin =
            (t->cp[i] == 'a' || t->cp[i] == 't') && !(word_class(before) & WORD_LETTER);

        for (end = i + 1; may_begin && end < n && word_class(t->cp[end]) & WORD_LETTER;)
            end++;
        before = t->cp[end - 1];
        if (may_begin && is_article(t->cp + i, end - i)) {
            put_lower(t, ' ');
            continue;
        }
        for (size_t k = i; k < end; k++)
            put_lower(t, t->cp[k]);
    }
    if (t->n && t->cp[t->n - 1] == ' ')
        t->n--;
}

static int normalize_answer(struct squad_scorer *s, struct normal_text *to, const char *text,
                            size_t len)
{
    if (make_room(&s->raw, len + 1) != RF_OK || make_room(to, 3 * len + 1) != RF_OK)
        return RF_ENOMEM;
    for (const char *p = text, *end = text + len; p < end;) {
        uint32_t cp;

        p += utf8_next(&cp, p);
        s->raw.cp[s->raw.n++] = s->metric == METRIC_KORQUAD && is_quote(cp) ? ' ' : cp;
    }
    put_all_lower(to, &s->raw);
    if (s->metric == METRIC_SQUAD)
        drop_articles(to);
    return RF_OK;
}

/* --- what two texts share */

/* F1 in the order of operations of the evaluators. */
static double f1_of(size_t same, size_t prediction, size_t answer)
{
    double precision, recall;

    if (same == 0)
        return 0;
    precision = (double)same / (double)prediction;
    recall = (double)same / (double)answer;
    return 2 * precision * recall / (precision + recall);
}

static double f1_of_characters(struct squad_scorer *s)
{
    const struct normal_text *p = &s->prediction, *a = &s->answer;
    size_t same = 0;

    for (size_t i = 0; i < p->n; i++)
        s->count[p->cp[i]]++;
    for (size_t i = 0; i < a->n; i++)
        if (a->cp[i] != ' ' && s->count[a->cp[i]]) {
            s->count[a->cp[i]]--;
            same++;
        }
    for (size_t i = 0; i < p->n; i++)
        s->count[p->cp[i]] = 0;
    return f1_of(same, p->characters, a->characters);
}

/* Give the next word of a text from *at on; false at the end. */
static bool next_word(const struct normal_text *t, size_t *at, const uint32_t **word, size_t *n)
{
    size_t from = *at;

    while (*at < t->n && t->cp[*at] != ' ')
        ++*at;
    *word = t->cp + from;
    *n = *at - from;
    ++*at; /* behind the space */
    return *n > 0;
}

/* Make room for the words of a text, and forget those of the one before. */
static int clear_words(struct squad_scorer *s, size_t words)
{
    size_t n = s->n_slots ? s->n_slots : 64;
    struct word_slot *slots;

    s->stamp++;
    while (n < 2 * words)
        n *= 2;
    if (n == s->n_slots)
        return RF_OK;
    if (!(slots = calloc(n, sizeof *slots)))
        return RF_ENOMEM;
    free(s->slots);
    s->slots = slots;
    s->n_slots = n;
    return RF_OK;
}

/* Returns the slot that has the word, or the free one where it belongs. */
static struct word_slot *find_word(struct squad_scorer *s, const uint32_t *word, size_t n)
{
    uint64_t hash = 0;

    for (size_t i = 0; i < n; i++)
        hash = (hash ^ word[i]) * 0x9E3779B97F4A7C15;
    for (size_t at = (size_t)(hash >> 32);; at++) {
        struct word_slot *slot = &s->slots[at & (s->n_slots - 1)];

        if (slot->stamp != s->stamp ||
            (slot->n == n && memcmp(slot->cp, word, n * sizeof *word) == 0))
            return slot;
    }
}

static int f1_of_words(struct squad_scorer *s, double *f1)
{
    size_t same = 0, predicted = 0, answered = 0, at, n;
    const uint32_t *word;

    if (clear_words(s, s->prediction.n / 2 + 1) != RF_OK)
        return RF_ENOMEM;
    for (at = 0; next_word(&s->prediction, &at, &word, &n); predicted++) {
        struct word_slot *slot = find_word(s, word, n);

        if (slot->stamp != s->stamp)
            *slot = (struct word_slot){word, n, 0, s->stamp};
        slot->left++;
    }
    for (at = 0; next_word(&s->answer, &at, &word, &n); answered++) {
        struct word_slot *slot = find_word(s, word, n);

        if (slot->stamp == s->stamp && slot->left) {
            slot->left--;
            same++;
        }
    }
    *f1 = f1_of(same, predicted, answered);
    return RF_OK;
}

/* Compare the normalised prediction with an answer. */
static int compare(struct squad_scorer *s, const struct squad_answer *answer, bool *exact,
                   double *f1)
{
    const struct normal_text *p = &s->prediction, *a = &s->answer;
    int rc = normalize_answer(s, &s->answer, answer->text, answer->len);

    if (rc != RF_OK)
        return rc;
    *exact = p->n == a->n && memcmp(p->cp, a->cp, p->n * sizeof *p->cp) == 0;
    if (*exact)
        *f1 = f1_of(p->characters, p->characters, p->characters); /* words are as equal */
    else if (s->metric == METRIC_KORQUAD)
        *f1 = f1_of_characters(s);
    else
        rc = f1_of_words(s, f1);
    return rc;
}

int squad_score(struct squad_scorer *s, const char *prediction, size_t len,
                const struct squad_answer *answers, size_t n, struct squad_score *score)
{
    int rc = normalize_answer(s, &s->prediction, prediction, len);

    *score = (struct squad_score){.f1 = -1};
    for (size_t i = 0; rc == RF_OK && i < n; i++) {
        const struct squad_answer *a = &answers[i];
        bool exact = true;
        double f1 = 0;

        if (a->len == len && memcmp(a->text, prediction, len) == 0)
            f1 = f1_of(s->prediction.characters, s->prediction.characters,
                       s->prediction.characters);
        else
            rc = compare(s, a, &exact, &f1);
        score->exact |= exact;
        if (f1 > score->f1) {
            score->f1 = f1;
            score->best = i;
        }
    }
    return rc;
}
