/* shard_frames.c: reads and checks files, parts and frames. */
#include "shard/shard_frames.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>
#include <zstd.h>

#include "base/bytes.h"
#include "shard/shard_coding.h"
#include "shard/shard_index.h"

enum { TAKE_BYTES = 1 << 20 };

struct shard_frames {
    struct input *in, *own; /* own: `in` if it must be closed here, else NULL */
    char *const *names;     /* the files to read after this one */
    int n_names;
    uint64_t consumed;                /* bytes read of the files before this one */
    uint64_t file_parts, file_frames; /* of this file, for messages */
    uint64_t frames, parts;           /* of all files */
    struct shard_info info; /* the info of the first part, whose texts lie in `texts` */
    char *texts;
    struct buf data, index, end;
    struct buf sought;        /* end frame of a part entered behind its start, or empty */
    struct shard_coder coder; /* its info is that of the current part */
    struct shard_sums part;
    XXH3_state_t *all; /* the digest of the part */
    ZSTD_DCtx *zstd;
};

static int frame_error(const struct shard_frames *f, int rc, const char *what,
                       struct errbuf *eb)
{
    return err_set(eb, rc, "%s in '%s', frame %llu", what, input_name(f->in),
                   (unsigned long long)f->file_frames + 1);
}

static int cut_error(const struct shard_frames *f, struct errbuf *eb)
{
    return err_set(eb, RF_ETRUNC, "'%s' is cut off at byte %llu: its end frame is missing",
                   input_name(f->in), (unsigned long long)input_offset(f->in));
}

/* Read exactly n bytes, which the part's digest covers. */
static int take_bytes(struct shard_frames *f, void *p, size_t n, struct errbuf *eb)
{
    size_t got;
    int rc = input_read_full(f->in, p, n, &got, eb);

    if (rc != RF_OK)
        return rc;
    if (got < n)
        return cut_error(f, eb);
    XXH3_128bits_update(f->all, p, n);
    f->part.bytes += n;
    return RF_OK;
}

/* Do the same into a buffer that grows as the bytes come, so that a large size alone
 * takes no memory. */
static int take_into(struct shard_frames *f, struct buf *b, size_t n, struct errbuf *eb)
{
    int rc;

    buf_clear(b);
    while (b->len < n) {
        size_t more = n - b->len < TAKE_BYTES ? n - b->len : TAKE_BYTES;

        if (buf_reserve(b, more) != RF_OK)
            return err_nomem(eb);
        if ((rc = take_bytes(f, b->data + b->len, more, eb)) != RF_OK)
            return rc;
        b->len += more;
    }
    return RF_OK;
}

/* Of a header frame let only its two texts stay, each with a NUL behind it. */
static void part_texts(struct shard_info *info, char *frame, size_t chain_bytes,
                       size_t classes_bytes)
{
    memmove(frame, frame + HEADER_FIXED_BYTES, chain_bytes);
    frame[chain_bytes] = '\0';
    memmove(frame + chain_bytes + 1, frame + HEADER_FIXED_BYTES + chain_bytes,
            classes_bytes + 1);
    info->chain = frame;
    info->classes = frame + chain_bytes + 1;
}

/* Read the header frame whose first bytes are already in p. The caller frees *texts, which
 * holds the info's chain and then its names of classes. */
static int take_header(struct shard_frames *f, uint8_t p[HEADER_FIXED_BYTES],
                       struct shard_info *info, char **texts, struct errbuf *eb)
{
    struct buf all = {0};
    uint8_t digest[DIGEST128_BYTES];
    const char *fault;
    uint32_t chain_bytes, n;
    int rc = take_bytes(f, p + FRAME_HEAD_BYTES, HEADER_FIXED_BYTES - FRAME_HEAD_BYTES, eb);

