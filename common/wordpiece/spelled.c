#include "wordpiece/spelled.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"
#include "wordpiece/packed_number.h"

enum { BUFFER_BYTES = 256 << 10 };

/* In the file a word is its count, the number of its ids, and the ids, all packed. */
struct spelled {
    FILE *file;
    uint64_t words, read;
    uint64_t at;      /* the next byte of the file to read */
    struct buf bytes; /* what is not yet written, or, from `pos` on, not yet handed out */
    size_t pos;
    size_t last;    /* bytes of the word handed out, which end at pos */
    struct buf ids; /* the ids of the word handed out */
};

int spelled_new(struct spelled **out, const char *near, struct errbuf *eb)
{
    struct spelled *s = calloc(1, sizeof *s);
    int rc = s ? temp_open(&s->file, near, eb) : err_nomem(eb);

    if (rc != RF_OK) {
        spelled_free(s);
        return rc;
    }
    setvbuf(s->file, NULL, _IONBF, 0);
    *out = s;
    return RF_OK;
}

static int failed(const char *what, struct errbuf *eb)
{
    return err_set(eb, RF_EIO, "cannot %s a temporary file: %s", what, strerror(errno));
}

static int write_out(struct spelled *s, struct errbuf *eb)
{
    if (s->bytes.len && fwrite(s->bytes.data, 1, s->bytes.len, s->file) != s->bytes.len)
        return failed("write", eb);
    buf_clear(&s->bytes);
    return RF_OK;
}

int spelled_put(struct spelled *s, const uint32_t *ids, size_t n, uint64_t count,
                struct errbuf *eb)
{
    char *to;
    int rc = s->bytes.len < BUFFER_BYTES ? RF_OK : write_out(s, eb);

    if (rc != RF_OK)
        return rc;
    if (buf_reserve(&s->bytes, (n + 2) * PACKED_BYTES) != RF_OK)
        return err_nomem(eb);
    to = packed_put(packed_put(s->bytes.data + s->bytes.len, count), n);
    for (size_t i = 0; i < n; i++)
        to = packed_put(to, ids[i]);
    s->bytes.len = (size_t)(to - s->bytes.data);
    s->words++;
    return RF_OK;
}

int spelled_copy(struct spelled *s, const struct spelled *from, struct errbuf *eb)
{
    int rc = s->bytes.len < BUFFER_BYTES ? RF_OK : write_out(s, eb);

    if (rc != RF_OK)
        return rc;
    s->words++;
    return buf_put(&s->bytes, from->bytes.data + from->pos - from->last, from->last) == RF_OK
               ? RF_OK
               : err_nomem(eb);
}

int spelled_rewind(struct spelled *s, struct errbuf *eb)
{
    int rc = s->read ? RF_OK : write_out(s, eb);

    s->read = s->at = 0;
    s->pos = 0;
    buf_clear(&s->bytes);
    return rc;
}

/* Read on until n bytes, or all that are left, lie behind pos. */
static int fill(struct spelled *s, size_t n, struct errbuf *eb)
{
    struct buf *b = &s->bytes;
    size_t rest = b->len - s->pos;

    if (rest >= n)
        return RF_OK;
    if (rest)
        memmove(b->data, b->data + s->pos, rest);
    b->len = rest;
    s->pos = 0;
    if (buf_reserve(b, n > BUFFER_BYTES ? n : BUFFER_BYTES) != RF_OK)
        return err_nomem(eb);
    for (ssize_t got = 1; got && b->len < n; b->len += (size_t)got, s->at += (size_t)got) {
        got = TEMP_FAILURE_RETRY(
            pread(fileno(s->file), b->data + b->len, b->cap - b->len - 1, (off_t)s->at));
        if (got < 0)
            return failed("read", eb);
    }
    return RF_OK;
}

int spelled_next(struct spelled *s, uint32_t **ids, size_t *n, uint64_t *count,
                 struct errbuf *eb)
{
    const char *at;
    uint64_t number;
    int rc;

    if (s->read == s->words)
        return 0;
    if ((rc = fill(s, 2 * PACKED_BYTES, eb)) != RF_OK)
        return rc;
    at = packed_get(packed_get(s->bytes.data + s->pos, count), &number);
    *n = (size_t)number;
    s->last = (size_t)(at - s->bytes.data) - s->pos;
    if ((rc = fill(s, s->last + *n * PACKED_BYTES, eb)) != RF_OK)
        return rc;
    if (s->bytes.len - s->pos < s->last + *n) {
        errno = EIO;
        return failed("read", eb);
    }
    buf_clear(&s->ids);
    if (buf_reserve(&s->ids, *n * sizeof **ids) != RF_OK)
        return err_nomem(eb);
    *ids = (uint32_t *)(void *)s->ids.data;
    at = s->bytes.data + s->pos + s->last;
    for (size_t i = 0; i < *n; i++) {
        at = packed_get(at, &number);
        (*ids)[i] = (uint32_t)number;
    }
    s->last = (size_t)(at - s->bytes.data) - s->pos;
    s->pos += s->last;
    s->read++;
    return 1;
}

int spelled_clear(struct spelled *s, struct errbuf *eb)
{
    s->words = s->read = s->at = 0;
    s->pos = 0;
    buf_clear(&s->bytes);
    return fseek(s->file, 0, SEEK_SET) == 0 &&
                   TEMP_FAILURE_RETRY(ftruncate(fileno(s->file), 0)) == 0
               ? RF_OK
               : failed("write", eb);
}

void spelled_free(struct spelled *s)
{
    if (!s)
        return;
    if (s->file)
        fclose(s->file);
    buf_free(&s->bytes);
    buf_free(&s->ids);
    free(s);
}
