#include "wordpiece/word_runs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"

/* At most this many runs are merged at once, each through its own window. */
enum { MAX_RUNS = 32, WINDOW_BYTES = 64 << 10 };

/* What stands before the bytes of each word in the file. */
struct head {
    uint64_t count, len;
};

/* A run. window[pos..len) was read but not handed out; the current word is at its start. */
struct run {
    uint64_t start, end, at; /* in the file; at: the next byte for the window */
    struct buf window;
    size_t pos;
    struct head head; /* the head of the current word */
    bool more;        /* there is a current word */
};

struct word_runs {
    const char *near;
    FILE *file;
    uint64_t written;
    struct run run[MAX_RUNS];
    int n;
    struct buf word; /* the word that was handed out */
};

int word_runs_new(struct word_runs **out, const char *near, struct errbuf *eb)
{
    struct word_runs *r = calloc(1, sizeof *r);
    int rc = r ? temp_open(&r->file, near, eb) : err_nomem(eb);

    if (rc != RF_OK) {
        free(r);
        return rc;
    }
    r->near = near;
    *out = r;
    return RF_OK;
}

static int write_error(struct errbuf *eb)
{
    return err_set(eb, RF_EIO, "cannot write a temporary file: %s", strerror(errno));
}

int word_runs_put(struct word_runs *r, const char *word, size_t len, uint64_t count,
                  struct errbuf *eb)
{
    struct head h = {count, len};

    if (fwrite(&h, sizeof h, 1, r->file) != 1 || fwrite(word, 1, len, r->file) != len)
        return write_error(eb);
    r->written += sizeof h + len;
    return RF_OK;
}

/* Read until n bytes of the run lie in the window behind pos. */
static int fill_window(struct word_runs *r, struct run *run, size_t n, struct errbuf *eb)
{
    struct buf *w = &run->window;

    if (w->len - run->pos >= n)
        return RF_OK;
    if (run->pos) {
        memmove(w->data, w->data + run->pos, w->len - run->pos);
        w->len -= run->pos;
        run->pos = 0;
    }
    if (buf_reserve(w, n > WINDOW_BYTES ? n : WINDOW_BYTES) != RF_OK)
        return err_nomem(eb);
    while (w->len < n) {
        uint64_t rest = run->end - run->at;
        size_t want = w->cap - w->len - 1 < rest ? w->cap - w->len - 1 : (size_t)rest;
        ssize_t got =
            TEMP_FAILURE_RETRY(pread(fileno(r->file), w->data + w->len, want, (off_t)run->at));

        if (got <= 0)
            return err_set(eb, RF_EIO, "cannot read a temporary file: %s",
                           got ? strerror(errno) : "it became shorter");
        run->at += (uint64_t)got;
        w->len += (size_t)got;
    }
    return RF_OK;
}

/* Make the next word of a run its current word. */
static int step_run(struct word_runs *r, struct run *run, struct errbuf *eb)
{
    int rc;

    run->more = run->at < run->end || run->pos < run->window.len;
    if (!run->more) {
        buf_free(&run->window);
        run->pos = 0;
        return RF_OK;
    }
    if ((rc = fill_window(r, run, sizeof run->head, eb)) != RF_OK)
        return rc;
    memcpy(&run->head, run->window.data + run->pos, sizeof run->head);
    run->pos += sizeof run->head;
    return fill_window(r, run, run->head.len, eb);
}

int word_runs_rewind(struct word_runs *r, struct errbuf *eb)
{
    if (fflush(r->file) != 0)
        return write_error(eb);
    for (int i = 0; i < r->n; i++) {
        int rc;

        r->run[i].at = r->run[i].start;
        r->run[i].pos = 0;
        buf_clear(&r->run[i].window);
        if ((rc = step_run(r, &r->run[i], eb)) != RF_OK)
            return rc;
    }
    return RF_OK;
}

static int compare(const char *a, size_t len_a, const char *b, size_t len_b)
{
    int order = memcmp(a, b, len_a < len_b ? len_a : len_b);

    return order ? order : (len_a > len_b) - (len_a < len_b);
}

/* Returns the run whose current word comes first; NULL if all runs are at their end. */
static const struct run *first_run(const struct word_runs *r)
{
    const struct run *first = NULL;

    for (int i = 0; i < r->n; i++) {
        const struct run *run = &r->run[i];

        if (run->more &&
            (!first || compare(run->window.data + run->pos, run->head.len,
                               first->window.data + first->pos, first->head.len) < 0))
            first = run;
    }
    return first;
}

int word_runs_next(struct word_runs *r, const char **word, size_t *len, uint64_t *count,
                   struct errbuf *eb)
{
    const struct run *first = first_run(r);

    if (!first)
        return 0;
    buf_clear(&r->word);
    if (buf_put(&r->word, first->window.data + first->pos, first->head.len) != RF_OK)
        return err_nomem(eb);
    *count = 0;
    for (int i = 0; i < r->n; i++) {
        struct run *run = &r->run[i];
        int rc;

        if (!run->more || run->head.len != r->word.len ||
            memcmp(run->window.data + run->pos, r->word.data, r->word.len) != 0)
            continue;
        *count += run->head.count;
        run->pos += run->head.len;
        if ((rc = step_run(r, run, eb)) != RF_OK)
            return rc;
    }
    *word = r->word.data;
    *len = r->word.len;
    return 1;
}

/* Merge all runs into one, in a new file. */
static int collapse(struct word_runs *r, struct errbuf *eb)
{
    struct word_runs *one = NULL, swap;
    const char *word = NULL;
    uint64_t count = 0;
    size_t len = 0;
    int rc = word_runs_new(&one, r->near, eb);

    if (rc == RF_OK)
        rc = word_runs_rewind(r, eb);
    while (rc == RF_OK && (rc = word_runs_next(r, &word, &len, &count, eb)) == 1)
        rc = word_runs_put(one, word, len, count, eb);
    if (rc == RF_OK)
        rc = word_runs_end(one, eb);
    if (rc == RF_OK) {
        swap = *r;
        *r = *one;
        *one = swap;
    }
    word_runs_free(one);
    return rc;
}

int word_runs_end(struct word_runs *r, struct errbuf *eb)
{
    struct run *run = &r->run[r->n];

    run->start = r->n ? r->run[r->n - 1].end : 0;
    run->end = r->written;
    return ++r->n == MAX_RUNS ? collapse(r, eb) : RF_OK;
}

void word_runs_free(struct word_runs *r)
{
    if (!r)
        return;
    for (int i = 0; i < MAX_RUNS; i++)
        buf_free(&r->run[i].window);
    buf_free(&r->word);
    fclose(r->file);
    free(r);
}
