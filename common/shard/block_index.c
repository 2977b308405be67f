#include "shard/block_index.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/bytes.h"
#include "shard/shard_index.h"
#include "shard/shard_pack.h"
#include "shard/shard_set.h"

enum { INDEX_FREE_BYTES = 64 << 20, NUMBER_BITS = 44 };

static int index_error(const struct input *in, struct errbuf *eb)
{
    return err_set(eb, RF_EFORMAT, "index or totals wrong in '%s', end frame", input_name(in));
}

static uint64_t entry(const struct buf *end, size_t frame, size_t field)
{
    return get_le64((const uint8_t *)end->data + FRAME_HEAD_BYTES + INDEX_ENTRY_BYTES * frame +
                    8 * field);
}

/* Each frame lies behind the one before it, and each has records. */
static bool entries_ascend(const struct buf *end, const struct shard_sums *sums)
{
    uint64_t offset = 0, record = 0;

    for (size_t i = 0; i < sums->frames; i++) {
        if (entry(end, i, 0) <= offset || entry(end, i, 0) >= sums->bytes ||
            (i ? entry(end, i, 1) <= record : entry(end, i, 1) != 0))
            return false;
        offset = entry(end, i, 0);
        record = entry(end, i, 1);
    }
    return sums->frames ? record < sums->records : sums->records == 0;
}

/* A frame ends when its bytes reach a size, so that all of a part have as many bytes, only the
 * last has fewer. */
static uint64_t block_bytes(uint64_t part_bytes, uint64_t part_frames, uint32_t frames)
{
    uint64_t most = part_frames > 1 ? part_bytes / (part_frames - 1) * frames : part_bytes;

    return most < part_bytes ? most : part_bytes;
}

/* Add the blocks of a part whose end frame is `end`. */
static int add_blocks(struct block_index *x, const struct shard_part *part,
                      const struct buf *end, uint32_t group, struct errbuf *eb)
{
    const struct shard_sums *sums = &part->sums;
    const struct shard_totals own = {
        .records = sums->records, .tokens = sums->tokens, .labels = sums->labels};
    uint64_t bytes = shard_set_bytes_of(&x->info, &own);

    for (uint32_t i = 0; i < sums->frames; i += group) {
        uint32_t frames = sums->frames - i < group ? sums->frames - i : group;
        uint64_t record = entry(end, i, 1);
        uint64_t stop = i + frames < sums->frames ? entry(end, i + frames, 1) : sums->records;
        struct shard_block b = {.at = {.start = part->start,
                                       .offset = entry(end, i, 0),
                                       .frame = i,
                                       .record = record,
                                       .file_frame = x->totals.frames + i},
                                .first = x->totals.records + record,
                                .records = stop - record,
                                .frames = frames,
                                .bytes = block_bytes(bytes, sums->frames, frames)};

        if (buf_put(&x->blocks, &b, sizeof b) != RF_OK)
            return err_nomem(eb);
    }
    x->totals.records += sums->records;
    x->totals.tokens += sums->tokens;
    x->totals.labels += sums->labels;
    x->totals.frames += sums->frames;
    x->totals.parts++;
    x->bytes += bytes;
    return RF_OK;
}

/* The digest of a part is the last field of its end frame, behind what shard_index_end() gives;
 * it covers all bytes of the part. */
static int read_digest(uint8_t digest[DIGEST128_BYTES], struct input *in,
                       const struct shard_part *part, const struct buf *end, struct errbuf *eb)
{
    size_t got;
    int rc = input_seek(in, part->start + part->sums.bytes + end->len, eb);

    if (rc == RF_OK)
        rc = input_read_full(in, digest, DIGEST128_BYTES, &got, eb);
    if (rc == RF_OK && got < DIGEST128_BYTES)
        rc = err_set(eb, RF_ETRUNC, "'%s' got shorter while it was read", input_name(in));
    return rc;
}

