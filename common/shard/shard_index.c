#include "shard/shard_index.h"

#include <string.h>

#include "base/bytes.h"

static int read_at(void *p, size_t n, struct input *in, uint64_t at, struct errbuf *eb)
{
    size_t got;
    int rc = input_seek(in, at, eb);

    if (rc == RF_OK)
        rc = input_read_full(in, p, n, &got, eb);
    if (rc == RF_OK && got < n)
        return err_set(eb, RF_ETRUNC, "'%s' got shorter while it was read", input_name(in));
    return rc;
}

static int no_end(const struct input *in, uint64_t at, struct errbuf *eb)
{
    return err_set(eb, RF_ETRUNC, "'%s' is cut off at byte %llu: its end frame is missing",
                   input_name(in), (unsigned long long)at);
}

int shard_index_end(struct buf *end, struct input *in, const struct shard_part *part,
                    struct errbuf *eb)
{
    size_t n = FRAME_HEAD_BYTES + (size_t)INDEX_ENTRY_BYTES * part->sums.frames +
               END_TAIL_BYTES - DIGEST128_BYTES;
    uint64_t at = part->start + part->sums.bytes;
    uint8_t digest[DIGEST64_BYTES], *p;
    int rc;

    buf_clear(end);
    if (buf_reserve(end, n) != RF_OK)
        return err_nomem(eb);
    if ((rc = read_at(end->data, n, in, at, eb)) != RF_OK)
        return rc;
    end->len = n;
    p = (uint8_t *)end->data;
    if (get_le32(p) != FRAME_MAGIC_END)
        return no_end(in, input_size(in), eb);
    shard_digest64(digest, p, n - sizeof digest);
    if (memcmp(digest, p + n - sizeof digest, sizeof digest) != 0)
        return err_set(eb, RF_ECHECK, "index or totals wrong in '%s', end frame",
                       input_name(in));
    return RF_OK;
}

/* Find the part that ends at byte `stop`. */
static int read_part(struct shard_part *part, struct buf *end, struct input *in, uint64_t stop,
                     struct errbuf *eb)
{
    uint8_t tail[END_TAIL_BYTES];
    uint64_t bytes, frames, end_bytes;
    int rc;

    if (stop < sizeof tail)
        return no_end(in, stop, eb);
    if ((rc = read_at(tail, sizeof tail, in, stop - sizeof tail, eb)) != RF_OK)
        return rc;
    bytes = get_le64(tail);
    frames = get_le32(tail + 32);
    end_bytes = FRAME_HEAD_BYTES + INDEX_ENTRY_BYTES * frames + END_TAIL_BYTES;
    if (frames > FRAMES_MAX || end_bytes > stop || bytes > stop - end_bytes)
        return no_end(in, stop, eb);
    *part = (struct shard_part){.start = stop - end_bytes - bytes,
                                .sums = {.bytes = bytes,
                                         .records = get_le64(tail + 8),
                                         .tokens = get_le64(tail + 16),
                                         .labels = get_le64(tail + 24),
                                         .frames = (uint32_t)frames}};
    return shard_index_end(end, in, part, eb);
}

int shard_index_parts(struct buf *parts, struct input *in, struct errbuf *eb)
{
    struct buf end = {0};
    struct shard_part part = {.start = input_size(in)};
    int rc = RF_OK;

    do {
        rc = read_part(&part, &end, in, part.start, eb);
        if (rc == RF_OK && buf_put(parts, &part, sizeof part) != RF_OK)
            rc = err_nomem(eb);
    } while (rc == RF_OK && part.start > 0);
    buf_free(&end);
    return rc;
}

uint32_t shard_index_find(const struct buf *end, uint32_t frames, uint64_t record,
                          uint32_t group, uint64_t *offset, uint64_t *first)
{
    const uint8_t *index = (const uint8_t *)end->data + FRAME_HEAD_BYTES;
    uint32_t low = 0, high = frames; /* the frame is in [low, high) */

    while (high - low > 1) {
        uint32_t mid = low + (high - low) / 2;

        if (get_le64(index + (size_t)INDEX_ENTRY_BYTES * mid + 8) <= record)
            low = mid;
        else
            high = mid;
    }
    low -= low % group;
    *offset = get_le64(index + (size_t)INDEX_ENTRY_BYTES * low);
    *first = get_le64(index + (size_t)INDEX_ENTRY_BYTES * low + 8);
    return low;
}
