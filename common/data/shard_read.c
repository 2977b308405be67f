/* shard_read.c: frames checked, taken apart and handed out record by record. */
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/bytes.h"
#include "data/shard_format.h"

/* What is left of the frame at hand; the pointers lie in the payload. */
struct cursor {
    const uint8_t *docs, *n_lens, *lens, *n_labels, *gaps, *labels, *ids;
    uint32_t records;
    uint64_t doc;
};

struct shard_reader {
    struct input *in;
    struct shard_info info; /* of the first part; owns its chain */
    char *chain;
    int state; /* 1: records may follow, 0: the checked end, negative: failed with it */
    struct buf data, payload, index;
    struct cursor at;
    struct shard_sums part;
    struct shard_totals totals;
    XXH3_state_t *all; /* digest of the part */
    ZSTD_DCtx *zstd;
    int32_t *ids, *labels; /* of the record handed out last */
    uint32_t *lens, *positions;
    size_t ids_cap, labels_cap, lens_cap, positions_cap;
};

static int frame_error(const struct shard_reader *r, int rc, const char *what,
                       struct errbuf *eb)
{
    return err_set(eb, rc, "%s in '%s', frame %llu", what, input_name(r->in),
                   (unsigned long long)r->totals.frames + 1);
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
        size_t more = n - b->len < PAYLOAD_TARGET_BYTES ? n - b->len : PAYLOAD_TARGET_BYTES;

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

/* Start a part: digests anew, then the frame head. RF_OK with *got bytes of it, 0 to 8. */
static int take_part_head(struct shard_reader *r, uint8_t head[FRAME_HEAD_BYTES], size_t *got,
                          struct errbuf *eb)
{
    static const uint8_t magic[4] = {0x52, 0x2A, 0x4D, 0x18};
    int rc = input_read_full(r->in, head, FRAME_HEAD_BYTES, got, eb);

    if (rc != RF_OK)
        return rc;
    if (memcmp(head, magic, *got < 4 ? *got : 4) != 0) {
        if (r->totals.parts)
            return err_set(eb, RF_EFORMAT, "'%s' goes on after its end frame, byte %llu",
                           input_name(r->in), (unsigned long long)(input_offset(r->in) - *got));
        return err_set(eb, RF_EFORMAT, "'%s' is not a shard", input_name(r->in));
    }
    if (*got && *got < FRAME_HEAD_BYTES)
        return cut_error(r, eb);
    if (XXH3_128bits_reset(r->all) != XXH_OK)
        return err_nomem(eb);
    XXH3_128bits_update(r->all, head, *got);
    r->part = (struct shard_sums){.bytes = *got};
    buf_clear(&r->index);
    return RF_OK;
}

int shard_reader_open(struct shard_reader **out, struct input *in, struct errbuf *eb)
{
    uint8_t head[HEADER_FIXED_BYTES];
    struct shard_reader *r = calloc(1, sizeof *r);
    size_t got;
    int rc = RF_OK;

    if (!r)
        return err_nomem(eb);
    r->in = in;
    r->state = 1;
    r->all = XXH3_createState();
    r->zstd = ZSTD_createDCtx();
    if (!r->all || !r->zstd)
        rc = err_nomem(eb);
    else if ((rc = take_part_head(r, head, &got, eb)) == RF_OK && got == 0)
        rc = err_set(eb, RF_ETRUNC, "'%s' is empty, not a shard", input_name(in));
    else if (rc == RF_OK)
        rc = take_header(r, head, &r->info, &r->chain, eb);
    if (rc != RF_OK) {
        shard_reader_close(r);
        return rc;
    }
    r->totals.parts = 1;
    *out = r;
    return RF_OK;
}

static int same_data(const struct shard_info *a, const struct shard_info *b)
{
    return a->kind == b->kind && a->vocab_size == b->vocab_size && a->max_len == b->max_len &&
           memcmp(&a->special, &b->special, sizeof a->special) == 0 &&
           memcmp(a->vocab_digest, b->vocab_digest, SHARD_DIGEST_BYTES) == 0;
}

/* After an end frame: another part (1) or the end (0). */
static int next_part(struct shard_reader *r, struct errbuf *eb)
{
    uint8_t head[HEADER_FIXED_BYTES];
    struct shard_info info;
    char *chain = NULL;
    size_t got;
    int rc = take_part_head(r, head, &got, eb);

    if (rc != RF_OK || got == 0)
        return rc;
    if ((rc = take_header(r, head, &info, &chain, eb)) != RF_OK)
        return rc;
    free(chain);
    if (!same_data(&info, &r->info))
        return err_set(eb, RF_EFORMAT,
                       "'%s' joins shards of different kind, vocabulary or length, part %llu",
                       input_name(r->in), (unsigned long long)r->totals.parts + 1);
    r->totals.parts++;
    return 1;
}

/* The end frame must be what a writer would have made of the frames that were read. */
static int take_end(struct shard_reader *r, const uint8_t head[FRAME_HEAD_BYTES],
                    struct errbuf *eb)
{
    struct buf *end = &r->payload;
    uint8_t digest[DIGEST128_BYTES];
    XXH128_canonical_t want;
    size_t got;
    int rc;

