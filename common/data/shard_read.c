/* shard_read.c: files, parts and frames, checked; the records out of them. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/bytes.h"
#include "data/shard_coding.h"
#include "data/shard_index.h"
#include "data/shard_payload.h"

enum { TAKE_BYTES = 1 << 20 };

struct shard_reader {
    struct input *in, *own; /* own: `in` if it is to be closed here, else NULL */
    char *const *names;     /* of files to read after this one */
    int n_names;
    uint64_t size, consumed;          /* of all files; of those before this one */
    uint64_t file_parts, file_frames; /* of this file, for messages */
    struct shard_info info;           /* of the first part; owns its chain */
    char *chain;
    int state; /* 1: records may follow, 0: the checked end, negative: failed with it */
    struct buf data, payload, plain, index; /* plain: a payload that was packed */
    struct buf
        sought; /* of a part that was entered behind its start: its end frame; else empty */
    uint64_t passed; /* records before those handed out */
    struct shard_payload at;
    struct shard_coder coder; /* its info: this part's */
    struct shard_sums part;
    struct shard_totals totals;
    XXH3_state_t *all; /* digest of the part */
    ZSTD_DCtx *zstd;
};

static int frame_error(const struct shard_reader *r, int rc, const char *what,
                       struct errbuf *eb)
{
    return err_set(eb, rc, "%s in '%s', frame %llu", what, input_name(r->in),
                   (unsigned long long)r->file_frames + 1);
}

static int cut_error(const struct shard_reader *r, struct errbuf *eb)
{
    return err_set(eb, RF_ETRUNC, "'%s' is cut off at byte %llu: its end frame is missing",
                   input_name(r->in), (unsigned long long)input_offset(r->in));
}

/* Exactly n bytes that the part's digest covers. */
static int take(struct shard_reader *r, void *p, size_t n, struct errbuf *eb)
{
    size_t got;
    int rc = input_read_full(r->in, p, n, &got, eb);

    if (rc != RF_OK)
        return rc;
    if (got < n)
        return cut_error(r, eb);
    XXH3_128bits_update(r->all, p, n);
    r->part.bytes += n;
    return RF_OK;
}

/* The same into a buffer that grows as bytes come: a size alone costs no memory. */
static int take_into(struct shard_reader *r, struct buf *b, size_t n, struct errbuf *eb)
{
    int rc;

    buf_clear(b);
    while (b->len < n) {
        size_t more = n - b->len < TAKE_BYTES ? n - b->len : TAKE_BYTES;

        if (buf_reserve(b, more) != RF_OK)
            return err_nomem(eb);
        if ((rc = take(r, b->data + b->len, more, eb)) != RF_OK)
            return rc;
        b->len += more;
    }
    return RF_OK;
}

/* The header frame whose first bytes are in p already; *chain is the caller's to free. */
static int take_header(struct shard_reader *r, uint8_t p[HEADER_FIXED_BYTES],
                       struct shard_info *info, char **chain, struct errbuf *eb)
{
    struct buf all = {0};
    uint8_t digest[DIGEST128_BYTES];
    const char *fault;
    uint32_t n;
    int rc = take(r, p + FRAME_HEAD_BYTES, HEADER_FIXED_BYTES - FRAME_HEAD_BYTES, eb);

    if (rc != RF_OK)
        return rc;
    if ((fault = shard_get_header(info, &n, p)))
        return err_set(eb, RF_EFORMAT, "'%s' %s", input_name(r->in), fault);
    if ((rc = take_into(r, &r->data, n + DIGEST128_BYTES, eb)) != RF_OK)
        return rc;
    if (buf_put(&all, p, HEADER_FIXED_BYTES) != RF_OK ||
        buf_put(&all, r->data.data, n) != RF_OK) {
        buf_free(&all);
        return err_nomem(eb);
    }
    shard_digest128(digest, all.data, all.len);
    memmove(all.data, all.data + HEADER_FIXED_BYTES, n + 1); /* what stays is the chain */
    if (memcmp(digest, r->data.data + n, sizeof digest) != 0) {
        rc = err_set(eb, RF_ECHECK, "checksum wrong in '%s', header", input_name(r->in));
    } else if (strlen(all.data) != n) {
        rc = err_set(eb, RF_EFORMAT, "'%s' has a NUL in its provenance chain",
                     input_name(r->in));
    } else {
        info->chain = *chain = all.data;
        if (!(fault = shard_info_fault(info)))
            return RF_OK;
        rc = err_set(eb, RF_EFORMAT, "'%s' has %s", input_name(r->in), fault);
    }
    buf_free(&all);
    *chain = NULL;
    return rc;
}

