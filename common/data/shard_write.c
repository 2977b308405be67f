/* shard_write.c: records into columns, columns into frames. */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/bytes.h"
#include "data/shard_format.h"

/* The columns of a frame in the order in which they stand in its payload. */
enum column { DOCS, N_LENS, LENS, N_LABELS, GAPS, LABELS, IDS, COLUMNS };

struct shard_writer {
    FILE *file;
    struct shard_info info; /* without chain */
    struct buf column[COLUMNS];
    struct buf payload, frame, index;
    struct shard_sums sums;   /* records of the frame at hand included */
    uint32_t records, tokens; /* of the frame at hand */
    size_t target;            /* bytes of a payload */
    uint64_t doc;             /* of the record before, in this frame */
    XXH3_state_t *all;        /* digest of the part */
    ZSTD_CCtx *zstd;
};

static int emit(struct shard_writer *w, const void *p, size_t n, struct errbuf *eb)
{
    if (fwrite(p, 1, n, w->file) != n)
        return err_set(eb, RF_EIO, "cannot write shard: %s", strerror(errno));
    XXH3_128bits_update(w->all, p, n);
    w->sums.bytes += n;
    return RF_OK;
}

static int write_header(struct shard_writer *w, const struct shard_info *info,
                        struct errbuf *eb)
{
    struct buf header = {0};
    int rc;

    if (shard_put_header(&header, info) != RF_OK)
        rc = err_nomem(eb);
    else
        rc = emit(w, header.data, header.len, eb);
    buf_free(&header);
    return rc;
}

/* Two ids of 16 bits are worth a match: on Korean text it makes shards smaller by 6 %. */
static bool set_compression(ZSTD_CCtx *zstd, enum shard_kind kind)
{
    bool ok = !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1));

    if (kind == SHARD_TOKENS)
        return ok && !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, 1));
    return ok && !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, 10)) &&
           !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, ZSTD_c_minMatch, 4));
}

int shard_writer_open(struct shard_writer **out, FILE *file, const struct shard_info *info,
                      struct errbuf *eb)
{
    const char *fault = shard_info_fault(info);
    struct shard_writer *w;
    int rc;

    if (fault)
        return err_set(eb, RF_EINVAL, "the shard to write has %s", fault);
    if (!(w = calloc(1, sizeof *w)))
        return err_nomem(eb);
    w->file = file;
    w->info = *info;
    w->info.chain = NULL;
    w->target = info->kind == SHARD_TOKENS ? TOKENS_TARGET_BYTES : OTHERS_TARGET_BYTES;
    w->all = XXH3_createState();
    w->zstd = ZSTD_createCCtx();
    if (!w->all || XXH3_128bits_reset(w->all) != XXH_OK || !w->zstd ||
        !set_compression(w->zstd, info->kind))
        rc = err_nomem(eb);
    else
        rc = write_header(w, info, eb);
    if (rc != RF_OK) {
        shard_writer_abort(w);
        return rc;
    }
    *out = w;
    return RF_OK;
}

static size_t payload_bytes(const struct shard_writer *w)
{
    size_t n = 0;

    for (int c = 0; c < COLUMNS; c++)
        n += w->column[c].len;
    return n;
}

/* Columns to one payload, and that to the compressed frame. */
static int build_frame(struct shard_writer *w, struct errbuf *eb)
{
    size_t n, bound;

    buf_clear(&w->payload);
    buf_clear(&w->frame);
    for (int c = 0; c < COLUMNS; c++)
        if (buf_put(&w->payload, w->column[c].data, w->column[c].len) != RF_OK)
            return err_nomem(eb);
    bound = ZSTD_compressBound(w->payload.len);
    if (buf_reserve(&w->frame, bound) != RF_OK)
        return err_nomem(eb);
    n = ZSTD_compress2(w->zstd, w->frame.data, bound, w->payload.data, w->payload.len);
    if (ZSTD_isError(n))
        return err_nomem(eb); /* there is room and the level is right: nothing else is left */
    w->frame.len = n;
    return RF_OK;
}