    if (rc != RF_OK)
        return rc;
    if ((fault = shard_get_header(info, &chain_bytes, &n, p)))
        return err_set(eb, RF_EFORMAT, "'%s' %s", input_name(f->in), fault);
    n += chain_bytes;
    if ((rc = take_into(f, &f->data, n + DIGEST128_BYTES, eb)) != RF_OK)
        return rc;
    if (buf_put(&all, p, HEADER_FIXED_BYTES) != RF_OK ||
        buf_put(&all, f->data.data, n) != RF_OK) {
        buf_free(&all);
        return err_nomem(eb);
    }
    shard_digest128(digest, all.data, all.len);
    if (memcmp(digest, f->data.data + n, sizeof digest) != 0) {
        rc = err_set(eb, RF_ECHECK, "checksum wrong in '%s', header", input_name(f->in));
    } else if (memchr(all.data + HEADER_FIXED_BYTES, '\0', n)) {
        rc = err_set(eb, RF_EFORMAT, "'%s' has a NUL in %s", input_name(f->in),
                     memchr(all.data + HEADER_FIXED_BYTES, '\0', chain_bytes)
                         ? "its provenance chain"
                         : "the name of a class");
    } else {
        part_texts(info, all.data, chain_bytes, n - chain_bytes);
        *texts = all.data;
        if (!(fault = shard_info_fault(info)))
            return RF_OK;
        rc = err_set(eb, RF_EFORMAT, "'%s' has %s", input_name(f->in), fault);
    }
    buf_free(&all);
    *texts = NULL;
    return rc;
}

/* Start a part: reset the digest and read the frame head. *got is 0 at the end of the file. */
static int take_part_head(struct shard_frames *f, uint8_t head[FRAME_HEAD_BYTES], size_t *got,
                          struct errbuf *eb)
{
    uint8_t magic[4];
    int rc = input_read_full(f->in, head, FRAME_HEAD_BYTES, got, eb);

    if (rc != RF_OK)
        return rc;
    put_le32(magic, FRAME_MAGIC_HEADER);
    if (memcmp(head, magic, *got < sizeof magic ? *got : sizeof magic) != 0) {
        if (f->file_parts)
            return err_set(eb, RF_EFORMAT, "'%s' goes on after its end frame, byte %llu",
                           input_name(f->in), (unsigned long long)(input_offset(f->in) - *got));
        return err_set(eb, RF_EFORMAT, "'%s' is not a shard", input_name(f->in));
    }
    if (*got == 0 && f->file_parts)
        return RF_OK;
    if (*got < FRAME_HEAD_BYTES)
        return cut_error(f, eb);
    if (XXH3_128bits_reset(f->all) != XXH_OK)
        return err_nomem(eb);
    XXH3_128bits_update(f->all, head, FRAME_HEAD_BYTES);
    f->part = (struct shard_sums){.bytes = FRAME_HEAD_BYTES};
    buf_clear(&f->index);
    buf_clear(&f->sought);
    return RF_OK;
}

static int same_data(const struct shard_info *a, const struct shard_info *b)
{
    return a->kind == b->kind && a->vocab_size == b->vocab_size && a->max_len == b->max_len &&
           memcmp(&a->special, &b->special, sizeof a->special) == 0 &&
           memcmp(a->vocab_digest, b->vocab_digest, SHARD_DIGEST_BYTES) == 0 &&
           strcmp(a->classes, b->classes) == 0;
}

static int join_part(struct shard_frames *f, uint8_t head[HEADER_FIXED_BYTES],
                     struct errbuf *eb)
{
    struct shard_info info;
    char *texts = NULL;
    bool same;
    int rc = take_header(f, head, &info, &texts, eb);

    if (rc != RF_OK)
        return rc;
    shard_coder_free(&f->coder);
    f->coder.info = info;
    if (f->parts == 0) {
        f->info = info;
        f->texts = texts; /* the reader owns it now */
    } else {
        same = same_data(&info, &f->info);
        free(texts);
        if (!same)
            return err_set(eb, RF_EFORMAT,
                           "'%s', part %llu, differs in kind, vocabulary or length from what "
                           "came before",
                           input_name(f->in), (unsigned long long)f->file_parts + 1);
    }
    f->parts++;
    f->file_parts++;
    return RF_OK;
}

static int next_file(struct shard_frames *f, struct errbuf *eb)
{
    struct input *in = NULL;
    int rc = input_open(&in, *f->names, INPUT_RAW, eb);

    if (rc != RF_OK)
        return rc;
    if (f->own)
        f->consumed += input_consumed(f->own);
    input_close(f->own);
    f->in = f->own = in;
    f->names++;
    f->n_names--;
    f->file_parts = f->file_frames = 0;
    return RF_OK;
}

/* Go on to the next part of this file, or to the first part of the next file: 1, or 0
 * after the last. */
