#include "shard/shard_blocks.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "shard/block_index.h"
#include "shard/shard_set.h"

enum {
    FRAME_TOKENS = 1 << 20,          /* about those of a packed frame */
    FRAME_SCRATCH_BYTES = 24 << 20,  /* about: a frame in the file, its payload, twice */
    PACKED_SCRATCH_BYTES = 40 << 20, /* what unpacking learns: rf-shard(5) */
};

/* A block in memory. */
struct held {
    enum { ABSENT, LOADING, HELD } state;
    bool wanted;
    uint64_t used; /* the larger, the later it was read from */
    struct shard_set *set;
};

struct shard_blocks {
    struct input *in; /* each load reads the file at a place of its own */
    struct block_index index;
    size_t last; /* the block of the last record */
    pthread_t thread;
    bool started;         /* the thread must be joined */
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    bool running, stop; /* the thread reads; it shall end */
    struct held *held;  /* [blocks] */
    uint64_t bytes, room, clock;
    uint32_t *wanted; /* [n_wanted], with room for all blocks */
    size_t n_wanted;
};

int shard_blocks_open(struct shard_blocks **out, const char *name, struct errbuf *eb)
{
    struct shard_blocks *b = calloc(1, sizeof *b);
    int rc;

    if (!b)
        return err_nomem(eb);
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->changed, NULL);
    if (strcmp(name, "-") == 0)
        rc = err_set(eb, RF_EINVAL, "standard input cannot be read by blocks: name a file");
    else
        rc = input_open(&b->in, name, INPUT_FILE, eb);
    if (rc == RF_OK)
        rc = block_index_read(&b->index, b->in, eb);
    if (rc == RF_OK) {
        b->held = calloc(b->index.n + 1, sizeof *b->held);
        b->wanted = calloc(b->index.n + 1, sizeof *b->wanted);
        rc = b->held && b->wanted ? RF_OK : err_nomem(eb);
    }
    if (rc == RF_OK)
        *out = b;
    else
        shard_blocks_close(b);
    return rc;
}

const struct shard_info *shard_blocks_info(const struct shard_blocks *b)
{
    return &b->index.info;
}

struct shard_totals shard_blocks_totals(const struct shard_blocks *b)
{
    return b->index.totals;
}

const uint8_t *shard_blocks_digest(const struct shard_blocks *b)
{
    return b->index.digest;
}

uint64_t shard_blocks_bytes(const struct shard_blocks *b)
{
    return b->index.bytes;
}

uint64_t shard_blocks_largest(const struct shard_blocks *b)
{
    uint64_t most = 0;

    for (size_t i = 0; i < b->index.n; i++)
        most = b->index.block[i].bytes > most ? b->index.block[i].bytes : most;
    return most;
}

uint64_t shard_blocks_scratch(const struct shard_blocks *b)
{
    bool packed = false;

    for (size_t i = 0; i < b->index.n; i++)
        packed = packed || b->index.block[i].frames > 1;
    return FRAME_SCRATCH_BYTES + (packed ? PACKED_SCRATCH_BYTES : 0);
}

size_t shard_blocks_count(const struct shard_blocks *b)
{
    return b->index.n;
}

uint64_t shard_blocks_first(const struct shard_blocks *b, size_t i)
{
    return i < b->index.n ? b->index.block[i].first : b->index.totals.records;
}

void shard_blocks_hold(struct shard_blocks *b, uint64_t bytes)
{
    pthread_mutex_lock(&b->lock);
    b->room = bytes;
    pthread_mutex_unlock(&b->lock);
}

/* --- reading a block */

/* Who is given the records of a block; an error of his is RF_ENOMEM. */
struct seer {
    int (*see)(void *self, const struct shard_record *r);
    void *self;
};

static int see_frame(struct shard_frame *frame, uint64_t *record, const struct seer *s,
                     struct errbuf *eb)
{
    while (frame->records.records) {
        struct shard_record r;
        int rc = shard_payload_next(&frame->records, &r);

        if (rc == RF_EFORMAT)
            return err_set(eb, rc, "record %llu of '%s' cannot be: lengths, ids or positions",
                           (unsigned long long)*record, frame->name);
        if (rc != RF_OK || s->see(s->self, &r) != RF_OK)
            return err_nomem(eb);
        ++*record;
    }
    return RF_OK;
}