static int add_part(struct block_index *x, const struct shard_part *part,
                    struct shard_frames *f, struct input *in, XXH3_state_t *hash,
                    struct errbuf *eb)
{
    const uint64_t limit = (uint64_t)1 << NUMBER_BITS;
    uint8_t digest[DIGEST128_BYTES];
    struct buf end = {0};
    int rc = part->start ? shard_frames_enter(f, part->start, eb) : RF_OK;

    if (rc == RF_OK)
        rc = shard_index_end(&end, in, part, eb);
    if (rc == RF_OK && !entries_ascend(&end, &part->sums))
        rc = index_error(in, eb);
    if (rc == RF_OK &&
        (part->sums.records > limit || part->sums.tokens > limit || part->sums.labels > limit))
        rc = index_error(in, eb);
    if (rc == RF_OK && (rc = read_digest(digest, in, part, &end, eb)) == RF_OK)
        XXH3_128bits_update(hash, digest, sizeof digest);
    if (rc == RF_OK)
        rc = add_blocks(x, part, &end,
                        shard_frames_coding(f) == SHARD_PACKED ? PACK_GROUP_FRAMES : 1, eb);
    buf_free(&end);
    return rc;
}

static int add_parts(struct block_index *x, struct shard_frames *f, struct input *in,
                     XXH3_state_t *hash, struct errbuf *eb)
{
    XXH128_canonical_t digest;
    struct buf parts = {0};
    int rc = shard_index_parts(&parts, in, eb);

    for (size_t i = parts.len / sizeof(struct shard_part); i-- > 0 && rc == RF_OK;) {
        struct shard_part part;

        memcpy(&part, parts.data + i * sizeof part, sizeof part);
        rc = add_part(x, &part, f, in, hash, eb);
    }
    buf_free(&parts);
    if (rc != RF_OK)
        return rc;
    XXH128_canonicalFromHash(&digest, XXH3_128bits_digest(hash));
    memcpy(x->digest, digest.digest, sizeof x->digest);
    x->block = (struct shard_block *)(void *)x->blocks.data;
    x->n = x->blocks.len / sizeof *x->block;
    if (x->bytes > INDEX_FREE_BYTES && x->bytes / SHARD_SWELL_MAX > input_size(in))
        return err_set(eb, RF_ERANGE, "data expand over %d times in '%s'", SHARD_SWELL_MAX,
                       input_name(in));
    return RF_OK;
}

/* Copy what the header says; the frames that hold its texts are closed soon. */
static int keep_info(struct block_index *x, const struct shard_info *info, struct errbuf *eb)
{
    size_t chain = strlen(info->chain) + 1;

    x->info = *info;
    if (buf_put(&x->texts, info->chain, chain) != RF_OK ||
        buf_put(&x->texts, info->classes, strlen(info->classes) + 1) != RF_OK)
        return err_nomem(eb);
    x->info.chain = x->texts.data;
    x->info.classes = x->texts.data + chain;
    return RF_OK;
}

int block_index_read(struct block_index *x, struct input *in, struct errbuf *eb)
{
    XXH3_state_t *hash = XXH3_createState();
    struct shard_frames *f = NULL;
    uint64_t size;
    int rc = hash ? input_seek(in, 0, eb) : err_nomem(eb);

    *x = (struct block_index){.n = 0};
    if (rc == RF_OK)
        rc = shard_frames_open(&f, in, NULL, 0, &size, eb);
    if (rc == RF_OK && shard_frames_info(f)->kind == SHARD_TOKENS)
        rc = err_set(eb, RF_EFORMAT, "'%s' holds records of kind %s, not %s", input_name(in),
                     shard_kind_names[SHARD_TOKENS - 1], shard_kind_names[SHARD_SEQUENCES - 1]);
    if (rc == RF_OK)
        rc = keep_info(x, shard_frames_info(f), eb);
    if (rc == RF_OK) {
        XXH3_128bits_reset(hash);
        rc = add_parts(x, f, in, hash, eb);
    }
    shard_frames_close(f);
    XXH3_freeState(hash);
    return rc;
}

void block_index_free(struct block_index *x)
{
    buf_free(&x->texts);
    buf_free(&x->blocks);
    *x = (struct block_index){.n = 0};
}
