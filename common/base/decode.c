#include "base/decode.h"

#include <bzlib.h>
#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/bytes.h"

enum {
    MEMORY_LOG = 27, /* xz -9 needs 65 MiB to decompress, zstd --ultra -22 128 MiB */
    HEAD_MOST = 18   /* no format has a longer start that says what it is */
};

enum format { GZIP, BZIP2, XZ, ZSTD };

struct decoder {
    enum format format;
    bool open, in_member; /* open: the library holds a state */
    bool follows;         /* the member is not the first */
    uint64_t taken;       /* bytes of this member so far */
    uint64_t zeros;       /* zero bytes behind the last member */
    union {
        z_stream gz;
        bz_stream bz;
        lzma_stream xz;
        ZSTD_DCtx *zstd;
    } u;
};

/* One call of a library. It takes bytes from `in`, writes bytes to `out`, and says whether the
 * member ended. Afterwards n and cap are the numbers of bytes taken and written. */
struct turn {
    const char *in;
    size_t n;
    char *out;
    size_t cap;
    bool ended, too_large; /* too_large: it needs too much memory */
    const char *why;
};

static bool tell(enum format *format, const uint8_t *p, size_t n)
{
    uint32_t magic = n >= 4 ? get_le32(p) : 0;

    if (n >= 2 && p[0] == 0x1F && p[1] == 0x8B)
        *format = GZIP;
    else if (n >= 10 && memcmp(p, "BZh", 3) == 0 && p[3] >= '1' && p[3] <= '9' &&
             (memcmp(p + 4, "\x31\x41\x59\x26\x53\x59", 6) == 0 ||
              memcmp(p + 4, "\x17\x72\x45\x38\x50\x90", 6) == 0)) /* "BZh9" alone may be text */
        *format = BZIP2;
    else if (n >= 6 && memcmp(p,
                              "\xFD"
                              "7zXZ",
                              6) == 0)
        *format = XZ;
    else if (magic == ZSTD_MAGICNUMBER ||
             (magic & ZSTD_MAGIC_SKIPPABLE_MASK) == ZSTD_MAGIC_SKIPPABLE_START)
        *format = ZSTD;
    else
        return false;
    return true;
}

static void close_library(struct decoder *d)
{
    if (!d->open)
        return;
    switch (d->format) {
    case GZIP: inflateEnd(&d->u.gz); break;
    case BZIP2: BZ2_bzDecompressEnd(&d->u.bz); break;
    case XZ: lzma_end(&d->u.xz); break;
    case ZSTD: ZSTD_freeDCtx(d->u.zstd); break;
    }
    d->open = false;
}

static int open_library(struct decoder *d)
{
    memset(&d->u, 0, sizeof d->u);
    switch (d->format) {
    case GZIP: d->open = inflateInit2(&d->u.gz, 15 + 16) == Z_OK; break;
    case BZIP2: d->open = BZ2_bzDecompressInit(&d->u.bz, 0, 0) == BZ_OK; break;
    case XZ:
        d->u.xz = (lzma_stream)LZMA_STREAM_INIT;
        d->open = lzma_stream_decoder(&d->u.xz, UINT64_C(1) << MEMORY_LOG, 0) == LZMA_OK;
        break;
    case ZSTD:
        d->open =
            (d->u.zstd = ZSTD_createDCtx()) != NULL &&
            !ZSTD_isError(ZSTD_DCtx_setParameter(d->u.zstd, ZSTD_d_windowLogMax, MEMORY_LOG));
        break;
    }
    return d->open ? RF_OK : RF_ENOMEM;
}

int decoder_open(struct decoder **out, const uint8_t *head, size_t n)
{
    enum format format;
    struct decoder *d;

    *out = NULL;
    if (!tell(&format, head, n))
        return RF_OK;
    if (!(d = calloc(1, sizeof *d)))
        return RF_ENOMEM;
    d->format = format;
    *out = d;
    return RF_OK;
}

static unsigned clip(size_t n)
{
    return n > 1u << 30 ? 1u << 30 : (unsigned)n;
}

static void turn_gzip(z_stream *z, struct turn *t)
{
    int rc;

    z->next_in = (z_const Bytef *)(uintptr_t)t->in; /* zlib does not write there */
    z->avail_in = clip(t->n);
    z->next_out = (Bytef *)t->out;
    z->avail_out = clip(t->cap);
    rc = inflate(z, Z_NO_FLUSH);
    t->ended = rc == Z_STREAM_END;
    if (rc != Z_OK && rc != Z_BUF_ERROR && !t->ended)
        t->why = z->msg ? z->msg : "broken data";
    t->n = (size_t)((const char *)z->next_in - t->in);
    t->cap = (size_t)((char *)z->next_out - t->out);
}