static int wrong_index(const struct input *in, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "index or totals wrong in '%s', end frame", input_name(in));
}

/* Whether what is being read will not be needed, because the blocks are closed. */
static bool is_stopped(struct shard_blocks *b)
{
    bool stop;

    pthread_mutex_lock(&b->lock);
    stop = b->stop;
    pthread_mutex_unlock(&b->lock);
    return stop;
}

/* Read the first `frames` frames of a block. */
static int read_frames(struct shard_blocks *b, const struct shard_block *block, uint32_t frames,
                       struct input *in, const struct seer *s, struct errbuf *eb)
{
    struct shard_frames *f = NULL;
    struct shard_frame frame = {.frames = 0};
    uint64_t size, record = block->first;
    int rc = shard_frames_open(&f, in, NULL, 0, &size, eb);

    if (rc == RF_OK && block->at.start > 0)
        rc = shard_frames_enter(f, block->at.start, eb);
    if (rc == RF_OK)
        rc = shard_frames_goto(f, &block->at, eb);
    for (uint32_t i = 0; i < frames && rc == RF_OK; i++) {
        if (is_stopped(b)) {
            rc = err_set(eb, RF_EIO, "reading '%s' was given up", input_name(in));
            break;
        }
        rc = shard_frames_next(f, &frame, eb);
        if (rc == 1)
            rc = see_frame(&frame, &record, s, eb);
        else if (rc == 0)
            rc = wrong_index(in, eb);
    }
    if (rc == RF_OK && frames == block->frames && record != block->first + block->records)
        rc = wrong_index(in, eb);
    shard_frame_free(&frame);
    shard_frames_close(f);
    return rc;
}

static int read_block(struct shard_blocks *b, size_t i, uint32_t frames, const struct seer *s,
                      struct errbuf *eb)
{
    const struct shard_block *block = &b->index.block[i];
    struct input *in = NULL;
    int rc = input_again(&in, b->in, eb);

    if (rc == RF_OK)
        rc = input_seek(in, 0, eb);
    if (rc == RF_OK)
        rc = read_frames(b, block, frames < block->frames ? frames : block->frames, in, s, eb);
    input_close(in);
    return rc;
}

/* --- holding blocks */

static int add_to_set(void *set, const struct shard_record *r)
{
    return shard_set_add(set, r);
}

/* Drop the block that is unused for longest and not wanted. False: there is none. */
static bool drop_one(struct shard_blocks *b)
{
    struct held *oldest = NULL;

    for (size_t i = 0; i < b->index.n; i++) {
        struct held *h = &b->held[i];

        if (h->state == HELD && !h->wanted && (!oldest || h->used < oldest->used))
            oldest = h;
    }
    if (!oldest)
        return false;
    b->bytes -= shard_set_bytes(oldest->set);
    shard_set_free(oldest->set);
    *oldest = (struct held){.state = ABSENT};
    return true;
}

/* Read an absent block into memory, with the lock, which is given up meanwhile. */
static int load_block(struct shard_blocks *b, size_t i, struct errbuf *eb)
{
    struct held *h = &b->held[i];
    struct shard_set *set = NULL;
    int rc;

    h->state = LOADING;
    while (b->bytes + b->index.block[i].bytes > b->room && drop_one(b))
        ;
    pthread_mutex_unlock(&b->lock);
    rc = shard_set_new(&set, &b->index.info, eb);
    if (rc == RF_OK)
        rc = read_block(b, i, UINT32_MAX, &(struct seer){add_to_set, set}, eb);
    if (rc != RF_OK) {
        shard_set_free(set);
        set = NULL;
    }
    pthread_mutex_lock(&b->lock);
    h->state = set ? HELD : ABSENT;
    h->set = set;
    h->used = ++b->clock;
    b->bytes += set ? shard_set_bytes(set) : 0;
    pthread_cond_broadcast(&b->changed);
    return rc;
}

/* The first wanted block that is absent. False: there is none. */
static bool find_absent(const struct shard_blocks *b, size_t *i)
{
    for (size_t k = 0; k < b->n_wanted; k++)
        if (b->held[b->wanted[k]].state == ABSENT) {
            *i = b->wanted[k];
            return true;
        }
    return false;
}

