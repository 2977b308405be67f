#include "wordpiece/counts_read.h"

#include <stdlib.h>

enum { FILE_BYTES = 1 << 20, MIN_OPEN = 4, MAX_OPEN = 256 };
enum { SHOW_EVERY = 4096 }; /* words */

struct counts_read {
    struct counts_cfg cfg;
    struct counts_file *file; /* `open` files, of room for `most` */
    int open, most;
    struct word_merge merge;   /* of these files and `rest` */
    struct word_counts rest;   /* the words of the files that were read to their end */
    struct word_source source; /* gives the words of `rest` */
    struct progress *progress;
    uint64_t bytes, consumed; /* of the files that were closed */
    uint64_t words;           /* that were given out; for progress */
};

static void close_last(struct counts_read *r)
{
    struct counts_file *f = &r->file[--r->open];

    if (f->lines) {
        r->bytes += lines_bytes(f->lines);
        r->consumed += lines_consumed(f->lines);
    }
    counts_file_close(f);
}

static void show(struct counts_read *r)
{
    uint64_t consumed = r->consumed;

    if (!r->progress || ++r->words % SHOW_EVERY)
        return;
    for (int i = 0; i < r->open; i++)
        consumed += lines_consumed(r->file[i].lines);
    progress_show(r->progress, consumed, NULL);
}

/* Read a file whose words have any order to its end. */
static int read_plain(struct counts_read *r, struct word_source *s, struct errbuf *eb)
{
    int rc;

    while ((rc = s->next(s, eb)) == 1) {
        show(r);
        if ((rc = word_counts_put(&r->rest, s->word, s->len, s->count, eb)) != RF_OK)
            return rc;
    }
    return rc;
}

/* Merge the open files. */
static int merge_files(struct counts_read *r, struct errbuf *eb)
{
    for (int i = 0; i < r->open; i++) {
        int rc = word_merge_add(&r->merge, &r->file[i].source, eb);

        if (rc != RF_OK)
            return rc;
    }
    return RF_OK;
}

/* Read the open files to their end, to make room for others. */
static int read_group(struct counts_read *r, struct errbuf *eb)
{
    const char *word;
    uint64_t count;
    size_t len;
    int rc = merge_files(r, eb);

    while (rc == RF_OK && (rc = word_merge_next(&r->merge, &word, &len, &count, eb)) == 1) {
        show(r);
        rc = word_counts_put_sorted(&r->rest, word, len, count, eb);
    }
    word_merge_free(&r->merge);
    while (r->file && r->open)
        close_last(r);
    return rc == RF_OK ? word_counts_end_sorted(&r->rest, eb) : rc;
}

static int open_file(struct counts_read *r, char *name, struct errbuf *eb)
{
    struct counts_file *f;
    int rc = r->open == r->most ? read_group(r, eb) : RF_OK;

    if (rc != RF_OK)
        return rc;
    f = &r->file[r->open++];
    rc = counts_file_open(f, name, &r->cfg, eb);
    if (rc != RF_OK || !f->plain)
        return rc;
    rc = read_plain(r, &f->source, eb);
    close_last(r);
    return rc;
}

static int next_of_rest(struct word_source *s, struct errbuf *eb)
{
    struct counts_read *r =
        (struct counts_read *)(void *)((char *)s - offsetof(struct counts_read, source));

    return word_counts_next(&r->rest, &s->word, &s->len, &s->count, eb);
}

static int open_all(struct counts_read *r, char *const *names, int n, struct errbuf *eb)
{
    int rc = n ? RF_OK : open_file(r, NULL, eb);

    for (int i = 0; rc == RF_OK && i < n; i++)
        rc = open_file(r, names[i], eb);
    if (rc == RF_OK)
        rc = merge_files(r, eb);
    if (rc == RF_OK)
        rc = word_counts_rewind(&r->rest, WORDS_SORTED, eb);
    r->source.next = next_of_rest;
    return rc == RF_OK ? word_merge_add(&r->merge, &r->source, eb) : rc;
}

int counts_read_open(struct counts_read **out, char *const *names, int n,
                     const struct counts_cfg *cfg, uint64_t memory, const char *near,
                     struct progress *p, struct errbuf *eb)
{
    struct counts_read *r = calloc(1, sizeof *r);
    uint64_t most = memory ? memory / 2 / FILE_BYTES : MAX_OPEN;
    int rc = RF_OK;

    if (!r)
        return err_nomem(eb);
    r->cfg = *cfg;
    r->progress = p;
    r->most = most < MIN_OPEN ? MIN_OPEN : most > MAX_OPEN ? MAX_OPEN : (int)most;
    r->rest = (struct word_counts){.memory = memory / 2, .longest = cfg->longest, .near = near};
    if (!(r->file = calloc((size_t)r->most, sizeof *r->file)))
        rc = err_nomem(eb);
    if (rc == RF_OK)
        rc = open_all(r, names, n, eb);
    if (rc != RF_OK) {
        counts_read_close(r);
        return rc;
    }
    *out = r;
    return RF_OK;
}

int counts_read_next(struct counts_read *r, const char **word, size_t *len, uint64_t *count,
                     struct errbuf *eb)
{
    show(r);
    return word_merge_next(&r->merge, word, len, count, eb);
}

int counts_read_all(struct counts_read *r, struct word_counts *words, struct errbuf *eb)
{
    const char *word;
    uint64_t count;
    size_t len;
    int rc;

    while ((rc = counts_read_next(r, &word, &len, &count, eb)) == 1)
        if ((rc = word_counts_put_sorted(words, word, len, count, eb)) != RF_OK)
            return rc;
    return rc == RF_OK ? word_counts_end_sorted(words, eb) : rc;
}

uint64_t counts_read_bytes(const struct counts_read *r)
{
    uint64_t bytes = r->bytes;

    for (int i = 0; i < r->open; i++)
        bytes += lines_bytes(r->file[i].lines);
    return bytes;
}

void counts_read_close(struct counts_read *r)
{
    if (!r)
        return;
    while (r->file && r->open)
        close_last(r);
    free(r->file);
    word_merge_free(&r->merge);
    word_counts_free(&r->rest);
    free(r);
}
