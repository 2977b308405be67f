/* shard_write.c: puts records into columns, and columns into frames. */
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/bytes.h"
#include "shard/shard_coding.h"

/* This many bytes get a block, and so a Huffman table, of their own. */
enum { BLOCK_BYTES = 4096 };

/* A frame while records come, and while it is made from them. */
struct frame {
    struct buf column[COLUMNS];
    uint32_t records, tokens;
    uint64_t number, first_record;
    size_t payload_bytes;
    int rc; /* of making it */
};

struct shard_writer {
    FILE *file;
    struct shard_info info; /* without its texts */
    uint32_t label_limit;
    struct frame frame[2], *filling, *making;
    struct shard_payload_pieces payload; /* of frame `making`, */
    struct buf data;                     /* and the same compressed */
    bool threaded, running;              /* running: the thread makes frame `making` */
    pthread_t thread;
    struct buf index;
    struct shard_sums sums; /* including the records of the current frame */
    uint64_t begun;         /* number of frames begun */
    size_t target;          /* of a plain payload, in bytes */
    uint64_t doc;           /* of the record before it in this frame */
    XXH3_state_t *all;      /* the digest of the part */
    ZSTD_CCtx *zstd;
    struct shard_coder coder;
};

static int emit(struct shard_writer *w, const void *p, size_t n, struct errbuf *eb)
{
    if (fwrite(p, 1, n, w->file) != n)
        return err_set(eb, RF_EIO, "cannot write: %s", strerror(errno));
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

static bool set(ZSTD_CCtx *zstd, ZSTD_cParameter parameter, int value)
{
    return !ZSTD_isError(ZSTD_CCtx_setParameter(zstd, parameter, value));
}

/* A match of only two 16-bit ids is worth it: on Korean text this makes plain shards 6
 * % smaller. In packed shards nothing is left to match, and a small table does not
 * search long. */
static bool set_compression(ZSTD_CCtx *zstd, const struct shard_info *info)
{
    bool ok = set(zstd, ZSTD_c_checksumFlag, 1);

    if (info->coding == SHARD_PACKED)
        return ok && set(zstd, ZSTD_c_compressionLevel, 1) && set(zstd, ZSTD_c_windowLog, 17) &&
               set(zstd, ZSTD_c_hashLog, 8) && set(zstd, ZSTD_c_minMatch, 7);
    if (info->kind == SHARD_TOKENS)
        return ok && set(zstd, ZSTD_c_compressionLevel, 1);
    return ok && set(zstd, ZSTD_c_compressionLevel, 10) && set(zstd, ZSTD_c_minMatch, 4);
}

static size_t target_bytes(const struct shard_info *info)
{
    if (info->coding == SHARD_PACKED)
        return PACKED_TARGET_BYTES;
    return info->kind == SHARD_TOKENS ? TOKENS_TARGET_BYTES : OTHERS_TARGET_BYTES;
}

int shard_writer_open(struct shard_writer **out, FILE *file, const struct shard_info *info,
                      struct errbuf *eb)
{
    struct shard_info able = *info;
    const char *fault;
    struct shard_writer *w;
    int rc;

    if (able.vocab_size > SHARD_PACKED_MAX_IDS)
        able.coding = SHARD_PLAIN;
    if ((fault = shard_info_fault(&able)))
        return err_set(eb, RF_EINVAL, "the shard to write has %s", fault);
    if (!(w = calloc(1, sizeof *w)))
        return err_nomem(eb);
    w->file = file;
    w->info = able;
    w->info.chain = w->info.classes = NULL;
    w->label_limit = shard_label_limit(&able);
    w->coder.info = w->info;
    w->target = target_bytes(&able);
    w->filling = &w->frame[0];
    w->making = &w->frame[1];
    w->all = XXH3_createState();
    w->zstd = ZSTD_createCCtx();
    if (!w->all || XXH3_128bits_reset(w->all) != XXH_OK || !w->zstd ||
        !set_compression(w->zstd, &able))
        rc = err_nomem(eb);
    else
        rc = write_header(w, &able, eb);
    if (rc != RF_OK) {
        shard_writer_abort(w);
        return rc;
    }
    *out = w;
    return RF_OK;
}

void shard_writer_thread(struct shard_writer *w)
{
    w->threaded = true;
}

static size_t payload_bytes(const struct frame *f)
{
    size_t n = 0;

    for (int c = 0; c < COLUMNS; c++)
        n += f->column[c].len;
    return n;
}

/* Compress a part. There is room and the parameters are right, so only memory can fail. */
static int compress_some(ZSTD_CCtx *zstd, struct buf *to, const void *p, size_t n,
                         ZSTD_EndDirective end)
{
    ZSTD_inBuffer in = {p, n, 0};
    ZSTD_outBuffer out = {to->data + to->len, to->cap - to->len, 0};
    size_t left = ZSTD_compressStream2(zstd, &out, &in, end);

    to->len += out.pos;
    return ZSTD_isError(left) || in.pos < n || (end != ZSTD_e_continue && left) ? RF_ENOMEM
                                                                                : RF_OK;
}

/* Compress the pieces so that pieces of unlike bytes do not share a block if they are
 * large enough. */
static int compress_pieces(ZSTD_CCtx *zstd, struct buf *to,
                           const struct shard_payload_pieces *from)
{
    size_t start = 0; /* where the block starts */
    int rc = RF_OK;

    if (ZSTD_isError(ZSTD_CCtx_reset(zstd, ZSTD_reset_session_only)) ||
        ZSTD_isError(ZSTD_CCtx_setPledgedSrcSize(zstd, from->bytes.len)))
        return RF_ENOMEM;
    for (size_t i = 0; i < from->n && rc == RF_OK; i++) {
        size_t end = from->end[i], next = i + 1 < from->n ? from->end[i + 1] : end;

        if (end - start >= BLOCK_BYTES || next - end >= BLOCK_BYTES) {
            rc = compress_some(zstd, to, from->bytes.data + start, end - start, ZSTD_e_flush);
            start = end;
        }
    }
    return rc == RF_OK ? compress_some(zstd, to, from->bytes.data + start,
                                       from->bytes.len - start, ZSTD_e_end)
                       : rc;
}

static int compress(struct shard_writer *w, struct buf *to,
                    const struct shard_payload_pieces *from)
{
    size_t n, room = ZSTD_compressBound(from->bytes.len) + 4 * from->n;

    buf_clear(to);
    if (buf_reserve(to, room) != RF_OK)
        return RF_ENOMEM;
    if (w->info.coding == SHARD_PACKED)
        return compress_pieces(w->zstd, to, from);
    n = ZSTD_compress2(w->zstd, to->data, room, from->bytes.data, from->bytes.len);
    if (ZSTD_isError(n))
        return RF_ENOMEM;
    to->len = n;
    return RF_OK;
}

/* Turn the columns of frame `making` into a payload, and the payload into compressed bytes. A
 * packed frame gives its memory back, because packing the next one needs much; else it is used
 * again, so that the system need not clear pages for each frame. */
static void *make_frame(void *writer)
{
    struct shard_writer *w = writer;
    struct frame *f = w->making;
    size_t plain = payload_bytes(f); /* before coding, which takes the columns' bytes away */

    f->rc = shard_coder_put(&w->coder, &w->payload, f->column, f->tokens, f->number);
    if (f->rc == RF_OK && w->payload.bytes.len > SHARD_FRAME_MAX_BYTES)
        f->rc = RF_ERANGE;
    if (f->rc == RF_OK)
        f->rc = compress(w, &w->data, &w->payload);
    if (f->rc == RF_OK && shard_swells(plain, w->data.len))
        f->rc = RF_EINVAL;
    f->payload_bytes = w->payload.bytes.len;
    if (w->info.coding == SHARD_PACKED)
        buf_free(&w->payload.bytes);
    return NULL;
}

/* Write the frame that was made, if there is one. */
static int emit_frame(struct shard_writer *w, struct errbuf *eb)
{
    struct frame *f = w->making;
    struct shard_lead lead = {
        .records = f->records, .tokens = f->tokens, .first_record = f->first_record};
    uint8_t p[LEAD_BYTES];
    int rc;

    if (w->running && pthread_join(w->thread, NULL) != 0)
        return err_nomem(eb);
    w->running = false;
    if (f->records == 0)
        return RF_OK;
    if (f->rc == RF_ERANGE)
        return err_set(eb, RF_ERANGE, "record %llu to write is too large for a packed shard",
                       (unsigned long long)f->first_record);
    if (f->rc == RF_EINVAL)
        return err_set(eb, RF_ERANGE,
                       "record %llu to write compresses over %d times: no reader takes it",
                       (unsigned long long)f->first_record, SHARD_SWELL_MAX);
    if (f->rc != RF_OK)
        return err_nomem(eb);
    lead.data_bytes = (uint32_t)w->data.len;
    lead.payload_bytes = (uint32_t)f->payload_bytes;
    shard_digest64(lead.digest, w->data.data, w->data.len);
    shard_put_lead(p, &lead);
    if (shard_put_entry(&w->index, w->sums.bytes, lead.first_record) != RF_OK)
        return err_nomem(eb);
    if ((rc = emit(w, p, sizeof p, eb)) != RF_OK ||
        (rc = emit(w, w->data.data, w->data.len, eb)) != RF_OK)
        return rc;
    if (w->info.coding == SHARD_PACKED)
        buf_free(&w->data);
    w->sums.frames++;
    f->records = f->tokens = 0;
    for (int c = 0; c < COLUMNS; c++)
        buf_clear(&f->column[c]);
    return RF_OK;
}

/* Let the current frame be made, and go on with an empty one. */
static int flush_frame(struct shard_writer *w, struct errbuf *eb)
{
    struct frame *f = w->filling;
    int rc;

    if (f->records == 0)
        return RF_OK;
    if (w->begun == FRAMES_MAX)
        return err_set(eb, RF_ERANGE, "too many frames for one shard");
    if ((rc = emit_frame(w, eb)) != RF_OK)
        return rc;
    f->number = w->begun++;
    f->first_record = w->sums.records - f->records;
    w->filling = w->making;
    w->making = f;
    w->doc = 0;
    w->running = w->threaded && pthread_create(&w->thread, NULL, make_frame, w) == 0;
    if (w->running)
        return RF_OK;
    make_frame(w);
    return emit_frame(w, eb);
}

static int ids_in_range(const int32_t *ids, size_t n, uint32_t vocab_size)
{
    uint32_t top = 0;

    for (size_t i = 0; i < n; i++)
        top = (uint32_t)ids[i] > top ? (uint32_t)ids[i] : top; /* a negative id becomes huge */
    return n == 0 || top < vocab_size;
}

/* Returns what is wrong with a record, or NULL. */
static const char *record_fault(const struct shard_info *info, uint32_t label_limit,
                                const struct shard_record *r)
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
    return shard_has_labels(info) ? shard_labels_fault(info->kind, label_limit, r) : NULL;
}