/* After an error it reads no further: whoever needs that block gets the error. */
static void *read_ahead(void *self)
{
    struct shard_blocks *b = self;
    struct errbuf why;
    size_t i;

    pthread_mutex_lock(&b->lock);
    while (!b->stop && find_absent(b, &i) && load_block(b, i, &why) == RF_OK)
        ;
    b->running = false;
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

void shard_blocks_want(struct shard_blocks *b, const uint32_t *blocks, size_t n)
{
    size_t i;
    bool start;

    assert(n <= b->index.n);
    pthread_mutex_lock(&b->lock);
    for (size_t k = 0; k < b->n_wanted; k++)
        b->held[b->wanted[k]].wanted = false;
    for (size_t k = 0; k < n; k++) {
        b->held[blocks[k]].wanted = true;
        b->wanted[k] = blocks[k];
    }
    b->n_wanted = n;
    start = !b->running && find_absent(b, &i);
    pthread_mutex_unlock(&b->lock);
    if (!start)
        return;
    if (b->started)
        pthread_join(b->thread, NULL);
    b->running = true; /* the thread does not run yet, so that no lock is needed */
    b->started = b->running = pthread_create(&b->thread, NULL, read_ahead, b) == 0;
}

static size_t find_block(struct shard_blocks *b, uint64_t record)
{
    size_t low = 0, high = b->index.n;

    assert(record < b->index.totals.records);
    if (shard_blocks_first(b, b->last) <= record && record < shard_blocks_first(b, b->last + 1))
        return b->last;
    while (high - low > 1) {
        size_t mid = low + (high - low) / 2;

        if (b->index.block[mid].first <= record)
            low = mid;
        else
            high = mid;
    }
    return b->last = low;
}

int shard_blocks_get(struct shard_blocks *b, uint64_t record, int32_t *ids, uint32_t *positions,
                     int32_t *labels, struct shard_record *r, struct errbuf *eb)
{
    size_t i = find_block(b, record);
    struct held *h = &b->held[i];
    int rc = RF_OK;

    pthread_mutex_lock(&b->lock);
    while (h->state == LOADING)
        pthread_cond_wait(&b->changed, &b->lock);
    if (h->state == ABSENT)
        rc = load_block(b, i, eb);
    if (rc == RF_OK) {
        h->used = ++b->clock;
        shard_set_get(h->set, (size_t)(record - b->index.block[i].first), ids, positions,
                      labels, r);
    }
    pthread_mutex_unlock(&b->lock);
    return rc;
}

/* --- a sample */

struct sample {
    void (*see)(void *self, const struct shard_record *r);
    void *self;
    uint64_t tokens;
};

static int see_sample(void *self, const struct shard_record *r)
{
    struct sample *s = self;

    s->tokens += r->n_ids;
    s->see(s->self, r);
    return RF_OK;
}

int shard_blocks_sample(struct shard_blocks *b, size_t frames,
                        void (*see)(void *self, const struct shard_record *r), void *self,
                        uint64_t *tokens, struct errbuf *eb)
{
    bool all = b->index.totals.tokens <= (uint64_t)frames * FRAME_TOKENS;
    size_t n = all || b->index.n < frames ? b->index.n : frames;
    struct sample s = {.see = see, .self = self};
    int rc = RF_OK;

    for (size_t i = 0; i < n && rc == RF_OK; i++)
        rc = read_block(b, i * b->index.n / n, all ? UINT32_MAX : 1,
                        &(struct seer){see_sample, &s}, eb);
    *tokens = s.tokens;
    return rc;
}

void shard_blocks_close(struct shard_blocks *b)
{
    if (!b)
        return;
    pthread_mutex_lock(&b->lock);
    b->stop = true;
    pthread_mutex_unlock(&b->lock);
    if (b->started)
        pthread_join(b->thread, NULL);
    for (size_t i = 0; b->held && i < b->index.n; i++)
        shard_set_free(b->held[i].set);
    free(b->held);
    free(b->wanted);
    block_index_free(&b->index);
    input_close(b->in);
    pthread_mutex_destroy(&b->lock);
    pthread_cond_destroy(&b->changed);
    free(b);
}
