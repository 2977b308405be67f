#include "shard/shard_coding.h"

#include <stdbool.h>
#include <string.h>

#include "base/bytes.h"

/* The number of different symbols. In kind tokens one more symbol stands behind each sentence,
 * in place of the sentence's length. */
static uint32_t symbol_count(const struct shard_info *info)
{
    return info->vocab_size + (info->kind == SHARD_TOKENS);
}

static int begin_frame(struct shard_coder *c, uint64_t frame)
{
    if (!c->packer)
        return shard_packer_new(&c->packer, symbol_count(&c->info));
    if (frame % PACK_GROUP_FRAMES == 0)
        shard_packer_reset(c->packer);
    return RF_OK;
}

static uint16_t *reserve_symbols(struct shard_coder *c, uint64_t n)
{
    buf_clear(&c->symbols);
    return buf_reserve(&c->symbols, 2 * n) == RF_OK ? (uint16_t *)(void *)c->symbols.data
                                                    : NULL;
}

static void swap_ids(uint8_t *a, uint8_t *b)
{
    uint16_t was = get_le16(a);

    put_le16(a, get_le16(b));
    put_le16(b, was);
}

/* The columns of a masked frame as bytes. */
struct masked {
    const uint8_t *lens, *n_labels, *gaps;
    uint8_t *labels, *ids;
    uint64_t records, tokens, n_gaps;
};

/* Exchange the labels and the ids at their positions. A text with its labels in place can be
 * predicted, while the ids that hide them are mostly [MASK]. False if a position is not in
 * its sequence. */
static bool swap_labels(const struct masked *m, size_t gap_bytes)
{
    uint64_t start = 0, k = 0;

    for (uint64_t r = 0; r < m->records; r++) {
        uint64_t n = get_le32(m->n_labels + 4 * r), len = get_le32(m->lens + 4 * r), at = 0;

        if (n > m->n_gaps - k || len > m->tokens - start)
            return false;
        for (uint64_t end = k + n; k < end; k++) {
            const uint8_t *gap = m->gaps + gap_bytes * k;

            at += gap_bytes == 2 ? get_le16(gap) : get_le32(gap);
            if (at >= len)
                return false;
            swap_ids(m->ids + 2 * (start + at), m->labels + 2 * k);
        }
        start += len;
    }
    return true;
}

static void swap_columns(const struct shard_info *info, struct buf column[COLUMNS])
{
    const struct masked m = {.lens = (const uint8_t *)column[LENS].data,
                             .n_labels = (const uint8_t *)column[N_LABELS].data,
                             .gaps = (const uint8_t *)column[GAPS].data,
                             .labels = (uint8_t *)column[LABELS].data,
                             .ids = (uint8_t *)column[IDS].data,
                             .records = column[LENS].len / 4,
                             .tokens = column[IDS].len / 2,
                             .n_gaps = column[LABELS].len / 2};

    (void)swap_labels(&m, shard_gap_bytes(info)); /* the writer has checked each position */
}

static void put_symbols(const struct shard_coder *c, uint16_t *to, const struct buf *column,
                        uint64_t tokens)
{
    const uint8_t *lens = (const uint8_t *)column[LENS].data,
                  *ids = (const uint8_t *)column[IDS].data;
    bool marks = c->info.kind == SHARD_TOKENS;

    for (size_t i = 0; marks && i < column[LENS].len; i += 4) {
        for (uint32_t n = get_le32(lens + i); n > 0; n--, ids += 2)
            *to++ = get_le16(ids);
        *to++ = (uint16_t)c->info.vocab_size;
    }
    for (uint64_t i = 0; !marks && i < tokens; i++)
        to[i] = get_le16(ids + 2 * i);
}

static int put_column(struct shard_payload_pieces *to, const struct buf *column)
{
    int rc = buf_put(&to->bytes, column->data, column->len);

    to->end[to->n++] = to->bytes.len;
    return rc;
}

int shard_coder_put(struct shard_coder *c, struct shard_payload_pieces *to,
                    struct buf column[COLUMNS], uint64_t tokens, uint64_t frame)
{
    bool packed = c->info.coding == SHARD_PACKED;
    uint64_t marks = c->info.kind == SHARD_TOKENS ? column[LENS].len / 4 : 0;
    uint16_t *symbols;
    int rc = RF_OK;