static int next_part(struct shard_frames *f, struct errbuf *eb)
{
    uint8_t head[HEADER_FIXED_BYTES];
    size_t got = 0;
    int rc = RF_OK;

    if (f->in && (rc = take_part_head(f, head, &got, eb)) != RF_OK)
        return rc;
    if (got == 0) {
        if (f->n_names == 0)
            return 0;
        if ((rc = next_file(f, eb)) != RF_OK ||
            (rc = take_part_head(f, head, &got, eb)) != RF_OK)
            return rc;
    }
    rc = join_part(f, head, eb);
    return rc == RF_OK ? 1 : rc;
}

/* Check the end frame. It must be the one that a writer would make of the frames that were
 * read. If the part was entered behind its start, it must be the end frame through which it
 * was entered. */
static int take_end(struct shard_frames *f, const uint8_t head[FRAME_HEAD_BYTES],
                    struct errbuf *eb)
{
    bool whole = f->sought.len == 0;
    struct buf *end = whole ? &f->end : &f->sought;
    uint8_t digest[DIGEST128_BYTES];
    XXH128_canonical_t want;
    size_t got;
    int rc;

    f->part.bytes -= FRAME_HEAD_BYTES;
    if (whole) {
        buf_clear(end);
        if (shard_put_end(end, &f->index, &f->part) != RF_OK)
            return err_nomem(eb);
    }
    if (memcmp(head, end->data, FRAME_HEAD_BYTES) != 0)
        return err_set(eb, RF_EFORMAT, "'%s' has an end frame that does not fit its frames",
                       input_name(f->in));
    if ((rc = take_into(f, &f->data, end->len - FRAME_HEAD_BYTES, eb)) != RF_OK)
        return rc;
    if (memcmp(f->data.data, end->data + FRAME_HEAD_BYTES, f->data.len) != 0)
        return err_set(eb, RF_ECHECK, "index or totals wrong in '%s', end frame",
                       input_name(f->in));
    if ((rc = input_read_full(f->in, digest, sizeof digest, &got, eb)) != RF_OK)
        return rc;
    if (got < sizeof digest)
        return cut_error(f, eb);
    XXH128_canonicalFromHash(&want, XXH3_128bits_digest(f->all));
    if (whole && memcmp(digest, want.digest, sizeof digest) != 0)
        return err_set(eb, RF_ECHECK, "checksum wrong in '%s', end frame", input_name(f->in));
    return RF_OK;
}

static int swell_error(const struct shard_frames *f, struct errbuf *eb)
{
    return err_set(eb, RF_ERANGE, "data expand over %d times in '%s', frame %llu",
                   SHARD_SWELL_MAX, input_name(f->in), (unsigned long long)f->file_frames + 1);
}

/* Decompress exactly one data frame. Its size must be the one that the lead frame says. */
static int decompress(struct shard_frames *f, const struct shard_lead *lead, struct buf *to,
                      struct errbuf *eb)
{
    const uint8_t *p = (const uint8_t *)f->data.data;
    size_t n = f->data.len;

    /* Bit 2 of the frame header descriptor says that there is a content checksum (RFC
     * 8878, 3.1.1.1.1). */
    if (n < 5 || get_le32(p) != ZSTD_MAGICNUMBER || !(p[4] & 4) ||
        ZSTD_findFrameCompressedSize(p, n) != n ||
        ZSTD_getFrameContentSize(p, n) != lead->payload_bytes)
        return frame_error(f, RF_EFORMAT, "no proper zstd frame", eb);
    buf_clear(to);
    if (buf_reserve(to, lead->payload_bytes) != RF_OK)
        return err_nomem(eb);
    if (ZSTD_decompressDCtx(f->zstd, to->data, lead->payload_bytes, p, n) !=
        lead->payload_bytes)
        return frame_error(f, RF_ECHECK, "damaged zstd data", eb);
    to->len = lead->payload_bytes;
    return RF_OK;
}

/* Lay columns over the payload. Packed frames must be taken in order from the
 * start of a group. */
static int cut_payload(struct shard_frames *f, const struct shard_lead *lead,
                       struct shard_frame *to, struct errbuf *eb)
{
    const struct buf *payload = &to->payload;
    int rc = RF_OK;

