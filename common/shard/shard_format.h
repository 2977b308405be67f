/* shard_format.h: the bytes of rf-shard(5). Only its writer, its reader and its
 * fuzzer may use it. */
#ifndef SHARD_SHARD_FORMAT_H
#define SHARD_SHARD_FORMAT_H

#include <stdbool.h>

#include "base/buf.h"
#include "shard/shard.h"

enum {
    FRAME_HEAD_BYTES = 8, /* magic number and size of a skippable frame */
    FRAME_MAGIC_HEADER = 0x184D2A52,
    FRAME_MAGIC_LEAD = 0x184D2A54,
    FRAME_MAGIC_END = 0x184D2A57,
    SHARD_VERSION = 1,
    DIGEST64_BYTES = 8,
    DIGEST128_BYTES = 16,
    HEADER_FIXED_BYTES = 72, /* before the provenance chain and the names of classes */
    LEAD_BYTES = 48,
    INDEX_ENTRY_BYTES = 16,
    END_TAIL_BYTES = 64,           /* the last bytes of the end frame, behind the index */
    TOKENS_TARGET_BYTES = 1 << 20, /* of a plain payload of kind tokens, mostly in pipes */
    OTHERS_TARGET_BYTES = 8 << 20,
    PACKED_TARGET_BYTES = 2 << 20, /* for a payload that will be packed */
    FRAMES_MAX = 1 << 24,
    /* Zstandard may make an incompressible payload this long. */
    DATA_FRAME_MAX_BYTES = SHARD_FRAME_MAX_BYTES + (2 << 20),
};

/** The number of bytes of an id; below that of a gap between positions. */
static inline size_t shard_id_bytes(const struct shard_info *info)
{
    return info->vocab_size <= 65536 ? 2 : 4;
}

static inline size_t shard_gap_bytes(const struct shard_info *info)
{
    return info->max_len <= 65536 ? 2 : 4;
}

/** Whether records have positions and labels. */
static inline bool shard_has_labels(const struct shard_info *info)
{
    return info->kind >= SHARD_MASKED;
}

/** The number of bytes of a label, which is an id, a position or a class. */
static inline size_t shard_label_bytes(const struct shard_info *info)
{
    if (info->kind == SHARD_CLASSES)
        return 2;
    return info->kind == SHARD_QA ? shard_gap_bytes(info) : shard_id_bytes(info);
}

/** Labels are below this. */
uint32_t shard_label_limit(const struct shard_info *info);

/** Returns what is wrong with the positions and labels of a record of a kind that has them, as
 * words that follow "has"; NULL: nothing. `limit` is shard_label_limit(). */
const char *shard_labels_fault(enum shard_kind kind, uint32_t limit,
                               const struct shard_record *r);

/** Append n numbers of `width` bytes, 2 or 4. The caller has made room in the buffer. */
void shard_put_numbers(struct buf *to, const uint32_t *numbers, size_t n, size_t width);

/** Read n numbers of `width` bytes. Returns the largest, 0 if n is 0. */
uint32_t shard_get_numbers(uint32_t *to, const uint8_t *p, size_t n, size_t width);

/** Whether a plain payload is larger than a data frame of so many bytes may stand for. Text
 * does not compress so far: this is a small file that is to fill the memory. */
static inline bool shard_swells(uint64_t plain_bytes, uint64_t data_bytes)
{
    return plain_bytes > SHARD_SWELL_FREE_BYTES && plain_bytes / SHARD_SWELL_MAX > data_bytes;
}

/** What a lead frame says about the data frame behind it. */
struct shard_lead {
    uint32_t data_bytes, payload_bytes, records, tokens;
    uint64_t first_record;
    uint8_t digest[DIGEST64_BYTES]; /* the digest of the data frame */
};

/** Sums over the frames of a part. `bytes` are those before the end frame. */
struct shard_sums {
    uint64_t bytes, records, tokens, labels;
    uint32_t frames;
};

/** These write digests in canonical form. */
void shard_digest64(uint8_t out[DIGEST64_BYTES], const void *p, size_t n);
void shard_digest128(uint8_t out[DIGEST128_BYTES], const void *p, size_t n);

/** Returns what is wrong with an info, as words that follow "has"; NULL: nothing. */
const char *shard_info_fault(const struct shard_info *info);

/** Append the header frame of an info that has no fault. RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_put_header(struct buf *to, const struct shard_info *info);

/**
 * Read the fixed part of a header frame into *info, without the texts. *chain_bytes of chain
 * follow it, *classes_bytes of names, and then a digest. Returns NULL, or what is wrong, as
 * words that follow the file's name.
 */
const char *shard_get_header(struct shard_info *info, uint32_t *chain_bytes,
                             uint32_t *classes_bytes, const uint8_t p[HEADER_FIXED_BYTES]);

void shard_put_lead(uint8_t p[LEAD_BYTES], const struct shard_lead *lead);

/** False if the digest is wrong or a limit is exceeded. */
MUST_CHECK int shard_get_lead(struct shard_lead *lead, const uint8_t p[LEAD_BYTES]);

/** Append the index entry of a data frame. RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_put_entry(struct buf *index, uint64_t offset, uint64_t first_record);

/** Append the end frame without its last digest, which only the caller can compute. RF_OK
 * or RF_ENOMEM. */
MUST_CHECK int shard_put_end(struct buf *to, const struct buf *index,
                             const struct shard_sums *sums);

#endif