    r->part.bytes -= FRAME_HEAD_BYTES;
    buf_clear(end);
    if (shard_put_end(end, &r->index, &r->part) != RF_OK)
        return err_nomem(eb);
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
    if (memcmp(digest, want.digest, sizeof digest) != 0)
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

/* Cut a column of n numbers of `width` bytes off the payload's rest; NULL if it is too short.
 */
static const uint8_t *cut_column(const uint8_t **p, uint64_t *left, uint64_t n, size_t width)
{
    const uint8_t *column = *p;

    if (n > *left / width)
        return NULL;
    *p += n * width;
    *left -= n * width;
    return column;
}

static uint64_t sum_column(const uint8_t *p, uint64_t n)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < n; i++)
        sum += get_le32(p + 4 * i);
    return sum;
}

/* Lay the columns over the payload: all sums are checked here, single records in shard_next().
 */
static int cut_payload(struct shard_reader *r, const struct shard_lead *lead)
{
    const uint8_t *p = (const uint8_t *)r->payload.data;
    uint64_t left = r->payload.len, n = lead->records, labels = 0, lens = n;
    size_t id = shard_id_bytes(&r->info), gap = shard_gap_bytes(&r->info);
    struct cursor c = {.records = lead->records};

    if (!(c.docs = cut_column(&p, &left, n, 8)))
        return 0;
    if (r->info.kind == SHARD_TOKENS) {
        if (!(c.n_lens = cut_column(&p, &left, n, 4)))
            return 0;
        lens = sum_column(c.n_lens, n);
    }
    if (!(c.lens = cut_column(&p, &left, lens, 4)) || sum_column(c.lens, lens) != lead->tokens)
        return 0;
    if (r->info.kind == SHARD_MASKED) {
        if (!(c.n_labels = cut_column(&p, &left, n, 4)))
            return 0;
        labels = sum_column(c.n_labels, n);
        if (!(c.gaps = cut_column(&p, &left, labels, gap)) ||
            !(c.labels = cut_column(&p, &left, labels, id)))
            return 0;
    }
    if (!(c.ids = cut_column(&p, &left, lead->tokens, id)) || left != 0)
        return 0;
    r->at = c;
    r->part.labels += labels;
    return 1;
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
    if ((rc = decompress(r, &lead, eb)) != RF_OK)
        return rc;
    if (!cut_payload(r, &lead))
        return frame_error(r, RF_EFORMAT, "columns of wrong size", eb);
    if (shard_put_entry(&r->index, offset, lead.first_record) != RF_OK)
        return err_nomem(eb);
    r->part.frames++;
    r->part.records += lead.records;
    r->part.tokens += lead.tokens;
    r->totals.frames++;
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

/* Grow an array to n elements; false: no memory. */
static int grow(void **p, size_t *cap, size_t n, size_t element_bytes)
{
    void *more;

    if (n <= *cap && *p)
        return 1;
    if (n < *cap + *cap / 2)
        n = *cap + *cap / 2;
    n = n < 64 ? 64 : n;
    if (!(more = realloc(*p, n * element_bytes)))
        return 0;
    *p = more;
    *cap = n;
    return 1;
}

/* Ids from their column; false if one is beyond the vocabulary. */
static int get_ids(int32_t *to, const uint8_t *p, size_t n, const struct shard_info *info)
{
    uint32_t top = 0;

    if (shard_id_bytes(info) == 2)
        for (size_t i = 0; i < n; i++) {
            uint32_t id = get_le16(p + 2 * i);

            top = id > top ? id : top;
            to[i] = (int32_t)id;
        }
    else
        for (size_t i = 0; i < n; i++) {
            uint32_t id = get_le32(p + 4 * i);

            top = id > top ? id : top;
            to[i] = (int32_t)id;
        }
    return n == 0 || top < info->vocab_size;
}

static int get_labels(struct shard_reader *r, struct shard_record *rec)
{
    struct cursor *c = &r->at;
    size_t width = shard_gap_bytes(&r->info), n = get_le32(c->n_labels);
    uint64_t at = 0;

    rec->n_labels = n;
    if (n > rec->n_ids)
        return RF_EFORMAT;
    if (!grow((void **)&r->positions, &r->positions_cap, n, sizeof *r->positions) ||
        !grow((void **)&r->labels, &r->labels_cap, n, sizeof *r->labels))
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++, c->gaps += width) {
        uint32_t gap = width == 2 ? get_le16(c->gaps) : get_le32(c->gaps);

        at += gap;
        if (at >= rec->n_ids || (i && gap == 0))
            return RF_EFORMAT;
        r->positions[i] = (uint32_t)at;
    }
    if (!get_ids(r->labels, c->labels, n, &r->info))
        return RF_EFORMAT;
    c->n_labels += 4;
    c->labels += n * shard_id_bytes(&r->info);
    rec->positions = r->positions;
    rec->labels = r->labels;
    return RF_OK;
}

