#include "wordpiece/normalize.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* A byte of text becomes at most three code points: an ASCII punctuation mark
 * gets two spaces. */
enum { GROWTH = 3 };

enum {
    HANGUL_FIRST = 0xAC00,
    HANGUL_LAST = 0xD7A3,
    JAMO_L = 0x1100,
    JAMO_V = 0x1161,
    JAMO_T = 0x11A7, /* one before the first, because 0 means no final consonant */
    N_V = 21,
    N_T = 28,
};

static void put_code_point(struct normal *to, uint32_t cp)
{
    if (to->track)
        to->from[to->n] = to->here;
    to->cp[to->n++] = cp;
}

/* Do the last two steps: lower case and punctuation. */
static void put_folded(struct normal *to, uint32_t cp, unsigned class)
{
    if (class & UNI_PUNCT) {
        put_code_point(to, ' ');
        put_code_point(to, cp);
        put_code_point(to, ' ');
    } else if (class & UNI_LOWER) {
        const struct uni_map *row = uni_find(uni_lower, uni_lower_n, cp);

        for (int i = 0; row && i < 3 && row->to[i]; i++)
            put_code_point(to, row->to[i]);
    } else {
        put_code_point(to, cp);
    }
}

static uint32_t order_of(uint32_t mark)
{
    const struct uni_map *row = uni_find(uni_order, uni_order_n, mark);

    assert(row); /* every mark has a row */
    return row->to[0];
}

/*
 * Where Hugging Face's offsets say that a mark comes from. After sorting they give the
 * characters of the text to the marks one by one, in the order of both. A mark that is one of
 * several that a character decomposed to takes none: it has the place of what stands before it.
 */

/* Count a mark. `whole`: it takes a character. Returns how many of its place in canonical order
 * have taken one so far. */
static uint32_t count_mark(struct normal *to, uint32_t cp, bool whole)
{
    uint32_t *at = &to->at[order_of(cp)];

    if (whole) {
        to->from[to->cap - ++to->marks] = to->here;
        ++*at;
    }
    return *at;
}

/* Turn what count_mark() returned for the marks that stay into the numbers of characters. */
static void place_marks(struct normal *to)
{
    uint32_t before[NORMAL_ORDERS], sum = 0;

    for (size_t i = 0; i < NORMAL_ORDERS; i++) {
        before[i] = sum;
        sum += to->at[i];
        to->at[i] = 0;
    }
    for (size_t i = to->run; i < to->n; i++) {
        uint32_t taken = before[order_of(to->cp[i])] + to->from[i];

        to->from[i] = taken ? to->from[to->cap - taken] : to->base;
    }
    to->marks = 0;
}

/*
 * Put the combining marks from `run` to the end into canonical order. This is a stable counting
 * sort, so that time is linear even for a long run. The copies fit behind the text, because
 * every mark kept had at least three bytes.
 */
static void sort_marks(struct normal *to)
{
    uint32_t *mark = to->cp + to->run, *copy = to->cp + to->n;
    size_t n = to->n - to->run, at[NORMAL_ORDERS] = {0};

    if (to->track && (n || to->marks))
        place_marks(to);
    if (n > 1) {
        for (size_t i = 0; i < n; i++) {
            copy[i] = mark[i];
            at[order_of(mark[i])]++;
        }
        for (size_t i = 0, sum = 0; i < NORMAL_ORDERS; i++) {
            size_t here = at[i];

            at[i] = sum;
            sum += here;
        }
        if (to->track)
            memcpy(to->from + to->n, to->from + to->run, n * sizeof *to->from);
        for (size_t i = 0; i < n; i++) {
            size_t place = at[order_of(copy[i])]++;

            mark[place] = copy[i];
            if (to->track)
                to->from[to->run + place] = to->from[to->n + i];
        }
    }
    to->run = to->n;
    to->base = to->here;
}

/* Put a code point of decomposed text. If it is no mark, it ends the run of marks before it.
 * `whole`: it is not one of several that its character decomposed to. */
static void put_decomposed(struct normal *to, uint32_t cp, unsigned mask, bool whole)
{
    unsigned class = uni_class(cp) & mask;

    if (class & UNI_MARK) {
        put_code_point(to, cp);
        if (to->track)
            to->from[to->n - 1] = count_mark(to, cp, whole);
        return;
    }
    sort_marks(to);
    put_folded(to, cp, class);
    to->run = to->n;
}

static void put_hangul(struct normal *to, uint32_t cp, unsigned mask)
{
    uint32_t i = cp - HANGUL_FIRST, final = i % N_T;

    put_decomposed(to, JAMO_L + i / (N_V * N_T), mask, true);
    put_decomposed(to, JAMO_V + i / N_T % N_V, mask, false);
    if (final)
        put_decomposed(to, JAMO_T + final, mask, false);
}

static void put_stripped(struct normal *to, uint32_t cp, unsigned class, unsigned mask)
{
    const struct uni_map *row;

    if (!(class & UNI_STRIP)) {
        put_decomposed(to, cp, mask, true);
    } else if (cp >= HANGUL_FIRST && cp <= HANGUL_LAST) {
        put_hangul(to, cp, mask);
    } else {
        if (!(class & UNI_MARK)) /* it separates the marks around it even if it vanishes */
            sort_marks(to);
        else if (to->track)
            (void)count_mark(to, cp, true);
        row = uni_find(uni_strip, uni_strip_n, cp);
        for (int i = 0; row && i < 3 && row->to[i]; i++)
            put_decomposed(to, row->to[i], mask, false);
    }
}

static void put_any(struct normal *to, uint32_t cp, unsigned class, unsigned mask)
{
    if (class & UNI_DROP)
        return;
    if (class & UNI_SPACE) {
        cp = ' ';
        class = 0;
    }
    if (class & UNI_CJK)
        put_any(to, ' ', 0, mask);
    if (mask & UNI_STRIP)
        put_stripped(to, cp, class, mask);
    else
        put_folded(to, cp, class);
    if (class & UNI_CJK)
        put_any(to, ' ', 0, mask);
}

int normalize(struct normal *to, const char *text, size_t len, unsigned flags)
{
    unsigned mask = normal_classes(flags);
    const char *end = text + len;

    if (len > SIZE_MAX / sizeof *to->cp / GROWTH)
        return RF_ENOMEM;
    if (to->cap < GROWTH * len) {
        free(to->cp);
        to->cap = 0;
        if (!(to->cp = malloc(GROWTH * len * sizeof *to->cp)))
            return RF_ENOMEM;
        to->cap = GROWTH * len;
        if (to->track) {
            free(to->from);
            if (!(to->from = malloc(to->cap * sizeof *to->from))) {
                to->cap = 0;
                return RF_ENOMEM;
            }
        }
    }
    to->here = 0;
    to->n = to->run = to->marks = 0;
    to->base = 0;
    while (text < end) {
        uint32_t cp;
        unsigned class;

        text += utf8_next(&cp, text);
        class = uni_class(cp) & mask;
        if (class || mask & UNI_STRIP)
            put_any(to, cp, class, mask);
        else
            put_code_point(to, cp);
        to->here++;
    }
    if (mask & UNI_STRIP)
        sort_marks(to);
    return RF_OK;
}

void normal_free(struct normal *t)
{
    free(t->cp);
    free(t->from);
    *t = (struct normal){0};
}