/* Start a part: digests anew, then the frame head, of which there may be *got = 0 bytes. */
static int take_part_head(struct shard_reader *r, uint8_t head[FRAME_HEAD_BYTES], size_t *got,
                          struct errbuf *eb)
{
    uint8_t magic[4];
    int rc = input_read_full(r->in, head, FRAME_HEAD_BYTES, got, eb);

    if (rc != RF_OK)
        return rc;
    put_le32(magic, FRAME_MAGIC_HEADER);
    if (memcmp(head, magic, *got < sizeof magic ? *got : sizeof magic) != 0) {
        if (r->file_parts)
            return err_set(eb, RF_EFORMAT, "'%s' goes on after its end frame, byte %llu",
                           input_name(r->in), (unsigned long long)(input_offset(r->in) - *got));
        return err_set(eb, RF_EFORMAT, "'%s' is not a shard", input_name(r->in));
    }
    if (*got == 0 && r->file_parts)
        return RF_OK;
    if (*got < FRAME_HEAD_BYTES)
        return cut_error(r, eb);
    if (XXH3_128bits_reset(r->all) != XXH_OK)
        return err_nomem(eb);
    XXH3_128bits_update(r->all, head, FRAME_HEAD_BYTES);
    r->part = (struct shard_sums){.bytes = FRAME_HEAD_BYTES};
    buf_clear(&r->index);
    buf_clear(&r->sought);
    return RF_OK;
}

static int same_data(const struct shard_info *a, const struct shard_info *b)
{
    return a->kind == b->kind && a->vocab_size == b->vocab_size && a->max_len == b->max_len &&
           memcmp(&a->special, &b->special, sizeof a->special) == 0 &&
           memcmp(a->vocab_digest, b->vocab_digest, SHARD_DIGEST_BYTES) == 0;
}

static int join_part(struct shard_reader *r, uint8_t head[HEADER_FIXED_BYTES],
                     struct errbuf *eb)
{
    struct shard_info info;
    char *chain = NULL;
    int rc = take_header(r, head, &info, &chain, eb);

    if (rc != RF_OK)
        return rc;
    shard_coder_free(&r->coder);
    r->coder.info = info;
    if (r->totals.parts == 0) {
        r->info = info;
        r->chain = chain; /* the reader's now */
    } else {
        free(chain);
        if (!same_data(&info, &r->info))
            return err_set(eb, RF_EFORMAT,
                           "'%s', part %llu, differs in kind, vocabulary or length from what "
                           "came before",
                           input_name(r->in), (unsigned long long)r->file_parts + 1);
    }
    r->totals.parts++;
    r->file_parts++;
    return RF_OK;
}

static int next_file(struct shard_reader *r, struct errbuf *eb)
{
    struct input *in = NULL;
    int rc = input_open(&in, *r->names, INPUT_RAW, eb);

    if (rc != RF_OK)
        return rc;
    if (r->own)
        r->consumed += input_consumed(r->own);
    input_close(r->own);
    r->in = r->own = in;
    r->names++;
    r->n_names--;
    r->file_parts = r->file_frames = 0;
    return RF_OK;
}

/* The next part of this file or the first one of the next: 1, or 0 after the last. */
static int next_part(struct shard_reader *r, struct errbuf *eb)
{
    uint8_t head[HEADER_FIXED_BYTES];
    size_t got = 0;
    int rc = RF_OK;

    if (r->in && (rc = take_part_head(r, head, &got, eb)) != RF_OK)
        return rc;
    if (got == 0) {
        if (r->n_names == 0)
            return 0;
        if ((rc = next_file(r, eb)) != RF_OK ||
            (rc = take_part_head(r, head, &got, eb)) != RF_OK)
            return rc;
    }
    rc = join_part(r, head, eb);
    return rc == RF_OK ? 1 : rc;
}

