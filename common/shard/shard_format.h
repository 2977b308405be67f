/* shard_format.h: the bytes of rf-shard(5), for its writer, its reader and its fuzzer alone. */
#ifndef SHARD_SHARD_FORMAT_H
#define SHARD_SHARD_FORMAT_H

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
    HEADER_FIXED_BYTES = 72, /* before the provenance chain */
    LEAD_BYTES = 48,
    INDEX_ENTRY_BYTES = 16,
    END_TAIL_BYTES = 64,           /* the end frame's last bytes, behind the index */
    TOKENS_TARGET_BYTES = 1 << 20, /* of a plain payload: kind tokens, mostly in pipes */
    OTHERS_TARGET_BYTES = 8 << 20,
    PACKED_TARGET_BYTES = 2 << 20, /* of what will be packed */
    FRAMES_MAX = 1 << 24,
    /* what Zstandard may make of an incompressible payload */
    DATA_FRAME_MAX_BYTES = SHARD_FRAME_MAX_BYTES + (2 << 20),
};

/** Bytes of an id and of a gap between positions. */
static inline size_t shard_id_bytes(const struct shard_info *info)
{
    return info->vocab_size <= 65536 ? 2 : 4;
}

static inline size_t shard_gap_bytes(const struct shard_info *info)
{
    return info->max_len <= 65536 ? 2 : 4;
}

/** Append n numbers in `width` bytes each, 2 or 4, to a buffer that has the room. */
void shard_put_numbers(struct buf *to, const uint32_t *numbers, size_t n, size_t width);

/** Read n numbers of `width` bytes; returns the largest, 0 if there is none. */
uint32_t shard_get_numbers(uint32_t *to, const uint8_t *p, size_t n, size_t width);

/** What a lead frame says of the data frame behind it. */
struct shard_lead {
    uint32_t data_bytes, payload_bytes, records, tokens;
    uint64_t first_record;
    uint8_t digest[DIGEST64_BYTES]; /* of the data frame */
};

/** Sums over the frames of a part; bytes are those before the end frame. */
struct shard_sums {
    uint64_t bytes, records, tokens, labels;
    uint32_t frames;
};

/** Digests in canonical form. */
void shard_digest64(uint8_t out[DIGEST64_BYTES], const void *p, size_t n);
void shard_digest128(uint8_t out[DIGEST128_BYTES], const void *p, size_t n);

/** What is wrong with an info, as words behind "has"; NULL if nothing. */
const char *shard_info_fault(const struct shard_info *info);

/** Append the header frame of a faultless info. RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_put_header(struct buf *to, const struct shard_info *info);

/**
 * Read the fixed part of a header frame: *info without its chain, *chain_bytes of which follow
 * and then a digest. Returns NULL, or what is wrong, as words behind the file's name.
 */
const char *shard_get_header(struct shard_info *info, uint32_t *chain_bytes,
                             const uint8_t p[HEADER_FIXED_BYTES]);

void shard_put_lead(uint8_t p[LEAD_BYTES], const struct shard_lead *lead);

/** False if its digest is wrong or a limit is passed. */
MUST_CHECK int shard_get_lead(struct shard_lead *lead, const uint8_t p[LEAD_BYTES]);

/** Append a data frame's entry to the index. RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_put_entry(struct buf *index, uint64_t offset, uint64_t first_record);

/** Append the end frame up to its last digest, which the caller has. RF_OK or RF_ENOMEM. */
MUST_CHECK int shard_put_end(struct buf *to, const struct buf *index,
                             const struct shard_sums *sums);

#endif
