/* input.c: reading files and pipes, with zstd taken off on the way. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include "base/bytes.h"
#include "base/io.h"

enum { RAW_BYTES = 256 << 10 };

struct input {
    char *name;
    int fd;
    uint64_t size, consumed, offset;
    int at_end; /* of the file */
    char *raw;  /* file bytes not yet handed out or decompressed: raw[pos..len) */
    size_t pos, len;
    ZSTD_DCtx *zstd; /* NULL: as it lies */
    int in_frame;
};

static int fill(struct input *in, struct errbuf *eb)
{
    ssize_t n;

    if (in->pos < in->len || in->at_end)
        return RF_OK;
    do
        n = read(in->fd, in->raw, RAW_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return err_set(eb, RF_EIO, "cannot read '%s': %s", in->name, strerror(errno));
    in->pos = 0;
    in->len = (size_t)n;
    in->consumed += (uint64_t)n;
    in->at_end = n == 0;
    return RF_OK;
}

/* A pipe may give the magic number byte by byte: read until four are there. */
static int look_for_zstd(struct input *in, struct errbuf *eb)
{
    uint32_t magic;

    while (in->len < 4 && !in->at_end) {
        ssize_t n = read(in->fd, in->raw + in->len, RAW_BYTES - in->len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(eb, RF_EIO, "cannot read '%s': %s", in->name, strerror(errno));
        in->at_end = n == 0;
        in->len += (size_t)n;
        in->consumed += (uint64_t)n;
    }
    if (in->len < 4)
        return RF_OK;
    magic = get_le32((const uint8_t *)in->raw);
    if (magic != ZSTD_MAGICNUMBER && (magic & 0xFFFFFFF0u) != ZSTD_MAGIC_SKIPPABLE_START)
        return RF_OK;
    in->zstd = ZSTD_createDCtx();
    return in->zstd ? RF_OK : err_nomem(eb);
}

int input_open(struct input **out, const char *name, enum input_mode mode, struct errbuf *eb)
{
    int is_stdin = !name || strcmp(name, "-") == 0, rc = RF_ENOMEM;
    struct input *in = calloc(1, sizeof *in);
    struct stat st;

    if (!in)
        return err_nomem(eb);
    in->fd = -1;
    in->name = strdup(is_stdin ? "standard input" : name);
    in->raw = malloc(RAW_BYTES);
    if (!in->name || !in->raw) {
        rc = err_nomem(eb);
        goto fail;
    }
    in->fd = is_stdin ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC);
    if (in->fd < 0 || fstat(in->fd, &st) != 0) {
        rc = err_set(eb, RF_EIO, "cannot open '%s': %s", in->name, strerror(errno));
        goto fail;
    }
    if (S_ISDIR(st.st_mode)) {
        rc = err_set(eb, RF_EIO, "cannot read '%s': it is a folder", in->name);
        goto fail;
    }
    in->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    if (mode == INPUT_TEXT && (rc = look_for_zstd(in, eb)) != RF_OK)
        goto fail;
    *out = in;
    return RF_OK;
fail:
    input_close(in);
    return rc;
}

static int read_plain(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb)
{
    int rc = fill(in, eb);

    if (rc != RF_OK)
        return rc;
    *got = in->len - in->pos < n ? in->len - in->pos : n;
    memcpy(p, in->raw + in->pos, *got);
    in->pos += *got;
    return RF_OK;
}

static int read_zstd(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb)
{
    ZSTD_outBuffer to = {p, n, 0};
    int rc;

    while (to.pos == 0) {
        ZSTD_inBuffer from;
        size_t left;

        if ((rc = fill(in, eb)) != RF_OK)
            return rc;
        from = (ZSTD_inBuffer){in->raw, in->len, in->pos};
        if (from.pos == from.size && in->at_end && !in->in_frame)
            break;
        left = ZSTD_decompressStream(in->zstd, &to, &from);
        if (ZSTD_isError(left))
            return err_set(eb, RF_EFORMAT, "bad zstd data in '%s' near byte %llu: %s", in->name,
                           (unsigned long long)(in->consumed - in->len + in->pos),
                           ZSTD_getErrorName(left));
        in->in_frame = left != 0;
        if (from.pos == in->pos && to.pos == 0 && in->at_end)
            return err_set(eb, RF_ETRUNC, "zstd data in '%s' ends too early", in->name);
        in->pos = from.pos;
    }
    *got = to.pos;
    return RF_OK;
}

int input_read(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb)
{
    int rc;

    *got = 0;
    if (n == 0)
        return RF_OK;
    rc = in->zstd ? read_zstd(in, p, n, got, eb) : read_plain(in, p, n, got, eb);
    in->offset += *got;
    return rc;
}

int input_read_full(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb)
{
    size_t part;

    for (*got = 0; *got < n; *got += part) {
        int rc = input_read(in, (char *)p + *got, n - *got, &part, eb);

        if (rc != RF_OK)
            return rc;
        if (part == 0)
            break;
    }
    return RF_OK;
}

const char *input_name(const struct input *in)
{
    return in->name;
}

uint64_t input_offset(const struct input *in)
{
    return in->offset;
}

uint64_t input_size(const struct input *in)
{
    return in->size;
}

uint64_t input_consumed(const struct input *in)
{
    return in->consumed;
}

void input_close(struct input *in)
{
    if (!in)
        return;
    if (in->fd > STDIN_FILENO)
        close(in->fd);
    ZSTD_freeDCtx(in->zstd);
    free(in->raw);
    free(in->name);
    free(in);
}

int input_slurp(struct buf *to, const char *name, enum input_mode mode, size_t limit,
                struct errbuf *eb)
{
    struct input *in = NULL;
    size_t got = 1, start = to->len;
    int rc = input_open(&in, name, mode, eb);

    while (rc == RF_OK && got) {
        if (to->len - start > limit) {
            rc = err_set(eb, RF_ERANGE, "'%s' is larger than %zu bytes", input_name(in), limit);
        } else if (buf_reserve(to, RAW_BYTES) != RF_OK) {
            rc = err_nomem(eb);
        } else if ((rc = input_read(in, to->data + to->len, RAW_BYTES, &got, eb)) == RF_OK) {
            to->len += got;
            to->data[to->len] = '\0';
        }
    }
    input_close(in);
    return rc;
}
