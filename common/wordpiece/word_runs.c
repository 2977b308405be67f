#include "wordpiece/word_runs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "wordpiece/packed_number.h"
#include "wordpiece/word_merge.h"

/*
 * Runs have levels. A new run is of level 0; as soon as a level has FAN runs they are merged
 * into one run of the next level. So each word is written about once a level, and 32^6 runs are
 * more than any disk holds.
 */
enum { LEVELS = 6, FAN = 32, WINDOW_BYTES = 32 << 10 };

/* In the file each word stands behind its count and its length, both packed. */
enum { HEAD_BYTES = 2 * PACKED_BYTES };

/* A run. window[pos..len) was read but not handed out. */
struct run {
    struct word_source source; /* the current word; it must be the first member */
    int fd;
    uint64_t start, end, at; /* in the file; at: the next byte for the window */
    struct buf window;
    size_t pos;
};

struct level {
    FILE *file;
    uint64_t written; /* bytes */
    struct run run[FAN];
    int n;
};

struct word_runs {
    const char *near;
    struct level level[LEVELS];
    struct word_merge merge; /* of the runs that are read */
};

int word_runs_new(struct word_runs **out, const char *near, struct errbuf *eb)
{
    struct word_runs *r = calloc(1, sizeof *r);
    int rc = r ? temp_open(&r->level[0].file, near, eb) : err_nomem(eb);

    if (rc != RF_OK) {
        free(r);
        return rc;
    }
    r->near = near;
    *out = r;
    return RF_OK;
}

/* --- writing */

static int write_error(struct errbuf *eb)
{
    return err_set(eb, RF_EIO, "cannot write a temporary file: %s", strerror(errno));
}

static int put_word(struct level *to, const char *word, size_t len, uint64_t count,
                    struct errbuf *eb)
{
    char head[HEAD_BYTES];
    size_t n = (size_t)(packed_put(packed_put(head, count), len) - head);

    if (fwrite_unlocked(head, 1, n, to->file) != n ||
        fwrite_unlocked(word, 1, len, to->file) != len)
        return write_error(eb);
    to->written += n + len;
    return RF_OK;
}

int word_runs_put(struct word_runs *r, const char *word, size_t len, uint64_t count,
                  struct errbuf *eb)
{
    return put_word(&r->level[0], word, len, count, eb);
}

/* --- reading */

/* Read until n bytes of the run, or all that are left, lie in the window behind pos. */
static int fill_window(struct run *run, size_t n, struct errbuf *eb)
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
    while (w->len < n && run->at < run->end) {
        uint64_t rest = run->end - run->at;
        size_t want = w->cap - w->len - 1 < rest ? w->cap - w->len - 1 : (size_t)rest;
        ssize_t got =
            TEMP_FAILURE_RETRY(pread(run->fd, w->data + w->len, want, (off_t)run->at));

        if (got <= 0)
            return err_set(eb, RF_EIO, "cannot read a temporary file: %s",
                           got ? strerror(errno) : "it became shorter");
        run->at += (uint64_t)got;
        w->len += (size_t)got;
    }
    return RF_OK;
}

static int next_word(struct word_source *s, struct errbuf *eb)
{
    struct run *run = (struct run *)s;
    const char *at;
    uint64_t len;
    int rc = fill_window(run, HEAD_BYTES, eb);

    if (rc != RF_OK)
        return rc;
    if (run->pos == run->window.len) {
        buf_free(&run->window);
        run->pos = 0;
        return 0;
    }
    at = packed_get(packed_get(run->window.data + run->pos, &s->count), &len);
    run->pos = (size_t)(at - run->window.data);
    s->len = (size_t)len;
    if ((rc = fill_window(run, s->len, eb)) != RF_OK)
        return rc;
    s->word = run->window.data + run->pos;
    run->pos += s->len;
    return 1;
}

static int rewind_level(struct word_runs *r, struct level *l, struct errbuf *eb)
{
    if (l->file && fflush(l->file) != 0)
        return write_error(eb);
    for (int i = 0; i < l->n; i++) {
        struct run *run = &l->run[i];
        int rc;

        run->source.next = next_word;
        run->fd = fileno(l->file);
        run->at = run->start;
        run->pos = 0;
        buf_clear(&run->window);
        if ((rc = word_merge_add(&r->merge, &run->source, eb)) != RF_OK)
            return rc;
    }
    return RF_OK;
}

int word_runs_rewind(struct word_runs *r, struct errbuf *eb)
{
    int rc = RF_OK;

    word_merge_free(&r->merge);
    for (int i = 0; rc == RF_OK && i < LEVELS; i++)
        rc = rewind_level(r, &r->level[i], eb);
    return rc;
}

int word_runs_next(struct word_runs *r, const char **word, size_t *len, uint64_t *count,
                   struct errbuf *eb)
{
    return word_merge_next(&r->merge, word, len, count, eb);
}

/* --- levels */

static int end_run(struct word_runs *r, int level, struct errbuf *eb);

static int empty_level(struct level *l, struct errbuf *eb)
{
    for (int i = 0; i < l->n; i++)
        buf_free(&l->run[i].window);
    l->n = 0;
    l->written = 0;
    return fseek(l->file, 0, SEEK_SET) == 0 &&
                   TEMP_FAILURE_RETRY(ftruncate(fileno(l->file), 0)) == 0
               ? RF_OK
               : write_error(eb);
}

/* Merge all runs of a level into one of the next. */
static int lift(struct word_runs *r, int level, struct errbuf *eb)
{
    struct level *from = &r->level[level], *to = from + 1;
    const char *word;
    uint64_t count;
    size_t len;
    int rc = to->file ? RF_OK : temp_open(&to->file, r->near, eb);

    word_merge_free(&r->merge);
    if (rc == RF_OK)
        rc = rewind_level(r, from, eb);
    while (rc == RF_OK && (rc = word_merge_next(&r->merge, &word, &len, &count, eb)) == 1)
        rc = put_word(to, word, len, count, eb);
    word_merge_free(&r->merge);
    if (rc == RF_OK)
        rc = empty_level(from, eb);
    return rc == RF_OK ? end_run(r, level + 1, eb) : rc;
}

static int end_run(struct word_runs *r, int level, struct errbuf *eb)
{
    struct level *l = &r->level[level];
    struct run *run = &l->run[l->n];

    run->start = l->n ? l->run[l->n - 1].end : 0;
    run->end = l->written;
    if (++l->n < FAN)
        return RF_OK;
    return level + 1 < LEVELS ? lift(r, level, eb)
                              : err_set(eb, RF_ERANGE, "there are too many words");
}

int word_runs_end(struct word_runs *r, struct errbuf *eb)
{
    return end_run(r, 0, eb);
}

void word_runs_free(struct word_runs *r)
{
    if (!r)
        return;
    for (int i = 0; i < LEVELS; i++) {
        for (int k = 0; k < FAN; k++)
            buf_free(&r->level[i].run[k].window);
        if (r->level[i].file)
            fclose(r->level[i].file);
    }
    word_merge_free(&r->merge);
    free(r);
}
