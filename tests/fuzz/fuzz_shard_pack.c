/* fuzz_shard_pack: any bytes as a packed payload, behind zstd and digests. fuzz: -max_len=2048
 *
 * They lead nowhere bad, and ids that come of them are in their range; what a packer makes of
 * any symbols must come back.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "shard/shard_coding.h"
#include "shard/shard_payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 8 }; /* kind, width of gaps, records, two unused; ids (two bytes), of the lead */

/* Pack any symbols: what comes back must be the same. */
static void there_and_back(const uint8_t *data, size_t size)
{
    struct shard_packer *p = NULL, *q = NULL;
    struct buf packed = {0};
    size_t n = size / 2, end[PACK_PIECES];
    uint16_t *s = calloc(n + 1, sizeof *s), *back = calloc(n + 1, sizeof *back);

    for (size_t i = 0; i < n; i++)
        s[i] = (uint16_t)(get_le16(data + 2 * i) % (i % 2 ? 7 : 300));
    if (!s || !back || shard_packer_new(&p, 300) != RF_OK || shard_packer_new(&q, 300) != RF_OK)
        abort();
    for (size_t half = 0; half < 2;
         half++) { /* the second one with what the first one taught */
        buf_clear(&packed);
        if (shard_pack(p, s, n, &packed, end) != RF_OK || end[PACK_PIECES - 1] != packed.len ||
            shard_unpack(q, back, n, (const uint8_t *)packed.data, packed.len) != RF_OK ||
            memcmp(s, back, n * sizeof *s) != 0)
            abort();
    }
    shard_packer_free(p);
    shard_packer_free(q);
    buf_free(&packed);
    free(s);
    free(back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shard_coder c = {0};
    struct shard_payload p = {0};
    struct shard_lead lead = {0};
    struct shard_record r;
    struct buf plain = {0};
    uint8_t *payload;

    if (size < HEAD || !(payload = malloc(size - HEAD + 1)))
        return 0;
    c.info.kind = (enum shard_kind)(SHARD_TOKENS + data[0] % 3);
    c.info.coding = SHARD_PACKED;
    c.info.vocab_size = 300;
    c.info.max_len = c.info.kind == SHARD_TOKENS ? 0 : data[1] & 2 ? 70000 : 16;
    lead.records = 1u + data[2];
    lead.tokens = get_le16(data + 6);
    memcpy(payload, data + HEAD, size - HEAD);
    for (uint64_t frame = 0; frame < 2; frame++)
        if (shard_coder_get(&c, &plain, &lead, frame, payload, size - HEAD) == RF_OK &&
            shard_payload_cut(&p, &c.info, &lead, plain.data, plain.len))
            while (p.records && shard_payload_next(&p, &r) == RF_OK)
                for (size_t i = 0; i < r.n_ids; i++)
                    if (r.ids[i] < 0 || r.ids[i] >= (int32_t)c.info.vocab_size)
                        abort();
    there_and_back(data, size);
    shard_payload_free(&p);
    shard_coder_free(&c);
    buf_free(&plain);
    free(payload);
    return 0;
}
