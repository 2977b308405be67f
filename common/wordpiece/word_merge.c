#include "wordpiece/word_merge.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A list, and the first eight bytes of its current word as a number: most comparisons end
 * there. Bytes that a word lacks count as 0, which no word contains. */
struct word_first {
    uint64_t start;
    struct word_source *source;
};

static uint64_t start_of(const struct word_source *s)
{
    uint64_t start = 0;

    memcpy(&start, s->word, s->len < sizeof start ? s->len : sizeof start);
    return __builtin_bswap64(start);
}

static int compare(const struct word_first *x, const struct word_first *y)
{
    const struct word_source *a = x->source, *b = y->source;
    int order;

    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    order = memcmp(a->word, b->word, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

/* Let the top of the heap sink to its place. */
static void sink(struct word_merge *m)
{
    struct word_first top = m->heap[0];
    size_t i = 0;

    for (size_t child = 1; child < m->n; child = 2 * i + 1) {
        if (child + 1 < m->n && compare(&m->heap[child + 1], &m->heap[child]) < 0)
            child++;
        if (compare(&m->heap[child], &top) >= 0)
            break;
        m->heap[i] = m->heap[child];
        i = child;
    }
    m->heap[i] = top;
}

static void rise(struct word_merge *m, struct word_first new)
{
    size_t i = m->n++;

    for (; i && compare(&new, &m->heap[(i - 1) / 2]) < 0; i = (i - 1) / 2)
        m->heap[i] = m->heap[(i - 1) / 2];
    m->heap[i] = new;
}

int word_merge_add(struct word_merge *m, struct word_source *s, struct errbuf *eb)
{
    int rc = s->next(s, eb);

    if (rc != 1)
        return rc;
    if (m->n == m->cap) {
        size_t cap = m->cap ? 2 * m->cap : 16;
        struct word_first *heap = realloc(m->heap, cap * sizeof *heap);

        if (!heap)
            return err_nomem(eb);
        m->heap = heap;
        m->cap = cap;
    }
    rise(m, (struct word_first){start_of(s), s});
    return RF_OK;
}

/* Let the list on top go on to its next word. */
static int step(struct word_merge *m, struct errbuf *eb)
{
    struct word_source *s = m->heap[0].source;
    int rc = s->next(s, eb);

    if (rc < 0)
        return rc;
    if (rc == 1)
        m->heap[0].start = start_of(s);
    else
        m->heap[0] = m->heap[--m->n];
    if (m->n)
        sink(m);
    return RF_OK;
}

static bool is_on_top(const struct word_merge *m)
{
    const struct word_source *s = m->n ? m->heap[0].source : NULL;

    return s && s->len == m->word.len && memcmp(s->word, m->word.data, s->len) == 0;
}

int word_merge_next(struct word_merge *m, const char **word, size_t *len, uint64_t *count,
                    struct errbuf *eb)
{
    uint64_t sum = 0;

    if (!m->n)
        return 0;
    buf_clear(&m->word);
    if (buf_put(&m->word, m->heap[0].source->word, m->heap[0].source->len) != RF_OK)
        return err_nomem(eb);
    do {
        int rc;

        if (__builtin_add_overflow(sum, m->heap[0].source->count, &sum))
            return err_set(eb, RF_ERANGE, "there are 2^64 words or more");
        if ((rc = step(m, eb)) != RF_OK)
            return rc;
    } while (is_on_top(m));
    *word = m->word.data;
    *len = m->word.len;
    *count = sum;
    return 1;
}

void word_merge_free(struct word_merge *m)
{
    free(m->heap);
    buf_free(&m->word);
    *m = (struct word_merge){0};
}