    if (f->coder.info.coding == SHARD_PACKED) {
        rc = shard_coder_get(&f->coder, &to->plain, lead, f->part.frames,
                             (const uint8_t *)payload->data, payload->len);
        payload = &to->plain;
    }
    if (rc == RF_ENOMEM)
        return err_nomem(eb);
    if (rc == RF_ERANGE)
        return swell_error(f, eb);
    if (rc != RF_OK)
        return frame_error(f, RF_EFORMAT, "ids wrongly packed", eb);
    if (!shard_payload_cut(&to->records, &f->info, lead, payload->data, payload->len))
        return frame_error(f, RF_EFORMAT, "columns of wrong size", eb);
    return RF_OK;
}

static int take_frame(struct shard_frames *f, const uint8_t head[FRAME_HEAD_BYTES],
                      struct shard_frame *to, struct errbuf *eb)
{
    uint64_t offset = f->part.bytes - FRAME_HEAD_BYTES;
    uint8_t p[LEAD_BYTES], digest[DIGEST64_BYTES];
    struct shard_lead lead;
    int rc;

    memcpy(p, head, FRAME_HEAD_BYTES);
    if ((rc = take_bytes(f, p + FRAME_HEAD_BYTES, LEAD_BYTES - FRAME_HEAD_BYTES, eb)) != RF_OK)
        return rc;
    if (!shard_get_lead(&lead, p))
        return frame_error(f, RF_ECHECK, "checksum or size wrong", eb);
    if (lead.first_record != f->part.records)
        return frame_error(f, RF_EFORMAT, "frame lost, doubled or out of place", eb);
    if (f->part.frames == FRAMES_MAX)
        return frame_error(f, RF_ERANGE, "too many frames", eb);
    if (shard_swells(lead.payload_bytes, lead.data_bytes))
        return swell_error(f, eb);
    if ((rc = take_into(f, &f->data, lead.data_bytes, eb)) != RF_OK)
        return rc;
    shard_digest64(digest, f->data.data, f->data.len);
    if (memcmp(digest, lead.digest, sizeof digest) != 0)
        return frame_error(f, RF_ECHECK, "checksum wrong", eb);
    if ((rc = decompress(f, &lead, &to->payload, eb)) != RF_OK ||
        (rc = cut_payload(f, &lead, to, eb)) != RF_OK)
        return rc;
    if (shard_put_entry(&f->index, offset, lead.first_record) != RF_OK)
        return err_nomem(eb);
    f->part.frames++;
    f->part.records += lead.records;
    f->part.tokens += lead.tokens;
    f->part.labels += to->records.total_labels;
    f->frames++;
    f->file_frames++;
    return RF_OK;
}

/* Go on to the next frame with records: 1, 0 at the end. */
static int next_frame(struct shard_frames *f, struct shard_frame *to, struct errbuf *eb)
{
    uint8_t head[FRAME_HEAD_BYTES];
    int rc;

    for (;;) {
        if ((rc = take_bytes(f, head, sizeof head, eb)) != RF_OK)
            return rc;
        switch (get_le32(head)) {
        case FRAME_MAGIC_LEAD: return (rc = take_frame(f, head, to, eb)) == RF_OK ? 1 : rc;
        case FRAME_MAGIC_END:
            if ((rc = take_end(f, head, eb)) != RF_OK || (rc = next_part(f, eb)) != 1)
                return rc;
            break;
        default: return frame_error(f, RF_EFORMAT, "no frame of a shard", eb);
        }
    }
}

int shard_frames_next(struct shard_frames *f, struct shard_frame *to, struct errbuf *eb)
{
    int rc = next_frame(f, to, eb);

    /* The input may be closed when a message needs its name, so the name is taken
     * from the list. */
    if (f->own)
        to->name = strcmp(f->names[-1], "-") == 0 ? "standard input" : f->names[-1];
    else
        to->name = input_name(f->in);
    to->consumed = f->consumed + input_consumed(f->in);
    to->frames = f->frames;
    to->parts = f->parts;
    return rc;
}

int shard_frames_open(struct shard_frames **out, struct input *in, char *const *names, int n,
                      uint64_t *size, struct errbuf *eb)
{
    struct shard_frames *f = calloc(1, sizeof *f);
    int rc;

    if (!f)
        return err_nomem(eb);
    f->in = in;
    f->names = names;
    f->n_names = n;
    f->all = XXH3_createState();
    f->zstd = ZSTD_createDCtx();
    rc = f->all && f->zstd ? inputs_try(names, n, size, eb) : err_nomem(eb);
    if (rc == RF_OK)
        rc = next_part(f, eb);
    if (rc != 1) {
        shard_frames_close(f);
        return rc;
    }
    *out = f;
    return RF_OK;
}