static int open_reader(struct shard_reader **out, struct shard_reader *r, struct errbuf *eb)
{
    int rc;

    r->state = 1;
    r->all = XXH3_createState();
    r->zstd = ZSTD_createDCtx();
    rc = r->all && r->zstd ? next_part(r, eb) : err_nomem(eb);
    if (rc != 1) {
        shard_reader_close(r);
        return rc;
    }
    *out = r;
    return RF_OK;
}

int shard_reader_open(struct shard_reader **out, struct input *in, struct errbuf *eb)
{
    struct shard_reader *r = calloc(1, sizeof *r);

    if (!r)
        return err_nomem(eb);
    r->in = in;
    return open_reader(out, r, eb);
}

int shard_files_open(struct shard_reader **out, char *const *names, int n, struct errbuf *eb)
{
    static char dash[] = "-";
    static char *const standard_input[] = {dash};
    struct shard_reader *r = calloc(1, sizeof *r);
    int rc;

    if (!r)
        return err_nomem(eb);
    r->names = n ? names : standard_input;
    r->n_names = n ? n : 1;
    if ((rc = inputs_try(r->names, r->n_names, &r->size, eb)) != RF_OK) {
        shard_reader_close(r);
        return rc;
    }
    return open_reader(out, r, eb);
}

/* The end frame must be what a writer would have made of the frames that were read; where a
 * part was entered behind its start, it must be the one that led there. */
static int take_end(struct shard_reader *r, const uint8_t head[FRAME_HEAD_BYTES],
                    struct errbuf *eb)
{
    bool whole = r->sought.len == 0;
    struct buf *end = whole ? &r->payload : &r->sought;
    uint8_t digest[DIGEST128_BYTES];
    XXH128_canonical_t want;
    size_t got;
    int rc;

    r->part.bytes -= FRAME_HEAD_BYTES;
    if (whole) {
        buf_clear(end);
        if (shard_put_end(end, &r->index, &r->part) != RF_OK)
            return err_nomem(eb);
    }
    if (memcmp(head, end->data, FRAME_HEAD_BYTES) != 0)
        return err_set(eb, RF_EFORMAT, "'%s' has an end frame that does not fit its frames",
                       input_name(r->in));
    if ((rc = take_into(r, &r->data, end->len - FRAME_HEAD_BYTES, eb)) != RF_OK)
        return rc;
    if (memcmp(r->data.data, end->data + FRAME_HEAD_BYTES, r->data.len) != 0)
        return err_set(eb, RF_ECHECK, "index or totals wrong in '%s', end frame",
                       input_name(r->in));
    if ((rc = input_read_full(r->in, digest, sizeof digest, &got, eb)) != RF_OK)
        return rc;
    if (got < sizeof digest)
        return cut_error(r, eb);
    XXH128_canonicalFromHash(&want, XXH3_128bits_digest(r->all));
    if (whole && memcmp(digest, want.digest, sizeof digest) != 0)
        return err_set(eb, RF_ECHECK, "checksum wrong in '%s', end frame", input_name(r->in));
    return RF_OK;
}

/* One data frame, no more and no less, of the size that the lead frame says. */
static int decompress(struct shard_reader *r, const struct shard_lead *lead, struct errbuf *eb)
{
    const uint8_t *p = (const uint8_t *)r->data.data;
    size_t n = r->data.len;

    /* Bit 2 of the frame header descriptor: content checksum (RFC 8878, 3.1.1.1.1). */
    if (n < 5 || get_le32(p) != ZSTD_MAGICNUMBER || !(p[4] & 4) ||
        ZSTD_findFrameCompressedSize(p, n) != n ||
        ZSTD_getFrameContentSize(p, n) != lead->payload_bytes)
        return frame_error(r, RF_EFORMAT, "no proper zstd frame", eb);
    buf_clear(&r->payload);
    if (buf_reserve(&r->payload, lead->payload_bytes) != RF_OK)
        return err_nomem(eb);
    if (ZSTD_decompressDCtx(r->zstd, r->payload.data, lead->payload_bytes, p, n) !=
        lead->payload_bytes)
        return frame_error(r, RF_ECHECK, "damaged zstd data", eb);
    r->payload.len = lead->payload_bytes;
    return RF_OK;
}

