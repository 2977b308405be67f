/* input.c: reads files and pipes and decompresses them on the way. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/decode.h"
#include "base/io.h"

enum { RAW_BYTES = 256 << 10, SOUGHT_BYTES = 4 << 10 };

struct input {
    char *name;
    int fd;
    uint64_t size, consumed, offset;
    int at_end; /* at the end of the file */
    bool apart; /* input_again(): the place in the file is `consumed`, not the descriptor's */
    char *raw;  /* file bytes not yet handed out or decompressed: raw[pos..len) */
    size_t pos, len, ahead;  /* ahead: how many bytes to read at once */
    struct decoder *decoder; /* NULL: the bytes are handed out as they lie */
};

static _Thread_local int stop_fd = -1;

void input_stop_at(int fd)
{
    stop_fd = fd;
}

void input_stop_open(int fd[2])
{
    if (pipe2(fd, O_CLOEXEC) != 0)
        fd[0] = fd[1] = -1;
}

void input_stop_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Wait until bytes, the end or an error are there. Returns false if
 * nobody wants them any more. */
static bool wait_for_bytes(const struct input *in)
{
    struct pollfd p[] = {{in->fd, POLLIN, 0}, {stop_fd, 0, 0}};
    int n;

    if (stop_fd < 0)
        return true;
    do
        n = poll(p, 2, -1);
    while (n < 0 && errno == EINTR);
    return n < 0 || !p[1].revents;
}

/* Call read() once. *got is 0 at the end of the file. */
static int read_once(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb)
{
    ssize_t part;

    if (!wait_for_bytes(in))
        return err_set(eb, RF_EIO, "reading '%s' was given up", in->name);
    do
        part = in->apart ? pread(in->fd, p, n, (off_t)in->consumed) : read(in->fd, p, n);
    while (part < 0 && errno == EINTR);
    if (part < 0)
        return err_set(eb, RF_EIO, "cannot read '%s': %s", in->name, strerror(errno));
    *got = (size_t)part;
    in->consumed += *got;
    in->at_end = *got == 0;
    return RF_OK;
}

/* Put what read() gives behind the bytes that are there. */
static int more(struct input *in, struct errbuf *eb)
{
    size_t got = 0;
    size_t room = RAW_BYTES - in->len;
    int rc = read_once(in, in->raw + in->len, in->ahead < room ? in->ahead : room, &got, eb);

    in->ahead = in->ahead < RAW_BYTES ? 2 * in->ahead : RAW_BYTES;
    in->len += got;
    return rc;
}

static int refill_raw(struct input *in, struct errbuf *eb)
{
    if (in->pos < in->len || in->at_end)
        return RF_OK;
    in->pos = in->len = 0;
    return more(in, eb);
}

/* A pipe may give the magic number byte by byte, so read until there
 * are enough bytes for it. */
static int look_for_decoder(struct input *in, struct errbuf *eb)
{
    while (in->len < DECODE_HEAD_BYTES && !in->at_end) {
        int rc = more(in, eb);

        if (rc != RF_OK)
            return rc;
    }
    if (decoder_open(&in->decoder, (const uint8_t *)in->raw, in->len) != RF_OK)
        return err_nomem(eb);
    return RF_OK;
}

int input_open(struct input **out, const char *name, enum input_mode mode, struct errbuf *eb)
{
    int is_stdin = !name || strcmp(name, "-") == 0, rc = RF_ENOMEM;
    /* Opening a FIFO must not wait for its other end. */
    int wait = mode == INPUT_FILE ? O_NONBLOCK : 0;
    struct input *in = calloc(1, sizeof *in);
    struct stat st;

    if (!in)
        return err_nomem(eb);
    in->fd = -1;
    in->ahead = RAW_BYTES;
    in->name = strdup(is_stdin ? "standard input" : name);
    in->raw = malloc(RAW_BYTES);
    if (!in->name || !in->raw) {
        rc = err_nomem(eb);
        goto fail;
    }
    in->fd =
        is_stdin ? STDIN_FILENO : TEMP_FAILURE_RETRY(open(name, O_RDONLY | O_CLOEXEC | wait));
    if (in->fd < 0 || fstat(in->fd, &st) != 0) {
        rc = err_set(eb, RF_EIO, "cannot open '%s': %s", in->name, strerror(errno));
        goto fail;
    }
    if (S_ISDIR(st.st_mode)) {
        rc = err_set(eb, RF_EIO, "cannot read '%s': it is a folder", in->name);
        goto fail;
    }
    if (mode == INPUT_FILE && !S_ISREG(st.st_mode)) {
        rc = err_set(eb, RF_EIO, "cannot read '%s': not a plain file", in->name);
        goto fail;
    }
    in->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
    if (mode == INPUT_TEXT && (rc = look_for_decoder(in, eb)) != RF_OK)
        goto fail;
    *out = in;
    return RF_OK;
fail:
    input_close(in);
    return rc;
}