static int flush_frame(struct shard_writer *w, struct errbuf *eb)
{
    struct shard_lead lead = {.records = w->records, .tokens = w->tokens};
    uint8_t p[LEAD_BYTES];
    int rc;

    if (w->records == 0)
        return RF_OK;
    if (w->sums.frames == FRAMES_MAX)
        return err_set(eb, RF_ERANGE, "too many frames for one shard");
    if ((rc = build_frame(w, eb)) != RF_OK)
        return rc;
    lead.data_bytes = (uint32_t)w->frame.len;
    lead.payload_bytes = (uint32_t)w->payload.len;
    lead.first_record = w->sums.records - w->records;
    shard_digest64(lead.digest, w->frame.data, w->frame.len);
    shard_put_lead(p, &lead);
    if (shard_put_entry(&w->index, w->sums.bytes, lead.first_record) != RF_OK)
        return err_nomem(eb);
    if ((rc = emit(w, p, sizeof p, eb)) != RF_OK ||
        (rc = emit(w, w->frame.data, w->frame.len, eb)) != RF_OK)
        return rc;
    w->sums.frames++;
    w->records = w->tokens = 0;
    w->doc = 0;
    for (int c = 0; c < COLUMNS; c++)
        buf_clear(&w->column[c]);
    return RF_OK;
}

static int ids_in_range(const int32_t *ids, size_t n, uint32_t vocab_size)
{
    uint32_t top = 0;

    for (size_t i = 0; i < n; i++)
        top = (uint32_t)ids[i] > top ? (uint32_t)ids[i] : top; /* negative is huge */
    return n == 0 || top < vocab_size;
}

/* What is wrong with a record, or NULL. */
static const char *record_fault(const struct shard_info *info, const struct shard_record *r)
{
    uint64_t sum = 0;

    if (r->n_ids > SHARD_RECORD_MAX_TOKENS)
        return "more ids than a record may have";
    if (!ids_in_range(r->ids, r->n_ids, info->vocab_size))
        return "an id beyond the vocabulary";
    if (info->kind == SHARD_TOKENS) {
        for (size_t i = 0; i < r->n_lens; i++)
            sum += r->lens[i];
        return sum == r->n_ids ? NULL : "sentences that do not add up to its ids";
    }
    if (r->n_ids == 0 || r->n_ids > info->max_len)
        return "no ids, or more than the maximum length";
    if (info->kind != SHARD_MASKED)
        return NULL;
    if (!ids_in_range(r->labels, r->n_labels, info->vocab_size))
        return "a label beyond the vocabulary";
    for (size_t i = 0; i < r->n_labels; i++)
        if (r->positions[i] >= r->n_ids || (i && r->positions[i] <= r->positions[i - 1]))
            return "label positions that do not ascend or lie outside";
    return NULL;
}

/* The bytes that a record adds to the payload. */
static uint64_t record_bytes(const struct shard_info *info, const struct shard_record *r)
{
    uint64_t id = shard_id_bytes(info), n = 8 + 4 + id * r->n_ids;

    if (info->kind == SHARD_TOKENS)
        n += (uint64_t)4 * r->n_lens;
    if (info->kind == SHARD_MASKED)
        n += 4 + (shard_gap_bytes(info) + id) * r->n_labels;
    return n;
}

static void put_gaps(struct buf *b, const uint32_t *positions, size_t n, size_t width)
{
    uint32_t last = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t gap = positions[i] - last;

        shard_put_numbers(b, &gap, 1, width);
        last = positions[i];
    }
}