    buf_clear(&to->bytes);
    to->n = 0;
    if (packed && c->info.kind == SHARD_MASKED)
        swap_columns(&c->info, column);
    for (int i = 0; i < COLUMNS && rc == RF_OK; i++)
        if (!packed || (i != IDS && !(i == LENS && c->info.kind == SHARD_TOKENS)))
            rc = put_column(to, &column[i]);
    if (rc != RF_OK || !packed)
        return rc;
    if (begin_frame(c, frame) != RF_OK || !(symbols = reserve_symbols(c, tokens + marks)))
        return RF_ENOMEM;
    put_symbols(c, symbols, column, tokens);
    buf_free(&column[IDS]); /* the predictor's tables need enough memory without it */
    rc = shard_pack(c->packer, symbols, tokens + marks, &to->bytes, to->end + to->n);
    to->n += PACK_PIECES;
    buf_free(&c->symbols);
    return rc;
}

static uint64_t sum_numbers(const uint8_t *p, uint64_t n)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < n; i++)
        sum += get_le32(p + 4 * i);
    return sum;
}

/* Returns the number of bytes before the ids of a packed payload, 0 if there are too few.
 * *marks is the number of its sentences. */
static uint64_t head_bytes(const struct shard_info *info, const struct shard_lead *lead,
                           const uint8_t *bytes, size_t n, uint64_t *marks)
{
    uint64_t records = lead->records, head = 12 * records;

    *marks = 0;
    if (shard_has_labels(info))
        head += 4 * records;
    if (head > n)
        return 0;
    if (info->kind == SHARD_TOKENS)
        *marks = sum_numbers(bytes + 8 * records, records);
    if (shard_has_labels(info))
        head += (shard_label_bytes(info) + shard_gap_bytes(info)) *
                sum_numbers(bytes + 12 * records, records);
    return head <= n ? head : 0;
}

/* Append the ids, and the lengths of sentences that the marks between them tell. */
static int get_tokens(struct buf *to, const uint16_t *symbols, uint64_t tokens, uint64_t marks,
                      uint32_t mark)
{
    uint8_t *lens = (uint8_t *)to->data + to->len, *ids = lens + 4 * marks;
    uint64_t ids_left = tokens, marks_left = marks;
    uint32_t len = 0;

    for (uint64_t i = 0; i < tokens + marks; i++) {
        if (symbols[i] != mark && ids_left > 0) {
            put_le16(ids, symbols[i]);
            ids += 2;
            ids_left--;
            len++;
        } else if (symbols[i] == mark && marks_left > 0) {
            put_le32(lens, len);
            lens += 4;
            marks_left--;
            len = 0;
        } else {
            return RF_EFORMAT;
        }
    }
    to->len += 4 * marks + 2 * tokens;
    return len == 0 ? RF_OK : RF_EFORMAT;
}

static int get_sequences(const struct shard_info *info, struct buf *to, const uint16_t *symbols,
                         const struct shard_lead *lead)
{
    uint8_t *head = (uint8_t *)to->data, *ids = head + to->len;
    uint64_t records = lead->records, gap = shard_gap_bytes(info);
    struct masked m = {.lens = head + 8 * records,
                       .n_labels = head + 12 * records,
                       .gaps = head + 16 * records,
                       .ids = ids,
                       .records = records,
                       .tokens = lead->tokens};

    for (uint64_t i = 0; i < lead->tokens; i++)
        put_le16(ids + 2 * i, symbols[i]);
    to->len += (size_t)2 * lead->tokens;
    if (info->kind != SHARD_MASKED)
        return RF_OK;
    m.n_gaps = (uint64_t)(ids - m.gaps) / (gap + 2);
    m.labels = ids - 2 * m.n_gaps;
    return swap_labels(&m, gap) ? RF_OK : RF_EFORMAT;
}

int shard_coder_get(struct shard_coder *c, struct buf *to, const struct shard_lead *lead,
                    uint64_t frame, const uint8_t *bytes, size_t n)
{
    uint64_t marks, head = head_bytes(&c->info, lead, bytes, n, &marks), tokens = lead->tokens,
                    plain;
    uint16_t *symbols;
    int rc;

    plain = head + 4 * marks + 2 * tokens;
    if (head == 0 || plain > SHARD_FRAME_MAX_BYTES)
        return RF_EFORMAT;
    if (shard_swells(plain, lead->data_bytes))
        return RF_ERANGE;
    buf_clear(to);
    if (begin_frame(c, frame) != RF_OK || !(symbols = reserve_symbols(c, tokens + marks)) ||
        buf_reserve(to, plain) != RF_OK)
        return RF_ENOMEM;
    if ((rc = shard_unpack(c->packer, symbols, tokens + marks, bytes + head, n - head)) !=
        RF_OK)
        return rc;
    memcpy(to->data, bytes, head);
    to->len = head;
    return c->info.kind == SHARD_TOKENS
               ? get_tokens(to, symbols, tokens, marks, c->info.vocab_size)
               : get_sequences(&c->info, to, symbols, lead);
}

void shard_coder_free(struct shard_coder *c)
{
    shard_packer_free(c->packer);
    buf_free(&c->symbols);
    c->packer = NULL;
}
