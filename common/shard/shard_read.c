/* shard_read.c: takes records from frames, which may be read ahead. */
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "shard/shard_frames.h"
#include "shard/shard_index.h"

/* A frame and the result of reading it. */
struct ahead {
    struct shard_frame frame;
    int rc; /* 1; 0 at the checked end; negative: the error */
    struct errbuf why;
};

struct shard_reader {
    struct shard_frames *frames; /* the thread's while it runs */
    struct ahead slot[2], *out, *next;
    bool threaded, running; /* running: the thread fills `next` */
    pthread_t thread;
    int stop_fd[2];  /* input_stop_open() */
    int state;       /* the result of the last call */
    uint64_t passed; /* number of records before those handed out */
    uint64_t size;   /* the size of all files */
    struct shard_totals totals;
};

static int open_reader(struct shard_reader **out, struct input *in, char *const *names, int n,
                       struct errbuf *eb)
{
    struct shard_reader *r = calloc(1, sizeof *r);
    int rc;

    if (!r)
        return err_nomem(eb);
    r->stop_fd[0] = r->stop_fd[1] = -1;
    r->out = &r->slot[0];
    r->next = &r->slot[1];
    r->state = 1;
    r->totals.parts = 1;
    if ((rc = shard_frames_open(&r->frames, in, names, n, &r->size, eb)) != RF_OK) {
        shard_reader_close(r);
        return rc;
    }
    *out = r;
    return RF_OK;
}

int shard_reader_open(struct shard_reader **r, struct input *in, struct errbuf *eb)
{
    return open_reader(r, in, NULL, 0, eb);
}

int shard_files_open(struct shard_reader **r, char *const *names, int n, struct errbuf *eb)
{
    static char dash[] = "-";
    static char *const standard_input[] = {dash};

    return n ? open_reader(r, NULL, names, n, eb) : open_reader(r, NULL, standard_input, 1, eb);
}

void shard_reader_thread(struct shard_reader *r)
{
    if (!r->threaded)
        input_stop_open(r->stop_fd);
    r->threaded = true;
}

static void fill_slot(struct shard_reader *r, struct ahead *to)
{
    to->rc = shard_frames_next(r->frames, &to->frame, &to->why);
}

static void *fill_next(void *reader)
{
    struct shard_reader *r = reader;

    input_stop_at(r->stop_fd[0]);
    fill_slot(r, r->next);
    return NULL;
}

/* Stop the thread. If it waits for input, this does not wait for the input. */
static void stop(struct shard_reader *r)
{
    input_stop_close(&r->stop_fd[1]);
    if (r->running)
        pthread_join(r->thread, NULL);
    r->running = false;
    input_stop_close(&r->stop_fd[0]);
}

/* Go on to the next frame, and let the thread read the one behind it meanwhile: 1,
 * 0 at the end. */
static int next_frame(struct shard_reader *r, struct errbuf *eb)
{
    struct ahead *got = r->next;

    if (r->running)
        pthread_join(r->thread, NULL);
    else
        fill_slot(r, got);
    r->running = false;
    if (got->rc < 0)
        return err_set(eb, got->rc, "%s", got->why.text);
    r->next = r->out;
    r->out = got;
    r->totals.frames = got->frame.frames;
    r->totals.parts = got->frame.parts;
    if (got->rc == 1 && r->threaded)
        r->running = pthread_create(&r->thread, NULL, fill_next, r) == 0;
    return got->rc;
}

int shard_next(struct shard_reader *r, struct shard_record *rec, struct errbuf *eb)
{
    struct shard_frame *f = &r->out->frame;
    int rc = r->state;

    if (rc < 0)
        return err_set(eb, rc, "'%s' could not be read before", shard_frames_name(r->frames));
    if (rc == 1 && f->records.records == 0) {
        rc = r->state = next_frame(r, eb);
        f = &r->out->frame;
    }
    if (rc != 1)
        return rc;
    if ((rc = shard_payload_next(&f->records, rec)) != RF_OK) {
        stop(r);
        r->state = rc;
        return rc == RF_ENOMEM
                   ? err_nomem(eb)
                   : err_set(eb, rc, "record %llu of '%s' cannot be: lengths, ids or positions",
                             (unsigned long long)(r->passed + r->totals.records), f->name);
    }
    r->totals.records++;
    r->totals.tokens += rec->n_ids;
    r->totals.labels += rec->n_labels;
    return 1;
}

int shard_reader_seek(struct shard_reader *r, uint64_t record, struct errbuf *eb)
{
    struct shard_record rec;
    int rc = shard_frames_seek(r->frames, &record, &r->passed, eb);

    r->state = rc;
    for (; rc == 1 && record > 0; record--)
        rc = shard_next(r, &rec, eb);
    r->passed += r->totals.records;
    r->totals.records = r->totals.tokens = r->totals.labels = 0;
    return rc < 0 ? rc : RF_OK;
}

int shard_files_totals(struct shard_totals *t, char *const *names, int n, struct errbuf *eb)
{
    struct buf parts = {0};
    int rc = n > 0;

    *t = (struct shard_totals){0};
    for (int i = 0; i < n && rc == 1; i++) {
        struct input *in = NULL;

        if (strcmp(names[i], "-") == 0)
            rc = 0;
        else if ((rc = input_open(&in, names[i], INPUT_RAW, eb)) == RF_OK)
            rc = input_size(in) > 0;
        if (rc == 1 && (rc = shard_index_parts(&parts, in, eb)) == RF_OK)
            rc = 1;
        input_close(in);
    }
    for (size_t i = 0; i < parts.len && rc == 1; i += sizeof(struct shard_part)) {
        struct shard_part part;

        memcpy(&part, parts.data + i, sizeof part);
        t->parts++;
        t->frames += part.sums.frames;
        t->records += part.sums.records;
        t->tokens += part.sums.tokens;
        t->labels += part.sums.labels;
    }
    buf_free(&parts);
    return rc;
}

int shard_reader_want(const struct shard_reader *r, enum shard_kind kind, struct errbuf *eb)
{
    if (shard_frames_info(r->frames)->kind == kind)
        return RF_OK;
    return err_set(
        eb, RF_EFORMAT, "'%s' holds records of kind %s, not %s", shard_frames_name(r->frames),
        shard_kind_names[shard_frames_info(r->frames)->kind - 1], shard_kind_names[kind - 1]);
}

const struct shard_info *shard_reader_info(const struct shard_reader *r)
{
    return shard_frames_info(r->frames);
}

struct shard_totals shard_reader_totals(const struct shard_reader *r)
{
    return r->totals;
}

uint64_t shard_reader_size(const struct shard_reader *r)
{
    return r->size;
}

uint64_t shard_reader_consumed(const struct shard_reader *r)
{
    return r->out->frame.consumed;
}

void shard_reader_close(struct shard_reader *r)
{
    if (!r)
        return;
    stop(r);
    shard_frame_free(&r->slot[0].frame);
    shard_frame_free(&r->slot[1].frame);
    shard_frames_close(r->frames);
    free(r);
}