const struct shard_info *shard_frames_info(const struct shard_frames *f)
{
    return &f->info;
}

const char *shard_frames_name(const struct shard_frames *f)
{
    return input_name(f->in);
}

int shard_frames_enter(struct shard_frames *f, uint64_t start, struct errbuf *eb)
{
    uint8_t head[HEADER_FIXED_BYTES] = {0};
    size_t got;
    int rc = input_seek(f->in, start, eb);

    if (rc == RF_OK)
        rc = take_part_head(f, head, &got, eb);
    return rc == RF_OK ? join_part(f, head, eb) : rc;
}

int shard_frames_coding(const struct shard_frames *f)
{
    return f->coder.info.coding;
}

int shard_frames_goto(struct shard_frames *f, const struct shard_place *at, struct errbuf *eb)
{
    f->part = (struct shard_sums){
        .bytes = at->offset, .records = at->record, .frames = (uint32_t)at->frame};
    f->file_frames = at->file_frame;
    buf_clear(&f->index);
    return input_seek(f->in, at->start + at->offset, eb);
}

/* Enter a part of this file at one of its records. */
static int enter_part(struct shard_frames *f, const struct shard_part *part, uint64_t *record,
                      uint64_t *passed, struct errbuf *eb)
{
    uint64_t offset, first;
    int rc = RF_OK;

    if (part->start > 0 && (rc = shard_frames_enter(f, part->start, eb)) != RF_OK)
        return rc;
    if ((rc = shard_index_end(&f->sought, f->in, part, eb)) != RF_OK)
        return rc;
    f->part.frames = shard_index_find(
        &f->sought, part->sums.frames, *record,
        f->coder.info.coding == SHARD_PACKED ? PACK_GROUP_FRAMES : 1, &offset, &first);
    f->part.bytes = offset;
    f->part.records = first;
    f->file_frames += f->part.frames;
    if (offset >= part->sums.bytes || first > *record)
        return err_set(eb, RF_EFORMAT, "index or totals wrong in '%s', end frame",
                       input_name(f->in));
    *record -= first;
    *passed += first;
    return input_seek(f->in, part->start + offset, eb);
}

/* Look for the record in this file. 1: it was entered. 0: the record lies behind the file; then
 * *record is reduced and *passed increased by the number of records in the file. */
static int seek_file(struct shard_frames *f, uint64_t *record, uint64_t *passed,
                     struct errbuf *eb)
{
    struct buf parts = {0};
    int rc = shard_index_parts(&parts, f->in, eb), found = 0;

    for (size_t i = parts.len / sizeof(struct shard_part); rc == RF_OK && i-- > 0 && !found;) {
        struct shard_part part;

        memcpy(&part, parts.data + i * sizeof part, sizeof part);
        if ((found = *record < part.sums.records)) {
            rc = enter_part(f, &part, record, passed, eb);
        } else {
            *record -= part.sums.records;
            *passed += part.sums.records;
            f->file_frames += part.sums.frames;
        }
    }
    buf_free(&parts);
    if (rc == RF_OK && !found)
        rc = input_seek(f->in, input_size(f->in), eb);
    return rc == RF_OK ? found : rc;
}

/* True for a file with a name, false for a pipe or standard input. */
static bool can_seek(const struct shard_frames *f)
{
    return f->own && strcmp(f->names[-1], "-") != 0 && input_size(f->in) > 0;
}

int shard_frames_seek(struct shard_frames *f, uint64_t *record, uint64_t *passed,
                      struct errbuf *eb)
{
    int rc = 1;

    while (rc == 1 && *record > 0 && can_seek(f)) {
        if ((rc = seek_file(f, record, passed, eb)) != 0)
            return rc;
        rc = next_part(f, eb);
    }
    return rc;
}

void shard_frames_close(struct shard_frames *f)
{
    if (!f)
        return;
    input_close(f->own);
    buf_free(&f->data);
    buf_free(&f->index);
    buf_free(&f->end);
    buf_free(&f->sought);
    XXH3_freeState(f->all);
    ZSTD_freeDCtx(f->zstd);
    free(f->texts);
    shard_coder_free(&f->coder);
    free(f);
}

void shard_frame_free(struct shard_frame *f)
{
    buf_free(&f->payload);
    buf_free(&f->plain);
    shard_payload_free(&f->records);
}