static void turn_bzip2(bz_stream *z, struct turn *t)
{
    int rc;

    z->next_in = (char *)(uintptr_t)t->in; /* bzip2 does not write there either */
    z->avail_in = clip(t->n);
    z->next_out = t->out;
    z->avail_out = clip(t->cap);
    rc = BZ2_bzDecompress(z);
    t->ended = rc == BZ_STREAM_END;
    if (rc != BZ_OK && !t->ended)
        t->why = rc == BZ_MEM_ERROR ? "out of memory" : "broken data";
    t->n = (size_t)(z->next_in - t->in);
    t->cap = (size_t)(z->next_out - t->out);
}

static void turn_xz(lzma_stream *z, struct turn *t)
{
    lzma_ret rc;

    z->next_in = (const uint8_t *)t->in;
    z->avail_in = t->n;
    z->next_out = (uint8_t *)t->out;
    z->avail_out = t->cap;
    rc = lzma_code(z, LZMA_RUN);
    t->ended = rc == LZMA_STREAM_END;
    t->too_large = rc == LZMA_MEMLIMIT_ERROR;
    if (rc != LZMA_OK && rc != LZMA_BUF_ERROR && !t->ended)
        t->why = t->too_large ? "xz -dc" : "broken data";
    t->n = (size_t)((const char *)z->next_in - t->in);
    t->cap = (size_t)((char *)z->next_out - t->out);
}

static void turn_zstd(ZSTD_DCtx *z, struct turn *t)
{
    ZSTD_inBuffer in = {t->in, t->n, 0};
    ZSTD_outBuffer out = {t->out, t->cap, 0};
    size_t rc = ZSTD_decompressStream(z, &out, &in);

    t->too_large = ZSTD_getErrorCode(rc) == ZSTD_error_frameParameter_windowTooLarge;
    if (ZSTD_isError(rc))
        t->why = t->too_large ? "zstd -dc --long=31" : ZSTD_getErrorName(rc);
    t->ended = rc == 0;
    t->n = in.pos;
    t->cap = out.pos;
}

/* Returns how many zero bytes begin in[n], if the format allows them behind a member. gzip and
 * bzip2 ignore what tapes and disks fill up with; .xz says that there may be such padding. */
static size_t count_zeros(const struct decoder *d, const char *in, size_t n)
{
    size_t zeros = 0;

    while (d->follows && d->format != ZSTD && zeros < n && in[zeros] == 0)
        zeros++;
    return zeros;
}

static bool is_odd_padding(const struct decoder *d)
{
    return d->format == XZ && d->zeros % 4 != 0;
}

/* True if a member may start with this byte. */
static bool may_start(enum format format, unsigned char c)
{
    switch (format) {
    case GZIP: return c == 0x1F;
    case BZIP2: return c == 'B';
    case XZ: return c == 0xFD;
    case ZSTD: break;
    }
    return c == (ZSTD_MAGICNUMBER & 0xFF) || (c & 0xF0) == (ZSTD_MAGIC_SKIPPABLE_START & 0xFF);
}

static int something_follows(const struct decoder *d, const char **why)
{
    *why = d->format == GZIP    ? "something else follows, which gzip -dc leaves out"
           : d->format == BZIP2 ? "something else follows, which bzip2 -dc leaves out"
                                : "something else follows";
    return RF_EFORMAT;
}

static int turn(struct decoder *d, struct turn *t)
{
    switch (d->format) {
    case GZIP: turn_gzip(&d->u.gz, t); break;
    case BZIP2: turn_bzip2(&d->u.bz, t); break;
    case XZ: turn_xz(&d->u.xz, t); break;
    case ZSTD: turn_zstd(d->u.zstd, t); break;
    }
    d->taken += t->n;
    if (t->too_large)
        return RF_ERANGE;
    if (t->why && d->follows && d->taken <= HEAD_MOST)
        return something_follows(d, &t->why);
    return t->why ? RF_EFORMAT : RF_OK;
}

int decoder_step(struct decoder *d, const char *in, size_t n, size_t *used, char *out,
                 size_t cap, size_t *made, const char **why)
{
    struct turn t = {.in = in, .n = n, .out = out, .cap = cap};
    int rc;

    *made = 0;
    if (!d->open) {
        *used = count_zeros(d, in, n);
        d->zeros += *used;
        if (is_odd_padding(d) && (n == 0 || *used < n)) {
            *why = "zero bytes follow, but not a multiple of 4";
            return RF_EFORMAT;
        }
        if (*used || n == 0)
            return RF_OK;
        if (d->follows && !may_start(d->format, (unsigned char)*in))
            return something_follows(d, why);
        if (open_library(d) != RF_OK)
            return RF_ENOMEM;
        d->taken = d->zeros = 0;
        d->in_member = true;
    }
    rc = turn(d, &t);
    *used = t.n;
    *made = t.cap;
    *why = t.why;
    if (t.ended) {
        d->in_member = false;
        d->follows = true;
        close_library(d);
    }
    return rc;
}

bool decoder_may_end(const struct decoder *d)
{
    return !d->in_member && !is_odd_padding(d);
}

const char *decoder_name(const struct decoder *d)
{
    static const char *const names[] = {"gzip", "bzip2", "xz", "zstd"};

    return names[d->format];
}

void decoder_close(struct decoder *d)
{
    if (d)
        close_library(d);
    free(d);
}
