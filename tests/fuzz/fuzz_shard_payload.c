/* fuzz_shard_payload: any bytes as a payload, behind zstd and digests. fuzz: -max_len=1024 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "shard/shard_payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    HEAD = 8
}; /* kind, widths, records, two unused; ids (two bytes), of what the lead says */

/* Touch every element and check what a record promises. */
static void check(const struct shard_record *r, const struct shard_info *info)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < r->n_ids; i++)
        if (r->ids[i] < 0 || r->ids[i] >= (int64_t)info->vocab_size)
            abort();
    for (size_t i = 0; i < r->n_lens; i++)
        sum += r->lens[i];
    if (info->kind == SHARD_TOKENS ? sum != r->n_ids
                                   : r->n_ids == 0 || r->n_ids > info->max_len)
        abort();
    if (shard_has_labels(info) &&
        shard_labels_fault(info->kind, shard_label_limit(info), r) != NULL)
        abort();
    for (size_t i = 0; i < r->n_labels && info->kind == SHARD_MASKED; i++)
        if (r->positions[i] >= r->n_ids || (i && r->positions[i] <= r->positions[i - 1]) ||
            r->labels[i] < 0 || r->labels[i] >= (int64_t)info->vocab_size)
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct shard_payload p = {0};
    struct shard_info info = {0};
    struct shard_lead lead = {0};
    struct shard_record r;
    uint8_t *payload;

    if (size < HEAD || !(payload = malloc(size - HEAD + 1)))
        return 0;
    info.kind =
        (enum shard_kind)(data[0] < 128 ? SHARD_TOKENS + data[0] % 3 : SHARD_QA + data[0] % 2);
    info.classes = info.kind == SHARD_CLASSES ? "a\nb\n" : NULL;
    info.vocab_size = data[1] & 1 ? 70000 : 300;
    info.max_len = info.kind == SHARD_TOKENS ? 0 : data[1] & 2 ? 70000 : 16;
    lead.records = 1u + data[2];
    lead.tokens = get_le16(data + 6);
    memcpy(payload, data + HEAD,
           size - HEAD); /* its own piece, so that reading past it is seen */
    if (shard_payload_cut(&p, &info, &lead, payload, size - HEAD))
        while (p.records && shard_payload_next(&p, &r) == RF_OK)
            check(&r, &info);
    shard_payload_free(&p);
    free(payload);
    return 0;
}
