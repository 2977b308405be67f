#include "shard/shuffle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What stands before the ids of each sequence, in memory and in the temporary file. */
struct head {
    uint64_t key, number, doc, n_ids;
};

/* Where a sequence lies in memory. */
struct place {
    uint64_t key, at; /* `at` ascends with the number of the sequence */
};

/* A sorted run in the temporary file. window[pos..len) was read but not handed out. */
struct run {
    uint64_t at, end; /* the bytes of the file that are still to be read */
    struct buf window;
    size_t pos;
    struct head head; /* of the first sequence in the window */
    bool more;
};

struct shuffle {
    struct shuffle_cfg cfg;
    uint64_t count, next; /* next: the next of the places */
    struct buf records, places, runs;
    FILE *spill;
    uint64_t spilled;
    size_t window; /* how many bytes of a run to read at once */
    bool sorted;
    struct run *last; /* the run whose first sequence was handed out */
};

int shuffle_new(struct shuffle **out, const struct shuffle_cfg *cfg, struct errbuf *eb)
{
    struct shuffle *s = calloc(1, sizeof *s);

    if (!s)
        return err_nomem(eb);
    s->cfg = *cfg;
    *out = s;
    return RF_OK;
}

static int spill_error(const struct shuffle *s, const char *what, struct errbuf *eb)
{
    return err_set(eb, RF_EIO, "cannot %s a temporary file%s%s%s: %s", what,
                   s->cfg.near ? " beside '" : "", s->cfg.near ? s->cfg.near : "",
                   s->cfg.near ? "'" : "", strerror(errno));
}

static int by_key(const void *a, const void *b)
{
    const struct place *p = a, *q = b;

    if (p->key != q->key)
        return p->key < q->key ? -1 : 1;
    return p->at < q->at ? -1 : p->at > q->at;
}

static size_t n_places(const struct shuffle *s)
{
    return s->places.len / sizeof(struct place);
}

static const struct place *sort_places(struct shuffle *s)
{
    if (s->places.len)
        qsort(s->places.data, n_places(s), sizeof(struct place), by_key);
    return (const struct place *)(const void *)s->places.data;
}

static size_t record_bytes(const struct head *h)
{
    return sizeof *h + (size_t)h->n_ids * sizeof(int32_t);
}

/* Write the sequences in memory to the file as a sorted run. */
static int spill(struct shuffle *s, struct errbuf *eb)
{
    struct run run = {.at = s->spilled, .more = true};
    const struct place *places = sort_places(s);
    int rc = s->spill ? RF_OK : temp_open(&s->spill, s->cfg.near, eb);

    if (rc != RF_OK)
        return rc;
    for (size_t i = 0; i < n_places(s); i++) {
        const char *p = s->records.data + places[i].at;
        struct head h;

        memcpy(&h, p, sizeof h);
        if (fwrite(p, record_bytes(&h), 1, s->spill) != 1)
            return spill_error(s, "write", eb);
    }
    if (fflush(s->spill) != 0)
        return spill_error(s, "write", eb);
    run.end = s->spilled += s->records.len;
    buf_clear(&s->records);
    buf_clear(&s->places);
    return buf_put(&s->runs, &run, sizeof run) == RF_OK ? RF_OK : err_nomem(eb);
}

int shuffle_add(struct shuffle *s, const struct shard_record *r, struct errbuf *eb)
{
    struct head h = {0, s->count, r->doc, r->n_ids};
    struct place place;
    int rc;

    /* Places count twice, because their array is copied when it grows. */
    if (s->records.len &&
        s->records.len + record_bytes(&h) + 2 * s->places.len > s->cfg.memory &&
        (rc = spill(s, eb)) != RF_OK)
        return rc;
    if (s->cfg.mixed)
        h.key = rng_u64(s->cfg.rng, s->count);
    place = (struct place){h.key, s->records.len};
    /* Reserve everything at once: pages that are not used cost nothing, while
     * growing would copy. */
    if ((s->records.cap == 0 && buf_reserve(&s->records, s->cfg.memory) != RF_OK) ||
        buf_put(&s->records, &h, sizeof h) != RF_OK ||
        buf_put(&s->records, r->ids, r->n_ids * sizeof *r->ids) != RF_OK ||
        buf_put(&s->places, &place, sizeof place) != RF_OK)
        return err_nomem(eb);
    s->count++;
    return RF_OK;
}

uint64_t shuffle_count(const struct shuffle *s)
{
    return s->count;
}