/* Room in every column first, so that a failure leaves them as they were. */
static int reserve_columns(struct shard_writer *w, const struct shard_record *r)
{
    const size_t need[COLUMNS] = {[DOCS] = 8,
                                  [N_LENS] = 4,
                                  [LENS] = 4 + 4 * r->n_lens,
                                  [N_LABELS] = 4,
                                  [GAPS] = 4 * r->n_labels,
                                  [LABELS] = 4 * r->n_labels,
                                  [IDS] = 4 * r->n_ids};

    for (int c = 0; c < COLUMNS; c++)
        if (buf_reserve(&w->column[c], need[c]) != RF_OK)
            return RF_ENOMEM;
    return RF_OK;
}

static void put_record(struct shard_writer *w, const struct shard_record *r)
{
    const uint32_t n_ids = (uint32_t)r->n_ids, n_lens = (uint32_t)r->n_lens,
                   n_labels = (uint32_t)r->n_labels;
    size_t id = shard_id_bytes(&w->info);
    struct buf *docs = &w->column[DOCS];

    put_le64((uint8_t *)docs->data + docs->len, r->doc - w->doc);
    docs->len += 8;
    if (w->info.kind == SHARD_TOKENS) {
        shard_put_numbers(&w->column[N_LENS], &n_lens, 1, 4);
        shard_put_numbers(&w->column[LENS], r->lens, r->n_lens, 4);
    } else {
        shard_put_numbers(&w->column[LENS], &n_ids, 1, 4);
    }
    if (w->info.kind == SHARD_MASKED) {
        shard_put_numbers(&w->column[N_LABELS], &n_labels, 1, 4);
        put_gaps(&w->column[GAPS], r->positions, r->n_labels, shard_gap_bytes(&w->info));
        shard_put_numbers(&w->column[LABELS], (const uint32_t *)r->labels, r->n_labels, id);
        w->sums.labels += r->n_labels;
    }
    shard_put_numbers(&w->column[IDS], (const uint32_t *)r->ids, r->n_ids, id);
    w->doc = r->doc;
    w->records++;
    w->tokens += n_ids;
    w->sums.records++;
    w->sums.tokens += n_ids;
}

int shard_write(struct shard_writer *w, const struct shard_record *r, struct errbuf *eb)
{
    const char *fault = record_fault(&w->info, r);
    uint64_t n;
    int rc;

    if (fault)
        return err_set(eb, RF_EINVAL, "record %llu to write has %s",
                       (unsigned long long)w->sums.records, fault);
    n = record_bytes(&w->info, r);
    if (n > SHARD_FRAME_MAX_BYTES)
        return err_set(eb, RF_ERANGE, "record %llu of %llu bytes is too large for a shard",
                       (unsigned long long)w->sums.records, (unsigned long long)n);
    if (payload_bytes(w) + n > w->target && (rc = flush_frame(w, eb)) != RF_OK)
        return rc;
    if (reserve_columns(w, r) != RF_OK)
        return err_nomem(eb);
    put_record(w, r);
    return RF_OK;
}

static int write_end(struct shard_writer *w, struct errbuf *eb)
{
    struct buf *end = &w->frame;
    XXH128_canonical_t digest;
    int rc;

    buf_clear(end);
    if (shard_put_end(end, &w->index, &w->sums) != RF_OK)
        return err_nomem(eb);
    if ((rc = emit(w, end->data, end->len, eb)) != RF_OK)
        return rc;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(w->all));
    return emit(w, digest.digest, sizeof digest.digest, eb);
}

int shard_writer_finish(struct shard_writer *w, struct errbuf *eb)
{
    int rc = flush_frame(w, eb);

    if (rc == RF_OK)
        rc = write_end(w, eb);
    shard_writer_abort(w);
    return rc;
}

void shard_writer_abort(struct shard_writer *w)
{
    if (!w)
        return;
    for (int c = 0; c < COLUMNS; c++)
        buf_free(&w->column[c]);
    buf_free(&w->payload);
    buf_free(&w->frame);
    buf_free(&w->index);
    XXH3_freeState(w->all);
    ZSTD_freeCCtx(w->zstd);
    free(w);
}
