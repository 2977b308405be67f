#include "shard/shard_payload.h"

#include "base/bytes.h"

/* The bytes that are not yet handed out. */
struct rest {
    const uint8_t *p;
    uint64_t n;
};

/* Cut a column of n numbers of `width` bytes off the rest. NULL if the rest is too short. */
static const uint8_t *cut_column(struct rest *rest, uint64_t n, size_t width)
{
    const uint8_t *column = rest->p;

    if (n > rest->n / width)
        return NULL;
    rest->p += n * width;
    rest->n -= n * width;
    return column;
}

static uint64_t sum_column(const uint8_t *p, uint64_t n)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < n; i++)
        sum += get_le32(p + 4 * i);
    return sum;
}

int shard_payload_cut(struct shard_payload *p, const struct shard_info *info,
                      const struct shard_lead *lead, const void *bytes, size_t n_bytes)
{
    struct rest rest = {bytes, n_bytes};
    uint64_t n = lead->records, labels = 0, lens = n;
    size_t id = shard_id_bytes(info);

    p->info = info;
    p->records = 0;
    p->doc = 0;
    if (!(p->docs = cut_column(&rest, n, 8)))
        return 0;
    if (info->kind == SHARD_TOKENS) {
        if (!(p->n_lens = cut_column(&rest, n, 4)))
            return 0;
        lens = sum_column(p->n_lens, n);
    }
    if (!(p->lens = cut_column(&rest, lens, 4)) || sum_column(p->lens, lens) != lead->tokens)
        return 0;
    if (shard_has_labels(info)) {
        if (!(p->n_labels = cut_column(&rest, n, 4)))
            return 0;
        labels = sum_column(p->n_labels, n);
        if (!(p->gaps = cut_column(&rest, labels, shard_gap_bytes(info))) ||
            !(p->labels = cut_column(&rest, labels, shard_label_bytes(info))))
            return 0;
    }
    if (!(p->ids = cut_column(&rest, lead->tokens, id)) || rest.n != 0)
        return 0;
    p->records = lead->records;
    p->total_labels = labels;
    p->label_limit = shard_label_limit(info);
    return 1;
}

/* Returns room for n numbers of four bytes; NULL: no memory. */
static void *room(struct buf *b, size_t n)
{
    return buf_reserve(b, 4 * n) == RF_OK ? b->data : NULL;
}

/* Read ids from their column. False if one is not in the vocabulary. */
static int get_ids(int32_t *to, const uint8_t *from, size_t n, const struct shard_info *info)
{
    return shard_get_numbers((uint32_t *)to, from, n, shard_id_bytes(info)) < info->vocab_size;
}

static int get_labels(struct shard_payload *p, struct shard_record *r)
{
    size_t width = shard_gap_bytes(p->info), n = get_le32(p->n_labels);
    size_t label = shard_label_bytes(p->info);
    uint32_t *positions;
    int32_t *labels;
    uint64_t at = 0;

    if (!(positions = room(&p->record_positions, n)) || !(labels = room(&p->record_labels, n)))
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++, p->gaps += width) {
        uint32_t gap = width == 2 ? get_le16(p->gaps) : get_le32(p->gaps);

        at += gap;
        if (at >= r->n_ids) /* also in qa and classes, and it fits 32 bits */
            return RF_EFORMAT;
        positions[i] = (uint32_t)at;
    }
    shard_get_numbers((uint32_t *)labels, p->labels, n, label);
    p->n_labels += 4;
    p->labels += n * label;
    r->positions = positions;
    r->labels = labels;
    r->n_labels = n;
    return shard_labels_fault(p->info->kind, p->label_limit, r) ? RF_EFORMAT : RF_OK;
}

static int get_lens(struct shard_payload *p, struct shard_record *r)
{
    size_t n = get_le32(p->n_lens);
    uint32_t *lens = room(&p->record_lens, n);

    if (!lens)
        return RF_ENOMEM;
    for (size_t i = 0; i < n; i++, p->lens += 4) {
        lens[i] = get_le32(p->lens);
        r->n_ids += lens[i];
    }
    p->n_lens += 4;
    r->n_lens = n;
    r->lens = lens;
    return r->n_ids <= SHARD_RECORD_MAX_TOKENS ? RF_OK : RF_EFORMAT;
}

int shard_payload_next(struct shard_payload *p, struct shard_record *r)
{
    int32_t *ids;
    int rc = RF_OK;

    p->doc += get_le64(p->docs);
    p->docs += 8;
    *r = (struct shard_record){.doc = p->doc};
    if (p->info->kind == SHARD_TOKENS) {
        rc = get_lens(p, r);
    } else {
        r->n_ids = get_le32(p->lens);
        p->lens += 4;
        if (r->n_ids == 0 || r->n_ids > p->info->max_len)
            return RF_EFORMAT;
        if (shard_has_labels(p->info))
            rc = get_labels(p, r);
    }
    if (rc != RF_OK)
        return rc;
    if (!(ids = room(&p->record_ids, r->n_ids)))
        return RF_ENOMEM;
    if (!get_ids(ids, p->ids, r->n_ids, p->info))
        return RF_EFORMAT;
    p->ids += r->n_ids * shard_id_bytes(p->info);
    p->records--;
    r->ids = ids;
    return RF_OK;
}

void shard_payload_free(struct shard_payload *p)
{
    buf_free(&p->record_ids);
    buf_free(&p->record_labels);
    buf_free(&p->record_lens);
    buf_free(&p->record_positions);
    *p = (struct shard_payload){0};
}