/* The payload as columns; from a frame on that begins a group. */
static int cut_payload(struct shard_reader *r, const struct shard_lead *lead, struct errbuf *eb)
{
    const struct buf *payload = &r->payload;
    int rc = RF_OK;

    if (r->coder.info.coding == SHARD_PACKED) {
        rc = shard_coder_get(&r->coder, &r->plain, lead, r->part.frames,
                             (const uint8_t *)payload->data, payload->len);
        payload = &r->plain;
    }
    if (rc == RF_ENOMEM)
        return err_nomem(eb);
    if (rc != RF_OK)
        return frame_error(r, RF_EFORMAT, "ids wrongly packed", eb);
    if (!shard_payload_cut(&r->at, &r->info, lead, payload->data, payload->len))
        return frame_error(r, RF_EFORMAT, "columns of wrong size", eb);
    return RF_OK;
}

static int take_frame(struct shard_reader *r, const uint8_t head[FRAME_HEAD_BYTES],
                      struct errbuf *eb)
{
    uint64_t offset = r->part.bytes - FRAME_HEAD_BYTES;
    uint8_t p[LEAD_BYTES], digest[DIGEST64_BYTES];
    struct shard_lead lead;
    int rc;

    memcpy(p, head, FRAME_HEAD_BYTES);
    if ((rc = take(r, p + FRAME_HEAD_BYTES, LEAD_BYTES - FRAME_HEAD_BYTES, eb)) != RF_OK)
        return rc;
    if (!shard_get_lead(&lead, p))
        return frame_error(r, RF_ECHECK, "checksum or size wrong", eb);
    if (lead.first_record != r->part.records)
        return frame_error(r, RF_EFORMAT, "frame lost, doubled or out of place", eb);
    if (r->part.frames == FRAMES_MAX)
        return frame_error(r, RF_ERANGE, "too many frames", eb);
    if ((rc = take_into(r, &r->data, lead.data_bytes, eb)) != RF_OK)
        return rc;
    shard_digest64(digest, r->data.data, r->data.len);
    if (memcmp(digest, lead.digest, sizeof digest) != 0)
        return frame_error(r, RF_ECHECK, "checksum wrong", eb);
    if ((rc = decompress(r, &lead, eb)) != RF_OK || (rc = cut_payload(r, &lead, eb)) != RF_OK)
        return rc;
    if (shard_put_entry(&r->index, offset, lead.first_record) != RF_OK)
        return err_nomem(eb);
    r->part.frames++;
    r->part.records += lead.records;
    r->part.tokens += lead.tokens;
    r->part.labels += r->at.total_labels;
    r->totals.frames++;
    r->file_frames++;
    return RF_OK;
}

/* Go on to the next frame with records: 1, 0 at the end. */
static int next_frame(struct shard_reader *r, struct errbuf *eb)
{
    uint8_t head[FRAME_HEAD_BYTES];
    int rc;

    for (;;) {
        if ((rc = take(r, head, sizeof head, eb)) != RF_OK)
            return rc;
        switch (get_le32(head)) {
        case FRAME_MAGIC_LEAD: return (rc = take_frame(r, head, eb)) == RF_OK ? 1 : rc;
        case FRAME_MAGIC_END:
            if ((rc = take_end(r, head, eb)) != RF_OK || (rc = next_part(r, eb)) != 1)
                return rc;
            break;
        default: return frame_error(r, RF_EFORMAT, "no frame of a shard", eb);
        }
    }
}

int shard_next(struct shard_reader *r, struct shard_record *rec, struct errbuf *eb)
{
    int rc = r->state;

    if (rc < 0)
        return err_set(eb, rc, "'%s' could not be read before", input_name(r->in));
    if (rc == 1 && r->at.records == 0)
        rc = r->state = next_frame(r, eb);
    if (rc != 1)
        return rc;
    if ((rc = shard_payload_next(&r->at, rec)) != RF_OK) {
        r->state = rc;
        return rc == RF_ENOMEM
                   ? err_nomem(eb)
                   : err_set(eb, rc, "record %llu of '%s' cannot be: lengths, ids or positions",
                             (unsigned long long)(r->passed + r->totals.records),
                             input_name(r->in));
    }
    r->totals.records++;
    r->totals.tokens += rec->n_ids;
    r->totals.labels += rec->n_labels;
    return 1;
}