/* Returns how many bytes a record adds to the payload. */
static uint64_t record_bytes(const struct shard_info *info, const struct shard_record *r)
{
    uint64_t id = shard_id_bytes(info), n = 8 + 4 + id * r->n_ids;

    if (info->kind == SHARD_TOKENS)
        n += (uint64_t)4 * r->n_lens;
    if (shard_has_labels(info))
        n += 4 + (shard_gap_bytes(info) + shard_label_bytes(info)) * r->n_labels;
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

/* Make room in all columns first, so that on failure they are as before. */
static int reserve_columns(struct frame *f, const struct shard_record *r)
{
    const size_t need[COLUMNS] = {[DOCS] = 8,
                                  [N_LENS] = 4,
                                  [LENS] = 4 + 4 * r->n_lens,
                                  [N_LABELS] = 4,
                                  [GAPS] = 4 * r->n_labels,
                                  [LABELS] = 4 * r->n_labels,
                                  [IDS] = 4 * r->n_ids};

    for (int c = 0; c < COLUMNS; c++)
        if (buf_reserve(&f->column[c], need[c]) != RF_OK)
            return RF_ENOMEM;
    return RF_OK;
}

static void put_record(struct shard_writer *w, const struct shard_record *r)
{
    struct frame *f = w->filling;
    const uint32_t n_ids = (uint32_t)r->n_ids, n_lens = (uint32_t)r->n_lens,
                   n_labels = (uint32_t)r->n_labels;
    size_t id = shard_id_bytes(&w->info);
    struct buf *docs = &f->column[DOCS];

    put_le64((uint8_t *)docs->data + docs->len, r->doc - w->doc);
    docs->len += 8;
    if (w->info.kind == SHARD_TOKENS) {
        shard_put_numbers(&f->column[N_LENS], &n_lens, 1, 4);
        shard_put_numbers(&f->column[LENS], r->lens, r->n_lens, 4);
    } else {
        shard_put_numbers(&f->column[LENS], &n_ids, 1, 4);
    }
    if (shard_has_labels(&w->info)) {
        shard_put_numbers(&f->column[N_LABELS], &n_labels, 1, 4);
        put_gaps(&f->column[GAPS], r->positions, r->n_labels, shard_gap_bytes(&w->info));
        shard_put_numbers(&f->column[LABELS], (const uint32_t *)r->labels, r->n_labels,
                          shard_label_bytes(&w->info));
        w->sums.labels += r->n_labels;
    }
    shard_put_numbers(&f->column[IDS], (const uint32_t *)r->ids, r->n_ids, id);
    w->doc = r->doc;
    f->records++;
    f->tokens += n_ids;
    w->sums.records++;
    w->sums.tokens += n_ids;
}

int shard_write(struct shard_writer *w, const struct shard_record *r, struct errbuf *eb)
{
    const char *fault = record_fault(&w->info, w->label_limit, r);
    uint64_t n;
    int rc;

    if (fault)
        return err_set(eb, RF_EINVAL, "record %llu to write has %s",
                       (unsigned long long)w->sums.records, fault);
    n = record_bytes(&w->info, r);
    if (n > SHARD_FRAME_MAX_BYTES)
        return err_set(eb, RF_ERANGE, "record %llu of %llu bytes is too large for a shard",
                       (unsigned long long)w->sums.records, (unsigned long long)n);
    if (payload_bytes(w->filling) + n > w->target && (rc = flush_frame(w, eb)) != RF_OK)
        return rc;
    if (reserve_columns(w->filling, r) != RF_OK)
        return err_nomem(eb);
    put_record(w, r);
    return RF_OK;
}

static int write_end(struct shard_writer *w, struct errbuf *eb)
{
    struct buf *end = &w->data;
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
        rc = emit_frame(w, eb);
    if (rc == RF_OK)
        rc = write_end(w, eb);
    shard_writer_abort(w);
    return rc;
}

static void free_frame(struct frame *f)
{
    for (int c = 0; c < COLUMNS; c++)
        buf_free(&f->column[c]);
}

void shard_writer_abort(struct shard_writer *w)
{
    if (!w)
        return;
    if (w->running)
        pthread_join(w->thread, NULL);
    for (int i = 0; i < 2; i++)
        free_frame(&w->frame[i]);
    buf_free(&w->payload.bytes);
    buf_free(&w->data);
    shard_coder_free(&w->coder);
    buf_free(&w->index);
    XXH3_freeState(w->all);
    ZSTD_freeCCtx(w->zstd);
    free(w);
}