static int get_lens(struct shard_reader *r, struct shard_record *rec)
{
    struct cursor *c = &r->at;
    size_t n = get_le32(c->n_lens);

    if (!grow((void **)&r->lens, &r->lens_cap, n, sizeof *r->lens))
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++, c->lens += 4) {
        r->lens[i] = get_le32(c->lens);
        rec->n_ids += r->lens[i];
    }
    c->n_lens += 4;
    rec->n_lens = n;
    rec->lens = r->lens;
    return rec->n_ids <= SHARD_RECORD_MAX_TOKENS ? RF_OK : RF_EFORMAT;
}

static int get_record(struct shard_reader *r, struct shard_record *rec)
{
    struct cursor *c = &r->at;
    int rc = RF_OK;

    c->doc += get_le64(c->docs);
    c->docs += 8;
    *rec = (struct shard_record){.doc = c->doc};
    if (r->info.kind == SHARD_TOKENS) {
        rc = get_lens(r, rec);
    } else {
        rec->n_ids = get_le32(c->lens);
        c->lens += 4;
        if (rec->n_ids == 0 || rec->n_ids > r->info.max_len)
            return RF_EFORMAT;
        if (r->info.kind == SHARD_MASKED)
            rc = get_labels(r, rec);
    }
    if (rc != RF_OK)
        return rc;
    if (!grow((void **)&r->ids, &r->ids_cap, rec->n_ids, sizeof *r->ids))
        return RF_ENOMEM;
    if (!get_ids(r->ids, c->ids, rec->n_ids, &r->info))
        return RF_EFORMAT;
    c->ids += rec->n_ids * shard_id_bytes(&r->info);
    c->records--;
    rec->ids = r->ids;
    return RF_OK;
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
    if ((rc = get_record(r, rec)) != RF_OK) {
        r->state = rc;
        return rc == RF_ENOMEM
                   ? err_nomem(eb)
                   : err_set(eb, rc, "record %llu of '%s' cannot be: lengths, ids or positions",
                             (unsigned long long)r->totals.records, input_name(r->in));
    }
    r->totals.records++;
    r->totals.tokens += rec->n_ids;
    r->totals.labels += rec->n_labels;
    return 1;
}

const struct shard_info *shard_reader_info(const struct shard_reader *r)
{
    return &r->info;
}

struct shard_totals shard_reader_totals(const struct shard_reader *r)
{
    return r->totals;
}

void shard_reader_close(struct shard_reader *r)
{
    if (!r)
        return;
    buf_free(&r->data);
    buf_free(&r->payload);
    buf_free(&r->index);
    XXH3_freeState(r->all);
    ZSTD_freeDCtx(r->zstd);
    free(r->chain);
    free(r->ids);
    free(r->labels);
    free(r->lens);
    free(r->positions);
    free(r);
}