int input_again(struct input **out, const struct input *in, struct errbuf *eb)
{
    struct input *twin = calloc(1, sizeof *twin);
    int rc = RF_OK;

    assert(in->size > 0 && !in->decoder);
    if (!twin)
        return err_nomem(eb);
    *twin = (struct input){.size = in->size, .apart = true, .ahead = RAW_BYTES};
    twin->name = strdup(in->name);
    twin->raw = malloc(RAW_BYTES);
    twin->fd = fcntl(in->fd, F_DUPFD_CLOEXEC, 0);
    if (!twin->name || !twin->raw)
        rc = err_nomem(eb);
    else if (twin->fd < 0)
        rc = err_set(eb, RF_EIO, "cannot open '%s': %s", in->name, strerror(errno));
    if (rc == RF_OK)
        *out = twin;
    else
        input_close(twin);
    return rc;
}

static int read_plain(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb)
{
    int rc = RF_OK;

    if (in->pos == in->len && n >= RAW_BYTES / 2) /* without a copy */
        return in->at_end ? RF_OK : read_once(in, p, n, got, eb);
    if ((rc = refill_raw(in, eb)) != RF_OK)
        return rc;
    *got = in->len - in->pos < n ? in->len - in->pos : n;
    memcpy(p, in->raw + in->pos, *got);
    in->pos += *got;
    return RF_OK;
}

static int decoding_failed(const struct input *in, int rc, const char *why, struct errbuf *eb)
{
    if (rc == RF_EFORMAT)
        return err_set(eb, rc, "bad %s data in '%s' near byte %llu: %s",
                       decoder_name(in->decoder), in->name,
                       (unsigned long long)(in->consumed - (in->len - in->pos)), why);
    if (rc == RF_ERANGE)
        return err_set(eb, rc, "'%s' needs over 128 MiB to be decompressed: use %s%s%s |",
                       in->name, why, in->fd == STDIN_FILENO ? "" : " ",
                       in->fd == STDIN_FILENO ? "" : in->name);
    return err_nomem(eb);
}

static int read_decoded(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb)
{
    while (*got == 0) {
        const char *why = NULL;
        size_t used;
        int rc = refill_raw(in, eb);

        if (rc != RF_OK)
            return rc;
        if (in->pos == in->len && in->at_end && decoder_may_end(in->decoder))
            break;
        rc = decoder_step(in->decoder, in->raw + in->pos, in->len - in->pos, &used, p, n, got,
                          &why);
        if (rc != RF_OK)
            return decoding_failed(in, rc, why, eb);
        if (used == 0 && *got == 0 && in->at_end && in->pos == in->len)
            return err_set(eb, RF_ETRUNC, "%s data in '%s' ends too early",
                           decoder_name(in->decoder), in->name);
        in->pos += used;
    }
    return RF_OK;
}

int input_read(struct input *in, void *p, size_t n, size_t *got, struct errbuf *eb)
{
    int rc;

    *got = 0;
    if (n == 0)
        return RF_OK;
    rc = in->decoder ? read_decoded(in, p, n, got, eb) : read_plain(in, p, n, got, eb);
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

int input_seek(struct input *in, uint64_t offset, struct errbuf *eb)
{
    if (!in->apart && lseek(in->fd, (off_t)offset, SEEK_SET) < 0)
        return err_set(eb, RF_EIO, "cannot seek in '%s': %s", in->name, strerror(errno));
    in->offset = in->consumed = offset;
    in->pos = in->len = 0;
    in->at_end = 0;
    in->ahead = SOUGHT_BYTES; /* who seeks often reads little at each place */
    return RF_OK;
}

void input_close(struct input *in)
{
    if (!in)
        return;
    if (in->fd > STDIN_FILENO)
        close(in->fd);
    decoder_close(in->decoder);
    free(in->raw);
    free(in->name);
    free(in);
}

int inputs_try(char *const *names, int n, uint64_t *size, struct errbuf *eb)
{
    *size = 0;
    for (int i = 0; i < n; i++) {
        struct stat st;

        if (strcmp(names[i], "-") == 0)
            continue;
        if (access(names[i], R_OK) != 0 || stat(names[i], &st) != 0 || S_ISDIR(st.st_mode)) {
            struct input *in = NULL;
            int rc = input_open(&in, names[i], INPUT_RAW, eb); /* for the message */

            input_close(in);
            if (rc != RF_OK)
                return rc;
        } else if (S_ISREG(st.st_mode)) {
            *size += (uint64_t)st.st_size;
        }
    }
    return RF_OK;
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
