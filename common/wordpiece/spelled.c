#include "wordpiece/spelled.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/io.h"

enum { BUFFER_BYTES = 256 << 10 };

struct spelled {
    FILE *file;
    char *buffer;
    uint64_t words, read;
    struct buf ids; /* the ids of the word handed out */
};

/* What stands before the ids of each word in the file. */
struct head {
    uint64_t count, n;
};

int spelled_new(struct spelled **out, const char *near, struct errbuf *eb)
{
    struct spelled *s = calloc(1, sizeof *s);
    int rc = RF_ENOMEM;

    if (!s || !(s->buffer = malloc(BUFFER_BYTES)))
        rc = err_nomem(eb);
    else
        rc = temp_open(&s->file, near, eb);
    if (rc != RF_OK) {
        spelled_free(s);
        return rc;
    }
    setvbuf(s->file, s->buffer, _IOFBF, BUFFER_BYTES);
    *out = s;
    return RF_OK;
}

static int failed(const char *what, struct errbuf *eb)
{
    return err_set(eb, RF_EIO, "cannot %s a temporary file: %s", what, strerror(errno));
}

int spelled_put(struct spelled *s, const uint32_t *ids, size_t n, uint64_t count,
                struct errbuf *eb)
{
    struct head h = {count, n};

    if (fwrite_unlocked(&h, sizeof h, 1, s->file) != 1 ||
        fwrite_unlocked(ids, sizeof *ids, n, s->file) != n)
        return failed("write", eb);
    s->words++;
    return RF_OK;
}

int spelled_rewind(struct spelled *s, struct errbuf *eb)
{
    s->read = 0;
    return fflush(s->file) == 0 && fseek(s->file, 0, SEEK_SET) == 0 ? RF_OK
                                                                    : failed("write", eb);
}

int spelled_next(struct spelled *s, uint32_t **ids, size_t *n, uint64_t *count,
                 struct errbuf *eb)
{
    struct head h;

    if (s->read == s->words)
        return 0;
    errno = 0;
    if (fread_unlocked(&h, sizeof h, 1, s->file) != 1)
        return failed("read", eb);
    buf_clear(&s->ids);
    if (buf_reserve(&s->ids, h.n * sizeof **ids) != RF_OK)
        return err_nomem(eb);
    *ids = (uint32_t *)(void *)s->ids.data;
    if (fread_unlocked(*ids, sizeof **ids, h.n, s->file) != h.n)
        return failed("read", eb);
    *n = h.n;
    *count = h.count;
    s->read++;
    return 1;
}

int spelled_clear(struct spelled *s, struct errbuf *eb)
{
    s->words = s->read = 0;
    return fflush(s->file) == 0 && fseek(s->file, 0, SEEK_SET) == 0 &&
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
    free(s->buffer);
    buf_free(&s->ids);
    free(s);
}
