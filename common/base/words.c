#include "base/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/utf8.h"

int words_split(struct words *words, const char *text, struct errbuf *eb)
{
    char *rest = NULL;

    *words = (struct words){.text = strdup(text)};
    /* of two characters at most one begins a word */
    words->w = calloc(strlen(text) / 2 + 1, sizeof *words->w);
    if (!words->text || !words->w)
        return err_nomem(eb);
    for (char *word = strtok_r(words->text, " ", &rest); word;
         word = strtok_r(NULL, " ", &rest))
        words->w[words->n++] = word;
    return RF_OK;
}

void words_free(struct words *words)
{
    free(words->w);
    free(words->text);
    *words = (struct words){0};
}

size_t lines_in(const char *text)
{
    size_t n = 0;

    for (const char *p = text; p && *p; p++)
        n += *p == '\n';
    return n;
}

const char *line_of(const char *text, size_t i, size_t *len)
{
    for (; i > 0; i--)
        text += strcspn(text, "\n") + 1;
    *len = strcspn(text, "\n");
    return text;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Returns the number of edits that turn a into b, by the table of Wagner and Fischer (1974)
 * with the swap of Lowrance and Wagner (1975); three of its rows are kept. */
static size_t edits_between(const char *a, const char *b)
{
    size_t rows[3][NEAREST_MAX_BYTES], m = strlen(a), n = strlen(b);
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t *oldest = before;

        before = above;
        above = row;
        row = oldest;
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            row[j] = least(above[j], row[j - 1]) + 1;
            row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return row[n];
}

/* The same if that is few for their length, else SIZE_MAX. */
static size_t edits_if_near(const char *a, const char *b)
{
    size_t longer = strlen(a) > strlen(b) ? strlen(a) : strlen(b);
    size_t most = longer < 3 ? 0 : longer < 5 ? 1 : longer < 9 ? 2 : 3;
    size_t edits = edits_between(a, b);

    return edits <= most ? edits : SIZE_MAX;
}

/* Returns the last part of a name with a section: "lr" of "optim.lr"; NULL: it has no section.
 */
static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot ? dot + 1 : NULL;
}

void nearest_offer(struct nearest *n, const char *candidate)
{
    const char *typed = last_part(n->typed), *last = last_part(candidate);
    size_t edits, section = typed ? (size_t)(typed - n->typed) : 0;

    if (!*n->typed || strlen(n->typed) >= NEAREST_MAX_BYTES ||
        strlen(candidate) >= NEAREST_MAX_BYTES)
        return;
    if (section && last && strncmp(n->typed, candidate, section) == 0)
        edits = edits_if_near(typed, candidate + section);
    else
        edits = edits_if_near(n->typed, candidate);
    if (!typed && last)
        edits = least(edits, edits_if_near(n->typed, last));
    if (edits != SIZE_MAX && (!*n->name || edits < n->edits)) {
        snprintf(n->name, sizeof n->name, "%s", candidate);
        n->edits = edits;
    }
}

const char *nearest_hint(char hint[NEAREST_HINT_BYTES], const struct nearest *n,
                         const char *dashes)
{
    *hint = '\0';
    if (*n->name)
        snprintf(hint, NEAREST_HINT_BYTES, ", did you mean '%s%s'?", dashes, n->name);
    return hint;
}

const char *nearest_numbers(char text[NEAREST_NUMBERS_BYTES], uint64_t n, uint64_t least,
                            uint64_t most, number_can_be *can_be, const void *of)
{
    uint64_t below = n < most ? n : most, above = n > least ? n : least;
    bool is_below, is_above;

    while (below > least && (below >= n || !can_be(below, of)))
        below--;
    while (above < most && (above <= n || !can_be(above, of)))
        above++;
    is_below = below >= least && below < n && can_be(below, of);
    is_above = above <= most && above > n && can_be(above, of);
    *text = '\0';
    if (is_below && is_above)
        snprintf(text, NEAREST_NUMBERS_BYTES, "%llu or %llu", (unsigned long long)below,
                 (unsigned long long)above);
    else if (is_below || is_above)
        snprintf(text, NEAREST_NUMBERS_BYTES, "%llu",
                 (unsigned long long)(is_below ? below : above));
    return text;
}

/* Measures the character at s, of which a byte that is no UTF-8 is one. Returns its bytes. */
static size_t measure(const char *s, size_t *columns)
{
    uint32_t cp;
    size_t n = utf8_decode(&cp, s, strlen(s));
    int width = utf8proc_charwidth((utf8proc_int32_t)cp);

    *columns = width > 0 ? (size_t)width : 0;
    return n ? n : 1;
}

size_t text_columns(const char *text)
{
    size_t sum = 0, columns;

    for (; *text; sum += columns)
        text += measure(text, &columns);
    return sum;
}

size_t text_fit(const char *text, size_t columns)
{
    size_t at = 0, left = columns, width;

    while (text[at]) {
        size_t n = measure(text + at, &width);

        if (width > left)
            break;
        left -= width;
        at += n;
    }
    return at;
}