static int pass_by_reading(struct shard_reader *r, uint64_t n, struct errbuf *eb)
{
    struct shard_record rec;
    int rc = 1;

    for (uint64_t i = 0; i < n && rc == 1; i++)
        rc = shard_next(r, &rec, eb);
    r->passed += r->totals.records;
    r->totals.records = r->totals.tokens = r->totals.labels = 0;
    return rc < 0 ? rc : RF_OK;
}

/* Enter a part of this file at one of its records. */
static int enter_part(struct shard_reader *r, const struct shard_part *part, uint64_t record,
                      struct errbuf *eb)
{
    uint8_t head[HEADER_FIXED_BYTES];
    uint64_t offset, first;
    size_t got;
    int rc = RF_OK;

    if (part->start > 0 && ((rc = input_seek(r->in, part->start, eb)) != RF_OK ||
                            (rc = take_part_head(r, head, &got, eb)) != RF_OK ||
                            (rc = join_part(r, head, eb)) != RF_OK))
        return rc;
    if ((rc = shard_index_end(&r->sought, r->in, part, eb)) != RF_OK)
        return rc;
    r->part.frames = shard_index_find(
        &r->sought, part->sums.frames, record,
        r->coder.info.coding == SHARD_PACKED ? PACK_GROUP_FRAMES : 1, &offset, &first);
    r->part.bytes = offset;
    r->part.records = first;
    r->file_frames += r->part.frames;
    r->passed += first;
    if (offset >= part->sums.bytes || first > record)
        return err_set(eb, RF_EFORMAT, "index or totals wrong in '%s', end frame",
                       input_name(r->in));
    if ((rc = input_seek(r->in, part->start + offset, eb)) != RF_OK)
        return rc;
    return pass_by_reading(r, record - first, eb);
}

/* Look for the record in this file: 1 and it was entered, 0 and *record is less by what the
 * file holds, which was passed over. */
static int seek_file(struct shard_reader *r, uint64_t *record, struct errbuf *eb)
{
    struct buf parts = {0};
    int rc = shard_index_parts(&parts, r->in, eb), found = 0;

    for (size_t i = parts.len / sizeof(struct shard_part); rc == RF_OK && i-- > 0 && !found;) {
        struct shard_part part;

        memcpy(&part, parts.data + i * sizeof part, sizeof part);
        if ((found = *record < part.sums.records)) {
            rc = enter_part(r, &part, *record, eb);
        } else {
            *record -= part.sums.records;
            r->passed += part.sums.records;
            r->file_frames += part.sums.frames;
        }
    }
    buf_free(&parts);
    if (rc == RF_OK && !found)
        rc = input_seek(r->in, input_size(r->in), eb);
    return rc == RF_OK ? found : rc;
}

/* A file that is named, not a pipe or standard input. */
static bool can_seek(const struct shard_reader *r)
{
    return r->own && strcmp(r->names[-1], "-") != 0 && input_size(r->in) > 0;
}

int shard_reader_seek(struct shard_reader *r, uint64_t record, struct errbuf *eb)
{
    int rc = 1;

    while (rc == 1 && record > 0) {
        if (!can_seek(r))
            return pass_by_reading(r, record, eb);
        if ((rc = seek_file(r, &record, eb)) == 0)
            rc = next_part(r, eb);
        else if (rc == 1)
            return RF_OK;
    }
    r->state = rc;
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
    if (r->info.kind == kind)
        return RF_OK;
    return err_set(eb, RF_EFORMAT, "'%s' holds records of kind %s, not %s", input_name(r->in),
                   shard_kind_names[r->info.kind - 1], shard_kind_names[kind - 1]);
}

const struct shard_info *shard_reader_info(const struct shard_reader *r)
{
    return &r->info;
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
    return r->consumed + (r->in ? input_consumed(r->in) : 0);
}

void shard_reader_close(struct shard_reader *r)
{
    if (!r)
        return;
    input_close(r->own);
    buf_free(&r->data);
    buf_free(&r->payload);
    buf_free(&r->plain);
    buf_free(&r->index);
    buf_free(&r->sought);
    XXH3_freeState(r->all);
    ZSTD_freeDCtx(r->zstd);
    free(r->chain);
    shard_payload_free(&r->at);
    shard_coder_free(&r->coder);
    free(r);
}