/* Read until n bytes are in a run's window. */
static int read_window(struct shuffle *s, struct run *r, size_t n, struct errbuf *eb)
{
    size_t have = r->window.len - r->pos, want = n > s->window ? n : s->window;

    if (have >= n)
        return RF_OK;
    memmove(r->window.data, r->window.data + r->pos, have);
    r->pos = 0;
    r->window.len = have;
    if (want - have > r->end - r->at)
        want = have + (size_t)(r->end - r->at);
    if (buf_reserve(&r->window, want - have) != RF_OK)
        return err_nomem(eb);
    while (r->window.len < want) {
        ssize_t got = TEMP_FAILURE_RETRY(pread(fileno(s->spill), r->window.data + r->window.len,
                                               want - r->window.len, (off_t)r->at));

        if (got <= 0) {
            errno = got == 0 ? EIO : errno;
            return spill_error(s, "read", eb);
        }
        r->window.len += (size_t)got;
        r->at += (uint64_t)got;
    }
    return RF_OK;
}

/* Read the first sequence of a run into its window. At the end of the run, `more` is false. */
static int look_at_record(struct shuffle *s, struct run *r, struct errbuf *eb)
{
    int rc;

    r->more = r->pos < r->window.len || r->at < r->end;
    if (!r->more)
        return RF_OK;
    if (r->window.len == 0 && buf_reserve(&r->window, s->window) != RF_OK)
        return err_nomem(eb);
    if ((rc = read_window(s, r, sizeof r->head, eb)) != RF_OK)
        return rc;
    memcpy(&r->head, r->window.data + r->pos, sizeof r->head);
    return read_window(s, r, record_bytes(&r->head), eb);
}

static struct run *runs(const struct shuffle *s)
{
    return (struct run *)(void *)s->runs.data;
}

static size_t n_runs(const struct shuffle *s)
{
    return s->runs.len / sizeof(struct run);
}

/* Begin when all sequences are there: sort them in memory, or write them to the file too and
 * read the start of each run. */
static int start_reading(struct shuffle *s, struct errbuf *eb)
{
    int rc = RF_OK;

    s->sorted = true;
    if (!s->spill) {
        sort_places(s);
        return RF_OK;
    }
    if (s->records.len)
        rc = spill(s, eb);
    buf_free(&s->records);
    buf_free(&s->places);
    s->window = s->cfg.memory / (n_runs(s) + 1);
    for (size_t i = 0; i < n_runs(s) && rc == RF_OK; i++)
        rc = look_at_record(s, &runs(s)[i], eb);
    return rc;
}

static int next_in_memory(struct shuffle *s, const char **p)
{
    struct place place;

    if (s->next == n_places(s))
        return 0;
    memcpy(&place, s->places.data + s->next++ * sizeof place, sizeof place);
    *p = s->records.data + place.at;
    return 1;
}

static int next_of_runs(struct shuffle *s, const char **p, struct errbuf *eb)
{
    struct run *best = NULL;
    int rc;

    if (s->last) {
        s->last->pos += record_bytes(&s->last->head);
        if ((rc = look_at_record(s, s->last, eb)) != RF_OK)
            return rc;
    }
    for (struct run *r = runs(s); r < runs(s) + n_runs(s); r++)
        if (r->more && (!best || r->head.key < best->head.key ||
                        (r->head.key == best->head.key && r->head.number < best->head.number)))
            best = r;
    if (!(s->last = best))
        return 0;
    *p = best->window.data + best->pos;
    return 1;
}

int shuffle_next(struct shuffle *s, struct shard_record *r, struct errbuf *eb)
{
    const char *p = NULL;
    struct head h;
    int rc = s->sorted ? RF_OK : start_reading(s, eb);

    if (rc == RF_OK)
        rc = s->spill ? next_of_runs(s, &p, eb) : next_in_memory(s, &p);
    if (rc != 1 || !p)
        return rc;
    memcpy(&h, p, sizeof h);
    *r = (struct shard_record){.doc = h.doc,
                               .ids = (const int32_t *)(const void *)(p + sizeof h),
                               .n_ids = (size_t)h.n_ids};
    return 1;
}

void shuffle_free(struct shuffle *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < n_runs(s); i++)
        buf_free(&runs(s)[i].window);
    buf_free(&s->records);
    buf_free(&s->places);
    buf_free(&s->runs);
    if (s->spill)
        fclose(s->spill);
    free(s);
}
